"""Discord's gateway is silent for longer than its reports are trusted: memberships and roles are asked for instead."""

from Live.waiting import until
from Live.web import JUNO, KEEPERS, LANTERN, LANTERN_GAMES, LANTERN_KEEPERS, MIRA, TOMAS, Visitor

BOT = "1100000000000000001"
FLEET = {"hubs": 0, "TANDEM_LOG_LEVEL": "info"}


def pass_time(database):
    """Ages all confirmations by 400 s, so that members may be asked for again."""
    for table, column in [
        ("guilds", "confirmed_at"), ("gateway_sessions", "confirmed_at"), ("members", "last_confirmed"),
        ("members", "roles_confirmed"), ("users", "guilds_asked_at"),
    ]:
        database.sql(f"UPDATE {table} SET {column} = {column} - 400000")


def channels(visitor):
    return {each["id"] for each in visitor.get(f"/api/v1/guilds/{LANTERN}/channels").json["channels"]}


def test_a_role_that_is_lost_in_the_silence_closes_its_channels(fleet, database):
    discord, bot = fleet.discord, fleet.bots[0]
    juno, tomas, mira = (Visitor(fleet.url).sign_in(user) for user in (JUNO, TOMAS, MIRA))
    # The bot posts among the keepers; Juno is one of them, and so is Tomas from now on.
    for user in (BOT, TOMAS):
        discord.post("roles", guild_id=LANTERN, user_id=user, role_id=KEEPERS, action="add")
    until(lambda: all(LANTERN_KEEPERS in channels(each) for each in (juno, tomas, mira)), 20, "the channel being offered")
    game = mira.create(LANTERN, LANTERN_KEEPERS, "Behind the door")["id"]
    discord.card(game)
    bot.kill()
    until(lambda: not discord.is_connected(), 20, "the bot being gone")
    discord.post("roles", guild_id=LANTERN, user_id=JUNO, role_id=KEEPERS, action="remove")
    discord.timeout(LANTERN, TOMAS, 3600)
    # Until the gateway's report is too old it counts, right or wrong.
    assert juno.get(f"/api/v1/games/{game}").status == 200
    pass_time(database)
    refused = juno.get(f"/api/v1/games/{game}")
    assert (refused.status, refused.code) == (404, "game_not_found"), refused
    assert LANTERN_KEEPERS not in channels(juno) and LANTERN_GAMES in channels(juno)
    # A member who still has the role still sees it, and other changes count as well.
    assert tomas.game(game)["id"] == game and mira.game(game)["id"] == game
    late = tomas.join(game)
    assert (late.status, late.code) == (403, "member_timed_out"), late
    # Without anybody's consent the bot's own questions are enough.
    database.sql("UPDATE sessions SET discord_tokens = NULL")
    pass_time(database)
    assert tomas.game(game)["id"] == game
    discord.member(LANTERN, JUNO, "remove")
    pass_time(database)
    assert juno.get(f"/api/v1/guilds/{LANTERN}").status == 404
    # When Discord doesn't answer at all, nobody is let in and nobody forgotten.
    discord.faults(server_errors={"count": 1000, "status": 503})
    pass_time(database)
    for _ in range(2):
        unknown = tomas.get(f"/api/v1/games/{game}")
        assert (unknown.status, unknown.code) == (503, "membership_unknown"), unknown
    discord.faults(reset=True)
    bot.start()
    until(lambda: tomas.get(f"/api/v1/games/{game}").status == 200, 60, "the gateway's reports counting again")
    assert mira.game(game)["id"] == game
