"""One frame of a script's animation, as matplotlib would have it computed: where nobody looks on, it has not been."""

from __future__ import annotations

from itertools import islice
from types import CodeType
from typing import Any

from mnistviz.trace.recording.recorder import code_of
from mnistviz.trace.script import hooks
from mnistviz.trace.script.cutting import Piece
from mnistviz.trace.script.scout import MEMORY, MOST_UNASKED, Scout


def draw_frame(scout: Scout) -> None:
    """Have the wanted frame of the first animation computed, and keep that, where anything happens to arrays in it.

    All of it, also where a loop in it hands arrays on; of too much that is told.
    """
    animation = scout.animations[0]
    animation._draw_was_started = True  # or matplotlib warns that nobody looked at it
    before, code = scout.whole, code_of(animation._func)
    hooks.hear(None)
    scout.silence()
    if animation._init_func is not None:
        animation._init_func()
    frame = None
    for place, frame in enumerate(islice(animation.new_frame_seq(), scout.wish.first), start=1):
        if place < scout.wish.first:
            animation._func(frame, *animation._args)
    found = _recorded(scout, animation, code, frame)
    if len(found.recording.drafts) > MOST_UNASKED:
        hooks.hear(scout)
        found = _recorded(scout, animation, code, frame)
    if found.recording.drafts and found.recording.stopped is None:
        scout.frame_of = code.co_name
    else:
        scout.whole = before


def _recorded(scout: Scout, animation: Any, code: CodeType, frame: Any) -> Piece:
    """What happens while a frame is drawn."""
    piece = scout.begin(code, MEMORY)
    animation._func(frame, *animation._args)
    return piece
