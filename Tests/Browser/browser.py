"""Chromium, signed-in pages, and what every test of a page checks."""

import contextlib
import pathlib
import shutil
import unittest

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError, expect, sync_playwright

from Live.process import ARTEFACTS, Demo
from Live.sandbox import Sandbox
from Live.waiting import until
from Live.web import LANTERN, LANTERN_GAMES, draft

artefacts = ARTEFACTS / "browser"


def chromium_path():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise SystemExit("Chromium is missing: on Debian, `apt-get install chromium`.")


class PageTest(unittest.TestCase):
    """One server and one browser for the tests of a class; a fresh profile for each test."""

    @classmethod
    def setUpClass(cls):
        cls.server = Demo(f"browser-{cls.__name__.lower()}")
        cls.addClassCleanup(cls.server.close)
        cls.discord = Sandbox(cls.server.sandbox_url)
        until(cls.discord.is_connected, 20, "the bot being connected")
        cls.playwright = sync_playwright().start()
        cls.addClassCleanup(cls.playwright.stop)
        cls.browser = cls.playwright.chromium.launch(executable_path=chromium_path())
        cls.addClassCleanup(cls.browser.close)
        artefacts.mkdir(parents=True, exist_ok=True)

    def setUp(self):
        self.faults = []
        self.is_examining = False
        self.examined = set()

    def tearDown(self):
        self.assertEqual(self.faults, [], "the pages complained")

    def open(self, path, user=None, **options):
        """A page of its own profile, signed in where a user is given."""
        context = self.browser.new_context(
            base_url=self.server.url, locale="en-GB", timezone_id="Europe/Berlin", **options
        )
        self.addCleanup(context.close)
        if user:
            self.sign_in(context, user)
        return self.open_tab(context, path)

    def open_tab(self, context, path):
        """One more tab of a profile."""
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self.listen)
        page.goto(path)
        return page

    def listen(self, message):
        # Refused requests are part of what is tested, and axe tries what the page forbids; all else is a fault.
        refused = ("Failed to load resource", "net::ERR_CONNECTION_REFUSED", "net::ERR_CONNECTION_RESET")
        # The browser may tell of axe's styles some time after it has ended.
        is_axes = self.is_examining or message.page in self.examined and "inline style" in message.text
        if message.type == "error" and not is_axes and not any(each in message.text for each in refused):
            self.faults.append(message.text)

    def sign_in(self, context, user):
        """As the consent page's button does it."""
        started = context.request.get("/api/v1/auth/login?return_to=/games", max_redirects=0)
        self.assertEqual(started.status, 302, started.text())
        consented = context.request.post(started.headers["location"], form={"sandbox_user": user})
        self.assertEqual(consented.status, 200, consented.text())

    def plan(self, page, **fields):
        """A game, made through the API with the page's session."""
        game = draft(LANTERN, LANTERN_GAMES, "A game", max_players=4) | fields
        answer = page.context.request.post("/api/v1/games", data=game, headers={"origin": self.server.url})
        self.assertEqual(answer.status, 201, answer.text())
        return answer.json()

    def card(self, page, game):
        return page.locator(f'tandem-game-card[data-id="{game["id"]}"]')

    def expect_seats(self, card, taken, total):
        expect(card.locator("tandem-wheel")).to_have_attribute(
            "aria-label", f"{taken} of {total} seats taken", timeout=2000
        )

    def wait_until_live(self, page):
        """The page's stream is open, so that what happens from now on must arrive by it."""
        # Asked from here: a page that forbids evaluating strings doesn't let the browser ask itself.
        until(lambda: page.evaluate("document.documentElement.dataset.connection === 'live'"), 30, "the page being live")

    def retry(self, page):
        """Presses "Retry now", unless the page has been quicker."""
        with contextlib.suppress(TimeoutError):
            page.get_by_role("button", name="Retry now").click(timeout=1000)

    def picture(self, page, name):
        page.screenshot(path=pathlib.Path(artefacts) / f"{name}.png")

    def expect_accessible(self, page):
        self.is_examining = True
        self.examined.add(page)
        violations = Axe().run(page).response["violations"]
        page.evaluate("0")  # What the console said until now has been heard.
        self.is_examining = False
        told = [f"{each['id']}: {node['html'][:160]}" for each in violations for node in each["nodes"]]
        self.assertEqual(told, [])
