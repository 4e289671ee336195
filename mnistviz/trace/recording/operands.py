"""The operands of a call: raw arrays to compute with, a template to replay, mentions to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnistviz.trace.memory import Snapshot
from mnistviz.trace.model import Operand
from mnistviz.trace.recording import names
from mnistviz.trace.recording.arrays import RecordingArray
from mnistviz.trace.recording.frames import Place
from mnistviz.trace.recording.values import Values

SCALARS = (bool, int, float, complex)


@dataclass(eq=False, slots=True)
class Mention:
    """A snapshot where an operation names it."""

    snapshot: Snapshot
    name: str
    stretched: tuple[int, ...] = ()
    before: Snapshot | None = None


class Taken:
    """What one call is given."""

    def __init__(self, values: Values, place: Place, data: bool) -> None:
        self.values = values
        self.place = place
        self.data = data
        self.inputs: list[Mention] = []

    def positional(
        self, args: Sequence[Any], operands: names.Operands, last_only: bool = False
    ) -> tuple[list[Any], tuple[Any, ...]]:
        """Operands in order; `last_only`: numbers are data only in the last, the rest is an index."""
        data = [self.data and (not last_only or i == len(args) - 1) for i in range(len(args))]
        pairs = [self._take(arg, operands.positional(i), data[i]) for i, arg in enumerate(args)]
        return [one for one, _ in pairs], tuple(shown for _, shown in pairs)

    def named(
        self, keywords: dict[str, Any], operands: names.Operands
    ) -> tuple[dict[str, Any], tuple[tuple[str, Any], ...]]:
        """Operands by their keyword; `out` is no operand."""
        bare, shown = {}, []
        for key, value in keywords.items():
            if key == "out":
                bare[key] = raw(value)
                continue
            bare[key], template = self._take(value, operands.keyword(key), False)
            shown.append((key, template))
        return bare, tuple(shown)

    def _take(self, value: Any, node: Any, data: bool) -> tuple[Any, Any]:
        if type(value) is RecordingArray:
            return self._array(value, node)
        if isinstance(value, np.ndarray):
            return self._array(self.values.adopt(value, "outside"), node)
        if isinstance(value, np.generic):
            name = names.mention(self.place, node, value)
            self.inputs.append(Mention(self.values.constant(value, name), name))
            return value, Operand(len(self.inputs) - 1, scalar=True)
        if data and isinstance(value, SCALARS):
            name = names.mention(self.place, node, value)
            self.inputs.append(Mention(self.values.constant(value, name), name))
            return value, value
        return self._inside(value, node, data)

    def _inside(self, value: Any, node: Any, data: bool) -> tuple[Any, Any]:
        if isinstance(value, slice):
            parts = [self._take(part, None, False) for part in (value.start, value.stop, value.step)]
            return slice(*(one for one, _ in parts)), slice(*(shown for _, shown in parts))
        if isinstance(value, tuple | list) and any(map(_holds_array, value)):
            pairs = [self._take(part, names.element(node, i), data) for i, part in enumerate(value)]
            return type(value)(one for one, _ in pairs), type(value)(shown for _, shown in pairs)
        if isinstance(value, dict) and any(map(_holds_array, value.values())):
            both = {key: self._take(part, None, data) for key, part in value.items()}
            return {k: one for k, (one, _) in both.items()}, {k: shown for k, (_, shown) in both.items()}
        if data and isinstance(value, list | tuple):
            array = np.array(value)
            if array.dtype.kind in "biufc" and array.size:
                name = names.mention(self.place, node, value)
                self.inputs.append(Mention(self.values.constant(value, name), name))
        return value, value

    def _array(self, array: RecordingArray, node: Any) -> tuple[Any, Any]:
        snapshot = self.values.current(array)
        name = names.mention(self.place, node, array, snapshot.name)
        if snapshot.origin in ("argument", "outside") and not snapshot.name:
            snapshot.name = name
        self.inputs.append(Mention(snapshot, name))
        return array._raw, Operand(len(self.inputs) - 1, not isinstance(array._raw, np.ndarray))


def raw(value: Any) -> Any:
    """The same structure with raw arrays."""
    if type(value) is RecordingArray:
        return value._raw
    if isinstance(value, tuple | list):
        return type(value)(map(raw, value)) if not hasattr(value, "_make") else value._make(map(raw, value))
    if isinstance(value, dict):
        return {key: raw(one) for key, one in value.items()}
    if isinstance(value, slice):
        return slice(raw(value.start), raw(value.stop), raw(value.step))
    return value


def _holds_array(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return any(map(_holds_array, value))
    if isinstance(value, slice):
        return any(map(_holds_array, (value.start, value.stop, value.step)))
    return isinstance(value, np.ndarray | np.generic)
