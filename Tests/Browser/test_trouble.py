"""What the pages do while the server is busy, slow, or says no."""

from playwright.sync_api import expect

from browser import PageTest
from Live.web import JUNO, LANTERN, LANTERN_GENERAL, MIRA, TOMAS

BUSY = {"status": 503, "content_type": "application/json", "headers": {"retry-after": "0"},
        "body": '{"error":{"code":"busy","message":"Too much to do."}}'}

# Counts the commands that are sent, and answers none.
COUNT_COMMANDS = """() => {
    window.sent = 0;
    const { fetch } = window;
    window.fetch = (address, options) => {
        if (!address.endsWith('/command')) return fetch(address, options);
        window.sent += 1;
        return new Promise(() => {});
    };
}"""


class Trouble(PageTest):
    def busy(self, page, address):
        """The server is too busy for requests to this address, until what this returns is called."""
        page.route(address, lambda route: route.fulfill(**BUSY))
        return lambda: page.unroute(address)

    def busy_at_first(self, page, address, times):
        """The server is too busy for the first requests to this address."""
        asked = []

        def answer(route):
            asked.append(route.request.url)
            route.fulfill(**BUSY) if len(asked) <= times else route.continue_()

        page.route(address, answer)
        return asked

    def test_a_change_is_shown_even_where_it_could_not_be_read_at_once(self):
        page = self.open("/games", TOMAS)
        game = self.plan(self.open("/games", MIRA), title="Read later")
        expect(self.card(page, game)).to_be_visible()
        self.wait_until_live(page)
        asked = self.busy_at_first(page, f"**/api/v1/games/{game['id']}", 2)
        self.discord.press_join(JUNO, game["id"])
        expect(self.card(page, game).locator("tandem-wheel")).to_have_attribute(
            "aria-label", "1 of 4 seats taken", timeout=30_000)
        self.assertGreater(len(asked), 2)

    def test_the_signed_in_user_is_asked_for_until_the_server_answers(self):
        page = self.open("/nommie", MIRA)
        no_longer = self.busy(page, "**/api/v1/auth/user")
        page.goto("/games")
        expect(page.get_by_text("Too much to do.")).to_be_visible()
        no_longer()
        expect(page.get_by_role("heading", name="Games", exact=True)).to_be_visible(timeout=20_000)

    def test_requests_refused_by_a_busy_server_are_repeated_though_the_stream_is_live(self):
        page = self.open("/games", MIRA)
        game = self.plan(page, title="Told in the end")
        self.wait_until_live(page)
        trouble = page.get_by_text("Too much to do.")
        no_longer = self.busy(page, "**/api/v1/games?*")
        page.get_by_role("link", name="Called off").click()
        expect(trouble).to_be_visible()
        self.expect_accessible(page)
        no_longer()
        expect(page.get_by_role("heading", name="Nothing here")).to_be_visible(timeout=30_000)
        no_longer = self.busy(page, f"**/api/v1/games/{game['id']}")
        page.goto(f"/games/{game['id']}")
        expect(trouble).to_be_visible()
        no_longer()
        expect(page.get_by_role("heading", name="Told in the end")).to_be_visible(timeout=30_000)
        no_longer = self.busy(page, "**/channels")
        page.get_by_role("link", name="New game").first.click()
        expect(page.get_by_text("The channels didn’t load.")).to_be_visible()
        no_longer()
        expect(page.locator("#channel_id option").first).to_have_text("# general", timeout=20_000)

    def test_a_failure_to_load_more_games_is_shown(self):
        page = self.open("/nommie", MIRA)
        self.plan(page, title="The first of many")

        def answer(route):
            if "after=" in route.request.url:
                return route.fulfill(**BUSY)
            first = route.fetch()
            route.fulfill(response=first, json=first.json() | {"next": "more"})

        page.route("**/api/v1/games?*", answer)
        page.goto("/games")
        page.get_by_role("button", name="Show more games").click()
        expect(page.locator(".toast")).to_contain_text("Couldn’t load more games: Too much to do.")

    def test_a_refusal_stays_shown_until_the_seat_is_taken_in_another_way(self):
        page = self.open("/games", TOMAS)
        game = self.plan(self.open("/games", MIRA), title="By another door")
        card = self.card(page, game)
        page.route("**/join", lambda route: route.fulfill(
            status=409, content_type="application/json", body='{"error":{"code":"no","message":"Not this way."}}'))
        card.get_by_role("button", name="Join").click()
        expect(card.locator(".trouble")).to_contain_text("Not this way.")
        self.discord.press_join(TOMAS, game["id"])
        expect(card.locator(".seat-state")).to_have_text("You’re in")
        expect(card.locator(".trouble")).to_be_empty()

    def test_only_confirmed_changes_are_announced(self):
        page = self.open("/games", TOMAS)
        game = self.plan(self.open("/games", MIRA), title="Said aloud")
        self.card(page, game).get_by_role("link", name="Said aloud", exact=True).click()
        page.evaluate("""() => {
            window.said = [];
            const place = document.getElementById('announcer');
            new MutationObserver(() => window.said.push(place.textContent)).observe(place, { childList: true });
        }""")
        page.route("**/join", lambda route: route.fulfill(
            status=409, content_type="application/json", body='{"error":{"code":"no","message":"Not this way."}}'))
        page.get_by_role("button", name="Join").click()
        expect(page.locator("tandem-seat .trouble")).to_contain_text("Not this way.")
        self.discord.press_join(JUNO, game["id"])
        expect(page.locator(".roster").first).to_contain_text("Juno")
        self.assertEqual(page.evaluate("window.said"), ["Juno joined."])

    def test_the_chat_knows_what_happened_while_it_was_reading(self):
        chat = self.open(self.server.sandbox_url)
        chat.locator("#person").select_option(TOMAS)
        chat.locator(f'[data-key="channel-{LANTERN_GENERAL}"]').click()
        game = self.plan(self.open("/games", MIRA), title="Between two states", channel_id=LANTERN_GENERAL)
        message = chat.locator("chat-message", has_text="Between two states")
        expect(message).to_be_visible()
        held = []
        chat.route("**/sandbox/state*", lambda route: held.append((route, route.fetch())))
        chat.locator("#person").select_option(JUNO)
        expect(message).to_contain_text("Players (0/4)")
        self.discord.press_join(TOMAS, game["id"])
        expect(message).to_contain_text("Players (1/4)")
        for route, answer in held:
            route.fulfill(response=answer)
        expect(chat.get_by_label("You are")).to_have_value(JUNO)
        expect(chat.locator(".members")).to_contain_text("Juno")
        chat.unroute("**/sandbox/state*")
        expect(message).to_contain_text("Players (1/4)")

    def test_the_chat_reads_again_what_it_could_not_read(self):
        chat = self.open("/nommie")
        self.busy_at_first(chat, "**/sandbox/state*", 1)
        chat.goto(self.server.sandbox_url)
        expect(chat.locator("main h1")).not_to_be_empty()

    def test_the_chat_runs_a_command_once_however_often_it_is_pressed(self):
        chat = self.open(self.server.sandbox_url)
        chat.locator("#person").select_option(MIRA)
        chat.locator(f'[data-key="channel-{LANTERN_GENERAL}"]').click()
        box = chat.locator("#composer-input")
        box.fill("/game cr")
        box.press("Enter")
        form = chat.locator("form.command")
        form.get_by_label("title", exact=False).first.fill("Pressed twice")
        form.get_by_label("when", exact=False).first.fill("tomorrow 20:00")
        chat.evaluate(COUNT_COMMANDS)
        form.get_by_role("button", name="Run").dblclick()
        self.assertEqual(chat.evaluate("window.sent"), 1)

    def test_a_server_whose_access_is_read_late_appears_in_the_end(self):
        page = self.open("/games", JUNO)
        self.wait_until_live(page)
        game = self.plan(self.open("/games", MIRA), title="Known late")
        expect(self.card(page, game)).to_be_visible()
        try:
            self.busy_at_first(page, "**/api/v1/auth/user", 1)
            self.discord.member(LANTERN, JUNO, "remove")
            expect(page.get_by_role("link", name="Lantern Tavern")).to_have_count(0, timeout=20_000)
        finally:
            self.discord.member(LANTERN, JUNO, "add")
