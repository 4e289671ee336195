"""One frame of a script's animation, as matplotlib would have it computed: where nobody looks on, it has not been."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

from mnistviz.trace.recording.recorder import code_of
from mnistviz.trace.recording.recording import Recording
from mnistviz.trace.script.scout import MEMORY, Scout


def draw_frame(scout: Scout) -> None:
    """Have the wanted frame of the first animation computed, and keep that, where anything happens to arrays in it."""
    animation = scout.animations[0]
    animation._draw_was_started = True  # or matplotlib warns that nobody looked at it
    code = code_of(animation._func)
    whole = scout.whole
    if whole is None or whole.recording.stopped is not None:  # what went before was too much
        whole = scout.begin(code, MEMORY)
    if animation._init_func is not None:
        animation._init_func()
    start, unseen = _draw(animation, whole.recording, scout.wish.first)
    if len(whole.recording.drafts) > start and whole.recording.stopped is None:
        scout.whole = replace(whole, code=code, start=start, unseen=unseen)
        scout.frame_of = code.co_name


def _draw(animation: Any, recording: Recording, wanted: int) -> tuple[int, int]:
    """Draw the frames up to the wanted one; how many operations there were before that, and how many unseen."""
    before = len(recording.drafts), len(recording.values.unseen)
    for frame in islice(animation.new_frame_seq(), wanted):
        before = len(recording.drafts), len(recording.values.unseen)
        animation._func(frame, *animation._args)
    return before
