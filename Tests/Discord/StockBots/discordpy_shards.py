"""discord.py's AutoShardedClient pointed at a sandbox with thousands of guilds. Ends with status 0; see `stock.py` for its arguments."""

import asyncio
import sys

import discord

from stock import channel_id, person_id, say, script, token


class Where(discord.ui.View):
    def __init__(self):
        super().__init__(timeout=None)

    @discord.ui.button(label="Where?", custom_id="where")
    async def where(self, interaction, button):
        await interaction.response.send_message(f"On shard {interaction.guild.shard_id}", ephemeral=True)


class Bot(discord.AutoShardedClient):
    def __init__(self):
        super().__init__(intents=discord.Intents(guilds=True))
        self.failure = None
        self.shard_numbers = set()

    async def on_shard_ready(self, number):
        self.shard_numbers.add(number)

    async def on_ready(self):
        try:
            await self.play()
        except Exception as error:  # the test shows what went wrong
            self.failure = error
            say("failed", error=repr(error))
        await self.close()

    async def play(self):
        misplaced = [guild for guild in self.guilds if (guild.id >> 22) % self.shard_count != guild.shard_id]
        say("ready", shards=self.shard_count, guilds=len(self.guilds), misplaced=len(misplaced))
        assert self.shard_numbers == set(range(self.shard_count)), self.shard_numbers
        message = await self.get_channel(int(channel_id)).send("Where am I?", view=Where())
        pressed = await script(
            "press", {"user_id": person_id, "message_id": str(message.id), "custom_id": "where", "wait_ms": 5000})
        say("pressed", status=pressed["status"], content=(pressed["response"]["message"] or {}).get("content"))


async def refused():
    """A client without shards."""
    try:
        await discord.Client(intents=discord.Intents(guilds=True)).start(token)
    except discord.ConnectionClosed as error:
        say("refused", code=error.code)


asyncio.run(refused())
bot = Bot()
bot.run(token, log_handler=None)
sys.exit(1 if bot.failure else 0)
