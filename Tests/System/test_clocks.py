"""One process's clock is wrong: what all processes share goes by one clock nevertheless."""

import time
from datetime import datetime, timezone

import pytest

from Live.clocks import skewed
from Live.fleet import Fleet
from Live.publisher import post
from Live.waiting import until
from Live.web import JUNO, LANTERN, LANTERN_GAMES, Visitor, draft, send

# What processes may differ by and still accept each other's signatures is 60 s.
SKEW = 45


@pytest.fixture(scope="module", params=[SKEW, -SKEW], ids=["ahead", "behind"])
def fleet(request, postgres):
    """A hub whose clock is ahead or behind, and an api and a bot whose clocks are right."""
    database = postgres.database("clocks_" + ("ahead" if request.param > 0 else "behind"))
    fleet = Fleet(f"clocks-{request.param}", database.url)
    fleet.hubs[0].settings.update(skewed(request.param))
    with fleet as running:
        running.skew = request.param
        yield running


def note(name):
    return {"topic": f"guild/{LANTERN}", "kind": "note", "payload": {"type": "note", "game_id": name}}


def tidy(member, at):
    """Publishes so often that signatures that have expired are removed."""
    for number in range(150):
        assert post(member.url, note(f"{number}"), at=f"{at()}.{number:09}").status == 202


def test_the_clock_of_the_hub_is_wrong(fleet):
    """Or the others show nothing."""
    date = send(fleet.hubs[0].url, "GET", "/healthz").headers["date"]
    shown = datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=timezone.utc).timestamp()
    assert abs(shown - time.time() - fleet.skew) < 5


def test_a_signature_is_accepted_once(fleet):
    right, wrong = fleet.apis[0], fleet.hubs[0]
    if fleet.skew > 0:
        # For whoever is ahead it has expired, and those who are right still accept it.
        removes, accepts, at = wrong, right, f"{int(time.time()) - 20}"
    else:
        # For those who are right it has expired, and whoever is behind still accepts it.
        removes, accepts, at = right, wrong, f"{int(time.time()) - 57}"
    assert post(right.url, note("once"), at=at).status == 202
    if fleet.skew < 0:
        until(lambda: time.time() > int(at) + 63, 20, "the signature having expired", every=0.1)
    tidy(removes, lambda: int(time.time()))
    again = post(accepts.url, note("once"), at=at)
    assert again.status == 401, again


def make_game(member, seconds):
    juno = Visitor(member.url).sign_in(JUNO)
    made = juno.create(LANTERN, LANTERN_GAMES, "On time", hours=seconds / 3600)
    begins = datetime.fromisoformat(made["scheduled_at"].replace("Z", "+00:00")).timestamp()
    return begins, lambda: juno.game(made["id"])["status"]


def test_games_begin_when_it_is_time(fleet):
    begins, status = make_game(fleet.apis[0], 5)
    until(lambda: status() == "in_progress", 40, "the game having begun", every=0.1)
    # To the second: that is how its time is written.
    assert time.time() > begins - 1, f"{begins - time.time():.1f} s early"


def test_games_do_not_begin_when_one_process_thinks_that_it_is_time(fleet):
    begins, status = make_game(fleet.hubs[0], SKEW + 2)
    while time.time() < begins - SKEW + 3:
        assert status() == "scheduled", f"{begins - time.time():.1f} s early"
        time.sleep(0.2)


def test_people_sign_in_through_any_process(fleet):
    """What one process has signed, the other accepts."""
    away = Visitor(fleet.hubs[0].url)
    away.sign_in(JUNO)
    for member in fleet.apis + fleet.hubs:
        there = Visitor(member.url)
        there.cookies = dict(away.cookies)
        assert there.get("/api/v1/guilds").status == 200
