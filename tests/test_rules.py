"""The rules of texts without Anki: each text of the corpus as HTML, in a second. `make mutations` breaks the rules one by one."""

from pathlib import Path

import pytest

from gen2anki.diagnostics.codes import Code
from gen2anki.text.media import MediumError
from gen2anki.text.renderer import Renderer
from test_corpus import FILES, MEDIA, ONCE, difference, read
from visible import visible

# What is told by those who know more than the text.
_BY_OTHERS = {Code.WRAPPED_LINES, Code.CLOZE_MISPLACED, Code.MEDIA_OUTSIDE}


def _packed(path: str) -> str:
    if path not in MEDIA:
        raise MediumError("", Code.MEDIA_MISSING)
    return path


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_text_becomes_what_is_meant(file: Path) -> None:
    """What Anki would show of it is what was typed, or what its entry says; and what is told is told."""
    renderer = Renderer(_packed, html=False)
    wrong = []
    for text in read(file)[1]:
        if text.cloze or text.below != "|" or "word.mp3" in text.typed:
            continue
        seen, only_paragraphs = visible(f'<div class="card">{renderer.field(text.typed)}</div>', "card")
        told = {fault.code for fault in renderer.take_findings()} - {ONCE}
        if text.told in _BY_OTHERS:
            continue
        if text.told or told:
            if text.told not in {*told, ONCE}:
                wrong.append(f"  typed: {text}\n  told:  {told}")
        elif found := difference(text, seen, only_paragraphs=only_paragraphs):
            wrong.append(found)
    assert not wrong, "\n".join(wrong)
