"""The fixed words of cards and pages in the language of a lesson, from one table: `fixed_words.toml`."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

# A line of the table, which holds nothing that TOML escapes.
_WORDS: Final = re.compile(r'^(\w+) = "(.*)"$', re.MULTILINE)
# Regions that write Chinese in its traditional form.
_TRADITIONAL: Final = frozenset({"hant", "tw", "hk", "mo"})
# Tags that name a language of the table otherwise.
_SAME: Final = {"no": "nb", "nn": "nb", "iw": "he", "in": "id"}


@cache
def words(language: str) -> Mapping[str, str]:
    """Return the fixed words, by key, in a language given as its tag; in English where the table lacks it."""
    heading = f"\n[{_entry(language) if speaks(language) else 'en'}]\n"
    # Not by tomllib: its import alone takes as long as all that a small lesson's texts do.
    entry, _, _ = _table().partition(heading)[2].partition("\n[")
    return dict(_WORDS.findall(entry))


def speaks(language: str) -> bool:
    """Return True if the table has the words in this language."""
    return f"\n[{_entry(language)}]\n" in _table()


def _entry(language: str) -> str:
    """Return the name in the table of a language given as its tag."""
    main, *others = language.lower().split("-")
    if main == "zh" and not _TRADITIONAL.isdisjoint(others):
        return "zh-hant"
    return _SAME.get(main, main)


@cache
def _table() -> str:
    return files("gen2anki.schema").joinpath("fixed_words.toml").read_text(encoding="utf-8")
