"""The package that is installed: what it contains, what it says of itself, and how it says to install more."""

import os
import re
import subprocess
import sys
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from gen2anki.diagnostics.installation import command_to_add

ROOT = Path(__file__).parent.parent
_TARGET = re.compile(r"\]\(([^)]*)\)|(?:src|srcset)=\"([^\"]*)\"")


def built(folder: Path, repository: str) -> zipfile.ZipFile:
    """Return the wheel, built with the address of a repository."""
    environment = os.environ | {"GEN2ANKI_REPOSITORY": repository}
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    return zipfile.ZipFile(wheel)


def metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel.read(name))


def targets(text: str) -> list[str]:
    """Return where the links and pictures of a text lead."""
    return ["".join(found) for found in _TARGET.findall(text)]


def test_the_readme_of_the_package_links_to_the_repository(tmp_path: Path) -> None:
    """A package index shows no file beside the README, so no link is relative, and each leads to a file that is there."""
    repository = "https://example.org/maths/decks"
    found = targets(str(metadata(built(tmp_path, repository)).get_payload()))
    assert len(found) > 10
    for target in found:
        page, _, file = target.partition("/main/")
        assert page in {f"{repository}/blob", f"{repository}/raw"}, target
        assert (ROOT / file.partition("#")[0]).is_file(), target


def test_without_an_address_the_readme_of_the_package_has_no_link(tmp_path: Path) -> None:
    """A link that leads nowhere is worse than none."""
    text = str(metadata(built(tmp_path, "")).get_payload())
    assert [target for target in targets(text) if not target.startswith(("https:", "#"))] == []
    assert "docs/format.md has every key" in text


def test_the_wheel_holds_every_file_and_every_licence(tmp_path: Path) -> None:
    """What is vendored comes with its licence."""
    wheel = built(tmp_path, "")
    package = ROOT / "src" / "gen2anki"
    files = {
        str(file.relative_to(ROOT / "src")) for file in package.rglob("*") if file.is_file() and file.suffix != ".pyc"
    }
    assert files <= set(wheel.namelist())
    vendored = {file.name for file in package.rglob("*") if "LICENSE" in file.name or file.name == "OFL.txt"}
    named = {os.path.basename(name) for name in metadata(wheel).get_all("License-File", [])}
    assert vendored | {"LICENSE"} == named


@pytest.mark.parametrize(
    ("mark", "has_pip", "command"),
    [
        ("pipx_metadata.json", True, "pipx inject --force gen2anki anki"),
        ("uv-receipt.toml", False, "uv tool install --upgrade --with anki gen2anki"),
        ("pyvenv.cfg", True, "pip install --upgrade anki"),
        ("pyvenv.cfg", False, "uv pip install --upgrade anki"),
    ],
)
def test_the_command_to_add_a_package_is_that_of_the_installer(
    tmp_path: Path, mark: str, has_pip: bool, command: str
) -> None:
    """An environment of pipx or uv has no pip of its own for `pip install` to work with."""
    (tmp_path / mark).touch()
    assert command_to_add("anki", str(tmp_path), has_pip=has_pip) == command
