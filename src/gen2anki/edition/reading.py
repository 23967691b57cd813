"""A source to its notes: read, checked and rendered."""

from collections.abc import Callable
from dataclasses import dataclass

from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.lesson import rules, tags
from gen2anki.lesson.load import Loaded, load
from gen2anki.render.questions import render
from gen2anki.render.rendered import Rendered
from gen2anki.source.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a source holds for Anki, and every problem of its shape, its sense and its texts.

    `tags` are the places where each tag stands first. `tags.check_spellings` needs them from the whole source, so that
    check is still to be made.
    """

    loaded: Loaded
    rendered: Rendered
    tags: dict[str, Path]
    problems: tuple[Problem, ...]


def read(document: Document, folder: str, stage: Callable[[str], None]) -> Reading:
    """Read a source; media are looked up from `folder`, and `stage` is called with the name of each step.

    Raises:
        ProblemsError: after these problems, nothing is left in which to look for others.
    """
    stage("reading")
    loaded = load(document)
    stage("checking")
    places = tags.first_places(loaded)
    problems = [*loaded.problems, *rules.check(loaded), *tags.check(loaded, places)]
    stage("rendering")
    rendered = render(loaded, folder)
    return Reading(loaded=loaded, rendered=rendered, tags=places, problems=(*problems, *rendered.problems))
