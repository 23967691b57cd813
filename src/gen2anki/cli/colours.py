"""Whether the terminal shows colours, by the habits of other tools."""

import os
import sys
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from gen2anki.diagnostics.problem import Problem

_COLOURS: Final = {"error": "red", "warning": "yellow"}


def shows_colours(*, err: bool) -> bool | None:
    """Return whether the standard output, or that for errors, gets colours; None where click sees if it is a terminal.

    NO_COLOR turns them off, whatever else is set; FORCE_COLOR and CLICOLOR_FORCE turn them on, also in a file.
    """
    environment = os.environ
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name, "") not in {"", "0"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    if environment.get("TERM") == "dumb" or environment.get("CLICOLOR") == "0":
        return False
    stream = sys.stderr if err else sys.stdout
    return None if stream else False


def echo(text: str, *, err: bool = False) -> None:
    """Print a text, with its colours where they are shown."""
    click.echo(text, err=err, color=shows_colours(err=err))


def paint(text: str, colour: str) -> str:
    """Return a text in a colour, or in bold type; `echo` takes the colours out where they are not shown."""
    return click.style(text, bold=True) if colour == "bold" else click.style(text, fg=colour)


def painted(problem: "Problem") -> str:
    """Return a problem as it is printed, its place in bold type and its severity in colour."""
    head, end, rest = str(problem).partition("\n")
    place, sign, text = head.partition(f": {problem.severity}: ")
    severity = click.style(f"{problem.severity}:", fg=_COLOURS[problem.severity], bold=True)
    return f"{paint(place, 'bold')}: {severity} {text}{end}{rest}" if sign else str(problem)
