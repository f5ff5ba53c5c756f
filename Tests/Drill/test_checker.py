"""The checker finds what is wrong with a history, and nothing in one that is right."""

import copy
import dataclasses
import json

import pytest

from Drill.checker import check, table
from Drill.history import Card, Client, Committed, Connection, Era, Fault, Fetched, History, Pause, Published, Received, Wait

BEGUN = 1_000_000.0
TAVERN, ANN, BEN = "guild/1", "user/1", "user/2"


def payload(number):
    return json.dumps({"type": "game_updated", "game_id": str(number), "command_id": f"key-{number}"})


def change(number, kind):
    return Committed(
        number, BEN, f"access.{kind}", json.dumps({"principal": BEN, "topic": TAVERN}), BEGUN + number)


def received(event, connection=0, after=0.01, epoch="cafe"):
    return Received(event.time + after, connection, "event", f"{epoch}-{event.number}", event.payload)


def control(at, kind, number, connection=0, epoch="cafe", **data):
    return Received(BEGUN + at, connection, kind, f"{epoch}-{number}", json.dumps(data))


def published(number, told=0):
    return Published(f"key-{number}", number if told == 0 else told, BEGUN + number - 0.1, BEGUN + number + 0.1)


@pytest.fixture
def history():
    """Forty events a second apart. Ann sees all, over two connections; Ben is thrown out at 11 and let in again at 21."""
    log = [
        change(number, "revoked") if number == 11 else change(number, "granted") if number == 21
        else Committed(number, TAVERN, "game.updated", payload(number), BEGUN + number) for number in range(1, 41)]
    told = [event for event in log if event.topic == TAVERN]
    ann = Client("ann", ANN, connections=[Connection(BEGUN, None, BEGUN + 20.5), Connection(BEGUN + 23, "cafe-20")])
    ann.received = (
        [control(0, "ready", 0)] + [received(event) for event in told if event.number <= 20]
        + [control(23, "ready", 20, 1)] + [received(event, 1, max(0.01, BEGUN + 23.1 - event.time)) for event in told if event.number > 20])
    ben = Client("ben", BEN, connections=[Connection(BEGUN, None)])
    ben.received = [control(0, "ready", 0)] + [
        received(event) for event in told if event.number < 11 or event.number > 21]
    return History(
        "cafe", log, [ann, ben], {(ANN, TAVERN), (BEN, TAVERN)}, faults=[Fault(BEGUN + 20.5, "kill -9 of a hub")],
        published=[published(1), published(40), published(5, None), published(30, None)], cards=[Card("5", (["Ann", "Ben"], ["Cid"]), ((["Ann", "Ben"], ["Cid"]),))])


def without(client, number):
    client.received = [frame for frame in client.received if frame.kind != "event" or frame.id != f"cafe-{number}"]


def at(client, number):
    return next(index for index, frame in enumerate(client.received) if frame.kind == "event" and frame.id == f"cafe-{number}")


def found(history):
    verdict = check(history)
    return {kind: len(sentences) for kind, sentences in verdict.findings.items()}


def test_a_clean_history_passes(history):
    verdict = check(history)
    assert verdict.is_proved, verdict.findings
    assert (verdict.events, verdict.required, verdict.declared_gaps) == (40, 38 + 29, 0)
    assert 2.5 < verdict.recoveries[0] < 2.7
    assert "kill -9 of a hub" in table(history, verdict) and "lost                 0" in table(history, verdict)


@pytest.mark.parametrize("number", [1, 7, 20, 22, 40])
def test_a_lost_event_is_found(history, number):
    without(history.clients[0], number)
    assert found(history) == {"lost": 1}


@pytest.mark.parametrize("number", [10, 22])
def test_a_lost_event_at_the_edge_of_a_membership_is_found(history, number):
    without(history.clients[1], number)
    assert found(history) == {"lost": 1}


