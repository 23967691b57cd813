"""Tags that Anki drops, and spellings that are one tag to Anki. What a tag is made of stands in `schema.values`."""

import unicodedata
from collections.abc import Iterator, Mapping

from gen2anki.anki.names import tag_key
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.lesson.load import Loaded
from gen2anki.source.positions import Places

# Anki has a use of its own for these, and drops them on import.
_RESERVED = frozenset({"marked", "leech"})


def first_places(loaded: Loaded) -> dict[str, Path]:
    """Return where each tag stands first, in source order."""
    places: dict[str, Path] = {}
    known = places.keys()
    for path, tags in _tag_lists(loaded):
        if tags and not known >= set(tags):  # most notes have no tag of their own
            for number, tag in enumerate(tags):
                places.setdefault(tag, (*path, "tags", number))
    return places


def check(loaded: Loaded, first: Mapping[str, Path]) -> Iterator[Problem]:
    """Yield a problem at each place of a tag that Anki drops or changes; `first` is what `first_places` returns."""
    bad = {tag: message for tag in first if (message := _message(tag))}
    if not bad:
        return
    for path, tags in _tag_lists(loaded):
        for number, tag in enumerate(tags):
            if tag in bad:
                yield loaded.problem((*path, "tags", number), bad[tag], Code.BAD_TAG)


def check_spellings(places: Places, first: Mapping[str, Path]) -> Iterator[Problem]:
    """Yield a warning for each tag that differs from an earlier one, in itself or in a parent, but not to Anki.

    `first` is what `first_places` returns.
    """
    # By each tag, as Anki compares it: the spellings of its last part, each with its first place.
    spellings: dict[str, dict[str, Path]] = {}
    for tag, place in first.items():
        if _message(tag):
            continue
        parts = unicodedata.normalize("NFC", tag).split("::")
        spellings.setdefault(_folded(parts), {parts[-1]: place})
        for length, part in enumerate(parts, 1):
            known = spellings.get(_folded(parts[:length]))
            if known and part not in known:
                other, other_place = next(iter(known.items()))
                line, column, _ = places.place(other_place)
                text = (
                    f"'{part}' and '{other}' ({line}:{column}) are the same tag to Anki, which keeps the spelling that came"
                    " first: write both alike"
                )
                yield places.problem(place, text, Code.TAG_CASE)
                known[part] = place


def _tag_lists(loaded: Loaded) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield the path and the tags of the deck and of each question."""
    yield ("deck",), loaded.lesson.deck.tags
    for path, question, _ in loaded.questions():
        yield path, question.tags


def _message(tag: str) -> str:
    """Return what is wrong with a tag; empty where nothing is."""
    if tag.lower() in _RESERVED:
        return f"Anki uses the tag '{tag}' itself and drops it on import: use another"
    return "" if all(tag.split("::")) else f"the tag '{tag}' has an empty part"


def _folded(parts: list[str]) -> str:
    return tag_key("::".join(parts))
