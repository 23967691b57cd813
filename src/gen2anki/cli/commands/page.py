"""`gen2anki page`."""

import os
import re
from typing import TYPE_CHECKING, Final

import click

from gen2anki.cli import options
from gen2anki.cli.formats import Format
from gen2anki.cli.inputs import Given, ledger_file_of, make_edition, read, read_if_there, refuse_input
from gen2anki.cli.outcome import Outcome, Stage, count, run_each

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gen2anki.diagnostics.problem import Problem
    from gen2anki.edition.pipeline import Edition
    from gen2anki.page import Page

# Where the pages of several lessons go, if nobody says.
_SITE: Final = "site"
_ADDRESS: Final = re.compile(r"https?://|(?![a-z][a-z0-9+.-]*:)(?!//)", re.IGNORECASE)


@click.command(short_help="Write the study page: to read, answer and print.")
@options.sources
@click.option(
    "-o", "--output", metavar="PATH", help="The file to write, or the folder.  [default: DECK-ID.html here, or site/]"
)
@click.option("--deck", metavar="URL", help="Where the deck is to be had; an address that ends in / gets its name.")
@options.form
def page(sources: tuple[str, ...], output: str | None, deck: str | None, form: Format) -> None:
    """Write the study page: to read, answer, flip and print, in one file that needs no network.

    SOURCE is a lesson in YAML; by default cards.yaml. Several make a folder: a page each, and an index of them in the
    order given. PATH is a folder if it ends in / or is one.
    """
    if deck is not None and not _ADDRESS.match(deck):
        raise click.BadParameter(f"'{deck}' is no address of a web page, nor of a file beside it", param_hint="--deck")
    is_folder = output is not None and (output.endswith(("/", os.sep)) or os.path.isdir(output))
    if len(sources) > 1 and output is not None and not is_folder and output.lower().endswith((".html", ".htm")):
        raise click.BadParameter("several lessons make a folder of pages, not one file", param_hint="--output")
    folder = (output or _SITE) if len(sources) > 1 or is_folder else None

    def work(_: str, stage: Stage) -> Outcome:
        return write_pages(sources, output, folder, deck, stage)

    run_each("page", sources[:1], form, work)


def write_pages(
    sources: tuple[str, ...], output: str | None, folder: str | None, deck: str | None, stage: Stage
) -> Outcome:
    """Write the pages of some lessons, and the index of a folder of them."""
    from gen2anki.diagnostics.problem import ProblemsError
    from gen2anki.output.atomic import writing
    from gen2anki.page import make_index, make_page

    editions: list[Edition] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            editions.append(make_edition(Given(source), read_if_there(ledger_file_of(source)), stage))
        except ProblemsError as error:
            problems += error.problems
    problems += _twice(sources, editions) if not problems else ()
    if any(problem.severity == "error" for problem in problems):
        raise ProblemsError([*problems, *(warning for edition in editions for warning in edition.warnings)])
    stage("laying out")
    files: dict[str, str] = {}
    pages: list[tuple[str, Edition, Page]] = []
    for source, edition in zip(sources, editions, strict=True):
        problems += edition.warnings
        # An id can't have a '+': so no lesson's page is in the way of the index.
        name = "index+.html" if folder is not None and edition.deck_id == "index" else f"{edition.deck_id}.html"
        with writing(name):
            made = make_page(edition, deck=_address(deck, edition.deck_id), index="index.html" if folder else "")
        problems += _too_long(source, made)
        pages.append((name, edition, made))
        files[os.path.join(folder, name) if folder is not None else output or name] = made.text
    if folder is not None:
        index = make_index([(name, edition, made.study) for name, edition, made in pages])
        files[os.path.join(folder, "index.html")] = index
    stage("writing")
    for file in files:
        refuse_input(file, sources)
    _write(files, folder)
    return _told(pages, files, folder, tuple(problems))


def _address(deck: str | None, id: str) -> str:
    """Return where a lesson's deck is to be had."""
    package = f"{id}.apkg"
    if deck is None:
        return package
    return deck + package if deck.endswith("/") else deck


def _twice(sources: tuple[str, ...], editions: "list[Edition]") -> "Iterator[Problem]":
    """Yield the lessons that have the id of one before them, whose page they would take."""
    from gen2anki.diagnostics.codes import Code
    from gen2anki.diagnostics.problem import Problem

    first: dict[str, str] = {}
    for source, edition in zip(sources, editions, strict=True):
        other = first.setdefault(edition.deck_id, source)
        if other is not source:
            text = f"{other} has the deck id '{edition.deck_id}' too, and each lesson needs a page of its own"
            yield Problem(file=source, text=text, code=Code.DUPLICATE_ID)


def _too_long(source: str, page: "Page") -> "Iterator[Problem]":
    """Yield a warning for each card whose text no card to cut out has room for."""
    from gen2anki.diagnostics.codes import Code
    from gen2anki.page.fit import SMALLEST_PT
    from gen2anki.source.document import Document
    from gen2anki.source.positions import Places

    places = Places(Document(read(source), source), {}) if page.too_long else None
    for path, side in page.too_long:
        text = (
            f"this {side} is too long for a card to cut out: its letters would be smaller than {SMALLEST_PT:g} points"
        )
        if places:
            yield places.problem(path, text, Code.CARD_TOO_LONG)


def _write(files: dict[str, str], folder: str | None) -> None:
    """Write all files, or, where one can't be written, none."""
    from contextlib import ExitStack

    from gen2anki.output.atomic import replacement, writing

    with ExitStack() as stack:
        if folder is not None:
            with writing(folder):
                os.makedirs(folder, exist_ok=True)
        opened = []
        for file, text in files.items():
            with writing(file):
                new = stack.enter_context(replacement(file))
                new.stream.write(text.encode())
                new.stream.flush()
            opened.append((file, new))
        for file, new in opened:
            with writing(file):
                new.commit()


def _told(
    pages: "list[tuple[str, Edition, Page]]", files: dict[str, str], folder: str | None, problems: "tuple[Problem, ...]"
) -> Outcome:
    """Return what there is to say of the pages."""
    lines, told = [], []
    for file, (_, edition, page) in zip(files, pages, strict=False):
        size = len(files[file].encode())
        lines.append(
            f"{file}: {count(page.study.questions, 'question')}, {count(len(page.study.cards), 'flashcard')},"
            f" {size / 1000:,.0f} kB"
        )
        if page.has_mathjax:
            lines.append(f"{file} carries MathJax, for a formula that can't be set without a script")
        told.append(
            {
                "deck": edition.deck_id,
                "page": file,
                "questions": page.study.questions,
                "flashcards": len(page.study.cards),
                "bytes": size,
                "mathjax": page.has_mathjax,
            }
        )
    index = os.path.join(folder, "index.html") if folder is not None else None
    if index:
        lines.append(f"{index}: {count(len(pages), 'lesson')}")
    return Outcome(text="\n".join(lines), data={"pages": told, "index": index}, warnings=problems)
