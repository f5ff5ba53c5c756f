"""Access that changes while streams are open."""

import sqlite3

import pytest

from Live.process import Demo, measured
from Live.publisher import publish
from Live.waiting import until
from Live.web import (
    CEDAR, CEDAR_GAMES, JUNO, KEEPERS, LANTERN, LANTERN_GAMES, LANTERN_KEEPERS, MIRA, SABLE, TOMAS, WREN,
    Visitor, draft, now)


@pytest.fixture(scope="module")
def town():
    """A demo of its own: here members are removed."""
    with Demo("access") as running:
        yield running


@pytest.fixture(scope="module")
def discord(town):
    return town.discord


def test_a_removed_member_loses_access_at_once_and_regains_it_when_added(town, discord, open_stream):
    tomas, mira = (Visitor(town.url).sign_in(user) for user in (TOMAS, MIRA))
    game = mira.create(title="For members")["id"]
    stream, chosen = open_stream(tomas), open_stream(tomas, path=f"/api/v1/stream?topics=guild/{LANTERN}")
    stays = open_stream(mira)
    begun = now()
    discord.member(LANTERN, TOMAS, "remove")
    revoked = stream.wait_control("revoked")
    assert revoked.json == {"topic": f"guild/{LANTERN}"}
    measured("removed on Discord to revoked", revoked.at - begun)
    assert revoked.at - begun < 2
    stream.events.clear()
    # A stream of nothing but the lost topic ends; one that follows the user stays.
    assert chosen.wait_end().control("bye").json["reason"] == "revoked"
    assert not stream.ended.is_set()
    for method, path in [
        ("GET", f"/api/v1/games/{game}"), ("POST", f"/api/v1/games/{game}/join"), ("POST", f"/api/v1/games/{game}/leave"),
        ("DELETE", f"/api/v1/games/{game}"), ("GET", f"/api/v1/guilds/{LANTERN}"),
        ("GET", f"/api/v1/guilds/{LANTERN}/channels"), ("GET", f"/api/v1/stream?topics=guild/{LANTERN}"),
    ]:
        assert tomas.request(method, path).status == 404, (method, path)
    assert tomas.get("/api/v1/games").json["games"] == []
    assert mira.join(game).status == 200
    stays.wait(lambda data: data["game_id"] == game)
    # Events from the time without access are never delivered, neither live nor on resuming with an old cursor.
    discord.member(LANTERN, TOMAS, "add")
    assert stream.wait_control("granted").json == {"topic": f"guild/{LANTERN}"}
    publish(town.url, f"guild/{LANTERN}", "note", {"game_id": "after"})
    stream.wait(lambda data: data["game_id"] == "after")
    assert [event.json["game_id"] for event in stream.events] == ["after"]
    assert tomas.game(game)["id"] == game


def test_a_removed_member_cannot_replay_the_past(town, discord, open_stream):
    juno, mira = (Visitor(town.url).sign_in(user) for user in (JUNO, MIRA))
    first = open_stream(juno)
    first.close()
    publish(town.url, f"guild/{LANTERN}", "note", {"game_id": "missed"})
    discord.member(LANTERN, JUNO, "remove")
    until(lambda: juno.get(f"/api/v1/guilds/{LANTERN}").status == 404, what="the removal being known")
    resumed = open_stream(juno, last_id=first.last_id)
    publish(town.url, f"guild/{CEDAR}", "note", {"game_id": "cedar"})
    resumed.wait(lambda data: data["game_id"] == "cedar")
    assert [event.json["game_id"] for event in resumed.events] == ["cedar"]
    discord.member(LANTERN, JUNO, "add")
    discord.post("roles", guild_id=LANTERN, user_id=JUNO, role_id=KEEPERS, action="add")
    until(lambda: juno.get(f"/api/v1/guilds/{LANTERN}").status == 200, what="the return being known")


def test_a_new_member_of_a_guild_sees_it_without_signing_in_again(town, discord, open_stream):
    wren = Visitor(town.url).sign_in(WREN)
    assert wren.get("/api/v1/guilds").json["guilds"] == []
    assert wren.get("/api/v1/games").json["games"] == []
    # A user without a guild has a stream, too, which announces the first.
    stream = open_stream(wren)
    discord.member(CEDAR, WREN, "add")
    assert stream.wait_control("granted").json == {"topic": f"guild/{CEDAR}"}
    assert [guild["id"] for guild in wren.get("/api/v1/guilds").json["guilds"]] == [CEDAR]
    discord.member(CEDAR, WREN, "remove")
    stream.wait_control("revoked")


