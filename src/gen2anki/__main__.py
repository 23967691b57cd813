"""Run the command line as `python -m gen2anki`."""

from gen2anki.cli import main

main(prog_name="gen2anki")
