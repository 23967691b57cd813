"""What a page shows of a lesson: its sections of questions and its flashcards, as values that a template reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from re import compile as pattern
from typing import Final

from markupsafe import Markup

from gen2anki.edition.pipeline import Edition
from gen2anki.page.contents import Contents
from gen2anki.render.rendered import Choice, RenderedNote, RenderedSection

_TAG: Final = pattern(r"<[^>]*>|\[sound:[^\]]*\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question or card; texts are HTML. `key` is what the browser keeps its answer by.

    `back` is the whole text of a cloze. `typed` is the text that is compared with what a learner types, empty where
    nothing is typed. `note` is what it was made of.
    """

    key: str
    front: Markup
    back: Markup
    choices: tuple[Choice, ...]
    why: Markup
    hint: Markup
    source: Markup
    typed: str
    is_cloze: bool
    note: RenderedNote

    @property
    def has_several(self) -> bool:
        """Return True if several of the choices are right."""
        return sum(choice.is_right for choice in self.choices) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of questions."""

    id: str
    title: Markup
    intro: Markup
    prompt: Markup
    minutes: int | None
    is_together: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """All that a page shows. `course` are the names of the decks that the lesson's is in."""

    id: str
    course: tuple[str, ...]
    name: str
    language: str
    description: Markup
    sections: tuple[Section, ...]
    cards: tuple[Item, ...]

    @property
    def questions(self) -> int:
        """Return how many questions the sections have."""
        return sum(len(section.items) for section in self.sections)


def study(edition: Edition, contents: Contents) -> Study:
    """Return what a page shows of an edition.

    Raises:
        OSError: a picture or sound can't be read.
    """
    lesson = edition.lesson
    *course, _ = edition.decks[0].name.split("::")
    notes: dict[int, list[RenderedNote]] = {}
    for note in edition.notes:
        notes.setdefault(note.deck, []).append(note)
    sections = tuple(_section(section, notes[section.deck], contents) for section in lesson.sections)
    first = lesson.sections[0].deck if lesson.sections else len(edition.decks)
    flashcards = notes.get(1, ()) if first > 1 else ()
    return Study(
        id=lesson.id,
        course=tuple(course),
        name=lesson.name,
        language=lesson.language,
        description=contents.of(lesson.description),
        sections=sections,
        cards=tuple(card for note in flashcards for card in _cards(note, contents)),
    )


def _section(section: RenderedSection, notes: Sequence[RenderedNote], contents: Contents) -> Section:
    return Section(
        id=section.id,
        title=contents.of(section.title),
        intro=contents.of(section.intro),
        prompt=contents.of(section.prompt),
        minutes=section.minutes,
        is_together=section.has_answers_together,
        items=tuple(_question(note, contents) for note in notes),
    )


def _question(note: RenderedNote, contents: Contents) -> Item:
    """Return a note as one question: a cloze with all that it hides."""
    if note.is_cloze:
        return _item(note, note.id, *contents.cloze(note.question, None), contents)
    return _item(note, note.id, contents.of(note.question), contents.of(note.answer), contents)


def _cards(note: RenderedNote, contents: Contents) -> Iterator[Item]:
    """Yield the cards of a note, as Anki makes them."""
    if note.is_cloze:
        for place, ord in enumerate(note.ords):
            key = note.id if not place else f"{note.id}/{ord + 1}"
            yield _item(note, key, *contents.cloze(note.question, ord + 1), contents)
        return
    question, answer = contents.of(note.question), contents.of(note.answer)
    yield _item(note, note.id, question, answer, contents)
    if note.is_reversed:
        yield _item(note, f"{note.id}/2", answer, question, contents, is_reverse=True)


def _item(
    note: RenderedNote, key: str, front: Markup, back: Markup, contents: Contents, *, is_reverse: bool = False
) -> Item:
    return Item(
        key=key,
        front=front,
        back=back,
        choices=() if is_reverse else tuple(Choice(contents.of(html), right) for html, right in note.choices),
        why=contents.of(note.why),
        hint=Markup() if is_reverse else contents.of(note.hint),
        source=contents.of(note.source),
        typed=unescape(note.typed_reverse if is_reverse else note.typed),
        is_cloze=note.is_cloze,
        note=note,
    )
