"""What people do on (sandbox) Discord, and what they see there."""

import json

from .waiting import until
from .web import send


# Asked for where only what belongs to no guild is of interest.
NO_GUILD = "1"


class Sandbox:
    def __init__(self, url):
        self.url = url

    def post(self, what, /, **body):
        answer = send(self.url, "POST", f"/sandbox/{what}", {"Content-Type": "application/json"}, json.dumps(body))
        assert answer.status == 200, f"{what} {body}: {answer}"
        return answer.json

    def state(self, guild=None):
        """Everything but the crowd's guilds and people, or one guild."""
        only = f"&guild_id={guild}" if guild else ""
        return send(self.url, "GET", f"/sandbox/state?messages=1000{only}").json

    def messages(self, channel=None, guild=None):
        return [each for each in self.state(guild)["messages"] if channel in (None, each["channel_id"])]

    def cards(self, game_id, guild=None):
        """The messages of a game. There should be one."""
        mark = f"join_game_{game_id}"
        return [each for each in self.messages(guild=guild) if mark in json.dumps(each["components"])]

    def card(self, game_id, timeout=10, guild=None):
        return until(lambda: self.cards(game_id, guild), timeout, f"a message of game {game_id}")[0]

    def wait_card(self, game_id, holds, timeout=10, what="the message", guild=None):
        """The game's message once `holds(text)`, `text` being all that its embed says."""
        def found():
            cards = self.cards(game_id, guild)
            return cards[0] if len(cards) == 1 and holds(said(cards[0])) else None
        try:
            return until(found, timeout, what, every=0.005)
        except AssertionError as error:
            raise AssertionError(f"{error}: {[said(each) for each in self.cards(game_id, guild)]}") from None

    def press(self, user, message, custom_id, **more):
        return self.post("press", user_id=user, message_id=message, custom_id=custom_id, **more)

    def interaction(self, number):
        """What has come of an interaction by now."""
        answer = send(self.url, "GET", f"/sandbox/interactions/{number}")
        assert answer.status == 200, answer
        return answer.json

    def press_join(self, user, game_id, **more):
        return self.press(user, self.card(game_id)["id"], f"join_game_{game_id}", **more)

    def press_leave(self, user, game_id, **more):
        return self.press(user, self.card(game_id)["id"], f"leave_game_{game_id}", **more)

    def command(self, user, channel, name, **options):
        return self.post("command", user_id=user, channel_id=channel, name=name, options=options)

    def people(self, guild, names):
        """That many more people, members of the guild; their ids."""
        return [each["id"] for each in self.post("people", guild_id=guild, names=names)["users"]]

    def member(self, guild, user, action):
        return self.post("members", guild_id=guild, user_id=user, action=action)

    def timeout(self, guild, user, seconds):
        return self.post("timeout", guild_id=guild, user_id=user, seconds=seconds)

    def faults(self, **body):
        return self.post("faults", **body)

    def is_connected(self):
        return any(session["connected"] for session in self.state(guild=NO_GUILD)["sessions"])

    def shards(self):
        """The connected sessions' shards, as pairs of number and count; those whose guilds have arrived."""
        return sorted(
            tuple(each["shard"]) for each in self.state(guild=NO_GUILD)["sessions"]
            if each["connected"] and each["shard"] and not each["is_arriving"])


class Crowd:
    """The guilds that a sandbox is seeded with, and their people."""

    def __init__(self, guilds, members):
        self.guilds, self.members = guilds, members

    @staticmethod
    def guild(number):
        return str(320_000_000_000_000_000 + (number << 22))

    @staticmethod
    def channel(guild):
        return str(int(guild) + 1)

    def people(self, number):
        """The members of the guild of that number; the first owns it."""
        count = max(self.members, min(1_000_000, self.guilds * self.members // 4))
        return [str(120_000_000_000_000_000 + (number * self.members + each) % count) for each in range(self.members)]


def said(message):
    """All the text of a message."""
    parts = [message["content"]]
    for embed in message["embeds"]:
        parts += [embed.get("title") or "", embed.get("description") or ""]
        parts += [f"{field['name']}: {field['value']}" for field in embed.get("fields") or []]
    return "\n".join(parts)


def names(message, name):
    """The names in the numbered lines of that field; none if it is empty."""
    lines = (field(message, name) or "").replace("\\", "").split("\n")
    return [line.split(". ", 1)[1] for line in lines if ". " in line]


def field(message, name):
    """The value of the embed's field whose name begins so, or nothing."""
    for embed in message["embeds"]:
        for each in embed.get("fields") or []:
            if each["name"].startswith(name):
                return each["value"]
    return None
