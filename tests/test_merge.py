"""The promise to learners, by example: every edition on top of the last, and nothing of theirs is lost."""

import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from author import Author
from gen2anki.anki import notetypes
from learner import Arrived, Learner
from lesson import CARDS, NOTES, PICTURE, add_note, settle_in

QUESTION = "Which sea is the largest?"


@pytest.fixture(autouse=True)
def _lesson(author: Author) -> None:
    settle_in(author.folder)


def test_a_reworded_question_and_a_new_card_cost_the_learner_nothing(author: Author, learner: Learner) -> None:
    """One note is updated and one new; reviews, due dates, the learner's edit and tag are all as before."""
    _live_through_a_correction(author, learner, merge_notetypes=False)


def test_with_merge_notetypes_on_it_is_the_same(author: Author, learner: Learner) -> None:
    """The one import option that learners are told to try changes nothing for a deck of ours."""
    _live_through_a_correction(author, learner, merge_notetypes=True)


def _live_through_a_correction(author: Author, learner: Learner, *, merge_notetypes: bool) -> None:
    assert learner.take(author.publish(), merge_notetypes=merge_notetypes) == Arrived(new=NOTES)
    reviewed = learner.review(4, deck="Geography::Seas")
    learner.edit("depth", "Question", "How deep is the deepest sea?")
    learner.tag("shores", "mine")
    before = learner.learning()
    decks, kinds = learner.deck_names(), learner.notetype_names()

    author.replace(QUESTION, "Which sea has the largest area?")
    author.write(add_note(author.text()))
    arrived = learner.take(author.publish(), merge_notetypes=merge_notetypes)

    assert arrived == Arrived(new=1, updated=1, unchanged=NOTES - 1)
    assert len(set(reviewed)) == 4
    assert learner.learning().of(before) == before
    assert len(learner.scheduling()) == CARDS + 1
    assert learner.field("largest", "Question") == "Which sea has the largest area?"
    assert learner.field("depth", "Question") == "How deep is the deepest sea?"
    assert learner.note("shores").tags == ["geography", "mine"]
    assert (learner.deck_names(), learner.notetype_names()) == (decks, kinds)
    assert kinds == ["gen2anki Card", "gen2anki Cloze"]
    assert learner.is_sound()


def test_the_same_edition_again_changes_nothing(author: Author, learner: Learner) -> None:
    """Built twice from the same source and imported twice, all notes are unchanged."""
    learner.take(author.publish())
    assert len(learner.review(3)) == 3
    before = learner.learning(), learner.texts()
    assert learner.take(author.publish()) == Arrived(unchanged=NOTES)
    assert (learner.learning(), learner.texts()) == before


def test_three_editions_in_a_row_arrive_whole(author: Author, learner: Learner) -> None:
    """The changes of each edition arrive, nothing else does, and all reviews in between stay."""
    learner.take(author.publish())
    assert len(learner.review(2)) == 2
    author.replace("About 11 km", "10,935 m")
    assert learner.take(author.publish()) == Arrived(updated=1, unchanged=NOTES - 1)
    learner.date_edits(author.now - 60)  # an Anki before 25.02 dates an update by the import, which is before the next
    assert len(learner.review(2)) == 2
    before = learner.learning()
    author.replace("10,935 m", "Nearly 11 km")
    author.write(add_note(author.text()))
    assert learner.take(author.publish()) == Arrived(new=1, updated=1, unchanged=NOTES - 1)
    assert learner.learning().of(before) == before
    assert learner.field("depth", "Answer") == "Nearly 11 km"


def test_a_learner_who_skipped_editions_gets_them_all_at_once(author: Author, learner: Learner) -> None:
    """A learner who goes from the first edition to the fourth has what others have who took them all."""
    learner.take(author.publish())
    for old, new in (("The Philippine Sea", "Philippine Sea"), ("The Sargasso Sea", "Sargasso Sea")):
        author.replace(old, new)
        author.publish()
    author.write(add_note(author.text()))
    assert learner.take(author.publish()) == Arrived(new=1, updated=2, unchanged=NOTES - 2)


def test_an_old_edition_imported_again_takes_nothing_back(author: Author, learner: Learner) -> None:
    """The texts of the newest edition stay, whichever file is opened after it."""
    first = author.publish()
    author.replace(QUESTION, "Which sea has the largest area?")
    second = author.publish()
    learner.take(first)
    learner.take(second)
    before = learner.texts()
    assert learner.take(first) == Arrived(unchanged=NOTES)
    assert learner.texts() == before


