"""Which values a run has seen: each array at each moment, the memory that it lies in, the numbers it met.

The program's own objects are not kept: an array is known by a weak reference and the memory that it lies
in.  Only a large one that nobody has changed yet is held, by a view, until somebody may change it or may
ask how long it lives.
"""

from __future__ import annotations

import ast
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mnistviz.trace.memory import (
    SMALL,
    Array,
    Budget,
    Memory,
    OurRef,
    Snapshot,
    bounds_of,
    copied,
    frozen,
    known_to_us_alone,
    root_of,
    same_bits,
)  # fmt: skip
from mnistviz.trace.recording.holders import attributes_of, is_holder, parts_of

CONTAINERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (list, list.__iter__), (tuple, tuple.__iter__), (dict, dict.values), (deque, deque.__iter__),
    (set, set.__iter__), (frozenset, frozenset.__iter__), (type({}.values()), iter), (type({}.items()), iter),
)  # fmt: skip
NUMPY = (np.ndarray, np.generic)
PLAIN = frozenset(map(id, [int, float, bool, str, list, tuple, dict, slice, type(None)]))  # asked for most
SWEEP = 4096  # entries after which those of dead arrays are dropped


class Known:
    """An array that was seen, and its latest snapshot."""

    __slots__ = ("owner", "scalar", "snapshot")

    def __init__(self, value: Any, snapshot: Snapshot) -> None:
        memory = snapshot.memory
        self.snapshot = snapshot
        # A scalar cannot be referred to weakly; nor can anybody tell how long it lives.
        self.scalar = value if memory is None else None
        owner = memory.owner if memory is not None else _nobody
        self.owner = owner if memory is None or owner() is value else OurRef(value)

    def is_gone(self) -> bool:
        """Whether it lives no more."""
        return self.scalar is None and self.owner() is None


class Values:
    """The snapshots of one recording."""

    def __init__(self, memory_limit: int, where: Callable[[], str]) -> None:
        self.count = 0
        self.unseen: list[str] = []  # what was changed while nobody looked, by name
        self.epoch = 0  # how often code has run that may have changed anything
        self._where = where
        self._budget = Budget(memory_limit)
        self._known: dict[int, Known] = {}
        self._memories: dict[int, Memory] = {}
        self._looked_at: dict[int, Memory] = {}  # those with snapshots that look at live memory
        self._constants: dict[tuple[str, str, Any], Snapshot] = {}
        self.written: dict[ast.AST | None, tuple[Any, Any]] = {}  # the last number of each place in the text
        self.mentions: dict[int, Any] = {}  # the last one of each snapshot
        self._next_sweep = SWEEP

    def known(self, value: Any) -> Known | None:
        """What is known of an array or scalar; None where it was never seen."""
        found = self._known.get(id(value))
        if found is None or (found.scalar is not value and found.owner() is not value):
            return None
        return found

    def current(self, value: Any, name: str = "", origin: str = "outside") -> Snapshot:
        """The snapshot of what an array or scalar holds now."""
        return self.latest(self.known(value), value, name, origin)

    def latest(self, known: Known | None, value: Any, name: str = "", origin: str = "outside") -> Snapshot:
        """The same, where somebody has asked already what is known of it."""
        if known is None or (type(value) is np.void and not same_bits(known.snapshot.array, np.array(value))):
            return self._adopted(value, name, origin)
        snapshot = known.snapshot
        memory = snapshot.memory
        if memory is None or (snapshot.version == memory.version and snapshot.epoch == self.epoch):
            return snapshot
        plain = bare(value)
        if same_bits(snapshot.array, plain):
            snapshot.version, snapshot.epoch = memory.version, self.epoch
            return snapshot
        fresh = self._taken(value, plain, memory, snapshot.origin)
        fresh.view_of, fresh.name = snapshot.view_of, snapshot.name
        if snapshot.version != memory.version:
            fresh.changed_by = memory.changed_by
        else:
            self.unseen.append(snapshot.name or name)
            memory.version += 1
            memory.changed_by = None
            fresh.version = memory.version
        return fresh

    def _adopted(self, value: Any, name: str, origin: str) -> Snapshot:
        snapshot = self.made(value, origin)
        snapshot.name = name
        memory = snapshot.memory
        if memory is not None and memory.version:
            snapshot.changed_by = memory.changed_by
        return snapshot

    def made(self, value: Any, origin: str) -> Snapshot:
        """A new snapshot of an array or scalar, which is known by it from now on."""
        if not issubclass(type(value), np.ndarray):
            snapshot = self.still(np.array(value.copy() if type(value) is np.void else value), origin)
            self.know(value, snapshot)
            return snapshot
        plain = bare(value)
        return self._taken(value, plain, self.memory(plain), origin)

    def plain(self, result: Any) -> Snapshot:
        """A result that is not numpy's, as an array: a truth, a number, a list."""
        try:
            array = np.array(result)
        except ValueError:
            array = np.array(repr(result))
        if array.dtype.hasobject:
            array = np.array(repr(result))
        return self.still(array, "result")

    def constant(self, value: Any, name: str) -> Snapshot:
        """A number that the source writes, as a 0-d value; the same one each time."""
        key = (name, type(value).__name__, repr(value))
        if key not in self._constants:
            self._constants[key] = self.still(_shown(value), "constant")
            self._constants[key].name = name
        return self._constants[key]

    def still(self, array: Array, origin: str) -> Snapshot:
        """A new snapshot of what nobody else can reach."""
        self.count += 1
        return Snapshot(self.count - 1, frozen(array), None, origin)

    def memory(self, plain: Array) -> Memory:
        """The buffer that an array lies in."""
        root = plain if plain.base is None else root_of(plain)
        found = self._memories.get(id(root))
        if found is not None and found.owner() is root:
            return found
        found = None if root.flags.owndata else self._around(*bounds_of(root))
        if found is None:
            found = Memory(OurRef(root))
        self._memories[id(root)] = found
        return found

    def about_to_change(self, value: Any, number: int) -> None:
        """Operation `number` is about to change the memory of an array, or of a record in one."""
        known = self.known(value)
        memory = known.snapshot.memory if known is not None else None
        if memory is None:
            value = value.base if type(value) is np.void else value
            if not issubclass(type(value), np.ndarray):
                return
            memory = self.memory(bare(value))
        self.freeze(memory)
        memory.version += 1
        memory.changed_by = number

    def changed(self, value: Any, before: Snapshot, name: str) -> Snapshot:
        """The snapshot of an array that an operation has changed."""
        if type(value) is np.void:
            return self.made(value, "result")
        plain = bare(value)
        origin = before.origin if before.origin in ("argument", "outside") else "result"
        after = self._taken(value, plain, self.memory(plain), origin)
        after.view_of, after.name = before.view_of, name
        return after

    def know(self, value: Any, snapshot: Snapshot) -> None:
        """A snapshot is of this array or scalar from now on."""
        self._known[id(value)] = Known(value, snapshot)
        if len(self._known) > self._next_sweep:
            self._known = {key: one for key, one in self._known.items() if not one.is_gone()}
            self._memories = {key: one for key, one in self._memories.items() if one.owner() is not None}
            self._next_sweep = 2 * len(self._known) + SWEEP

    def forget(self, array: Any) -> None:
        """Let go of all references to an array, weak ones too: somebody asks whether there are any."""
        self._known.pop(id(array), None)
        memory = self._memories.pop(id(array), None)
        if memory is not None:
            memory.owner = _nobody

    def freeze(self, memory: Memory) -> None:
        """Somebody may change a buffer."""
        if memory.looking is not None:
            memory.freeze()
            self._looked_at.pop(id(memory), None)

    def freeze_all(self) -> None:
        """Code runs that may change any array."""
        self.epoch += 1
        for memory in list(self._looked_at.values()):
            memory.freeze()
        self._looked_at.clear()

    def over(self, array: Array) -> list[Memory]:
        """All memory that lies where an array does."""
        return list(self._lying(*bounds_of(array)))

    def _around(self, start: int, stop: int) -> Memory | None:
        """Memory that lies at the same addresses: of a view that numpy does not know for one."""
        return next(self._lying(start, stop), None)

    def _lying(self, start: int, stop: int) -> Iterator[Memory]:
        for one in list(self._memories.values()):
            first, last = one.bounds
            if first < stop and start < last:
                yield one

    def _taken(self, value: Any, plain: Array, memory: Memory, origin: str) -> Snapshot:
        self.count += 1
        snapshot = Snapshot(self.count - 1, plain, memory, origin, memory.version, self.epoch)
        root = memory.owner()
        if plain.nbytes <= SMALL or not _may_look(value, root):
            self._budget.take(plain.nbytes, self._where)
            snapshot.array = copied(plain)
        else:
            if memory.looking is None:
                self._budget.take(root.nbytes if root is not None else 0, self._where)
                self._looked_at[id(memory)] = memory
                memory.looking = []
            snapshot.array = frozen(plain.view())
            memory.looking.append(snapshot)
        self.know(value, snapshot)
        return snapshot


