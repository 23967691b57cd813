"""A file with its slips mended: spliced where they stand, and only if what is then read is what was meant."""

from collections.abc import Collection
from typing import Any

from gen2anki.diagnostics.problem import Mend, ProblemsError
from gen2anki.diagnostics.suggestion import is_one_letter_off
from gen2anki.source.composer import Composed, compose
from gen2anki.source.document import Document
from gen2anki.source.mends import read_line


def mended(document: Document, mends: Collection[Mend]) -> bytes | None:
    """Return the bytes of a document with its slips mended, all others as they are.

    None where the result can't be read, or would say anything else than was meant.
    """
    text = document.text
    line_end = "\r\n" if "\r\n" in text else "\r" if "\r" in text and "\n" not in text else "\n"
    parts: list[str] = []
    at = 0
    for mend in sorted(set(mends)):
        start, end = document.index(mend.line, mend.column), document.index(mend.line, mend.end)
        if start >= at:
            parts += text[at:start], mend.text.replace("\n", line_end)
            at = end
    content = document.encoded("".join([*parts, text[at:]]))
    try:
        before, after = compose(document), compose(Document(content, document.file))
    except ProblemsError:
        return None
    return content if _Meaning(before, mends).is_kept(before.data, after.data) else None


class _Meaning:
    """What a document meant before its slips were mended."""

    def __init__(self, before: Composed, mends: Collection[Mend]) -> None:
        self._stand_in = before.recovery.stand_in if before.recovery else ""
        self._written = {text for text in (read_line(mend.text) for mend in mends) if isinstance(text, str)}

    def is_kept(self, before: Any, after: Any) -> bool:
        """Return True if the data of after say what those of before said, as far as they could be read."""
        if isinstance(before, str):
            # A text that was misread says what its mend says; where its lines were joined, its words are the same.
            return self._is_set_aside(before) or (
                isinstance(after, str) and (after in self._written or before.split() == after.split())
            )
        if isinstance(before, list):
            return (
                isinstance(after, list)
                and len(before) == len(after)
                and all(self.is_kept(*pair) for pair in zip(before, after, strict=True))
            )
        return isinstance(after, dict) and self._is_same_record(before, after)

    def _is_same_record(self, before: dict[str, Any], after: dict[str, Any]) -> bool:
        if "id" in before and not self._is_set_aside(before["id"]) and before["id"] != after.get("id"):
            return False
        new = [key for key in after if key not in before]
        renamed = [key for key in before if key not in after]
        pairs = [(before[key], after[key]) for key in before if key in after]
        for key in renamed:
            # A mistyped key keeps its value.
            similar = (name for name in new if name in self._written and is_one_letter_off(key, name))
            found = next((name for name in similar if self.is_kept(before[key], after[name])), None)
            if found is None:
                return False
            new.remove(found)
        # What is new beside an id had been set aside together with its neighbour.
        lost = any(self._is_set_aside(value) for value in before.values())
        return all(key == "id" or lost for key in new) and all(self.is_kept(*pair) for pair in pairs)

    def _is_set_aside(self, value: Any) -> bool:
        return isinstance(value, str) and bool(self._stand_in) and self._stand_in in value
