"""A place inside a list member is found without reading the rest of the file, and is the same as in the whole file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from gen2anki.diagnostics.problem import ProblemsError
from gen2anki.source.composer import compose
from gen2anki.source.document import Document
from gen2anki.source.positions import Places

ROOT: Final = Path(__file__).parent.parent
CASES: Final = ROOT / "tests" / "cases"
FILES: Final = [ROOT / "cards.yaml", *sorted(CASES.glob("*/*.yaml"))]
# Ways to write a list of mappings that the samples do not show, each with something that may be misread.
SHAPES: Final = {
    "flow": "a: [{b: c, d: [e, {f: g}]}, {b: h}]\nz: [{b: i}]\n",
    "pairs in a flow list": "a: [b: c, d: e]\nz: y\n",
    "lists in lists": "a:\n- - b: c\n    d: e\n  - b: f\n- - b: g\nz: y\n",
    "comments between": "a:\n  # one\n  - b: c # two\n\n  # three\n  -   b: d\n      e: f\n# four\nz: y\n",
    "a text to the end": "a:\n  - b: |\n      c\n\n      d\n  - b: >-\n      e\n      f",
    "characters of any size": "a:\n  - {é😀: ü}\n  - é: 😀😀\n    d: e\n",
    "carriage returns": "a:\r\n  - b: c\r\n    d: >\r\n      e\r\n  - b: f\r\n",
    "an anchor before a member": "a:\n  - &one\n    b: c\n  - &two {b: d}\n  - b: e\nz: *one\n",
    "an alias among members": "a:\n  - &one {b: c}\n  - *one\n  - b: d\n",
    "a list that is repeated": "a: &all\n  - b: c\n  - b: d\nz: *all\n",
    "an alias for a key": "a:\n  - &key b: c\n  - *key : d\n    e: f\n",
    "a key that stands twice": "a:\n  - b: c\nz: y\na:\n  - b: d\n    e: f\n  - b: g\n",
    "members of several kinds": "a:\n  - b: c\n  - d\n  - [e]\n  - b: f\n",
    "sections in sections": "a:\n  - b:\n      - c: d\n      - c: e\n    f: g\n  - b:\n      - c: h\nz: y\n",
    "a mapping alone": "a: b\n",
}


def _paths(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of everything in a file, and paths of what is not there."""
    yield path
    yield (*path, "nowhere")
    yield (*path, 99)
    for step, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from _paths(value, (*path, step))


def _assert_same_places(document: Document) -> bool:
    """Compare the places of everything in a document; return True if any was found by reading a member alone."""
    composed = compose(document)
    parts, whole = composed.places, Places(document, {}, composed.places.readable)
    for path in _paths(composed.data):
        found = {key: (parts.find(path, key=key), parts.has(path)) for key in (True, False)}
        assert found == {key: (whole.find(path, key=key), whole.has(path)) for key in (True, False)}, path
        assert parts.find(path, needle="e") == whole.find(path, needle="e"), path
    return any(parts._read)


@pytest.mark.parametrize("name", SHAPES)
def test_a_list_written_another_way(name: str) -> None:
    """However a list is written, the places in its members are those in the whole file."""
    _assert_same_places(Document(SHAPES[name].encode(), "shapes.yaml"))


def test_a_member_is_read_no_further_than_it_goes() -> None:
    """The last question of a section ends where the next section begins: more sections are not more to read."""
    places = compose(Document(SHAPES["sections in sections"].encode(), "shapes.yaml")).places
    content, _ = places._part(("a", 0, "b", 1))
    assert content.decode() == "        c: e\n    f: g\n  - "


def test_all_samples() -> None:
    """The same is true of the shipped lesson and of every sample that can be read. Nearly all have such lists."""
    by_member = 0
    for file in FILES:
        try:
            by_member += _assert_same_places(Document(Path(file).read_bytes(), file.name))
        except ProblemsError:
            continue
    assert by_member > len(FILES) // 2