def test_the_bot_is_uninstalled_and_installed_again(town, discord, open_stream):
    sable, mira = (Visitor(town.url).sign_in(user) for user in (SABLE, MIRA))
    game = sable.create(CEDAR, CEDAR_GAMES, title="Before the bot left")["id"]
    stream = open_stream(mira)
    discord.post("uninstall", guild_id=CEDAR, user_id=SABLE)
    assert stream.wait_control("revoked").json == {"topic": f"guild/{CEDAR}"}
    assert sable.get(f"/api/v1/games/{game}").status == 404
    # The other guild goes on.
    publish(town.url, f"guild/{LANTERN}", "note", {"game_id": "elsewhere"})
    stream.wait(lambda data: data["game_id"] == "elsewhere")
    discord.post("install", guild_id=CEDAR, user_id=SABLE)
    stream.wait_control("granted", matches=lambda data: data["topic"] == f"guild/{CEDAR}")
    until(lambda: sable.get(f"/api/v1/games/{game}").status == 200, what="the game being there again")
    assert sable.join(game).status == 200
    discord.wait_card(game, lambda text: "Sable" in text and "Players (1/5)" in text)


def test_signing_out_ends_the_streams_of_that_session_only(town, open_stream):
    here, there = (Visitor(town.url).sign_in(MIRA) for _ in range(2))
    ends, lasts = open_stream(here), open_stream(there)
    cookie = here.cookie
    begun = now()
    assert here.post("/api/v1/auth/logout").status == 204
    assert ends.wait_end().control("bye").json["reason"] == "signed_out"
    measured("signed out to stream ended", ends.ended_at - begun)
    assert "tandem_session" not in here.cookies
    answer = here.get("/api/v1/auth/user", headers={"Cookie": cookie})
    assert (answer.status, answer.code) == (401, "not_signed_in")
    assert here.get("/api/v1/sse/game-updates", headers={"Cookie": cookie}).status == 401
    publish(town.url, f"guild/{LANTERN}", "note", {"game_id": "still here"})
    lasts.wait(lambda data: data["game_id"] == "still here")


def test_signing_in_again_ends_the_session_before(town, open_stream):
    visitor = Visitor(town.url).sign_in(TOMAS)
    stream, cookie = open_stream(visitor), visitor.cookie
    visitor.sign_in(JUNO)
    stream.wait_end()
    assert visitor.get("/api/v1/auth/user", headers={"Cookie": cookie}).status == 401
    assert visitor.get("/api/v1/auth/user").json["user"]["id"] == JUNO


def test_a_member_timed_out_on_discord_can_only_look_until_it_ends(town, discord, open_stream):
    tomas = Visitor(town.url).sign_in(TOMAS)
    hosted, game = tomas.create(title="To be changed"), tomas.create(title="To be joined")["id"]
    assert tomas.join(game).status == 200
    stream = open_stream(tomas)
    assert discord.timeout(LANTERN, TOMAS, 3600)["member"]["communication_disabled_until"]
    refusal = until(lambda: (answer := tomas.join(game)).status == 403 and answer, what="the timeout being known")
    assert refusal.code == "member_timed_out" and " UTC" in refusal.json["error"]["message"], refusal
    edit = {"title": "Changed", "scheduled_at": hosted["scheduled_at"], "version": hosted["version"]}
    for answer in (
        tomas.post("/api/v1/games", draft(title="No")), tomas.put(f"/api/v1/games/{hosted['id']}", edit),
        tomas.delete(f"/api/v1/games/{hosted['id']}"),
    ):
        assert (answer.status, answer.code) == (403, "member_timed_out"), answer
    pressed = discord.press_join(TOMAS, game, wait_ms=5000)
    assert "timed out" in pressed["follow_ups"][0]["content"], pressed
    # Reading goes on, and a seat can be given up.
    assert tomas.game(game)["id"] == game and tomas.get("/api/v1/games").status == 200
    publish(town.url, f"guild/{LANTERN}", "note", {"game_id": "still seen"})
    stream.wait(lambda data: data["game_id"] == "still seen")
    assert tomas.leave(game).status == 204
    discord.timeout(LANTERN, TOMAS, None)
    until(lambda: tomas.join(game).status == 200, what="the end of the timeout being known")


