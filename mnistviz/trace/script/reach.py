"""The arrays that a running script can reach, by name, and what has changed in them between two moments."""

from __future__ import annotations

import inspect
import math
import os
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from types import FrameType, FunctionType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.trace.recording.kinds import LISTS
from mnistviz.trace.recording.values import bare

Path = tuple[
    int, str
]  # whose name it is (the id of a frame, or of a module's names), and the name: "net.w[0]"
LONGEST = 1_000  # elements of a container beyond which it holds data, not parameters
DEEPEST = 6  # containers and objects inside each other
COPIED = 2**25  # bytes up to which an array is compared whole
FLAT = 0.95  # share of cells with one number, of an array that has nothing to show yet
FIRST = 1_000  # cells that are compared first
SAMPLED = 2**17  # cells that are compared of a larger one


@dataclass(frozen=True, eq=False)
class Held:
    """What an array held at a moment."""

    paths: tuple[Path, ...]
    cells: NDArray[Any]  # a copy, or a sample of it
    shape: tuple[int, ...]
    sums: tuple[float, float]  # of its numbers and of their squares
    key: int  # which object it was


@dataclass(frozen=True, eq=False)
class Change:
    """An array that is another than before, or holds something else."""

    paths: tuple[Path, ...]
    cells: NDArray[np.bool_] | None  # which are others, in memory order; None where the shape is another
    shuffled: bool  # it holds the same numbers, in another order, or those that another array held
    single: bool  # it is one number
    grown: bool = False  # it holds all that it held, in its place, and more
    replaced: bool = False  # its name stands for another array now

    @property
    def share(self) -> float:
        """How much of it has changed, 0..1."""
        return 1.0 if self.cells is None or not self.cells.size else float(self.cells.mean())


@dataclass(frozen=True)
class Modules:
    """The modules that may be a script's: what was there before it began lies in its folder, or is not its own."""

    home: str  # the script's folder
    before: frozenset[str] = field(default_factory=lambda: frozenset(sys.modules))

    def now(self) -> list[ModuleType]:
        """Those that are loaded now."""
        return [
            one for name, one in list(sys.modules.items()) if name not in self.before or self._is_beside(one)
        ]

    def _is_beside(self, module: ModuleType) -> bool:
        return str(getattr(module, "__file__", None) or "").startswith(self.home + os.sep)


class Look:
    """All arrays in reach at one moment; without arrays of numbers, single numbers."""

    def __init__(self, found: dict[Path, Any]) -> None:
        names: dict[int, list[Path]] = {}
        values: dict[int, Any] = {}
        for path, value in found.items():
            names.setdefault(id(value), []).append(path)
            values[id(value)] = value
        self.held = tuple(
            Held(tuple(names[key]), _cells(value), _plain(value).shape, _sums(value), key)
            for key, value in values.items()
        )

    def changes(self, found: dict[Path, Any]) -> list[Change]:
        """What is not as it was."""
        all_sums = {one.sums for one in self.held}
        return [change for one in self.held for change in _changes(one, found, all_sums)]

    @property
    def flat(self) -> frozenset[Path]:
        """Where all numbers are equal."""
        return frozenset(path for one in self.held if is_flat(one.cells) for path in one.paths)


def reach_of(
    frame: FrameType, stop: FrameType | None, watches: Callable[[str], bool], modules: Iterable[ModuleType]
) -> dict[Path, Any]:
    """The arrays and numbers in reach of a frame and of those that called it, up to `stop`, and of its modules."""
    found: dict[Path, Any] = {}
    for owner, names in _names_of(frame, stop, watches, modules):
        seen: set[int] = set()
        for name, value in names:
            for path, array in _inside(value, name, watches, seen, 0):
                found[owner, path] = array
    return found


