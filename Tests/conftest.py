"""What both kinds of tests share: one demo for all that don't stop or disturb it."""

import pytest

from Live.process import Demo, Pair
from Live.sandbox import Sandbox
from Live.waiting import until


@pytest.fixture(scope="session")
def demo():
    running = Demo()
    until(Sandbox(running.sandbox_url).is_connected, 20, "the bot being connected")
    yield running
    running.close()


@pytest.fixture(scope="session")
def discord(demo):
    return Sandbox(demo.sandbox_url)


@pytest.fixture
def pair():
    running = Pair()
    try:
        until(Sandbox(running.sandbox_url).is_connected, 20, "the bot being connected")
        yield running
    finally:
        running.close()
