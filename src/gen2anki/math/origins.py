"""Where each part of a text that was made from another comes from."""

from bisect import bisect_right
from typing import NamedTuple


class Piece(NamedTuple):
    """A part of a made text, and the part of the source that it stands for: the same characters, if it is copied."""

    text: str
    start: int
    end: int
    is_copied: bool


class Origins:
    """A text made of pieces, and the way back to their source."""

    def __init__(self, pieces: list[Piece]) -> None:
        """Take the pieces in their order."""
        self._pieces = [piece for piece in pieces if piece.text]
        self._starts: list[int] = []
        made = 0
        for piece in self._pieces:
            self._starts.append(made)
            made += len(piece.text)
        self.text = "".join(piece.text for piece in self._pieces)

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the source that a part of the made text stands for."""
        if not self._pieces:
            return 0, 0
        first, _ = self._at(start)
        _, last = self._at(max(start, end - 1))
        return first, max(first + 1, last)

    def _at(self, place: int) -> tuple[int, int]:
        """Return where the source of one character begins and ends."""
        number = max(0, bisect_right(self._starts, place) - 1)
        piece = self._pieces[number]
        if not piece.is_copied:
            return piece.start, piece.end
        at = piece.start + min(place - self._starts[number], len(piece.text))
        return at, at + 1
