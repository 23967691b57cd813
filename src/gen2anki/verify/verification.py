"""Imports an edition into real Anki and compares the collection before and after."""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gen2anki.anki import package_reader, packed_collection
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import ProblemsError, failure
from gen2anki.edition.pipeline import Edition
from gen2anki.output import apkg
from gen2anki.output.leftovers import temporary_folder
from gen2anki.verify import engine
from gen2anki.verify.arrived_media import expected_media, media_folder, missing_media
from gen2anki.verify.engine import CollectionNote
from gen2anki.verify.fates import Fates, empty_fronts
from gen2anki.verify.report import Report

if TYPE_CHECKING:
    from anki.collection import Collection as AnkiCollection

Stage = Callable[[str], None]


def verify(edition: Edition, *, after: Sequence[str], collection: str | None, source: str, stage: Stage) -> Report:
    """Import an edition after earlier ones, into an empty collection or a copy of `collection`.

    `collection` itself is read and never opened for writing; `source` is a name for messages.

    Raises:
        ProblemsError: Anki's library is not there, or a package or the collection can't be read.
    """
    version = engine.version(source)
    with temporary_folder() as folder:
        copy = os.path.join(folder, "collection.anki2")
        if collection is not None:
            stage("copying the collection")
            engine.copy(collection, copy)
        with engine.opened(copy, collection or copy, version) as opened:
            if collection is not None:
                engine.mend(opened, collection)
            earlier = _import_earlier(opened, after, stage)
            before = engine.state(opened)
            if collection is not None:
                # A learner may have edited notes: then the earlier editions are read once more, from where nobody did.
                earlier = _earlier(after, folder, version)
            stage("importing the edition")
            built = os.path.join(folder, "edition.apkg")
            with open(built, "wb") as stream:
                apkg.write(apkg.collect(edition, folder), stream)
            engine.imported(opened, built, source)
            stage("comparing")
            fates = Fates(edition, before, engine.state(opened), earlier, of_a_learner=collection is not None)
            by_kind = fates.by_kind()
            media = tuple(expected_media(edition, by_kind, collection))
            missing = [*missing_media(media, [opened.media.dir(), *media_folder(collection)])]
            if collection is None:  # a learner's own notes may lack media of theirs
                missing += engine.missing_media(opened)
            media_missing = tuple(dict.fromkeys(missing))
            empty = tuple(empty_fronts(edition, engine.blank(opened)))
            stage("checking the collection")
            integrity = engine.complaints(opened)
    names = [os.path.basename(file) for file in after]
    start = f"a copy of {collection}" if collection is not None else "an empty collection"
    return Report(
        anki=version,
        before=", after ".join([start, *names]),
        fates={**by_kind, "empty": empty},
        decks=fates.new_decks,
        described=fates.described,
        notetypes=fates.new_notetypes,
        media=len(media),
        media_missing=media_missing,
        integrity=integrity,
    )


def _earlier(after: Sequence[str], folder: str, version: str) -> list[dict[str, CollectionNote]]:
    """Return the notes after each of the earlier editions, in a collection that holds nothing else."""
    if not after:
        return []
    file = os.path.join(folder, "earlier.anki2")
    with engine.opened(file, file, version) as opened:
        return _import_earlier(opened, after, lambda _: None)


def _import_earlier(opened: "AnkiCollection", after: Sequence[str], stage: Stage) -> list[dict[str, CollectionNote]]:
    """Import earlier editions, in this order; return the notes of the collection, by guid, after each."""
    states = []
    for file in after:
        _check(file)
        stage(f"importing {os.path.basename(file)}")
        if not engine.imported(opened, file, file):
            raise failure(file, "is no Anki package, or holds no notes", Code.PACKAGE_FOREIGN)
        states.append(engine.state(opened).notes)
    return states


def _check(file: str) -> None:
    """Refuse a package that could do harm; Anki itself believes what it is given."""
    try:
        package_reader.read(file)
        packed_collection.check_media(file)
    except ProblemsError as error:
        # Anki can unpack what nothing else here can.
        if {problem.code for problem in error.problems} != {Code.PACKAGE_COMPRESSED}:
            raise
