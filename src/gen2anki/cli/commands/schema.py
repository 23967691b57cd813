"""`gen2anki schema`."""

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of the source, for editors."""
    from gen2anki.schema.model import schema

    click.echo(schema(), nl=False)
