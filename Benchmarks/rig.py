"""What the benchmarks in Python share: servers whose commits reach the disk, a community of people who are signed in, prepared
requests, and results.

Environment: `TANDEM` (the program; by default the release build) `WORK` (a folder on the disk that is to be measured) `OUT` (results
are appended to it) `SECS` (how long a measurement takes) `QUIET` (how long to wait for an idle machine).
"""

import contextlib
import hmac
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
sys.path.insert(0, str(ROOT / "Tests"))


def release_build():
    shown = ["swift", "build", "-c", "release", "--product", "tandem", "--show-bin-path"]
    return subprocess.run(shown, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip() + "/tandem"


if not os.environ.get("TANDEM"):
    os.environ["TANDEM"] = release_build()
if not os.access(os.environ["TANDEM"], os.X_OK):
    raise SystemExit(f"{os.environ['TANDEM']} is missing: run `swift build -c release --product tandem` first, or set TANDEM")
WORK = pathlib.Path(os.environ.get("WORK") or ROOT / ".build/bench")
WORK.mkdir(parents=True, exist_ok=True)
# Everything temporary lies on that disk: where /tmp is memory, a flush would cost nothing.
tempfile.tempdir = str(WORK)

from Live.process import PUBLISH_SECRET, Folder, Process, executable, free_port
from Live.sandbox import Sandbox
from Live.servers import PostgreSQL
from Live.waiting import until
from Live.web import LANTERN, LANTERN_GAMES, draft, send

# Servers are stopped then, too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
SECS = float(os.environ.get("SECS", 5))
WARM = float(os.environ.get("WARM", 1))
SECRET = "a secret that all processes of a benchmark share"


# Programs and processes


def program(name):
    """The C program, compiled if it's older than its sources."""
    source, made = BENCH / f"{name}.c", WORK / name
    if not made.exists() or made.stat().st_mtime < max(each.stat().st_mtime for each in [source, *BENCH.glob("*.h")]):
        subprocess.run(["gcc", "-O2", "-Wall", "-o", str(made), str(source)], check=True)
    return str(made)


@contextlib.contextmanager
def on_cpu(number):
    """What is started within runs on that CPU; None: on any."""
    before = os.sched_getaffinity(0)
    if number is not None and len(before) > 1:
        os.sched_setaffinity(0, {number})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def quiet(seconds=None):
    """Waits until the machine is mostly idle, but not for longer than that."""
    def read():
        fields = [line.split() for line in open("/proc/stat") if line.startswith("cpu") and line[3].isdigit()]
        return {each[0]: (sum(map(int, each[1:9])), int(each[4]) + int(each[5])) for each in fields}
    end = time.monotonic() + float(os.environ.get("QUIET", 40) if seconds is None else seconds)
    before = read()
    while time.monotonic() < end:
        time.sleep(0.7)
        now = read()
        if max(1 - (now[cpu][1] - before[cpu][1]) / max(1, now[cpu][0] - before[cpu][0]) for cpu in now) < 0.2:
            return
        before = now


def flush_rate(seconds=0.3):
    """How many writes of 8 KiB a second reach the disk, each flushed before the next: other users of the disk change it tenfold."""
    with tempfile.TemporaryFile() as file:
        done, begun = 0, time.monotonic()
        while time.monotonic() < begun + seconds:
            os.pwrite(file.fileno(), bytes(8192), 0)
            os.fdatasync(file.fileno())
            done += 1
        return round(done / (time.monotonic() - begun))


@contextlib.contextmanager
def running(path):
    """Within, that program is the one that is measured."""
    before = os.environ["TANDEM"]
    os.environ["TANDEM"] = path
    executable.cache_clear()
    try:
        yield
    finally:
        os.environ["TANDEM"] = before
        executable.cache_clear()


class DurablePostgreSQL(PostgreSQL):
    """As it is installed: every commit is flushed to the disk."""

    def command(self):
        return [*super().command(), "-c", "fsync=on", "-c", "max_connections=400"]

    @contextlib.contextmanager
    def unflushed(self):
        """Within, commits don't wait for the disk: for what is only prepared."""
        def change(statement):
            self.sql(statement)
            self.sql("SELECT pg_reload_conf()")
        change("ALTER SYSTEM SET synchronous_commit = off")
        try:
            yield
        finally:
            change("ALTER SYSTEM RESET synchronous_commit")
            self.sql("CHECKPOINT")


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as path:
        yield pathlib.Path(path)


class HTTPServer:
    """Another server to compare with. `{port}` in the command is its port."""

    def __init__(self, command, port=None):
        self.port = port or free_port()
        self.process = subprocess.Popen(
            [part.replace("{port}", str(self.port)) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.pid = self.process.pid
        until(self.answers, 15, f"the start of {command[0]}", every=0.05)

    def answers(self):
        with contextlib.suppress(OSError):
            return send(f"http://127.0.0.1:{self.port}", "GET", "/").status == 200

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


class Viewers:
    """`viewers.c`, running: what it prints is read line by line."""

    def __init__(self, streams, ports, marker, cpu=None, **options):
        self.files = [framed(streams)]
        command = [
            program("viewers"), "--streams", self.files[0], "--ports", ",".join(map(str, ports)), "--marker", marker]
        for name, value in options.items():
            if name == "fetch":
                self.files.append(framed(value))
                value = self.files[-1]
            command += ["--" + name.replace("_", "-"), ",".join(map(str, value)) if isinstance(value, list) else str(value)]
        with on_cpu(cpu):
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def line(self):
        line = self.process.stdout.readline()
        assert line, f"the viewers ended with {self.process.wait()}"
        return line.rstrip()

    def ready(self):
        """In how many seconds all streams were ready."""
        return float(self.line().removeprefix("ready "))

    @contextlib.contextmanager
    def round(self, text):
        """Measures from the start of the block until all have read something with that text; yields a dictionary that is filled
        then."""
        self.process.stdin.write(f"round {text}\n")
        assert self.line() == "started"
        result = {}
        yield result
        result.update(json.loads(self.line()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        for each in self.files:
            os.unlink(each)


# Prepared requests


def request(method, path, headers=None, body=b"", port=80):
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    if body or method not in ("GET", "HEAD"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def framed(requests):
    """A file of requests as `http.h` describes it; the caller removes it."""
    with tempfile.NamedTemporaryFile(prefix="requests-", delete=False) as file:
        for each in requests:
            file.write(len(each).to_bytes(4, "little") + each)
    return file.name


def load(requests, ports, conns, secs=None, warm=None, once=False, pids=(), cpu=None, spin=False):
    """Sends them for `secs`; returns what `load` printed."""
    path = framed(requests)
    try:
        command = [
            program("load"), "--requests", path, "--ports", ",".join(map(str, ports)), "--conns", str(conns),
            "--secs", str(SECS if secs is None else secs), "--warm", str(WARM if warm is None else warm),
            "--pids", ",".join(map(str, pids)), *(["--once"] if once else []), *(["--spin"] if spin else [])]
        with on_cpu(cpu):
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if not done.stdout.strip():
            raise AssertionError(f"the client ended with {done.returncode}")
        result = json.loads(done.stdout)
        assert "error" not in result, result["error"]
        return result
    finally:
        os.unlink(path)


class Response:
    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = [(name.lower(), value) for name, value in (line.split(": ", 1) for line in lines[1:])]

    def header(self, name):
        return next(value for key, value in self.headers if key == name)

    def cookie(self, name):
        return next(value.split(";")[0] for key, value in self.headers if key == "set-cookie" and value.startswith(name + "="))


def answers(requests, *ports, conns=16, expected=200):
    """Sends each once and returns the responses in the same order."""
    path, into = framed(requests), tempfile.mktemp(prefix="answers-")
    try:
        subprocess.run(
            [program("load"), "--requests", path, "--ports", ",".join(map(str, ports)), "--conns", str(min(conns, len(requests))), "--all",
             "--answers", into], check=True, stdout=subprocess.PIPE)
        data, at, found = pathlib.Path(into).read_bytes(), 0, {}
        while at < len(data):
            index, length = (int.from_bytes(data[at + part:at + part + 4], "little") for part in (0, 4))
            found[index] = Response(data[at + 8:at + 8 + length])
            at += 8 + length
    finally:
        for each in (path, into):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(each)
    assert len(found) == len(requests), f"{len(requests) - len(found)} of {len(requests)} requests were not answered"
    wrong = [each for each in found.values() if each.status != expected]
    assert not wrong, f"{len(wrong)} of {len(found)} were answered {wrong[0].status}: {wrong[0].body[:300]}"
    return [found[index] for index in range(len(requests))]


# A community


class Community:
    """A sandbox with people who are members of Lantern Tavern and signed in, on a server whose data `settings` name.

    While it is made, one process has all roles. What is measured is started by `serve`, without a bot: it would spend the time
    on editing messages.
    """

    def __init__(self, name, people, **settings):
        self.name, self.port, self.sandbox_port = name, free_port(), free_port()
        self.url, discord = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.sandbox_port}"
        self.data = Folder()
        self.settings = dict(
            TANDEM_SECRET=SECRET, TANDEM_PUBLISH_SECRET=PUBLISH_SECRET, TANDEM_PUBLIC_URL=self.url, TANDEM_DATA=self.data.path,
            TANDEM_DISCORD_API=discord + "/api/v10", TANDEM_DISCORD_WEB=discord, TANDEM_LOG_LEVEL="warning",
            TANDEM_DISCORD_CLIENT_ID="1100000000000000001", TANDEM_DISCORD_CLIENT_SECRET="sandbox-client-secret",
            TANDEM_DISCORD_BOT_TOKEN="MTEwMDAwMDAwMDAwMDAwMDAwMQ.sandbx.demo-token-of-the-sandbox-only", **settings)
        self.sandbox = Process(
            f"bench-{name}-sandbox", "sandbox", ready=discord + "/sandbox/state", TANDEM_SANDBOX_PORT=self.sandbox_port,
            TANDEM_PUBLIC_URL=self.url, TANDEM_LOOPS=1)
        self.discord = Sandbox(discord)
        self.people, self.cookies, self.members = people, [], []

    def __enter__(self):
        self.sandbox.start()
        try:
            # A process signs 50 people in per second: that is how many it may ask Discord about.
            with self.serve(8 if "TANDEM_DATABASE_URL" in self.settings else 1, roles="api", first="api,hub,bot") as served:
                until(self.discord.is_connected, 30, "the bot being connected")
                self.discord.faults(global_limit=100_000)
                names, users = [f"Guest {number}" for number in range(self.people)], []
                # The sandbox takes 1,000 names at once, and keeps a few thousand codes.
                for start in range(0, len(names), 1000):
                    users += self.discord.people(LANTERN, names[start:start + 1000])
                self.members = users
                for start in range(0, len(users), 1000):
                    self.cookies += self.sign_in(users[start:start + 1000], served.ports)
                # All are members once the last one's request succeeds.
                until(lambda: self.get(-1, "/api/v1/games?limit=1&guild_id=" + LANTERN).status == 200, 60, "the members being known")
        except BaseException:
            self.__exit__()
            raise
        self.confirmed = time.monotonic()
        return self

    def __exit__(self, *_):
        self.sandbox.kill()
        self.data.remove()

    def confirm(self):
        """Lets a bot connect once more if that is long ago: without one, who is a member is believed for 300 s."""
        if time.monotonic() < self.confirmed + 120:
            return
        with self.serve(roles="api,hub,bot"):
            until(self.discord.is_connected, 30, "the bot being connected")
            time.sleep(3)
        self.confirmed = time.monotonic()

    @contextlib.contextmanager
    def serve(self, processes=1, roles="api,hub", first=None, cpu=None, **settings):
        """So many processes with these roles; the first, on the public port, may have others."""
        ports = [self.port, *(free_port() for _ in range(processes - 1))]
        made = [
            Process(f"bench-{self.name}-{index}", "serve", ready=f"http://127.0.0.1:{port}/readyz",
                    **{**self.settings, "TANDEM_PORT": port, "TANDEM_ROLES": roles if index else first or roles, **settings})
            for index, port in enumerate(ports)]
        try:
            with on_cpu(cpu):
                for each in made:
                    each.start()
            yield Processes(ports, [each.process.pid for each in made])
        finally:
            for each in made:
                if each.is_running:
                    each.terminate()
            for each in made:
                if each.process:
                    each.wait()

    def get(self, person, path):
        return send(self.url, "GET", path, {"Cookie": self.cookies[person]})

    def sign_in(self, users, ports):
        """The way browsers go, all together; returns the cookies of their sessions."""
        away = answers([request("GET", "/api/v1/auth/login?return_to=/games")] * len(users), *ports, expected=302)
        consents = [urllib.parse.urlsplit(each.header("location") + "&sandbox_user=" + user) for each, user in zip(away, users)]
        # Older programs take the decision from the address.
        first = f"{consents[0].path}?{consents[0].query}"
        method = "GET" if send(f"http://127.0.0.1:{self.sandbox_port}", "POST", first).status == 405 else "POST"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        back = answers(
            [request(method, f"{each.path}?{each.query}", form, f"sandbox_user={user}".encode(), self.sandbox_port)
             for each, user in zip(consents, users)], self.sandbox_port, expected=302)
        callbacks = [urllib.parse.urlsplit(each.header("location")) for each in back]
        home = answers(
            [request("GET", f"{each.path}?{each.query}", {"Cookie": begun.cookie("tandem_signin")})
             for each, begun in zip(callbacks, away)], *ports, expected=302)
        return [each.cookie("tandem_session") for each in home]

    def change(self, person, method, path, body=None):
        """The bytes of a change that this person makes on the web."""
        headers = {"Cookie": self.cookies[person % len(self.cookies)], "Origin": self.url}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return request(method, path, headers, b"" if body is None else json.dumps(body).encode(), self.port)

    def create(self, count, **more):
        """So many games, each hosted by another person; returns their ids."""
        body = draft(LANTERN, LANTERN_GAMES, **more)
        made = answers([self.change(number, "POST", "/api/v1/games", body) for number in range(count)], self.port, expected=201)
        return [json.loads(each.body)["id"] for each in made]


class Processes:
    def __init__(self, ports, pids):
        self.ports, self.pids = ports, pids


def publishes(count, topic="guild/1{}", topics=1000):
    """So many signed requests to publish an event, to be sent within a minute; `{}` in the topic is a number below `topics`."""
    now = str(int(time.time()))
    made = []
    for number in range(count):
        body = b'{"topic":"%s","kind":"note","payload":{"type":"note","game_id":"%d"}}' % (
            topic.format(number % topics).encode(), number)
        proof = hmac.digest(PUBLISH_SECRET.encode(), now.encode() + b"." + body, "sha256").hex()
        headers = {"Content-Type": "application/json", "X-Tandem-Timestamp": now, "X-Tandem-Signature": f"sha256={proof}"}
        made.append(request("POST", "/internal/v1/events", headers, body))
    return made


# Results


def emit(record):
    """Prints a measurement as a JSON line and appends it to `OUT`."""
    line = json.dumps(record)
    print(line, flush=True)
    if os.environ.get("OUT"):
        with open(os.environ["OUT"], "a") as file:
            file.write(line + "\n")
    return record


def table(header, rows):
    """Prints a table in Markdown: names to the left, figures to the right."""
    print()
    print("| " + " | ".join(map(str, header)) + " |")
    print("|---|" + "---:|" * (len(header) - 1))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print(flush=True)


def figure(number):
    """With separators for thousands."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
