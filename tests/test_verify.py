"""`gen2anki verify`: what real Anki makes of an edition, before learners meet it."""

import dataclasses
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

import anki.buildinfo
import genanki
import pytest
from anki.decks import DeckId

from author import DAY, Author
from gen2anki.anki import frozen, notetypes
from gen2anki.diagnostics.installation import command_to_add
from gen2anki.edition import pipeline
from gen2anki.output import apkg
from gen2anki.text import media
from gen2anki.verify import engine
from learner import Arrived, Learner
from lesson import NOTES, add_note, settle_in

KINDS = ("new", "updated", "unchanged", "kept", "refused", "redated", "duplicated", "left_behind", "lost", "empty")


@pytest.fixture(autouse=True)
def _lesson(author: Author) -> None:
    settle_in(author.folder)


def _found(author: Author, *arguments: str, ok: bool = True) -> dict[str, Any]:
    """Verify, and return the ids found, by kind; of new and unchanged notes only their number."""
    found = author.json("verify", *arguments)
    assert found["ok"] is ok
    assert author.run("verify", *arguments).exit_code == (0 if ok else 1)
    kinds = {kind: [fate["id"] for fate in found[kind]] for kind in KINDS if found[kind]}
    return kinds | {kind: len(kinds[kind]) for kind in ("new", "unchanged") if kind in kinds}


def _files(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file): (file.read_bytes(), file.stat().st_mtime_ns) for file in files}


# --- the report


def test_a_first_edition_arrives_whole(author: Author) -> None:
    """Every note, deck, note type and picture, as real Anki reports them."""
    result = author.run("verify")
    assert result.exit_code == 0
    assert result.stdout == (
        f"Imported into Anki {anki.buildinfo.version}, an empty collection:\n"
        "  8 new\n"
        "  decks created: Geography, Geography::Seas, Geography::Seas::Flashcards, Geography::Seas::Inland or not,"
        " Geography::Seas::Quick questions\n"
        "  note types created: gen2anki Card, gen2anki Cloze\n"
        "  media: 1 of 1 present\n"
        "  Anki's own check: finds nothing\n"
        "nothing is refused, duplicated or lost\n"
    )


def test_after_the_last_edition_it_tells_what_learners_will_meet(author: Author) -> None:
    """It names what is updated, new and unchanged, and what stays behind with those who have it."""
    first = author.publish()
    author.replace("About 11 km", "10,935 m")
    author.retire("map")
    author.write(add_note(author.text()))
    result = author.run("verify", "--after", str(first))
    assert result.exit_code == 0
    assert result.stdout == (
        f"Imported into Anki {anki.buildinfo.version}, an empty collection, after 1.apkg:\n"
        "  1 new\n"
        "  1 updated: reviews and due dates stay\n"
        "    depth\n"
        "  6 unchanged\n"
        "  1 left behind: not in this edition; they stay with those who have them\n"
        "    map\n"
        "  decks with a new description: Geography::Seas\n"
        "  Anki's own check: finds nothing\n"
        "nothing is refused, duplicated or lost\n"
    )


def test_as_json_it_has_everything(author: Author) -> None:
    """Programs that publish an edition read it."""
    found = author.json("verify")
    assert found == {
        "command": "verify", "ok": True, "source": "cards.yaml", "deck": "seas", "anki": anki.buildinfo.version,
        "new": [{"id": id} for id in ("largest", "saltiest", "depth", "salt", "map", "shores", "dead", "caspian")],
        **{kind: [] for kind in KINDS[1:]},
        "decks": ["Geography", "Geography::Seas", "Geography::Seas::Flashcards", "Geography::Seas::Inland or not",
                  "Geography::Seas::Quick questions"],
        "described": [], "notetypes": ["gen2anki Card", "gen2anki Cloze"],
        "media": 1, "media_missing": [], "integrity": [], "problems": [],
    }  # fmt: skip


def test_a_description_that_anki_leaves_as_it_was_is_not_told(author: Author) -> None:
    """Anki ignores an empty description."""
    first = author.publish()
    author.replace("  description: The seas of the *world*.\n", "")
    author.replace("minutes: 5", "minutes: 6")
    assert author.json("verify", "--after", str(first))["described"] == ["Geography::Seas::Quick questions"]


