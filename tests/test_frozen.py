"""What every released deck depends on for ever. A test that turns red here is right, and the change wrong.

Learners' collections hold these numbers, names and orders; nothing can change them there. The one exception is the
look (templates and CSS), which may change: then `notetypes.MOD` must move with it.
"""

import hashlib
import json
import sqlite3
import time
import zipfile
from pathlib import Path
from typing import Any

import genanki
import pytest

from author import Author
from gen2anki.anki import frozen, notetypes
from gen2anki.edition import ledger
from learner import Learner
from lesson import NOTES, settle_in

LEDGER = Path(__file__).parent / "frozen.lock"
LOOK = Path(__file__).parent / "frozen.look.json"


@pytest.mark.parametrize(
    ("deck", "note", "guid"),
    [
        ("what-is-generative", "generative-vs-discriminative", "mB(O08md7t"),
        ("what-is-generative", "elbo", "b!I:`o$HYW"),
        ("seas", "largest", "uY,i4]rN=#"),
        ("a", "b", "q/([o$8RAO"),
        ("a", "b__c", "xEWY5:a/2E"),
    ],
)
def test_the_guid_of_a_note(deck: str, note: str, guid: str) -> None:
    """Anki knows a note by its guid alone: another one would give every learner every card a second time."""
    assert frozen.guid(deck, note) == guid == genanki.guid_for(deck, note)


@pytest.mark.parametrize(
    ("ord", "taken", "id"),
    [
        (0, (), 1_759_999_999_999),
        (1, (), 1_759_998_999_996),
        (499, (), 1_759_500_998_502),
        (1, (1_759_998_999_996,), 1_759_998_999_997),
    ],
    ids=["first", "second", "last", "taken"],
)
def test_the_id_of_a_card(ord: int, taken: tuple[int, ...], id: int) -> None:
    """A sync takes two cards of one id for one card: another rule would mix the cards of old and new editions."""
    assert frozen.card_id(1_759_999_999_999, ord, taken) == id


@pytest.mark.parametrize(
    ("key", "id"),
    [("", 1_008_490_277_033), ("flashcards", 1_394_012_461_771), ("practice/quick", 1_125_229_325_927)],
)
def test_the_number_of_a_deck(key: str, id: int) -> None:
    """It grows from the ids of lesson and section, so a new title leaves it as it is."""
    assert frozen.anki_deck_id("seas", key) == id


def _rows(package: Path, query: str, folder: Path) -> list[tuple[Any, ...]]:
    """Return what a query finds in the collection of a package; the collection is unpacked in `folder`."""
    with zipfile.ZipFile(package) as archive:
        connection = sqlite3.connect(archive.extract("collection.anki2", folder))
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_the_ids_of_cards_hang_on_their_note_and_their_number_alone(author: Author, tmp_path: Path) -> None:
    """More notes, more sides and withdrawn notes change no card that was there: reviews hang on it."""
    settle_in(author.folder)
    query = "SELECT nid, ord, id FROM cards"
    first = _rows(author.publish(), query, tmp_path)
    author.retire("largest")
    author.replace("answer: About 11 km", "answer: About 11 km\n    reverse: true")
    author.replace("  - id: saltiest", "  - {id: newest, question: Which sea is new?, answer: None}\n  - id: saltiest")
    second = {(note, ord): id for note, ord, id in _rows(author.publish(), query, tmp_path)}
    entries = {entry["added"]: entry.get("retired", False) for entry in author.ledger_lines().values()}
    assert [second.get((note, ord), id) for note, ord, id in first] == [id for _, _, id in first]
    assert [id for _, _, id in first] == [frozen.card_id(note, ord, ()) for note, ord, _ in first]
    assert {note for note, _ in second} == {note for note, is_retired in entries.items() if not is_retired}


def test_a_package_brings_only_the_note_types_that_its_notes_have(author: Author, tmp_path: Path) -> None:
    """Without a cloze there is no note type for one."""
    author.write("deck: {id: a, name: A}\nflashcards: [{id: b, question: q, answer: a}]\n")
    ((models,),) = _rows(author.publish(), "SELECT models FROM col", tmp_path)
    assert [int(id) for id in json.loads(models)] == [frozen.CARD_NOTETYPE]


