"""Cloze deletions, {{c1::…}}, as Anki reads them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.markdown.literal_marks import Reader

# Anki makes no card for a deletion of a higher number.
MAX_NUMBER: Final = 500

# Where a deletion begins. To Anki, only these ten are digits.
START: Final = re.compile(r"\{\{c([0-9]+)::")
_ALMOST: Final = re.compile(
    "[{｛](?:"
    # {c1::…}}, {{c1:…}}, {{C1::…}}, {{c::…}}, {{c1 ::…}}, {{ c1::…}}, and c1 with digits of another script
    r"(?<!\{\{)c[0-9]+::|\{(?: *(?:c[0-9]+:(?!:)|C\d*:|c:|c[0-9]+ +:|c +\d)| +c[0-9]+::|c(?![0-9]+::)\d+::)"
    # {{c1,2::…}}
    r"|(?P<several>\{c[0-9]*,[0-9,]*::)"
    # What may be code: {{1::…}}, {{cl::…}}, {{c1;:…}}, c1 with colons or braces as wide as CJK, or a Cyrillic с
    r"|(?P<words>\{(?:[0-9]+::|c(?=[0-9]*[lIO])[0-9lIO]+::|c[0-9]+:?[;：；]:?|[сС][0-9]+:)|｛c[0-9]))"
)
# A character that was typed in place of one that looks like it.
_LOOKS_LIKE: Final = re.compile(r"[^\x00-\x7f]|[lIO]")
# A word with a single word as its hint, as in std::vector; and a deletion with an empty hint.
_ODD_HINT: Final = re.compile(r"\{\{c[0-9]+::[a-z_]\w*::[A-Za-z_]\w*\}\}")
_NO_HINT: Final = re.compile(r"\{\{c[0-9]+::[^{}]*?::\s*\}\}")
# A deletion without text between its start and its end or hint.
_EMPTY: Final = re.compile(r"(\{\{c[0-9]+::)(?:\s|&nbsp;|(</?(?:em|strong|del)>))*(?:::|\}\})")
# A deletion's start, with the word behind it.
_BEGINNING: Final = re.compile(r"\{\{c([0-9]+)::[^\W_]*")
_ENDS: Final = re.compile(r"\{\{c([0-9]+)::|\}\}")
_SOUND_OR_END: Final = re.compile(r"\{\{c[0-9]+::|\}\}|\[sound:[^\]]*\] ?")
_TAG: Final = re.compile(r"<[a-zA-Z][^<>]*>")
# A tag that holds what may be a part of a deletion.
_MARKED_TAG: Final = re.compile(r"<[a-zA-Z][^<>]*(?:::|\}\})")
# A deletion's start, an escaped brace or backslash, a brace, a colon before another.
_MARKS: Final = re.compile(r"\{\{c[0-9]+::|\\[{}\\]|[{}]|:(?=:)")
# A deletion's start or end, and a brace, unless it is escaped in math.
_ALL_BRACES: Final = re.compile(r"\{\{c[0-9]+::|(?<!\\)\{|\}\}|(?<!\\)\}")
_CODE_WITHOUT: Final = re.compile(r"<code[^>]*>(?:(?!\{\{c[0-9]).)*?</code>", re.DOTALL)
# What a deletion's start begins with.
_DELETION: Final = "{{c"
# Stands between two characters of code. It shows nothing, is not copied with them, and Anki's editor leaves it alone.
_CODE_BREAK: Final = "<wbr>"


def numbers(html: str) -> list[int]:
    """Return the numbers of a text's deletions, in order, each once."""
    return sorted({int(number) for number in START.findall(html)})


def hidden(html: str) -> dict[int, list[str]]:
    """Return the HTML that a text hides under each number, without hints."""
    found: dict[int, list[str]] = {}
    opened: list[re.Match[str]] = []
    for match in _ENDS.finditer(html):
        if match[0] != "}}":
            opened.append(match)
        elif opened:
            start = opened.pop()
            found.setdefault(int(start[1]), []).append(html[start.end() : match.start()].partition("::")[0])
    return found


