"""Deletions in math. Anki takes their braces away, and LaTeX may read the rest in another way."""

import re
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding

_MATH: Final = re.compile(r"\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)
# One deletion's beginning or several in a row, and the first with the word behind it.
_STARTS: Final = re.compile(r"(?=(\{\{c[0-9]+::[^\W_]*))(?:\{\{c[0-9]+::)+")
# What takes an argument: a group in braces, or else the next character. Some commands take two.
_SCRIPT: Final = re.compile(r"(?<!\\)[\^_]$")
_TAKES_ONE: Final = re.compile(
    r"\\(?:sqrt|[dtc]?frac|[dt]?binom|text(?:bf|it|md|normal|rm|sc|sf|tt|up|color)?|[mhf]box|boxed|ce|pu"
    r"|math(?:bb|bf|bin|cal|close|frak|inner|it|op|open|ord|punct|rel|ring|rm|scr|sf|tt)|boldsymbol|pmb|operatorname"
    r"|(?:wide)?(?:hat|tilde|check)|d{1,4}ot|bar|vec|acute|grave|breve|(?:over|under)(?:line|brace|set|paren|bracket)"
    r"|(?:over|under)(?:left|right|leftright)arrow|x(?:left|right)arrow|[hv]?phantom|smash|[bx]?cancel|substack"
    r"|stackrel|tag|p?mod|pod|color(?:box)?)\*?(?:\s*\[[^\[\]]*\])?$"
)
_TAKES_TWO: Final = re.compile(r"\\(?:[dtc]?frac|[dt]?binom|(?:over|under)set|stackrel|textcolor|colorbox)$")
# A command, whose name would go on with the next letter; and what takes the brackets of the front, […], for its own.
_JOINS_WORD: Final = re.compile(r"\\[A-Za-z]+$")
_JOINS_BRACKETS: Final = re.compile(r"(?<!\\)\\\\$|\\begin\{(?:aligned|gathered)\}\s*$")
# The rest of a deletion without a hint whose text is one character to LaTeX.
_ONE_CHARACTER: Final = re.compile(r"\s*(?:[^\s{}\\&]|&\w+;|\\(?:[A-Za-z]+|.)|\{[^{}]*\})\s*\}\}")


def fault(html: str) -> Finding | None:
    """Return what is wrong with a deletion in the math of a cloze; None where nothing is."""
    for math in _MATH.findall(html):
        for starts in _STARTS.finditer(math):
            if better := _with_braces(math[: starts.start()], math[starts.end() :]):
                text = f"Anki takes a deletion's braces away, and LaTeX reads it otherwise without: write '{better}'"
                return Finding(text, Code.CLOZE_DELETION, starts[1])
    return None


def _with_braces(before: str, behind: str) -> str:
    """Return how to write a deletion that stands between two parts of a formula; empty where it is right as it is."""
    if found := _JOINS_BRACKETS.search(before):
        return f"{found[0].rstrip()}{{}} {{{{c1::…}}}}"
    takes = _TAKES_ONE.search(before.rstrip())
    if not takes and (found := _JOINS_WORD.search(before)):
        return f"{found[0]} {{{{c1::…}}}}" if behind[:1].isascii() and behind[:1].isalpha() else ""
    before = before.rstrip()
    first = ""
    if not takes and before.endswith("}"):
        takes = _TAKES_TWO.search(_without_group(before).rstrip())
        first = "{…}"
    elif not takes and not _ONE_CHARACTER.match(behind) and not _is_in_chemistry(before):
        takes = _SCRIPT.search(before)
    return f"{takes[0]}{first}{{ {{{{c1::…}}}} }}" if takes else ""


def _is_in_chemistry(before: str) -> bool:
    r"""Return True if a part of a formula ends inside `\ce{…}` or `\pu{…}`, where `^2-` needs no braces."""
    start = max(before.rfind("\\ce{"), before.rfind("\\pu{"))
    return start >= 0 and before.count("{", start) > before.count("}", start)


def _without_group(math: str) -> str:
    """Return a part of a formula without the group in braces at its end."""
    depth = 0
    for place in range(len(math) - 1, -1, -1):
        if math[place] in "{}" and math[place - 1 : place] != "\\":
            depth += 1 if math[place] == "}" else -1
            if not depth:
                return math[:place]
    return ""
