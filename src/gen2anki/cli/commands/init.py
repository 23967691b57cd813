"""`gen2anki init`."""

import json
import os
import re
import subprocess
import sys
import unicodedata
from typing import Final

import click

from gen2anki.cli import options
from gen2anki.cli.formats import Format

_TEMPLATES: Final = "gen2anki.cli"
_WORKFLOW: Final = os.path.join(".github", "workflows", "deck.yml")


@click.command(short_help="Make a lesson to begin with.")
@click.argument("folder", default=".", type=click.Path(readable=False))
@click.option("--id", "deck_id", metavar="ID", help="The deck's id.  [default: your name in git, and the folder's]")
@click.option("--github", is_flag=True, help="Add a workflow that checks each push and makes a release of each tag.")
@options.form
def init(folder: str, deck_id: str | None, github: bool, form: Format) -> None:
    """Make a lesson to begin with: cards.yaml, its schema for editors, and what git needs; overwrite nothing.

    FOLDER is made where it is not there; by default it is this one.
    """
    from gen2anki.diagnostics.problem import ProblemsError

    name = os.path.basename(os.path.abspath(folder)) or "lesson"
    id = _asked(deck_id, name, may_ask=form != "json")
    files = {
        "cards.yaml": _read("cards.yaml").replace("{id}", id).replace("{name}", _title(name)),
        "cards.schema.json": _read("cards.schema.json", package="gen2anki.schema"),
        ".gitattributes": _read("gitattributes"),
    }
    if github:
        files[_WORKFLOW] = _read("workflow.yml")
    try:
        made = [file for file, text in files.items() if _write(os.path.join(folder, file), text)]
    except ProblemsError as error:
        click.echo(error, err=True)
        sys.exit(1)
    if form == "json":
        kept = [file for file in files if file not in made]
        click.echo(json.dumps({"command": "init", "ok": True, "deck": id, "made": made, "kept": kept}))
        return
    for file in files:
        click.echo(f"{os.path.join(folder, file)} {'is new' if file in made else 'was there: it stays as it is'}")
    if ".gitattributes" not in made:
        click.echo("Add to .gitattributes, if it is not in it: *.lock merge=union")
    if "cards.yaml" in made:
        click.echo(f"The deck's id is '{id}'. It may change until the first learner has the deck, and then never.")
        click.echo("Next: write the lesson, 'gen2anki check' it, and 'gen2anki build' the deck.")


def _asked(given: str | None, folder: str, *, may_ask: bool) -> str:
    """Return the deck's id: the one given, or that which the author agrees to, or the best guess."""
    guess = ".".join(filter(None, map(_slug, (_author(), folder))))[:64].strip("-._") or "lesson"
    if given is None and may_ask and sys.stdin.isatty() and sys.stdout.isatty():
        given = click.prompt("The deck's id, unlike any other in the world", default=guess)
    id = guess if given is None else given
    from gen2anki.schema.identifiers import ID, ID_RULE

    if not ID.fullmatch(id) or "__" in id:
        raise click.BadParameter(f"an id is made of {ID_RULE}, without two '_' in a row", param_hint="--id")
    return id


def _author() -> str:
    """Return the author's name as git knows it, or the system; empty where neither does."""
    import getpass

    try:
        found = subprocess.run(
            ["git", "config", "user.name"],  # noqa: S607 (the author's git)
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        found = ""
    if found:
        return found
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _slug(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")


def _title(folder: str) -> str:
    words = re.sub(r'[\s_\-"\\]+', " ", folder).strip() or "Lesson"
    return words[0].upper() + words[1:]


def _read(name: str, package: str = _TEMPLATES) -> str:
    from importlib.resources import files

    folder = files(package)
    return (folder / "templates" / name if package == _TEMPLATES else folder / name).read_text(encoding="utf-8")


def _write(file: str, text: str) -> bool:
    """Write a new file, and its folder; return False where it is there already.

    Raises:
        ProblemsError: it can't be written.
    """
    from gen2anki.output.atomic import writing

    with writing(file):
        if os.path.lexists(file):
            return False
        os.makedirs(os.path.dirname(file) or ".", exist_ok=True)
        with open(file, "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    return True
