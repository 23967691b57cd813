"""A key that is added to the model works everywhere at once: no other list of keys has to be changed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

import gen2anki
from author import Author
from gen2anki.schema.keys import keys_of
from gen2anki.schema.model import Lesson, lesson_of
from gen2anki.schema.values import NO_ID

PACKAGE: Final = Path(gen2anki.__file__).parent
LESSON: Final = "deck: {{id: lesson, name: Lesson}}\nflashcards:\n  - id: a\n{}"
NOTE: Final = "    question: Q\n    answer: A\n"
# What the copy of the model has more: a key of each type, and a record.
RECORD: Final = '''\
@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Step:
    """A step of a note."""

    id: Id = Field(description="Its id.")
    done: Boolean = Field(description="Whether it is done.")


'''
KEYS: Final = """\
    shy: Annotated[Boolean, AboutKey(not_beside=("cloze", "choices"))] = Field(default=False, description="A boolean.")
    remark: Annotated[Text, AboutKey(elsewhere=("footnote",))] = Field(default="", description="A text.")
    labels: Annotated[tuple[Tag, ...], AboutKey(member="label")] = Field(default=(), description="Words.")
    lines: Annotated[Text | tuple[Text, ...], AboutKey(member="line")] = Field(default="", description="Texts.")
    steps: Annotated[tuple[Step, ...], AboutKey(member="step")] = Field(default=(), description="Records.")
"""
BEFORE_RECORD: Final = "# The keys that a question must have"
BEFORE_KEYS: Final = '    source: Text = Field(default="", description="A link or citation (Markdown) for this note'

Problems = list[tuple[int, int, str, str]]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a copy of the package, whose model has more keys."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(PACKAGE, folder / "gen2anki", ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "gen2anki" / "schema" / "model.py"
    text = file.read_text(encoding="utf-8")
    for before, more in (BEFORE_RECORD, RECORD), (BEFORE_KEYS, KEYS):
        assert text.count(before) == 1
        text = text.replace(before, more + before)
    file.write_text(text, encoding="utf-8")
    return folder


def _run(copy: Path, folder: Path, *arguments: str, module: str = "gen2anki") -> str:
    command = [sys.executable, "-m", module, *arguments]
    environment = os.environ | {"PYTHONPATH": str(copy)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout


@pytest.fixture
def check(copy: Path, tmp_path: Path) -> Callable[[str], Problems]:
    """Return a function that has the copy check a lesson and returns its problems."""

    def check(lesson: str) -> Problems:
        (tmp_path / "cards.yaml").write_text(lesson, encoding="utf-8")
        found: dict[str, Any] = json.loads(_run(copy, tmp_path, "check", "--json"))
        return [(p["line"], p["column"], p["code"], p["text"].partition(": put ")[0]) for p in found["problems"]]

    return check


@pytest.mark.parametrize(
    "note",
    [
        f"{NOTE}    shy: true\n    remark: R\n    labels: [one, two]\n    lines: [a, b]\n    steps: [{{id: s, done: true}}]\n",
        f"{NOTE}    shy: true #later\n    labels: [one] #more\n",
        f"{NOTE}    remark: R # later\n    lines: one\n",
    ],
    ids=["all of them", "a comment without a space behind words", "a comment behind a text"],
)
def test_a_new_key_is_taken(check: Callable[[str], Problems], note: str) -> None:
    """Its value is read by its type."""
    assert check(LESSON.format(note)) == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("    shi: true\n", (6, 5, "unknown-key", "unknown key 'shi': did you mean 'shy'?; 'check --fix' mends it")),
        ("    footnote: R\n", (6, 5, "unknown-key", "unknown key 'footnote': did you mean 'remark'?")),
        ("    shy: maybe\n", (6, 10, "wrong-type", "'shy' must be true or false, not the text 'maybe'")),
        ("    shy:\n", (6, 5, "empty-value", "'shy' is empty: write true or false, or delete the key")),
        ("    remark: [R]\n", (6, 13, "wrong-type", "'remark' must be a text, not a list")),
        (
            "    remark: see #5\n",
            (6, 17, "comment-in-text", "what follows this '#' is a comment, not a part of the text"),
        ),
        ("    labels: one two\n", (6, 13, "wrong-type", "'labels' must be a list, such as [one, two]")),
        ("    labels: [[a]]\n", (6, 14, "wrong-type", "a label must be a text, not a list")),
        ("    lines: {a: b}\n", (6, 12, "wrong-type", "'lines' must be a text or a list of texts, not a mapping")),
        ("    lines: [a, [b]]\n", (6, 16, "wrong-type", "a line must be a text, not a list")),
        ("    steps: one\n", (6, 12, "wrong-type", "'steps' must be a list: each entry begins with '- '")),
        ("    steps: [one]\n", (6, 13, "wrong-type", "a step must be a mapping of keys to values, not the text 'one'")),
        ("    steps: [{id: s}]\n", (6, 13, "missing-key", "'done' is missing from this step")),
        ("    shy:\N{NO-BREAK SPACE}true\n", (6, 9, "odd-space", "")),
        ("    why: 'tis\n    shy: true # the students'\n", (6, 10, "unclosed-quote", "")),
        ("  - {id: b, question: Q shy: true}\n", (6, 25, "unclosed-bracket", "")),
    ],
)
def test_a_mistake_in_a_new_key_is_explained(
    check: Callable[[str], Problems], lines: str, expected: tuple[int, int, str, str]
) -> None:
    """The message names the key, its members and its type, as those of all other keys do."""
    (problem,) = check(LESSON.format(NOTE + lines))
    assert problem == (*expected[:3], expected[3] or problem[3])


def test_new_keys_keep_the_rules_beside_a_cloze(check: Callable[[str], Problems]) -> None:
    """A key that the model keeps away from `cloze` is refused; a deletion in a new text is found."""
    problems = check(LESSON.format("    cloze: a {{c1::b}}\n    shy: true\n    remark: '{{c2::c}}'\n"))
    assert [(line, code) for line, _, code, _ in problems] == [(5, "key-conflict"), (6, "cloze-misplaced")]


@pytest.mark.parametrize(("wrong", "is_gone"), [("steps: x", False), ("steps: [x]", False), ("remark: [x]", True)])
def test_a_new_list_of_records_may_hide_ids(
    copy: Path, check: Callable[[str], Problems], tmp_path: Path, wrong: str, *, is_gone: bool
) -> None:
    """While it can't be read, no note of the ledger is said to be gone."""
    (tmp_path / "cards.yaml").write_text(LESSON.format(f"{NOTE}  - {{id: gone, question: Q, answer: A}}\n"))
    assert json.loads(_run(copy, tmp_path, "build", "--json"))["ok"]
    codes = {code for _, _, code, _ in check(LESSON.format(f"{NOTE}    {wrong}\n"))}
    assert codes == ({"wrong-type", "id-gone"} if is_gone else {"wrong-type"})


