"""Proves that every sign-up which was acknowledged, on the web or by a press on Discord, is what the database and the log say.

The log is replayed: each change of a game carries the key of the command that caused it, so it is known who came or left with it.
Then there is one order that explains all that was answered:

- Versions have no gap, and nobody comes twice or leaves without being in. In the end the same people are in, in the same order.
- Each answer is true at the command's place in this order: a seat, a place on the waiting list, or being out. A command that changed
  nothing was answered while that was so.
- What was asked after another answer has a later place.
"""

import bisect
import collections
import dataclasses
import json

# Times of commits are read by other programs, and before the commit itself.
TOLERANCE = 0.5


@dataclasses.dataclass
class SignUp:
    """One command: to `join` or to `leave`. `said` is `confirmed`, `waiting`, `waiting 3` or `left`; nothing if there was no
    answer, or a refusal. `answered` is when it was known.
    """

    user: str
    game: str
    act: str
    key: str
    sent: float
    answered: float | None = None
    said: str | None = None


@dataclasses.dataclass(frozen=True)
class Roster:
    """Who is in a game, as the database has it: in the order in which they came. The first `seats` of them have one."""

    game: str
    version: int
    seats: int
    users: tuple

    def says(self, user):
        """What is true of that user."""
        if user not in self.users:
            return {"left"}
        place = self.users.index(user)
        return {"confirmed"} if place < self.seats else {"waiting", f"waiting {place - self.seats + 1}"}


class Turns:
    """One game's rosters, in the order of the log."""

    def __init__(self, before, verdict):
        self.verdict = verdict
        self.rosters, self.times, self.numbers = [before], [float("-inf")], [0]
        self.at = {}

    def found(self, kind, sentence):
        self.verdict.found(kind, f"game {self.rosters[0].game}: {sentence}")

    def take(self, event, change, signup):
        """The event that says `change`, caused by `signup`, or by nobody who signs up."""
        last = self.rosters[-1]
        if change["version"] <= last.version:
            if len(self.rosters) > 1:
                self.found("wrong version", f"event {event.number} has version {change['version']} after {last.version}")
            return
        if change["version"] != last.version + 1:
            self.found("wrong version", f"event {event.number} has version {change['version']} after {last.version}")
        users = last.users
        if signup:
            is_in = signup.user in users
            if is_in == (signup.act == "join"):
                self.found("doubled sign-up", f"event {event.number}: user {signup.user} is to {signup.act} and is {'in' if is_in else 'out'}")
            users = tuple(user for user in users if user != signup.user) + ((signup.user,) if signup.act == "join" else ())
            self.at[signup.key] = len(self.rosters)
        self.rosters.append(dataclasses.replace(last, version=change["version"], users=users))
        self.times.append(event.time)
        self.numbers.append(event.number)

    def wrong(self, signup):
        """What is wrong with an answer, as kind and sentence; nothing if it was so: at its place, or at some time while it was asked."""
        place = self.at.get(signup.key)
        if place is not None:
            if signup.said in self.rosters[place].says(signup.user):
                return None
            return (
                "wrong answer", f"{signup.act} of {signup.user} at event {self.numbers[place]} was answered {signup.said!r} and is "
                f"{sorted(self.rosters[place].says(signup.user))}")
        first = max(0, bisect.bisect_right(self.times, signup.sent - TOLERANCE) - 1)
        last = bisect.bisect_right(self.times, signup.answered + TOLERANCE)
        if any(signup.said in roster.says(signup.user) for roster in self.rosters[first:last]):
            return None
        return (
            "lost sign-up", f"{signup.act} of {signup.user}, sent at {signup.sent:.3f} and answered {signup.said!r} "
            f"at {signup.answered:.3f}, is not in the log")

    def check_order(self, signups):
        """What was asked after an answer comes after what it answered."""
        placed = [each for each in signups if each.key in self.at]
        answered = sorted((each for each in placed if each.answered is not None), key=lambda each: each.answered)
        times, latest = [each.answered for each in answered], []
        for each in answered:
            latest.append(max(self.at[each.key], latest[-1] if latest else 0))
        for each in placed:
            before = bisect.bisect_left(times, each.sent)
            if before and latest[before - 1] >= self.at[each.key]:
                self.found(
                    "out of turn", f"{each.act} of {each.user}, sent at {each.sent:.3f}, is event {self.numbers[self.at[each.key]]}; "
                    f"event {self.numbers[latest[before - 1]]} had been acknowledged")

    def check_end(self, after):
        last = self.rosters[-1]
        if (last.version, last.users) != (after.version, after.users):
            self.found(
                "wrong roster", f"the log ends with version {last.version} and {last.users}, the database has {after.version} and {after.users}")


def replay(log, signups, before, verdict):
    """The turns of each game, by its id."""
    known = {each.key: each for each in signups}
    turns = {game: Turns(roster, verdict) for game, roster in before.items()}
    for event in log:
        if event.kind != "game.updated":
            continue
        change = json.loads(event.payload)
        if change["game_id"] not in turns or "version" not in change:
            continue
        signup, key = None, change.get("command_id")
        if key is not None:
            signup = known.get(key)
            if signup is None or signup.game != change["game_id"]:
                verdict.found("unexplained change", f"event {event.number} was caused by {key}, which nobody has sent")
        turns[change["game_id"]].take(event, change, signup)
    return turns


def check_signups(eras, signups, before, after, verdict):
    """`before` and `after` are the rosters by game when the first and the last sign-up was made."""
    replays = [replay(era.log, signups, before, verdict) for era in eras]
    for signup in signups:
        if signup.said is None or signup.game not in before:
            continue
        verdict.signups += 1
        wrong = [
            turns[signup.game].wrong(signup) for era, turns in zip(eras, replays) if era.overlaps(signup.sent, signup.answered)]
        if all(wrong):
            replays[-1][signup.game].found(*wrong[-1])
    by_game = collections.defaultdict(list)
    for each in signups:
        by_game[each.game].append(each)
    for turns in replays:
        for game, each in turns.items():
            each.check_order(by_game[game])
    for game, each in replays[-1].items():
        each.check_end(after[game])
