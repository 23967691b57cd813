"""What an edition changes: a report for a person, a release note or a program."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from gen2anki.diff.comparison import MEANINGS, Change, Difference, FieldChange, printable
from gen2anki.diff.words import runs
from gen2anki.schema.identifiers import ID

# How many notes of a kind are listed where no texts are compared, so that the report fits on a screen.
_LISTED: Final = 8

_MARKDOWN: Final = re.compile(r"([\\`*_~\[\]<>|#&])")

_SIGNS: Final = {
    "new": "+",
    "changed": "~",
    "moved": ">",
    "retired": "-",
    "refused": "!",
    "redated": "=",
    "described": "~",
}
# The colour of each kind on a terminal, by click's names.
_COLOURS: Final = {
    "new": "green",
    "changed": "yellow",
    "moved": "cyan",
    "retired": "red",
    "refused": "red",
    "redated": "red",
    "described": "yellow",
}

# The button of a choice, as `render/anki_fields.py` makes it.
_BUTTON: Final = re.compile(r'<button type="button" class="choice( right)?">(.*?)</button>', re.DOTALL)

# A reading, as `markdown/stand_ins.py` makes it.
_READING: Final = re.compile(r"<ruby>([^<]*)<rp>\(</rp><rt>([^<]*)</rt><rp>\)</rp></ruby>")

# Takes a text and the name of a colour; returns the text as the terminal shall show it.
Paint = Callable[[str, str], str]


def as_text(difference: Difference, paint: Paint) -> str:
    """Return the difference for a person: kind by kind, with what each kind means to learners."""
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
            lines += (
                f"      {printable(field.name) + ':':{name_width + 1}} {_painted(field, paint)}"
                for field in change.fields
            )
        if len(changes) > len(listed):
            lines.append(f"    … and {len(changes) - len(listed):,} more (--json names all)")
    if difference.unchanged:
        lines += ["", f"{difference.unchanged:,} unchanged: {MEANINGS['unchanged']}"]
    return "\n".join(lines)


def word_runs(field: FieldChange) -> Iterator[tuple[str, str]]:
    """Yield a field in runs of words, each with its sign (see `words.runs`)."""
    return runs(*_readable(field))


def _readable(field: FieldChange) -> tuple[str, str]:
    """Return a field before and after; choices and switches are put in words."""
    if field.name == "Choices":
        return _choices(field.old), _choices(field.new)
    if field.name == "Reverse":
        words = {"": "no", "1": "yes"}
        return words.get(field.old, field.old), words.get(field.new, field.new)
    return _bracketed(field.old), _bracketed(field.new)


def _bracketed(html: str) -> str:
    """Return HTML with each reading in brackets behind its signs, as it was typed."""
    return _READING.sub(r"\1[\2]", html)


def _choices(html: str) -> str:
    return ", ".join(f"✓ {choice}" if right else choice for right, choice in _BUTTON.findall(_bracketed(html)))


def _painted(field: FieldChange, paint: Paint) -> str:
    # The signs stay beside the colours, for pipes and for people who do not see colours.
    forms = {"-": "[-{}-]", "+": "{{+{}+}}"}
    colours = {"-": "red", "+": "green"}
    made = ""
    for sign, run in word_runs(field):
        text = printable(run)
        words = text.rstrip()
        made += paint(forms[sign].format(words), colours[sign]) + text[len(words) :] if sign else text
    return made.rstrip()


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
            id = f"`{change.id}`" if ID.fullmatch(change.id) else _escaped(change.id)
            text = f"{_escaped(change.title)} ({id})" if change.title else _escaped(change.id)
            lines.append(f"- {text}" + (f": {_escaped(change.why)}" if change.why else ""))
            lines += (f"  - {_escaped(field.name)}: {_marked(field)}" for field in change.fields)
    return "\n".join(lines)


def _marked(field: FieldChange) -> str:
    forms = {"": "{}", "-": "~~{}~~", "+": "**{}**"}
    # Spaces around each run, or Markdown would take some marks for text.
    return " ".join(forms[sign].format(_escaped(text)) for sign, text in word_runs(field) if text.strip())


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", printable(text)).strip()


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
