"""What the user did wrong, and where: one value, one order, one way of printing it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

Severity = Literal["error", "warning"]

# Where something stands in a source: the keys of mappings and, from 0, the places in lists that lead to it.
Path = tuple[str | int, ...]

# The caret line must stay under the text it points at: a longer line is cut to a window around the place.
_WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of an input. `line` and `column` are 1-based; 0 where the fault has no place in the file.

    `code` is a stable slug, documented in docs/problems.md; `source` is the line the place is on, without its end.
    """

    file: str
    line: int = 0
    column: int = 0
    severity: Severity = "error"
    text: str
    code: str
    source: str = ""

    def __str__(self) -> str:
        """Render as `FILE:LINE:COLUMN: error: text [code]`, then the line and a caret where there is a place."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        head = _printable(f"{place}: {self.severity}: {self.text} [{self.code}]")
        return f"{head}\n{_excerpt(self.source, self.column)}" if self.line else head

    def as_json(self) -> dict[str, Any]:
        """Return the problem as plain data; `line` and `column` are null where there is no place."""
        return {
            "file": self.file,
            "line": self.line or None,
            "column": self.column or None,
            "severity": self.severity,
            "code": self.code,
            "text": self.text,
        }


class ProblemsError(Exception):
    """Carry every problem of one run; raised once, after all of them are known."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__()
        self.problems = ordered(problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def failure(file: str, text: str, code: str) -> ProblemsError:
    """Return the one problem of a file that can't be read, or written, as an exception to raise."""
    return ProblemsError([Problem(file=file, text=text, code=code)])


@cache
def nearest(word: str, known: tuple[str, ...]) -> str | None:
    """Return the one of `known` that `word` was most likely meant to be."""
    # Imported here: most runs print no problem.
    from difflib import get_close_matches

    return next(iter(get_close_matches(word.lower(), known, n=1, cutoff=0.6)), None)


def ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by file and place, each once."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.file, p.line, p.column, p.severity, p.code, p.text)))


def _excerpt(source: str, column: int) -> str:
    """Return the line, cut to a window where it is long, and a caret under `column`."""
    start = max(0, column - 1 - _WIDTH * 3 // 4) if len(source) > _WIDTH else 0
    shown = _printable(source[start : start + _WIDTH])
    before = shown[: column - 1 - start]
    # Tabs stay tabs so that the caret lines up however wide the terminal draws them; other control characters
    # (an escape sequence, say) must not reach the terminal.
    pad = "".join("\t" if char == "\t" else " " * _cells(char) for char in before)
    return f"    {shown}\n    {pad}^"


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


def _cells(char: str) -> int:
    """Return how many terminal cells a character takes: 0 for a mark or a skin tone of the last one, 2 for a wide one."""
    # Imported here: most runs print no problem.
    import unicodedata

    if unicodedata.category(char) in {"Mn", "Me"} or "\U0001f3fb" <= char <= "\U0001f3ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
