"""A YAML syntax error in an author's terms: where the slip is, and what to type instead.

The parser says what it expected at the place where it gave up. The slip is often before that place; there are few kinds.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import yaml

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Misreading
from gen2anki.source.key_lines import KEYS, swallows_keys

_QUOTES: Final = "put the whole text in quotes"
NEEDS_QUOTES: Final = f"{_QUOTES}, or write it below a '>-' or '|'"
_COLON: Final = "a colon and a space make a key, and there can be no key here"
_EARLY_QUOTE: Final = "the text goes on after its closing quote: put all of it in the other kind of quotes, or write it below a '>-' or '|'"
_OPEN_QUOTE: Final = (
    "this quote is never closed: close it where its text ends, or put the whole text in the other kind of quotes"
)
_TOO_DEEP: Final = (
    "this line is indented more than the one above it, so YAML takes it for a part of that text: indent both alike, or put"
    " the text in quotes"
)
# A comment without a space after its '#', as in "issue #5". A line of dashes does not count.
GLUED_COMMENT: Final = re.compile(r"#(?<=[ \t]#)#*(?!([-=*~_])\1\1)(?=[^\s#])")
# The message for a text that goes on after a '#'.
CUT_SHORT: Final = (
    "what follows this '#' is a comment, not a part of the text: put the text in quotes; or, if a comment is meant, type a"
    " space after the '#'"
)
_COMMENT_BETWEEN: Final = (
    "this comment ends the text above it, so the line below it belongs to nothing: move the comment; or, if it is a part of"
    " the text, put the text in quotes"
)
# A character that looks like a space but is none to YAML: in a line's indentation, after a dash, after a key's colon.
_ODD_SPACE: Final = re.compile(
    rf" *(?:- +)*[\[{{]*(?:-|{KEYS}:)?([\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff])"
)
# Characters that end a line for YAML, but in no editor.
_LINE_ENDS: Final = {"\u0085": "next line", "\u2028": "line separator", "\u2029": "paragraph separator"}
_LINE_END: Final = re.compile(f"[{''.join(_LINE_ENDS)}]")
# Such a character before what YAML then reads as a key: the error is only found in the next line.
_KEY_AFTER: Final = re.compile(rf"{_LINE_END.pattern}[ \t]*[\w-]+:(?=\s)")
# What a text can't begin with: each means something to YAML.
_INDICATORS: Final = "{[]},@`%*&!|>"
# A line up to its value.
_VALUE: Final = re.compile(r"[ \t]*(?:- +)*(?:[\w.-]+:[ \t]+|- +)(?=\S)")
# The last text of a line inside {…} or […], without quotes, up to a character that it can't contain there.
_FLOW_TEXT: Final = re.compile(r"(?:^|[,\[{]|:[ \t])[ \t]*(?!- )[^\s,\[\]{}\"'][^,\[\]{}]*$")


def explain(error: yaml.MarkedYAMLError, text: str) -> Misreading:
    """Return the slip in `text` that led to a syntax error."""
    mark = error.problem_mark or error.context_mark
    at = min(mark.index, len(text)) if mark else 0
    slip = _Slip(
        problem=error.problem or error.context or "this is not YAML",
        context=error.context or "",
        text=text,
        at=at,
        began=error.context_mark.index if error.context_mark else at,
    )
    return next(
        filter(None, (find(slip) for find in _KINDS)),
        Misreading(at, f"this is not YAML: {slip.problem}", Code.YAML_SYNTAX),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slip:
    """What the parser says: the `problem` at the index `at`, and the `context`, which began at the index `began`."""

    problem: str
    context: str
    text: str
    at: int
    began: int

    def char(self) -> str:
        return self.text[self.at : self.at + 1]

    def line_start(self, before: int = 0) -> int:
        """Return the index at which the slip's line starts, or the line so many lines above it."""
        start = self.at
        for _ in range(before + 1):
            start = max(self.text.rfind("\n", 0, start), self.text.rfind("\r", 0, start))
        return start + 1

    def line_text(self) -> int:
        """Return the index at which the slip's line begins, after its indentation."""
        found = re.compile(r"[ \t]*").match(self.text, self.line_start())
        return found.end() if found else self.at


def odd_space(text: str, start: int = 0) -> Misreading | None:
    """Return the first character in a line's indentation or before its value that only looks like a space."""
    found = _ODD_SPACE.match(text, start)
    if not found:
        return None
    name = f"U+{ord(found[1]):04X}, {unicodedata.name(found[1]).lower()}"
    return Misreading(
        found.start(1), f"this looks like a space, but is a letter to YAML ({name}): type a space", Code.ODD_SPACE
    )


def _space(slip: _Slip) -> Misreading | None:
    above = odd_space(slip.text, slip.line_start(1))
    if above and slip.text[above.at - 1] in "-:":  # that line became a text, so the error is found in this one
        return above
    began = slip.text.rfind("\n", 0, slip.began) + 1
    return odd_space(slip.text, slip.line_start()) or odd_space(slip.text, began)


