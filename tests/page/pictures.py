"""Take the manual's pictures of the page: three phones, light and dark, in docs/images; needs Pillow and a serif to look at."""

import io
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from click.testing import CliRunner
from PIL import Image, ImageDraw
from selenium.webdriver import Chrome

from cards.browsers import chromium
from gen2anki.cli import main

ROOT: Final = Path(__file__).parents[2]
WIDTH, HEIGHT, GAP = 410, 845, 24
# Behind the phones: the page of a site that shows them, in its own light or dark.
GROUNDS: Final = {"light": "#eceae4", "dark": "#000000"}
ANSWERED: Final = """
    const section = document.querySelector("#practice-place-the-system");
    section.querySelectorAll(".item").forEach((item, at) => item.querySelectorAll(".choice")[at === 3 ? 1 : at].click());
    section.querySelector(".all").open = true;
    document.querySelector(".practice .turn").open = true;
    for (let card = 0; card < 6; card += 1) document.querySelector("[data-do=next]").click();
    document.querySelector(".card.now .turn").open = true;
    document.activeElement.blur();"""
PARTS: Final = (("#practice-short-questions", 40), ("[data-key=place-iterative-denoiser]", 24), ("#flashcards", 40))


def _phone(driver: Chrome, selector: str, above: int) -> Image.Image:
    """Return what a phone shows, from a little above an element on."""
    driver.execute_script(
        "scrollTo(0, document.querySelector(arguments[0]).getBoundingClientRect().top + scrollY - arguments[1])",
        selector,
        above,
    )
    time.sleep(0.2)
    return Image.open(io.BytesIO(driver.get_screenshot_as_png())).convert("RGB")


def _picture(page: Path, theme: str) -> Image.Image:
    """Return three phones side by side."""
    with chromium(WIDTH, HEIGHT) as driver:
        metrics = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": True}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": theme}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        driver.get(page.as_uri())
        driver.execute_script(ANSWERED)
        phones = [_phone(driver, *part) for part in PARTS]
    sheet = Image.new("RGB", (len(phones) * (WIDTH + GAP) + GAP, HEIGHT + 2 * GAP), GROUNDS[theme])
    corners = Image.new("L", (4 * WIDTH, 4 * HEIGHT), 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, 4 * WIDTH - 1, 4 * HEIGHT - 1), 96, fill=255)
    for place, phone in enumerate(phones):
        sheet.paste(phone, (GAP + place * (WIDTH + GAP), GAP), corners.resize((WIDTH, HEIGHT)))
    return sheet.quantize(128)


def take() -> None:
    """Write the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        result = CliRunner().invoke(main, ["page", str(ROOT / "cards.yaml"), "-o", str(page)])
        if result.exit_code:
            sys.exit(result.output)
        for theme in GROUNDS:
            _picture(page, theme).save(ROOT / "docs" / "images" / f"page-{theme}.png", optimize=True)


if __name__ == "__main__":
    take()
