"""The arguments and options that several commands have."""

import click

from gen2anki.cli.formats import default_format

# What a command reads where no source is given.
DEFAULT = "cards.yaml"

sources = click.argument(
    "sources",
    metavar="[SOURCE]...",
    nargs=-1,
    type=click.Path(readable=False),
    callback=lambda _, __, given: tuple(dict.fromkeys(given)) or (DEFAULT,),
)
# The form of what is printed.
form = click.option(
    "--json",
    "form",
    flag_value="json",
    default=None,
    callback=lambda _, __, given: given or default_format(),
    help="Print one JSON object instead of text.",
)
