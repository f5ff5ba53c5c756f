"""The server follows its OpenAPI description, whatever is sent to it."""

import os
import pathlib
import subprocess
import sys

from Live.process import ARTEFACTS, Demo
from Live.web import CEDAR, CEDAR_GAMES, JUNO, LANTERN, MIRA, PELL, SABLE, TOMAS, WREN, Visitor, metric, send

SECONDS = 25


def test_requests_made_from_the_description_are_answered_as_described():
    with Demo("schemathesis", TANDEM_LOG_LEVEL="warning") as demo:
        for user in (WREN, PELL):
            demo.discord.member(LANTERN, user, "add")
        visitors = [Visitor(demo.url).sign_in(user) for user in (MIRA, TOMAS, JUNO, SABLE, WREN, PELL)]
        visitors[0].create(title="Found by its description")
        visitors[3].create(CEDAR, CEDAR_GAMES, title="In the hall")
        ARTEFACTS.mkdir(exist_ok=True)
        report = ARTEFACTS / "schemathesis.txt"
        program = pathlib.Path(sys.executable).parent / "schemathesis"
        # Streams never end, and signing out or having one's data deleted ends what the others need.
        with report.open("w") as output:
            ended = subprocess.run(
                [program, "--config-file", pathlib.Path(__file__).with_name("schemathesis.toml"), "run",
                 demo.url + "/api/v1/openapi.json", "--max-time", str(SECONDS), "--seed", "7",
                 "--exclude-path-regex", "(/game-updates|/stream|/auth/logout|/account/sessions.*|/account/data)$", "--request-timeout", "5", "--no-color",
                 "--continue-on-failure", "--suppress-health-check", "all"],
                env=os.environ | {
                    "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
                    "PYTHONPATH": str(pathlib.Path(__file__).parent),
                    "SESSIONS": ",".join(visitor.cookies["tandem_session"] for visitor in visitors),
                    "OWN_ORIGIN": demo.url,
                },
                cwd=ARTEFACTS, stdout=output, stderr=subprocess.STDOUT, timeout=SECONDS + 60)
        found = report.read_text()
        assert ended.returncode == 0, found[-6000:]
        assert send(demo.url, "GET", "/readyz").status == 200
        assert metric(demo.url, "tandem_streams") == 0
