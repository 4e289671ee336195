"""A first pass that begins and ends with nothing but equal numbers, kept while one is waited for that has more to show.

A still pond, an empty table of values: what their first pass computes is zeros, too.  Weights of zeros are not: they
have learned something when it is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mnistviz.trace.recording.recording import Recording
from mnistviz.trace.script.cutting import Ends, Piece
from mnistviz.trace.script.following import is_to_go_on
from mnistviz.trace.script.loops import Loop
from mnistviz.trace.script.reach import FLAT, Change, Path, flat_among

LEAST = 0.5  # of the operations of the first pass


@dataclass(frozen=True, eq=False)
class Kept:
    """The first pass, which is told where no later one begins otherwise."""

    piece: Piece
    carried: tuple[Change, ...]  # what is handed on

    def is_flat(self, found: dict[Path, Any], wholly: bool = False) -> bool:
        """Whether what is handed on is still hardly anything but equal numbers, each array for itself."""
        paths = frozenset(path for one in self.carried for path in one.paths)
        return self.holds_all(flat_among(paths, found, 1.0 if wholly else FLAT))

    def holds_all(self, flat: frozenset[Path]) -> bool:
        """Whether all that is handed on is among those paths."""
        return all(flat.intersection(one.paths) for one in self.carried)

    def better(self, loop: Loop) -> Piece | None:
        """The first of the passes after it that have been written down and have more to show."""
        over = [(piece, flat) for piece, flat in loop.firsts.items() if piece.stop is not None]
        return next(
            (piece for piece, flat in over if not self.holds_all(flat) and not self.has_more(piece)), None
        )

    def goes_on(self, recording: Recording | None, ends: Ends) -> bool:
        """Whether the passes after it are still to be written down: together they would be its story."""
        piece = self.piece
        ours = recording is piece.recording and piece.ends is ends
        return ours and piece.recording.stopped is None and is_to_go_on(piece)

    def has_more(self, piece: Piece) -> bool:
        """Whether the first pass did much more than another one, which found nothing to do."""
        return piece.size < LEAST * self.piece.size


def kept_for(piece: Piece, loop: Loop, carried: Sequence[Change], now: dict[Path, Any]) -> Kept | None:
    """What is kept of a loop's first pass; None where it can be told as it is: anything in it differs, or `now`."""
    several = any(one.cells is None or one.cells.size > 1 for one in carried)
    kept = Kept(piece, tuple(carried))
    if not several or piece.number != 1 or not kept.holds_all(loop.flat):
        return None
    after = next(iter(loop.firsts.values()), flat_among(loop.flat, now) if now else loop.flat)
    return kept if kept.holds_all(after) else None
