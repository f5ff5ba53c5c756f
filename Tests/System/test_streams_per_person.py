"""How many streams one person may have."""

from Live.process import Demo
from Live.streams import Socket, Stream
from Live.waiting import until
from Live.web import MIRA, TOMAS, Visitor, metric, send


def test_one_person_has_a_number_of_streams_on_all_loops_together():
    with Demo("streams-per-person", TANDEM_STREAMS_PER_PERSON=20) as demo:
        mira, tomas = Visitor(demo.url).sign_in(MIRA), Visitor(demo.url).sign_in(TOMAS)
        again = Visitor(demo.url).sign_in(MIRA)
        streams = []
        try:
            # Two browsers and both transports count together; loops take turns.
            for number in range(10):
                streams += [Stream((mira, again)[number % 2]).opened(), Socket(mira).opened()]
            for visitor, path in ((mira, "/api/v1/stream"), (again, "/api/v1/sse/game-updates")):
                refused = visitor.get(path)
                assert (refused.status, refused.code) == (429, "too_many_streams"), refused
                assert 1 <= int(refused.headers["retry-after"]) <= 60
            streams.append(Stream(tomas).opened())
            assert metric(demo.url, "tandem_streams") == 21
            assert not any(stream.ended.is_set() for stream in streams)
            streams.pop(0).close()
            until(lambda: metric(demo.url, "tandem_streams") == 20, 10, "the stream being over")
            streams.append(Stream(mira).opened())
        finally:
            for stream in streams:
                stream.close()
