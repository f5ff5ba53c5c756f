"""What the page does when the server goes away and comes back."""

from playwright.sync_api import expect

from browser import PageTest
from Live.web import CEDAR_GAMES, MIRA, TOMAS


class Connection(PageTest):
    def test_the_page_shows_that_the_server_is_away_and_catches_up_when_it_is_back(self):
        page = self.open("/games", TOMAS)
        game = self.plan(self.open("/games", MIRA), title="Through the dark")
        expect(self.card(page, game)).to_be_visible()
        self.wait_until_live(page)
        self.server.process.stop()
        banner = page.locator("tandem-banner")
        expect(banner).to_contain_text("Retry now", timeout=15_000)
        self.picture(page, "reconnecting")
        self.server.process.start()
        self.retry(page)
        expect(banner).to_contain_text("Back: caught up", timeout=30_000)
        self.picture(page, "caught-up")

    def test_retrying_by_keyboard_keeps_the_focus(self):
        page = self.open("/games", TOMAS)
        self.wait_until_live(page)
        self.server.process.stop()
        retry = page.get_by_role("button", name="Retry now")
        expect(retry).to_be_visible(timeout=15_000)
        retry.focus()
        for _ in range(3):
            page.keyboard.press("Enter")
            expect(retry).to_be_focused()
        self.server.process.start()
        expect(page.locator("tandem-banner")).to_contain_text("Back: caught up", timeout=60_000)
        expect(page.locator("main")).to_be_focused()

    def test_the_chat_shows_that_the_server_is_away_too(self):
        chat = self.open(self.server.sandbox_url)
        expect(chat.locator("main h1")).not_to_be_empty()
        self.server.process.stop()
        expect(chat.locator(".connection")).to_contain_text("Connection lost", timeout=15_000)
        self.server.process.start()
        expect(chat.locator(".connection")).to_be_empty(timeout=30_000)

    def test_changes_made_while_the_stream_was_cut_appear_without_a_reload(self):
        page, other = self.open("/games", MIRA), self.open("/games", TOMAS)
        game = self.plan(other, title="Cut off")
        expect(self.card(page, game)).to_be_visible()
        self.wait_until_live(page)
        page.evaluate("window.isTheSamePage = true")
        self.server.process.kill()
        self.server.process.start()
        joined = other.context.request.post(f"/api/v1/games/{game['id']}/join", headers={"origin": self.server.url})
        self.assertEqual(joined.status, 200, joined.text())
        expect(self.card(page, game).locator("tandem-wheel")).to_have_attribute("aria-label", "1 of 4 seats taken", timeout=30_000)
        self.assertTrue(page.evaluate("window.isTheSamePage"), "the page was loaded anew")

    def test_failed_reads_are_repeated_when_the_server_is_back(self):
        page = self.open("/games", MIRA)
        self.wait_until_live(page)
        self.server.process.stop()
        page.get_by_role("link", name="My games").first.click()
        expect(page.get_by_role("heading", name="That didn’t load")).to_be_visible()
        self.server.process.start()
        expect(page.get_by_role("heading", name="No seat taken yet")).to_be_visible(timeout=60_000)
        self.wait_until_live(page)
        self.server.process.stop()
        page.get_by_role("link", name="New game").first.click()
        expect(page.get_by_text("The channels didn’t load.")).to_be_visible()
        self.server.process.start()
        expect(page.locator("#channel_id option").first).to_have_text("# general", timeout=60_000)
        expect(page.locator("#channel_id")).to_have_value(CEDAR_GAMES)

    def test_signing_out_elsewhere_asks_to_sign_in_again(self):
        page = self.open("/games", TOMAS)
        expect(page.get_by_role("heading", name="Games", exact=True)).to_be_visible()
        self.wait_until_live(page)
        out = page.context.request.post("/api/v1/auth/logout", headers={"origin": self.server.url})
        self.assertEqual(out.status, 204)
        expect(page.get_by_role("link", name="Sign in with Discord")).to_be_visible(timeout=10_000)
