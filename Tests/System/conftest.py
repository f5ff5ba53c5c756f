import pytest

from Live.streams import Stream
from Live.web import JUNO, MIRA, SABLE, TOMAS, Visitor


@pytest.fixture(scope="session")
def people(demo):
    """Four people who are signed in, by name."""
    names = {"mira": MIRA, "tomas": TOMAS, "juno": JUNO, "sable": SABLE}
    return {name: Visitor(demo.url).sign_in(user) for name, user in names.items()}


@pytest.fixture
def open_stream():
    """Opens streams that are closed when the test ends."""
    opened = []

    def open(visitor, kind=Stream, **more):
        stream = kind(visitor, **more)
        opened.append(stream)
        return stream.opened() if more.get("reading", True) else stream

    yield open
    for stream in opened:
        stream.close()
