"""The process of the command line, as `gen2anki` or `python -m gen2anki`."""

import atexit
import gc
import os
import signal
import sys
from types import FrameType


def run() -> None:
    """Run the command line and exit as it does."""
    # What a command makes lives until its end. Looking for cycles would double the time of a large build; a last look on
    # the way out would take an eighth of a lesson's. Switched off before the imports, which make thousands of objects.
    gc.disable()
    atexit.register(gc.freeze)
    for name in ("SIGTERM", "SIGHUP"):  # Windows has only the first
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _leave)
    try:
        from gen2anki.cli import main

        main(prog_name="gen2anki")
    except KeyboardInterrupt:  # while the command line was loaded; later it says the same itself
        sys.exit("Aborted!")
    except OSError as error:
        # An error with a file bears the file's name. This one came from the output, on a full disk perhaps.
        if error.filename is not None:
            raise
        # Python would try to write the rest on its way out, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(f"gen2anki: can't print the results: {error.strerror}")


def _leave(number: int, _: FrameType | None) -> None:
    """Remove what is half written, as at Ctrl-C, and exit with the code that shells use for a signal."""
    sys.exit(128 + number)


if __name__ == "__main__":
    run()
