"""The passes right after one that is too short for a story: together they are one, told once and then in a sweep."""

from __future__ import annotations

from mnistviz.trace.recording.outputs import Draft
from mnistviz.trace.script.cutting import Piece

SHORT = 8  # different expressions up to which a pass is short; parts taken out or put back do not count
MOST_PASSES = 24  # told together
MOST_OPERATIONS = 300
MOST_BYTES = 2**26  # of their values
TAKEN_OUT = ("getitem", "setitem")


def is_to_go_on(piece: Piece) -> bool:
    """Whether the passes after a piece belong to its story, and those written down so far are not enough."""
    return len(piece.ends) - piece.place < _wanted(piece)


def with_following(piece: Piece) -> None:
    """Make a piece as long as its story needs, as far as passes after it have been written down."""
    ends = piece.ends[piece.place : piece.place + _wanted(piece)]
    ends = [end for end in ends if end[0] - piece.start <= MOST_OPERATIONS]
    while len(ends) > 1 and ends[-1][0] == ends[-2][0]:  # a pass that only ends the loop
        ends.pop()
    if len(ends) > 1:
        piece.passes = len(ends)
        piece.stop, piece.unseen_stop = ends[-1]


def _wanted(piece: Piece) -> int:
    """How many passes are to be told, this one among them."""
    drafts = piece.recording.drafts[piece.start : piece.stop]
    if not drafts or len({id(one.site.node) for one in drafts if one.name not in TAKEN_OUT}) > SHORT:
        return 1
    room = MOST_BYTES // max(1, sum(map(_bytes, drafts)))
    return max(1, min(MOST_PASSES, MOST_OPERATIONS // len(drafts), room))


def _bytes(draft: Draft) -> int:
    return sum(one.snapshot.array.nbytes for one in draft.outputs)
