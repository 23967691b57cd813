"""What an import did, as a report for a person or a program."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gen2anki.verify.findings import KINDS, Finding

# How many notes of a kind are named.
_LISTED: Final = 8
_FAILURES: Final = frozenset({"refused", "redated", "duplicated", "lost"})

# Takes a text and the name of a colour; returns the text as the terminal is to show it.
Paint = Callable[[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an import did. `found` is by kind (see KINDS); `integrity` is what Anki's own check complains of."""

    anki: str
    before: str
    found: dict[str, tuple[Finding, ...]]
    decks: tuple[str, ...]
    described: tuple[str, ...]
    notetypes: tuple[str, ...]
    media: int
    media_missing: tuple[str, ...]
    integrity: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Say whether nothing was refused, redated, duplicated, lost or missing, and Anki finds all in order."""
        return not (any(self.found[kind] for kind in _FAILURES) or self.media_missing or self.integrity)


def as_text(report: Report, paint: Paint) -> str:
    """Return the report for a person."""
    lines = [f"Imported into Anki {report.anki}, {report.before}:"]
    for kind, findings in report.found.items():
        if not findings:
            continue
        bad = kind in _FAILURES or kind == "empty"
        head = paint(f"{len(findings):,} {kind.replace('_', ' ')}", "red" if bad else "green")
        lines.append(f"  {head}: {KINDS[kind]}" if KINDS[kind] else f"  {head}")
        named = () if kind in {"new", "unchanged"} else findings[:_LISTED]
        lines += (f"    {finding.id}{f': {finding.why}' if finding.why else ''}" for finding in named)
        if named and len(findings) > len(named):
            lines.append(f"    … and {len(findings) - len(named):,} more (--json names all)")
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
            kind: [{"id": finding.id, **({"why": finding.why} if finding.why else {})} for finding in findings]
            for kind, findings in report.found.items()
        },
        "decks": list(report.decks),
        "described": list(report.described),
        "notetypes": list(report.notetypes),
        "media": report.media,
        "media_missing": list(report.media_missing),
        "integrity": list(report.integrity),
    }
