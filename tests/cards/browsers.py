"""The browsers that stand in for the phones: Chromium for AnkiDroid, WebKitGTK for AnkiMobile."""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions, ChromeService, WebKitGTK, WebKitGTKOptions
from selenium.webdriver.webkitgtk.service import Service as WebKitService

# Seconds one script may take in the page: it shows every card.
PATIENCE = 90


class NoBrowserError(Exception):
    """A browser is missing; the text says which package brings it."""


def _need(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise NoBrowserError(f"{program} is not installed (Debian: {package})")
    return found


@contextmanager
def chromium(width: int, height: int) -> Iterator[Chrome]:
    """Run a headless Chromium whose pages are `width` x `height` CSS pixels."""
    options = ChromeOptions()
    options.binary_location = _need("chromium", "chromium")
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=ChromeService(_need("chromedriver", "chromium-driver")))
    try:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        driver.set_script_timeout(PATIENCE)
        yield driver
    finally:
        driver.quit()


@contextmanager
def display() -> Iterator[str]:
    """Run an X server that shows nothing; yield its name."""
    read, write = os.pipe()
    command = [_need("Xvfb", "xvfb"), "-displayfd", str(write), "-screen", "0", "1400x1400x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def webkit(width: int, height: int, screen: str) -> Iterator[WebKitGTK]:
    """Run a WebKitGTK window whose page is `width` x `height` CSS pixels on the X server `screen`."""
    driver_path = _need("WebKitWebDriver", "webkit2gtk-driver")
    python = _need("/usr/bin/python3", "python3-gi gir1.2-webkit2-4.1 gir1.2-gtk-3.0")
    probe = "import gi; gi.require_version('WebKit2', '4.1'); from gi.repository import WebKit2"
    if subprocess.run([python, "-c", probe], capture_output=True, check=False).returncode:
        raise NoBrowserError("WebKitGTK is not installed (Debian: python3-gi gir1.2-webkit2-4.1 gir1.2-gtk-3.0)")
    environment = os.environ | {"DISPLAY": screen, "CARDS_WINDOW": f"{width}x{height}", "GDK_BACKEND": "x11"}
    environment |= {"LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_FORCE_SANDBOX": "0", "NO_AT_BRIDGE": "1"}
    with tempfile.TemporaryDirectory() as folder:
        # WebKitWebDriver starts one program; ours needs the system's interpreter before it.
        program = Path(folder, "window")
        program.write_text(f'#!/bin/sh\nexec {python} {Path(__file__).with_name("webkit_window.py")} "$@"\n')
        program.chmod(0o755)
        options = WebKitGTKOptions()
        options.binary_location = str(program)
        options.add_argument("--automation")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # selenium's own, about itself
            driver = WebKitGTK(options=options, service=WebKitService(driver_path, env=environment))
        try:
            driver.set_script_timeout(PATIENCE)
            yield driver
        finally:
            driver.quit()
