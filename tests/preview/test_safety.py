"""Nobody but the author is served, nothing but the page and the lesson's own media, and a hostile lesson stays in its frame."""

import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from author import Author
from gen2anki.preview.server import Server
from page.conftest import Browsers
from preview.conftest import Desk, served


def _ask(server: Server, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Ask for a path; return the answer's code, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    named = {"Host": f"127.0.0.1:{server.port}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.putrequest(method, path, skip_host=True)
        for name, value in named.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return (
            answer.status,
            dict(answer.getheaders()),
            b"" if path.endswith("events") and answer.status == 200 else answer.read(),
        )
    finally:
        connection.close()


def _page(server: Server, name: str = "") -> str:
    return f"/{server.page_token}/{name}"


def _part(server: Server, name: str) -> str:
    return f"/{server.frame_token}/{name}"


def test_who_has_the_address_is_served(server: Server) -> None:
    """Under both names of this machine."""
    for host in ("127.0.0.1", "localhost"):
        code, headers, body = _ask(server, _page(server), Host=f"{host}:{server.port}")
        assert code == 200
        assert b"<title>Preview" in body
        assert headers["Cache-Control"] == "no-store"
        assert f"connect-src http://{host}:{server.port};" in headers["Content-Security-Policy"]


def test_only_this_machine_can_reach_it(server: Server) -> None:
    """It listens on the loopback address alone."""
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:80", ""])
def test_another_host_is_refused(server: Server, host: str) -> None:
    """A name on the internet that leads to this machine (DNS rebinding) is not ours."""
    for path in (_page(server), _page(server, "events"), _part(server, "frame")):
        assert _ask(server, path, Host=host)[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "https://127.0.0.1", "null", "http://127.0.0.1:1"])
def test_another_origin_is_refused(server: Server, origin: str) -> None:
    """A page that is open beside it can't ask for cards, even if it knew the token."""
    for name in ("", "events", "note?id=short"):
        assert _ask(server, _page(server, name), Origin=origin)[0] == 404
    code = _ask(server, _part(server, "mathjax.js"), Origin=origin)[0]
    assert code == (200 if origin == "null" else 404)  # the sandbox has the origin "null"
    assert _ask(server, _page(server), Origin=f"http://127.0.0.1:{server.port}")[0] == 200


def test_without_the_token_there_is_nothing(server: Server) -> None:
    """No path tells whether there is a preview, let alone of what."""
    paths = [
        "/",
        "/events",
        "/page.js",
        "/frame",
        "/note?id=short",
        f"/{'x' * 22}/",
        f"/{server.page_token[:-1]}/",
        "/%C3%A9/",
    ]
    for path in paths:
        code, headers, body = _ask(server, path)
        assert (code, body) == (404, b"This is not the address that gen2anki preview printed.\n")
        assert "Content-Security-Policy" not in headers


def test_the_frames_token_opens_no_more_than_a_frame_needs(server: Server) -> None:
    """A card's script can read it, so the page, the notes and the news are not behind it."""
    for name in ("", "page.html", "page.js", "events", "note?id=short", "place?id=short", "back?id=short&ord=0"):
        assert _ask(server, _part(server, name))[0] == 404, name
    for name in ("frame", "frame.js", "mathjax.js"):
        assert _ask(server, _part(server, name))[0] == 200, name
        assert _ask(server, _page(server, name))[0] == 404, name


@pytest.mark.parametrize(
    "name",
    [
        "cards.yaml", "cards.lock", "media/small.png", "../cards.yaml", "..%2fcards.yaml", "%2e%2e/cards.yaml", "/etc/passwd",
        "%2fetc%2fpasswd", "frame.html/../server.py", "fonts/../tex-chtml-full.js.gz", "mathjax/LICENSE.txt", "server.py", "%00",
    ],
)  # fmt: skip
def test_no_path_leads_to_a_file(server: Server, name: str) -> None:
    """Names are looked up in a table; what is not in it is not there."""
    assert _ask(server, _part(server, name))[0] == 404
    assert _ask(server, _page(server, name))[0] == 404


