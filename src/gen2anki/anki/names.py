"""How Anki compares names: tags, decks and choices. Two names with the same key are the same to Anki."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

# What Anki takes out of a deck's name: control characters and the double quote, which its searches need.
_NOT_IN_DECK_NAMES: Final = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\x7f"]')
_BLANKS: Final = re.compile("[ \t\n\r]+")


def tag_key(tag: str) -> str:
    """Return a tag, or tags nested by `::`, as Anki compares it. Of two spellings Anki keeps the first it met."""
    return unicodedata.normalize("NFC", tag).casefold()


def tag_keys(tags: Iterable[str]) -> set[str]:
    """Return tags as Anki compares them."""
    return {tag_key(tag) for tag in tags}


def deck_part(text: str) -> str:
    """Return one part of a deck's name as Anki stores it; empty where Anki would leave nothing of it."""
    return _BLANKS.sub(" ", _NOT_IN_DECK_NAMES.sub("", unicodedata.normalize("NFC", text))).strip()


def deck_key(name: str) -> str:
    """Return a deck's name, or a part of it, as Anki compares it."""
    return unicodedata.normalize("NFC", name).casefold()


def choice_key(text: str) -> str:
    """Return a choice, or an answer, as it is compared with others: as Anki stores it, without outer spaces."""
    return unicodedata.normalize("NFC", text.strip())
