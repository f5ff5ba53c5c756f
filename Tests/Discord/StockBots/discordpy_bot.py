"""A stock discord.py bot pointed at the sandbox. Ends with status 0 when all went well; see `stock.py` for its arguments."""

import asyncio
import json
import sys
import urllib.request

import discord

from stock import base, channel_id, guild_id, person_id, say, script, token


class JoinButton(discord.ui.View):
    def __init__(self):
        super().__init__(timeout=None)
        self.followed = asyncio.Event()

    @discord.ui.button(label="Join", style=discord.ButtonStyle.success, custom_id="join")
    async def join(self, interaction, button):
        await interaction.response.send_message(f"Welcome, {interaction.user.display_name}", ephemeral=True)
        await interaction.followup.send("Seen by all")
        await interaction.edit_original_response(content="Welcome indeed")
        self.followed.set()

    @discord.ui.button(label="Later", style=discord.ButtonStyle.secondary, custom_id="later")
    async def later(self, interaction, button):
        await interaction.response.defer()
        await interaction.edit_original_response(content="Later, then")


class Bot(discord.Client):
    def __init__(self):
        intents = discord.Intents.none()
        intents.guilds = intents.members = intents.voice_states = True
        super().__init__(intents=intents)
        self.tree = discord.app_commands.CommandTree(self)
        self.failure = None

    async def setup_hook(self):
        @self.tree.command(name="greet", description="Greets somebody")
        @discord.app_commands.describe(whom="Whom to greet", times="How often")
        async def greet(interaction, whom: discord.Member, times: discord.app_commands.Range[int, 1, 3] = 1):
            await interaction.response.defer(thinking=True)
            await interaction.followup.send(f"Hello {whom.display_name} ×{times}")

        say("synced", commands=[command.name for command in await self.tree.sync()])

    async def on_ready(self):
        try:
            await self.play()
        except Exception as error:  # the test shows what went wrong
            self.failure = error
            say("failed", error=repr(error))
        await self.close()

    async def play(self):
        guild = self.get_guild(int(guild_id))
        say("ready", user=str(self.user.id), members=sorted(str(m.id) for m in guild.members), chunked=guild.chunked)
        channel = guild.get_channel(int(channel_id))
        view = JoinButton()
        embed = discord.Embed(title="A game", description="<t:1893456000:F>", colour=0x3BA55D)
        message = await channel.send("Who plays?", embed=embed, view=view)
        say("sent", id=str(message.id), buttons=len(message.components[0].children))

        pressed = await script("press", {"user_id": person_id, "message_id": str(message.id), "custom_id": "join"})
        await asyncio.wait_for(view.followed.wait(), 10)
        outcome = await asyncio.to_thread(
            lambda: json.load(urllib.request.urlopen(f"{base}/sandbox/interactions/{pressed['interaction_id']}"))
        )
        say("pressed", status=pressed["status"], type=pressed["response"]["type"],
            content=outcome["response"]["message"]["content"],
            ephemeral=outcome["response"]["message"]["visible_to"] == person_id,
            follow_ups=[m["content"] for m in outcome["follow_ups"]])

        later = await script("press", {
            "user_id": person_id, "message_id": str(message.id), "custom_id": "later", "wait_ms": 5000})
        say("deferred", type=later["response"]["type"], content=later["message"]["content"])

        command = await script("command", {
            "user_id": person_id, "channel_id": channel_id, "name": "greet", "options": {"whom": person_id, "times": 2}})
        say("commanded", status=command["status"], content=command["response"]["message"]["content"])

        edited = await message.edit(content="Everybody plays", view=None)
        fetched = await channel.fetch_message(message.id)
        say("edited", content=edited.content, same=fetched.content == edited.content, rows=len(fetched.components))

        overwrites = {
            guild.default_role: discord.PermissionOverwrite(connect=False),
            guild.me: discord.PermissionOverwrite(connect=True, view_channel=True, manage_channels=True),
        }
        voice = await guild.create_voice_channel("Table 1", overwrites=overwrites, user_limit=4)
        changes = voice.overwrites_for(guild.default_role)
        say("voice", limit=voice.user_limit, connect=changes.connect, listed=guild.get_channel(voice.id) is not None)
        gone = asyncio.Event()
        self.on_guild_channel_delete = lambda channel: self.note(gone)
        await voice.delete()
        await asyncio.wait_for(gone.wait(), 10)
        await message.delete()
        try:
            await channel.fetch_message(message.id)
            say("deleted", code=0)
        except discord.NotFound as error:
            say("deleted", code=error.code)

    async def note(self, event):
        event.set()


bot = Bot()
bot.run(token, log_handler=None)
sys.exit(1 if bot.failure else 0)
