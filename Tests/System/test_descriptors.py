"""More connections than the process may have files, and more than one address may have."""

import contextlib
import socket

from Live.process import Demo
from Live.streams import Stream
from Live.waiting import until
from Live.web import MIRA, Visitor, metric, send


def connected(url, count, request=b""):
    """That many connections, each with one request answered, which then stay open."""
    host, port = url[7:].split(":")
    made = []
    for _ in range(count):
        connection = socket.create_connection((host, int(port)), timeout=20)
        if request:
            connection.sendall(request)
        made.append(connection)
    return made


def close(connections):
    for connection in connections:
        connection.close()


def head(url):
    return f"GET /healthz HTTP/1.1\r\nHost: {url[7:]}\r\n\r\n".encode()


def test_idle_connections_make_room_and_streams_stay():
    with Demo("few-files", files=(256, 256)) as demo:
        mira = Visitor(demo.url).sign_in(MIRA)
        game = mira.create()
        with contextlib.closing(Stream(mira).opened()) as stream:
            idle = connected(demo.url, 200) + connected(demo.url, 200, head(demo.url))
            try:
                for _ in range(20):
                    assert send(demo.url, "GET", "/healthz", timeout=10).status == 200
                assert mira.join(game["id"]).status == 200
                until(lambda: stream.events, 10, "the event on the stream that was open before")
                assert metric(demo.url, "http_connections_evicted_total") > 0
            finally:
                close(idle)


def test_the_soft_limit_of_open_files_is_raised():
    with Demo("soft-limit", files=(128, 4096)) as demo:
        idle = connected(demo.url, 1000, head(demo.url))
        try:
            for connection in idle:
                assert connection.recv(64).startswith(b"HTTP/1.1 200")
            assert metric(demo.url, "http_connections") >= 1000
        finally:
            close(idle)


def test_one_address_has_its_share():
    with Demo("one-address", TANDEM_CONNECTIONS_PER_ADDRESS=60) as demo:
        idle = connected(demo.url, 65, head(demo.url))
        try:
            answers = [connection.recv(64)[:12] for connection in idle]
            assert 55 <= answers.count(b"HTTP/1.1 200") <= 60 and answers[-1] == b"HTTP/1.1 429", answers
            refused = send(demo.url, "GET", "/healthz")
            assert (refused.status, refused.code) == (429, "too_many_connections")
            # Another address of this machine.
            host, port = demo.url[7:].split(":")
            with socket.create_connection((host, int(port)), timeout=10, source_address=("127.0.0.2", 0)) as other:
                other.sendall(head(demo.url))
                assert other.recv(64).startswith(b"HTTP/1.1 200")
            assert demo.process.log().count("connections are refused") == 1
        finally:
            close(idle)
