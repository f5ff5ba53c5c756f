#!/usr/bin/env python3
"""Everybody comes back after the server was killed: how long until all streams are live and caught up, and what it costs the server.

`run.py [--clients 10000] [--behind 60000] [--events 60] [--spread 3] [--rate N]`: so many people follow everything of theirs, each
on one stream. The process with their streams is killed with SIGKILL. Meanwhile another one commits the events that they will be
behind, most of them on topics that nobody of them follows. Then the process is started again, and the clients come back within
`--spread` seconds, each with its last cursor, and do what they are told when they are refused. On PostgreSQL, which flushes each
commit; the client has a CPU of its own.
"""

import argparse
import contextlib
import hmac
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import rig
from Live.process import PUBLISH_SECRET, Process, free_port
from Live.waiting import until
from Live.web import LANTERN


def events(topic, count):
    """So many signed requests to publish one, to be sent within a minute."""
    now, made = str(int(time.time())), []
    for number in range(count):
        body = json.dumps({"topic": topic(number), "kind": "note", "payload": {"type": "note", "game_id": str(number)}}).encode()
        proof = hmac.digest(PUBLISH_SECRET.encode(), now.encode() + b"." + body, "sha256").hex()
        made.append(rig.request("POST", "/internal/v1/events", {
            "Content-Type": "application/json", "X-Tandem-Timestamp": now, "X-Tandem-Signature": f"sha256={proof}"}, body))
    return made


def publish(port, behind, own):
    """`behind` events of which `own` are of the guild, evenly among the others."""
    every, done = max(1, behind // own), 0
    while done < behind:
        count, first = min(5000, behind - done), done
        requests = events(lambda number: f"guild/{LANTERN}" if (first + number) % every == every - 1 else f"guild/{number % 1000 + 1}", count)
        rig.answers(requests, port, conns=64, expected=202)
        done += count
    return behind // every


class Clients:
    """The program with all streams."""

    def __init__(self, requests, port, spread):
        self.file = rig.framed(requests)
        command = [rig.program("resume"), "--requests", self.file, "--port", str(port), "--spread", str(spread)]
        with rig.on_cpu(1):
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait()
        os.unlink(self.file)


def measure(arguments):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(rig.DurablePostgreSQL())
        community = stack.enter_context(rig.Community("resume", arguments.clients, TANDEM_DATABASE_URL=postgres.url))

        rate = {} if arguments.rate is None else {"TANDEM_STREAM_RATE": arguments.rate}

        def process(name, port, **settings):
            return Process(f"bench-resume-{name}", "serve", ready=f"http://127.0.0.1:{port}/readyz",
                           **{**community.settings, "TANDEM_PORT": port, **settings})

        writing_port = free_port()
        writer = process("writer", writing_port, TANDEM_ROLES="api")
        streams = process("streams", community.port, TANDEM_ROLES="hub", TANDEM_LOOPS=1, **rate)
        try:
            for each in (writer, streams):
                each.start()
            requests = [
                rig.request("GET", "/api/v1/stream", {"Cookie": cookie, "Accept": "text/event-stream"}, port=community.port)
                for cookie in community.cookies]
            with Clients(requests, community.port, arguments.spread) as clients:
                answer = clients.ask("open")
                assert answer == "live", answer
                # One event that all have, so that each has a cursor of its own connection.
                publish(writing_port, 1, 1)
                time.sleep(2)
                streams.kill()
                assert clients.ask("lost") == "lost"
                own = publish(writing_port, arguments.behind, arguments.events)
                rig.quiet()
                begun = time.monotonic()
                with rig.on_cpu(0):
                    streams.start()
                started = time.monotonic() - begun
                result = json.loads(clients.ask(f"go {streams.process.pid} {own}"))
        finally:
            for each in (writer, streams):
                if each.is_running:
                    each.kill()
        assert not result["missing"] and not result["extra"], result
        return rig.emit({"label": "resume", "behind": arguments.behind, "restart_s": round(started, 2), **result})


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--clients", type=int, default=10_000)
parser.add_argument("--behind", type=int, default=60_000)
parser.add_argument("--events", type=int, default=60, help="how many of them each client is sent")
parser.add_argument("--spread", type=float, default=3)
parser.add_argument("--rate", type=int, help="TANDEM_STREAM_RATE, if not the program's own")
found = measure(parser.parse_args())
print(
    f"{rig.figure(found['clients'])} clients, {rig.figure(found['behind'])} events behind: all live after {found['all_live_s']} s, all caught up "
    f"after {found['all_caught_up_s']} s (half of them after {found['p50_s']} s); {rig.figure(found['cpu_us_per_client'])} µs of the server's "
    f"CPU a client; {found['refused']} times told to come later, {found['resets']} resets")
