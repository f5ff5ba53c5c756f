"""The transports of a stream: what a client sends first, and how it reads the bytes that come back."""

import json

from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.uri import parse_uri


class Refused(Exception):
    """The answer was no stream."""


class EventStream:
    """Server-sent events, over HTTP/1.1."""

    name = "SSE"

    def __init__(self, port, path, cookie, cursor):
        resume = f"Last-Event-ID: {cursor}\r\n" if cursor else ""
        self.opening = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n{resume}\r\n".encode()
        self.buffer, self.head = b"", None

    def received(self, data):
        """Yields (name, cursor, data, retry in seconds), each of which may be missing; the name of an event is `event`."""
        self.buffer += data
        if self.head is None:
            if b"\r\n\r\n" not in self.buffer:
                return
            self.head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            if b" 200 " not in self.head.split(b"\r\n")[0]:
                raise Refused
        *blocks, self.buffer = self.buffer.split(b"\n\n")
        for block in blocks:
            fields = {}
            for line in block.decode().split("\n"):
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
            retry = int(fields["retry"]) / 1000 if "retry" in fields else None
            yield fields.get("event", "event"), fields.get("id"), fields.get("data"), retry

    def to_send(self):
        return b""


class Socket:
    """A WebSocket, by a library that does no input and output of its own."""

    name = "WebSocket"

    def __init__(self, port, path, cookie, cursor):
        place = f"127.0.0.1:{port}"
        resume = f"{'&' if '?' in path else '?'}cursor={cursor}" if cursor else ""
        self.protocol = ClientProtocol(parse_uri(f"ws://{place}{path}{resume}"), origin=f"http://{place}", max_size=None)
        request = self.protocol.connect()
        request.headers["Cookie"] = cookie
        self.protocol.send_request(request)
        self.opening = self.to_send()

    def received(self, data):
        self.protocol.receive_data(data)
        if self.protocol.handshake_exc:
            raise Refused
        for happening in self.protocol.events_received():
            if getattr(happening, "opcode", None) is not Opcode.TEXT:
                continue
            text = happening.data.decode()
            message = json.loads(text)
            name = message["event"]
            retry = message["payload"]["reconnect_in_ms"] / 1000 if name == "bye" else None
            # To the letter, as it was committed.
            payload = text[text.index('"payload":') + len('"payload":'):text.rindex(',"ts":')]
            yield "event" if name == "message" else name, message.get("id"), payload, retry

    def to_send(self):
        """What the protocol wants answered: a close frame, a pong."""
        return b"".join(self.protocol.data_to_send())
