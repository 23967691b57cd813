"""The commands of the manual, run as they stand in it: from one lesson to a course, and from git to a release."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from author import Author
from learner import Learner

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture
def shell(author: Author, monkeypatch: pytest.MonkeyPatch) -> Author:
    """Return an author at a shell that finds gen2anki, with a git of their own."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    for name, value in {"NAME": "Jane Doe", "EMAIL": "jane@example.org"}.items():
        monkeypatch.setenv(f"GIT_AUTHOR_{name}", value)
        monkeypatch.setenv(f"GIT_COMMITTER_{name}", value)
    return author


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a page in one language."""
    return re.findall(
        rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def run(commands: str) -> str:
    """Run commands as a shell does, each of which must succeed; return what they print."""
    shell = ["bash", "-e", "-c", commands]
    done = subprocess.run(shell, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_course_is_made_as_the_manual_says(shell: Author, learner: Learner) -> None:
    """Each command in turn; what comes out arrives whole."""
    for lesson in blocks("course.md", "yaml"):
        name = lesson.partition("\n")[0].removeprefix("# ")
        (shell.folder / name).write_text(lesson, encoding="utf-8")
    for commands in blocks("course.md", "sh"):
        run(commands)
    assert learner.take(shell.folder / "water.apkg").new == 2
    assert learner.deck_names() == [
        "Water",
        "Water::Rivers",
        "Water::Rivers::Flashcards",
        "Water::Seas",
        "Water::Seas::Flashcards",
    ]
    assert (shell.folder / "site" / "index.html").is_file()


def test_a_release_is_made_as_the_manual_says(shell: Author, learner: Learner) -> None:
    """In a fresh repository; who has the first edition gets the correction with the second."""
    once, keep, look, build, commit, release = blocks("publish.md", "sh")
    run(once + keep)
    learner.take(shell.folder / "released" / "edition-1.apkg")
    shell.replace("A question, and an answer", "A question and an answer")
    assert "1 changed" in run(look)
    assert "1 updated" in run(build)
    run(commit)
    run(release)
    assert "1 changed" in (shell.folder / "changes.md").read_text(encoding="utf-8")
    arrived = learner.take(shell.folder / "water.apkg")
    assert (arrived.new, arrived.updated) == (0, 1)
    assert run("git status --short --untracked-files=no") == ""
