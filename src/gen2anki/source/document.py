"""A source file: its bytes, its text whatever its encoding, and its lines."""

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Problem, ProblemsError

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
# How many bytes the parser is given at a time.
_CHUNK: Final = 1_000_000


class Document:
    """One source file. Nothing that is asked of it changes it."""

    def __init__(self, content: bytes, file: str) -> None:
        """Take the bytes of `file`, whose name is only used in messages.

        Raises:
            ProblemsError: they begin as UTF-16 or UTF-32 does, or with a byte order mark, and the rest does not fit.
        """
        self.file = file
        self._mark, self._encoding = _encoding_of(content)
        # As UTF-8: the parser takes it as it is, and a text may need four times the memory.
        self._pieces: tuple[bytes | memoryview, ...] = (_as_utf8(content, file),)

    @classmethod
    def of_pieces(cls, pieces: tuple[bytes | memoryview, ...], file: str) -> "Document":
        """Return the document made of pieces of UTF-8, each of whole lines. They are not copied."""
        document = cls(b"", file)
        document._pieces = pieces
        return document

    @property
    def content(self) -> bytes:
        """Return the file's text as UTF-8."""
        first, *others = self._pieces
        return first if isinstance(first, bytes) and not others else b"".join(self._pieces)

    @cached_property
    def text(self) -> str:
        """Return the file's text. Only what reports problems needs it.

        Raises:
            ProblemsError: it is not UTF-8.
        """
        return _decoded(self.content, "utf-8", self.file)

    def encoded(self, text: str) -> bytes:
        """Return another text as bytes in the file's encoding, with its byte order mark if it has one."""
        return self._mark + text.encode(self._encoding)

    @property
    def characters(self) -> int:
        """Return how many characters the text has. It takes no memory for the text."""
        return sum(map(len, codecs.iterdecode(self._chunks(), "utf-8")))

    def stream(self) -> "_Stream":
        """Return the file's text as UTF-8, for the parser to read."""
        return _Stream(self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        for piece in self._pieces:
            for start in range(0, len(piece), _CHUNK):
                yield bytes(piece[start : start + _CHUNK])

    def has(self, pattern: re.Pattern[bytes]) -> bool:
        """Return True if the text, as UTF-8, contains a pattern that stays within one line."""
        return any(pattern.search(piece) for piece in self._pieces)

    def line(self, index: int) -> tuple[int, int, str]:
        """Return the line, the column (1-based, as editors count) and the line's text of a character."""
        line = bisect_right(self._line_starts, index)
        start = self._line_starts[line - 1]
        end = self._line_starts[line] if line < len(self._line_starts) else len(self.text)
        return line, index - start + 1, self.text[start:end].rstrip("\r\n")

    def index(self, line: int, column: int) -> int:
        """Return the index of the character at a line and a column (1-based)."""
        return self._line_starts[line - 1] + column - 1

    def line_text(self, number: int) -> str:
        """Return the text of a line (1-based); empty where there is none."""
        starts = self._line_starts
        if not 0 < number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def problem(self, index: int, text: str, code: Code) -> Problem:
        """Return a problem at a character of the text."""
        line, column, line_text = self.line(index)
        return Problem(file=self.file, line=line, column=column, text=text, code=code, line_text=line_text)

    @cached_property
    def _line_starts(self) -> list[int]:
        if "\r" in self.text:
            return [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        return [0, *accumulate(map((1).__add__, map(len, self.text.split("\n"))))][:-1]


class _Stream:
    """Gives the parser a text in chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def read(self, _size: int = -1, /) -> bytes:
        """Return the next chunk, of whatever size; empty at the end."""
        return next(self._chunks, b"")


def _encoding_of(content: bytes) -> tuple[bytes, str]:
    """Return the byte order mark that a file begins with, if any, and the encoding of what follows."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return mark, name
    # UTF-16 without a byte order mark, as some editors write it: its first two characters are ASCII.
    if content[1:4:2] == b"\0\0" and b"\0" not in content[:4:2]:
        return b"", "utf-16-le"
    if content[:4:2] == b"\0\0" and b"\0" not in content[1:4:2]:
        return b"", "utf-16-be"
    return b"", "utf-8"


def _as_utf8(content: bytes, file: str) -> bytes:
    mark, encoding = _encoding_of(content)
    return content[len(mark) :] if encoding == "utf-8" else _decoded(content[len(mark) :], encoding, file).encode()


def _decoded(content: bytes, encoding: str, file: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        at = len(content[: error.start].decode(encoding, errors="replace"))
        byte = content[error.start]
        text = f"byte {byte:#04x} is not {encoding.removesuffix('-sig').upper()} text: save the file as UTF-8"
        if error.end == len(content) and error.reason in {"unexpected end of data", "truncated data"}:
            text = "the file ends in the middle of a character: it was cut off"
        readable = Document.of_pieces((content.decode(encoding, errors="replace").encode(),), file)
        raise ProblemsError([readable.problem(at, text, Code.BAD_ENCODING)]) from None