def is_flat(value: Any, share: float = 1.0) -> bool:
    """Whether all numbers of an array are equal, or a share of them."""
    array = _plain(value)
    if array.dtype.kind not in "biufc" or not array.size:
        return False
    first = array.flat[0]
    if share == 1.0 and not (array.flat[:FIRST] == first).all():
        return False
    return bool((array == first).mean() >= share)


def flat_among(paths: frozenset[Path], found: dict[Path, Any], share: float = FLAT) -> frozenset[Path]:
    """Those paths at which nearly all numbers are equal."""
    return frozenset(path for path in paths & found.keys() if is_flat(found[path], share))


def _names_of(
    frame: FrameType, stop: FrameType | None, watches: Callable[[str], bool], modules: Iterable[ModuleType]
) -> Iterator[tuple[int, list[tuple[str, Any]]]]:
    at: FrameType | None = frame
    globals_of: dict[int, dict[str, Any]] = {}
    while at is not None and at is not stop:
        if watches(at.f_code.co_filename):
            globals_of[id(at.f_globals)] = at.f_globals
            if at.f_code.co_flags & inspect.CO_OPTIMIZED:
                yield id(at), _locals(at)
        at = at.f_back
    for module in modules:
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and watches(file):
            globals_of[id(vars(module))] = vars(module)
    for key, names in globals_of.items():
        yield key, [(name, value) for name, value in list(names.items()) if not name.startswith("__")]


def _locals(frame: FrameType) -> list[tuple[str, Any]]:
    names = frame.f_locals
    found = list(names.items())
    if sys.version_info < (3, 13):
        names.clear()  # a copy, which would hold on to what the function lets go of
    return found


def own_names(frame: FrameType) -> Iterable[tuple[str, Any]]:
    """What the names of a frame itself hold."""
    return _locals(frame) if frame.f_code.co_flags & inspect.CO_OPTIMIZED else list(frame.f_globals.items())


def whole_numbers(frame: FrameType, names: frozenset[str]) -> dict[str, int]:
    """What whole numbers those names of a frame hold."""
    if not names:
        return {}
    return {
        name: int(value)
        for name, value in own_names(frame)
        if name in names and (type(value) is int or issubclass(type(value), np.integer))
    }


def _inside(
    value: Any, name: str, watches: Callable[[str], bool], seen: set[int], depth: int
) -> Iterator[tuple[str, Any]]:
    """The arrays and numbers in a value, with their names."""
    kind = type(value)
    if issubclass(kind, np.ndarray):
        if not _plain(value).dtype.hasobject:
            yield name, value
    elif kind is float or issubclass(kind, np.floating):
        yield name, value
    elif depth < DEEPEST and id(value) not in seen:
        parts = list(_parts(value, kind, name, watches))
        if parts:
            seen.add(id(value))
        for inner, one in parts:
            yield from _inside(one, inner, watches, seen, depth + 1)


def _parts(value: Any, kind: type, name: str, watches: Callable[[str], bool]) -> Iterable[tuple[str, Any]]:
    if id(kind) in LISTS or kind is deque:
        return [(f"{name}[{place}]", one) for place, one in enumerate(value)] if len(value) <= LONGEST else ()
    if issubclass(kind, dict):
        if len(value) > LONGEST:
            return ()
        return [(f"{name}[{_key(key)}]", one) for key, one in dict.items(value)]
    if kind is FunctionType:
        return _of_closure(value, name) if watches(value.__code__.co_filename) else ()
    if issubclass(kind, ModuleType) or not is_own(value if kind is type else kind, watches):
        return ()
    slots = [slot for base in kind.__mro__ for slot in _listed(base.__dict__.get("__slots__", ()))]
    held = [(slot, base_get(value, slot)) for slot in slots if not slot.startswith("__")]
    names = list(_dict_of(value).items())
    return [(f"{name}.{one}", inner) for one, inner in (*names, *held) if not str(one).startswith("__")]


def _listed(slots: Any) -> tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


def base_get(value: Any, slot: str) -> Any:
    """What a slot of an object holds; None where it is empty."""
    try:
        return object.__getattribute__(value, slot)
    except AttributeError:
        return None


