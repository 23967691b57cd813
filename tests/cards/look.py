"""Show every frame at once: one contact sheet of all cards in all clients, light and dark, to look at.

`python tests/cards/look.py [SHEET.png]` gives each card a row, by default in .look/sheet.png;
`python tests/cards/look.py --docs` makes the pictures in docs/images.
"""

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from browsers import NoBrowserError, chromium, display, webkit
from frames import DROID, IPAD, IPHONE, Client, served, web_files
from PIL import Image, ImageDraw, ImageFont
from rendered import Card, build, cards
from screens import Screen
from selenium.webdriver.remote.webdriver import WebDriver

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]

# Pixels of the sheet: height of a frame, of the line above it, and the gap between two.
FRAME, TITLE, GAP = 400, 22, 6
# The choice that is tapped on each front.
TAPPED: Final = 1

SIDES: Final = ("front", "back")
THEMES: Final = ("light", "dark")

# What the manual shows: a card of the lesson and its side. Three phones in a row.
CHOICE: Final = "place-iterative-denoiser"
DOCS: Final = (("exact-likelihood-or-none", "back"), (CHOICE, "front"), (CHOICE, "back"))

# Behind the phones: the page of a site that shows them, in its own light or dark.
GROUNDS: Final = {"light": "#eceae4", "dark": "#000000"}


def pictures(screen: Screen, *, dark: bool) -> Iterator[tuple[str, str, Image.Image]]:
    """Take a picture of both sides of every card."""
    screen.open(dark=dark)
    for card in screen.deck:
        for side in SIDES:
            yield card.name, side, picture(screen, card, side)


def picture(screen: Screen, card: Card, side: str) -> Image.Image:
    """Take a picture of one side of a card, the hint open and a choice tapped."""
    prepare = """
        await frame.show(given[0], given[1]);
        for (const hint of frame.all("details")) hint.open = true;
        if (given[1] === "front" && frame.all(".choice").length) frame.all(".choice")[more].click();
        await frame.settled();"""
    screen.run(prepare, [card.as_json(), side], TAPPED)
    return Image.open(io.BytesIO(screen.driver.get_screenshot_as_png())).convert("RGB")


