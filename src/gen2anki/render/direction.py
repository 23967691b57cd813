"""Which way a text runs, in a lesson whose language is written from right to left."""

import re
from typing import Final

# Languages that are written from right to left unless their tag names another script, and scripts that are.
_LANGUAGES: Final = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)
_SCRIPTS: Final = frozenset({"adlm", "arab", "hebr", "nkoo", "syrc", "thaa"})
_SCRIPT_LETTERS: Final = 4
# With these a text may begin: what is to stand before its first letter stands behind them.
_BLOCK_TAGS: Final = re.compile(r"(?:<(?:p|[uo]l|li|h[1-6]|blockquote|table|thead|t[rhd]|button)\b[^>]*>|\s)*")
_TAG: Final = re.compile(r"<[^>]*>")
_LETTER: Final = re.compile(r"[^\W\d_]")
_FROM_RIGHT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")


def runs_from_right(language: str) -> bool:
    """Say whether a language, given as its tag, is written from right to left."""
    main, *others = language.lower().split("-")
    script = next((part for part in others if len(part) == _SCRIPT_LETTERS and part.isalpha()), "")
    return script in _SCRIPTS if script else main in _LANGUAGES


def from_right(html: str) -> str:
    """Return the HTML of a text in a language that is written from right to left, so that a card lays it out so.

    A card looks at the first letter. Where that is one of a formula, of code or of a Latin word, an invisible mark stands
    before it; a text without any letter of the language is laid out as its own letters ask for.
    """
    text = _TAG.sub("", html)
    first = _LETTER.search(text)
    if not first or _FROM_RIGHT.match(first[0]) or not _FROM_RIGHT.search(text):
        return html
    start = _BLOCK_TAGS.match(html)
    at = start.end() if start else 0
    return html if html.startswith("<pre", at) else f"{html[:at]}\N{RIGHT-TO-LEFT MARK}{html[at:]}"
