"""What is wrong with a text, and what is wrong at a place of a file, before the two become a `Problem`."""

from typing import NamedTuple

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path


class Finding(NamedTuple):
    """What is wrong with one text of a lesson; `where` is the part of it to point at, as typed, or empty."""

    text: str
    code: Code
    where: str = ""


class Misreading(NamedTuple):
    """What is wrong at one character of a file; `at` is its index in the text.

    `first` is the path of the key that a second one repeats.
    """

    at: int
    text: str
    code: Code
    first: Path = ()
