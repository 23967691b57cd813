"""Anki's own desktop reviewer, without a screen: a deck in, a picture of both sides of every card out.

A program of its own, because Anki is one: python desktop.py DECK FOLDER light|dark WIDTH HEIGHT. Needs `aqt[qt6]`.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = "--no-sandbox --disable-gpu"
os.environ["ANKI_SOFTWAREOPENGL"] = "1"

import aqt  # after its environment, which Qt reads when it is loaded
from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest
from aqt.profiles import ProfileManager
from aqt.qt import Qt
from aqt.theme import Theme
from PyQt6.QtTest import QTest

# Seconds after which Anki is taken to hang.
PATIENCE = 30
# Runs in the reviewer's page: true once the side is shown and its math and fonts are there.
SETTLED = """(() => {
  if (window.settled === undefined) {
    window.settled = false;
    _queueAction(async () => { await document.fonts.ready; requestAnimationFrame(() => { window.settled = true; }); });
  }
  return window.settled;
})()"""


class Desktop:
    """A running Anki with one deck in it."""

    def __init__(self, base: Path, *, dark: bool) -> None:
        """Start Anki with a fresh profile in `base`."""
        profiles = ProfileManager(base)
        profiles.setupMeta()
        profiles.meta["firstRun"] = False
        profiles.setLang("en_US")
        profiles.create("Learner")
        profiles.openProfile("Learner")
        profiles.set_theme(Theme.DARK if dark else Theme.LIGHT)
        profiles.save()
        app = aqt._run(["anki", "-b", str(base), "-p", "Learner", "-l", "en_US"], exec=False)
        if app is None:
            raise SystemExit("Anki did not start")
        self.app = app
        self.window: Any = aqt.mw
        self.wait(lambda: self.window.state == "deckBrowser")

    def wait(self, ready: Callable[[], bool]) -> None:
        """Let Anki work until `ready`."""
        end = time.monotonic() + PATIENCE
        while not ready():
            if time.monotonic() > end:
                raise SystemExit("Anki does not answer")
            self.app.processEvents()
            time.sleep(0.005)

    def ask(self, script: str) -> Any:
        """Run a script in the reviewer's page; return what it gives."""
        answers: list[Any] = []
        self.window.reviewer.web.evalWithCallback(script, answers.append)
        self.wait(lambda: bool(answers))
        return answers[0]

    def settle(self) -> None:
        """Wait until the side is there to be seen."""
        self.wait(lambda: bool(self.ask(SETTLED)))
        self.ask("delete window.settled")
        self.rest(0.15)

    def review(self, package: Path, *, width: int, height: int) -> None:
        """Import a deck and open its first card."""
        request = ImportAnkiPackageRequest(package_path=str(package), options=ImportAnkiPackageOptions())
        collection = self.window.col
        collection.import_anki_package(request)
        names = collection.decks.all_names_and_ids(skip_empty_default=True)
        deck = next(entry.id for entry in names if "::" not in entry.name)
        config = collection.decks.config_dict_for_deck_id(deck)
        config["new"]["perDay"] = 9999
        config["new"]["bury"] = False
        config["autoplay"] = False  # without a player for sounds Anki opens a dialog
        collection.decks.update_config(config)
        collection.decks.select(deck)
        self.window.show()
        self.window.resize(width, height)
        self.window.moveToState("review")
        self.wait(lambda: self.window.state == "review" and self.window.reviewer.card is not None)

    def choose_second(self) -> None:
        """Select a choice by its digit, which Anki keeps for itself in part: that it arrives, only the real one tells."""
        self.rest(0.5)  # sooner, it is taken for the end of a keystroke that graded the last card
        self.window.reviewer.web.setFocus()
        QTest.keyClick(self.window.windowHandle(), Qt.Key.Key_2)
        self.rest(0.1)
        if self.ask("document.querySelectorAll('.choice')[1].getAttribute('aria-pressed')") != "true":
            raise SystemExit("the digit 2 did not select the second choice")

    def rest(self, seconds: float) -> None:
        """Let Anki work for a while."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end)

    def picture(self, path: Path) -> None:
        """Save what the window shows."""
        self.window.grab().save(str(path))


def main(package: str, folder: str, theme: str, width: str, height: str) -> None:
    """Take a picture of both sides of every card."""
    with tempfile.TemporaryDirectory() as base:
        anki = Desktop(Path(base), dark=theme == "dark")
        anki.review(Path(package), width=int(width), height=int(height))
        reviewer = anki.window.reviewer
        number = 0
        while reviewer.card is not None and anki.window.state == "review":
            card = reviewer.card
            name = f"{number:03}-{card.note()['Id']}-{card.ord + 1}"
            anki.settle()
            if "Choices" in card.note() and card.note()["Choices"]:
                anki.choose_second()
            anki.picture(Path(folder, f"{name}-1front.png"))
            reviewer._showAnswer()
            anki.settle()
            anki.picture(Path(folder, f"{name}-2back.png"))
            # Out of the way, so that the next one comes; bury leaves no trace in what is shown.
            anki.window.col.sched.bury_cards([card.id])
            reviewer.nextCard()
            anki.wait(lambda last=card.id: getattr(reviewer.card, "id", None) != last or anki.window.state != "review")
            number += 1
        os._exit(0)  # Anki would ask and wait on its way out


if __name__ == "__main__":
    main(*sys.argv[1:])
