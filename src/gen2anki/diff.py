"""An edition against the last one, or against any package: what it brings to those who have that one."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from html import unescape
from typing import Any, Final

from gen2anki import notetypes, package
from gen2anki.apkg import StoredDeck, StoredNote
from gen2anki.edition import Edition
from gen2anki.highlight import plain
from gen2anki.ledger import Ledger
from gen2anki.note import FIELD_SEPARATOR, Note

_TITLE: Final = 60
# How many notes of a kind are listed, so that the whole stays one screen where no texts are compared.
_LISTED: Final = 8
# How many words are shown around what changed.
_CONTEXT: Final = 6

_TAG: Final = re.compile(r"<[^>]*>")
# A tag, an escaped character, a character of a script without spaces, a word, or a mark; then the space behind it.
_WORD: Final = re.compile(
    r"(<[^>]*>|&#?\w+;|[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+|[^\w\s])(\s*)"
)
# Tags between which words do not run together.
_BREAK: Final = re.compile(r"<(?:/?(?:p|div|li|[uo]l|h[1-6]|t[dhr]|table|pre|blockquote)|br|hr|img)\b[^>]*>")
_MARKDOWN: Final = re.compile(r"([\\`*_~\[\]<>|#])")

# What each kind of change means to a learner who has the edition before.
MEANINGS: Final = {
    "new": "arrive as new cards",
    "changed": "the new text arrives; reviews and due dates stay",
    "moved": "cards that learners have stay in the deck they are in; new learners get them in the new one",
    "retired": "stay with those who have them, and come to nobody else",
    "refused": "do not arrive",
    "redated": "the same as before, but dated anew: what learners edited in them is overwritten",
    "unchanged": "what learners edited in them stays",
}
_SIGNS: Final = {"new": "+", "changed": "~", "moved": ">", "retired": "-", "refused": "!", "redated": "="}
# The colours of a kind on a terminal, by click's names.
_COLOURS: Final = {
    "new": "green",
    "changed": "yellow",
    "moved": "cyan",
    "retired": "red",
    "refused": "red",
    "redated": "red",
}

# Takes a text and the name of a colour; returns the text as the terminal is to show it.
Paint = Callable[[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field (or "Tags") of a note, before and after, as HTML."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One note of one kind of change. `title` is its first field in short; `why` says more of a move or a refusal."""

    id: str
    title: str = ""
    fields: tuple[FieldChange, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What an edition brings, by kind (those of MEANINGS but the unchanged), each in source order.

    `against` names what it was compared with, or is empty where there is no earlier edition.
    """

    name: str
    against: str
    kinds: dict[str, tuple[Change, ...]]
    unchanged: int
    hint: str = ""


def with_ledger(edition: Edition, old: Ledger | None, ledger_file: str) -> Difference:
    """Compare an edition with the ledger of the last one: it knows what changed, but not the texts."""
    changes, notes = edition.changes, {note.id: note for note in edition.notes}
    moved = (
        Change(id=id, title=title(notes[id].fields), why=f"from '{old.entry(id).section}' to '{entry.section}'")
        for id in changes.moved
        for entry in [edition.ledger.entry(id)]
        if old
    )
    kinds = {
        "new": tuple(Change(id=id, title=title(notes[id].fields)) for id in changes.new),
        "changed": tuple(Change(id=id, title=title(notes[id].fields)) for id in changes.changed),
        "moved": tuple(moved),
        "retired": tuple(Change(id=id) for id in changes.retired),
    }
    return Difference(
        name=edition.decks[0].name, against=ledger_file if old else "", kinds=kinds, unchanged=changes.unchanged
    )


def with_package(edition: Edition, old: StoredDeck, file: str) -> Difference:
    """Compare an edition with a package, field by field: what those get who have imported that one."""
    kinds: dict[str, list[Change]] = {kind: [] for kind in MEANINGS if kind != "unchanged"}
    guids: set[str] = set()
    unchanged = 0
    for note in edition.notes:
        guid = package.guid(edition.deck, note.id)
        guids.add(guid)
        before = old.notes.get(guid)
        change = Change(id=note.id, title=title(note.fields))
        if before is None:
            kinds["new"].append(change)
            continue
        deck = edition.decks[note.deck].name
        if before.deck not in {"", deck}:
            kinds["moved"].append(replace(change, why=f"from '{_printable(before.deck)}' to '{deck}'"))
        kind, change = _compared(edition, note, before, replace(change, fields=tuple(_fields(note, before))))
        if kind == "unchanged":
            unchanged += 1
        else:
            kinds[kind].append(change)
    gone = [note for guid, note in old.notes.items() if guid not in guids]
    kinds["retired"] = [
        Change(id=_printable(note.fields.get("Id", note.guid)).strip(), title=_first(note)) for note in gone
    ]
    hint = ""
    if old.notes and len(gone) == len(old.notes):
        hint = f"{file} and this edition have no note in common: to Anki they are two decks"
    return Difference(
        name=edition.decks[0].name,
        against=file,
        kinds={kind: tuple(changes) for kind, changes in kinds.items()},
        unchanged=unchanged,
        hint=hint,
    )


def _compared(edition: Edition, note: Note, before: StoredNote, change: Change) -> tuple[str, Change]:
    if before.notetype != (notetypes.cloze() if note.cloze else notetypes.card()).id:
        return "refused", replace(change, why="it is of another note type there, and Anki never changes that")
    _, mod = edition.settled.numbers[note.id]
    later = mod > before.mod
    if not change.fields:
        return "redated" if later else "unchanged", change
    if not later:
        return "refused", replace(change, why="it is dated no later than the one there: was another ledger used?")
    return "changed", change


def _fields(note: Note, before: StoredNote) -> Iterator[FieldChange]:
    names = (notetypes.cloze() if note.cloze else notetypes.card()).fields
    after = dict(zip(names, note.fields.split(FIELD_SEPARATOR), strict=True))
    after["Tags"] = " ".join(note.tags)
    # Tags in any order are the same; and Anki knows `Salt` for `salt`, which it had before.
    was = before.fields | {"Tags": " ".join(before.tags)}
    for name in dict.fromkeys([*after, *was]):
        old, new = plain(was.get(name, "")), plain(after.get(name, ""))
        if old != new:
            yield FieldChange(name=name, old=old, new=new)


def title(fields: str) -> str:
    """Return the first of some fields as one short line of plain text."""
    first = fields.partition(FIELD_SEPARATOR)[0]
    text = " ".join(_printable(unescape(_TAG.sub("", _BREAK.sub(" ", first)))).split())
    return text if len(text) <= _TITLE else f"{text[: _TITLE - 1].rstrip()}…"


def _first(note: StoredNote) -> str:
    return title(next(iter(note.fields.values()), ""))


# --- the words


def _words(html: str) -> list[tuple[str, str]]:
    """Return the words, marks and tags of a text, each with the space that follows it."""
    return [(unescape(word), space) for word, space in _WORD.findall(html)]


def _runs(change: FieldChange) -> Iterator[tuple[str, str]]:
    """Yield the field's text in runs of words, each "" (the same), "-" (only before) or "+" (only after).

    Joined they are the text; between a "-" and its "+" there is no space.
    """
    old, new = _words(change.old), _words(change.new)
    old_words, new_words = [word for word, _ in old], [word for word, _ in new]
    if old_words == new_words:  # only spaces differ
        yield from (("-", change.old), ("+", change.new))
        return
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old_words, new_words).get_opcodes():
        if kind == "equal":
            yield "", _shortened(new[new_start:new_end], at_start=start == 0, at_end=end == len(old))
        else:
            if start < end:
                text = _joined(old[start:end])
                yield "-", text if new_start == new_end else text.rstrip()
            if new_start < new_end:
                yield "+", _joined(new[new_start:new_end])


def _joined(words: Sequence[tuple[str, str]]) -> str:
    return "".join(f"{word}{space}" for word, space in words)


def _shortened(words: Sequence[tuple[str, str]], *, at_start: bool, at_end: bool) -> str:
    """Return a run of equal words, cut to those near a change."""
    head = 0 if at_start else _CONTEXT
    tail = 0 if at_end else _CONTEXT
    if len(words) <= head + tail + 2:
        return _joined(words)
    return f"{_joined(words[:head])}… {_joined(words[len(words) - tail :])}"


# --- the forms


def as_text(difference: Difference, paint: Paint) -> str:
    """Return the difference for a person: kind by kind, with what each means to learners."""
    name = paint(difference.name, "bold")
    lines = [f"{name}, compared with {difference.against}" if difference.against else f"{name}: the first edition"]
    if difference.hint:
        lines += ["", paint(difference.hint, "red")]
    for kind, changes in _filled(difference):
        lines += ["", f"{paint(f'{len(changes):,} {kind}', _COLOURS[kind])}: {MEANINGS[kind]}"]
        has_texts = any(change.fields for change in changes)
        listed = changes if has_texts else changes[:_LISTED]
        width = max(len(change.id) for change in listed)
        for change in listed:
            lines.append(f"  {paint(_SIGNS[kind], _COLOURS[kind])} {change.id:{width}}  {change.title}".rstrip())
            if change.why:
                lines.append(f"      {change.why}")
            name_width = max((len(field.name) for field in change.fields), default=0)
            lines += (f"      {field.name + ':':{name_width + 1}} {_painted(field, paint)}" for field in change.fields)
        if len(changes) > len(listed):
            lines.append(f"    … and {len(changes) - len(listed):,} more (--json names all)")
    if difference.unchanged:
        lines += ["", f"{difference.unchanged:,} unchanged: {MEANINGS['unchanged']}"]
    return "\n".join(lines)


def _painted(field: FieldChange, paint: Paint) -> str:
    # The signs stand there without colours too: in a pipe, and for those who do not see them.
    forms = {"-": "[-{}-]", "+": "{{+{}+}}"}
    colours = {"-": "red", "+": "green"}
    made = ""
    for sign, run in _runs(field):
        text = _printable(run)
        words = text.rstrip()
        made += paint(forms[sign].format(words), colours[sign]) + text[len(words) :] if sign else text
    return made.rstrip()


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def as_markdown(difference: Difference) -> str:
    """Return the difference as Markdown, for a changelog or a release note."""
    counts = [f"{len(changes):,} {kind}" for kind, changes in _filled(difference)]
    counts += [f"{difference.unchanged:,} unchanged"] if difference.unchanged else []
    lines = [f"## {_escaped(difference.name)}", "", f"{', '.join(counts) or 'nothing changed'}."]
    if difference.hint:
        lines += ["", f"**{_escaped(difference.hint)}**"]
    for kind, changes in _filled(difference):
        lines += ["", f"### {kind.capitalize()}", "", f"*{MEANINGS[kind].capitalize()}.*", ""]
        for change in changes:
            text = f"{_escaped(change.title)} " if change.title else ""
            lines.append(f"- {text}(`{change.id}`)" + (f": {_escaped(change.why)}" if change.why else ""))
            lines += (f"  - {field.name}: {_marked(field)}" for field in change.fields)
    return "\n".join(lines)


def _marked(field: FieldChange) -> str:
    forms = {"": "{}", "-": "~~{}~~", "+": "**{}**"}
    # Spaces around each, or Markdown would take some of the marks for text.
    return " ".join(forms[sign].format(_escaped(text)) for sign, text in _runs(field) if text.strip())


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", _printable(text)).strip()


def as_json(difference: Difference) -> dict[str, Any]:
    """Return the difference as plain data; fields are HTML."""
    return {
        "name": difference.name,
        "against": difference.against or None,
        **{kind: [_plain(change) for change in changes] for kind, changes in difference.kinds.items()},
        "unchanged": difference.unchanged,
    }


def _plain(change: Change) -> dict[str, Any]:
    data: dict[str, Any] = {"id": change.id, "title": change.title}
    if change.why:
        data["why"] = change.why
    if change.fields:
        data["fields"] = [{"name": field.name, "old": field.old, "new": field.new} for field in change.fields]
    return data


def _filled(difference: Difference) -> Iterable[tuple[str, tuple[Change, ...]]]:
    return ((kind, changes) for kind, changes in difference.kinds.items() if changes)
