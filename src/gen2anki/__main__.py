"""The process of the command line, as `gen2anki` or `python -m gen2anki`."""

import atexit
import gc
import os
import sys


def run() -> None:
    """Run the command line and exit as it does."""
    # What a command makes lives until its end: looking for cycles would double the time of a large build, and looking
    # once more on the way out would cost a lesson's an eighth. Before the imports, which make thousands of objects.
    gc.disable()
    atexit.register(gc.freeze)
    from gen2anki.cli import main

    try:
        main(prog_name="gen2anki")
    except OSError as error:
        # What goes wrong with a file is a problem with the file's name; this was the output, on a full disk perhaps.
        if error.filename is not None:
            raise
        # What is left of it finds no room later either: Python would try, and complain, on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(f"gen2anki: can't print what there is to say: {error.strerror}")


if __name__ == "__main__":
    run()
