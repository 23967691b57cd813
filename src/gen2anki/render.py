"""A lesson to the notes and decks Anki will hold: fields as HTML, in the order of the note types."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final

from gen2anki.load import Loaded
from gen2anki.markup import Renderer, code, is_block, right_to_left
from gen2anki.media import MediaFolder, MediumError
from gen2anki.model import Question
from gen2anki.note import FIELD_SEPARATOR, FLASHCARDS, Deck, Medium, Note, deck_part
from gen2anki.problem import Path, Problem
from gen2anki.rules import as_compared, questions

_MATH: Final = re.compile(r"\\[(\[](?![^<]*</code>)")
# What of an answer Anki does not compare with what is typed.
_NOT_COMPARED: Final = re.compile(r"<[^>]*>|\[sound:[^\]]*\]")
# Characters that look like nothing, or like a space, and are not what the keyboard gives for it.
_NO_KEY: Final = re.compile(r"[^\S \n\u3000]|[\u00ad\u200b\u2060\ufeff]")
_UNEVEN: Final = re.compile(r"[ \n]\n|\n ")

# Languages that are written from right to left, in the script that they or the tag itself name.
_RIGHT_TO_LEFT: Final = re.compile(
    r"(?:ar|arc|ckb|dv|fa|he|iw|ji|nqo|ps|sd|syr|ug|ur|yi)(?:-(?!Latn)|$)|[a-z]+-(?:Adlm|Arab|Hebr|Nkoo|Syrc|Thaa)(?:-|$)",
    re.IGNORECASE,
)
_ANSWER: Final = 1  # the field's place in a `gen2anki Card`
# What stands behind a number of minutes, in the languages that most lessons are in.
_MINUTES: Final = (
    r"(?:\s*[-–—]\s*\d+)?[\s*_-]*"
    r"(?:(?:min(?:uu?t\w*)?|мин(?:ут\w*)?|menit|perc|dk)\b|хв|λεπτ|分|분|دق|דק|मिनट|phút|นาที|dakika)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a lesson holds for Anki. `decks[0]` is the lesson's own; the others are below it, in source order."""

    notes: tuple[Note, ...]
    decks: tuple[Deck, ...]
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
    lesson = _LessonRenderer(loaded, MediaFolder(folder))
    decks = tuple(lesson.decks())
    notes = tuple(lesson.notes())
    return Rendered(notes=notes, decks=decks, media=lesson.media.media, problems=tuple(lesson.problems))


