"""What a recorded pass does with the arrays that it hands on: whether it only adds to them, or looks at them, too.

A loop that adds up products of the data is preparation: what it adds to an array does not depend on what that
holds.  What learns, converges or moves does depend on it, and so does a branch that asks for it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.outputs import Draft
from mnistviz.trace.script.cutting import Piece

ADDING = ("add", "subtract")
HANDING = ("getitem", "setitem", "copy", "ravel", "reshape", "view", "transpose", "T", "asarray", "array")
ASKING = (
    *("less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "isclose", "allclose"),
    *("array_equal", "any", "all", "argmax", "argmin", "argsort", "nonzero", "where"),
)


@dataclass(frozen=True)
class Use:
    """Of arrays in a pass."""

    only_adds: bool = False  # it does nothing but add to them what depends on none of them
    on_whole: bool = False  # what it writes into one depends on all of one, not on the cells beside alone


def use_of(piece: Piece, arrays: Collection[Collection[str]]) -> Use:
    """How a pass uses arrays, each by the names that it goes by; nothing is claimed of one not seen written."""
    names = {name: place for place, own in enumerate(arrays) for name in own}
    return _Flow(names, piece.start).through(piece.recording.drafts[piece.start : piece.stop])


@dataclass
class _Flow:
    """Follows some arrays through the operations of a pass."""

    names: dict[str, int]  # which array each name is of
    start: int  # the number of the pass's first operation
    sums: set[int] = field(
        default_factory=set
    )  # snapshots of the arrays and of parts of them, as they are added to
    whole: set[int] = field(default_factory=set)  # those of them that are an array in whole
    derived: set[int] = field(default_factory=set)  # snapshots of what is computed from them
    of_whole: set[int] = field(default_factory=set)  # those of them that are computed from an array in whole
    written: dict[int, int] = field(default_factory=dict)  # the last snapshot of each array that was written
    asks: bool = False
    asks_of_whole: bool = False  # what is written may be so only since all of an array was looked at

    def through(self, drafts: list[Draft]) -> Use:
        """How all of these operations together use the arrays."""
        for draft in drafts:
            self._meet(draft.inputs)
            self._follow(draft)
        ends = set(self.written.values())
        all_written = bool(ends) and self.written.keys() == set(self.names.values())
        on_whole = bool(ends & self.of_whole) or (self.asks_of_whole and bool(ends))
        return Use(all_written and ends <= self.sums and not self.asks, on_whole)

    def _meet(self, inputs: list[Mention]) -> None:
        """Note an array that was there before the pass, where this reads it."""
        for one in inputs:
            made, place = one.snapshot.made_by, self.names.get(one.name)
            if place is not None and place not in self.written and (made is None or made < self.start):
                self.sums.add(one.snapshot.id)
                self.whole.add(one.snapshot.id)

    def _follow(self, draft: Draft) -> None:
        """Note what an operation makes of the arrays."""
        read = {one.snapshot.id for one in draft.inputs}
        if not read & (self.sums | self.derived):
            return
        adds = draft.name in ADDING and len(read & self.sums) == 1
        hands_on = (adds or draft.name in HANDING) and not read & self.derived
        for one in draft.outputs:
            self._note_sum(draft, one, read) if hands_on else self._note_derived(draft, one, read)
            if one.name in self.names:
                self.written[self.names[one.name]] = one.snapshot.id
        if draft.name in ASKING:
            self.asks = True
            self.asks_of_whole |= any(one.snapshot.id in self.of_whole for one in draft.outputs)

    def _note_sum(self, draft: Draft, made: Mention, read: set[int]) -> None:
        self.sums.add(made.snapshot.id)
        if draft.name == "setitem" or (draft.name != "getitem" and read & self.whole):
            self.whole.add(made.snapshot.id)

    def _note_derived(self, draft: Draft, made: Mention, read: set[int]) -> None:
        self.derived.add(made.snapshot.id)
        if read & self.of_whole or (draft.name not in HANDING and read & self.whole):
            self.of_whole.add(made.snapshot.id)
