"""How a page looks: no text is lost at any width, size or theme, and axe-core finds nothing."""

import site as python_site
from pathlib import Path
from typing import Any

import pytest

from page.conftest import Reader, missing

# What reaches out of the screen, and stands in nothing that scrolls.
WIDE = """
    const width = document.documentElement.clientWidth;
    const found = document.documentElement.scrollWidth > width ? [`page: ${document.documentElement.scrollWidth}`] : [];
    document.querySelectorAll("details").forEach((details) => { details.open = true; });
    document.querySelectorAll(".card").forEach((card) => card.classList.add("now"));
    for (const element of document.querySelectorAll("main *, header *")) {
      const box = element.getBoundingClientRect();
      if (!box.width || (box.right <= width + 1 && box.left >= -1)) continue;
      let scroller = element.parentElement;
      while (scroller && !/auto|scroll/.test(getComputedStyle(scroller).overflowX)) scroller = scroller.parentElement;
      if (!scroller) found.push(`${element.tagName}.${element.className}: ${element.textContent.slice(0, 30)}`);
    }
    return found"""
# All that opens is open, all choices have an answer.
OPENED = """
    document.querySelectorAll("details").forEach((details) => { details.open = true; });
    document.querySelectorAll(".choice:first-child").forEach((choice) => choice.click());"""
PAGES = ("what-is-generative", "kinds", "odd", "index")


def _size(reader: Reader, width: int) -> None:
    metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def axe() -> str:
    """Return axe-core, which a package of PyPI carries."""
    for folder in python_site.getsitepackages():
        file = Path(folder, "axe_playwright_python", "axe.min.js")
        if file.is_file():
            return file.read_text(encoding="utf-8")
    missing("axe-core is not installed (pip install --no-deps axe-playwright-python)")
    raise AssertionError


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(chromium_reader: Reader, axe: str, theme: str) -> None:
    """Neither at first nor with all opened and answered, on any page."""
    reader = chromium_reader
    reader.emulate(prefers_color_scheme=theme)
    _size(reader, 900)
    found: list[Any] = []
    for name in PAGES:
        reader.open(name)
        reader.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": axe})  # type: ignore[attr-defined]
        for step in ("", OPENED):
            reader.run(step)
            report = reader.driver.execute_async_script("""
                const done = arguments[arguments.length - 1];
                requestAnimationFrame(() => axe.run(document, { resultTypes: ["violations"] }).then((report) => done(
                  report.violations.map((one) => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200), one.nodes[0].failureSummary]))));""")
            found += [(name, bool(step), *violation) for violation in report]
    assert found == [], "\n".join(map(str, found))


@pytest.mark.parametrize("width", [320, 390, 1400])
def test_nothing_is_wider_than_the_screen(chromium_reader: Reader, width: int) -> None:
    """Formulas, tables and code scroll in themselves; words break."""
    _size(chromium_reader, width)
    for name in PAGES:
        chromium_reader.open(name, anew=False)
        assert chromium_reader.run(WIDE) == [], name


def test_text_of_twice_the_size_fits_a_phone(chromium_reader: Reader) -> None:
    """All sizes follow the reader's."""
    _size(chromium_reader, 390)
    for name in PAGES:
        chromium_reader.open(name, anew=False)
        before = chromium_reader.run("return document.querySelector('h1').getBoundingClientRect().height")
        chromium_reader.run("document.documentElement.style.fontSize = '200%'")
        assert chromium_reader.run("return document.querySelector('h1').getBoundingClientRect().height") > before
        assert chromium_reader.run(WIDE) == [], name


def test_webkit_cuts_nothing(reader: Reader) -> None:
    """Nothing reaches out of the window there either."""
    for name in PAGES:
        reader.open(name, anew=False)
        assert reader.run(WIDE) == [], name


def test_a_reader_who_wants_less_motion_gets_none(chromium_reader: Reader) -> None:
    """Nothing moves by itself, and no jump is a glide."""
    chromium_reader.emulate(prefers_reduced_motion="reduce")
    chromium_reader.open(anew=False)
    script = """return [...document.querySelectorAll("*")].filter((element) => {
      const style = getComputedStyle(element);
      return parseFloat(style.transitionDuration) || parseFloat(style.animationDuration) || style.scrollBehavior === "smooth";
    }).length"""
    assert chromium_reader.run(script) == 0


def test_the_formulas_have_a_font_that_stretches(reader: Reader) -> None:
    """A bracket around a fraction is as high as it, for which the font in the page is needed."""
    reader.open("kinds", anew=False)
    script = """
        const box = document.createElement("div");
        document.body.append(box);
        const high = (inside) => {
          box.innerHTML = `<math display="block"><mrow><mo>(</mo>${inside}<mo>)</mo></mrow></math>`;
          return box.querySelector("mo").getBoundingClientRect().height;
        };
        return document.fonts.ready.then(() => high("<mfrac><mfrac><mi>a</mi><mi>b</mi></mfrac><mi>c</mi></mfrac>") / high("<mi>a</mi>"))"""
    reader.driver.set_script_timeout(20)
    ratio = reader.driver.execute_async_script(
        f"const done = arguments[arguments.length - 1]; (async () => {{ {script} }})().then(done)"
    )
    assert ratio > 1.8
    assert reader.run("return document.fonts.check('16px \"math core\"')")
