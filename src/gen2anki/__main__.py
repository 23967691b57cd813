"""The process of the command line, as `gen2anki` or `python -m gen2anki`."""

import atexit
import gc


def run() -> None:
    """Run the command line and exit as it does."""
    # What a command makes lives until its end: looking for cycles would double the time of a large build, and looking
    # once more on the way out would cost a lesson's an eighth. Before the imports, which make thousands of objects.
    gc.disable()
    atexit.register(gc.freeze)
    from gen2anki.cli import main

    main(prog_name="gen2anki")


if __name__ == "__main__":
    run()