def without_sounds(html: str) -> tuple[str, str]:
    """Return a text without the sounds that no deletion hides, and these sounds.

    Both sides of a cloze show its text, and Anki would play what the text has at the turn of the card, too. So such sounds
    get a field of their own, which only the front shows.
    """
    if "[sound:" not in html:
        return html, ""
    kept, sounds, start, depth = [], [], 0, 0
    for match in _SOUND_OR_END.finditer(html):
        if match[0].startswith("[") and not depth:
            kept.append(html[start : match.start()])
            sounds.append(match[0].strip())
            start = match.end()
        elif match[0] == "}}":
            depth = max(0, depth - 1)
        elif not match[0].startswith("["):
            depth += 1
    return ("".join(kept) + html[start:]).rstrip(" "), " ".join(sounds)


def outside_code(text: str) -> str:
    """Return the beginning of the first deletion outside of a text's code, as typed; empty where there is none."""
    found = START.search(_without_code(text))
    return found[0] if found else ""


def fault(text: str, html: str, used: Sequence[int]) -> Finding | None:
    """Return what is wrong with a cloze; None where nothing is.

    The cloze was typed as `text` and rendered as `html`. `used` are the numbers of its deletions, in order.
    """
    almost = _ALMOST.search(text)
    if almost and almost["words"] and "`" in text:
        almost = _ALMOST.search(_without_code(text))
    if almost:
        # With the next character, because `{{c1:` also stands in each `{{c1::`.
        return Finding(_slip(almost), Code.CLOZE_DELETION, almost.string[almost.start() : almost.end() + 1].rstrip())
    if text.count(_DELETION) > html.count(_DELETION) and (dropped := _dropped_fault(text, html)):
        return dropped
    if not used:
        return Finding("the cloze hides nothing: mark what to hide as {{c1::…}}", Code.CLOZE_DELETION, "")
    if used[0] == 0 or used[-1] > MAX_NUMBER:
        wrong = next(number for number in used if not 0 < number <= MAX_NUMBER)
        return Finding(f"deletions are numbered from c1 to c{MAX_NUMBER}", Code.CLOZE_NUMBER, f"{{{{c{wrong}::")
    if empty := _EMPTY.search(html):
        fault = "this deletion hides nothing: {{c1::…}} needs a text after '::'"
        if empty[2]:
            fault = "this deletion hides only where emphasis begins or ends: write '\\' before the sign, as in '\\*'"
        return Finding(fault, Code.CLOZE_DELETION, empty[1] if empty[2] else empty[0])
    return (_MARKED_TAG.search(html) and _tag_fault(html)) or _end_fault(html)


def _without_code(text: str) -> str:
    """Return a text, as typed, with a backtick in place of its code."""
    if "`" not in text:
        return text
    reader = Reader(text, html=True)
    reader.read()
    return reader.parts.restore(reader.prose)


def odd_hints(text: str) -> Iterator[Finding]:
    """Yield the first deletion whose '::' was hardly meant to begin a hint, as in {{c1::std::vector}}."""
    prose = _without_code(text)
    if found := _NO_HINT.search(prose):
        message = "this deletion has '::' and no hint behind it: write the hint, or take the '::' out"
        yield Finding(message, Code.CLOZE_DELETION, found[0])
    elif found := _ODD_HINT.search(prose):
        hint = found[0][:-2].rpartition("::")[2]
        message = f"'{hint}' is shown as a hint: put all of it in backticks to hide it, or write '{hint}?' for a hint"
        yield Finding(message, Code.CLOZE_HINT, found[0])


def _slip(found: re.Match[str]) -> str:
    """Return the message about a text that is almost the beginning of a deletion."""
    if found["several"]:
        return "older Ankis do not know a deletion of several numbers: write one inside the other, {{c1::{{c2::…}}}}"
    odd = _LOOKS_LIKE.search(found[0])
    return "a deletion is written {{c1::…}}" + (f": '{odd[0]}' is another character" if odd else "")


def _dropped_fault(text: str, html: str) -> Finding | None:
    """Return what is wrong with a deletion that was typed and is missing in the HTML; None where none is."""
    lost = Counter(START.findall(text)) - Counter(START.findall(html))
    found = [beginning for beginning in _BEGINNING.finditer(text) if beginning[1] in lost]
    if not found:
        return None
    # Prefer the one whose word is gone: another of the same number may still be there.
    dropped = next((beginning for beginning in found if beginning[0] not in html), found[0])
    text = "Markdown drops this deletion: it can't stand in an address, nor in the line that begins a block of code"
    return Finding(text, Code.CLOZE_DELETION, dropped[0])


