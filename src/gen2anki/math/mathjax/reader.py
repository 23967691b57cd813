r"""Reads a formula as MathJax does, and finds where MathJax would stop or show it wrong.

MathJax reads with a stack of what is open, and each argument by itself. So does this, without recursion and in one pass:
an argument in braces is opened like a group, and remembers which command goes on behind it.
"""

import re
from collections.abc import Callable
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.math.mathjax.commands import Commands
from gen2anki.math.mathjax.state import (
    MOVES,
    OPERATOR,
    OVER,
    PRIMED,
    SUB,
    SUP,
    UNDER,
    EnoughError,
    RefusedError,
    Scope,
    Slip,
)

# A formula's parts: a command, space, a character of its own meaning, others.
_PART: Final = re.compile(r"\\(?:[A-Za-z]+|.|$)|\s+|[{}^_'’&%#]|[^\\{}^_'’&%#\s]+", re.DOTALL)
_ENTITY: Final = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]+|#[0-9]+|#x[0-9A-Fa-f]+);")


class Reader(Commands):
    """Reads one formula; `slips` are what MathJax shows wrong, in order, with what it stops at as the last."""

    def read(self) -> list[Slip]:
        """Return what is wrong."""
        try:
            self._read_parts()
            # What stands in words is read by itself; what stands in the words of that, too.
            while self._inner:
                self._at, self._end = self._inner.pop()
                self._scopes = [Scope("formula", self._at, limit=self._end)]
                self._read_parts()
        except RefusedError as refused:
            self.slips.append(refused.slip)
        except EnoughError:
            pass
        return self.slips

    def _read_parts(self) -> None:
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

    def _end_of(self, scope: Scope) -> bool:
        """Take the end of an argument, or of the formula; return True at the latter."""
        if scope.kind in {"argument", "formula"}:
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
            self._check_characters(word, start)
        scope = self._scopes[-1]
        if scope.pending and len(word) > 1:
            self._set(start)
        self._set(self._at - 1, operator="\u220f" <= word[-1] <= "\u2211" or "\u222b" <= word[-1] <= "\u2233")

    def open_group(self, _word: str, start: int) -> None:
        """Take `{`."""
        if start not in self._partners:
            raise RefusedError("this '{' is never closed with '}'", start, start + 1)
        self._push(Scope("group", start))

    def close_group(self, _word: str, start: int) -> None:
        """Take `}`."""
        scope = self._scopes[-1]
        if scope.kind == "group":
            self._check_pending(scope)
            self._scopes.pop()
            self._set(scope.start, operator=bool(scope.scripts & OPERATOR))
            self._scopes[-1].scripts &= ~MOVES
            return
        if scope.kind in {"left", "begin"}:
            raise self._unclosed(scope)
        raise RefusedError("this '}' closes nothing: a brace to show is written \\}", start, start + 1)

    def script(self, word: str, start: int) -> None:
        """Take `^` or `_`."""
        scope = self._scopes[-1]
        if scope.pending in {"^", "_"}:
            raise self._nothing_behind(scope)
        bit, name = (SUP | OVER, "superscript") if word == "^" else (SUB | UNDER, "subscript")
        if scope.scripts & bit:
            text = f"two {name}s in a row: put braces around what the second belongs to"
            raise RefusedError(text, start, self._unit_end(start + 1))
        if scope.scripts & PRIMED and word == "_":
            scope.scripts |= SUP
        scope.scripts &= ~(PRIMED | OVER | UNDER)
        scope.pending, scope.pending_at = word, start
        scope.is_fresh = False

    def prime(self, _word: str, start: int) -> None:
        """Take `'`."""
        scope = self._scopes[-1]
        if scope.pending in {"^", "_"}:
            raise self._nothing_behind(scope)
        if scope.scripts & SUP and not scope.scripts & MOVES:
            text = "a prime behind a superscript is a second one: write it first, or put braces around the two"
            raise RefusedError(text, start, start + 1)
        scope.scripts |= PRIMED
        scope.is_fresh = False

    def cell(self, _word: str, start: int) -> None:
        """Take `&`."""
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

    def comment(self, _word: str, start: int) -> None:
        """Take `%` and what it leaves out."""
        scope = self._scopes[-1]
        line_end = self._text.find("\n", start, scope.limit)
        if line_end < 0:
            line_end = scope.limit
            if self._text.find("\n", start, self._end) < 0:
                text = "in math, '%' and all behind it is left out: write '\\%'"
                self._slip(start, line_end, text, Code.MATH_PERCENT)
        self._at = line_end

    def hash_sign(self, _word: str, start: int) -> None:
        """Take `#`, which stands only in definitions."""
        raise RefusedError("'#' can't stand in math: write \\#", start, start + 1)


_ACTS: Final[dict[str, Callable[[Reader, str, int], None]]] = {
    "\\": Reader.command,
    "{": Reader.open_group,
    "}": Reader.close_group,
    "^": Reader.script,
    "_": Reader.script,
    "'": Reader.prime,
    "’": Reader.prime,
    "&": Reader.cell,
    "%": Reader.comment,
    "#": Reader.hash_sign,
}
