"""The same three editions, imported by every Anki that matters: `make matrix`.

Builds the editions once, with the product, then lives through scenario.py in one virtual environment for each version
(kept in .cache/anki/). Exits with 1 where one of them did not do as promised.
"""
# ruff: noqa: T201 (a command, which prints)

import json
import os
import subprocess
import sys
import tempfile
import venv
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from author import Author  # noqa: E402 (found only now)
from lesson import NOTES, PICTURE, add_note, settle_in  # noqa: E402

# The first that has this importer, the last of the old numbering, one of each release since; "" is the newest.
VERSIONS: Final = ("2.1.54", "2.1.66", "23.10", "24.6.3", "24.11", "25.9.2", "")
CACHE: Final = HERE.parent.parent / ".cache" / "anki"


def build(folder: Path) -> None:
    """Write the editions, and what each must come to."""
    author = Author(folder / "author")
    author.folder.mkdir()
    os.chdir(author.folder)
    settle_in(author.folder)
    editions: list[dict[str, Any]] = []

    def publish(new: int, updated: int, picture: bytes, fields: dict[str, dict[str, str]]) -> None:
        built = author.now
        author.publish().rename(folder / f"{len(editions) + 1}.apkg")
        had = editions[-1]["notes"] if editions else 0
        arrived = [new, updated, had - updated, 0]
        edition = {"built": built, "notes": had + new, "arrived": arrived, "picture": picture.decode("latin-1")}
        editions.append({**edition, "fields": fields})

    publish(NOTES, 0, PICTURE, {"largest": {"Answer": "The Philippine Sea"}})
    author.replace("Which sea is the largest?", "Which sea has the largest area?")
    (author.folder / "media" / "map.png").write_bytes(b"another map")
    author.write(add_note(author.text()))
    publish(1, 2, b"another map", {"largest": {"Question": "Which sea has the largest area?"}})
    author.replace("Which sea has the largest area?", "Which sea is the widest?")
    author.replace("answer: Inland}", "answer: Open}")
    publish(0, 2, b"another map", {"largest": {"Question": "Which sea is the widest?"}, "caspian": {"Answer": "Open"}})
    (folder / "editions.json").write_text(json.dumps(editions), encoding="utf-8")


def environment(version: str) -> Path:
    """Return a Python that has this version of Anki, installed if it is not there yet."""
    folder = CACHE / (version or "newest")
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    stamp = folder / ".installed"
    if not stamp.exists() or not version:  # the newest is another from month to month
        venv.create(folder, with_pip=True)
        wanted = f"anki=={version}" if version else "anki"
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]
        subprocess.run([*pip, wanted], check=True)
        stamp.touch()
    return python


def run(version: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Live through the editions in `folder` with this version of Anki."""
    command = [environment(version), "-W", "ignore", HERE / "scenario.py", folder]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def main() -> None:
    """Go through all versions, or those named on the command line."""
    failed = False
    versions = sys.argv[1:] or VERSIONS
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(os.cpu_count()) as pool:
        folder = Path(name)
        build(folder)
        for version, ran in zip(versions, pool.map(run, versions, repeat(folder)), strict=True):
            failed |= ran.returncode != 0
            told = ran.stdout.strip() or f"Anki {version}: {ran.stderr.strip()}"
            print(f"{'FAIL' if ran.returncode else 'ok  '} {told}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
