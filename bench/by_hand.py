"""Build a deck the way a careful user's own script would: PyYAML, markdown-it-py and genanki, nothing clever.

`by_hand.py SOURCE -o DECK`. The yardstick of `make bench`: it does what gen2anki's build does, but for the ledger and
the checks. Handicapped nowhere: the C loader, one Markdown parser for all, explicit guids.
"""

import argparse
import html
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import genanki
import yaml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

CARD: Final = genanki.Model(
    1607392319,
    "By hand",
    fields=[{"name": name} for name in ("Question", "Answer", "Why", "Hint", "Choices", "Source", "Reverse", "Id")],
    templates=[
        {
            "name": "Card",
            "qfmt": "{{Question}}{{#Choices}}<hr>{{Choices}}{{/Choices}}{{#Hint}}{{hint:Hint}}{{/Hint}}",
            "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}<br>{{Why}}<br>{{Source}}",
        },
        {
            "name": "Reverse",
            "qfmt": "{{#Reverse}}{{Answer}}{{/Reverse}}",
            "afmt": "{{FrontSide}}<hr id=answer>{{Question}}<br>{{Why}}<br>{{Source}}",
        },
    ],
)
CLOZE: Final = genanki.Model(
    1607392320,
    "By hand (cloze)",
    model_type=genanki.Model.CLOZE,
    fields=[{"name": name} for name in ("Text", "Why", "Hint", "Source", "Id")],
    templates=[
        {
            "name": "Cloze",
            "qfmt": "{{cloze:Text}}{{#Hint}}{{hint:Hint}}{{/Hint}}",
            "afmt": "{{cloze:Text}}<hr>{{Why}}<br>{{Source}}",
        }
    ],
)


def _inline_math(_: RendererProtocol, tokens: Sequence[Token], at: int, *__: object) -> str:
    return rf"\({html.escape(tokens[at].content)}\)"


def _display_math(_: RendererProtocol, tokens: Sequence[Token], at: int, *__: object) -> str:
    return rf"\[{html.escape(tokens[at].content)}\]"


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).use(dollarmath_plugin)
    # The plugin's own rules wrap the math in elements for KaTeX; Anki wants MathJax's delimiters.
    markdown.add_render_rule("math_inline", _inline_math)
    markdown.add_render_rule("math_block", _display_math)
    return markdown


def _stable_id(name: str) -> int:
    return zlib.crc32(name.encode()) + 1


def build(source: Path, target: Path) -> None:
    """Write the deck of `source` to `target`."""
    with source.open(encoding="utf-8") as file:
        data = yaml.load(file, Loader=yaml.CSafeLoader)
    markdown = _markdown()
    deck_id, name = data["deck"]["id"], data["deck"]["name"]
    shared_tags, shared_source = data["deck"].get("tags", []), data["deck"].get("source", "")

    def text(note: dict[str, Any], key: str) -> str:
        value = note.get(key)
        if value is None:
            return ""
        if isinstance(value, list):
            value = ", ".join(value)
        rendered: str = markdown.render(str(value)).strip()
        if rendered.count("<p>") == 1 and rendered.startswith("<p>") and rendered.endswith("</p>"):
            rendered = rendered[3:-4]
        return rendered

    def deck_of(section: str, notes: list[dict[str, Any]], choices: list[str], prompt: str) -> genanki.Deck:
        deck = genanki.Deck(_stable_id(f"{name}::{section}"), f"{name}::{section}")
        shown_choices = "".join(f"<li>{html.escape(choice)}</li>" for choice in choices)
        for due, note in enumerate(notes):
            link = html.escape(note.get("source", shared_source))
            why, hint = text(note, "why"), text(note, "hint")
            if "cloze" in note:
                model, fields = CLOZE, [text(note, "cloze"), why, hint, link, note["id"]]
            else:
                question = f"{html.escape(prompt)}<br>{text(note, 'question')}" if prompt else text(note, "question")
                reverse = "yes" if note.get("reverse") else ""
                model = CARD
                fields = [question, text(note, "answer"), why, hint, shown_choices, link, reverse, note["id"]]
            deck.add_note(
                genanki.Note(
                    model=model,
                    fields=fields,
                    guid=genanki.guid_for(deck_id, note["id"]),
                    tags=[*shared_tags, *note.get("tags", [])],
                    due=due,
                )
            )
        return deck

    decks = [deck_of("Flashcards", data.get("flashcards", []), [], "")]
    decks += [
        deck_of(section["title"], section["questions"], section.get("choices", []), section.get("prompt", ""))
        for section in data.get("practice", [])
    ]
    genanki.Package(decks).write_to_file(target)


def main() -> None:
    """Build the deck that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    build(options.source, options.output)


if __name__ == "__main__":
    main()
