"""Many wires in a process of their own, so that what passes through them doesn't wait for the tests."""

import json
import os
import pathlib
import subprocess
import sys
import threading

from .wire import Wire

DOES = ("cut", "mend", "resume", "carries")


class Wires:
    """`lay(target)` returns a `FarWire`, which does what `Wire` does."""

    def __init__(self):
        tests = pathlib.Path(__file__).resolve().parents[1]
        self.lock = threading.Lock()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "Live.wires"], cwd=tests, env={**os.environ, "PYTHONPATH": str(tests)}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)

    def ask(self, *words):
        with self.lock:
            self.process.stdin.write(json.dumps(words) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())

    def lay(self, target):
        return FarWire(self, self.ask("lay", target))

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class FarWire:
    """A wire in the other process, known by its near port."""

    def __init__(self, wires, port):
        self.wires, self.port = wires, port

    def cut(self):
        self.wires.ask("cut", self.port)

    def mend(self):
        self.wires.ask("mend", self.port)

    def resume(self):
        self.wires.ask("resume", self.port)

    def carries(self, port):
        return self.wires.ask("carries", self.port, port)


def main():
    wires = {}
    for line in sys.stdin:
        what, port, *more = json.loads(line)
        if what == "lay":
            wire = Wire(port)
            wires[wire.port] = wire
            answer = wire.port
        elif what in DOES:
            answer = getattr(wires[port], what)(*more)
        print(json.dumps(answer), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