@pytest.mark.parametrize("told_at, is_lost", [(9, False), (10, True), (11, True)])
def test_a_stream_that_tells_of_a_loss_says_how_far_it_had_come(history, told_at, is_lost):
    ben = history.clients[1]
    without(ben, 10)
    # At the ninth, it was held back until he was thrown out.
    ben.received.insert(at(ben, 22), control(11.01, "revoked", told_at, topic=TAVERN))
    assert found(history) == ({"lost": 1} if is_lost else {})


def test_who_was_away_when_thrown_out_has_lost_nothing(history):
    ben = history.clients[1]
    ben.connections[0].closed = BEGUN + 9.5
    ben.connections.append(Connection(BEGUN + 15, "cafe-9"))
    ben.received = [dataclasses.replace(frame, connection=int(frame.at > BEGUN + 10)) for frame in ben.received]
    without(ben, 10)
    assert found(history) == {}


def test_what_was_missed_before_a_loss_may_come_with_the_next_membership(history):
    ben = history.clients[1]
    ben.connections[0].closed = BEGUN + 9.5
    ben.connections.append(Connection(BEGUN + 15, "cafe-9"))
    missed = [dataclasses.replace(received(history.log[9], 1), at=BEGUN + 21.5)]
    ben.received = [frame for frame in ben.received if frame.at < BEGUN + 10] + missed + [
        dataclasses.replace(frame, connection=1) for frame in ben.received if frame.at > BEGUN + 21]
    verdict = check(history)
    assert verdict.is_proved and max(verdict.delays.values()) < 5, (verdict.findings, verdict.delays)


@pytest.mark.parametrize("seconds, is_slow, findings", [
    (44, False, {"late": 1}), (44, True, {}), (19, False, {})])
def test_a_late_event_is_found(history, seconds, is_slow, findings):
    ann = history.clients[0]
    ann.is_slow = is_slow
    ann.received[-1] = dataclasses.replace(ann.received[-1], at=history.log[-1].time + seconds)
    assert found(history) == findings


@pytest.mark.parametrize("opened, closed, came, is_late", [
    (30, None, 44.9, False), (30, None, 45.1, True), (43, None, 47.9, False), (30, 44, 45.5, False), (30, 45.5, 46, True)])
def test_a_commit_without_others_after_it_comes_soon(history, opened, closed, came, is_late):
    """The last one, at 40: over the connection that was open, or over the next."""
    ann = history.clients[0]
    history.quiet = ["key-40"]
    ann.connections[1].opened = BEGUN + 20.6
    ann.connections[1].closed = BEGUN + (opened if closed is None else closed) - 0.1
    ann.connections.append(Connection(BEGUN + (opened if closed is None else closed), "cafe-39"))
    ann.received[-1] = dataclasses.replace(ann.received[-1], at=BEGUN + came, connection=2)
    assert found(history) == ({"late though quiet": 1} if is_late else {})


def test_a_process_that_stood_still_excuses_those_who_were_connected_to_it(history):
    ann = history.clients[0]
    ann.connections[1].port = 1
    ann.received[-1] = dataclasses.replace(ann.received[-1], at=history.log[-1].time + 30)
    history.pauses = [Pause(1, BEGUN + 39, BEGUN + 59, is_frozen=True)]
    assert found(history) == {}
    for pause in (Pause(2, BEGUN + 39, BEGUN + 59, is_frozen=True), Pause(1, BEGUN + 39, BEGUN + 59), Pause(1, BEGUN + 39, BEGUN + 49, is_frozen=True)):
        history.pauses = [pause]
        assert found(history) == {"late": 1}


def test_writers_that_are_held_up_by_another_process_are_found(history):
    history.pauses = [Pause(1, BEGUN + 5, BEGUN + 25)]
    history.waits = [Wait(1, BEGUN + 6, BEGUN + 24), Wait(2, BEGUN + 6, BEGUN + 10), Wait(2, BEGUN, BEGUN + 9)]
    assert found(history) == {}
    history.waits.append(Wait(2, BEGUN + 6, BEGUN + 12))
    assert found(history) == {"held up": 1}


