"""Whatever comes in is answered with a code and a sentence, and harms no other client."""

import json
import random
import re
import socket
import time
import urllib.parse

import pytest

from Live.process import Demo
from Live.publisher import signed
from Live.raw import exchange, is_json_error, parse, request
from Live.streams import Stream
from Live.waiting import until
from Live.web import CEDAR, CEDAR_GAMES, JUNO, LANTERN, LANTERN_GAMES, MIRA, SABLE, TOMAS, Visitor, consent, draft, metric, send


@pytest.fixture(scope="module")
def town():
    """A demo of its own, which is to be alive and itself at the end of all this."""
    with Demo("refusals") as running:
        yield running
        log = running.process.log()
        assert running.process.is_running, log[-3000:]
    assert "Fatal error" not in log and "internal_error" not in log, log[-3000:]


@pytest.fixture(scope="module")
def mira(town):
    return Visitor(town.url).sign_in(MIRA)


@pytest.fixture(scope="module")
def game(mira):
    return mira.create(title="Not to be broken")


def refused(answer, status, code):
    assert (answer.status, answer.code) == (status, code), answer
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_table_of_refusals(town, mira, game):
    stranger, sable = Visitor(town.url), Visitor(town.url).sign_in(SABLE)
    path = f"/api/v1/games/{game['id']}"
    text = {"Content-Type": "text/plain"}
    refused(mira.post("/api/v1/games", body="{", headers={"Content-Type": "application/json"}), 400, "malformed_json")
    refused(mira.get("/api/v1/auth/callback?code=x&state=y"), 400, "invalid_state")
    refused(mira.post(path + "/join", headers={"Idempotency-Key": "spaces are not allowed"}), 400, "invalid_idempotency_key")
    for query in (f"guild_id={CEDAR}&x=%ff", "%zz=1&limit=0", "after=%"):
        refused(mira.get("/api/v1/games?" + query), 400, "malformed_query")
    refused(mira.get(f"/api/v1/stream?topics=guild/{LANTERN}&cursor=%ff"), 400, "malformed_query")
    refused(mira.get("/api/v1/sse/game-updates?x=%ff", headers={"Last-Event-ID": "1-1"}), 400, "malformed_query")
    refused(stranger.get("/api/v1/auth/login?return_to=%ff"), 400, "malformed_query")
    refused(stranger.get("/api/v1/games"), 401, "not_signed_in")
    refused(stranger.get("/api/v1/sse/game-updates"), 401, "not_signed_in")
    refused(stranger.get("/api/v1/games", headers={"Cookie": "tandem_session=" + "A" * 43}), 401, "not_signed_in")
    refused(mira.post(path + "/join", origin=False), 403, "bad_origin")
    tomas = Visitor(town.url).sign_in(TOMAS)
    edit = draft(title="Mine now") | {"version": game["version"]}
    refused(tomas.put(path, edit), 403, "not_game_manager")
    refused(sable.get(path), 404, "game_not_found")
    refused(mira.get("/api/v1/games/nothing"), 404, "game_not_found")
    refused(mira.get("/api/v1/nothing"), 404, "not_found")
    refused(mira.get(f"/api/v1/guilds/{LANTERN}0/channels"), 404, "guild_not_found")
    wrong = mira.request("PATCH", path)
    refused(wrong, 405, "method_not_allowed")
    assert {"GET", "PUT", "DELETE"} <= {each.strip() for each in wrong.headers["allow"].split(",")}
    assert mira.put(path, draft(title="Edited") | {"version": mira.game(game["id"])["version"]}).status == 200
    refused(mira.put(path, edit), 409, "version_conflict")
    large = json.dumps(draft(description="x" * 100_000))
    refused(mira.post("/api/v1/games", large, headers={"Content-Type": "application/json"}), 413, "body_too_large")
    refused(mira.get("/api/v1/games?after=" + "x" * 9000), 414, "start_line_too_long")
    refused(mira.post("/api/v1/games", json.dumps(draft()), headers=text), 415, "unsupported_media_type")
    faulty = mira.post("/api/v1/games", draft(title="", max_players=0))
    assert faulty.status == 422 and faulty.code.startswith("invalid_")
    assert {each["field"] for each in faulty.json["error"]["fields"]} == {"title", "max_players"}
    refused(mira.get("/api/v1/games?limit=0"), 422, "invalid_limit")
    refused(mira.get("/api/v1/games", headers={"X-Much": "y" * 20_000}), 431, "headers_too_large")
    refused(mira.get("/api/v1/games", headers={f"X-{number}": "y" for number in range(150)}), 431, "too_many_headers")


