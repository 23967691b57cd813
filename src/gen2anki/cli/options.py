"""The arguments and options that several commands have."""

import click

# What a command reads where no source is given.
DEFAULT = "cards.yaml"

sources = click.argument(
    "sources",
    metavar="[SOURCE]...",
    nargs=-1,
    type=click.Path(readable=False),
    callback=lambda _, __, given: tuple(dict.fromkeys(given)) or (DEFAULT,),
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
