"""`mnistviz.render` as users call it: from anywhere, again, with other rates, with bad options."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

import mnistviz
from mnistviz.errors import InputError
from mnistviz.export.folder import finishing
from mnistviz.export.folder.verify import verify
from mnistviz.story.storyboard import Beat, Storyboard
from tests.export.stories import ROOT, SMALL, contents, render, run, small_story, small_trace

SHORT = {"size": SMALL, "duration": "0:20", "quality": "draft"}
SCRIPT = """
print("this runs once")
import numpy as np
import mnistviz

def step(w_2x2, x_2x1):
    return np.matmul(w_2x2, x_2x1)

trace = mnistviz.record(step, np.eye(2), np.ones((2, 1)))
mnistviz.render(trace, "out", fps=(10,), size=(320, 180), duration="0:20", quality="draft", workers=2)
print("and to its end")
"""


@pytest.mark.parametrize("how", ["a script without a guard", "standard input"])
def test_it_works_from(tmp_path, how):
    """Workers that imported the script would each start a render of their own."""
    (tmp_path / "my script.py").write_text(SCRIPT)
    script = how != "standard input"
    done = subprocess.run(
        [sys.executable, *(["my script.py"] if script else ["-"])],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=None if script else SCRIPT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if script:
        assert (done.stdout, done.returncode) == ("this runs once\nand to its end\n", 0), done.stderr
        verify(tmp_path / "out")
    else:
        # Where Python itself knows no text, the recorder says so; no worker may have run it again.
        assert (done.stdout.count("this runs once"), done.returncode) == (1, 1)
        assert "there is no text of step" in done.stderr


def test_a_trace_gets_the_default_storyboard(tmp_path):
    out = render(small_trace(), tmp_path / "out", fps=(10,))
    assert verify(out).ticks == 200


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> Path:
    return mnistviz.render(small_story(), tmp_path_factory.mktemp("both") / "out", **SHORT)


def test_one_rate_after_the_other_is_as_both_at_once(both, tmp_path):
    for rate in (60, 10):
        render(small_story(), tmp_path / "out", fps=(rate,))
    assert contents(tmp_path / "out") == contents(both)


def test_a_film_of_other_inputs_does_not_stay(both, tmp_path):
    shutil.copytree(both, tmp_path / "out")
    assert (tmp_path / "out" / "film-60fps.mp4").exists()
    render(small_story(captions={1: "Other words."}), tmp_path / "out", fps=(10,))
    assert not (tmp_path / "out" / "film-60fps.mp4").exists()
    assert "film-60fps.mp4" not in (tmp_path / "out" / "chapters.json").read_text()
    verify(tmp_path / "out")


def asking(board: Storyboard) -> Storyboard:
    """The story whose second chapter begins with a question that can be thought about."""
    chapter = board.chapters[1]
    beats = (Beat(0.0, "What comes out?"), Beat(0.5, "This."))
    shots = (replace(chapter.shots[0], beats=beats, waits_ticks=5), *chapter.shots[1:])
    changed = replace(chapter, shots=shots)
    return replace(board, chapters=(board.chapters[0], changed, *board.chapters[2:]))


EDITS = {
    "a caption": (lambda: small_story(captions={2: "Other words, and more of them."}), {}, 1),
    "a question": (lambda: asking(small_story()), {}, 3),
    "the theme": (small_story, {"theme": "light"}, 3),
}


@pytest.mark.parametrize("edit", EDITS)
def test_after_an_edit_a_second_render_makes_the_very_files_of_a_fresh_one(both, tmp_path, edit):
    told, options, redrawn = EDITS[edit]
    story = told()
    shutil.copytree(both, tmp_path / "out")
    with patch.object(finishing, "decoding_keys", wraps=finishing.decoding_keys) as decoding:
        second = render(story, tmp_path / "out", fps=(10,), **options)
    decoded = [len(call.args[0]) for call in decoding.call_args_list]
    assert decoded == [redrawn]  # what is known is not decoded again
    assert contents(second) == contents(render(story, tmp_path / "fresh", fps=(10,), **options))
    names = [
        {path.name for path in (out / ".mnistviz" / "segments").iterdir()}
        for out in (second, tmp_path / "fresh")
    ]
    assert names[0] == names[1]


def drawn(story, out: Path, **options) -> list[int]:
    """Frames that a render had to draw: of all in the end, without those that were there at the start."""
    seen: list[tuple[int, int]] = []
    render(story, out, progress=lambda done, total, what: seen.append((done, total)), **options)
    return [seen[0][1] - seen[0][0], seen[0][1]]


class Counted(Exception):
    """It is known how many frames there are to draw."""


def planned(story, out: Path, **options) -> list[int]:
    """Frames that a render would draw, of all: it is ended before the first."""

    def end(done: int, total: int, what: str) -> None:
        raise Counted(total - done, total)

    with pytest.raises(Counted) as counted:
        render(story, out, progress=end, **options)
    return list(counted.value.args)


def test_only_what_changed_is_drawn_again(tmp_path):
    out = tmp_path / "out"
    assert drawn(small_story(), out, fps=(10,)) == [200, 200]
    shutil.copytree(out, tmp_path / "base")
    before = contents(out)
    assert drawn(small_story(), out, fps=(10,)) == [0, 0]
    assert contents(out) == before
    spans = [chapter.end - chapter.start for chapter in _spans(before)]
    untried = patch.object(sys.modules["mnistviz.render"], "try_options", side_effect=AssertionError)
    with untried:  # the segments that are there say what this encoder can
        assert drawn(small_story(captions={2: "Other words."}), out, fps=(10,)) == [spans[1], 200]
    assert planned(small_story(captions={2: "Other words."}), out, fps=(10,), fresh=True) == [200, 200]
    for change in ({"theme": "light"}, {"size": (322, 180)}, {"quality": "standard"}, {"duration": "0:21"}):
        count, total = planned(small_story(), tmp_path / "base", **{"fps": (10,), **change})
        assert count == total > 0
    assert planned(small_story(seed=2), tmp_path / "base", fps=(10,)) == [200, 200]
    assert contents(tmp_path / "base") == before


class _Span:
    def __init__(self, start: float, end: float) -> None:
        self.start, self.end = round(start * 10), round(end * 10)


def _spans(told: dict[str, bytes]) -> list[_Span]:
    import json

    return [_Span(row["start"], row["end"]) for row in json.loads(told["chapters.json"])["chapters"]]


BAD = {
    "an odd size": {"size": (321, 180)},
    "a tiny size": {"size": (318, 180)},
    "a huge size": {"size": (7682, 4320)},
    "another rate": {"fps": (30,)},
    "no rate": {"fps": ()},
    "another theme": {"theme": "blue"},
    "another quality": {"quality": "best"},
    "another pace": {"pace": "fast"},
    "no workers": {"workers": 0},
    "an address that is none": {"cluster": "over there"},
    "too short": {"duration": "0:19"},
    "too long": {"duration": "999:00:00"},
    "no time": {"duration": "a while"},
    "chapters that are not there": {"chapters": (2, 9)},
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_options_write_nothing(tmp_path, kind):
    with pytest.raises(InputError):
        mnistviz.render(small_story(), tmp_path / "out", **SHORT | BAD[kind])
    assert not (tmp_path / "out").exists()


def test_another_folder_where_there_is_a_file_is_one_line(tmp_path):
    (tmp_path / "out").write_text("")
    code, errors = run(tmp_path / "out")
    assert code == 3 and errors.count("\n") == 1 and errors.startswith("error: there is a file where")
