"""Event streams, read by threads of their own with a reader that knows nothing of the program's own."""

import contextlib
import json
import socket
import struct
import threading
import time
import urllib.parse

import websockets.exceptions
import websockets.sync.client

from .waiting import until


class Data(dict):
    """An event's payload; None for fields that it lacks."""

    def __missing__(self, name):
        return None


class Event:
    def __init__(self, name, id, data, at):
        self.name, self.id, self.data, self.at = name, id, data, at

    @property
    def json(self):
        return Data(json.loads(self.data))

    def __repr__(self):
        return f"<{self.name or 'event'} {self.id} {self.data}>"


class Stream:
    """One open event stream of a visitor.

    `events` has the unnamed ones, `controls` the named ones. `last_id` is where to resume.
    """

    def __init__(self, visitor, path="/api/v1/sse/game-updates", last_id=None, receive_buffer=None, reading=True):
        self.visitor, self.path = visitor, path
        self.last_id = last_id
        self.events, self.controls = [], []
        self.ended = threading.Event()
        self.ended_at = None
        self.status, self.head = None, b""
        place = urllib.parse.urlsplit(visitor.url)
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(30)
        self.socket.connect((place.hostname, place.port))
        resume = f"Last-Event-ID: {last_id}\r\n" if last_id else ""
        cookie = f"Cookie: {visitor.cookie}\r\n" if visitor.cookies else ""
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\nAccept: text/event-stream\r\n{cookie}{resume}\r\n".encode())
        self.thread = threading.Thread(target=self.run, daemon=True)
        if reading:
            self.read()

    def read(self):
        self.thread.start()
        return self

    def opened(self, timeout=10):
        """Once the server has said `ready`."""
        until(lambda: self.control("ready") or self.ended.is_set(), timeout, f"ready on {self.path}")
        assert self.status == 200, self.head
        return self

    def run(self):
        try:
            self.socket.settimeout(None)
            buffer = b""
            while b"\r\n\r\n" not in buffer:
                more = self.socket.recv(65536)
                if not more:
                    self.head = buffer
                    return
                buffer += more
            self.head, buffer = buffer.split(b"\r\n\r\n", 1)
            self.status = int(self.head.split(b" ", 2)[1])
            while True:
                while b"\n\n" in buffer:
                    block, buffer = buffer.split(b"\n\n", 1)
                    self.take(block.decode())
                more = self.socket.recv(65536)
                if not more:
                    return
                buffer += more
        except OSError:
            pass
        finally:
            self.ended_at = time.monotonic()
            self.ended.set()

    def take(self, block):
        fields = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
        if "id" in fields:
            self.last_id = fields["id"][-1]
        if "data" not in fields:
            return
        event = Event(fields.get("event", [""])[-1], self.last_id, "\n".join(fields["data"]), time.monotonic())
        (self.controls if event.name else self.events).append(event)

    def control(self, name):
        return next((event for event in self.controls if event.name == name), None)

    def wait(self, matches, timeout=10, what="the event"):
        """The first event for which `matches(data)` holds."""
        def found():
            return next((event for event in list(self.events) if matches(event.json)), None)
        try:
            return until(found, timeout, what, every=0.002)
        except AssertionError as error:
            raise AssertionError(f"{error}; seen: {self.events[-5:]} {self.controls[-5:]}") from None

    def wait_control(self, name, timeout=10, matches=lambda data: True):
        def found():
            return next((each for each in list(self.controls) if each.name == name and matches(each.json)), None)
        return until(found, timeout, f"{name} on {self.path}, seen {self.controls}", every=0.002)

    def wait_end(self, timeout=10):
        assert self.ended.wait(timeout), f"the stream is still open after {timeout} s: {self.controls[-3:]}"
        return self

    def numbers(self):
        return [int(event.id.rsplit("-", 1)[1]) for event in self.events]

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def reset(self):
        """Ends it with RST, as when a client's network is cut."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self.thread.is_alive():
            # A thread that sits in recv keeps the socket; shutting down the reading side wakes it.
            self.socket.shutdown(socket.SHUT_RD)
            self.thread.join(5)
        self.socket.close()

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Socket(Stream):
    """The same over a WebSocket, read by a library: `code` and `reason` are those of the close frame."""

    def __init__(self, visitor, path="/api/v1/stream", last_id=None, origin=None):
        self.visitor, self.path, self.last_id = visitor, path, last_id
        self.events, self.controls = [], []
        self.ended, self.ended_at = threading.Event(), None
        self.code, self.reason = None, None
        resume = f"{'&' if '?' in path else '?'}cursor={last_id}" if last_id else ""
        headers = {"Cookie": visitor.cookie} if visitor.cookies else {}
        self.life = contextlib.ExitStack()
        self.connection = self.life.enter_context(websockets.sync.client.connect(
            "ws" + visitor.url.removeprefix("http") + path + resume, additional_headers=headers, origin=origin or visitor.url,
            max_size=None))
        self.socket, self.status = self.connection.socket, 200
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.read()

    def run(self):
        try:
            for text in self.connection:
                message = json.loads(text)
                assert (message["v"], message["type"]) == (1, "event") and message["ts"] > 0, message
                self.last_id = message.get("id", self.last_id)
                name = "" if message["event"] == "message" else message["event"]
                event = Event(name, self.last_id, json.dumps(message["payload"]), time.monotonic())
                (self.controls if name else self.events).append(event)
        except websockets.exceptions.ConnectionClosed:
            pass
        finally:
            self.code, self.reason = self.connection.close_code, self.connection.close_reason
            self.ended_at = time.monotonic()
            self.ended.set()

    def close(self):
        self.life.close()


class Returning:
    """A client that comes back with its cursor whenever its stream has ended, until it's refused.

    `events` and `controls` are those of all its streams. `refused` is set once it's told that it isn't signed in.
    """

    def __init__(self, visitor, transport=Stream, **more):
        self.visitor, self.transport, self.more = visitor, transport, more
        self.streams = [transport(visitor, **more)]
        self.refused, self.over = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    @property
    def path(self):
        return self.streams[0].path

    @property
    def events(self):
        return [event for stream in list(self.streams) for event in list(stream.events)]

    @property
    def controls(self):
        return [event for stream in list(self.streams) for event in list(stream.controls)]

    @property
    def last_id(self):
        return self.streams[-1].last_id

    def opened(self):
        self.streams[0].opened()
        self.thread.start()
        return self

    def run(self):
        while not self.over.is_set() and not self.refused.is_set():
            self.streams[-1].ended.wait()
            if self.over.wait(0.1):
                return
            with contextlib.suppress(OSError, websockets.exceptions.WebSocketException):
                try:
                    stream = self.transport(self.visitor, last_id=self.last_id, **self.more)
                except websockets.exceptions.InvalidStatus as error:
                    self.judge(error.response.status_code)
                    continue
                until(lambda: stream.status or stream.ended.is_set(), 20, "an answer")
                self.judge(stream.status)
                if stream.status == 200:
                    self.streams.append(stream)

    def judge(self, status):
        if status == 401:
            self.refused.set()

    def wait_control(self, name, timeout=10):
        return until(
            lambda: next((each for each in self.controls if each.name == name), None), timeout,
            f"{name} on {self.path}, seen {self.controls}", every=0.002)

    def wait_refused(self, timeout=10):
        assert self.refused.wait(timeout), f"not refused after {timeout} s: {self.controls[-3:]}"

    def close(self):
        self.over.set()
        for stream in self.streams:
            stream.close()
