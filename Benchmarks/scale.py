#!/usr/bin/env python3
"""scale.py [results.jsonl] [--write]: the tables of docs/scale.md from the results of `make bench` (`.build/bench/results.jsonl`).

Of several results of the same measurement the median counts. What wasn't measured is left as it is in the document; `--write` puts the
tables there, without it they are printed.
"""

import json
import pathlib
import re
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs/scale.md"

# symbol, what it is, label and field of the measurement, its best over several labels or its median, unit, where it comes from
MEASURED = [
    ("message", "CPU per message, one event at a time", r"tandem/a1", "cpu_us_per_msg", "median", "µs", "`run-all`, a1"),
    ("joined", "messages per second and core, events joined", r"tandem/a64", "delivered_per_s", "median", "", "`run-all`, a64"),
    ("process", "memory of an idle stream in the process", r"tandem/cd", "rss_per_conn_b", "median", "B", "`run-all`, cd"),
    ("kernel", "memory of an idle stream in the kernel", r"tandem/cd", "slab_per_socket_b", "median", "B", "`run-all`, cd"),
    ("few", "CPU per event for 10 of 10,000 streams", r"tandem/cd", "cpu_us_per_pub", "median", "µs", "`run-all`, cd"),
    ("database", "transactions of two INSERTs per second", r"writes/pgbench, two INSERTs/\d+", "per_s", "best", "", "`writes`"),
    ("publishes", "publishes per second, PostgreSQL", r"writes/publishes, PostgreSQL, one process/\d+", "per_s", "best", "", "`writes`"),
    ("publishes2", "the same from two processes", r"writes/publishes, PostgreSQL, two processes/\d+", "per_s", "best", "", "`writes`"),
    ("joins", "joins per second, PostgreSQL", r"writes/joins, PostgreSQL, one process/\d+", "per_s", "best", "", "`writes`"),
    ("joins2", "the same from two processes", r"writes/joins, PostgreSQL, two processes/\d+", "per_s", "best", "", "`writes`"),
    ("sqlite", "publishes per second, SQLite", r"writes/publishes, SQLite, one process/\d+", "per_s", "best", "", "`writes`"),
    ("get", "reads of a game per second and core", r"reads/GET of a game", "per_s", "median", "", "`reads`"),
    ("list", "reads of a list of 20 per second and core", r"reads/list of 20 games", "per_s", "median", "", "`reads`"),
    ("viewer", "CPU per viewer of a change", r"storm/Tandem/10000/game", "cpu_us_per_viewer", "median", "µs", "`storm`"),
    ("client", "CPU per client that comes back, 60 events behind", r"resume", "cpu_us_per_client", "median", "µs", "`resume`"),
    ("back", "10,000 clients live and caught up after kill -9", r"resume", "all_caught_up_s", "median", "s", "`resume`"),
    ("guilds", "5,000 guilds over 3 shards recorded after a cold start", r"guilds/5000", "recorded_s", "median", "s", "`guilds`"),
    ("press", "presses meanwhile acknowledged, p99", r"guilds/5000", "acknowledged_p99_ms", "median", "ms", "`guilds`"),
    ("bot", "memory of a bot process with them", r"guilds/5000", "bot_mb", "median", "MB", "`guilds`"),
    ("late100", "Discord to browser beside 100 events/s, p95", r"latency/rabbit/100", "p95", "median", "ms", "`latency`"),
    ("late1000", "Discord to browser beside 1,000 events/s, p95", r"latency/rabbit/1000", "p95", "median", "ms", "`latency`"),
]

