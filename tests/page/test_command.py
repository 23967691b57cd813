"""`gen2anki page`: which files it writes, what it says, and that the same source gives the same bytes."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from author import Author
from page.conftest import ROOT

LESSON: Final = (
    "deck: {id: %s, name: 'Course::%s'}\nflashcards:\n  - {id: a, question: What is $x$?, answer: A letter}\n"
)


@pytest.fixture
def writer(author: Author) -> Author:
    """Return an author with two lessons and the shipped one."""
    for name in ("one", "two"):
        (author.folder / f"{name}.yaml").write_text(LESSON % (name, name.title()), encoding="utf-8")
    for name in ("cards.yaml", "cards.lock"):
        shutil.copy(ROOT / name, author.folder)
    author.now = max(entry["mod"] for entry in author.ledger_lines().values())  # no earlier than the shipped ledger
    return author


def _page(author: Author, name: str) -> str:
    return (author.folder / name).read_text(encoding="utf-8")


def test_one_lesson_makes_one_file_and_leaves_the_ledger_alone(writer: Author) -> None:
    """Named by the deck's id, here; with its sections, questions and cards."""
    before = writer.ledger.read_bytes()
    result = writer.run("page")
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.fullmatch(r"what-is-generative\.html: 14 questions, 10 flashcards, \d+ kB\n", result.stdout)
    assert sorted(file.name for file in writer.folder.iterdir()) == [
        "cards.lock", "cards.yaml", "one.yaml", "two.yaml", "what-is-generative.html",
    ]  # fmt: skip
    assert writer.ledger.read_bytes() == before
    text = _page(writer, "what-is-generative.html")
    assert '<html lang="en" dir="ltr">' in text
    assert text.count('<li class="item"') == 14
    assert text.count('<article class="card"') == 10
    assert len(text.encode()) < 200_000


def test_several_lessons_make_a_folder_with_an_index_in_the_order_given(writer: Author) -> None:
    """All links are relative, from the index to the pages and back."""
    result = writer.run("page", "two.yaml", "one.yaml", "-o", "site/")
    assert result.exit_code == 0, result.output
    assert sorted(file.name for file in (writer.folder / "site").iterdir()) == ["index.html", "one.html", "two.html"]
    index = _page(writer, "site/index.html")
    assert re.findall(r'<a href="([^"#]*)"', index) == ["two.html", "one.html"]
    assert '<a href="index.html">' in _page(writer, "site/one.html")
    assert '<a href="index.html">' not in (writer.run("page", "one.yaml"), _page(writer, "one.html"))[1]


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ((), "one.apkg"),
        (("--deck", "https://example.org/decks/"), "https://example.org/decks/one.apkg"),
        (("--deck", "../course.apkg"), "../course.apkg"),
    ],
)
def test_the_page_says_where_the_deck_is(writer: Author, given: tuple[str, ...], address: str) -> None:
    """Beside it, under its own name, or at an address; one that ends in a slash gets the name."""
    assert writer.run("page", "one.yaml", *given).exit_code == 0
    assert f'href="{address}">Get the deck</a>' in _page(writer, "one.html")


@pytest.mark.parametrize(
    "arguments",
    [
        ("one.yaml", "--deck", "javascript:alert(1)"),
        ("one.yaml", "--deck", "//example.org/x"),
        ("one.yaml", "two.yaml", "-o", "page.html"),
    ],
)
def test_wrong_usage_is_told(writer: Author, arguments: tuple[str, ...]) -> None:
    """With exit code 2, and nothing is written."""
    before = sorted(writer.folder.iterdir())
    assert writer.run("page", *arguments).exit_code == 2
    assert sorted(writer.folder.iterdir()) == before


def test_problems_of_all_lessons_are_told_and_nothing_is_written(writer: Author) -> None:
    """As by check, with exit code 1; two lessons of one id are a problem, too."""
    (writer.folder / "bad.yaml").write_text("deck: {id: bad}\n", encoding="utf-8")
    result = writer.run("page", "bad.yaml", "one.yaml", "missing.yaml", "-o", "site")
    assert result.exit_code == 1
    assert {"[missing-key]", "[cannot-read]"} <= set(re.findall(r"\[[a-z-]+\]", result.stderr))
    assert not (writer.folder / "site").exists()
    shutil.copy(writer.folder / "one.yaml", writer.folder / "again.yaml")
    result = writer.run("page", "one.yaml", "again.yaml")
    assert (result.exit_code, result.stderr) == (
        1,
        "again.yaml: error: one.yaml has the deck id 'one' too, and each lesson needs a page of its own [duplicate-id]\n",
    )


