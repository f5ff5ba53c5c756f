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


def publish(url, topic, kind, payload):
    body = json.dumps({"topic": topic, "kind": kind, "payload": payload}).encode()
    return send(url, "POST", "/internal/v1/events", signed(body), body)