def test_the_numbers_of_decks_in_a_package(author: Author, tmp_path: Path) -> None:
    """Each card is in the deck of its section, under the number that was pinned above."""
    settle_in(author.folder)
    ((decks,),) = _rows(author.publish(), "SELECT decks FROM col", tmp_path)
    names = {int(id): deck["name"] for id, deck in json.loads(decks).items() if id != "1"}
    assert names == {
        frozen.anki_deck_id("seas", key): f"Geography::Seas{part}"
        for key, part in (
            ("", ""),
            ("flashcards", "::Flashcards"),
            ("practice/quick", "::Quick questions"),
            ("practice/place", "::Inland or not"),
        )
    }


def test_the_note_types_their_ids_and_names() -> None:
    """Anki matches note types by id. Another id: a second note type, and no note is ever updated again."""
    card, cloze = notetypes.card(), notetypes.cloze()
    assert (card.id, card.name, card.cloze) == (1763942400101, "gen2anki Card", False)
    assert (cloze.id, cloze.name, cloze.cloze) == (1763942400102, "gen2anki Cloze", True)


def test_the_fields_their_order_and_ids() -> None:
    """Anki updates notes only where the number of fields is the same and each matches by its id.

    One more, one less or another order, and every learner keeps the old text for ever beside a "gen2anki Card+". What
    a note needs one day must fit into Extra and Extra2, which are there for that. (Until 0.1.0 is tagged this list may still change; then never.)
    """
    assert list(notetypes.card().fields.items()) == [
        ("Question", 176394240010101),
        ("Answer", 176394240010102),
        ("Why", 176394240010103),
        ("Hint", 176394240010104),
        ("Choices", 176394240010105),
        ("Source", 176394240010108),
        ("Section", 176394240010106),
        ("Prompt", 176394240010107),
        ("Language", 176394240010114),
        ("Typed", 176394240010110),
        ("TypedReverse", 176394240010115),
        ("Reverse", 176394240010109),
        ("Notice", 176394240010111),
        ("Extra", 176394240010112),
        ("Extra2", 176394240010116),
        ("Id", 176394240010113),
    ]
    assert list(notetypes.cloze().fields.items()) == [
        ("Text", 176394240010201),
        ("Why", 176394240010202),
        ("Hint", 176394240010203),
        ("Source", 176394240010206),
        ("Section", 176394240010204),
        ("Prompt", 176394240010205),
        ("Sound", 176394240010210),
        ("Language", 176394240010211),
        ("Notice", 176394240010207),
        ("Extra", 176394240010208),
        ("Extra2", 176394240010212),
        ("Id", 176394240010209),
    ]


def test_the_templates_their_order_and_ids() -> None:
    """A card is known by its template's number: another order would hang reviews on the wrong card."""
    assert [(one.name, one.id) for one in notetypes.card().templates] == [
        ("Card", 176394240010151),
        ("Reverse", 176394240010152),
    ]
    assert [(one.name, one.id) for one in notetypes.cloze().templates] == [("Cloze", 176394240010251)]


def test_the_ids_reach_anki_with_every_field_and_template(author: Author, learner: Learner) -> None:
    """They are what makes it safe to give a field another name one day."""
    settle_in(author.folder)
    learner.take(author.publish())
    for notetype in (notetypes.card(), notetypes.cloze()):
        model = learner.collection.models.by_name(notetype.name)
        assert model is not None
        assert model["id"] == notetype.id
        assert [(field["name"], field["id"]) for field in model["flds"]] == list(notetype.fields.items())
        assert [(one["name"], one["id"]) for one in model["tmpls"]] == [
            (one.name, one.id) for one in notetype.templates
        ]


def test_the_names_of_the_decks(author: Author, learner: Learner) -> None:
    """Anki matches decks by name: another rule of naming would scatter every learner's next cards."""
    settle_in(author.folder)
    learner.take(author.publish())
    assert learner.deck_names() == [
        "Geography",
        "Geography::Seas",
        "Geography::Seas::Flashcards",
        "Geography::Seas::Inland or not",
        "Geography::Seas::Quick questions",
    ]


