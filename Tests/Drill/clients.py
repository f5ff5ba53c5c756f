"""Clients of event streams: many at once on one thread, each of which resumes, as a browser would."""

import heapq
import itertools
import json
import random
import selectors
import socket
import struct
import threading
import time

from .history import Client, Connection, Received

PATH = "/api/v1/sse/game-updates"


class Watcher:
    """One client. It goes from hub to hub, resumes at its cursor, and writes down all that it receives."""

    def __init__(self, name, principal, cookie, ports, topics=None, is_slow=False):
        self.history = Client(name, principal, topics, is_slow=is_slow)
        self.cookie, self.ports = cookie, itertools.cycle(ports)
        self.path = PATH if topics is None else f"/api/v1/stream?topics={','.join(sorted(topics))}"
        self.cursor, self.retry = None, 0.5
        self.socket, self.buffer, self.head = None, b"", None
        self.last_read = 0.0
        self.is_paused = False
        self.refusals = 0

    @property
    def number(self):
        """How far it has come."""
        return int(self.cursor.rpartition("-")[2]) if self.cursor else -1

    def connect(self):
        port = next(self.ports)
        self.socket = socket.socket()
        if self.history.is_slow:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # Loopback answers at once, or nobody is there.
        self.socket.settimeout(2)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        resume = f"Last-Event-ID: {self.cursor}\r\n" if self.cursor else ""
        self.socket.sendall(
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {self.cookie}\r\n{resume}\r\n".encode())
        self.buffer, self.head = b"", None
        self.last_read = time.time()
        self.history.connections.append(Connection(time.time(), self.cursor))

    def received(self, data):
        """Returns whether the stream is one."""
        self.last_read = time.time()
        self.buffer += data
        if self.head is None:
            if b"\r\n\r\n" not in self.buffer:
                return True
            self.head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            if b" 200 " not in self.head.split(b"\r\n")[0]:
                self.refusals += 1
                return False
        *blocks, self.buffer = self.buffer.split(b"\n\n")
        for block in blocks:
            self.take(block.decode())
        return True

    def take(self, block):
        fields = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        if "retry" in fields:
            self.retry = int(fields["retry"]) / 1000
        identifier = fields.get("id")
        if identifier is not None:
            self.cursor = identifier
        if "data" in fields:
            self.history.received.append(Received(
                time.time(), len(self.history.connections) - 1, fields.get("event", "event"), identifier, fields["data"]))

    def close(self, abruptly=False):
        if self.socket is None:
            return
        if abruptly:
            # As one that was pulled from the network: RST, without a word.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        self.socket = None
        self.history.connections[-1].closed = time.time()


class Watchers:
    """All clients, on a thread of their own. Silence of 45 s is a dead stream, as documented."""

    silence = 45

    def __init__(self, watchers, seed=1):
        self.watchers = watchers
        self.dice = random.Random(seed)
        self.selector = selectors.DefaultSelector()
        self.due, self.order = [], itertools.count()
        self.requests, self.lock = [], threading.Lock()
        self.stopping, self.failure = False, None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        for watcher in self.watchers:
            self.plan(watcher, 0)
        self.thread.start()
        return self

    def stop(self):
        self.stopping = True
        self.thread.join(20)
        for watcher in self.watchers:
            watcher.close()
        if self.failure:
            raise self.failure

    def ask(self, work):
        """Runs `work` on the thread of the clients."""
        with self.lock:
            self.requests.append(work)

    def cut(self, share, abruptly=True):
        """Connections of some clients break."""
        def work():
            for watcher in self.watchers:
                if watcher.socket and not watcher.is_paused and self.dice.random() < share:
                    self.end(watcher, abruptly, self.dice.uniform(0, 0.5))
        self.ask(work)

    def pause(self, watchers):
        """They stop reading; nothing is closed."""
        def work():
            for watcher in watchers:
                watcher.is_paused = True
                if watcher.socket:
                    self.selector.unregister(watcher.socket)
        self.ask(work)

    def go_on(self, watchers):
        def work():
            for watcher in watchers:
                watcher.is_paused = False
                watcher.last_read = time.time()
                if watcher.socket:
                    self.selector.register(watcher.socket, selectors.EVENT_READ, watcher)
        self.ask(work)

    def plan(self, watcher, after):
        heapq.heappush(self.due, (time.time() + after, next(self.order), watcher))

    def end(self, watcher, abruptly=False, after=None):
        self.selector.unregister(watcher.socket)
        watcher.close(abruptly)
        # The documented delay, but at most two seconds: it's the server that is tried, not patience.
        self.plan(watcher, min(watcher.retry, 2) * self.dice.uniform(0.5, 1) if after is None else after)

    def run(self):
        try:
            while not self.stopping:
                self.turn()
        except Exception as error:
            self.failure = error

    def turn(self):
        with self.lock:
            requests, self.requests = self.requests, []
        for work in requests:
            work()
        while self.due and self.due[0][0] <= time.time():
            self.open(heapq.heappop(self.due)[2])
        for key, _ in self.selector.select(0.02):
            watcher = key.data
            try:
                data = watcher.socket.recv(262_144)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data or not watcher.received(data):
                self.end(watcher)
        for watcher in self.watchers:
            if watcher.socket and not watcher.is_paused and time.time() - watcher.last_read > self.silence:
                self.end(watcher)

    def open(self, watcher):
        try:
            watcher.connect()
        except OSError:
            watcher.socket.close()
            watcher.socket = None
            return self.plan(watcher, self.dice.uniform(0.2, 0.5))
        if not watcher.is_paused:
            self.selector.register(watcher.socket, selectors.EVENT_READ, watcher)
