r"""Reads a formula as MathJax does, and finds where MathJax would stop or show it wrong.

MathJax reads with a stack of what is open, and each argument by itself. So does this, without recursion and in one pass:
an argument in braces is opened like a group, and remembers which command goes on behind it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.math.tables import TABLES
from gen2anki.math.words import unknown_command, unknown_environment

# What may be nested in one another; more is no formula, and browsers give up at some depth.
MAX_DEPTH: Final = 100

# A formula's parts: a command, space, a character of its own meaning, others.
_PART: Final = re.compile(r"\\(?:[A-Za-z]+|.|$)|\s+|[{}^_'’&%#]|[^\\{}^_'’&%#\s]+", re.DOTALL)
_SPACE: Final = re.compile(r"\s*")
_BRACE: Final = re.compile(r"\\.|[{}]", re.DOTALL)
_BRACKET: Final = re.compile(r"\\.|[{}\]]", re.DOTALL)
_COMMAND: Final = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
_LENGTH: Final = re.compile(r"\s*[-+]?(?:\.\d+|\d+(?:[.,]\d*)?)\s*(?:pt|em|ex|mu|px|mm|cm|in|pc)")
_ENTITY: Final = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]+|#[0-9]+|#x[0-9A-Fa-f]+);")
# What MathJax stops at outside of \text: the gaps in its table of Unicode's blocks.
ODD_CHARACTER: Final = re.compile(
    "[\x80-\x9f\u0250-\u02af\u1a21-\u1aaf\u20a0-\u20ff\u2400-\u245f\u2de1-\u2dff\u2fe0-\u2fef\ua4a0-\ua4cf\ue000-\uf8ff]"
)
# In \text, what MathJax does not show as it stands: an escape, math, a reference.
_IN_TEXT: Final = re.compile(r"\\(?:[${}\\]|(?:eq)?ref\s*\{|[A-Za-z]+|.)|\$|&[A-Za-z]\w+;", re.DOTALL)
_ESCAPED_IN_TEXT: Final = frozenset(("\\$", "\\{", "\\}", "\\\\"))
# Environments whose contents are no formula, or not one alone: what stands in them is not looked at.
_OPAQUE: Final = frozenset(
    ("CD", "prooftree", "empheq", "cases*", "dcases*", "rcases*", "drcases*", "numcases", "subnumcases", "spreadlines")
)
# Commands whose argument has cells.
_WITH_CELLS: Final = frozenset(
    ("matrix", "pmatrix", "cases", "array", "eqalign", "eqalignno", "leqalignno", "displaylines", "substack")
) | {"crampedsubstack"}
_OVER: Final = frozenset(("over", "atop", "choose", "brace", "brack", "above", "overwithdelims", "atopwithdelims")) | {
    "abovewithdelims"
}
_STYLES: Final = frozenset(
    ("displaystyle", "textstyle", "scriptstyle", "scriptscriptstyle", "color", "tiny", "Tiny")
) | {*("scriptsize", "small", "normalsize", "large", "Large", "LARGE", "huge", "Huge", "require", "buildrel")}
_BOXES: Final = frozenset(("raise", "lower", "moveleft", "moveright"))
_NEED_BRACES: Final = (TABLES.needs_braces | _BOXES) - TABLES.silent
_REFERENCES: Final = frozenset(("ref", "eqref", "refeq"))

# What the last thing has that a script may be set at.
_SUP: Final = 1
_SUB: Final = 2
_PRIMED: Final = 4
_OPERATOR: Final = 8  # \limits may follow
_MOVES: Final = 16  # its scripts may stand above and below it


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
class _Call:
    """A command, or an environment's beginning, whose arguments are being read."""

    name: str
    start: int
    takes: str
    read: int = 0  # of what it takes
    scripts: int = 0  # of the last thing in its last argument
    is_empty: bool = False  # no words stand in its braces


