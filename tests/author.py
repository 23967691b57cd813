"""An author at work: writes a source, runs the command line, publishes what it builds."""

import json
import re
import shutil
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from gen2anki.cli import main
from gen2anki.edition import ledger

# When the first edition of a test is built; each later one a day after. In the past, as every build is.
FIRST_BUILD = 1_760_000_000
DAY = 86_400


@dataclass
class Author:
    """One author with a folder. `now` is what the clock says when the next edition is built, in epoch seconds."""

    folder: Path
    now: int = FIRST_BUILD
    editions: int = 0

    @property
    def source(self) -> Path:
        """Return the lesson's file."""
        return self.folder / "cards.yaml"

    @property
    def ledger(self) -> Path:
        """Return the ledger's file."""
        return self.folder / "cards.lock"

    def write(self, text: str) -> None:
        """Write the lesson's source."""
        self.source.write_text(text, encoding="utf-8")

    def text(self) -> str:
        """Return the lesson's source."""
        return self.source.read_text(encoding="utf-8")

    def replace(self, old: str, new: str) -> None:
        """Replace a text that the source has once."""
        text = self.text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        self.write(text.replace(old, new))

    def cut(self, id: str) -> str:
        """Take a note out of the source; return its lines, from its `- ` on."""
        lines = self.text().splitlines(keepends=True)
        first = next(n for n, line in enumerate(lines) if re.match(rf" *- {{?id: {re.escape(id)}\b", line))
        indent = len(lines[first]) - len(lines[first].lstrip())
        after = first + 1
        while after < len(lines) and len(lines[after]) - len(lines[after].lstrip()) > indent:
            after += 1
        self.write("".join(lines[:first] + lines[after:]))
        return "".join(line[indent:] for line in lines[first:after])

    def add_flashcard(self, note: str) -> None:
        """Put a note, written as `cut` returns it, behind the last flashcard."""
        self.replace("practice:\n", f"{textwrap.indent(note, '  ')}practice:\n")

    def retire(self, id: str) -> None:
        """Withdraw a note."""
        self.cut(id)
        head = "" if "retired:" in self.text() else "retired:\n"
        self.write(f"{self.text()}{head}  - {id}\n")

    def run(self, *arguments: str, color: bool = False) -> Result:
        """Run gen2anki in the author's folder (the current one), at the author's time; `color`: on a terminal."""
        time = {"SOURCE_DATE_EPOCH": str(self.now)}
        return CliRunner().invoke(main, arguments, env=time, catch_exceptions=False, color=color)

    def json(self, *arguments: str) -> dict[str, Any]:
        """Run a command with --json and return what it prints."""
        return json.loads(self.run(*arguments, "--json").stdout)  # type: ignore[no-any-return]

    def publish(self, *arguments: str) -> Path:
        """Build the next edition, which must succeed, let a day go by, and return a copy of the package."""
        result = self.run("build", *arguments)
        assert result.exit_code == 0, result.output
        (package,) = self.folder.glob("*.apkg")
        self.editions += 1
        edition = self.folder / "editions" / f"{self.editions}.apkg"
        edition.parent.mkdir(exist_ok=True)
        shutil.move(package, edition)
        self.now += DAY
        return edition

    def ledger_lines(self) -> dict[str, dict[str, Any]]:
        """Return the ledger's notes by id."""
        lines = self.ledger.read_text(encoding="utf-8").splitlines()[1:]
        return {entry["id"]: entry for entry in map(json.loads, lines)}

    def edit_ledger(self, id: str, **values: Any) -> None:
        """Change values of a note's entry in the ledger, as if gen2anki had written them."""
        known = ledger.read(self.ledger.read_bytes(), self.ledger.name)
        known.entries[id] = known.entries[id]._replace(**values)
        self.ledger.write_bytes(ledger.write(known))