def test_a_lost_event_long_before_a_revocation_is_found(history):
    without(history.clients[1], 9)
    assert found(history) == {"lost": 1}


def test_a_client_that_never_caught_up_has_lost(history):
    ann = history.clients[0]
    ann.received = [frame for frame in ann.received if frame.connection == 0]
    assert found(history) == {"lost": 19}


def test_an_event_that_arrives_again_is_found_under_whichever_number(history):
    ann = history.clients[0]
    ann.received.append(dataclasses.replace(ann.received[-1], at=BEGUN + 60))
    assert found(history) == {"duplicate": 1}
    ann.received.pop()
    again = dataclasses.replace(history.log[29], number=41, time=BEGUN + 41)
    history.log.append(again)
    for client in history.clients:
        client.received.append(received(again, len(client.connections) - 1))
    assert found(history) == {"told twice": 1}


def test_everything_twice_and_then_backwards_is_found(history):
    ann = history.clients[0]
    events = [frame for frame in ann.received if frame.kind == "event"]
    ann.received = [copy for frame in ann.received for copy in (frame, frame)]
    ann.received += [dataclasses.replace(frame, at=BEGUN + 50, connection=1) for frame in reversed(events)]
    assert found(history) == {"duplicate": 2 * len(events)}


@pytest.mark.parametrize("kind", ["heartbeat", "ready", "granted"])
def test_a_cursor_that_moves_back_is_found(history, kind):
    ann = history.clients[0]
    ann.connections.append(Connection(BEGUN + 49, "cafe-40"))
    ann.received.append(control(50, kind, 39, 2))
    assert found(history) == {"cursor moved back": 1}


def test_reordered_events_are_found(history):
    frames = history.clients[0].received
    one, two = at(history.clients[0], 7), at(history.clients[0], 8)
    frames[one], frames[two] = frames[two], frames[one]
    assert found(history) == {"out of order": 1}


def test_a_cursor_that_runs_ahead_of_an_event_is_found(history):
    frames = history.clients[0].received
    frames.insert(at(history.clients[0], 7), control(6.9, "heartbeat", 8))
    assert found(history) == {"out of order": 2}


def test_a_leak_is_found(history):
    mallory = Client("mallory", "user/9", connections=[Connection(BEGUN, None)])
    mallory.received = [control(0, "ready", 0), received(history.log[4])]
    history.clients.append(mallory)
    assert found(history) == {"unauthorised": 1}


@pytest.mark.parametrize("after, leaks", [(0.9, False), (1.9, False), (2.1, True)])
def test_a_second_of_grace_follows_a_revocation(history, after, leaks):
    """The tenth is on its way, over a connection that was opened too late to be told it afterwards."""
    ben = history.clients[1]
    without(ben, 10)
    ben.connections.append(Connection(BEGUN + 13, "cafe-9"))
    ben.received.insert(at(ben, 22), received(history.log[9], 1, after=after))
    assert found(history) == ({"unauthorised": 1} if leaks else {})


def test_what_is_committed_after_a_revocation_has_no_grace():
    """Twenty events within a second after it, and each is told."""
    log = [Committed(1, TAVERN, "game.updated", payload(1), BEGUN), change(2, "revoked")] + [
        Committed(number, TAVERN, "game.updated", payload(number), BEGUN + 2 + number / 100) for number in range(3, 23)]
    ben = Client("ben", BEN, connections=[Connection(BEGUN, None)])
    ben.received = [control(0, "ready", 0)] + [received(event) for event in log if event.topic == TAVERN]
    assert found(History("cafe", log, [ben], {(BEN, TAVERN)})) == {"unauthorised": 20}


def test_the_past_may_not_be_replayed_after_a_revocation(history):
    ben = history.clients[1]
    without(ben, 10)
    ben.connections.append(Connection(BEGUN + 14, "cafe-9"))
    ben.received.insert(at(ben, 22), received(history.log[9], 1, after=4.5))
    assert found(history) == {"unauthorised": 1}
    # What was on its way to an open stream is another matter.
    ben.connections[1].opened = BEGUN + 5
    assert found(history) == {}


