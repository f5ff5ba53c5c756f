"""A person's browser, as far as HTTP goes."""

import http.client
import http.cookies
import json
import time
import urllib.parse
import uuid
from datetime import datetime, timedelta, timezone

from .waiting import until

MIRA, TOMAS, JUNO, SABLE, WREN, PELL = (str(100_000_000_000_000_000 + number) for number in range(1, 7))
LANTERN, CEDAR = "300000000000000001", "300000000000000002"
LANTERN_GENERAL, LANTERN_GAMES, LANTERN_KEEPERS = "400000000000000101", "400000000000000102", "400000000000000103"
CEDAR_GENERAL, CEDAR_GAMES = "400000000000000201", "400000000000000202"
KEEPERS, REGULARS = "310000000000000001", "310000000000000002"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The code of an error, which must have the documented form."""
        error = self.json["error"]
        assert error["code"] and error["message"], error
        return error["code"]

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


def send(url, method, target, headers=None, body=None, timeout=15):
    """One request on a connection of its own."""
    place = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=timeout)
    try:
        connection.request(method, target, body=body, headers=headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def consent(address, **decision):
    """Decides on the sandbox's consent page; returns the address that the browser is sent back to."""
    place = urllib.parse.urlsplit(address)
    back = send(
        f"{place.scheme}://{place.netloc}", "POST", f"{place.path}?{place.query}",
        {"Content-Type": "application/x-www-form-urlencoded"}, urllib.parse.urlencode(decision))
    assert back.status == 302, back
    return urllib.parse.urlsplit(back.headers["location"])


class Visitor:
    """A user's browser with its cookies; signed in once `sign_in` has been called."""

    def __init__(self, url):
        self.url = url
        self.cookies = {}
        self.user = None

    def request(self, method, target, body=None, headers=None, origin=True, timeout=15):
        sent = {"Cookie": self.cookie} if self.cookies else {}
        if origin and method not in ("GET", "HEAD"):
            sent["Origin"] = self.url
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        answer = send(self.url, method, target, sent, body, timeout)
        for line in answer.headers.get_all("set-cookie") or []:
            for name, morsel in http.cookies.SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    @property
    def cookie(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, target, **more):
        return self.request("GET", target, **more)

    def post(self, target, body=None, **more):
        return self.request("POST", target, body, **more)

    def put(self, target, body=None, **more):
        return self.request("PUT", target, body, **more)

    def delete(self, target, **more):
        return self.request("DELETE", target, **more)

    def sign_in(self, user, return_to="/games"):
        """The way a browser goes: to Discord, which consents as `user`, and back."""
        away = self.get("/api/v1/auth/login?return_to=" + urllib.parse.quote(return_to, safe=""))
        assert away.status == 302, away
        callback = consent(away.headers["location"], sandbox_user=user)
        home = self.get(f"{callback.path}?{callback.query}")
        assert home.status == 302 and home.headers["location"] == return_to, home
        self.user = user
        return self

    # Games

    def create(self, guild=LANTERN, channel=LANTERN_GAMES, title="A table by the fire", **more):
        def made():
            answer = self.post("/api/v1/games", draft(guild, channel, title, **more))
            # A bot that has just connected may not have received its servers yet.
            return answer.status != 404 and answer
        answer = until(made, 20, f"the server {guild} being known", every=0.1)
        assert answer.status == 201, answer
        return answer.json

    def game(self, game_id):
        answer = self.get(f"/api/v1/games/{game_id}")
        assert answer.status == 200, answer
        return answer.json

    def join(self, game_id, key=None):
        return self.post(f"/api/v1/games/{game_id}/join", headers=keyed(key))

    def leave(self, game_id, key=None):
        return self.post(f"/api/v1/games/{game_id}/leave", headers=keyed(key))


def keyed(key):
    return {"Idempotency-Key": key} if key else {}


def draft(guild=LANTERN, channel=LANTERN_GAMES, title="A table by the fire", hours=48, **more):
    start = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(hours=hours)
    return {
        "guild_id": guild, "channel_id": channel, "title": title, "max_players": 5,
        "scheduled_at": start.isoformat().replace("+00:00", "Z"), **more,
    }


def new_key():
    return uuid.uuid4().hex


def metric(url, name, label=""):
    """The sum of a metric over its labels, or over those lines that have this one."""
    text = send(url, "GET", "/metrics").body.decode()
    lines = [line for line in text.splitlines() if line.split("{")[0].split(" ")[0] == name and label in line]
    assert lines, f"no metric {name}"
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def now():
    return time.monotonic()
