"""The checks themselves: each finds the defect that it is there for."""

import pytest
from screens import Screen

LIKE_TEXT = "math is as large and as dark as its text"
OWN_GROUND = "a scroll shade lies on its own ground"
# Check, card, side, and what makes that side wrong: HTML that is added, or CSS. Every check has at least one.
DEFECTS = [
    ("something is shown", "short", "front", "main { display: none }"),
    ("no script error", "short", "front", "<script>nonsense()</script>"),
    ("math is set", "short", "front", r"<p>\(\frac{1}\)</p>"),
    ("math is set", "short", "front", r"<p>\(\bm{x}\)</p>"),
    ("math is set", "short", "front", r"<p>\(x</p>"),
    ("math is set", "short", "front", r"<p>$$x$$</p>"),
    (LIKE_TEXT, "math", "front", ".card .gen2anki mjx-container[jax] { color: red }"),
    (LIKE_TEXT, "math", "front", "mjx-container { font-size: 60% !important }"),
    ("math stands on its line", "math", "front", "mjx-container[jax] { display: inline-block !important }"),
    ("math stands on its line", "math", "front", "mjx-container[jax] { height: 9px; padding: 0 !important }"),
    ("nothing is wider than the screen", "short", "front", ".question { width: 120vw }"),
    ("nothing is wider than the screen", "table", "back", ".card .gen2anki table { display: table }"),
    ("nothing is wider than the screen", "code", "back", ".card .gen2anki pre { overflow: visible }"),
    ("nothing is wider than the screen", "picture", "front", ".card .gen2anki img { max-width: none }"),
    ("nothing is wider than the screen", "short", "front", ".gen2anki { overflow-x: hidden }"),
    ("nothing is wider than the screen", "long-source", "back", ".card .gen2anki .source a { overflow-wrap: normal }"),
    (OWN_GROUND, "choice-display", "back", ".card .gen2anki .choice { background: var(--fill) }"),
    (OWN_GROUND, "code", "back", ".card .gen2anki pre { --under: var(--paper) }"),
    ("text is readable", "math", "back", ".card .gen2anki .why { color: #9a9a9a }"),
    ("text is readable", "math", "back", ".card .gen2anki .why { font-size: 11px }"),
    ("text is readable", "choice", "back", ".card .gen2anki.back .choice.right::before { color: #9c9 }"),
    ("states are visible", "choice", "back", ".card .gen2anki.back .choice.right { border-color: #cec }"),
    ("states are visible", "choice", "front", ".card .gen2anki .choice::before { border-color: #ddd }"),
    ("a finger hits it", "choice", "front", ".card .gen2anki .choice { min-height: 0; padding: 2px }"),
    ("a finger hits it", "math", "front", ".card .gen2anki summary { min-height: 0 }"),
    ("a finger hits it", "sound", "front", ".card .gen2anki .replay-button { min-height: 0 } svg { height: 20px }"),
    ("a finger hits it", "short", "back", ".card .gen2anki .source a { padding: 0 }"),
    ("pictures are there", "short", "front", '<img src="nowhere.png">'),
    ("nothing moves", "choice", "front", ".card .gen2anki .choice { transition: color 1s }"),
]


@pytest.mark.parametrize("at", range(len(DEFECTS)))
def test_a_check_finds_its_defect(phone: Screen, at: int) -> None:
    """And the same side without the defect passes (the other tests say so)."""
    check, name, side, defect = DEFECTS[at]
    phone.open()
    card = phone.json(name)
    card[side] = str(card[side]) + (defect if defect.startswith("<") else f"<style>{defect}</style>")
    found = phone.run("await frame.show(given, more); return frame.audit(given, more)", card, side)
    assert [finding for finding in found if finding.startswith(f"{name}, {side}: {check}: ")]


def test_every_check_has_a_defect(droid: Screen) -> None:
    """A new check comes with what it finds."""
    droid.open()
    assert set(droid.run("return frame.checks")) == {check for check, *_ in DEFECTS}
