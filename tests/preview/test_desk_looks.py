"""How the preview looks: nothing is cut at any width, axe-core finds nothing, and a screen reader is told what happens."""

from pathlib import Path
from typing import Final

import pytest

from author import Author
from page.test_looks import axe  # noqa: F401 (a fixture)
from preview.conftest import Desk

# What reaches out of the window, and stands in nothing that scrolls.
WIDE: Final = """
    const width = document.documentElement.clientWidth;
    const found = document.documentElement.scrollWidth > width ? [`page: ${document.documentElement.scrollWidth}`] : [];
    for (const element of document.querySelectorAll("body *")) {
      const box = element.getBoundingClientRect();
      if (!box.width || (box.right <= width + 1 && box.left >= -1) || element.closest("option, .glass, dialog:not([open])")) continue;
      let scroller = element.parentElement;
      while (scroller && !/auto|scroll|hidden/.test(getComputedStyle(scroller).overflowX)) scroller = scroller.parentElement;
      if (!scroller || scroller.nodeName === "MAIN") found.push(`${element.nodeName}.${element.className}: ${element.textContent.slice(0, 30)}`);
    }
    return found"""
SIDEWAYS: Final = "const main = document.querySelector('main'); return main.scrollWidth - main.clientWidth"


def _break(author: Author) -> None:
    author.replace("answer: Evidence lower bound\n", "anwser: Evidence lower bound\n")


@pytest.mark.parametrize("width", [320, 390, 820, 1400])
@pytest.mark.parametrize("device", ["iphone", "desktop"])
def test_nothing_is_wider_than_the_window(chromium_desk: Desk, kinds: Author, width: int, device: str) -> None:
    """Neither with problems beside the cards, nor in a review."""
    desk = chromium_desk
    desk.size(width)
    desk.open(f"note=cloze&device={device}")
    assert (desk.run(WIDE), desk.run(SIDEWAYS)) == ([], 0)
    _break(kinds)
    desk.wait(lambda: "anwser" in desk.text("#problems"))
    assert (desk.run(WIDE), desk.run(SIDEWAYS)) == ([], 0)
    desk.press("r")
    assert (desk.run(WIDE), desk.run(SIDEWAYS)) == ([], 0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(chromium_desk: Desk, kinds: Author, axe: str, theme: str) -> None:  # noqa: F811
    """At first, with a change, with problems, and with the keys."""
    desk = chromium_desk
    emulated = [{"name": "prefers-color-scheme", "value": theme}]
    desk.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": emulated})  # type: ignore[attr-defined]
    desk.open(f"note=cloze&dark={int(theme == 'dark')}")
    desk.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": axe})  # type: ignore[attr-defined]

    def violations() -> list[str]:
        script = """
            const done = arguments[arguments.length - 1];
            axe.run(document, { resultTypes: ["violations"], iframes: false }).then((report) => done(
                report.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)} ${one.nodes[0].failureSummary}`)))"""
        desk.driver.set_script_timeout(60)
        return desk.driver.execute_async_script(script)  # type: ignore[no-any-return]

    assert violations() == []
    kinds.replace("Both run one network once.", "Both run a network once.")
    desk.waits_for("Both run a network once.", back=True)
    assert violations() == []
    _break(kinds)
    desk.wait(lambda: "anwser" in desk.text("#problems"))
    assert violations() == []
    desk.press("r")
    assert violations() == []
    desk.press("?")
    desk.wait(lambda: desk.run("return document.getElementById('keys').open"))
    assert violations() == []


def test_who_wants_less_motion_gets_none(chromium_desk: Desk) -> None:
    """Nothing moves by itself, for anybody."""
    chromium_desk.open("note=cloze")
    script = """return [...document.querySelectorAll("*")].filter((element) => {
        const style = getComputedStyle(element);
        return parseFloat(style.transitionDuration) || parseFloat(style.animationDuration) || style.scrollBehavior === "smooth";
    }).length"""
    assert chromium_desk.run(script) == 0


def test_the_list_is_a_list_to_a_screen_reader(desk: Desk) -> None:
    """Though only rows in sight are there: each says which of how many it is, and the list which one is active."""
    desk.open("note=cloze-list")
    script = """
        const list = document.getElementById("list");
        const active = document.getElementById(list.getAttribute("aria-activedescendant"));
        return [active.getAttribute("aria-selected"), active.getAttribute("aria-posinset"), active.getAttribute("aria-setsize"),
                list.querySelectorAll("[role=option]").length < 40]"""
    selected, place, of, few = desk.run(script)
    assert (selected, few) == ("true", True)
    assert 1 < int(place) < int(of)


def test_a_picture_of_the_page_is_in_the_manual() -> None:
    """Small enough for a README."""
    for name in ("light", "dark"):
        picture = Path(__file__).parents[2] / "docs" / "images" / f"preview-{name}.png"
        assert 10_000 < picture.stat().st_size < 300_000
