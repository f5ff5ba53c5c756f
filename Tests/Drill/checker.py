"""Proves from a history that every client received what it was to receive, and nothing else.

What is proved of each client, from the cursor of its first `ready` to the end of the log:

- Every event of a topic that it could see arrived, within `LATEST` seconds of its commit unless the client reads slowly on purpose.
  An event is excused when the principal lost the topic before the client had come past the event: who was thrown out can't replay the
  past. A stream that was open all the while excuses nothing before the cursor at which it told of the loss.
- A commit before and after which nothing happened arrived within `QUIET` seconds at everybody who had a stream.
- Events arrived in the order of their numbers and once, and no cursor was followed by one from before it.
- Nothing arrived that it could not see: neither at the moment it was committed, over a connection from before the loss, nor at
  the moment it arrived. For `grace` seconds after a loss, what was on its way may still arrive: what comes before the loss in the log.
- A `reset` was told only when history was truly gone. What lies in a gap so declared counts as declared, not as lost.
- Whoever was told to fetch everything found all that had happened before.
- What arrived is what was committed, in the epoch of the log.
- When the log has gone back, all of this holds of what is lost, up to where the client had come, and of what follows, from the
  `reset` which everybody hears within `TOLD` seconds.

And of the log: its numbers have no gap, and each acknowledged commit is in it once. Of sign-ups, what `signups` says. Of Discord: each
game has one message, and in the end it shows who is in. And while one process hangs, whoever writes to another isn't held up.
"""

import bisect
import collections
import dataclasses
import json

from .history import HIDDEN
from .signups import check_signups

GRACE = 1.0
# Whatever dies comes back within seconds, and who leads without working loses the lead within 15 s.
LATEST = 20.0
QUIET = 5.0
# From the moment at which PostgreSQL is back as what it was before: 15 s, and what a busy machine adds.
TOLD = 15.0 + 5.0
# Whoever changes the same thing as a process that hangs waits for 3 s; others wait for nothing. A busy machine adds to it.
HELD_UP = 3.0 + 2.0


@dataclasses.dataclass
class Verdict:
    """`findings` has a sentence for every breach, by its kind; an empty one means proved."""

    findings: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))
    events: int = 0
    deliveries: int = 0
    required: int = 0
    declared_gaps: int = 0
    connections: int = 0
    cards: int = 0
    signups: int = 0
    # The longest time to somebody who had a stream, of commits before and after which nothing happened, and how often it was measured.
    quiet: float = 0
    heard: int = 0
    # The longest time from a commit to its arrival at a client that had to receive it, by the index of the fault in force.
    delays: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(float))
    # From a fault to the arrival of something committed after it, at the last of all clients.
    recoveries: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(float))

    @property
    def is_proved(self):
        return not self.findings

    def count(self, kind):
        return len(self.findings.get(kind, []))

    def found(self, kind, sentence):
        self.findings[kind].append(sentence)


class Access:
    """Who could see which topic in an era: spans of numbers and times, from the log itself."""

    def __init__(self, era):
        self.spans = collections.defaultdict(list)
        for principal, topic in era.members:
            self.spans[principal, topic].append([0, None, float("-inf"), None])
        for event in era.log:
            if event.number <= era.since or event.kind not in ("access.granted", "access.revoked"):
                continue
            change = json.loads(event.payload)
            spans = self.spans[change["principal"], change["topic"]]
            is_open = bool(spans) and spans[-1][1] is None
            if event.kind == "access.granted" and not is_open:
                spans.append([event.number, None, event.time, None])
            elif event.kind == "access.revoked" and is_open:
                spans[-1][1], spans[-1][3] = event.number, event.time

    def of(self, principal, topic):
        if topic == principal:
            return [[0, None, float("-inf"), None]]
        return self.spans.get((principal, topic), [])

    def at_number(self, principal, topic, number):
        """The span that holds the event of this number."""
        return next(
            (span for span in self.of(principal, topic) if span[0] < number and (span[1] is None or number < span[1])), None)

    def at_time(self, principal, topic, number, time, grace):
        """Whether the event of this number may arrive now, over whichever connection."""
        return any(
            # The clocks of a commit and of an arrival are read by different programs.
            span[2] - 0.05 <= time and (span[1] is None or (number < span[1] and time <= span[3] + grace))
            for span in self.of(principal, topic))


