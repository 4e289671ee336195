"""Which values a run has seen: each array at each moment, the memory that it lies in, the numbers it met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnistviz.errors import InputError
from mnistviz.trace.memory import Array, Budget, Memory, Snapshot, frozen, root_of, same_bits
from mnistviz.trace.recording.arrays import RecordingArray

if TYPE_CHECKING:
    from mnistviz.trace.recording.recorder import Recorder


class Values:
    """The snapshots of one recording."""

    def __init__(self, recorder: Recorder, memory_limit: int) -> None:
        self.snapshots: list[Snapshot] = []
        self._recorder = recorder
        self._budget = Budget(memory_limit)
        self._memories: dict[int, Memory] = {}
        self._arrays: dict[int, RecordingArray] = {}
        self._constants: dict[tuple[str, str, Any], Snapshot] = {}

    def current(self, array: RecordingArray) -> Snapshot:
        """The snapshot of what an array holds now."""
        snapshot, raw = array._snapshot, array._raw
        if snapshot is None:  # reached, and used for the first time
            snapshot = array._snapshot = self._first(raw, "outside")
        if not isinstance(raw, np.ndarray):
            return snapshot
        memory = self.memory(raw)
        if snapshot.memory is memory or (snapshot.memory is None and same_bits(snapshot.array, raw)):
            return snapshot
        fresh = self.snapshot(raw, memory, snapshot.origin)
        fresh.view_of, fresh.changed_by, fresh.name = snapshot.view_of, memory.changed_by, snapshot.name
        array._snapshot = fresh
        return fresh

    def adopt(self, raw: Any, origin: str, name: str = "") -> RecordingArray:
        """The recording array of a raw array or numpy scalar, always the same one.

        What the run may only reach costs nothing until it is used: a module may hold a whole data set.
        """
        known = self._arrays.get(id(raw))
        if known is not None and known._raw is raw:
            return known
        snapshot = None if origin == "outside" else self._first(raw, origin)
        if snapshot is not None:
            snapshot.name = name
        array = RecordingArray(raw, self._recorder, snapshot)
        self._arrays[id(raw)] = array
        return array

    def settle(self) -> None:
        """Nothing can change the trace's values any more: what others can reach is copied."""
        for memory in self._memories.values():
            if not memory.ours and memory.looking:
                self._budget.take(memory.root.nbytes, self._recorder.where())
                memory.freeze()
        for snapshot in self.snapshots:
            if snapshot.memory is not None:
                snapshot.array = frozen(snapshot.array.view())

    def constant(self, value: Any, name: str) -> Snapshot:
        """A number that the source writes, as a 0-d value; the same one each time."""
        key = (name, type(value).__name__, repr(value))
        if key not in self._constants:
            self._constants[key] = self.snapshot(frozen(np.array(value)), None, "constant")
            self._constants[key].name = name
        return self._constants[key]

    def _first(self, raw: Any, origin: str) -> Snapshot:
        if not isinstance(raw, np.ndarray):
            return self.snapshot(frozen(np.array(raw)), None, origin)
        if raw.dtype.hasobject:
            raise InputError("an array of Python objects", self._recorder.where(), "record arrays of numbers")
        return self.snapshot(raw, self.memory(raw, ours=origin in ("result", "created")), origin)

    def snapshot(self, raw: Array, memory: Memory | None, origin: str) -> Snapshot:
        """A new snapshot, with an id of its own."""
        snapshot = Snapshot(len(self.snapshots), raw, memory, origin)
        if memory is not None:
            memory.looking.append(snapshot)
        self.snapshots.append(snapshot)
        return snapshot

    def memory(self, raw: Array, ours: bool = False) -> Memory:
        """The buffer that an array lies in; `ours` where it was made during the run."""
        root = root_of(raw)
        memory = self._memories.get(id(root))
        if memory is None:
            self._budget.take(root.nbytes, self._recorder.where())
            memory = self._memories[id(root)] = Memory(root, ours)
        return memory

    def freeze(self, array: RecordingArray, number: int) -> None:
        """Keep what the array's memory holds: operation `number` is about to change it."""
        memory = self.memory(array._raw)
        memory.changed_by = number
        if memory.looking:
            self._budget.take(memory.root.nbytes, self._recorder.where())
            memory.freeze()

    def escaped(self, array: RecordingArray) -> None:
        """Somebody outside keeps the array, and may change it after the run."""
        memory = self._memories.get(id(root_of(array._raw))) if isinstance(array._raw, np.ndarray) else None
        if memory is not None:
            memory.ours = False

    def result(self, result: Any, origin: str) -> RecordingArray:
        """The recording array of a result; an array that was known before is a new value on the same memory."""
        if not isinstance(result, np.ndarray):  # numpy has one True only: a scalar is no identity
            snapshot = self.snapshot(frozen(np.array(result)), None, origin)
            return RecordingArray(result, self._recorder, snapshot)
        known = self._arrays.get(id(result))
        if known is None or known._raw is not result:
            return self.adopt(result, origin)
        previous = self.current(known)
        known._snapshot = self.snapshot(result, self.memory(result), previous.origin)
        known._snapshot.view_of = previous.id
        return known

    def plain(self, result: Any) -> Snapshot:
        """A result that is not numpy's, as an array: a truth, a number, a list."""
        try:
            array = np.array(result)
        except ValueError:
            array = np.array(repr(result))
        if array.dtype.hasobject:
            array = np.array(repr(result))
        return self.snapshot(frozen(array), None, "result")
