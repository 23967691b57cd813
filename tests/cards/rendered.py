"""Cards as real Anki's own template engine renders them: an .apkg in, both sides of every card out."""

import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest

if TYPE_CHECKING:
    from anki.cards import CardId  # in earnest it cannot be loaded before anki.collection

# What each client puts in the place of Anki's own marks. The looks are the clients'; only the shape matters here.
REPLAY: Final = (
    '<a class="replay-button soundLink" href="#" onclick="return false" title="Replay"><svg class="playImage" '
    'viewBox="0 0 64 64"><circle cx="32" cy="32" r="29"/><path d="M24 18 L48 32 L24 46 Z"/></svg></a>'
)
TYPE_BOX: Final = "<center><input type=text id=typeans style=\"font-family: 'Arial'; font-size: 20px;\"></center>"
TYPED: Final = "EBLO?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card: its note's id, its template, both sides as a client gets them, and its note's fields."""

    note: str
    template: str
    number: int
    front: str
    back: str
    fields: dict[str, str]
    deck: str

    @property
    def name(self) -> str:
        """Return a name for people: the note's id and, where it has several cards, which."""
        return self.note if self.number == 1 else f"{self.note}/{self.number}"

    def as_json(self) -> dict[str, object]:
        """Return what the page needs."""
        return asdict(self) | {"name": self.name}


def build(source: Path, folder: Path) -> Path:
    """Build a copy of `source` in `folder` with the product; return the deck."""
    folder.mkdir()
    shutil.copy(source, folder)
    for beside in (source.with_suffix(".lock"), source.parent / "media"):
        if beside.is_dir():
            shutil.copytree(beside, folder / beside.name)
        elif beside.exists():
            shutil.copy(beside, folder)
    deck = folder / "deck.apkg"
    command = [sys.executable, "-m", "gen2anki", "build", source.name, "-o", deck.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{source.name} could not be built:\n{done.stderr}")
    return deck


def cards(package: Path, folder: Path) -> list[Card]:
    """Import `package` into a throw-away collection in `folder` and render every card, in the deck's order."""
    collection = Collection(str(folder / "collection.anki2"))
    try:
        request = ImportAnkiPackageRequest(package_path=str(package), options=ImportAnkiPackageOptions())
        collection.import_anki_package(request)
        return [_card(collection, id) for id in collection.find_cards("", order="c.did, c.due, c.ord")]
    finally:
        collection.close(downgrade=False)


def _card(collection: Collection, id: "CardId") -> Card:
    card = collection.get_card(id)
    note = card.note()
    fields = dict(note.items())
    right = fields.get("TypedReverse" if card.template()["name"] == "Reverse" else "Typed", "")
    typed = collection.compare_answer(right, TYPED) if right else ""
    comparison = f"<div style=\"font-family: 'Arial'; font-size: 20px\">{typed}</div>"
    return Card(
        note=fields["Id"],
        template=str(card.template()["name"]),
        number=card.ord + 1,
        front=_marks(card.question(), TYPE_BOX),
        back=_marks(card.answer(), comparison),
        fields=fields,
        deck=collection.decks.name(card.did),
    )


def _marks(html: str, typed: str) -> str:
    html = re.sub(r"\[\[type:[^]]+\]\]", lambda _: typed, html)
    return re.sub(r"\[anki:play:[aq]:\d+\]", REPLAY, html)