def test_several_earlier_editions_are_imported_in_turn(author: Author) -> None:
    """So a learner has them who took every edition."""
    first = author.publish()
    author.replace("About 11 km", "10,935 m")
    second = author.publish()
    author.write(add_note(author.text()))
    assert _found(author, "--after", str(first), "--after", str(second)) == {"new": 1, "unchanged": NOTES}


def test_what_the_first_edition_alone_shows_is_found_behind_others_too(author: Author) -> None:
    """The second edition gave a later date without a change. Whoever skipped it loses their edits with the third."""
    first = author.publish()
    author.ledger.unlink()
    second = author.publish()
    for after in ([first], [first, second]):
        arguments = [argument for package in after for argument in ("--after", str(package))]
        assert len(author.json("verify", *arguments)["redated"]) == NOTES


def test_a_text_changed_and_changed_back_has_its_date_by_right(author: Author) -> None:
    """The edition in between had another text."""
    first = author.publish()
    author.replace("About 11 km", "10,935 m")
    second = author.publish()
    author.replace("10,935 m", "About 11 km")
    third = author.publish()
    arguments = [argument for package in (first, second, third) for argument in ("--after", str(package))]
    assert _found(author, *arguments) == {"unchanged": NOTES}


def test_it_writes_nothing(author: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves no ledger and no package, here or among the temporary files."""
    author.publish()
    author.write(add_note(author.text()))
    before = _files(author.folder)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    _found(author, "--after", "editions/1.apkg")
    assert _files(author.folder) == before
    assert list(temporary.iterdir()) == []


def test_a_source_with_problems_is_reported_as_check_would(author: Author) -> None:
    """It prints the same lines, and exits with 1."""
    author.replace("answer: About 11 km", "answr: About 11 km")
    result = author.run("verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error: unknown key 'answr'" in result.stderr


# --- what must not go out


def test_an_edition_built_without_its_ledger_is_refused_where_it_is_older(author: Author) -> None:
    """Its date is before that of an edition that learners have, so its text would never arrive."""
    author.publish()
    ledger = author.ledger.read_bytes()
    author.now += 10 * DAY
    author.replace("About 11 km", "10,935 m")
    later = author.publish()
    author.ledger.write_bytes(ledger)
    author.now -= 11 * DAY
    author.replace("10,935 m", "Nearly 11 km")
    found = author.json("verify", "--after", str(later))
    assert found["refused"] == [
        {"id": "depth", "why": "an earlier edition's text has a date as late: was it built with another ledger?"}
    ]
    assert found["ok"] is False


def test_what_a_lost_ledger_costs_is_told(author: Author) -> None:
    """Every note gets a later date, so all that changes in Anki is what learners edited."""
    first = author.publish()
    author.ledger.unlink()
    assert len(_found(author, "--after", str(first), ok=False)["redated"]) == NOTES
    said = author.run("verify", "--after", str(first)).stdout
    assert (
        "  8 redated: the same as before, but with a later date: what learners edited in them is overwritten\n" in said
    )
    assert said.endswith("not fit for those learners\n")


def test_what_an_old_ledger_dates_anew_is_told(author: Author) -> None:
    """Only what changed in the edition whose ledger is lost gets a later date."""
    first = author.publish()
    ledger = author.ledger.read_bytes()
    author.replace("About 11 km", "10,935 m")
    second = author.publish()
    author.ledger.write_bytes(ledger)
    assert _found(author, "--after", str(second), ok=False) == {"unchanged": NOTES - 1, "redated": ["depth"]}
    assert _found(author, "--after", str(first)) == {"unchanged": NOTES - 1, "updated": ["depth"]}


def test_a_text_that_was_changed_and_changed_back_is_not_redated(author: Author) -> None:
    """Some learners imported it in between."""
    first = author.publish()
    author.replace("About 11 km", "10,935 m")
    second = author.publish()
    author.replace("10,935 m", "About 11 km")
    editions = ("--after", str(first), "--after", str(second))
    assert _found(author, *editions) == {"unchanged": NOTES - 1, "updated": ["depth"]}


def test_a_tag_in_another_case_is_not_redated(author: Author) -> None:
    """The author changed the tag, though Anki keeps it as it was."""
    first = author.publish()
    author.replace("tags: [salt]", "tags: [Salt]")
    assert _found(author, "--after", str(first)) == {"unchanged": NOTES}


def test_a_note_that_became_another_kind_is_refused(author: Author) -> None:
    """Only a lost ledger lets a build come so far."""
    first = author.publish()
    author.replace("cloze: Sea water holds {{c1::3.5 %}} of {{c2::salt}}.", "question: q\n    answer: a")
    author.ledger.unlink()
    found = author.json("verify", "--after", str(first))
    assert found["refused"] == [{"id": "salt", "why": "it is of another note type there, and Anki never changes that"}]


def test_a_renamed_id_is_found_as_a_duplicate(author: Author) -> None:
    """A wrong --forget puts the same question, unlearnt, beside the old one."""
    first = author.publish()
    author.replace("id: depth", "id: deep")
    author.ledger.unlink()
    found = author.json("verify", "--after", str(first))
    assert found["duplicated"] == [{"id": "deep", "why": "'depth' asks the same"}]
    assert [finding["id"] for finding in found["left_behind"]] == ["depth"]
    result = author.run("verify", "--after", str(first))
    assert result.exit_code == 1
    assert "  1 duplicated: beside an older note that asks the same\n    deep: 'depth' asks the same\n" in result.stdout
    assert result.stdout.endswith("not fit for those learners\n")


def test_a_duplicate_is_known_by_its_code_whatever_its_colours(author: Author) -> None:
    """Only the older note has the colours."""
    code = "\n      What is this?\n\n      ```python\n      f(x)\n      ```"
    author.write(
        f"deck: {{id: code, name: Code}}\nflashcards:\n  - id: old\n    question: |{code}\n    answer: a text\n"
    )
    first = author.publish()
    author.replace("id: old", "id: new")
    author.ledger.unlink()
    found = author.json("verify", "--after", str(first))
    assert found["duplicated"] == [{"id": "new", "why": "'old' asks the same"}]


def test_a_question_of_another_picture_is_no_duplicate(author: Author) -> None:
    """Its words are the same, but Anki tells duplicates by the names of pictures, too."""
    first = author.publish()
    (author.folder / "media" / "other.png").write_bytes(b"\x89PNG a map of the Black Sea")
    author.add_flashcard("- {id: black, question: 'Which sea is this? ![](media/other.png)', answer: The Black Sea}\n")
    author.retire("map")
    found = author.json("verify", "--after", str(first))
    assert (found["ok"], found["duplicated"], found["left_behind"]) == (True, [], [{"id": "map"}])
    author.replace("media/other.png", "media/map.png")
    found = author.json("verify", "--after", str(first))
    assert found["duplicated"] == [{"id": "black", "why": "'map' asks the same"}]


def test_another_deck_id_doubles_everything(author: Author) -> None:
    """Verify says so, note by note."""
    first = author.publish()
    author.replace("id: seas", "id: oceans")
    author.ledger.unlink()
    found = author.json("verify", "--after", str(first))
    assert (len(found["new"]), len(found["duplicated"]), found["ok"]) == (NOTES, NOTES, False)


def test_a_field_more_in_the_note_type_is_refused(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why the fields are frozen: no note of a learner's is updated, and a second note type appears."""
    first = author.publish()
    author.replace("About 11 km", "10,935 m")
    card = notetypes.card()
    other = {**card.fields, "More": frozen.CARD_NOTETYPE * 100 + 17}
    monkeypatch.setattr(notetypes, "card", lambda: notetypes.NoteType(
        id=card.id, name=card.name, cloze=False, fields=other, templates=card.templates, css=card.css
    ))  # fmt: skip
    found = author.json("verify", "--after", str(first))
    assert [finding["id"] for finding in found["refused"]] == ["depth"]
    assert found["notetypes"] == ["gen2anki Card+"]


def test_a_picture_that_anki_did_not_take_is_missing(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anki may change its name, say; then the card shows a broken picture."""
    monkeypatch.setattr(media, "_NOT_IN_NAMES", __import__("re").compile(r"[^\w.:-]+"))
    (author.folder / "media" / "map.png").rename(author.folder / "media" / "m:ap.png")
    author.replace("![](media/map.png)", "![](media/m:ap.png)")
    found = author.json("verify")
    assert (found["ok"], found["media"], len(found["media_missing"])) == (False, 1, 1)


def test_a_card_whose_front_is_empty_is_told(author: Author, learner: Learner) -> None:
    """If a side is taken away, learners keep a card that shows nothing, until they remove it."""
    first = author.publish()
    author.replace("    reverse: true\n", "")
    found = author.json("verify", "--after", str(first))
    assert found["empty"] == [
        {
            "id": "saltiest",
            "why": "an edition took away a side that learners have: Tools > Empty Cards removes its card",
        }
    ]
    assert found["ok"] is True
    assert learner.take(first).new == NOTES


def test_what_no_import_may_touch_is_told_as_lost(
    author: Author, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anki never does this; if it ever does, or if we do, verify says so."""
    file = _learnt(author, learner)
    imported = engine.imported

    def careless(opened: Any, *arguments: str) -> set[str]:
        guids = imported(opened, *arguments)
        opened.db.execute("update cards set due = due + 1 where nid = (select min(id) from notes)")
        opened.db.execute("delete from revlog where id = (select min(id) from revlog)")
        opened.db.execute("delete from notes where id = (select max(id) from notes)")
        return guids

    monkeypatch.setattr(engine, "imported", careless)
    found = author.json("verify", "--collection", file)
    assert (found["ok"], found["lost"]) == (
        False,
        [
            {"id": "caspian", "why": "the note is gone"},
            {"id": "largest", "why": "the card's learning state is not as it was"},
            {"id": "reviews", "why": "1 of 4 are not as they were"},
        ],
    )
    assert found["refused"] == [{"id": "caspian", "why": "Anki did not take it"}]
    assert found["integrity"] == ["Deleted 1 card with missing note."]


def test_a_collection_that_ankis_check_complains_of_is_not_fit(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every note has arrived, but Anki would repair the collection at a cost."""
    imported = engine.imported

    def careless(opened: Any, *arguments: str) -> set[str]:
        guids = imported(opened, *arguments)
        opened.db.execute("update cards set nid = 1 where id = (select max(id) from cards)")
        return guids

    monkeypatch.setattr(engine, "imported", careless)
    assert _found(author, ok=False) == {"new": NOTES}
    result = author.run("verify")
    assert "  Anki's own check: Deleted 1 card with missing note." in result.stdout
    assert result.stdout.endswith("not fit for those learners\n")


def test_a_question_that_shows_nothing_is_told(author: Author) -> None:
    """Its text is typed but not seen, so Anki would show an empty front."""
    author.write(author.text().replace("  name: Geo", "  html: true\n  name: Geo"))
    author.replace("question: How deep is the Challenger Deep?", "question: <b></b>")
    assert author.json("verify")["empty"] == [{"id": "depth", "why": "the question shows nothing"}]


# --- with a learner's own collection


def _learnt(author: Author, learner: Learner) -> str:
    """Let the learner take the first edition and learn, edit and tag; return the closed collection's file."""
    learner.take(author.publish())
    learner.review(4)
    learner.edit("depth", "Answer", "Deep.")
    learner.tag("shores", "mine")
    learner.close()
    return str(learner.file)


def test_a_learners_own_collection_is_tried_on_a_copy(author: Author, learner: Learner) -> None:
    """What the learner edited is kept, all else arrives, and the original keeps its bytes and its time."""
    file = _learnt(author, learner)
    author.replace("About 11 km", "10,935 m")
    author.replace("The Philippine Sea", "The Philippine Sea, near Japan")
    author.write(add_note(author.text()))
    before = _files(learner.file.parent)
    assert _found(author, "--collection", file) == {
        "new": 1, "updated": ["largest"], "unchanged": NOTES - 3, "kept": ["depth", "shores"],
    }  # fmt: skip
    assert _files(learner.file.parent) == before
    assert f", a copy of {file}:" in author.run("verify", "--collection", file).stdout


def test_a_collection_that_can_only_be_read_will_do(author: Author, learner: Learner) -> None:
    """The collection is never opened for writing: its folder would forbid it."""
    file = _learnt(author, learner)
    safe = learner.file.parent / "safe"
    safe.mkdir()
    shutil.copyfile(file, safe / "collection.anki2")
    (safe / "collection.anki2").chmod(0o400)
    safe.chmod(0o500)
    try:
        assert _found(author, "--collection", str(safe / "collection.anki2"))["unchanged"] == NOTES - 2
    finally:
        safe.chmod(0o700)


@pytest.mark.parametrize("how", ["lost", "spoilt"])
def test_a_picture_that_the_learner_lost_is_missing(author: Author, learner: Learner, how: str) -> None:
    """Anki brings no media for notes that did not change, so the picture does not come back."""
    file = _learnt(author, learner)
    (picture,) = Path(file).with_suffix(".media").iterdir()
    assert author.json("verify", "--collection", file)["media_missing"] == []
    picture.unlink() if how == "lost" else picture.write_bytes(picture.read_bytes()[:9])
    assert author.json("verify", "--collection", file)["media_missing"] == [picture.name]


def test_the_new_picture_of_a_note_that_is_kept_is_not_missing(author: Author, learner: Learner) -> None:
    """It comes only with the author's text; the learner's own text has the old picture."""
    learner.take(author.publish())
    learner.edit("map", "Why", "I have sailed there.")
    learner.close()
    (author.folder / "media" / "map.png").write_bytes(b"\x89PNG a better map")
    found = author.json("verify", "--collection", str(learner.file))
    assert (found["ok"], found["kept"], found["media"], found["media_missing"]) == (True, [{"id": "map"}], 0, [])


def test_what_a_crash_left_in_the_log_counts(author: Author, learner: Learner) -> None:
    """SQLite's log beside the collection holds its latest changes, so it is copied too, and left as it is."""
    learner.take(author.publish())
    learner.edit("depth", "Answer", "Deep.")
    crashed = learner.file.parent / "crashed"
    crashed.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{learner.file}{suffix}", crashed / f"collection.anki2{suffix}")
    before = _files(crashed)
    assert len(before) == 2
    found = _found(author, "--collection", str(crashed / "collection.anki2"))
    assert found == {"unchanged": NOTES - 1, "kept": ["depth"]}
    assert _files(crashed) == before


def test_a_lost_ledger_is_told_though_only_a_collection_is_there(author: Author, learner: Learner) -> None:
    """The collection's notes have other numbers than the new ledger's, and the update overwrites the learner's edits."""
    learner.take(author.publish())
    learner.edit("depth", "Answer", "Deep.", at=author.now)
    learner.close()
    author.now += DAY
    author.ledger.unlink()
    found = _found(author, "--collection", str(learner.file), ok=False)
    assert (len(found["redated"]), found["updated"]) == (NOTES - 1, ["depth"])


def test_a_correction_that_a_learner_made_before_is_not_redated(author: Author, learner: Learner) -> None:
    """The learner may be the author, who met the mistake in a review."""
    learner.take(author.publish())
    learner.edit("depth", "Answer", "10,935 m", at=author.now)
    learner.close()
    author.now += DAY
    author.replace("About 11 km", "10,935 m")
    assert _found(author, "--collection", str(learner.file)) == {"unchanged": NOTES}


@pytest.mark.parametrize("how", ["untouched", "edited", "edited alike"])
def test_what_an_earlier_edition_keeps_away_is_refused_whatever_a_learner_did(
    author: Author, learner: Learner, how: str
) -> None:
    """A correction was taken back together with its ledger, so nobody who has it gets the old text again."""
    first = author.publish()
    lesson, ledger = author.text(), author.ledger.read_bytes()
    author.replace("About 11 km", "10,935 m")
    second = author.publish()
    learner.take(first)
    if how != "untouched":
        learner.edit("depth", "Answer", "Deep." if how == "edited" else "About 11 km.")
        if how == "edited alike":
            learner.edit("depth", "Answer", "About 11 km")
    learner.tag("shores", "mine")
    learner.close()
    author.write(lesson)
    author.ledger.write_bytes(ledger)
    alone = _found(author, "--after", str(second), ok=False)
    assert alone == {"unchanged": NOTES - 1, "refused": ["depth"]}
    found = _found(author, "--after", str(second), "--collection", str(learner.file), ok=False)
    assert found == {"unchanged": NOTES - 2, "kept": ["shores"], "refused": ["depth"]}


def test_a_retired_note_in_a_collection_is_left_behind(author: Author, learner: Learner) -> None:
    """The ledger knows it, so the old package is not needed."""
    file = _learnt(author, learner)
    author.retire("map")
    assert _found(author, "--collection", file)["left_behind"] == ["map"]


def test_a_question_that_another_lesson_asks_too_is_no_duplicate(author: Author, learner: Learner) -> None:
    """The learner's other decks do not concern this edition."""
    file = _learnt(author, learner)
    author.ledger.unlink()
    author.write(author.text().replace("id: seas", "id: oceans").replace("Geography::Seas", "Geography::Oceans"))
    assert _found(author, "--collection", file) == {"new": NOTES}


def test_a_note_with_a_field_of_the_learners_own_is_called_by_its_id(author: Author, learner: Learner) -> None:
    """The id is in our field `Id`, which is no longer the note's last."""
    learner.take(author.publish())
    learner.change_notetype("a field more")
    learner.close()
    author.retire("map")
    assert author.json("verify", "--collection", str(learner.file))["left_behind"] == [{"id": "map"}]


def test_a_field_that_the_learner_gave_another_name_is_still_ours(author: Author, learner: Learner) -> None:
    """Anki knows it by its id, so its text counts as unchanged, and its notes keep their names."""
    learner.take(author.publish())
    models = learner.collection.models
    for old, new in (("Why", "Reason"), ("Id", "Number")):
        model = models.by_name("gen2anki Card")
        assert model is not None
        models.rename_field(model, models.field_map(model)[old][1], new)
        models.update_dict(model)
    learner.close()
    assert _found(author, "--collection", str(learner.file)) == {"unchanged": NOTES}
    author.retire("map")
    assert author.json("verify", "--collection", str(learner.file))["left_behind"] == [{"id": "map"}]


def test_a_duplicate_is_found_whatever_capitals_the_learners_deck_has(author: Author, learner: Learner) -> None:
    """To Anki it is the lesson's deck."""
    learner.take(author.publish())
    learner.collection.decks.rename(learner.collection.decks.by_name("Geography::Seas")["id"], "geography::SEAS")  # type: ignore[index]
    learner.close()
    author.replace("id: depth", "id: renamed")
    author.ledger.unlink()
    found = author.json("verify", "--collection", str(learner.file))
    assert found["duplicated"] == [{"id": "renamed", "why": "'depth' asks the same"}]


def test_a_duplicate_is_found_where_a_filtered_deck_has_the_older_note(author: Author, learner: Learner) -> None:
    """The cards return to the lesson's deck some day."""
    learner.take(author.publish())
    learner.cram()
    # Which cards it gathers is chance, but three are at least one whole note.
    (fields,), *_ = learner.rows("select flds from notes where id not in (select nid from cards where odid = 0)")
    id = fields.rpartition("\x1f")[2]
    learner.close()
    author.write(re.sub(rf"\bid: {id}\b", "id: renamed", author.text()))
    author.ledger.unlink()
    found = author.json("verify", "--collection", str(learner.file))
    assert found["duplicated"] == [{"id": "renamed", "why": f"'{id}' asks the same"}]


def test_a_text_dated_as_an_edition_is_no_edit_of_the_learners(author: Author, learner: Learner) -> None:
    """Of two editions of one second, each with its own ledger, the later one does not arrive."""
    learner.take(author.publish())
    learner.close()
    author.now -= DAY
    author.ledger.unlink()
    author.replace("About 11 km", "10,935 m")
    assert _found(author, "--collection", str(learner.file), ok=False) == {"unchanged": NOTES - 1, "refused": ["depth"]}


@pytest.mark.parametrize("change", ["a field more", "a field less", "a template more", "a template less"])
def test_a_learner_with_a_note_type_of_their_own_is_told_how_to_get_updates(
    author: Author, learner: Learner, change: str
) -> None:
    """Anki refuses each correction where note types are not merged."""
    learner.take(author.publish())
    learner.change_notetype(change)
    learner.close()
    author.replace("About 11 km", "10,935 m")
    found = author.json("verify", "--collection", str(learner.file))
    assert {
        "id": "depth",
        "why": "the note type has other fields or templates there: keep 'Merge note types' on",
    } in found["refused"]


def test_a_note_that_lives_in_a_copy_of_our_note_type_is_no_other_kind(author: Author, learner: Learner) -> None:
    """If a learner's own template keeps the note types apart, Anki puts new notes into the copy and updates them there."""
    learner.take(author.publish())
    learner.change_notetype("a template more")
    author.write(add_note(author.text()))
    assert learner.take(author.publish()) == Arrived(new=1, unchanged=1, conflicting=NOTES - 1)
    author.replace("Which sea is the warmest?", "Which sea is warmest?")
    learner.close()
    assert _found(author, "--collection", str(learner.file)) == {"updated": ["warmest"], "unchanged": NOTES}
    learner.collection.reopen()
    assert learner.take(author.publish()) == Arrived(updated=1, unchanged=1, conflicting=NOTES - 1)


def test_a_note_type_without_ids_goes_by_names(author: Author, learner: Learner) -> None:
    """A learner has such a one from before Anki 23.10; Anki updates its notes all the same."""
    first = author.publish()
    author.replace("About 11 km", "10,935 m")
    second = author.publish()
    learner.take(first)
    models = learner.collection.models
    model = models.by_name("gen2anki Card")
    assert model is not None
    for part in [*model["flds"], *model["tmpls"]]:
        part["id"] = None
    models.update_dict(model)
    learner.edit("shores", "Answer", "My own.")
    learner.close()
    assert _found(author, "--collection", str(learner.file)) == {
        "updated": ["depth"], "unchanged": NOTES - 2, "kept": ["shores"],
    }  # fmt: skip
    learner.collection.reopen()
    assert learner.take(second) == Arrived(updated=1, unchanged=NOTES - 1)


def test_a_side_that_the_learner_took_away_is_not_the_authors_doing(author: Author, learner: Learner) -> None:
    """The edition has the card, so each import brings it back, and the learner's text shows nothing on it."""
    learner.take(author.publish())
    learner.edit("saltiest", "Reverse", "")
    assert learner.remove_empty_cards() == 1
    learner.close()
    found = author.json("verify", "--collection", str(learner.file))
    assert (found["ok"], found["empty"]) == (
        True,
        [{"id": "saltiest", "why": "its text in this collection lacks a side, whose card each import brings back"}],
    )


@pytest.mark.parametrize("tags", ["[ML], [ml]", "[cafe\u0301], [caf\u00e9]", "[A::b], [a::B]"])
def test_tags_are_compared_as_anki_compares_them(author: Author, tags: str) -> None:
    """Anki keeps the spelling of a tag that it met first; that is no refusal."""
    one, other = tags.split(", ")
    author.write(
        "deck: {id: tags, name: Tags}\nflashcards:\n"
        f"  - {{id: a, question: q, answer: a, tags: {one}}}\n  - {{id: b, question: r, answer: b, tags: {other}}}\n"
    )
    assert _found(author, "--after", str(author.publish())) == {"unchanged": 2}


def test_a_learner_who_has_a_tag_in_another_case_gets_the_edition(author: Author, learner: Learner) -> None:
    """Anki gives the new notes the learner's spelling."""
    basic = learner.collection.models.by_name("Basic")
    assert basic is not None
    note = learner.collection.new_note(basic)
    note["Front"] = "a note"
    note.tags = ["Geography"]
    learner.collection.add_note(note, DeckId(1))
    learner.take(author.publish())
    assert "Geography" in learner.note("depth").tags
    learner.close()
    assert _found(author, "--collection", str(learner.file)) == {"unchanged": NOTES}


def test_text_is_compared_as_anki_stores_it(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anki stores Unicode's composed form, however a text was typed."""
    author.replace("About 11 km", "About 11 km, a cafe\u0301 says")
    prepare = pipeline.make_edition

    def as_typed(*arguments: Any, **named: Any) -> pipeline.Edition:
        made = prepare(*arguments, **named)
        notes = (note._replace(question=unicodedata.normalize("NFD", note.question)) for note in made.notes)
        return dataclasses.replace(made, notes=tuple(notes))

    monkeypatch.setattr(pipeline, "make_edition", as_typed)
    assert _found(author, "--after", str(author.publish())) == {"unchanged": NOTES}


def test_a_collection_open_in_anki_is_a_clear_line(author: Author, learner: Learner) -> None:
    """Another process has it open, as Anki would."""
    learner.take(author.publish())
    result = subprocess.run(
        [sys.executable, "-m", "gen2anki", "verify", "--collection", str(learner.file)],
        cwd=author.folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"{learner.file}: error: is open in Anki: close Anki, then verify again [collection-locked]\n"
    )


# --- what it can't work with


def _error(author: Author, *arguments: str) -> str:
    result = author.run("verify", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    return result.stderr


def test_a_collection_of_a_newer_anki_is_a_clear_line(author: Author, learner: Learner) -> None:
    """The line says what to do."""
    file = _learnt(author, learner)
    connection = sqlite3.connect(file)
    connection.execute("update col set ver = 99")
    connection.commit()
    connection.close()
    assert _error(author, "--collection", file) == (
        f"{file}: error: was written by a newer Anki than the one here ({anki.buildinfo.version}):"
        f" {command_to_add('anki')} [collection-too-new]\n"
    )


@pytest.mark.parametrize("what", ["nothing", "text", "another database", "half a collection"])
def test_a_file_that_is_no_collection_is_a_clear_line(author: Author, learner: Learner, what: str) -> None:
    """Even if SQLite can open it: Anki would make an empty collection of it."""
    file = Path("mine.anki2")
    file.write_bytes({"nothing": b"", "text": b"deck:\n"}.get(what, b""))
    if what == "another database":
        connection = sqlite3.connect(file)
        connection.execute("create table x (y)")
        connection.commit()
        connection.close()
    elif what == "half a collection":
        whole = Path(_learnt(author, learner)).read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
    error = _error(author, "--collection", "mine.anki2")
    assert error == "mine.anki2: error: is no Anki collection, or is damaged [collection-foreign]\n"


def test_a_damaged_collection_is_a_clear_line(author: Author, learner: Learner) -> None:
    """Found by Anki's own check, before anything is imported."""
    file = Path(_learnt(author, learner))
    content = bytearray(file.read_bytes())
    for page in range(8, len(content) // 4096):
        content[page * 4096 : page * 4096 + 8] = b"rubbish!"
    file.write_bytes(content)
    error = _error(author, "--collection", str(file))
    assert error.startswith(f"{file}: error: ")
    assert error.endswith(("[collection-damaged]\n", "[collection-foreign]\n"))
    assert len(error.splitlines()) == 1


def test_a_collection_that_is_not_there_is_a_clear_line(author: Author) -> None:
    """No empty one is made in its place."""
    assert _error(author, "--collection", "nono.anki2") == (
        "nono.anki2: error: can't be read: No such file or directory [cannot-read]\n"
    )
    assert not Path("nono.anki2").exists()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "can't be read: No such file or directory [cannot-read]"),
        (b"", "is damaged, or no Anki package"),
        (b"deck:\n", "is damaged, or no Anki package"),
    ],
)
def test_an_earlier_edition_that_is_none_is_a_clear_line(author: Author, content: bytes | None, line: str) -> None:
    """The file may be missing, empty or something else."""
    if content is not None:
        Path("old.apkg").write_bytes(content)
    error = _error(author, "--after", "old.apkg")
    assert error.startswith(f"old.apkg: error: {line}")
    assert len(error.splitlines()) == 1


def test_an_earlier_package_without_notes_is_a_clear_line(author: Author) -> None:
    """Anki takes it without a word."""
    genanki.Deck(1, "Empty").write_to_file("old.apkg")
    assert _error(author, "--after", "old.apkg") == (
        "old.apkg: error: is no Anki package, or holds no notes [package-foreign]\n"
    )


def test_without_ankis_library_one_line_says_how_to_get_it(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library is an extra, which nobody needs to build."""
    for name in [name for name in sys.modules if name == "anki" or name.startswith("anki.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "anki", None)
    assert _error(author) == (
        f"cards.yaml: error: verify needs Anki's own library: {command_to_add('anki')} [no-anki]\n"
    )


def test_no_other_command_needs_ankis_library(author: Author) -> None:
    """The library is large and has the AGPL licence, so only verify imports it."""
    code = (
        "import sys; sys.modules['anki'] = None\n"
        "from gen2anki.cli import main\n"
        "for command in (['build'], ['check'], ['diff'], ['diff', '--against', 'seas.apkg']):\n"
        "    main(command, standalone_mode=False)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], cwd=author.folder, env=environment, check=True, capture_output=True)


def test_a_full_disk_is_a_clear_line(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no room for the throw-away collection."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(apkg, "write", full)
    assert _error(author) == "the temporary folder: error: can't be written: No space left on device [cannot-write]\n"
