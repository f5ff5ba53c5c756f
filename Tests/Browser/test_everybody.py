"""The pages for those who have no mouse, little room, other colours, another script, or stay up late."""

from playwright.sync_api import expect

from browser import PageTest
from Live.waiting import until
from Live.web import JUNO, LANTERN, MIRA, TOMAS

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"

UNDER_THE_WAYS = """() => {
    const { activeElement: element } = document;
    const bar = document.querySelector('nav.tabs').getBoundingClientRect();
    return document.getElementById('main').contains(element) && element.getBoundingClientRect().bottom > bar.top + 1
        ? element.outerHTML.slice(0, 120) : '';
}"""


class Everybody(PageTest):
    def change(self, page, game, **fields):
        names = ("title", "description", "where", "scheduled_at", "duration_minutes", "max_players", "version")
        answer = page.context.request.put(
            f"/api/v1/games/{game['id']}", data={name: game[name] for name in names} | fields,
            headers={"origin": self.server.url})
        self.assertEqual(answer.status, 200, answer.text())
        return answer.json()

    def test_the_focus_stays_where_it_is_when_a_server_comes_or_goes(self):
        page = self.open("/games", JUNO)
        self.wait_until_live(page)
        theme = page.get_by_role("button", name="Colours")
        theme.focus()
        try:
            self.discord.member(LANTERN, JUNO, "remove")
            expect(page.locator(".toast")).to_contain_text("no longer")
            expect(page.get_by_role("link", name="Lantern Tavern")).to_have_count(0)
            expect(theme).to_be_focused()
            page.get_by_role("link", name="Finished").focus()
        finally:
            self.discord.member(LANTERN, JUNO, "add")
        expect(page.get_by_role("link", name="Lantern Tavern")).to_be_visible()
        expect(page.get_by_role("link", name="Finished")).to_be_focused()

    def test_the_focus_goes_back_to_where_it_was_when_a_note_is_dismissed(self):
        page = self.open("/games", TOMAS)
        game = self.plan(self.open("/games", MIRA), title="Noted")
        join = self.card(page, game).get_by_role("button", name="Join")
        join.focus()
        page.keyboard.press("Enter")
        dismiss = page.get_by_role("button", name="Dismiss")
        dismiss.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".toast")).to_have_count(0)
        expect(self.card(page, game).get_by_role("button", name="Leave")).to_be_focused()

    def test_selection_and_focus_survive_updates_by_others(self):
        page = self.open("/games", MIRA)
        game = self.plan(page, title="Read slowly", description="One.\n\nTwo.")
        page.goto(f"/games/{game['id']}")
        link = page.locator(".sheet .kicker a")
        link.focus()
        page.evaluate("() => getSelection().selectAllChildren(document.querySelector('.prose p'))")
        self.wait_until_live(page)
        self.discord.press_join(TOMAS, game["id"])
        expect(page.locator(".roster").first).to_contain_text("Tomas")
        expect(link).to_be_focused()
        self.assertEqual(page.evaluate("getSelection().toString()").strip(), "One.")

    def test_a_card_that_moves_takes_the_focus_along(self):
        page = self.open("/games", MIRA)
        first = self.plan(page, title="Sooner", scheduled_at="2028-01-11T18:00:00Z")
        second = self.plan(page, title="Later", scheduled_at="2028-01-12T18:00:00Z")
        expect(self.card(page, first)).to_be_visible()
        join = self.card(page, second).get_by_role("button", name="Join")
        join.focus()
        self.change(page, second, scheduled_at="2028-01-10T18:00:00Z")
        order = "() => [...document.querySelectorAll('tandem-game-card')].map((card) => card.dataset.id)"
        until(lambda: (ids := page.evaluate(order)).index(second["id"]) < ids.index(first["id"]), 10, "the card having moved")
        expect(join).to_be_focused()

    def test_nothing_that_has_the_focus_is_under_the_ways_at_the_bottom(self):
        maker = self.open("/games", MIRA)
        for number in range(4):
            self.plan(maker, title=f"In the way {number}")
        page = self.open("/games", MIRA, **PHONE)
        expect(page.locator("tandem-game-card").nth(3)).to_be_visible()
        for _ in range(30):
            page.keyboard.press("Tab")
            until(lambda: page.evaluate(UNDER_THE_WAYS) == "", 5, "the focus being in sight")

    def test_the_active_filter_is_distinguishable_in_forced_colours(self):
        page = self.open("/games", MIRA, forced_colors="active")
        colour = "link => getComputedStyle(link).backgroundColor"
        adjusted = "links => links.filter((link) => getComputedStyle(link).forcedColorAdjust !== 'none').length"
        on, off = page.get_by_role("link", name="Now and next"), page.get_by_role("link", name="Finished")
        self.assertNotEqual(on.evaluate(colour), off.evaluate(colour))
        on, off = page.locator(".ways a").first, page.locator(".ways a").last
        self.assertNotEqual(on.evaluate(colour), off.evaluate(colour))
        # Else the browser lays a ground of the page's colour under the letters, on which these can't be read.
        self.assertEqual(page.locator(":is(.chips, .ways) [aria-current]").evaluate_all(adjusted), 0)
        self.picture(page, "forced-colours")
        demo = self.open("/demo", forced_colors="active", **PHONE)
        on, off = demo.get_by_role("button", name="Web"), demo.get_by_role("button", name="Chat")
        self.assertNotEqual(on.evaluate(colour), off.evaluate(colour))
        chat = self.open(self.server.sandbox_url, forced_colors="active")
        on, off = chat.locator(".channels [aria-current]"), chat.locator(".channels button:not([aria-current])").first
        self.assertNotEqual(on.evaluate(colour), off.evaluate(colour))
        self.assertEqual(chat.locator(".channels [aria-current]").evaluate_all(adjusted), 0)
        self.picture(demo, "demo-forced-colours")
        self.picture(chat, "chat-forced-colours")

    def test_a_finger_finds_nothing_that_cannot_be_seen(self):
        chat = self.open(self.server.sandbox_url, **PHONE, is_mobile=True)
        delete = chat.locator("chat-message .tool").first
        self.assertEqual(delete.evaluate("button => getComputedStyle(button).opacity"), "1")

    def test_names_without_end_fit_into_a_narrow_window_with_large_letters(self):
        page = self.open("/games", MIRA, viewport={"width": 320, "height": 640})

        def rename(route):
            answer = route.fetch()
            account = answer.json()
            account["user"]["display_name"] = LONG
            for guild in account["guilds"]:
                guild["name"] = LONG
            route.fulfill(response=answer, json=account)

        page.route("**/api/v1/auth/user", rename)
        game = self.plan(page, title=LONG, where=LONG, description=LONG)
        for width, size in ((320, "100%"), (640, "200%"), (1280, "100%")):
            page.set_viewport_size({"width": width, "height": 640})
            for path in ("/games", f"/games/{game['id']}", f"/games/{game['id']}/edit", "/games/new"):
                page.goto(path)
                page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
                expect(page.locator("tandem-game-card, .sheet:not(.skeleton), form").first).to_be_visible()
                page.locator("summary").first.click()
                with self.subTest(width=width, size=size, path=path):
                    self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), width)
                    menu = page.locator(".menu-body").bounding_box()
                    self.assertGreaterEqual(menu["x"], 0)
                page.locator("h1").first.click(force=True)

    def test_right_to_left_text_is_shown_right_to_left(self):
        page = self.open("/games/new", MIRA)
        page.locator("#title").fill("ليلة الألعاب")
        self.assertEqual(page.locator("#title").evaluate("input => getComputedStyle(input).direction"), "rtl")

    def test_at_midnight_tomorrow_is_today(self):
        page = self.open("/games", MIRA)
        page.clock.install()
        page.reload()
        when = page.evaluate("() => { const noon = new Date(); noon.setHours(36, 0, 0, 0); return noon.toISOString(); }")
        game = self.plan(page, title="Up late", scheduled_at=when)
        day = page.locator(".day", has=self.card(page, game))
        expect(day.locator("h2")).to_have_text("Tomorrow")
        # The clock of the server goes on as before: what it says from now on must not be heard.
        page.route("**/api/**", lambda route: route.abort())
        page.clock.fast_forward(24 * 3600 * 1000)
        expect(day.locator("h2")).to_have_text("Today")