# Shown for what wasn't measured.
NOTHING = "–"
# Two cores a machine, a process a core; of ten machines one has the database.
CORES, WATCHERS, CONNECTIONS = 2, 10_000, 50_000
DERIVED = [
    ("idle streams", lambda m: CORES * CONNECTIONS, lambda m: 9 * CORES * CONNECTIONS,
     f"a process takes {CONNECTIONS:,} connections", "`maximumConnections`"),
    ("memory for them, GB", lambda m: CORES * CONNECTIONS * (m["process"] + m["kernel"]) / 1e9,
     lambda m: 9 * CORES * CONNECTIONS * (m["process"] + m["kernel"]) / 1e9, "far from it", "process + kernel"),
    (f"events/s that {WATCHERS:,} streams on each core see, one at a time", lambda m: 1e6 / m["message"] / WATCHERS,
     lambda m: 1e6 / m["message"] / WATCHERS, "each hub's core", "1 / message"),
    ("the same, joined", lambda m: m["joined"] / WATCHERS, lambda m: m["joined"] / WATCHERS, "each hub's core", "joined"),
    ("events/s that 10 of 10,000 streams see", lambda m: 1e6 / m["few"], lambda m: 1e6 / m["few"],
     "every hub takes part in every event", "1 / few"),
    ("durable events/s from other programs", lambda m: max(m["publishes"], m["publishes2"]), lambda m: m["database"],
     "the database: at most what pgbench reaches", "publishes, database"),
    ("joins/s", lambda m: max(m["joins"], m["joins2"]), lambda m: m["database"] * max(m["joins"], m["joins2"]) / max(
        m["publishes"], m["publishes2"]), "the database", "joins, database"),
    ("reads of a game per second", lambda m: CORES * m["get"], lambda m: 9 * CORES * m["get"], "the api processes' cores", "get"),
    ("clients a second that come back", lambda m: CORES * 1e6 / m["client"], lambda m: 9 * CORES * 1e6 / m["client"],
     "the hubs' cores; `TANDEM_STREAM_RATE` before them", "1 / client"),
    ("viewers of one change a second", lambda m: CORES * 1e6 / m["viewer"], lambda m: 9 * CORES * 1e6 / m["viewer"],
     "the hubs' cores, by reads that follow an event", "1 / viewer"),
]


def figure(number):
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def measured(lines):
    """The values by symbol."""
    found = {}
    for symbol, _, label, field, choice, *_ in MEASURED:
        values = [each[field] for each in lines if re.fullmatch(label, each.get("label", "")) and field in each and "error" not in each]
        if values:
            found[symbol] = max(values) if choice == "best" else statistics.median(values)
    return found


def tables(values):
    first = ["| symbol | what | measured | benchmark |", "|---|---|---:|---|"]
    for symbol, what, _, _, _, unit, source in MEASURED:
        shown = f"{figure(values[symbol])} {unit}".strip() if symbol in values else NOTHING
        first.append(f"| {symbol} | {what} | {shown} | {source} |")
    second = ["| what | one machine | ten machines | saturates first | from |", "|---|---:|---:|---|---|"]
    for what, one, ten, limit, source in DERIVED:
        cells = []
        for formula in (one, ten):
            try:
                cells.append(figure(formula(values)))
            except KeyError:
                cells.append(NOTHING)
        second.append(f"| {what} | {cells[0]} | {cells[1]} | {limit} | {source} |")
    return "\n".join(first), "\n".join(second)


def kept(document):
    """The values that the document has, for what wasn't measured this time."""
    found = {}
    for line in document.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 6 and cells[1] in {each[0] for each in MEASURED} and cells[3] != NOTHING:
            found[cells[1]] = float(cells[3].split()[0].replace(",", ""))
    return found


def main():
    arguments = [each for each in sys.argv[1:] if not each.startswith("-")]
    results = pathlib.Path(arguments[0]) if arguments else ROOT / ".build/bench/results.jsonl"
    document = DOCUMENT.read_text()
    values = {**kept(document), **measured([json.loads(line) for line in results.read_text().splitlines()])}
    for name, table in zip(("measured", "derived"), tables(values)):
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, rest = document.split(begin)
        document = f"{before}{begin}\n{table}\n{end}{rest.split(end)[1]}"
        if "--write" not in sys.argv:
            print(table + "\n")
    if "--write" in sys.argv:
        DOCUMENT.write_text(document)


if __name__ == "__main__":
    main()
