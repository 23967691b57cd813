"""The process of the command line, as `gen2anki` or `python -m gen2anki`."""

import atexit
import gc
import os
import signal
import sys
from types import FrameType


def run() -> None:
    """Run the command line and exit as it does."""
    # What a command makes lives until its end: looking for cycles would double the time of a large build, and looking
    # once more on the way out would cost a lesson's an eighth. Before the imports, which make thousands of objects.
    gc.disable()
    atexit.register(gc.freeze)
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no second
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _leave)
    try:
        from gen2anki.cli import main

        main(prog_name="gen2anki")
    except KeyboardInterrupt:  # while the command line itself was loaded, which says the same later
        sys.exit("Aborted!")
    except OSError as error:
        # What goes wrong with a file is a problem with the file's name; this was the output, on a full disk perhaps.
        if error.filename is not None:
            raise
        # What is left of it finds no room later either: Python would try, and complain, on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(f"gen2anki: can't print what there is to say: {error.strerror}")


def _leave(number: int, _: FrameType | None) -> None:
    """Take away what is half written, as at Ctrl-C, and exit as a shell says of a signal."""
    sys.exit(128 + number)


if __name__ == "__main__":
    run()
