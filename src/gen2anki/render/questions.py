"""The questions of a lesson, turned into HTML that knows nothing of Anki's fields."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final

from gen2anki.anki.names import choice_key
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.lesson.load import Loaded
from gen2anki.markdown.writer import attribute
from gen2anki.math.macros import Macros
from gen2anki.render.decks import DeckPages, tells_minutes
from gen2anki.render.direction import from_right, runs_from_right
from gen2anki.render.rendered import Choice, Rendered, RenderedLesson, RenderedNote, RenderedSection
from gen2anki.schema.model import Question
from gen2anki.text.media import MediaFolder
from gen2anki.text.renderer import Renderer
from gen2anki.text.typed_answer import as_typed, untypable

_NO_CHOICES: Final[tuple[Choice, ...]] = ()


class _Choices:
    """The choices of one section, by the keys that answers are compared by."""

    def __init__(self, html: dict[str, str], *, is_from_right: bool) -> None:
        self._html = html
        self._is_from_right = is_from_right

    def of(self, answer: str | tuple[str, ...]) -> tuple[str, tuple[Choice, ...]]:
        """Return the HTML of the right choices, one below the other, then all choices."""
        right = set(map(choice_key, [answer] if isinstance(answer, str) else answer))
        choices = [Choice(html, key in right) for key, html in self._html.items()]
        if self._is_from_right and choices:
            # The whole list runs as its first letter does, so the mark stands in the first choice.
            first, joined = choices[0], "".join(self._html.values())
            if (marked := from_right(joined)) != joined:
                choices[0] = first._replace(html=marked[: len(first.html) + 1])
        return "<br>".join(html for key, html in self._html.items() if key in right), tuple(choices)


@dataclass(frozen=True, slots=True)
class _Setting:
    """What all questions of one section share, rendered once."""

    deck: int
    title: str
    prompt: str = ""
    choices: _Choices | None = None


def render(loaded: Loaded, folder: str) -> Rendered:
    """Render every text of a lesson; `folder` is that of its source, where its media are."""
    media = MediaFolder(folder)
    problems: list[Problem] = []
    pages = DeckPages(loaded, problems)
    made = tuple(pages.decks())
    withdrawn = tuple(pages.withdrawn())
    renderer = _NoteRenderer(loaded, media, problems)
    notes = tuple(renderer.notes())
    return Rendered(
        lesson=renderer.lesson(),
        notes=notes,
        withdrawn=withdrawn,
        decks=made,
        media=media.media,
        problems=tuple(problems),
    )


class _NoteRenderer:
    """Renders the notes of one lesson, and adds what is wrong with their texts to `problems`."""

    def __init__(self, loaded: Loaded, media: MediaFolder, problems: list[Problem]) -> None:
        self._loaded = loaded
        self._lesson = loaded.lesson
        deck = loaded.lesson.deck
        self._texts = Renderer(
            media.find, html=deck.html, macros=Macros(deck.macros) if deck.macros else None, language=deck.language
        )
        self._problems = problems
        self._is_from_right = runs_from_right(loaded.lesson.deck.language)
        self._known_choices: dict[tuple[str, ...], _Choices] = {}

    def notes(self) -> Iterator[RenderedNote]:
        """Yield the notes, in source order."""
        deck = self._lesson.deck
        deck_source = self._html(self._texts.link, deck.source, ("deck", "source"))
        deck_tags = frozenset(deck.tags)
        all_tags: dict[tuple[str, ...], tuple[str, ...]] = {}  # by the note's own tags, which many notes share
        flashcards = _Setting(1, self._html(self._texts.line, self._loaded.flashcards_title, ("deck", "flashcards")))
        sections = self._section_settings()
        for path, question, section in self._loaded.questions():
            setting = sections[path[1]] if section else flashcards
            tags = all_tags.get(question.tags)
            if tags is None:
                stored = {unicodedata.normalize("NFC", tag) for tag in deck_tags.union(question.tags)}
                tags = all_tags[question.tags] = tuple(sorted(stored))
            yield self._note(path, question, setting, deck_source, tags)

    def lesson(self) -> RenderedLesson:
        """Return what the lesson says of itself. What is wrong with these texts, `decks` has told."""
        deck = self._lesson.deck
        first = 1 + bool(self._lesson.flashcards)
        lesson = RenderedLesson(
            deck.id,
            deck.name.rpartition("::")[2].strip(),
            deck.language,
            self._texts.field(deck.description),
            tuple(
                RenderedSection(
                    section.id,
                    first + number,
                    self._texts.line(section.title),
                    self._texts.field(section.intro),
                    self._texts.line(section.prompt),
                    None if section.minutes and tells_minutes(section.intro, section.minutes) else section.minutes,
                    section.answers == "together",
                )
                for number, section in enumerate(self._lesson.practice)
            ),
        )
        self._texts.take_findings()
        return lesson

    def _note(
        self, path: Path, question: Question, setting: _Setting, deck_source: str, tags: tuple[str, ...]
    ) -> RenderedNote:
        html, field = self._html, self._texts.field
        answer, choices, typed, typed_reverse = "", _NO_CHOICES, "", ""
        ords: tuple[int, ...] = (0, 1) if question.reverse else (0,)
        if question.cloze:
            asked, ords = self._cloze(question.cloze, (*path, "cloze"))
        else:
            asked = html(field, question.question, (*path, "question"))
            if shared := self._choices(question.choices, (*path, "choices")) or setting.choices:
                answer, choices = shared.of(question.answer)
            elif isinstance(question.answer, str):
                answer = html(field, question.answer, (*path, "answer"))
                typed = self._typed(answer, (*path, "answer")) if question.typed else ""
            elif question.typed and question.answer:
                answer, typed = self._alternatives(question.answer, (*path, "answer"))
            if question.typed:
                typed_reverse = self._typed(asked, (*path, "question")) if question.reverse else ""
        mirror = from_right if self._is_from_right else _unchanged
        return RenderedNote(
            question.id,
            bool(question.cloze),
            setting.deck,
            mirror(asked),
            mirror(answer),
            choices,
            question.why and mirror(html(field, question.why, (*path, "why"))),
            question.hint and mirror(html(field, question.hint, (*path, "hint"))),
            mirror(setting.title),
            mirror(setting.prompt),
            mirror(html(self._texts.link, question.source, (*path, "source")) if question.source else deck_source),
            self._lesson.deck.language,
            typed,
            typed_reverse,
            question.reverse,
            tags,
            ords,
            path,
        )

    def _alternatives(self, answers: tuple[str, ...], path: Path) -> tuple[str, str]:
        """Return the HTML of several right answers, and the first as a learner types it: Anki compares with one."""
        made = [self._html(self._texts.line, answer, (*path, number)) for number, answer in enumerate(answers)]
        typed = [self._typed(html, (*path, number)) for number, html in enumerate(made)]
        return "".join(
            f'<div class="or"{attribute("data-typed", unescape(keys)) if keys != html else ""}>{html}</div>'
            for html, keys in zip(made, typed, strict=True)
        ), typed[0]

    def _choices(self, choices: tuple[str, ...], path: Path) -> _Choices | None:
        """Return rendered choices; None where there are none. Many questions may share theirs, by an alias."""
        if not choices:
            return None
        if choices not in self._known_choices:
            html = {
                choice_key(choice): self._html(self._texts.line, choice, (*path, place))
                for place, choice in enumerate(choices)
            }
            self._known_choices[choices] = _Choices(html, is_from_right=self._is_from_right)
        return self._known_choices[choices]

    def _typed(self, html: str, path: Path) -> str:
        """Return a text as a learner types it, as HTML; a text that nobody can type becomes a problem at `path`."""
        if fault := untypable(html):
            self._problems.append(self._loaded.problem(path, *fault))
        return as_typed(html)

    def _cloze(self, text: str, path: Path) -> tuple[str, tuple[int, ...]]:
        """Return the HTML of a text with deletions, and the numbers of its cards."""
        html, ords = self._texts.cloze(text)
        self._place_findings(path)
        return html, ords

    def _section_settings(self) -> dict[str | int, _Setting]:
        first = 1 + bool(self._lesson.flashcards)
        settings: dict[str | int, _Setting] = {}
        line = self._texts.line
        for number, section in enumerate(self._lesson.practice):
            path: Path = ("practice", number)
            settings[number] = _Setting(
                deck=first + number,
                title=self._html(line, section.title, (*path, "title")),
                prompt=self._html(line, section.prompt, (*path, "prompt")),
                choices=self._choices(section.choices, (*path, "choices")),
            )
        return settings

    def _html(self, rendered: Callable[[str], str], text: str, path: Path) -> str:
        """Return a text's HTML; what is wrong with the text becomes a problem at `path`."""
        html = rendered(text)
        if self._texts.findings:
            self._place_findings(path)
        return html

    def _place_findings(self, path: Path) -> None:
        self._problems += (self._loaded.problem(path, *fault) for fault in self._texts.take_findings())


def _unchanged(html: str) -> str:
    return html
