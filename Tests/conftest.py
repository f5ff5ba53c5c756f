"""The fixtures of System, Drill and Browser: programs and servers that tests share as long as they neither stop nor disturb
them. A test that does starts its own.

With several workers each has its own session, and a file's tests stay with one worker.
"""

import os

import pytest

from Live.fleet import Fleet
from Live.process import Demo, Pair, stopwatch
from Live.servers import PostgreSQL, RabbitMQ, Redis
from Live.streams import Stream
from Live.web import JUNO, MIRA, SABLE, TOMAS, Visitor


def pytest_sessionfinish(session):
    """Hands a worker's measurements to the process that reports them."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["measurements"] = stopwatch()


# Programs

@pytest.fixture(scope="session")
def demo():
    """`tandem demo`, with its bot connected."""
    with Demo("demo-" + os.environ.get("PYTEST_XDIST_WORKER", "main")) as running:
        yield running


@pytest.fixture(scope="session")
def discord(demo):
    """What the demo's people do on Discord, and see there."""
    return demo.discord


@pytest.fixture(scope="session")
def people(demo):
    """Four people who are signed in to the demo, by name."""
    names = {"mira": MIRA, "tomas": TOMAS, "juno": JUNO, "sable": SABLE}
    return {name: Visitor(demo.url).sign_in(user) for name, user in names.items()}


@pytest.fixture
def pair():
    """A server and a sandbox of the test's own, of which either may die."""
    with Pair() as running:
        yield running


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


# Servers

@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server; `postgres.database(name)` makes a database on it."""
    with PostgreSQL() as running:
        yield running


@pytest.fixture(scope="session")
def redis():
    with Redis() as running:
        yield running


@pytest.fixture(scope="session")
def rabbit():
    with RabbitMQ() as running:
        yield running


@pytest.fixture(scope="module")
def database(request, postgres):
    """A database for the tests of one file."""
    return postgres.database(request.module.__name__.rpartition(".")[2])


@pytest.fixture(scope="module")
def fleet(request, database):
    """Processes of one role each, for the tests of one file, which may set their number and settings as `FLEET`."""
    name = request.module.__name__.rpartition("test_")[2].replace("_", "-")
    with Fleet(name, database.url, **getattr(request.module, "FLEET", {})) as running:
        yield running
