"""What Anki does not do with an edition, in any deck: the limits of the promise, as docs/merging.md tells them."""

from pathlib import Path

import pytest
from anki.decks import DeckId
from anki.scheduler.v3 import CardAnswer

from author import FIRST_BUILD, Author
from learner import Arrived, Learner
from lesson import NOTES, settle_in

# All but the cloze are of one note type.
CARD_NOTES = NOTES - 1


@pytest.fixture(autouse=True)
def _lesson(author: Author) -> None:
    settle_in(author.folder)


def _corrections(author: Author) -> list[Path]:
    """Publish an edition, and two that correct a note of it."""
    editions = [author.publish()]
    for old, new in (("About 11 km", "10,935 m"), ("10,935 m", "11 km")):
        author.replace(old, new)
        editions.append(author.publish())
    return editions


REFUSED = Arrived(unchanged=NOTES - CARD_NOTES, conflicting=CARD_NOTES)
TAKEN = Arrived(updated=1, unchanged=NOTES - 1)
TOO_LATE = Arrived(unchanged=NOTES)


@pytest.mark.parametrize(
    ("change", "off", "once", "always"),
    [
        ("a field more", [REFUSED, REFUSED], [TAKEN, REFUSED], [TAKEN, TAKEN]),
        # The import that brings the field back dates all notes by it.
        ("a field less", [REFUSED, REFUSED], [TOO_LATE, REFUSED], [TOO_LATE, TOO_LATE]),
        ("a template more", [REFUSED, REFUSED], [TAKEN, REFUSED], [TAKEN, TAKEN]),
        ("a template less", [REFUSED, REFUSED], [TAKEN, TAKEN], [TAKEN, TAKEN]),
        ("another text", [TAKEN, TAKEN], [TAKEN, TAKEN], [TAKEN, TAKEN]),
    ],
)
@pytest.mark.parametrize("merge", ["off", "once", "always"])
def test_a_note_type_of_their_own_needs_merging_each_time(
    author: Author, learner: Learner, merge: str, change: str, off: object, once: object, always: object
) -> None:
    """Fields and templates added or taken out keep corrections away where note types are not merged; edited ones do not."""
    first, *others = _corrections(author)
    learner.take(first)
    learner.change_notetype(change)
    learner.date_edits(FIRST_BUILD)
    merged = {"off": [False, False], "once": [True, False], "always": [True, True]}[merge]
    arrived = [learner.take(file, merge_notetypes=on) for file, on in zip(others, merged, strict=True)]
    assert arrived == {"off": off, "once": once, "always": always}[merge]
    assert ("gen2anki Card+" in learner.notetype_names()) is (REFUSED in arrived)


def _forget_often(learner: Learner, id: str) -> None:
    (wanted,) = (card.id for card in learner.note(id).cards())
    for other in learner.collection.find_cards(""):
        if other != wanted:
            learner.collection.sched.suspend_cards([other])
    for _ in range(8):
        learner.collection.sched.set_due_date([wanted], "0")
        assert learner.review(1, CardAnswer.AGAIN) == [wanted]


@pytest.mark.parametrize("what", ["tag", "mark", "leech", "rename a tag", "a field more"])
def test_what_dates_a_note_keeps_an_older_correction_away(author: Author, learner: Learner, what: str) -> None:
    """Anki asks for nothing but the later date, whatever it comes from."""
    first, second, _ = _corrections(author)
    learner.take(first)
    if what == "rename a tag":
        learner.collection.tags.rename("geography", "earth")
    elif what == "leech":
        _forget_often(learner, "depth")
        assert "leech" in learner.note("depth").tags
    elif what == "a field more":
        learner.change_notetype(what)
    else:
        learner.tag("depth", "marked" if what == "mark" else "mine")
    assert learner.take(second, merge_notetypes=True) == TOO_LATE
    assert learner.field("depth", "Answer") == "About 11 km"


@pytest.mark.parametrize("what", ["suspend", "bury", "flag", "move", "forget"])
def test_what_is_done_to_a_card_keeps_no_correction_away(author: Author, learner: Learner, what: str) -> None:
    """It is no edit of the note."""
    first, second, _ = _corrections(author)
    learner.take(first)
    learner.handle("depth", what)
    assert learner.take(second) == TAKEN


