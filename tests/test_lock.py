"""Builds at once: package and ledger are always of one build, and no lock is left behind."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from author import FIRST_BUILD, Author
from gen2anki.output.lock import one_build_in
from learner import Learner
from lesson import settle_in


def _start(author: Author, number: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "gen2anki", "build"],
        cwd=author.folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "SOURCE_DATE_EPOCH": str(FIRST_BUILD + number)},
        stdout=subprocess.DEVNULL,
    )


def test_of_five_builds_at_once_package_and_ledger_are_of_one(author: Author, learner: Learner) -> None:
    """Each has another time, so that each would date the notes otherwise."""
    settle_in(author.folder)
    builds = [_start(author, number) for number in range(5)]
    assert [build.wait() for build in builds] == [0] * 5
    learner.take(author.folder / "seas.apkg")
    dates = {mod for (mod,) in learner.rows("select mod from notes")}
    assert dates == {entry["mod"] for entry in author.ledger_lines().values()}
    assert len(dates) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_build_waits_for_another_and_no_lock_outlives_a_kill(author: Author) -> None:
    """A build that is killed keeps nobody waiting, and nothing of a lock is left in the folder."""
    settle_in(author.folder)
    code = "import sys, time; from gen2anki.output.lock import one_build_in\n"
    code += "with one_build_in('.'): print('locked', flush=True); time.sleep(600)"
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], cwd=author.folder, env=path, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"locked\n"
        try:
            build = _start(author, 0)
            with pytest.raises(subprocess.TimeoutExpired):
                build.wait(timeout=3)
        finally:  # a test that fails waits for nobody
            holder.kill()
    assert build.wait() == 0
    assert zipfile.is_zipfile(author.folder / "seas.apkg")
    assert sorted(file.name for file in author.folder.iterdir()) == ["cards.lock", "cards.yaml", "media", "seas.apkg"]


def test_where_a_folder_cannot_be_locked_a_build_goes_on(tmp_path: Path) -> None:
    """Some network drives have no locks; a folder that is missing is told of by who reads the source."""
    with one_build_in(str(tmp_path / "missing")):
        pass
