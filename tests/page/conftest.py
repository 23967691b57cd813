"""What the page's tests share: the pages, a server that remembers what it was asked for, one browser of each engine."""

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from selenium.webdriver.remote.webdriver import WebDriver

from cards.browsers import NoBrowserError, chromium, display, webkit
from gen2anki.cli import main

TESTS: Final = Path(__file__).parents[1]
ROOT: Final = TESTS.parent


def missing(reason: str) -> None:
    """Skip for want of a browser, or fail where the run has to have them all."""
    if os.environ.get("GEN2ANKI_REQUIRE_BROWSERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the pages of the shipped lesson and of every kind of card, and their index."""
    folder = tmp_path_factory.mktemp("site")
    kinds = folder / "kinds-source"
    shutil.copytree(TESTS / "cards" / "media", kinds / "media")
    shutil.copy(TESTS / "cards" / "kinds.yaml", kinds)
    sources = [str(ROOT / "cards.yaml"), str(kinds / "kinds.yaml"), str(TESTS / "page" / "odd.yaml")]
    result = CliRunner().invoke(main, ["page", *sources, "-o", f"{folder}/site/"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return folder / "site"


class Server:
    """Serves a folder; `asked` are the paths of all requests."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                asked.append(self.path)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def server(site: Path) -> Iterator[Server]:
    """Serve the pages."""
    made = Server(site)
    yield made
    made.close()


class Browsers(dict[str, WebDriver]):
    """Starts a browser when it is first asked for; ends them all with the run."""

    def __init__(self, stack: ExitStack) -> None:
        super().__init__()
        self._stack = stack
        self.screen = ""

    def shown_on(self) -> str:
        """Return the name of the X server."""
        try:
            self.screen = self.screen or self._stack.enter_context(display())
        except NoBrowserError as error:
            missing(str(error))
        return self.screen

    def __missing__(self, name: str) -> WebDriver:
        try:
            if name == "chromium":
                self[name] = self._stack.enter_context(chromium(900, 900))
            else:
                self[name] = self._stack.enter_context(webkit(900, 900, self.shown_on()))
        except NoBrowserError as error:
            missing(str(error))
        return self[name]


@pytest.fixture(scope="session")
def browsers() -> Iterator[Browsers]:
    """Return what starts the browsers."""
    with ExitStack() as stack:
        yield Browsers(stack)


class Reader:
    """A reader with a browser, at a page."""

    def __init__(self, driver: WebDriver, address: str) -> None:
        self.driver = driver
        self._address = address

    def open(self, name: str = "what-is-generative", *, anew: bool = True) -> None:
        """Open a page, for the first time, or `anew` false, once more."""
        self.driver.get(f"{self._address}/{name}.html")
        if anew:
            self.run("localStorage.clear()")
            self.driver.get(f"{self._address}/{name}.html")

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page, and return what it does."""
        return self.driver.execute_script(script, *arguments)

    def text(self, selector: str) -> str:
        """Return the text that an element shows, in one line."""
        found: str = self.run("return document.querySelector(arguments[0]).innerText", selector)
        return " ".join(found.split())

    def tells(self, selector: str, text: str) -> bool:
        """Return True if an element shows a text, within a second: browsers tell of what opens a little later."""
        end = time.monotonic() + 1
        while (found := self.text(selector)) != text and time.monotonic() < end:
            time.sleep(0.02)
        return found == text

    def click(self, selector: str) -> None:
        """Click an element."""
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", selector)
        self.driver.find_element("css selector", selector).click()

    def emulate(self, **features: str) -> None:
        """Set what the reader's system asks for, such as `prefers_color_scheme="dark"`; in Chromium alone."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": named})  # type: ignore[attr-defined]


@pytest.fixture(params=["chromium", "webkit"])
def reader(request: pytest.FixtureRequest, browsers: Browsers, server: Server) -> Reader:
    """Return a reader with each engine in turn."""
    return Reader(browsers[request.param], server.address)


@pytest.fixture
def chromium_reader(browsers: Browsers, server: Server) -> Iterator[Reader]:
    """Return a reader with Chromium, for what only it can tell."""
    made = Reader(browsers["chromium"], server.address)
    yield made
    made.emulate()
    with contextlib.suppress(Exception):
        made.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})  # type: ignore[attr-defined]
