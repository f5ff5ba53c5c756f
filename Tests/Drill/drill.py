"""The drill: a whole fleet on real servers, people who write and watch, and faults by a seeded schedule."""

import collections
import itertools
import random
import time

from Live.fleet import Fleet
from Live.process import ARTEFACTS, InBackground
from Live.publisher import publish
from Live.sandbox import names
from Live.servers import PostgreSQL, RabbitMQ, Redis
from Live.waiting import until
from Live.web import CEDAR, CEDAR_GENERAL, JUNO, LANTERN, LANTERN_GENERAL, MIRA, PELL, SABLE, TOMAS, WREN, new_key
from Live.wires import Wires

from .checker import QUIET, check, table
from .clients import Fetcher, Watcher, Watchers
from .faults import Faults
from .history import Card, Era, History, read_epoch, read_log, read_members, read_rosters
from .transports import EventStream, Socket
from .writers import Churner, Presser, Publisher, WebWriter, sign_in

FOLDER = ARTEFACTS / "drill"
TOPICS = (f"guild/{LANTERN}", f"guild/{CEDAR}")
EVERYBODY = (MIRA, TOMAS, JUNO, SABLE, WREN, PELL)


class Drill:
    """`seconds` is how long faults go on; `pause` lies between two of them. The same seed plans the same faults. `bus` carries the
    events: `rabbit`, `redis`, or nothing but the `database`.
    """

    def __init__(self, seconds, seed=1, clients=50, pause=2.0, bus="rabbit", kinds=Faults.KILLS + Faults.CLIENTS):
        self.seconds, self.seed, self.count, self.pause = seconds, seed, clients, pause
        self.dice, self.bus = random.Random(seed), bus
        self.kinds = [kind for kind in kinds if bus == "rabbit" or "rabbit" not in kind]
        self.writers, self.slow, self.quiet = [], [], []
        self.past, self.begun = [], float("-inf")
        self.trimmed, self.trims = [], []

    def run(self):
        """Returns the history and the verdict on it; both lie in `artefacts/drill` as well."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        rabbit = InBackground(lambda: RabbitMQ().start())
        try:
            with PostgreSQL() as self.postgres, Redis() as self.redis:
                self.rabbit = rabbit.result(90)
                bus = {"rabbit": self.rabbit.url, "redis": self.redis.url, "database": None}[self.bus]
                fleet = Fleet("drill", self.postgres.url, bus, self.redis.url, apis=1, hubs=2, bots=2)
                with Wires() as wires:
                    self.wire(fleet, wires)
                    with fleet as self.fleet:
                        self.faults = Faults(self, self.seed)
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

    def wire(self, fleet, wires):
        """Each process reaches each server over a wire of its own."""
        self.wires = {}
        for kind, server in (("postgres", self.postgres), ("redis", self.redis), ("rabbit", self.rabbit)):
            for member in fleet.members:
                wire = self.wires[member, kind] = wires.lay(server.port)
                for name, value in member.settings.items():
                    if name.endswith("_URL"):
                        member.settings[name] = value.replace(f"127.0.0.1:{server.port}", f"127.0.0.1:{wire.port}")

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
        urls = [each.url for each in self.fleet.apis + self.fleet.hubs]
        self.web = [WebWriter(visitors[user], lantern + cedar, urls) for user in (MIRA, JUNO)]
        self.publisher = Publisher(urls, TOPICS, seed=self.seed)
        self.publishers = [self.publisher]
        self.people = [*self.web, *pressers]
        self.churner = Churner(self.discord, (WREN, PELL), (LANTERN, CEDAR), self.seed + 1)
        self.writers = [each.start() for each in (*self.people, self.publisher, self.churner)]

    def watch(self, visitors):
        ports = [hub.port for hub in self.fleet.hubs]
        self.fetcher = Fetcher(ports)
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
                self.fetcher, topics, is_slow)
            watchers.append(watcher)
            if is_slow:
                self.slow.append(watcher)
        self.watchers = Watchers(watchers, self.seed).start()
        until(lambda: all(each.cursor for each in watchers), 30, "every stream being ready")

    # Faults

    def disturb(self):
        """Each kind once, in whatever order, and on until the time is over. After each, nothing but one commit happens for a while."""
        begun = time.monotonic()
        time.sleep(self.pause)
        for round in itertools.count():
            for fault in self.faults.plan(self.kinds):
                if round and time.monotonic() - begun > self.seconds:
                    return
                fault()
                self.be_quiet()
                time.sleep(self.pause * self.dice.uniform(0.5, 1.5))
            if time.monotonic() - begun > self.seconds:
                return

    def went_back(self, epoch, log, ended):
        """The log is another one from now on. It is known who was a member when the copy was taken."""
        begun = time.time()
        self.past.append(Era(epoch, self.whole(log), self.members, self.since, begun=self.begun, ended=ended))
        self.since, self.members = read_members(self.postgres)
        self.begun = begun

    def trim(self):
        """Removes from the log what everybody has read, as is done with what is old. Returns the oldest number that is left."""
        oldest = int(self.postgres.sql("SELECT min(number) FROM store_positions"))
        self.trimmed += [each for each in read_log(self.postgres)[1] if each.number < oldest]
        self.postgres.sql(f"DELETE FROM store_events WHERE number < {oldest}")
        self.trims.append((time.time(), oldest))
        return oldest

    def whole(self, log):
        """With what was trimmed before."""
        return [each for each in self.trimmed if not log or each.number < log[0].number] + log

    def be_quiet(self):
        """Nobody writes but one, once, through any process; nothing that follows can bring it along."""
        for writer in self.writers:
            writer.hold()
        for writer in self.writers:
            writer.rest(40)
        self.settle()
        key = new_key()
        server = self.dice.choice(self.fleet.apis + self.fleet.hubs)
        topic = f"guild/{self.dice.choice((LANTERN, CEDAR))}"
        until(lambda: publish(server.url, topic, "note", {"type": "note", "command_id": key}, key=key).status == 202, 40,
              f"{server.log_path.stem} publishing", every=0.2)
        self.quiet.append(key)
        number = int(self.postgres.sql(f"SELECT max(number) FROM store_events WHERE payload LIKE '%{key}%'") or 0)
        deadline = time.monotonic() + QUIET + 1
        # Those whom it doesn't concern are heard of later: the checker knows them.
        epoch = read_epoch(self.postgres)
        while time.monotonic() < deadline and not (
                number and all(each.has_reached(epoch, number) for each in self.concerned(topic))):
            time.sleep(0.05)
        for writer in self.writers:
            writer.go_on()

    def concerned(self, topic):
        """The clients whose cursor moves with an event of the topic, whoever is thrown out of guilds and let in again."""
        principals = {user for user, of in self.members if of == topic}
        return [
            each for each in self.watchers.watchers if not each.history.is_slow and each.history.principal in principals
            and (each.history.topics is None or topic in each.history.topics)]

    def settle(self):
        """What was begun is over: the log hasn't grown for half a second."""
        last, since, deadline = None, time.monotonic(), time.monotonic() + 15
        while time.monotonic() < deadline:
            now = self.postgres.sql("SELECT (SELECT max(number) FROM store_events), (SELECT count(*) FROM store_outbox)")
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > 0.5:
                return
            time.sleep(0.1)

    def publish_at(self, member, pause):
        """One more who publishes, through this process alone."""
        made = Publisher([member.url], TOPICS, pause, seed=self.seed + len(self.publishers))
        self.publishers.append(made)
        return made.start()

    def member_at(self, port):
        """Whose connection to PostgreSQL comes from this port."""
        return next((each for each in self.fleet.members if self.wires[each, "postgres"].carries(port)), None)

    # The end

    def end(self):
        """Everybody catches up, and what was committed is compared with what arrived."""
        for writer in self.writers:
            writer.stop()
        for member in self.fleet.members:
            until(member.is_ready, 30, f"{member.log_path.stem} being ready")
        markers = {}
        for user in EVERYBODY:
            markers[f"user/{user}"] = self.mark(f"user/{user}")
        markers[f"guild/{LANTERN}"] = self.mark(f"guild/{LANTERN}")

        epoch = read_epoch(self.postgres)

        def has_come(each):
            return each.has_reached(epoch, markers[each.history.principal if each.history.topics is None else f"guild/{LANTERN}"])

        deadline = time.monotonic() + 45
        while not all(map(has_come, self.watchers.watchers)) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.watchers.stop()
        self.fetcher.stop()
        cards = self.cards()
        self.compare_members()
        epoch, log = read_log(self.postgres)
        return History(
            epoch, self.whole(log), [each.history for each in self.watchers.watchers], self.members, self.since, min(markers.values()),
            self.faults.happened, [done for each in self.publishers for done in each.published], cards,
            [signup for each in self.people for signup in each.signups], self.before, read_rosters(self.postgres), self.quiet,
            self.faults.pauses, [wait for each in self.writers + self.publishers[1:] for wait in each.waits], self.faults.broken,
            self.past, self.begun, self.trims)

    def compare_members(self):
        """Whoever came and went is where Discord has them."""
        def there():
            return {
                (user.removeprefix("user/"), guild.removeprefix("guild/")) for user, guild in read_members(self.postgres)[1]
            } & set(self.churner.choices)

        try:
            until(lambda: there() == self.churner.inside, 30, "members being what they are on Discord", every=0.2)
        except AssertionError:
            self.faults.broken.append(f"on Discord {self.churner.inside} are members, in the database {there()}")

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
        for writer in self.writers:
            writer.stopping.set()
        self.watchers.stopping = True

    def report(self, history, verdict):
        writers = [
            f"{type(each).__name__}: {each.acknowledged} acknowledged, not: {each.refused or 'none'}" for each in self.writers]
        return "\n".join([
            f"seed {self.seed}, {self.seconds:.0f} s of faults; bus: {self.bus}, cache: redis; "
            "clients on SSE and WebSocket by halves, three of them slow",
            "", table(history, verdict), "", *writers, f"{self.churner.acknowledged} times somebody was added to a guild or removed",
            f"{sum(each.refusals for each in self.watchers.watchers)} streams refused while something was away",
            "received over " + ", ".join(f"{name}: {count}" for name, count in sorted(self.received().items()))])

    def received(self):
        """Events by transport."""
        counts = collections.Counter()
        for each in self.watchers.watchers:
            counts[each.transport.name] += sum(frame.kind == "event" for frame in each.history.received)
        return counts
