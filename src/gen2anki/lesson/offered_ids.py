"""Ids for notes and sections that were written without one, made of their words."""

import re
from collections.abc import Collection, Iterator
from itertools import count
from typing import Any, Final, NamedTuple

from gen2anki.diagnostics.problem import Path
from gen2anki.schema.identifiers import words

# How many words an offered id has, and how many characters, at most. A number may follow.
_WORDS: Final = 5
_CHARACTERS: Final = 36
# Words that say little of what a question asks.
_LITTLE: Final = re.compile(
    "an?|and|are|as|at|be|by|can|did|do|does|for|from|ha[ds]|have|how|if|in|into|is|its?|of|on|one|or|that|the|their|then"
    "|there|these|they|this|to|was|were|what|when|where|which|who|whose|why|will|with|would|you|your"
)
# What a text holds beside its words: pictures and links keep their text, deletions what they hide.
_MARKUP: Final = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)|\{\{c\d+::|(?:::[^{}\n]*)?\}\}|<[^<>\n]*>")


class Nameless(NamedTuple):
    """A note or a section without an id: its path, and what an id for it begins with."""

    path: Path
    stem: str


def nameless(path: Path, record: Any) -> Nameless:
    """Return what is known of a note or a section without an id, from its plain data."""
    texts = (record.get(key) for key in ("question", "cloze", "title"))
    text = next((text for text in texts if isinstance(text, str) and words(_plain(text))), "")
    return Nameless(path, _stem(text) or ("note" if path[-2] != "practice" else "section"))


def _plain(text: str) -> str:
    return _MARKUP.sub(lambda found: f" {found[1] or ''} " if found[0][0] in "![" else "", text)


def _stem(text: str) -> str:
    """Return the words of a text that say most, joined by hyphens."""
    every = words(_plain(text))
    chosen = [word for word in every if not _LITTLE.fullmatch(word)] or every
    stem = ""
    for word in chosen[:_WORDS]:
        longer = f"{stem}-{word}" if stem else word[:_CHARACTERS]
        if len(longer) > _CHARACTERS:
            break
        stem = longer
    return stem


def offered(
    found: Collection[Nameless], notes: Collection[str], sections: Collection[str]
) -> Iterator[tuple[Path, str]]:
    """Yield the path of each nameless note or section and an id that no other has; those of notes and sections are in use."""
    taken = {True: set(sections), False: set(notes)}
    for path, stem in found:
        used = taken[path[-2] == "practice"]
        numbered = (f"{stem}-{number}" for number in count(2))
        id = stem if stem not in used else next(one for one in numbered if one not in used)
        used.add(id)
        yield path, id
