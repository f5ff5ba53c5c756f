"""All tabs of a browser share one stream."""

from playwright.sync_api import expect

from browser import PageTest
from Live.waiting import until
from Live.web import JUNO, MIRA, TOMAS, Visitor, metric

# What a page must do to be as deaf as one whose process hangs: it neither reads nor answers until it is told to.
HANG = "until => { const end = Date.now() + until; while (Date.now() < end); }"


class Tabs(PageTest):
    def open_tabs(self, user, count):
        first = self.open("/games", user)
        tabs = [first] + [self.open_tab(first.context, "/games") for _ in range(count - 1)]
        for tab in tabs:
            self.wait_until_live(tab)
        return tabs

    def streams(self):
        return metric(self.server.url, "tandem_streams")

    def wait_for_streams(self, count, timeout=10):
        until(lambda: self.streams() == count, timeout, f"{count} streams at the server")

    def test_three_tabs_have_one_stream_and_all_see_a_press_on_discord(self):
        self.wait_for_streams(0)
        tabs = self.open_tabs(MIRA, 3)
        # It may be changing hands, but there are never more.
        self.assertLessEqual(self.streams(), 1)
        self.wait_for_streams(1)
        game = self.plan(tabs[0], title="In three tabs")
        self.discord.press_join(TOMAS, game["id"])
        for tab in tabs:
            self.expect_seats(self.card(tab, game), 1, 4)
        self.wait_for_streams(1)

    def test_seven_tabs_are_no_trouble_for_a_browser_with_six_connections_to_a_host(self):
        tabs = self.open_tabs(JUNO, 7)
        game = self.plan(self.open("/games", MIRA), title="In seven tabs")
        for tab in tabs:
            expect(self.card(tab, game)).to_be_visible()

    def test_the_other_tabs_stay_live_when_the_one_with_the_stream_is_closed(self):
        self.wait_for_streams(0)
        tabs = self.open_tabs(MIRA, 3)
        game = self.plan(tabs[0], title="Handed on")
        for tab in tabs:
            expect(self.card(tab, game)).to_be_visible()
        for seats in (1, 2):
            tabs.pop(0).close()
            self.discord.press_join((TOMAS, JUNO)[seats - 1], game["id"])
            for tab in tabs:
                self.expect_seats(self.card(tab, game), seats, 4)
                expect(tab.locator("tandem-banner")).to_be_empty()
            self.wait_for_streams(1)

    def test_a_tab_that_hangs_loses_the_stream_to_another(self):
        self.wait_for_streams(0)
        first, second = self.open_tabs(MIRA, 2)
        game = self.plan(second, title="Hung up")
        first.evaluate(f"setTimeout(() => ({HANG})(35_000))")
        self.discord.press_join(TOMAS, game["id"])
        expect(self.card(second, game).locator("tandem-wheel")).to_have_attribute(
            "aria-label", "1 of 4 seats taken", timeout=34_000)
        expect(self.card(first, game).locator("tandem-wheel")).to_have_attribute(
            "aria-label", "1 of 4 seats taken", timeout=60_000)
        self.wait_for_streams(1)

    def test_a_tab_that_the_browser_freezes_hands_the_stream_on_and_catches_up_when_it_is_thawed(self):
        self.wait_for_streams(0)
        first, second = self.open_tabs(MIRA, 2)
        game = self.plan(second, title="On ice")
        browser = first.context.new_cdp_session(first)
        browser.send("Page.setWebLifecycleState", {"state": "frozen"})
        self.discord.press_join(TOMAS, game["id"])
        self.expect_seats(self.card(second, game), 1, 4)
        self.wait_for_streams(1)
        browser.send("Page.setWebLifecycleState", {"state": "active"})
        self.expect_seats(self.card(first, game), 1, 4)
        self.wait_for_streams(1)

    def test_a_tab_that_was_left_and_is_gone_back_to_is_live_again(self):
        first, second = self.open_tabs(MIRA, 2)
        first.get_by_role("link", name="Nommie").first.click()
        first.wait_for_url("**/nommie/")
        game = self.plan(second, title="Made meanwhile")
        first.go_back()
        expect(self.card(first, game)).to_be_visible()
        self.wait_until_live(first)
        self.discord.press_join(TOMAS, game["id"])
        for tab in (first, second):
            self.expect_seats(self.card(tab, game), 1, 4)

    def test_signing_in_as_another_user_changes_all_tabs(self):
        first, second = self.open_tabs(MIRA, 2)
        self.plan(first, title="Still Mira’s")
        # As in a third tab: the cookie is the browser's.
        self.sign_in(first.context, JUNO)
        self.server.process.kill()
        self.server.process.start()
        for tab in (first, second):
            expect(tab.get_by_label("Signed in as Juno")).to_be_visible(timeout=30_000)
            self.wait_until_live(tab)

    def test_tabs_follow_a_sign_in_that_they_learn_of_before_the_browser_has_its_cookie(self):
        first, second = self.open_tabs(MIRA, 2)
        profile = first.context
        answering = Visitor(self.server.url)
        answering.cookies = {cookie["name"]: cookie["value"] for cookie in profile.cookies()}
        answering.sign_in(JUNO)
        for tab in (first, second):
            expect(tab.get_by_role("link", name="Sign in with Discord")).to_be_visible()
        profile.add_cookies([cookie | {"value": answering.cookies[cookie["name"]]} for cookie in profile.cookies()])
        for tab in (first, second):
            expect(tab.get_by_label("Signed in as Juno")).to_be_visible(timeout=30_000)
            self.wait_until_live(tab)

    def test_all_tabs_come_back_when_the_server_does(self):
        tabs = self.open_tabs(MIRA, 3)
        self.server.process.stop()
        for tab in tabs:
            expect(tab.locator("tandem-banner")).to_contain_text("Retry now", timeout=15_000)
        self.server.process.start()
        self.retry(tabs[1])
        for tab in tabs:
            self.wait_until_live(tab)
            expect(tab.locator("tandem-banner")).to_be_empty()
        self.wait_for_streams(1)

    def test_signing_out_in_one_tab_signs_all_out(self):
        tabs = self.open_tabs(MIRA, 3)
        tabs[2].get_by_label("Signed in as Mira").click()
        tabs[2].get_by_role("button", name="Sign out").click()
        for tab in tabs:
            expect(tab.get_by_role("link", name="Sign in with Discord")).to_be_visible()
        expect(tabs[2].get_by_text("You were signed out")).to_have_count(0)
        self.wait_for_streams(0)

    def test_a_browser_without_web_locks_has_a_stream_for_each_tab(self):
        self.wait_for_streams(0)
        first = self.open("/games", MIRA)
        first.context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
        first.reload()
        second = self.open_tab(first.context, "/games")
        for tab in (first, second):
            self.wait_until_live(tab)
        self.wait_for_streams(2)
        game = self.plan(first, title="One each")
        expect(self.card(second, game)).to_be_visible()
