"""Pages that are left, and gone back to: nothing written is lost, nothing follows that was left, and the place is kept."""

from playwright.sync_api import expect

from browser import PageTest
from Live.waiting import until
from Live.web import MIRA, TOMAS

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


class Leaving(PageTest):
    def answer_dialogs(self, page, *answers):
        """Answers the browser's own questions, one after the other; more than these are a fault."""
        left = list(answers)
        asked = []

        def answer(dialog):
            asked.append(dialog.message)
            dialog.accept() if left.pop(0) else dialog.dismiss()

        page.on("dialog", answer)
        return asked

    def test_going_back_from_unsaved_changes_asks_first(self):
        page = self.open("/games", MIRA)
        page.get_by_role("link", name="New game").first.click()
        page.locator("#title").fill("Not saved yet")
        asked = self.answer_dialogs(page, False, True)
        page.evaluate("history.back()")
        expect(page).to_have_url(f"{self.server.url}/games/new")
        expect(page.locator("#title")).to_have_value("Not saved yet")
        self.assertEqual(len(asked), 1)
        page.evaluate("history.back()")
        expect(page.get_by_role("heading", name="Games", exact=True)).to_be_focused()
        self.assertEqual(len(asked), 2)
        page.evaluate("history.forward()")
        expect(page.locator("#title")).to_have_value("")

    def test_a_fragment_in_the_address_leaves_the_page_as_it_is(self):
        page = self.open("/games/new", MIRA)
        page.locator("#title").fill("Still here")
        page.evaluate("location.hash = 'seats'")
        page.evaluate("history.back()")
        expect(page).to_have_url(f"{self.server.url}/games/new")
        expect(page.locator("#title")).to_have_value("Still here")

    def leave_while_planning(self, title):
        """A page that was left for another while the server held its new game back, and the request that is held."""
        page = self.open("/games/new", MIRA)
        held = []
        page.route("**/api/v1/games", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
        page.locator("#title").fill(title)
        page.get_by_role("button", name="Plan this game").click()
        expect(page.get_by_role("button", name="Planning…")).to_be_visible()
        self.answer_dialogs(page, True)
        page.get_by_role("link", name="My games").first.click()
        expect(page.get_by_role("heading", name="My games")).to_be_visible()
        return page, held.pop()

    def test_an_answer_that_comes_when_the_form_has_been_left_does_not_fetch_anybody_back(self):
        page, request = self.leave_while_planning("Planned and left")
        request.continue_()
        expect(page.locator(".toast")).to_contain_text("Planned and left is planned.")
        expect(page.get_by_role("heading", name="My games")).to_be_visible()

    def test_a_refusal_is_shown_even_after_the_form_was_left(self):
        page, request = self.leave_while_planning("Refused and left")
        request.fulfill(status=422, content_type="application/json", body='{"error":{"code":"no","message":"Too many games."}}')
        expect(page.locator(".toast")).to_contain_text("Refused and left wasn’t planned: Too many games.")

    def test_an_edit_cut_off_by_the_end_of_the_session_is_kept_until_signing_in_again(self):
        page = self.open("/games", MIRA)
        game = self.plan(page, title="Before", where="Here")
        page.goto(f"/games/{game['id']}/edit")
        page.locator("#title").fill("Half edited")
        self.wait_until_live(page)
        out = page.context.request.post("/api/v1/auth/logout", headers={"origin": self.server.url})
        self.assertEqual(out.status, 204)
        expect(page.get_by_text("You were signed out")).to_be_visible()
        other = self.open("/games", MIRA)
        changed = other.context.request.put(
            f"/api/v1/games/{game['id']}", headers={"origin": self.server.url},
            data={name: game[name] for name in ("title", "description", "scheduled_at", "duration_minutes", "max_players", "version")}
            | {"where": "There"})
        self.assertEqual(changed.status, 200, changed.text())
        self.sign_in(page.context, MIRA)
        page.reload()
        expect(page.locator("#title")).to_have_value("Half edited")
        expect(page.locator("#where")).to_have_value("There")
        page.get_by_role("button", name="Save changes").click()
        expect(page.get_by_role("heading", name="Half edited")).to_be_visible()

    def test_a_time_that_nobody_touched_stays_what_it_was_also_in_the_hour_that_comes_twice(self):
        page = self.open("/games", MIRA)
        # Half past two for the second time, in the night in which the clocks go back.
        game = self.plan(page, title="The second time", scheduled_at="2027-10-31T01:30:00Z")
        page.goto(f"/games/{game['id']}/edit")
        expect(page.locator("#time")).to_have_value("02:30")
        expect(page.locator("#scheduled_at-hint")).to_contain_text("CET")
        page.locator("#title").fill("The second time, renamed")
        page.get_by_role("button", name="Save changes").click()
        expect(page.get_by_role("heading", name="The second time, renamed")).to_be_visible()
        saved = page.context.request.get(f"/api/v1/games/{game['id']}").json()
        self.assertEqual(saved["scheduled_at"], game["scheduled_at"])

    def test_a_question_goes_with_its_page(self):
        page = self.open("/games", MIRA)
        game = self.plan(page, title="Asked about")
        self.card(page, game).get_by_role("link", name="Asked about", exact=True).click()
        page.get_by_role("button", name="Call off").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.evaluate("history.back()")
        expect(page.get_by_role("heading", name="Games", exact=True)).to_be_focused()
        expect(page.get_by_role("dialog")).to_have_count(0)

    def test_going_back_leads_to_where_the_list_was_left(self):
        page = self.open("/games", TOMAS, **PHONE)
        maker = self.open("/games", MIRA)
        games = [self.plan(maker, title=f"Number {number}") for number in range(12)]
        page.reload()
        title = self.card(page, games[-1]).get_by_role("link").first
        expect(title).to_be_visible()
        last = page.locator("tandem-game-card").last.get_by_role("link").first
        last.hover()
        left = page.evaluate("scrollY")
        self.assertGreater(left, 1500)
        last.click()
        expect(page.locator(".sheet h1")).to_be_visible()
        self.assertEqual(page.evaluate("scrollY"), 0)
        page.evaluate("history.back()")
        until(lambda: abs(page.evaluate("scrollY") - left) < 50, 10, "the page being where it was")
        page.reload()
        until(lambda: abs(page.evaluate("scrollY") - left) < 50, 10, "the reloaded page being where it was")

    def test_why_a_game_could_not_be_planned_is_in_sight_on_a_phone(self):
        page = self.open("/games/new", MIRA, **PHONE)
        page.route("**/api/v1/games", lambda route: route.fulfill(
            status=409, content_type="application/json", body='{"error":{"code":"no","message":"Not today."}}'))
        page.locator("#title").fill("Told where it is seen")
        page.get_by_role("button", name="Plan this game").click()
        expect(page.get_by_text("Not today.")).to_be_in_viewport()

    def test_the_focus_is_on_the_heading_once_the_page_has_loaded(self):
        page = self.open("/games", MIRA)
        game = self.plan(page, title="Focused")
        self.card(page, game).get_by_role("link", name="Focused", exact=True).click()
        page.get_by_role("link", name="Edit").click()
        expect(page.locator("#title")).to_be_visible()
        expect(page.get_by_role("heading", name="Edit game")).to_be_focused()

    def test_the_focus_stays_in_the_page_when_somebody_signs_out(self):
        page = self.open("/games", MIRA)
        page.get_by_label("Signed in as Mira").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Two wheels, one ride")).to_be_focused()
