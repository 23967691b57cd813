"""The pages in which the phones show a card, and the server that serves them with Anki's own files.

AnkiDroid's new study screen runs Anki's own reviewer script; its old one shows each side as a page of its own.
AnkiMobile is closed: its page is rebuilt from its manual and a published listing.
"""

import importlib.util
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from rendered import Card

HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One app's page: classes of its html element and of a card's body by theme, its canvases, how it shows a side."""

    name: str
    html: str
    html_dark: str
    body: str
    body_dark: str
    canvas: str
    canvas_dark: str
    content: str
    anki_reviewer: bool

    def looks(self, *, dark: bool) -> tuple[str, str, str]:
        """Return the classes of html and body and the style of the canvas."""
        canvas = f"html, body {{ background: {self.canvas_dark if dark else self.canvas}; }}"
        if dark:
            return f"{self.html} {self.html_dark}".strip(), f"{self.body} {self.body_dark}", canvas
        return self.html, self.body, canvas


DROID: Final = Client(
    name="ankidroid",
    html="",
    html_dark="night-mode",
    body="card card1 mathjax-rendered",
    body_dark="nightMode night_mode",
    canvas="#ffffff",
    canvas_dark="#303030",
    content='<div id="qa" dir="auto"></div>',
    anki_reviewer=True,
)
OLD_DROID: Final = Client(
    name="ankidroid-old",
    html="mobile android linux js",
    html_dark="",
    body="card card1",
    body_dark="night_mode",
    canvas="#ffffff",
    canvas_dark="#000000",
    content='<div id="content"><div id="qa">{side}</div></div>',
    anki_reviewer=False,
)
IPHONE: Final = Client(
    name="ankimobile",
    html="webkit safari mobile iphone js",
    html_dark="",
    body="card card1",
    body_dark="nightMode",
    canvas="#ffffff",
    canvas_dark="#000000",
    content='<div id="qa"></div>',
    anki_reviewer=False,
)
IPAD: Final = Client(
    name="ankimobile-ipad",
    html="webkit safari mobile ipad js",
    html_dark="",
    body="card card1",
    body_dark="nightMode",
    canvas="#ffffff",
    canvas_dark="#000000",
    content='<div id="qa"></div>',
    anki_reviewer=False,
)
CLIENTS: Final = {client.name: client for client in (DROID, OLD_DROID, IPHONE, IPAD)}


def web_files() -> Path | None:
    """Return the folder of Anki's web files, which the `aqt` wheel carries; none where it is not installed."""
    spec = importlib.util.find_spec("_aqt")
    places = spec.submodule_search_locations if spec else None
    folder = Path(next(iter(places)), "data", "web") if places else None
    return folder if folder and folder.is_dir() else None


def page(client: Client, *, dark: bool, side: str = "") -> str:
    """Return the page in which `client` shows cards; with `side`, the page of that side alone."""
    html, body, canvas = client.looks(dark=dark)
    reviewer = '<script src="/_anki/js/reviewer.js"></script>' if client.anki_reviewer else ""
    return f"""<!doctype html>
<html class="{html}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{client.name}</title>
<base href="/">
<link rel="stylesheet" href="/_anki/css/reviewer.css">
<style>{canvas}</style>
<script src="/page.js"></script>
<script src="/_anki/js/mathjax.js"></script>
<script src="/_anki/js/vendor/mathjax/tex-chtml-full.js"></script>
{reviewer}
</head>
<body class="{body}">{client.content.replace("{side}", side)}</body>
</html>"""


class _Handler(SimpleHTTPRequestHandler):
    """Serves `/frame/CLIENT?dark=1`, `/side/CLIENT?card=N&back=1&dark=1`, `/cards.json`, Anki's files and media."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, cards: list[Card], web: Path, media: Path, **kwargs: object) -> None:
        self.cards, self.web, self.media = cards, web, media
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # whatever the server gives a handler

    def do_GET(self) -> None:
        """Answer one request."""
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        root, _, rest = unquote(url.path).lstrip("/").partition("/")
        if root == "frame":
            self._send(page(CLIENTS[rest], dark="dark" in query).encode(), "text/html; charset=utf-8")
        elif root == "side":
            card = self.cards[int(query["card"])]
            side = card.back if "back" in query else card.front
            self._send(page(CLIENTS[rest], dark="dark" in query, side=side).encode(), "text/html; charset=utf-8")
        elif root == "cards.json":
            body = json.dumps([card.as_json() for card in self.cards])
            self._send(body.encode(), "application/json; charset=utf-8")
        elif root == "_anki":
            self._file(self.web / rest)
        elif root == "page.js":
            self._file(HERE / "page.js")
        else:
            self._file(self.media / root)

    def _file(self, path: Path) -> None:
        if path.is_file():
            self._send(path.read_bytes(), self.guess_type(str(path)))
        else:
            self.send_error(404)

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600" if "html" not in kind else "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(cards: list[Card], web: Path, media: Path) -> Iterator[str]:
    """Serve the frames and the cards on a free port of this machine; yield the address."""
    handler = partial(_Handler, cards=cards, web=web, media=media)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
