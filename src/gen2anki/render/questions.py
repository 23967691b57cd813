"""The notes of a lesson to those Anki will hold: fields as HTML, in the order of the note types."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from gen2anki.anki.frozen import FLASHCARDS
from gen2anki.anki.names import choice_key
from gen2anki.anki.note import FIELD_SEPARATOR, AnkiDeck, Medium, Note
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.lesson.load import Loaded
from gen2anki.render.decks import decks
from gen2anki.schema.model import Question
from gen2anki.text.direction import from_right, runs_from_right
from gen2anki.text.media import MediaFolder
from gen2anki.text.renderer import Renderer
from gen2anki.text.typed_answer import untypable

_ANSWER: Final = 1  # the field's place in a `gen2anki Card`


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a lesson holds for Anki. `decks[0]` is the lesson's own; the others are below it, in source order."""

    notes: tuple[Note, ...]
    decks: tuple[AnkiDeck, ...]
    media: tuple[Medium, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Setting:
    """What all questions of one section share, rendered once; `choices` maps each, as it is compared, to its HTML."""

    deck: int
    title: str
    prompt: str = ""
    choices: dict[str, str] | None = None


def render(loaded: Loaded, folder: str) -> Rendered:
    """Render every text of a lesson; its media are looked up from `folder`, the folder of its source."""
    media = MediaFolder(folder)
    problems: list[Problem] = []
    made = tuple(decks(loaded, problems))
    notes = tuple(_NoteRenderer(loaded, media, problems).notes())
    return Rendered(notes=notes, decks=made, media=media.media, problems=tuple(problems))


class _NoteRenderer:
    """Renders the notes of one lesson; what is wrong with their texts is appended to `problems`, with its place."""

    def __init__(self, loaded: Loaded, media: MediaFolder, problems: list[Problem]) -> None:
        self._loaded = loaded
        self._lesson = loaded.lesson
        self._texts = Renderer(media.find, html=loaded.lesson.deck.html)
        self._problems = problems

    def notes(self) -> Iterator[Note]:
        """Yield the notes, in source order."""
        deck = self._lesson.deck
        is_from_right = runs_from_right(deck.language)
        deck_source = self._placed(self._texts.link, deck.source, ("deck", "source"))
        deck_tags = frozenset(deck.tags)
        all_tags: dict[tuple[str, ...], tuple[str, ...]] = {}  # by a note's own; most notes share theirs with others
        flashcards = _Setting(1, FLASHCARDS)
        sections = self._section_settings()
        for path, question, section in self._loaded.questions():
            setting = sections[path[1]] if section else flashcards
            source = self._texts.link(question.source) if question.source else deck_source
            make = self._cloze if question.cloze else self._card
            fields, ords = make(question, setting, source)
            if self._texts.faults:
                self._find_faults(path, question, has_choices=bool(setting.choices))
            if question.typed and not question.cloze and not setting.choices:
                self._find_untypable(path, question, fields[_ANSWER])
            if is_from_right:  # but for what is typed, which Anki compares letter by letter
                fields = tuple(
                    html if question.typed and number == _ANSWER else from_right(html)
                    for number, html in enumerate(fields)
                )
            tags = all_tags.get(question.tags)
            if tags is None:
                stored = {unicodedata.normalize("NFC", tag) for tag in deck_tags.union(question.tags)}
                tags = all_tags[question.tags] = tuple(sorted(stored))
            joined = FIELD_SEPARATOR.join(fields)
            yield Note(question.id, bool(question.cloze), setting.deck, joined, tags, ords, path)

    def _find_untypable(self, path: Path, question: Question, html: str) -> None:
        if fault := untypable(str(question.answer), html):
            self._problems.append(self._loaded.problem((*path, "answer"), fault, Code.TYPED_ANSWER))

    def _section_settings(self) -> dict[str | int, _Setting]:
        first = 1 + bool(self._lesson.flashcards)
        settings: dict[str | int, _Setting] = {}
        for number, section in enumerate(self._lesson.practice):
            path: Path = ("practice", number)
            line = self._texts.line
            settings[number] = _Setting(
                deck=first + number,
                title=self._placed(line, section.title, (*path, "title")),
                prompt=self._placed(line, section.prompt, (*path, "prompt")),
                choices={
                    choice_key(choice): self._placed(line, choice, (*path, "choices", place))
                    for place, choice in enumerate(section.choices)
                },
            )
        return settings

    def _card(self, question: Question, setting: _Setting, source: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Return the fields of a `gen2anki Card`, in its order, and its cards' numbers."""
        html = self._texts.field
        answer, choices = question.answer, ""
        if setting.choices:
            right = set(map(choice_key, [answer] if isinstance(answer, str) else answer))
            choices = "".join(map(_button, setting.choices.values(), (choice in right for choice in setting.choices)))
            answer_html = "<br>".join(setting.choices[choice] for choice in setting.choices if choice in right)
        else:
            answer_html = html(answer) if isinstance(answer, str) else ""
        fields = (
            html(question.question),
            answer_html,
            question.why and html(question.why),
            question.hint and html(question.hint),
            choices,
            setting.title,
            setting.prompt,
            source,
            "1" if question.reverse else "",
            "1" if question.typed else "",
            "",
            "",
            question.id,
        )
        return fields, (0, 1) if question.reverse else (0,)

    def _cloze(self, question: Question, setting: _Setting, source: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Return the fields of a `gen2anki Cloze`, in its order, and its cards' numbers."""
        html = self._texts.field
        text, ords = self._texts.cloze(question.cloze)
        why, hint = html(question.why), html(question.hint)
        return (text, why, hint, setting.title, setting.prompt, source, "", "", question.id), ords

    def _placed(self, rendered: Callable[[str], str], text: str, path: Path) -> str:
        """Return a text's HTML; what is wrong with the text becomes a problem at `path`."""
        html = rendered(text)
        self._place_faults(path)
        return html

    def _place_faults(self, path: Path) -> None:
        self._problems += (self._loaded.problem(path, *fault) for fault in self._texts.take_faults())

    def _find_faults(self, path: Path, question: Question, *, has_choices: bool) -> None:
        """Render each text of a note again, alone, as the note has it, to tell in which of them the faults are."""
        texts = self._texts
        texts.take_faults()
        renderers: dict[str, Callable[[str], object]] = {"why": texts.field, "hint": texts.field, "source": texts.link}
        if question.cloze:
            renderers["cloze"] = texts.cloze
        else:
            renderers["question"] = texts.field
            if not has_choices:  # a choice's faults are told of at the choice
                renderers["answer"] = texts.field
        for key, rendered in renderers.items():
            if isinstance(text := getattr(question, key), str):
                rendered(text)
                self._place_faults((*path, key))


def _button(html: str, right: bool) -> str:
    return f'<button type="button" class="choice{" right" if right else ""}">{html}</button>'
