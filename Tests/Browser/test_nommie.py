"""The card game that runs in the browser alone: played by keyboard, by finger, left and taken up again."""

from playwright.sync_api import expect

from Live.process import measured
from Live.waiting import until
from browser import PageTest

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SEED = 7


class Nommie(PageTest):
    def sit_down(self, **options):
        page = self.open(f"/nommie?seed={SEED}", reduced_motion="reduce", **options)
        page.get_by_text("At once").click()
        page.get_by_role("button", name="Deal the cards").click()
        expect(page.locator(".said")).to_have_text("Your turn to bid.")
        return page

    def play_by_keyboard(self, page, count=200):
        """Does what is asked, with the keyboard alone, until the round is over or `count` actions are done."""
        for _ in range(count):
            expect(page.locator("nommie-result button, .said[data-mine]").first).to_be_visible()
            if page.locator("nommie-result button").is_visible():
                return
            before = page.locator("[role=log] p").count()
            asked = page.locator(".choice:visible, .held[aria-disabled=false]:visible")
            expect(asked.first).to_be_visible()
            page.keyboard.press("Home")
            for _ in range(14):
                if page.evaluate("document.activeElement.getAttribute('aria-disabled') !== 'true'"):
                    break
                page.keyboard.press("ArrowRight")
            page.keyboard.press("Enter")
            expect(page.locator("[role=log] p").nth(before)).to_be_attached()

    def test_a_round_is_played_by_keyboard_alone(self):
        page = self.sit_down()
        self.expect_accessible(page)
        self.picture(page, "nommie-bidding")
        page.locator(".choice[tabindex='0']").focus()
        self.play_by_keyboard(page, 3)
        self.expect_accessible(page)
        self.picture(page, "nommie-play")
        self.play_by_keyboard(page)
        expect(page.locator("nommie-result h2")).to_contain_text("Round 1: you")
        expect(page.get_by_role("button", name="Deal round 2")).to_be_focused()
        expect(page.locator("tbody tr").first.locator("td .points")).to_have_count(4)
        self.expect_accessible(page)
        self.picture(page, "nommie-result")
        page.keyboard.press("Enter")
        expect(page.locator(".game-head .lead")).to_have_text("Round 2 of 26, 12 cards each")
        expect(page.locator(".said")).to_have_text("Your turn to bid.")

    def test_the_hand_is_one_stop_of_the_tab_key(self):
        page = self.sit_down()
        expect(page.locator(".held")).to_have_count(13)
        expect(page.locator(".held[tabindex='0']")).to_have_count(1)
        page.locator(".held[tabindex='0']").focus()
        page.keyboard.press("End")
        expect(page.locator(".held").last).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(page.locator(".held").first).to_be_focused()

    def test_the_focus_is_on_a_card_that_may_be_played_when_it_is_ones_turn(self):
        page = self.sit_down()
        page.locator(".choice[tabindex='0']").focus()
        lines = page.locator("[role=log] p")
        for _ in range(16):
            expect(page.locator("nommie-result button, .said[data-mine]").first).to_be_visible()
            if page.locator("nommie-result button").is_visible():
                break
            focused = page.evaluate("(({ className, ariaDisabled }) => [className, ariaDisabled])(document.activeElement)")
            self.assertIn("held" if page.locator(".choice").count() == 0 else "choice", focused[0])
            self.assertNotEqual(focused[1], "true", "the focus is on what may not be chosen")
            before = lines.count()
            # So soon after the focus was led on a key is not taken for an answer.
            until(lambda: (page.keyboard.press("Enter"), lines.count() > before)[1], 10, "the card being played", every=0.1)
        expect(page.get_by_role("button", name="Deal round 2")).to_be_focused()

    def test_browsing_your_cards_is_not_interrupted_by_your_turn(self):
        page = self.open(f"/nommie?seed={SEED}", reduced_motion="reduce")
        page.get_by_text("Calm").click()
        page.get_by_role("button", name="Deal the cards").click()
        page.locator(".choice[tabindex='0']").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("End")
        last = page.locator(".held").last
        expect(last).to_be_focused()
        expect(page.locator(".said[data-mine]")).to_be_visible(timeout=20_000)
        expect(last).to_be_focused()

    def test_no_card_is_dimmed_while_it_is_only_not_the_time_to_play(self):
        page = self.sit_down()
        expect(page.locator(".held[aria-disabled='true']")).to_have_count(0)
        page.locator(".held").first.click()
        expect(page.locator(".said")).not_to_have_text("Your turn to bid.")
        expect(page.locator(".held")).to_have_count(13)

    def test_a_finger_lifts_a_card_and_then_plays_it(self):
        page = self.sit_down(**PHONE)
        page.locator(".choice").nth(2).tap()
        trump = page.locator(".choices[aria-label='Trump suit'] .choice").first
        expect(page.locator(".said")).to_contain_text("turn")
        if trump.is_visible():
            trump.tap()
        card = page.locator(".held[aria-disabled=false]").first
        name = card.get_attribute("data-card")
        card.tap()
        expect(page.locator(".held.lifted")).to_have_attribute("data-card", name)
        expect(page.locator(f".held[data-card='{name}']")).to_be_visible()
        page.locator(".held.lifted").tap()
        expect(page.locator(f".held[data-card='{name}']")).to_have_count(0)

    def test_a_game_goes_on_after_the_page_was_left(self):
        page = self.sit_down()
        page.locator(".choice[tabindex='0']").focus()
        self.play_by_keyboard(page, 3)
        held = page.locator(".held").evaluate_all("cards => cards.map(card => card.dataset.card)")
        page.goto("/nommie")
        expect(page.locator("[role=log]")).to_contain_text("Welcome back.")
        expect(page.locator(".held")).to_have_count(len(held))
        self.assertEqual(page.locator(".held").evaluate_all("cards => cards.map(card => card.dataset.card)"), held)
        page.get_by_role("button", name="New game").click()
        page.get_by_role("dialog").get_by_role("button", name="Deal the cards").click()
        expect(page.locator(".held")).to_have_count(13)

    def test_a_link_to_other_deals_says_which_game_it_would_end(self):
        page = self.sit_down()
        page.locator(".choice").nth(2).click()
        page.goto("/nommie?seed=8")
        expect(page.locator(".notice")).to_contain_text("You have a game in progress")
        page.get_by_role("link", name="Continue it").click()
        expect(page.locator("[role=log]")).to_contain_text("Welcome back.")
        page.goto("/nommie?seed=8")
        page.get_by_role("button", name="Deal the cards").click()
        expect(page.locator("[role=log]")).to_contain_text("A new game.")
        self.assertEqual(page.url, self.server.url + "/nommie/")
        page.locator(".choice").nth(2).click()
        page.reload()
        expect(page.locator("[role=log]")).to_contain_text("Welcome back.")

    def test_the_pace_changes_while_a_game_is_played(self):
        page = self.open(f"/nommie?seed={SEED}", reduced_motion="reduce")
        page.get_by_role("button", name="Deal the cards").click()
        page.get_by_role("radio", name="At once").check()
        expect(page.locator(".said")).to_have_text("Your turn to bid.")
        self.expect_accessible(page)
        page.goto("/nommie")
        expect(page.get_by_role("radio", name="At once")).to_be_checked()

    def test_a_finished_game_shows_all_its_rounds_in_the_width_of_a_phone(self):
        page = self.open("/nommie", **PHONE)
        page.evaluate("""async () => {
            const { loadNommie } = await import('/nommie/nommie.js');
            const { save } = await import('/nommie/saved-game.js');
            const game = (await loadNommie()).newGame(7n);
            while (game.toAct !== null) game.apply(game.aiMove(game.toAct, 'heuristic'));
            save({ seed: game.seed, level: 'heuristic', actions: game.actions });
        }""")
        page.goto("/nommie")
        expect(page.locator("nommie-result h2")).to_contain_text("with")
        expect(page.locator(".scores tbody td .points")).to_have_count(26 * 4)
        sheet = page.locator(".sheet-scroll")
        self.assertEqual(*sheet.evaluate("sheet => [sheet.scrollWidth, sheet.clientWidth]"))
        self.assertEqual(*sheet.evaluate("sheet => [sheet.scrollHeight, sheet.clientHeight]"))
        self.expect_accessible(page)
        self.picture(page, "nommie-over-phone")
        page.get_by_role("link", name="Games").click()
        page.wait_for_url("**/games")

    def test_it_needs_no_connection_once_it_is_open(self):
        page = self.sit_down()
        page.context.set_offline(True)
        page.locator(".choice[tabindex='0']").focus()
        self.play_by_keyboard(page)
        expect(page.locator("nommie-result h2")).to_contain_text("Round 1: you")

    def test_only_this_page_may_compile_webassembly_and_have_a_worker(self):
        request = self.browser.new_context(base_url=self.server.url).request
        policy = request.get("/nommie").headers["content-security-policy"]
        self.assertIn("script-src 'self' 'wasm-unsafe-eval'", policy)
        self.assertIn("worker-src 'self'", policy)
        self.assertNotIn("unsafe-inline", policy)
        for foreign in ("wasm", "worker"):
            self.assertNotIn(foreign, request.get("/games").headers["content-security-policy"])
        self.assertEqual(request.get("/nommie/nommie.wasm").headers["content-type"], "application/wasm")

    def test_a_move_of_the_sharpest_player_takes_no_time_that_is_felt(self):
        page = self.open("/nommie")
        took = page.evaluate("""async () => {
            const { loadNommie } = await import('/nommie/nommie.js');
            const { Thinker } = await import('/nommie/thinker.js');
            const { budget } = await import('/nommie/match.js');
            const nommie = await loadNommie();
            const [game, thinker, took] = [nommie.newGame(1n), new Thinker(nommie), []];
            while (took.length < 160) {
                const begun = performance.now();
                const action = await thinker.move(game, 'strategic', budget);
                took.push(performance.now() - begun);
                game.apply(action);
            }
            return took;
        }""")
        for milliseconds in took:
            measured("a strategic move of Nommie in Chromium, beside the page", milliseconds / 1000)
        self.assertLess(sorted(took)[len(took) // 2], 50)

    def test_the_page_goes_on_while_the_others_think(self):
        page = self.open("/nommie")
        turns = page.evaluate("""async () => {
            const { loadNommie } = await import('/nommie/nommie.js');
            const { Thinker } = await import('/nommie/thinker.js');
            const nommie = await loadNommie();
            let [turns, isThinking] = [0, true];
            const move = new Thinker(nommie).move(nommie.newGame(1n), 'strategic', 5_000_000);
            move.then(() => { isThinking = false; });
            while (isThinking) {
                await new Promise((resolve) => setTimeout(resolve, 5));
                turns += 1;
            }
            return turns;
        }""")
        self.assertGreater(turns, 10)

    def test_opponents_choose_alike_in_a_worker_on_the_page_and_without_workers(self):
        page = self.open("/nommie")
        agreed = page.evaluate("""async () => {
            const { loadNommie } = await import('/nommie/nommie.js');
            const { Thinker } = await import('/nommie/thinker.js');
            const nommie = await loadNommie();
            const beside = new Thinker(nommie);
            const BrowsersWorker = window.Worker;
            window.Worker = class { constructor() { throw new Error('No workers here.'); } };
            const here = new Thinker(nommie);
            window.Worker = class extends BrowsersWorker { constructor(_, options) { super('/nommie/lost.js', options); } };
            const failing = new Thinker(nommie);
            window.Worker = BrowsersWorker;
            let agreed = 0;
            for (const seed of [3n, 4n]) {
                const game = nommie.newGame(seed);
                for (let step = 0; step < 60; step += 1) {
                    const level = ['random', 'heuristic', 'strategic'][step % 3];
                    const expected = game.aiMove(game.toAct, level, 2000);
                    for (const thinker of [beside, here, failing]) {
                        const action = await thinker.move(game, level, 2000);
                        if (JSON.stringify(action) === JSON.stringify(expected)) agreed += 1;
                    }
                    game.apply(expected);
                }
            }
            return agreed;
        }""")
        self.assertEqual(agreed, 2 * 60 * 3)

    def test_axe_finds_nothing_light_or_dark_wide_or_narrow(self):
        for scheme in ("light", "dark"):
            for size, options in (("wide", {}), ("phone", PHONE)):
                with self.subTest(scheme=scheme, size=size):
                    page = self.open(f"/nommie?seed={SEED}", color_scheme=scheme, reduced_motion="reduce", **options)
                    expect(page.get_by_role("button", name="Deal the cards")).to_be_visible()
                    self.expect_accessible(page)
                    page.get_by_text("At once").click()
                    page.get_by_role("button", name="Deal the cards").click()
                    page.locator(".choice").nth(2).click()
                    expect(page.locator(".said")).to_contain_text("turn")
                    self.expect_accessible(page)
                    self.picture(page, f"nommie-{size}-{scheme}")
                    self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), page.viewport_size["width"])
