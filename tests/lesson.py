"""One small lesson with a note of every kind, for tests that follow it through its editions."""

from pathlib import Path

LESSON = """\
deck:
  id: seas
  name: Geography::Seas
  description: The seas of the *world*.
  tags: [geography]
flashcards:
  - id: largest
    question: Which sea is the largest?
    answer: The Philippine Sea
    why: It has $5.7 \\cdot 10^6$ square kilometres.
  - id: saltiest
    question: Which open sea is the saltiest?
    answer: The Red Sea
    reverse: true
    tags: [salt]
  - id: depth
    question: How deep is the Challenger Deep?
    answer: About 11 km
    hint: Mount Everest would drown in it.
  - id: salt
    cloze: Sea water holds {{c1::3.5 %}} of {{c2::salt}}.
  - id: map
    question: "Which sea is this? ![](media/map.png)"
    answer: The Baltic Sea
practice:
  - id: quick
    title: Quick questions
    minutes: 5
    questions:
      - {id: shores, question: Which sea has no shores?, answer: The Sargasso Sea}
      - {id: dead, question: Why is the Dead Sea dead?, answer: No fish bears its salt., typed: true}
  - id: place
    title: Inland or not
    prompt: Where does it lie?
    choices: [Inland, Open]
    questions:
      - {id: caspian, question: The Caspian Sea, answer: Inland}
"""
NOTES = 8
CARDS = 10

# No picture reader looks at it: Anki only packs and copies bytes.
PICTURE = b"\x89PNG a map of the Baltic Sea"

NEW_NOTE = "  - {id: warmest, question: Which sea is the warmest?, answer: The Red Sea}\n"


def add_note(text: str) -> str:
    """Return a lesson's source with NEW_NOTE as its last flashcard."""
    return text.replace("practice:\n", f"{NEW_NOTE}practice:\n")


def settle_in(folder: Path) -> None:
    """Write the lesson and its picture into a folder."""
    (folder / "media").mkdir()
    (folder / "media" / "map.png").write_bytes(PICTURE)
    (folder / "cards.yaml").write_text(LESSON, encoding="utf-8")