def test_access_events_are_never_delivered(history):
    ben = history.clients[1]
    ben.received.insert(at(ben, 22), received(history.log[10]))
    assert found(history) == {"unauthorised": 1}


def test_a_topic_that_was_not_asked_for_is_found(history):
    history.clients[0].topics = frozenset({"guild/2"})
    assert found(history) == {"unauthorised": 38}


def test_a_foreign_epoch_is_found(history):
    frames, place = history.clients[0].received, at(history.clients[0], 30)
    frames[place] = dataclasses.replace(frames[place], id="beef-30")
    assert found(history) == {"foreign epoch": 1, "lost": 1}


def test_an_altered_event_and_an_invented_one_are_found(history):
    frames, place = history.clients[0].received, at(history.clients[0], 30)
    frames[place] = dataclasses.replace(frames[place], data="{}")
    frames.append(Received(BEGUN + 50, 1, "event", "cafe-99", "{}"))
    assert found(history) == {"altered": 1, "never committed": 1}


def test_a_reset_declares_a_gap_only_where_history_is_gone(history):
    ann = history.clients[0]
    for number in range(22, 31):
        without(ann, number)
    ann.received.insert(at(ann, 31), control(30.5, "reset", 30, 1, reason="history_gone"))
    needless = copy.deepcopy(history)
    assert found(needless) == {"needless reset": 1, "lost": 9}
    history.log = history.log[25:]
    history.members = {(ANN, TAVERN)}
    history.clients.pop()
    history.published = []
    verdict = check(history)
    assert verdict.is_proved and verdict.declared_gaps == 1, verdict.findings


def test_a_reset_may_be_told_once_the_log_is_cut(history):
    ann = history.clients[0]
    for number in range(22, 31):
        without(ann, number)
    ann.received.insert(at(ann, 31), control(30.5, "reset", 30, 1, reason="history_gone"))
    history.trims = [(BEGUN + 30.6, 26)]
    assert found(history) == {"needless reset": 1, "lost": 9}
    history.trims = [(BEGUN + 30.4, 26)]
    assert found(history) == {}


@pytest.mark.parametrize("version, findings", [(7, {}), (8, {}), (6, {"stale": 1}), (None, {"stale": 1})])
def test_what_is_fetched_after_a_reset_must_not_be_stale(history, version, findings):
    for number in (5, 35):
        made = json.loads(history.log[number - 1].payload) | {"game_id": "g", "version": number + 2}
        history.log[number - 1] = dataclasses.replace(history.log[number - 1], payload=json.dumps(made))
    for client in history.clients:
        client.received = [
            dataclasses.replace(frame, data=history.log[int(frame.id[5:]) - 1].payload) if frame.kind == "event" else frame
            for frame in client.received]
    games = {} if version is None else {"g": version}
    history.clients[0].fetched = [Fetched(BEGUN + 31, "cafe-30", games)]
    assert found(history) == findings
    # Ben was not a member all the time.
    history.clients[0].fetched, history.clients[1].fetched = [], [Fetched(BEGUN + 31, "cafe-30", games)]
    assert found(history) == {}
    history.clients[1].fetched = [Fetched(BEGUN + 31, "cafe-30", None)]
    assert found(history) == {"not fetched": 1}


def test_a_foreign_cursor_may_be_reset(history):
    ann = history.clients[0]
    ann.connections[1].resumed_at = "beef-20"
    ann.received.insert(at(ann, 22), control(23, "reset", 20, 1, reason="foreign_epoch"))
    assert found(history) == {}


def later(number):
    """What came after the log went back has the same numbers, and is something else."""
    return Committed(number, TAVERN, "game.updated", payload(100 + number), BEGUN + 100 + number)