def bare(value: Any) -> Array:
    """An array as numpy's own kind of array, without a copy."""
    return value if type(value) is np.ndarray else np.ndarray.view(value, np.ndarray)


def is_value(value: Any) -> bool:
    """Whether it is an array or scalar of numpy that can be told."""
    kind = type(value)
    if kind is np.ndarray:
        return not value.dtype.hasobject
    if id(kind) in PLAIN or not issubclass(kind, NUMPY):
        return False
    return issubclass(kind, np.generic) or not np.ndarray.dtype.__get__(value).hasobject


def values_in(value: Any, depth: int = 0, objects: bool = False) -> Iterator[Any]:
    """The arrays and scalars of numpy in containers, and in other libraries' objects; the program is not called.

    `objects`: also what the program's own objects hold.
    """
    kind = type(value)
    if issubclass(kind, NUMPY):
        if is_value(value):
            yield value
    elif depth < 4:
        for container, inside in CONTAINERS:
            if issubclass(kind, container):
                for one in inside(value):
                    yield from values_in(one, depth + 1, objects)
                return
        if is_holder(kind):
            yield from (one for _, one in parts_of(value) if is_value(one))
        elif objects:
            for one in attributes_of(value):
                yield from values_in(one, depth + 1, objects)


def _shown(value: Any) -> Array:
    """A number of Python's as an array: one that no whole number of numpy holds as the float that numpy makes of it."""
    array = np.array(value)
    if not array.dtype.hasobject:
        return array
    try:
        return np.array(float(value))
    except OverflowError:
        return np.array(repr(value))


def _nobody() -> None:
    return None


def _may_look(value: Any, root: Array | None) -> bool:
    """Whether holding an array by a view cannot be told by the program, and nobody else changes it."""
    return (
        type(value) is np.ndarray
        and root is not None
        and root.base is None
        and bool(root.flags.owndata)
        and known_to_us_alone(root)
        and threading.active_count() == 1
    )
