"""Time the import of a deck into a new, throw-away collection of real Anki: `anki_import.py DECK NOTES`.

Prints JSON. Only the import is timed, neither the start of Python nor the making of the collection.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest


def main() -> None:
    """Time one import; fail unless all notes arrive."""
    deck, notes = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        collection = Collection(str(Path(folder, "collection.anki2")))
        request = ImportAnkiPackageRequest(package_path=deck, options=ImportAnkiPackageOptions())
        wall, cpu = time.perf_counter(), time.process_time()
        log = collection.import_anki_package(request)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        arrived = len(log.log.new)
        collection.close()
    if arrived != notes:
        sys.exit(f"{arrived} of {notes} notes arrived")
    print(json.dumps({"wall": {"import": wall}, "cpu": {"import": cpu}}))


if __name__ == "__main__":
    main()
