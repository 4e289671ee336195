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
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens", action="store_true", help="accept what is painted now as tests/golden"
    )


def pytest_configure(config: pytest.Config) -> None:
    told = "needs(*programs): what pip cannot install, or only some systems have; skipped without, a failure with CI"
    config.addinivalue_line("markers", told)
    settings.register_profile("untimed", deadline=None)  # machines are shared: no test asserts a time
    settings.load_profile("untimed")
    if hasattr(signal, "SIGHUP"):
        signal.signal(
            signal.SIGHUP, signal.SIG_DFL
        )  # under nohup it is ignored, and children would inherit that


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for program in marker.args:
            there = Path(program).exists() if program.startswith("/") else shutil.which(program)
            if not there:
                missing(f"needs the program {program}")


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


def missing(reason: str) -> NoReturn:
    """A test that cannot run: skipped, or a failure with CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI is set", pytrace=False)
    pytest.skip(reason)
