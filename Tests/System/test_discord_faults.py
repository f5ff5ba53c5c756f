"""Whatever goes wrong with Discord, in the end the message shows what the page shows, and nothing is lost."""

import pytest

from Live.process import Demo, measured
from Live.sandbox import field
from Live.streams import Stream
from Live.waiting import until
from Live.web import CEDAR, CEDAR_GAMES, CEDAR_GENERAL, JUNO, LANTERN, LANTERN_GAMES, LANTERN_GENERAL, MIRA, SABLE, TOMAS, Visitor, now


@pytest.fixture(scope="module")
def storm():
    with Demo("storm") as running:
        yield running
        assert running.process.is_running


@pytest.fixture(scope="module")
def people(storm):
    return {name: Visitor(storm.url).sign_in(user) for name, user in (("mira", MIRA), ("tomas", TOMAS), ("juno", JUNO))}


@pytest.fixture(autouse=True)
def calm(storm):
    yield
    storm.discord.faults(reset=True)


def agree(storm, visitor, game, names, timeout=25):
    """The page has exactly these players, and the one message of the game comes to say so too."""
    shown = visitor.game(game)["participants"]
    assert sorted(each["display_name"] for each in shown) == sorted(names)

    def says_so():
        cards = storm.discord.cards(game)
        players = field(cards[0], "Players") if len(cards) == 1 else ""
        return cards[0] if {name for name in ("Mira", "Tomas", "Juno") if name in players} == set(names) and players else None

    card = until(says_so, timeout, f"the message naming {names}")
    assert until(lambda: visitor.game(game)["message_id"] == card["id"])


@pytest.mark.parametrize("fault", [
    {"rate_limit": {"count": 3, "scope": "user", "retry_after": 0.3}},
    {"rate_limit": {"count": 2, "scope": "global", "retry_after": 0.5}},
    {"rate_limit": {"count": 2, "scope": "shared", "retry_after": 0.4}},
    {"server_errors": {"count": 1, "status": 500}}, {"server_errors": {"count": 2, "status": 503}}, {"latency_ms": 300},
], ids=lambda fault: "-".join(str(part) for part in next(iter(fault.items()))).replace(" ", ""))
def test_the_message_comes_to_agree_through_failing_requests(storm, people, fault):
    game = people["mira"].create(CEDAR, CEDAR_GAMES, title="Through the storm")["id"]
    storm.discord.card(game)
    storm.discord.faults(**fault)
    begun = now()
    for name in ("mira", "juno"):
        assert people[name].join(game).status == 200, "the web goes on whatever Discord does"
    assert people["mira"].leave(game).status == 204
    assert now() - begun < 2
    agree(storm, people["juno"], game, ["Juno"])
    measured("agreement after a fault of Discord", now() - begun)


def test_a_game_created_while_discord_fails_is_posted_afterwards(storm, people):
    storm.discord.faults(server_errors={"count": 2, "status": 503})
    game = people["mira"].create(CEDAR, CEDAR_GENERAL, title="Born in a storm")["id"]
    assert people["juno"].join(game).status == 200
    agree(storm, people["mira"], game, ["Juno"])
    assert len(storm.discord.cards(game)) == 1


