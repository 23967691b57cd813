"""What is known of a formula while it is read: what is open, and what a script would be set at."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from gen2anki.diagnostics.codes import Code

# What may be nested in one another; more is no formula, and browsers give up at some depth.
MAX_DEPTH: Final = 100
# Further slips of one formula are not told.
_MOST_SLIPS: Final = 10

_SPACE: Final = re.compile(r"\s*")
_BRACE: Final = re.compile(r"\\.|[{}]", re.DOTALL)
_COMMAND: Final = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)

# What the last thing has that a script may be set at.
SUP: Final = 1
SUB: Final = 2
PRIMED: Final = 4
OPERATOR: Final = 8  # \limits may follow
MOVES: Final = 16  # its scripts may stand above and below it
OVER: Final = 32  # something stands above it: a superscript can't follow, but behind a subscript
UNDER: Final = 64  # the same below it


class RefusedError(Exception):
    """MathJax reads no further: what is wrong, and where it begins and ends."""

    def __init__(self, text: str, start: int, end: int, code: Code = Code.MATH_SYNTAX) -> None:
        super().__init__(text)
        self.slip = Slip(start, end, text, code)


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong between two places of a formula."""

    start: int
    end: int
    text: str
    code: Code


@dataclass(slots=True)
class Call:
    """A command, or an environment's beginning, whose arguments are being read."""

    name: str
    start: int
    takes: str
    read: int = 0  # of what it takes
    scripts: int = 0  # of the last thing in its last argument
    is_empty: bool = False  # no words stand in its braces


@dataclass(slots=True)
class Scope:
    r"""Something open: a group, an argument, `\left`, an environment."""

    kind: str  # formula, group, argument, left, begin
    start: int
    name: str = ""
    end: int = -1  # where an argument ends; what else is open, its partner ends
    limit: int = 0  # where the argument around it ends
    call: Call | None = None
    has_cells: bool = False
    scripts: int = 0  # of the last thing in it
    base: int = 0  # where that begins
    pending: str = ""  # a `^` or `_` that waits for its script, a \raise that waits for its box
    pending_at: int = 0
    has_over: bool = False
    is_fresh: bool = True  # nothing stands in the row yet
    is_tagged: bool = False
    has_equation: bool = False


class EnoughError(Exception):
    """So much is wrong with a formula that the rest is not read."""


class State:
    """Where a reader is in a formula."""

    def __init__(self, latex: str) -> None:
        """Begin at the beginning."""
        self._text = latex
        self._at = 0
        self._end = len(latex)
        self._scopes = [Scope("formula", 0, limit=len(latex))]
        self._own: dict[str, str] = {}  # what the formula itself defines, and what that takes
        self._own_environments: set[str] = set()
        self._is_open = False  # it loads packages that we do not know
        self._inner: list[tuple[int, int]] = []  # formulas in its words, which are read by themselves
        self.slips: list[Slip] = []

    def _set(self, start: int, *, operator: bool = False) -> None:
        """Take something that is set: the script that was waited for, or what the next script is set at."""
        scope = self._scopes[-1]
        if scope.pending in {"^", "_"}:
            scope.scripts |= SUP if scope.pending == "^" else SUB
        else:
            scope.scripts = OPERATOR | MOVES if operator else 0
            scope.base = start
        scope.pending = ""
        scope.is_fresh = False

    def _next_cell(self, scope: Scope) -> None:
        scope.scripts, scope.has_over = 0, False

    def _push(self, scope: Scope) -> None:
        if len(self._scopes) > MAX_DEPTH:
            raise RefusedError(f"a formula can't be nested more than {MAX_DEPTH} deep", scope.start, self._at)
        scope.limit = scope.limit or self._scopes[-1].limit
        self._scopes.append(scope)

    def _check_pending(self, scope: Scope) -> None:
        if scope.pending:
            raise self._nothing_behind(scope)

    def _nothing_behind(self, scope: Scope) -> RefusedError:
        at = scope.pending_at
        text = f"nothing stands behind '{scope.pending}': the sign itself is written \\{scope.pending}"
        if scope.pending == "^":
            text = "nothing stands behind '^' that could be a superscript"
        elif scope.pending[0] == "\\":
            text = f"nothing stands behind {scope.pending}"
        return RefusedError(text, at, at + len(scope.pending))

    def _missing(self, call: Call) -> RefusedError:
        count = sum(kind in "mtr" for kind in call.takes)
        name = f"\\begin{call.name}" if call.name.startswith("{") else f"\\{call.name}"
        few = "an argument" if count == 1 else f"{count} arguments"
        return RefusedError(f"{name} needs {few}, {{…}}", call.start, max(self._at, call.start + 1))

    def _unclosed(self, scope: Scope) -> RefusedError:
        if scope.kind == "left":
            return RefusedError("this \\left has no \\right", scope.start, scope.start + 5)
        if scope.kind == "begin":
            text = f"\\begin{{{scope.name}}} has no \\end{{{scope.name}}}"
            return RefusedError(text, scope.start, scope.start + 8 + len(scope.name))
        return RefusedError("this '{' is never closed with '}'", scope.start, scope.start + 1)

    def _without_partner(self, scope: Scope, closer: str, opener: str, start: int) -> RefusedError:
        if scope.kind in {"left", "begin"}:
            return self._unclosed(scope)
        inside = " in this group" if scope.kind in {"group", "argument"} else ""
        return RefusedError(f"this {closer} has no {opener}{inside}", start, self._at)

    def _behind_space(self) -> int:
        found = _SPACE.match(self._text, self._at)
        return found.end() if found else self._at

    def _unit_end(self, at: int) -> int:
        """Return where the group, command or character at a place ends."""
        here = at + (len(self._text[at:]) - len(self._text[at:].lstrip()))
        if here in self._partners:
            return self._partners[here] + 1
        found = _COMMAND.match(self._text, here)
        return found.end() if found else here + 1

    def _slip(self, start: int, end: int, text: str, code: Code) -> None:
        if len(self.slips) == _MOST_SLIPS:
            raise EnoughError
        self.slips.append(Slip(start, end, text, code))

    @cached_property
    def _partners(self) -> dict[int, int]:
        """Return where each brace that is closed ends, by where it begins."""
        partners: dict[int, int] = {}
        opened: list[int] = []
        for found in _BRACE.finditer(self._text):
            if found[0] == "{":
                opened.append(found.start())
            elif found[0] == "}" and opened:
                partners[opened.pop()] = found.start()
        return partners
