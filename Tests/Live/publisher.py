"""Another program that publishes events."""

import hashlib
import hmac
import json
import time

from .process import PUBLISH_SECRET
from .web import send


def signed(body, secret=PUBLISH_SECRET, at=None):
    """The headers of a signed request."""
    timestamp = str(int(time.time()) if at is None else at)
    proof = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json", "X-Tandem-Timestamp": timestamp, "X-Tandem-Signature": f"sha256={proof}",
    }


def publish(url, topic, kind, payload, **more):
    return post(url, {"topic": topic, "kind": kind, "payload": payload}, **more)


def post(url, content, key=None, at=None, timeout=15):
    """Each time under another signature, unless it's of a certain time."""
    body = json.dumps(content).encode()
    headers = signed(body, at=f"{time.time():.9f}" if at is None else at)
    return send(url, "POST", "/internal/v1/events", headers | ({"Idempotency-Key": key} if key else {}), body, timeout)
