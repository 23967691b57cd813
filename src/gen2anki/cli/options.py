"""The arguments and options that several commands have."""

import click

source = click.argument("source", default="cards.yaml", type=click.Path(readable=False))
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
