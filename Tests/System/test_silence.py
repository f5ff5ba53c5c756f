"""PostgreSQL stops answering without closing connections: it is frozen, or the network to it is cut."""

import contextlib
import time

import pytest

from Drill.leaders import leader_port
from Live.fleet import Fleet, Member
from Live.process import InBackground, free_port, measured
from Live.publisher import publish
from Live.servers import PostgreSQL, Redis
from Live.streams import Stream
from Live.waiting import until
from Live.web import JUNO, LANTERN, Visitor, now, send
from Live.wire import Wire


@pytest.fixture(scope="module")
def postgres():
    """A server of this file's own, which is made to fall silent."""
    with PostgreSQL() as running:
        yield running


@pytest.fixture(scope="module")
def wire(postgres):
    with Wire(postgres.port) as running:
        yield running


@pytest.fixture(scope="module")
def fleet(postgres, wire):
    """An api that reaches PostgreSQL directly, and a hub whose wire can be cut."""
    with contextlib.ExitStack() as stack:
        fleet = Fleet("silence", postgres.url, hubs=0, TANDEM_LOG_LEVEL="info")
        settings = dict(
            fleet.apis[0].settings, TANDEM_ROLES="hub", TANDEM_DATABASE_URL=postgres.url.replace(str(postgres.port), str(wire.port)))
        settings.pop("TANDEM_PORT")
        fleet.hubs = [Member("silence-hub1", free_port(), **settings)]
        yield stack.enter_context(fleet)


def on(member, visitor):
    other = Visitor(member.url)
    other.cookies = visitor.cookies
    return other


def is_ready(member):
    return send(member.url, "GET", "/readyz", timeout=30).status == 200


def ask(visitor, write):
    """One request on its own: its status and how long it took."""
    begun = now()
    answer = visitor.post("/api/v1/games", {}, timeout=60) if write is None else write(visitor)
    return answer, now() - begun


def read(visitor):
    return visitor.get("/api/v1/games", timeout=60)


def refused(outcome):
    answer, seconds = outcome
    assert answer.status == 503 and answer.code in ("database_unavailable", "database_busy"), answer
    assert int(answer.headers["retry-after"]) >= 1
    return seconds


