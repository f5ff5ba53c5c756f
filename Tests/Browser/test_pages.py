"""What a person does on the pages, and that everybody can."""

import json

from playwright.sync_api import expect

from browser import PageTest
from Live.web import CEDAR, CEDAR_GAMES, MIRA, SABLE, TOMAS, WREN

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


class Pages(PageTest):
    def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_where_they_were_going(self):
        page = self.open("/games/mine?role=host")
        link = page.get_by_role("link", name="Sign in with Discord")
        expect(link).to_be_visible()
        self.expect_accessible(page)
        self.picture(page, "sign-in")
        link.click()
        page.wait_for_url(lambda url: "oauth2/authorize" in url)
        page.get_by_label("Mira").check()
        page.get_by_role("button", name="Authorise").click()
        page.wait_for_url("**/games/mine?role=host")
        expect(page.get_by_role("heading", name="My games")).to_be_visible()

    def test_somebody_sees_where_they_are_signed_in_and_signs_out_there_and_everywhere(self):
        page, other = self.open("/games", MIRA), self.open("/games", MIRA)
        page.locator("summary").press("Enter")
        page.get_by_role("link", name="Your account").press("Enter")
        expect(page.get_by_role("heading", name="Your account")).to_be_focused()
        places = page.locator(".devices li")
        expect(places.filter(has_text="this browser")).to_have_count(1)
        expect(places.filter(has_text="this browser")).to_contain_text("Signed in today")
        self.expect_accessible(page)
        self.picture(page, "account")
        mine = places.count()
        self.wait_until_live(other)
        # The other browser signed in last.
        places.get_by_role("button").first.press("Enter")
        expect(places).to_have_count(mine - 1)
        expect(page.get_by_role("heading", name="Signed in at")).to_be_focused()
        expect(other.get_by_text("You were signed out")).to_be_visible()
        page.get_by_role("button", name="Sign out everywhere").click()
        page.get_by_role("dialog").get_by_role("button", name="Stay signed in").click()
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
        page.get_by_role("button", name="Sign out everywhere").click()
        page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
        expect(page.get_by_role("link", name="Sign in with Discord")).to_be_visible()

    def test_somebody_takes_their_data_along_and_has_it_deleted(self):
        page = self.open("/account", WREN)
        with page.expect_download() as saved:
            page.get_by_role("link", name="Download my data").click()
        self.assertEqual(saved.value.suggested_filename, "tandem-data.json")
        self.assertEqual(json.loads(saved.value.path().read_text())["account"]["id"], WREN)
        page.get_by_role("button", name="Delete my data").click()
        dialog = page.get_by_role("dialog", name="Delete your data?")
        self.expect_accessible(page)
        dialog.get_by_role("button", name="Delete my data").click()
        expect(page.get_by_text("Your data is deleted.")).to_be_visible()
        expect(page.get_by_role("link", name="Sign in with Discord")).to_be_visible()

    def test_a_game_is_planned_joined_edited_and_called_off(self):
        page = self.open("/games/new", MIRA)
        page.locator("#title").fill("Lost Mine")
        page.locator("#where").fill("Table 2")
        page.locator("#max_players").fill("3")
        page.locator("#scheduled_at").fill("2027-11-28")
        page.locator("#time").fill("20:30")
        page.get_by_role("button", name="Plan this game").click()
        expect(page.get_by_role("heading", name="Lost Mine")).to_be_visible()
        expect(page.get_by_text("20:30 CET")).to_be_visible()
        page.get_by_role("button", name="Join").click()
        expect(page.locator(".seat-state")).to_have_text("You’re in")
        expect(page.locator(".roster .mine")).to_contain_text("Mira")
        page.get_by_role("link", name="Edit").click()
        page.locator("#title").fill("Found Mine")
        page.get_by_role("button", name="Save changes").click()
        expect(page.get_by_role("heading", name="Found Mine")).to_be_visible()
        self.picture(page, "details")
        page.get_by_role("button", name="Call off").click()
        page.get_by_role("button", name="Call it off").click()
        expect(page.locator(".sheet .status")).to_have_text("Called off")
        expect(page.get_by_role("button", name="Join")).to_have_count(0)

    def test_a_form_survives_the_end_of_the_session(self):
        page = self.open("/games/new", MIRA)
        page.locator("#guild_id").select_option(label="Lantern Tavern")
        page.locator("#title").fill("Half written")
        page.locator("#max_players").fill("7")
        self.wait_until_live(page)
        out = page.context.request.post("/api/v1/auth/logout", headers={"origin": self.server.url})
        self.assertEqual(out.status, 204)
        expect(page.get_by_text("You were signed out")).to_be_visible()
        self.sign_in(page.context, MIRA)
        page.reload()
        expect(page.locator("#title")).to_have_value("Half written")
        expect(page.locator("#max_players")).to_have_value("7")
        expect(page.locator("#guild_id option:checked")).to_have_text("Lantern Tavern")
        page.reload()
        expect(page.locator("#title")).to_have_value("")

    def test_leaving_can_be_undone(self):
        page = self.open("/games", TOMAS)
        game = self.plan(self.open("/games", MIRA), title="Left by mistake")
        card = self.card(page, game)
        card.get_by_role("button", name="Join").click()
        expect(card.get_by_role("button", name="Leave")).to_be_visible()
        card.get_by_role("button", name="Leave").click()
        expect(card.locator(".seat-state")).to_have_text("")
        expect(page.locator(".toast")).to_have_count(1)  # That I'm in is no longer so.
        page.get_by_role("button", name="Undo").click()
        expect(card.locator(".seat-state")).to_have_text("You’re in")

    def test_a_full_table_has_a_waiting_list_and_leaving_asks_for_confirmation(self):
        mira, tomas = self.open("/games", MIRA), self.open("/games", TOMAS)
        game = self.plan(mira, title="One seat only", max_players=1)
        self.card(mira, game).get_by_role("button", name="Join").click()
        self.card(tomas, game).get_by_role("button", name="Join the line").click()
        expect(self.card(tomas, game).locator(".seat-state")).to_have_text("1st in line")
        self.card(mira, game).get_by_role("button", name="Leave").click()
        expect(mira.get_by_role("dialog")).to_contain_text("Tomas is waiting")
        self.expect_accessible(mira)
        mira.get_by_role("button", name="Give it up").click()
        expect(self.card(tomas, game).locator(".seat-state")).to_have_text("You’re in")

    def test_a_refusal_reverts_the_join_and_gives_the_reason(self):
        page = self.open("/games", TOMAS)
        game = self.plan(self.open("/games", MIRA), title="Refused")
        page.route("**/join", lambda route: route.fulfill(
            status=400, content_type="application/json",
            body='{"error":{"code":"game_not_open","message":"This game has begun."}}'))
        card = self.card(page, game)
        card.get_by_role("button", name="Join").click()
        expect(card.locator(".trouble")).to_contain_text("This game has begun.")
        self.expect_seats(card, 0, 4)

    def test_the_join_shows_before_the_server_answers(self):
        page = self.open("/games", TOMAS)
        game = self.plan(self.open("/games", MIRA), title="Slow answer")
        held = []
        page.route("**/join", lambda route: held.append(route))
        card = self.card(page, game)
        card.get_by_role("button", name="Join").click()
        self.expect_seats(card, 1, 4)
        expect(card.get_by_role("button", name="Joining…")).to_be_visible()
        held.pop().continue_()
        expect(card.get_by_role("button", name="Leave")).to_be_visible()

    def test_faults_are_shown_at_their_fields(self):
        page = self.open("/games/new", MIRA)
        page.get_by_role("button", name="Plan this game").click()
        expect(page.locator("#title-fault")).to_have_text("Give it a title.")
        expect(page.locator("#title")).to_be_focused()
        page.locator("#title").fill("Too early")
        page.locator("#scheduled_at").fill("2020-01-01")
        page.get_by_role("button", name="Plan this game").click()
        expect(page.locator("#scheduled_at-fault")).not_to_be_empty()
        expect(page.locator("#title")).to_have_value("Too early")
        self.expect_accessible(page)

    def test_concurrent_edits_by_two_people_are_both_kept(self):
        mira = self.open("/games", MIRA)
        game = self.plan(mira, title="Before", where="Here")
        mira.goto(f"/games/{game['id']}/edit")
        mira.locator("#title").fill("Mine")
        other = self.open("/games", MIRA)
        saved = other.context.request.put(
            f"/api/v1/games/{game['id']}",
            data={name: game[name] for name in ("description", "scheduled_at", "duration_minutes", "max_players", "version")}
            | {"title": "Theirs", "where": "There"},
            headers={"origin": self.server.url})
        self.assertEqual(saved.status, 200, saved.text())
        expect(mira.locator(".conflict")).to_contain_text("Theirs")
        expect(mira.locator("#title")).to_have_value("Mine")
        expect(mira.locator("#where")).to_have_value("There")
        self.picture(mira, "conflict")
        mira.get_by_role("button", name="Save changes").click()
        expect(mira.get_by_role("heading", name="Mine")).to_be_visible()

    def test_filters_live_in_the_address(self):
        page = self.open("/games", MIRA)
        game = self.plan(page, title="In the tavern")
        expect(self.card(page, game)).to_be_visible()
        page.get_by_role("link", name="Cedar Hall").click()
        page.wait_for_url(f"**/games?guild_id={CEDAR}")
        expect(self.card(page, game)).to_have_count(0)
        page.go_back()
        expect(self.card(page, game)).to_be_visible()

    def test_moving_between_pages_moves_the_focus_to_the_heading(self):
        page = self.open("/games", MIRA)
        page.get_by_role("link", name="My games").first.click()
        expect(page.get_by_role("heading", name="My games")).to_be_focused()
        self.assertEqual(page.title(), "My games · Tandem")

    def test_the_ways_fit_on_every_width_and_lead_to_the_card_game_too(self):
        page = self.open("/games", MIRA, viewport={"width": 1280, "height": 800})
        for width in (320, 360, 720, 860, 900, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            ways = page.locator("nav.tabs, nav.ways").filter(visible=True)
            expect(ways).to_have_count(1)
            expect(ways.get_by_role("link")).to_have_text(["Games", "My games", "New game", "Nommie"])
            expect(ways.locator("[aria-current]")).to_have_text("Games")
            boxes = [page.locator(".brand").bounding_box()] if width >= 860 else []
            boxes += [link.bounding_box() for link in ways.get_by_role("link").all()]
            for left, right in zip(boxes, boxes[1:]):
                self.assertLessEqual(left["x"] + left["width"], right["x"] + 1, f"at {width} px")
            self.assertGreaterEqual(min(box["height"] for box in boxes), 44)
            self.assertEqual(page.evaluate("document.documentElement.scrollWidth"), width)
        page.get_by_role("link", name="Nommie").filter(visible=True).click()
        page.wait_for_url("**/nommie/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()

    def test_a_user_without_a_server_is_shown_what_to_do(self):
        page = self.open("/games", WREN)
        expect(page.get_by_role("heading", name="No shared server yet")).to_be_visible()
        self.expect_accessible(page)

    def test_axe_finds_nothing_on_any_page_light_or_dark_wide_or_narrow(self):
        maker = self.open("/games", SABLE)
        game = self.plan(maker, title="Looked at closely", guild_id=CEDAR, channel_id=CEDAR_GAMES)
        for scheme in ("light", "dark"):
            for size, options in (("wide", {}), ("phone", PHONE)):
                page = self.open("/games", SABLE, color_scheme=scheme, reduced_motion="reduce", **options)
                for name, path, ready in (
                    ("browse", "/games", ".card:not(.skeleton)"),
                    ("mine", "/games/mine?role=host", ".card:not(.skeleton)"),
                    ("details", f"/games/{game['id']}", ".sheet:not(.skeleton)"),
                    ("edit", f"/games/{game['id']}/edit", "form"),
                    ("new", "/games/new", "form"),
                    ("missing", "/games/none", ".empty"),
                ):
                    with self.subTest(scheme=scheme, size=size, page=name):
                        page.goto(path)
                        expect(page.locator(ready).first).to_be_visible()
                        self.expect_accessible(page)
                        self.picture(page, f"{name}-{size}-{scheme}")