def _tag_fault(html: str) -> Finding | None:
    """Return what is wrong with a deletion that Anki sees inside a tag; None where there is none."""
    opened: list[str] = []
    done = 0
    for tag in _TAG.finditer(html):
        _follow(html[done : tag.start()], opened)
        done = tag.end()
        if start := START.search(tag[0]):
            text = (
                "a deletion can't stand in a picture's description, or in an address or its title: Anki would tear it"
            )
            return Finding(text, Code.CLOZE_DELETION, start[0])
        if opened and ("::" in tag[0] or "}}" in tag[0]):
            text = "Anki takes '::' for the hint's beginning and '}}' for the end, also in an address (write ':%3A') or a description"
            return Finding(text, Code.CLOZE_DELETION, opened[-1])
    return None


def _end_fault(html: str) -> Finding | None:
    """Return what is wrong with the end of a deletion; None where all are right."""
    if ("}}}" in html or html.count("}}") > html.count(_DELETION)) and (torn := _torn(html)):
        fault = "Anki ends a deletion at its first '}}': put a space between the two, '} }', or the hidden text in backticks"
        return Finding(fault, Code.CLOZE_DELETION, torn)
    if unclosed := _unclosed(html):
        return Finding("this deletion is never closed with '}}'", Code.CLOZE_UNCLOSED, unclosed)
    return None


def _torn(html: str) -> str:
    """Return the beginning of a deletion that ends before a brace in it is closed; empty where none does.

    Code without deletions is left out: its braces need no partners.
    """
    opened: list[tuple[str, int]] = []
    depth = 0  # of the braces in the deletion, or outside of all
    torn = ""
    html = _CODE_WITHOUT.sub("", html)
    for match in _ALL_BRACES.finditer(html):
        brace = match[0]
        if brace == "{":
            depth += 1
        elif brace == "}":
            depth -= 1
        elif brace != "}}":
            opened.append((brace, depth))
            depth = 0
        elif opened:
            start, outer = opened.pop()
            if depth > 0:
                torn = torn or start
                if html.startswith("}", match.end()):
                    return torn
            depth = outer
        elif depth > 1:
            depth -= 2
        elif torn:
            return torn
    return ""


def _unclosed(html: str) -> str:
    """Return the beginning of the last deletion that is not closed; empty where all are."""
    opened: list[str] = []
    _follow(html, opened)
    return opened[-1] if opened else ""


def _follow(html: str, opened: list[str]) -> None:
    """Add to `opened` the deletions that a text opens, and take away those that it closes."""
    for match in _ENDS.finditer(html):
        if match[0] != "}}":
            opened.append(match[0])
        elif opened:
            opened.pop()


def part_code(pieces: list[str]) -> str:
    """Return the HTML of a text in which Anki finds no mark in the code of a deletion.

    `pieces` are text, code, text and so on, as HTML.
    """
    opened: list[str] = []
    for place, piece in enumerate(pieces):
        if place % 2 and opened:
            pieces[place] = part(piece, _CODE_BREAK)
        _follow(pieces[place], opened)
    return "".join(pieces)


def part(text: str, by: str) -> str:
    """Return a text with `by` between the characters of each `::` and `}}`.

    Anki would take them for marks of a deletion around the text. Those of a deletion inside the text stay as they are.
    """
    made = ""
    opened: list[str] = []
    done = 0
    for match in _MARKS.finditer(text):
        if match.start() < done:  # the second half of a deletion's end
            continue
        mark = match[0]
        made += text[done : match.start()]
        done = match.end()
        inside = opened[-1] if opened else ""
        if mark == ":":
            mark += by if inside != _DELETION else ""
        elif mark == "}":
            ends = inside == _DELETION and text.startswith("}", done)
            if ends:
                mark = "}}"
                done += 1
            if ends or inside == "{":
                opened.pop()
        elif mark[0] == "{":
            opened.append(mark[: len(_DELETION)])
        if mark[-1] == "}" and made.endswith("}"):
            made += by
        made += mark
    return made + text[done:]
