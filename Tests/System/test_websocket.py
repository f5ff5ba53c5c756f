"""Every stream over a WebSocket, read by an independent library."""

import uuid

import pytest
import websockets.exceptions

from Live.publisher import publish
from Live.streams import Socket
from Live.web import CEDAR, LANTERN, LANTERN_GENERAL, MIRA, TOMAS, Visitor


def test_both_transports_carry_the_same(demo, people, open_stream):
    socket = open_stream(people["tomas"], kind=Socket)
    stream = open_stream(people["tomas"], path="/api/v1/stream")
    chosen = open_stream(people["mira"], kind=Socket, path=f"/api/v1/stream?topics=guild/{CEDAR}")
    game = people["mira"].create(LANTERN, LANTERN_GENERAL, title="Over a socket")["id"]
    assert people["tomas"].join(game).status == 200
    publish(demo.url, f"guild/{CEDAR}", "note", {"game_id": "in Cedar", "text": "“q”\n\\ 🦊"})
    publish(demo.url, f"guild/{LANTERN}", "note", {"game_id": "the last", "text": "“q”\n\\ 🦊"})
    received = []
    for each in (socket, stream):
        last = each.wait(lambda data: data["game_id"] == "the last")
        # What happens to the game's card comes before or after it.
        received.append([(event.id, event.json) for event in each.events[:each.events.index(last) + 1]])
    assert received[0] == received[1]
    assert received[0][-1][1]["text"] == "“q”\n\\ 🦊"
    chosen.wait(lambda data: data["game_id"] == "in Cedar")
    assert len(chosen.events) == 1
    ready = socket.control("ready")
    assert ready.json["resumed"] is False and ready.id == ready.json["cursor"] and ready.json["heartbeat_ms"] > 0


def test_a_client_changes_from_one_transport_to_the_other(demo, people, open_stream):
    first = open_stream(people["tomas"], kind=Socket)
    games = [str(uuid.uuid4()) for _ in range(30)]

    def publish_all(some):
        for game in some:
            publish(demo.url, f"guild/{LANTERN}", "note", {"game_id": game})

    publish_all(games[:10])
    first.wait(lambda data: data["game_id"] == games[9])
    first.close()
    publish_all(games[10:20])
    second = open_stream(people["tomas"], last_id=first.last_id)
    second.wait(lambda data: data["game_id"] == games[19])
    second.close()
    publish_all(games[20:])
    third = open_stream(people["tomas"], kind=Socket, last_id=second.last_id)
    third.wait(lambda data: data["game_id"] == games[29])
    # A card that another test has caused may still be reported beside them.
    received = [
        event.json["game_id"] for each in (first, second, third) for event in each.events if event.json["game_id"] in games]
    assert received == games and third.control("ready").json["resumed"] is True
    lost = open_stream(people["tomas"], kind=Socket, last_id="deadbeef-1")
    assert lost.wait_control("reset").json["reason"] == "foreign_epoch"


def test_only_authorized_clients_open_one(demo, people):
    for visitor, more, status in [
        (Visitor(demo.url), {}, 401), (people["mira"], {"origin": "https://evil.example"}, 403),
        (people["tomas"], {"path": f"/api/v1/stream?topics=guild/{CEDAR}"}, 404),
        (people["tomas"], {"path": "/api/v1/stream?topics="}, 422),
    ]:
        with pytest.raises(websockets.exceptions.InvalidStatus) as refusal:
            Socket(visitor, **more)
        assert refusal.value.response.status_code == status
        assert b'"error"' in refusal.value.response.body


def test_signing_out_closes_it(demo, open_stream):
    here, there = (Visitor(demo.url).sign_in(user) for user in (MIRA, TOMAS))
    ends, lasts = open_stream(here, kind=Socket), open_stream(there, kind=Socket)
    assert here.post("/api/v1/auth/logout").status == 204
    assert ends.wait_end().control("bye").json["reason"] == "signed_out"
    assert (ends.code, ends.reason) == (4001, "signed_out")
    publish(demo.url, f"guild/{LANTERN}", "note", {"game_id": "still here"})
    lasts.wait(lambda data: data["game_id"] == "still here")


def test_too_long_a_message_is_refused_and_others_are_passed_over(people, open_stream):
    socket = open_stream(people["mira"], kind=Socket)
    for text in ("", "hello", "{}", "x" * 4096):
        socket.connection.send(text)
    assert socket.connection.ping().wait(10)
    socket.connection.send("x" * 4097)
    assert socket.wait_end().code == 1009
