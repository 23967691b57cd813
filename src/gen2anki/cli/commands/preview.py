"""`gen2anki preview`."""

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from gen2anki.cli import options
from gen2anki.cli.formats import Format
from gen2anki.cli.inputs import Given, ledger_file_of, make_edition, read_if_there, read_source
from gen2anki.cli.outcome import Outcome, Stage, run_each

if TYPE_CHECKING:
    from gen2anki.edition.pipeline import Edition
    from gen2anki.preview.server import Server
    from gen2anki.preview.session import Session


@click.command(short_help="Show every card in the browser, as on a phone.")
@click.argument("source", default=options.DEFAULT, type=click.Path(readable=False))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port to serve on.  [default: a free one]")
@click.option("--no-open", is_flag=True, help="Open no browser; only print the address.")
@click.option("--against", metavar="OLD.apkg", help="Compare the words with this package; by default with the ledger.")
@click.option(
    "--editor",
    metavar="URL",
    envvar="EDITOR_URL",
    help="The address that opens a place in your editor, with {file}, {line} and {column} in it.  [default: VS Code's]",
)
@options.form
def preview(source: str, port: int, no_open: bool, against: str | None, editor: str | None, form: Format) -> None:
    """Show every card in the browser, as on a phone, and again at each save; Ctrl-C ends it.

    SOURCE is a lesson in YAML; by default cards.yaml. It is shown on this machine alone, to who has the address, and
    nothing is written. EDITOR_URL in the environment stands for --editor.
    """
    from gen2anki.preview.editor import DEFAULT, pattern_fault

    pattern = editor or DEFAULT
    if fault := pattern_fault(pattern):
        raise click.BadParameter(fault, param_hint="--editor")
    served: list[Server] = []

    def begin(source: str, stage: Stage) -> Outcome:
        server = _server(source, port, against, pattern, stage)
        served.append(server)
        return Outcome(
            text=f"{source} is shown at {server.address}\nCtrl-C ends it.",
            data={"address": server.address},
            warnings=(),
        )

    run_each("preview", [source], form, begin)
    sys.stdout.flush()
    # Here Ctrl-C is the usual end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        _serve(served[0], source, open_browser=not no_open)


def _server(source: str, port: int, against: str | None, editor: str, stage: Stage) -> "Server":
    """Read the source for the first time, and take the port."""
    from gen2anki.preview.server import Server

    try:
        return Server(session_of(source, against, editor, stage), port)
    except OSError as error:
        raise click.BadParameter(f"port {port} can't be served: {error.strerror}", param_hint="--port") from None


def session_of(source: str, against: str | None, editor: str, stage: Stage) -> "Session":
    """Return a session of a source; `against` is the package to compare with, `editor` the pattern of its addresses.

    Raises:
        ProblemsError: the source is not there, or the package can't be read.
    """
    from gen2anki.anki import package_reader
    from gen2anki.preview.fates import Published
    from gen2anki.preview.session import Session

    read_source(source)  # one that is not there is a slip, and shows no page
    ledger_file = ledger_file_of(source)

    def make() -> "tuple[Edition, bytes | None]":
        last = read_if_there(ledger_file)
        return make_edition(Given(source), last, stage, in_one_process=True), last

    package = package_reader.read(against) if against is not None else None
    return Session(
        source,
        ledger_file,
        make=make,
        read=lambda: read_source(source),
        published=Published(package, against or ""),
        editor=editor,
    )


def _serve(server: "Server", source: str, *, open_browser: bool) -> None:
    """Serve until Ctrl-C."""
    from threading import Event, Thread

    from gen2anki.preview.files import watch

    Thread(target=server.serve_forever, daemon=True).start()
    if open_browser:
        _open(server.address)
    watch(source, server.session.watched, server.session.refresh, Event())


def _open(address: str) -> None:
    """Open the browser, where there is a screen for one; a browser of the terminal would take it over."""
    import webbrowser
    from threading import Thread

    has_screen = sys.platform in {"win32", "darwin"} or any(
        map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    )
    if has_screen:
        # In a thread: some browsers keep the program that opens them waiting until they are closed.
        Thread(target=webbrowser.open, args=(address,), daemon=True).start()
