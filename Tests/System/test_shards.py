"""Many guilds: the bot's shards are spread over processes, and move when one of them dies."""

import json
import threading
import time

import pytest

from Drill.leaders import leader_port, process_of
from Live.fleet import Fleet
from Live.process import measured
from Live.sandbox import Crowd, names
from Live.servers import PostgreSQL, Redis
from Live.waiting import until
from Live.web import Visitor

SHARDS = 3
CROWD = Crowd(30, 6)
ALL = [(number, SHARDS) for number in range(SHARDS)]


def shard(guild):
    return (int(guild) >> 22) % SHARDS


def lead(number):
    return f"bot/{number}" if number else "bot"


@pytest.fixture(scope="module")
def fleet():
    with PostgreSQL() as postgres, Redis() as redis:
        fleet = Fleet(
            "shards", postgres.url, redis.url, redis.url, hubs=0, bots=2, crowd=(CROWD.guilds, CROWD.members),
            TANDEM_SHARDS=SHARDS)
        with fleet:
            fleet.postgres = postgres
            until(lambda: fleet.discord.shards() == ALL, 60, "all shards being connected", every=0.1)
            until(
                lambda: int(postgres.sql("SELECT count(*) FROM guilds WHERE is_installed = 1 AND members_complete = 1")) == 32, 60,
                "all guilds being known", every=0.1)
            yield fleet


class Presser:
    """Joins and leaves a game by its buttons. What it has been told must be so at that moment."""

    def __init__(self, fleet, guild, game, person):
        self.fleet, self.guild, self.game, self.person = fleet, guild, game, person
        self.message = fleet.discord.card(game, guild=guild)["id"]
        self.is_in = False
        self.told, self.missed, self.failure = 0, 0, None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def is_known(self):
        return self.fleet.postgres.sql(
            f"SELECT count(*) FROM participants WHERE game_id = '{self.game}' AND user_id = {self.person}").strip() == "1"

    def run(self):
        try:
            while not self.stopping.is_set():
                self.press()
        except Exception as error:
            self.failure = error

    def press(self):
        what = "leave" if self.is_in else "join"
        done = self.fleet.discord.press(self.person, self.message, f"{what}_game_{self.game}", wait_ms=4000)
        words = [each["content"] for each in done["follow_ups"]]
        if not words or "try again" in words[0]:
            # Nobody was there, or died with it: whoever pressed sees that, and presses again.
            self.missed += 1
            return
        self.is_in = not self.is_in
        assert self.is_known() == self.is_in, f"told {words}, which is not so"
        self.told += 1
        self.stopping.wait(0.05)

    def stop(self):
        self.stopping.set()
        self.thread.join(20)
        assert not self.thread.is_alive() and not self.failure, self.failure


def game_in(fleet, number, title, crowd=CROWD):
    """A game that the owner of the crowd's guild of that number announces."""
    guild = crowd.guild(number)
    game = Visitor(fleet.url).sign_in(crowd.people(number)[0]).create(guild, crowd.channel(guild), title=title)
    return guild, game["id"]


def test_shards_of_a_process_that_is_killed_move_and_lose_neither_a_press_nor_a_message(fleet):
    discord, postgres = fleet.discord, fleet.postgres
    games = [game_in(fleet, number, f"On shard {number}") for number in range(SHARDS)]
    assert sorted(shard(guild) for guild, _ in games) == [0, 1, 2]
    pressers = [
        Presser(fleet, guild, game, person) for number, (guild, game) in enumerate(games)
        for person in CROWD.people(number)[1:3]]
    until(lambda: all(each.told >= 3 for each in pressers), 30, "everybody playing")
    holders = {number: process_of(leader_port(postgres, lead(number)), fleet.bots) for number in range(SHARDS)}
    assert None not in holders.values(), holders
    victim = max(fleet.bots, key=lambda each: list(holders.values()).count(each))
    moving = [number for number, holder in holders.items() if holder is victim]
    sessions = {each["session_id"] for each in discord.state("1")["sessions"] if each["connected"]}
    begun = time.monotonic()
    victim.kill()
    # Announced while nobody serves them.
    late = [game_in(fleet, number + SHARDS, f"Late on shard {number}") for number in moving]
    until(lambda: discord.shards() == ALL, 40, "the other process serving all shards", every=0.05)
    measured("shards of a killed process being connected again", time.monotonic() - begun)
    kept = {each["session_id"] for each in discord.state("1")["sessions"] if each["connected"]} & sessions
    assert len(kept) == SHARDS - len(moving), "the other shards stay connected"
    before = [each.told for each in pressers]
    until(lambda: all(each.told >= told + 3 for each, told in zip(pressers, before)), 40, "everybody playing on")
    for each in pressers:
        each.stop()
    for guild, game in late:
        discord.card(game, timeout=20, guild=guild)
    for guild, game in games:
        playing = sorted(f"Person {int(each.person) - 120_000_000_000_000_000}" for each in pressers if each.game == game and each.is_in)
        until(
            lambda: [sorted(names(card, "Players")) for card in discord.cards(game, guild)] == [playing], 20,
            f"one message that shows {playing}")
    victim.start()


def test_events_that_belong_to_no_guild_and_commands_are_the_first_shard_s(fleet):
    state = fleet.discord.state()
    assert [each["name"] for each in state["commands"]] == ["game"], "registered once"
    sessions = [each for each in state["sessions"] if each["connected"]]
    assert sorted(json.dumps(each["shard"]) for each in sessions) == [json.dumps(list(each)) for each in ALL]


def known(postgres):
    return int(postgres.sql("SELECT count(*) FROM guilds WHERE is_installed = 1"))


def test_all_processes_follow_when_discord_demands_more_shards_or_the_number_is_changed():
    crowd = Crowd(2600, 2)
    with PostgreSQL() as postgres:
        fleet = Fleet("more-shards", postgres.url, hubs=0, bots=2, crowd=(crowd.guilds, crowd.members))
        discord = fleet.discord
        try:
            fleet.sandbox.start()
            fleet.apis[0].start()
            # The bot was in few guilds when that was decided, and Discord takes too long to say that there are more.
            postgres.sql("INSERT INTO bot_shards (bot, shards) VALUES (1, 1)")
            discord.faults(latency_ms=4000)
            for each in fleet.bots:
                each.spawn()

            def decided():
                return int(postgres.sql("SELECT shards FROM bot_shards"))

            until(lambda: decided() > 1, 60, "one session being refused (4011)", every=0.1)
            discord.faults(latency_ms=0)

            def served_by(count):
                until(
                    lambda: discord.shards() == [(number, count) for number in range(count)], 90,
                    f"all {count} shards being connected", every=0.1)
                until(lambda: known(postgres) == 2602, 60, "all guilds being known", every=0.1)
                assert all(process_of(leader_port(postgres, lead(number)), fleet.bots) for number in range(count))

            served_by(decided())
            guild, game = game_in(fleet, 7, "Moved", crowd)
            person = crowd.people(7)[1]

            def press(what):
                # A shard that has just moved may still have thousands of guilds before this one.
                message = discord.card(game, timeout=30, guild=guild)["id"]
                done = discord.press(person, message, f"{what}_game_{game}", wait_ms=4000)
                assert done["status"] == "answered" and done["follow_ups"], done

            press("join")
            # As a process with another `TANDEM_SHARDS` does.
            before = decided()
            postgres.sql(f"UPDATE bot_shards SET shards = {before + 1}")
            served_by(before + 1)
            press("leave")
            until(
                lambda: [names(card, "Players") for card in discord.cards(game, guild)] == [[]], 20,
                "one message that shows nobody")
        finally:
            fleet.close()
