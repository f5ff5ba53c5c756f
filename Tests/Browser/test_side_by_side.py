"""The chat page and the web page, driven by their own buttons only."""

import re

from playwright.sync_api import expect

from browser import PageTest
from Live.process import measured
from Live.waiting import until
from Live.web import CEDAR_GENERAL, JUNO, LANTERN_GAMES, LANTERN_GENERAL, MIRA, TOMAS

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}

# Notes when somebody clicks, and when a text has come to stand somewhere, by the page's own clock.
NOTE_CLICKS = """() => addEventListener('click', () => { window.clickedAt = performance.timeOrigin + performance.now() }, true)"""
NOTE_TEXT = """([selector, text]) => {
    window.seenAt = null
    const says = (element) => element.textContent.includes(text) || (element.getAttribute('aria-label') ?? '').includes(text)
    const look = () => {
        if (window.seenAt !== null || ![...document.querySelectorAll(selector)].some(says)) return
        window.seenAt = performance.timeOrigin + performance.now()
        observer.disconnect()
    }
    const observer = new MutationObserver(look)
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
    look()
}"""


class SideBySide(PageTest):
    def chat(self, user, channel=LANTERN_GAMES, **options):
        """The chat page as somebody sees it."""
        page = self.open(self.server.sandbox_url, **options)
        page.locator("#person").select_option(user)
        page.locator(f'[data-key="channel-{channel}"]').click()
        return page

    def button(self, chat, what, game):
        return chat.locator(f'[data-custom-id="{what}_game_{game["id"]}"]')

    def message(self, chat, game):
        return chat.locator("chat-message", has=self.button(chat, "join", game))

    def seen(self, pages, clicker, name):
        """How long it took from the click until the text stood there, in each page."""
        clicked = clicker.evaluate("window.clickedAt")
        for page in pages:
            until(lambda: page.evaluate("window.seenAt !== null"), 5, "the text being there")
            seconds = (page.evaluate("window.seenAt") - clicked) / 1000
            measured(name, seconds)
            self.assertLess(seconds, 2)

    def test_a_press_in_the_chat_and_a_click_on_the_page_reach_the_other_side(self):
        chat = self.chat(TOMAS, LANTERN_GENERAL)
        pages = [self.open("/games", user) for user in (MIRA, JUNO)]
        game = self.plan(pages[0], title="Both ways", channel_id=LANTERN_GENERAL)
        for page in pages:
            self.wait_until_live(page)
            expect(self.card(page, game)).to_be_visible()
        expect(self.message(chat, game)).to_contain_text("Nobody yet")
        for page in (chat, *pages):
            page.evaluate(NOTE_CLICKS)
        wheel = f'tandem-game-card[data-id="{game["id"]}"] tandem-wheel'
        for what, seats in (("join", "1 of 4"), ("leave", "0 of 4")):
            for page in pages:
                page.evaluate(NOTE_TEXT, [wheel, seats])
            self.button(chat, what, game).click()
            self.seen(pages, chat, "press in the chat page to web page (Chromium)")
        for what, text in (("Join", "Players (1/4)"), ("Leave", "Players (0/4)")):
            chat.evaluate(NOTE_TEXT, ["chat-message", text])
            self.card(pages[1], game).get_by_role("button", name=f"{what}: ").click()
            self.seen([chat], pages[1], "click on the web page to chat page (Chromium)")
        self.button(chat, "join", game).click()
        expect(self.message(chat, game)).to_contain_text("Tomas")
        self.picture(chat, "chat")

    def test_a_channel_in_which_something_came_is_marked_until_it_is_looked_at(self):
        chat = self.chat(TOMAS, LANTERN_GENERAL)
        channel = chat.locator(f'[data-key="channel-{LANTERN_GAMES}"]')
        expect(channel).not_to_contain_text("unread")
        page = self.open("/games", MIRA)
        game = self.plan(page, title="Not looked at")
        expect(channel).to_contain_text("unread")
        expect(chat.get_by_role("button", name="Lantern Tavern, unread")).to_be_visible()
        self.expect_accessible(chat)
        self.picture(chat, "unread")
        channel.click()
        expect(self.message(chat, game)).to_be_visible()
        expect(chat.get_by_text("unread")).to_have_count(0)

    def test_a_game_made_by_command_appears_on_every_page(self):
        chat = self.chat(MIRA)
        page = self.open("/games", TOMAS)
        self.wait_until_live(page)
        box = chat.locator("#composer-input")
        box.fill("/game cr")
        box.press("Enter")
        form = chat.locator("form.command")
        form.get_by_label("title", exact=False).first.fill("Said in the chat")
        form.get_by_label("when", exact=False).first.fill("tomorrow 20:00")
        form.get_by_label("players", exact=False).first.fill("3")
        page.evaluate(NOTE_TEXT, ["tandem-game-card", "Said in the chat"])
        chat.evaluate(NOTE_CLICKS)
        form.get_by_role("button", name="Run").click()
        self.seen([page], chat, "/game create to web page (Chromium)")
        card = page.locator("tandem-game-card", has_text="Said in the chat")
        card.get_by_role("button", name="Join").click()
        message = chat.locator("chat-message", has=chat.get_by_text("Said in the chat")).filter(has_text="Players (1/3)")
        expect(message).to_be_visible()
        self.picture(chat, "command")

    def test_signing_in_goes_by_way_of_the_consent_page(self):
        page = self.open("/games")
        page.get_by_role("link", name="Sign in with Discord").click()
        expect(page.get_by_role("heading", name=re.compile("wants to come in"))).to_be_visible()
        self.expect_accessible(page)
        self.picture(page, "consent")
        page.get_by_label("Juno").check()
        page.get_by_role("button", name="Authorise").click()
        expect(page.get_by_role("heading", name="Games", exact=True)).to_be_visible()
        self.wait_until_live(page)
        self.assertEqual(page.context.request.get("/api/v1/auth/user").json()["user"]["username"], "juno")

    def test_declining_returns_to_the_page_before(self):
        page = self.open("/games")
        page.get_by_role("link", name="Sign in with Discord").click()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("link", name="Sign in with Discord")).to_be_visible()

    def test_one_can_sign_in_within_the_demo_and_play_both_sides(self):
        page = self.open("/demo", viewport={"width": 1600, "height": 900})
        web = page.frame_locator('iframe[data-frame="web"]')
        web.get_by_role("link", name="Sign in with Discord").click()
        web.get_by_label("Mira").check()
        web.get_by_role("button", name="Authorise").click()
        expect(web.get_by_role("heading", name="Games", exact=True)).to_be_visible()
        game = self.plan(page, title="Within the demo")
        card = web.locator(f'tandem-game-card[data-id="{game["id"]}"]')
        expect(card).to_be_visible()
        chat = page.frame_locator('iframe[data-frame="chat"]')
        chat.locator("#person").select_option(TOMAS)
        chat.locator(f'[data-key="channel-{LANTERN_GAMES}"]').click()
        self.button(chat, "join", game).click()
        self.expect_seats(card, 1, 4)
        self.picture(page, "demo-light")

    # Everybody can

    def tab_to(self, page, target, limit=80):
        """Goes there as somebody does who has no mouse."""
        for _ in range(limit):
            page.keyboard.press("Tab")
            if target.evaluate("(element) => element.getRootNode().activeElement === element"):
                outline = target.evaluate("(e) => { const s = getComputedStyle(e); return s.outlineStyle + s.outlineWidth + s.boxShadow }")
                self.assertNotEqual(outline, "none0pxnone", "the focus can't be seen")
                return
        self.fail(f"{target} is not reached by Tab")

    def test_everything_works_without_a_mouse(self):
        page = self.open("/games", TOMAS)
        game = self.plan(self.open("/games", MIRA), title="Keys only", channel_id=LANTERN_GENERAL)
        card = self.card(page, game)
        expect(card).to_be_visible()
        self.tab_to(page, card.get_by_role("button", name="Join"))
        page.keyboard.press("Enter")
        expect(card.locator(".seat-state")).to_have_text("You’re in")
        # The button turned to Leave under the finger; it is where the focus is, and for a moment it rests.
        leave = card.get_by_role("button", name="Leave")
        expect(leave).to_be_focused()
        expect(leave).to_have_attribute("aria-disabled", "false")
        page.keyboard.press("Space")
        expect(card.get_by_role("button", name="Join")).to_be_focused()
        chat = self.chat(JUNO, LANTERN_GENERAL)
        self.tab_to(chat, self.button(chat, "join", game))
        chat.keyboard.press("Enter")
        expect(self.message(chat, game)).to_contain_text("Juno")
        self.tab_to(page, page.get_by_role("link", name="Keys only", exact=True))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Keys only")).to_be_visible()
        page.goto("/games/new")
        self.tab_to(page, page.locator("#title"))
        page.keyboard.type("Typed, not clicked")
        self.tab_to(page, page.locator("#scheduled_at"))
        page.keyboard.type("11112027")
        self.tab_to(page, page.locator("#time"))
        page.keyboard.type("1111")
        self.tab_to(page, page.get_by_role("button", name="Plan this game"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Typed, not clicked")).to_be_visible()

    def test_axe_finds_nothing_in_the_chat_and_the_demo(self):
        self.plan(self.open("/games", MIRA), title="Looked at in the chat", channel_id=CEDAR_GENERAL, guild_id="300000000000000002")
        for scheme in ("light", "dark"):
            for size, options in (("wide", {}), ("phone", PHONE)):
                with self.subTest(scheme=scheme, size=size):
                    chat = self.open(self.server.sandbox_url, color_scheme=scheme, reduced_motion="reduce", **options)
                    expect(chat.locator("main h1")).not_to_be_empty()
                    self.expect_accessible(chat)
                    self.picture(chat, f"chat-{size}-{scheme}")
                    demo = self.open("/demo", MIRA, color_scheme=scheme, reduced_motion="reduce", **options)
                    expect(demo.frame_locator('iframe[data-frame="web"]').locator("tandem-game-card").first).to_be_visible()
                    self.expect_accessible(demo)
                    self.picture(demo, f"demo-{size}-{scheme}")

    def test_nothing_is_wider_than_a_phone(self):
        mira = self.open("/games", MIRA)
        game = self.plan(mira, title="A title that is a good deal longer than what a phone has room for in one line", max_players=40)
        page = self.open("/games", MIRA, **PHONE)
        for path in ("/games", "/games/mine", "/games/new", f"/games/{game['id']}", f"/games/{game['id']}/edit", "/demo"):
            page.goto(path)
            page.wait_for_load_state("networkidle") if path == "/demo" else expect(page.get_by_role("heading").first).to_be_visible()
            widest = page.evaluate("document.documentElement.scrollWidth")
            self.assertLessEqual(widest, 390, path)
        chat = self.open(self.server.sandbox_url, **PHONE)
        self.assertLessEqual(chat.evaluate("document.documentElement.scrollWidth"), 390)
