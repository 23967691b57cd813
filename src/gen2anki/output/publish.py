"""An edition to its two files, the package and the ledger. The ledger takes its place first."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory

from gen2anki.edition.pipeline import Edition
from gen2anki.output import apkg
from gen2anki.output.atomic import Replacement, replacement, writing


class Publication:
    """The two files of an edition while they are written.

    Both are written out before either takes its place, so a full disk changes nothing. Then the ledger goes first: a
    ledger without its package costs nothing, a package without its ledger would.
    """

    def __init__(self, stack: ExitStack, package: str, ledger: str) -> None:
        """Take the names of the two files; what `stack` holds is removed in the end.

        Raises:
            ProblemsError: the package can't be written there.
        """
        self._stack = stack
        self._names = package, ledger
        with writing(package):
            self._package = stack.enter_context(replacement(package))
        self._ledger: Replacement | None = None
        self._collection: apkg.Collection | None = None

    def write_ledger(self, content: bytes) -> None:
        """Write out the next ledger, if it differs from the last.

        Raises:
            ProblemsError: the ledger can't be written.
        """
        _, name = self._names
        with writing(name):
            self._ledger = self._stack.enter_context(replacement(name))
            self._ledger.stream.write(content)
            self._ledger.stream.flush()

    def collect(self, edition: Edition) -> int:
        """Write out the edition's notes; return the number of their cards.

        The caller can then let go of the edition: a large one takes more memory than packing it does.

        Raises:
            ProblemsError: there is no room for them.
        """
        package, _ = self._names
        with writing(package):
            folder = self._stack.enter_context(TemporaryDirectory(prefix="gen2anki-"))
            self._collection = apkg.collect(edition, folder)
        return self._collection.cards

    def commit(self) -> None:
        """Pack the package, then put both files in their places.

        Raises:
            ProblemsError: a file can't be written, or a picture or sound changed meanwhile.
        """
        package, ledger = self._names
        with writing(package):
            if self._collection:
                apkg.write(self._collection, self._package.stream)
            self._package.stream.flush()
        if self._ledger:
            with writing(ledger):
                self._ledger.commit(lasting=True)
        with writing(package):
            self._package.commit()


@contextmanager
def publication(package: str, ledger: str) -> Iterator[Publication]:
    """Open the two files of an edition; what is not committed is removed in the end."""
    with ExitStack() as stack:
        yield Publication(stack, package, ledger)
