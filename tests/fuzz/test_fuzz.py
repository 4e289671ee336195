"""Bad input gives one clear line and exit code 2, takes at most 2 s and 64 MiB, writes and runs nothing.

`MNISTVIZ_FUZZ` is the number of inputs a format; where it is not set, 300, of photos 90, which are read slowly.
A failure prints how to have it again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnistviz.cli import main
from tests.fuzz.run import NAMES, formats, write_input

ROOT = Path(__file__).resolve().parents[2]
COUNT = int(os.environ.get("MNISTVIZ_FUZZ") or 0)
SAMPLE = 10
COMMANDS = {
    "npy": ["trace", "--weights", "{folder}"],
    "idx": ["trace", "--data", "{folder}", "--index", "0"],
    "keras": ["trace", "--data", "{folder}", "--index", "0"],
    "png": ["trace", "--image", "{folder}/picture.png", "--label", "1"],
    "jpeg": ["trace", "--image", "{folder}/picture.jpg", "--label", "1"],
    "folder": ["verify", "{folder}"],
    "story": ["frame", "{folder}/scene.py", "--size", "320x180", "-o", "{out}/still.png"],
}


def _python(*arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a good film is put, once."""
    return tmp_path_factory.mktemp("made") / "film"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.needs("/proc/self/clear_refs")
def test_bad_inputs_are_refused_or_read_as_they_are(name: str, made: Path) -> None:
    count = COUNT or (90 if name in ("jpeg", "png") else 300)
    done = _python(
        "-m", "tests.fuzz.run", name, "--count", str(count), "--film", str(made), timeout=120 + count
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{name}: {count} read" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_line_says_one_line(
    name: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    format = formats(made)[name]()
    place, out, work = tmp_path / "input", tmp_path / "out", tmp_path / "work"
    out.mkdir()
    work.mkdir()
    monkeypatch.chdir(work)
    codes = []
    for seed in range(SAMPLE):
        write_input(name, seed, format, place)
        before = sorted(place.rglob("*"))
        capsys.readouterr()
        code = main([word.format(folder=place, out=out) for word in COMMANDS[name]])
        errors = capsys.readouterr().err
        assert code in ((0, 6) if name == "folder" else (0, 2)), (seed, errors)
        if code:
            assert errors.startswith("error: ") and errors.count("\n") == 1, (seed, errors)
        assert "Traceback" not in errors
        assert sorted(path for path in place.rglob("*") if "__pycache__" not in path.parts) == before
        assert not list(work.iterdir())
        codes.append(code)
    assert any(codes)


CANARIES = {
    "Path('x').write_text('x')": "open for writing",
    "os.mkdir('y')": "os.mkdir",
    "os.system('true')": "os.system",
    "pickle.loads(PICKLE)": "pickle.find_class",
    "exec('1')": "exec",
    "warnings.warn('look')": "a warning",
    "np.ones(2**24)": "took 12",
    "spin()": "took 2",
    "1 / 0": "ZeroDivisionError",
    "sys.exit()": "SystemExit",
    "tell('')": "an error of no",
    "tell('\\x1b[31m')": "terminal",
    "np.ones(2**40)": "MemoryError",
}
WATCHED = """
import os, pickle, sys, time, warnings
from pathlib import Path
import numpy as np
from mnistviz.errors import InputError
from tests.fuzz.damage import PICKLE
from tests.fuzz.watch import Broken, Watch

class Said(Exception): pass

def tell(line): raise Said(line)

def spin():
    started = time.process_time()
    while time.process_time() < started + 2.05: pass

place = Path(sys.argv[1]); os.chdir(place)
watch = Watch()
warnings.simplefilter("always")
for line in sys.argv[2:]:
    try:
        canary = eval("lambda: " + line)
        watch.hold(canary, (Said,), place)
        print("nothing")
    except Broken as error:
        print(" ".join(str(error).split())[-300:])
"""


@pytest.mark.needs("/proc/self/clear_refs")
def test_the_watch_sees_each_broken_promise(tmp_path: Path) -> None:
    done = _python("-c", WATCHED, str(tmp_path), *CANARIES, "len('fine')", timeout=120)
    told = done.stdout.splitlines()
    assert len(told) == len(CANARIES) + 1, done.stderr
    for (line, wanted), got in zip(CANARIES.items(), told[:-1], strict=True):
        assert wanted in got, f"{line}: {got}"
    assert told[-1] == "nothing"
