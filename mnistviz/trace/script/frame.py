"""One frame of a script's animation, as matplotlib would have it computed: where nobody looks on, it has not been."""

from __future__ import annotations

from itertools import islice
from typing import Any

from mnistviz.trace.script import hooks
from mnistviz.trace.script.animation import Animation
from mnistviz.trace.script.cutting import Piece
from mnistviz.trace.script.scout import MEMORY, MOST_UNASKED, Scout


def draw_frame(scout: Scout) -> None:
    """Have the wanted frame of the first animation computed, and keep that, where anything happens to arrays in it.

    All of it, also where a loop in it hands arrays on; of too much that is told.
    """
    animation, before = scout.animations[0], scout.whole
    hooks.hear(None)
    scout.silence()
    if animation.begin is not None:
        animation.begin()
    frame = None
    for place, frame in enumerate(islice(animation.shown.new_frame_seq(), scout.wish.first), start=1):
        if place < scout.wish.first:
            animation.draw(frame)
    found = _recorded(scout, animation, frame)
    if len(found.recording.drafts) > MOST_UNASKED:
        hooks.hear(scout)
        found = _recorded(scout, animation, frame)
    if found.recording.drafts and found.recording.stopped is None:
        scout.frame_of = animation.code.co_name
    else:
        scout.whole = before


def _recorded(scout: Scout, animation: Animation, frame: Any) -> Piece:
    """What happens while a frame is drawn."""
    piece = scout.begin(animation.code, MEMORY)
    animation.draw(frame)
    return piece
