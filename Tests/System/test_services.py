"""Processes of one role each, on PostgreSQL, RabbitMQ and Redis, work as one system."""

import concurrent.futures
import contextlib
import itertools
import json
import subprocess
import sys
import uuid

import pika
import pytest

from Live.fleet import Fleet
from Live.process import ROOT, environment, executable, measured
from Live.publisher import post, publish
from Live.sandbox import field
from Live.servers import PostgreSQL, Redis
from Live.streams import Stream
from Live.waiting import until
from Live.web import CEDAR, JUNO, LANTERN, LANTERN_GAMES, MIRA, SABLE, TOMAS, Visitor, metric, new_key, now, send


@pytest.fixture(scope="module", params=["rabbit", "redis", "database"])
def fleet(request, postgres, redis, rabbit):
    bus = {"rabbit": rabbit.url, "redis": redis.url}.get(request.param)
    cache = redis.url if request.param == "redis" else None
    with Fleet(f"fleet-{request.param}", postgres.database(f"fleet_{request.param}").url, bus, cache) as running:
        running.bus = request.param
        yield running


def on(member, visitor):
    """The same visitor at the address of another process: a session is everybody's."""
    other = Visitor(member.url)
    other.cookies = visitor.cookies
    return other


def update(fleet, guild, game, kind="game_updated"):
    answer = publish(fleet.url, f"guild/{guild}", kind, {"type": "game_updated", "game_id": game, "guild_id": guild})
    assert answer.status == 202, answer


def test_a_published_update_reaches_a_stream_on_another_process(fleet):
    tomas = Visitor(fleet.url).sign_in(TOMAS)
    with Stream(on(fleet.hubs[0], tomas)).opened() as stream:
        for _ in range(5):
            game, begun = str(uuid.uuid4()), now()
            update(fleet, LANTERN, game)
            event = stream.wait(lambda data: data["game_id"] == game)
            measured(f"publish to stream of another process, {fleet.bus}", event.at - begun)
        assert stream.numbers() == sorted(set(stream.numbers()))


def test_what_is_published_again_under_its_key_is_told_once(fleet):
    """However many times at once, and in a batch."""
    key, game = new_key(), str(uuid.uuid4())
    event = {"topic": f"guild/{LANTERN}", "kind": "note", "payload": {"type": "note", "game_id": game}}
    end = {**event, "payload": {"type": "note", "game_id": f"{game}-end"}}
    urls = [each.url for each in fleet.apis] * 8
    with Stream(on(fleet.hubs[0], Visitor(fleet.url).sign_in(TOMAS))).opened() as stream:
        with concurrent.futures.ThreadPoolExecutor(len(urls)) as pool:
            answers = [*pool.map(lambda url: post(url, event, key), urls), post(fleet.url, event, key)]
        assert {answer.status for answer in answers} == {202}, answers
        numbers = {answer.json["number"] for answer in answers}
        batch = until(lambda: (made := post(fleet.url, {"events": [event, event, end]}, key + "-b")).status == 202
                      and None not in made.json["numbers"] and made.json["numbers"], 20, "a batch being numbered")
        stream.wait(lambda data: data["game_id"] == f"{game}-end")
        told = [int(each.id.rpartition("-")[2]) for each in stream.events if each.json.get("game_id", "").startswith(game)]
        assert told[1:] == batch and numbers <= {told[0], None}, (numbers, batch, told)
        assert post(fleet.url, event, key).json["number"] == told[0]


def test_no_guild_receives_events_of_another_on_any_process(fleet):
    tomas, sable = (Visitor(fleet.url).sign_in(user) for user in (TOMAS, SABLE))
    with Stream(on(fleet.hubs[0], tomas)).opened() as lantern, Stream(on(fleet.hubs[0], sable)).opened() as cedar:
        games = [(str(uuid.uuid4()), str(uuid.uuid4())) for _ in range(5)]
        for ours, theirs in games:
            update(fleet, LANTERN, ours)
            update(fleet, CEDAR, theirs)
        lantern.wait(lambda data: data["game_id"] == games[-1][0])
        cedar.wait(lambda data: data["game_id"] == games[-1][1])
        assert [event.json["game_id"] for event in lantern.events] == [ours for ours, _ in games]
        assert [event.json["game_id"] for event in cedar.events] == [theirs for _, theirs in games]


