"""Tables: which pipes begin no cell, and which lines look like a table that Markdown does not see."""

import re
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.markdown.line_marks import outside_code
from gen2anki.markdown.stand_ins import sign

_RULE: Final = re.compile(r"[ \t>]*(?=[: \t-]*\|)[|: \t-]*-[|: \t-]*$")
# A rule among words: the lines of the table were joined.
_JOINED_RULE: Final = re.compile(r"\|[ \t]*:?-{2,}:?[ \t]*\|")
_PIPE: Final = re.compile(r"(?<!\\)\|")
_CODE: Final = re.compile(r"(`+)(?!`)")
# What may stand before a table in its line.
_BEFORE: Final = re.compile(r"[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)?")
_FEWEST_PIPES: Final = 3


def read_tables(text: str) -> tuple[str, list[Finding]]:
    """Return a text without the pipes that begin no cell, in code that stands in a table, and what is wrong with tables."""
    lines = text.split("\n")
    findings: list[Finding] = []
    columns = row_lines = 0
    for number, line, is_fence in outside_code(lines):
        if is_fence:
            columns = row_lines = 0
        elif not line.strip(" \t>"):
            columns, row_lines = 0, _told(findings, lines, number, row_lines)
        elif columns:
            lines[number] = _row(line, columns, findings)
        elif _RULE.match(line):
            if row_lines > 1:  # Markdown takes the row above for the head, and the rows above that for words
                message = "the row of dashes of a table stands below its first row, the head"
                findings.append(Finding(message, Code.TABLE_MARKS, line.strip(" \t>")))
            columns, row_lines = _columns(lines, number, findings), 0
        elif (joined := _JOINED_RULE.search(line)) and not _CODE.search(line):
            message = "YAML joins the lines of this text, so that no table is here: write the text below a '|'"
            findings.append(Finding(message, Code.TABLE_MARKS, joined[0]))
        elif _is_row(line):
            row_lines += 1
        else:
            row_lines = _told(findings, lines, number, row_lines)
    _told(findings, lines, len(lines), row_lines)
    return "\n".join(lines), findings


def _columns(lines: list[str], number: int, findings: list[Finding]) -> int:
    """Return how many columns the table of a rule has; 0 where Markdown sees no table."""
    head = lines[number - 1] if number else ""
    columns = _cells(lines[number])
    if head.strip(" \t>"):
        lines[number - 1] = head = _without_code_pipes(head) if _cells(head) > columns else head
        if _cells(head) == columns:
            return columns
    if number == 0 and len(lines) == 1:
        return 0
    message = "the row of dashes needs as many cells as the head above it, or Markdown sees no table"
    findings.append(Finding(message, Code.TABLE_MARKS, lines[number].strip(" \t>")))
    return columns


def _row(line: str, columns: int, findings: list[Finding]) -> str:
    if _cells(line) <= columns:
        return line
    line = _without_code_pipes(line)
    if _cells(line) > columns and not any(finding.code is Code.TABLE_CELLS for finding in findings):
        message = "this row has more cells than the table's head, and Markdown drops the last: write '\\|' for a '|' in a cell"
        findings.append(Finding(message, Code.TABLE_CELLS, line.strip(" \t>")))
    return line


def _told(findings: list[Finding], lines: list[str], number: int, row_lines: int) -> int:
    """Find rows without a rule that end before a line; return 0, the number of rows that go on."""
    if row_lines > 1:
        message = "a table needs a row of dashes below its head, such as '|---|---|'"
        findings.append(Finding(message, Code.TABLE_MARKS, lines[number - row_lines].strip(" \t>")))
    return 0


def _is_row(line: str) -> bool:
    """Return True if a line looks like the row of a table: with a pipe at both ends, and one between."""
    row = line[_BEFORE.match(line).end() :].rstrip()  # type: ignore[union-attr] # it matches any line
    return row.startswith("|") and row.endswith("|") and row.count("|") >= _FEWEST_PIPES


def _cells(row: str) -> int:
    """Return how many cells a row has; empty ones at its end do not count."""
    row = row.strip(" >\t").rstrip(" \t|")
    return len(_PIPE.findall(row)) + 1 - row.startswith("|")


def _without_code_pipes(line: str) -> str:
    """Return a row whose code has no pipes that Markdown sees."""
    made, done = "", 0
    while found := _CODE.search(line, done):
        closing = re.compile(rf"(?<!`){found[1]}(?!`)").search(line, found.end())
        end = closing.end() if closing else found.end()
        made += line[done : found.start()] + _PIPE.sub(sign("|"), line[found.start() : end])
        done = end
    return made + line[done:]
