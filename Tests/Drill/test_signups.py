"""What people were answered is compared with the log: a right history passes, and each wrong one is found."""

import dataclasses
import json

import pytest

from Drill.checker import Verdict
from Drill.history import Committed, Era
from Drill.signups import Roster, SignUp, check_signups

BEGUN, GAME = 1_000_000.0, "g"


def event(number, version, key):
    cause = {} if key is None else {"command_id": key}
    return Committed(number, "guild/1", "game.updated", json.dumps({"game_id": GAME, "version": version, **cause}), BEGUN + number)


def asked(user, act, key, sent, answered=None, said=None):
    return SignUp(user, GAME, act, key, BEGUN + sent, answered and BEGUN + answered, said)


class Told:
    """Two seats: Ann and Ben come, Cid waits, the message is posted, Ann leaves, and Cid has her seat. Dora's join wasn't answered."""

    def __init__(self):
        self.log = [event(number, number + 1, key) for number, key in enumerate(("a", "b", "c", None, "d", "e"), 1)]
        self.signups = [
            asked("ann", "join", "a", 0.9, 1.1, "confirmed"), asked("ben", "join", "b", 1.9, 2.1, "confirmed"),
            asked("cid", "join", "c", 2.9, 3.1, "waiting 1"), asked("ann", "leave", "d", 4.9, 5.1, "left"),
            asked("dora", "join", "e", 5.9), asked("ben", "join", "f", 4.2, 4.3, "confirmed"),
            asked("cid", "join", "g", 6.9, 7.0, "confirmed"), asked("ann", "leave", "h", 6.9, 7.0, "left")]
        self.before = Roster(GAME, 1, 2, ())
        self.after = Roster(GAME, 7, 2, ("ben", "cid", "dora"))

    def change(self, key, **fields):
        place = next(index for index, each in enumerate(self.signups) if each.key == key)
        self.signups[place] = dataclasses.replace(self.signups[place], **fields)

    def found(self):
        verdict = Verdict()
        check_signups([Era("cafe", self.log, set())], self.signups, {GAME: self.before}, {GAME: self.after}, verdict)
        return {kind: len(sentences) for kind, sentences in verdict.findings.items()}


@pytest.fixture
def told():
    return Told()


def test_a_right_history_passes(told):
    assert told.found() == {}


def test_an_acknowledged_join_that_the_log_lacks_is_found(told):
    told.signups.append(asked("eve", "join", "x", 3.5, 3.6, "waiting"))
    assert told.found() == {"lost sign-up": 1}


def test_a_state_that_was_over_when_it_was_asked_for_explains_nothing(told):
    told.change("f", user="ann", act="leave", said="left")
    assert told.found() == {"lost sign-up": 1}


def test_a_change_that_was_made_twice_is_found(told):
    told.log.append(event(7, 8, "e"))
    told.after = dataclasses.replace(told.after, version=8)
    assert told.found() == {"doubled sign-up": 1}


def test_a_change_that_nobody_asked_for_is_found(told):
    told.log[4] = event(5, 6, "other")
    told.signups = told.signups[:3]
    told.log.pop()
    told.after = Roster(GAME, 6, 2, ("ann", "ben", "cid"))
    assert told.found() == {"unexplained change": 1}


def test_an_overfull_game_is_found(told):
    told.change("c", said="confirmed")
    assert told.found() == {"wrong answer": 1}


def test_a_wrong_place_on_the_waiting_list_is_found(told):
    told.change("c", said="waiting 2")
    assert told.found() == {"wrong answer": 1}


def test_swapped_commands_are_found(told):
    told.change("b", sent=BEGUN + 0.5, answered=BEGUN + 0.8)
    assert told.found() == {"out of turn": 1}


def test_a_change_without_its_event_is_found(told):
    del told.log[1]
    assert "wrong version" in told.found()


@pytest.mark.parametrize("after", [
    Roster(GAME, 7, 2, ("cid", "ben", "dora")), Roster(GAME, 7, 2, ("ben", "cid")), Roster(GAME, 8, 2, ("ben", "cid", "dora"))])
def test_a_database_that_ends_otherwise_is_found(told, after):
    told.after = after
    assert told.found() == {"wrong roster": 1}
