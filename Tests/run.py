"""Runs the tests that drive the built program: `Tests/run.py [System|Drill|Browser] [pytest's arguments]`.

Without further arguments two workers share the files, each with a demo and servers of its own. Ends with one line, `N passed, N failed`; a test that can't run has failed.
"""

import json
import os
import pathlib
import sys
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
# In this order, so that the longest test begins first.
KINDS = ("Drill", "System", "Browser")
# The tests of a file share programs and servers, so they stay together; files begin in the order in which they are found.
WORKERS = ("-n", "2", "--dist=loadfile", "--no-loadscope-reorder")


class Tally:
    """Counts what happened, and collects what the workers measured."""

    def __init__(self, measurements):
        self.passed, self.failed = 0, 0
        self.measurements = measurements

    def pytest_runtest_logreport(self, report):
        if report.failed or report.skipped:
            self.failed += 1
        elif report.when == "call" and isinstance(report, pytest.TestReport) and not hasattr(report, "context"):
            self.passed += 1

    def pytest_collectreport(self, report):
        if report.failed:
            self.failed += 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node, error):
        for name, values in getattr(node, "workeroutput", {}).get("measurements", {}).items():
            self.measurements.setdefault(name, []).extend(values)


def main():
    sys.path.insert(0, str(HERE))
    from Live.process import ARTEFACTS, executable, stopwatch

    # Asked for once, on behalf of all workers.
    os.environ["TANDEM"] = executable()
    arguments = sys.argv[1:]
    chosen = [kind for kind in KINDS if kind in arguments] or KINDS
    rest = [each for each in arguments if each not in KINDS]
    tally = Tally(stopwatch())
    begun = time.monotonic()
    code = pytest.main(
        [*(str(HERE / kind) for kind in chosen), "-c", str(HERE / "pytest.ini"), *(rest or WORKERS)], plugins=[tally])
    ARTEFACTS.mkdir(exist_ok=True)
    (ARTEFACTS / "measurements.json").write_text(json.dumps(stopwatch(), indent=2) + "\n")
    for name, values in sorted(stopwatch().items()):
        ordered = sorted(values)
        print(f"{name}: median {ordered[len(ordered) // 2]} ms, highest {ordered[-1]} ms, of {len(ordered)}")
    print(f"in {time.monotonic() - begun:.0f} s, logs and screenshots in {ARTEFACTS.relative_to(HERE.parent)}/")
    print(f"{tally.passed} passed, {tally.failed} failed")
    # 5: nothing was collected.
    return 1 if tally.failed or code == pytest.ExitCode.NO_TESTS_COLLECTED else int(code)


if __name__ == "__main__":
    sys.exit(main())
