"""What comes out of an operation: new values, or an array that was there before with new contents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from mnistviz.trace.memory import Snapshot
from mnistviz.trace.model import Call, Source
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.places import Way, Where, source_of
from mnistviz.trace.recording.values import Values, bare, is_value
from mnistviz.trace.source.sites import Site

NOT_ELEMENTWISE = frozenset(["matmul", "vecdot", "matvec", "vecmat"])

MOST_CLEARED = 2**28  # bytes: more may be asked for than is ever used


@dataclass(eq=False, slots=True)
class Draft:
    """An operation as it is being written down."""

    name: str
    site: Site
    way: Way
    receiver: str
    thread: str
    inputs: list[Mention]
    outputs: list[Mention]
    parameters: tuple[tuple[str, Any], ...]
    call: Call

    def source(self) -> Source:
        """Where it ran, as the trace tells it."""
        return source_of(self.site, self.way, self.receiver, self.thread)


class Outputs:
    """Writes the outputs of one operation."""

    def __init__(self, values: Values, draft: Draft, number: int, place: Where) -> None:
        self._values = values
        self._draft = draft
        self._number = number
        self._place = place

    def changed(self, arrays: Sequence[tuple[Any, Snapshot]], name: str) -> None:
        """Arrays that the operation changed in place, each with what it held; `name` is the source's for one."""
        for array, before in arrays:
            after = self._values.changed(array, before, name or before.name)
            after.made_by = self._number
            if after.memory is not None:
                after.memory.changed_by = self._number
            self._draft.outputs.append(Mention(after, after.name, before=before))

    def new(self, result: Any, origin: str) -> None:
        """What the operation gave: one value or several."""
        kind = type(result)
        if kind is np.ndarray:
            self._note_broadcasting(result.shape)
            self._one(result, self._place.name, origin)
            return
        self._note_broadcasting(bare(result).shape if issubclass(kind, np.ndarray) else ())
        inside: list[Any] = []
        if issubclass(kind, tuple):
            inside = list(tuple.__iter__(result))
        elif type(result) is list:
            inside = result
        if not any(map(is_value, inside)):
            self._one(result, self._place.name, origin)
            return
        names = self._place.names if len(self._place.names) == len(inside) else ("",) * len(inside)
        for one, name in zip(inside, names, strict=True):
            self._one(one, name, origin)

    def made(self, results: Sequence[Any], names: Sequence[str]) -> None:
        """Arrays of which somebody else says that they were made."""
        for one, name in zip(results, names, strict=True):
            self._one(one, name, "result")

    def _one(self, result: Any, name: str, origin: str) -> None:
        if not is_value(result):
            self._mention(self._values.plain(result), name)
            return
        known = self._values.known(result) if issubclass(type(result), np.ndarray) else None
        previous = self._values.current(result) if known is not None else None
        snapshot = self._values.made(result, previous.origin if previous is not None else origin)
        if previous is not None:
            snapshot.view_of = previous.id
        elif snapshot.memory is not None:
            snapshot.view_of = self._viewed(snapshot)
        self._mention(snapshot, name)

    def _mention(self, snapshot: Snapshot, name: str) -> None:
        snapshot.made_by, snapshot.name = self._number, name
        self._draft.outputs.append(Mention(snapshot, name))

    def _viewed(self, made: Snapshot) -> int | None:
        """The input whose memory the result lies in."""
        for mention in self._draft.inputs:
            if mention.snapshot.memory is made.memory:
                return mention.snapshot.id
        return None

    def _note_broadcasting(self, shape: tuple[int, ...]) -> None:
        draft = self._draft
        if draft.call.kind not in ("ufunc", "operator") or "." in draft.name or draft.name in NOT_ELEMENTWISE:
            return
        for place, mention in enumerate(draft.inputs):
            own = mention.snapshot.array.shape
            if own != shape:
                draft.inputs[place] = replace(mention, stretched=stretched(own, shape))


def clear(room: Any) -> None:
    """Let nothing but zeros stand in an array that promises nothing: each run of a program is the same then."""
    if type(room) is np.ndarray and not room.dtype.hasobject and room.nbytes <= MOST_CLEARED:
        np.copyto(room, np.zeros((), room.dtype))


@lru_cache(maxsize=4096)
def stretched(shape: tuple[int, ...], whole: tuple[int, ...]) -> tuple[int, ...]:
    """Axes of `whole` along which broadcasting repeats an array of `shape`."""
    own = (1,) * (len(whole) - len(shape)) + shape
    return tuple(axis for axis, (one, all_) in enumerate(zip(own, whole, strict=False)) if one == 1 != all_)
