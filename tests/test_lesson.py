"""The shipped lesson, built by the command and imported into real Anki."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from anki.cards import CardId

from author import Author
from learner import Arrived, Learner

ROOT = Path(__file__).parent.parent
DECK = "Generative Models::What a generative model is"
DECKS = [
    f"{DECK}::Flashcards",
    f"{DECK}::Practice",
    f"{DECK}::Try it yourself, part 1: place the system on the map",
    f"{DECK}::Try it yourself, part 2: pick the paradigm for the use case",
]


@pytest.fixture
def lesson_author(author: Author) -> Author:
    """Return an author whose lesson is the shipped one, with its ledger."""
    for name in ("cards.yaml", "cards.lock"):
        shutil.copy(ROOT / name, author.folder)
    # Later than the shipped ledger, and not later than any clock.
    author.now = max(entry["mod"] for entry in author.ledger_lines().values())
    return author


def test_lesson_arrives_whole(lesson_author: Author, learner: Learner) -> None:
    """24 notes and cards, in four decks below the lesson's, in source order; only what the deck needs is new."""
    before = learner.settings()
    assert learner.take(lesson_author.publish()) == Arrived(new=24)
    collection = learner.collection
    cards = [collection.get_card(id) for id in collection.find_cards("", order="c.due")]
    source = yaml.load(lesson_author.source.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    ids = [
        item["id"] for part in (source["flashcards"], *(s["questions"] for s in source["practice"])) for item in part
    ]
    assert [card.note()["Id"] for card in cards] == ids
    assert [card.due for card in cards] == list(range(1, 25))
    assert [collection.decks.name(card.did) for card in cards] == [
        deck for deck, count in zip(DECKS, (10, 6, 5, 3), strict=True) for _ in range(count)
    ]
    assert learner.deck_names() == ["Generative Models", DECK, *DECKS]
    assert learner.notetype_names() == ["gen2anki Card"]
    assert learner.settings() == before
    assert collection.find_cards("deck:Default") == []
    assert learner.is_sound()


def test_lesson_math_is_mathjax(lesson_author: Author, learner: Learner) -> None:
    r"""Formulas stand as \( \) in the fields, and no dollar sign is left."""
    learner.take(lesson_author.publish())
    fields = [field for id in learner.collection.find_notes("") for field in learner.collection.get_note(id).fields]
    assert not [field for field in fields if "$" in field]
    assert learner.field("generative-vs-discriminative", "Answer").startswith(
        r"Generative learns \(p(x)\) (or \(p(x \mid c)\))"
    )
    assert sum(field.count(r"\(") for field in fields) == sum(field.count(r"\)") for field in fields) == 18


def test_lesson_descriptions_are_on_the_decks(lesson_author: Author, learner: Learner) -> None:
    """The lesson's description and each section's introduction, with its minutes, are on the decks' pages."""
    learner.take(lesson_author.publish())
    decks = learner.collection.decks
    descriptions = {name: decks.by_name(name)["desc"] for name in (DECK, *DECKS)}  # type: ignore[index]
    assert descriptions[DECK].startswith("What a generative model is, and the four-paradigm map")
    assert descriptions[DECKS[0]] == ""
    assert "Answer each one in your head (or on paper) before opening" in descriptions[DECKS[1]]
    assert descriptions[DECKS[2]].endswith("one is a hybrid. About 8 minutes.")
    assert descriptions[DECKS[3]].endswith("say in one sentence why. About 6 minutes.")


def test_lesson_has_choices_prompts_and_reasons(lesson_author: Author, learner: Learner) -> None:
    """The systems to place offer five choices of which one is right; each says why, below a prompt."""
    learner.take(lesson_author.publish())
    note = learner.note("place-latent-denoiser")
    buttons = re.findall(r'<button type="button" class="(choice(?: right)?)">(.*?)</button>', note["Choices"])
    assert buttons == [
        ("choice", "Autoregressive"),
        ("choice", "Latent-variable"),
        ("choice", "Adversarial (GAN)"),
        ("choice", "Diffusion"),
        ("choice right", "Hybrid (latent diffusion)"),
    ]
    assert note["Answer"] == "Hybrid (latent diffusion)"
    for id in learner.collection.find_notes(f'"deck:{DECKS[2]}" OR "deck:{DECKS[3]}"'):
        note = learner.collection.get_note(id)
        assert note["Prompt"]
        assert note["Why"]


def test_lesson_again_changes_nothing(lesson_author: Author, learner: Learner) -> None:
    """Built a day later and imported again: the same bytes, 24 unchanged, 0 of anything else."""
    first = lesson_author.publish()
    second = lesson_author.publish()
    assert second.read_bytes() == first.read_bytes()
    learner.take(first)
    assert learner.take(second) == Arrived(unchanged=24)


def test_lesson_is_built_as_the_ledger_says(lesson_author: Author) -> None:
    """The shipped ledger is the shipped lesson's: CI's frozen build finds nothing to change."""
    result = lesson_author.run("build", "--frozen")
    assert (result.exit_code, result.stderr) == (0, "")


def test_same_bytes_in_another_process(lesson_author: Author, tmp_path: Path) -> None:
    """Another folder, another hash seed, another day, another name of the folder: the same bytes."""
    packages = []
    for seed, name in (("0", "a"), ("4711", "b c")):
        folder = tmp_path / name
        shutil.copytree(lesson_author.folder, folder)
        command = [sys.executable, "-m", "gen2anki", "build"]
        subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True)
        packages.append((folder / "what-is-generative.apkg").read_bytes())
    assert packages[0] == packages[1]


@pytest.mark.parametrize("kind", ["new", "known"])
def test_new_cards_come_in_source_order(lesson_author: Author, new_learner: Callable[[], Learner], kind: str) -> None:
    """A learner is asked the cards of a deck in the order of the source; a later edition keeps the order they had."""
    learner = new_learner()
    lesson_author.ledger.unlink()
    learner.take(lesson_author.publish())
    if kind == "known":
        lesson_author.replace(
            "  - id: four-paradigms\n", "  - {id: added, question: q, answer: a}\n  - id: four-paradigms\n"
        )
        learner.take(lesson_author.publish())
    seen = learner.review(3, deck=DECKS[0])
    ids = [learner.collection.get_card(CardId(id)).note()["Id"] for id in seen]
    expected = {
        "new": ["generative-vs-discriminative", "four-paradigms", "autoregressive-training-sampling"],
        # The added note is second in its edition, as the one that was second before.
        "known": ["generative-vs-discriminative", "four-paradigms", "added"],
    }
    assert ids == expected[kind]
