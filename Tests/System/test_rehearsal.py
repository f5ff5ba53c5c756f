"""What docs/operations.md tells an operator to do, done: backup, restore, upgrade."""

import http.client
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import threading
import urllib.parse

from Live.fleet import Fleet, Member
from Live.process import Pair, ROOT, free_port, measured
from Live.servers import Nginx, program
from Live.streams import Stream
from Live.waiting import until
from Live.web import JUNO, TOMAS, Visitor, now


def documented(tool):
    """The statement that the documentation gives for a restored database."""
    return re.search(rf'^{tool} \S+ (?:-c )?"(UPDATE store_meta [^"]+)"$', (ROOT / "docs/operations.md").read_text(), re.M)[1]


def begin(url):
    """A user with a game that is shown on both sides."""
    juno = Visitor(url).sign_in(JUNO)
    with Stream(juno).opened() as stream:
        game = juno.create(title="Before the backup")["id"]
        assert juno.join(game).status == 200
        stream.wait(lambda data: data["game_id"] == game)
        until(lambda: juno.game(game)["message_id"], 20, "the message being recorded")
        return juno, game


def lose(juno):
    """What happens after the backup, up to the last event of the stream."""
    with Stream(juno).opened() as stream:
        game = juno.create(title="After the backup")["id"]
        for act in (juno.join, juno.leave) * 3:
            assert act(game).status in (200, 204)
        stream.wait(lambda data: data["game_id"] == game)
        until(lambda: len(stream.events) >= 7, what="all events")
        return game, stream.last_id


def check_restored(juno, kept, gone, old, discord):
    """Everything of the backup is there, and a client that knows of more is reset."""
    game = juno.game(kept)
    assert [each["user_id"] for each in game["participants"]] == [JUNO]
    assert juno.get(f"/api/v1/games/{gone}").status == 404
    with Stream(juno, last_id=old).opened() as stream:
        reset = stream.wait_control("reset")
        assert reset.json["reason"] == "foreign_epoch" and stream.last_id.split("-")[0] != old.split("-")[0]
        tomas = Visitor(juno.url).sign_in(TOMAS)
        assert tomas.join(kept).status == 200
        stream.wait(lambda data: data["game_id"] == kept)
        # More than had been numbered before: an old position is no later one by then.
        for act in (tomas.leave, tomas.join) * 4:
            assert act(kept).status in (200, 204)
        until(lambda: len([each for each in stream.events if each.json["game_id"] == kept]) >= 9, what="every event")
    with Stream(juno, last_id=old).opened() as stream:
        stream.wait_control("reset")
    discord.wait_card(kept, lambda text: "Players (2/5)" in text, timeout=20)
    until(lambda: discord.press_leave(TOMAS, kept)["status"] == "answered", 20, "an answered press")
    discord.wait_card(kept, lambda text: "Players (1/5)" in text, timeout=20)


