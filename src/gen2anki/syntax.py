"""What a YAML syntax error means to an author: where the slip was made, and what to type instead.

The parser says what it expected where it gave up; the slip is often before that, and of a few kinds.
"""

import re
from typing import Final

import yaml

NEEDS_QUOTES: Final = "put the whole text in quotes, or write it below a '>-' or '|'"
# What a text may not begin with: YAML gives each a meaning of its own.
_INDICATORS: Final = "{[]},@`%*&!|>"


def explain(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str, str]:
    """Return the character index of the slip in `text`, a message and a problem code."""
    problem = error.problem or error.context or "this is not YAML"
    mark = error.problem_mark or error.context_mark
    at = min(mark.index, len(text)) if mark else 0
    began = error.context_mark.index if error.context_mark else at
    line_start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    indent = re.compile(r"[ \t]*").match(text, line_start)
    leading = indent[0] if indent else ""
    if "\t" in leading and "tab" in f"{problem}{_at(text, at)}" or _at(text, at) == "\t" and at < line_start + len(leading):
        return line_start + leading.index("\t"), "a tab indents this line: YAML indents with spaces", "tab"
    if "quoted scalar" in (error.context or ""):
        if "end of stream" in problem or "document indicator" in problem:
            return began, "this quote is never closed", "quote"
        if "escape" in problem:
            return at, 'no such escape in double quotes: write "\\\\" for a backslash, or use single quotes', "escape"
    if problem.startswith("mapping values are not allowed"):
        return at, f"a colon and a space make a key, and no key can stand here: {NEEDS_QUOTES}", "colon"
    if "cannot start any token" in problem:
        return at, f"a text can't begin with '{_at(text, at)}': {NEEDS_QUOTES}", "first-character"
    if "parsing a flow" in (error.context or ""):
        opened = max(text.rfind("[", 0, at), text.rfind("{", 0, at))
        return opened, f"this '{_at(text, opened)}' is never closed, or a comma is missing in it", "bracket"
    if (value := _value_start(text, at)) is not None:
        if text[value] in "\"'":
            return at, f"the quote that opens this text closes before its end: {NEEDS_QUOTES}", "quote-early"
        if text[value] in _INDICATORS:
            return value, f"a text can't begin with '{text[value]}': {NEEDS_QUOTES}", "first-character"
    if problem.startswith("block sequence entries"):
        return at, "a list can't begin behind a key: put each '- ' on a line of its own", "list-inline"
    if "expected ':'" in problem:
        return began, "this line is no key: a key is followed by ':', and a text that goes on is indented", "key-colon"
    if problem in {"did not find expected key", "did not find expected '-' indicator"}:
        return at, "this line is not indented like the ones it belongs to", "indentation"
    return at, f"this is not YAML: {problem}", "syntax"


def _at(text: str, index: int) -> str:
    return text[index : index + 1]


def _value_start(text: str, at: int) -> int | None:
    """Return the index of the value that begins on the line of `at`, before `at`."""
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    found = re.compile(r"[ \t]*(?:- +)*(?:[\w.-]+:[ \t]+|- +)(?=\S)").match(text, start)
    return found.end() if found and found.end() <= at and found.end() < len(text) else None
