"""An edition against the last one, or against any package: what it changes for those who have that one."""

from gen2anki.diff.comparison import Difference, with_ledger, with_package
from gen2anki.diff.report import as_json, as_markdown, as_text

__all__ = ["Difference", "as_json", "as_markdown", "as_text", "with_ledger", "with_package"]
