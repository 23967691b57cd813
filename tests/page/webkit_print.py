"""Print a page to a PDF as WebKitGTK does: `webkit_print.py FILE.html FILE.pdf PAPER [on|off]`, scripts on or off.

Runs under the system's Python, which has GTK's bindings.
"""

import sys
from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import GLib, Gtk, WebKit2  # noqa: E402  (the versions have to be named first)

page, pdf, paper, scripts = sys.argv[1:5]
view = WebKit2.WebView(web_context=WebKit2.WebContext.new_ephemeral())
view.get_settings().set_enable_javascript(scripts == "on")
window = Gtk.Window(decorated=False)
window.set_default_size(900, 900)
window.add(view)
window.show_all()


def print_page() -> None:
    """Print to the file."""
    operation = WebKit2.PrintOperation.new(view)
    settings = Gtk.PrintSettings()
    settings.set_printer("Print to File")
    settings.set(Gtk.PRINT_SETTINGS_OUTPUT_FILE_FORMAT, "pdf")
    settings.set(Gtk.PRINT_SETTINGS_OUTPUT_URI, Path(pdf).absolute().as_uri())
    setup = Gtk.PageSetup()
    setup.set_paper_size_and_default_margins(Gtk.PaperSize.new(paper))
    operation.set_print_settings(settings)
    operation.set_page_setup(setup)
    operation.connect("finished", lambda _: Gtk.main_quit())
    operation.connect("failed", lambda _, error: sys.exit(error.message))
    operation.print_()


def loaded(_: WebKit2.WebView, event: WebKit2.LoadEvent) -> None:
    """Print when the page is there, and its fonts are."""
    if event == WebKit2.LoadEvent.FINISHED:
        GLib.timeout_add(300, print_page)


view.connect("load-changed", loaded)
view.load_uri(Path(page).absolute().as_uri())
GLib.timeout_add_seconds(40, lambda: sys.exit("the page was not printed"))
Gtk.main()
