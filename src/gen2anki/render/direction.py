"""The direction of a text in a lesson whose language is written from right to left."""

import re
from typing import Final

# Languages written from right to left, unless their tag names another script; and scripts written so.
_LANGUAGES: Final = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)
_SCRIPTS: Final = frozenset({"adlm", "arab", "hebr", "nkoo", "syrc", "thaa"})
_SCRIPT_LETTERS: Final = 4
# Tags that a text may begin with. The mark stands behind them, before the first letter.
_BLOCK_TAGS: Final = re.compile(r"(?:<(?:p|[uo]l|li|h[1-6]|blockquote|table|thead|t[rhd]|button)\b[^>]*>|\s)*")
_TAG: Final = re.compile(r"<[^>]*>")
_LETTER: Final = re.compile(r"[^\W\d_]")
_FROM_RIGHT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")


def runs_from_right(language: str) -> bool:
    """Return True if a language, given as its tag, is written from right to left."""
    main, *others = language.lower().split("-")
    script = next((part for part in others if len(part) == _SCRIPT_LETTERS and part.isalpha()), "")
    return script in _SCRIPTS if script else main in _LANGUAGES


def from_right(html: str) -> str:
    """Return the HTML of a text that a card lays out from right to left.

    A card goes by the first letter. If that is in a formula, in code or in a Latin word, an invisible mark is put before it.
    A text without any letter of the language stays as it is.
    """
    text = _TAG.sub("", html)
    first = _LETTER.search(text)
    if not first or _FROM_RIGHT.match(first[0]) or not _FROM_RIGHT.search(text):
        return html
    start = _BLOCK_TAGS.match(html)
    at = start.end() if start else 0
    return html if html.startswith("<pre", at) else f"{html[:at]}\N{RIGHT-TO-LEFT MARK}{html[at:]}"
