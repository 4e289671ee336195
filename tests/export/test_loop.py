"""Loops: as long as they should be, small enough, and what the film shows."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnistviz.cli import main
from mnistviz.errors import InputError
from mnistviz.export import loop
from mnistviz.export.raster.raster import still
from mnistviz.picture.compose import compose
from mnistviz.picture.layout import look
from mnistviz.story.timeline import schedule
from tests.export.stories import SMALL, small_story

LOOK = look(SMALL)
PIECE = (Fraction(0), Fraction(4))


def frames(packed: bytes) -> list[tuple[np.ndarray, float]]:
    """Each frame of an animated picture, and how long it stays, in milliseconds."""
    found = []
    with Image.open(io.BytesIO(packed)) as image:
        assert image.info.get("loop") == 0
        for number in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(number)
            found.append((np.asarray(image.convert("RGB")), float(image.info["duration"])))
    return found


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_a_loop_shows_the_film_and_rests_until_it_is_long_enough(suffix: str) -> None:
    timeline = schedule(small_story())
    found = frames(loop.make_loop(timeline, PIECE, LOOK, SMALL, suffix))
    assert sum(stays for _, stays in found) == pytest.approx(8000, abs=100)
    assert 2 < len(found) <= 40
    for place, instant in ((0, Fraction(0)), (-1, Fraction(39, 10))):
        wished = still(compose(timeline, instant, LOOK).display, SMALL).astype(int)
        assert np.abs(found[place][0].astype(int) - wished).mean() < 6


def test_a_long_piece_plays_faster_and_a_short_one_does_not() -> None:
    assert loop.instants((Fraction(10), Fraction(14)), 10)[:2] == [10, Fraction(101, 10)]
    assert len(loop.instants((Fraction(10), Fraction(14)), 10)) == 40
    long = loop.instants((Fraction(0), Fraction(120)), 10)
    assert len(long) == 120 and long[1] == 1 and long[-1] == 119


def test_what_is_too_large_is_written_with_less(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = schedule(small_story())
    best = loop.make_loop(timeline, PIECE, LOOK, SMALL, ".gif")
    monkeypatch.setattr(loop, "LARGEST", len(best) - 1)
    assert len(loop.make_loop(timeline, PIECE, LOOK, SMALL, ".gif")) < len(best)
    monkeypatch.setattr(loop, "LARGEST", 100)
    with pytest.raises(InputError, match="bytes at its least"):
        loop.make_loop(timeline, PIECE, LOOK, SMALL, ".gif")


def test_the_command_writes_a_loop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene = tmp_path / "scene.py"
    scene.write_text("import numpy as np\ndef inputs(): return np.ones(3)\ndef step(x):\n    return x * 2\n")
    out = tmp_path / "loop.webp"
    assert main(["loop", str(scene), "-o", str(out), "--size", "320x180", "--to", "0:02"]) == 0
    assert capsys.readouterr().out == f"see {out}\n"
    assert len(frames(out.read_bytes())) > 1
    for wrong, told in (
        ("--chapter 99", "chapter 99 is not in the film"),
        ("--from 0:09 --to 0:09", "before it begins"),
    ):
        assert main(["loop", str(scene), "-o", str(out), *wrong.split()]) != 0
        assert told in capsys.readouterr().err
