"""By which names the server answers."""

import pytest
from Live.process import Demo
from Live.web import send

KNOWN = "games.example.org"


@pytest.fixture(scope="module")
def town():
    with Demo("host", TANDEM_PUBLIC_URL=f"https://{KNOWN}", TANDEM_TRUSTED_PROXIES="127.0.0.1") as running:
        yield running


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/games", "/app/index.html", "/nothing"])
@pytest.mark.parametrize("headers, is_known", [
    ({"Host": KNOWN}, True), ({"Host": KNOWN + ":443"}, True), ({"Host": "Games.Example.ORG"}, True),
    ({"Host": "127.0.0.1:8080"}, True), ({"Host": "[::1]"}, True), ({"Host": "localhost"}, True), ({"Host": "api:8080"}, True),
    ({"Host": "evil.example"}, False), ({"Host": "games.example.org.evil.example"}, False), ({"Host": "example.org"}, False),
    ({"Host": "api:8080", "X-Forwarded-Host": KNOWN}, True), ({"Host": KNOWN, "X-Forwarded-Host": "evil.example"}, False),
])
def test_only_the_public_name_and_local_ones_are_answered(town, path, headers, is_known):
    answer = send(town.url, "GET", path, headers)
    if is_known:
        assert answer.status in (200, 401, 404), answer
    else:
        assert (answer.status, answer.code) == (421, "bad_host")
