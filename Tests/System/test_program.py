"""How the program starts, stops and complains."""

import json
import re
import shutil
import socket
import subprocess
import urllib.request

import pytest

from Live.process import Demo, Folder, Process, ROOT, environment, executable, free_port
from Live.streams import Stream
from Live.waiting import until
from Live.web import JUNO, LANTERN, MIRA, TOMAS, Visitor, now, send


def run(*arguments, timeout=20, **settings):
    return subprocess.run(
        [executable(), *arguments], cwd=ROOT, env=environment(**settings), capture_output=True, text=True, timeout=timeout)


def test_it_says_what_it_is():
    assert re.match(r"tandem \d+\.\d+\.\d+", run("version").stdout)
    text = run("help")
    assert text.returncode == 0 and all(word in text.stdout for word in ("serve", "demo", "doctor", "TANDEM_PORT"))


def test_an_unknown_command_ends_with_64():
    answer = run("fly")
    assert answer.returncode == 64 and "fly" in answer.stderr


def test_every_configuration_fault_is_reported_at_once_and_no_secret_is_shown():
    answer = run(
        "serve", "--colour", "red", "--loops", "0", TANDEM_PORT="99999", TANDEM_LOG="xml", TANDEM_COLOUR="red",
        TANDEM_SECRET="hush-short", TANDEM_PUBLISH_SECRET="hush-too", TANDEM_DISCORD_API="ftp://x", TANDEM_ROLES="api,king")
    assert answer.returncode == 78
    for name in ("--colour", "TANDEM_LOOPS", "TANDEM_PORT", "TANDEM_LOG", "TANDEM_COLOUR", "TANDEM_SECRET",
                 "TANDEM_PUBLISH_SECRET", "TANDEM_DISCORD_API", "TANDEM_ROLES"):
        assert name in answer.stderr, name
    assert "hush" not in answer.stderr + answer.stdout
    assert len(answer.stderr.strip().splitlines()) == 9


def test_a_bot_that_discord_refuses_ends_the_server_with_78():
    """A supervisor must not start it again and again."""
    demo, folder = Demo("refusing"), Folder()
    server = Process(
        "refused", "serve", TANDEM_PORT=free_port(), TANDEM_DATA=folder.path, TANDEM_LOOPS=1,
        TANDEM_DISCORD_API=demo.sandbox_url + "/api/v10", TANDEM_DISCORD_CLIENT_ID="1100000000000000001",
        TANDEM_DISCORD_CLIENT_SECRET="sandbox-client-secret", TANDEM_DISCORD_BOT_TOKEN="nonsense").start()
    try:
        assert server.wait(40) == 78, server.log()
        assert "Discord refuses the bot's token" in server.log() and "nonsense" not in server.log()
    finally:
        server.kill()
        demo.close()
        folder.remove()


def test_doctor_asks_no_token_of_a_process_without_a_bot():
    folder = Folder()
    answer = run(
        "doctor", TANDEM_ROLES="api,hub", TANDEM_PORT=free_port(), TANDEM_DATA=folder.path, TANDEM_DISCORD_CLIENT_ID="1",
        TANDEM_DISCORD_CLIENT_SECRET="of the application")
    folder.remove()
    assert answer.returncode == 0 and "All is well." in answer.stdout, answer.stdout


def test_an_https_address_without_a_trusted_proxy_is_reported():
    folder = Folder()
    settings = dict(
        TANDEM_ROLES="api,hub", TANDEM_PORT=free_port(), TANDEM_DATA=folder.path, TANDEM_DISCORD_CLIENT_ID="1",
        TANDEM_DISCORD_CLIENT_SECRET="of the application", TANDEM_PUBLIC_URL="https://games.example.org")
    answer = run("doctor", **settings)
    assert answer.returncode == 1 and "FIX   proxy" in answer.stdout and "TANDEM_TRUSTED_PROXIES" in answer.stdout, answer.stdout
    assert "proxy" not in run("doctor", TANDEM_TRUSTED_PROXIES="127.0.0.1", **settings).stdout
    server = Process(
        "proxied", "serve", ready=f"http://127.0.0.1:{settings['TANDEM_PORT']}/readyz", TANDEM_LOOPS=1, **settings).start()
    try:
        assert "TANDEM_TRUSTED_PROXIES" in server.log()
        # Cookies are for https all the same.
        away = send(f"http://127.0.0.1:{settings['TANDEM_PORT']}", "GET", "/api/v1/auth/login")
        assert away.headers["set-cookie"].startswith("__Host-tandem_signin=") and "; Secure" in away.headers["set-cookie"]
    finally:
        server.kill()
        folder.remove()