@pytest.fixture
def back():
    """Ten events, of which six are in the copy and nine had arrived; then the log goes back, and six others follow."""
    first = [Committed(number, TAVERN, "game.updated", payload(number), BEGUN + number) for number in range(1, 11)]
    second = first[:6] + [later(number) for number in range(7, 13)]
    ann = Client("ann", ANN, connections=[Connection(BEGUN, None)])
    ann.received = [control(0, "ready", 0), *(received(event) for event in first[:9]), control(109, "reset", 9, epoch="beef"),
                    *(received(event, epoch="beef") for event in second[9:])]
    past = Era("cafe", first, {(ANN, TAVERN)}, ended=BEGUN + 10.5)
    return History("beef", second, [ann], {(ANN, TAVERN)}, past=[past], begun=BEGUN + 99, published=[
        published(3), published(10), Published("key-111", 11, BEGUN + 110, BEGUN + 111.1)])


def test_a_log_that_went_back_and_told_so_passes(back):
    assert found(back) == {}


@pytest.mark.parametrize("lost", ["cafe-4", "beef-11", "beef-12"])
def test_what_is_lost_before_a_log_goes_back_or_after_is_found(back, lost):
    back.clients[0].received = [frame for frame in back.clients[0].received if frame.id != lost]
    assert found(back) == {"lost": 1}


@pytest.mark.parametrize("key, number, at", [("key-110", 10, 10), ("key-10", 10, 110), ("key-77", None, 110)])
def test_a_commit_counts_in_the_log_of_its_time(back, key, number, at):
    back.published.append(Published(key, number, BEGUN + at - 0.1, BEGUN + at + 0.1))
    assert found(back) == {"lost commit": 1}


@pytest.mark.parametrize("seconds, findings", [(20, {}), (10.2, {"needless reset": 1, "lost": 1})])
def test_history_is_gone_once_the_log_went_back(back, seconds, findings):
    """A process that hasn't noticed says so in the epoch that it knows."""
    place = at(back.clients[0], 9)
    back.clients[0].received[place:place + 1] = [control(seconds, "reset", 9, reason="history_gone")]
    assert found(back) == findings


def test_streams_that_are_not_told_that_the_log_went_back_are_found(back):
    reset = at(back.clients[0], 9) + 1
    told = back.clients[0].received[reset]
    back.clients[0].received[reset] = dataclasses.replace(told, at=BEGUN + 120)
    assert found(back) == {"not told": 1}


def test_events_swallowed_by_old_numbers_are_found(back):
    """The hub goes on at nine, in the epoch that it knows."""
    back.clients[0].received = back.clients[0].received[:10] + [received(event) for event in back.log[9:]]
    assert found(back) == {"altered": 1, "late": 1, "never committed": 2, "never ready": 1}


def test_who_is_told_twice_or_told_of_the_past_is_found(back):
    back.clients[0].received.append(control(115, "reset", 12, epoch="beef", reason="foreign_epoch"))
    assert found(back) == {"needless reset": 1}
    back.clients[0].received[-1] = control(115, "heartbeat", 9)
    assert found(back) == {"past came back": 1}


def test_a_gap_in_the_log_and_lost_commits_are_found(history):
    history.published += [published(38, 39), published(77, None)]
    assert found(history) == {"lost commit": 2}
    without(history.clients[0], 35)
    without(history.clients[1], 35)
    del history.log[34]
    assert found(history) == {"lost commit": 2, "gap in the log": 1}


@pytest.mark.parametrize("shown", [
    (), ((["Ann", "Ben"], []),), ((["Ben", "Ann"], ["Cid"]),), ((["Ann", "Ben", "Cid"], []),),
    ((["Ann", "Ben"], ["Cid"]), (["Ann", "Ben"], ["Cid"]))])
def test_a_message_that_is_missing_double_or_behind_is_found(history, shown):
    history.cards[0] = dataclasses.replace(history.cards[0], shown=shown)
    assert found(history) == {"wrong message": 1}


def test_a_client_that_was_never_ready_is_found(history):
    history.clients.append(Client("nobody", ANN))
    assert found(history) == {"never ready": 1}
