"""What every room's tests share: programs that pip cannot install, and the data beside the project.

    @pytest.mark.needs("ffprobe", "chromium")   skipped with the program's name where it is missing
    @pytest.mark.needs("/bin/sh")                so is what only some systems have: here all but Windows
    def test_x(shared_data): ...                 the folder ../shared/data
    def test_x(browser): ...                     a real Chromium, the only way by which tests open one

With the environment variable CI set, what is missing is a failure: a test that did not run proves nothing.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import settings

from mnistviz.trace.recording import watched
from tests import listed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
MODULE = pytest.StashKey[object]()  # of the last test


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens", action="store_true", help="accept what is painted now as tests/golden"
    )


def pytest_configure(config: pytest.Config) -> None:
    told = "needs(*programs): what pip cannot install, or only some systems have; skipped without, a failure with CI"
    config.addinivalue_line("markers", told)
    settings.register_profile("untimed", deadline=None)  # machines are shared: no test asserts a time
    settings.load_profile("untimed")
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # processes take modules in the order of the collection
    watch_few_files()
    # Under nohup one is ignored, in a shell's background the other, and children would inherit that.
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules of slow tests come first: at the end, quick ones keep all processes busy."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


def pytest_runtest_setup(item: pytest.Item) -> None:
    shorten_at_modules(item)
    for marker in item.iter_markers("needs"):
        for program in marker.args:
            there = Path(program).exists() if program.startswith("/") else shutil.which(program)
            if not there:
                missing(f"needs the program {program}")


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """What a module's tests had made once is of no use to another's: a recording goes through all that is there."""
    module = getattr(item, "module", None)
    if nextitem is None or getattr(nextitem, "module", None) is not module:
        for made in list(vars(module).values()) if module is not None else ():
            if getattr(made, "__module__", "") == module.__name__ and hasattr(made, "cache_clear"):
                made.cache_clear()


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real MNIST and of the article's weights, which is no part of the project."""
    if not SHARED_DATA.is_dir():
        missing("needs the folder ../shared/data (mnist-t10k, reference-weights-epoch0)")
    return SHARED_DATA


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, by Playwright, for the tests of one module.

    While a Playwright is open its event loop is this thread's running one, and no second one, nor any
    `asyncio.run`, can start: so it is closed before another module's tests begin.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=CHROMIUM_ARGUMENTS, timeout=180_000
        )
        yield chromium
        chromium.close()


def watch_few_files() -> None:
    """A recording watches what is beside the recorded function, of tests its own file: all else is as if installed.

    One process has the functions of all tests, and of what they import.  Any program may call any of its own
    functions, so that a recording writes watchers into all: into those it took ten times as long as the rest.
    """
    installed, is_watched = watched.installed_folders, watched.Watched._is_watched
    ours = (str(ROOT / "tests"), str(ROOT / "scenes"))
    watched.installed_folders = lambda: (*installed(), *ours)
    watched.Watched._is_watched = lambda self, path: (
        not Path(path).name.startswith("test_") and is_watched(self, path)
    )  # which is not asked of the recorded function's own file


def shorten_at_modules(item: pytest.Item) -> None:
    """Before a module's first test: what it and those before have imported and made is listed no more."""
    module = getattr(item, "module", None)
    if item.config.stash.get(MODULE, None) is not module:
        item.config.stash[MODULE] = module
        listed.shorten()


def missing(reason: str) -> NoReturn:
    """A test that cannot run: skipped, or a failure with CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI is set", pytrace=False)
    pytest.skip(reason)