def channels(visitor):
    return {each["id"] for each in visitor.get(f"/api/v1/guilds/{LANTERN}/channels").json["channels"]}


def test_a_role_that_hides_a_channel_hides_it_from_the_form(town, discord):
    """Keepers see #keepers once the bot may post there; a member who loses the role doesn't."""
    juno, tomas = (Visitor(town.url).sign_in(user) for user in (JUNO, TOMAS))
    bot = "1100000000000000001"
    discord.post("roles", guild_id=LANTERN, user_id=bot, role_id=KEEPERS, action="add")
    until(lambda: LANTERN_KEEPERS in channels(juno), what="the channel being offered")
    assert LANTERN_KEEPERS not in channels(tomas) and LANTERN_GAMES in channels(tomas)
    refused = tomas.post("/api/v1/games", draft(LANTERN, LANTERN_KEEPERS, "Not mine"))
    assert (refused.status, refused.code) == (422, "invalid_channel_id")
    discord.post("roles", guild_id=LANTERN, user_id=JUNO, role_id=KEEPERS, action="remove")
    until(lambda: LANTERN_KEEPERS not in channels(juno), what="the channel being gone")
    discord.post("roles", guild_id=LANTERN, user_id=JUNO, role_id=KEEPERS, action="add")
    until(lambda: LANTERN_KEEPERS in channels(juno), what="the channel being back")
    discord.post("roles", guild_id=LANTERN, user_id=bot, role_id=KEEPERS, action="remove")
    until(lambda: LANTERN_KEEPERS not in channels(juno), what="the bot being unable to post there")


def test_members_are_told_of_games_in_the_channels_that_they_see_only(town, discord, open_stream):
    """Tomas isn't among the keepers, then is, then is no longer."""
    juno, tomas = (Visitor(town.url).sign_in(user) for user in (JUNO, TOMAS))
    bot = "1100000000000000001"
    discord.post("roles", guild_id=LANTERN, user_id=bot, role_id=KEEPERS, action="add")
    until(lambda: LANTERN_KEEPERS in channels(juno), what="the channel being offered")
    hers, his = open_stream(juno), open_stream(tomas)
    chosen = open_stream(tomas, path=f"/api/v1/stream?topics=guild/{LANTERN}")
    first = his.last_id

    def told(stream, game):
        return [event for event in stream.events if event.json["game_id"] == game]

    def end():
        """Everything before has reached everybody."""
        mark = f"mark {now()}"
        publish(town.url, f"guild/{LANTERN}", "note", {"game_id": mark})
        for stream in (hers, his, chosen):
            stream.wait(lambda data: data["game_id"] == mark)

    secret = juno.create(LANTERN, LANTERN_KEEPERS, title="For keepers")["id"]
    hers.wait(lambda data: data["game_id"] == secret)
    end()
    assert not told(his, secret) and not told(chosen, secret)
    discord.post("roles", guild_id=LANTERN, user_id=TOMAS, role_id=KEEPERS, action="add")
    his.wait(lambda data: data["type"] == "guild_updated")
    assert tomas.game(secret)["id"] == secret
    assert juno.join(secret).status == 200
    for stream in (his, chosen):
        stream.wait(lambda data: data["game_id"] == secret)
    discord.post("roles", guild_id=LANTERN, user_id=TOMAS, role_id=KEEPERS, action="remove")
    until(lambda: tomas.get(f"/api/v1/games/{secret}").status == 404, what="the channel being hidden from him")
    end()
    before = len(told(his, secret))
    assert juno.leave(secret).status == 204
    hers.wait(lambda data: data["game_id"] == secret)
    end()
    assert len(told(his, secret)) == before
    # Nor is he told when he asks for all of it again.
    again = open_stream(tomas, last_id=first)
    mark = f"again {now()}"
    publish(town.url, f"guild/{LANTERN}", "note", {"game_id": mark})
    again.wait(lambda data: data["game_id"] == mark)
    assert not told(again, secret)
    discord.post("roles", guild_id=LANTERN, user_id=bot, role_id=KEEPERS, action="remove")


