"""The study page of a lesson: one HTML file to read, answer, flip and print, and the index of several."""

from collections.abc import Sequence
from dataclasses import dataclass

from gen2anki.diagnostics.problem import Path
from gen2anki.edition.pipeline import Edition
from gen2anki.page import document, fit
from gen2anki.page.contents import Contents
from gen2anki.page.study import Study, study
from gen2anki.schema.fixed_words import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A lesson's page. `too_long` are the places of texts that no card to cut out has room for, with their side.

    `has_mathjax` tells that a formula is left to MathJax, which the page then carries.
    """

    text: str
    study: Study
    too_long: tuple[tuple[Path, str], ...]
    has_mathjax: bool


def make_page(edition: Edition, *, deck: str, index: str = "") -> Page:
    """Make an edition's page; `deck` is the address of its deck, `index` that of the index, where there is one.

    Raises:
        OSError: a picture or sound can't be read.
    """
    contents = Contents(edition.media, words(edition.lesson.language)["sound"])
    found = study(edition, contents)
    return Page(
        text=document.page(found, contents, deck=deck, index=index),
        study=found,
        too_long=tuple(dict.fromkeys(filter(None, map(fit.too_long, found.cards)))),
        has_mathjax=contents.formulas.has_fallback,
    )


def make_index(pages: Sequence[tuple[str, Edition, Study]]) -> str:
    """Return the text of the index of several pages, each given as its name, its edition and what it shows."""
    contents = Contents((), "")
    links = tuple(
        document.Link(page=name, study=study, description=contents.of(edition.lesson.description))
        for name, edition, study in pages
    )
    return document.index(links, contents)
