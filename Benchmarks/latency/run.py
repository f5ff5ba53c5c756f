#!/usr/bin/env python3
"""How long a join on Discord takes to browsers' streams on another process, on PostgreSQL, RabbitMQ and Redis.

`run.py [--presses 100] [--streams 100] [--rate 100] [--bus rabbit|redis|database]`: presses Join and Leave in the sandbox, one after
the other, while another program publishes `rate` events a second that every stream receives. Prints p50, p95 and p99 over all
presses and streams, from the moment at which the button is pressed to the moment at which a client reads the event. Ends with 1
when p95 is above 300 ms.
"""

import argparse
import json
import multiprocessing
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests"))

from Drill.clients import Watcher, Watchers
from Drill.history import read_members
from Drill.transports import EventStream, Socket
from Live.fleet import Fleet
from Live.process import executable
from Live.publisher import publish
from Live.servers import PostgreSQL, RabbitMQ, Redis
from Live.waiting import until
from Live.web import JUNO, LANTERN, MIRA, TOMAS, Visitor

TARGET = 300


def background(url, rate, stopping, counter):
    """`rate` events a second, each at its own time; what couldn't be sent in time is sent late."""
    begun, sent = time.monotonic(), 0
    while not stopping.is_set():
        publish(url, f"guild/{LANTERN}", "note", {"type": "note", "game_id": str(sent)})
        sent += 1
        counter.value = sent
        time.sleep(max(0, begun + sent / rate - time.monotonic()))


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def measure(fleet, postgres, arguments):
    discord = fleet.discord
    # One alone may not press as often.
    people = discord.people(LANTERN, [f"Guest {number}" for number in range(10)])
    until(lambda: len(read_members(postgres)[1]) >= 5 + len(people), 20, "the members being known")
    visitors = [Visitor(fleet.url).sign_in(user) for user in (MIRA, TOMAS, JUNO)]
    game = visitors[0].create(title="Timed")["id"]
    message = discord.card(game)["id"]
    ports = [hub.port for hub in fleet.hubs]
    streams = [
        Watcher(
            f"stream {index}", f"user/{visitors[index % 3].user}", visitors[index % 3].cookie, [ports[index % len(ports)]],
            (EventStream, Socket)[index // 2 % 2])
        for index in range(arguments.streams)]
    watchers = Watchers(streams).start()
    until(lambda: all(each.cursor for each in streams), 30, "every stream being ready")
    stopping, counters, publishers = multiprocessing.Event(), [], []
    for _ in range(2):
        counters.append(multiprocessing.Value("q", 0))
        publishers.append(multiprocessing.Process(
            target=background, args=(fleet.url, arguments.rate / 2, stopping, counters[-1]), daemon=True))
        publishers[-1].start()
    until(lambda: all(counter.value > 50 for counter in counters), 30, "the publishers being under way")
    before = [sum(1 for frame in each.history.received if game in frame.data) for each in streams]
    sent, begun, pressed = sum(counter.value for counter in counters), time.time(), []
    for number in range(arguments.presses):
        pressed.append(time.time())
        done = discord.press(people[number // 2 % len(people)], message, f"{'leave' if number % 2 else 'join'}_game_{game}")
        assert done["status"] == "answered", done
        time.sleep(max(0, pressed[-1] + 0.15 - time.time()))
    rate = (sum(counter.value for counter in counters) - sent) / (time.time() - begun)

    def arrivals(index):
        return [frame.at for frame in list(streams[index].history.received) if game in frame.data][before[index]:]

    until(lambda: all(len(arrivals(index)) >= arguments.presses for index in range(len(streams))), 30, "every event", every=0.5)
    stopping.set()
    for publisher in publishers:
        publisher.join(10)
    watchers.stop()
    delays = sorted(
        (at - press) * 1000 for index in range(len(streams)) for at, press in zip(arrivals(index), pressed))
    return delays, rate


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=100)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--bus", choices=["rabbit", "redis", "database"], default="rabbit")
    arguments = parser.parse_args()
    executable()
    with PostgreSQL() as postgres, Redis() as redis, RabbitMQ() as rabbit:
        bus = {"rabbit": rabbit.url, "redis": redis.url, "database": None}[arguments.bus]
        with Fleet("latency", postgres.url, bus, redis.url, hubs=2, TANDEM_LOG_LEVEL="warning") as fleet:
            delays, rate = measure(fleet, postgres, arguments)
    shares = {f"p{share}": round(percentile(delays, share / 100), 1) for share in (50, 95, 99)}
    print(
        f"join on Discord to stream on another process: p50 {shares['p50']} ms, p95 {shares['p95']} ms, p99 {shares['p99']} ms "
        f"(of {len(delays)}: {arguments.presses} presses, {arguments.streams} streams on 2 hubs, {rate:.0f} events/s beside them, "
        f"bus: {arguments.bus}); target: p95 < {TARGET} ms")
    result = {"bus": arguments.bus, "streams": arguments.streams, "rate": round(rate), "presses": arguments.presses, **shares}
    print(json.dumps(result))
    return 0 if shares["p95"] < TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
