"""The direction of a text in a lesson whose language is written from right to left."""

import re
import unicodedata
from typing import Final

# Languages written from right to left, unless their tag names another script; and scripts written so.
_LANGUAGES: Final = frozenset(
    [
        "acm",
        "acq",
        "acw",
        "aeb",
        "afb",
        "aii",
        "ajp",
        "apc",
        "apd",
        "ar",
        "arb",
        "arc",
        "ars",
        "ary",
        "arz",
        "azb",
        "bal",
        "bcc",
        "bej",
        "bft",
        "bgn",
        "bqi",
        "brh",
        "ckb",
        "cja",
        "dcc",
        "dv",
        "fa",
        "gbz",
        "gjk",
        "glk",
        "gwc",
        "haz",
        "he",
        "hnd",
        "hno",
        "isk",
        "iw",
        "jad",
        "ji",
        "kas",
        "kfm",
        "khw",
        "kmz",
        "ks",
        "kvx",
        "kxp",
        "lah",
        "lki",
        "lrc",
        "luz",
        "mde",
        "mid",
        "myz",
        "mzn",
        "nqo",
        "pbt",
        "pnb",
        "prd",
        "prs",
        "ps",
        "pus",
        "rhg",
        "rmt",
        "sam",
        "scl",
        "sd",
        "sdf",
        "sdh",
        "shu",
        "sam",
        "skr",
        "snd",
        "syc",
        "syr",
        "trw",
        "ug",
        "ur",
        "yi",
        "ydd",
        "yud",
    ]
)
_SCRIPTS: Final = frozenset(
    [
        "adlm",
        "arab",
        "aran",
        "armi",
        "avst",
        "chrs",
        "cprt",
        "elym",
        "hatr",
        "hebr",
        "hung",
        "khar",
        "lydi",
        "mand",
        "mani",
        "mend",
        "merc",
        "mero",
        "narb",
        "nbat",
        "nkoo",
        "orkh",
        "ougr",
        "palm",
        "phli",
        "phlp",
        "phnx",
        "prti",
        "rohg",
        "samr",
        "sarb",
        "sogd",
        "sogo",
        "syrc",
        "syre",
        "syrj",
        "syrn",
        "thaa",
        "yezi",
    ]
)
_SCRIPT_LETTERS: Final = 4
# Tags that a text may begin with. The mark stands behind them, before the first letter.
_BLOCK_TAGS: Final = re.compile(r"(?:<(?:p|[uo]l|li|h[1-6]|blockquote|table|thead|t[rhd]|button)\b[^>]*>|\s)*")
_TAG: Final = re.compile(r"<[^>]*>")
_LETTER: Final = re.compile(r"[^\W\d_]")


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
    if not first or _is_from_right(first[0]) or not any(map(_is_from_right, text)):
        return html
    start = _BLOCK_TAGS.match(html)
    at = start.end() if start else 0
    return html if html.startswith("<pre", at) else f"{html[:at]}\N{RIGHT-TO-LEFT MARK}{html[at:]}"


def _is_from_right(char: str) -> bool:
    return unicodedata.bidirectional(char) in {"R", "AL"}
