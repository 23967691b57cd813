"""What `check` takes and prints for other tools: GitHub, SARIF, JSON, unsaved texts; and its colours."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from author import Author
from lesson import settle_in

BAD = "deck: {id: d, name: D}\nflashcards:\n  - {id: a, question: q, answer: a, why: x, hnt: y}\n"
WARNED = "deck: {id: d, name: D}\nflashcards:\n  - {id: a, question: a <b>c</b>, answer: a}\n"


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)


def test_github_gets_a_command_for_each_problem(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its place, which a pull request shows; in an action, without being asked."""
    author.write(BAD)
    line = (
        "::error file=cards.yaml,line=3,col=45,endColumn=48,title=gen2anki%3A unknown-key::"
        "unknown key 'hnt': did you mean 'hint'?; 'check --fix' mends it\n"
    )
    assert author.run("check", "--format", "github").stdout == line
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert author.run("check").stdout == line
    assert author.run("check", "--format", "text").stdout == ""


def test_github_shows_a_problem_without_a_place_at_the_files_beginning(author: Author) -> None:
    """Otherwise it would show it nowhere."""
    result = author.run("check", "missing.yaml", "--format", "github")
    assert result.stdout.startswith("::error file=missing.yaml,line=1,col=1,")


def test_sarif_names_each_problem_with_its_rule_and_place(author: Author) -> None:
    """As tools for code read it."""
    author.write(BAD)
    found = json.loads(author.run("check", "--format", "sarif").stdout)
    (run,) = found["runs"]
    (result,) = run["results"]
    assert (found["version"], result["ruleId"], result["level"]) == ("2.1.0", "unknown-key", "error")
    place = result["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "cards.yaml"},
        "region": {"startLine": 3, "startColumn": 45, "endColumn": 48},
    }
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "unknown-key"


def test_json_has_the_end_of_each_place(author: Author) -> None:
    """The word at the place ends there."""
    author.write(BAD)
    (problem,) = author.json("check")["problems"]
    assert [problem[key] for key in ("line", "column", "end_line", "end_column")] == [3, 45, 3, 48]


def test_strict_fails_on_warnings(author: Author) -> None:
    """They are warnings still."""
    author.write(WARNED)
    assert author.run("check").exit_code == 0
    result = author.run("check", "--strict")
    assert (result.exit_code, "1 warning" in result.stdout) == (1, True)
    assert author.json("check", "--strict")["ok"] is False


def test_frozen_fails_where_the_ledger_would_change(author: Author) -> None:
    """A check in CI finds a ledger that was not committed; nothing is written."""
    settle_in(author.folder)
    assert author.run("check", "--frozen").exit_code == 1
    author.publish()
    assert author.run("check", "--frozen").exit_code == 0
    author.replace("About 11 km", "10,935 m")
    before = author.ledger.read_bytes()
    assert [problem["code"] for problem in author.json("check", "--frozen")["problems"]] == ["ledger-frozen"]
    assert author.ledger.read_bytes() == before


def test_an_unsaved_text_is_checked_as_if_it_were_saved(author: Author) -> None:
    """An editor has it before the disk; media and ledger lie beside the file that it will be."""
    settle_in(author.folder)
    author.publish()
    unsaved = author.text().replace("About 11 km", "10,935 m")
    command = [sys.executable, "-m", "gen2anki", "check", "-", "--stdin-filename", "cards.yaml"]
    run = subprocess.run(command, input=unsaved.encode(), capture_output=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    assert b"1 changed" in run.stdout
    bad = unsaved.replace("answer:", "anwser:", 1)
    run = subprocess.run(command, input=bad.encode(), capture_output=True, check=False, timeout=60)
    assert (run.returncode, run.stderr.startswith(b"cards.yaml:")) == (1, True)


@pytest.mark.parametrize(
    ("environment", "on_terminal", "is_coloured"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"TERM": "dumb"}, True, False),
        ({"CLICOLOR": "0"}, True, False),
        ({"FORCE_COLOR": "", "CLICOLOR_FORCE": ""}, False, False),
    ],
)
def test_problems_are_coloured_where_colours_are_shown(
    author: Author,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    on_terminal: bool,
    is_coloured: bool,
) -> None:
    """On a terminal, unless the environment says otherwise, by the names that other tools use."""
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    author.write(BAD)
    assert ("\x1b[" in author.run("check", color=on_terminal).stderr) is is_coloured


def test_what_an_old_anki_prints_is_not_on_stdout(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the JSON object is."""
    from gen2anki.verify import verification

    import_edition = verification.verify

    def noisy(*arguments: object, **named: object) -> object:
        print("blocked main thread for 12ms")  # noqa: T201
        return import_edition(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("gen2anki.verify.verify", noisy)
    author.write("deck: {id: d, name: D}\nflashcards: [{id: a, question: q, answer: a}]\n")
    assert author.json("verify")["ok"]


def test_the_problem_matcher_of_the_manual_finds_each_problem(author: Author) -> None:
    """VS Code shows what its regular expression matches."""
    manual = (Path(__file__).parent.parent / "docs" / "format.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", manual, re.DOTALL)
    (task,) = json.loads(block)["tasks"]
    pattern = task["problemMatcher"]["pattern"]
    author.write(BAD)
    lines = author.run(*task["command"].split()[1:]).stderr.splitlines()
    (found,) = [match for line in lines if (match := re.match(pattern["regexp"], line))]
    places = [found[pattern[part]] for part in ("file", "line", "column", "severity", "code")]
    assert places == ["cards.yaml", "3", "45", "error", "unknown-key"]


def test_the_steps_of_the_action_run(author: Author) -> None:
    """Those that are no action of somebody else's, but for the installation."""
    action = yaml.safe_load((Path(__file__).parent.parent / "action.yml").read_text(encoding="utf-8"))
    (check,) = [step["run"] for step in action["runs"]["steps"] if step.get("name") == "Check"]
    author.write(BAD)
    environment = os.environ | {"SOURCES": "*.yaml", "OPTIONS": "--strict", "GITHUB_ACTIONS": "true"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    run = subprocess.run(["bash", "-c", check], capture_output=True, check=False, env=environment, timeout=60)
    assert (run.returncode, run.stdout.startswith(b"::error file=cards.yaml")) == (1, True)
