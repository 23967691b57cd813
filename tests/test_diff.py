"""`gen2anki diff`: what an edition changes, before it is published."""

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import genanki
import pytest
from anki.collection import DeckIdLimit, ExportAnkiPackageOptions
from anki.notes import NoteId

from author import DAY, Author
from gen2anki.anki import frozen
from gen2anki.diagnostics.installation import command_to_add
from gen2anki.output import apkg
from gen2anki.text.highlight import highlight
from learner import Learner
from lesson import NOTES, add_note, settle_in


@pytest.fixture(autouse=True)
def _lesson(author: Author) -> None:
    settle_in(author.folder)


def _edit(author: Author) -> None:
    """Change a bit of everything."""
    author.replace("Which sea is the largest?", "Which sea has the largest *area*?")
    author.replace("tags: [salt]", "tags: [salty]")
    author.add_flashcard(author.cut("shores"))
    author.retire("depth")
    author.write(add_note(author.text()))


def _said(author: Author, *arguments: str) -> str:
    result = author.run("diff", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def _files(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file): (file.read_bytes(), file.stat().st_mtime_ns) for file in files}


# --- against the ledger


def test_the_first_edition_is_all_new(author: Author) -> None:
    """Without a ledger there is nothing to compare with."""
    lines = _said(author).splitlines()
    assert lines[:4] == [
        "Geography::Seas: the first edition",
        "",
        "8 new: arrive as new cards",
        "  + largest   Which sea is the largest?",
    ]


def test_it_tells_what_each_change_means_to_those_who_have_the_last_edition(author: Author) -> None:
    """It goes kind by kind, with ids and questions, and fits on one screen."""
    author.publish()
    _edit(author)
    assert (
        _said(author)
        == """\
Geography::Seas, compared with cards.lock

1 new: arrive as new cards
  + warmest  Which sea is the warmest?

3 changed: the new text arrives; reviews and due dates stay
  ~ largest   Which sea has the largest area?
  ~ saltiest  Which open sea is the saltiest?
  ~ shores    Which sea has no shores?

1 moved: cards that learners have stay in the deck they are in; new learners get them in the new one
  > shores  Which sea has no shores?
      from 'Quick questions' to 'Flashcards'

1 retired: stay with those who have them, and come to nobody else
  - depth

4 unchanged: what learners edited in them stays
"""
    )


def test_where_nothing_changed_it_says_so(author: Author) -> None:
    """It prints nothing else."""
    author.publish()
    assert _said(author) == (
        "Geography::Seas, compared with cards.lock\n\n8 unchanged: what learners edited in them stays\n"
    )


def test_a_renamed_deck_moves_all_its_notes(author: Author) -> None:
    """It says the same as against the package: the cards that learners have stay in the old deck."""
    package_file = author.publish()
    author.replace("name: Geography::Seas", "name: Geography::Oceans")
    author.write(add_note(author.text()))
    found = author.json("diff")["moved"]
    assert len(found) == NOTES
    assert found == author.json("diff", "--against", str(package_file))["moved"]
    result = author.run("diff")
    assert "\n8 moved: cards that learners have stay in the deck they are in; new" in result.stdout
    assert result.stderr.count("[deck-renamed]") == result.stderr.count("warning:") == 1
    built = author.json("build")
    assert (len(built["moved"]), built["changed"]) == (NOTES, [])
    assert author.json("diff")["moved"] == []


def test_many_changes_still_fit_one_screen(author: Author) -> None:
    """A few of each kind are named; --json names all."""
    author.publish()
    notes = "".join(f"  - {{id: n{number}, question: q{number}, answer: a}}\n" for number in range(1000))
    author.replace("practice:\n", f"{notes}practice:\n")
    said = _said(author)
    assert len(said.splitlines()) < 20
    assert "    … and 992 more (--json names all)" in said
    assert len(author.json("diff")["new"]) == 1000


def test_it_writes_nothing(author: Author) -> None:
    """Ledger and package keep their bytes and their dates."""
    author.publish()
    _edit(author)
    before = _files(author.folder)
    _said(author)
    _said(author, "--against", "editions/1.apkg")
    assert _files(author.folder) == before


