#!/usr/bin/env python3
"""A bot in thousands of guilds: how long from a cold start until all are recorded, and how long people wait who press a button meanwhile.

`run.py [--guilds 5000] [--members 20] [--shards 3] [--bots 1] [--rate 20] [--move] [--restart] [--list 10000]`: on PostgreSQL whose commits
are flushed, with one api process; `--bots` processes share the shards. The sandbox lets one shard identify every 5 s, as Discord does. A press
counts from the button to Discord's receipt of the acknowledgement, which must come within 3 s, and to the words that the person reads.
`--move` starts another process that stands by, kills one with SIGKILL, and measures until the others serve its shards; people press in a
guild whose shard moves, so what is pressed until then fails. `--restart` kills all and starts them once more with everything known. Then a
guild of `--list` members is read, while another program publishes: what it waits for is what the import makes others wait. 0 leaves that out.
"""

import argparse
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import rig  # Makes the folder of the tests' modules known.
from Drill.leaders import leader_port, process_of
from Live.fleet import Fleet
from Live.publisher import publish
from Live.waiting import until
from Live.web import LANTERN, MIRA, Visitor

PRESSERS = 60


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None


def memory(process, field="VmRSS"):
    for line in open(f"/proc/{process.process.pid}/status"):
        if line.startswith(field + ":"):
            return int(line.split()[1]) // 1024
    return None


class Presses:
    """People who join and leave a game, `rate` of them a second in all, each from a thread of its own."""

    def __init__(self, fleet, people, game, rate, threads=8):
        self.fleet, self.people, self.game = fleet, people, game
        self.message = fleet.discord.card(game, timeout=60)["id"]
        # Milliseconds until the acknowledgement and until the answer, and when that was; when those were pressed that failed.
        self.done, self.failed = [], []
        self.stopping = threading.Event()
        self.pause = threads / rate
        self.threads = [threading.Thread(target=self.run, args=(number, threads), daemon=True) for number in range(threads)]
        for each in self.threads:
            each.start()

    def run(self, number, step):
        mine, turn = self.people[number::step], 0
        while not self.stopping.is_set():
            begun = time.monotonic()
            what = "join" if turn // len(mine) % 2 == 0 else "leave"
            done = self.fleet.discord.press(
                mine[turn % len(mine)], self.message, f"{what}_game_{self.game}", wait_ms=10_000)
            if done["status"] == "answered" and done["follow_ups"]:
                self.done.append((done["elapsed_ms"], (time.monotonic() - begun) * 1000, begun))
            else:
                self.failed.append(begun)
            turn += 1
            self.stopping.wait(max(0, begun + self.pause - time.monotonic()))

    def stop(self):
        self.stopping.set()
        for each in self.threads:
            each.join(30)
        acknowledged, read = sorted(each[0] for each in self.done), sorted(round(each[1], 1) for each in self.done)
        return {
            "presses": len(self.done), "failed": len(self.failed),
            "acknowledged_p50_ms": percentile(acknowledged, 0.5), "acknowledged_p99_ms": percentile(acknowledged, 0.99),
            "acknowledged_max_ms": percentile(acknowledged, 1),
            "answered_p50_ms": percentile(read, 0.5), "answered_p99_ms": percentile(read, 0.99),
        }


def count(postgres, condition):
    return int(postgres.sql(f"SELECT count(*) FROM guilds WHERE is_installed = 1 AND {condition}"))


def reported(since):
    """Whether a session vouches for a guild that is alive since then, or will once the member list is complete."""
    return (
        "id IN (SELECT id FROM guilds g JOIN gateway_sessions s ON s.session IN (g.gateway_session, g.next_session) "
        f"WHERE s.confirmed_at > {since})")


def described(fleet, arguments):
    return {"guilds": arguments.guilds + 2, "members": arguments.members, "shards": arguments.shards, "bots": arguments.bots}


def memories(fleet):
    """Of the largest bot process, now and at its peak, and of the sandbox, in MB."""
    bots = [each for each in fleet.bots if each.is_running]
    return {
        "bot_mb": max(map(memory, bots)), "bot_peak_mb": max(memory(each, "VmHWM") for each in bots), "sandbox_mb": memory(fleet.sandbox),
    }


