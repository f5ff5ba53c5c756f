"""Metrics, readiness and publishing on a listener of their own."""

import pytest
from Live.process import PUBLISH_SECRET, Process, free_port
from Live.publisher import publish
from Live.web import LANTERN, metric, send


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    port, inside = free_port(), free_port()
    site, internal = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{inside}"
    process = Process(
        "internal-listener", "demo", ready=internal + "/readyz", TANDEM_PORT=port, TANDEM_SANDBOX_PORT=free_port(),
        TANDEM_INTERNAL_ADDRESS=f"127.0.0.1:{inside}", TANDEM_PUBLISH_SECRET=PUBLISH_SECRET, TANDEM_LOOPS=2,
        TANDEM_DATA=str(tmp_path_factory.mktemp("internal")))
    try:
        process.start()
        yield site, internal, process
    finally:
        process.kill()


def test_what_is_internal_is_served_there_only(town):
    site, internal, process = town
    payload = {"type": "note"}
    for path in ("/metrics", "/readyz"):
        assert send(internal, "GET", path).status == 200
        assert send(site, "GET", path).status == 404
    assert publish(site, f"guild/{LANTERN}", "note", payload).status == 404
    assert publish(internal, f"guild/{LANTERN}", "note", payload).status == 202
    for url in (site, internal):
        assert send(url, "GET", "/healthz").status == 200
    assert send(site, "GET", "/games").status == 200
    assert send(internal, "GET", "/games").status == 404
    assert send(internal, "GET", "/api/v1/games").status == 404
    assert metric(internal, "http_requests_total") > 0
    assert process.stop() == 0
