"""The README is true: every command in it runs, every path in it is there.

Long commands run as printed with a short duration, a small size, two chapters or a limit appended.  The two lines of
set-up are not run from inside the tests that they start: the test line is the one that CI calls.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.sessions import wait_for

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
SHORT = {
    "page": ("--duration", "0:20", "--size", "320x180"),
    "render": ("--duration", "0:20", "--size", "320x180", "--quality", "draft"),
    "frame": ("--size", "320x180"),
    "loop": ("--size", "320x180"),
    "train": ("--limit", "200", "--epochs", "1"),
    "evaluate": ("--limit", "200"),
}
PART = ("--chapters", "1-2")  # of films whose chapters others of the commands show
SET_UP = (
    "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/python -m mnistviz render",
    'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/python -m pytest -n auto',
)


@dataclass(frozen=True)
class Block:
    """A fenced block of code, with the language that it names."""

    language: str
    text: str


BLOCKS = tuple(
    Block(*found) for found in re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
)


def shortened(command: str) -> list[str]:
    """The arguments of a command of the README, so that it is soon over."""
    words = shlex.split(command)
    more = SHORT.get(words[3], ())
    if words[3] == "render" and "--fps" not in words:
        more += ("--fps", "10")
    if {"--image", "--cluster"} & set(words):
        more += PART
    return [sys.executable, *words[1:], *more]


def run(arguments: list[str], folder: Path, text: str | None = None) -> str:
    """What a command prints; it must end well."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(folder)))}
    done = subprocess.run(
        arguments,
        input=text,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with everything that the README's commands name."""
    from mnistviz.data.builtin import built_in

    digits = built_in("test", 20)
    seven = digits.pictures[list(digits.labels).index(7)]
    Image.fromarray(np.kron(255 - seven, np.ones((20, 20), np.uint8))).save(tmp_path / "photo-of-a-7.jpg")
    mnist = tmp_path / "mnist"
    mnist.mkdir()
    pictures = struct.pack(">4i", 0x803, len(digits.pictures), 28, 28) + digits.pictures.tobytes()
    (mnist / "t10k-images-idx3-ubyte").write_bytes(pictures)
    labels = struct.pack(">2i", 0x801, len(digits.labels)) + digits.labels.tobytes()
    (mnist / "t10k-labels-idx1-ubyte").write_bytes(labels)
    shutil.copytree(ROOT / "scenes" / "mnist_mlp" / "weights", tmp_path / "weights")
    (tmp_path / "step.py").write_text(step_file())
    return tmp_path


def step_file() -> str:
    """The block that the README tells to save as step.py."""
    return next(block.text for block in BLOCKS if block.language == "python" and "def inputs" in block.text)


def test_there_are_two_lines_of_set_up_and_ci_calls_the_second() -> None:
    lines = [line for block in BLOCKS if block.language == "sh" for line in block.text.splitlines()]
    assert tuple(line for line in lines if "venv" in line) == SET_UP
    called = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert SET_UP[1] in [line.strip() for line in called]


def test_every_other_command_is_one_that_is_run() -> None:
    lines = [line for block in BLOCKS if block.language == "sh" for line in block.text.splitlines()]
    others = [line for line in lines if line not in SET_UP]
    assert others and all(
        re.match(r"python -m mnistviz |dask (scheduler|worker) .*&$", line) for line in others
    )
    assert {block.language for block in BLOCKS} == {"sh", "python", ""}


@pytest.mark.slow
@pytest.mark.parametrize(
    "block",
    [
        block
        for block in BLOCKS
        if block.language == "sh" and "venv" not in block.text and "dask" not in block.text
    ],
    ids=lambda block: block.text.splitlines()[0],
)
def test_the_commands_run(block: Block, folder: Path) -> None:
    for line in block.text.splitlines():
        if "--weights output/weights" in line:
            assert (folder / "output" / "weights" / "epoch.txt").exists()
        run(shortened(line), folder)


@pytest.mark.slow
@pytest.mark.needs("/bin/sh")
def test_the_cluster_renders(folder: Path) -> None:
    """The block as printed, on a port that is free."""
    port = free_port()
    text = next(block.text for block in BLOCKS if "dask" in block.text).replace("8786", str(port))
    with ExitStack() as servers:
        for line in text.splitlines():
            if line.endswith(" &"):
                servers.enter_context(serving(shlex.split(line.removesuffix(" &")), folder))
                wait_for(partial(listening, port))
            else:
                run(shortened(line), folder)
    assert (folder / "output" / "mnist_mlp-chapters-1-2" / "manifest.json").exists()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def listening(port: int) -> bool:
    """Whether a scheduler is there: whoever types the lines does not type the next one before."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def serving(arguments: list[str], folder: Path) -> Iterator[None]:
    """A Dask program that runs as long as this."""
    program = Path(sys.executable).with_name(arguments[0])
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    log = (folder / f"{arguments[1]}.log").open("wb")
    with (
        log,
        subprocess.Popen(
            [program, *arguments[1:]],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as server,
    ):
        try:
            yield
        finally:
            os.killpg(server.pid, signal.SIGKILL)


@pytest.mark.slow
def test_the_python_runs_from_standard_input(folder: Path) -> None:
    block = next(block for block in BLOCKS if block.language == "python" and "import mnistviz" in block.text)
    told = run([sys.executable, "-"], folder, block.text)
    assert "matmul np.matmul(w_2x3, x_3x1) (2, 1)" in told
    assert (folder / "output" / "mine" / "manifest.json").exists()


PAGES = ("README.md", ".github/CONTRIBUTING.md", ".github/DECISIONS.md", ".github/CHANGELOG.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_path_and_link_of_the_project_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"`((?:mnistviz|scenes|tests|examples|\.ci)/[\w./-]+)`", outside))
    linked = set(re.findall(r"\]\(([^)#]+)\)", outside))
    wanted = [ROOT / path for path in named] + [(ROOT / page).parent / path for path in linked]
    assert wanted or page.endswith(("DECISIONS.md", "CHANGELOG.md"))
    assert [path for path in sorted(wanted) if not path.exists()] == []


def test_the_public_ci_runs_the_script_of_this_checkout() -> None:
    text = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert "bash .ci/run" in text and 'pip install -e ".[test]" && python -m pytest -n auto' in text


def test_the_links_within_the_page_lead_somewhere() -> None:
    titles = {
        re.sub(r"\s+", "-", title.strip().lower()) for title in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= titles


def test_the_exit_codes_are_those_of_the_errors() -> None:
    from mnistviz import errors

    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type)} - {1}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)} == {0, *codes}
