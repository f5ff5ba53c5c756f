"""Two hundred people want one of ten seats at the same moment: on two web processes, and on Discord through a third."""

import hashlib
import itertools
import re
import secrets
import threading
import time

from Live.process import measured
from Live.sandbox import names
from Live.waiting import until
from Live.web import JUNO, LANTERN, Visitor, new_key, now

PEOPLE, SEATS = 200, 10
# Without a bus, so that what the processes share is the database alone.
FLEET = {"apis": 2, "hubs": 0, "TANDEM_LOG_LEVEL": "warning"}

def newcomers(fleet, database):
    """People of the sandbox, members of Lantern Tavern, each signed in."""
    discord = fleet.discord
    users = discord.people(LANTERN, [f"Guest {number}" for number in range(PEOPLE)])

    def known():
        return int(database.sql(f"SELECT count(*) FROM members WHERE guild_id = {LANTERN} AND user_id >= {users[0]}"))

    until(lambda: known() == PEOPLE, 30, "the bot knowing all of them", every=0.1)
    tokens = {user: secrets.token_urlsafe(32) for user in users}
    at = int(time.time() * 1000)
    rows = [
        f"('{secrets.token_hex(16)}', '{hashlib.sha256(token.encode()).hexdigest()}', {user}, {at}, {at}, {at + 3_600_000}, "
        f"{at + 3_600_000})" for user, token in tokens.items()]
    database.sql(
        "INSERT INTO sessions (id, token_hash, user_id, created_at, seen_at, expires_at, ends_at) VALUES " + ", ".join(rows))
    visitors = {}
    for user, api in zip(users, itertools.cycle(fleet.apis)):
        visitors[user] = Visitor(api.url)
        visitors[user].cookies, visitors[user].user = {"tandem_session": tokens[user]}, user
    return visitors


def at_once(acts):
    """Runs all of them, each on a thread, from one moment on; what each returned, in their order."""
    gate, results = threading.Barrier(len(acts) + 1), [None] * len(acts)

    def run(index, act):
        gate.wait()
        try:
            results[index] = act()
        except Exception as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index, act), daemon=True) for index, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    gate.wait()
    for thread in threads:
        thread.join(120)
    return results


def agreed(fleet, game):
    """The game as both processes show it, which must be the same."""
    shown = []
    for api in fleet.apis:
        # A session is everybody's.
        host = Visitor(api.url)
        host.cookies = fleet.host.cookies
        shown.append(host.game(game))
    assert shown[0] == shown[1]
    return shown[0]


def updates(database, game):
    return int(database.sql(
        f"SELECT count(*) FROM store_events WHERE kind = 'game.updated' AND payload LIKE '%{game}%'"))


def test_no_player_is_lost_or_seated_twice_whichever_way_they_join(fleet, database):
    discord = fleet.discord
    fleet.host = Visitor(fleet.url).sign_in(JUNO)
    game = fleet.host.create(title="The last seats", max_players=SEATS)["id"]
    message = discord.card(game)["id"]
    until(lambda: fleet.host.game(game)["message_id"] == message, what="the message being recorded")
    visitors = newcomers(fleet, database)
    before = updates(database, game)

    def join(visitor):
        # So many at once may be asked to retry in a moment. They do, as the page would, and count once.
        key = new_key()
        for _ in range(5):
            answer = visitor.join(game, key)
            if answer.status != 503:
                break
            time.sleep(float(answer.headers["retry-after"]))
        assert answer.status == 200, answer
        return answer.json["state"]

    def press(user, button):
        # A busy machine may miss Discord's three seconds; the person presses again.
        for _ in range(15):
            done = discord.press(user, message, f"{button}_game_{game}", wait_ms=12_000)
            if done["status"] == "answered":
                return done["follow_ups"][0]["content"]
        raise AssertionError(done)

    users = list(visitors)
    begun = now()
    answers = at_once([
        (lambda user=user: press(user, "join")) if index % 3 == 2 else (lambda visitor=visitors[user]: join(visitor))
        for index, user in enumerate(users)])
    measured(f"{PEOPLE} joins at once, of which {PEOPLE // 3} on Discord", now() - begun)
    failures = [each for each in answers if not isinstance(each, str)]
    assert not failures, failures[:3]

    seen = agreed(fleet, game)
    people = [each["user_id"] for each in seen["participants"]]
    assert sorted(people) == sorted(users)
    states = [each["state"] for each in seen["participants"]]
    assert states == ["confirmed"] * SEATS + ["waiting"] * (PEOPLE - SEATS)
    # Each answer said what the user got.
    told = dict(zip(users, answers))
    place = {user: index for index, user in enumerate(people)}
    for user, answer in told.items():
        if answer.startswith("The game is full"):
            assert int(re.search(r"number (\d+)", answer)[1]) == place[user] - SEATS + 1
        else:
            assert (answer in ("confirmed", "You're in! See you there.")) == (place[user] < SEATS), (answer, place[user])
    # First come, first served: by the counter, by the clock and by the order of the commits.
    rows = [row.split("|") for row in database.sql(
        f"SELECT user_id, place, joined_at FROM participants WHERE game_id = '{game}' ORDER BY place").split()]
    assert [user for user, _, _ in rows] == people
    assert [int(number) for _, number, _ in rows] == list(range(1, PEOPLE + 1))
    times = [int(at) for _, _, at in rows]
    assert times == sorted(times)
    assert updates(database, game) - before == PEOPLE
    numbers = [int(number) for number in database.sql("SELECT number FROM store_events ORDER BY number").split()]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))

    def is_shown(current):
        """The message follows the last change."""
        seated = [each["display_name"] for each in current["participants"][:SEATS]]
        waiting = len(current["participants"]) - SEATS
        card = discord.wait_card(game, lambda text: f"Waiting ({waiting})" in text, timeout=30)
        assert names(card, f"Players ({SEATS}/{SEATS})") == seated

    is_shown(seen)

    # Half of the seated players leave at once, on both sides: the first on the waiting list move up.
    leavers = people[1:SEATS:2]
    done = at_once([
        (lambda user=user: press(user, "leave")) if index % 2 else (lambda visitor=visitors[user]: visitor.leave(game).status)
        for index, user in enumerate(leavers)])
    assert set(done) == {204, "You're no longer signed up."}, done
    left = [user for user in people if user not in leavers]
    seen = agreed(fleet, game)
    assert [each["user_id"] for each in seen["participants"]] == left
    assert [each["state"] for each in seen["participants"]] == ["confirmed"] * SEATS + ["waiting"] * (len(left) - SEATS)
    assert [each["user_id"] for each in seen["participants"][:SEATS]] == people[0:SEATS:2] + people[SEATS:SEATS + len(leavers)]
    assert updates(database, game) - before == PEOPLE + len(leavers)
    is_shown(seen)