def test_several_streams_of_one_process_receive_the_same_event(fleet):
    visitors = [on(fleet.hubs[0], Visitor(fleet.url).sign_in(user)) for user in (MIRA, TOMAS, JUNO)]
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(Stream(visitor)).opened() for visitor in visitors for _ in range(2)]
        game = str(uuid.uuid4())
        update(fleet, LANTERN, game)
        events = [stream.wait(lambda data: data["game_id"] == game) for stream in streams]
        assert len({event.id for event in events}) == 1


def test_a_press_on_discord_reaches_a_stream_on_another_process(fleet):
    discord = fleet.discord
    juno = Visitor(fleet.url).sign_in(JUNO)
    game = juno.create(title="Pressed on another process")
    discord.card(game["id"])
    # That is an event, too.
    until(lambda: juno.game(game["id"])["message_id"], what="the message being recorded")
    with Stream(on(fleet.hubs[0], juno)).opened() as stream:
        for press, count in ((discord.press_join, 1), (discord.press_leave, 0), (discord.press_join, 1)):
            seen, begun = len(stream.events), now()
            assert press(TOMAS, game["id"])["status"] == "answered"
            until(lambda: len(stream.events) > seen, what="the event of the press", every=0.002)
            measured(f"press on Discord to stream of another process, {fleet.bus}", stream.events[seen].at - begun)
            assert stream.events[seen].json["game_id"] == game["id"]
        # And back: the page's leave, on the api's process, changes the message that the bot's process keeps.
        tomas = Visitor(fleet.url).sign_in(TOMAS)
        assert tomas.leave(game["id"]).status == 204
        card = discord.wait_card(game["id"], lambda text: "Players (0/5)" in text)
        assert "Nobody" in field(card, "Players")


def test_every_process_answers_its_probes(fleet):
    for member in fleet.members:
        assert send(member.url, "GET", "/healthz").status == 200
        ready = send(member.url, "GET", "/readyz")
        assert ready.status == 200 and ready.json["checks"] == {"database": "ok"}
        if fleet.bus != "database":
            assert ready.json["notes"]["bus"] == "connected"
        assert b"tandem_" in send(member.url, "GET", "/metrics").body
        assert "postgres@" not in member.log() and "guest:guest" not in member.log()
    assert send(fleet.bots[0].url, "GET", "/api/v1/games").status == 404


def remembered(member):
    """How many answers about sessions and memberships came from the cache."""
    return metric(member.url, "tandem_access_answers_total", 'from="cache"')


