"""The page on paper, as poppler reads it: one card on each page, cards to cut out, strips to fold."""

import base64
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from page.conftest import ROOT, Browsers, Reader, missing

PAPERS: Final = {"A4": (8.27, 11.69), "Letter": (8.5, 11)}
LESSON: Final = yaml.load((ROOT / "cards.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
QUESTIONS: Final = [card["question"] for card in LESSON["flashcards"]]


def _poppler(program: str, *arguments: str) -> str:
    if shutil.which(program) is None:
        missing(f"{program} is not installed (Debian: poppler-utils)")
    return subprocess.run([program, *arguments], capture_output=True, check=True, text=True).stdout


def _pages(pdf: Path) -> list[str]:
    """Return the text of each page of a PDF, in one line."""
    text = _poppler("pdftotext", "-layout", str(pdf), "-")
    # A ligature is two letters.
    return [" ".join(page.replace("ﬀ", "ff").replace("ﬁ", "fi").split()) for page in text.split("\f")[:-1]]


def _print(reader: Reader, pdf: Path, paper: str = "A4") -> list[str]:
    width, height = PAPERS[paper]
    options = {"paperWidth": width, "paperHeight": height, "printBackground": False}
    printed: Any = reader.driver.execute_cdp_cmd("Page.printToPDF", options)  # type: ignore[attr-defined]
    pdf.write_bytes(base64.b64decode(printed["data"]))
    return _pages(pdf)


def _one_card_each(pages: list[str]) -> bool:
    """Return True if the pages are the ten cards in source order, question above answer, and nothing else."""
    answers = [re.sub(r"\$.*?\$", "", card["answer"]).split()[:2] for card in LESSON["flashcards"]]
    return len(pages) == len(QUESTIONS) and all(
        page.startswith(question) and page[len(question) :].split()[:2] == answer
        for page, question, answer in zip(pages, QUESTIONS, answers, strict=True)
    )


@pytest.mark.parametrize("paper", PAPERS)
def test_ten_cards_are_ten_pages(chromium_reader: Reader, tmp_path: Path, paper: str) -> None:
    """By the browser's own command, from the dark theme, with a card turned."""
    chromium_reader.emulate(prefers_color_scheme="dark")
    chromium_reader.open()
    chromium_reader.click(".card.now .question")
    pages = _print(chromium_reader, tmp_path / "cards.pdf", paper)
    assert _one_card_each(pages), pages
    # Afterwards the page is as it was.
    assert chromium_reader.run(
        "return [document.querySelectorAll('.turn[open]').length, document.body.dataset.print]"
    ) == [1, None]


def test_the_paper_is_white_and_the_print_black(chromium_reader: Reader, tmp_path: Path) -> None:
    """Whatever the theme: the darkest and the brightest of a printed page are black and white, and there is no colour."""
    chromium_reader.emulate(prefers_color_scheme="dark")
    chromium_reader.open()
    _print(chromium_reader, tmp_path / "cards.pdf")
    _poppler("pdftoppm", "-r", "40", "-l", "1", str(tmp_path / "cards.pdf"), str(tmp_path / "page"))
    (picture,) = tmp_path.glob("page*.ppm")
    data = picture.read_bytes().split(b"\n", 3)[3]
    points = {data[start : start + 3] for start in range(0, len(data), 3)}
    assert {b"\x00\x00\x00", b"\xff\xff\xff"} <= points
    assert all(max(point) - min(point) < 3 for point in points)
    assert data.count(b"\xff") > 0.9 * len(data)


def test_without_a_script_all_is_open_on_paper_too(chromium_reader: Reader, tmp_path: Path) -> None:
    """Nothing but the browser prints the ten cards; on the screen each answer opens."""
    chromium_reader.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})  # type: ignore[attr-defined]
    chromium_reader.open(anew=False)
    assert _one_card_each(_print(chromium_reader, tmp_path / "cards.pdf"))
    summary = chromium_reader.driver.find_elements("css selector", ".card summary")[9]
    summary.click()
    answer = chromium_reader.driver.find_elements("css selector", ".card .answer")[9]
    assert "The paradigm fixes the sampling procedure" in answer.text
    assert not chromium_reader.driver.find_element("css selector", "[data-do=print]").is_displayed()


