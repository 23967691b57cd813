"""A card in the preview is laid out as in the apps' own pages: the frames of the card tests, with Anki's own files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from author import Author
from page.conftest import Browsers, missing
from preview.conftest import TESTS, Desk

# Where each element of a side stands, and how large, to half a pixel; without what only screen readers get.
LAYOUT: Final = """
    return [...document.querySelectorAll(".gen2anki, .gen2anki *")]
        .filter((one) => one.getClientRects().length && !one.closest("mjx-assistive-mml, mjx-container *, svg, script"))
        .map((one) => {
            const { x, y, width, height } = one.getBoundingClientRect();
            return [one.tagName, one.className, ...[x, y + scrollY, width, height].map((size) => Math.round(size * 2) / 2)].join(" ");
        })"""
READY: Final = "return document.fonts.status === 'loaded' && [...document.images].every((image) => image.complete)"
# The preview's name of each client.
CLIENTS: Final = {"iphone": "ankimobile", "ipad": "ankimobile-ipad", "android": "ankidroid"}


@pytest.fixture
def real(kinds: Author, tmp_path: Path) -> "Iterator[tuple[str, list[Any]]]":
    """Serve the frames of the card tests; return their address and the cards as Anki renders them."""
    import sys

    sys.path.insert(0, str(TESTS / "cards"))  # as those modules name each other
    try:
        from frames import served, web_files  # type: ignore[import-not-found]
        from rendered import cards  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(TESTS / "cards"))
    web = web_files()
    if web is None:
        missing("Anki's web files are not installed (pip install --no-deps aqt)")
    found = cards(kinds.folder / "editions" / "1.apkg", tmp_path)
    with served(found, web, tmp_path / "collection.media") as address:
        yield address, found


@pytest.mark.parametrize(
    ("device", "width", "height"), [("iphone", 390, 844), ("ipad", 820, 1180), ("android", 412, 915)]
)
def test_a_card_is_laid_out_as_in_the_app(
    browsers: Browsers, chromium_desk: Desk, real: tuple[str, list[Any]], device: str, width: int, height: int
) -> None:
    """Each element of every kind of card, on both sides."""
    address, cards = real
    driver, desk = browsers["chromium"], chromium_desk
    theirs: dict[str, list[str]] = {}
    desk.size(width, height)
    driver.set_script_timeout(90)
    driver.get(f"{address}/frame/{CLIENTS[device]}")
    for card in cards:
        for side in ("front", "back"):
            script = "const done = arguments[2]; frame.show(arguments[0], arguments[1]).then(() => done())"
            driver.execute_async_script(script, card.as_json(), side)
            desk.wait(lambda: driver.execute_script(READY))
            theirs[f"{card.note}/{card.number}/{side}"] = driver.execute_script(LAYOUT)
    ours: dict[str, list[str]] = {}
    desk.size(2400, 1500)
    desk.open(f"device={device}")
    for card in cards:
        desk.run(f"location.hash = {json.dumps(f'note={card.note}&card={card.number}&device={device}')}")
        for back, side in ((False, "front"), (True, "back")):
            note = f"{card.note}/{card.number - 1}/{side}"
            shown = "return document.querySelectorAll('.screen')[Number(arguments[0])].dataset.key === arguments[1]"
            desk.wait(lambda: desk.run(shown, back, note))  # noqa: B023 (called at once)
            desk.wait(lambda: desk.in_card(READY, back=back))  # noqa: B023 (called at once)
            ours[f"{card.note}/{card.number}/{side}"] = desk.in_card(LAYOUT, back=back)
    unlike = [
        (name, [pair for pair in zip(theirs[name], ours[name], strict=False) if pair[0] != pair[1]][:3])
        for name in theirs
        # Theirs has typed something there, and ours nothing.
        if theirs[name] != ours[name] and not (name.startswith("typed") and name.endswith("back"))
    ]
    assert unlike == []


def test_mathjax_is_the_one_that_anki_ships() -> None:
    """Byte by byte, its fonts too."""
    import gzip
    import importlib.util

    spec = importlib.util.find_spec("_aqt")
    if spec is None or not spec.submodule_search_locations:
        missing("Anki's web files are not installed (pip install --no-deps aqt)")
        raise AssertionError
    theirs = Path(next(iter(spec.submodule_search_locations)), "data/web/js/vendor/mathjax")
    ours = TESTS.parent / "src/gen2anki/preview/web/mathjax"
    assert gzip.decompress((ours / "tex-chtml-full.js.gz").read_bytes()) == (theirs / "tex-chtml-full.js").read_bytes()
    fonts = theirs / "output/chtml/fonts/woff-v2"
    assert {file.name: file.read_bytes() for file in (ours / "fonts").iterdir()} == {
        file.name: file.read_bytes() for file in fonts.iterdir()
    }


def test_no_web_file_is_left_out() -> None:
    """All that lies in `web/` is served, or is the licence."""
    from gen2anki.preview import server

    files = {str(file.relative_to(TESTS.parent / "src/gen2anki/preview/web")) for file in _web_files()}
    known = {*server._PAGE, *server._FRAME, server._MATHJAX, *(f"mathjax/{name}" for name in server._fonts())}
    assert files - known == {"mathjax/LICENSE.txt"}


def _web_files() -> Iterator[Path]:
    return (file for file in (TESTS.parent / "src/gen2anki/preview/web").rglob("*") if file.is_file())
