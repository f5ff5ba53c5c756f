"""Waiting for conditions, never for time to pass."""

import time


def until(condition, timeout=10.0, what="the condition", every=0.01):
    """Returns the first true value of `condition()`; fails with its last value when `timeout` seconds are over."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {timeout} s; last value: {value!r}")
        time.sleep(every)
