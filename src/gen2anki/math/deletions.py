"""A formula with deletions, as Anki shows it: on the answer's side without their marks, on a question's with one hidden."""

import re
from typing import Final

from gen2anki.math.origins import Origins, Piece

# Where a deletion begins; to Anki, only these ten are digits.
START: Final = re.compile(r"\{\{c([0-9]+)::")
_MARK: Final = re.compile(r"\{\{c([0-9]+)::|\\.|[{}]|::", re.DOTALL)


def sides(latex: str) -> tuple[Origins, dict[str, Origins]]:
    """Return a formula as the answer's side shows it, and as the question of each number does.

    A deletion ends where its braces do, and its hint begins at its own `::`: others are parted when a cloze is rendered.
    """
    answer, numbers = _without_marks(latex, "")
    return answer, {number: _without_marks(latex, number)[0] for number in numbers}


def _without_marks(latex: str, hide: str) -> tuple[Origins, list[str]]:  # noqa: C901 (one pass over the marks)
    """Return a formula without the marks of its deletions, with those numbered `hide` hidden; and all numbers, each once."""
    pieces: list[Piece] = []
    numbers: dict[str, None] = {}
    opened: list[tuple[str, int]] = []  # the number of each deletion around a place, empty for a brace, and its start
    done = hint = 0
    skipped = -1  # how many are open outside of the one that is hidden, or whose hint is being read

    for mark in _MARK.finditer(latex):
        if mark.start() < done:  # the second brace of a deletion's end
            continue
        number = opened[-1][0] if opened else ""
        ends = bool(number) and latex.startswith("}}", mark.start())
        if skipped < 0 and (mark[1] or ends or (mark[0] == "::" and number)):
            pieces.append(Piece(latex[done : mark.start()], done, mark.start(), True))
            done = mark.end()
        if mark[1]:
            opened.append((mark[1], mark.start()))
            numbers[mark[1]] = None
            if skipped < 0 and mark[1] == hide:
                skipped, hint = len(opened), 0
        elif mark[0] == "{":
            opened.append(("", mark.start()))
        elif mark[0] == "::" and number and skipped in {-1, len(opened)}:
            hint = hint or mark.end()
            skipped = len(opened)
        elif ends:
            if skipped == len(opened):
                if number == hide:
                    shown = f"[{latex[hint : mark.start()]}]" if hint else "[...]"
                    pieces.append(Piece(shown, opened[-1][1], mark.start() + 2, False))
                skipped = -1
            done = mark.start() + 2 if skipped < 0 else done
            opened.pop()
            hint = 0
        elif mark[0] == "}" and opened and not number:
            opened.pop()
    if skipped < 0:
        pieces.append(Piece(latex[done:], done, len(latex), True))
    return Origins(pieces), list(numbers)
