"""The JSON Schema as editors use it: the real yaml-language-server completes and explains, and Ajv finds no fault in it.

Both are npm packages; `make editors` installs them beside the checkout's other tools.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from author import Author

ROOT = Path(__file__).parent.parent
PACKAGES = ROOT / ".cache" / "editors" / "node_modules"
SCHEMA = ROOT / "src" / "gen2anki" / "schema" / "cards.schema.json"


def _need(package: str) -> Path:
    if shutil.which("node") and (PACKAGES / package).is_dir():
        return PACKAGES / package
    pytest.skip(f"{package} is not there: make editors")


class Editor:
    """An editor with one lesson open, which asks the server as editors do."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        self._process = process
        self._uri = (folder / "cards.yaml").as_uri()
        self._number = 0
        self.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": _CAPABILITIES})
        self._send({"method": "initialized", "params": {}})

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """Return the server's answer."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while (message := self._receive()).get("id") != self._number or "method" in message:
            if "method" in message and "id" in message:  # the server asks for settings
                items = message.get("params", {}).get("items", []) if isinstance(message.get("params"), dict) else []
                self._send({"id": message["id"], "result": [_SETTINGS.get(one.get("section")) for one in items]})
        return message.get("result")

    def open(self, text: str) -> None:
        """Open a lesson."""
        document = {"uri": self._uri, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})

    def complete(self, line: int, column: int) -> list[dict[str, Any]]:
        """Return what is offered at a place, counted from 0."""
        place = {"textDocument": {"uri": self._uri}, "position": {"line": line, "character": column}}
        found = self.ask("textDocument/completion", place)
        return list(found["items"] if isinstance(found, dict) else found or [])

    def hover(self, line: int, column: int) -> str:
        """Return what is said of what stands at a place."""
        place = {"textDocument": {"uri": self._uri}, "position": {"line": line, "character": column}}
        found = self.ask("textDocument/hover", place)
        return str(found["contents"]["value"]) if found else ""

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout
        length = 0
        while line := self._process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        return dict(json.loads(self._process.stdout.read(length)))


_CAPABILITIES = {
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True}},
        "hover": {"contentFormat": ["markdown"]},
    },
    "workspace": {"configuration": True},
}
_SETTINGS = {"yaml": {"completion": True, "hover": True, "validate": True, "schemaStore": {"enable": False}}}


@contextmanager
def editing(folder: Path, text: str) -> Iterator[Editor]:
    """Run the server, with a lesson open whose schema lies beside it."""
    server = _need("yaml-language-server") / "bin" / "yaml-language-server"
    shutil.copy(SCHEMA, folder / "cards.schema.json")
    command = ["node", str(server), "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            editor = Editor(process, folder)
            editor.open(f"# yaml-language-server: $schema=cards.schema.json\n{text}")
            yield editor
        finally:
            process.kill()


def _filled(snippet: str) -> str:
    """Return a snippet as Tab inserts it: each placeholder as the text that it proposes."""
    return (
        re.sub(r"\$\{\d+:([^}]*)\}|\$\d+", lambda found: found[1] or "", snippet)
        .replace("\\}", "}")
        .replace("\\$", "$")
    )


def test_the_schema_is_valid_in_ajvs_strict_mode() -> None:
    """But for the two words that only editors know."""
    _need("ajv")
    code = (
        "const Ajv = require('ajv'); const fs = require('fs');"
        "const ajv = new Ajv({ strict: true, allowUnionTypes: true });"
        "ajv.addVocabulary(['defaultSnippets', 'patternErrorMessage']);"
        f"ajv.compile(JSON.parse(fs.readFileSync({json.dumps(str(SCHEMA))}, 'utf8')));"
    )
    run = subprocess.run(["node", "-e", code], cwd=PACKAGES, capture_output=True, text=True, check=False, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")


def test_an_editor_completes_the_keys_and_says_what_they_mean(tmp_path: Path) -> None:
    """Those of a note, of a section and of the deck."""
    text = "deck:\n  id: d\n  name: D\n  \nflashcards:\n  - id: a\n    question: q\n    answer: a\n    \n"
    with editing(tmp_path, text) as editor:
        of_deck = {item["label"] for item in editor.complete(4, 2)}
        of_note = {item["label"] for item in editor.complete(9, 4)}
        assert {"description", "language", "flashcards", "tags", "macros"} <= of_deck
        assert {"why", "hint", "choices", "reverse", "typed"} <= of_note
        assert "The back" in editor.hover(8, 6)


def test_nothing_is_inserted_that_nobody_typed(tmp_path: Path) -> None:
    """No empty text, no empty list, no example of an id."""
    text = "deck:\n  id: d\n  name: D\n  \nflashcards:\n  - id: a\n    question: q\n    answer: a\n    \n"
    with editing(tmp_path, text) as editor:
        inserted = [item.get("insertText", "") for item in (*editor.complete(4, 2), *editor.complete(9, 4))]
    assert [text for text in inserted if '""' in text or "[]" in text or "what-is-generative" in text] == []


def test_each_snippet_is_accepted_by_check_as_it_stands(author: Author) -> None:
    """Deck, flashcard, cloze, choice and section, put into a lesson as Tab inserts them."""
    definitions = json.loads(SCHEMA.read_text(encoding="utf-8"))["definitions"]

    def snippets(name: str) -> list[Any]:
        return [json.loads(_filled(json.dumps(one["body"]))) for one in definitions[name]["defaultSnippets"]]

    (deck,), notes, sections = snippets("Deck"), snippets("Question"), snippets("Section")
    author.write(yaml.safe_dump({"deck": deck, "flashcards": notes, "practice": sections}, sort_keys=False))
    result = author.run("check", "--strict")
    assert (result.exit_code, result.stderr) == (0, "")
    assert len(notes) == 3


def test_an_editor_offers_the_snippets(tmp_path: Path) -> None:
    """Where a note begins."""
    text = "deck:\n  id: d\n  name: D\nflashcards:\n  - \n"
    with editing(tmp_path, text) as editor:
        offered = {item["label"]: item.get("insertText", "") for item in editor.complete(5, 4)}
    assert {"card", "cloze", "choice"} <= offered.keys()
    assert "{{c1::" in _filled(offered["cloze"])