def test_the_schema_has_new_keys(copy: Path, tmp_path: Path) -> None:
    """An editor offers them, with their types."""
    question = json.loads(_run(copy, tmp_path, module="gen2anki.schema.model"))["definitions"]["Question"]["properties"]
    assert {key: question[key]["description"] for key in ("shy", "remark", "labels", "lines", "steps")} == {
        "shy": "A boolean.",
        "remark": "A text.",
        "labels": "Words.",
        "lines": "Texts.",
        "steps": "Records.",
    }


@pytest.mark.parametrize(
    ("macros", "column", "message"),
    [
        (r"{'\R': [x]}", 39, r"'\R' must be a text, not a list"),
        ("x", 32, "'macros' must be a mapping of commands to their texts"),
    ],
)
def test_a_mapping_of_texts_has_names_of_the_authors_own(
    author: Author, macros: str, column: int, message: str
) -> None:
    """What is wrong with one of them is reported there."""
    author.write(f"deck: {{id: a, name: A, macros: {macros}}}\nflashcards: [{{id: b, question: Q, answer: A}}]\n")
    (problem,) = author.json("check")["problems"]
    assert (problem["column"], problem["code"]) == (column, "wrong-type")
    assert problem["text"].startswith(message)


def test_stand_ins_are_valid() -> None:
    """What takes the place of a wrong value is right by itself."""
    lesson = {key.name: key.stand_in() for key in keys_of(Lesson).values()}
    assert [one.id for one in lesson_of(lesson).retired] == [NO_ID]
