#!/usr/bin/env python3
"""Signed publishes and joins per second, on SQLite and PostgreSQL, beside pgbench with the same rows on the same cluster.

`run.py [--connections 1,16,64,256] [--databases sqlite,postgres] [--processes 1,2]`: each connection sends its next request when the
last one is answered. Every publish is a signed request of its own; consecutive joins are those of different people to different games.
Commits are flushed to the disk. pgbench runs transactions of two INSERTs: a used signature and an event, as publishing writes
them. Nothing is pinned: server, database and client share the machine.
"""

import argparse
import contextlib
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import rig
from Live.servers import program

FLUSHES, PGBENCH = "flushes to the disk, one after the other", "pgbench, two INSERTs"
SCRIPT = """\
\\set id random(1, 9000000000000000000)
BEGIN;
INSERT INTO used_signatures (signature, expires_at) VALUES (md5(:id::bigint::text) || md5((:id::bigint + 1)::text), 1790000000000);
INSERT INTO events (topic, kind, payload, time) VALUES ('bench/' || :client_id::bigint, 'note', '{"game_id":"1","type":"note"}', 1790000000000);
END;
"""
TABLES = """
CREATE TABLE used_signatures (signature TEXT PRIMARY KEY, expires_at BIGINT NOT NULL);
CREATE INDEX used_signatures_by_expiry ON used_signatures (expires_at);
CREATE TABLE events (number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic TEXT NOT NULL, kind TEXT NOT NULL,
    payload TEXT NOT NULL, time BIGINT NOT NULL);
"""
# A game's participants are read with it, so there are as many as a game has.
PARTICIPANTS = 20
# More than any database here commits: measurements must not run out of requests.
FASTEST_PUBLISHES, FASTEST_JOINS = 15_000, 5_000


class Measurement:
    """What is compared is measured in turn at each number of connections: the disk is not equally fast at all times."""

    def __init__(self, connections):
        self.connections = connections
        self.results = {}

    def measured(self, name, conns, result):
        self.results.setdefault(name, {})[conns] = rig.emit({"label": f"writes/{name}/{conns}", **result})

    def flushes(self, conns):
        rig.quiet()
        self.measured(FLUSHES, conns, {"conns": 1, "per_s": rig.flush_rate(), "other": 0, "failures": 0})

    def pgbench(self, postgres, script, conns):
        rig.quiet()
        done = subprocess.run(
            [program("pgbench", "postgresql", *postgres.folders), "-h", "127.0.0.1", "-p", str(postgres.port), "-U", "postgres", "-n",
             "-M", "prepared", "-f", str(script), "-c", str(conns), "-T", str(max(1, round(rig.SECS))), "pgbench"],
            capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        rate = next(line.split("=")[1].split()[0] for line in done.stdout.splitlines() if line.startswith("tps = "))
        self.measured(PGBENCH, conns, {"conns": conns, "per_s": float(rate), "other": 0, "failures": 0})

    def tandem(self, database, community, processes, conns):
        name = database + (", one process" if processes == 1 else ", two processes" if processes == 2 else f", {processes} processes")
        community.confirm()
        with community.serve(processes) as served:
            for kind, prepare in ("publishes", publishes), ("joins", joins):
                requests = prepare(community, conns)
                # Signatures are good for a minute.
                rig.quiet(15)
                self.measured(
                    f"{kind}, {name}", conns, rig.load(requests, served.ports, conns, once=True, pids=served.pids))

    def print(self):
        best = max((each["per_s"] for each in self.results.get(PGBENCH, {}).values()), default=None)
        rows = []
        for name, by_connections in self.results.items():
            cells = []
            for conns in self.connections:
                result = by_connections[conns]
                ratio, refused = "", result["other"] + result["failures"]
                if best and name != FLUSHES:
                    ratio = f" ({result['per_s'] / best:.2f})"
                    rig.emit({"label": f"writes/{name}/{conns}/ratio", "ratio": round(result["per_s"] / best, 3)})
                cells.append(f"{rig.figure(result['per_s'])}{ratio}" + (f", {refused} refused" if refused else ""))
            rows.append([name, *cells])
        rig.table(["per second (÷ pgbench's best) with so many connections", *self.connections], rows)


def publishes(_, conns):
    return rig.publishes(wanted(conns, FASTEST_PUBLISHES))


def joins(community, conns):
    games = community.create(max(conns, wanted(conns, FASTEST_JOINS) // PARTICIPANTS), title="A table to join")
    return [
        community.change(index + turn * 37, "POST", f"/api/v1/games/{game}/join")
        for turn in range(PARTICIPANTS) for index, game in enumerate(games)]


def wanted(conns, fastest):
    """How many requests to prepare: a single connection waits for each flush."""
    return int((rig.SECS + rig.WARM) * (fastest if conns > 4 else fastest / 2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", default="1,16,64,256")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--processes", default="1,2")
    parser.add_argument("--people", type=int, default=2000)
    arguments = parser.parse_args()
    measurement = Measurement([int(each) for each in arguments.connections.split(",")])
    with contextlib.ExitStack() as stack:
        sqlite = postgres = None
        if "sqlite" in arguments.databases:
            sqlite = stack.enter_context(rig.Community("writes-sqlite", arguments.people))
        if "postgres" in arguments.databases:
            server = stack.enter_context(rig.DurablePostgreSQL())
            server.database("pgbench").sql(TABLES)
            script = server.write("two-inserts.sql", SCRIPT)
            with server.unflushed():
                postgres = stack.enter_context(
                    rig.Community("writes-postgres", arguments.people, TANDEM_DATABASE_URL=server.url))
        for conns in measurement.connections:
            measurement.flushes(conns)
            if postgres:
                measurement.pgbench(server, script, conns)
                for processes in map(int, arguments.processes.split(",")):
                    measurement.tandem("PostgreSQL", postgres, processes, conns)
            if sqlite:
                # One process alone may write to the file.
                measurement.tandem("SQLite", sqlite, 1, conns)
    measurement.print()


if __name__ == "__main__":
    main()
