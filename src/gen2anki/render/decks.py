"""The decks of a lesson: their names, and what stands on their pages in Anki."""

import re
from collections.abc import Iterator
from typing import Final

from gen2anki.anki.names import deck_part
from gen2anki.anki.note import AnkiDeck
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.lesson.load import Loaded
from gen2anki.math.macros import Macros
from gen2anki.schema.fixed_words import speaks, words
from gen2anki.text.media import MediumError
from gen2anki.text.renderer import Renderer, code, is_block

# What follows a number of minutes in most languages: perhaps the end of a range, then the word for minutes.
_MINUTES: Final = r"(?:\s*[-–—]\s*\d+)?[\s*_-]*(?:(?:min|мин)(?:s|u+t\w*|ут\w*)?\b|分|분)"


def decks(loaded: Loaded, problems: list[Problem]) -> Iterator[AnkiDeck]:
    """Yield the lesson's own deck, that of the flashcards and that of each section.

    What is wrong with their descriptions is added to `problems`.
    """
    lesson, deck = loaded.lesson, loaded.lesson.deck
    texts = Renderer(_no_medium, html=deck.html, macros=Macros(deck.macros) if deck.macros else None)

    def described(text: str, path: Path) -> str:
        html = texts.description(text)
        problems.extend(loaded.problem(path, *fault) for fault in texts.take_findings())
        return html

    name = "::".join(map(deck_part, deck.name.split("::")))
    parts = [described(deck.description, ("deck", "description"))]
    if lesson.retired:
        parts.append(_retired_notice(lesson.retired, name))
    yield AnkiDeck("", name, _paragraphs(parts))
    if lesson.flashcards:
        yield AnkiDeck("flashcards", f"{name}::{deck_part(loaded.flashcards_title)}", "")
    for number, section in enumerate(lesson.practice):
        parts = [described(section.intro, ("practice", number, "intro"))]
        if section.minutes and not tells_minutes(section.intro, section.minutes):  # said once is enough
            parts.append(_minutes(section.minutes, deck.language))
        yield AnkiDeck(f"practice/{section.id}", f"{name}::{deck_part(section.title)}", _paragraphs(parts))


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


def _retired_notice(retired: tuple[str, ...], deck: str) -> str:
    """Return a text that tells learners how to find withdrawn notes, which an import never deletes.

    Learners often delete what they find. So the search finds no note of another lesson, which may have the same id, and
    none of another note type, which may have a field of the same name.
    """
    ids = " OR ".join(f"Id:{_searched(id)}" for id in retired)
    search = f'deck:"{_searched(deck)}" note:gen2anki* {ids if len(retired) == 1 else f"({ids})"}'
    return f"Withdrawn from this deck: to find such cards of an earlier edition, search in Browse for {code(search)}"


def _searched(text: str) -> str:
    """Return a text escaped for a search, in which `_` stands for any character and `*` for any text."""
    return re.sub(r"[\\*_]", r"\\\g<0>", text)