def endure(members, visitors, game, name):
    """What is asked during the silence is refused in time, and nothing hangs."""
    join = lambda visitor: visitor.request("POST", f"/api/v1/games/{game}/join", timeout=60)
    begun = now()
    asked = [InBackground(lambda visitor=visitor, act=act: ask(visitor, act)) for visitor in visitors for act in (read, join) * 3]
    for member in members:
        until(lambda: not is_ready(member), 20, "readyz saying 503", every=0.1)
    measured(f"{name}: until readyz says so", now() - begun)
    slowest = max(refused(each.result(60)) for each in asked)
    measured(f"{name}: slowest refusal of those who asked first", slowest)
    assert slowest < 10
    # From then on requests are refused without waiting.
    times = sorted(refused(ask(visitor, act)) for visitor in visitors for act in (read, join) * 3)
    measured(f"{name}: refusals later", times[len(times) // 2])
    assert times[len(times) // 2] < 2
    for member in members:
        assert send(member.url, "GET", "/healthz").status == 200


def test_postgresql_stands_still(fleet, postgres):
    juno = Visitor(fleet.url).sign_in(JUNO)
    game = juno.create(title="Held breath")["id"]
    with Stream(on(fleet.hubs[0], juno)).opened() as stream:
        postgres.freeze()
        try:
            endure([fleet.apis[0], fleet.hubs[0]], [juno, on(fleet.hubs[0], juno)], game, "PostgreSQL frozen")
            assert not stream.ended.is_set()
        finally:
            postgres.thaw()
        begun = now()
        for member in (fleet.apis[0], fleet.hubs[0]):
            until(lambda: is_ready(member), 20, "recovery without a restart", every=0.1)
        measured("PostgreSQL thawed to ready", now() - begun)
        assert until(lambda: (answer := juno.join(game)).status == 200 and answer, 20, "an answer").status == 200
        stream.wait(lambda data: data["game_id"] == game and data["type"] == "game_updated", 20)
        assert not stream.ended.is_set() and stream.numbers() == sorted(set(stream.numbers()))
        assert juno.leave(game).status == 204


def test_one_process_is_cut_off(fleet, postgres, wire):
    """It refuses requests, and the others go on; its streams receive afterwards what they missed."""
    juno = Visitor(fleet.url).sign_in(JUNO)
    game = juno.create(title="Out of earshot")["id"]
    there = on(fleet.hubs[0], juno)
    with Stream(there).opened() as stream:
        wire.cut()
        try:
            endured = InBackground(lambda: endure([fleet.hubs[0]], [there], game, "cut off"))
            begun, sent = now(), []
            while endured.thread.is_alive() or len(sent) < 5:
                before = now()
                answer = publish(
                    fleet.url, f"guild/{LANTERN}", "game_updated",
                    {"type": "game_updated", "game_id": f"{len(sent)}", "guild_id": LANTERN})
                assert answer.status == 202, answer
                sent.append(f"{len(sent)}")
                # A transaction left behind by the process that was cut off is ended by the server.
                measured("cut off: a write elsewhere", now() - before)
                assert now() - before < 15
                time.sleep(0.05)
            endured.result()
            assert is_ready(fleet.apis[0]) and not stream.ended.is_set()
        finally:
            wire.mend()
        begun = now()
        until(lambda: is_ready(fleet.hubs[0]), 20, "recovery without a restart", every=0.1)
        stream.wait(lambda data: data["game_id"] == sent[-1], 20)
        measured("wire mended to caught up", now() - begun)
        ours = [event.json["game_id"] for event in stream.events if event.json["game_id"] in sent]
        assert ours == sent and not stream.ended.is_set()
        # The connection for writing is found broken by the first request that needs it.
        assert until(lambda: (answer := there.join(game)).status == 200 and answer, 20, "an answer").status == 200
        stays_well(there, game)


def stays_well(visitor, game, seconds=6):
    """Attempts that were begun during the silence, and fail only now, are nobody's concern."""
    for _ in range(seconds):
        assert visitor.join(game).status == 200
        for _ in range(10):
            assert read(visitor).status == 200
            time.sleep(0.1)


def test_a_relay_that_is_cut_off_is_replaced():
    """The bus still reaches it: its streams go on as soon as another process relays."""
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(PostgreSQL())
        wire = stack.enter_context(Wire(database.port))
        bus = stack.enter_context(Redis())
        fleet = Fleet("relay", database.url, bus.url, hubs=0)
        settings = dict(
            fleet.apis[0].settings, TANDEM_ROLES="hub",
            TANDEM_DATABASE_URL=database.url.replace(str(database.port), str(wire.port)))
        settings.pop("TANDEM_PORT")
        hub = Member("relay-hub1", free_port(), **settings)
        fleet.hubs = [hub]
        stack.enter_context(fleet)
        others = fleet.apis + fleet.bots
        for member in others:
            member.kill()
        until(lambda: wire.carries(leader_port(database, "relay") or 0), 20, "the hub leading the relay")
        for member in others:
            member.start()
        juno = Visitor(fleet.url).sign_in(JUNO)
        game = juno.create(title="Relayed")["id"]
        with Stream(on(hub, juno)).opened() as stream:
            wire.cut()
            try:
                begun = now()
                assert publish(
                    fleet.url, f"guild/{LANTERN}", "note", {"type": "note", "game_id": "while it is cut off"}).status == 202
                stream.wait(lambda data: data["game_id"] == "while it is cut off", 40)
                measured("relay cut off: until its own stream goes on by the bus", now() - begun)
            finally:
                wire.mend()
            assert not stream.ended.is_set()
        assert juno.get(f"/api/v1/games/{game}").status == 200
