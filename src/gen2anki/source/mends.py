"""How a slip is mended where it can only mean one thing: a piece of one line, and what is to stand there instead."""

import re
from collections.abc import Callable
from typing import Any, Final

import yaml

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Misreading
from gen2anki.diagnostics.problem import Mend
from gen2anki.schema.keys import WORD_NAMES
from gen2anki.source.document import Document
from gen2anki.source.key_lines import KEYS
from gen2anki.source.pitfalls import is_command

# A line with a text behind a key, behind a dash, or behind both.
_TEXT_LINE: Final = re.compile(rf"(?P<before>[ ]*(?:- +)*)(?:(?P<key>{KEYS}):[ ]+|(?<=- ))(?P<text>\S.*?)[ \t]*")
_CURLY: Final = {"“": "”", "„": "“”", "”": "”"}
_ESCAPED: Final = re.compile(r"\\(?:([A-Za-z]+)|(.))", re.DOTALL)
# A note in brackets, in one line; and a text in it.
_FLOW_LINE: Final = re.compile(r"[ ]*(?:- +)*\{.*\}[ \t]*")
_TAB_LINE: Final = re.compile(rf"([ \t]*\t[ \t]*)({KEYS}):(?:[ ]|$)")
_TAB_AFTER_DASH: Final = re.compile(r"([ ]*-)(\t+)(?=\S)")
_BLOCK_ABOVE: Final = re.compile(r"[|>][-+\d]*[ \t]*(?:#.*)?$")
_ALONE: Final = re.compile(rf"([ ]*(?:- +)*{KEYS}:)[ \t]*")
_KEY_BEGIN: Final = re.compile(rf"([ ]*(?:- +)?){KEYS}:(?:[ ]|$)")
_FOLDED: Final = re.compile(rf"[ ]*(?:- +)*{KEYS}:[ ]+(>)[-+]?[ \t]*")


def mend(document: Document, misreading: Misreading) -> Mend | None:
    """Return how to mend what is misread; None where it may mean more than one thing."""
    find = _KINDS.get(misreading.code)
    if find is None:
        return None
    line, column, line_text = document.line(misreading.at)
    return find(document, line, column - 1, line_text)


def _quotes(document: Document, line: int, at: int, line_text: str) -> Mend | None:
    """Put quotes round the text that is misread at a column of its line."""
    if _FLOW_LINE.fullmatch(line_text):
        return _quotes_in_brackets(line, at, line_text)
    found = _TEXT_LINE.fullmatch(line_text)
    if not found or found["key"] in WORD_NAMES or at < found.start("text") or _goes_on(document, line, found):
        return None
    text = found["text"]
    if (
        text[0] in "\"'|>#"
        or (at != found.start("text") and (text[0] in "[{" or line_text[at] not in ":#"))
        or (" #" in text and not is_glued(line_text, at))
    ):
        return None
    return _replaced(line, found, text)


def is_glued(line_text: str, at: int) -> bool:
    """Return True if a '#' that begins a comment stands at a column, glued to a word, and no other does."""
    return line_text[at : at + 1] == "#" and line_text.count(" #") == 1


def _replaced(line: int, found: re.Match[str], text: str) -> Mend | None:
    """Return the mend that puts quotes round a text."""
    if text[0] in _CURLY and text[-1] in _CURLY[text[0]] and not re.search(r"[\"\\]", text):
        meant, typed = text[1:-1], f'"{text[1:-1]}"'
    else:
        meant, typed = text, _in_quotes(text)
    if read_line(f"x: {typed}") != {"x": meant}:
        return None
    return Mend(line, found.start("text") + 1, found.end("text") + 1, typed, "quotes round this text")


def _quotes_in_brackets(line: int, at: int, line_text: str) -> Mend | None:
    """Put quotes round a text inside {…}."""
    begins = [found.end() for found in re.compile(rf"[,{{][ ]*{KEYS}:[ ]+").finditer(line_text, 0, at + 1)]
    if not begins or begins[-1] > at:
        return None
    start = begins[-1]
    stop = re.compile(rf"(?:,[ ]*{KEYS}:[ ]|\}}[ \t]*$)").search(line_text, at)
    text = line_text[start : stop.start()].rstrip() if stop else ""
    # What stands behind a comma or a bracket may be no part of the text.
    if not text or re.search(r"[,\[\]\"'#]|(?<!\{)\{(?!\{)|(?<!\})\}(?!\})", text):
        return None
    typed = _in_quotes(text)
    end = start + len(text)
    plain, mended = (read_line(line_text[:start] + new + line_text[end:]) for new in ("\ue000", typed))
    if plain is None or _with(plain, "\ue000", text) != mended:
        return None
    return Mend(line, start + 1, end + 1, typed, "quotes round this text")


def _with(data: Any, stand_in: str, text: str) -> Any:
    """Return plain data with a text in place of a stand-in."""
    if isinstance(data, dict):
        return {key: _with(value, stand_in, text) for key, value in data.items()}
    if isinstance(data, list):
        return [_with(value, stand_in, text) for value in data]
    return text if data == stand_in else data


