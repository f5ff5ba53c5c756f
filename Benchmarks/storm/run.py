#!/usr/bin/env python3
"""What one change costs when thousands of people watch: from the change until every viewer shows the new state.

`run.py [--viewers 1000,10000] [--rounds 10] [--processes 1] [--what game|list]`: every viewer has signed in, holds a stream and does what
the page does. When the event of a change comes, it waits for a random time that grows with how many watch, as the server says, reads the
game (or the list of 20 games) again, with the stream's cursor, and is done when the response has the new state. The change is an edit of
the title. The figure is the CPU of all server processes, the database apart, per viewer. `TANDEM_BEFORE=<path>` measures another build
in the same run.

The servers are on CPU 0 (`SERVER_CPU`), with one loop each; viewers and PostgreSQL on CPU 1 (`CLIENT_CPU`).
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import rig
from Live.servers import PostgreSQL
from Live.web import LANTERN, metric

SERVER_CPU, CLIENT_CPU = int(os.environ.get("SERVER_CPU", 0)), int(os.environ.get("CLIENT_CPU", 1))
GAMES = 20


def measure(name, viewers, arguments):
    with rig.on_cpu(CLIENT_CPU):
        # What it costs the database isn't measured.
        postgres = PostgreSQL().start()
    try:
        with rig.Community("storm", viewers, TANDEM_DATABASE_URL=postgres.url) as community:
            with community.serve(arguments.processes, cpu=SERVER_CPU, TANDEM_LOOPS=1) as served:
                return rounds(name, viewers, community, served, arguments)
    finally:
        postgres.close()


def rounds(name, viewers, community, served, arguments):
    game = community.create(GAMES)[0]
    version = json.loads(community.get(0, f"/api/v1/games/{game}").body)["version"]
    path = f"/api/v1/games/{game}" if arguments.what == "game" else f"/api/v1/games?limit=20&status=scheduled&guild_id={LANTERN}"

    def requests(path, **more):
        return [request_of(cookie, path, community.port, **more) for cookie in community.cookies]

    def asked():
        """How often the database was asked for something that can be remembered."""
        return sum(metric(f"http://127.0.0.1:{port}", "tandem_reads_total", 'from="database"') for port in served.ports)

    results = []
    with rig.Viewers(
            requests("/api/v1/sse/game-updates", Accept="text/event-stream"), served.ports, game, cpu=CLIENT_CPU,
            fetch=requests(path, Accept="application/json"), fetch_ports=served.ports, pids=served.pids) as watching:
        ready = watching.ready()
        # The first to come have been told of few others; a heartbeat tells them how many there are by now.
        time.sleep(arguments.settle)
        for number in range(arguments.rounds + 1):
            time.sleep(1)
            rig.quiet(10)
            title = f"Round {number} of the storm"
            before = asked()
            with watching.round(title) as result:
                body = {"title": title, "version": version}
                changed = rig.answers([community.change(0, "PUT", f"/api/v1/games/{game}", body)], community.port)[0]
                version = json.loads(changed.body)["version"]
            # The first round finds nothing remembered: neither by the servers nor by the viewers.
            if number:
                label = f"storm/{name}/{viewers}/{arguments.what}"
                results.append(rig.emit({"label": label, "ready_s": ready, "asked": asked() - before, **result}))
    return results


def request_of(cookie, path, port, **headers):
    return rig.request("GET", path, {"Cookie": cookie, **headers}, port=port)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--viewers", default="1000,10000")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--what", choices=["game", "list"], default="game")
    parser.add_argument("--settle", type=float, default=31)
    arguments = parser.parse_args()
    programs = [("Tandem", os.environ["TANDEM"])]
    if os.environ.get("TANDEM_BEFORE"):
        programs.insert(0, ("Tandem of before", os.environ["TANDEM_BEFORE"]))
    rows = []
    for viewers in map(int, arguments.viewers.split(",")):
        for name, path in programs:
            with rig.running(path):
                results = measure(name, viewers, arguments)

            def median(field):
                return statistics.median(each[field] for each in results)

            missing = sum(each["viewers"] - each["done"] for each in results)
            rows.append([
                f"{name}, {viewers:,} viewers", f"{median('cpu_us_per_viewer'):.1f} µs", f"{median('last_event_ms'):.0f} ms",
                f"{median('p50_ms'):.0f} ms", f"{median('max_ms'):.0f} ms", f"{median('reads'):,.0f}", f"{median('asked'):,.0f}", missing])
    rig.table(
        ["one change", "server CPU per viewer", "last event", "median viewer shows it", "last viewer shows it", "reads",
         "asked of the database", "missing"], rows)


if __name__ == "__main__":
    main()
