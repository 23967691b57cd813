"""Tags: those that Anki drops, and those that it takes for one another."""

import unicodedata
from collections.abc import Iterator, Mapping

from gen2anki.anki.names import tag_key
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.lesson.load import Loaded
from gen2anki.source.document import Document

# Anki keeps these for itself and drops them on import.
_RESERVED = frozenset({"marked", "leech"})


def first_places(loaded: Loaded) -> dict[str, Path]:
    """Return where each tag stands first, in source order: most notes share theirs with others."""
    places: dict[str, Path] = {}
    known = places.keys()
    for path, tags in _tag_lists(loaded):
        if tags and not known >= set(tags):
            for number, tag in enumerate(tags):
                places.setdefault(tag, (*path, "tags", number))
    return places


def check(loaded: Loaded, places: Mapping[str, Path]) -> Iterator[Problem]:
    """Yield a problem for each place of a tag that Anki drops, or takes apart; `places` are those of `first_places`."""
    bad = {tag: fault for tag in places if (fault := _fault(tag))}
    if not bad:
        return
    for path, tags in _tag_lists(loaded):
        for number, tag in enumerate(tags):
            if tag in bad:
                yield loaded.problem((*path, "tags", number), bad[tag], Code.BAD_TAG)


def check_spellings(source: Document, places: Mapping[str, Path]) -> Iterator[Problem]:
    """Yield a warning for each tag that is another one to Anki, spelled otherwise, or is nested in such a one.

    `places` tells where each tag stands first, in source order.
    """
    # By each tag, as Anki compares it: how its own part, behind what it is nested in, is spelled, and where first.
    spellings: dict[str, dict[str, Path]] = {}
    for tag, place in places.items():
        if _fault(tag):
            continue
        parts = unicodedata.normalize("NFC", tag).split("::")
        spellings.setdefault(_folded(parts), {parts[-1]: place})
        for length, part in enumerate(parts, 1):
            known = spellings.get(_folded(parts[:length]))
            if known and part not in known:
                first, first_place = next(iter(known.items()))
                line, column, _ = source.place(first_place)
                text = (
                    f"Anki takes '{part}' for '{first}' ({line}:{column}), and keeps the spelling that it met first:"
                    " write both alike"
                )
                yield source.problem_at(place, text, Code.TAG_CASE)
                known[part] = place


def _tag_lists(loaded: Loaded) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield the tags of the deck and of each note, each with the path of what has them."""
    yield ("deck",), loaded.lesson.deck.tags
    for path, question, _ in loaded.questions():
        yield path, question.tags


def _fault(tag: str) -> str:
    """Return what is wrong with a tag; empty where nothing is."""
    if tag.lower() in _RESERVED:
        return f"'{tag}' is a tag that Anki keeps for itself: use another"
    return "" if all(tag.split("::")) else f"the tag '{tag}' has an empty part"


def _folded(parts: list[str]) -> str:
    return tag_key("::".join(parts))
