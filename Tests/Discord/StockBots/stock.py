"""What the stock bots share: discord.py pointed at a sandbox, a person's hands there, and one JSON line a step.

usage of each: <program> <base URL of the sandbox> <token> <guild id> <channel id> <id of the person who presses>
"""

import asyncio
import json
import sys
import urllib.request

import discord
import discord.gateway
import discord.http
import yarl

base, token, guild_id, channel_id, person_id = sys.argv[1:6]
discord.http.Route.BASE = f"{base}/api/v10"
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(base.replace("http", "ws", 1))


def say(step, **facts):
    print(json.dumps({"step": step, **facts}), flush=True)


async def script(path, body):
    """What a person does, by the sandbox's script endpoints."""

    def call():
        request = urllib.request.Request(
            f"{base}/sandbox/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    return await asyncio.to_thread(call)
