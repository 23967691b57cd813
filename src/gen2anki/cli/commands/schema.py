"""`gen2anki schema`."""

import sys

import click


@click.command()
@click.option("-o", "--output", metavar="FILE", help="The file to write, in place of the standard output.")
def schema(output: str | None) -> None:
    """Print the JSON Schema of the source, for editors."""
    from importlib.resources import files

    # The file that ships with gen2anki, whatever pydantic is installed; a test holds it to the model.
    content = files("gen2anki.schema").joinpath("cards.schema.json").read_bytes()
    if output is None:
        click.echo(content, nl=False)
        return
    from gen2anki.diagnostics.problem import ProblemsError
    from gen2anki.output.atomic import replacement, writing

    try:
        with writing(output), replacement(output) as new:
            new.stream.write(content)
            new.commit()
    except ProblemsError as error:
        click.echo(error, err=True)
        sys.exit(1)
