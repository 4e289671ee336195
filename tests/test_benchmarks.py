"""The benchmarks run and print what they promise; no time is held to anything."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SMALL = ("--size", "320x180")


def printed(script: str, *arguments: str) -> str:
    return _printed(f"tests/benchmarks/{script}.py", *arguments)


def _printed(*command: str) -> str:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.needs("/proc/self/io")
def test_a_render_is_measured_beside_the_encoder_and_matplotlib() -> None:
    told = printed("render_bench", "--quick", "--chapters", "10", "--workers", "2", "--skip", "manim", *SMALL)
    frames = dict(re.findall(r"^(\S.*?)  +([\d,]+) +\d", told, re.MULTILINE))
    assert frames["render --fps 60, 2 workers"] == frames["the encoder alone, same frames from memory"]
    for ratio in ("render / encoder alone: wall", "render / matplotlib, frames a second:", "first frame"):
        assert re.search(rf"{ratio} \d+\.\d", told), told


def test_the_film_is_measured() -> None:
    shares = _printed("-m", "tests.benchmarks.film_measure", "--every", "100")
    assert re.search(r"^  mean +\d+\.\d%$", shares, re.MULTILINE), shares
    for fault in (
        "changes of shot through an empty stage",
        "jump cuts",
        "steps whose first frame shows none",
    ):
        assert re.search(rf"^{fault}.*: 0 of \d+", shares, re.MULTILINE), shares
    costs = _printed("-m", "tests.benchmarks.film_cost", "--fps", "1")
    assert re.search(r"^compose \d+\.\d+ ms a frame of \d+; held \d+\.\d%$", costs, re.MULTILINE), costs


@pytest.mark.slow
@pytest.mark.parametrize("script", ["raster_bench", "trace_bench"])
@pytest.mark.needs("/bin/sh")
def test_the_rooms_are_measured(script: str) -> None:
    assert re.search(r"4096x4096", printed(script, *(SMALL if script == "raster_bench" else ())))


def test_a_thousand_workers_are_simulated() -> None:
    told = printed("scaling_bench", "--seconds", "8000", "--patience", "1")
    lines = re.findall(r"^ *([\d,]+) +([\d,]+) +[\d.]+ +(?:[\d.]+%|\(the sum\))$", told, re.MULTILINE)
    assert [count for count, _ in lines] == ["1", "2", "10", "100", "1,000"], told
    for words in ("segments a second, 1,000 waiting", "to each worker once", "from 1,000 workers"):
        assert words in told