def test_a_source_with_problems_is_reported_as_check_would(author: Author) -> None:
    """It prints the same lines, and exits with 1."""
    author.replace("answer: About 11 km", "answr: About 11 km")
    result = author.run("diff")
    assert result.exit_code == 1
    assert "cards.yaml:18:5: error: unknown key 'answr': did you mean 'answer'?" in result.stderr
    assert result.stdout == ""


# --- against a package


def test_against_a_package_it_shows_each_field_word_by_word(author: Author) -> None:
    """What went and what came is marked, and can be read without colours."""
    package_file = author.publish()
    _edit(author)
    said = _said(author, "--against", str(package_file.relative_to(author.folder)))
    assert (
        said
        == """\
Geography::Seas, compared with editions/1.apkg

1 new: arrive as new cards
  + warmest  Which sea is the warmest?

3 changed: the new text arrives; reviews and due dates stay
  ~ largest   Which sea has the largest area?
      Question: Which sea [-is-]{+has+} the largest {+<em>area</em>+}?
  ~ saltiest  Which open sea is the saltiest?
      Tags: geography [-salt-]{+salty+}
  ~ shores    Which sea has no shores?
      Section: [-Quick questions-]{+Flashcards+}

1 moved: cards that learners have stay in the deck they are in; new learners get them in the new one
  > shores  Which sea has no shores?
      from 'Geography::Seas::Quick questions' to 'Geography::Seas::Flashcards'

1 retired: stay with those who have them, and come to nobody else
  - depth  How deep is the Challenger Deep?

1 described: the deck's new description arrives, in place of whatever learners have there
  ~ Geography::Seas
      Description: {+<p>+}The seas of the <em>world</em>.{+</p> <p>Withdrawn from this deck: to find such cards of an earlier edition, search in Browse for <code>nid:1759852588640 Id:depth</code></p>+}

4 unchanged: what learners edited in them stays
"""
    )


def test_as_markdown_it_is_a_part_of_a_release_note(author: Author) -> None:
    """What an author typed is escaped, so that it does not become markup."""
    package_file = author.publish()
    _edit(author)
    author.replace("answer: The Baltic Sea", "answer: 'The \\*Baltic\\* Sea, _so_called'")
    said = _said(author, "--against", str(package_file), "--markdown")
    assert (
        said
        == r"""## Geography::Seas

1 new, 4 changed, 1 moved, 1 retired, 1 described, 3 unchanged.

### New

*Arrive as new cards.*

- Which sea is the warmest? (`warmest`)

### Changed

*The new text arrives; reviews and due dates stay.*

- Which sea has the largest area? (`largest`)
  - Question: Which sea ~~is~~ **has** the largest **\<em\>area\</em\>** ?
- Which open sea is the saltiest? (`saltiest`)
  - Tags: geography ~~salt~~ **salty**
- Which sea is this? (`map`)
  - Answer: The **\*** Baltic **\*** Sea **, \_so\_called**
- Which sea has no shores? (`shores`)
  - Section: ~~Quick questions~~ **Flashcards**

### Moved

*Cards that learners have stay in the deck they are in; new learners get them in the new one.*

- Which sea has no shores? (`shores`): from 'Geography::Seas::Quick questions' to 'Geography::Seas::Flashcards'

### Retired

*Stay with those who have them, and come to nobody else.*

- How deep is the Challenger Deep? (`depth`)

### Described

*The deck's new description arrives, in place of whatever learners have there.*

- Geography::Seas
  - Description: **\<p\>** The seas of the \<em\>world\</em\>. **\</p\> \<p\>Withdrawn from this deck: to find such cards of an earlier edition, search in Browse for \<code\>nid:1759852588640 Id:depth\</code\>\</p\>**
"""
    )


def test_as_json_it_has_every_field_before_and_after(author: Author) -> None:
    """Programs read it: fields are as they are stored."""
    package_file = author.publish()
    author.replace("About 11 km", "10,935 m")
    found = author.json("diff", "--against", str(package_file))
    assert found == {
        "command": "diff", "ok": True, "source": "cards.yaml", "deck": "seas", "name": "Geography::Seas",
        "against": str(package_file), "new": [],
        "changed": [
            {
                "id": "depth",
                "title": "How deep is the Challenger Deep?",
                "fields": [{"name": "Answer", "old": "About 11 km", "new": "10,935 m"}],
            }
        ],
        "moved": [], "retired": [], "refused": [], "redated": [], "described": [],
        "unchanged": NOTES - 1, "problems": [],
    }  # fmt: skip


