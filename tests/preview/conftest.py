"""What the preview's tests share: an author with a lesson that is shown, and a browser of each engine that looks at it."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from author import Author
from gen2anki.cli.commands.preview import session_of
from gen2anki.preview.editor import DEFAULT
from gen2anki.preview.files import watch
from gen2anki.preview.server import Server
from gen2anki.preview.session import Session
from page.conftest import Browsers

TESTS: Final = Path(__file__).parents[1]
# How long a browser may take for what a test waits for, in seconds.
PATIENCE: Final = 20


def session(source: str, against: str | None = None) -> Session:
    """Return a session of a source, as the command makes it; `against` is the package to compare with."""
    return session_of(source, against, DEFAULT, lambda _: None)


@contextmanager
def served(source: Path) -> Iterator[Server]:
    """Serve a source and watch it."""
    done = Event()
    with Server(session(str(source)), 0) as server:
        threads = [
            Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True),
            Thread(target=watch, args=(str(source), server.session.watched, server.session.refresh, done), daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield server
        finally:
            done.set()
            server.shutdown()
            for thread in threads:
                thread.join()


@pytest.fixture
def kinds(author: Author) -> Author:
    """Return an author whose lesson has every kind of card, and a published edition."""
    shutil.copytree(TESTS / "cards" / "media", author.folder / "media")
    author.write((TESTS / "cards" / "kinds.yaml").read_text(encoding="utf-8"))
    author.publish()
    return author


@pytest.fixture
def server(kinds: Author) -> Iterator[Server]:
    """Serve the author's lesson."""
    with served(kinds.source) as server:
        yield server


@pytest.fixture(scope="session")
def browsers() -> Iterator[Browsers]:
    """Return what starts the browsers."""
    with ExitStack() as stack:
        yield Browsers(stack)


class Desk:
    """An author's browser with the preview in it."""

    def __init__(self, driver: WebDriver, server: Server) -> None:
        self.driver, self.server = driver, server

    def open(self, view: str = "") -> None:
        """Open the preview; `view` is what of its address says what is shown."""
        self.driver.switch_to.default_content()
        self.driver.get("about:blank")
        self.driver.get(f"{self.server.address}#{view}")
        self.wait(lambda: self.shown("Front"))

    def size(self, width: int, height: int = 844) -> None:
        """Set the size of the window, in Chromium alone."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)  # type: ignore[attr-defined]

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page, and return what it does."""
        self.driver.switch_to.default_content()
        return self.driver.execute_script(script, *arguments)

    def in_card(self, script: str, *arguments: Any, back: bool = False) -> Any:
        """Run a script in the frame of the front, or of the back."""
        self.driver.switch_to.default_content()
        frames = self.driver.find_elements(By.CSS_SELECTOR, ".screen iframe")
        self.driver.switch_to.frame(frames[back])
        try:
            return self.driver.execute_script(script, *arguments)
        finally:
            self.driver.switch_to.default_content()

    def card(self, *, back: bool = False) -> str:
        """Return the text of a side, in one line."""
        text = self.in_card("return document.getElementById('qa').innerText", back=back)
        return " ".join(text.split())

    def text(self, selector: str) -> str:
        """Return the text that an element of the page shows, in one line."""
        return " ".join(self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector).split())

    def shown(self, title: str) -> bool:
        """Return True if the screen of that title shows a side."""
        script = """return [...document.querySelectorAll(".screen:not([hidden])")].some(
            (one) => one.dataset.shown && one.querySelector("iframe").title === arguments[0])"""
        return bool(self.run(script, title))

    def click(self, selector: str) -> None:
        """Click an element of the page."""
        self.driver.switch_to.default_content()
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def tap(self, selector: str, at: int = 0) -> None:
        """Tap an element of the card's front."""
        self.driver.switch_to.default_content()
        self.driver.switch_to.frame(self.driver.find_element(By.CSS_SELECTOR, ".screen iframe"))
        self.driver.find_elements(By.CSS_SELECTOR, selector)[at].click()
        self.driver.switch_to.default_content()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, with nothing in particular in focus."""
        self.driver.switch_to.default_content()
        self.run("document.activeElement.blur()")
        for key in keys:
            self.driver.find_element(By.TAG_NAME, "body").send_keys(key)

    def wait(self, ready: Callable[[], Any]) -> None:
        """Wait until `ready`."""
        end = time.monotonic() + PATIENCE
        while not ready():
            assert time.monotonic() < end, "the browser did not show it"
            time.sleep(0.02)

    def waits_for(self, text: str, *, back: bool = False) -> None:
        """Wait until a side shows a text."""

        def shows() -> bool:
            try:
                return text in self.card(back=back)
            except WebDriverException:  # WebKitGTK loses sight of a frame now and then, for a moment
                return False

        self.wait(shows)


@pytest.fixture(params=["chromium", "webkit"])
def desk(request: pytest.FixtureRequest, browsers: Browsers, server: Server) -> Desk:
    """Return the preview in each browser."""
    made = Desk(browsers[request.param], server)
    if request.param == "chromium":
        made.size(1400, 900)
    return made


@pytest.fixture
def chromium_desk(browsers: Browsers, server: Server) -> Desk:
    """Return the preview in Chromium, for what only it can do."""
    made = Desk(browsers["chromium"], server)
    made.size(1400, 900)
    return made
