"""Events reach the users who may see them, and no others, at once."""

import uuid

from Live.process import InBackground, measured
from Live.publisher import publish
from Live.sandbox import field
from Live.waiting import until
from Live.web import (
    CEDAR, CEDAR_GAMES, CEDAR_GENERAL, JUNO, LANTERN, LANTERN_GENERAL, MIRA, TOMAS, Visitor, new_key, now)


def publish_update(url, guild, game):
    """What another program publishes when a game has changed."""
    answer = publish(url, f"guild/{guild}", "game_updated", {"type": "game_updated", "game_id": game, "guild_id": guild})
    assert answer.status == 202, answer
    return answer.json["number"]


def test_a_published_update_reaches_an_open_stream(demo, people, open_stream):
    stream = open_stream(people["tomas"])
    game, begun = str(uuid.uuid4()), now()
    number = publish_update(demo.url, LANTERN, game)
    event = stream.wait(lambda data: data["game_id"] == game)
    measured("publish to stream", event.at - begun)
    assert event.json == {"type": "game_updated", "game_id": game, "guild_id": LANTERN}
    assert event.id.endswith(f"-{number}")
    assert event.at - begun < 2


def test_no_guild_receives_events_of_another(demo, people, open_stream):
    lantern, cedar, both = (open_stream(people[name]) for name in ("tomas", "sable", "mira"))
    of_lantern, of_cedar = ([str(uuid.uuid4()) for _ in range(20)] for _ in range(2))
    for first, second in zip(of_lantern, of_cedar):
        publish_update(demo.url, LANTERN, first)
        publish_update(demo.url, CEDAR, second)
    # Nor does a real game leak, in events or in lists.
    hidden = people["sable"].create(CEDAR, CEDAR_GAMES, title="Behind closed doors")
    last = {guild: str(uuid.uuid4()) for guild in (LANTERN, CEDAR)}
    for guild, game in last.items():
        publish_update(demo.url, guild, game)
    # Streams deliver in order: once the last has come, all that was to come has.
    lantern.wait(lambda data: data["game_id"] == last[LANTERN])
    cedar.wait(lambda data: data["game_id"] == last[CEDAR])
    both.wait(lambda data: data["game_id"] == last[CEDAR])
    assert {event.json["guild_id"] for event in lantern.events} == {LANTERN}
    assert {event.json["guild_id"] for event in cedar.events} == {CEDAR}
    received = [event.json["game_id"] for event in lantern.events]
    assert received == of_lantern + [last[LANTERN]]
    assert [event.json["game_id"] for event in cedar.events if event.json["game_id"] != hidden["id"]] == \
        of_cedar + [last[CEDAR]]
    assert set(of_lantern + of_cedar) <= {event.json["game_id"] for event in both.events}
    for stream in (lantern, cedar, both):
        assert stream.numbers() == sorted(set(stream.numbers()))
    for name, path in [("the game", ""), ("joining it", "/join"), ("leaving it", "/leave")]:
        method = "GET" if path == "" else "POST"
        answer = people["tomas"].request(method, f"/api/v1/games/{hidden['id']}{path}")
        assert (answer.status, answer.code) == (404, "game_not_found"), name
    listed = people["tomas"].get("/api/v1/games?limit=100").json["games"]
    assert hidden["id"] not in {game["id"] for game in listed}
    assert {game["guild_id"] for game in listed} <= {LANTERN}
    answer = people["tomas"].get(f"/api/v1/stream?topics=guild/{CEDAR}")
    assert (answer.status, answer.code) == (404, "topic_not_found")
    answer = people["tomas"].get(f"/api/v1/games?guild_id={CEDAR}")
    assert hidden["id"] not in answer.body.decode()


def test_several_streams_receive_the_same_event(demo, people, open_stream):
    streams = [open_stream(people[name]) for name in ("mira", "tomas", "juno") for _ in range(3)]
    game, begun = str(uuid.uuid4()), now()
    publish_update(demo.url, LANTERN, game)
    events = [stream.wait(lambda data: data["game_id"] == game) for stream in streams]
    assert len({event.id for event in events}) == 1 and len({event.data for event in events}) == 1
    assert all(len([each for each in stream.events if each.json["game_id"] == game]) == 1 for stream in streams)
    measured("publish to the last of 9 streams", max(event.at for event in events) - begun)


def test_a_press_on_discord_reaches_every_open_page(demo, people, discord, open_stream):
    game = people["juno"].create(title="Pressed on Discord")
    discord.card(game["id"])
    streams = [open_stream(people[name]) for name in ("mira", "tomas", "juno")]
    for round in range(5):
        for press, present in ((discord.press_join, True), (discord.press_leave, False)):
            seen = [len(stream.events) for stream in streams]
            begun = now()
            outcome = press(TOMAS, game["id"])
            assert outcome["status"] == "answered" and outcome["elapsed_ms"] < 3000, outcome
            for stream, count in zip(streams, seen):
                event = stream.wait(lambda data: data["game_id"] == game["id"] and len(stream.events) > count)
                event = next(each for each in stream.events[count:] if each.json["game_id"] == game["id"])
                measured("press on Discord to stream", event.at - begun)
                assert event.at - begun < 2
            shown = people["mira"].game(game["id"])["participants"]
            assert (TOMAS in [each["user_id"] for each in shown]) == present


