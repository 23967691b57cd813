"""A large source is read in two halves by two processes. Only the clock can tell."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, event, given, settings

from gen2anki.diagnostics.problem import Problem, ProblemsError
from gen2anki.edition import ledger, parallel, pipeline
from gen2anki.edition.parallel import join, reader
from gen2anki.edition.reading import Reading
from gen2anki.lesson.repairs import Repairs
from gen2anki.source.document import Document

CASES = Path(__file__).parent / "cases"
LESSON = Path(__file__).parent.parent / "cards.yaml"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="on other systems, one process reads a source")
needs_cores = pytest.mark.skipif(not parallel._has_cores(), reason="needs two cores")

DECK = """\
deck:
  id: seas
  name: Seas
  tags: [geography]
"""
FLASHCARDS = "flashcards:\n"
GOOD = tuple(
    f"- id: good-{number}\n  question: What is *{number}*?\n  answer: $n_{number}$\n  hint: Größe\n"
    f"  tags: [alpha, beta::{number}]\n"
    for number in range(4)
)
PRACTICE = """\
practice:
  - id: kinds
    title: Kinds
    choices: &kinds [ocean, lake]
    questions:
      - {id: baikal, question: Baikal?, answer: lake}
  - id: more
    title: More kinds
    choices: *kinds
    questions:
      - {id: pacific, question: Pacific?, answer: ocean}
"""


@dataclass(frozen=True)
class Outcome:
    """Everything in an edition, where its source's list members begin, its repairs, and whether it was read in halves."""

    edition: tuple[Any, ...]
    problems: tuple[Problem, ...]
    members: dict[Any, Any]
    repairs: Repairs
    in_halves: bool


def _make_edition(document: Document, file: Path, last: bytes | None) -> pipeline.Edition:
    return pipeline.make_edition(
        document,
        folder=str(file.parent),
        last=last,
        ledger_file=file.with_suffix(".lock").name,
        others={},
        clock=pipeline.Clock(now=1_760_000_000, latest=1_760_000_000),
        forget=(),
        stage=lambda _: None,
    )


def _outcome(content: bytes, file: Path, least: int) -> Outcome:
    """Make an edition of a source in `file`, beside its ledger; halve it where the first half has `least` bytes."""
    lock = file.with_suffix(".lock")
    joined: list[Reading | None] = []
    found: list[Reading] = []

    def watched_join(*arguments: Any) -> Reading | None:
        joined.append(join(*arguments))
        return joined[-1]

    @contextmanager
    def watched_reader(document: Document, folder: str) -> Iterator[Callable[[Callable[[str], None]], Reading]]:
        def read(stage: Callable[[str], None]) -> Reading:
            found.append(finish(stage))
            return found[-1]

        with reader(document, folder) as finish:
            yield read

    def outcome(edition: tuple[Any, ...], problems: tuple[Problem, ...]) -> Outcome:
        loaded = found[-1].loaded if found else None
        return Outcome(
            edition=edition,
            problems=problems,
            members=dict(loaded.places.members) if loaded else {},
            repairs=loaded.repairs if loaded else Repairs(),
            in_halves=any(joined),
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "LEAST_BYTES", least)
        patch.setattr(parallel, "_has_cores", lambda: True)
        patch.setattr(parallel, "join", watched_join)
        patch.setattr(pipeline, "reader", watched_reader)
        try:
            made = _make_edition(Document(content, file.name), file, lock.read_bytes() if lock.exists() else None)
        except ProblemsError as error:
            return outcome((), error.problems)
    return outcome((made.notes, made.decks, made.media, made.plan, made.ledger), made.warnings)


