"""A bare WebKit window of a given size, driven by WebKitWebDriver; stands in for AnkiMobile's web view.

WebKit's own MiniBrowser is never narrower than 447 px. Runs under the system's Python, which has GTK's bindings.
"""

import os
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402  (the versions have to be named first)

width, height = (int(side) for side in os.environ.get("CARDS_WINDOW", "390x844").split("x"))
context = WebKit2.WebContext.new_ephemeral()
context.set_automation_allowed("--automation" in sys.argv)


def open_window(_: WebKit2.AutomationSession) -> WebKit2.WebView:
    """Return the web view that a new automation session drives."""
    view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True)
    window = Gtk.Window(decorated=False)
    window.set_default_size(width, height)
    window.add(view)
    window.connect("destroy", Gtk.main_quit)
    window.show_all()
    return view


def start_session(_: WebKit2.WebContext, session: WebKit2.AutomationSession) -> None:
    """Let a session that WebKitWebDriver opens have its window, under the name that selenium asks for."""
    info = WebKit2.ApplicationInfo()
    info.set_name("MiniBrowser")
    session.set_application_info(info)
    session.connect("create-web-view", open_window)


context.connect("automation-started", start_session)
Gtk.main()