def check(history, grace=GRACE):
    verdict = Verdict(events=len(history.log))
    eras = history.eras
    for era in eras:
        check_log(era, verdict)
    check_published(eras, history.published, verdict)
    check_signups(eras, history.signups, history.before, history.after, verdict)
    for card in history.cards:
        check_card(card, verdict)
    check_waits(history, verdict)
    for sentence in history.broken:
        verdict.found("broken promise", sentence)
    access = [Access(era) for era in eras]
    for client in history.clients:
        verdict.connections += len(client.connections)
        parts = by_era(client, eras, verdict)
        for index, era in enumerate(eras):
            Reading(history, era, access[index], client, parts[index], verdict, grace, index).check()
    return verdict


def by_era(client, eras, verdict):
    """The frames that a client received, by the epoch of its cursor."""
    epochs, parts, last = {era.epoch: index for index, era in enumerate(eras)}, [[] for _ in eras], 0
    for frame in client.received:
        index = last
        if frame.id:
            epoch = frame.id.rpartition("-")[0]
            if epoch not in epochs:
                verdict.found("foreign epoch", f"{client.name}: {frame.kind} with the id {frame.id!r}")
                continue
            index = epochs[epoch]
        if index < last:
            verdict.found("past came back", f"{client.name}: {frame.kind} with the id {frame.id!r}, of an epoch that was over")
        last = index
        parts[index].append(frame)
    return parts


def check_log(era, verdict):
    numbers = [event.number for event in era.log]
    for before, after in zip(numbers, numbers[1:]):
        if after != before + 1:
            verdict.found("gap in the log", f"{before} is followed by {after}")
    told = collections.Counter()
    for event in era.log:
        command = json.loads(event.payload).get("command_id")
        if command:
            told[command, event.kind, event.payload] += 1
    for (command, kind, _), count in told.items():
        if count > 1:
            verdict.found("told twice", f"command {command} has {count} events {kind}")


def check_published(eras, published, verdict):
    """Each is in the log of the time, under the number that was told."""
    logs = [{json.loads(event.payload).get("command_id"): event.number for event in era.log} for era in eras]
    for each in published:
        then = [log for era, log in zip(eras, logs) if era.overlaps(each.sent, each.answered)]
        if not any(each.key in log and each.number in (None, log[each.key]) for log in then):
            verdict.found("lost commit", f"command {each.key} was acknowledged with the number {each.number} and is not so in the log")


def check_card(card, verdict):
    verdict.cards += 1
    if len(card.shown) != 1:
        verdict.found("wrong message", f"game {card.game} has {len(card.shown)} messages")
    elif card.shown[0] != card.committed:
        verdict.found("wrong message", f"game {card.game} has {card.committed} and shows {card.shown[0]}")


def check_waits(history, verdict):
    for pause in history.pauses:
        for wait in history.waits:
            seconds = min(wait.ended, pause.ended) - max(wait.begun, pause.begun)
            if wait.port != pause.port and seconds > HELD_UP:
                verdict.found(
                    "held up", f"whoever wrote to port {wait.port} at {wait.begun:.3f} waited for {seconds:.1f} s while port {pause.port} hung")


