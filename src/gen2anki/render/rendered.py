"""What a lesson holds, rendered: named and neutral. Anki's fields are made of it, and so is a page."""

from dataclasses import dataclass
from typing import NamedTuple

from gen2anki.anki.note import AnkiDeck, Medium
from gen2anki.diagnostics.problem import Path, Problem


class Choice(NamedTuple):
    """One of the answers to choose from."""

    html: str
    is_right: bool


class RenderedNote(NamedTuple):
    """One note of a lesson. A named tuple, because a hundred thousand of them are made, compared and thrown away.

    Texts are HTML, empty where the note has none. `question` is the text with its deletions where `is_cloze` is true;
    `answer` holds the right choices where there are `choices`. `section` is the title of the deck that the note is in,
    `deck` the position of this deck in the lesson's. `tags` are sorted, without repeats; `ords` the numbers of the
    note's cards, from 0; `path` its place in the source.
    """

    id: str
    is_cloze: bool
    deck: int
    question: str
    answer: str
    choices: tuple[Choice, ...]
    why: str
    hint: str
    section: str
    prompt: str
    source: str
    is_reversed: bool
    is_typed: bool
    tags: tuple[str, ...]
    ords: tuple[int, ...]
    path: Path


class RenderedSection(NamedTuple):
    """A practice section; texts are HTML. `deck` is the position of its deck in the lesson's, as its notes have it.

    `minutes` is about how long it takes; None where the lesson does not say, or the introduction does.
    """

    id: str
    deck: int
    title: str
    intro: str
    prompt: str
    minutes: int | None
    has_answers_together: bool


class RenderedLesson(NamedTuple):
    """What a lesson says of itself; `description` is HTML, `name` the last part of the deck's name, as typed."""

    id: str
    name: str
    language: str
    description: str
    sections: tuple[RenderedSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A lesson, its notes, decks and media. `decks[0]` is the lesson's own; the others are below it, in source order."""

    lesson: RenderedLesson
    notes: tuple[RenderedNote, ...]
    decks: tuple[AnkiDeck, ...]
    media: tuple[Medium, ...]
    problems: tuple[Problem, ...]