def test_a_secret_is_not_taken_from_the_command_line():
    answer = run("serve", "--discord-bot-token", "hush-hush")
    assert answer.returncode == 78 and "TANDEM_DISCORD_BOT_TOKEN" in answer.stderr
    assert "hush-hush" not in answer.stderr + answer.stdout


def test_serving_without_discord_names_the_missing_settings():
    answer = run("serve", TANDEM_PORT=free_port())
    assert answer.returncode == 78
    for name in ("CLIENT_ID", "CLIENT_SECRET", "BOT_TOKEN"):
        assert f"TANDEM_DISCORD_{name}" in answer.stderr


@pytest.mark.parametrize("taken", ["TANDEM_PORT", "TANDEM_SANDBOX_PORT"])
def test_a_port_in_use_ends_with_69(taken):
    folder = Folder()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        ports = {"TANDEM_PORT": free_port(), "TANDEM_SANDBOX_PORT": free_port()} | {taken: holder.getsockname()[1]}
        answer = run("demo", TANDEM_DATA=folder.path, **ports)
    folder.remove()
    assert answer.returncode == 69, answer
    assert str(ports[taken]) in answer.stderr + answer.stdout


def test_a_folder_that_cannot_be_used_ends_with_69():
    answer = run("demo", TANDEM_DATA="/dev/null/here", TANDEM_PORT=free_port(), TANDEM_SANDBOX_PORT=free_port())
    assert answer.returncode == 69 and "TANDEM_DATA" in answer.stderr + answer.stdout


def test_two_processes_do_not_share_a_data_folder_unnoticed(demo):
    answer = run("demo", TANDEM_DATA=demo.folder.path, TANDEM_PORT=free_port(), TANDEM_SANDBOX_PORT=free_port())
    assert answer.returncode == 69, answer
    assert send(demo.url, "GET", "/readyz").status == 200


def test_the_program_alone_is_enough():
    """Copied to an empty folder and started there, it has its pages with it."""
    folder, port, chat = Folder(), free_port(), free_port()
    program = shutil.copy(executable(), folder.path)
    running = subprocess.Popen(
        [program, "demo"], cwd=folder.path, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        env=environment(TANDEM_DATA="data", TANDEM_PORT=port, TANDEM_SANDBOX_PORT=chat))
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: is_listening(port) and is_listening(chat), 30, "the program listening")
        assert send(url, "GET", "/").status == 200
        for address, file in [
            (url + "/demo", "demo/index.html"), (url + "/nommie/", "nommie/index.html"), (url + "/app/main.js", "app/main.js"),
            (url + "/sdk/index.js", "sdk/index.js"), (url + "/nommie/nommie.wasm", "nommie/nommie.wasm"),
            (url + "/shared/dom.js", "shared/dom.js"), (f"http://127.0.0.1:{chat}/", "sandbox/index.html"),
            (f"http://127.0.0.1:{chat}/shared/dom.js", "shared/dom.js"),
        ]:
            assert urllib.request.urlopen(address, timeout=10).read() == (ROOT / "Web" / file).read_bytes(), address
    finally:
        running.terminate()
        running.wait(20)
        folder.remove()


