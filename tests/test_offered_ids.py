"""What a check promises of notes and sections without an id: each is offered one that no other has or ever had."""

import re
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from author import Author
from gen2anki.cli import main
from gen2anki.lesson.offered_ids import Nameless, nameless, offered
from gen2anki.schema.identifiers import ID

HEAD: Final = "deck: {id: t.ids, name: Ids}\n"


def offers(author: Author, lesson: str) -> list[str]:
    """Return the ids that a check offers."""
    author.source.write_text(HEAD + lesson, encoding="utf-8")
    found = CliRunner().invoke(main, ["check", str(author.source)])
    return re.findall(r"write 'id: (.*?)'.*\[missing-id\]$", found.stderr, re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is A?", "what-is-a"),
        ("What does ELBO stand for?", "elbo-stand"),
        ("Что такое энтропия?", "chto-takoe-entropiya"),
        ("Τι είναι η ψυχή;", "ti-einai-i-psychi"),
        ("犬", "quan"),
        ("犬 か 猫", "quan-ka-mao"),
        ("Größe naïver Ångström", "grosse-naiver-angstrom"),
        ("Don't `stop`!", "dont-stop"),
        ("The {{c1::ELBO::hint}} bounds {{c2::$p(x)$}}", "elbo-bounds-p-x"),
        ("[The score](https://example.org), ![a picture](media/x.png)", "score-picture"),
        ("<b>Bold</b> moves", "bold-moves"),
        ("One two three four five six seven", "two-three-four-five-six"),
        ("Donaudampfschifffahrtsgesellschaftskapitaenswitwe", "donaudampfschifffahrtsgesellschaftskap"),
        ("?!", "note"),
        ("", "note"),
    ],
)
def test_an_id_is_made_of_the_words_that_say_most(text: str, expected: str) -> None:
    """In Latin letters whatever the script, and short."""
    (offer,) = offered([nameless(("flashcards", 0), {"question": text})], (), ())
    assert offer == (("flashcards", 0), expected[:36])


@given(st.lists(st.text(max_size=80), max_size=20), st.sets(st.sampled_from(["note", "note-2", "a", "a-2"])))
def test_every_offer_is_an_id_that_none_has(texts: list[str], taken: set[str]) -> None:
    """Whatever the words."""
    found = [nameless(("flashcards", number), {"question": text}) for number, text in enumerate([*texts, "a", "a"])]
    ids = [id for _, id in offered(found, taken, ())]
    assert all(ID.fullmatch(id) and len(id) <= 40 for id in ids)
    assert len({*ids, *taken}) == len(ids) + len(taken)


def test_notes_and_sections_are_counted_apart() -> None:
    """A section may have the id of a note."""
    found = [Nameless(("practice", 0), "a"), Nameless(("practice", 0, "questions", 0), "a")]
    assert [id for _, id in offered(found, {"b"}, {"b"})] == ["a", "a"]


def test_no_id_is_offered_that_a_note_has_or_had(tmp_path: Path) -> None:
    """Neither one in the lesson, nor one that is retired, nor one that only the ledger knows."""
    author = Author(tmp_path)
    notes = "flashcards:\n  - {id: pear, question: Pear?, answer: p}\n  - {id: plum, question: Plum?, answer: p}\n"
    author.source.write_text(HEAD + notes)
    assert CliRunner().invoke(main, ["build", str(author.source), "-o", str(tmp_path / "a.apkg")]).exit_code == 0
    lesson = """\
flashcards:
  - {question: Pear, answer: a}
  - {question: Plum, answer: a}
  - {question: Apple, answer: a}
  - {id: apple, question: Apple, answer: a}
  - {question: Cherry, answer: a}
practice:
  - title: Apple
    questions:
      - {question: Apple, answer: a}
retired: [cherry, plum]
"""
    assert offers(author, lesson) == ["pear-2", "plum-2", "apple-2", "cherry-2", "apple", "apple-3"]


def test_without_ids_nothing_is_built(tmp_path: Path) -> None:
    """A build tells the same."""
    source = tmp_path / "cards.yaml"
    source.write_text(HEAD + "flashcards:\n  - {question: What is A?, answer: a}\n")
    result = CliRunner().invoke(main, ["build", str(source), "-o", str(tmp_path / "a.apkg")])
    assert result.exit_code == 1
    assert "keep it for ever, also when you reword the flashcard; 'check --fix' mends it [missing-id]" in result.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["cards.yaml"]