def test_an_old_edition_brings_back_an_empty_card_and_its_description(author: Author, learner: Learner) -> None:
    """No note of it is taken back; and the next edition puts its own description there again."""
    first = author.publish()
    author.replace("    reverse: true\n", "")
    author.replace("The seas of the *world*.", "All the seas.")
    second = author.publish()
    learner.take(first)
    learner.take(second)
    assert (learner.remove_empty_cards(), learner.remove_empty_cards()) == (1, 0)
    assert learner.take(first) == Arrived(unchanged=NOTES)
    assert learner.deck_description("Geography::Seas") == "The seas of the <em>world</em>."
    assert learner.remove_empty_cards() == 1
    learner.take(second)
    assert learner.deck_description("Geography::Seas") == "All the seas."
    assert learner.remove_empty_cards() == 0


def test_a_side_that_the_learner_took_away_comes_back_empty(author: Author, learner: Learner) -> None:
    """With each import: the package has its card, and Anki adds cards that are not there."""
    first = author.publish()
    learner.take(first)
    learner.edit("saltiest", "Reverse", "")
    for _ in range(2):
        assert learner.remove_empty_cards() == 1
        learner.take(first)


def test_an_empty_description_never_arrives(author: Author, learner: Learner) -> None:
    """What is there stays: the author's last, or the learner's own; any other overwrites it."""
    first = author.publish()
    author.replace("  description: The seas of the *world*.\n", "")
    author.replace("    minutes: 5\n", "")
    second = author.publish()
    learner.take(first)
    lesson, section = "Geography::Seas", "Geography::Seas::Quick questions"
    before = [learner.deck_description(name) for name in (lesson, section)]
    learner.take(second)
    assert [learner.deck_description(name) for name in (lesson, section)] == before
    assert all(before)
    deck = learner.collection.decks.by_name(lesson)
    assert deck is not None
    deck["desc"] = "my own"
    learner.collection.decks.save(deck)
    learner.take(second)
    assert learner.deck_description(lesson) == "my own"
    learner.take(first)
    assert learner.deck_description(lesson) == before[0]


def test_a_tag_keeps_the_case_in_which_it_came_first(author: Author, learner: Learner) -> None:
    """Anki counts both as one tag, and keeps the spelling that it knows."""
    learner.take(author.publish())
    author.replace("tags: [geography]", "tags: [Geography]")
    assert learner.take(author.publish()) == Arrived(updated=NOTES)
    assert learner.note("depth").tags == ["geography"]


def test_later_cards_come_near_their_place_in_the_source(author: Author, learner: Learner) -> None:
    """Anki takes the place from the edition they came with, and never moves the cards that are there."""
    deck = "Geography::Seas::Flashcards"
    learner.take(author.publish())
    new = "".join(f"  - {{id: new-{n}, question: New {n}, answer: a}}\n" for n in (1, 2))
    author.replace("  - id: saltiest\n", f"{new}  - id: saltiest\n")
    learner.take(author.publish())
    shown = [id for id, _ in learner.new_cards(deck)]
    assert shown.index("saltiest") < shown.index("depth") < shown.index("new-2") < shown.index("map")


def test_two_decks_of_one_id_are_one(author: Author, learner: Learner) -> None:
    """The text imported later replaces the other's, below the reviews of the other: an id must be unlike any other."""
    lesson = "deck: {{id: spanish, name: {}}}\nflashcards:\n  - {{id: hello, question: {}, answer: a}}\n"
    author.write(lesson.format("Spanish", "Hello"))
    learner.take(author.publish())
    learner.collection.sched.set_due_date(learner.collection.find_cards("Id:hello"), "9")
    author.ledger.unlink()
    author.write(lesson.format("Spanisch", "Am Telefon"))
    assert learner.take(author.publish()) == Arrived(updated=1)
    card = learner.note("hello").cards()[0]
    assert (learner.field("hello", "Question"), card.ivl) == ("Am Telefon", 9)
    assert learner.collection.decks.name(DeckId(card.did)) == "Spanish::Flashcards"