def _other_quotes(document: Document, line: int, _at: int, line_text: str) -> Mend | None:
    """Put single quotes round a text whose closing quote is not its end, or whose backslashes are no escapes."""
    found = _TEXT_LINE.fullmatch(line_text)
    if not found or _goes_on(document, line, found):
        return None
    text = found["text"]
    if text[0] != '"' or " #" in text:
        return None
    if text.find('"', 1) == len(text) - 1:
        text = text[1:-1]
        if not text or not all(map(_is_no_escape, _ESCAPED.finditer(text))):
            return None
    elif "\\" in text or text.count('"') % 2:
        return None
    typed = _in_quotes(text)
    if read_line(f"x: {typed}") != {"x": text}:
        return None
    return Mend(line, found.start("text") + 1, found.end("text") + 1, typed, "single quotes round this text")


def _is_no_escape(found: re.Match[str]) -> bool:
    """Return True if a backslash can only be meant as one."""
    if not found[1]:
        return found[2] not in '"\\/ 0\t\n' and not found[2].isalnum() and found[2] != "_"
    word = found[1]
    if word[0] in "nt":
        return is_command(word)
    return word[0] not in "xuU"


def _spaces(document: Document, line: int, _at: int, line_text: str) -> Mend | None:
    """Replace the tabs that indent a key by the indentation of the keys above it, and those after a dash by a space."""
    says = "spaces in place of a tab"
    if found := _TAB_AFTER_DASH.match(line_text):
        below = _KEY_BEGIN.match(document.line_text(line + 1))
        is_alike = below and (below.end(1) == found.end(1) + 1 or "-" in below[1])
        return Mend(line, found.end(1) + 1, found.end(2) + 1, " ", says) if is_alike else None
    found = _TAB_LINE.match(line_text)
    column = _column_above(document, line) if found else -1
    return Mend(line, 1, found.end(1) + 1, " " * column, says) if found and column >= 0 else None


def _column_above(document: Document, line: int) -> int:
    """Return the column of the keys above a line, up to the first of their record; -1 where it is not certain."""
    column = -1
    for above in range(line - 1, 0, -1):
        text = document.line_text(above)
        found = _KEY_BEGIN.match(text)
        if not found or _BLOCK_ABOVE.search(text):
            return -1
        if column >= 0 and found.end(1) != column:
            return column if not found[1] else -1  # the record is the deck
        column = found.end(1)
        if "-" in found[1]:
            return column
    return -1


def _bar(document: Document, line: int, _at: int, _line_text: str) -> Mend | None:
    """Write '|' above a list, so that its lines stay: in place of '>', or where the text begins below its key."""
    for above in range(line, max(0, line - 200), -1):
        text = document.line_text(above)
        if found := _FOLDED.fullmatch(text):
            return Mend(above, found.start(1) + 1, found.end(1) + 1, "|", "'|' for '>'")
        if (found := _ALONE.fullmatch(text)) and _is_one_text(document, above):
            return Mend(above, found.end(1) + 1, found.end(1) + 1, " |", "'|' behind this key")
        if _KEY_BEGIN.match(text):
            return None
    return None


def _is_one_text(document: Document, key: int) -> bool:
    """Return True if below a key's line stands a single text, without quotes and without a comment."""
    text = document.line_text(key)
    column = len(text) - len(text.lstrip(" -"))
    lines: list[str] = []
    for line in range(key + 1, key + 200):
        below = document.line_text(line)
        if below.strip() and len(below) - len(below.lstrip()) <= column:
            break
        lines.append(below.strip())
    return bool(lines and lines[0]) and lines[0][0] not in "-\"'|>[{&*!" and not any("#" in one for one in lines)


def _goes_on(document: Document, line: int, found: re.Match[str]) -> bool:
    """Return True if a text may go on in the line below it."""
    below = document.line_text(line + 1)
    column = len(found["before"]) if found["key"] else len(found["before"].rstrip().removesuffix("-"))
    indent = len(below) - len(below.lstrip())
    return bool(below.strip()) and indent > column and not below.lstrip().startswith("#")


def _in_quotes(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def read_line(text: str) -> Any:
    """Return a line as plain data, each scalar as typed; None where it can't be read."""
    try:
        return yaml.load(text, yaml.CBaseLoader)  # noqa: S506 (it makes texts, lists and mappings alone)
    except yaml.YAMLError:
        return None


_KINDS: Final[dict[Code, Callable[[Document, int, int, str], Mend | None]]] = {
    Code.COLON_IN_TEXT: _quotes,
    Code.FIRST_CHARACTER: _quotes,
    Code.COMMENT_IN_TEXT: _quotes,
    Code.EARLY_QUOTE: _other_quotes,
    Code.BAD_ESCAPE: _other_quotes,
    Code.TAB_INDENT: _spaces,
    Code.FOLDED_LIST: _bar,
}
