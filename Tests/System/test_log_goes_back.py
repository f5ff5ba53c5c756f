"""PostgreSQL goes back under living processes: a failover to a server that lagged, or a copy that was restored.

What was committed after the copy is gone, and its numbers belong to other events. Every process remembers numbers: of them nothing
may swallow a new event, vouch for a session that there isn't any more, or hide that somebody was removed.
"""

import contextlib
import http.client
import itertools
import time

import pytest

from Live.fleet import Fleet
from Live.process import measured
from Live.publisher import publish
from Live.sandbox import names
from Live.servers import PostgreSQL, Redis
from Live.streams import Returning, Socket, Stream
from Live.waiting import until
from Live.web import CEDAR, JUNO, LANTERN, LANTERN_GAMES, MIRA, SABLE, TOMAS, WREN, Visitor, new_key, now, send

# Promised are 15 s; a machine that does much else may take longer.
BOUND = 30
LOST = 12


@pytest.fixture(scope="module")
def postgres():
    """A server of this file's own, which goes back."""
    with PostgreSQL() as running:
        yield running


@pytest.fixture(scope="module", params=["database", "redis"])
def fleet(request, postgres):
    """Two hubs, an api that remembers what it asks in Redis, and a bot; events travel by the database alone, or by Redis too."""
    database = postgres.database(f"goes_back_{request.param}")
    with Redis() as redis:
        bus = redis.url if request.param == "redis" else None
        with Fleet(f"goes-back-{request.param}", database.url, bus, redis.url, apis=1, hubs=2, bots=1) as running:
            running.database = database
            yield running


@pytest.fixture(autouse=True)
def whole(fleet):
    """All processes are at work again, and the bot is connected."""
    # For longer than it takes a process to notice that the test before went back: then it begins anew.
    for _ in range(3):
        for member in fleet.members:
            until(lambda: answered(lambda: send(member.url, "GET", "/readyz").status == 200), BOUND, f"{member.url} at work")
        time.sleep(1)
    vouched = "SELECT count(*) FROM guilds WHERE is_installed = 1 AND members_complete = 1"
    installed = "SELECT count(*) FROM guilds WHERE is_installed = 1"
    until(lambda: fleet.database.sql(vouched) == fleet.database.sql(installed) != "0", BOUND, "the bot being connected")


def on(member, visitor):
    """The same person at another process."""
    other = Visitor(member.url)
    other.cookies, other.user = dict(visitor.cookies), visitor.user
    return other


