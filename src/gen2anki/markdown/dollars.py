r"""Which dollars are math: one rule, which spares prices, cells of a spreadsheet, variables and regular expressions.

`$…$` is math where it looks like a formula from both sides, on one line. No blank stands inside next to a dollar. No letter, digit
or closing bracket stands before it, unless the formula begins with a command, `^` or `_` (`3$\times$3`, `CO$_2$`). No
digit stands behind it, unless the formula holds one of these and no blank. It neither begins nor ends like a part of a sentence or of
a program (`$a=$b`, `"$@"`, `$5-10 or 20$`).
"""

import re
from typing import Final

# What stands before a dollar that ends something: a word, a bracket, a part of a regular expression.
_BEFORE: Final = re.compile(r"[\w)\]}?^$\\]")
# A formula that goes on what stands before it.
_GOES_ON: Final = re.compile(r"\s*(?:\\[A-Za-z{%,;:!]|[\^_{])")
# What no formula begins with: the special variables of a shell, a stop, a closing bracket, a variable in braces.
_NO_BEGINNING: Final = re.compile(r"[@#?!*,.;:/)\]}%&'\"](?!$)|\|[^|]*$|\{[A-Za-z_]\w*\}(?![\^_][{\\A-Za-z0-9])")
# What tells LaTeX from other texts.
_LATEX: Final = re.compile(r"\\[A-Za-z]|[\^_]")
# What no formula ends with.
_NO_END: Final = re.compile(r"(?<!\\)[\\^_&@]$|=~|^[^{\\]*\}")
# What ends no formula that goes on with a word: an operator, an opening bracket, a quote. But Na^+ is an ion.
_OPEN_END: Final = re.compile(r"(?<![\^_])[=+\-*/<>,.:;(\[{|!?%#~\"`]$|(?<![A-Za-z')}\^_])'$")
_WORD_BEHIND: Final = re.compile(r"[\w(\[\"'`\\]")
# Two variables in a row: $HOME$PATH, $foo$bar.
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]+|[a-z][a-z0-9]+")
# An amount of money and words behind it: 5-10 or 20.
_AMOUNT: Final = re.compile(r"[\d.,]+[kKmM]?(?=[^\\^_=]*$).*?(?:[^\\A-Za-z][A-Za-z]{2,}|; )", re.DOTALL)
_WORDS: Final = re.compile(r"[\w\s.,;:'-]*[A-Za-z]{2,}[\w\s.,;:'-]*")

# A formula as most are: it begins and ends as formulas do, in a sentence. The rule needs no closer look.
COMMON: Final = re.compile(
    r"\$(?:(?<=[\s(]\$)|(?<![\s\S]\$))(?!\w+\$\w)([A-Za-z\\](?:[^$\n\"`=]|=(?!~))*(?<![\s\\^_&@]))\$(?=[\s.,;:!?)]|$)"
)


def is_formula(before: str, inner: str, behind: str) -> bool:
    """Return True if `inner`, between two dollars, is math; `before` and `behind` are the characters around these.

    `before` and `behind` are empty where the text begins or ends.
    """
    if (
        not inner
        or "\n" in inner
        or inner[0].isspace()
        or inner[-1].isspace()
        or _NO_END.search(inner)
        or _has_half(inner)
    ):
        return False
    if _BEFORE.match(before):
        if not _GOES_ON.match(inner):
            return False
    elif _NO_BEGINNING.match(inner) or _AMOUNT.match(inner):
        return False
    if behind.isdigit():
        return _LATEX.search(inner) is not None and " " not in inner
    if _WORD_BEHIND.match(behind) and _OPEN_END.search(inner):
        return False
    is_variable = _VARIABLE.fullmatch(inner) and (
        behind == "_" or behind.isupper() if inner.isupper() else behind.islower()
    )
    return not is_variable and behind not in {"{", "@"}


def is_display(inner: str) -> bool:
    """Return True if `inner`, between two pairs of dollars, is math, and not the words between two of a shell's `$$`."""
    words = inner.strip()
    if _has_half(inner):
        return False
    return (
        bool(words)
        and words[0] not in ";,.)]"
        and words not in {"(", "[", "{"}
        and not (inner[0] == " " and _WORDS.fullmatch(words) is not None)
    )


def _has_half(inner: str) -> bool:
    """Return True if code, or a text in quotes, begins or ends between two dollars."""
    return inner.count('"') % 2 == 1 or (inner.count("`") % 2 == 1 and "'" not in inner)
