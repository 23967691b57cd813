r"""Puts macros into a formula, in one pass.

As in LaTeX, an argument is a group in braces, a command or a character, and the space behind a macro's name is nothing.
Two things are kinder than LaTeX, so that what is put in stays together: a macro of several characters that is itself a
script or an argument (`x^\T`, `\frac\half2`) gets braces, and so does an argument put in such a place; and a deletion of a
cloze, `{{c1::…}}`, is one argument with its marks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from gen2anki.math.mathjax.tables import TABLES
from gen2anki.math.origins import Origins, Piece

# By how many characters a formula may grow.
MAX_GROWTH: Final = 20_000
# How deep macros may stand in one another's arguments.
MAX_DEPTH: Final = 50

COMMAND: Final = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
_BRACE: Final = re.compile(r"\\.|[{}]", re.DOTALL)
_SPACE: Final = re.compile(r"\s*")
# An argument without braces: a command, the number of an outer macro's argument, a character.
_SINGLE: Final = re.compile(r"\\(?:[A-Za-z]+|.)|#[1-9]|[^{}]", re.DOTALL)
_WHOLE: Final = re.compile(r"\s*(?:\\(?:[A-Za-z]+|.)|[^\\{}])?\s*", re.DOTALL)
_WORD_ENDS: Final = re.compile(r"(?:^|[^\\])(?:\\\\)*\\[A-Za-z]+$")
_DELETION: Final = re.compile(r"\{\{c[0-9]+::")
# Before an argument: a script's sign, or a command, with its star, its brackets and one argument of one character.
_BEFORE: Final = re.compile(r"(?:^|[^\\])([\^_])\s*$|\\([A-Za-z]+)\s*\*?\s*(?:\[[^\[\]]*\]\s*)?([0-9A-Za-z]\s*)?$")
# How far back that is looked for.
_NEAR: Final = 80
_MOST_ARGUMENTS: Final = 4


class TooMuchError(Exception):
    """Macros make a formula too long, or stand too deep in one another."""


class Braces:
    """The braces of a text: where each partner is."""

    def __init__(self, text: str) -> None:
        """Take a text with its escapes."""
        self.ends: dict[int, int] = {}
        self.starts: dict[int, int] = {}
        self.are_paired = True
        opened: list[int] = []
        for found in _BRACE.finditer(text):
            if found[0] == "{":
                opened.append(found.start())
            elif found[0] == "}" and opened:
                start = opened.pop()
                self.ends[start] = found.start()
                self.starts[found.start()] = start
            elif found[0] == "}":
                self.are_paired = False
        self.are_paired = self.are_paired and not opened


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro without other macros in it: texts and, between them, arguments with True where braces may be missing."""

    count: int
    parts: tuple[str | tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A macro in a formula that lacks arguments."""

    name: str
    count: int
    start: int
    end: int


class Expansion:
    """A formula with its macros put in: `made`, and the calls of which arguments are `missing`."""

    def __init__(self, latex: str, macros: Mapping[str, Macro]) -> None:
        """Put macros into a formula; raise TooMuchError where that has no end in sight."""
        self._latex = latex
        self._macros = macros
        self._pieces: list[Piece] = []
        self._left = MAX_GROWTH + len(latex)
        self._tail = ""
        self.missing: list[Missing] = []
        self._range(0, len(latex), 0)
        self.made = Origins(self._pieces)

    @cached_property
    def _braces(self) -> Braces:
        return Braces(self._latex)

    def _range(self, start: int, end: int, depth: int) -> None:
        """Add a part of the formula."""
        if depth > MAX_DEPTH:
            raise TooMuchError
        done, at = start, start
        while found := COMMAND.search(self._latex, at, end):
            at = found.end()
            macro = self._macros.get(found[0])
            if macro is None:
                continue
            self._copy(done, found.start())
            arguments, behind = self._arguments(macro.count, at, end)
            if len(arguments) < macro.count:
                self.missing.append(Missing(found[0], macro.count, found.start(), at))
                self._copy(found.start(), at)
            else:
                self._call(macro, arguments, (found.start(), at), depth)
                at = behind
            done = at
        self._copy(done, end)

    def _arguments(self, count: int, at: int, limit: int) -> tuple[list[tuple[int, int]], int]:
        """Return where the arguments behind a macro begin and end, as far as they are there, and where the rest begins."""
        found: list[tuple[int, int]] = []
        for _ in range(count):
            space = _SPACE.match(self._latex, at, limit)
            at = space.end() if space else at
            end = self._braces.ends.get(at)
            if end is not None and end < limit:
                is_deletion = _DELETION.match(self._latex, at) is not None
                found.append((at, end + 1) if is_deletion else (at + 1, end))
                at = end + 1
            elif single := _SINGLE.match(self._latex, at, limit):
                found.append((at, single.end()))
                at = single.end()
            else:
                break
        return found, at

    def _call(self, macro: Macro, arguments: list[tuple[int, int]], call: tuple[int, int], depth: int) -> None:
        """Add what a macro stands for."""
        start, end = call
        needs_braces = takes_next(self._latex, start, self._braces) and not _is_whole(macro, arguments)
        if needs_braces:
            self._add(Piece("{", start, end, False))
        for part in macro.parts:
            if isinstance(part, str):
                self._add(Piece(part, start, end, False))
                continue
            number, is_bare = part
            first, last = arguments[number - 1]
            is_bare = is_bare and not _WHOLE.fullmatch(self._latex, first, last)
            if is_bare:
                self._add(Piece("{", start, end, False))
            self._range(first, last, depth + 1)
            if is_bare:
                self._add(Piece("}", start, end, False))
        if needs_braces:
            self._add(Piece("}", start, end, False))

    def _copy(self, start: int, end: int) -> None:
        if start < end:
            self._add(Piece(self._latex[start:end], start, end, True))

    def _add(self, piece: Piece) -> None:
        if not piece.text:
            return
        if piece.text[0].isascii() and piece.text[0].isalpha() and _WORD_ENDS.search(self._tail):
            self._pieces.append(Piece(" ", piece.start, piece.start, False))
        self._pieces.append(piece)
        self._tail = (self._tail + piece.text[-_NEAR:])[-_NEAR:]
        self._left -= len(piece.text)
        if self._left < 0:
            raise TooMuchError


def takes_next(text: str, place: int, braces: Braces) -> bool:
    """Return True if what stands before a place takes what stands there for its script or argument."""
    taken = 0
    while True:
        before = text[max(0, place - _NEAR) : place].rstrip()
        if not before.endswith("}") or taken == _MOST_ARGUMENTS:
            break
        start = braces.starts.get(place - (len(text[max(0, place - _NEAR) : place]) - len(before)) - 1)
        if start is None:
            return False
        taken, place = taken + 1, start
    found = _BEFORE.search(before)
    if not found:
        return False
    if found[1]:
        return not taken
    takes = TABLES.commands.get(found[2], "")
    return taken + bool(found[3]) < sum(kind in "mtr" for kind in takes)


def _is_whole(macro: Macro, arguments: list[tuple[int, int]]) -> bool:
    """Return True if a macro stands for one character, command or group."""
    if len(macro.parts) != 1 or not isinstance(macro.parts[0], str):
        return not macro.parts and not arguments
    text = macro.parts[0].strip()
    return _WHOLE.fullmatch(text) is not None or (text.startswith("{") and Braces(text).ends.get(0) == len(text) - 1)
