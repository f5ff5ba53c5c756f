"""A leading bot that is paused, replaced, and goes on with what it had read before."""

import signal
import threading
import time

from Drill.leaders import leader_port, process_of
from Live.fleet import Fleet
from Live.sandbox import Crowd, names
from Live.servers import PostgreSQL
from Live.waiting import until
from Live.web import Visitor

CROWD = Crowd(8, 4)


def test_what_a_paused_leader_writes_late_does_not_stay():
    with PostgreSQL() as postgres, Fleet(
            "paused", postgres.url, hubs=0, bots=2, crowd=(CROWD.guilds, CROWD.members)) as fleet:
        discord = fleet.discord
        hosts = [Visitor(fleet.url).sign_in(CROWD.people(number)[0]) for number in range(CROWD.guilds)]
        others = [Visitor(fleet.url).sign_in(CROWD.people(number)[1]) for number in range(CROWD.guilds)]
        guilds = [CROWD.guild(number) for number in range(CROWD.guilds)]
        games = [host.create(guild, CROWD.channel(guild))["id"] for host, guild in zip(hosts, guilds)]
        for game, guild in zip(games, guilds):
            discord.card(game, timeout=30, guild=guild)

        def all_at_once(change):
            threads = [threading.Thread(target=change, args=(number,)) for number in range(CROWD.guilds)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)

        def is_right(number):
            playing = sorted(each["display_name"] for each in hosts[number].game(games[number])["participants"])
            cards = discord.cards(games[number], guilds[number])
            return len(cards) == 1 and sorted(names(cards[0], "Players")) == playing

        def wait_until_right(timeout, what):
            until(lambda: all(is_right(number) for number in range(CROWD.guilds)), timeout, what, every=0.2)

        wait_until_right(30, "all messages being right")
        for round in range(3):
            port = until(lambda: leader_port(postgres, "bot"), 30, "a leader")
            leader = until(lambda: process_of(port, fleet.bots), 30, "the process that leads")
            # It is stopped while it edits the messages of this change.
            discord.faults(latency_ms=300)
            all_at_once(lambda number: hosts[number].join(games[number]))
            leader.process.send_signal(signal.SIGSTOP)
            try:
                # The database has given it up, too: the other one leads.
                postgres.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = {port}")
                until(lambda: leader_port(postgres, "bot") not in (None, port), 40, "the other one leading")
                discord.faults(reset=True)
                all_at_once(lambda number: (hosts[number].leave(games[number]), others[number].join(games[number])))
                wait_until_right(60, f"the new leader's messages being right (round {round})")
            finally:
                leader.process.send_signal(signal.SIGCONT)
            # Nothing changes any more: whatever it still sends, the messages end up right.
            until(leader.is_ready, 30, "the paused process going on")
            since = None

            def stays_right():
                nonlocal since
                if not all(is_right(number) for number in range(CROWD.guilds)):
                    since = None
                    return False
                since = since or time.monotonic()
                return time.monotonic() - since > 3

            until(stays_right, 60, f"all messages being right, and staying so (round {round})", every=0.2)
            all_at_once(lambda number: others[number].leave(games[number]))
            wait_until_right(30, "everybody having left")
