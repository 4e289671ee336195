"""A storyboard comes from anybody's code: what is odd in it is named, before anything is drawn."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistviz.errors import InputError
from mnistviz.scene import load_scene
from mnistviz.story.storyboard import Beat, Chapter, Fold, Labels, Shot, Storyboard, check
from mnistviz.trace.recording.recorder import record


def step(x: Any) -> Any:
    return x * 2 + 1


SHOT = Shot("t", "generic", "c", (0,), (0, 1))
CHAPTER = Chapter(1, "t", "forward", "c", (SHOT,))
STORY = Storyboard("t", "s", record(step, np.ones(3)), (CHAPTER,), (Fold(4, 2, 2),))


def of_shot(**odd: Any) -> Storyboard:
    return of_chapter(shots=(replace(SHOT, **odd),))


def of_chapter(**odd: Any) -> Storyboard:
    return replace(STORY, chapters=(replace(CHAPTER, **odd),))


ODD = {
    "no text": (of_shot(caption=None), "shots[0].caption is None, not a text"),
    "half a character": (of_shot(title="\ud800"), "title holds half a character"),
    "a book": (of_shot(note="x" * 10_001), "note has 10,001 characters"),
    "a list": (of_chapter(shots=[SHOT]), "chapters[0].shots is a list, not a tuple"),
    "a word for a length": (of_shot(act_ticks="20"), "act_ticks is a str, not a whole number"),
    "numpy's number": (of_shot(act_ticks=np.int64(20)), "act_ticks is an int64"),
    "truth": (of_shot(rest_ticks=True), "rest_ticks is a bool"),
    "more digits than print": (of_shot(act_ticks=10**5000), "act_ticks is out of every range"),
    "an absurd length": (of_shot(act_ticks=36_001), "lasts 36001+15 ticks"),
    "a negative length": (of_shot(act_ticks=-1), "lasts -1+15 ticks"),
    "a day": (of_chapter(shots=(replace(SHOT, act_ticks=30_000), *[replace(SHOT, act_ticks=30_000, completes=())] * 4)),
              "lasts 150,075 ticks"),
    "no operation": (of_shot(subject=(2,)), "no operation 2"),
    "told twice": (of_shot(completes=(0, 0, 1)), "is completed 2 times"),
    "told never": (of_shot(completes=(0,)), "is completed 0 times"),
    "another phase": (of_chapter(phase="sideways"), "phase is none of forward"),
    "a number as phase": (of_chapter(phase=[]), "phase is none of forward"),
    "no chapters": (replace(STORY, chapters=()), "no chapters"),
    "no shots": (of_chapter(shots=()), "no shots"),
    "no main shot": (of_chapter(main_shot=1), "no shot 1"),
    "out of every film": (of_chapter(article_start_ticks=10**9), "out of every film"),
    "a fold that does not fit": (replace(STORY, folds=(Fold(4, 3, 2),)), "4 cells are no 3 x 2"),
    "a late first beat": (of_shot(beats=(Beat(0.1, "c"),)), "start at [0.1]"),
    "beats out of order": (of_shot(beats=(Beat(0.0, "a"), Beat(0.5, "b"), Beat(0.5, "c"))), "rise from 0"),
    "a beat after the end": (of_shot(beats=(Beat(0.0, "a"), Beat(1.5, "b"))), "at most 1"),
    "a cell twice": (of_shot(order=(2, 1, 2)), "tells a cell twice"),
    "a cell before the first": (of_shot(order=(-1,)), "before the first"),
    "labels that do not fit": (replace(STORY, labels=(Labels(3, ("a", "b")),)), "3 cells have 2 names"),
    "no trace": (replace(STORY, trace=None), "trace is None, not a Trace"),
}  # fmt: skip


def test_a_whole_one_is_taken() -> None:
    assert check(STORY) is STORY


@pytest.mark.parametrize("story, told", ODD.values(), ids=ODD.keys())
def test_what_is_odd_is_named(story: Storyboard, told: str) -> None:
    with pytest.raises(InputError) as caught:
        check(story)
    assert told in str(caught.value)


SCENE = """from mnistviz.story.storyboard import Storyboard
def inputs(): return ()
def step(): pass
class Odd(Exception):
    def __str__(self): raise ValueError
def storyboard(trace):
    {body}
"""


@pytest.mark.parametrize(
    "body, told",
    [
        ("raise Odd", "Odd, .*scene.py:7,"),
        ("raise KeyError('\\x1b[31m')", r"KeyError: '\\x1b\[31m', .*scene.py:7,"),
        ("raise ValueError('\\x1b[31m\\nmore')", r"ValueError: \?\[31m more, .*scene.py:7,"),
        ("return Storyboard(1, 's', trace, ())", "title is an int.*scene.py"),
    ],
)  # fmt: skip
def test_a_scene_file_that_tells_it_is_named(body: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "scene.py").write_text(SCENE.format(body=body))
    with pytest.raises(InputError) as caught:
        load_scene(str(tmp_path / "scene.py")).storyboard(STORY.trace)
    assert re.search(told, str(caught.value)), str(caught.value)
