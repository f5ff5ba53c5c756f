"""Processes of the program under test."""

import functools
import os
import pathlib
import random
import resource
import signal
import socket
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request

from .sandbox import Sandbox
from .waiting import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "artefacts"

PUBLISH_SECRET = "a secret of the system tests, long enough"


# What bounds single people and addresses, who do in tests what a crowd would.
UNLIMITED = (
    "TANDEM_SIGN_INS_PER_ADDRESS", "TANDEM_CONNECTIONS_PER_ADDRESS", "TANDEM_STREAMS_PER_PERSON",
    "TANDEM_NEW_GAMES_PER_PERSON", "TANDEM_OPEN_GAMES_PER_PERSON", "TANDEM_OPEN_GAMES_PER_GUILD",
    "TANDEM_SESSIONS_PER_PERSON")


@functools.cache
def executable():
    """The program: what TANDEM names, or the debug build of this checkout."""
    named = os.environ.get("TANDEM")
    if named:
        return named
    folder = subprocess.run(
        ["swift", "build", "--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
    path = pathlib.Path(folder) / "tandem"
    if not path.exists():
        raise SystemExit(f"{path} is missing: run `swift build` first")
    return str(path)


@functools.cache
def knows(program, setting):
    """Whether the program has that setting: benchmarks also run older ones."""
    return setting in subprocess.run([program, "help"], capture_output=True, text=True).stdout


def free_port():
    """A port that nobody listens on, below those that outgoing connections use, so that a restart finds it free."""
    while True:
        port = random.randrange(18_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def environment(**settings):
    """Our own environment with none of the program's settings but these. Here everybody comes from one address, and plans many games."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM")}
    for limit in UNLIMITED:
        if knows(executable(), limit):
            kept[limit] = "0"
    kept.update({name: str(value) for name, value in settings.items()})
    return kept


class Process:
    """One running `tandem`. Its log goes to `artefacts/logs`. `files` are its soft and hard limit of open files."""

    def __init__(self, name, *arguments, ready=None, files=None, **settings):
        folder = ARTEFACTS / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        self.log_path = folder / f"{name}.log"
        self.arguments = arguments
        self.settings = settings
        self.ready = ready
        self.files = files
        self.process = None
        self.log_path.write_bytes(b"")

    def spawn(self):
        """Starts it without waiting until it is ready."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [executable(), *self.arguments], cwd=ROOT, env=environment(**self.settings), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
                preexec_fn=self.files and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, self.files)))

    def start(self):
        self.spawn()
        if self.ready:
            until(self.is_ready, timeout=30, what=f"{self.arguments[0]} being ready (see {self.log_path})", every=0.03)
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"ended with {self.process.returncode}:\n{self.log()}")
        try:
            with urllib.request.urlopen(self.ready, timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """As a power cut would."""
        if self.is_running:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self, timeout=20):
        """Asks it to stop, and returns its exit code."""
        if self.is_running:
            self.terminate()
        return self.wait(timeout)

    def wait(self, timeout=20):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not stop within {timeout} s:\n{self.log()}")

    def log(self):
        return self.log_path.read_text(errors="replace")


class Folder:
    """A data folder that is gone with the test."""

    def __init__(self):
        self.holder = tempfile.TemporaryDirectory(prefix="tandem-test-")
        self.path = self.holder.name

    def remove(self):
        self.holder.cleanup()


class Demo:
    """`tandem demo`: the server and the sandbox in one process. As a context, it has its bot connected and ends with the block."""

    def __init__(self, name="demo", files=None, **settings):
        self.folder = Folder()
        self.port, self.sandbox_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.process = Process(
            name, "demo", ready=self.url + "/readyz", files=files, TANDEM_PORT=self.port, TANDEM_SANDBOX_PORT=self.sandbox_port,
            TANDEM_DATA=self.folder.path, TANDEM_LOOPS=2, TANDEM_PUBLISH_SECRET=PUBLISH_SECRET, **settings)
        self.discord = Sandbox(self.sandbox_url)
        self.process.start()

    def close(self):
        self.process.kill()
        self.folder.remove()

    def __enter__(self):
        return connected(self)

    def __exit__(self, *_):
        self.close()


class Pair:
    """A sandbox in one process and the server in another, so that either can die alone. As a context, it has its bot connected
    and ends with the block.
    """

    def __init__(self, name="pair", **settings):
        self.folder, self.other = Folder(), Folder()
        self.port, self.sandbox_port, idle_port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        # A demo without a bot leaves Discord to the server beside it; people are sent back to that one too.
        self.sandbox = Process(
            name + "-sandbox", "demo", "--roles", "hub", ready=self.sandbox_url + "/sandbox/state",
            TANDEM_PORT=idle_port, TANDEM_SANDBOX_PORT=self.sandbox_port, TANDEM_PUBLIC_URL=self.url,
            TANDEM_DATA=self.other.path, TANDEM_LOOPS=1)
        self.server = Process(
            name + "-server", "serve", ready=self.url + "/readyz", TANDEM_PORT=self.port, TANDEM_DATA=self.folder.path,
            TANDEM_DISCORD_API=self.sandbox_url + "/api/v10", TANDEM_DISCORD_WEB=self.sandbox_url,
            TANDEM_DISCORD_CLIENT_ID="1100000000000000001", TANDEM_DISCORD_CLIENT_SECRET="sandbox-client-secret",
            TANDEM_DISCORD_BOT_TOKEN="MTEwMDAwMDAwMDAwMDAwMDAwMQ.sandbx.demo-token-of-the-sandbox-only",
            TANDEM_LOOPS=2, TANDEM_PUBLISH_SECRET=PUBLISH_SECRET, **settings)
        self.discord = Sandbox(self.sandbox_url)
        self.sandbox.start()
        self.server.start()

    def close(self):
        self.server.kill()
        self.sandbox.kill()
        self.folder.remove()
        self.other.remove()

    def __enter__(self):
        return connected(self)

    def __exit__(self, *_):
        self.close()


def connected(system):
    """Returns the system once its bot is connected; closes it if that takes too long."""
    try:
        until(system.discord.is_connected, 20, "the bot being connected")
        return system
    except BaseException:
        system.close()
        raise


@functools.cache
def stopwatch():
    """What the tests measured, in ms by name; written to `artefacts/measurements.json` at the end."""
    return {}


def measured(name, seconds):
    stopwatch().setdefault(name, []).append(round(seconds * 1000, 1))


class InBackground:
    """Runs `work` in a thread; `result` waits for it and raises what it raised."""

    def __init__(self, work):
        self.outcome = None
        self.error = None
        self.thread = threading.Thread(target=self.run, args=(work,), daemon=True)
        self.thread.start()

    def run(self, work):
        try:
            self.outcome = work()
        except BaseException as error:
            self.error = error

    def result(self, timeout=30):
        self.thread.join(timeout)
        assert not self.thread.is_alive(), f"still at work after {timeout} s"
        if self.error:
            raise self.error
        return self.outcome
