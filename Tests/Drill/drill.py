"""The drill: a whole fleet on real servers, people who write and watch, and faults by a seeded schedule."""

import collections
import itertools
import random
import threading
import time

from Live.fleet import Fleet
from Live.process import ARTEFACTS, InBackground
from Live.publisher import publish
from Live.sandbox import names
from Live.servers import PostgreSQL, RabbitMQ, Redis
from Live.waiting import until
from Live.web import CEDAR, CEDAR_GENERAL, JUNO, LANTERN, LANTERN_GENERAL, MIRA, PELL, SABLE, TOMAS, WREN, metric

from .checker import check, table
from .clients import Watcher, Watchers
from .history import Card, Fault, History, read_log, read_members, read_rosters
from .leaders import leader_port, process_of
from .transports import EventStream, Socket
from .writers import Presser, Publisher, WebWriter, sign_in

FOLDER = ARTEFACTS / "drill"
EVERYBODY = (MIRA, TOMAS, JUNO, SABLE, WREN, PELL)
FILLING = "x" * 15_000


class Drill:
    """`seconds` is how long faults go on; `pause` lies between two of them. The same seed plans the same faults. `bus` carries the
    events: `rabbit`, `redis`, or nothing but the `database`.
    """

    def __init__(self, seconds, seed=1, clients=50, pause=2.0, bus="rabbit"):
        self.seconds, self.seed, self.count, self.pause = seconds, seed, clients, pause
        self.dice, self.bus = random.Random(seed), bus
        self.faults, self.writers, self.slow = [], [], []
        self.churned = 0
        self.stopping = threading.Event()

    def run(self):
        """Returns the history and the verdict on it; both lie in `artefacts/drill` as well."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        rabbit = InBackground(lambda: RabbitMQ().start())
        try:
            with PostgreSQL() as self.postgres, Redis() as self.redis:
                self.rabbit = rabbit.result(90)
                bus = {"rabbit": self.rabbit.url, "redis": self.redis.url, "database": None}[self.bus]
                with Fleet("drill", self.postgres.url, bus, self.redis.url, apis=1, hubs=2, bots=2) as self.fleet:
                    self.begin()
                    try:
                        self.disturb()
                        history = self.end()
                    finally:
                        self.leave()
        finally:
            rabbit.result(90).close()
        verdict = check(history)
        history.write(FOLDER / "history.json")
        (FOLDER / "table.txt").write_text(self.report(history, verdict) + "\n")
        return history, verdict

    def begin(self):
        self.discord = self.fleet.discord
        pressing = {
            guild: [user, *self.discord.people(guild, [f"{name} {number}" for number in range(3)])]
            for guild, user, name in ((LANTERN, TOMAS, "Tinker"), (CEDAR, SABLE, "Sailor"))}
        until(lambda: len(read_members(self.postgres)[1]) >= 5 + 6, 20, "the members being known")
        visitors = {user: sign_in(self.fleet.url, user) for user in EVERYBODY}
        lantern, cedar = (
            [visitors[JUNO].create(guild, channel, title=f"Drill {number}", max_players=2)["id"] for number in range(3)]
            for guild, channel in ((LANTERN, LANTERN_GENERAL), (CEDAR, CEDAR_GENERAL)))
        self.since, self.members = read_members(self.postgres)
        pressers = [
            Presser(self.discord, pressing[guild], games) for guild, games in ((LANTERN, lantern), (CEDAR, cedar))]
        self.before = read_rosters(self.postgres)
        self.watch(visitors)
        self.web = [WebWriter(visitors[user], lantern + cedar) for user in (MIRA, JUNO)]
        self.publisher = Publisher(self.fleet.url, [f"guild/{LANTERN}", f"guild/{CEDAR}"], seed=self.seed)
        self.people = [*self.web, *pressers]
        self.writers = [each.start() for each in (*self.people, self.publisher)]
        self.churn = threading.Thread(target=self.come_and_go, daemon=True)
        self.churn.start()

    def watch(self, visitors):
        ports = [hub.port for hub in self.fleet.hubs]
        watchers = []
        # Pell receives more than anybody can hold: three clients that stop reading, and one that doesn't.
        users = itertools.chain([PELL] * 4, itertools.cycle((MIRA, TOMAS, JUNO, SABLE, WREN)))
        for index, user in zip(range(self.count), users):
            is_slow = index < 3
            # Every fourth member of Lantern follows that guild alone; a removal is delivered on the user's own topic.
            topics = frozenset({f"guild/{LANTERN}"}) if user in (MIRA, TOMAS, JUNO) and index % 4 == 3 else None
            # In pairs, so that both transports go to either hub first.
            transport = (EventStream, Socket)[index // 2 % 2]
            watcher = Watcher(
                f"client {index + 1}", f"user/{user}", visitors[user].cookie, ports[index % 2:] + ports[:index % 2], transport,
                topics, is_slow)
            watchers.append(watcher)
            if is_slow:
                self.slow.append(watcher)
        self.watchers = Watchers(watchers, self.seed).start()
        until(lambda: all(each.cursor for each in watchers), 30, "every stream being ready")

    def come_and_go(self):
        """Wren and Pell are added to guilds and removed again, all the time."""
        dice, inside = random.Random(self.seed + 1), set()
        while not self.stopping.wait(dice.uniform(0.5, 2.5)):
            change = dice.choice([(user, guild) for user in (WREN, PELL) for guild in (LANTERN, CEDAR)])
            try:
                self.discord.member(change[1], change[0], "remove" if change in inside else "add")
            except (OSError, AssertionError):
                continue
            inside ^= {change}
            self.churned += 1

    # Faults

    def disturb(self):
        """Each kind once, in whatever order, and on until the time is over."""
        begun = time.monotonic()
        time.sleep(self.pause)
        for round in itertools.count():
            plan = [
                self.kill_hub, self.kill_api, self.kill_bot, self.kill_relay_leader, self.redis_away, self.postgres_away,
                self.cut_connections, self.slow_clients]
            if self.bus == "rabbit":
                plan.append(self.rabbit_away)
            self.dice.shuffle(plan)
            for fault in plan:
                if round and time.monotonic() - begun > self.seconds:
                    return
                fault()
                time.sleep(self.pause * self.dice.uniform(0.5, 1.5))
            if time.monotonic() - begun > self.seconds:
                return

    def note(self, name):
        self.faults.append(Fault(time.time(), name))

    def kill(self, member, name):
        self.note(name)
        member.kill()
        time.sleep(self.dice.uniform(0, 1))
        member.start()

    def kill_hub(self):
        index = self.dice.randrange(2)
        self.kill(self.fleet.hubs[index], f"kill -9 hub {index + 1}")

    def kill_api(self):
        self.kill(self.fleet.apis[0], "kill -9 api")

    def leader(self, what):
        def found():
            port = leader_port(self.postgres, what)
            return port and process_of(port, self.fleet.members)
        return until(found, 20, f"somebody of ours leading in {what}", every=0.05)

    def kill_bot(self):
        """The leading one; it comes back when the other has taken over."""
        leader = self.leader("bot")
        self.note(f"kill -9 leading bot ({leader.log_path.stem.removeprefix('drill-')})")
        leader.kill()
        assert self.leader("bot") is not leader
        leader.start()

    def kill_relay_leader(self):
        leader = self.leader("relay")
        self.kill(leader, f"kill -9 relay leader ({leader.log_path.stem.removeprefix('drill-')})")

    def away(self, server, seconds):
        kills = self.dice.random() < 0.5
        self.note(f"{server.name} {'killed' if kills else 'stopped'}")
        (server.kill if kills else server.stop)()
        time.sleep(self.dice.uniform(*seconds))
        server.start()
        self.note(f"{server.name} started")

    def redis_away(self):
        self.away(self.redis, (1, 3))

    def rabbit_away(self):
        self.away(self.rabbit, (0, 2))

    def postgres_away(self):
        self.away(self.postgres, (1, 3))

    def cut_connections(self):
        self.note("half of the connections cut")
        self.watchers.cut(0.5)

    def slow_clients(self):
        """Three clients stop reading while more is written to them than anybody holds for them."""
        self.note("3 clients stop reading")
        self.watchers.pause(self.slow)
        closed = self.slow_closed()
        for number in range(450):
            # Others have to take their part of it.
            topic = f"guild/{LANTERN}" if number % 3 == 0 else f"user/{PELL}"
            self.publisher.publish(topic, game_id=f"{number}", filling=FILLING)
            # What the kernel holds for a reader that doesn't read differs.
            if number % 10 == 9 and self.slow_closed() > closed:
                break
        self.watchers.go_on(self.slow)

    def slow_closed(self):
        return sum(metric(hub.url, "tandem_hub_slow_closed_total") for hub in self.fleet.hubs)

    # The end

    def end(self):
        """Everybody catches up, and what was committed is compared with what arrived."""
        self.stopping.set()
        self.churn.join(20)
        for writer in self.writers:
            writer.stop()
        for member in self.fleet.members:
            until(member.is_ready, 30, f"{member.log_path.stem} being ready")
        markers = {}
        for user in EVERYBODY:
            markers[f"user/{user}"] = self.mark(f"user/{user}")
        markers[f"guild/{LANTERN}"] = self.mark(f"guild/{LANTERN}")

        def behind():
            return [each.history.name for each in self.watchers.watchers
                    if each.number < markers[each.history.principal if each.history.topics is None else f"guild/{LANTERN}"]]

        deadline = time.monotonic() + 45
        while behind() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.watchers.stop()
        cards = self.cards()
        epoch, log = read_log(self.postgres)
        return History(
            epoch, log, [each.history for each in self.watchers.watchers], self.members, self.since, min(markers.values()),
            self.faults, self.publisher.numbers, self.publisher.commands, cards, [signup for each in self.people for signup in each.signups],
            self.before, read_rosters(self.postgres))

    def cards(self):
        """Who is in each game, and what Discord shows of it, once they agree or a bot has had long enough."""
        deadline = time.monotonic() + 30
        while True:
            people = {each["id"]: each["global_name"] for each in self.discord.state()["users"]}
            cards = []
            for game, roster in read_rosters(self.postgres).items():
                called = [people[user] for user in roster.users]
                shown = tuple(
                    (names(each, "Players"), names(each, "Waiting")) for each in self.discord.cards(game))
                cards.append(Card(game, (called[:roster.seats], called[roster.seats:]), shown))
            if all(card.shown == (card.committed,) for card in cards) or time.monotonic() > deadline:
                return cards
            time.sleep(0.2)

    def mark(self, topic):
        answer = until(
            lambda: (made := publish(self.fleet.url, topic, "note", {"type": "note", "game_id": "the end"})).status == 202
            and made.json["number"] and made, 20, "the end being published and numbered")
        return answer.json["number"]

    def leave(self):
        self.stopping.set()
        for writer in self.writers:
            writer.stopping.set()
        self.watchers.stopping = True

    def report(self, history, verdict):
        writers = [
            f"{type(each).__name__}: {each.acknowledged} acknowledged, not: {each.refused or 'none'}" for each in self.writers]
        return "\n".join([
            f"seed {self.seed}, {self.seconds:.0f} s of faults; bus: {self.bus}, cache: redis; "
            "clients on SSE and WebSocket by halves, three of them slow",
            "", table(history, verdict), "", *writers, f"{self.churned} times somebody was added to a guild or removed",
            f"{sum(each.refusals for each in self.watchers.watchers)} streams refused while something was away",
            "received over " + ", ".join(f"{name}: {count}" for name, count in sorted(self.received().items()))])

    def received(self):
        """Events by transport."""
        counts = collections.Counter()
        for each in self.watchers.watchers:
            counts[each.transport.name] += sum(frame.kind == "event" for frame in each.history.received)
        return counts
