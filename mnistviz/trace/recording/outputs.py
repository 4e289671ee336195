"""What comes out of a call: new values, or an array that was there before with new contents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnistviz.trace.memory import Snapshot
from mnistviz.trace.model import Call, Source
from mnistviz.trace.recording import names
from mnistviz.trace.recording.arrays import RecordingArray
from mnistviz.trace.recording.frames import Place
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.values import Values

NOT_ELEMENTWISE = frozenset(["matmul", "vecdot", "matvec", "vecmat"])


@dataclass(eq=False, slots=True)
class Draft:
    """An operation as it is being written down."""

    name: str
    text: str
    source: Source
    inputs: list[Mention]
    outputs: list[Mention]
    parameters: tuple[tuple[str, Any], ...]
    call: Call


class Outputs:
    """Writes the outputs of one operation, and gives the taught code its result."""

    def __init__(self, values: Values, draft: Draft, number: int, place: Place) -> None:
        self._values = values
        self._draft = draft
        self._number = number
        self._place = place

    def changed(self, arrays: Sequence[RecordingArray], befores: Sequence[Snapshot], result: Any) -> Any:
        """Arrays that the call changed in place; `befores` is what they held."""
        values = self._values
        for array, before in zip(arrays, befores, strict=True):
            after = values.snapshot(array._raw, values.memory(array._raw), "result")
            after.origin = before.origin if before.origin in ("argument", "outside") else "result"
            after.made_by, after.view_of = self._number, before.view_of
            after.name = names.changed(self._place, self._draft.call.kind) or before.name
            array._snapshot = after
            self._draft.outputs.append(Mention(after, after.name, before=before))
        by_raw = {id(array._raw): array for array in arrays}
        if isinstance(result, tuple):
            return tuple(by_raw.get(id(one), one) for one in result)
        return by_raw.get(id(result), result)

    def new(self, result: Any, origin: str) -> Any:
        """What the call returned: one value or several."""
        self._note_broadcasting(result.shape if isinstance(result, np.ndarray) else ())
        if not isinstance(result, tuple | list) or not any(map(_is_numpy, result)):
            return self._one(result, self._place.name, origin)
        given = self._place.names if len(self._place.names) == len(result) else ("",) * len(result)
        made = [self._one(one, name, origin) for one, name in zip(result, given, strict=True)]
        return result._make(made) if hasattr(result, "_make") else type(result)(made)

    def _one(self, result: Any, name: str, origin: str) -> Any:
        if not _is_numpy(result):
            self._mention(self._values.plain(result), name)
            return result
        array = self._values.result(result, origin)
        snapshot = self._values.current(array)
        if isinstance(result, np.ndarray) and snapshot.view_of is None:
            snapshot.view_of = self._viewed(snapshot)
        self._mention(snapshot, name)
        return array

    def _mention(self, snapshot: Snapshot, name: str) -> None:
        snapshot.made_by, snapshot.name = self._number, name
        self._draft.outputs.append(Mention(snapshot, name))

    def _viewed(self, made: Snapshot) -> int | None:
        """The input whose memory the result lies in."""
        inputs = [mention.snapshot for mention in self._draft.inputs]
        return next((one.id for one in inputs if one.memory is not None and one.memory is made.memory), None)

    def _note_broadcasting(self, shape: tuple[int, ...]) -> None:
        draft = self._draft
        if (
            draft.call.kind in ("ufunc", "operator")
            and "." not in draft.name
            and draft.name not in NOT_ELEMENTWISE
        ):
            for mention in draft.inputs:
                mention.stretched = stretched(mention.snapshot.array.shape, shape)


def stretched(shape: tuple[int, ...], whole: tuple[int, ...]) -> tuple[int, ...]:
    """Axes of `whole` along which broadcasting repeats an array of `shape`."""
    if shape == whole:
        return ()
    own = (1,) * (len(whole) - len(shape)) + shape
    return tuple(axis for axis, (one, all_) in enumerate(zip(own, whole, strict=False)) if one == 1 != all_)


def _is_numpy(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic)
