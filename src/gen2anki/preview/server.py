"""The preview's server: the page and its news to who knows the token, cards' parts to their frame, nothing to others.

Two random words guard it. The page's, which only the author knows, is in the address that is printed; who has it may
ask for everything. The frame's opens nothing but what a card shows, because a card's own scripts can read it.
"""

import json
import os
import secrets
import socketserver
from collections.abc import Callable
from functools import cached_property
from http.server import BaseHTTPRequestHandler
from importlib.resources import files
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from gen2anki.preview.session import Session, State

HOST: Final = "127.0.0.1"
_TOKEN_BYTES: Final = 16
# Seconds after which a page is sent a sign of life, so that one that is gone is noticed.
_HEARTBEAT: Final = 10.0
_CHUNK: Final = 1 << 16

_TYPES: Final = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".woff": "font/woff", ".json": "application/json; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif",
    ".bmp": "image/bmp", ".ico": "image/x-icon", ".tif": "image/tiff", ".tiff": "image/tiff", ".mp3": "audio/mpeg",
    ".wav": "audio/wav", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".spx": "audio/ogg",
    ".flac": "audio/flac", ".m4a": "audio/mp4", ".aac": "audio/aac", ".mp4": "video/mp4", ".m4v": "video/mp4",
    ".webm": "video/webm", ".ogv": "video/ogg", ".mov": "video/quicktime",
}  # fmt: skip
# What the page is made of, and what a card's frame is made of. No other file is ever read, but a lesson's own media.
_PAGE: Final = ("page.html", "page.css", "page.js", "list.js", "device.js", "beside.js")
_FRAME: Final = ("frame.html", "frame.js")
_MATHJAX: Final = "mathjax/tex-chtml-full.js.gz"

# {own} is the server's address, {frame} that address with the frame's token.
_PAGE_POLICY: Final = (
    "default-src 'none'; script-src {own}; style-src {own}; connect-src {own}; img-src data:; frame-src {frame}/frame;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_FRAME_POLICY: Final = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' {frame}/; style-src 'unsafe-inline';"
    " img-src {frame}/ data:; media-src {frame}/ data:; font-src {frame}/; base-uri 'none'; form-action 'none';"
    " frame-ancestors {own}"
)
_MEDIA_POLICY: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


