"""Scenes whose `storyboard(trace)` tells odd things, written as the files that a user would write."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from mnistviz.scene import load_scene
from mnistviz.story.timeline import schedule
from mnistviz.trace.model import Trace
from mnistviz.trace.recording.recorder import record
from tests.fuzz.damage import one_of

ODD = (
    "None", "True", "0", "-1", "3", "10**400", "2**63", "0.5", "float('nan')", "float('inf')", "''", "'x' * 100000",
    "'\\ud800'", "'\\0'", "'../../x'", "'<script>'", "'a\\nb --> c'", "b'x'", "()", "[]", "{}", "(0,)", "(-1,)",
    "(99,)",
    "('a',)", "(0, 0)", "(None,)", "(0.0,)", "(True,)", "range(3)", "range(10**7)", "object()", "trace", "len",
    "int", "...",
    "iter(())", "[0]", "(i for i in (0,))", "1j", "np.int64(1)", "np.float64(1)", "np.zeros(3)", "np.array([])",
    "Shot", "Odd()",
    "nested()", "36000", "36001", "10**9", "'forward'", "'sideways'", "'failure'", "'product'",
)  # fmt: skip
FILE = """
import sys
import numpy as np
from mnistviz.story.storyboard import Chapter, Fold, Shot, Storyboard

class Odd:
    def __eq__(self, other): raise ValueError("odd")
    def __hash__(self): return 1
    def __repr__(self): raise RuntimeError("odd\\nrepr")
    def __len__(self): return -1
    def __iter__(self): return iter(range(10**6))

def nested(depth=3000):
    made = ()
    for _ in range(depth):
        made = (made,)
    return made

def inputs(): return (np.ones(3),)

def step(x):
    {step}
    return x * 2 + 1

def storyboard(trace):
    {body}
"""
PLAIN_STEP = "    pass\n    return x * 2 + 1"
BODIES = (
    "return None", "return trace", "raise ValueError('two\\nlines')", "raise SystemExit(3)", "return storyboard",
    "sys.exit('no')",
    "return storyboard(trace)", "raise Exception(Odd())", "raise KeyError",
    "return Storyboard('t', 's', trace, ())", "x = ", "1 / 0",
    "raise type('E', (Exception,), {'__str__': lambda self: 1 / 0})", "return Storyboard(title='t')",
    "import nowhere", "return [].x",
    "raise MemoryError", "raise UnicodeDecodeError('utf-8', b'x', 0, 1, 'odd')", "assert False, '\\x1b[31m'",
    "raise OSError(28, 'full')",
)  # fmt: skip
SHOT = {"title": "'t'", "drawing": "'generic'", "caption": "'c'", "subject": "(0,)", "completes": "(0, 1)",
    "act_ticks": "20",
        "rest_ticks": "15", "note": "''", "unit": "'cell'", "extra": "()"}  # fmt: skip
CHAPTER = {"number": "1", "title": "'t'", "phase": "'forward'", "caption": "'c'", "shots": "(shot,)",
    "main_shot": "0",
           "article_start_ticks": "None"}  # fmt: skip
FOLD = {"length": "3", "rows": "1", "columns": "3"}
STORY = {"title": "'t'", "scene": "'s'", "trace": "trace", "chapters": "(chapter,)", "folds": "(fold,)",
    "left_out": "()",
         "subtitle": "''"}  # fmt: skip


def bad_scene(random: Generator, folder: Path) -> None:
    """A file with a scene whose story is odd in one to three places."""
    step = one_of(random, BODIES) if random.random() < 0.03 else "pass"
    if random.random() < 0.08:
        body = one_of(random, BODIES)
    else:
        tables = [dict(table) for table in (SHOT, CHAPTER, FOLD, STORY)]
        for _ in range(int(random.integers(1, 4))):
            table = one_of(random, tables)
            table[one_of(random, list(table))] = one_of(random, ODD)
        made = [", ".join(f"{name}={value}" for name, value in table.items()) for table in tables]
        body = (
            f"shot = Shot({made[0]})\n    chapter = Chapter({made[1]})\n    fold = Fold({made[2]})\n"
            f"    return Storyboard({made[3]})"
        )
    (folder / "scene.py").write_text(FILE.replace("{step}", step).replace("{body}", body))


@lru_cache
def _trace() -> Trace:
    def step(x: Any) -> Any:
        return x * 2 + 1

    return record(step, np.ones(3))


def read(folder: Path) -> None:
    """As `render` and `frame` do, up to the first picture."""
    scene = load_scene(str(folder / "scene.py"))
    odd = PLAIN_STEP not in (folder / "scene.py").read_text()
    story = scene.storyboard(scene.record() if odd else _trace())
    for pace in ("story", "article"):
        schedule(story, pace)
    schedule(story, "story", 200)
