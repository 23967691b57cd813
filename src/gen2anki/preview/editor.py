"""Problems as the page lists them, each with an address that opens the author's editor at its place."""

import os
from typing import Any, Final
from urllib.parse import quote

from gen2anki.diagnostics.excerpt import excerpt
from gen2anki.diagnostics.problem import Problem

# What an address may be made of; `{file}` begins with a slash.
PLACES: Final = ("{file}", "{line}", "{column}")
DEFAULT: Final = "vscode://file{file}:{line}:{column}"
# Addresses that would run in the page.
_RUNNING: Final = ("javascript", "data", "vbscript", "blob")


def pattern_fault(pattern: str) -> str:
    """Return what is wrong with the pattern of an editor's addresses; empty if nothing is."""
    scheme, colon, _ = pattern.partition(":")
    if not colon or not scheme.replace("+", "").replace("-", "").replace(".", "").isalnum():
        return f"'{pattern}' is no address: it must begin with a scheme, such as vscode:"
    if scheme.lower() in _RUNNING:
        return f"'{pattern}' would run in the page: it must be an editor's address"
    if "{file}" not in pattern:
        return f"'{pattern}' must have {{file}} in it, and may have {{line}} and {{column}}"
    return ""


def address(pattern: str, file: str, line: int, column: int) -> str:
    """Return the address that opens a file at a place (1-based; 0 where there is none)."""
    path = os.path.abspath(file).replace(os.sep, "/")
    # One slash before the path, whether the pattern has one or not.
    made = pattern.replace("/{file}", "{file}").replace("{file}", quote(f"/{path.lstrip('/')}", safe="/:"))
    return made.replace("{line}", str(line or 1)).replace("{column}", str(column or 1))


def listed(problem: Problem, pattern: str) -> dict[str, Any]:
    """Return a problem as plain data, with its excerpt and the address of its place."""
    shown = excerpt(problem.line_text, problem.column) if problem.line else ""
    lines = [line.removeprefix("    ") for line in shown.split("\n")] if shown else []
    return {
        **problem.as_json(),
        "file": os.path.basename(problem.file),
        "excerpt": lines,
        "editor": address(pattern, problem.file, problem.line, problem.column),
    }
