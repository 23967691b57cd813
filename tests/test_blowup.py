"""No text takes more than linear time: these are so long that a way which looks back at each sign would not end."""

import pytest

from blowup import CONSTRUCTS
from gen2anki.text.renderer import Renderer

# What has once taken minutes, or gigabytes.
WORST = (
    "a\n",
    "  a\n",
    "<a ",
    "<a b='",
    "<!--",
    "[latex]",
    "\\frac{",
    "\\left(",
    "![a](b c ",
    "~a~ ",
    "\\(a ",
    "$5-$6 ",
    "|-|\n",
)


@pytest.mark.parametrize("part", WORST)
def test_a_long_text_of_it_is_rendered(part: str) -> None:
    """With and without HTML."""
    assert part in CONSTRUCTS
    for html in (False, True):
        renderer = Renderer(str, html=html)
        assert renderer.field(part * (400_000 // len(part)))
