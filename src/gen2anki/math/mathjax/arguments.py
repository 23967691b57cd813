r"""What a command takes, read as MathJax does: `\\frac12` has two arguments, `\\hat\\mathbf{x}` none that it could read."""

import re
from abc import abstractmethod
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.math.mathjax.messages import shown_in_words, unknown_command
from gen2anki.math.mathjax.state import Call, RefusedError, Scope, State
from gen2anki.math.mathjax.tables import TABLES

_BRACKET: Final = re.compile(r"\\.|[{}\]]", re.DOTALL)
_COMMAND: Final = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
LENGTH: Final = re.compile(r"\s*[-+]?(?:\.\d+|\d+(?:[.,]\d*)?)\s*(?:pt|em|ex|mu|px|mm|cm|in|pc)")
# What MathJax stops at outside of \text: the gaps in its table of Unicode's blocks.
_ODD_CHARACTER: Final = re.compile(
    "[\x80-\x9f\u0250-\u02af\u1a21-\u1aaf\u20a0-\u20ff\u2400-\u245f\u2de1-\u2dff\u2fe0-\u2fef\ua4a0-\ua4cf\ue000-\uf8ff]"
)
# In \text, what MathJax does not show as it stands: an escape, math, a reference.
_IN_TEXT: Final = re.compile(r"\\(?:[${}\\]|(?:eq)?ref\s*\{|[A-Za-z]+|.)|\$|&[A-Za-z]\w+;", re.DOTALL)
_ESCAPED_IN_TEXT: Final = frozenset(("\\$", "\\{", "\\}", "\\\\"))
# Commands whose argument has cells.
WITH_CELLS: Final = frozenset(
    ("matrix", "pmatrix", "cases", "array", "eqalign", "eqalignno", "leqalignno", "displaylines", "substack")
) | {"crampedsubstack"}

# Commands that are read in a way of their own, and so can be no argument without braces.
_READ_APART: Final = WITH_CELLS - {"substack", "crampedsubstack"} | {
    *("left", "right", "middle", "limits", "nolimits", "cr", "hline", "hdashline", "hfill", "hfil", "hfilll"),
    *("begin", "end", "verb", "root", "def", "let", "newcommand", "renewcommand", "DeclareMathOperator"),
    *("newenvironment", "renewenvironment"),
}


class Arguments(State):
    """Reads what commands take."""

    @abstractmethod
    def _called(self, call: Call) -> None:
        """Take what a command makes of its arguments."""

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

    def _arguments(self, call: Call) -> None:  # noqa: C901 (a branch for each kind of thing that is taken)
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
            elif kind == "m" or sign in {"\\", "$"}:
                self._single(call, kind, here)
            else:
                self._at = here + 1
        self._called(call)

    def _argument(self, call: Call, kind: str, here: int) -> bool:
        """Take an argument in braces; return True where it is open now, and the rest comes later."""
        end = self._partners.get(here)
        if end is None:
            raise RefusedError("this '{' is never closed with '}'", here, here + 1)
        if kind == "m":
            self._at = here + 1
            cells = call.name in WITH_CELLS
            self._push(Scope("argument", here, end=end, limit=end, call=call, has_cells=cells))
            return True
        if kind == "t":
            self._words(here + 1, end)
            call.is_empty = end == here + 1
        elif call.name in {"ce", "pu"}:
            self._chemistry(here + 1, end)
        self._at = end + 1
        return False

    def _single(self, call: Call, kind: str, here: int) -> None:
        """Take an argument without braces: one character or one command, which MathJax reads by itself."""
        word = _COMMAND.match(self._text, here, self._scopes[-1].limit)
        if word is None:
            self._at = here + 1
            sign = self._text[here]
            if sign in "^_&#%" or kind == "t":
                raise RefusedError(
                    f"\\{call.name} needs an argument in braces here, not '{sign}'", call.start, self._at
                )
            if not sign.isascii():
                self._check_characters(sign, here)
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
            inner = Call(name, here, "mm")
            call.takes += inner.takes
            return
        takes = self._takes(name, here)
        if takes.strip("oOs") or name in _READ_APART:
            text = f"{word[0]} behind \\{call.name} stands in braces, with what it takes: \\{call.name}{{{word[0]} …}}"
            raise RefusedError(text, call.start, word.end())

    def _brackets(self, call: Call, here: int, *, in_math: bool) -> bool:
        """Take […]; return True where it is open now, and the rest comes later."""
        limit, at = self._scopes[-1].limit, here + 1
        while found := _BRACKET.search(self._text, at, limit):
            at = found.end()
            if found[0] == "]":
                self._at = here + 1 if in_math else at
                if in_math:
                    end = found.start()
                    self._push(Scope("argument", here, end=end, limit=end, call=call))
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

    def _length(self, call: Call, here: int) -> None:
        limit = self._scopes[-1].limit
        inside = self._text[here : here + 1] == "{" and here in self._partners
        end = self._partners[here] if inside else limit
        found = LENGTH.match(self._text, here + inside, end)
        if found and (not inside or self._text[found.end() : end].isspace() or found.end() == end):
            self._at = end + 1 if inside else found.end()
            return
        text = f"\\{call.name} needs a length with its unit, such as 1em or 3pt"
        raise RefusedError(text, call.start, min(self._unit_end(self._at), limit))

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
                self._inner.append((found.end(), at))
                at += len(closer)
            elif word[0] == "&":
                text = f"math knows no '{word}': write the character itself"
                self._slip(found.start(), at, text, Code.MATH_CHARACTER)
            elif word.endswith("{") and len(word) > 2:  # noqa: PLR2004 (`\{` is an escape)
                self._label("ref", found.start())
            elif word not in _ESCAPED_IN_TEXT:
                self._slip(found.start(), at, shown_in_words(word), Code.MATH_TEXT)

    def _chemistry(self, start: int, end: int) -> None:
        r"""Find unknown commands in `\ce{…}`, which is a language of its own."""
        for found in _COMMAND.finditer(self._text, start, end):
            name = found[0][1:]
            if name.isalpha() and name not in TABLES.commands and name not in self._own and not self._is_open:
                self._slip(found.start(), found.end(), unknown_command(name), Code.MATH_COMMAND)

    def _label(self, name: str, start: int) -> None:
        text = "MathJax takes no \\label twice, and a card shows its question twice: take it out"
        if name != "label":
            text = f"Anki numbers no formulas, and MathJax shows ??? for \\{name}: write the number itself"
        self._slip(start, start + len(name) + 1, text, Code.MATH_LABEL)
        if name != "label":
            self._set(start)

    def _check_characters(self, word: str, start: int) -> None:
        """Find what MathJax can't set in math."""
        for odd in _ODD_CHARACTER.finditer(word):
            text = f"MathJax can't set '{odd[0]}' in math: write \\text{{{odd[0]}}}"
            self._slip(start + odd.start(), start + odd.end(), text, Code.MATH_CHARACTER)
