"""Events that other programs publish on RabbitMQ."""

import contextlib
import hashlib
import hmac
import json
import time
import uuid

import pika
import pytest

from Live.fleet import Fleet
from Live.process import PUBLISH_SECRET
from Live.streams import Stream
from Live.waiting import until
from Live.web import CEDAR, LANTERN, MIRA, SABLE, TOMAS, Visitor


class Publisher:
    """Another program, with a stock client."""

    def __init__(self, url):
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()

    def publish(self, key, body, message_id=None, headers=None):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.channel.basic_publish(
            "game_scheduler", key, content,
            pika.BasicProperties(content_type="application/json", delivery_mode=2, message_id=message_id, headers=headers))

    def sign(self, body, at=None):
        timestamp = f"{time.time() if at is None else at:.9f}"
        proof = hmac.new(PUBLISH_SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Tandem-Timestamp": timestamp, "X-Tandem-Signature": f"sha256={proof}"}

    def dead(self):
        """The next dead letter."""
        return until(lambda: self.channel.basic_get("tandem_ingest.dead", auto_ack=True)[2], 20, "a dead letter", every=0.1)

    def close(self):
        with contextlib.suppress(pika.exceptions.AMQPError):
            self.connection.close()


@contextlib.contextmanager
def ingesting(kind, postgres, rabbit):
    database = postgres.database(f"ingest_{kind}")
    with Fleet(f"ingest-{kind}", database.url, rabbit.url, hubs=1, bots=1, TANDEM_INGEST=kind) as fleet:
        publisher = Publisher(rabbit.url)
        def is_bound():
            """Asking for what isn't there costs the channel."""
            with contextlib.suppress(pika.exceptions.ChannelClosedByBroker):
                probe = publisher.connection.channel()
                consumers = probe.queue_declare("tandem_ingest", passive=True).method.consumer_count
                probe.close()
                return consumers == 1
        try:
            until(is_bound, 30, "the queue being read")
            yield fleet, publisher
        finally:
            publisher.close()
    publisher = Publisher(rabbit.url)
    for queue in ("tandem_ingest", "tandem_ingest.dead"):
        publisher.channel.queue_delete(queue)
    publisher.close()


def watch(fleet, user):
    """The stream of a user, from a hub."""
    visitor = Visitor(fleet.url).sign_in(user)
    until(lambda: visitor.get("/api/v1/guilds").json["guilds"], 20, "the guilds being known")
    other = Visitor(fleet.hubs[0].url)
    other.cookies = visitor.cookies
    return Stream(other).opened()


def games(stream):
    return [event.json["game_id"] for event in stream.events if event.json["type"] == "game_updated"]


# First, since the queue is shared by all processes that take from it.
def test_signed_messages_are_told_and_others_are_not(postgres, rabbit):
    with ingesting("signed", postgres, rabbit) as (fleet, publisher):
        stream = watch(fleet, TOMAS)
        key = f"game.updated.{LANTERN}"
        body = json.dumps({"game_id": "signed", "guild_id": LANTERN}).encode()
        headers = publisher.sign(body)
        publisher.publish(key, body, headers=headers)
        stream.wait(lambda data: data["game_id"] == "signed", 10)
        forged = json.dumps({"game_id": "forged", "guild_id": LANTERN}).encode()
        for content, proof in [
            (forged, None), (forged, headers), (forged, publisher.sign(forged, at=time.time() - 2 * 86400)), (body, headers),
        ]:
            publisher.publish(key, content, headers=proof)
            assert publisher.dead() == content
        # One that has waited, as for a database that was away.
        end = json.dumps({"game_id": "end", "guild_id": LANTERN}).encode()
        publisher.publish(key, end, headers=publisher.sign(end, at=time.time() - 600))
        stream.wait(lambda data: data["game_id"] == "end", 10)
        assert games(stream) == ["signed", "end"]
        stream.close()


@pytest.fixture(scope="module")
def unsigned(postgres, rabbit):
    with ingesting("unsigned", postgres, rabbit) as both:
        yield both


def test_a_stream_receives_game_updated_events_that_are_published_to_rabbitmq(unsigned):
    """The first of the integration tests that the system was specified with."""
    fleet, publisher = unsigned
    stream = watch(fleet, TOMAS)
    game = str(uuid.uuid4())
    publisher.publish(f"game.updated.{LANTERN}", {"type": "game.updated", "data": {"game_id": game, "guild_id": LANTERN}})
    event = stream.wait(lambda data: data["type"] == "game_updated" and data["game_id"] == game, 10)
    assert event.json == {"type": "game_updated", "game_id": game, "guild_id": LANTERN}
    # The same without an envelope, and as requests have it.
    flat, chosen = str(uuid.uuid4()), str(uuid.uuid4())
    publisher.publish(f"game.updated.{LANTERN}", {"type": "game_updated", "game_id": flat, "guild_id": LANTERN})
    publisher.publish("tandem.publish", {
        "topic": f"guild/{LANTERN}", "kind": "game.updated", "payload": {"type": "game_updated", "game_id": chosen}})
    stream.wait(lambda data: data["game_id"] == chosen, 10)
    assert games(stream) == [game, flat, chosen], "in the order in which they were published"
    stream.close()


def test_events_of_a_guild_reach_its_members_only(unsigned):
    fleet, publisher = unsigned
    tomas, sable, mira = watch(fleet, TOMAS), watch(fleet, SABLE), watch(fleet, MIRA)
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    publisher.publish(f"game.updated.{LANTERN}", {"game_id": first, "guild_id": LANTERN})
    publisher.publish(f"game.updated.{CEDAR}", {"game_id": second, "guild_id": CEDAR})
    mira.wait(lambda data: data["game_id"] == second, 10)
    sable.wait(lambda data: data["game_id"] == second, 10)
    tomas.wait(lambda data: data["game_id"] == first, 10)
    assert games(mira) == [first, second] and games(sable) == [second] and games(tomas) == [first]
    for stream in (tomas, sable, mira):
        stream.close()


def test_a_message_is_told_once_and_what_is_malformed_is_put_aside(unsigned):
    fleet, publisher = unsigned
    stream = watch(fleet, TOMAS)
    name, game, end = str(uuid.uuid4()), str(uuid.uuid4()), str(uuid.uuid4())
    for _ in range(3):
        publisher.publish(f"game.updated.{LANTERN}", {"game_id": game, "guild_id": LANTERN}, message_id=name)
    for key, body in [
        (f"game.updated.{LANTERN}", b"{"), (f"game.updated.{LANTERN}", b"[1]"), ("game.updated.nowhere", b"{}"),
        (f"game.updated.{LANTERN}", json.dumps({"game_id": game, "guild_id": CEDAR}).encode()),
        ("tandem.publish", json.dumps({"topic": "room/1", "kind": "note", "payload": {}}).encode()),
        ("tandem.publish", json.dumps({"topic": f"guild/{LANTERN}", "kind": "access.granted", "payload": {}}).encode()),
        (f"game.updated.{LANTERN}", b'{"padding": "' + b"x" * 70_000 + b'"}'),
    ]:
        publisher.publish(key, body)
        assert publisher.dead() == body
    assert fleet.apis[0].log().count("a message of another program is refused") == 7
    publisher.publish(f"game.updated.{LANTERN}", {"game_id": end, "guild_id": LANTERN})
    stream.wait(lambda data: data["game_id"] == end, 10)
    assert games(stream) == [game, end]
    assert "is unreadable" not in "".join(each.log() for each in fleet.members)
    stream.close()


def test_a_message_whose_reader_dies_is_told_once(unsigned, postgres):
    fleet, publisher = unsigned
    stream = watch(fleet, TOMAS)
    sent = [str(uuid.uuid4()) for _ in range(400)]
    for number, game in enumerate(sent):
        publisher.publish(f"game.updated.{LANTERN}", {"game_id": game, "guild_id": LANTERN})
        if number == 200:
            stream.wait(lambda data: data["game_id"] == sent[20], 20)
            fleet.apis[0].kill()
            fleet.apis[0].start()
    stream.wait(lambda data: data["game_id"] == sent[-1], 30)
    assert sorted(games(stream)) == sorted(sent), "each once"
    stream.close()