def test_json_lists_the_pages(writer: Author) -> None:
    """One object, with the pages in the order given."""
    data = writer.json("page", "two.yaml", "one.yaml")
    assert [page["page"] for page in data.pop("pages")] == ["site/two.html", "site/one.html"]
    assert data == {"command": "page", "ok": True, "source": "two.yaml", "index": "site/index.html", "problems": []}


def test_an_old_page_stays_whole_where_the_new_one_cannot_be_written(writer: Author) -> None:
    """All files are replaced, or none."""
    writer.run("page", "one.yaml", "two.yaml")
    before = {file.name: file.read_bytes() for file in (writer.folder / "site").iterdir()}
    (writer.folder / "site" / "index.html").unlink()
    (writer.folder / "site" / "index.html").mkdir()
    writer.source.write_text("", encoding="utf-8")
    (writer.folder / "one.yaml").write_text(LESSON % ("one", "Changed"), encoding="utf-8")
    result = writer.run("page", "one.yaml", "two.yaml")
    assert (result.exit_code, "[cannot-write]" in result.stderr) == (1, True)
    after = {file.name: file.read_bytes() for file in (writer.folder / "site").iterdir() if file.is_file()}
    assert after == {name: content for name, content in before.items() if name != "index.html"}


def test_the_policy_allows_the_page_its_own_parts_only(site: Path) -> None:
    """Each script and the stylesheet by its hash, data in the page, nothing else; and no element has a style of its own."""
    for name in ("what-is-generative", "kinds", "odd", "index"):
        text = (site / f"{name}.html").read_text(encoding="utf-8")
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
        assert policy
        directives = dict(part.strip().split(" ", 1) for part in policy[1].replace("&#39;", "'").split(";"))
        own = {
            kind: {f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'" for part in parts}
            for kind, parts in {
                "script-src": re.findall(r"<script>(.*?)</script>", text, re.DOTALL),
                "style-src": re.findall(r"<style>(.*?)</style>", text, re.DOTALL),
            }.items()
        }
        if name == "odd":  # the lesson's own script, which must not run
            own["script-src"] = {hash for hash in own["script-src"] if hash in directives["script-src"]}
            assert "document.title = &#34;stolen" not in directives["script-src"]
        assert set(directives.pop("script-src").split()) == (own["script-src"] or {"'none'"})
        assert set(directives.pop("style-src").split()) == own["style-src"]
        assert directives == {
            "default-src": "'none'", "img-src": "data:", "media-src": "data:", "font-src": "data:", "base-uri": "'none'",
            "form-action": "'none'",
        }  # fmt: skip
        assert not re.search(r"<[a-z][^<>]*\sstyle=", re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.DOTALL))


def test_html_is_shown_as_typed_unless_the_lesson_wants_it(author: Author) -> None:
    """In every text of a lesson."""
    shown = "<b>x</b><script>alert(1)</script>"
    author.write(
        f"deck: {{id: safe, name: '{shown}', description: '{shown}'}}\npractice:\n"
        f"  - id: s\n    title: '{shown}'\n    intro: '{shown}'\n    prompt: '{shown}'\n    choices: ['{shown}', b]\n"
        f"    questions:\n      - {{id: a, question: '{shown}', answer: '{shown}', why: '{shown}', hint: '{shown}', source: '{shown}'}}\n"
    )
    assert author.run("page").exit_code == 0
    text = _page(author, "safe.html")
    assert "<b>" not in text
    assert "<script>alert" not in text
    assert text.count("&lt;b&gt;x&lt;/b&gt;") >= 10


@pytest.mark.usefixtures("writer")
def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    """In another process, with another hash seed, on another day."""
    made = []
    for seed, day in (("0", "1760000000"), ("4711", "1761000000")):
        target = tmp_path / f"{seed}.html"
        environment = os.environ | {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": day}
        command = [sys.executable, "-m", "gen2anki", "page", "-o", str(target)]
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
        made.append(target.read_bytes())
    assert made[0] == made[1]


@pytest.mark.usefixtures("writer")
def test_other_commands_do_not_load_what_only_a_page_needs() -> None:
    """Templates and formulas take longer to import than a check takes."""
    code = (
        "import sys\nfrom gen2anki.__main__ import run\nimport atexit\n"
        "atexit.register(lambda: print(sorted({'jinja2', 'gen2anki.page'} & set(sys.modules)), file=sys.stderr))\n"
        "sys.argv = ['gen2anki', 'build']\nrun()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60, text=True)
    assert run.stderr.strip() == "[]"
