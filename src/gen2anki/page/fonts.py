"""The math font of a page: those of its pieces that hold the characters of the page's formulas."""

from base64 import b64encode
from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

# The first piece has the space, all that stretches and the measures of formulas: browsers take them from the first font.
_CORE = "core"


def faces(characters: Collection[str]) -> tuple[str, str]:
    """Return the @font-face rules for formulas of these characters, and the names of their families, as CSS.

    Both are empty where there are none.
    """
    if not characters:
        return "", ""
    names = [_CORE, *_others(frozenset(map(ord, characters)))]
    rules = (
        f'@font-face{{font-family:"math {name}";src:url(data:font/woff2;base64,{_data(name)}) format("woff2")}}'
        for name in names
    )
    return "\n".join(rules), ", ".join(f'"math {name}"' for name in names)


def _others(wanted: frozenset[int]) -> Iterator[str]:
    """Yield the pieces that hold what the first one lacks."""
    pieces = _pieces()
    missing = wanted.difference(pieces[_CORE])
    for name, has in pieces.items():
        if name != _CORE and not missing.isdisjoint(has):
            yield name


@cache
def _pieces() -> dict[str, frozenset[int]]:
    """Return which characters each piece has."""
    made = {}
    for line in _folder().joinpath("pieces.txt").read_text(encoding="ascii").splitlines():
        name, *ranges = line.split()
        ends = [part.partition("-") for part in ranges]
        made[name] = frozenset(
            character for first, _, last in ends for character in range(int(first, 16), int(last or first, 16) + 1)
        )
    return made


@cache
def _data(name: str) -> str:
    return b64encode(_folder().joinpath(f"{name}.woff2").read_bytes()).decode()


def _folder() -> Traversable:
    return files("gen2anki.page").joinpath("templates", "fonts")