def start(fleet, postgres, people, arguments, label):
    """Starts the bots and waits until they have recorded all guilds that their sessions report."""
    total = arguments.guilds + 2
    begun = time.monotonic()
    for each in fleet.bots[:arguments.bots]:
        each.spawn()
    limit = 120 + arguments.shards * 6 + total / 50
    until(lambda: count(postgres, f"id = {LANTERN}"), limit, "the first guild being known", every=0.05)
    visitor = Visitor(fleet.url).sign_in(MIRA)
    game = visitor.create(LANTERN, title="Meanwhile", max_players=50)["id"]
    # Before their shard is connected nobody can answer.
    home = (int(LANTERN) >> 22) % arguments.shards
    until(
        lambda: any(each["connected"] and (each["shard"] or [0])[0] == home for each in fleet.discord.state("1")["sessions"]), limit,
        "the first guild's shard being connected", every=0.05)
    first = time.monotonic() - begun
    presses = Presses(fleet, people, game, arguments.rate)
    since = int((time.time() - (time.monotonic() - begun)) * 1000)
    until(lambda: len(fleet.discord.shards()) == arguments.shards, limit, "all shards being connected", every=0.5)
    connected = time.monotonic() - begun
    until(lambda: count(postgres, reported(since)) == total, limit, "all guilds being recorded", every=0.5)
    recorded = time.monotonic() - begun
    result = {
        "label": label, **described(fleet, arguments),
        "first_press_possible_s": round(first, 1), "connected_s": round(connected, 1), "recorded_s": round(recorded, 1),
        **presses.stop(),
        "lists_complete": count(postgres, "members_complete = 1"), **memories(fleet),
    }
    rig.emit(result)
    print(
        f"{label}: {total} guilds over {arguments.shards} shards in {arguments.bots} process(es): all connected after {result['connected_s']} s, "
        f"recorded after {result['recorded_s']} s; {result['presses']} presses meanwhile, acknowledged p50 {result['acknowledged_p50_ms']} ms, "
        f"p99 {result['acknowledged_p99_ms']} ms, at most {result['acknowledged_max_ms']} ms, answered p99 {result['answered_p99_ms']} ms, "
        f"{result['failed']} failed; bot {result['bot_mb']} MB (peak {result['bot_peak_mb']})", flush=True)
    return result["failed"] == 0 and (result["acknowledged_max_ms"] or 0) < 3000


def move(fleet, postgres, people, arguments, label):
    """Kills the process that serves the first guild while another stands by, and waits until its guilds are recorded again."""
    fleet.bots[-1].start()
    game = Visitor(fleet.url).sign_in(MIRA).create(LANTERN, title="Moving", max_players=50)["id"]
    presses = Presses(fleet, people, game, arguments.rate)
    holders = [
        process_of(leader_port(postgres, f"bot/{number}" if number else "bot"), fleet.bots) for number in range(arguments.shards)]
    victim = holders[(int(LANTERN) >> 22) % arguments.shards]
    moving = [str(number) for number, holder in enumerate(holders) if holder is victim]
    until(lambda: presses.done, 30, "somebody pressing")
    since, begun, limit = int(time.time() * 1000), time.monotonic(), 60 + arguments.shards * 6
    victim.kill()
    until(lambda: len(fleet.discord.shards()) < arguments.shards, limit, "the shards being left", every=0.01)
    until(lambda: len(fleet.discord.shards()) == arguments.shards, limit, "all shards being connected", every=0.1)
    connected = time.monotonic() - begun
    mine = f"(id >> 22) % {arguments.shards} IN ({','.join(moving)})"
    total = count(postgres, mine)
    until(lambda: count(postgres, f"{mine} AND {reported(since)}") == total, limit, "all guilds being recorded", every=0.1)
    recorded = time.monotonic() - begun
    time.sleep(2)
    pressed = presses.stop()
    after = [each for each in presses.done if each[2] > begun]
    first = min((each[2] + each[1] / 1000 for each in after), default=None)
    result = {
        "label": label, **described(fleet, arguments), "moved_shards": len(moving), "moved_guilds": total,
        "connected_s": round(connected, 1), "recorded_s": round(recorded, 1),
        "first_answer_s": first and round(first - begun, 1), **pressed,
        "failed_afterwards": len([each for each in presses.failed if each > begun + connected]), **memories(fleet),
    }
    rig.emit(result)
    print(
        f"{label}: {result['moved_shards']} of {arguments.shards} shards with {total} guilds moved: the first press "
        f"answered after {result['first_answer_s']} s, all connected after {result['connected_s']} s, recorded after {result['recorded_s']} s; "
        f"{result['failed']} presses failed, {result['failed_afterwards']} of them after that; bot {result['bot_mb']} MB", flush=True)
    return bool(after) and result["failed_afterwards"] == 0


