"""The forms in which problems are printed: for people, for GitHub, and as SARIF for tools that show the faults of code."""

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from gen2anki import __version__

if TYPE_CHECKING:
    from gen2anki.diagnostics.problem import Problem

Format = Literal["text", "json", "github", "sarif"]
FORMATS: Final[tuple[Format, ...]] = ("text", "json", "github", "sarif")
_SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def default_format() -> Format:
    """Return the format where none is asked for: GitHub's own in its Actions."""
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"


def as_github(problems: "Sequence[Problem]") -> str:
    """Return problems as commands of a workflow, which GitHub shows beside the lines of a pull request."""
    return "\n".join(map(_command, problems))


def _command(problem: "Problem") -> str:
    # A problem without a place stands at the file's beginning, or GitHub would show it nowhere.
    places = {
        "file": problem.file,
        "line": problem.line or 1,
        "col": problem.column or 1,
        "endColumn": problem.end_column or 1,
        "title": f"gen2anki: {problem.code}",
    }
    named = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in places.items())
    return f"::{problem.severity} {named}::{_escaped(problem.text)}"


def _escaped(text: str, signs: str = "") -> str:
    """Return a text with the signs escaped that a command of a workflow is made of."""
    return "".join(f"%{ord(char):02X}" if char in f"%\r\n{signs}" else char for char in text)


def as_sarif(problems: "Sequence[Problem]") -> str:
    """Return problems as SARIF 2.1.0."""
    codes = sorted({problem.code for problem in problems})
    run = {
        "tool": {
            "driver": {
                "name": "gen2anki",
                "version": __version__,
                "rules": [{"id": code, "defaultConfiguration": {"level": code.severity}} for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(problem) | {"ruleId": problem.code, "ruleIndex": codes.index(problem.code)} for problem in problems
        ],
    }
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _result(problem: "Problem") -> dict[str, Any]:
    from urllib.parse import quote

    region = {
        "startLine": problem.line or 1,
        "startColumn": problem.column or 1,
        "endColumn": max(problem.end_column, (problem.column or 1) + 1),
    }
    uri = quote(problem.file.replace(os.sep, "/"))
    return {
        "level": problem.severity,
        "message": {"text": problem.text},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
    }