def assert_alike(content: bytes, file: Path) -> bool:
    """Assert that an edition does not show how its source was read; return True if it was read in halves."""
    whole, in_halves = _outcome(content, file, sys.maxsize), _outcome(content, file, 1)
    assert in_halves.problems == whole.problems
    assert in_halves.edition == whole.edition
    assert in_halves.repairs == whole.repairs
    if whole.members:  # a duplicate key makes them unknown, in its half alone or in the whole
        assert in_halves.members == whole.members
    assert not whole.in_halves
    return in_halves.in_halves


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a source in an empty folder."""
    return tmp_path / "cards.yaml"


def _lesson(*flashcards: str, head: str = DECK + FLASHCARDS, tail: str = PRACTICE, indent: int = 2) -> bytes:
    return (head + textwrap.indent("".join(flashcards), " " * indent) + tail).encode()


def test_every_sample_reads_the_same() -> None:
    """Whatever is right or wrong in our samples: the notes, the problems and the places are the same."""
    samples = [LESSON, *sorted((CASES / "good").rglob("*.yaml")), *sorted((CASES / "bad").rglob("*.yaml"))]
    assert sum(assert_alike(sample.read_bytes(), sample) for sample in samples) > 20


@pytest.mark.parametrize("indent", [0, 2, 5])
@pytest.mark.parametrize("tail", ["", PRACTICE, "# the end\n", "retired: [old]\n", "...\n"])
def test_a_good_lesson_is_read_in_halves(file: Path, tail: str, indent: int) -> None:
    """However its list is indented, and whatever stands below it."""
    assert assert_alike(_lesson(*GOOD, tail=tail, indent=indent), file)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content.decode().encode("utf-16"),
        lambda content: content.replace(b"flashcards:\n", b"flashcards:  # all of them\n\n  # the first\n"),
        lambda content: content.replace(b"*2*", "*\N{SNOWMAN}*".encode()),
        lambda content: content.replace(b"question: What is *1*?", b"qestion: What is *1*?"),
        lambda content: content.replace(b"$n_1$", b"'[y](nowhere.png) \\[x\\]'").replace(b"$n_3$", b"'![](no.png)'"),
        lambda content: content.replace(b"$n_1$", b"[of: one]").replace(b"$n_3$", b"\n      - of: three"),
        lambda content: content.replace(b"good-3", b"good 3").replace(b"good-0", b"good 0"),
        lambda content: content.replace(b"practice:", DECK.encode() + b"practice:"),
        lambda content: re.sub(rb"id: good-[03]\n +", b"", content),
        lambda content: content.replace(b"id: seas", b"id: Seas").replace(b"name: Seas", b"nme: Seas"),
    ],
    ids=[
        "CRLF",
        "BOM",
        "UTF-16",
        "comments",
        "wide",
        "mistyped",
        "texts",
        "lists",
        "bad ids",
        "deck twice",
        "no ids",
        "deck",
    ],
)
def test_a_problem_in_one_half_is_reported_from_that_half(file: Path, change: Any) -> None:
    """The source is still read in halves, and each problem has its line."""
    assert assert_alike(change(_lesson(*GOOD)), file)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("alpha, beta::3", "Alpha"),
        ("beta::3", "Beta"),
        ("beta::0", "Beta"),
        ("beta::3", "Geography, leech, BETA, geography::Rock, alpha::rock"),
    ],
    ids=["below", "a parent below", "a parent above", "several"],
)
def test_a_tag_spelled_differently_in_the_halves_is_reported(file: Path, old: str, new: str) -> None:
    """An author may live with the warning, so it must not slow down every build."""
    lesson = "".join(GOOD)
    assert lesson.count(old) == 1
    tail = PRACTICE.replace("Baikal?", "Baikal?, tags: [GEOGRAPHY]")
    for end in "", tail:
        assert assert_alike(_lesson(lesson.replace(old, new), tail=end), file)


@pytest.mark.parametrize(
    "content",
    [
        _lesson(*GOOD[:2], *GOOD[2:], tail=f"flashcards:\n  {GOOD[0]}"),
        _lesson(GOOD[0], '- id: open\n  question: "two\n', *GOOD[1:], '  lines"\n'),
        _lesson(GOOD[0], "- {id: flow, answer: a, question: [\n", *GOOD[1:], "  ]}\n"),
        _lesson(*GOOD).replace(b"*3*", b"*\x07*"),
        _lesson(*GOOD).replace(b"*0*", b"a: b").replace(b"*3*", b"'c"),
        _lesson(*GOOD, tail=PRACTICE.replace("Baikal?", "@Baikal")).replace(b"name: Seas", b"name: Seas: all"),
        _lesson(*GOOD)
        .replace(b"    question: What is *2*?", b"\tquestion: What is *2*?")
        .replace(b"*1*", b"x: *\xe2\x98\x83*"),
    ],
    ids=[
        "flashcards twice",
        "a text across the cut",
        "a list across the cut",
        "a control character below",
        "in both",
        "around them",
        "a tab",
    ],
)
def test_a_slip_in_one_half_is_told_from_that_half(file: Path, content: bytes) -> None:
    """What is set aside in one half is set aside in the whole."""
    assert assert_alike(content, file)


ANCHORED = GOOD[0].replace("[alpha, beta::0]", "&tags [alpha]")
ALIASED = GOOD[3].replace("[alpha, beta::3]", "*tags")


@pytest.mark.parametrize(
    "content",
    [
        _lesson(ANCHORED, *GOOD[1:3], ALIASED),
        _lesson(ANCHORED.replace("&", "  &"), *GOOD[1:3], ALIASED),
        _lesson(ANCHORED, *GOOD[1:3], ALIASED, head=DECK.replace("[geography]", "&tags [geography]") + FLASHCARDS),
        _lesson(*GOOD, GOOD[0]),
        _lesson(*GOOD, tail="retired: [good-0]\n"),
        _lesson(GOOD[0], *GOOD[1:3], tail="", head=f"{PRACTICE}{DECK}{FLASHCARDS}"),
        _lesson(*GOOD, tail=DECK, head=FLASHCARDS),
        _lesson(*GOOD).replace(b"  - id: good-2", b"---\n  - id: good-2"),
        _lesson(*GOOD).replace(b"  - id: good-1", b"practice: []\n  - id: good-1"),
        _lesson(*GOOD).replace(b"What is *0*?", b"'two\r      lines'").replace(b"tags: [alpha, beta::3]", b"tgs: []"),
        _lesson(*GOOD).replace(b"*1*", b"*\xff*"),
        _lesson(*GOOD, head='deck:\n  id: seas\n  name: "Seas\nflashcards:\n  - a"\nflashcards:\n'),
        _lesson(GOOD[0], '- id: open\n  question: x\n  answer: "two\n- lines' + " more" * 200 + '"\n', tail=""),
        b"",
        b"flashcards:\n  - a\n  - b\n",
    ],
    ids=[
        "an anchor above, its alias below",
        "an anchor that is seen only when it is read",
        "an anchor set anew above its alias",
        "one id in both",
        "retired below, in use above",
        "practice first",
        "the deck last",
        "a second document",
        "another key within the list",
        "a lone carriage return",
        "no UTF-8 above",
        "a text that looks like the list",
        "a good text across the cut",
        "empty",
        "no deck",
    ],
)
def test_a_source_whose_halves_depend_on_each_other_is_read_whole(file: Path, content: bytes) -> None:
    """What one half means, or whether it is right, may depend on the other."""
    assert not assert_alike(content, file)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("good-0", "good-zero"),
        ("good-3", "good-three"),
        ("question: What is *0*?\n    answer: $n_0$", "cloze: a {{c1::b}} c"),
        ("question: What is *3*?\n    answer: $n_3$", "cloze: a {{c1::b}} c\n    qestion: Q"),
        ("*0*", "*zero*"),
        ("tags: [alpha, beta::0]\n  - id: good-1\n    ", ""),
    ],
    ids=[
        "renamed above",
        "renamed below",
        "another kind",
        "another kind and a key mistyped",
        "reworded",
        "a dash left out",
    ],
)
def test_the_ledger_is_compared_with_both_halves(file: Path, old: str, new: str) -> None:
    """A problem of the ledger is reported at its line, in whichever half."""
    published = _lesson(*GOOD, tail="retired: [baikal, pacific]\n" + "# the end\n" * 20).decode()
    last = None
    for content in _lesson(*GOOD), published.encode():
        last = ledger.write(_make_edition(Document(content, file.name), file, last).ledger)
    file.with_suffix(".lock").write_bytes(last or b"")
    assert published.count(old) == 1
    assert assert_alike(published.replace(old, new).encode(), file)


# `N` becomes a number of its own, so most lessons put together from these can be read in halves.
MILD = (
    "- id: goodN\n  question: What is *N*?\n  answer: $n_N$\n  tags: [alpha, beta::N]\n",
    "- id: blockN\n  question: |+\n    - id: no\n\n     x\n\n\n",
    "- id: foldedN\n  question: Q\n  answer: >-\n    folded\n\n    lines\n",
    "- id: textN\n  question: \"two\n      - lines\"\n  answer: '# A'\n",
    "- {id: flowN, question: Q,\n    answer: A, tags: [alpha]}\n",
    "- id: clozeN\n  cloze: a {{c1::b}} c\n",
    "- id: nothingN\n  cloze: hidden\n",
    "- id: mistypedN\n  qestion: Q\n  answer: A\n",
    "- id: twiceN\n  id: againN\n  question: $x\n  answer: \\[y\\]\n",
    "- id: no id N\n  question: ''\n  answer:\n  reverse: maybe\n",
    "- a text\n",
    "-\n",
    "\n",
    "# a comment\n",
)
HARSH = (
    "- id: same\n  question: Q\n  answer: A\n",
    "- id: otherN\n  question: Q\n  answer: A\n  tags: [ALPHA]\n",
    "- id: anchorN\n  question: Q\n  answer: A\n  tags: &tags [alpha]\n",
    "- id: aliasN\n  question: Q\n  answer: A\n  tags: *tags\n",
    '- id: openN\n  question: "open\n',
    '  lines"\n',
    "- {id: openN, question: [Q,\n",
    "  A], answer: A}\n",
    "\t\n",
)
MILD_ENDS = ("", PRACTICE, "retired: [old]\n", "nonsense: 1\n")
HARSH_ENDS = (DECK, "---\n", "retired: [same]\n", "flashcards:\n  - id: x\n")


def _mostly(mild: tuple[str, ...], harsh: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.integers(0, 19).flatmap(lambda number: st.sampled_from(mild if number else harsh))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(_mostly(MILD, HARSH), min_size=2, max_size=9),
    st.sampled_from([DECK + FLASHCARDS, f"{DECK}{FLASHCARDS}\n # first\n"]),
    st.lists(_mostly(MILD_ENDS, HARSH_ENDS), max_size=2).map("".join),
    st.sampled_from([0, 2]),
)
def test_whatever_is_put_together(file: Path, pieces: list[str], head: str, tail: str, indent: int) -> None:
    """Any pieces in any order are read the same, in halves or whole."""
    numbered = (piece.replace("N", str(number)) for number, piece in enumerate(pieces))
    event("in halves" if assert_alike(_lesson(*numbered, head=head, tail=tail, indent=indent), file) else "whole")


def test_a_helper_that_dies_costs_nothing_but_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may run out of memory, or be killed."""

    def die(*_: object) -> NoReturn:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    monkeypatch.setattr(parallel, "read_first", die)
    assert not assert_alike(_lesson(*GOOD), file)


