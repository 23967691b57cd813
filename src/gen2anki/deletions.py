"""Cloze deletions, {{c1::…}}, as Anki reads them."""

import re
from collections.abc import Sequence
from typing import Final

# Anki makes no card for a deletion of a higher number.
MAX_NUMBER: Final = 500

# Where a deletion begins.
START: Final = re.compile(r"\{\{c(\d+)::")
# {{c1:…}}, {{C1::…}}, {{c::…}}, {{c1 ::…}}, {c1::…}
_ALMOST: Final = re.compile(r"\{\{ *(?:c\d+:(?!:)|C\d*:|c:|c\d+ +:|c +\d)|\{\{ +c\d+::|(?<!\{)\{c\d+::")
_EMPTY: Final = re.compile(r"\{\{c\d+::\s*(?:::|\}\})")
_ENDS: Final = re.compile(r"\{\{c\d+::|\}\}")
# In math: a deletion's start, an escaped character (which may be a brace), a brace.
_BRACES: Final = re.compile(r"\{\{c\d+::|\\.|[{}]", re.DOTALL)
# What a deletion's start begins with.
_DELETION: Final = "{{c"


def numbers(html: str) -> list[int]:
    """Return the numbers of a text's deletions, in order, each once."""
    return sorted({int(number) for number in START.findall(html)})


def fault(text: str, html: str, used: Sequence[int]) -> tuple[str, str, str] | None:
    """Return what is wrong with a cloze: a message, a code, what to point at.

    The cloze was typed as `text` and rendered as `html`; `used` are the numbers of its deletions.
    """
    if almost := _ALMOST.search(text):
        return "a deletion is written {{c1::…}}", "cloze-deletion", almost[0]
    if not used:
        return "the cloze hides nothing: mark what to hide as {{c1::…}}", "cloze-deletion", ""
    if used[0] == 0 or used[-1] > MAX_NUMBER:
        wrong = next(number for number in used if not 0 < number <= MAX_NUMBER)
        return f"deletions are numbered from c1 to c{MAX_NUMBER}", "cloze-number", f"{{{{c{wrong}::"
    if empty := _EMPTY.search(html):
        return "this deletion hides nothing: {{c1::…}} needs a text after '::'", "cloze-deletion", empty[0]
    if unclosed := _unclosed(html):
        return "this deletion is never closed with '}}'", "cloze-unclosed", unclosed
    return None


def _unclosed(html: str) -> str:
    """Return the beginning of the last deletion that is not closed; empty where all are."""
    opened: list[str] = []
    for match in _ENDS.finditer(html):
        if match[0] != "}}":
            opened.append(match[0])
        elif opened:
            opened.pop()
    return opened[-1] if opened else ""


def space_braces(math: str) -> str:
    """Put a space between closing braces of math: Anki ends a deletion at the first `}}` it meets.

    A deletion inside the math keeps its own `}}`.
    """
    made = ""
    opened: list[str] = []
    done = 0
    for match in _BRACES.finditer(math):
        if match.start() < done:  # the second half of a deletion's end
            continue
        brace = match[0]
        made += math[done : match.start()]
        done = match.end()
        if brace == "}" and opened:
            ends = opened[-1] == _DELETION and math[done : done + 1] == "}"
            if ends:
                brace = "}}"
                done += 1
            if ends or opened[-1] == "{":
                opened.pop()
        elif brace[0] == "{":
            opened.append(brace[: len(_DELETION)])
        if brace[-1] == "}" and made.endswith("}"):
            made += " "
        made += brace
    return made + math[done:]