def test_cached_answers_are_invalidated_on_every_process(postgres):
    """Sessions and memberships in Redis: lost on all processes at once, and found in the database while Redis is away."""
    roles = f"/api/v1/guilds/{LANTERN}/roles"
    # Processes without a hub: one with a hub remembers by itself.
    database = postgres.database("fleet_cache").url
    with Redis() as redis, Fleet("fleet-cache", database, cache=redis.url, apis=2, hubs=0) as fleet:
        discord, hub = fleet.discord, fleet.apis[1]

        def at_hub(visitor):
            return on(hub, visitor).get(roles)

        juno, mira, tomas = (Visitor(fleet.url).sign_in(user) for user in (JUNO, MIRA, TOMAS))
        for visitor in (juno, mira, tomas):
            assert visitor.get(roles).status == 200
        until(lambda: at_hub(juno).status == 200 and remembered(hub) >= 2, what="answers from the cache")

        # Signed out on one process: the other one knows, after a second at the latest.
        signed_out = Visitor(hub.url)
        signed_out.cookies = dict(juno.cookies)
        begun = now()
        assert juno.post("/api/v1/auth/logout").status == 204
        until(lambda: signed_out.get(roles).status == 401, 5, "the other process refusing", every=0.002)
        measured("signed out to refused by another process", now() - begun)

        # Removed on Discord, of which the bot's process receives an event.
        assert at_hub(tomas).status == 200 and tomas.get(roles).status == 200
        begun = now()
        discord.member(LANTERN, TOMAS, "remove")
        for each in (on(hub, tomas), tomas):
            until(lambda: each.get(roles).status == 404, 5, "every process refusing", every=0.002)
        measured("removed on Discord to refused by every process", now() - begun)
        discord.member(LANTERN, TOMAS, "add")
        for each in (on(hub, tomas), tomas):
            until(lambda: each.get(roles).status == 200, 10, "the return being known")

        # Redis hangs, then dies: the database has everything, and what ends meanwhile has ended when Redis is back.
        for disturb in (redis.freeze, redis.kill):
            disturb()
            begun = now()
            assert [at_hub(mira).status for _ in range(20)] == [200] * 20
            measured(f"twenty requests after Redis' {disturb.__name__}", now() - begun)
            assert now() - begun < 10
            briefly = Visitor(fleet.url).sign_in(JUNO)
            ended = Visitor(hub.url)
            ended.cookies = dict(briefly.cookies)
            assert ended.get(roles).status == 200
            assert briefly.post("/api/v1/auth/logout").status == 204
            until(lambda: ended.get(roles).status == 401, 5, "the other process refusing")
            redis.thaw() if disturb == redis.freeze else redis.start()
            connected = lambda: send(hub.url, "GET", "/readyz").json["notes"]["cache"] == "connected"
            until(connected, 15, "the cache being connected again")
            before = remembered(hub)
            until(lambda: at_hub(mira).status == 200 and remembered(hub) > before, 15, "answers from the cache")
            assert ended.get(roles).status == 401


