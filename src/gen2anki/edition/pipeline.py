"""One edition of a lesson: the source and the last edition's ledger, read, checked and planned."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from gen2anki.anki.note import AnkiDeck, Medium
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Mend, Path, Problem, ProblemsError, ordered
from gen2anki.edition import ledger, reading
from gen2anki.edition.entries import Ledger, far_ahead
from gen2anki.edition.parallel import reader
from gen2anki.edition.plan import Changes, Plan, make_plan
from gen2anki.edition.reading import Reading
from gen2anki.lesson import tags
from gen2anki.lesson.offered_ids import offered
from gen2anki.render.decks import with_notice
from gen2anki.render.rendered import RenderedLesson, RenderedNote, Withdrawn
from gen2anki.schema.keys import key_at
from gen2anki.source.document import Document

# A key without quotes.
_KEY: Final = re.compile(r"\w+:(?:\s|$)")


class Clock(NamedTuple):
    """What the time is: `now`, as a build is dated, and the `latest` that any earlier one can be, both in epoch seconds."""

    now: int
    latest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """All that a package is made of, and the warnings. `tags` has, by tag, the place where it stands first in the source."""

    lesson: RenderedLesson
    notes: tuple[RenderedNote, ...]
    withdrawn: tuple[Withdrawn, ...]
    decks: tuple[AnkiDeck, ...]
    media: tuple[Medium, ...]
    plan: Plan
    tags: Mapping[str, Path]
    warnings: tuple[Problem, ...]

    @property
    def deck_id(self) -> str:
        """Return the id of the lesson's deck in the source."""
        return self.plan.deck_id

    @property
    def changes(self) -> Changes:
        """Return what this edition changes for those who have the last one."""
        return self.plan.changes

    @property
    def ledger(self) -> Ledger:
        """Return the ledger to write beside the source."""
        return self.plan.ledger


def make_edition(
    document: Document,
    *,
    folder: str,
    last: bytes | None,
    ledger_file: str,
    others: Mapping[str, bytes],
    clock: Clock,
    forget: Collection[str],
    stage: Callable[[str], None],
    taken: Collection[int] = frozenset(),
    in_one_process: bool = False,
) -> Edition:
    """Make an edition of a source.

    `folder` is where media are looked up. `last` holds the bytes of the ledger, if there is one; `ledger_file` is its name
    in messages. Where there is none, `others` are the first lines of ledgers nearby, by file. `forget` are the ids of drafts
    to drop from the ledger. `stage` is called with the name of each step. `taken` are the numbers that the notes of other
    lessons have in Anki. With `in_one_process`, no other process helps with a large source: a program of several threads
    must not fork.

    Raises:
        ProblemsError: with every problem of source and ledger, warnings among them.
        ForgetError: an id to forget is not in the ledger, or still in the source.
    """
    stage("reading")
    alone = nullcontext(partial(reading.read, document, folder))
    with alone if in_one_process else reader(document, folder) as read:
        # The ledger first, so that its entries lie side by side in memory. In the gaps that a lesson leaves behind, reading
        # a large ledger takes half as long again.
        old, problems = _last_ledger(last, ledger_file, clock.latest)
        try:
            found = read(stage)
        except ProblemsError as error:
            raise ProblemsError([*problems, *error.problems]) from None
    loaded, rendered = found.loaded, found.rendered
    problems += found.problems
    problems += _offers(found, old)
    problems += tags.check_spellings(loaded.places, found.tags)
    stage("comparing with the ledger")
    plan = None
    if loaded.repairs.is_intact(("deck", "id")) and (last is None or old):
        if old and (foreign := ledger.foreign(old, ledger_file, loaded.lesson.deck.id)):
            raise ProblemsError([*problems, foreign])
        plan = make_plan(old, rendered, loaded, ledger_file=ledger_file, now=clock.now, forget=forget, taken=taken)
        problems += plan.problems
        problems += ledger.elsewhere(others, ledger_file, loaded.lesson.deck.id)
    if plan is None or any(problem.severity == "error" for problem in problems):
        raise ProblemsError(problems)
    return Edition(
        lesson=rendered.lesson,
        notes=rendered.notes,
        withdrawn=rendered.withdrawn,
        decks=(
            with_notice(rendered.decks[0], rendered.withdrawn, plan.withdrawn_numbers, rendered.lesson.language),
            *rendered.decks[1:],
        ),
        media=rendered.media,
        plan=plan,
        tags=found.tags,
        warnings=ordered(problems),
    )


def _offers(found: Reading, old: Ledger | None) -> Iterator[Problem]:
    """Yield a problem for each note and section without an id, with one that no other has or ever had."""
    loaded = found.loaded
    if not loaded.nameless:
        return
    lesson = loaded.lesson
    notes = {note.id for note in found.rendered.notes}.union(old.entries if old else ())
    notes.update(note.id for note in lesson.retired)
    for path, id in offered(loaded.nameless, notes, {section.id for section in lesson.practice}):
        key = key_at(path)
        named = key.about.member if key else ""
        text = f"this {named} has no id: write 'id: {id}', and keep it for ever, also when you reword the {named}"
        problem = loaded.problem(path, text, Code.MISSING_ID)
        yield problem.mended_by(_id_mend(problem, id))


def _id_mend(problem: Problem, id: str) -> Mend | None:
    """Return what writes an id in front of the other keys of a note or a section, in its own style."""
    at = problem.column - 1
    before, after = problem.line_text[:at], problem.line_text[at:]
    says = f"wrote 'id: {id}', which stays even when the text is reworded"
    if after.startswith("{"):
        comma = "" if after[1:].lstrip().startswith("}") else ", "
        return Mend(problem.line, at + 2, at + 2, f"id: {id}{comma}", says)
    if before.strip(" -") or not _KEY.match(after):
        return None
    return Mend(problem.line, at + 1, at + 1, f"id: {id}\n{' ' * at}", says)


def _last_ledger(last: bytes | None, file: str, latest: int) -> tuple[Ledger | None, list[Problem]]:
    if last is None:
        return None, []
    try:
        old = ledger.read(last, file)
    except ProblemsError as error:
        return None, list(error.problems)
    problems = [*far_ahead(old, file, latest)]
    return None if problems else old, problems