def test_only_hosts_and_managers_change_a_game(town):
    mira, tomas, juno = (Visitor(town.url).sign_in(user) for user in (MIRA, TOMAS, JUNO))
    game = tomas.create(title="Tomas hosts")
    body = {"title": "Changed", "scheduled_at": game["scheduled_at"], "version": game["version"]}
    stranger = Visitor(town.url).sign_in(SABLE)
    assert stranger.put(f"/api/v1/games/{game['id']}", body).status == 404
    hosted = mira.create(title="Mira hosts")
    refused = tomas.put(f"/api/v1/games/{hosted['id']}", body | {"version": hosted["version"]})
    assert (refused.status, refused.code) == (403, "not_game_manager")
    assert tomas.delete(f"/api/v1/games/{hosted['id']}").status == 403
    changed = juno.put(f"/api/v1/games/{game['id']}", body)
    assert changed.status == 200 and changed.json["title"] == "Changed", changed
    stale = tomas.put(f"/api/v1/games/{game['id']}", body)
    assert (stale.status, stale.code) == (409, "version_conflict")
    assert tomas.delete(f"/api/v1/games/{game['id']}").status == 204
    assert tomas.game(game["id"])["status"] == "cancelled"


def test_people_see_where_they_are_signed_in_and_sign_out_there_or_everywhere(town, open_stream):
    desk, phone, old = (Visitor(town.url).sign_in(SABLE) for _ in range(3))
    streams = [open_stream(each) for each in (desk, phone, old)]
    listed = desk.get("/api/v1/account/sessions").json["sessions"]
    assert [each["is_current"] for each in listed].count(True) == 1
    others = {each["id"] for each in phone.get("/api/v1/account/sessions").json["sessions"] if each["is_current"]}
    assert desk.delete(f"/api/v1/account/sessions/{others.pop()}").status == 204
    assert streams[1].wait_end().control("bye").json["reason"] == "signed_out"
    assert phone.get("/api/v1/auth/user").status == 401
    assert not streams[0].ended.is_set() and not streams[2].ended.is_set()
    assert desk.delete("/api/v1/account/sessions").status == 204 and "tandem_session" not in desk.cookies
    for stream in (streams[0], streams[2]):
        assert stream.wait_end().control("bye").json["reason"] == "signed_out"
    assert old.get("/api/v1/auth/user").status == 401


def test_a_person_has_their_data_deleted(town, discord, open_stream):
    """Of somebody whom no server of the bot has as a member nothing is left but entries of the event log, which ends by itself."""
    discord.member(CEDAR, WREN, "add")
    wren, sable = Visitor(town.url).sign_in(WREN), Visitor(town.url).sign_in(SABLE)
    until(lambda: wren.get(f"/api/v1/guilds/{CEDAR}").status == 200, what="the membership being known")
    hosted = wren.create(CEDAR, CEDAR_GAMES, title="Wren hosts this")["id"]
    joined = sable.create(CEDAR, CEDAR_GAMES, title="Wren plays here")["id"]
    assert wren.join(joined, key="wren-joins").status == 200
    discord.wait_card(joined, lambda text: "Wren" in text)
    data = wren.get("/api/v1/account/data")
    assert data.headers["content-disposition"].startswith("attachment")
    assert data.json["account"]["id"] == WREN and [each["title"] for each in data.json["sign_ups"]] == ["Wren plays here"]
    assert [each["title"] for each in data.json["hosted_games"]] == ["Wren hosts this"]
    discord.member(CEDAR, WREN, "remove")
    stream = open_stream(wren)
    assert wren.delete("/api/v1/account/data").status == 204
    assert stream.wait_end().control("bye").json["reason"] == "signed_out"
    # On Discord and on the pages of others, too.
    discord.wait_card(joined, lambda text: "Wren" not in text.replace("Wren plays here", ""))
    discord.wait_card(hosted, lambda text: "Wren" not in text and "former host" in text)
    assert sable.game(joined)["participants"] == [] and sable.game(hosted)["status"] == "cancelled"
    with sqlite3.connect(f"file:{town.folder.path}/tandem.db?mode=ro", uri=True) as database:
        tables = [name for name, in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        left = {
            table for table in tables
            for row in database.execute(f'SELECT * FROM "{table}"')
            for value in row if WREN in str(value) or "wren" in str(value).lower() and value != "Wren plays here"
        }
    assert left <= {"store_events", "store_outbox"}, left
    # Who comes back begins anew.
    assert Visitor(town.url).sign_in(WREN).get("/api/v1/account/data").json["hosted_games"] == []