class Server(socketserver.ThreadingTCPServer):
    """Serves one session on this machine alone."""

    daemon_threads = True
    block_on_close = False
    # On Windows it would let two servers have one port.
    allow_reuse_address = os.name != "nt"

    def __init__(self, session: Session, port: int) -> None:
        """Take a port; 0 for a free one.

        Raises:
            OSError: the port is in use.
        """
        super().__init__((HOST, port), _Handler)
        self.session = session
        self.page_token = secrets.token_urlsafe(_TOKEN_BYTES)
        self.frame_token = secrets.token_urlsafe(_TOKEN_BYTES)

    @property
    def port(self) -> int:
        """Return the port that is served."""
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        """Return the address of the page."""
        return f"http://{HOST}:{self.port}/{self.page_token}/"

    @cached_property
    def hosts(self) -> frozenset[str]:
        """Return the names under which the server may be asked: a page elsewhere has another."""
        return frozenset({f"{HOST}:{self.port}", f"localhost:{self.port}"})

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away."""
        import sys

        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers one browser."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a request, or refuse it."""
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        url = urlsplit(self.path)
        token, _, name = url.path.lstrip("/").partition("/")
        if host not in self.server.hosts:
            self._refuse(403)
        elif _same(token, self.server.page_token) and origin in {None, f"http://{host}"}:
            self._page(name, {key: values[0] for key, values in parse_qs(url.query, keep_blank_values=True).items()})
        # A frame in a sandbox has the origin "null".
        elif _same(token, self.server.frame_token) and origin in {None, "null", f"http://{host}"}:
            self._part(unquote(name))
        else:
            self._refuse(404)

    def _page(self, name: str, query: dict[str, str]) -> None:
        session = self.server.session
        answers: dict[str, Callable[[], Any]] = {
            "note": lambda: session.note(query.get("id", "")),
            "back": lambda: session.back(query.get("id", ""), _number(query.get("ord", "")), query.get("typed", "")),
            "place": lambda: session.place(query.get("id", "")),
        }
        if name == "events":
            self._events()
        elif name in answers:
            answer = answers[name]()
            if answer is None:
                self._refuse(404)
            else:
                self._send(json.dumps(answer).encode(), "answer.json")
        elif (file := name or "page.html") in _PAGE:
            self._send(_read(file), file, policy=_PAGE_POLICY)
        else:
            self._refuse(404)

    def _part(self, name: str) -> None:
        """Send a part of the frame, or a picture or sound of the lesson."""
        media = self.server.session.state.media
        if name == "frame":
            self._send(_read("frame.html"), "frame.html", policy=_FRAME_POLICY)
        elif name in _FRAME:
            self._send(_read(name), name, open=True)
        elif name == "mathjax.js":
            self._send(_read(_MATHJAX), name, open=True, encoding="gzip")
        elif name in _fonts():
            self._send(_read(f"mathjax/{name}"), name, open=True)
        elif name in media:
            self._medium(media[name])
        else:
            self._refuse(404)

    def _medium(self, file: str) -> None:
        try:
            with open(file, "rb") as stream:
                content = stream.read()
        except OSError:
            self._refuse(404)
            return
        self._send(content, file, policy=_MEDIA_POLICY, open=True)

    def _send(self, body: bytes, name: str, *, policy: str = "", open: bool = False, encoding: str = "") -> None:
        """Send an answer; `open` is what a frame of no origin may load."""
        start, end = self._range(len(body)) if not encoding else (0, len(body))
        is_part = end - start < len(body)
        self.send_response(206 if is_part else 200)
        self.send_header("Content-Type", _TYPES.get(os.path.splitext(name)[1].lower(), "application/octet-stream"))
        self.send_header("Content-Length", str(end - start))
        if is_part:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(body)}")
        if encoding:
            self.send_header("Content-Encoding", encoding)
        if open:
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Accept-Ranges", "bytes")
            # Under their token they never change: media have their bytes' hash in the name.
            self.send_header("Cache-Control", "max-age=86400, immutable")
        else:
            self.send_header("Cache-Control", "no-store")
            self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        if policy:
            own = f"http://{self.headers['Host']}"
            self.send_header(
                "Content-Security-Policy", policy.format(own=own, frame=f"{own}/{self.server.frame_token}")
            )
        self._end(body[start:end])

    def _range(self, length: int) -> tuple[int, int]:
        """Return the first byte that is asked for, and the one after the last: some browsers ask so for sounds."""
        unit, _, asked = self.headers.get("Range", "").partition("=")
        first, dash, last = asked.partition("-")
        if unit != "bytes" or not dash or "," in asked or not (first or last):
            return 0, length
        if not first:
            return max(0, length - _number(last)), length
        start, end = _number(first), _number(last) + 1 if last else length
        return (start, min(end, length)) if 0 <= start < min(end, length) else (0, length)

    def _refuse(self, code: int) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        text = b"This is not the address that gen2anki preview printed.\n"
        self.send_header("Content-Length", str(len(text)))
        self._end(text)

    def _end(self, body: bytes) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-DNS-Prefetch-Control", "off")
        self.end_headers()
        for start in range(0, len(body), _CHUNK):
            self.wfile.write(body[start : start + _CHUNK])

    def _events(self) -> None:
        """Tell the page of each new state, until it goes away."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self._end(b"")
        known: State | None = None
        session = self.server.session
        while True:
            state = session.wait(known, _HEARTBEAT)
            if state is None:
                self.wfile.write(b":\n\n")
                continue
            news = session.news(known, state)
            if known is None:
                news["frame"] = f"/{self.server.frame_token}/"
            self.wfile.write(b"data: " + json.dumps(news).encode() + b"\n\n")
            known = state

    def version_string(self) -> str:
        """Return the server's name, without versions."""
        return "gen2anki"

    def log_message(self, *_: Any) -> None:
        """Say nothing: the terminal is the author's."""


def _same(given: str, token: str) -> bool:
    return secrets.compare_digest(given.encode(), token.encode())


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1  # noqa: PLR2004


def _read(name: str) -> bytes:
    return files("gen2anki.preview").joinpath("web", *name.split("/")).read_bytes()


def _fonts() -> frozenset[str]:
    return frozenset(
        f"fonts/{file.name}" for file in files("gen2anki.preview").joinpath("web", "mathjax", "fonts").iterdir()
    )
