"""Slow, vanishing and many readers."""

import http.client
import json
import os
import statistics
import threading
import urllib.parse
import uuid

from Live.process import measured
from Live.publisher import publish, signed
from Live.streams import Stream
from Live.waiting import until
from Live.web import CEDAR, JUNO, LANTERN, MIRA, TOMAS, metric, now, send


class Publisher:
    """Publishes on one kept connection."""

    def __init__(self, url):
        place = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(place.hostname, place.port, timeout=15)
        self.count = 0

    def publish(self, topic, **payload):
        # A signature is good once, so no two bodies may be the same.
        self.count += 1
        payload = {"type": "note", "count": self.count, **payload}
        body = json.dumps({"topic": topic, "kind": "note", "payload": payload}).encode()
        self.connection.request("POST", "/internal/v1/events", body, signed(body))
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status == 202, (answer.status, content)
        return json.loads(content)["number"]


def open_streams(demo):
    return metric(demo.url, "tandem_streams")


def test_a_slow_reader_delays_no_other_and_resumes_without_a_gap(demo, people, open_stream):
    slow = open_stream(people["tomas"], receive_buffer=4096, reading=False)
    quick = [open_stream(people[name]) for name in ("mira", "juno")]
    slow_closed = metric(demo.url, "tandem_hub_slow_closed_total")
    publisher, delays = Publisher(demo.url), []
    filling = "x" * 15_000
    sent = 0
    # What the kernel holds for a reader that doesn't read differs: it goes on until the server has had enough.
    while metric(demo.url, "tandem_hub_slow_closed_total") == slow_closed:
        assert sent < 1500, "the slow stream is never closed"
        for _ in range(50):
            begun = now()
            publisher.publish(f"guild/{LANTERN}", game_id=f"slow-{sent}", filling=filling)
            event = quick[0].wait(lambda data: data["game_id"] == f"slow-{sent}", what="the quick reader's event")
            delays.append(event.at - begun)
            quick[0].events.clear()
            sent += 1
    for delay in delays:
        measured("publish to stream beside a slow reader", delay)
    assert statistics.median(delays) < 0.2 and max(delays) < 2
    quick[1].wait(lambda data: data["game_id"] == f"slow-{sent - 1}")
    assert [event.json["game_id"] for event in quick[1].events] == [f"slow-{number}" for number in range(sent)]
    # Now it reads: what was on its way, perhaps a farewell, and the end.
    slow.read().wait_end(20)
    assert slow.status == 200 and len(slow.events) < sent
    again = open_stream(people["tomas"], last_id=slow.last_id)
    again.wait(lambda data: data["game_id"] == f"slow-{sent - 1}", timeout=20)
    whole = [event.json["game_id"] for event in slow.events + again.events]
    assert whole == [f"slow-{number}" for number in range(sent)]


def test_a_vanished_client_frees_its_stream(demo, people, open_stream):
    people = people["mira"]
    until(lambda: open_streams(demo) == 0, what="the streams of other tests being gone")
    streams = [open_stream(people) for _ in range(30)]
    until(lambda: open_streams(demo) == 30, what="30 open streams")
    for index, stream in enumerate(streams):
        (stream.reset, stream.half_close, stream.close)[index % 3]()
    until(lambda: open_streams(demo) == 0, what="no stream being left")