class _LessonRenderer:
    """Renders one lesson and gathers the problems of its texts, each with its place."""

    def __init__(self, loaded: Loaded, media: MediaFolder) -> None:
        self._loaded = loaded
        self._lesson = loaded.lesson
        self._texts = Renderer(media.find, html=loaded.lesson.deck.html)
        self._descriptions = Renderer(_no_medium, html=loaded.lesson.deck.html)
        self.media = media
        self.problems: list[Problem] = []

    def decks(self) -> Iterator[Deck]:
        """Yield the lesson's deck, the flashcards' and each section's."""
        deck = self._lesson.deck
        name = "::".join(map(deck_part, deck.name.split("::")))
        parts = [self._described(deck.description, ("deck", "description"))]
        if self._lesson.retired:
            parts.append(_retired_notice(self._lesson.retired, name))
        yield Deck("", name, _paragraphs(parts))
        if self._lesson.flashcards:
            yield Deck("flashcards", f"{name}::{FLASHCARDS}", "")
        for number, section in enumerate(self._lesson.practice):
            parts = [self._described(section.intro, ("practice", number, "intro"))]
            if section.minutes and not _tells_minutes(section.intro, section.minutes):  # said once is enough
                parts.append(_minutes(section.minutes, deck.language))
            yield Deck(f"practice/{section.id}", f"{name}::{deck_part(section.title)}", _paragraphs(parts))

    def notes(self) -> Iterator[Note]:
        """Yield the notes, in source order."""
        deck = self._lesson.deck
        runs_left = _RIGHT_TO_LEFT.match(deck.language) is not None
        deck_source = self._placed(self._texts.link, deck.source, ("deck", "source"))
        deck_tags = frozenset(deck.tags)
        all_tags: dict[tuple[str, ...], tuple[str, ...]] = {}  # by a note's own; most notes share theirs with others
        flashcards = _Setting(1, FLASHCARDS)
        sections = self._section_settings()
        for path, question, section in questions(self._loaded):
            setting = sections[path[1]] if section else flashcards
            source = self._texts.link(question.source) if question.source else deck_source
            make = self._cloze if question.cloze else self._card
            fields, ords = make(question, setting, source)
            if self._texts.faults:
                self._find_faults(path, question, has_choices=bool(setting.choices))
            if question.typed and not question.cloze and not setting.choices and (fault := _untypable(fields[1])):
                self.problems.append(self._loaded.problem((*path, "answer"), fault, "typed-answer"))
            if runs_left:  # but for what is typed, which Anki compares letter by letter
                fields = tuple(
                    html if question.typed and number == _ANSWER else right_to_left(html)
                    for number, html in enumerate(fields)
                )
            tags = all_tags.get(question.tags)
            if tags is None:
                stored = {unicodedata.normalize("NFC", tag) for tag in deck_tags.union(question.tags)}
                tags = all_tags[question.tags] = tuple(sorted(stored))
            joined = FIELD_SEPARATOR.join(fields)
            yield Note(question.id, bool(question.cloze), setting.deck, joined, tags, ords, path)

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
                    as_compared(choice): self._placed(line, choice, (*path, "choices", place))
                    for place, choice in enumerate(section.choices)
                },
            )
        return settings

    def _card(self, question: Question, setting: _Setting, source: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Return the fields of a `gen2anki Card`, in its order, and its cards' numbers."""
        html = self._texts.field
        answer, choices = question.answer, ""
        if setting.choices:
            right = set(map(as_compared, [answer] if isinstance(answer, str) else answer))
            choices = "".join(map(_button, setting.choices.values(), (choice in right for choice in setting.choices)))
            answer_html = "<br>".join(setting.choices[choice] for choice in setting.choices if choice in right)
        else:
            answer_html = html(answer) if isinstance(answer, str) else ""
        fields = (
            html(question.question),
            answer_html,
            html(question.why),
            html(question.hint),
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

    def _described(self, text: str, path: Path) -> str:
        """Return the HTML of a deck's description."""
        html = self._descriptions.description(text)
        self._texts.faults, self._descriptions.faults = self._descriptions.faults, []
        self._place_faults(path)
        return html

    def _placed(self, rendered: Callable[[str], str], text: str, path: Path) -> str:
        """Return a text's HTML; what is wrong with the text becomes a problem at `path`."""
        html = rendered(text)
        self._place_faults(path)
        return html

    def _place_faults(self, path: Path) -> None:
        if self._texts.faults:
            for fault in self._texts.faults:
                self.problems.append(self._loaded.problem(path, fault.text, fault.code, needle=fault.needle))
            self._texts.faults = []

    def _find_faults(self, path: Path, question: Question, *, has_choices: bool) -> None:
        """Render each text of a note again, alone, as the note has it, to tell in which of them the faults are."""
        texts = self._texts
        texts.faults = []
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


def _no_medium(path: str) -> str:
    text = f"'{path}' would reach nobody: Anki imports the pictures and sounds of notes, not those of a description"
    raise MediumError(text, "media-in-description")


def _button(html: str, right: bool) -> str:
    return f'<button type="button" class="choice{" right" if right else ""}">{html}</button>'


def _paragraphs(parts: list[str]) -> str:
    """Return HTML texts one below the other; each is a paragraph or holds its own."""
    filled = [part for part in parts if part]
    if len(filled) < 2:  # noqa: PLR2004
        return "".join(filled)
    return "\n".join(part if is_block(part) else f"<p>{part}</p>" for part in filled)


def _tells_minutes(intro: str, minutes: int) -> bool:
    """Say whether an introduction names the minutes itself, alone or as the start of a range."""
    return re.search(rf"(?<![\d.,]){minutes}{_MINUTES}", intro, re.IGNORECASE) is not None


def _minutes(minutes: int, language: str) -> str:
    if language.partition("-")[0].lower() != "en":
        return f"≈ {minutes} min"
    return "About 1 minute." if minutes == 1 else f"About {minutes} minutes."


def _retired_notice(retired: tuple[str, ...], deck: str) -> str:
    """Return how those who have withdrawn notes find them: an import never deletes a note.

    What is found is often deleted, so the search finds no note of another lesson, where an id may be the same, and none
    of another kind, which may have a field of that name.
    """
    ids = " OR ".join(f"Id:{_searched(id)}" for id in retired)
    search = f'deck:"{_searched(deck)}" note:gen2anki* {ids if len(retired) == 1 else f"({ids})"}'
    return f"Withdrawn from this deck: to find such cards of an earlier edition, search in Browse for {code(search)}"


def _searched(text: str) -> str:
    """Return a text as a search has it that stands for no other: `_` would be any character, `*` any text."""
    return re.sub(r"[\\*_]", r"\\\g<0>", text)


def _untypable(html: str) -> str:
    """Return why nobody could type an answer so that Anki takes it for right; empty where one can, or there is none."""
    text = unescape(_NOT_COMPARED.sub("", html).replace("&nbsp;", " ")).strip()  # as Anki does
    if _MATH.search(html):
        what = "it has math in it"
    elif "<table" in html:
        what = "it has a table in it"
    elif html and not text:
        what = "there is no text in it"
    elif odd := _NO_KEY.search(text):
        what = f"there is a {unicodedata.name(odd[0], 'control character')} in it"
    elif _UNEVEN.search(text):  # Anki makes a space of each
        what = "it has a list, or lines of code, in it"
    elif "  " in text:
        what = "it has two spaces in a row"
    else:
        return ""
    return f"this answer can't be typed, for {what}: write it in plain text, or take 'typed' out"
