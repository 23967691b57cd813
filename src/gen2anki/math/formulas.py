"""Checks formulas: what Anki's MathJax stops at, sets red or shows otherwise than it is typed.

math-core, which parses a formula in five microseconds, says of most that they are right. It knows more commands than
MathJax, and takes some in more places; so its word counts where it takes a formula, and the formula has nothing that the
two may differ in. All others are read as MathJax reads them.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.math.deletions import START, sides
from gen2anki.math.expansion import TooMuchError
from gen2anki.math.macros import Macros, missing_arguments
from gen2anki.math.mathjax.tables import TABLES
from gen2anki.math.origins import Origins, Piece
from gen2anki.math.short_way import is_common

if TYPE_CHECKING:
    from gen2anki.math.mathjax.state import Slip

# math-core parses with recursion: what is as short as this can't be nested so deep that it runs out of stack.
_SHORT: Final = 500
_COMMAND: Final = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
# Where a deletion begins; and what ends it, or begins its hint.
_START: Final = re.compile(r"\{\{c([0-9]+)::")
_MARK: Final = re.compile(r"\{\{c[0-9]+::|\}\}|::|[{}]|\\\\.")


def findings(  # noqa: PLR0911 (most formulas are right, and leave at once)
    latex: str, macros: Macros | None = None, *, display: bool, cloze: bool = False
) -> list[Finding]:
    """Return what is wrong with a formula as typed between its dollars; empty where MathJax sets it right.

    `macros` are those of the lesson, which are put in first. `where` of each finding is the part of the formula to point
    at, made so long that it stands nowhere before. With `cloze`, deletions in the formula are read as Anki shows them.
    """
    try:
        expansion = macros.expansion(latex) if macros and macros.are_in(latex) else None
    except TooMuchError:
        return [Finding("with its macros put in, this formula is too long", Code.MATH_MACRO, latex[:1])]
    if macros and macros.has_faulty(latex):
        return []  # the macro's own fault is told
    if expansion and (missing := next(iter(expansion.missing), None)):
        text = missing_arguments(missing.name, missing.count)
        return [Finding(text, Code.MATH_MACRO, pointer(latex, missing.start, missing.end))]
    if cloze and START.search(latex):
        made = expansion.made if expansion else Origins([Piece(latex, 0, len(latex), True)])
        return _in_cloze(latex, made, display=display)
    if is_plain(expansion.made.text if expansion else latex, display=display):
        return []
    if not expansion:
        return [_finding(latex, slip, slip.start, slip.end) for slip in _slips(latex)]
    made = expansion.made
    return [_finding(latex, slip, *made.source(slip.start, slip.end)) for slip in _slips(made.text)]


def _in_cloze(latex: str, made: Origins, *, display: bool) -> list[Finding]:
    """Return what is wrong with a formula that has deletions: on the answer's side, else on a question's.

    `made` is the formula with its macros put in.
    """
    answer, questions = sides(made.text)
    if found := _on_side(latex, made, answer, display=display):
        return found
    for number, question in questions.items():
        if found := _on_side(latex, made, question, display=display):
            text = f"where c{number} is hidden, its place holds '[…]' or its hint, and {found[0].text}"
            return [found[0]._replace(text=text)]
    return []


def _on_side(latex: str, made: Origins, side: Origins, *, display: bool) -> list[Finding]:
    """Return what is wrong with one side of a cloze's formula."""
    if is_plain(side.text, display=display):
        return []
    slips = _slips(side.text)
    return [_finding(latex, slip, *made.source(*side.source(slip.start, slip.end))) for slip in slips]


def is_plain(latex: str, *, display: bool) -> bool:
    """Return True if math-core takes a formula, and has no other idea than MathJax of anything in it."""
    if len(latex) > _SHORT or not latex.isascii():
        return False
    if is_common(latex):
        return True
    commands = _COMMAND.findall(latex)
    if not TABLES.same.issuperset(commands) or _may_differ(latex, commands):
        return False
    return _parser()(latex, display)