def test_an_edit_that_the_author_did_not_touch_outlives_every_edition(author: Author, learner: Learner) -> None:
    """A learner's text and tag stay through editions that change every other note."""
    learner.take(author.publish())
    learner.edit("shores", "Answer", "The one of the eels")
    learner.tag("shores", "mine")
    for number in range(3):
        author.write(author.text().replace("The Philippine Sea", f"Philippine Sea, says source {number}"))
        author.write(author.text().replace(f"source {number - 1}", f"source {number}"))
        learner.take(author.publish())
        learner.date_edits(author.now - 60)
    assert learner.field("shores", "Answer") == "The one of the eels"
    assert learner.note("shores").tags == ["geography", "mine"]
    assert learner.field("largest", "Answer") == "Philippine Sea, says source 2"


def test_a_learners_edit_older_than_the_correction_gives_way_to_it(author: Author, learner: Learner) -> None:
    """The author's correction arrives on a note that the learner edited before it was made."""
    learner.take(author.publish())
    learner.edit("largest", "Answer", "That one near Japan", at=author.now)
    author.now += 60
    author.replace("The Philippine Sea", "The Philippine Sea, near Japan")
    assert learner.take(author.publish()) == Arrived(updated=1, unchanged=NOTES - 1)
    assert learner.field("largest", "Answer") == "The Philippine Sea, near Japan"


def test_a_text_changed_and_changed_back_counts_as_changed(author: Author, learner: Learner) -> None:
    """Found by test_histories: who skipped the edition in between gets an update that says what they had.

    It can't be otherwise: those who took that edition must get the old text back, and both import the same file. So
    an edit made before the author's second thoughts goes, though this learner never saw the first.
    """
    learner.take(author.publish())
    learner.edit("depth", "Why", "My own reason", at=author.now)
    author.replace("About 11 km", "10,935 m")
    author.publish()
    author.replace("10,935 m", "About 11 km")
    assert learner.take(author.publish()) == Arrived(updated=1, unchanged=NOTES - 1)
    assert learner.field("depth", "Why") == ""


def test_new_cards_come_in_source_order_within_their_deck(author: Author, learner: Learner) -> None:
    """The order of learning is the order of the source, not that of ids or of the import."""
    learner.take(author.publish())
    assert learner.new_cards("Geography::Seas::Flashcards") == [
        ("largest", 0), ("saltiest", 0), ("saltiest", 1), ("depth", 0), ("salt", 0), ("salt", 1), ("map", 0),
    ]  # fmt: skip


def test_a_picture_replaced_by_another_of_the_same_name_arrives(author: Author, learner: Learner) -> None:
    """The note counts as changed, and the learner sees the new picture."""
    learner.take(author.publish())
    old_field = learner.field("map", "Question")
    (author.folder / "media" / "map.png").write_bytes(PICTURE + b", mended")
    assert learner.take(author.publish()) == Arrived(updated=1, unchanged=NOTES - 1)
    new_field = learner.field("map", "Question")
    assert old_field != new_field
    assert learner.medium(new_field) == PICTURE + b", mended"


def test_a_picture_that_did_not_change_is_not_sent_again(author: Author, learner: Learner) -> None:
    """Saving the file anew changes nothing: the name holds the hash of the bytes."""
    learner.take(author.publish())
    (author.folder / "media" / "map.png").write_bytes(PICTURE)
    assert learner.take(author.publish()) == Arrived(unchanged=NOTES)
    assert learner.media() == [learner.medium_name(learner.field("map", "Question"))]


