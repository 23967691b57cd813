"""What a ledger holds, as values, whatever the format of its file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Entry(NamedTuple):
    """What the ledger says of one note. A named tuple, because a hundred thousand of them are read and compared.

    `section` is the title of the note's deck, below the lesson's own. `mod` is the epoch second of the build that first
    saw this content. `added` is the epoch millisecond that is the note's id in Anki.
    """

    section: str
    is_cloze: bool
    hash: str
    mod: int
    added: int
    is_retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The ledger of one lesson: the id and the name of its deck, and an entry for each published note, by id.

    `lines` are the 1-based line numbers of the entries, in their order; empty where the ledger comes from no file.
    """

    deck_id: str
    deck_name: str
    entries: dict[str, Entry]
    lines: Sequence[int] = ()
