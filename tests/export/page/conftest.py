"""A real browser on a real film: Debian's Chromium, offline, by Playwright."""

from __future__ import annotations

import functools
import http.server
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.export.page import demo

LONGEST_WAIT = 120  # seconds: on a machine that does much else a browser may rest for long
expect.set_options(timeout=LONGEST_WAIT * 1000)
READY = """((film) => film.currentSrc === film.src && film.readyState >= 2 && !film.seeking)(
  document.getElementById('video'))"""


# For axe: each width once, each theme wide and narrow.  A layout depends on the one, contrast on the other.
LOOKS = [(1920, "dark"), (1440, "light"), (768, "light"), (390, "dark")]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished folder: page, stills and both films.  The name is one that needs escaping in a URL."""
    return demo.write(tmp_path_factory.mktemp("a film #1 100%"), demo.timeline())


@dataclass
class Visit:
    """A page that was opened, and all it did that it should not have done."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def until(self, expression: str, seconds: float = LONGEST_WAIT) -> None:
        """Waits for an expression to become true; Playwright's own wait needs `eval`, which the page forbids."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, f"never came true: {expression}"
            self.page.wait_for_timeout(15)

    def settled(self) -> Page:
        self.until(READY)
        return self.page

    def seconds(self) -> float:
        return float(self.settled().evaluate("document.getElementById('video').currentTime"))

    def fps(self) -> int:
        # `src`, not `currentSrc`, which is the film of before until the new one is chosen
        return 60 if "60fps" in self.settled().evaluate("document.getElementById('video').src") else 10

    def frame(self) -> int:
        return int(self.seconds() * self.fps() + 0.01)

    def comes_to(self, frame: int) -> None:
        """Waits until the film of 60 frames a second shows a frame."""
        time = "document.getElementById('video').currentTime"
        self.until(f"Math.floor({time} * 60 + 0.01) === {frame} && {READY}")

    def go(self, seconds: float) -> None:
        self.page.evaluate(f"location.hash = '#t={seconds}'")
        self.until(f"Math.abs(document.getElementById('video').currentTime - {seconds}) < 0.05")
        self.settled()


Opener = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Opener]:
    """Opens pages, each in surroundings of its own, until the test's end."""
    with _visits(browser) as opened:
        yield opened


@pytest.fixture(scope="module")
def standing(browser: Browser, folder: Path) -> Iterator[Visit]:
    """The folder's page, opened once for tests that go to a place and leave nothing behind but another place."""
    with _visits(browser) as opened:
        yield opened(folder)


@contextmanager
def _visits(browser: Browser) -> Iterator[Opener]:
    """Opens `index.html` of a folder from the disk, with the network off, or an address.

    `play`: a film is there, and is waited for; `init` is run before the page's own script.
    """
    contexts: list[BrowserContext] = []

    def opened(
        path: Path | str, fragment: str = "", play: bool = True, init: str = "", **options: Any
    ) -> Visit:
        context = browser.new_context(
            **{"offline": True, "viewport": {"width": 1440, "height": 900}} | options
        )
        contexts.append(context)
        page = context.new_page()
        if init:
            page.add_init_script(init)
        page.set_default_timeout(LONGEST_WAIT * 1000)
        found = Visit(page)
        page.on(
            "console",
            lambda said: found.errors.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        page.on("dialog", lambda dialog: (found.errors.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: found.requests.append(request.url))
        page.goto((path if isinstance(path, str) else (path / "index.html").as_uri()) + fragment)
        if play and options.get("java_script_enabled", True) and page.query_selector("#video"):
            found.settled()
        return found

    yield opened
    for context in contexts:
        context.close()


class Files(http.server.SimpleHTTPRequestHandler):
    """Python's own server, which sends files from their start only."""

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Ranges(Files):
    """A server that sends parts of files, as nginx does."""

    def do_GET(self) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if asked is None or not path.is_file():
            return super().do_GET()
        content = path.read_bytes()
        first, last = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        self.wfile.write(content[first : last + 1])
        return None


Server = Callable[[Path, bool], str]


@pytest.fixture
def serve() -> Iterator[Server]:
    """Serves a folder, with ranges or without, and says the page's address."""
    running: list[http.server.ThreadingHTTPServer] = []

    def start(folder: Path, ranges: bool) -> str:
        handler = functools.partial(Ranges if ranges else Files, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}/index.html"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def pasted(folder: Path, into: Path, sandbox: str) -> Path:
    """A course page with the whole document pasted into it: in an attribute, with the films' folder as its base."""
    html = (folder / "index.html").read_text(encoding="utf-8")
    own = html.replace("<head>", f"<head><base href='{folder.as_uri()}/'>").replace(
        "base-uri 'none'", "base-uri file:"
    )
    escaped = own.replace("&", "&amp;").replace('"', "&quot;")
    (into / "index.html").write_text(
        f'<!DOCTYPE html><iframe width="1300" height="800" {sandbox} srcdoc="{escaped}"></iframe>',
        encoding="utf-8",
    )
    return into