def test_a_new_look_arrives_without_touching_notes(
    author: Author, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New templates and CSS arrive once MOD moves; no note changes, and Anki asks for no full sync."""
    learner.take(author.publish())
    assert len(learner.review(2)) == 2
    before, schema = learner.learning(), learner.schema_stamp()
    card = notetypes.card()
    front = replace(card.templates[0], front=card.templates[0].front + "<!-- new -->")
    new_look = replace(card, css=card.css + "/* new */", templates=(front, *card.templates[1:]))
    monkeypatch.setattr(notetypes, "card", lambda: new_look)
    monkeypatch.setattr(notetypes, "MOD", notetypes.MOD + 1)

    assert learner.take(author.publish()) == Arrived(unchanged=NOTES)

    model = learner.collection.models.by_name("gen2anki Card")
    assert model is not None
    assert model["css"].endswith("/* new */")
    assert model["tmpls"][0]["qfmt"].endswith("<!-- new -->")
    assert learner.schema_stamp() == schema
    assert learner.learning() == before


def test_a_new_look_under_the_old_mod_would_not_arrive(
    author: Author, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So MOD must move with the templates, which tests/test_frozen.py holds."""
    learner.take(author.publish())
    new_look = replace(notetypes.card(), css="/* new */")
    monkeypatch.setattr(notetypes, "card", lambda: new_look)
    learner.take(author.publish())
    model = learner.collection.models.by_name("gen2anki Card")
    assert model is not None
    assert model["css"] != "/* new */"


def test_a_card_turned_two_way_gains_a_card_and_keeps_the_other(author: Author, learner: Learner) -> None:
    """`reverse: true` added later brings the reverse card; the reviews of the first card stay."""
    learner.take(author.publish())
    assert len(learner.review(1)) == 1
    before = learner.learning()
    author.replace("    why: It has", "    reverse: true\n    why: It has")
    assert learner.take(author.publish()) == Arrived(updated=1, unchanged=NOTES - 1)
    assert learner.learning().of(before) == before
    assert len(learner.scheduling()) == CARDS + 1


def test_a_question_may_gain_choices_without_becoming_another_note(author: Author, learner: Learner) -> None:
    """Choices are a part of the one card note type, so that reviews survive them."""
    learner.take(author.publish())
    author.replace("    minutes: 5\n", "    choices: [The Sargasso Sea, No fish bears its salt.]\n")
    author.replace(", typed: true", "")
    assert learner.take(author.publish()) == Arrived(updated=2, unchanged=NOTES - 2)
    assert 'class="choice right">The Sargasso Sea<' in learner.field("shores", "Choices")
    assert learner.notetype_names() == ["gen2anki Card", "gen2anki Cloze"]


def test_a_retired_note_stays_with_those_who_have_it(
    author: Author, learner: Learner, new_learner: Callable[[], Learner]
) -> None:
    """Learners who have the note keep it, those who come later never get it, and the deck says how to find it."""
    learner.take(author.publish())
    assert len(learner.review(1)) == 1
    before = learner.learning()
    author.retire("depth")
    package = author.publish()
    assert learner.take(package) == Arrived(unchanged=NOTES - 1)
    assert learner.learning() == before
    assert learner.field("depth", "Answer") == "About 11 km"
    assert "Id:depth" in learner.deck_description("Geography::Seas")
    assert new_learner().take(package) == Arrived(new=NOTES - 1)


def test_a_note_moved_to_another_section_is_updated_where_it_lies(author: Author, learner: Learner) -> None:
    """Anki never moves a learner's card: its text names the new section, but its deck and due date stay."""
    learner.take(author.publish())
    before = learner.learning()
    author.add_flashcard(author.cut("shores"))
    assert learner.take(author.publish()) == Arrived(updated=1, unchanged=NOTES - 1)
    assert learner.field("shores", "Section") == "Flashcards"
    assert learner.learning() == before


def test_a_deleted_note_comes_back_as_new(author: Author, learner: Learner) -> None:
    """Anki keeps no memory of what a learner deleted: the next edition brings the note again, unlearnt."""
    learner.take(author.publish())
    learner.collection.remove_notes([learner.note("depth").id])
    assert learner.take(author.publish()) == Arrived(new=1, unchanged=NOTES - 1)


def test_a_lost_ledger_never_doubles_a_note(author: Author, learner: Learner) -> None:
    """Without the ledger every note counts as changed, but Anki still recognises each by its guid."""
    learner.take(author.publish())
    assert len(learner.review(3)) == 3
    before = learner.learning()
    author.ledger.unlink()
    assert learner.take(author.publish()) == Arrived(updated=NOTES)
    assert learner.learning() == before


def test_the_package_is_one_that_every_anki_reads(author: Author) -> None:
    """Schema 11, deflated, sorted, dated 1980: the oldest form that all Ankis import, and the same bytes anywhere."""
    with zipfile.ZipFile(author.publish()) as archive:
        infos = archive.infolist()
        Path("collection.anki2").write_bytes(archive.read("collection.anki2"))
    assert [info.filename for info in infos] == ["0", "collection.anki2", "media"]
    assert {(info.date_time, info.compress_type) for info in infos} == {((1980, 1, 1, 0, 0, 0), zipfile.ZIP_DEFLATED)}
    # As Unix has it, on Windows too: a file that its owner may write and everybody read.
    assert {(info.create_system, info.external_attr >> 16) for info in infos} == {(3, 0o644)}
    connection = sqlite3.connect("collection.anki2")
    try:
        assert connection.execute("select ver from col").fetchone() == (11,)
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()


def test_two_lessons_share_their_note_types_and_nothing_else(author: Author, learner: Learner) -> None:
    """A second deck with the same note ids adds notes of its own: identity grows from the deck's id too."""
    learner.take(author.publish())
    author.ledger.unlink()
    author.write(author.text().replace("id: seas", "id: oceans").replace("Geography::Seas", "Geography::Oceans"))
    assert learner.take(author.publish()) == Arrived(new=NOTES)
    assert learner.notetype_names() == ["gen2anki Card", "gen2anki Cloze"]