@pytest.mark.parametrize("has_bus", [True, False])
def test_no_process_answers_from_memory_with_less_than_the_reader_has_seen(postgres, redis, has_bus):
    """Two processes that remember what they have read: after a join, a leave, an edit and a kick."""
    database = postgres.database(f"fleet_memory_{int(has_bus)}").url
    with Fleet(f"fleet-memory-{int(has_bus)}", database, redis.url if has_bus else None, apis=1, hubs=2) as fleet:
        here, there = fleet.hubs
        juno, tomas, mira = (Visitor(fleet.url).sign_in(user) for user in (JUNO, TOMAS, MIRA))
        game = juno.create(title="Read by many")["id"]
        address, listed = f"/api/v1/games/{game}", f"/api/v1/games?guild_id={LANTERN}"
        # Recording the message is a change, too.
        until(lambda: juno.game(game)["message_id"], 20, "the message being recorded")

        def players(answer):
            assert answer.status == 200, answer
            found = answer.json if "id" in answer.json else next(one for one in answer.json["games"] if one["id"] == game)
            return [one["user_id"] for one in found["participants"]]

        with Stream(on(here, mira)).opened() as stream:
            for turn in range(60):
                joins = turn % 2 == 0
                seen = len(stream.events)
                writer = on((here, there)[turn // 2 % 2], tomas)
                assert (writer.join if joins else writer.leave)(game).status in (200, 204)
                expected = [TOMAS] if joins else []
                # Whoever wrote reads the own change there, without having seen anything.
                assert players(writer.get(address)) == players(writer.get(listed)) == expected
                until(lambda: len(stream.events) > seen, what="the event", every=0.001)
                for process in (there, here):
                    for target in (address, listed):
                        cursor = {"Tandem-Cursor": stream.events[-1].id}
                        answer = on(process, mira).get(target, headers=cursor)
                        assert players(answer) == expected, (turn, process.url, target)
                        tag = answer.headers["ETag"]
                        again = on(process, mira).get(target, headers=cursor | {"If-None-Match": f'"other", W/{tag}'})
                        assert again.status == 304 and again.body == b"" and again.headers["ETag"] == tag
            for process in (here, there):
                until(lambda: players(on(process, mira).get(address)) == [], 5, "the last state")
                before = metric(process.url, "tandem_reads_total", 'from="memory"')

                def are_remembered():
                    assert players(on(process, mira).get(address)) == players(on(process, juno).get(listed)) == []
                    return metric(process.url, "tandem_reads_total", 'from="memory"') > before + 50

                until(are_remembered, 20, "answers from memory", every=0.01)

            # What is answered at once is what the database's answer would be, with the same fields: a cursor of another log is
            # never answered from memory.
            def fields(answer):
                return {name: value for name, value in answer.headers.items() if name.lower() not in ("date", "x-request-id")}

            for process in (here, there):
                for method, target in itertools.product(("GET", "HEAD"), (address, listed, listed + "&guild_id=x")):
                    for headers in ({}, {"Origin": "https://elsewhere.example"}, {"If-None-Match": "*"}):
                        remembered_one = on(process, mira).request(method, target, headers=headers)
                        read_one = on(process, mira).request(
                            method, target, headers={**headers, "Tandem-Cursor": "0123456789abcdef-1"})
                        assert (remembered_one.status, remembered_one.body) == (read_one.status, read_one.body)
                        assert fields(remembered_one) == fields(read_one)

            # Removed on Discord: refused by the process whose stream tells of it at once, by the other within a second.
            with Stream(on(here, tomas)).opened() as leaving:
                fleet.discord.member(LANTERN, TOMAS, "remove")
                leaving.wait_control("revoked")
                assert on(here, tomas).get(address).status == 404 and on(here, tomas).get(listed).status == 404
                until(lambda: on(there, tomas).get(address).status == 404, 3, "the other process refusing", every=0.01)
        # Signed out: refused there at once, elsewhere within a second.
        kept = Visitor(here.url)
        kept.cookies = dict(juno.cookies)
        assert kept.get(address).status == 200
        assert on(there, juno).post("/api/v1/auth/logout").status == 204
        until(lambda: kept.get(address).status == 401, 3, "the other process refusing", every=0.01)
        kept.url = there.url
        assert kept.get(address).status == 401


def test_events_lost_by_the_bus_are_read_from_the_log():
    """The bus is away, then the database: streams stay open and nothing is lost."""
    with Redis() as redis, PostgreSQL() as postgres:
        with Fleet("fleet-faults", postgres.url, redis.url, redis.url, bots=2) as fleet:
            discord = fleet.discord
            juno = Visitor(fleet.url).sign_in(JUNO)
            game = juno.create(title="Through thick and thin")
            discord.card(game["id"])
            with Stream(on(fleet.hubs[0], juno)).opened() as stream:
                def arrives(name):
                    received, begun = str(uuid.uuid4()), now()
                    update(fleet, LANTERN, received)
                    measured(name, stream.wait(lambda data: data["game_id"] == received).at - begun)

                redis.freeze()
                arrives("publish to stream, Redis frozen")
                redis.thaw()
                redis.kill()
                arrives("publish to stream, Redis killed")
                redis.start()

                def notes():
                    return send(fleet.hubs[0].url, "GET", "/readyz").json.get("notes", {})
                until(lambda: notes().get("bus") == "connected", 15, "the bus being connected again")
                arrives("publish to stream, Redis back")

                postgres.kill()
                until(lambda: send(fleet.url, "GET", "/readyz").status == 503, 15, "readyz saying 503")
                assert send(fleet.url, "GET", "/healthz").status == 200
                refused = juno.get("/api/v1/games")
                assert (refused.status, refused.code) == (503, "database_unavailable")
                assert int(refused.headers["retry-after"]) >= 1
                assert not stream.ended.is_set()
                postgres.start()
                until(lambda: send(fleet.url, "GET", "/readyz").status == 200, 15, "recovery without a restart")
                until(lambda: juno.get("/api/v1/games").status == 200, 15, "answers again")
                arrives("publish to stream, PostgreSQL back")
                assert stream.numbers() == sorted(set(stream.numbers()))

                # The leading bot dies; the other one takes over and answers.
                leader = until(lambda: next((each for each in fleet.bots if leads(each)), None), 15, "a leading bot")
                other = next(each for each in fleet.bots if each is not leader)
                begun, before = now(), other.log().count("leads name=bot")
                leader.kill()
                until(lambda: other.log().count("leads name=bot") > before, 10, "another bot leading")
                measured("bot killed to another leading", now() - begun)
                until(discord.is_connected, 20, "another bot connected")
                until(lambda: discord.press_join(TOMAS, game["id"])["status"] == "answered", 20, "an answered press")
                discord.wait_card(game["id"], lambda text: "Players (1/5)" in text, timeout=15)


def leads(bot):
    """Whether it has come to lead, and not ceased to since."""
    log = bot.log()
    return log.rfind("leads name=bot") > log.rfind("no longer leads name=bot") + len("no longer ")


def test_a_dead_broker_and_a_dead_hub_lose_nothing(postgres, rabbit):
    """RabbitMQ is killed, and then the hub: the other hub resumes the stream where it was."""
    with Fleet("fleet-broker", postgres.database("fleet_broker").url, rabbit.url, hubs=2) as fleet:
        juno = Visitor(fleet.url).sign_in(JUNO)
        sent = []

        def publish_one():
            sent.append(str(uuid.uuid4()))
            update(fleet, LANTERN, sent[-1])
            return sent[-1]

        def received(*streams):
            # An event of the guild itself may still come, since the bot has only just joined it.
            games = [event.json["game_id"] for each in streams for event in each.events]
            return [game for game in games if game]

        with Stream(on(fleet.hubs[0], juno)).opened() as stream:
            stream.wait(lambda data, game=publish_one(): data["game_id"] == game)
            rabbit.kill()
            begun, game = now(), publish_one()
            measured("publish to stream, RabbitMQ killed", stream.wait(lambda data: data["game_id"] == game).at - begun)
            fleet.hubs[0].kill()
            stream.wait_end()
            game = publish_one()
            with Stream(on(fleet.hubs[1], juno), last_id=stream.last_id).opened() as again:
                again.wait(lambda data: data["game_id"] == game)
                assert received(stream, again) == sent
                rabbit.start()
                ready = lambda: send(fleet.hubs[1].url, "GET", "/readyz").json["notes"]["bus"] == "connected"
                until(ready, 20, "the bus being connected again")
                game = publish_one()
                again.wait(lambda data: data["game_id"] == game)
                assert received(stream, again) == sent


def test_another_program_has_a_queue_of_its_own(postgres, rabbit):
    """The example in the documentation, as it stands there."""
    def start():
        return subprocess.Popen(
            [sys.executable, ROOT / "docs/examples/rabbitmq_queue.py", rabbit.url, "other_program"], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

    with Fleet("fleet-queue", postgres.database("fleet_queue").url, rabbit.url) as fleet, \
            contextlib.closing(pika.BlockingConnection(pika.URLParameters(rabbit.url))) as connection:
        channel = connection.channel()
        other = start()
        try:
            def is_bound():
                """Asking for what isn't there costs the channel."""
                with contextlib.suppress(pika.exceptions.ChannelClosedByBroker):
                    probe = connection.channel()
                    consumers = probe.queue_declare("other_program", passive=True).method.consumer_count
                    probe.close()
                    return consumers == 1
            until(is_bound, 30, "the other program's queue")
            juno = Visitor(fleet.url).sign_in(JUNO)
            game = juno.create(title="Heard elsewhere")["id"]
            assert other.stdout.readline().split()[1:] == ["game.created", f"guild/{LANTERN}", game]
            # It fails for good, and what comes after it is received all the same.
            channel.basic_publish("game_scheduler", "game.nonsense", b"{", pika.BasicProperties(delivery_mode=2))
            letter = until(lambda: channel.basic_get("other_program.dead")[2], 30, "the dead letter", every=0.1)
            assert letter == b"{"
            assert [other.stderr.readline().split()[:2] for _ in range(5)] == [["game.nonsense", "failed:"]] * 5
        finally:
            other.kill()
            said, complaints = other.communicate()
        assert not complaints, complaints

        # What happens while it's away waits in the queue, with all that the documentation names.
        key = new_key()
        assert Visitor(fleet.url).sign_in(TOMAS).join(game, key).status == 200

        def received():
            delivery, properties, body = channel.basic_get("other_program", auto_ack=True)
            return body and key in body.decode() and (delivery, properties, json.loads(body))
        delivery, properties, event = until(received, 20, "the event of the join")
        assert delivery.routing_key == f"game.updated.{LANTERN}" and properties.content_type == "application/json"
        assert event.keys() == {"number", "topic", "kind", "payload", "time", "epoch", "tag", "previous_tag", "signature"}
        assert (event["topic"], event["kind"]) == (f"guild/{LANTERN}", "game.updated")
        assert properties.message_id == str(event["number"])
        payload = json.loads(event["payload"])
        assert payload.pop("version") in (2, 3), "the message on Discord may have been recorded before"
        assert payload == {
            "type": "game_updated", "game_id": game, "guild_id": LANTERN, "channel_id": LANTERN_GAMES, "host_id": JUNO,
            "command_id": key}


def test_an_event_that_the_bot_cannot_handle_holds_up_nothing(postgres):
    """It becomes a dead letter, reported by readiness, metrics and doctor; once mended, it is handled after all."""
    database = postgres.database("fleet_letters")
    with Fleet("fleet-letters", database.url) as fleet:
        def sql(statement):
            return database.sql(statement).strip()

        def doctor():
            return subprocess.run(
                [executable(), "doctor"], env=environment(**fleet.bots[0].settings), capture_output=True, text=True).stdout
        discord, juno, bot = fleet.discord, Visitor(fleet.url).sign_in(JUNO), fleet.bots[0].url
        broken, sound = juno.create(title="Broken")["id"], juno.create(title="Sound")["id"]
        for game in (broken, sound):
            discord.card(game)
        assert "dead letters" not in doctor() and "dead_letters" not in send(bot, "GET", "/readyz").json.get("notes", {})
        # As a fault of the program would have it: this game can't be read.
        sql(f"UPDATE games SET status = 'nonsense' WHERE id = '{broken}'")
        update(fleet, LANTERN, broken, "game.updated")
        assert Visitor(fleet.url).sign_in(TOMAS).join(sound).status == 200
        discord.wait_card(sound, lambda text: "Players (1/5)" in text, timeout=20)
        assert sql("SELECT consumer, kind, attempts, again FROM store_dead_letters") == "bot|game.updated|5|0"
        assert "becomes a dead letter consumer=bot" in fleet.bots[0].log()
        assert send(bot, "GET", "/readyz").json["notes"]["dead_letters"] == "bot: 1"
        assert metric(bot, "tandem_consumer_dead_letters_total") == 1
        advice = doctor()
        assert "dead letters: bot could not handle 1 event since 2" in advice and "SET again = 1" in advice, advice
        sql(f"UPDATE games SET status = 'scheduled', title = 'Mended', version = version + 1 WHERE id = '{broken}'")
        sql("UPDATE store_dead_letters SET again = 1")
        discord.wait_card(broken, lambda text: "Mended" in text, timeout=30)
        until(lambda: sql("SELECT COUNT(*) FROM store_dead_letters") == "0", 10, "no dead letters")
        assert "dead letters" not in doctor()
