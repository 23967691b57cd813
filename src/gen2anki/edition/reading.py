"""A source to the notes it holds: read, checked and rendered."""

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

    But for one, which only the whole can tell: `tags` has where each tag stands first, as `tags.check_spellings` takes it.
    """

    loaded: Loaded
    rendered: Rendered
    tags: dict[str, Path]
    problems: tuple[Problem, ...]


def read(source: Document, folder: str, stage: Callable[[str], None]) -> Reading:
    """Read a source, whose media are looked up from `folder`; `stage` is told what is being done, in a word.

    Raises:
        ProblemsError: the problems leave nothing to look for further ones in.
    """
    stage("reading")
    loaded = load(source)
    stage("checking")
    places = tags.first_places(loaded)
    problems = [*loaded.problems, *rules.check(loaded), *tags.check(loaded, places)]
    stage("rendering")
    rendered = render(loaded, folder)
    return Reading(loaded=loaded, rendered=rendered, tags=places, problems=(*problems, *rendered.problems))