def test_too_many_changes_are_refused_with_the_time_to_retry(town):
    visitor = Visitor(town.url).sign_in(SABLE)
    hall = visitor.create(CEDAR, CEDAR_GAMES, title="Once too often")["id"]
    for _ in range(100):
        answer = visitor.join(hall)
        if answer.status == 429:
            break
    refused(answer, 429, "too_many_requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 5
    # Others are not concerned, nor is reading.
    assert visitor.game(hall)["id"] == hall
    assert Visitor(town.url).sign_in(MIRA).join(hall).status == 200


def test_web_and_discord_share_one_limit_on_changes(town):
    juno, discord = Visitor(town.url).sign_in(JUNO), town.discord
    game = juno.create(title="Hot potato")["id"]
    discord.card(game)

    def is_put_off():
        # A second gives one more: whichever asks first has it.
        until(lambda: juno.join(game).status == 429, what="the web putting off")
        pressed = discord.press_join(JUNO, game, wait_ms=5000)
        return "try again in" in pressed["follow_ups"][0]["content"]

    # With an allowance of its own each press would be let through: there are fewer than those.
    assert any(is_put_off() for _ in range(20))
    assert "signed up" in discord.press_leave(MIRA, game, wait_ms=5000)["follow_ups"][0]["content"]


@pytest.mark.parametrize("origin", [
    "https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:{port}.evil.example",
    "http://localhost.evil.example:{port}", "", "http://127.0.0.1:{port}/", "http://127.0.0.1:{port}, https://evil.example",
])
def test_another_site_cannot_change_anything(town, mira, game, origin):
    headers = {"Origin": origin.format(port=town.port)}
    for method, path in (("POST", f"/api/v1/games/{game['id']}/join"), ("POST", "/api/v1/auth/logout"), ("POST", "/api/v1/games")):
        answer = mira.request(method, path, headers=headers, origin=False)
        assert (answer.status, answer.code) == (403, "bad_origin"), (path, answer)
    answer = mira.post(f"/api/v1/games/{game['id']}/join", headers={"Referer": "https://evil.example/x"}, origin=False)
    assert (answer.status, answer.code) == (403, "bad_origin")
    assert mira.get("/api/v1/auth/user").status == 200


def test_our_own_pages_can(town, mira, game):
    assert mira.post(f"/api/v1/games/{game['id']}/join", headers={"Referer": town.url + "/games"}, origin=False).status == 200
    assert mira.leave(game["id"]).status == 204


@pytest.mark.parametrize("target", [
    "//evil.example", "https://evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example", "javascript:alert(1)",
    "evil.example", "/ /evil", "", "/%0d%0aSet-Cookie:x=y\r\nSet-Cookie: x=y", "/é", "/" + "x" * 5000,
])
def test_signing_in_never_leads_elsewhere(town, target):
    answer = Visitor(town.url).get("/api/v1/auth/login?return_to=" + urllib.parse.quote(target, safe=""))
    assert (answer.status, answer.code) == (422, "invalid_return_to"), answer


def test_a_sign_in_works_once_and_only_in_the_browser_that_began_it(town):
    visitor, thief = Visitor(town.url), Visitor(town.url)
    away = visitor.get("/api/v1/auth/login?return_to=/games")
    back = consent(away.headers["location"], sandbox_user=MIRA)
    target = f"{back.path}?{back.query}"
    refused(thief.get(target), 400, "invalid_state")
    thief.get("/api/v1/auth/login")
    refused(thief.get(target), 400, "invalid_state")
    query = urllib.parse.parse_qs(back.query)
    refused(visitor.get(f"{back.path}?code={query['code'][0]}&state={query['state'][0]}x"), 400, "invalid_state")
    first = visitor.get(target)
    assert first.status == 302 and first.headers["location"] == "/games"
    cookie = next(line for line in first.headers.get_all("set-cookie") if line.startswith("tandem_session="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    assert "tandem_signin" not in visitor.cookies
    # Loaded again, it starts nothing: a browser that is signed in goes where it wanted to.
    again = visitor.get(target)
    assert again.status == 302 and again.headers["location"] == "/games" and not again.headers.get_all("set-cookie")
    refused(Visitor(town.url).get(target), 400, "invalid_state")


def test_behind_an_https_proxy_cookies_are_for_https_alone():
    with Demo("secure", TANDEM_TRUSTED_PROXIES="127.0.0.1") as town:
        def get(path, cookie=""):
            return send(town.url, "GET", path, {"X-Forwarded-Proto": "https", "Cookie": cookie})

        plain = Visitor(town.url).sign_in(TOMAS)
        away = get("/api/v1/auth/login?return_to=/games")
        assert away.headers["strict-transport-security"] == "max-age=31536000"
        binding = away.headers["set-cookie"]
        back = consent(away.headers["location"], sandbox_user=MIRA)
        home = get(f"{back.path}?{back.query}", binding.split(";")[0])
        cookies = {line.split("=")[0]: line for line in [binding, *home.headers.get_all("set-cookie")] if "Max-Age=0" not in line}
        assert set(cookies) == {"__Host-tandem_signin", "__Host-tandem_session"}
        for cookie in cookies.values():
            assert "; Secure" in cookie and "; HttpOnly" in cookie and "; Path=/;" in cookie and "Domain" not in cookie
        session = cookies["__Host-tandem_session"].split(";")[0]
        for sent in (session, f"{plain.cookie}; {session}", f"{session}; {plain.cookie}"):
            assert get("/api/v1/auth/user", sent).json["user"]["id"] == MIRA
        # What somebody in the network or on another host of the domain could have planted counts for nothing.
        refused(get("/api/v1/auth/user", plain.cookie), 401, "not_signed_in")
        # Without TLS nothing is asked of TLS.
        assert plain.get("/api/v1/auth/user").headers["strict-transport-security"] is None


def test_one_network_cannot_stop_the_sign_ins_of_others():
    with Demo("sign-ins", TANDEM_SIGN_INS_PER_ADDRESS=5, TANDEM_TRUSTED_PROXIES="127.0.0.1") as town:
        def ask(path, address):
            return Visitor(town.url).get("/api/v1/auth/" + path, headers={"X-Forwarded-For": address})

        for path, let_through in (("login", 302), ("callback?code=x&state=y", 400)):
            answers = [ask(path, f"2001:db8::{number:x}") for number in range(1, 60)]
            assert {each.status for each in answers} == {let_through, 429}
            late = next(each for each in answers if each.status == 429)
            refused(late, 429, "too_many_requests")
            assert 1 <= int(late.headers["retry-after"]) <= 60
            assert ask(path, "2001:db8:0:1::1").status == ask(path, "192.0.2.1").status == let_through
        assert Visitor(town.url).sign_in(MIRA).get("/api/v1/auth/user").status == 200


def test_a_person_is_signed_in_with_so_many_browsers():
    with Demo("browsers", TANDEM_SESSIONS_PER_PERSON=3) as town:
        browsers = [Visitor(town.url).sign_in(MIRA) for _ in range(5)]
        assert [each.get("/api/v1/auth/user").status for each in browsers] == [401, 401, 200, 200, 200]


def test_one_member_cannot_flood_a_channel_with_games():
    limits = dict(TANDEM_NEW_GAMES_PER_PERSON=5, TANDEM_OPEN_GAMES_PER_PERSON=6, TANDEM_OPEN_GAMES_PER_GUILD=8)
    with Demo("flood", **limits) as town:
        def plan(visitor):
            return visitor.post("/api/v1/games", draft(LANTERN, LANTERN_GAMES))

        def command(user):
            return json.dumps(town.discord.command(user, LANTERN_GAMES, "game create", title="Flood", when="in 2 hours"))

        tomas, juno = (Visitor(town.url).sign_in(user) for user in (TOMAS, JUNO))
        until(lambda: plan(tomas).status == 201, what="the server being known")
        for _ in range(2):
            assert plan(tomas).status == 201
        # On Discord and on the web it's the same five.
        for _ in range(2):
            assert "Flood" in command(TOMAS)
        late = plan(tomas)
        refused(late, 429, "too_many_new_games")
        assert 500 < int(late.headers["retry-after"]) <= 600 and "5 games within ten minutes" in late.body.decode()
        assert "5 games within ten minutes" in command(TOMAS)
        # Others may, until the server has as many as it may have.
        for _ in range(3):
            assert plan(juno).status == 201
        refused(plan(juno), 409, "guild_has_too_many_games")
        assert "This server has 8 games" in command(JUNO)
        assert len(tomas.get("/api/v1/games").json["games"]) == 8


def test_declining_consent_returns_without_a_session(town):
    visitor = Visitor(town.url)
    away = visitor.get("/api/v1/auth/login?return_to=/games/mine")
    back = consent(away.headers["location"], decision="deny")
    home = visitor.get(f"{back.path}?{back.query}")
    assert home.status == 302 and home.headers["location"] == "/games/mine" and "tandem_session" not in visitor.cookies


@pytest.mark.parametrize("path", [
    "/app/../../Package.swift", "/app/..%2f..%2fPackage.swift", "/app/%2e%2e/%2e%2e/Package.swift", "/app/....//Package.swift",
    "/app//etc/passwd", "/app/..\\..\\Package.swift", "/app/%00", "/app/styles/app.css%00.html", "/sdk/../app/../../Makefile",
    "/app/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd", "/demo/../../Makefile", "/../../../../etc/passwd", "/app/.hidden",
    "/app/%c0%ae%c0%ae/Package.swift", "/app/.", "/app/..",
])
def test_nothing_outside_the_web_folder_is_served(town, path):
    for url in (town.url, town.sandbox_url):
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        answer = request(url, head)
        assert answer.status in (301, 302, 308, 400, 404), answer
        assert b"swift-tools-version" not in answer.body and b"root:" not in answer.body and b".PHONY" not in answer.body


HOST = "Host: 127.0.0.1\r\n"
MALFORMED = [
    ("GET / HTTP/1.1\r\n\r\n", 400), (f"GET / HTTP/1.1\r\n{HOST}{HOST}\r\n", 400), (f"GET  / HTTP/1.1\r\n{HOST}\r\n", 400),
    (f"GET /\r\n{HOST}\r\n", 400), (f"GET / HTTP/2.0\r\n{HOST}\r\n", 505), (f"G@T / HTTP/1.1\r\n{HOST}\r\n", 400),
    (f"GET / HTTP/1.1\n{HOST}\r\n", 400), (f"GET / HTTP/1.1\r\n{HOST} folded: x\r\n\r\n", 400),
    (f"GET / HTTP/1.1\r\n{HOST}Bad Name: x\r\n\r\n", 400), (f"GET / HTTP/1.1\r\n{HOST}No-Colon\r\n\r\n", 400),
    (f"GET / HTTP/1.1\r\n{HOST}X: a\0b\r\n\r\n", 400), (f"GET /\x7f HTTP/1.1\r\n{HOST}\r\n", 400),
    (f"POST /api/v1/games HTTP/1.1\r\n{HOST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
    (f"POST /api/v1/games HTTP/1.1\r\n{HOST}Content-Length: -1\r\n\r\n", 400), (f"POST /api/v1/games HTTP/1.1\r\n{HOST}Content-Length: +5\r\n\r\nhello", 400),
    (f"POST /api/v1/games HTTP/1.1\r\n{HOST}Content-Length: 99999999999999999999999\r\n\r\n", (400, 413)),
    (f"POST /api/v1/games HTTP/1.1\r\n{HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (f"POST /api/v1/games HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip\r\n\r\n", (400, 501)),
    (f"POST /api/v1/games HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", (400, 501)),
    (f"POST /api/v1/games HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    (f"POST /api/v1/games HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n", 400),
    (f"POST /api/v1/games HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX", 400),
    (f"POST /api/v1/games HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", (400, 413)),
    (f"POST /api/v1/games HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n", (400, 413)),
    (f"POST / HTTP/1.1\r\n{HOST}Expect: the-unexpected\r\nContent-Length: 0\r\n\r\n", (400, 404, 405, 417)),
    ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
]


@pytest.mark.parametrize("head, status", MALFORMED)
def test_malformed_http_is_refused_and_the_connection_closed(town, head, status):
    # Whatever else stands in the buffer is not taken for another request.
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    received = exchange(town.url, head.encode("latin-1") + smuggled, close_writing=True)
    answer = parse(received)
    assert answer.status == status or answer.status in (status if isinstance(status, tuple) else ()), answer
    assert "connection: close" in answer.headers or answer.status in (404, 405)
    if answer.status not in (404, 405):
        assert len(re.findall(rb"HTTP/1\.1 \d{3} ", received)) == 1
        assert is_json_error(answer), answer


def mutations(dice, valid, count):
    """Requests that were whole before something happened to them."""
    for _ in range(count):
        data = bytearray(dice.choice(valid))
        for _ in range(dice.randrange(1, 6)):
            place = dice.randrange(len(data) or 1)
            kind = dice.randrange(6)
            if kind == 0 and data:
                data[place] = dice.randrange(256)
            elif kind == 1:
                data[place:place] = bytes(dice.randrange(256) for _ in range(dice.randrange(1, 8)))
            elif kind == 2:
                del data[place:place + dice.randrange(1, 20)]
            elif kind == 3:
                data[place:place] = dice.choice([
                    b"\r\n", b"\0", b"\xff\xfe", b"%00", b"%", b"..", b": ", b"99999999999999999999", b"-1", b"{", b"[" * 300,
                    b"\xf0\x9f\x92\xa9", b'\\ud800', b"1e999", b"null", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 3\r\n"])
            elif kind == 4 and data:
                data += data[place:place + 60]
            else:
                del data[place:]
        yield bytes(data)


def test_thousands_of_broken_requests_break_nothing(town, mira, game):
    """Many at once, cut off, mangled, with a session and without, for some seconds; then everything is as before."""
    dice = random.Random(20)
    cookie = mira.cookie
    begin = f"Host: 127.0.0.1:{town.port}\r\nCookie: {cookie}\r\nOrigin: {town.url}\r\n"
    body = json.dumps(draft(title="Broken"))
    valid = [text.encode() for text in (
        f"GET /api/v1/games?guild_id={LANTERN}&limit=20&status=scheduled HTTP/1.1\r\n{begin}\r\n",
        f"GET /api/v1/games/{game['id']} HTTP/1.1\r\n{begin}\r\n",
        f"GET /api/v1/sse/game-updates HTTP/1.1\r\n{begin}Last-Event-ID: 0123456789abcdef-12\r\n\r\n",
        f"GET /api/v1/stream?topics=guild/{LANTERN} HTTP/1.1\r\n{begin}\r\n",
        f"GET /app/main.js HTTP/1.1\r\n{begin}Range: bytes=0-5\r\nIf-None-Match: \"x\"\r\n\r\n",
        f"POST /api/v1/games HTTP/1.1\r\n{begin}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}",
        f"POST /api/v1/games HTTP/1.1\r\n{begin}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        f"{len(body):x}\r\n{body}\r\n0\r\n\r\n",
        f"PUT /api/v1/games/{game['id']} HTTP/1.1\r\n{begin}Content-Type: application/json\r\nContent-Length: 11\r\n\r\n{{\"version\":1}}",
        f"POST /api/v1/games/{game['id']}/join HTTP/1.1\r\n{begin}Idempotency-Key: abc\r\nContent-Length: 0\r\n\r\n",
        f"GET /api/v1/auth/callback?code=abc&state=abc.def HTTP/1.1\r\n{begin}\r\n",
        f"POST /internal/v1/events HTTP/1.1\r\n{begin}Content-Type: application/json\r\nX-Tandem-Timestamp: 1\r\n"
        "X-Tandem-Signature: sha256=00\r\nContent-Length: 2\r\n\r\n{}",
    )]
    place = urllib.parse.urlsplit(town.url)
    count, waiting = 0, []
    deadline = time.monotonic() + 8
    for data in mutations(dice, valid, 6000):
        if time.monotonic() > deadline:
            break
        connection = socket.create_connection((place.hostname, place.port), timeout=5)
        connection.sendall(data)
        count += 1
        waiting.append(connection)
        if len(waiting) > 40:
            # Some are given time to be answered, some are cut off while they are.
            old = waiting.pop(0)
            if dice.random() < 0.5:
                old.setblocking(False)
                try:
                    old.recv(65536)
                except OSError:
                    pass
            old.close()
    for connection in waiting:
        connection.close()
    assert count > 1000, f"only {count} in 8 s"
    assert send(town.url, "GET", "/readyz").status == 200
    until(lambda: metric(town.url, "tandem_streams") == 0, what="no stream being left")
    until(lambda: metric(town.url, "http_connections") <= 2, 20, "no connection being left")
    again = mira.game(game["id"])
    assert again["id"] == game["id"]


def test_no_frame_is_too_strange(town):
    """The sandbox's gateway is the one WebSocket: whatever frame comes, it answers or closes, and serves the next."""
    dice = random.Random(30)
    place = urllib.parse.urlsplit(town.sandbox_url)
    upgrade = (
        "GET /gateway?v=10&encoding=json HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode()
    strange = [
        b"\x81\x05hello", b"\xff\x80\0\0\0\0", b"\x83\x80\0\0\0\0", b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",
        b"\x80\x80\0\0\0\0", b"\x09\x80\0\0\0\0", b"\x89\xfe\x00\x7e\0\0\0\0" + b"x" * 126, b"\x81\x82\0\0\0\0\xff\xfe",
        b"\x88\x81\0\0\0\0\x03", b"\x88\x82\0\0\0\0\x03\xed", b"\xc1\x80\0\0\0\0", b"\x81\x84\0\0\0\0{\"op",
    ] + [bytes(dice.randrange(256) for _ in range(dice.randrange(1, 60))) for _ in range(150)]
    for frame in strange:
        with socket.create_connection((place.hostname, place.port), timeout=5) as connection:
            connection.sendall(upgrade)
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(65536)
            assert received.startswith(b"HTTP/1.1 101 "), received[:100]
            try:
                connection.sendall(frame)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
            except (socket.timeout, TimeoutError):
                raise AssertionError(f"hangs after {frame!r}")
            except OSError:
                pass
    discord = town.discord
    assert discord.is_connected() and len(discord.state()["sessions"]) == 1


@pytest.mark.parametrize("body", [
    "null", "[]", "1", '"text"', "{}", '{"title":null}', '{"guild_id":1}', '{"guild_id":"x","channel_id":"y"}', "[" * 50_000,
    '{"title":"\\ud800"}', '{"scheduled_at":"yesterday"}', '{"scheduled_at":"9999-99-99T99:99:99Z"}', '{"max_players":1e999}',
    '{"max_players":99999999999999999999}', '{"duration_minutes":-9223372036854775808}', '{"version":"1"}', '{"title":' + '"a"' * 2 + "}",
    '{"title":"a","title":"b"}', "\ufeff{}", '{"where":"\\u0000"}',
])
def test_no_body_is_too_strange(mira, game, body):
    for method, path in (("POST", "/api/v1/games"), ("PUT", f"/api/v1/games/{game['id']}")):
        answer = mira.request(method, path, body.encode("utf-8"), headers={"Content-Type": "application/json"})
        assert answer.status in (400, 422, 429), (method, answer)
        assert answer.code


@pytest.mark.parametrize("path", [
    "/api/v1/games/%00", "/api/v1/games/%ff", "/api/v1/games/" + "9" * 500, "/api/v1/games/-1", "/api/v1/guilds/99999999999999999999999",
    "/api/v1/guilds/0", "/api/v1/guilds/abc/channels", "/api/v1/games?guild_id=x", "/api/v1/games?after=x", "/api/v1/games?limit=1e9",
    "/api/v1/games?status=sleeping", "/api/v1/games?role=king", "/api/v1/stream?topics=", "/api/v1/stream?topics=%20",
    "/api/v1/stream?topics=" + ",".join(["guild/1"] * 60), "/api/v1/games/..%2f..", "/api/v1//games", "/api/v1/games/a/b/c",
])
def test_no_identifier_is_too_strange(mira, path):
    answer = mira.get(path)
    assert answer.status in (400, 404, 422), answer
    assert answer.code


@pytest.mark.parametrize("cookie", [
    "tandem_session", "tandem_session=", "=", ";;;", "tandem_session=\xff\xfe", "tandem_session=" + "x" * 8000, "a=b; tandem_session=!",
    'tandem_session="quoted"', "tandem_session=%00; tandem_session=%00",
])
def test_no_cookie_is_too_strange(town, cookie):
    answer = request(
        town.url, f"GET /api/v1/games HTTP/1.1\r\n{HOST}Cookie: {cookie}\r\nConnection: close\r\n\r\n")
    assert answer.status in (400, 401) and is_json_error(answer), answer


# Publishing


def test_only_a_good_signature_publishes(town, mira):
    stream = Stream(mira).opened()
    target = "/internal/v1/events"
    body = json.dumps({"topic": f"guild/{LANTERN}", "kind": "note", "payload": {"game_id": "signed"}}).encode()

    def post(headers, content=body):
        return send(town.url, "POST", target, headers, content)

    clock = int(time.time())
    good = signed(body)
    refused(post({"Content-Type": "application/json"}), 401, "invalid_signature")
    refused(post(signed(body, secret="another secret, as long as the first")), 401, "invalid_signature")
    refused(post(signed(body, at=clock - 120)), 401, "invalid_signature")
    refused(post(signed(body, at=clock + 120)), 401, "invalid_signature")
    refused(post(signed(body, at=f"{clock}.5.5")), 401, "invalid_signature")
    refused(post(signed(body, at="9" * 30)), 401, "invalid_signature")
    refused(post(good, body + b" "), 401, "invalid_signature")
    refused(post(good | {"X-Tandem-Signature": good["X-Tandem-Signature"][:-2]}), 401, "invalid_signature")
    refused(post(good | {"X-Tandem-Signature": good["X-Tandem-Signature"].removeprefix("sha256=")}), 401, "invalid_signature")
    # A person's session is no signature.
    refused(mira.post(target, json.loads(body)), 401, "invalid_signature")
    accepted = post(good)
    assert accepted.status == 202 and isinstance(accepted.json["number"], int)
    refused(post(good), 401, "invalid_signature")
    event = stream.wait(lambda data: data["game_id"] == "signed")
    assert event.id.endswith(f"-{accepted.json['number']}")
    for content, status, code in [
        (b"{", 400, "malformed_json"), (b'{"topic":"a b","kind":"k","payload":{}}', 422, "invalid_topic"),
        (b'{"topic":"a","kind":"","payload":{}}', 422, "invalid_kind"),
        (json.dumps({"topic": "a", "kind": "k", "payload": {"x": "y" * 20_000}}).encode(), 413, "payload_too_large"),
        (b'{"topic":"a","kind":"k","payload":[]}', 400, "malformed_json"),
        (b'{"topic":"room/1","kind":"k","payload":{}}', 422, "invalid_topic"),
        (b'{"events":[]}', 422, "invalid_events"),
        (json.dumps({"events": [json.loads(body), json.loads(body) | {"topic": "room/1"}]}).encode(), 422, "invalid_topic"),
        (json.dumps({"topic": "user/1", "kind": "access.granted", "payload": {
            "principal": f"user/{MIRA}", "topic": f"guild/{CEDAR}9"}}).encode(), 422, "invalid_kind"),
    ]:
        refused(post(signed(content), content), status, code)
    assert [event.json["game_id"] for event in stream.events].count("signed") == 1
    stream.close()
