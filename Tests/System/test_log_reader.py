"""Whoever reads the log, or doesn't, the server answers."""

import os
import re
import subprocess
import threading

from Live.process import ROOT, Process, environment, executable, free_port
from Live.raw import exchange
from Live.waiting import until
from Live.web import metric, send


class Unread(Process):
    """Its log goes to a pipe, which nobody reads before `read` is called."""

    def spawn(self):
        self.pipe, end = os.pipe()
        self.process = subprocess.Popen(
            [executable(), *self.arguments], cwd=ROOT, env=environment(**self.settings), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=end)
        os.close(end)
        self.lines = []

    def read(self):
        def run():
            with os.fdopen(self.pipe, errors="replace") as pipe:
                self.lines.extend(iter(pipe.readline, ""))
        self.reader = threading.Thread(target=run, daemon=True)
        self.reader.start()


def started(name):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = Unread(
        name, "demo", ready=url + "/healthz", TANDEM_PORT=port, TANDEM_SANDBOX_PORT=free_port(), TANDEM_LOOPS=2)
    return url, process.start()


def test_a_log_that_nobody_reads_stops_nothing():
    url, process = started("log-unread")
    try:
        # Some lines of 8 KiB were enough to fill the pipe; these fill the queue behind it too.
        request = f"GET /{'x' * 8000} HTTP/1.1\r\nHost: {url[7:]}\r\n\r\n".encode()
        for _ in range(20):
            answers = exchange(url, request * 99 + request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), timeout=60)
            assert answers.count(b"HTTP/1.1 404") == 100
        assert send(url, "GET", "/healthz").status == 200
        dropped = metric(url, "tandem_log_lines_dropped_total")
        assert dropped > 0
        process.read()
        said = until(
            lambda: [line for line in process.lines if "lines were dropped" in line], 20, "the log saying that lines are missing")
        assert int(re.search(r"lines=(\d+)", said[0]).group(1)) >= dropped
        assert max(map(len, process.lines)) < 2000
        assert process.stop() == 0
        process.reader.join(10)
        assert process.lines[-1].rstrip().endswith("stopped"), process.lines[-3:]
    finally:
        process.kill()


def test_a_log_that_nobody_reads_keeps_nothing_from_ending():
    url, process = started("log-unread-stop")
    try:
        request = f"GET /{'x' * 8000} HTTP/1.1\r\nHost: {url[7:]}\r\nConnection: close\r\n\r\n".encode()
        for _ in range(100):
            exchange(url, request, timeout=60)
        assert process.stop() == 0
    finally:
        process.kill()