def test_deletions_with_other_numbers_are_told(author: Author) -> None:
    """A text that has another number now has the reviews of another; one that is gone has no new number."""
    package_file = str(author.publish())
    author.replace("{{c1::3.5 %}} of {{c2::salt}}", "{{c1::no}} {{c2::salt::what?}} or {{c3::water}}")
    more = "arrives as new: the card of c3"
    assert author.json("diff", "--against", package_file)["changed"][0]["why"] == more
    author.replace("{{c1::no}} {{c2::salt::what?}} or {{c3::water}}", "{{c3::salt}}, {{c1::so much}}, {{c2::3.5 %::?}}")
    why = f"{more}; '3.5 %' was c1 and is c2, 'salt' was c2 and is c3: reviews stay with the number"
    assert f"\n      {why}\n      Text: " in _said(author, "--against", package_file)
    (change,) = author.json("diff", "--against", package_file)["changed"]
    assert change["why"] == why


def test_a_side_more_or_less_is_told(author: Author, learner: Learner) -> None:
    """A card arrives as new or goes empty, whatever its reviews."""
    package_file = author.publish()
    learner.take(package_file)
    author.replace("    reverse: true\n", "")
    author.replace("answer: About 11 km\n", "answer: About 11 km\n    reverse: true\n")
    author.replace("{{c1::3.5 %}} of {{c2::salt}}", "{{c1::3.5 %}} of salt, and {{c3::much}} {{c4::water}}")
    changed = author.json("diff", "--against", str(package_file))["changed"]
    assert {change["id"]: change["why"] for change in changed} == {
        "saltiest": "goes empty: the reverse card",
        "depth": "arrives as new: the reverse card",
        "salt": "arrives as new: the card of c3, the card of c4; goes empty: the card of c2",
    }
    assert "\n      goes empty: the reverse card\n      Reverse: " in _said(author, "--against", str(package_file))
    before = set(learner.scheduling())
    learner.take(author.publish())
    arrived = [(learner.collection.get_note(NoteId(id))["Id"], ord) for id, ord in learner.scheduling().keys() - before]
    assert sorted(arrived) == [("depth", 1), ("salt", 2), ("salt", 3)]
    assert learner.remove_empty_cards() == 2


def test_with_and_without_a_package_json_has_the_same_keys(author: Author) -> None:
    """If the ledger can't know of a kind, its list is empty."""
    package_file = author.publish()
    assert author.json("diff").keys() == author.json("diff", "--against", str(package_file)).keys()


def test_long_texts_are_cut_to_what_changed(author: Author) -> None:
    """A few words around each change are enough to know the place."""
    words = [f"w{number}" for number in range(100)]
    author.replace("About 11 km", " ".join(words))
    package_file = author.publish()
    author.replace(" w50 ", " fifty ")
    (line,) = (line for line in _said(author, "--against", str(package_file)).splitlines() if "Answer" in line)
    assert line == ("      Answer: … w44 w45 w46 w47 w48 w49 [-w50-]{+fifty+} w51 w52 w53 w54 w55 w56 …")


def test_code_is_compared_without_its_colours(author: Author) -> None:
    """The colours come from the highlighter, and would stand between all words."""
    author.write(
        "deck: {id: code, name: Code}\nflashcards:\n  - id: a\n    question: q\n    answer: |\n"
        "      ```python\n      x = 'one'\n      ```\n"
    )
    package_file = author.publish()
    author.replace("one", "two")
    (change,) = author.json("diff", "--against", str(package_file))["changed"]
    code = "<pre><code class=\"language-python\">x = '{}'\n</code></pre>"
    assert change["fields"] == [{"name": "Answer", "old": code.format("one"), "new": code.format("two")}]


