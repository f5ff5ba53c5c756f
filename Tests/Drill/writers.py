"""Writers: sign-ups on the web and on Discord, and another program that publishes."""

import http.client
import itertools
import random
import re
import threading
import time
import uuid

from Live.publisher import publish
from Live.web import Visitor, keyed, new_key

from .history import Published, Wait
from .signups import SignUp

# How long to wait for a server that may be stopped.
TIMEOUT = 8


class Writer:
    """A thread that writes until it's stopped. `acknowledged` counts what was answered. It writes to one of `urls`, and to the next when
    that one fails.
    """

    def __init__(self, pause, urls=()):
        self.pause = pause
        self.urls = list(urls)
        self.waits = []
        self.is_held, self.turn = False, threading.Lock()
        self.acknowledged, self.refused = 0, {}
        self.signups = []
        self.stopping = threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def run(self):
        try:
            while not self.stopping.wait(self.pause):
                try:
                    with self.turn:
                        if not self.is_held:
                            self.write()
                except (OSError, http.client.HTTPException, AssertionError, ValueError):
                    # The server is dead: whether this one counted, nobody knows.
                    self.refused["no answer"] = self.refused.get("no answer", 0) + 1
                    self.go_elsewhere()
                    self.stopping.wait(0.2)
        except Exception as error:
            self.failure = error

    def stop(self):
        self.stopping.set()
        self.thread.join(30)
        if self.failure:
            raise self.failure

    def hold(self):
        """It writes nothing until it goes on; `rest` waits for what it's writing now."""
        self.is_held = True

    def rest(self, timeout):
        assert self.turn.acquire(timeout=timeout), f"{type(self).__name__} still writes after {timeout} s"
        self.turn.release()

    def go_on(self):
        self.is_held = False

    def write(self):
        raise NotImplementedError

    @property
    def url(self):
        return self.urls[0]

    def go_elsewhere(self):
        self.urls = self.urls[1:] + self.urls[:1]

    def waiting(self, ask):
        """What `ask` returns; how long that took is written down."""
        begun, port = time.time(), int(self.url.rpartition(":")[2])
        try:
            answer = ask()
            if answer.status >= 500:
                self.go_elsewhere()
            return answer
        finally:
            # The checker allows that much.
            if time.time() - begun > 1:
                self.waits.append(Wait(port, begun, time.time()))

    def ask(self, *asked):
        """Writes down that somebody signs up: (user, game, act, key), and when, if not now."""
        signup = SignUp(*asked, *([time.time()] if len(asked) == 4 else []))
        self.signups.append(signup)
        return signup

    def refuse(self, status):
        self.refused[status] = self.refused.get(status, 0) + 1


class WebWriter(Writer):
    """Joins and leaves by the API, repeating with the same key what was not answered, as a page does."""

    def __init__(self, visitor, games, urls, pause=1.1):
        super().__init__(pause, urls)
        self.visitor = visitor
        self.games = itertools.cycle(games)
        self.is_in = {}
        self.pending = None

    def write(self):
        asked = self.pending = self.pending or self.next()
        self.visitor.url = self.url
        answer = self.waiting(lambda: self.visitor.post(
            f"/api/v1/games/{asked.game}/{asked.act}", headers=keyed(asked.key), timeout=TIMEOUT))
        if answer.status >= 500:
            self.refuse(answer.status)
            return
        self.pending = None
        if answer.status in (200, 204):
            asked.answered, asked.said = time.time(), answer.json["state"] if asked.act == "join" else "left"
            self.is_in[asked.game] = asked.act == "join"
            self.acknowledged += 1
        else:
            self.is_in.pop(asked.game, None)
            self.refuse(answer.status)

    def next(self):
        game = next(self.games)
        return self.ask(self.visitor.user, game, "leave" if self.is_in.get(game) else "join", new_key())


class Presser(Writer):
    """Presses Join and Leave on Discord, each time as another one of some people: one alone may do less."""

    def __init__(self, discord, users, games, pause=0.3):
        super().__init__(pause)
        self.discord = discord
        self.messages = {game: discord.card(game, 30)["id"] for game in games}
        self.presses = itertools.cycle(itertools.product(("join", "leave"), games, users))
        self.pending = []

    def write(self):
        act, game, user = next(self.presses)
        sent = time.time()
        # The acknowledgement comes first, and what came of it follows.
        done = self.discord.press(user, self.messages[game], f"{act}_game_{game}", wait_ms=2000)
        asked = self.ask(user, game, act, f"discord:{done['interaction_id']}", sent)
        if done["status"] != "answered":
            self.refuse(done["status"])
            return
        self.acknowledged += 1
        if not self.take(asked, done):
            self.pending.append(asked)

    def stop(self):
        super().stop()
        for asked in self.pending:
            self.take(asked, self.discord.interaction(asked.key.removeprefix("discord:")))

    def take(self, asked, done):
        """Whether something came of it."""
        if done["follow_ups"]:
            asked.said = said(done["follow_ups"][0]["content"])
            asked.answered = time.time()
            if asked.said is None:
                self.refuse(done["follow_ups"][0]["content"])
        return bool(done["follow_ups"])


def said(text):
    """What an answer on Discord says; nothing if it is a refusal."""
    if text.startswith("You're in!"):
        return "confirmed"
    if text.startswith("You're no longer signed up"):
        return "left"
    if place := re.search(r"you're number (\d+) on the waiting list", text):
        return f"waiting {place[1]}"
    return "waiting" if "You're on the waiting list" in text else None


class Publisher(Writer):
    """Another program, which repeats under its key what was not answered. It has numbers for answers: or none, when the database could
    commit an event but not number it at once.
    """

    def __init__(self, urls, topics, pause=0.05, seed=1):
        super().__init__(pause, urls)
        self.topics, self.dice = topics, random.Random(seed)
        self.published = []
        self.pending = None

    def write(self):
        self.pending = self.pending or (self.dice.choice(self.topics), str(uuid.uuid4()), new_key(), time.time())
        topic, game, key, sent = self.pending
        answer = self.publish(topic, key, sent, game_id=game)
        if answer.status < 500:
            self.pending = None
        if answer.status == 202:
            self.acknowledged += 1
        else:
            self.refuse(answer.status)

    def publish(self, topic, key=None, sent=None, **fields):
        key, sent = key or new_key(), sent or time.time()
        answer = self.waiting(lambda: publish(
            self.url, topic, "note", {"type": "note", "command_id": key, **fields}, key=key, timeout=TIMEOUT))
        if answer.status == 202:
            self.published.append(Published(key, answer.json["number"], sent, time.time()))
        return answer


class Churner(Writer):
    """Adds people to guilds and removes them again."""

    def __init__(self, discord, users, guilds, seed):
        self.dice = random.Random(seed)
        super().__init__(1)
        self.discord = discord
        self.choices, self.inside = list(itertools.product(users, guilds)), set()

    def write(self):
        change = self.dice.choice(self.choices)
        self.discord.member(change[1], change[0], "remove" if change in self.inside else "add")
        self.inside ^= {change}
        self.acknowledged += 1
        self.pause = self.dice.uniform(0.5, 2.5)


def sign_in(url, user, timeout=20):
    deadline = time.monotonic() + timeout
    while True:
        try:
            return Visitor(url).sign_in(user)
        except (AssertionError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
