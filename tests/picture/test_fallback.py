"""Letters that DejaVu lacks: found by character, drawn in their own columns, and said where no font has them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mnistviz.cli import main
from mnistviz.errors import InputError
from mnistviz.export.raster.letters import line_of_text
from mnistviz.export.stage.glyphs import lettering_of
from mnistviz.picture import fallback, fonts
from mnistviz.picture.frame.source_rows import rows_of, widened

HEBREW, CHINESE, NOBODY = "\u05e9", "\u5b89", "\U00014646"  # DejaVu Sans has the first, Sans Mono does not
SCENE = f"""import numpy as np


def step():
    # {NOBODY} {HEBREW}
    return np.ones(3) + 1
"""


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A font of the name that is taken before all others."""
    path = tmp_path / "mine.ttf"
    shutil.copy(fonts.font_folder() / fonts.FILES["sans"], path)
    monkeypatch.setenv(fallback.VARIABLE, str(path))
    return path


def test_a_letter_is_drawn_with_the_font_that_has_it(named: Path) -> None:
    assert fonts.letter_in("x", "mono") == ("x", str(fonts.font_folder() / fonts.FILES["mono"]))
    assert fonts.letter_in(HEBREW, "mono") == (HEBREW, str(named))
    assert line_of_text(HEBREW, "mono", 30.0, 0) is not None
    outline, advance = lettering_of([("mono", HEBREW)])["faces"]["mono"]["letters"][HEBREW]
    assert outline.startswith("M")
    assert advance == fonts.width(HEBREW, 1.0, "mono") == fonts.width("x", 1.0, "mono")


def test_what_no_font_has_is_a_question_mark_and_never_a_box(named: Path) -> None:
    assert fonts.letter_in(NOBODY, "mono")[0] == "?"
    mark, shown = (line_of_text(text, "sans", 30.0, 0) for text in ("?", NOBODY))
    assert mark is not None
    assert shown is not None
    assert (mark.cover == shown.cover).all()
    assert fallback.unwritable([NOBODY * 2 + "x" + HEBREW], str(named)) == (NOBODY,)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("x = 1  # \u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd"),  # Hebrew: from right to left
        ("# \u0633\u0644\u0627\u0645", "\u0633\u0644\u0627\u0645"),  # Arabic: joined, too
        ("# \u0928\u092e\u0938\u094d\u0924\u0947", "\u094d"),  # Devanagari: what joins two letters
        (f"# {CHINESE} \u00e9e\u0301 \u0416 \u03b1", ""),
    ],
    ids=["Hebrew", "Arabic", "Devanagari", "others"],
)
def test_letters_that_are_joined_or_run_the_other_way_are_known(text: str, letters: str) -> None:
    assert "".join(fallback.unshaped([text])) == letters


def test_a_wide_letter_has_two_columns() -> None:
    assert len(widened(f"{CHINESE}_x")) == 4
    assert fonts.width(CHINESE, 1.0, "mono") == pytest.approx(2 * fonts.width("x", 1.0, "mono"))
    rows = rows_of((f"y = f({CHINESE * 30})",), 40).rows
    assert len(rows) > 1
    assert all(row.column + row.end - row.start <= 40 for row in rows)


def test_wide_letters_are_wrapped_without_blanks() -> None:
    lines = fonts.wrap(f"so {CHINESE * 30}", 20, 200)
    assert len(lines) > 1
    assert "".join(lines).replace(" ", "") == f"so{CHINESE * 30}"
    assert all(fonts.width(line, 20) <= 200 for line in lines)


def test_a_named_font_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(fallback.VARIABLE, raising=False)
    (tmp_path / "no.ttf").write_text("no font")
    for name in ("no.ttf", "nowhere.ttf"):
        with pytest.raises(InputError, match="this is no font"):
            fallback.name_font(tmp_path / name)
    monkeypatch.setattr(fallback, "letters_of", lambda file: pytest.fail("a device may never end"))
    with pytest.raises(InputError, match="this is no font"):
        fallback.name_font(Path(os.devnull))


def test_letters_without_a_font_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "scene.py").write_text(SCENE, encoding="utf-8")
    out = tmp_path / "still.png"
    assert main(["frame", str(tmp_path / "scene.py"), "-o", str(out), "--size", "320x180"]) == 0
    said = capsys.readouterr().err
    assert "no font has" in said
    assert "--font FILE" in said
    assert f"note: {HEBREW} run from right to left or are joined" in said


def test_code_without_blanks_is_broken_at_its_joints() -> None:
    code = "model.position_embedding.weight[indices]"
    lines = fonts.wrap(f"4 / 13 · {code}", 30, 300, "sans-bold")
    assert lines == ("4 / 13 · model.", "position_", "embedding.", "weight[indices]")
    assert all(fonts.width(line, 30, "sans-bold") <= 300 for line in lines)
    assert fonts.wrap("a " + "x" * 40, 30, 300) == ("a", "x" * 40)  # it has none