def test_postgresql_is_restored(postgres):
    database = postgres.database("restored")

    def tool(name, *words):
        done = subprocess.run(
            [program(name, "postgresql", *postgres.folders), "--host", "127.0.0.1", "--port", str(postgres.port), "--username",
             "postgres", *words], capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    with Fleet("restored", database.url) as fleet:
        # A hub answers everything, streams too.
        juno, kept = begin(fleet.hubs[0].url)
        dump = postgres.write("tandem.dump", "")
        dump.write_bytes(tool("pg_dump", "--format=custom", "restored"))
        gone, old = lose(juno)
        for member in fleet.members:
            assert member.stop() == 0
        begun = now()
        tool("pg_restore", "--clean", "--if-exists", "--dbname", "restored", str(dump))
        database.sql(documented("psql"))
        for member in fleet.members:
            member.start()
        measured("restored and ready", now() - begun)
        check_restored(juno, kept, gone, old, fleet.discord)


def test_sqlite_is_copied_while_it_runs_and_restored():
    sqlite = program("sqlite3", "sqlite3")
    with Pair("restored") as pair:
        folder = pathlib.Path(pair.folder.path)
        juno, kept = begin(pair.url)
        stopping, refused, acts = threading.Event(), [], itertools.cycle(("join", "leave"))

        def write():
            """Changes go on while the copy is made."""
            writer = Visitor(pair.url).sign_in(TOMAS)
            other = writer.create(title="Meanwhile")["id"]
            while not stopping.wait(0.11):
                answer = writer.post(f"/api/v1/games/{other}/{next(acts)}")
                if answer.status not in (200, 204):
                    refused.append(answer)

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        for copy in ("early.db", "copy.db"):
            subprocess.run([sqlite, "tandem.db", f".backup {copy}"], cwd=folder, check=True)
        stopping.set()
        writer.join(20)
        assert not refused, refused[:3]
        gone, old = lose(juno)
        assert pair.server.stop() == 0
        for name in ("tandem.db-wal", "tandem.db-shm"):
            (folder / name).unlink(missing_ok=True)
        shutil.move(folder / "copy.db", folder / "tandem.db")
        subprocess.run([sqlite, "tandem.db", documented("sqlite3")], cwd=folder, check=True)
        pair.server.start()
        check_restored(juno, kept, gone, old, pair.discord)


class Follower(threading.Thread):
    """A page that follows the stream wherever the proxy leads it, and reconnects after the given delay."""

    def __init__(self, visitor):
        super().__init__(daemon=True)
        self.visitor, self.cursor, self.pause = visitor, None, None
        self.events, self.byes, self.failures = [], 0, []
        self.stopping = threading.Event()
        self.start()
        until(lambda: self.cursor, what="the first stream")

    def run(self):
        while not self.stopping.wait(self.pause or 0):
            self.pause = None
            try:
                self.follow()
            except OSError as error:
                self.failures.append(error)
            if self.pause is None and not self.stopping.is_set():
                self.failures.append("ended without a word")

    def follow(self):
        place = urllib.parse.urlsplit(self.visitor.url)
        # It knows how nginx frames what has no end.
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        resume = {"Last-Event-ID": self.cursor} if self.cursor else {}
        connection.request("GET", "/api/v1/sse/game-updates", headers={"Cookie": self.visitor.cookie, **resume})
        answer = connection.getresponse()
        if answer.status != 200:
            self.failures.append(answer.status)
            return
        fields = {}
        while (line := answer.readline()) and not self.stopping.is_set():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
                continue
            self.cursor = fields.get("id", self.cursor)
            if fields.get("event") == "bye":
                self.byes, self.pause = self.byes + 1, json.loads(fields["data"])["reconnect_in_ms"] / 1000
            elif "data" in fields and "event" not in fields:
                self.events.append(json.loads(fields["data"]))
            fields = {}
        connection.close()


def test_an_upgrade_goes_unnoticed(postgres):
    """The api and each hub is replaced behind nginx, while people write and a page follows."""
    public_port = free_port()
    fleet = Fleet(
        "upgraded", postgres.database("upgraded").url, hubs=2, public_port=public_port, TANDEM_TRUSTED_PROXIES="127.0.0.1",
        TANDEM_DRAIN=2)
    proxy = Nginx([each.port for each in fleet.apis], [each.port for each in fleet.hubs], port=public_port)
    with fleet, proxy:
        visitors = [Visitor(proxy.url).sign_in(user) for user in (JUNO, TOMAS)]
        game = visitors[0].create(title="Under way")["id"]
        stopping, failed, answered = threading.Event(), [], [[], []]

        def write(visitor, done):
            for act in itertools.cycle(("join", "leave")):
                key = f"{visitor.user}-{len(done)}"
                for what, ask in ((act, lambda: getattr(visitor, act)(game, key)), ("read", lambda: visitor.get("/api/v1/games"))):
                    try:
                        answer = ask()
                    except OSError as error:
                        answer = error
                    if getattr(answer, "status", 0) not in (200, 204):
                        failed.append((what, answer))
                done.append(key)
                if stopping.wait(0.1):
                    return

        follower = Follower(visitors[0])
        writers = [threading.Thread(target=write, args=each, daemon=True) for each in zip(visitors, answered)]
        for writer in writers:
            writer.start()
        try:
            begun = now()
            for member in fleet.hubs + fleet.apis:
                assert member.stop() == 0
                member.start()
                before = [len(each) for each in answered]
                until(lambda: all(len(each) > count + 3 for each, count in zip(answered, before)), 20, "writes going on")
            measured("three processes replaced", now() - begun)
        finally:
            stopping.set()
            for writer in writers:
                writer.join(20)
        assert not failed, (len(failed), failed[:3])
        keys = set(itertools.chain(*answered))
        told = until(
            lambda: (told := [each["command_id"] for each in list(follower.events) if "command_id" in each])
            and set(told) >= keys and told, 20, "every event")
        assert len(told) == len(keys)
        follower.stopping.set()
        # Whichever hub it followed said when it went.
        assert not follower.failures and follower.byes >= 1, (follower.failures, follower.byes)


def test_an_older_version_leaves_a_newer_database_alone(postgres):
    database = postgres.database("older")
    with Fleet("older", database.url, bots=0, hubs=0) as fleet:
        assert fleet.apis[0].stop() == 0
        database.sql(
            "INSERT INTO store_migrations (owner, number, name, checksum, applied_at) "
            "VALUES ('scheduler', 999, 'what comes next', '', 0)")
        old = Member("older-api2", free_port(), **{
            name: value for name, value in fleet.apis[0].settings.items() if name != "TANDEM_PORT"})
        old.ready = None
        assert old.start().wait() == 69
        assert "written by a newer version (scheduler is at migration 999" in old.log()
