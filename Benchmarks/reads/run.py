#!/usr/bin/env python3
"""Reads per second on one core: a game, a list of 20 games and `/healthz`, beside node:http and nginx.

`run.py [--connections 64] [--database sqlite|postgres]`: each server alone on CPU 0 (`SERVER_CPU`) with one event loop, the client on
CPU 1 (`CLIENT_CPU`), 64 connections that send their next request when the last one is answered. The readers are 100 people who are
signed in, each with their own session, and the games 20 with five participants each, so that what a server remembers is used by
many. With PostgreSQL the database is on the client's CPU: what isn't remembered costs more there.
"""

import argparse
import contextlib
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import rig
from Live.servers import program
from Live.web import LANTERN

SERVER_CPU, CLIENT_CPU = int(os.environ.get("SERVER_CPU", 0)), int(os.environ.get("CLIENT_CPU", 1))
PEOPLE, GAMES, PARTICIPANTS = 100, 20, 5
NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000;
  server {{ listen 127.0.0.1:{port} reuseport; location / {{ return 200 "hello"; }} }}
}}
"""


class Measurement:
    def __init__(self, conns, spin):
        self.conns, self.spin, self.results = conns, spin, []

    def measure(self, name, requests, port, pids):
        rig.quiet()
        result = rig.load(requests, [port], self.conns, pids=pids, cpu=CLIENT_CPU, spin=self.spin)
        self.results.append(rig.emit({"label": f"reads/{name}", **result}))

    def other(self, name, server):
        with server:
            self.measure(name, [rig.request("GET", "/", port=server.port)], server.port, [server.pid])

    def print(self):
        by_name = {each["label"].removeprefix("reads/"): each["per_s"] for each in self.results}
        nginx, node = by_name["nginx, return 200"], by_name["node:http, hello"]
        rig.table(
            ["one core", "per second", "÷ node:http", "÷ nginx", "CPU per request", "p50", "p99", "refused"],
            [[each["label"].removeprefix("reads/"), rig.figure(each["per_s"]), f"{each['per_s'] / node:.2f}",
              f"{each['per_s'] / nginx:.2f}", f"{each['cpu_us_per_request']:.1f} µs", f"{each['p50_us'] / 1000:.2f} ms",
              f"{each['p99_us'] / 1000:.2f} ms", each["other"] + each["failures"]] for each in self.results])


def tandem(measurement, community):
    with community.serve():
        games = community.create(GAMES)
        for turn in range(PARTICIPANTS):
            rig.answers(
                [community.change(GAMES + index + turn, "POST", f"/api/v1/games/{game}/join") for index, game in enumerate(games)],
                community.port)
    with community.serve(cpu=SERVER_CPU, TANDEM_LOOPS=1) as served:
        def reading(paths):
            return [
                rig.request("GET", paths[number % len(paths)], {"Cookie": community.cookies[number // len(paths) % PEOPLE]})
                for number in range(PEOPLE * len(paths))]
        for name, requests in (
                ("GET of a game", reading([f"/api/v1/games/{game}" for game in games])),
                ("list of 20 games", reading([f"/api/v1/games?limit=20&status=scheduled&guild_id={LANTERN}"])),
                ("/healthz", [rig.request("GET", "/healthz")])):
            measurement.measure(name, requests, community.port, served.pids)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    arguments = parser.parse_args()
    measurement = Measurement(arguments.connections, spin=arguments.database == "sqlite")
    with contextlib.ExitStack() as stack:
        settings, folder = {}, stack.enter_context(rig.folder())
        if arguments.database == "postgres":
            with rig.on_cpu(CLIENT_CPU):
                settings["TANDEM_DATABASE_URL"] = stack.enter_context(rig.DurablePostgreSQL()).url
        tandem(measurement, stack.enter_context(rig.Community("reads", PEOPLE, **settings)))
        with rig.on_cpu(SERVER_CPU):
            node = rig.HTTPServer([program("node", "nodejs"), str(rig.BENCH / "servers/hello.js"), "{port}"])
        measurement.other("node:http, hello", node)
        port = rig.free_port()
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
        with rig.on_cpu(SERVER_CPU):
            nginx = rig.HTTPServer([program("nginx", "nginx-light"), "-p", str(folder), "-c", str(folder / "nginx.conf")], port)
        measurement.other("nginx, return 200", nginx)
    measurement.print()


if __name__ == "__main__":
    main()
