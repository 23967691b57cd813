"""`gen2anki preview` as a process: what it prints, how it ends, and what it makes of a wrong port, source or editor."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from author import Author
from gen2anki.cli import main
from gen2anki.preview import editor
from gen2anki.preview.files import folders, has_changed, stamps
from lesson import settle_in
from page.conftest import Browsers
from preview.conftest import Desk, session


@pytest.fixture(autouse=True)
def _lesson(author: Author) -> None:
    settle_in(author.folder)


@contextmanager
def _running(*arguments: str, opens: bool = False, **environment: str) -> "Iterator[tuple[subprocess.Popen[str], str]]":
    """Run the preview in the current folder; yield it and the first line that it prints."""
    command = [sys.executable, "-m", "gen2anki", "preview", *([] if opens else ["--no-open"]), *arguments]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # A shell that starts the tests in the background has them ignore Ctrl-C.
    pipes["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, text=True, env=os.environ | environment, **pipes) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


def _news(address: str) -> dict[str, Any]:
    """Return the first news that the page at an address gets."""
    with urllib.request.urlopen(f"{address}events", timeout=10) as answer:  # noqa: S310 (an address of ours)
        return json.loads(answer.readline().removeprefix(b"data: "))  # type: ignore[no-any-return]


def test_it_prints_the_address_and_writes_nothing(author: Author) -> None:
    """The lesson is there under it; its folder is as before."""
    before = sorted(author.folder.rglob("*"))
    with _running() as (_, line):
        assert line.startswith("cards.yaml is shown at http://127.0.0.1:")
        news = _news(line.split()[-1])
    assert [row["id"] for row in news["rows"]][:3] == ["largest", "saltiest", "depth"]
    assert news["name"] == "Geography::Seas"
    assert sorted(author.folder.rglob("*")) == before


def test_it_opens_the_browser(author: Author) -> None:
    """The author's own, at the address that is printed; a browser that takes its time holds nothing up."""
    browser, asked = author.folder / "browser", author.folder / "asked"
    browser.write_text(f'#!/bin/sh\necho "$1" > {asked}.new; mv {asked}.new {asked}; sleep 5\n', encoding="utf-8")
    browser.chmod(0o755)
    with _running(opens=True, BROWSER=f"{browser} %s") as (process, line):
        end = time.monotonic() + 20
        while not asked.exists() and time.monotonic() < end:
            time.sleep(0.02)
        assert asked.read_text(encoding="utf-8") == f"{line.split()[-1]}\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_ctrl_c_ends_it_at_once(number: signal.Signals, code: int) -> None:
    """Without a traceback, though a page still listens. To end it so is no fault."""
    with _running() as (process, line):
        page = urllib.request.urlopen(f"{line.split()[-1]}events", timeout=10)  # noqa: S310 (an address of ours)
        page.readline()
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
        page.close()
    assert (process.returncode, errors) == (code, "")


def test_json_is_one_object_with_the_address() -> None:
    """For a program that opens the page itself."""
    with _running("--json") as (process, line):
        found = json.loads(line)
        assert _news(found["address"])["source"] == "cards.yaml"
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=10)
    assert (found["command"], found["ok"], found["problems"], rest) == ("preview", True, [], "")


def test_a_port_that_is_taken_is_wrong_usage(author: Author) -> None:
    """The message names it; a free one is served."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = author.run("preview", "--no-open", "--port", str(port))
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"port {port} can't be served: Address already in use" in result.stderr
    with _running("--port", str(port)) as (_, line):
        assert f"http://127.0.0.1:{port}/" in line


def test_a_missing_source_is_one_line(author: Author) -> None:
    """A slip in its name shows no page."""
    result = author.run("preview", "--no-open", "missing.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "missing.yaml: error: is not there: did you mean 'cards.yaml'? [cannot-read]\n"


def test_a_lesson_with_errors_is_shown_with_them(author: Author) -> None:
    """It is mended while the page looks on."""
    author.replace("answer: About 11 km", "anwser: About 11 km")
    with _running() as (_, line):
        news = _news(line.split()[-1])
    assert (news["rows"], news["behind"]) == ([], True)
    assert news["problems"][0]["text"].startswith("unknown key 'anwser'")


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("code", "must begin with a scheme"),
        ("vscode://file", "must have {file} in it"),
        ("javascript:alert('{file}')", "would run in the page"),
        ("data:text/html,{file}", "would run in the page"),
        (" javascript:{file}", "must begin with a scheme"),
    ],
)
def test_an_editors_address_must_be_one(author: Author, pattern: str, fault: str) -> None:
    """From the option or from the environment."""
    result = author.run("preview", "--no-open", "--editor", pattern)
    assert (result.exit_code, result.stdout) == (2, "")
    assert fault in result.stderr
    result = CliRunner().invoke(main, ["preview", "--no-open"], env={"EDITOR_URL": pattern})
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        (editor.DEFAULT, "vscode://file/a%20b/c%23.yaml:3:5"),
        ("vscode://file/{file}:{line}", "vscode://file/a%20b/c%23.yaml:3"),
        ("idea://open?file={file}&line={line}&column={column}", "idea://open?file=/a%20b/c%23.yaml&line=3&column=5"),
    ],
)
def test_the_address_of_a_place(pattern: str, address: str) -> None:
    """Whatever stands in the file's name, and with one slash before it."""
    assert editor.pattern_fault(pattern) == ""
    assert editor.address(pattern, "/a b/c#.yaml", 3, 5) == address


def test_a_picture_that_comes_later_is_seen(author: Author) -> None:
    """While it is missing, the folders are watched; then the picture itself."""
    picture = author.folder / "media" / "map.png"
    content = picture.read_bytes()
    picture.unlink()
    shown = session("cards.yaml")
    assert shown.state.is_behind
    before = stamps(shown.watched())
    picture.write_bytes(content)
    assert has_changed(before, stamps(shown.watched()))
    shown.refresh()
    assert not shown.state.is_behind
    before = stamps(shown.watched())
    picture.write_bytes(content + b"!")
    assert has_changed(before, stamps(shown.watched()))


def test_hidden_folders_are_not_watched(tmp_path: Path) -> None:
    """Nor more than a lesson has."""
    for name in (".git/objects", "media/more", *(f"many/{number}" for number in range(300))):
        (tmp_path / name).mkdir(parents=True)
    found = folders(str(tmp_path))
    assert not [name for name in found if ".git" in name]
    assert len(found) == 200


@pytest.mark.parametrize("browser", ["chromium", "webkit"])
def test_a_preview_that_ended_says_so(browsers: Browsers, browser: str) -> None:
    """The cards stay; the page says that nothing follows."""

    class Ended:
        def __init__(self, address: str) -> None:
            self.address = address

    with _running() as (process, line):
        desk = Desk(browsers[browser], Ended(line.split()[-1]))  # type: ignore[arg-type]
        desk.open("note=largest")
        desk.waits_for("Which sea is the largest?")
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)
        desk.wait(lambda: "has ended" in desk.text("#status"))
        assert "Which sea is the largest?" in desk.card()
