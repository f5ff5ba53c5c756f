"""Loaded by schemathesis: lets its requests come from several people in turn, for one alone would soon be told to slow down."""

import itertools
import os

import schemathesis

sessions = itertools.cycle(os.environ["SESSIONS"].split(","))


@schemathesis.hook
def before_call(context, case, kwargs):
    case.cookies = {**(case.cookies or {}), "tandem_session": next(sessions)}
    case.headers["Origin"] = os.environ["OWN_ORIGIN"]