def test_clients_that_vanish_in_the_middle_of_writes_leave_nothing(demo, people):
    """They come and go while events are written to them."""
    stopping, failures = threading.Event(), []

    def write():
        publisher = Publisher(demo.url)
        while not stopping.is_set():
            publisher.publish(f"guild/{LANTERN}", game_id="storm", filling="y" * 4000)

    def come_and_go():
        try:
            for round in range(40):
                stream = Stream(people["juno"], receive_buffer=4096, reading=round % 2 == 0)
                if round % 2 == 0:
                    stream.opened()
                (stream.reset, stream.close)[round % 4 // 2]()
        except Exception as error:
            failures.append(error)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    visitors = [threading.Thread(target=come_and_go, daemon=True) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join(30)
    stopping.set()
    writer.join(10)
    assert not failures, failures
    until(lambda: open_streams(demo) == 0, what="no stream being left")
    assert send(demo.url, "GET", "/readyz").status == 200


def test_a_hundred_streams_receive_fifty_updates_each(demo, people, discord, open_stream):
    streams = [open_stream(people[("mira", "tomas", "juno")[index % 3]]) for index in range(100)]
    mark = uuid.uuid4().hex
    begun = {}
    publisher = Publisher(demo.url)
    for number in range(50):
        begun[f"{mark}-{number}"] = now()
        publisher.publish(f"guild/{LANTERN}", game_id=f"{mark}-{number}")
    # And some that people cause, on both sides.
    game = people["mira"].create(title="For a hundred pages")["id"]
    assert people["juno"].join(game).status == 200
    discord.press_join(TOMAS, game)
    until(lambda: len(people["mira"].game(game)["participants"]) == 2 and people["mira"].game(game)["message_id"])
    publisher.publish(f"guild/{LANTERN}", game_id=f"{mark}-end")
    for stream in streams:
        stream.wait(lambda data: data["game_id"] == f"{mark}-end", timeout=15)
        got = [event for event in stream.events if (event.json["game_id"] or "").startswith(mark)]
        assert [event.json["game_id"] for event in got] == [f"{mark}-{number}" for number in range(50)] + [f"{mark}-end"]
        # Updated by two people, and once for the message that it got on Discord.
        kinds = [event.json["type"] for event in stream.events if event.json["game_id"] == game]
        assert kinds == ["game_created", "game_updated", "game_updated", "game_updated"]
        assert stream.numbers() == sorted(set(stream.numbers()))
        for event in got[:-1]:
            measured("publish to each of 100 streams", event.at - begun[event.json["game_id"]])
            assert event.at - begun[event.json["game_id"]] < 2


def test_a_hundred_idle_streams_are_no_load(demo, people, open_stream):
    """Ten updates a minute to a hundred streams: what one update costs the server, times ten, is no load."""
    streams = [open_stream(people["mira"]) for _ in range(100)]
    publisher = Publisher(demo.url)
    before = cpu(demo.process.process.pid)
    for number in range(20):
        publisher.publish(f"guild/{LANTERN}", game_id=f"load-{number}")
    for stream in streams:
        stream.wait(lambda data: data["game_id"] == "load-19")
    spent = (cpu(demo.process.process.pid) - before) / 20
    measured("CPU of an update to 100 streams (debug build)", spent)
    assert spent * 10 / 60 < 0.01, "ten a minute would be more than 1 % of a core"


def cpu(pid):
    """The seconds that a process has spent."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_chosen_topics(demo, people, open_stream):
    mira, tomas = people["mira"], people["tomas"]
    only_cedar = open_stream(mira, path=f"/api/v1/stream?topics=guild/{CEDAR}")
    mixed = open_stream(tomas, path=f"/api/v1/stream?topics=guild/{CEDAR},guild/{LANTERN}")
    publish(demo.url, f"guild/{LANTERN}", "note", {"game_id": "in lantern"})
    publish(demo.url, f"guild/{CEDAR}", "note", {"game_id": "in cedar"})
    publish(demo.url, f"guild/{LANTERN}", "note", {"game_id": "in lantern again"})
    only_cedar.wait(lambda data: data["game_id"] == "in cedar")
    mixed.wait(lambda data: data["game_id"] == "in lantern again")
    assert [event.json["game_id"] for event in only_cedar.events] == ["in cedar"]
    assert [event.json["game_id"] for event in mixed.events] == ["in lantern", "in lantern again"]


def test_ones_own_topic_is_ones_own(demo, people, open_stream):
    streams = {name: open_stream(people[name]) for name in ("mira", "tomas")}
    publish(demo.url, f"user/{TOMAS}", "note", {"game_id": "for tomas"})
    for user in (MIRA, TOMAS, JUNO):
        publish(demo.url, f"guild/{LANTERN}", "note", {"game_id": f"for all {user}"})
    for stream in streams.values():
        stream.wait(lambda data: data["game_id"] == f"for all {JUNO}")
    assert "for tomas" in [event.json["game_id"] for event in streams["tomas"].events]
    assert "for tomas" not in [event.json["game_id"] for event in streams["mira"].events]
    refused = people["mira"].get(f"/api/v1/stream?topics=user/{TOMAS}")
    assert (refused.status, refused.code) == (404, "topic_not_found")


def test_a_stream_is_sent_as_proxies_and_browsers_need_it(people, open_stream):
    stream = open_stream(people["mira"])
    head = stream.head.decode().lower()
    for line in ("content-type: text/event-stream", "cache-control: ", "x-accel-buffering: no"):
        assert line in head, head
    assert "content-length" not in head and "transfer-encoding" not in head and "no-store" in head
    ready = stream.control("ready")
    assert ready.json["heartbeat_ms"] > 0 and ready.json["resumed"] is False and ready.id == ready.json["cursor"]
    assert ready.json["principal"] == f"user/{MIRA}"
