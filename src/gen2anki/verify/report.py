"""What an import did: a report for a person or a program."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gen2anki.verify.fates import KINDS, Fate

# How many notes of a kind are named.
_LISTED: Final = 8
_FAILURES: Final = frozenset({"refused", "redated", "duplicated", "lost"})

# Takes a text and the name of a colour; returns the text as the terminal shall show it.
Paint = Callable[[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an import did.

    `anki` is the version of Anki's library; `before` says what was in the collection. `fates` are by kind (see KINDS);
    `integrity` is what Anki's own check complains of.
    """

    anki: str
    before: str
    fates: dict[str, tuple[Fate, ...]]
    decks: tuple[str, ...]
    described: tuple[str, ...]
    notetypes: tuple[str, ...]
    media: int
    media_missing: tuple[str, ...]
    integrity: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Return True if nothing was refused, redated, duplicated, lost or missing, and Anki finds all in order."""
        return not (any(self.fates[kind] for kind in _FAILURES) or self.media_missing or self.integrity)


def as_text(report: Report, paint: Paint) -> str:
    """Return the report for a person."""
    lines = [f"Imported into Anki {report.anki}, {report.before}:"]
    for kind, fates in report.fates.items():
        if not fates:
            continue
        bad = kind in _FAILURES or kind == "empty"
        head = paint(f"{len(fates):,} {kind.replace('_', ' ')}", "red" if bad else "green")
        lines.append(f"  {head}: {KINDS[kind]}" if KINDS[kind] else f"  {head}")
        named = () if kind in {"new", "unchanged"} else fates[:_LISTED]
        lines += (f"    {fate.id}{f': {fate.why}' if fate.why else ''}" for fate in named)
        if named and len(fates) > len(named):
            lines.append(f"    … and {len(fates) - len(named):,} more (--json names all)")
    lines += _list("decks created", report.decks)
    lines += _list("decks with a new description", report.described)
    lines += _list("note types created", report.notetypes)
    if report.media:
        lines.append(f"  media: {report.media - len(report.media_missing):,} of {report.media:,} present")
    lines += (f"    {paint('missing', 'red')}: {name}" for name in report.media_missing)
    lines.append(f"  Anki's own check: {'finds nothing' if not report.integrity else '; '.join(report.integrity)}")
    verdict = (
        ("nothing is refused, duplicated or lost", "green") if report.ok else ("not fit for those learners", "red")
    )
    lines.append(paint(*verdict))
    return "\n".join(lines)


def _list(name: str, values: Sequence[str]) -> Iterable[str]:
    if values:
        yield f"  {name}: {', '.join(values[:_LISTED])}{', …' if len(values) > _LISTED else ''}"


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as plain data."""
    return {
        "anki": report.anki,
        **{
            kind: [{"id": fate.id, **({"why": fate.why} if fate.why else {})} for fate in fates]
            for kind, fates in report.fates.items()
        },
        "decks": list(report.decks),
        "described": list(report.described),
        "notetypes": list(report.notetypes),
        "media": report.media,
        "media_missing": list(report.media_missing),
        "integrity": list(report.integrity),
    }