@dataclass(slots=True)
class _Scope:
    """Something open: a group, an argument, `\\left`, an environment."""

    kind: str  # formula, group, argument, left, begin
    start: int
    name: str = ""
    end: int = -1  # where an argument ends; what else is open, its partner ends
    limit: int = 0  # where the argument around it ends
    call: _Call | None = None
    has_cells: bool = False
    scripts: int = 0  # of the last thing in it
    base: int = 0  # where that begins
    pending: str = ""  # a `^` or `_` that waits for its script, a \raise that waits for its box
    pending_at: int = 0
    has_over: bool = False
    is_fresh: bool = True  # nothing stands in the row yet
    is_tagged: bool = False
    has_equation: bool = False


class Reader:
    """Reads one formula; `slips` are what MathJax shows wrong, in order, with what it stops at as the last."""

    def __init__(self, latex: str, start: int = 0, end: int | None = None, depth: int = 0) -> None:
        """Take a formula, which is a part of a text where `start` and `end` are given."""
        self._text = latex
        self._at = start
        self._end = len(latex) if end is None else end
        self._depth = depth  # of formulas in the words of formulas
        self._scopes = [_Scope("formula", start, limit=self._end)]
        self._own: dict[str, str] = {}  # what the formula itself defines, and what that takes
        self._own_environments: set[str] = set()
        self._is_open = False  # it loads packages that we do not know
        self.slips: list[Slip] = []

    def read(self) -> list[Slip]:
        """Return what is wrong."""
        try:
            self._read()
        except RefusedError as refused:
            self.slips.append(refused.slip)
        return self.slips

    def _read(self) -> None:
        text = self._text
        while True:
            scope = self._scopes[-1]
            if self._at >= scope.limit:
                if self._end_of(scope):
                    return
                continue
            part = _PART.match(text, self._at, scope.limit)
            if part is None:  # cannot be: each character is one
                raise AssertionError
            word, start = part[0], self._at
            self._at = part.end()
            act = _ACTS.get(word[0])
            if act is not None:
                act(self, word, start)
            elif not word.isspace():
                self._characters(word, start)

    def _end_of(self, scope: _Scope) -> bool:
        """Take the end of an argument, or of the formula; return True at the latter."""
        if scope.kind == "argument" or scope.kind == "formula":
            self._check_pending(scope)
            if scope.kind == "formula":
                return True
            self._scopes.pop()
            self._at = scope.end + 1
            if scope.call:
                scope.call.scripts = scope.scripts
                self._arguments(scope.call)
            return False
        raise self._unclosed(scope)

    # Characters

    def _characters(self, word: str, start: int) -> None:
        if not word.isascii():
            for odd in ODD_CHARACTER.finditer(word):
                text = f"MathJax can't set '{odd[0]}' in math: write \\text{{{odd[0]}}}"
                self._slip(start + odd.start(), start + odd.end(), text, Code.MATH_CHARACTER)
        scope = self._scopes[-1]
        if scope.pending and len(word) > 1:
            self._set(start)
        self._set(self._at - 1, operator="\u220f" <= word[-1] <= "\u2211" or "\u222b" <= word[-1] <= "\u2233")

    def _open(self, _word: str, start: int) -> None:
        if start not in self._partners:
            raise RefusedError("this '{' is never closed with '}'", start, start + 1)
        self._push(_Scope("group", start))

    def _close(self, _word: str, start: int) -> None:
        scope = self._scopes[-1]
        if scope.kind == "group":
            self._check_pending(scope)
            self._scopes.pop()
            self._set(scope.start, operator=bool(scope.scripts & _OPERATOR))
            self._scopes[-1].scripts &= ~_MOVES
            return
        if scope.kind in {"left", "begin"}:
            raise self._unclosed(scope)
        raise RefusedError("this '}' closes nothing: a brace to show is written \\}", start, start + 1)

    def _script(self, word: str, start: int) -> None:
        scope = self._scopes[-1]
        if scope.pending in {"^", "_"}:
            raise self._nothing_behind(scope)
        bit, name = (_SUP, "superscript") if word == "^" else (_SUB, "subscript")
        if scope.scripts & bit:
            text = f"two {name}s in a row: put braces around what the second belongs to"
            raise RefusedError(text, start, self._unit_end(start + 1))
        if scope.scripts & _PRIMED:
            scope.scripts = scope.scripts & ~_PRIMED | _SUP if bit == _SUB else scope.scripts & ~_PRIMED
        scope.pending, scope.pending_at = word, start
        scope.is_fresh = False

    def _prime(self, _word: str, start: int) -> None:
        scope = self._scopes[-1]
        if scope.pending in {"^", "_"}:
            raise self._nothing_behind(scope)
        if scope.scripts & _SUP and not scope.scripts & _MOVES:
            text = "a prime behind a superscript is a second one: write it first, or put braces around the two"
            raise RefusedError(text, start, start + 1)
        scope.scripts |= _PRIMED
        scope.is_fresh = False

    def _cell(self, _word: str, start: int) -> None:
        if entity := _ENTITY.match(self._text, start):
            sign = {"&lt;": "<", "&gt;": ">", "&amp;": "\\&", "&nbsp;": "~"}.get(entity[0], "the character itself")
            raise RefusedError(f"math knows no '{entity[0]}': write {sign}", start, entity.end(), Code.MATH_CHARACTER)
        scope = self._scopes[-1]
        self._check_pending(scope)
        if not scope.has_cells:
            text = "'&' parts the cells of a table, such as {matrix} or {aligned}: the sign itself is written \\&"
            raise RefusedError(text, start, start + 1)
        self._next_cell(scope)
        scope.is_fresh = False

    def _comment(self, _word: str, start: int) -> None:
        scope = self._scopes[-1]
        line_end = self._text.find("\n", start, scope.limit)
        if line_end < 0:
            line_end = scope.limit
            if self._text.find("\n", start, self._end) < 0:
                text = "in math, '%' and all behind it is left out: write '\\%'"
                self._slip(start, line_end, text, Code.MATH_PERCENT)
        self._at = line_end

    def _hash(self, _word: str, start: int) -> None:
        raise RefusedError("'#' can't stand in math: write \\#", start, start + 1)

    # Commands

    def _command(self, word: str, start: int) -> None:
        name = word[1:]
        scope = self._scopes[-1]
        if not name:
            raise RefusedError("a backslash can't end a formula", start, start + 1)
        if act := _COMMANDS.get(name):
            act(self, name, start)
            return
        takes = self._takes(name, start)
        if scope.pending in {"^", "_"} and name in _NEED_BRACES and name not in self._own:
            script = self._text[scope.pending_at]
            text = f"\\{name} can't be a script as it stands: write {script}{{\\{name} …}}"
            raise RefusedError(text, scope.pending_at, self._at)
        if name in _OVER:
            if scope.has_over:
                text = f"'\\{name}' stands twice in one group: put braces around one of them"
                raise RefusedError(text, start, self._at)
            scope.has_over = True
        self._arguments(_Call(name, start, takes))

    def _takes(self, name: str, start: int) -> str:
        """Return what a command takes; tell where there is none of that name."""
        takes = self._own.get(name)
        if takes is None:
            takes = TABLES.commands.get(name)
        if name in TABLES.proofs:
            raise RefusedError(f"\\{name} can stand only in {{prooftree}}", start, start + len(name) + 1)
        if takes is None:
            if not self._is_open:
                self._slip(start, start + len(name) + 1, unknown_command(name), Code.MATH_COMMAND)
            return ""
        return takes

    def _arguments(self, call: _Call) -> None:
        """Read what a command takes, as far as the next argument in math that stands in braces."""
        while call.read < len(call.takes):
            kind = call.takes[call.read]
            call.read += 1
            limit = self._scopes[-1].limit
            here = self._behind_space()
            sign = self._text[here : here + 1] if here < limit else ""
            if kind in "oO":
                if sign == "[" and self._brackets(call, here, in_math=kind == "O"):
                    return
            elif kind == "s":
                self._at = here + 1 if sign == "*" else self._at
            elif kind in "dD":
                self._delimiter(call.name, call.start, may_have_braces=kind == "D")
            elif kind == "l":
                self._length(call, here)
            elif sign in {"", "}"}:
                raise self._missing(call)
            elif sign == "{":
                if self._argument(call, kind, here):
                    return
            elif kind == "m" or sign == "\\":
                self._single(call, kind, here)
            else:
                self._at = here + 1
        self._called(call)

    def _argument(self, call: _Call, kind: str, here: int) -> bool:
        """Take an argument in braces; return True where it is open now, and the rest comes later."""
        end = self._partners.get(here)
        if end is None:
            raise RefusedError("this '{' is never closed with '}'", here, here + 1)
        if kind == "m":
            self._at = here + 1
            cells = call.name in _WITH_CELLS
            self._push(_Scope("argument", here, end=end, limit=end, call=call, has_cells=cells))
            return True
        if kind == "t":
            self._words(here + 1, end)
            call.is_empty = end == here + 1
        elif call.name in {"ce", "pu"}:
            self._chemistry(here + 1, end)
        self._at = end + 1
        return False

    def _single(self, call: _Call, kind: str, here: int) -> None:
        """Take an argument without braces: one character or one command, which MathJax reads by itself."""
        word = _COMMAND.match(self._text, here, self._scopes[-1].limit)
        if word is None:
            self._at = here + 1
            sign = self._text[here]
            if sign in "^_&#%":
                raise RefusedError(
                    f"\\{call.name} needs an argument in braces here, not '{sign}'", call.start, self._at
                )
            if ODD_CHARACTER.match(sign):
                self._characters(sign, here)
            return
        self._at = word.end()
        name = word[0][1:]
        if kind == "t":
            text = f"\\{call.name} shows '{word[0]}' as it is typed: words stand in braces"
            self._slip(here, word.end(), text, Code.MATH_TEXT)
            return
        if kind != "m":
            return
        if name == "frac" and call.name == "sqrt":
            inner = _Call(name, here, "mm")
            call.takes += inner.takes
            return
        takes = self._takes(name, here)
        if takes.strip("oOs") or (name in _COMMANDS and name != "\\"):
            text = f"{word[0]} behind \\{call.name} stands in braces, with what it takes: \\{call.name}{{{word[0]} …}}"
            raise RefusedError(text, call.start, word.end())

    def _brackets(self, call: _Call, here: int, *, in_math: bool) -> bool:
        """Take […]; return True where it is open now, and the rest comes later."""
        limit, at = self._scopes[-1].limit, here + 1
        while found := _BRACKET.search(self._text, at, limit):
            at = found.end()
            if found[0] == "]":
                self._at = here + 1 if in_math else at
                if in_math:
                    end = found.start()
                    self._push(_Scope("argument", here, end=end, limit=end, call=call))
                return in_math
            if found[0] == "}":
                break
            if found[0] == "{":
                at = self._partners.get(found.start(), limit) + 1
        raise RefusedError(f"the '[' of \\{call.name} is never closed with ']'", here, here + 1)

    def _delimiter(self, name: str, start: int, *, may_have_braces: bool = False) -> None:
        here, limit = self._behind_space(), self._scopes[-1].limit
        end = here + 1
        if word := _COMMAND.match(self._text, here, limit):
            end = word.end()
        elif may_have_braces and self._text[here : here + 1] == "{":
            end = self._partners.get(here, limit) + 1
        sign = self._text[here : min(end, limit)]
        self._at = min(end, limit)
        shown = sign[1:-1].strip() if may_have_braces and len(sign) > 1 and sign[0] == "{" else sign
        if shown not in TABLES.delimiters:
            cure = f"write \\{name}\\{sign}" if sign in {"{", "}"} else f"'\\{name}.' has none to show"
            raise RefusedError(f"\\{name} needs a delimiter, such as ( or \\{{: {cure}", start, self._at)

    def _length(self, call: _Call, here: int) -> None:
        limit = self._scopes[-1].limit
        inside = self._text[here : here + 1] == "{" and here in self._partners
        end = self._partners[here] if inside else limit
        found = _LENGTH.match(self._text, here + inside, end)
        if found and (not inside or self._text[found.end() : end].isspace() or found.end() == end):
            self._at = end + 1 if inside else found.end()
            return
        text = f"\\{call.name} needs a length with its unit, such as 1em or 3pt"
        raise RefusedError(text, call.start, min(self._unit_end(self._at), limit))

    def _called(self, call: _Call) -> None:
        """Take what a command makes of its arguments."""
        name, scope = call.name, self._scopes[-1]
        if call.takes and call.name.startswith("{"):  # an environment's
            self._begun(call)
        elif name in _OVER or name in _STYLES:
            scope.scripts = 0
            scope.is_fresh = False
        elif name in _BOXES:
            scope.pending, scope.pending_at = f"\\{name}", call.start
        elif name == "label" or name in _REFERENCES:
            self._label(name, call.start)
        elif name == "tag":
            self._tagged(call.start)
        elif name == "require":
            self._is_open = True
        elif name not in TABLES.silent and not (call.takes == "t" and call.is_empty):
            self._set(call.start, operator=name in TABLES.operators)
            if name in TABLES.transparent:
                scope.scripts = call.scripts
            scope.scripts |= _SUP * (name in TABLES.with_superscript) | _SUB * (name in TABLES.with_subscript)

    def _label(self, name: str, start: int) -> None:
        text = "MathJax takes no \\label twice, and a card shows its question twice: take it out"
        if name != "label":
            text = f"Anki numbers no formulas, and MathJax shows ??? for \\{name}: write the number itself"
        self._slip(start, start + len(name) + 1, text, Code.MATH_LABEL)
        if name != "label":
            self._set(start)

    def _tagged(self, start: int) -> None:
        scope = next((scope for scope in reversed(self._scopes) if _numbers(scope)), self._scopes[0])
        if scope.name in TABLES.without_tags:
            raise RefusedError(f"\\tag can't stand in {{{scope.name}}}: put it behind it", start, start + 4)
        if scope.is_tagged:
            raise RefusedError("a line can have one \\tag", start, start + 4)
        scope.is_tagged = True

    # Commands that are read in a way of their own

    def _left(self, name: str, start: int) -> None:
        self._delimiter(name, start)
        self._push(_Scope("left", start))

    def _right(self, name: str, start: int) -> None:
        self._delimiter(name, start)
        scope = self._scopes[-1]
        self._check_pending(scope)
        if scope.kind != "left":
            raise self._without_partner(scope, f"\\{name}", "\\left", start)
        if name == "middle":
            scope.scripts, scope.has_over = 0, False
            return
        self._scopes.pop()
        self._set(scope.start)

    def _limits(self, name: str, start: int) -> None:
        scope = self._scopes[-1]
        if scope.pending or not scope.scripts & _OPERATOR:
            raise RefusedError(f"\\{name} can stand only behind an operator, such as \\sum", start, self._at)

    def _break(self, name: str, start: int) -> None:
        scope = self._scopes[-1]
        self._check_pending(scope)
        if name == "\\":
            self._at += self._text.startswith("*", self._at)
            if self._text.startswith("[", self._at):
                here = self._at
                self._brackets(_Call("\\", start, "o"), here, in_math=False)
                inside = self._text[here + 1 : self._at - 1]
                if inside and not _LENGTH.match(inside):
                    text = "behind \\\\ MathJax takes […] for a length: write \\\\{} […]"
                    raise RefusedError(text, start, self._at)
        elif name == "cr" and not scope.has_cells:
            raise RefusedError("\\cr ends a row, and here is no table: write \\\\", start, self._at)
        self._next_cell(scope)
        scope.is_fresh = True
        scope.is_tagged = False

    def _line(self, name: str, start: int) -> None:
        scope = self._scopes[-1]
        if scope.pending or not scope.has_cells or (not scope.is_fresh and "line" in name):
            where = "at the beginning of a row of a table" if "line" in name else "in a table"
            raise RefusedError(f"\\{name} can stand only {where}", start, self._at)

    def _begin(self, name: str, start: int) -> None:
        scope = self._scopes[-1]
        if scope.pending in {"^", "_"}:
            script = self._text[scope.pending_at]
            text = f"an environment can't be a script as it stands: write {script}{{\\begin… \\end…}}"
            raise RefusedError(text, scope.pending_at, self._at)
        environment = self._environment_name(name, start)
        if environment in self._own_environments or environment in _OPAQUE or self._is_open:
            self._skip_environment(environment, start)
            return
        takes = TABLES.environments.get(environment)
        if takes is None:
            raise RefusedError(unknown_environment(environment), start, self._at, Code.MATH_COMMAND)
        if environment in TABLES.equations:
            inside = next(scope for scope in reversed(self._scopes) if scope.kind in {"argument", "formula"})
            if inside.has_equation:
                text = (
                    f"a formula can hold one {{{environment}}} or the like: write {{aligned}} or {{gathered}} inside it"
                )
                raise RefusedError(text, start, self._at)
            inside.has_equation = True
        if "r" in takes:
            self._check_columns(environment, takes, start)
        call = _Call(f"{{{environment}}}", start, takes)
        if takes:
            self._arguments(call)
        else:
            self._begun(call)

    def _check_columns(self, environment: str, takes: str, start: int) -> None:
        """Check that braces stand where MathJax takes one character for the columns of a table."""
        here = self._behind_space()
        if takes.startswith("o") and self._text.startswith("[", here):
            here = _SPACE.match(self._text, max(here, self._text.find("]", here)) + 1).end()  # type: ignore[union-attr]
        if not self._text.startswith("{", here):
            what = "how many pairs of columns it has, as in {2}" if "at" in environment else "its columns, as in {cc}"
            raise RefusedError(f"behind \\begin{{{environment}}} stands {what}", start, self._at)
        inside = self._text[here + 1 : self._partners.get(here, here + 1)].strip()
        if "alig" in environment and not (inside.isdecimal() and int(inside)):
            raise RefusedError(
                f"{{{environment}}} needs how many pairs of columns it has, as in {{2}}", start, self._at
            )

    def _begun(self, call: _Call) -> None:
        name = call.name[1:-1]
        self._push(_Scope("begin", call.start, name, has_cells=name not in TABLES.without_cells))

    def _skip_environment(self, name: str, start: int) -> None:
        end = self._text.find(f"\\end{{{name}}}", self._at, self._scopes[-1].limit)
        if end < 0:
            raise RefusedError(f"\\begin{{{name}}} has no \\end{{{name}}}", start, self._at)
        self._at = end + len(name) + 6
        self._set(start)

    def _finish(self, name: str, start: int) -> None:
        environment = self._environment_name(name, start)
        scope = self._scopes[-1]
        self._check_pending(scope)
        if scope.kind == "begin" and scope.name != environment:
            text = f"\\begin{{{scope.name}}} is ended by \\end{{{environment}}}"
            raise RefusedError(text, start, self._at)
        if scope.kind != "begin":
            raise self._without_partner(scope, f"\\end{{{environment}}}", f"\\begin{{{environment}}}", start)
        self._scopes.pop()
        self._set(scope.start)

    def _environment_name(self, name: str, start: int) -> str:
        here, limit = self._behind_space(), self._scopes[-1].limit
        end = self._partners.get(here, limit)
        if not self._text.startswith("{", here) or end >= limit:
            raise RefusedError(f"\\{name} needs the name of an environment in braces", start, self._at)
        self._at = end + 1
        return self._text[here + 1 : end]

    def _verb(self, name: str, start: int) -> None:
        here = self._behind_space()
        end = self._text.find(self._text[here : here + 1], here + 1, self._scopes[-1].limit)
        if end < 0:
            raise RefusedError(f"\\{name} stands between two signs that are the same, as in \\verb|x|", start, self._at)
        self._at = end + 1
        self._set(start)

    def _table(self, name: str, start: int) -> None:
        r"""Take a table in braces, `\matrix{a & b}`."""
        if not self._text.startswith("{", self._behind_space()):
            raise self._missing(_Call(name, start, "m"))
        self._arguments(_Call(name, start, "m"))

    def _root(self, name: str, start: int) -> None:
        r"""Take `\root n \of x`."""
        of = self._text.find("\\of", self._at, self._scopes[-1].limit)
        if of < 0:
            raise RefusedError(f"\\{name} needs \\of: write \\sqrt[3]{{x}}", start, self._at)
        self._at = of + 3
        self._arguments(_Call(name, start, "m"))

    def _define(self, name: str, start: int) -> None:
        """Take a definition: what it defines is known from here on."""
        here = self._behind_space()
        found = _DEFINITION.match(self._text, here, self._scopes[-1].limit)
        if found is None:
            raise RefusedError(f"\\{name} needs a command to define: write it in deck.macros", start, self._at)
        count = int(found["count"] or 0) if name != "def" else len(set(re.findall(r"#\d", found["template"])))
        takes = "o" * bool(found["preset"]) + "m" * (count - bool(found["preset"]))
        self._own[found["name"]] = takes
        self._at = found.end()
        if name == "let":
            self._at = found.end("name")
            other = re.compile(r"\}?\s*=?\s*(?:\\([A-Za-z]+|.)|.)", re.DOTALL).match(self._text, self._at)
            if other:
                self._own[found["name"]] = TABLES.commands.get(other[1] or "", "")
                self._at = other.end()
            return
        rest = {"def": "r", "DeclareMathOperator": "r"}.get(name, "r")
        if name.startswith("DeclarePaired"):
            self._own[found["name"]] = "som"
            rest = TABLES.commands[name][1:]
        self._arguments(_Call(name, start, rest))

    def _new_environment(self, name: str, start: int) -> None:
        self._own_environments.add(self._environment_name(name, start))
        self._arguments(_Call(name, start, TABLES.commands[name][1:]))

    # What commands share

    def _words(self, start: int, end: int) -> None:
        r"""Find what MathJax shows otherwise in the words of `\text`."""
        opened, at = -1, start
        while found := _IN_TEXT.search(self._text, at, end):
            at, word = found.end(), found[0]
            closer = "$" if word == "$" else "\\)"
            if word in {"$", "\\("}:
                opened = found.start()
                at = self._text.find(closer, at, end)
                if at < 0:
                    raise RefusedError(f"the '{word}' in \\text has no partner", opened, opened + len(word))
                self._inner(found.end(), at)
                at += len(closer)
            elif word[0] == "&":
                text = f"math knows no '{word}': write the character itself"
                self._slip(found.start(), at, text, Code.MATH_CHARACTER)
            elif word.endswith("{") and len(word) > 2:  # noqa: PLR2004 (`\{` is an escape)
                self._label("ref", found.start())
            elif word not in _ESCAPED_IN_TEXT:
                self._slip(found.start(), at, _shown_in_words(word), Code.MATH_TEXT)

    def _inner(self, start: int, end: int) -> None:
        r"""Read a formula in the words of `\text`."""
        if self._depth >= _MAX_INNER:
            raise RefusedError("math in \\text in math, too often", start, end)
        inner = Reader(self._text, start, end, self._depth + 1)
        inner._own, inner._is_open = self._own, self._is_open
        inner.__dict__["_partners"] = self._partners
        self.slips += inner.read()

    def _chemistry(self, start: int, end: int) -> None:
        r"""Find unknown commands in `\ce{…}`, which is a language of its own."""
        for found in _COMMAND.finditer(self._text, start, end):
            name = found[0][1:]
            if name.isalpha() and name not in TABLES.commands and name not in self._own and not self._is_open:
                self._slip(found.start(), found.end(), unknown_command(name), Code.MATH_COMMAND)

    def _set(self, start: int, *, operator: bool = False) -> None:
        """Take something that is set: the script that was waited for, or what the next script is set at."""
        scope = self._scopes[-1]
        if scope.pending in {"^", "_"}:
            scope.scripts |= _SUP if scope.pending == "^" else _SUB
        else:
            scope.scripts = _OPERATOR | _MOVES if operator else 0
            scope.base = start
        scope.pending = ""
        scope.is_fresh = False

    def _next_cell(self, scope: _Scope) -> None:
        scope.scripts, scope.has_over = 0, False

    def _push(self, scope: _Scope) -> None:
        if len(self._scopes) > MAX_DEPTH:
            raise RefusedError(f"a formula can't be nested more than {MAX_DEPTH} deep", scope.start, self._at)
        scope.limit = scope.limit or self._scopes[-1].limit
        self._scopes.append(scope)

    def _check_pending(self, scope: _Scope) -> None:
        if scope.pending:
            raise self._nothing_behind(scope)

    def _nothing_behind(self, scope: _Scope) -> RefusedError:
        at = scope.pending_at
        text = f"nothing stands behind '{scope.pending}': the sign itself is written \\{scope.pending}"
        if scope.pending == "^":
            text = "nothing stands behind '^' that could be a superscript"
        elif scope.pending[0] == "\\":
            text = f"nothing stands behind {scope.pending}"
        return RefusedError(text, at, at + len(scope.pending))

    def _missing(self, call: _Call) -> RefusedError:
        count = sum(kind in "mtr" for kind in call.takes)
        name = f"\\begin{call.name}" if call.name.startswith("{") else f"\\{call.name}"
        few = "an argument" if count == 1 else f"{count} arguments"
        return RefusedError(f"{name} needs {few}, {{…}}", call.start, max(self._at, call.start + 1))

    def _unclosed(self, scope: _Scope) -> RefusedError:
        if scope.kind == "left":
            return RefusedError("this \\left has no \\right", scope.start, scope.start + 5)
        if scope.kind == "begin":
            text = f"\\begin{{{scope.name}}} has no \\end{{{scope.name}}}"
            return RefusedError(text, scope.start, scope.start + 8 + len(scope.name))
        return RefusedError("this '{' is never closed with '}'", scope.start, scope.start + 1)

    def _without_partner(self, scope: _Scope, closer: str, opener: str, start: int) -> RefusedError:
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


