"""Take the manual's pictures of the preview, light and dark, in docs/images; needs Pillow and a serif to look at."""

import io
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from PIL import Image
from selenium.webdriver import Chrome

from cards.browsers import chromium

ROOT: Final = Path(__file__).parents[2]
WIDTH, HEIGHT = 1360, 860
# What the author edits while the preview looks on.
EDITS: Final = (
    ("Exact: autoregressive (and normalizing flows).", "Exact: autoregressive models and normalizing flows."),
    ("A model generates audio one waveform sample at a time", "A model generates sound one waveform sample at a time"),
)
SHOWN: Final = """
    return document.querySelectorAll("ins").length > 0
        && [...document.querySelectorAll(".screen")].every((screen) => screen.dataset.shown)"""


def _picture(driver: Chrome, source: Path, address: str, theme: str) -> Image.Image:
    metrics = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": theme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    driver.get(f"{address}#note=exact-likelihood-or-none{'&dark=1' if theme == 'dark' else ''}")
    time.sleep(2)
    text = source.read_text(encoding="utf-8")
    for old, new in reversed(EDITS):
        text = text.replace(old, new)
        source.write_text(text, encoding="utf-8")
        time.sleep(1)
    if not driver.execute_script(SHOWN):
        sys.exit("the preview did not show the edit")
    driver.execute_script("document.activeElement.blur()")
    return Image.open(io.BytesIO(driver.get_screenshot_as_png())).convert("RGB").quantize(256)


def _take(driver: Chrome, theme: str) -> None:
    """Write the picture in a theme."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("cards.yaml", "cards.lock"):
            shutil.copy(ROOT / name, folder)
        command = [sys.executable, "-m", "gen2anki", "preview", "--no-open"]
        with subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE) as process:
            assert process.stdout
            try:
                picture = _picture(driver, Path(folder, "cards.yaml"), process.stdout.readline().split()[-1], theme)
            finally:
                process.terminate()
    picture.save(ROOT / "docs" / "images" / f"preview-{theme}.png", optimize=True)


def take() -> None:
    """Write the pictures."""
    with chromium(WIDTH, HEIGHT) as driver:
        for theme in ("light", "dark"):
            _take(driver, theme)


if __name__ == "__main__":
    take()