def guilds(arguments):
    with rig.DurablePostgreSQL() as postgres:
        fleet = Fleet(
            "bench-guilds", postgres.url, apis=1, hubs=0, bots=arguments.bots + arguments.move, crowd=(arguments.guilds, arguments.members),
            TANDEM_SHARDS=arguments.shards, TANDEM_LOG_LEVEL="warning")
        try:
            fleet.sandbox.spawn()
            until(fleet.sandbox.is_ready, 300, "the sandbox being ready", every=0.2)
            fleet.apis[0].start()
            people = fleet.discord.people(LANTERN, [f"Guest {number}" for number in range(PRESSERS)])
            rig.quiet()
            good = start(fleet, postgres, people, arguments, f"guilds/{arguments.guilds}")
            if arguments.move:
                good = move(fleet, postgres, people, arguments, f"guilds/{arguments.guilds}/move") and good
            if arguments.restart:
                for each in fleet.bots:
                    each.kill()
                good = start(fleet, postgres, people, arguments, f"guilds/{arguments.guilds}/restart") and good
            return good
        finally:
            fleet.close()


def member_list(arguments):
    """A guild whose members are imported while another program publishes."""
    with rig.DurablePostgreSQL() as postgres:
        fleet = Fleet(
            "bench-list", postgres.url, apis=1, hubs=0, bots=1, crowd=(1, arguments.list), TANDEM_SHARDS=1, TANDEM_LOG_LEVEL="warning")
        try:
            fleet.sandbox.start()
            fleet.apis[0].start()
            waits, stopping = {True: [], False: []}, threading.Event()
            importing = threading.Event()

            def write():
                while not stopping.is_set():
                    begun = time.monotonic()
                    during = importing.is_set()
                    publish(fleet.url, f"guild/{LANTERN}", "note", {"type": "note", "game_id": "1"})
                    waits[during].append((time.monotonic() - begun) * 1000)
                    time.sleep(0.002)

            writer = threading.Thread(target=write, daemon=True)
            writer.start()
            time.sleep(3)
            importing.set()
            fleet.bots[0].spawn()

            def known():
                return int(postgres.sql("SELECT count(*) FROM members"))

            until(lambda: known() > 10, 60, "the first members", every=0.02)
            begun = time.monotonic()
            until(lambda: known() >= arguments.list, 120, "all members", every=0.02)
            until(lambda: count(postgres, "members_complete = 1") == 3, 30, "the list being complete", every=0.02)
            took = time.monotonic() - begun
            importing.clear()
            time.sleep(0.1)
            stopping.set()
            writer.join(10)
            before, during = sorted(waits[False]), sorted(waits[True])
            result = rig.emit({
                "label": f"guilds/list/{arguments.list}", "members": arguments.list, "import_s": round(took, 2),
                "publish_p50_ms": [round(percentile(each, 0.5), 1) for each in (before, during)],
                "publish_p99_ms": [round(percentile(each, 0.99), 1) for each in (before, during)],
                "publish_max_ms": [round(percentile(each, 1), 1) for each in (before, during)],
            })
            print(
                f"guilds/list: {arguments.list} members imported in {result['import_s']} s; publishes beside it p99 {result['publish_p99_ms'][1]} ms, "
                f"at most {result['publish_max_ms'][1]} ms (before: p99 {result['publish_p99_ms'][0]} ms, at most {result['publish_max_ms'][0]} ms)",
                flush=True)
            return took < 3
        finally:
            fleet.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--guilds", type=int, default=5000)
    parser.add_argument("--members", type=int, default=20)
    parser.add_argument("--shards", type=int, default=None)
    parser.add_argument("--bots", type=int, default=1)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--move", action="store_true")
    parser.add_argument("--restart", action="store_true")
    parser.add_argument("--list", type=int, default=10_000)
    arguments = parser.parse_args()
    # At most 2500 guilds a shard, and a few more shards than are needed.
    arguments.shards = arguments.shards or max(1, -(-(arguments.guilds + 2) // 2000))
    good = guilds(arguments)
    if arguments.list:
        good = member_list(arguments) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
