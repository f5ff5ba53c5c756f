"""A `tandem demo` of its own: free ports, a data folder that goes away, and the sandbox's script interface."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

root = pathlib.Path(__file__).resolve().parents[2]

MIRA, TOMAS, JUNO, SABLE, WREN = (str(100_000_000_000_000_001 + number) for number in range(5))
LANTERN, LANTERN_GAMES = "300000000000000001", "400000000000000102"
CEDAR, CEDAR_GAMES = "300000000000000002", "400000000000000202"


def wait_for(condition, what, seconds=10.0):
    """The first true value of `condition`, or a failure that says what was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.01)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program():
    if named := os.environ.get("TANDEM_PROGRAM"):
        return named
    folder = subprocess.run(
        ["swift", "build", "--show-bin-path"], cwd=root, capture_output=True, text=True, check=True
    ).stdout.strip()
    path = pathlib.Path(folder) / "tandem"
    if not path.exists():
        raise SystemExit(f"{path} is missing: build it with `swift build --product tandem`.")
    return str(path)


class Server:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tandem-browser-")
        self.port, self.sandbox_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.log = open(pathlib.Path(self.folder) / "log", "w+")
        self.process = None
        self.start()

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
        environment |= {
            "TANDEM_PORT": str(self.port),
            "TANDEM_SANDBOX_PORT": str(self.sandbox_port),
            "TANDEM_DATA": str(pathlib.Path(self.folder) / "data"),
            "TANDEM_WEB": str(root / "Web"),
        }
        self.process = subprocess.Popen(
            [program(), "demo"], cwd=self.folder, env=environment, stdout=self.log, stderr=subprocess.STDOUT
        )
        wait_for(self.is_ready, "the server to be ready", 30)

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.said()}")
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def said(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text()[-4000:]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def close(self):
        self.stop()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # The sandbox

    def sandbox(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.sandbox_url}/sandbox/{path}", data, {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def message_of(self, game):
        """The game's message as Discord has it, or None: the one whose Join button names the game."""
        for message in self.sandbox("state")["messages"]:
            if f"join_game_{game}" in json.dumps(message):
                return message
        return None

    def press(self, user, game, what):
        message = wait_for(lambda: self.message_of(game), "the game's message")
        return self.sandbox(
            "press", {"user_id": user, "message_id": message["id"], "custom_id": f"{what}_game_{game}"}
        )
