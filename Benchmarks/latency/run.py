#!/usr/bin/env python3
"""How long a join on Discord takes to browsers' streams on another process, on PostgreSQL, RabbitMQ and Redis.

`run.py [--presses 100] [--streams 100] [--rate 100,1000] [--bus rabbit|redis|database]`: presses Join and Leave in the sandbox, one
after the other, while another program publishes `rate` events a second that every stream receives. Prints p50, p95 and p99 over all
presses and streams, from the moment at which the button is pressed to the moment at which a client reads the event. Half of the
streams are event streams, half WebSockets. The database doesn't flush to the disk here: what is measured is the way, not the disk.
Ends with 1 when p95 is above 300 ms.
"""

import argparse
import base64
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import rig
from Drill.history import read_members
from Live.fleet import Fleet
from Live.servers import PostgreSQL, RabbitMQ, Redis
from Live.waiting import until
from Live.web import JUNO, LANTERN, MIRA, TOMAS, Visitor

TARGET = 300
# Publishing is signed in advance, and a signature is good for a minute.
LONGEST = 250


class Background:
    """`rate` events a second that every stream receives, until the block ends; `achieved` says how many there were."""

    def __init__(self, port, rate, seconds):
        self.rate, self.achieved = rate, 0
        self.file = rig.framed(rig.publishes(int(rate * seconds), topic=f"guild/{LANTERN}"))
        self.process = subprocess.Popen(
            [rig.program("load"), "--requests", self.file, "--ports", str(port), "--conns", "32", "--rate", str(rate), "--once",
             "--secs", str(seconds)], stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        result = self.process.communicate(timeout=40)[0]
        pathlib.Path(self.file).unlink()
        self.achieved = json.loads(result)["per_s"]


def stream(visitor, index, port):
    """The request for a stream, as an event stream or as a WebSocket."""
    headers = {"Cookie": visitor.cookie, "Accept": "text/event-stream"}
    if index // 2 % 2:
        headers = {
            "Cookie": visitor.cookie, "Origin": visitor.url, "Connection": "Upgrade", "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode()}
    return rig.request("GET", "/api/v1/stream", headers, port=port)


def read_arrivals(path, streams):
    """The times of the events by stream, in seconds since 1970."""
    data, times = path.read_bytes(), [[] for _ in range(streams)]
    for at in range(0, len(data) // 12 * 12, 12):
        times[int.from_bytes(data[at:at + 4], "little")].append(int.from_bytes(data[at + 4:at + 12], "little") / 1e9)
    return times


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
    requests = [stream(visitors[index % 3], index, ports[index % len(ports)]) for index in range(arguments.streams)]
    for rate in map(float, arguments.rate.split(",")):
        with rig.folder() as folder:
            arrivals = folder / "arrivals"
            with rig.Viewers(requests, ports, game, arrivals=arrivals) as watching:
                watching.ready()
                with Background(fleet.apis[0].port, rate, arguments.presses * 0.2 + 10) as background:
                    time.sleep(2)
                    pressed = press(discord, game, message, people, arguments.presses)
                    until(
                        lambda: arrivals.stat().st_size >= 12 * arguments.streams * arguments.presses, 30, "every event", every=0.5)
            times = read_arrivals(arrivals, arguments.streams)
        yield background, sorted((at - press) * 1000 for each in times for at, press in zip(each, pressed))


def press(discord, game, message, people, presses):
    """Returns when each button was pressed."""
    pressed = []
    for number in range(presses):
        pressed.append(time.time())
        done = discord.press(people[number // 2 % len(people)], message, f"{'leave' if number % 2 else 'join'}_game_{game}")
        assert done["status"] == "answered", done
        time.sleep(max(0, pressed[-1] + 0.15 - time.time()))
    return pressed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=100)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--rate", default="100,1000")
    parser.add_argument("--bus", choices=["rabbit", "redis", "database"], default="rabbit")
    arguments = parser.parse_args()
    assert arguments.presses <= LONGEST, f"at most {LONGEST} presses"
    late, rows = False, []
    with PostgreSQL() as postgres, Redis() as redis, RabbitMQ() as rabbit:
        bus = {"rabbit": rabbit.url, "redis": redis.url, "database": None}[arguments.bus]
        with Fleet("latency", postgres.url, bus, redis.url, hubs=2, TANDEM_LOG_LEVEL="warning") as fleet:
            for background, delays in measure(fleet, postgres, arguments):
                shares = {f"p{share}": round(percentile(delays, share / 100), 1) for share in (50, 95, 99)}
                rig.emit({
                    "label": f"latency/{arguments.bus}/{background.rate:.0f}", "bus": arguments.bus, "streams": arguments.streams,
                    "rate": round(background.achieved), "presses": arguments.presses, "arrivals": len(delays), **shares})
                rows.append([f"{arguments.bus}, {background.rate:.0f} events/s ({background.achieved:.0f} achieved)", *(
                    f"{value} ms" for value in shares.values())])
                late = late or shares["p95"] >= TARGET
    rig.table(["join on Discord to stream on another process", "p50", "p95", "p99"], rows)
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
