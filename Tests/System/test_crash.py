"""Whenever the server is killed, nothing that was acknowledged is lost, and nothing is delivered twice."""

import http.client
import itertools
import json
import random
import threading
import uuid

from Live.process import measured
from Live.publisher import publish
from Live.sandbox import field
from Live.streams import Stream
from Live.waiting import until
from Live.web import CEDAR_GENERAL, CEDAR, JUNO, LANTERN, LANTERN_GENERAL, MIRA, TOMAS, Visitor, new_key, now

ROUNDS = 5


class Joiner:
    """Joins and leaves as fast as it is answered, and remembers which commands changed something."""

    def __init__(self, visitor, games):
        self.visitor = visitor
        self.acknowledged, self.sent = [], []
        self.stopping = threading.Event()
        self.failure = None
        self.is_in = {game: visitor.user in [each["user_id"] for each in visitor.game(game)["participants"]] for game in games}
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        for game in itertools.cycle(self.is_in):
            if self.stopping.is_set():
                return
            key = new_key()
            self.sent.append(key)
            try:
                answer = (self.visitor.leave if self.is_in[game] else self.visitor.join)(game, key)
            except (OSError, http.client.HTTPException):
                return  # The server is dead: this one may or may not have counted.
            if answer.status not in (200, 204):
                self.failure = answer
                return
            self.is_in[game] = not self.is_in[game]
            self.acknowledged.append(key)

    def stop(self):
        self.stopping.set()
        self.thread.join(20)
        assert not self.thread.is_alive() and not self.failure, self.failure


def test_every_acknowledged_join_survives_a_kill_and_is_delivered_once_in_order(pair):
    discord = pair.discord
    people = [Visitor(pair.url).sign_in(user) for user in (MIRA, TOMAS, JUNO)]
    watcher = people[0]
    games = [people[2].create(LANTERN, LANTERN_GENERAL, title=f"Stormy {number}")["id"] for number in range(2)]
    for game in games:
        discord.card(game)
    stream = Stream(watcher).opened()
    told, sent, acknowledged = [], [], []
    dice = random.Random(7)
    for _ in range(ROUNDS):
        # Everybody writes until the server is killed.
        joiners = [Joiner(person, games) for person in people]
        enough = dice.randrange(3, 30)
        until(lambda: sum(len(each.acknowledged) for each in joiners) >= enough, 15, "joins being answered", every=0.0005)
        pair.server.kill()
        for joiner in joiners:
            joiner.stop()
            sent += joiner.sent
            acknowledged += joiner.acknowledged
        stream.wait_end()
        told += stream.events
        begun = now()
        pair.server.start()
        stream = Stream(watcher, last_id=stream.last_id).opened()
        assert stream.control("reset") is None, "history is gone"
        marker = str(uuid.uuid4())
        publish(pair.url, f"guild/{LANTERN}", "note", {"type": "note", "game_id": marker})
        stream.wait(lambda data: data["game_id"] == marker)
        measured("kill -9 to caught up", now() - begun)
    told += stream.events
    stream.close()
    keys = [event.json["command_id"] for event in told if "command_id" in event.json]
    assert set(acknowledged) <= set(keys), "an acknowledged change was never delivered"
    assert len(keys) == len(set(keys)), "a change was delivered twice"
    assert set(keys) <= set(sent)
    numbers = [int(event.id.rsplit("-", 1)[1]) for event in told]
    assert numbers == sorted(set(numbers)), "out of order"
    assert len({event.id.rsplit("-", 1)[0] for event in told}) == 1, "the epoch changed"
    # The state and Discord's message agree with each other, whatever was cut off.
    until(discord.is_connected, 20, "the bot being connected again")
    for game in games:
        shown = {each["display_name"] for each in watcher.game(game)["participants"]}

        def says_so():
            players = [field(card, "Players") for card in discord.cards(game)]
            return len(players) == 1 and {name for name in ("Mira", "Tomas", "Juno") if name in players[0]} == shown

        until(says_so, 20, f"one message that names {shown}")


def test_the_message_catches_up_with_what_was_committed_before_a_kill(pair):
    """The join is answered, the server dies before it has told Discord, and updates Discord afterwards."""
    discord = pair.discord
    mira, juno = (Visitor(pair.url).sign_in(user) for user in (MIRA, JUNO))
    game = mira.create(CEDAR, CEDAR_GENERAL, title="Cut short")["id"]
    before = discord.card(game)
    until(lambda: mira.game(game)["message_id"] == before["id"], what="the message's id being known")
    stream = Stream(mira).opened()
    # Discord makes the bot wait, so that the server dies in between.
    discord.faults(rate_limit={
        "count": 100, "scope": "user", "retry_after": 20, "path": f"/channels/{before['channel_id']}/messages"})
    assert juno.join(game).status == 200
    pair.server.kill()
    assert "Juno" not in json.dumps(discord.card(game)["embeds"])
    stream.wait_end()
    discord.faults(reset=True)
    assert "Juno" not in json.dumps(discord.card(game)["embeds"]), "the edit was on its way already; nothing is shown"
    pair.server.start()
    after = discord.wait_card(game, lambda text: "Juno" in text, 20)
    assert after["id"] == before["id"] and len(discord.cards(game)) == 1
    again = Stream(mira, last_id=stream.last_id).opened()
    if not any(event.json["game_id"] == game and event.json["type"] == "game_updated" for event in stream.events):
        again.wait(lambda data: data["game_id"] == game and data["type"] == "game_updated")
    else:
        assert not again.events
    again.close()


def test_a_message_is_not_posted_twice_when_the_server_dies_while_posting(pair):
    discord = pair.discord
    mira, juno = (Visitor(pair.url).sign_in(user) for user in (MIRA, JUNO))
    discord.faults(latency_ms=400)
    game = mira.create(CEDAR, CEDAR_GENERAL, title="Posted once")["id"]
    # Discord has it, the server has no answer yet.
    discord.card(game)
    pair.server.kill()
    discord.faults(reset=True)
    pair.server.start()
    until(lambda: mira.game(game)["message_id"], 20, "the message's id being known")
    assert juno.join(game).status == 200
    card = discord.wait_card(game, lambda text: "Juno" in text)
    assert [each["id"] for each in discord.cards(game)] == [card["id"]] == [mira.game(game)["message_id"]]
