"""The command line. It alone reads the clock, prints and exits."""

import os
import sys

import click

from gen2anki import __version__
from gen2anki.cli.commands.build import build
from gen2anki.cli.commands.check import check
from gen2anki.cli.commands.diff import diff
from gen2anki.cli.commands.init import init
from gen2anki.cli.commands.page import page
from gen2anki.cli.commands.preview import preview
from gen2anki.cli.commands.schema import schema
from gen2anki.cli.commands.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="gen2anki")
def main() -> None:
    """Turn one readable YAML file into an Anki deck that merges, edition after edition."""
    # A message must never fail for the terminal's encoding.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
            if os.name == "nt" and not stream.isatty():  # a file is for other programs, which read UTF-8
                stream.reconfigure(encoding="utf-8")


for command in (init, build, check, diff, verify, page, preview, schema):
    main.add_command(command)
