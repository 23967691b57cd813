"""The process of the command line, as `gen2anki` or `python -m gen2anki`."""

import sys

try:
    import atexit
    import gc
    import os
    import signal
    from contextlib import suppress
    from types import FrameType
except KeyboardInterrupt:
    sys.exit(130)


def run() -> None:
    """Run the command line and exit as it does."""
    try:
        # What a command makes lives until its end. Looking for cycles would double the time of a large build; a last look on
        # the way out would take an eighth of a lesson's. Switched off before the imports, which make thousands of objects.
        gc.disable()
        atexit.register(gc.freeze)
        leaving = _Leaving()
        from gen2anki.cli import main

        main(prog_name="gen2anki")
    except KeyboardInterrupt:  # before the signals were ours
        sys.exit(130)
    except SystemExit:
        if leaving.code:
            sys.exit(leaving.code)
        raise
    except OSError as error:
        # An error with a file bears the file's name. This one came from the output, on a full disk perhaps.
        if error.filename is not None:
            raise
        # Python would try to write the rest on its way out, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(f"gen2anki: can't print the results: {error.strerror}")


class _Leaving:
    """What Ctrl-C and other signals do: what is half written is removed, and the exit code is that of shells.

    `code` is the exit code of the signal that came, or 0.
    """

    def __init__(self) -> None:
        self.code = 0
        self._process = os.getpid()
        # Windows has only the first two. One that is ignored stays so, as under nohup.
        signals = (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))
        self._signals = [
            number
            for number in signals
            if number and signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}
        ]
        sys.unraisablehook = self._not_raised
        for number in self._signals:
            signal.signal(number, self._leave)

    def _leave(self, number: int, _: FrameType | None) -> None:
        if os.getpid() != self._process:  # the process that reads the other half of a source
            os._exit(128 + number)
        # A second one must not cut the clean-up short.
        for other in self._signals:
            signal.signal(other, signal.SIG_IGN)
        self.code = 128 + number
        if number == signal.SIGINT:
            with suppress(OSError):  # nobody listens
                os.write(2, b"Aborted!\n")
        sys.exit(self.code)

    def _not_raised(self, what: "sys.UnraisableHookArgs") -> None:
        """Leave at the next call where Python could not, as in the middle of an import's own clean-up."""
        if self.code and what.exc_type is SystemExit:
            hook = sys._getframe()  # noqa: SLF001
            sys.setprofile(lambda frame, *_: None if frame is hook else sys.exit(self.code))
        else:
            sys.__unraisablehook__(what)


if __name__ == "__main__":
    run()
