"""Loaded by schemathesis: its requests come from several users in turn, since one alone would soon reach the limit on changes, and
from our own pages."""

import itertools
import os

import schemathesis

sessions = itertools.cycle(os.environ["SESSIONS"].split(","))


@schemathesis.auth(refresh_interval=None)
class Session:
    """Left out by the check whether signing in is really asked for."""

    def get(self, case, context):
        return next(sessions)

    def set(self, case, session, context):
        case.cookies = {**(case.cookies or {}), "tandem_session": session}


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers["Origin"] = os.environ["OWN_ORIGIN"]