class Reading:
    """What one client received of an era, which comes after `index` others."""

    def __init__(self, history, era, access, client, frames, verdict, grace, index=0):
        self.history, self.era, self.access, self.client, self.frames = history, era, access, client, frames
        self.verdict, self.grace, self.index = verdict, grace, index
        self.log = {event.number: event for event in era.log}
        self.numbers = collections.defaultdict(list)
        for event in era.log:
            self.numbers[event.topic].append(event.number)
        self.oldest = era.log[0].number if era.log else 1
        self.arrivals = {}
        # The cursor at each moment, both rising.
        self.times, self.cursors = [], []
        # Over which connections the cursor was moved, and how far; the cursors at which streams told of the loss of a topic.
        self.reached = {}
        self.told_losses = collections.defaultdict(list)
        self.reset_connections = {frame.connection for frame in frames if frame.kind == "reset"}
        self.position = None
        self.begins = None
        self.declared = []
        self.faults = [fault.at for fault in history.faults]
        keys = set(history.quiet)
        self.quiet = {event.number for event in era.log if keys and json.loads(event.payload).get("command_id") in keys}

    def found(self, kind, sentence):
        self.verdict.found(kind, f"{self.client.name} ({self.client.principal}): {sentence}")

    def check(self):
        for frame in self.frames:
            if frame.kind == "event":
                self.take(frame)
            elif frame.kind == "reset":
                self.begin_anew(frame)
            elif frame.id:
                self.move(frame)
        if self.begins is None:
            self.found("never ready", "no stream was ever opened" + (f" in the epoch {self.era.epoch}" if self.index else ""))
            return
        if self.index:
            self.check_told()
        self.check_fetched()
        self.find_losses()

    def check_told(self):
        """Every stream tells that the log is another one, or ends, and then the next one does."""
        seconds = self.frames[0].at - self.era.begun
        if seconds > TOLD and not self.client.is_slow:
            self.found("not told", f"learned only {seconds:.1f} s later that the log went back")

    def number(self, frame):
        """The number of a frame's id; nothing when it has none."""
        number = (frame.id or "").rpartition("-")[2]
        if not number.isdigit():
            self.found("foreign epoch", f"{frame.kind} with the id {frame.id!r}")
            return None
        return int(number)

    def move(self, frame):
        number = self.number(frame)
        if number is None:
            return
        if self.begins is None and frame.kind == "ready":
            self.begins = number
        # A stream whose cursor can't be continued is ready where the log stands, and then says so.
        begins_anew = frame.kind == "ready" and frame.connection in self.reset_connections
        if self.position is not None and number < self.position and not begins_anew:
            self.found("cursor moved back", f"from {self.position} to {number}, by {frame.kind}")
        if frame.kind == "revoked":
            self.told_losses[json.loads(frame.data)["topic"]].append((frame.connection, number))
        self.advance(number, frame)

    def advance(self, number, frame):
        self.reached[frame.connection] = max(number, self.reached.get(frame.connection, number))
        if self.position is None or number > self.position:
            self.position = number
            self.times.append(frame.at)
            self.cursors.append(number)

    def take(self, frame):
        number = self.number(frame)
        if number is None:
            return
        self.verdict.deliveries += 1
        event = self.log.get(number)
        if event is None:
            if number >= self.oldest:
                self.found("never committed", f"received {number}, which is not in the log")
            return
        if event.payload != frame.data:
            self.found("altered", f"{number} is {event.payload!r} and was received as {frame.data!r}")
        if number in self.arrivals:
            self.found("duplicate", f"{number} came again when the cursor stood at {self.position}")
            return
        if self.position is not None and number <= self.position:
            self.found("out of order", f"{number} came when the cursor stood at {self.position}")
        self.arrivals[number] = frame
        if not self.may_see(event, frame):
            self.found(
                "unauthorised", f"{number} of {event.topic}, committed at {event.time:.3f}, came at {frame.at:.3f}")
        self.advance(number, frame)

    def may_see(self, event, frame):
        if event.kind in HIDDEN or (self.client.topics is not None and event.topic not in self.client.topics):
            return False
        if self.access.at_time(self.client.principal, event.topic, event.number, frame.at, self.grace):
            return True
        span = self.access.at_number(self.client.principal, event.topic, event.number)
        opened = self.client.connections[frame.connection].opened
        return span is not None and (span[3] is None or opened <= span[3] + self.grace)

    def begin_anew(self, frame):
        """History is gone when the log doesn't reach back to the cursor, or has never reached it."""
        asked = self.client.connections[frame.connection].resumed_at
        # On an open stream, it continues from where it stood.
        standing = self.position
        number = self.number(frame)
        if number is None:
            return
        epoch, _, resumed = (asked or "").rpartition("-")
        reason = json.loads(frame.data).get("reason")
        truly = {
            "foreign_epoch": bool(asked) and epoch != self.era.epoch,
            "malformed_cursor": bool(asked) and not (epoch and resumed.isdigit()),
            "unknown_cursor": resumed.isdigit() and int(resumed) > self.era.log[-1].number,
            "history_gone": standing is not None and standing + 1 < self.oldest_at(frame.at),
        }.get(reason, False)
        is_first = self.frames[0].connection == frame.connection and not self.declared
        # Once the log has gone back, it's gone for whoever still asks in the old epoch.
        if truly or (self.index and is_first) or frame.at > self.era.ended:
            self.verdict.declared_gaps += 1
            self.declared.append((standing or 0, number))
        else:
            self.found("needless reset", f"{reason} at {number}, having asked for {asked!r}; the log begins at {self.oldest}")
        self.begins = number if self.begins is None else self.begins
        self.advance(number, frame)

    def oldest_at(self, time):
        return max([self.oldest, *(number for at, number in self.history.trims if at <= time)])

    def check_fetched(self):
        """What was fetched after a `reset` has all that the events up to its cursor say, as far as it could be seen all the time."""
        versions = collections.defaultdict(list)
        for event in self.era.log:
            if event.kind == "game.updated":
                change = json.loads(event.payload)
                if "version" in change:
                    versions[event.topic, change["game_id"]].append((event.number, change["version"]))
        for fetched in self.client.fetched:
            epoch, _, number = fetched.cursor.rpartition("-")
            if epoch != self.era.epoch:
                continue
            if fetched.games is None:
                self.found("not fetched", f"the games could not be fetched at {fetched.cursor} until {fetched.at:.3f}")
                continue
            for (topic, game), known in versions.items():
                spans = self.access.of(self.client.principal, topic)
                then = [version for at, version in known if at <= int(number)]
                if then and len(spans) == 1 and spans[0][:2] == [0, None] and fetched.games.get(game, 0) < max(then):
                    self.found(
                        "stale", f"game {game} had version {max(then)} at {fetched.cursor} and was fetched with {fetched.games.get(game)}")

    def is_declared(self, number):
        return any(after < number <= upto for after, upto in self.declared)

    def is_excused(self, event, span):
        """Whether the topic was lost before the client had come past the event."""
        if span[1] is None:
            return False
        at = bisect.bisect_right(self.times, span[3]) - 1
        return (at < 0 or self.cursors[at] < event.number) and not self.was_passed(event, span)

    def was_passed(self, event, span):
        """Whether a stream came past the event while it could see the topic: it said so when it told of the loss, or it went on
        to beyond the loss, having shown the topic, and never told of it.
        """
        losses = [(connection, number) for connection, number in self.told_losses[event.topic] if number <= span[1]]
        if any(event.number <= number for _, number in losses):
            return True
        showed = {
            self.arrivals[number].connection for number in self.numbers[event.topic]
            if span[0] < number < event.number and number in self.arrivals}
        told = {connection for connection, number in losses if number > span[0]}
        return any(self.reached[connection] >= span[1] for connection in showed - told)

    def find_losses(self):
        client, recovered = self.client, {}
        # What comes last in an era may be lost with it before it is told.
        upto = self.position if self.era.ended != float("inf") else self.era.upto
        for event in self.era.log:
            if event.number <= self.begins or event.kind in HIDDEN:
                continue
            if upto is not None and event.number > upto:
                break
            if client.topics is not None and event.topic not in client.topics:
                continue
            span = self.access.at_number(client.principal, event.topic, event.number)
            if span is None:
                continue
            arrived = self.arrivals.get(event.number)
            if self.is_excused(event, span) or (arrived is None and self.is_declared(event.number)):
                continue
            self.verdict.required += 1
            if arrived is not None:
                self.time(event, arrived.at, recovered)
            else:
                self.found("lost", f"{event.number} of {event.topic} ({event.kind}), committed at {event.time:.3f}")
            if event.number in self.quiet and not self.client.is_slow:
                self.check_quiet(event, arrived)
        for index, seconds in recovered.items():
            self.verdict.recoveries[index] = max(self.verdict.recoveries[index], seconds)

    def check_quiet(self, event, arrived):
        """Every stream that was open long enough has told of it, or the one over which it came did in time."""
        for index, connection in enumerate(self.client.connections):
            begun, closed = max(event.time, connection.opened), connection.closed or float("inf")
            if closed <= event.time:
                continue
            told = arrived is not None and arrived.connection == index
            if (arrived.at if told else closed) - begun > QUIET:
                self.found("late though quiet", f"{event.number} of {event.topic}, committed at {event.time:.3f}, "
                           + (f"came at {arrived.at:.3f}" if arrived else "never came"))
                return
            if told:
                self.verdict.heard += 1
                self.verdict.quiet = max(self.verdict.quiet, arrived.at - begun)
                return

    def hung(self, begun, ended):
        """For how long of that time a process stood still to which the client was connected."""
        ports = {each.port for each in self.client.connections if each.opened < ended and (each.closed or ended) >= begun}
        return sum(
            max(0, min(ended, each.ended) - max(begun, each.begun)) for each in self.history.pauses
            if each.is_frozen and each.port in ports)

    def time(self, event, arrived, recovered):
        index = bisect.bisect_right(self.faults, event.time) - 1
        if self.client.is_slow:
            return
        delay = arrived - event.time - self.hung(event.time, arrived)
        self.verdict.delays[index] = max(self.verdict.delays[index], delay)
        if delay > LATEST:
            self.found("late", f"{event.number} of {event.topic}, committed at {event.time:.3f}, came {delay:.1f} s later")
        if index >= 0:
            recovered.setdefault(index, arrived - self.faults[index])