@pytest.mark.parametrize("length", [0, 1, 50, 200, -1])
def test_what_a_helper_did_not_write_to_the_end_is_not_used(
    file: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """The disk may be full."""
    import pickle

    real = pickle.dumps

    def dump(value: object, stream: BinaryIO, protocol: int) -> NoReturn:
        stream.write(real(value, protocol)[:length])
        stream.flush()
        raise OSError

    monkeypatch.setattr(pickle, "dump", dump)
    assert not assert_alike(_lesson(*GOOD), file)


def test_without_a_folder_for_temporary_files_it_is_read_whole(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check works without one."""
    monkeypatch.setattr(parallel, "temporary_place", lambda: str(file.parent / "gone"))
    assert not assert_alike(_lesson(*GOOD), file)


def test_a_helper_is_not_waited_for_where_the_other_half_is_no_lesson(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ended at once, however long it would still take."""
    late = file.with_name("late")

    def dawdle(*_: object) -> None:
        time.sleep(10)
        late.touch()

    monkeypatch.setattr(parallel, "read_first", dawdle)
    assert not assert_alike(_lesson(*GOOD, tail="<<<<<<< ours\n"), file)
    assert not late.exists()


# --- as its author runs it


def _large(folder: Path, notes: int) -> None:
    cards = (f"  - {{id: n{number}, question: What is {number}?, answer: $x_{number}$}}\n" for number in range(notes))
    (folder / "cards.yaml").write_text(DECK + FLASHCARDS + "".join(cards) + PRACTICE)


@needs_cores
def test_one_core_or_two_the_deck_is_the_same(tmp_path: Path) -> None:
    """Ledger and package have the same bytes."""
    made = []
    all_cores = sorted(os.sched_getaffinity(0))
    for cores in all_cores[:2], all_cores[:1]:
        folder = tmp_path / f"{len(cores)}"
        folder.mkdir()
        _large(folder, 50_000)
        code = f"import os; os.sched_setaffinity(0, {cores}); from gen2anki.__main__ import run; run()"
        environment = os.environ | {"SOURCE_DATE_EPOCH": "1760000000"}
        subprocess.run([sys.executable, "-c", code, "build"], cwd=folder, check=True, env=environment)
        made.append([(folder / name).read_bytes() for name in ("cards.lock", "seas.apkg")])
    assert made[0] == made[1]


@needs_cores
def test_ctrl_c_while_both_read_prints_one_word(tmp_path: Path) -> None:
    """A terminal interrupts both processes: one prints, and none is left."""
    _large(tmp_path, 100_000)
    with subprocess.Popen(
        [sys.executable, "-m", "gen2anki", "check"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # Tests that run in the background ignore Ctrl-C. (They run no thread that a fork could catch holding a lock.)
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        while len(found := _group(process.pid)) < 2:
            assert process.poll() is None
            time.sleep(0.001)
        time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout, stderr.strip()) == (130, b"", b"Aborted!")
    assert len(found) == 2
    assert _group(process.pid) == []


def _group(leader: int) -> list[str]:
    """Return the ids of the processes in a group."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # the process has ended
            _, _, fields = file.read_text(encoding="utf-8", errors="replace").rpartition(
                ")"
            )  # the name may hold anything
            if fields.split()[2] == str(leader):
                found.append(file.parent.name)
    return found
