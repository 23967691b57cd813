"""An edition against the last one, or against any package: what it changes for those who have that one."""

from gen2anki.diff.comparison import Change, Difference, FieldChange, field_changes, with_ledger, with_package
from gen2anki.diff.report import as_json, as_markdown, as_text, word_runs

__all__ = [
    "Change",
    "Difference",
    "FieldChange",
    "as_json",
    "as_markdown",
    "as_text",
    "field_changes",
    "with_ledger",
    "with_package",
    "word_runs",
]
