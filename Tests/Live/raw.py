"""Bytes to a socket and bytes from it, for what no client would send."""

import json
import socket
import urllib.parse

from .web import Answer


def exchange(url, sent, timeout=5, close_writing=False):
    """Sends bytes on a connection of their own and returns what came until the server closed it, or fell silent."""
    place = urllib.parse.urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=timeout) as connection:
        connection.settimeout(timeout)
        try:
            connection.sendall(sent)
            if close_writing:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # It was answered and closed while we were still sending.
        received = b""
        try:
            while True:
                more = connection.recv(65536)
                if not more:
                    return received
                received += more
        except (socket.timeout, TimeoutError):
            raise AssertionError(f"the connection hangs after {sent[:200]!r}, received {received[:200]!r}")
        except OSError:
            return received


def request(url, head, body=b"", **more):
    """One request, written by hand, on a connection that is to be closed after it. The answer, parsed."""
    return parse(exchange(url, head.encode("latin-1") + body, **more))


def parse(received):
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 "), received[:200]
    return Answer(int(head.split(b" ")[1]), head.decode("latin-1").lower(), body)


def is_json_error(answer):
    """Whether the answer is an error as documented."""
    try:
        error = json.loads(answer.body)["error"]
        return bool(error["code"] and error["message"])
    except (ValueError, KeyError, TypeError):
        return False
