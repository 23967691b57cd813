"""Environments, and what a formula itself defines."""

import re
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.math.mathjax.arguments import Arguments
from gen2anki.math.mathjax.messages import unknown_environment
from gen2anki.math.mathjax.state import Call, RefusedError, Scope
from gen2anki.math.mathjax.tables import TABLES

_SPACE: Final = re.compile(r"\s*")
# Environments whose contents are no formula, or not one alone: what stands in them is not looked at.
_OPAQUE: Final = frozenset(
    ("CD", "prooftree", "empheq", "cases*", "dcases*", "rcases*", "drcases*", "numcases", "subnumcases", "spreadlines")
)
_DEFINITION: Final = re.compile(
    r"\*?\s*\{?\s*\\(?P<name>[A-Za-z]+|[^A-Za-z])\s*\}?\s*(?:\[(?P<count>\d)\])?\s*(?P<preset>\[[^\]]*\])?(?P<template>[^{}\\]*)"
)


class Environments(Arguments):
    """Reads environments and definitions."""

    def begin(self, name: str, start: int) -> None:
        r"""Take `\begin{…}` with what the environment takes."""
        scope = self._scopes[-1]
        if scope.pending in {"^", "_"}:
            script = self._text[scope.pending_at]
            text = f"an environment can't be a script as it stands: write {script}{{\\begin… \\end…}}"
            raise RefusedError(text, scope.pending_at, self._at)
        environment = self._environment_name(name, start)
        if environment in self._own_environments or environment in _OPAQUE or self._is_open:
            self._skip_environment(environment, start)
            return
        takes = TABLES.environments.get(environment)
        if takes is None:
            raise RefusedError(unknown_environment(environment), start, self._at, Code.MATH_COMMAND)
        if environment in TABLES.equations:
            inside = next(scope for scope in reversed(self._scopes) if scope.kind in {"argument", "formula"})
            if inside.has_equation:
                text = (
                    f"a formula can hold one {{{environment}}} or the like: write {{aligned}} or {{gathered}} inside it"
                )
                raise RefusedError(text, start, self._at)
            inside.has_equation = True
        if "r" in takes:
            self._check_columns(environment, takes, start)
        call = Call(f"{{{environment}}}", start, takes)
        if takes:
            self._arguments(call)
        else:
            self._begun(call)

    def _check_columns(self, environment: str, takes: str, start: int) -> None:
        """Check that braces stand where MathJax takes one character for the columns of a table."""
        here = self._behind_space()
        if takes.startswith("o") and self._text.startswith("[", here):
            here = _SPACE.match(self._text, max(here, self._text.find("]", here)) + 1).end()  # type: ignore[union-attr]
        if not self._text.startswith("{", here):
            what = "how many pairs of columns it has, as in {2}" if "at" in environment else "its columns, as in {cc}"
            raise RefusedError(f"behind \\begin{{{environment}}} stands {what}", start, self._at)
        inside = self._text[here + 1 : self._partners.get(here, here + 1)].strip()
        if "alig" in environment and not (inside.isdecimal() and int(inside)):
            raise RefusedError(
                f"{{{environment}}} needs how many pairs of columns it has, as in {{2}}", start, self._at
            )

    def _begun(self, call: Call) -> None:
        name = call.name[1:-1]
        self._push(Scope("begin", call.start, name, has_cells=name not in TABLES.without_cells))

    def _skip_environment(self, name: str, start: int) -> None:
        end = self._text.find(f"\\end{{{name}}}", self._at, self._scopes[-1].limit)
        if end < 0:
            raise RefusedError(f"\\begin{{{name}}} has no \\end{{{name}}}", start, self._at)
        self._at = end + len(name) + 6
        self._set(start)

    def finish(self, name: str, start: int) -> None:
        r"""Take `\end{…}`."""
        environment = self._environment_name(name, start)
        scope = self._scopes[-1]
        self._check_pending(scope)
        if scope.kind == "begin" and scope.name != environment:
            text = f"\\begin{{{scope.name}}} is ended by \\end{{{environment}}}"
            raise RefusedError(text, start, self._at)
        if scope.kind != "begin":
            raise self._without_partner(scope, f"\\end{{{environment}}}", f"\\begin{{{environment}}}", start)
        self._scopes.pop()
        self._set(scope.start)

    def _environment_name(self, name: str, start: int) -> str:
        here, limit = self._behind_space(), self._scopes[-1].limit
        end = self._partners.get(here, limit)
        if not self._text.startswith("{", here) or end >= limit:
            raise RefusedError(f"\\{name} needs the name of an environment in braces", start, self._at)
        self._at = end + 1
        return self._text[here + 1 : end]

    def define(self, name: str, start: int) -> None:
        """Take a definition: what it defines is known from here on."""
        here = self._behind_space()
        found = _DEFINITION.match(self._text, here, self._scopes[-1].limit)
        if found is None:
            raise RefusedError(f"\\{name} needs a command to define: write it in deck.macros", start, self._at)
        count = int(found["count"] or 0) if name != "def" else len(set(re.findall(r"#\d", found["template"])))
        takes = "o" * bool(found["preset"]) + "m" * (count - bool(found["preset"]))
        self._own[found["name"]] = takes
        self._at = found.end()
        if name == "let":
            self._at = found.end("name")
            other = re.compile(r"\}?\s*=?\s*(?:\\([A-Za-z]+|.)|.)", re.DOTALL).match(self._text, self._at)
            if other:
                self._own[found["name"]] = TABLES.commands.get(other[1] or "", "")
                self._at = other.end()
            return
        rest = {"def": "r", "DeclareMathOperator": "r"}.get(name, "r")
        if name.startswith("DeclarePaired"):
            self._own[found["name"]] = "som"
            rest = TABLES.commands[name][1:]
        self._arguments(Call(name, start, rest))

    def new_environment(self, name: str, start: int) -> None:
        r"""Take `\newenvironment`: what it defines is known from here on."""
        self._own_environments.add(self._environment_name(name, start))
        self._arguments(Call(name, start, TABLES.commands[name][1:]))
