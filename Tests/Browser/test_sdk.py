"""The SDK in a browser, by itself: what the pages don't use."""

import random

from browser import PageTest
from Live.publisher import publish
from Live.waiting import until
from Live.web import MIRA, TOMAS, metric

# A client of its own in the page; what it is told piles up in `window.told`.
CLIENT = """async (options) => {
    const { createClient } = await import('/sdk/index.js');
    const client = window.client = createClient({ url: location.origin, backoff: { min: 50, max: 500 }, ...options });
    const told = window.told = [];
    client.on('state', ({ detail }) => told.push(['state', detail.phase, detail.reason]));
    client.subscribe('api/v1/stream')
        .on('sync', ({ detail }) => told.push(['sync', detail.recovered]))
        .on('resync', ({ detail }) => told.push(['resync', detail.reason]))
        .on('event', ({ detail }) => told.push(['event', detail.data.type, detail.data.game_id ?? detail.data.number]));
    client.connect(options.person === undefined ? {} : { person: options.person });
}"""


class SDK(PageTest):
    def open_client(self, user, **options):
        page = self.open("/nommie/", user)  # A page without a stream of its own.
        page.evaluate(CLIENT, options)
        until(lambda: ["sync", False] in self.told(page), 10, "the client being live")
        return page

    def told(self, page):
        return page.evaluate("window.told")

    def wait_told(self, page, what, timeout=20):
        until(lambda: what in self.told(page), timeout, f"{what} being told")

    def events(self, page):
        return [each[1:] for each in self.told(page) if each[0] == "event"]

    def test_a_websocket_delivers_events_and_resumes_after_the_server_was_away(self):
        page = self.open_client(MIRA, transport="websocket")
        game = self.plan(page, title="By WebSocket")
        self.wait_told(page, ["event", "game_created", game["id"]])
        self.server.process.kill()
        self.server.process.start()
        until(self.discord.is_connected, 20, "the bot being connected")
        joined = page.context.request.post(f"/api/v1/games/{game['id']}/join", headers={"origin": self.server.url})
        self.assertEqual(joined.status, 200, joined.text())
        self.wait_told(page, ["sync", True])
        until(lambda: self.events(page)[-1] == ["game_updated", game["id"]], 10, "the join being told")
        self.assertEqual(self.told(page).count(["sync", False]), 1, "it was read anew, though nothing was lost")

    def test_a_websocket_honours_the_goodbye_of_a_server_that_stops(self):
        page = self.open_client(MIRA, transport="websocket")
        self.server.process.stop()
        self.wait_told(page, ["state", "stale", "bye"])
        self.server.process.start()
        page.evaluate("window.client.retryNow()")
        until(lambda: page.evaluate("window.client.state.phase") == "live", 30, "being live again")

    def test_an_event_stream_that_is_held_up_on_its_way_gives_way_to_a_websocket(self):
        page = self.open("/nommie/", MIRA)
        page.route("**/api/v1/stream", lambda route: None)  # As a proxy that collects what it should pass on.
        page.evaluate(CLIENT, {})
        self.wait_told(page, ["sync", False], timeout=40)
        game = self.plan(page, title="Held up")
        self.wait_told(page, ["event", "game_created", game["id"]])

    def test_tabs_share_a_websocket_too(self):
        before = metric(self.server.url, "tandem_streams")
        first = self.open_client(TOMAS, transport="websocket", person=f"user/{TOMAS}")
        second = self.open_tab(first.context, "/nommie/")
        second.evaluate(CLIENT, {"transport": "websocket", "person": f"user/{TOMAS}"})
        self.wait_told(second, ["sync", False])
        self.assertEqual(metric(self.server.url, "tandem_streams"), before + 1)
        game = self.plan(first, title="Shared by WebSocket")
        for tab in (first, second):
            self.wait_told(tab, ["event", "game_created", game["id"]])

    def test_whatever_happens_to_tabs_and_server_each_tab_receives_everything_once_and_in_order(self):
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        options = {"person": f"user/{MIRA}", "transport": chance.choice(("sse", "websocket"))}
        tabs = [self.open_client(MIRA, **options)]
        context = tabs[0].context
        frozen = {}
        number = 0
        for _ in range(60):
            dice = chance.random()
            if dice < 0.7:
                number += 1
                answer = publish(self.server.url, f"user/{MIRA}", "count", {"type": "count", "number": number})
                self.assertEqual(answer.status, 202, answer)
            elif dice < 0.8 and len(tabs) < 5:
                tab = self.open_tab(context, "/nommie/")
                tab.evaluate(CLIENT, options)
                tabs.append(tab)
            elif dice < 0.88 and len(tabs) > 2:
                gone = tabs.pop(chance.randrange(len(tabs)))
                frozen.pop(gone, None)
                gone.close()
            elif dice < 0.96 and len(tabs) > 1:
                tab = chance.choice(tabs)
                thawed = frozen.pop(tab, None)
                if thawed:
                    thawed.send("Page.setWebLifecycleState", {"state": "active"})
                else:
                    frozen[tab] = context.new_cdp_session(tab)
                    frozen[tab].send("Page.setWebLifecycleState", {"state": "frozen"})
            elif dice > 0.97:
                self.server.process.kill()
                self.server.process.start()
        for session in frozen.values():
            session.send("Page.setWebLifecycleState", {"state": "active"})
        number += 1
        publish(self.server.url, f"user/{MIRA}", "count", {"type": "count", "number": number})
        for tab in tabs:
            # Who waits before trying again may wait long: a person would press the button.
            tab.evaluate("window.client.retryNow()")
            self.wait_told(tab, ["event", "count", number], timeout=60)
            counted = [each[2] for each in self.told(tab) if each[:2] == ["event", "count"]]
            self.assertEqual(counted, list(range(counted[0], number + 1)), f"seed {seed}")
            self.assertEqual([each for each in self.told(tab) if each[0] == "resync"], [], f"seed {seed}")
        until(lambda: metric(self.server.url, "tandem_streams") == 1, 20, "one stream for all")

    def test_a_tab_that_stays_behind_sees_nothing_of_the_next_user(self):
        for transport in ("sse", "websocket"):
            with self.subTest(transport=transport):
                page = self.open_client(MIRA, transport=transport, person=f"user/{MIRA}")
                self.sign_in(page.context, TOMAS)
                page.evaluate("window.client.close()")
                page.evaluate("window.told.length = 0")
                page.evaluate(f"window.client.connect({{ person: 'user/{MIRA}' }})")
                self.wait_told(page, ["state", "closed", "signed_out"])
                self.assertFalse([each for each in self.told(page) if each[0] != "state"])
