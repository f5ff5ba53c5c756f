"""Several `tandem` processes as one system, each with one role, on servers that they share."""

import contextlib

from .process import PUBLISH_SECRET, Folder, Process, free_port
from .sandbox import Sandbox
from .waiting import until

SECRET = "a secret that all processes of a fleet share"


class Member(Process):
    """One process of a fleet; `url` is its own address."""

    def __init__(self, name, port, **settings):
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        super().__init__(name, "serve", ready=self.url + "/readyz", TANDEM_PORT=port, **settings)


class Fleet:
    """A sandbox, and processes by role: `api`, `hubs` and `bots` are lists of `Member`.

    Without nginx the first api is the public address; pass `public_port` to put a proxy in front. `crowd` is how many more
    guilds the sandbox has, and how many members each of them.
    """

    def __init__(
            self, name, database, bus=None, cache=None, apis=1, hubs=1, bots=1, public_port=None, discord=None, crowd=(0, 10),
            **settings):
        self.data = Folder()
        ports = [free_port() for _ in range(apis)]
        self.url = f"http://127.0.0.1:{public_port or ports[0]}"
        self.sandbox_port = None
        self.sandbox = None
        if discord is None:
            self.sandbox_port = free_port()
            discord = f"http://127.0.0.1:{self.sandbox_port}"
            self.sandbox = Process(
                f"{name}-sandbox", "sandbox", ready=discord + "/sandbox/state", TANDEM_SANDBOX_PORT=self.sandbox_port,
                TANDEM_PUBLIC_URL=self.url, TANDEM_LOOPS=1, TANDEM_SANDBOX_GUILDS=crowd[0], TANDEM_SANDBOX_MEMBERS=crowd[1])
        self.sandbox_url = discord
        self.discord = Sandbox(discord)
        shared = dict(
            TANDEM_DATABASE_URL=database, TANDEM_SECRET=SECRET, TANDEM_PUBLISH_SECRET=PUBLISH_SECRET,
            TANDEM_PUBLIC_URL=self.url, TANDEM_DATA=self.data.path, TANDEM_LOOPS=1, TANDEM_DISCORD_API=discord + "/api/v10",
            TANDEM_DISCORD_WEB=discord, TANDEM_DISCORD_CLIENT_ID="1100000000000000001",
            TANDEM_DISCORD_CLIENT_SECRET="sandbox-client-secret",
            TANDEM_DISCORD_BOT_TOKEN="MTEwMDAwMDAwMDAwMDAwMDAwMQ.sandbx.demo-token-of-the-sandbox-only", **settings)
        if bus:
            shared["TANDEM_BUS_URL"] = bus
        if cache:
            shared["TANDEM_CACHE_URL"] = cache

        def member(role, index, port):
            return Member(f"{name}-{role}{index}", port, TANDEM_ROLES=role, **shared)

        self.apis = [member("api", index + 1, port) for index, port in enumerate(ports)]
        self.hubs = [member("hub", index + 1, free_port()) for index in range(hubs)]
        self.bots = [member("bot", index + 1, free_port()) for index in range(bots)]

    @property
    def members(self):
        return self.apis + self.hubs + self.bots

    def start(self):
        processes = ([self.sandbox] if self.sandbox else []) + self.members
        # All are started, then all waited for.
        for each in processes:
            each.spawn()
        for each in processes:
            until(each.is_ready, 60, f"{each.log_path.stem} being ready", every=0.05)
        if self.sandbox and self.bots:
            until(self.discord.is_connected, 30, "the bot being connected")
        return self

    def stop(self):
        """Asks all to stop, then waits for all."""
        processes = self.members + ([self.sandbox] if self.sandbox else [])
        for each in processes:
            if each.is_running:
                each.terminate()
        for each in processes:
            if each.process:
                with contextlib.suppress(AssertionError):
                    each.wait()

    def close(self):
        for each in self.members + ([self.sandbox] if self.sandbox else []):
            each.kill()
        self.data.remove()

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()
