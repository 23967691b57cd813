"""The process of the command line is ours; that of Python code which calls the commands is not."""

import gc
import subprocess
import sys

from author import Author
from lesson import settle_in


def test_the_garbage_collector_is_off_from_the_first_import_to_the_end(author: Author) -> None:
    """What a command makes lives to its end, so there is no garbage to look for."""
    settle_in(author.folder)
    # Registered first, so called last.
    code = (
        "import atexit, gc, sys\n"
        "atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > 10_000))\n"
        "from gen2anki.__main__ import run\n"
        "sys.argv = ['gen2anki', 'check']\n"
        "run()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60)
    _, last = run.stdout.decode().splitlines()
    assert last == "False True"


def test_python_code_that_calls_a_command_keeps_its_garbage_collector(author: Author) -> None:
    """A web server that builds decks would otherwise grow for ever."""
    settle_in(author.folder)
    author.publish()
    assert gc.isenabled()
