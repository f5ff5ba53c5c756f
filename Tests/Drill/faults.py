"""What is done to the fleet, each kind as a method that returns when it is over."""

import random
import signal
import time

from Live.waiting import until
from Live.web import LANTERN, PELL, metric

from .history import Fault, Pause, read_log
from .leaders import leader_port

FILLING = "x" * 15_000
# What is promised, and what a machine that is busy with all of this may add.
TAKES_OVER, MARGIN = 15, 5


class Faults:
    """`kinds` are the names of those to choose from; the same seed does the same."""

    KILLS = ("kill_hub", "kill_api", "kill_bot", "kill_relay_leader", "redis_away", "rabbit_away", "postgres_away")
    CLIENTS = ("cut_connections", "slow_clients", "retention")
    STOPS = ("stop_api", "stop_hub", "stop_bot", "stop_relay_leader")
    FAILOVER = ("postgres_goes_back", "postgres_goes_back_unseen")
    PARTITIONS = ("cut_off_from_postgres", "cut_off_from_redis", "cut_off_from_rabbit")

    def __init__(self, drill, seed):
        self.drill, self.dice = drill, random.Random(seed)
        self.fleet, self.postgres, self.redis, self.rabbit = drill.fleet, drill.postgres, drill.redis, drill.rabbit
        self.happened, self.pauses, self.broken = [], [], []

    def plan(self, kinds):
        """All of them, in whatever order."""
        names = list(kinds)
        self.dice.shuffle(names)
        return [getattr(self, name) for name in names]

    def note(self, name):
        self.happened.append(Fault(time.time(), name))

    def name(self, member):
        return member.log_path.stem.removeprefix("drill-")

    # Processes that die

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

    def leader(self, what, within=20):
        def found():
            port = leader_port(self.postgres, what)
            return port and self.drill.member_at(port)
        return until(found, within, f"somebody of ours leading in {what}", every=0.05)

    def kill_bot(self):
        """The leading one; it comes back when the other has taken over."""
        leader = self.leader("bot")
        self.note(f"kill -9 leading bot ({self.name(leader)})")
        leader.kill()
        assert self.leader("bot") is not leader
        leader.start()

    def kill_relay_leader(self):
        leader = self.leader("relay")
        self.kill(leader, f"kill -9 relay leader ({self.name(leader)})")

    # Processes that hang

    def stop(self, member, name, leads=()):
        """It neither runs nor dies for 20 s. Whatever it leads in has another leader before that."""
        hurried, others = self.crowd(member)
        time.sleep(0.5)
        begun = time.time()
        self.note(name)
        member.process.send_signal(signal.SIGSTOP)
        for each in hurried:
            each.stopping.set()
        try:
            for what in leads:
                try:
                    until(lambda: self.leader(what, 60) is not member, TAKES_OVER + MARGIN, "another one leading", every=0.1)
                    self.note(f"another process leads in {what}")
                except AssertionError:
                    self.broken.append(f"nobody took over the lead in {what} of {self.name(member)} within {TAKES_OVER + MARGIN} s")
            time.sleep(max(0, begun + 20 - time.time()))
        finally:
            member.process.send_signal(signal.SIGCONT)
            self.pauses.append(Pause(member.port, begun, time.time(), is_frozen=True))
        self.note(f"{self.name(member)} continued")
        for each in hurried + others:
            each.stop()
        until(member.is_ready, 20, f"{self.name(member)} being ready again")

    def crowd(self, member):
        """Some who write through this process without a pause, so that it's in the middle of it when it stops, and one at each other."""
        servers = self.fleet.apis + self.fleet.hubs
        hurried = [self.drill.publish_at(member, 0) for _ in range(4)] if member in servers else []
        return hurried, [self.drill.publish_at(each, 0.2) for each in servers if each is not member]

    def stop_api(self):
        self.stop(self.fleet.apis[0], "SIGSTOP api")

    def stop_hub(self):
        hub = self.dice.choice(self.fleet.hubs)
        self.stop(hub, f"SIGSTOP {self.name(hub)}")

    def stop_bot(self):
        leader = self.leader("bot")
        self.stop(leader, f"SIGSTOP leading bot ({self.name(leader)})", ["bot"])

    def stop_relay_leader(self):
        leader = self.leader("relay")
        self.stop(leader, f"SIGSTOP relay leader ({self.name(leader)})", ["relay"])

    def retention(self):
        """Some clients are away for longer than events are kept, and when they are back no process remembers these."""
        self.note("a third of the clients go away")
        absent = [each for each in self.drill.watchers.watchers if not each.history.is_slow]
        absent = self.dice.sample(absent, len(absent) // 3)
        self.drill.watchers.leave(absent)
        time.sleep(self.dice.uniform(3, 6))
        oldest = self.drill.trim()
        self.note(f"the log is cut to {oldest}")
        for hub in self.fleet.hubs:
            hub.kill()
            hub.start()
        self.drill.watchers.come_back(absent)
        self.note("they are back")
        time.sleep(2)

    # Networks

    def cut_off(self, server, kind):
        """Nothing passes between a process and a server, and neither is told. It ends as TCP does when all is sent again, or
        with the connections forgotten.
        """
        member = self.dice.choice(self.fleet.members)
        wire = self.drill.wires[member, kind]
        hurried, others = self.crowd(member)
        time.sleep(0.5)
        self.note(f"{self.name(member)} cut off from {server.name}")
        begun = time.time()
        wire.cut()
        for each in hurried:
            each.stopping.set()
        time.sleep(self.dice.uniform(6, 12))
        forgets = self.dice.random() < 0.5
        (wire.mend if forgets else wire.resume)()
        self.pauses.append(Pause(member.port, begun, time.time()))
        self.note(f"{'mended' if forgets else 'resumed'}")
        for each in hurried + others:
            each.stop()
        until(member.is_ready, 30, f"{self.name(member)} being ready again")

    def cut_off_from_postgres(self):
        self.cut_off(self.postgres, "postgres")

    def cut_off_from_redis(self):
        self.cut_off(self.redis, "redis")

    def cut_off_from_rabbit(self):
        self.cut_off(self.rabbit, "rabbit")

    # Servers

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

    def postgres_goes_back(self):
        """A failover to a server that lagged by some seconds: what was committed in these is lost."""
        self.go_back()
        time.sleep(self.dice.uniform(0, TAKES_OVER))

    def postgres_goes_back_unseen(self):
        """The same while a hub is stopped, or cut off from it: when it goes on, the numbers may be where they were."""
        hub = self.dice.choice(self.fleet.hubs)
        wire = self.drill.wires[hub, "postgres"]
        sleeps = self.dice.random() < 0.5
        self.note(f"{self.name(hub)} {'stopped' if sleeps else 'cut off'}")
        if sleeps:
            hub.process.send_signal(signal.SIGSTOP)
        else:
            wire.cut()
        begun = time.time()
        try:
            self.go_back()
            time.sleep(self.dice.uniform(1, 8))
        finally:
            if sleeps:
                hub.process.send_signal(signal.SIGCONT)
            else:
                wire.resume()
            self.pauses.append(Pause(hub.port, begun, time.time(), is_frozen=sleeps))
        self.note(f"{self.name(hub)} goes on")
        until(hub.is_ready, 30, f"{self.name(hub)} being ready again")

    def go_back(self):
        copy = self.postgres.copy()
        time.sleep(self.dice.uniform(2, 5))
        self.note("postgresql crashes")
        # By the time it is looked at, nobody commits any more.
        lost = self.postgres.go_back(copy, lambda: (*read_log(self.postgres), time.time()))
        self.drill.went_back(*lost)
        self.note("postgresql went back")

    # Clients

    def cut_connections(self):
        self.note("half of the connections cut")
        self.drill.watchers.cut(0.5)

    def slow_clients(self):
        """Three clients stop reading while more is written to them than anybody holds for them."""
        self.note("3 clients stop reading")
        self.drill.watchers.pause(self.drill.slow)
        closed = self.slow_closed()
        for number in range(450):
            # Others have to take their part of it.
            topic = f"guild/{LANTERN}" if number % 3 == 0 else f"user/{PELL}"
            self.drill.publisher.publish(topic, game_id=f"{number}", filling=FILLING)
            # What the kernel holds for a reader that doesn't read differs.
            if number % 10 == 9 and self.slow_closed() > closed:
                break
        self.drill.watchers.go_on(self.drill.slow)

    def slow_closed(self):
        return sum(metric(hub.url, "tandem_hub_slow_closed_total") for hub in self.fleet.hubs)
