"""A client whose network goes away without a word."""

import os
import shutil
import subprocess

import pytest
from Live.process import Demo
from Live.waiting import until
from Live.web import MIRA, Visitor, metric


class Machine:
    """A network namespace with an interface of its own, connected to this machine like another one by a cable."""

    def __init__(self):
        self.name = f"lost{os.getpid()}"
        part = os.getpid() % 60_000
        self.here, self.there = (f"10.{200 + part // 16_000}.{part // 64 % 250}.{part % 64 * 4 + 1 + end}" for end in (0, 1))
        self.ip("netns", "add", self.name)
        try:
            self.ip("link", "add", self.near, "type", "veth", "peer", "name", "cable", "netns", self.name)
            self.ip("addr", "add", f"{self.here}/30", "dev", self.near)
            self.ip("link", "set", self.near, "up")
            self.ip("-n", self.name, "addr", "add", f"{self.there}/30", "dev", "cable")
            self.ip("-n", self.name, "link", "set", "cable", "up")
        except BaseException:
            self.__exit__()
            raise

    @property
    def near(self):
        return f"{self.name}c"[:15]

    def ip(self, *arguments):
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
        if done.returncode:
            raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")

    def run(self, *command):
        return subprocess.Popen(["ip", "netns", "exec", self.name, *command], stdout=subprocess.PIPE, text=True)

    def vanish(self):
        """The client's side neither sends nor hears anything any more; here the cable looks as before."""
        self.ip("netns", "exec", self.name, "ip", "route", "add", "blackhole", f"{self.here}/32")
        self.ip("-n", self.name, "addr", "del", f"{self.there}/30", "dev", "cable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)
        subprocess.run(["ip", "link", "del", self.near], capture_output=True)


@pytest.fixture
def machine():
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("a network of its own needs root and iproute2")
    try:
        made = Machine()
    except OSError as error:
        pytest.skip(f"this kernel gives no network of its own: {error}")
    with made:
        yield made


def test_streams_end_soon_after_their_clients_network_has_gone(machine):
    upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==")
    with Demo("lost-peer", TANDEM_HOST="0.0.0.0", TANDEM_LOG_LEVEL="warning") as demo:
        mira = Visitor(demo.url)
        mira.sign_in(MIRA)
        url = f"http://{machine.here}:{demo.port}"
        clients = []
        try:
            for headers in ((), upgrade):
                sent = [part for each in (*headers, f"Cookie: {mira.cookie}", f"Origin: {url}") for part in ("-H", each)]
                clients.append(machine.run("curl", "-sN", "--http1.1", *sent, f"{url}/api/v1/stream"))
            until(lambda: metric(demo.url, "tandem_streams") == 2, 10, "the streams being open")
            machine.vanish()
            # At most 45 s; a busy machine may be late, but not by the quarter of an hour of a system that isn't told to look.
            until(lambda: metric(demo.url, "tandem_streams") == 0, 90, "the streams' end", every=0.2)
            assert all(each.poll() is None for each in clients), "a client has ended its stream itself"
        finally:
            for each in clients:
                each.kill()
                each.wait()
