"""Clients of event streams: many at once on one thread, each of which resumes, and fetches everything when it is told to, as a browser
would.
"""

import contextlib
import heapq
import http.client
import itertools
import queue
import random
import selectors
import socket
import struct
import threading
import time

from Live.web import send

from .history import Client, Connection, Fetched, Received
from .transports import Refused


class Watcher:
    """One client. It goes from hub to hub, resumes at its cursor, and writes down all that it receives."""

    def __init__(self, name, principal, cookie, ports, transport, fetcher, topics=None, is_slow=False):
        self.history = Client(name, principal, topics, is_slow=is_slow)
        self.cookie, self.ports, self.fetcher = cookie, itertools.cycle(ports), fetcher
        self.path = "/api/v1/stream" + ("" if topics is None else f"?topics={','.join(sorted(topics))}")
        self.cursor, self.retry = None, 0.5
        self.transport, self.socket, self.reader = transport, None, None
        self.last_read = 0.0
        self.is_paused = self.is_absent = False
        self.refusals = 0

    def has_reached(self, epoch, number):
        """Whether it has come that far, in that log."""
        own, _, at = (self.cursor or "").rpartition("-")
        return own == epoch and int(at) >= number

    def connect(self):
        port = next(self.ports)
        self.socket = socket.socket()
        if self.history.is_slow:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # Loopback answers at once, or nobody is there.
        self.socket.settimeout(2)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.reader = self.transport(port, self.path, self.cookie, self.cursor)
        self.socket.sendall(self.reader.opening)
        self.last_read = time.time()
        self.history.connections.append(Connection(time.time(), self.cursor, port=port))

    def received(self, data):
        """Returns whether the stream is one."""
        self.last_read = time.time()
        try:
            for name, cursor, data, retry in self.reader.received(data):
                self.take(name, cursor, data, retry)
        except Refused:
            self.refusals += 1
            return False
        if answer := self.reader.to_send():
            # A few bytes to an open socket; if they can't go, the next read tells why.
            with contextlib.suppress(OSError):
                self.socket.send(answer)
        return True

    def take(self, name, cursor, data, retry):
        self.retry = self.retry if retry is None else retry
        self.cursor = self.cursor if cursor is None else cursor
        if data is not None:
            connection = len(self.history.connections) - 1
            self.history.received.append(Received(time.time(), connection, name, cursor, data))
        if name == "reset":
            self.fetcher.fetch(self, self.cursor)

    def close(self, abruptly=False):
        if self.socket is None:
            return
        if abruptly:
            # RST, as when a client's network is cut.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        self.socket = None
        self.history.connections[-1].closed = time.time()


class Fetcher:
    """Fetches the games for clients that were told to, on a thread of its own."""

    def __init__(self, ports):
        self.ports = itertools.cycle(ports)
        self.queue = queue.Queue()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def fetch(self, watcher, cursor):
        self.queue.put((watcher, cursor))

    def stop(self):
        self.queue.put(None)
        self.thread.join(30)

    def run(self):
        while asked := self.queue.get():
            watcher, cursor = asked
            deadline = time.time() + 20
            games = None
            while games is None and time.time() < deadline:
                games = self.games(watcher.cookie, cursor)
            watcher.history.fetched.append(Fetched(time.time(), cursor, games))

    def games(self, cookie, cursor):
        try:
            answer = send(
                f"http://127.0.0.1:{next(self.ports)}", "GET", "/api/v1/games?limit=100",
                {"Cookie": cookie, "Tandem-Cursor": cursor}, timeout=5)
            if answer.status == 200:
                return {game["id"]: game["version"] for game in answer.json["games"]}
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.2)
        return None


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

    def leave(self, watchers):
        """They go away for longer."""
        def work():
            for watcher in watchers:
                watcher.is_absent = True
                if watcher.socket:
                    self.end(watcher)
        self.ask(work)

    def come_back(self, watchers):
        def work():
            for watcher in watchers:
                watcher.is_absent = False
                self.plan(watcher, 0)
        self.ask(work)

    def plan(self, watcher, after):
        heapq.heappush(self.due, (time.time() + after, next(self.order), watcher))

    def end(self, watcher, abruptly=False, after=None):
        self.selector.unregister(watcher.socket)
        watcher.close(abruptly)
        # The documented delay, but at most two seconds, to keep the server under load.
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
            watcher = heapq.heappop(self.due)[2]
            if not watcher.is_absent and not watcher.socket:
                self.open(watcher)
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
