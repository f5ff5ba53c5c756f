"""What happened, as recorded by the server's log and the clients: the input of the checker.

Times are seconds since 1970, by the one clock of the machine that all of it ran on.
"""

import csv
import dataclasses
import json

from .signups import Roster

# Events that change what streams may see; they are delivered as `granted`, `revoked` and `bye`, never as events.
HIDDEN = ("access.granted", "access.revoked", "session.ended")


@dataclasses.dataclass(frozen=True)
class Committed:
    """One line of the event log."""

    number: int
    topic: str
    kind: str
    payload: str
    time: float


@dataclasses.dataclass(frozen=True)
class Received:
    """One frame that a client received. `kind` is `event`, `ready`, `reset`, `bye`, `granted`, `revoked` or `heartbeat`."""

    at: float
    connection: int
    kind: str
    id: str | None
    data: str


@dataclasses.dataclass
class Connection:
    """One connection of a client, by its number from 0; `resumed_at` is the cursor that it asked for, `port` the server's."""

    opened: float
    resumed_at: str | None
    closed: float | None = None
    port: int | None = None


@dataclasses.dataclass(frozen=True)
class Fetched:
    """The versions of the games that a client fetched after a `reset` with this cursor, by their ids; nothing if it couldn't."""

    at: float
    cursor: str
    games: dict | None


@dataclasses.dataclass
class Client:
    """`topics` are those it asked for; nothing means every topic of its principal, as the pages' stream has it."""

    name: str
    principal: str
    topics: frozenset | None = None
    connections: list = dataclasses.field(default_factory=list)
    received: list = dataclasses.field(default_factory=list)
    fetched: list = dataclasses.field(default_factory=list)
    # Reads late on purpose: its delays say nothing about the server.
    is_slow: bool = False


@dataclasses.dataclass(frozen=True)
class Fault:
    at: float
    name: str


@dataclasses.dataclass(frozen=True)
class Pause:
    """While a process, known by its port, was cut off from a server, or didn't run at all."""

    port: int
    begun: float
    ended: float
    is_frozen: bool = False


@dataclasses.dataclass(frozen=True)
class Wait:
    """Somebody who wrote waited for a process, known by its port."""

    port: int
    begun: float
    ended: float


@dataclasses.dataclass(frozen=True)
class Published:
    """A commit that was acknowledged by its key, and by its number if it had one by then."""

    key: str
    number: int | None
    sent: float
    answered: float


@dataclasses.dataclass
class Era:
    """What was true from one moment to another: the epoch, the log as it stood in the end, and the memberships when the log stood
    at `since`. It begins when PostgreSQL is back as what it was before, and ends when it crashes.
    """

    epoch: str
    log: list
    members: set
    since: int = 0
    upto: int | None = None
    begun: float = float("-inf")
    ended: float = float("inf")

    def overlaps(self, begun, ended):
        return begun <= self.ended and self.begun <= ended


@dataclasses.dataclass(frozen=True)
class Card:
    """A game at the end: its players, as committed, and what each of its messages on Discord shows, of which there should be one.
    Both are pairs of names: of the players with a seat and of those on the waiting list.
    """

    game: str
    committed: tuple
    shown: tuple


@dataclasses.dataclass
class History:
    """`members` has the memberships (principal, topic) when the log stood at `since`; later changes are in the log. What comes after
    the number `upto` happened while the clients were leaving: it may have arrived.

    `trims` are the moments at which the log was cut, and its oldest number from then on; the logs here have all. `past` are the eras before this one, of which something is lost. `published` are commits that were acknowledged, `signups` all that
    people asked for; `before` and `after` are the rosters of the games, by id. `quiet` are the keys of commits before and after
    which nothing happened, `broken` other promises that were seen to be broken.
    """

    epoch: str
    log: list
    clients: list
    members: set
    since: int = 0
    upto: int | None = None
    faults: list = dataclasses.field(default_factory=list)
    published: list = dataclasses.field(default_factory=list)
    cards: list = dataclasses.field(default_factory=list)
    signups: list = dataclasses.field(default_factory=list)
    before: dict = dataclasses.field(default_factory=dict)
    after: dict = dataclasses.field(default_factory=dict)
    quiet: list = dataclasses.field(default_factory=list)
    pauses: list = dataclasses.field(default_factory=list)
    waits: list = dataclasses.field(default_factory=list)
    broken: list = dataclasses.field(default_factory=list)
    past: list = dataclasses.field(default_factory=list)
    begun: float = float("-inf")
    trims: list = dataclasses.field(default_factory=list)

    @property
    def eras(self):
        return [*self.past, Era(self.epoch, self.log, self.members, self.since, self.upto, self.begun)]

    def write(self, path):
        """Keeps it, so that a failure can be looked into."""
        with path.open("w") as file:
            json.dump(dataclasses.asdict(self), file, default=list)


def read_epoch(postgres):
    return postgres.sql("SELECT value FROM store_meta WHERE name = 'epoch'").strip()


def read_log(postgres):
    """The epoch and the event log of a PostgreSQL server."""
    text = postgres.sql("COPY (SELECT number, topic, kind, payload, time FROM store_events ORDER BY number) TO STDOUT (FORMAT csv)")
    return read_epoch(postgres), [
        Committed(int(number), topic, kind, payload, int(time) / 1000)
        for number, topic, kind, payload, time in csv.reader(text.splitlines())]


def read_rosters(postgres):
    """Who is in each game, by its id."""
    rows = postgres.sql(
        "SELECT id, version, max_players, string_agg(user_id::text, ',' ORDER BY p.place) "
        "FROM games LEFT JOIN participants p ON game_id = id GROUP BY id").split()
    return {
        game: Roster(game, int(version), int(seats), tuple(users.split(",")) if users else ())
        for game, version, seats, users in (row.split("|") for row in rows)}


def read_members(postgres):
    """The number at which the log stands, and the memberships (principal, topic)."""
    rows = postgres.sql(
        "SELECT last_number, guild_id, user_id FROM store_event_counter LEFT JOIN members ON true").split()
    rows = [row.split("|") for row in rows]
    return int(rows[0][0]), {(f"user/{user}", f"guild/{guild}") for _, guild, user in rows if guild}
