"""The decks of a lesson: their names, and what stands on their pages in Anki."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from gen2anki.anki.names import deck_part
from gen2anki.anki.note import AnkiDeck
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.lesson.load import Loaded
from gen2anki.math.macros import Macros
from gen2anki.render.rendered import Withdrawn
from gen2anki.schema.fixed_words import speaks, words
from gen2anki.text.media import MediumError
from gen2anki.text.renderer import Renderer, code, is_block

# What follows a number of minutes in most languages: perhaps the end of a range, then the word for minutes.
_MINUTES: Final = r"(?:\s*[-–—]\s*\d+)?[\s*_-]*(?:(?:min|мин)(?:s|u+t\w*|ут\w*)?\b|分|분)"


class DeckPages:
    """Makes the decks of one lesson, and adds what is wrong with the texts of their pages to `problems`."""

    def __init__(self, loaded: Loaded, problems: list[Problem]) -> None:
        """Take a lesson."""
        self._loaded = loaded
        self._problems = problems
        deck = loaded.lesson.deck
        self._texts = Renderer(
            _no_medium, html=deck.html, macros=Macros(deck.macros) if deck.macros else None, language=deck.language
        )

    def decks(self) -> Iterator[AnkiDeck]:
        """Yield the lesson's own deck, that of the flashcards and that of each section."""
        lesson, deck = self._loaded.lesson, self._loaded.lesson.deck
        name = "::".join(map(deck_part, deck.name.split("::")))
        yield AnkiDeck("", name, self._html(deck.description, ("deck", "description")))
        if lesson.flashcards:
            yield AnkiDeck("flashcards", f"{name}::{deck_part(self._loaded.flashcards_title)}", "")
        for number, section in enumerate(lesson.practice):
            parts = [self._html(section.intro, ("practice", number, "intro"))]
            if section.minutes and not tells_minutes(section.intro, section.minutes):  # said once is enough
                parts.append(_minutes(section.minutes, deck.language))
            yield AnkiDeck(f"practice/{section.id}", f"{name}::{deck_part(section.title)}", _paragraphs(parts))

    def withdrawn(self) -> Iterator[Withdrawn]:
        """Yield what the lesson's page says of each note that is withdrawn."""
        for number, retired in enumerate(self._loaded.lesson.retired):
            why = self._html(retired.why, ("retired", number, "why")) if retired.why else ""
            yield Withdrawn(retired.id, why, retired.see)

    def _html(self, text: str, path: Path) -> str:
        html = self._texts.description(text)
        self._problems.extend(self._loaded.problem(path, *fault) for fault in self._texts.take_findings())
        return html


def _no_medium(path: str) -> str:
    text = f"'{path}' would reach nobody: Anki imports the pictures and sounds of notes, not those of a description"
    raise MediumError(text, Code.MEDIA_IN_DESCRIPTION)


def _paragraphs(parts: list[str]) -> str:
    """Return HTML texts one below the other, each in a paragraph unless it has blocks of its own."""
    filled = [part for part in parts if part]
    if len(filled) < 2:  # noqa: PLR2004
        return "".join(filled)
    return "\n".join(part if is_block(part) else f"<p>{part}</p>" for part in filled)


def tells_minutes(intro: str, minutes: int) -> bool:
    """Return True if an introduction names the minutes itself, alone or as the start of a range."""
    return re.search(rf"(?<![\d.,]){minutes}{_MINUTES}", intro, re.IGNORECASE) is not None


def _minutes(minutes: int, language: str) -> str:
    if speaks(language) and language.partition("-")[0].lower() != "en":
        told = words(language)["minutes"].format(minutes)
        return told[0].upper() + told[1:]
    return "About 1 minute." if minutes == 1 else f"About {minutes} minutes."


def with_notice(deck: AnkiDeck, withdrawn: Sequence[Withdrawn], numbers: Mapping[str, int], language: str) -> AnkiDeck:
    """Return a lesson's own deck, whose page tells of withdrawn notes, which an import never deletes.

    `numbers` are those of notes in Anki, by id. A note that has none was never published: nobody has it.

    Learners often delete what they find. So the search names numbers, which no two notes of a collection share: it finds no
    note of another lesson, whatever its id and its deck. A note that Anki gave another number on import is not found.
    """
    known = [note for note in withdrawn if note.id in numbers]
    if not known:
        return deck
    ids = " OR ".join(f"Id:{_searched(note.id)}" for note in known)
    search = f"nid:{','.join(str(numbers[note.id]) for note in known)} {ids if len(known) == 1 else f'({ids})'}"
    spoken = words(language)
    notice = spoken["withdrawn"].format(code(search))
    told = [f"<li>{_told(note, spoken['see'])}</li>" for note in known if note.why or note.see]
    if told:
        notice = "\n".join([f"<p>{notice}</p>", "<ul>", *told, "</ul>"])
    return deck._replace(description=_paragraphs([deck.description, notice]))


def _told(note: Withdrawn, see_also: str) -> str:
    """Return why a note is withdrawn, and which other to see."""
    see = see_also.format(code(f"Id:{_searched(note.see)}")) if note.see else ""
    return f"{code(f'Id:{_searched(note.id)}')}: {' '.join(filter(None, [note.why, see]))}"


def _searched(id: str) -> str:
    """Return an id escaped for a search, in which `_` stands for any character."""
    return id.replace("_", r"\_")
