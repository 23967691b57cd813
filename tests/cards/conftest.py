"""What the card tests share: the cards, the frames, and one browser of each engine for the whole run."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from browsers import NoBrowserError, chromium, display, webkit
from frames import CLIENTS, DROID, IPAD, IPHONE, served, web_files
from rendered import Card, build, cards
from screens import Screen
from selenium.webdriver.remote.webdriver import WebDriver

HERE = Path(__file__).parent
LESSON = HERE.parents[1] / "cards.yaml"


def missing(reason: str) -> None:
    """Skip for want of a browser, or fail where the run has to have them all."""
    if os.environ.get("GEN2ANKI_REQUIRE_BROWSERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def deck(tmp_path_factory: pytest.TempPathFactory) -> list[Card]:
    """Every kind of card, then the whole lesson, as real Anki renders them."""
    found = []
    for source in (HERE / "kinds.yaml", HERE / "readings.yaml", LESSON):
        folder = tmp_path_factory.mktemp(source.stem)
        found += cards(build(source, folder / "source"), folder)
    return found


@pytest.fixture(scope="session")
def address(deck: list[Card], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the frames are served."""
    web = web_files()
    if web is None:
        missing("Anki's web files are not installed (pip install --no-deps aqt)")
        raise AssertionError
    media = next(tmp_path_factory.getbasetemp().glob("kinds*/collection.media"))
    with served(deck, web, media) as address:
        yield address


@pytest.fixture(scope="session")
def _drivers() -> Iterator[dict[str, WebDriver]]:
    with ExitStack() as stack:
        yield _Drivers(stack)


class _Drivers(dict[str, WebDriver]):
    """Starts a client's browser when it is first asked for; ends them all with the run."""

    def __init__(self, stack: ExitStack) -> None:
        super().__init__()
        self._stack = stack
        self._display: str | None = None

    def __missing__(self, name: str) -> WebDriver:
        try:
            if name == DROID.name:
                self[name] = self._stack.enter_context(chromium(412, 915))
            else:
                self._display = self._display or self._stack.enter_context(display())
                width, height = (820, 1180) if name == IPAD.name else (390, 844)
                self[name] = self._stack.enter_context(webkit(width, height, self._display))
        except NoBrowserError as error:
            missing(str(error))
        return self[name]


def _screen(name: str, drivers: dict[str, WebDriver], address: str, deck: list[Card]) -> Screen:
    return Screen(driver=drivers[name], client=CLIENTS[name], address=address, deck=deck)


@pytest.fixture(params=[DROID.name, IPHONE.name, IPAD.name])
def screen(request: pytest.FixtureRequest, _drivers: dict[str, WebDriver], address: str, deck: list[Card]) -> Screen:
    """Each phone and tablet in turn."""
    return _screen(request.param, _drivers, address, deck)


@pytest.fixture(params=[DROID.name, IPHONE.name])
def phone(request: pytest.FixtureRequest, _drivers: dict[str, WebDriver], address: str, deck: list[Card]) -> Screen:
    """Each phone in turn: one of each engine."""
    return _screen(request.param, _drivers, address, deck)


@pytest.fixture
def droid(_drivers: dict[str, WebDriver], address: str, deck: list[Card]) -> Screen:
    """Chromium alone, for what only it can tell."""
    return _screen(DROID.name, _drivers, address, deck)
