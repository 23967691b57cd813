"""Write the notes of a deck once more, with genanki alone; `same_notes.py DECK -o TARGET`.

What Anki takes to import a deck depends on what is in it. So that only the writer differs, `make bench` has it import
gen2anki's deck and this one: the same note types, fields, tags, decks and cards.
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import genanki


def _model(stored: dict[str, Any]) -> genanki.Model:
    return genanki.Model(
        int(stored["id"]),
        stored["name"],
        fields=[{"name": field["name"]} for field in stored["flds"]],
        templates=[{key: template[key] for key in ("name", "qfmt", "afmt")} for template in stored["tmpls"]],
        css=stored["css"],
        model_type=stored["type"],
    )


def rewrite(deck: Path, target: Path) -> None:
    """Write the notes of `deck` to `target`; stop where genanki makes other cards of them."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(deck) as package:
        connection = sqlite3.connect(package.extract("collection.anki2", folder))
        ((models, decks),) = connection.execute("SELECT models, decks FROM col")
        models_by_id = {int(id): _model(model) for id, model in json.loads(models).items()}
        made = {int(id): genanki.Deck(int(id), stored["name"]) for id, stored in json.loads(decks).items()}
        rows = connection.execute(
            "SELECT mid, guid, tags, flds, did, due, count(*) FROM notes, cards WHERE nid = notes.id GROUP BY nid"
        ).fetchall()
        connection.close()
    for mid, guid, tags, fields, did, due, cards in rows:
        note = genanki.Note(models_by_id[mid], fields.split("\x1f"), guid=guid, tags=tags.split(), due=due)
        made[did].add_note(note)
        if len(note.cards) != cards:
            sys.exit(f"genanki makes {len(note.cards)} cards of a note that has {cards}: {fields}")
    genanki.Package([deck for deck in made.values() if deck.notes]).write_to_file(target)


def main() -> None:
    """Rewrite the deck that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("deck", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    rewrite(options.deck, options.output)


if __name__ == "__main__":
    main()