def test_the_number_of_a_card_is_that_of_its_template_or_deletion(author: Author, learner: Learner) -> None:
    """Reviews hang on note and number: 0 the question, 1 its reverse; of a cloze, {{c1::…}} is 0."""
    settle_in(author.folder)
    learner.take(author.publish())
    numbers = {id: [card.ord for card in learner.note(id).cards()] for id in ("largest", "saltiest", "salt")}
    assert numbers == {"largest": [0], "saltiest": [0, 1], "salt": [0, 1]}


def test_the_ledger_of_the_first_release_is_true_of_the_same_lesson_today(author: Author) -> None:
    """Authors' repositories hold ledgers: each later gen2anki must read this one, and hash as it did.

    A hash that came out otherwise would count every note as changed, and overwrite what learners edited. (Should a
    new version of the Markdown library change the HTML of some text, then those notes did change: see which, here.)
    """
    settle_in(author.folder)
    author.ledger.write_bytes(LEDGER.read_bytes())
    assert author.json("build")["unchanged"] == NOTES
    first, now = LEDGER.read_bytes(), author.ledger.read_bytes()
    known, before = ledger.read(now, "now"), ledger.read(first, "first")
    # What only later formats hold is filled in.
    assert known.entries["salt"].hides == ((1, "3.5 %"), (2, "salt"))
    assert {id: entry._replace(hides=()) for id, entry in known.entries.items()} == before.entries
    assert (known.deck_id, known.deck_name) == (before.deck_id, before.deck_name)


# A ledger, in the newest format, with all that JSON can write in more than one way.
WRITTEN = (
    '{"gen2anki":"ledger","format":2,"deck":"mers","name":"Géographie::Mers \\\\ 海","notes":3,"sum":"0585c062","forgotten":8,"check":"60b9fec9"}\n'
    '{"id":"a","section":"Été à $\\\\beta$","type":"card","hash":"3d280a9020c76fd7948d40f1b6608ee1","mod":1760000000,"added":1759999999999'
    ',"other":5,"latest":1760000001,"check":"daaac11a"}\n'
    '{"id":"b","section":"L’\\"été\\" 😀","type":"cloze","hash":"0b","mod":0,"added":1,"hides":{"1":"l’\\"été\\" \\\\ 😀","12":"海 … }}"},'
    '"retired":true,"check":"23802eb4"}\n'
    '{"id":"c","section":"s","type":"card","hash":"0c","mod":1,"added":2,"moved_to":"t.other","check":"075ad094"}\n'
)


@pytest.mark.parametrize("shape", ["as it was written", "reshaped by an editor"])
def test_a_ledger_is_written_again_to_the_byte(author: Author, shape: str) -> None:
    """Titles in any language, quotes and retired notes: an upgrade rewrites no line, or every author's diff is full."""
    author.write(
        "deck: {id: mers, name: 'Géographie::Mers \\ 海'}\n"
        "practice:\n  - {id: s, title: 'Été à $\\beta$', questions: [{id: a, question: q, answer: a}]}\n"
        "retired: [b]\n"
    )
    author.ledger.write_text(
        WRITTEN if shape == "as it was written" else WRITTEN.replace("\n", "\n\n"), encoding="utf-8"
    )
    assert author.json("build")["unchanged"] == 1
    assert author.ledger.read_text(encoding="utf-8") == WRITTEN


def test_a_new_look_has_a_new_mod() -> None:
    """Anki takes the templates and CSS with the later MOD: without a later one no learner ever sees the new look."""
    texts = [notetypes.card(), notetypes.cloze()]
    content = json.dumps([[kind.css, *([one.front, one.back] for one in kind.templates)] for kind in texts])
    now = {"mod": notetypes.MOD, "hash": hashlib.sha256(content.encode()).hexdigest()}
    last = json.loads(LOOK.read_text(encoding="utf-8"))
    if now["hash"] != last["hash"]:
        assert now["mod"] > last["mod"], "the templates or the CSS changed: set MOD in notetypes.py to the time of now"
    assert now == last, f"MOD moved, good; now write this into tests/{LOOK.name}: {json.dumps(now)}"
    assert time.time() >= notetypes.MOD, "a MOD in the future would beat the next one"