def desktop_pictures(package: Path, theme: str) -> Iterator[tuple[str, str, Image.Image]]:
    """Take a picture of both sides of every card in Anki's own desktop window."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(HERE / "desktop.py"), str(package), folder, theme, "900", "760"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoBrowserError(f"Anki's desktop did not run (pip install 'aqt[qt6]'): {done.stderr[-300:]}")
        for path in sorted(Path(folder).glob("*.png")):
            note, number, side = path.stem.split("-", 1)[1].rsplit("-", 2)
            name = note if number == "1" else f"{note}/{number}"
            yield name, side[1:], Image.open(path).convert("RGB")


@contextmanager
def phones(decks: dict[str, list[Card]], media: dict[str, Path]) -> Iterator[list[Screen]]:
    """Run all phones and tablets there are, each showing each deck."""
    web = web_files()
    if web is None:
        raise SystemExit("Anki's web files are not installed (pip install --no-deps aqt)")
    with ExitStack() as stack:
        screens = []
        where = stack.enter_context(display())
        for client, size in ((DROID, (412, 915)), (IPHONE, (390, 844)), (IPAD, (820, 1180))):
            try:
                engine = chromium(*size) if client is DROID else webkit(*size, where)
                driver = stack.enter_context(engine)
            except NoBrowserError as error:
                sys.stderr.write(f"left out: {client.name}: {error}\n")
                continue
            for name, deck in decks.items():
                address = stack.enter_context(served(deck, web, media[name]))
                screens.append(Screen(driver=driver, client=client, address=address, deck=deck))
        yield screens


def sheet(frames: dict[str, dict[str, Image.Image]]) -> Image.Image:
    """Lay out frames, a row for each card, a column for each client, theme and side."""
    columns = list(dict.fromkeys(column for row in frames.values() for column in row))
    first = {column: next(row[column] for row in frames.values() if column in row) for column in columns}
    widths = {column: round(image.width * FRAME / image.height) for column, image in first.items()}
    size = (sum(widths.values()) + GAP * (len(columns) + 1), len(frames) * (FRAME + TITLE + GAP))
    paper = Image.new("RGB", size, (128, 128, 128))
    draw, font = ImageDraw.Draw(paper), ImageFont.load_default(13)
    for at, (name, row) in enumerate(frames.items()):
        x, y = GAP, at * (FRAME + TITLE + GAP)
        for column in columns:
            draw.text((x, y + 3), f"{name}  {column}"[: widths[column] // 7], fill="white", font=font)
            if column in row:
                paper.paste(row[column].resize((widths[column], FRAME), Image.Resampling.LANCZOS), (x, y + TITLE))
            x += widths[column] + GAP
    return paper


def _decks(folder: Path) -> tuple[dict[str, Path], dict[str, list[Card]], dict[str, Path]]:
    packages, decks, media = {}, {}, {}
    for source in (ROOT / "cards.yaml", HERE / "kinds.yaml", HERE / "readings.yaml"):
        name = source.stem
        (folder / name).mkdir()
        packages[name] = build(source, folder / name / "source")
        decks[name] = cards(packages[name], folder / name)
        media[name] = folder / name / "collection.media"
    return packages, decks, media


def look(path: Path) -> None:
    """Write the contact sheet of everything."""
    frames: dict[str, dict[str, Image.Image]] = {}
    with tempfile.TemporaryDirectory() as folder:
        packages, decks, media = _decks(Path(folder))
        with phones(decks, media) as screens:
            for theme in THEMES:
                for screen in screens:
                    for name, side, image in pictures(screen, dark=theme == "dark"):
                        frames.setdefault(name, {})[f"{screen.client.name} {theme} {side}"] = image
        for theme in THEMES:
            for package in packages.values():
                try:
                    for name, side, image in desktop_pictures(package, theme):
                        frames.setdefault(name, {})[f"desktop {theme} {side}"] = image
                except NoBrowserError as error:
                    sys.stderr.write(f"left out: {error}\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    few_colours(sheet(frames), 256, 8).save(path, optimize=True)
    sys.stdout.write(f"{path}: {sum(len(row) for row in frames.values())} frames of {len(frames)} cards\n")


def docs(folder: Path) -> None:
    """Write the manual's pictures: three phones side by side, in each theme."""
    with tempfile.TemporaryDirectory() as work, ExitStack() as stack:
        _, decks, media = _decks(Path(work))
        web = web_files()
        if web is None:
            raise SystemExit("Anki's web files are not installed (pip install --no-deps aqt)")
        deck = decks["cards"]
        address = stack.enter_context(served(deck, web, media["cards"]))
        driver: WebDriver = stack.enter_context(chromium(390, 844))
        client: Client = DROID
        screen = Screen(driver=driver, client=client, address=address, deck=deck)
        by_name = {card.name: card for card in deck}
        for theme in THEMES:
            screen.open(dark=theme == "dark")
            # The front comes before its back, so that the back shows what was tapped.
            images = [picture(screen, by_name[name], side) for name, side in DOCS]
            path = folder / f"cards-{theme}.png"
            _strip(images, GROUNDS[theme]).save(path, optimize=True)
            sys.stdout.write(f"{path}: {path.stat().st_size / 1024:.0f} KiB\n")


def _strip(images: list[Image.Image], ground: str) -> Image.Image:
    """Lay phones side by side, their corners round."""
    width, height, gap, radius = 372, 805, 20, 24
    strip = Image.new("RGB", (len(images) * (width + gap) + gap, height + 2 * gap), ground)
    mask = Image.new("L", (width * 4, height * 4), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width * 4 - 1, height * 4 - 1), radius * 4, fill=255)
    mask = mask.resize((width, height), Image.Resampling.LANCZOS)
    for at, image in enumerate(images):
        strip.paste(image.resize((width, height), Image.Resampling.LANCZOS), (gap + at * (width + gap), gap), mask)
    return few_colours(strip, 64, 12)


def few_colours(image: Image.Image, number: int, apart: int) -> Image.Image:
    """Keep the commonest colours that are well `apart`: type on paper needs few, and the file is small."""
    counted: list[Any] = image.getcolors(image.width * image.height) or []
    common: list[tuple[int, int, int]] = []
    for _, colour in sorted(counted, reverse=True):
        if all(sum(abs(a - b) for a, b in zip(colour, other, strict=True)) >= apart for other in common):
            common.append(colour)
        if len(common) == number:
            break
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in common for part in colour])
    return image.quantize(palette=palette, dither=Image.Dither.NONE)


if __name__ == "__main__":
    if "--docs" in sys.argv:
        docs(ROOT / "docs" / "images")
    else:
        look(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".look" / "sheet.png")
