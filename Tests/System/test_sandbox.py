"""The sandbox believes whoever reaches its port, but not the pages of other sites in a browser that reaches it."""

import json
import socket
import sys

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from Live.process import Demo
from Live.web import LANTERN, TOMAS, send

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "DiscordBot (https://example.org, 1)"}
FOREIGN = {"Origin": "http://evil.example"}


@pytest.mark.parametrize("headers, status, code", [
    ({**JSON, **FOREIGN}, 403, "bad_origin"),
    ({**JSON, "Origin": "null"}, 403, "bad_origin"),
    ({**JSON, "Sec-Fetch-Site": "cross-site"}, 403, "bad_origin"),
    ({**JSON, "Host": "evil.example"}, 421, "bad_host"),
    ({**JSON, "Host": "evil.example", "Origin": "http://evil.example"}, 421, "bad_host"),
    ({"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
    (FORM, 415, "unsupported_media_type"),
    ({}, 415, "unsupported_media_type"),
])
def test_what_pages_of_other_sites_can_send_changes_nothing(demo, headers, status, code):
    body = json.dumps({"guild_id": LANTERN, "names": ["Intruder"]})
    answer = send(demo.sandbox_url, "POST", "/sandbox/people", headers, body)
    assert (answer.status, answer.code) == (status, code)
    assert "Intruder" not in json.dumps(demo.discord.state())


def test_its_own_page_programs_and_forms_go_on_working(demo):
    body = json.dumps({"guild_id": LANTERN, "user_id": TOMAS, "seconds": None})
    for headers in (JSON, {**JSON, "Origin": demo.sandbox_url, "Sec-Fetch-Site": "same-origin"}):
        assert send(demo.sandbox_url, "POST", "/sandbox/timeout", headers, body).status == 200
    form = "grant_type=authorization_code&code=none&client_id=1100000000000000001&client_secret=sandbox-client-secret"
    token = "/api/v10/oauth2/token"
    assert send(demo.sandbox_url, "POST", token, FORM, form).status == 400, "the code is refused, not the form"
    answer = send(demo.sandbox_url, "POST", token, {**FORM, **FOREIGN}, form)
    assert (answer.status, answer.code) == (403, "bad_origin")


def test_no_page_of_another_site_opens_the_gateway(demo):
    gateway = demo.sandbox_url.replace("http", "ws") + "/gateway?v=10&encoding=json"
    for origin in (None, demo.sandbox_url):
        with connect(gateway, origin=origin) as session:
            assert json.loads(session.recv(5))["op"] == 10
    with pytest.raises(InvalidStatus) as refused, connect(gateway, origin="http://evil.example"):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only one address of loopback is there")
def test_a_server_for_the_network_keeps_its_sandbox_on_loopback():
    with Demo("open-host", TANDEM_HOST="0.0.0.0") as demo:
        socket.create_connection(("127.0.0.2", demo.port), 10).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", demo.sandbox_port), 10)
