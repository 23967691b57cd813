"""A client's page in a browser, as the tests handle it."""

from dataclasses import dataclass
from typing import Any

from frames import OLD_DROID, Client
from rendered import Card
from selenium.webdriver.remote.webdriver import WebDriver


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One client in one browser: the tests' hand on a page that shows cards."""

    driver: WebDriver
    client: Client
    address: str
    deck: list[Card]

    def open(self, *, dark: bool = False) -> None:
        """Open the client's page in a theme. Like an app's, it may have shown other cards before."""
        page = f"{self.address}/frame/{self.client.name}"
        if self.driver.current_url != page:
            self.driver.get(page)
        self.run("frame.reset(...given)", self.client.looks(dark=dark))

    def open_side(self, name: str, side: str, *, dark: bool = False) -> None:
        """Open one side of a card as a page of its own, as AnkiDroid's old study screen does."""
        at = next(at for at, card in enumerate(self.deck) if card.name == name)
        query = f"card={at}{'&back=1' if side == 'back' else ''}{'&dark=1' if dark else ''}"
        self.driver.get(f"{self.address}/side/{OLD_DROID.name}?{query}")

    def json(self, name: str) -> dict[str, object]:
        """Return the card of that name as the page takes it."""
        return next(card for card in self.deck if card.name == name).as_json()

    def show(self, name: str, side: str) -> None:
        """Show one side of a card in the open page, as the client does."""
        self.run("await frame.show(given, more)", self.json(name), side)

    def run(self, script: str, given: object = None, more: object = None) -> Any:
        """Run `script`, which may wait, with `given` and `more`; return what it returns."""
        body = f"const done = arguments[2], given = arguments[0], more = arguments[1]; (async () => {{ {script} }})()"
        result = self.driver.execute_async_script(
            f"{body}.then((value) => done([value]), (error) => done([null, String(error)]))", given, more
        )
        if len(result) == 2:
            raise AssertionError(result[1])
        return result[0]

    def errors(self) -> list[str]:
        """Return the script errors since last asked."""
        return self.run("return frame.errors.splice(0)")  # type: ignore[no-any-return]
