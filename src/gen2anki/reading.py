"""A source to the notes it holds: read, checked and rendered."""

from collections.abc import Callable
from dataclasses import dataclass

from gen2anki.load import Loaded, load
from gen2anki.problem import Problem
from gen2anki.render import Rendered, render
from gen2anki.rules import check
from gen2anki.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a source holds for Anki, and every problem of its shape, its sense and its texts."""

    loaded: Loaded
    rendered: Rendered
    problems: tuple[Problem, ...]


def read(source: Source, folder: str, stage: Callable[[str], None]) -> Reading:
    """Read a source, whose media are looked up from `folder`; `stage` is told what is being done, in a word.

    Raises:
        ProblemsError: the problems leave nothing to look for further ones in.
    """
    stage("reading")
    loaded = load(source)
    stage("checking")
    problems = [*loaded.problems, *check(loaded)]
    stage("rendering")
    rendered = render(loaded, folder)
    return Reading(loaded=loaded, rendered=rendered, problems=(*problems, *rendered.problems))
