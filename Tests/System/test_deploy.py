"""The files in `deploy`, as they are."""

import http.client
import json
import re
import shutil
import ssl
import subprocess

import pytest
import yaml

from Live.process import ROOT, Demo, executable, free_port
from Live.servers import Server, accepts, program
from Live.waiting import until
from Live.web import MIRA, consent

DEPLOY = ROOT / "deploy"


class Site(Server):
    """nginx with the sample site, on other ports, with a certificate of its own, in front of one process."""

    name = "nginx"

    def __init__(self, process_port, **changes):
        super().__init__()
        self.process_port, self.plain_port, self.changes = process_port, free_port(), changes

    def command(self):
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=games.example.org", "-keyout", key, "-out", certificate], check=True, capture_output=True)
        site = (DEPLOY / "nginx/tandem.conf").read_text()
        site = re.sub(r"listen \[::\]:.*\n", "", site)
        for old, new in {
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};", "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "/etc/letsencrypt/live/games.example.org/fullchain.pem": str(certificate),
            "/etc/letsencrypt/live/games.example.org/privkey.pem": str(key), **self.changes.get("site", {}),
        }.items():
            assert old in site, old
            site = site.replace(old, new)
        site = re.sub(r"server 127\.0\.0\.1:81\d\d", f"server 127.0.0.1:{self.process_port}", site)
        temporary = "\n".join(
            f"{name}_temp_path {self.folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        self.write("nginx.conf", f"""
daemon off; worker_processes 1; pid {self.folder}/nginx.pid; error_log {self.folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{ access_log off; {temporary}
{site} }}
""")
        return [program("nginx", "nginx-light"), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    def connect(self, address="127.0.0.1"):
        trusting = ssl._create_unverified_context()
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=trusting, source_address=(address, 0))

    def ask(self, method, path, headers=None, address="127.0.0.1"):
        connection = self.connect(address)
        try:
            connection.request(method, path, headers={"Host": "games.example.org", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def town():
    with Demo("deploy", TANDEM_TRUSTED_PROXIES="127.0.0.1", TANDEM_PUBLIC_URL="https://games.example.org") as running:
        yield running


def served(site):
    site.process = site.spawn(site.command())
    until(lambda: accepts(site.port), 20, "nginx listening")
    return site


@pytest.fixture
def sites():
    begun = []

    def begin(*arguments, **more):
        begun.append(Site(*arguments, **more))
        return served(begun[-1])

    yield begin
    for each in begun:
        each.process.terminate()
        each.process.wait(10)
        each.holder.cleanup()


def signed_in(site):
    """The cookie of a session, which is for https alone."""
    status, headers, _ = site.ask("GET", "/api/v1/auth/login?return_to=/games")
    assert status == 302 and headers["strict-transport-security"]
    binding = headers["set-cookie"].split(";")[0]
    back = consent(headers["location"], sandbox_user=MIRA)
    status, headers, _ = site.ask("GET", f"{back.path}?{back.query}", {"Cookie": binding})
    session = next(each for each in headers.get_all("set-cookie") if each.startswith("__Host-tandem_session="))
    assert status == 302 and "; Secure" in session
    return session.split(";")[0]


def test_the_site_serves_pages_and_many_streams_of_one_address(town, sites):
    site = sites(town.port)
    cookie = signed_in(site)
    for path in ("/", "/games", "/app/main.js", "/api/v1/auth/user"):
        assert site.ask("GET", path, {"Cookie": cookie})[0] == 200, path
    for path in ("/internal/v1/events", "/metrics", "/readyz"):
        assert site.ask("GET", path)[0] == 404, path
    streams = [site.connect() for _ in range(100)]
    for each in streams:
        each.request("GET", "/api/v1/stream", headers={"Host": "games.example.org", "Cookie": cookie})
    for each in streams:
        answer = each.getresponse()
        assert answer.status == 200 and answer.fp.readline()
    # Eighty people who open the app at once.
    crowd = site.connect()
    for number in range(600):
        crowd.request("GET", "/app/main.js", headers={"Host": "games.example.org"})
        answer = crowd.getresponse()
        answer.read()
        assert answer.status == 200, number
    for each in [crowd, *streams]:
        each.close()


def test_a_flood_from_one_address_is_turned_away_and_others_are_served(town, sites):
    site = sites(town.port, site={"rate=200r/s": "rate=1r/s", "burst=5000": "burst=20"})
    answers = [site.ask("GET", "/app/main.js") for _ in range(60)]
    assert [status for status, _, _ in answers][:20] == [200] * 20
    status, headers, body = answers[-1]
    assert status == 429 and headers["retry-after"] == "5" and headers["content-type"] == "application/json"
    assert json.loads(body)["error"]["code"] == "too_many_requests" and json.loads(body)["error"]["message"].endswith(".")
    assert site.ask("GET", "/app/main.js", address="127.0.0.2")[0] == 200


@pytest.mark.parametrize("address, client", [
    ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"), ("2001:db8:1:2:ffff::9", "2001:db8:1:2"),
    ("2001:db8:1:2::9", "2001:db8:1:2"), ("2001:db8::9", "2001:db8"), ("2001:db8::5:6:7:8", "2001:db8"),
    ("2001:db8::4:5:6:7:8", "2001:db8::4:5:6:7:8"), ("::1", "::1"),
])
def test_a_client_is_an_address_or_one_64(address, client):
    """The expressions of the map, which nginx takes in this order."""
    site = (DEPLOY / "nginx/tandem.conf").read_text()
    rules = re.findall(r'^\s+"~(\^.*?)"\s+\$\w+;', site, re.M)
    assert len(rules) == 2
    found = (re.search(rule.replace("?<", "?P<"), address) for rule in rules)
    assert next((each.group(1) for each in found if each), address) == client


def test_the_unit_is_valid_and_leaves_few_rights(tmp_path):
    unit = tmp_path / "tandem@.service"
    unit.write_text((DEPLOY / "systemd/tandem@.service").read_text().replace("/usr/bin/tandem", executable()))
    text = unit.read_text()
    for line in ("CapabilityBoundingSet=", "SystemCallFilter=@system-service", "NoNewPrivileges=yes", "ProtectSystem=strict"):
        assert line in text.splitlines(), line
    assert re.search(r"^MemoryMax=\d", text, re.M)
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        return  # Only where there is systemd.
    checked = subprocess.run([analyze, "verify", unit], capture_output=True, text=True)
    assert checked.returncode == 0 and "tandem" not in checked.stderr, checked.stderr
    judged = subprocess.run(
        [analyze, "security", "--offline=yes", "--no-pager", "--threshold=20", unit], capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout[-4000:] + judged.stderr


def test_containers_write_nothing_and_have_no_rights():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    own = {name for name, service in services.items() if service.get("image") == "tandem"}
    assert own == {"api", "hub1", "hub2", "bot"}
    for name, service in services.items():
        assert "no-new-privileges:true" in service["security_opt"], name
        if name in own:
            assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and "cap_add" not in service, name
            assert service["mem_limit"] and service["pids_limit"], name
    # Reached by what terminates TLS on that machine alone: it says who the client is.
    assert services["nginx"]["ports"] == ["127.0.0.1:8080:80"]
