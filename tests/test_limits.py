"""What Anki does not do with an edition, whatever the deck. docs/merging.md explains these limits of the promise."""

from pathlib import Path

import pytest
from anki.decks import DeckId
from anki.scheduler.v3 import CardAnswer

from author import FIRST_BUILD, Author
from learner import Arrived, Learner
from lesson import NOTES, settle_in

# All notes but the cloze have one note type.
CARD_NOTES = NOTES - 1


@pytest.fixture(autouse=True)
def _lesson(author: Author) -> None:
    settle_in(author.folder)


def _corrections(author: Author) -> list[Path]:
    """Publish an edition, and two more that correct one of its notes."""
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
        # The import that restores the field gives all notes a new date.
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
    """Added or deleted fields and templates keep corrections away unless note types are merged; edited ones do not."""
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
    """Anki only compares dates, whatever they come from."""
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
    """It does not edit the note."""
    first, second, _ = _corrections(author)
    learner.take(first)
    learner.handle("depth", what)
    assert learner.take(second) == TAKEN


def test_an_old_edition_brings_back_an_empty_card_and_its_description(author: Author, learner: Learner) -> None:
    """Its notes are not taken back, and the next edition brings its own description again."""
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


def test_a_side_that_the_learner_deleted_comes_back_empty(author: Author, learner: Learner) -> None:
    """It comes back with each import: the package has its card, and Anki adds missing cards."""
    first = author.publish()
    learner.take(first)
    learner.edit("saltiest", "Reverse", "")
    for _ in range(2):
        assert learner.remove_empty_cards() == 1
        learner.take(first)


def test_an_empty_description_never_arrives(author: Author, learner: Learner) -> None:
    """The deck keeps the author's last description, or the learner's own. Any other description overwrites it."""
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
    """To Anki both are one tag, and it keeps the spelling that it knows."""
    learner.take(author.publish())
    author.replace("tags: [geography]", "tags: [Geography]")
    assert learner.take(author.publish()) == Arrived(updated=NOTES)
    assert learner.note("depth").tags == ["geography"]


def test_later_cards_come_near_their_place_in_the_source(author: Author, learner: Learner) -> None:
    """Their place comes from the edition that brought them; Anki never moves the cards that it has."""
    deck = "Geography::Seas::Flashcards"
    learner.take(author.publish())
    new = "".join(f"  - {{id: new-{n}, question: New {n}, answer: a}}\n" for n in (1, 2))
    author.replace("  - id: saltiest\n", f"{new}  - id: saltiest\n")
    learner.take(author.publish())
    shown = [id for id, _ in learner.new_cards(deck)]
    assert shown.index("saltiest") < shown.index("depth") < shown.index("new-2") < shown.index("map")


def test_two_decks_of_one_id_are_one(author: Author, learner: Learner) -> None:
    """The later text replaces the earlier one, and the reviews stay: no two decks may have the same id."""
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
