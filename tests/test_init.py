"""`gen2anki init`: a lesson to begin with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from author import Author


@pytest.fixture(autouse=True)
def _jane(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    config = author.folder.parent / "gitconfig"
    config.write_text("[user]\n\tname = Jane Dóe\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def test_what_it_makes_passes_every_check(author: Author) -> None:
    """The lesson builds, and its ledger is then frozen; git never stops at it."""
    assert author.run("init").exit_code == 0
    result = author.run("check", "--strict")
    assert (result.exit_code, result.stderr) == (0, "")
    author.publish()
    assert author.run("check", "--strict", "--frozen").exit_code == 0
    assert "*.lock merge=union" in (author.folder / ".gitattributes").read_text()


def test_the_decks_id_is_the_authors(author: Author) -> None:
    """By git's name and the folder's, or as asked."""
    author.run("init", "Spanish 1")
    assert yaml.safe_load(Path("Spanish 1/cards.yaml").read_text())["deck"]["id"] == "jane-doe.spanish-1"
    author.run("init", "other", "--id", "mine")
    assert yaml.safe_load(Path("other/cards.yaml").read_text())["deck"]["id"] == "mine"
    assert author.run("init", "third", "--id", "Not an id").exit_code == 2
    assert not Path("third").exists()


def test_it_overwrites_nothing(author: Author) -> None:
    """What is there stays, and it says so."""
    author.write("mine")
    (author.folder / ".gitattributes").write_text("mine")
    result = author.run("init")
    assert (result.exit_code, author.text(), (author.folder / ".gitattributes").read_text()) == (0, "mine", "mine")
    assert "cards.yaml was there" in result.stdout
    assert "merge=union" in result.stdout
    found = json.loads(author.run("init", "--json").stdout)
    assert found["made"] == []


def test_the_schema_is_the_one_that_ships(author: Author) -> None:
    """Its name stands in the lesson's first line, where editors look for it."""
    author.run("init")
    assert (author.folder / "cards.schema.json").read_text() == author.run("schema").stdout
    assert author.text().startswith("# yaml-language-server: $schema=cards.schema.json\n")


def test_an_empty_folder_leads_to_it(author: Author) -> None:
    """`check` and `build` name it where there is no lesson at all."""
    for command in ("check", "build"):
        assert "gen2anki init" in author.run(command).stderr
    (author.folder / "cards.yml").touch()
    assert "'cards.yml' is" in author.run("check").stderr


def test_the_steps_of_the_workflow_run(author: Author) -> None:
    """Each command of the workflow but those of GitHub's, in a shell as GitHub starts it."""
    author.run("init", "--github")
    author.run("build")
    (author.folder / f"{yaml.safe_load(author.text())['deck']['id']}.apkg").unlink()
    workflow = yaml.safe_load((author.folder / ".github" / "workflows" / "deck.yml").read_text())
    steps = [step["run"] for step in workflow["jobs"]["deck"]["steps"] if "run" in step]
    ours = [step for step in steps if step.startswith(("gen2anki", "old="))]
    assert len(ours) == 4
    last = author.folder / "last"
    last.mkdir()

    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path}

    def run_all() -> str:
        for step in ours:
            subprocess.run(
                ["bash", "-e", "-o", "pipefail", "-c", step],
                check=True,
                capture_output=True,
                timeout=120,
                env=environment,
            )
        return (author.folder / "changes.md").read_text()

    assert "The first edition" in run_all()
    (package,) = author.folder.glob("*.apkg")
    package.replace(last / package.name)
    author.replace("flashcards:\n", "flashcards:\n  - {id: more, question: q, answer: a}\n")
    author.run("build")
    assert "1 new, 4 unchanged" in run_all()