def test_code_whose_last_line_has_no_end_is_no_change(author: Author) -> None:
    """A highlighter would end it, and then the package that was just built would be another text."""
    code = '<pre><code class="language-python">x = 1</code></pre>'
    author.replace("  name: Geography", "  html: true\n  name: Geography")
    author.replace("About 11 km", f"'{code}'")
    edition = author.publish()
    assert author.json("diff", "--against", str(edition))["unchanged"] == NOTES


def test_code_is_the_same_whatever_its_highlighter_escaped(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some highlighters write quotes as entities; a browser does not."""
    author.write(
        "deck: {id: code, name: Code}\nflashcards:\n  - id: a\n    question: q\n    answer: |\n"
        '      ```python\n      x = "one" < 2\n      ```\n'
    )
    with monkeypatch.context() as patch:
        patch.setattr(apkg, "highlight", lambda fields: highlight(fields).replace('"one"', "&quot;one&quot;"))
        package_file = author.publish()
    found = author.json("diff", "--against", str(package_file))
    assert (found["changed"], found["redated"], found["unchanged"]) == ([], [], 1)


def test_a_script_without_spaces_is_compared_character_by_character(author: Author) -> None:
    """A whole sentence would be one word."""
    author.replace("About 11 km", "海の深さは一万")
    package_file = author.publish()
    author.replace("海の深さは", "海の高さは")
    said = _said(author, "--against", str(package_file))
    assert "      Answer: 海の[-深-]{+高+}さは一万\n" in said


def test_a_change_of_spaces_alone_shows_the_whole_text(author: Author) -> None:
    """No word differs, but the note counts as changed, so both forms are shown."""
    package_file = author.publish()
    author.replace("answer: About 11 km", "answer: About  11 km")
    said = _said(author, "--against", str(package_file))
    assert "      Answer: [-About 11 km-]{+About  11 km+}\n" in said


def test_words_gone_from_the_end_keep_their_space(author: Author) -> None:
    """The words keep the space that was before them."""
    package_file = author.publish()
    author.replace("    tags: [salt]\n", "")
    author.replace("answer: About 11 km", "answer: About")
    said = _said(author, "--against", str(package_file))
    assert "      Tags: geography [-salt-]\n" in said
    assert "      Answer: About [-11 km-]\n" in said


def test_a_tag_that_was_shown_as_typed_differs_from_one_that_is_html(author: Author) -> None:
    """Unescaped, both sides would be the same."""
    author.replace("answer: About 11 km", "answer: About <b>11</b> km")
    package_file = author.publish()
    author.replace("  name: Geography", "  html: true\n  name: Geography")
    said = _said(author, "--against", str(package_file))
    assert "      Answer: About [-&lt;b&gt;-]{+<b>+}11[-&lt;/b&gt;-]{+</b>+} km\n" in said


def test_buttons_and_switches_are_told_in_words(author: Author) -> None:
    """Their HTML says nothing to a reader; --json has it."""
    package_file = str(author.publish())
    author.replace("answer: Inland", "answer: Open")
    author.replace("    reverse: true\n", "")
    said = _said(author, "--against", package_file)
    assert "      Choices: [-✓-] Inland, {+✓+} Open\n" in said
    assert "      Reverse: [-yes-]{+no+}\n" in said
    said = _said(author, "--against", package_file, "--markdown")
    assert "  - Choices: ~~✓~~ Inland, **✓** Open\n" in said
    assert "  - Reverse: ~~yes~~ **no**\n" in said
    *_, change = author.json("diff", "--against", package_file)["changed"]
    assert change["fields"][1]["old"].startswith('<button type="button" class="choice right">Inland<')


def test_a_text_of_a_foreign_deck_cannot_command_the_terminal(author: Author) -> None:
    """Control characters in what others wrote are not printed."""
    model = genanki.Model(1, "Simple", fields=[{"name": "F"}], templates=[{"name": "a", "qfmt": "{{F}}", "afmt": ""}])
    deck = genanki.Deck(2059400110, "Old")
    deck.add_note(genanki.Note(model, ["\x1b[2Jgone"], guid="x\x07"))
    deck.write_to_file("old.apkg")
    said = _said(author, "--against", "old.apkg")
    assert "  - x  [2Jgone\n" in said
    assert "\x1b" not in said


def test_on_a_terminal_it_is_coloured_and_no_color_is_heeded(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other test here sees a pipe, where there are no colours."""
    package_file = author.publish()
    author.replace("About 11 km", "10,935 m")
    arguments = ["diff", "--against", str(package_file)]
    assert "\x1b[32m{+10,935 m+}\x1b[0m" in author.run(*arguments, color=True).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in author.run(*arguments, color=True).stdout


def test_what_would_not_arrive_is_told(author: Author) -> None:
    """The package was built later than this edition, with another ledger, so Anki would keep its text."""
    author.publish()
    ledger = author.ledger.read_bytes()
    author.now += 10 * DAY
    author.replace("About 11 km", "10,935 m")
    later = author.publish()
    author.ledger.write_bytes(ledger)
    author.now -= 10 * DAY
    author.replace("10,935 m", "Nearly 11 km")
    (refused,) = author.json("diff", "--against", str(later))["refused"]
    assert (refused["id"], refused["why"]) == (
        "depth", "its date is no later than there: was another ledger used?",
    )  # fmt: skip


def test_what_a_lost_ledger_costs_is_told(author: Author) -> None:
    """Every note gets a later date, and would overwrite what learners edited."""
    package_file = author.publish()
    author.ledger.unlink()
    said = _said(author, "--against", str(package_file))
    assert "8 redated: the same as before, but with a later date: what learners edited in them is overwritten" in said


def test_a_note_that_became_another_kind_is_refused(author: Author) -> None:
    """Anki would refuse it; the ledger, if there is one, forbids it anyway."""
    package_file = author.publish()
    author.replace("cloze: Sea water holds {{c1::3.5 %}} of {{c2::salt}}.", "question: q\n    answer: a")
    author.ledger.unlink()
    (refused,) = author.json("diff", "--against", str(package_file))["refused"]
    assert (refused["id"], refused["why"]) == ("salt", "it is of another note type there, and Anki never changes that")


def test_a_deck_in_other_capitals_is_the_same_deck(author: Author, learner: Learner) -> None:
    """It is so to Anki: nothing moves, and no other deck appears."""
    author.replace("name: Geography::Seas", "name: Geography::Séas")
    package_file = author.publish()
    learner.take(package_file)
    author.replace("name: Geography::Séas", "name: Geography::SÉAS")
    author.replace("title: Quick questions", "title: Quick Questions")
    found = author.json("diff", "--against", str(package_file))
    assert (found["moved"], [change["id"] for change in found["changed"]]) == ([], ["shores", "dead"])
    decks = learner.deck_names()
    learner.take(author.publish())
    assert learner.deck_names() == decks


def test_another_description_of_a_deck_is_told(author: Author, learner: Learner) -> None:
    """It tells of texts that arrive. An empty one does not arrive, and a new deck's is no change."""
    package_file = author.publish()
    learner.take(package_file)
    exported = _exported(author, learner, legacy=True)
    assert author.json("diff", "--against", exported)["described"] == []
    Path(exported).unlink()
    author.replace("The seas of the *world*.", "All the *seas*.")
    author.replace("    minutes: 5\n", "")
    author.replace("    prompt: Where does it lie?\n", "    intro: Look at a map.\n    prompt: Where does it lie?\n")
    author.write(
        f"{author.text()}  - {{id: more, title: More, intro: New., questions: [{{id: a, question: q, answer: a}}]}}\n"
    )
    assert author.json("diff", "--against", str(package_file))["described"] == [
        {
            "id": "Geography::Seas",
            "title": "",
            "fields": [{"name": "Description", "old": "The seas of the <em>world</em>.", "new": "All the <em>seas</em>."}],
        },
        {
            "id": "Geography::Seas::Inland or not",
            "title": "",
            "fields": [{"name": "Description", "old": "", "new": "Look at a map."}],
        },
    ]  # fmt: skip
    learner.take(author.publish())
    parts = ("", "::Inland or not", "::Quick questions")
    assert [learner.deck_description(f"Geography::Seas{part}") for part in parts] == [
        "All the <em>seas</em>.", "Look at a map.", "About 5 minutes.",
    ]  # fmt: skip


# --- packages of other makers


def test_a_deck_that_genanki_made_is_read(author: Author) -> None:
    """A note with our guid is recognised, whatever its note type; this edition lacks the others."""
    model = genanki.Model(
        1607392319, "Simple", fields=[{"name": "Front"}, {"name": "Back"}], templates=[{"name": "a", "qfmt": "{{Front}}", "afmt": "{{Back}}"}]
    )  # fmt: skip
    deck = genanki.Deck(2059400110, "Old seas")
    deck.add_note(genanki.Note(model, ["Which sea is old?", "All"], guid="other"))
    deck.add_note(genanki.Note(model, ["Largest?", "That one"], guid=frozen.guid("seas", "largest")))
    deck.write_to_file("old.apkg")
    found = author.json("diff", "--against", "old.apkg")
    assert [change["id"] for change in found["refused"]] == ["largest"]
    assert found["retired"] == [{"id": "other", "title": "Which sea is old?"}]
    assert len(found["new"]) == NOTES - 1


def test_fields_are_read_by_their_numbers(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package may list them in any order."""
    to_json = genanki.Model.to_json

    def reversed_json(*arguments: Any) -> dict[str, Any]:
        model: dict[str, Any] = to_json(*arguments)
        return model | {"flds": model["flds"][::-1]}

    with monkeypatch.context() as context:
        context.setattr(genanki.Model, "to_json", reversed_json)
        package_file = author.publish()
    assert author.json("diff", "--against", str(package_file))["unchanged"] == NOTES


def test_a_deck_with_no_note_in_common_is_called_another_deck(author: Author) -> None:
    """All is new and all is gone: most likely `deck.id` changed, or the file is the wrong one."""
    package_file = author.publish()
    author.ledger.unlink()
    author.replace("id: seas", "id: oceans")
    said = _said(author, "--against", str(package_file))
    assert "and this edition have no note in common: to Anki they are two decks\n\n8 new" in said
    assert "8 retired" in said


def test_tags_that_anki_knows_by_another_spelling_are_no_change(author: Author, learner: Learner) -> None:
    """Anki keeps the spelling that it had first."""
    author.replace("tags: [geography]", "tags: [geography, SALT]")
    learner.take(author.publish())
    found = author.json("diff", "--against", _exported(author, learner, legacy=True))
    assert (found["unchanged"], found["refused"]) == (NOTES, [])


@pytest.mark.parametrize("legacy", [True, False])
def test_a_deck_that_anki_exported_is_read_in_both_its_forms(author: Author, learner: Learner, legacy: bool) -> None:
    """They are `collection.anki21` and the compressed `collection.anki21b`."""
    pytest.importorskip("zstandard") if not legacy else None
    learner.take(author.publish())
    learner.edit("depth", "Answer", "Deep.", at=author.now - DAY)
    exported = _exported(author, learner, legacy=legacy)
    found = author.json("diff", "--against", exported)
    assert [(change["id"], change["fields"]) for change in found["refused"]] == [
        ("depth", [{"name": "Answer", "old": "Deep.", "new": "About 11 km"}])
    ]
    assert (found["unchanged"], found["moved"]) == (NOTES - 1, [])


@pytest.mark.parametrize("where", ["in a filtered deck", "the reverse card in another deck"])
@pytest.mark.parametrize("legacy", [True, False])
def test_a_note_is_at_home_in_the_deck_of_its_first_card(
    author: Author, learner: Learner, where: str, legacy: bool
) -> None:
    """The learner may have moved its cards before the export."""
    pytest.importorskip("zstandard") if not legacy else None
    learner.take(author.publish())
    if where == "in a filtered deck":
        learner.cram()
    else:
        deck = learner.collection.decks.id("Mine")
        assert deck is not None
        learner.collection.set_deck([learner.note("saltiest").cards()[1].id], deck)
    exported = _exported(author, learner, legacy=legacy, deck=None)
    assert author.json("diff", "--against", exported)["moved"] == []


def _exported(author: Author, learner: Learner, *, legacy: bool, deck: str | None = "Geography::Seas") -> str:
    """Export a deck, or, without one, the whole collection."""
    id = learner.collection.decks.id_for_name(deck) if deck else None
    options: Any = ExportAnkiPackageOptions(legacy=legacy, with_media=True, with_scheduling=True)
    learner.collection.export_anki_package(
        out_path=str(author.folder / "exported.apkg"), options=options, limit=DeckIdLimit(id) if id else None
    )
    return "exported.apkg"


def test_a_compressed_deck_without_what_unpacks_it_is_a_clear_line(
    author: Author, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library is optional, so the line names it, and the way round it."""
    learner.take(author.publish())
    exported = _exported(author, learner, legacy=False)
    for name in ("compression.zstd", "zstandard"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    assert _error(author, exported) == (
        f"exported.apkg: error: is compressed, as newer Ankis do: {command_to_add('zstandard')}, or export it again with"
        " 'Support older Anki versions' ticked [package-compressed]\n"
    )


def _error(author: Author, file: str) -> str:
    result = author.run("diff", "--against", file)
    assert result.exit_code == 1
    return result.stderr


def _changed(edition: Path, query: str, value: object) -> bytes:
    """Return the collection of an edition with something changed in it."""
    with zipfile.ZipFile(edition) as archive, closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(archive.read("collection.anki2"))
        connection.execute(query, (value,))
        connection.commit()
        return bytes(connection.serialize())


def _spoilt(author: Author, how: str) -> None:
    edition = author.publish()
    good = edition.read_bytes()
    if how == "empty":
        good = b""
    elif how == "text":
        good = b"deck:\n"
    elif how == "cut":
        good = good[: len(good) // 2]
    elif how == "a byte":
        good = good[:700] + bytes([good[700] ^ 255]) + good[701:]
    Path("old.apkg").write_bytes(good)
    contents = {
        "no collection": ("hello.txt", b"hello"),
        "no database": ("collection.anki2", b"x" * 5000),
        "an empty database": ("collection.anki2", b""),
        "no Zstandard": ("collection.anki21b", b"\x28\xb5\x2f\xfd" + b"x" * 500),
        "lists in lists": ("collection.anki2", _changed(edition, "UPDATE col SET models = ?", "[" * 100_000)),
        "a blob for tags": ("collection.anki2", _changed(edition, "UPDATE notes SET tags = ?", b"\xff")),
    }
    if how in contents:
        with zipfile.ZipFile("old.apkg", "w") as archive:
            archive.writestr(*contents[how])
    if how == "too large":  # by its own account, which is read before it fills the memory
        with zipfile.ZipFile("old.apkg", "w") as archive:
            archive.writestr("collection.anki2", b"")
            archive.getinfo("collection.anki2").file_size = 3 * 2**30


@pytest.mark.parametrize(
    ("how", "line"),
    [
        ("empty", "is damaged, or no Anki package [package-damaged]"),
        ("text", "is damaged, or no Anki package [package-damaged]"),
        ("cut", "is damaged, or no Anki package [package-damaged]"),
        ("a byte", "is damaged, or no Anki package [package-damaged]"),
        ("no collection", "is no Anki package: there is no collection in it [package-foreign]"),
        ("no database", "is damaged: its collection can't be read [package-damaged]"),
        ("an empty database", "is damaged: its collection can't be read [package-damaged]"),
        ("no Zstandard", "is damaged: its collection can't be unpacked [package-damaged]"),
        ("lists in lists", "is damaged: its collection can't be read [package-damaged]"),
        ("a blob for tags", "is damaged: its collection can't be read [package-damaged]"),
        ("too large", "is damaged, or far larger than any deck [package-damaged]"),
    ],
)
def test_a_damaged_or_foreign_package_is_a_clear_line(author: Author, how: str, line: str) -> None:
    """It prints one line, exits with 1, and shows no traceback."""
    if how == "no Zstandard":
        pytest.importorskip("zstandard")
    _spoilt(author, how)
    assert _error(author, "old.apkg") == f"old.apkg: error: {line}\n"


def test_a_package_that_is_not_there_is_a_clear_line(author: Author) -> None:
    """So is a folder."""
    assert _error(author, "nono.apkg") == ("nono.apkg: error: can't be read: No such file or directory [cannot-read]\n")
    assert _error(author, "media") == "media: error: can't be read: Is a directory [cannot-read]\n"


def test_two_forms_at_once_are_wrong_usage(author: Author) -> None:
    """They are --markdown and --json."""
    assert author.run("diff", "--markdown", "--json").exit_code == 2
