"""The pictures and sounds that must be there after an import, and those that are not."""

import os
from collections.abc import Iterator, Mapping, Sequence

from gen2anki.anki.note import Medium
from gen2anki.edition.pipeline import Edition
from gen2anki.render.anki_fields import fields_of
from gen2anki.text.media import media_hash
from gen2anki.verify.fates import Fate


def media_folder(collection: str | None) -> list[str]:
    """Return the folder of a collection's media, where there is one; it is only read."""
    folder = os.path.splitext(collection)[0] + ".media" if collection is not None else ""
    return [folder] if os.path.isdir(folder) else []


def expected_media(edition: Edition, fates: Mapping[str, Sequence[Fate]], collection: str | None) -> Iterator[Medium]:
    """Yield what must be there after the import: the media of the edition's notes whose text is there.

    Anki imports the media of notes that arrive, and no others. Those of unchanged notes lie in the learner's folder, if
    it came with the collection.
    """
    kinds = {"new", "updated", "redated"}
    if not collection or media_folder(collection):
        kinds.add("unchanged")
    there = {fate.id for kind in kinds for fate in fates[kind]}
    if len(there) == len(edition.notes):
        yield from edition.media
        return
    texts = "".join(html for note in edition.notes if note.id in there for html in fields_of(note).values())
    yield from (medium for medium in edition.media if medium.name in texts)


def missing_media(media: Sequence[Medium], folders: Sequence[str]) -> Iterator[str]:
    """Yield the names of media that are in none of the folders, or are there with other bytes."""
    for medium in media:
        file = next(filter(os.path.isfile, (os.path.join(folder, medium.name) for folder in folders)), None)
        if file is None:
            yield medium.name
            continue
        with open(file, "rb") as stream:
            if media_hash(stream.read()) not in medium.name:
                yield medium.name