def test_media_are_served_by_their_name_in_anki(server: Server, kinds: Author) -> None:
    """Those that the lesson has, whole or in part; a script in one has no rights."""
    media = server.session.state.media
    assert sorted(name.partition("-")[0] for name in media) == ["beep", "small", "wide"]
    for name, file in media.items():
        code, headers, body = _ask(server, _part(server, name))
        assert (code, body) == (200, Path(file).read_bytes())
        assert headers["Content-Security-Policy"].startswith("sandbox;")
    sound = next(name for name in media if name.startswith("beep"))
    whole = (kinds.folder / "media" / "beep.mp3").read_bytes()
    for asked, part in (("bytes=0-9", whole[:10]), ("bytes=100-", whole[100:]), ("bytes=-5", whole[-5:])):
        code, headers, body = _ask(server, _part(server, sound), Range=asked)
        assert (code, body) == (206, part)
        assert headers["Content-Range"].endswith(f"/{len(whole)}")
    for asked in ("bytes=9-1", "bytes=99999999-", "lines=1-2", "bytes=", "bytes=1-2,4-5", "bytes=x-"):
        assert _ask(server, _part(server, sound), Range=asked)[::2] == (200, whole)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_nothing_but_reading_is_understood(server: Server, kinds: Author, method: str) -> None:
    """No request changes anything, and none writes."""
    before = {file: file.stat().st_mtime_ns for file in kinds.folder.rglob("*")}
    assert _ask(server, _page(server, "note?id=short"), method)[0] == 501
    assert {file: file.stat().st_mtime_ns for file in kinds.folder.rglob("*")} == before


def test_odd_requests_are_answered(server: Server) -> None:
    """A note, a card or a number that is not there."""
    for name in (
        "note",
        "note?id=",
        "note?id=nobody",
        "back",
        "back?id=short&ord=7&typed=x",
        "back?id=short&ord=x&typed=",
    ):
        assert _ask(server, _page(server, name))[0] == 404, name
    code, _, body = _ask(server, _page(server, "place?id=nobody"))
    assert (code, json.loads(body)["line"]) == (200, 0)


class Bait:
    """A server that remembers what it was asked for: nothing may come."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<p>bait</p>")

            do_POST = do_GET  # noqa: N815 (http.server's name)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Wait no more."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def bait() -> Iterator[Bait]:
    """Return a server elsewhere."""
    made = Bait()
    yield made
    made.close()


@pytest.fixture(params=["chromium", "webkit"])
def hostile(
    request: pytest.FixtureRequest, browsers: Browsers, author: Author, bait: Bait
) -> Iterator[tuple[Desk, Bait]]:
    """Return the preview of a hostile lesson, and the server that waits for it."""
    text = Path(__file__).with_name("hostile.yaml").read_text(encoding="utf-8")
    author.write(text.replace("{BAIT}", bait.address))
    with served(author.source) as server:
        yield Desk(browsers[request.param], server), bait


def test_a_hostile_lesson_reaches_nobody(hostile: tuple[Desk, Bait]) -> None:
    """Neither the page around it, its address and token, nor any server."""
    desk, bait = hostile
    desk.open("note=hostile")
    desk.wait(lambda: desk.in_card("return (window.tried || 0) >= 1"))
    desk.driver.set_script_timeout(10)
    desk.driver.execute_async_script("setTimeout(arguments[0], 700)")
    assert desk.in_card("return window.reached.filter((one) => !/^popup: null/.test(one))") == []
    assert bait.asked == []
    assert desk.driver.current_url.startswith(desk.server.address)
    assert desk.run("return document.querySelectorAll('img').length") == 0
    found = desk.in_card("return document.documentElement.outerHTML + location.href + document.baseURI")
    assert desk.server.page_token not in found


def test_a_frame_can_not_leave_for_another_server(hostile: tuple[Desk, Bait]) -> None:
    """It would take what it knows along."""
    desk, bait = hostile
    desk.open()
    desk.run("location.hash = 'note=leaving'")
    desk.driver.set_script_timeout(10)
    desk.driver.execute_async_script("setTimeout(arguments[0], 1000)")
    assert bait.asked == []
    assert desk.driver.current_url.startswith(desk.server.address)