_MAX_INNER: Final = 4
_DEFINITION: Final = re.compile(
    r"\*?\s*\{?\s*\\(?P<name>[A-Za-z]+|[^A-Za-z])\s*\}?\s*(?:\[(?P<count>\d)\])?\s*(?P<preset>\[[^\]]*\])?(?P<template>[^{}\\]*)"
)


def _numbers(scope: _Scope) -> bool:
    return scope.kind == "begin" and (scope.name in TABLES.equations or scope.name in TABLES.without_tags)


def _shown_in_words(word: str) -> str:
    """Return what to say about an escape or a command in the words of a formula."""
    if len(word) == 2 and not word[1].isalpha():  # noqa: PLR2004
        return f"in \\text, MathJax shows the backslash of '{word}': write '{word[1]}' alone"
    return f"in \\text, MathJax shows '{word}' as it is typed: end \\text before it, and go on behind"


_ACTS: Final[dict[str, Callable[[Reader, str, int], None]]] = {
    "\\": Reader._command,
    "{": Reader._open,
    "}": Reader._close,
    "^": Reader._script,
    "_": Reader._script,
    "'": Reader._prime,
    "’": Reader._prime,
    "&": Reader._cell,
    "%": Reader._comment,
    "#": Reader._hash,
}
_COMMANDS: Final[dict[str, Callable[[Reader, str, int], None]]] = (
    {"left": Reader._left, "right": Reader._right, "middle": Reader._right}
    | {"limits": Reader._limits, "nolimits": Reader._limits}
    | {"\\": Reader._break, "newline": Reader._break, "cr": Reader._break}
    | dict.fromkeys(("hline", "hdashline", "hfill", "hfil", "hfilll"), Reader._line)
    | {"begin": Reader._begin, "end": Reader._finish, "verb": Reader._verb, "root": Reader._root}
    | dict.fromkeys(_WITH_CELLS - {"substack", "crampedsubstack"}, Reader._table)
    | dict.fromkeys(("def", "let", "newcommand", "renewcommand", "DeclareMathOperator"), Reader._define)
    | dict.fromkeys([f"DeclarePairedDelimiter{kind}" for kind in ("", "X", "XPP", "s", "sX", "sXPP")], Reader._define)
    | {"newenvironment": Reader._new_environment, "renewenvironment": Reader._new_environment}
)
