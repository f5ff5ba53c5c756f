"""Bodies that nobody wants, sent slowly by many."""

import pathlib
import socket
import time

import pytest
from Live.process import Demo
from Live.raw import parse
from Live.web import send


def resident(process):
    """The memory of a process, in MB."""
    status = pathlib.Path(f"/proc/{process.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@pytest.mark.parametrize(
    "target, status, code",
    [("/nothing/here", 404, "not_found"), ("/healthz", 405, "method_not_allowed"), ("/api/v1/games", 413, "body_too_large")])
def test_slow_uploads_are_answered_at_once_and_take_no_memory(target, status, code):
    with Demo("slow-uploads", TANDEM_LOG_LEVEL="warning") as demo:
        send(demo.url, "GET", "/readyz")
        before = resident(demo.process)
        host, port = demo.url[7:].split(":")
        head = f"POST {target} HTTP/1.1\r\nHost: {demo.url[7:]}\r\nContent-Length: 1000000\r\n\r\n".encode()
        clients = []
        try:
            for _ in range(150):
                client = socket.create_connection((host, int(port)), timeout=20)
                client.sendall(head)
                client.setblocking(False)
                clients.append(client)
            # As much as the server takes of almost everything.
            piece, most = b"x" * 65536, resident(demo.process)
            for _ in range(15):
                for client in clients:
                    try:
                        client.send(piece)
                    except OSError:
                        pass  # Nobody reads it, or it has been closed.
                most = max(most, resident(demo.process))
                time.sleep(0.02)
            assert most - before < 40, f"{before:.0f} MB before, {most:.0f} MB with the uploads"
            fresh = socket.create_connection((host, int(port)), timeout=20)
            clients.append(fresh)
            fresh.sendall(head)
            answer = b""
            while b"}}" not in answer:
                more = fresh.recv(65536)
                assert more, answer
                answer += more
            answer = parse(answer)
            assert (answer.status, answer.code) == (status, code)
            assert send(demo.url, "GET", "/healthz").status == 200
        finally:
            for client in clients:
                client.close()