def pointer(latex: str, start: int, end: int) -> str:
    """Return a part of a formula, longer where it stands before, too: up to its line's end, then from further left."""
    line_end = latex.find("\n", start)
    line_end = len(latex) if line_end < 0 else line_end
    end = max(start, min(end, line_end))
    while latex.find(latex[start:end]) < start and end < line_end:
        end = min(line_end, start + 2 * (end - start) + 1)
    line_start, step = latex.rfind("\n", 0, start) + 1, 1
    while latex.find(latex[start:end]) < start and start > line_start:
        start, step = max(line_start, start - step), 2 * step
    return latex[start:end]


def _finding(latex: str, slip: "Slip", start: int, end: int) -> Finding:
    return Finding(slip.text, slip.code, pointer(latex, start, end))


def _slips(latex: str) -> "list[Slip]":
    """Return what MathJax does not set right in a formula."""
    # Imported here: most lessons have no such formula.
    from gen2anki.math.mathjax.reader import Reader

    return Reader(latex).read()


@cache
def _parser() -> Callable[[str, bool], bool]:
    """Return what returns True if math-core takes a formula, which may be a display."""
    # Imported here: most formulas are common.
    from math_core import LatexError, LatexToMathML

    convert = LatexToMathML(fancy_error=False).convert_with_local_state

    def takes(latex: str, is_display: bool) -> bool:
        try:
            convert(latex, displaystyle=is_display)
        except LatexError:
            return False
        return True

    return takes


# A comment; an entity; a length behind a line's end; two scripts' signs in a row; a prime that may be a second superscript.
_ODD: Final = re.compile(r"%|&#?\w+;|\\\\\*?\[|[\^_]\s*(?:['^_]|\\\\)|\^[^']*'|'\s*_")
# A command whose first argument, or second, would be a command, a sign or nothing; and a script that is a command.
_BEFORE_COMMAND: Final = re.compile(r"\\([A-Za-z]+)\s*(?:\[[^\]]*\]\s*)?(?=[\\^_'&])")
_BEFORE_SECOND: Final = re.compile(r"\\([A-Za-z]+)(?:\s+[A-Za-z]|\s*[^\\{\s\[A-Za-z])\s*(?=[\\^_'&])")
_SCRIPT: Final = re.compile(r"[\^_]\s*\\([A-Za-z]+)")
# Words with an escape, math or braces in them, or without any.
_WORDS: Final = re.compile(r"\\([A-Za-z]+)\s*(?:\\|\{[^{}]*[\\${]|\{\s*\})")
_ENVIRONMENT: Final = re.compile(r"\\begin\s*\{([^{}]*)\}")


@cache
def _names() -> tuple[frozenset[str], ...]:
    """Return the commands with arguments, with several, with words, the last with their backslash, and no scripts."""
    takes = {name: kinds.strip("oOs") for name, kinds in TABLES.commands.items()}
    taking = frozenset(name for name, kinds in takes.items() if kinds)
    several = frozenset(name for name in taking if len(takes[name]) > 1)
    words = frozenset(name for name in taking if "t" in takes[name])
    return taking, several, words, frozenset(f"\\{name}" for name in words), TABLES.needs_braces | TABLES.operators


def _may_differ(latex: str, commands: list[str]) -> bool:
    """Return True if a formula has what math-core takes and MathJax may not, or sets otherwise."""
    taking, several, words, worded, scripts = _names()
    return (
        _ODD.search(latex) is not None
        or not taking.isdisjoint(_BEFORE_COMMAND.findall(latex))
        or not several.isdisjoint(_BEFORE_SECOND.findall(latex))
        or not scripts.isdisjoint(_SCRIPT.findall(latex))
        or (not worded.isdisjoint(commands) and not words.isdisjoint(_WORDS.findall(latex)))
        or ("\\begin" in commands and not TABLES.equations.isdisjoint(_ENVIRONMENT.findall(latex)))
    )