def answered(ask):
    """What `ask` returns; None while a process that begins anew takes no connections."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return ask()


def refuses(there):
    return answered(lambda: there.get("/api/v1/guilds").status == 401)


class Notes:
    """Notes to a guild, each of which is published until it is acknowledged."""

    def __init__(self, fleet, guild=LANTERN):
        self.fleet, self.guild = fleet, guild
        self.counter = itertools.count()

    def publish(self, count):
        """Their names, in this order."""
        return [self.publish_one(f"note {next(self.counter)}") for _ in range(count)]

    def publish_one(self, name):
        key = new_key()

        def done():
            answer = answered(lambda: publish(
                self.fleet.url, f"guild/{self.guild}", "note", {"type": "note", "game_id": name}, key=key))
            assert not answer or answer.status == 202 or answer.status >= 500, answer
            return answer and answer.status == 202
        until(done, 40, f"{name} being acknowledged", every=0.1)
        return name


def heard(stream, names):
    until(lambda: set(names) <= {event.json["game_id"] for event in list(stream.events)}, BOUND,
          f"{names} on {stream.path}, seen {stream.events[-5:]} {stream.controls[-5:]}", every=0.02)


def cursor(event):
    epoch, _, number = event.id.rpartition("-")
    return epoch, int(number)


def log(fleet):
    """The epoch, and the numbers of the notes in the log."""
    epoch = fleet.database.sql("SELECT value FROM store_meta WHERE name = 'epoch'").strip()
    rows = fleet.database.sql("SELECT number FROM store_events WHERE kind = 'note' ORDER BY number").split()
    return epoch, [int(row) for row in rows]


@pytest.mark.parametrize("committed", [0, LOST // 2, LOST, 2 * LOST], ids=["nothing", "fewer", "as many", "more"])
def test_every_stream_is_told_and_hears_all_that_follows(fleet, postgres, open_stream, committed):
    people = [Visitor(fleet.url).sign_in(user) for user in (MIRA, JUNO, TOMAS)]
    streams = [
        open_stream(on(hub, visitor), Returning, transport=kind, path=path)
        for hub in fleet.hubs
        for visitor, kind, path in zip(
            people, (Stream, Socket, Stream), ("/api/v1/stream", "/api/v1/stream", f"/api/v1/stream?topics=guild/{LANTERN}"))]
    notes = Notes(fleet)
    notes.publish(3)
    copy = postgres.copy()
    lost = notes.publish(LOST)
    for stream in streams:
        heard(stream, lost)
    before, _ = log(fleet)
    postgres.go_back(copy)
    begun = now()
    notes.publish(committed)
    for stream in streams:
        reset = stream.wait_control("reset", BOUND)
        measured("PostgreSQL went back to reset", max(0, reset.at - begun))
    later = notes.publish(5)
    epoch, numbers = log(fleet)
    assert epoch != before, "the log has the epoch of the one that is gone"
    for stream in streams:
        heard(stream, later)
        assert [event.name for event in stream.controls if event.name == "reset"] == ["reset"]
        told = stream.wait_control("reset")
        assert cursor(told)[0] == epoch
        # From the reset on, everything that isn't fetched anew has to be heard, in order and once.
        after = [cursor(event) for event in stream.events if event.at >= told.at]
        assert after == [(epoch, number) for number in numbers if number > cursor(told)[1]]
        # Who comes back with a cursor of either past is not mistaken about it.
        again = open_stream(stream.visitor, last_id=stream.last_id)
        assert again.control("ready").json["cursor"] == stream.last_id and not again.control("reset")
        gone = open_stream(stream.visitor, last_id=f"{before}-{numbers[0]}")
        assert gone.wait_control("reset").json["reason"] == "foreign_epoch"


def test_sessions_that_are_gone_are_refused(fleet, postgres, open_stream):
    copy = postgres.copy()
    sable = Visitor(fleet.url).sign_in(SABLE)
    Notes(fleet).publish(LOST)
    everywhere = [on(member, sable) for member in (*fleet.apis, *fleet.hubs)]
    streams = [open_stream(on(hub, sable), Returning) for hub in fleet.hubs]
    for there in everywhere:
        assert there.get("/api/v1/guilds").status == 200
    postgres.go_back(copy)
    begun = now()
    for there in everywhere:
        until(lambda: refuses(there), BOUND, f"{there.url} refusing a session that is gone", every=0.1)
    measured("PostgreSQL went back to a session that is gone being refused", now() - begun)
    for stream in streams:
        stream.wait_refused(BOUND)


def test_whoever_signs_out_afterwards_is_signed_out_everywhere(fleet, postgres, open_stream):
    tomas = Visitor(fleet.url).sign_in(TOMAS)
    copy = postgres.copy()
    notes = Notes(fleet)
    notes.publish(LOST)
    everywhere = [on(member, tomas) for member in (*fleet.apis, *fleet.hubs)]
    streams = [open_stream(on(hub, tomas), Returning) for hub in fleet.hubs]
    for there in everywhere:
        assert there.get("/api/v1/guilds").status == 200
    postgres.go_back(copy)
    left = on(fleet.apis[0], tomas)
    until(lambda: answered(lambda: left.post("/api/v1/auth/logout").status == 204), 30, "the sign-out being acknowledged", every=0.1)
    begun = now()
    for there in everywhere:
        until(lambda: refuses(there), BOUND, f"{there.url} refusing who signed out", every=0.1)
    for stream in streams:
        stream.wait_refused(BOUND)
    measured("signed out after PostgreSQL went back to refused everywhere", now() - begun)


def test_a_removed_member_hears_nothing_more(fleet, postgres, open_stream):
    tomas, juno = (Visitor(fleet.url).sign_in(user) for user in (TOMAS, JUNO))
    copy = postgres.copy()
    notes = Notes(fleet)
    notes.publish(LOST)
    streams = [open_stream(on(hub, tomas), Returning) for hub in fleet.hubs]
    stays = [open_stream(on(hub, juno), Returning) for hub in fleet.hubs]
    postgres.go_back(copy)
    try:
        fleet.discord.member(LANTERN, TOMAS, "remove")
        is_member = f"SELECT count(*) FROM members WHERE guild_id = '{LANTERN}' AND user_id = '{TOMAS}'"
        until(lambda: fleet.database.sql(is_member).strip() == "0", BOUND, "the removal being committed", every=0.02)
        # More than were lost, so that their numbers are beyond all that was known.
        secret = set(notes.publish(3 * LOST))
        for stream in stays:
            stream.wait_control("reset", BOUND)
        secret |= set(notes.publish(5))
        last = Notes(fleet, CEDAR).publish_one("the end")
        for stream in stays:
            heard(stream, [last])
        for stream in streams:
            revealed = secret & {event.json["game_id"] for event in stream.events}
            assert not revealed, f"{len(revealed)} events after the removal"
        for hub in fleet.hubs:
            until(lambda: answered(lambda: on(hub, tomas).get(f"/api/v1/guilds/{LANTERN}").status == 404), BOUND, "the removal being known")
    finally:
        fleet.discord.member(LANTERN, TOMAS, "add")


def test_pages_and_messages_show_what_there_is(fleet, postgres):
    juno, mira, tomas = (Visitor(fleet.url).sign_in(user) for user in (JUNO, MIRA, TOMAS))
    game = juno.create(LANTERN, LANTERN_GAMES, title="Twice told")["id"]
    shows = lambda people: lambda: [names(each, "Players") for each in fleet.discord.cards(game)] == [people]
    until(shows([]), 20, "the message")

    def players(visitor):
        answer = visitor.get(f"/api/v1/games/{game}")
        # What Discord has said is to be said again.
        assert answer.status == 200 or answer.code == "membership_unknown", answer
        return [each["user_id"] for each in answer.json["participants"]] if answer.status == 200 else None

    copy = postgres.copy()
    assert tomas.join(game).status == 200
    until(shows(["Tomas"]), 20, "Tomas on Discord")
    Notes(fleet).publish(LOST)
    for hub in fleet.hubs:
        until(lambda: players(on(hub, juno)) == [TOMAS], 20, "Tomas on the page")
    postgres.go_back(copy)
    key = new_key()
    until(lambda: answered(lambda: mira.join(game, key).status == 200), 30, "the join being acknowledged", every=0.1)
    begun = now()
    for member in (*fleet.apis, *fleet.hubs):
        until(lambda: answered(lambda: players(on(member, juno)) == [MIRA]), BOUND, f"Mira alone on the page of {member.url}", every=0.05)
    until(shows(["Mira"]), BOUND, "Mira alone on Discord", every=0.05)
    measured("PostgreSQL went back to what a page and Discord show", now() - begun)


def test_members_are_what_discord_says(fleet, postgres):
    """What the bot had recorded is lost, and Discord tells it only when it is asked."""
    tomas = Visitor(fleet.url).sign_in(TOMAS)
    members = lambda: set(fleet.database.sql(f"SELECT user_id FROM members WHERE guild_id = '{LANTERN}'").split()) & {TOMAS, WREN}
    until(lambda: members() == {TOMAS}, 20, "Tomas alone")
    copy = postgres.copy()
    try:
        fleet.discord.member(LANTERN, TOMAS, "remove")
        fleet.discord.member(LANTERN, WREN, "add")
        until(lambda: members() == {WREN}, 20, "Wren instead of Tomas")
        postgres.go_back(copy)
        begun = now()
        for hub in fleet.hubs:
            until(lambda: answered(lambda: on(hub, tomas).get(f"/api/v1/guilds/{LANTERN}").status == 404), BOUND,
                  "Tomas being refused", every=0.1)
        until(lambda: members() == {WREN}, BOUND, "Wren instead of Tomas again", every=0.1)
        measured("PostgreSQL went back to members being known again", now() - begun)
    finally:
        fleet.discord.member(LANTERN, TOMAS, "add")
        fleet.discord.member(LANTERN, WREN, "remove")
