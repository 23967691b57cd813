"""Editions to their files, a package and ledgers. The ledgers take their places first."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from gen2anki.edition.pipeline import Edition
from gen2anki.output import apkg
from gen2anki.output.atomic import Replacement, replacement, writing
from gen2anki.output.leftovers import temporary_folder


class Publication:
    """The files of one package's editions while they are written.

    All are written out before any takes its place, so a full disk changes nothing. Then the ledgers go first: a ledger
    without its package costs nothing, a package without its ledger would.
    """

    def __init__(self, stack: ExitStack, package: str) -> None:
        """Take the name of the package; what `stack` holds is removed in the end.

        Raises:
            ProblemsError: the package can't be written there.
        """
        self._stack = stack
        self._name = package
        with writing(package):
            self._package = stack.enter_context(replacement(package))
        self._collection: apkg.CollectionFile | None = None
        self._ledgers: list[tuple[str, Replacement]] = []

    def write_ledger(self, name: str, content: bytes) -> None:
        """Write out the next ledger of a lesson, if it differs from the last.

        Raises:
            ProblemsError: the ledger can't be written.
        """
        with writing(name):
            ledger = self._stack.enter_context(replacement(name))
            ledger.stream.write(content)
            ledger.stream.flush()
        self._ledgers.append((name, ledger))

    def add(self, edition: Edition) -> int:
        """Write out an edition's notes; return the number of their cards.

        The caller can then let go of the edition: a large one takes more memory than packing it does.

        Raises:
            ProblemsError: there is no room for them.
        """
        with writing(self._name):
            if not self._collection:
                folder = self._stack.enter_context(temporary_folder())
                self._collection = apkg.CollectionFile(folder)
                self._stack.callback(self._collection.close)
            return self._collection.add(edition)

    def pack(self) -> None:
        """Write the package out.

        Raises:
            ProblemsError: it can't be written, or a picture or sound changed meanwhile.
        """
        with writing(self._name):
            if self._collection:
                apkg.write(self._collection.finish(), self._package.stream)
            self._package.stream.flush()

    def commit(self) -> None:
        """Put all files in their places.

        Raises:
            ProblemsError: a file can't be written.
        """
        for name, ledger in self._ledgers:
            with writing(name):
                ledger.commit(lasting=True)
        with writing(self._name):
            self._package.commit()


@contextmanager
def publication(package: str) -> Iterator[Publication]:
    """Open the files of a package; what is not committed is removed in the end."""
    with ExitStack() as stack:
        yield Publication(stack, package)