def is_listening(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def leaving():
    with Demo("leaving", TANDEM_DRAIN=5) as running:
        yield running


def test_a_stop_is_graceful(leaving):
    """Streams get a delay of their own to reconnect after; a request that was begun is finished; new connections are refused."""
    mira = Visitor(leaving.url).sign_in(MIRA)
    game = mira.create(title="The last one")["id"]
    streams = [Stream(mira).opened() for _ in range(20)]
    body = b'{"half":'
    slow = half_sent(
        leaving, f"POST /api/v1/games/{game}/join HTTP/1.1\r\nCookie: {mira.cookie}\r\nOrigin: {leaving.url}\r\n", body)
    idle = socket.create_connection(("127.0.0.1", leaving.port))
    idle.settimeout(10)
    begun = now()
    leaving.process.terminate()
    farewells = [stream.wait_end().control("bye") for stream in streams]
    assert {each.json["reason"] for each in farewells} == {"draining"}
    delays = [each.json["reconnect_in_ms"] for each in farewells]
    assert len(set(delays)) > 10 and all(0 <= delay <= 30_000 for delay in delays)
    until(lambda: refuses(leaving.port), what="new connections being refused")
    slow.sendall(b" " * (20 - len(body)))
    answer = slow.recv(65536)
    # The body is cut off JSON, but joining takes none: it is done.
    assert answer.startswith(b"HTTP/1.1 200"), answer
    assert idle.recv(100) == b""
    assert leaving.process.wait() == 0
    assert now() - begun < 8
    assert "stopped" in leaving.process.log()


def half_sent(demo, head, body):
    """A connection with a request whose body of 20 bytes is still to come; the server has read its head."""
    connection = socket.create_connection(("127.0.0.1", demo.port))
    connection.settimeout(10)
    connection.sendall(
        f"{head}Host: 127.0.0.1:{demo.port}\r\nContent-Length: 20\r\nExpect: 100-continue\r\n\r\n".encode())
    assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(body)
    return connection


def refuses(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_stop_does_not_wait_for_ever(leaving):
    """A request that is never completed delays the stop until the drain time is over, and no longer."""
    slow = half_sent(leaving, "POST /api/v1/auth/logout HTTP/1.1\r\n", b"half")
    begun = now()
    assert leaving.process.stop() == 0
    assert 4 < now() - begun < 12
    slow.close()


def test_everything_survives_a_restart(leaving):
    """Sessions, games and the event log outlive the process; a stream resumes across it."""
    mira, tomas = (Visitor(leaving.url).sign_in(user) for user in (MIRA, TOMAS))
    stream = Stream(mira).opened()
    game = tomas.create(title="Still here tomorrow")["id"]
    stream.wait(lambda data: data["game_id"] == game)
    assert mira.join(game).status == 200
    stream.wait(lambda data: data["game_id"] == game and data["type"] == "game_updated")
    until(lambda: mira.game(game)["message_id"])
    before = mira.game(game)
    assert leaving.process.stop() == 0
    stream.wait_end()
    leaving.process.start()
    again = Stream(mira, last_id=stream.last_id).opened()
    assert mira.get("/api/v1/auth/user").json["user"]["id"] == MIRA
    assert [each["user_id"] for each in mira.game(game)["participants"]] == [MIRA]
    assert tomas.leave(game).status == 204 and tomas.join(game).status == 200
    again.wait(lambda data: data["game_id"] == game and data["type"] == "game_updated")
    assert not {event.id for event in again.events} & {event.id for event in stream.events}
    # The sandbox was in that process too and has forgotten its messages: the game gets a new one.
    card = leaving.discord.wait_card(game, lambda text: "Mira" in text and "Tomas" in text, 20)
    until(lambda: mira.game(game)["message_id"] == card["id"])
    assert before["message_id"] != card["id"]
    again.close()


def test_probes_and_metrics(demo):
    for path in ("/healthz", "/readyz"):
        assert send(demo.url, "GET", path).status == 200
    text = send(demo.url, "GET", "/metrics").body.decode()
    for name in ("tandem_streams", "tandem_hub_events_total", "tandem_hub_deliveries_total", "http_requests_total"):
        assert re.search(rf"^{name}(\{{.*\}})? [0-9.e+]+$", text, re.M), name


def test_the_log_in_json_is_one_object_a_line():
    running = Demo("json-log", TANDEM_LOG="json")
    visitor = Visitor(running.url).sign_in(JUNO)
    visitor.get(f"/api/v1/guilds/{LANTERN}")
    running.process.stop()
    lines = [line for line in running.process.log().splitlines() if line.startswith("{")]
    running.close()
    entries = [json.loads(line) for line in lines]
    assert len(entries) > 5
    # Neither a session nor a sign-in nor a token is ever logged.
    log = running.process.log()
    assert visitor.cookies["tandem_session"] not in log and "demo-token" not in log and "sandbox-client-secret" not in log