@pytest.mark.parametrize("fault", [
    {"reconnect": True}, {"invalid_session": "resumable"}, {"invalid_session": "new"}, {"drop": True}, {"close": 4000},
    {"close": 1001}, {"close": 4009},
], ids=lambda fault: "-".join(str(part) for part in next(iter(fault.items()))))
def test_presses_and_member_changes_arrive_after_the_gateway_was_disturbed(storm, people, fault):
    game = people["juno"].create(LANTERN, LANTERN_GENERAL, title="After the break")["id"]
    storm.discord.card(game)
    stream = Stream(people["mira"]).opened()
    begun = now()
    assert storm.discord.faults(**fault)["affected_sessions"] == 1
    # What happens while nobody listens is replayed when the session resumes, and is in the guilds when it begins anew.
    storm.discord.member(LANTERN, TOMAS, "remove")
    until(lambda: people["tomas"].get(f"/api/v1/games/{game}").status == 404, 25, "the removal being known")
    measured("gateway disturbed to event known", now() - begun)
    storm.discord.member(LANTERN, TOMAS, "add")
    until(lambda: people["tomas"].get(f"/api/v1/games/{game}").status == 200, 25, "the return being known")
    until(storm.discord.is_connected, 25, "the bot being connected")
    outcome = storm.discord.press_join(MIRA, game)
    assert outcome["status"] == "answered", outcome
    until(lambda: people["mira"].game(game)["participants"], what="the press having its effect")
    agree(storm, people["mira"], game, ["Mira"])
    stream.wait(lambda data: data["type"] == "game_updated" and data["game_id"] == game)
    assert stream.numbers() == sorted(set(stream.numbers()))
    stream.close()


def test_unanswered_heartbeats_are_noticed(storm, people):
    """A connection that looks open and is dead is replaced."""
    storm.discord.faults(heartbeat_interval_ms=300)
    storm.discord.faults(reconnect=True)
    until(storm.discord.is_connected, 25, "the bot being connected")
    before = sessions(storm)
    storm.discord.faults(ignore_heartbeats=True)
    until(lambda: sessions(storm) != before or not storm.discord.is_connected(), 15, "the dead connection being noticed")
    storm.discord.faults(reset=True)
    until(storm.discord.is_connected, 25, "the bot being connected")
    game = people["juno"].create(LANTERN, LANTERN_GAMES, title="With a pulse")["id"]
    assert storm.discord.press_join(MIRA, game)["status"] == "answered"
    agree_soon(storm, people["mira"], game, ["Mira"])


def sessions(storm):
    return [(each["session_id"], each["connected"]) for each in storm.discord.state()["sessions"]]


def agree_soon(storm, visitor, game, names):
    until(lambda: len(visitor.game(game)["participants"]) == len(names), what="the press having its effect")
    agree(storm, visitor, game, names)


def test_a_message_deleted_by_hand_is_posted_anew(storm, people):
    game = people["mira"].create(CEDAR, CEDAR_GENERAL, title="Deleted by hand")["id"]
    first = storm.discord.card(game)
    until(lambda: people["mira"].game(game)["message_id"] == first["id"])
    storm.discord.post("delete", message_id=first["id"], user_id=SABLE)
    second = until(lambda: [each for each in storm.discord.cards(game) if each["id"] != first["id"]], 20, "another message")[0]
    until(lambda: people["mira"].game(game)["message_id"] == second["id"])
    assert storm.discord.press_join(JUNO, game)["status"] == "answered"
    agree_soon(storm, people["mira"], game, ["Juno"])


def test_a_storm_of_everything_ends_in_agreement(storm, people):
    """Joins from both sides while Discord limits, fails, drops and starts over."""
    games = [people["mira"].create(guild, channel, title=f"Storm {number}")["id"] for number, (guild, channel) in enumerate(
        [(CEDAR, CEDAR_GAMES), (CEDAR, CEDAR_GENERAL)])]
    for game in games:
        storm.discord.card(game)
    faults = [
        {"rate_limit": {"count": 2, "retry_after": 0.2}}, {"drop": True}, {"server_errors": {"count": 2, "status": 502}},
        {"reconnect": True}, {"rate_limit": {"count": 1, "scope": "global", "retry_after": 0.3}}, {"invalid_session": "new"},
    ]
    for index, fault in enumerate(faults):
        storm.discord.faults(**fault)
        for game in games:
            act = people["juno"].join if index % 2 == 0 else people["juno"].leave
            assert act(game).status in (200, 204)
    for game in games:
        assert people["mira"].join(game).status == 200
    for game in games:
        agree(storm, people["mira"], game, ["Mira"], timeout=40)
        assert len(storm.discord.cards(game)) == 1
