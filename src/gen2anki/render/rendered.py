"""A lesson as named HTML. Anki's fields are made of it, and so is any other form of it."""

from dataclasses import dataclass
from typing import NamedTuple

from gen2anki.anki.note import AnkiDeck, Medium
from gen2anki.diagnostics.problem import Path, Problem


class Choice(NamedTuple):
    """One of the answers to choose from."""

    html: str
    is_right: bool


class RenderedNote(NamedTuple):
    """One note of a lesson. It is a named tuple because a hundred thousand are made, compared and thrown away.

    Texts are HTML, empty where the note has none. If `is_cloze`, `question` is the text with its deletions. If there are
    `choices`, `answer` holds the right ones. `deck` is the note's deck, by its position among the lesson's, and `section`
    that deck's title. `language` is its tag. `typed` is the answer as a learner types it, `typed_reverse` the question;
    both are empty where nothing is typed. `tags` are sorted, without repeats. `ords` are the numbers of the note's cards,
    from 0. `path` is the note's place in the source.
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
    language: str
    typed: str
    typed_reverse: str
    is_reversed: bool
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


class Withdrawn(NamedTuple):
    """A note that was published and is withdrawn: why (HTML), and the id of the note that takes its place, or empty."""

    id: str
    why: str
    see: str


class RenderedLesson(NamedTuple):
    """What a lesson says of itself; `description` is HTML, `name` the last part of the deck's name, as typed."""

    id: str
    name: str
    language: str
    description: str
    sections: tuple[RenderedSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A lesson, its notes, decks and media. `decks[0]` is the lesson's own; the others are below it, in source order.

    `withdrawn` are no notes of the lesson: what those who have them are to know.
    """

    lesson: RenderedLesson
    notes: tuple[RenderedNote, ...]
    withdrawn: tuple[Withdrawn, ...]
    decks: tuple[AnkiDeck, ...]
    media: tuple[Medium, ...]
    problems: tuple[Problem, ...]
