"""The JSON Schema that editors read follows the model and agrees with `gen2anki check`."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml

from author import Author
from gen2anki.schema.keys import keys_of
from gen2anki.schema.model import Deck, Lesson, Question, Retired, Section
from test_format import AROUND, BLOCKS

ROOT: Final = Path(__file__).parent.parent
FILE: Final = ROOT / "src" / "gen2anki" / "schema" / "cards.schema.json"
GOOD: Final = sorted((ROOT / "tests" / "cases" / "good").glob("*.yaml"))
LESSONS: Final = [*GOOD, ROOT / "cards.yaml"]
# Samples whose mistake a schema can express: an editor underlines it while the author types.
BAD: Final = [
    "bad-boolean",
    "bad-id",
    "bad-language",
    "bad-minutes",
    "bad-tag",
    "id-too-long",
    "missing-key-deck",
    "missing-key-flashcard",
    "missing-key-question",
    "missing-key-section",
    "missing-key-top",
    "no-questions",
    "one-choice",
    "top-level-list",
    "unknown-key-deck",
    "unknown-key-flashcard",
    "unknown-key-question",
    "unknown-key-section",
    "unknown-key-top",
    "wrong-type",
    "wrong-type-deck",
]


class _EditorLoader(yaml.CSafeLoader):
    """Reads YAML as editors do, by the core schema of YAML 1.2: only these words are not text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML's way)


for tag, pattern, first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("int", r"0o[0-7]+|0x[0-9a-fA-F]+", "0"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    _EditorLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{pattern})$"), list(first))
# Only the type of a number matters here. PyYAML's own constructor fails on `007`.
_EditorLoader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(re.sub(r"\D", "", node.value)))


def _read(text: str) -> Any:
    return yaml.load(text, _EditorLoader)  # noqa: S506 (a safe loader)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft7Validator:
    """Return a validator of the schema in the package."""
    return jsonschema.Draft7Validator(json.loads(FILE.read_text(encoding="utf-8")))


def test_the_file_is_what_the_model_prints(author: Author) -> None:
    """After a change of model.py, `make schema` prints cards.schema.json anew."""
    assert author.run("schema").stdout == FILE.read_text(encoding="utf-8"), "run `make schema`"


def test_it_is_a_json_schema(validator: jsonschema.Draft7Validator) -> None:
    """It is valid by the draft that it names."""
    assert json.loads(FILE.read_text(encoding="utf-8"))["$schema"] == "http://json-schema.org/draft-07/schema#"
    validator.check_schema(validator.schema)


def test_an_editor_reads_all_but_a_few_words_as_text() -> None:
    """The loader of these tests does so, too."""
    words = ["yes", "no", "on", "2026-01-01", "1:30"]
    assert _read("[yes, no, on, 2026-01-01, 1:30]") == words
    assert _read("[012, 1.5, true, null, ~, '5']") == [12, 1.5, True, None, None, "5"]


@pytest.mark.parametrize("file", LESSONS, ids=lambda file: file.stem)
def test_a_good_lesson_is_valid(validator: jsonschema.Draft7Validator, file: Path) -> None:
    """An editor underlines nothing in a lesson that builds."""
    assert [error.message for error in validator.iter_errors(_read(file.read_text(encoding="utf-8-sig")))] == []


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_a_good_lesson_builds(author: Author, file: Path) -> None:
    """`check` has nothing to say about a good sample."""
    del author
    result = Author(file.parent).run("check", str(file))
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(("mark", "block"), [block for block in BLOCKS if not block[0].startswith("wrong")])
def test_the_examples_of_the_documentation_are_valid(
    validator: jsonschema.Draft7Validator, mark: str, block: str
) -> None:
    """An editor accepts what docs/format.md shows."""
    indented = block if not mark else "".join(f"  {line}\n" for line in block.splitlines())
    assert [error.message for error in validator.iter_errors(_read(AROUND[mark].format(indented)))] == []


@pytest.mark.parametrize("name", BAD)
def test_a_bad_lesson_is_not_valid(validator: jsonschema.Draft7Validator, name: str) -> None:
    """An editor underlines a wrong shape."""
    text = (ROOT / "tests" / "cases" / "bad" / f"{name}.yaml").read_text(encoding="utf-8")
    assert not validator.is_valid(_read(text))


def test_the_good_samples_use_every_key() -> None:
    """A new key must be added to the good samples: so the tests of the schema include it."""
    lesson = _read((ROOT / "tests" / "cases" / "good" / "every-key.yaml").read_text(encoding="utf-8"))
    notes = [*lesson["flashcards"], *(note for section in lesson["practice"] for note in section["questions"])]
    used = [lesson, lesson["deck"], {}.fromkeys(key for note in notes for key in note), lesson["practice"][0]]
    assert [set(part) for part in used] == [set(keys_of(model)) for model in (Lesson, Deck, Question, Section)]


def _properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, part in {"Lesson": schema, **schema["definitions"]}.items():
        for key, value in part["properties"].items():
            yield f"{name}.{key}", schema["definitions"][value["$ref"].rpartition("/")[2]] if "$ref" in value else value


def test_every_key_has_a_description() -> None:
    """An editor shows what a key means."""
    described = dict(_properties(json.loads(FILE.read_text(encoding="utf-8"))))
    wanted = {
        f"{model.__name__}.{key}" for model in (Lesson, Deck, Question, Section, Retired) for key in keys_of(model)
    }
    assert set(described) == wanted
    assert [key for key, value in described.items() if not value.get("description", "").endswith(".")] == []
