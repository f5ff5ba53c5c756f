"""Discord and the web page follow each other."""

import time
from playwright.sync_api import expect

from browser import PageTest
from Live.sandbox import said
from Live.web import CEDAR, CEDAR_GAMES, JUNO, LANTERN, LANTERN_GAMES, MIRA, SABLE, TOMAS


class InStep(PageTest):
    def test_a_press_on_discord_changes_every_open_page(self):
        mira, juno = self.open("/games", MIRA), self.open("/games", JUNO)
        game = self.plan(mira, title="Pressed on Discord")
        for page in (mira, juno):
            expect(self.card(page, game)).to_be_visible()
        began = time.monotonic()
        self.discord.press_join(TOMAS, game["id"])
        for page in (mira, juno):
            self.expect_seats(self.card(page, game), 1, 4)
        self.assertLess(time.monotonic() - began, 2)
        self.picture(mira, "pressed-on-discord")
        self.discord.press_leave(TOMAS, game["id"])
        for page in (mira, juno):
            self.expect_seats(self.card(page, game), 0, 4)

    def test_my_own_press_on_discord_turns_my_button_on_the_page(self):
        page = self.open("/games", TOMAS)
        game = self.plan(self.open("/games", MIRA), title="My own press")
        card = self.card(page, game)
        expect(card.get_by_role("button", name="Join")).to_be_visible()
        self.discord.press_join(TOMAS, game["id"])
        expect(card.get_by_role("button", name="Leave")).to_be_visible(timeout=2000)
        expect(card.locator(".seat-state")).to_have_text("You’re in")

    def test_a_click_on_the_page_changes_the_message_on_discord(self):
        page = self.open("/games", TOMAS)
        game = self.plan(self.open("/games", MIRA), title="Clicked on the page")
        self.assertNotIn("Tomas", said(self.discord.card(game["id"])))
        self.card(page, game).get_by_role("button", name="Join").click()
        self.discord.wait_card(game["id"], lambda text: "Tomas" in text, 2)

    def test_members_of_another_guild_see_nothing(self):
        sable = self.open("/games", SABLE)
        self.wait_until_live(sable)
        mira = self.open("/games", MIRA)
        hidden = self.plan(mira, title="Only for the tavern")
        shown = self.plan(mira, title="For the hall", guild_id=CEDAR, channel_id=CEDAR_GAMES)
        expect(self.card(sable, shown)).to_be_visible()
        expect(self.card(sable, hidden)).to_have_count(0)
        sable.goto(f"/games/{hidden['id']}")
        expect(sable.get_by_role("heading", name="This game isn’t here")).to_be_visible()

    def test_a_member_removed_from_a_guild_stops_seeing_it_at_once(self):
        page = self.open("/games", JUNO)
        mira = self.open("/games", MIRA)
        game = self.plan(mira, title="Seen while a member")
        expect(self.card(page, game)).to_be_visible()
        self.wait_until_live(page)
        try:
            self.discord.member(LANTERN, JUNO, "remove")
            expect(self.card(page, game)).to_have_count(0, timeout=3000)
            expect(page.get_by_role("link", name="Lantern Tavern")).to_have_count(0)
        finally:
            self.discord.member(LANTERN, JUNO, "add")
        expect(self.card(page, game)).to_be_visible()

    def test_a_cards_link_to_discord_opens_the_chat_at_the_games_channel(self):
        page = self.open("/games", MIRA)
        game = self.plan(page, title="Linked")
        with page.expect_popup() as opened:
            self.card(page, game).get_by_role("link", name="Open Linked on Discord").click()
        expect(opened.value.locator('[aria-current="page"]', has_text="games")).to_be_visible()
        expect(opened.value.get_by_text("Linked", exact=True)).to_be_visible()

    def test_the_demo_shows_both_sides_following_each_other(self):
        page = self.open("/games", MIRA, viewport={"width": 1600, "height": 900}, color_scheme="dark")
        game = self.plan(page, title="Side by side")
        page.goto("/demo")
        web = page.frame_locator('iframe[data-frame="web"]')
        card = web.locator(f'tandem-game-card[data-id="{game["id"]}"]')
        expect(card).to_be_visible()
        chat = page.frame_locator('iframe[data-frame="chat"]')
        chat.locator("#person").select_option(TOMAS)
        chat.locator(f'[data-key="channel-{LANTERN_GAMES}"]').click()
        chat.locator(f'[data-custom-id="join_game_{game["id"]}"]').click()
        self.expect_seats(card, 1, 4)
        card.get_by_role("button", name="Join").click()
        self.expect_seats(card, 2, 4)
        message = chat.locator("section.embed", has_text="Side by side")
        expect(message).to_contain_text("Mira", timeout=2000)
        expect(message).to_contain_text("Tomas")
        self.picture(page, "demo")