def _dict_of(value: Any) -> dict[str, Any]:
    try:
        return dict(object.__getattribute__(value, "__dict__"))
    except AttributeError:
        return {}


def _of_closure(function: FunctionType, name: str) -> list[tuple[str, Any]]:
    found = []
    for free, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            found.append((f"{name}.{free}", cell.cell_contents))
        except ValueError:  # not bound yet
            continue
    return found


def is_own(kind: type, watches: Callable[[str], bool]) -> bool:
    """Whether a class is the program's own."""
    module = sys.modules.get(getattr(kind, "__module__", "") or "")
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and watches(file)


def _key(key: Any) -> str:
    return f'"{key}"' if type(key) is str else str(key) if type(key) is int else "…"


def _plain(value: Any) -> NDArray[Any]:
    """An array or number as numpy's own kind of array: a class of the program's own would be asked otherwise."""
    return bare(value) if issubclass(type(value), np.ndarray) else np.asarray(value)


def _cells(value: Any) -> NDArray[Any]:
    array = _plain(value)
    if array.nbytes <= COPIED:
        return array.copy()
    flat = array.reshape(-1) if array.flags.c_contiguous else array.ravel(order="K")
    return flat[:: max(1, flat.size // SAMPLED)].copy()


def _sums(value: Any) -> tuple[float, float]:
    """What stays when an array's cells change places."""
    array = _plain(value)
    if array.dtype.kind not in "biuf" or not array.size:
        return 0.0, 0.0
    with np.errstate(all="ignore"):
        return float(array.sum(dtype=float)), float(np.square(array, dtype=float).sum())


def _is_moved(before: tuple[float, float], now: tuple[float, float], count: int) -> bool:
    """Whether the numbers are the same, but for rounding, in another order."""
    room = 1e-9 * max(before[1], 1e-300)
    return abs(now[1] - before[1]) <= room and abs(now[0] - before[0]) <= math.sqrt(count * room * 1e-9)


def _has_grown(before: NDArray[Any], now: NDArray[Any]) -> bool:
    """Whether an array begins, or ends, with all that it held before."""
    lengths = list(zip(before.shape, now.shape, strict=False))
    if before.ndim != now.ndim or any(old > new for old, new in lengths):
        return False
    ends = [tuple(slice(old) for old, _ in lengths), tuple(slice(new - old, None) for old, new in lengths)]
    return any(np.array_equal(now[end], before) for end in ends)


def _changes(
    before: Held, found: dict[Path, Any], all_sums: Collection[tuple[float, float]]
) -> Iterator[Change]:
    """What has changed of an array, by what its names stand for now: one of several may have gone to another array.

    `all_sums` are those of what it and all others held.
    """
    now: dict[int, tuple[Any, list[Path]]] = {}
    for path in before.paths:
        if path in found:
            now.setdefault(id(found[path]), (found[path], []))[1].append(path)
    for value, paths in now.values():
        change = _change(replace(before, paths=tuple(paths)), _plain(value), all_sums)
        if change is not None:
            yield replace(change, replaced=id(value) != before.key)


def _change(before: Held, value: NDArray[Any], all_sums: Collection[tuple[float, float]]) -> Change | None:
    """What has changed of an array, which is that value now."""
    cells = _cells(value)
    if value.shape != before.shape or cells.shape != before.cells.shape:
        return Change(before.paths, None, False, False, _has_grown(before.cells, cells))
    differs = cells != before.cells
    if cells.dtype.kind in "fc" and before.cells.dtype.kind in "fc":
        differs &= ~(np.isnan(cells) & np.isnan(before.cells))
    if not np.any(differs):
        return None
    sums = _sums(value)
    moved = value.size > 1 and (_is_moved(before.sums, sums, value.size) or sums in all_sums)
    return Change(before.paths, np.atleast_1d(differs), moved, value.shape == ())