def table(history, verdict):
    """What happened at each fault, and the sums."""
    committed = collections.Counter()
    times = [fault.at for fault in history.faults]
    for event in history.log:
        committed[bisect.bisect_right(times, event.time) - 1] += 1
    begun = history.log[0].time if history.log else 0
    lines = [f"{'at':>7}  {'fault':<34} {'commits':>8} {'longest delay':>14} {'recovered in':>13}"]
    rows = [(-1, "before the first fault", begun)] + [(i, each.name, each.at) for i, each in enumerate(history.faults)]
    for index, name, at in rows:
        delay, recovery = verdict.delays.get(index), verdict.recoveries.get(index)
        lines.append(
            f"{at - begun:6.1f}s  {name:<34} {committed[index]:>8} {f'{delay:.2f} s' if delay is not None else '–':>14} "
            f"{f'{recovery:.2f} s' if recovery is not None else '–':>13}")
    sums = [
        ("faults", len(history.faults)), ("clients", len(history.clients)), ("connections", verdict.connections),
        ("events committed", verdict.events), ("events delivered", verdict.deliveries), ("of them required", verdict.required),
        ("duplicates", verdict.count("duplicate")), ("declared gaps", verdict.declared_gaps), ("lost", verdict.count("lost")),
        ("told twice", verdict.count("told twice")), ("out of order", verdict.count("out of order")),
        ("late", verdict.count("late")), ("late though quiet", verdict.count("late though quiet")), ("held up", verdict.count("held up")),
        ("unauthorised", verdict.count("unauthorised")), ("lost commits", verdict.count("lost commit")),
        ("quiet commits", f"{len(history.quiet)}, heard {verdict.heard} times within {verdict.quiet:.2f} s"), ("sign-ups answered", verdict.signups), ("messages on Discord", verdict.cards), ("of them wrong", verdict.count("wrong message")),
        ("other findings", sum(
            len(found) for kind, found in verdict.findings.items()
            if kind not in (
                "duplicate", "lost", "told twice", "out of order", "late", "late though quiet", "held up", "unauthorised", "lost commit",
                "wrong message"))),
        ("longest recovery", f"{max(verdict.recoveries.values(), default=0):.2f} s"),
    ]
    lines += [""] + [f"{name:<20} {value}" for name, value in sums]
    for kind, found in verdict.findings.items():
        lines += ["", f"{kind}: {len(found)}"] + [f"  {sentence}" for sentence in found[:20]]
    return "\n".join(lines)