def test_the_button_prints_in_the_layout_chosen(chromium_reader: Reader, tmp_path: Path) -> None:
    """Cards to cut out: eight a sheet, fronts and backs; a sheet turned on its long edge has each answer behind its question."""
    reader = chromium_reader
    reader.open()
    reader.run("window.print = () => { window.printed = (window.printed || 0) + 1; }")
    reader.run("document.querySelector('[data-do=layout]').value = 'cut'")
    reader.click("[data-do=print]")
    assert reader.run("return window.printed") == 1
    cells = reader.run("""return [...document.querySelectorAll(".sheet")].map((sheet) =>
        [...sheet.querySelectorAll(".cell")].map((cell) => cell.textContent.trim().slice(0, 12)))""")
    fronts, backs, more_fronts, more_backs = cells
    assert [len(side) for side in cells] == [8, 8, 8, 8]
    assert fronts[:2] == [QUESTIONS[0][:12], QUESTIONS[1][:12]]
    assert backs[:2] == [LESSON["flashcards"][place]["answer"][:12] for place in (1, 0)]
    assert more_fronts[2:] == more_backs[2:] == [""] * 6
    sizes = reader.run(
        "return [...new Set([...document.querySelectorAll('.cell')].map((cell) => cell.offsetWidth + ' x ' + cell.offsetHeight))]"
    )
    assert sizes == ["321 x 208"]  # 85 x 55 mm
    for paper in PAPERS:
        pages = _print(reader, tmp_path / "cut.pdf", paper)
        assert len(pages) == 4
        assert all("flip on the long edge" in page for page in pages)
    reader.run("dispatchEvent(new Event('afterprint'))")


def test_strips_have_question_and_answer_side_by_side(chromium_reader: Reader, tmp_path: Path) -> None:
    """Four a sheet, on one side of the paper."""
    chromium_reader.open()
    chromium_reader.run("document.querySelector('[data-do=layout]').value = 'fold'")
    pages = _print(chromium_reader, tmp_path / "fold.pdf", "Letter")
    assert len(pages) == 3
    assert "fold in the middle" in pages[0]
    assert "What is a hybrid" in pages[2]
    assert "A combination of two paradigms" in pages[2]


def test_questions_print_with_their_answers(chromium_reader: Reader, tmp_path: Path) -> None:
    """As a layout of a lesson with cards."""
    chromium_reader.open()
    chromium_reader.run("document.querySelector('[data-do=layout]').value = 'questions'")
    text = " ".join(_print(chromium_reader, tmp_path / "questions.pdf"))
    assert "What is a hybrid, and how do you place one on the map? A hybrid combines two paradigms" in text
    assert "WaveNet-family audio generators work this way." in text
    assert "Ten cards" not in text


def test_a_card_that_cannot_fit_is_known_when_the_page_is_built(chromium_reader: Reader, tmp_path: Path) -> None:
    """What the build says of a text, without a browser, is what the browser finds: its letters would be too small."""
    from click.testing import CliRunner

    from gen2anki.cli import main

    words = "Sampling speed is a property of the paradigm, not of the architecture, so the trade-off is inherited. "
    lengths = {length: words * length for length in (2, 6, 9, 17, 24)}
    cards = "".join(
        f"  - {{id: n{length}, question: Q{length}?, answer: '{text}'}}\n" for length, text in lengths.items()
    )
    (tmp_path / "long.yaml").write_text(f"deck: {{id: long, name: Long}}\nflashcards:\n{cards}", encoding="utf-8")
    result = CliRunner().invoke(main, ["page", str(tmp_path / "long.yaml"), "-o", str(tmp_path / "long.html")])
    told = {int(line.split(":")[1]) - 2 for line in result.stderr.splitlines() if "[card-too-long]" in line}
    told_lengths = {list(lengths)[place - 1] for place in told}
    reader = chromium_reader
    reader.driver.get((tmp_path / "long.html").as_uri())
    reader.run("document.querySelector('[data-do=layout]').value = 'cut'; dispatchEvent(new Event('beforeprint'))")
    points = reader.run("""return Object.fromEntries([...document.querySelectorAll(".sheet:nth-child(2) .cell")].filter((cell) => cell.textContent)
        .map((cell) => [cell.textContent.trim().length, parseFloat(cell.style.fontSize)]))""")
    small = {length for length, text in lengths.items() if points[str(len(text.strip()))] < 6}
    assert told_lengths == small == {17, 24}


@pytest.mark.parametrize(("paper", "scripts"), [("iso_a4", "on"), ("na_letter", "off")])
def test_webkit_prints_ten_pages_too(browsers: Browsers, site: Path, tmp_path: Path, paper: str, scripts: str) -> None:
    """Through GTK's own printing, with and without scripts."""
    environment = os.environ | {"DISPLAY": browsers.shown_on(), "GDK_BACKEND": "x11", "LIBGL_ALWAYS_SOFTWARE": "1"}
    environment |= {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "NO_AT_BRIDGE": "1"}
    pdf = tmp_path / "cards.pdf"
    script = Path(__file__).with_name("webkit_print.py")
    python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
    page = site / "what-is-generative.html"
    printed = subprocess.run(
        [python, str(script), str(page), str(pdf), paper, scripts],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named 'gi'" in printed.stderr:
        missing("WebKitGTK is not installed (Debian: python3-gi gir1.2-webkit2-4.1 gir1.2-gtk-3.0)")
    assert printed.returncode == 0, printed.stderr
    assert _one_card_each(_pages(pdf))