def invisible_line_end(text: str, index: int) -> Misreading:
    """Return what is wrong with a character that ends a line only for YAML."""
    name = f"U+{ord(text[index]):04X}, {_LINE_ENDS[text[index]]}"
    return Misreading(index, f"this invisible character ends the line for YAML ({name}): delete it", Code.BAD_CHARACTER)


def _line_end(slip: _Slip) -> Misreading | None:
    line = slip.line_start()
    found = _LINE_END.search(slip.text, line, slip.at) or _KEY_AFTER.search(slip.text, slip.line_start(1), line)
    at = found.start() if found else slip.began - 1
    return invisible_line_end(slip.text, at) if slip.text[at : at + 1] in _LINE_ENDS else None


def _tab(slip: _Slip) -> Misreading | None:
    if slip.char() == "\t" and "-" in (before := slip.text[slip.line_start() : slip.at]) and not before.strip(" -"):
        return Misreading(slip.at, "there is a tab after this dash: type a space instead", Code.TAB_INDENT)
    tab = slip.text.find("\t", slip.line_start(), slip.line_text())
    if tab >= 0 and ("tab" in slip.problem or slip.at < slip.line_text()):
        return Misreading(tab, "a tab indents this line: YAML indents with spaces", Code.TAB_INDENT)
    return None


def _quoted(slip: _Slip) -> Misreading | None:
    if "quoted scalar" not in slip.context:
        return None
    ends_file = "end of stream" in slip.problem or "document indicator" in slip.problem
    if ends_file or swallows_keys(slip.text, slip.began, slip.at):
        return Misreading(slip.began, _OPEN_QUOTE, Code.UNCLOSED_QUOTE)
    # "\\xi" is no escape, as "\\log" is none: no digits follow.
    text = 'there is no such escape in double quotes: write "\\\\" for a backslash, or use single quotes'
    return Misreading(slip.text.rfind("\\", slip.began, slip.at + 1), text, Code.BAD_ESCAPE)


def _comment(slip: _Slip) -> Misreading | None:
    """Return the comment that ended a text, where the slip's line goes on with that text."""
    if slip.at != slip.line_text() or re.compile(r"[\w-]+:(?:\s|$)|- ").match(slip.text, slip.at):
        return None
    start = slip.line_start()
    depth = slip.at - start
    comment = -1
    for line in reversed(slip.text[:start].splitlines(keepends=True)):
        start -= len(line)
        if found := re.search(r"(?:^|(?<=[ \t]))#", line):
            comment = start + found.start()
        if began := re.match(r"( *(?:- +)*)(?:- +|[\w-]+:[ \t]+)([^\s#])", line):
            if comment < 0 or began[2] in "\"'[{|>" or depth <= len(began[1]):
                return None
            glued = GLUED_COMMENT.match(slip.text, comment)
            return Misreading(comment, CUT_SHORT if glued else _COMMENT_BETWEEN, Code.COMMENT_IN_TEXT)
    return None


def _colon(slip: _Slip) -> Misreading | None:
    if slip.problem == "found unexpected ':'":
        return Misreading(slip.at, f"inside {{…}} or […], a text can't end with a colon: {_QUOTES}", Code.COLON_IN_TEXT)
    if not slip.problem.startswith("mapping values are not allowed"):
        return None
    if dash := re.compile(r" *-(?=[^\s-])").match(slip.text, slip.line_start(1), slip.line_start()):
        return Misreading(dash.end() - 1, "a list entry begins with a dash and a space", Code.LIST_DASH)
    if re.compile(r"[\w-]+").fullmatch(slip.text, slip.line_text(), slip.at):
        return Misreading(slip.line_text(), _TOO_DEEP, Code.BAD_INDENTATION)
    return Misreading(slip.at, f"{_COLON}: {NEEDS_QUOTES}", Code.COLON_IN_TEXT)


def _first_character(slip: _Slip) -> Misreading | None:
    at = slip.at
    if slip.context in {
        "while scanning an alias",
        "while scanning an anchor",
        "while scanning a tag",
        "while parsing a node",
    }:
        at = slip.began
    elif not slip.problem.startswith(("found character that cannot start", "mapping keys are not allowed")):
        return None
    return _starts_with(slip, at)


def _starts_with(slip: _Slip, at: int) -> Misreading:
    value = _VALUE.match(slip.text, slip.line_start())
    # Inside brackets, no text can be written below a '|'.
    cure = NEEDS_QUOTES if value is None or value.end() == at else _QUOTES
    return Misreading(at, f"a text can't begin with '{slip.text[at : at + 1]}': {cure}", Code.FIRST_CHARACTER)