def test_a_join_on_the_web_changes_the_discord_message(people, discord):
    # Discord takes five edits in five seconds in one channel. Nobody else edits in these two.
    for guild, channel in ((CEDAR, CEDAR_GENERAL), (LANTERN, LANTERN_GENERAL)):
        game = people["mira"].create(guild, channel, title="Joined on the web")
        assert "Nobody" in field(discord.card(game["id"]), "Players")
        for _ in range(2):
            for act, count in ((people["juno"].join, 1), (people["juno"].leave, 0)):
                begun = now()
                assert act(game["id"]).status in (200, 204)
                card = discord.wait_card(game["id"], lambda text: f"Players ({count}/5)" in text, timeout=5)
                measured("join on the web to Discord message", now() - begun)
                assert now() - begun < 2
                assert ("Juno" in field(card, "Players")) == bool(count)


def test_a_burst_of_joins_ends_in_the_last_state(people, discord):
    """Edits are coalesced: a hundred changes don't become a hundred requests, and the last state arrives."""
    game = people["juno"].create(title="Many hands")
    discord.card(game["id"])
    for _ in range(10):
        for name in ("mira", "tomas"):
            discord.press_join({"mira": MIRA, "tomas": TOMAS}[name], game["id"])
        discord.press_leave(MIRA, game["id"])
    until(lambda: [each["user_id"] for each in people["juno"].game(game["id"])["participants"]] == [TOMAS])
    card = discord.wait_card(game["id"], lambda text: "Players (1/5)" in text and "Tomas" in text, timeout=15)
    assert "Mira" not in field(card, "Players")


def test_both_sides_at_once_end_in_one_state(demo, discord):
    """Presses and joins at the same moment: page, message and database agree in the end, in one order of joining."""
    visitors = {user: Visitor(demo.url).sign_in(user) for user in (MIRA, TOMAS)}
    host = visitors[MIRA]
    game = host.create(title="Two seats, four hands", max_players=2)
    discord.card(game["id"])
    work = [
        InBackground(lambda: discord.press_join(JUNO, game["id"])),
        InBackground(lambda: discord.press_join(TOMAS, game["id"])),
        InBackground(lambda: visitors[MIRA].join(game["id"])),
        InBackground(lambda: visitors[TOMAS].join(game["id"])),
    ]
    for each in work:
        each.result()
    def all_in():
        found = host.game(game["id"])["participants"]
        return found if len(found) == 3 else None
    participants = until(all_in, what="three people in the game")
    assert [each["state"] for each in participants] == ["confirmed", "confirmed", "waiting"]
    card = discord.wait_card(game["id"], lambda text: "Players (2/2)" in text and "Waiting (1)" in text)
    names = [each["display_name"] for each in participants]
    players = field(card, "Players")
    assert [name for name in names if name in players] == names[:2] and names[2] in field(card, "Waiting")


def test_a_repeated_command_happens_once(people, open_stream):
    tomas = people["tomas"]
    game = people["juno"].create(title="Once is enough")
    stream = open_stream(people["mira"])
    key = new_key()
    answers = [tomas.join(game["id"], key) for _ in range(3)]
    assert {answer.status for answer in answers} == {200} and len({answer.body for answer in answers}) == 1
    assert {answer.headers["idempotency-key"] for answer in answers} == {key}
    assert tomas.leave(game["id"]).status == 204
    stream.wait(lambda data: data["game_id"] == game["id"] and data.get("command_id") is None)
    assert [event.json.get("command_id") for event in stream.events if event.json["game_id"] == game["id"]].count(key) == 1
    other = tomas.post(f"/api/v1/games/{game['id']}/leave", headers={"Idempotency-Key": key})
    assert (other.status, other.code) == (422, "invalid_idempotency_key")


def test_a_stream_resumes_after_its_cursor(demo, people, open_stream):
    stream = open_stream(people["tomas"])
    games = [str(uuid.uuid4()) for _ in range(30)]
    for game in games[:10]:
        publish_update(demo.url, LANTERN, game)
    stream.wait(lambda data: data["game_id"] == games[9])
    stream.close()
    for game in games[10:20]:
        publish_update(demo.url, LANTERN, game)
    again = open_stream(people["tomas"], last_id=stream.last_id)
    by_query = open_stream(people["tomas"], path=f"/api/v1/sse/game-updates?cursor={stream.last_id}")
    for game in games[20:]:
        publish_update(demo.url, LANTERN, game)
    for resumed in (again, by_query):
        resumed.wait(lambda data: data["game_id"] == games[29])
        assert [event.json["game_id"] for event in resumed.events] == games[10:]
        assert resumed.control("ready").json["resumed"] is True
        assert resumed.control("reset") is None


def test_a_foreign_cursor_is_reset(people, open_stream):
    epoch, number = open_stream(people["tomas"]).last_id.rsplit("-", 1)
    for cursor, reason in [
        ("deadbeef-1", "foreign_epoch"), (f"{epoch}-999999999", "unknown_cursor"), ("nonsense", "malformed_cursor"),
        (f"{epoch}--5", "malformed_cursor"), ("9" * 500, "malformed_cursor"),
    ]:
        stream = open_stream(people["tomas"], last_id=cursor)
        assert stream.wait_control("reset").json["reason"] == reason, cursor
        assert stream.last_id.startswith(epoch)
