"""Runs the drill: `Tests/Drill/run.py [--seconds 120] [--seed N] [--clients 50] [--bus rabbit]`. Ends with 1
unless everything is proved.
"""

import argparse
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from Drill.drill import FOLDER, Drill
from Drill.faults import Faults
from Live.process import executable

ALL = Faults.KILLS + Faults.CLIENTS + Faults.STOPS + Faults.PARTITIONS + Faults.FAILOVER


def main():
    parser = argparse.ArgumentParser(description="Kills and stops everything while people write and watch.")
    parser.add_argument("--seconds", type=float, default=150, help="how long faults go on (150)")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000, help="plans the faults")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--bus", choices=["rabbit", "redis", "database"], default="rabbit", help="what carries events")
    parser.add_argument("--faults", nargs="*", choices=ALL, metavar="KIND", help=f"only these, of {', '.join(ALL)}")
    arguments = parser.parse_args()

    def too_long(*_):
        raise TimeoutError("the drill is not over within ten minutes")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(600)
    executable()
    print(f"seed {arguments.seed}, {arguments.seconds:.0f} s of faults", flush=True)
    drill = Drill(min(arguments.seconds, 480), arguments.seed, arguments.clients, bus=arguments.bus, kinds=arguments.faults or ALL)
    history, verdict = drill.run()
    print(drill.report(history, verdict))
    outcome = "proved" if verdict.is_proved else "NOT PROVED"
    print(f"\n{outcome}; history and logs in {FOLDER.relative_to(FOLDER.parents[1])}/ and artefacts/logs/")
    return 0 if verdict.is_proved else 1


if __name__ == "__main__":
    sys.exit(main())