def _bracket(slip: _Slip) -> Misreading | None:
    if "parsing a flow" not in slip.context:
        return None
    if slip.problem == "did not find expected node content" and slip.char() == ",":
        text = "there is nothing before this comma: delete it, or put a text that contains a comma in quotes"
        return Misreading(slip.at, text, Code.UNCLOSED_BRACKET)
    bracket = slip.text[slip.began : slip.began + 1]
    closing = {"[": "]", "{": "}"}.get(bracket, "")
    for comment in re.compile(r"(?<=[ \t])#.*").finditer(slip.text, slip.began, slip.at):
        if closing and closing in comment[0]:
            text = f"this '#' begins a comment, which contains the '{closing}': put a text with '#' in quotes"
            return Misreading(comment.start(), text, Code.COMMENT_IN_TEXT)
    if slip.char() == ":" and not re.compile(r"[ -]*[\w-]*").fullmatch(slip.text, slip.line_start(), slip.at):
        key = re.compile(rf"(?<=\s){KEYS}$").search(slip.text, slip.line_start(), slip.at)
        if key:
            text = f"a comma is missing before '{key[0]}', or the text with this colon needs quotes"
            return Misreading(key.start(), text, Code.UNCLOSED_BRACKET)
        return Misreading(slip.at, f"{_COLON}: {_QUOTES}", Code.COLON_IN_TEXT)
    return _bracket_in_text(slip) or Misreading(
        slip.began,
        _open_bracket(bracket),
        Code.UNCLOSED_BRACKET,
    )


def _open_bracket(bracket: str) -> str:
    return f"this '{bracket}' is never closed, or a comma is missing inside it"


def _bracket_in_text(slip: _Slip) -> Misreading | None:
    """Return a text inside {…} or […] that contains a bracket, or begins with one or with a dash."""
    before = slip.text[slip.line_start() : slip.at]
    last = before.rstrip()[-1:]
    if last and last in ",:[{" and re.compile(r"[-?](?=[\s,\[\]{}])").match(slip.text, slip.at):
        return _starts_with(slip, slip.at)
    if slip.began == slip.at:
        opened = max(slip.text.rfind("["), slip.text.rfind("{"))
        if opened >= 0 and not slip.text[slip.at :].strip():  # the piece that is read ends here
            return Misreading(opened, _open_bracket(slip.text[opened]), Code.UNCLOSED_BRACKET)
        return Misreading(slip.at, "a '[' or '{' before this is never closed", Code.UNCLOSED_BRACKET)
    if slip.char() in {"[", "{"} and _FLOW_TEXT.search(before):
        text = (
            f"inside {{…}} or […], a text that contains '{slip.char()}' needs quotes: single ones if it has backslashes"
        )
        return Misreading(slip.at, text, Code.BRACKET_IN_TEXT)
    opening = {"]": "[", "}": "{"}.get(last, "")
    goes_on = not re.compile(rf"[\[{{\"'\r\n]|{KEYS}:").match(slip.text, slip.at)
    if opening and opening in before and goes_on and slip.char():
        return _starts_with(slip, slip.line_start() + before.rindex(opening))
    return None


def _value(slip: _Slip) -> Misreading | None:
    """Return the slip that shows in the first character of a value."""
    key = _VALUE.match(slip.text, slip.line_start())
    if key is None or not key.end() <= slip.at or key.end() >= len(slip.text):
        return None
    first = slip.text[key.end()]
    if first in "\"'":
        return Misreading(slip.at, _EARLY_QUOTE, Code.EARLY_QUOTE)
    if first in _INDICATORS:
        return Misreading(key.end(), f"a text can't begin with '{first}': {NEEDS_QUOTES}", Code.FIRST_CHARACTER)
    return None


def _list(slip: _Slip) -> Misreading | None:
    if not slip.problem.startswith("block sequence entries"):
        return None
    text = "a list can't begin on the line of its key: give each '- ' a line of its own, or put the text in quotes"
    return Misreading(slip.at, text, Code.LIST_INLINE)


def _no_key(slip: _Slip) -> Misreading | None:
    if "expected ':'" not in slip.problem:
        return None
    text = "this line has no key: a key ends with a colon and a space; if the text above goes on here, indent the line"
    return Misreading(slip.began, text, Code.KEY_COLON)


def _indentation(slip: _Slip) -> Misreading | None:
    if slip.problem not in _NOT_ALIKE:
        return None
    return Misreading(
        slip.at, "this line is not indented like the lines it belongs to: indent them alike", Code.BAD_INDENTATION
    )


# The last is what the parser says of a line that is indented less than the piece that is read.
_NOT_ALIKE: Final = frozenset(
    {
        "did not find expected key",
        "did not find expected '-' indicator",
        "did not find expected <document start>",
    }
)
# In this order: the first that recognizes the slip explains it.
_KINDS: Final[tuple[Callable[[_Slip], Misreading | None], ...]] = (
    _line_end,
    _space,
    _tab,
    _quoted,
    _comment,
    _colon,
    _first_character,
    _bracket,
    _value,
    _list,
    _no_key,
    _indentation,
)
