"""Two branches of one lesson, merged by git: learners of either get every correction and keep every edit.

`make soak` lives through many more of these histories.
"""

from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path

import pytest

import branches
from author import DAY, FIRST_BUILD, Author
from gen2anki.edition import ledger
from gen2anki.edition.entries import Entry, settled
from learner import Learner
from lesson import NOTES, settle_in

FIRST, OURS, THEIRS = "1a", "2b", "3c"


def _entry(hash: str, mod: int, **values: int) -> Entry:
    return Entry("s", False, hash, mod, 1)._replace(**values)  # type: ignore[arg-type]


def test_no_fork_loses_anything() -> None:
    """Whatever two authors do on their branches, no learner of either loses a correction or an edit."""
    lived = branches.live_all(range(6))
    assert lived["histories"] == 6
    assert min(lived[kind] for kind in ("edits that must stay", "notes that must arrive")) > 0


@pytest.mark.parametrize(
    ("versions", "content", "mod"),
    [
        # One branch changed the note: its learners have the text already, the others get it.
        ([_entry(FIRST, 10), _entry(OURS, 20, other=10)], OURS, 20),
        # The author of the merge took the change back: the learners of that branch must get the old text.
        ([_entry(FIRST, 10), _entry(OURS, 20, other=10)], FIRST, None),
        # Both changed it otherwise: those who have the other text get this one.
        ([_entry(OURS, 20, other=10), _entry(THEIRS, 30, other=10)], THEIRS, 30),
        ([_entry(OURS, 20, other=10), _entry(THEIRS, 30, other=10)], OURS, None),
        ([_entry(OURS, 20, other=10), _entry(THEIRS, 20, other=10)], OURS, None),
        ([_entry(OURS, 20, other=10), _entry(THEIRS, 30, other=10)], FIRST, None),
        # Both made the same change: whoever has it keeps what they edited since.
        ([_entry(OURS, 20, other=10), _entry(OURS, 30, other=10)], OURS, 20),
        # But one of them had another text in between, which some learners still have.
        ([_entry(OURS, 20, other=10), _entry(OURS, 30, other=25)], OURS, 30),
    ],
)
def test_a_note_of_which_branches_say_different_things_is_settled_by_one_rule(
    versions: Sequence[Entry], content: str, mod: int | None
) -> None:
    """Its date is the first that its content had after every other; where it had none, the content counts as changed."""
    found = {settled(order, content) for order in permutations(versions)}
    assert len(found) == 1
    (entry,) = found
    assert (entry.hash == content) is (mod is not None)
    if mod is not None:
        assert entry.mod == mod
    assert entry.last_mod == max(one.mod for one in versions)


def _fork(author: Author, ours: Callable[[], None], theirs: Callable[[], None]) -> tuple[Path, Path, str, str]:
    """Publish an edition, and one of each branch; return the branches' packages and ledgers. Theirs stands."""
    settle_in(author.folder)
    author.publish()
    base = author.text(), author.ledger.read_text()
    ours()
    one, our_ledger = author.publish(), author.ledger.read_text()
    author.write(base[0])
    author.ledger.write_text(base[1])
    theirs()
    return one, author.publish(), our_ledger, author.ledger.read_text()


@pytest.mark.parametrize("marks", ["none", "both sides", "with the base"])
def test_the_next_build_settles_whatever_git_left(author: Author, marks: str) -> None:
    """Lines that stand twice, two headers and the marks of a conflict: one build, and nothing of them is left."""
    _, _, ours, theirs = _fork(
        author,
        lambda: author.replace("About 11 km", "10,935 m"),
        lambda: author.replace("About 11 km", "Nearly 11 km"),
    )
    base = author.ledger.read_text()
    author.ledger.write_text(
        {
            "none": ours + theirs,
            "both sides": f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> b\n",
            "with the base": f"<<<<<<< HEAD\n{ours}||||||| 1234567\n{base}oops\n=======\n{theirs}>>>>>>> b\n",
        }[marks]
    )
    found = author.json("build")
    assert (found["problems"], found["changed"], found["unchanged"]) == ([], [], NOTES)
    entries = ledger.read(author.ledger.read_bytes(), "").entries
    assert (len(entries), entries["depth"].mod) == (NOTES, FIRST_BUILD + 2 * DAY)
    assert author.ledger.read_text().count("gen2anki") == 1
    assert author.json("build", "--frozen")["ok"]


def test_a_branch_that_an_older_gen2anki_built_is_merged_too(author: Author) -> None:
    """Its header and lines are of format 1, without checks."""
    settle_in(author.folder)
    author.publish()
    now = author.ledger.read_text()
    old = Path(__file__).with_name("frozen.lock").read_text()
    author.ledger.write_text(old + now)
    found = author.json("build")
    assert (found["problems"], found["unchanged"]) == ([], NOTES)
    assert min(entry["mod"] for entry in author.ledger_lines().values()) == FIRST_BUILD
    author.ledger.write_text(now + old.replace("seas", "t.other"))
    (problem,) = author.json("build")["problems"]
    assert problem["text"].startswith("this header is of another deck than the first")


def test_one_new_id_on_two_branches_is_told(author: Author, learner: Learner) -> None:
    """To Anki they are one note. Learners of both get the text of the merge; the author is told what that means."""
    one, other, ours, theirs = _fork(
        author,
        lambda: author.add_flashcard("- id: new\n  question: one\n  answer: one\n"),
        lambda: author.add_flashcard("- id: new\n  question: other\n  answer: other\n"),
    )
    author.ledger.write_text(ours + theirs)
    (problem,) = author.json("check")["problems"]
    assert (problem["code"], problem["severity"]) == ("ledger-twice", "warning")
    assert problem["text"].startswith("two branches added 'new', each with a text of its own")
    merged = author.publish()
    for edition in (one, other, merged):
        learner.take(edition)
    assert learner.field("new", "Question") == "other"
    assert author.json("check")["problems"] == []


def test_a_note_that_one_branch_withdrew_is_withdrawn_only_if_the_source_says_so(author: Author) -> None:
    """The other branch corrected it. The author of the merge decides, in the source."""
    _, _, ours, theirs = _fork(
        author,
        lambda: author.retire("depth"),
        lambda: author.replace("About 11 km", "10,935 m"),
    )
    author.ledger.write_text(ours + theirs)
    found = author.json("build")
    assert (found["problems"], found["unchanged"]) == ([], NOTES)
    author.ledger.write_text(ours + theirs)
    author.retire("depth")
    assert author.json("build")["ok"]
    assert author.ledger_lines()["depth"]["retired"] is True
