"""Runs a function once and writes down every numpy call that it makes.

    record(function, *arrays) -> Trace

The function runs on the caller's own arrays: what it changes in place is changed afterwards, exactly as
if it had not been recorded.  While it runs it meets `RecordingArray`s in their place; afterwards none is
left behind.
"""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnistviz.errors import InputError
from mnistviz.trace import names
from mnistviz.trace.arrays import RecordingArray
from mnistviz.trace.build import build
from mnistviz.trace.door import open_door
from mnistviz.trace.frames import Place, Walker
from mnistviz.trace.memory import Array, Budget, Memory, Snapshot, frozen, root_of, same_bits
from mnistviz.trace.model import Call, Operand, Source, Trace
from mnistviz.trace.surroundings import Surroundings

SCALARS = (bool, int, float, complex)
# Functions that take numbers as data, beside arrays, not as settings.
NUMBERS_ARE_DATA = frozenset("where clip dot inner outer full_like copyto fill searchsorted".split())
# Functions that print: nothing is computed.
SILENT = frozenset("array2string array_repr array_str save savez savez_compressed savetxt".split())


@dataclass(eq=False, slots=True)
class Mention:
    """A snapshot where an operation names it."""

    snapshot: Snapshot
    name: str
    stretched: tuple[int, ...] = ()
    before: Snapshot | None = None


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


class Recorder:
    """One recording: what has been seen so far."""

    def __init__(self, function: Callable[..., Any], memory_limit: int) -> None:
        self.active = True
        self.walker = Walker(function, record.__code__)
        self.budget = Budget(memory_limit)
        self.drafts: list[Draft] = []
        self.snapshots: list[Snapshot] = []
        self.arguments: list[Mention] = []
        self.pending: tuple[str, list[Mention], BaseException] | None = None
        self._memories: dict[int, Memory] = {}
        self._arrays: dict[int, RecordingArray] = {}
        self._constants: dict[tuple[str, str, Any], Snapshot] = {}

    # What the recording arrays ask for

    def ufunc(self, ufunc: np.ufunc, method: str, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """A ufunc or one of its methods."""
        if method == "__call__":
            return self.perform(ufunc.__name__, ufunc, args, keywords, "ufunc", data=True)
        run = getattr(ufunc, method)
        return self.perform(f"{ufunc.__name__}.{method}", run, args, keywords, "ufunc", data=method in ("outer", "at"))

    def function(self, function: Any, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """A numpy function that is not a ufunc."""
        name = names.of_function(function)
        if name in SILENT:
            return function(*_raw(args), **_raw(keywords))
        return self.perform(name, function, args, keywords, "function", data=name in NUMBERS_ARE_DATA)

    def operator(self, name: str, run: Callable[..., Any], args: Sequence[Any]) -> Any:
        """An operator of Python."""
        return self.perform(name, run, args, {}, "operator", data=True)

    def update(self, name: str, run: Callable[..., Any], plain: Callable[..., Any], args: Sequence[Any]) -> Any:
        """`+=` and its kin; a scalar does not change, its name gets a new one."""
        if not isinstance(args[0]._raw, np.ndarray):
            return self.operator(name, plain, args)
        return self.perform(name, run, args, {}, "operator", data=True, changes=0)

    def method(self, array: RecordingArray, name: str, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """A method of an array."""
        run = getattr(type(array._raw), name)
        return self.perform(name, run, (array, *args), keywords, "method", data=name in NUMBERS_ARE_DATA)

    def attribute(self, array: RecordingArray, name: str, numpy_name: str) -> Any:
        """`x.T` and other attributes that make an array."""
        return self.perform(numpy_name, operators.attrgetter(name), (array,), {}, "attribute", path=name)

    def getitem(self, array: RecordingArray, index: Any) -> Any:
        """Indexing and slicing."""
        return self.perform("getitem", operators.getitem, (array, index), {}, "getitem")

    def setitem(self, array: RecordingArray, index: Any, value: Any) -> None:
        """Assignment to an item or a slice."""
        args = (array, index, value)
        self.perform("setitem", operators.setitem, args, {}, "setitem", data=True, changes=0)

    def iterate(self, array: RecordingArray, row: int) -> Any:
        """The next row of an array in a loop."""
        return self.perform("getitem", operators.getitem, (array, row), {}, "getitem", row=row)

    def scalar(self, array: RecordingArray, name: str, run: Callable[..., Any] | None = None) -> Any:
        """`float(x)`: a number leaves numpy, and may come back as a constant."""
        run = run or {"float": float, "int": int, "complex": complex}[name]
        return self.perform(name, run, (array,), {}, "conversion")

    def conversion(self, array: RecordingArray, dtype: Any, copy: bool | None) -> Any:
        """Somebody asks for the raw array: it cannot be followed further, so that is written down."""
        raw = np.asarray(array._raw)
        if self.active:
            converted = self.perform("asarray", np.array, (array,), {}, "conversion")
            raw = root_of(converted._raw) if isinstance(array._raw, np.generic) else converted._raw
        return np.array(raw, dtype=dtype, copy=copy)

    def raw_access(self, array: RecordingArray, name: str) -> Any:
        """`x.flat`, `x.ctypes`: ways to the memory that numpy does not tell us about."""
        if not self.active or name in ("base", "__array_interface__", "__array_struct__"):
            if name.startswith("__"):
                raise AttributeError(name)
            return getattr(array._raw, name)
        place = self.walker.place()
        raise InputError(
            f"{place.text!r} in {place.source.function} asks for raw memory, which cannot be recorded",
            place.where,
            "use indexing, ravel or another function of numpy",
        )

    def set_attribute(self, array: RecordingArray, name: str, value: Any) -> None:
        """`x.shape = ...` and its kin: an operation that changes the array."""
        shown = f"{name} ="

        def run(target: Any, new: Any) -> None:
            setattr(target, name, new)

        self.perform(shown, run, (array, value), {}, "setattr", changes=0, path=name)

    def creation(self, name: str, function: Any, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """`np.zeros` and its kin, called from the recorded function's files."""
        data = name in ("array", "asarray", "full")
        return self.perform(name, function, args, keywords, "creation", data=data, origin="created")

    # Writing an operation down

    def perform(
        self,
        name: str,
        run: Callable[..., Any],
        args: Sequence[Any],
        keywords: dict[str, Any],
        kind: str,
        *,
        data: bool = False,
        changes: int | None = None,
        path: str = "",
        origin: str = "result",
        row: int | None = None,
    ) -> Any:
        """Do a call on the raw arrays, and write down what went in and what came out."""
        if not self.active:
            return run(*_raw(args), **_raw(keywords))
        self.walker.passes.pause()
        try:
            return self._perform(name, run, args, keywords, kind, data, changes, path or name, origin, row)
        finally:
            self.walker.passes.resume()

    def _perform(
        self,
        name: str,
        run: Callable[..., Any],
        args: Sequence[Any],
        keywords: dict[str, Any],
        kind: str,
        data: bool,
        changes: int | None,
        path: str,
        origin: str,
        row: int | None,
    ) -> Any:
        place = self.walker.place(row)
        taken = _Taken(self, place, data)
        known = args[0]._snapshot if kind == "setitem" else None
        operands = names.operands(place, kind, name)
        raw_args, template = taken.positional(args, operands, last_only=kind == "setitem")
        raw_keywords, keyword_template = taken.named(keywords, operands)
        changed = self._changed(name, kind, args, keywords, changes)
        befores = [self.current(array) for array in changed]
        for array in changed:
            self._freeze(array, place)
        try:
            result = run(*raw_args, **raw_keywords)
        except Exception as error:
            self.pending = (name, taken.inputs, error)
            raise
        place_changed = names.changed_operand(template, kind, name, changes)
        if not changed and not names.recordable(result):
            return open_door(self, result)
        if kind == "setitem" and known is not None:
            self._settle_item(taken, raw_args, befores, known)
        call = Call(kind, path, template, keyword_template, place_changed if changed else None, run)
        parameters = names.parameters(run, kind, template, keyword_template)
        parameters = names.with_names(parameters, [mention.name for mention in taken.inputs])
        draft = Draft(name, place.text, place.source, taken.inputs, [], parameters, call)
        self.drafts.append(draft)
        if changed:
            return self._changed_outputs(draft, place, changed, befores, result)
        return self._outputs(draft, place, result, origin)

    def _settle_item(
        self, taken: _Taken, raw_args: list[Any], befores: list[Snapshot], known: Snapshot
    ) -> None:
        """`w[0] += 1` changed `w` through a view before it assigns the item: what is shown is all of it."""
        if befores[0] is known or known.memory is not None:
            return
        copy = known.array.copy(order="K")
        copy[raw_args[1]] = raw_args[2]
        if same_bits(copy, raw_args[0]):
            befores[0] = taken.inputs[0].snapshot = known

    def current(self, array: RecordingArray) -> Snapshot:
        """The snapshot of what an array holds now."""
        snapshot = array._snapshot
        raw = array._raw
        if not isinstance(raw, np.ndarray):
            return snapshot
        memory = self._memory(raw)
        if snapshot.memory is memory or (snapshot.memory is None and same_bits(snapshot.array, raw)):
            return snapshot
        fresh = self._snapshot(raw, memory, snapshot.origin)
        fresh.view_of, fresh.changed_by, fresh.name = snapshot.view_of, memory.changed_by, snapshot.name
        array._snapshot = fresh
        return fresh

    def adopt(self, raw: Any, origin: str, name: str = "") -> RecordingArray:
        """The recording array of a raw array or numpy scalar, always the same one."""
        known = self._arrays.get(id(raw))
        if known is not None and known._raw is raw:
            return known
        if isinstance(raw, np.ndarray):
            if raw.dtype.hasobject:
                raise InputError("an array of Python objects", name, "record arrays of numbers only")
            memory = self._memory(raw, ours=origin in ("result", "created"))
            snapshot = self._snapshot(raw, memory, origin)
        else:
            snapshot = self._snapshot(frozen(np.array(raw)), None, origin)
        snapshot.name = name
        array = RecordingArray(raw, self, snapshot)
        self._arrays[id(raw)] = array
        return array

    def argument(self, array: RecordingArray, name: str) -> None:
        """An array that the function was called with."""
        self.arguments.append(Mention(array._snapshot, name))

    def number(self, value: Any, name: str) -> None:
        """A number that the function was called with: Python's own, so it is a constant where it is used."""
        self.arguments.append(Mention(self.constant(value, name), name))

    def raised(self, error: BaseException) -> bool:
        """Whether a recorded call raised the error."""
        return self.pending is not None and self.pending[2] is error

    def check_routed(self, error: BaseException) -> None:
        """Raise `InputError` where something refused a recording array: the run itself would not have failed."""
        if "RecordingArray" not in str(error):
            return
        found = self.walker.failing(error.__traceback__)
        site, source = found if found else (None, None)
        what = f"{site.text!r} in {source.function}" if site and source else self.walker.function_name
        where = f"{source.expression.file} line {source.expression.first_line}" if source else ""
        cure = "compute it with functions of numpy"
        raise InputError(f"{what} asks for a raw array, which cannot be recorded", where, cure) from error

    def settle(self) -> None:
        """Nothing can change the trace's values any more: what others can reach is copied."""
        for memory in self._memories.values():
            if not memory.ours and memory.looking:
                self.budget.take(memory.root.nbytes, self.walker.function_name)
                memory.freeze()
        for snapshot in self.snapshots:
            if snapshot.memory is not None:
                snapshot.array = frozen(snapshot.array.view())

    def constant(self, value: Any, name: str) -> Snapshot:
        """A number that the source writes, as a 0-d value; the same one each time."""
        key = (name, type(value).__name__, repr(value))
        if key not in self._constants:
            self._constants[key] = self._snapshot(frozen(np.array(value)), None, "constant")
            self._constants[key].name = name
        return self._constants[key]

    def _snapshot(self, raw: Array, memory: Memory | None, origin: str) -> Snapshot:
        snapshot = Snapshot(len(self.snapshots), raw, memory, origin)
        if memory is not None:
            memory.looking.append(snapshot)
        self.snapshots.append(snapshot)
        return snapshot

    def _memory(self, raw: Array, ours: bool = False) -> Memory:
        root = root_of(raw)
        memory = self._memories.get(id(root))
        if memory is None:
            self.budget.take(root.nbytes, self.walker.function_name)
            memory = self._memories[id(root)] = Memory(root, ours)
        return memory

    def _freeze(self, array: RecordingArray, place: Place) -> None:
        memory = self._memory(array._raw)
        memory.changed_by = len(self.drafts)
        if memory.looking:
            self.budget.take(memory.root.nbytes, place.where)
            memory.freeze()

    def _changed(
        self, name: str, kind: str, args: Sequence[Any], keywords: dict[str, Any], changes: int | None
    ) -> list[RecordingArray]:
        out = keywords.get("out")
        outs = list(out) if isinstance(out, tuple) else [out]
        if changes is not None or names.changes_first(kind, name):
            outs.append(args[changes or 0])
        return [self._array(one) for one in outs if isinstance(one, np.ndarray)]

    def _array(self, value: Any) -> RecordingArray:
        return value if type(value) is RecordingArray else self.adopt(value, "outside")

    def _changed_outputs(
        self,
        draft: Draft,
        place: Place,
        changed: list[RecordingArray],
        befores: list[Snapshot],
        result: Any,
    ) -> Any:
        number = len(self.drafts) - 1
        for array, before in zip(changed, befores, strict=True):
            after = self._snapshot(array._raw, self._memory(array._raw), "result")
            after.origin = before.origin if before.origin in ("argument", "outside") else "result"
            after.made_by, after.view_of = number, before.view_of
            after.name = names.changed(place, draft.call.kind) or before.name
            array._snapshot = after
            draft.outputs.append(Mention(after, after.name, before=before))
        by_raw = {id(array._raw): array for array in changed}
        if isinstance(result, tuple):
            return tuple(by_raw.get(id(one), one) for one in result)
        return by_raw.get(id(result), result)

    def _outputs(self, draft: Draft, place: Place, result: Any, origin: str) -> Any:
        number = len(self.drafts) - 1
        shape = result.shape if isinstance(result, np.ndarray) else ()
        if draft.call.kind in ("ufunc", "operator") and "." not in draft.name and draft.name != "matmul":
            for mention in draft.inputs:
                mention.stretched = stretched(mention.snapshot.array.shape, shape)
        if isinstance(result, tuple | list) and any(isinstance(one, np.ndarray | np.generic) for one in result):
            name_of = place.names if len(place.names) == len(result) else ("",) * len(result)
            wrapped = [self._output(draft, number, one, name_of[i], origin) for i, one in enumerate(result)]
            return result._make(wrapped) if hasattr(result, "_make") else type(result)(wrapped)
        return self._output(draft, number, result, place.name, origin)

    def _output(self, draft: Draft, number: int, result: Any, name: str, origin: str) -> Any:
        if not isinstance(result, np.ndarray | np.generic):
            return self._plain_output(draft, number, result, name)
        known = self._arrays.get(id(result))
        if not isinstance(result, np.ndarray):  # numpy has one True only: a scalar is no identity
            array = RecordingArray(result, self, self._snapshot(frozen(np.array(result)), None, origin))
        elif known is None or known._raw is not result:
            array = self.adopt(result, origin)
        else:
            array = known
            previous = array._snapshot
            array._snapshot = self._snapshot(result, self._memory(result), previous.origin)
            array._snapshot.view_of = previous.id
        snapshot = array._snapshot
        snapshot.made_by, snapshot.name = number, name
        if isinstance(result, np.ndarray) and snapshot.view_of is None:
            snapshot.view_of = self._viewed(draft, result)
        draft.outputs.append(Mention(snapshot, name))
        return array

    def _plain_output(self, draft: Draft, number: int, result: Any, name: str) -> Any:
        try:
            array = np.array(result)
        except ValueError:
            array = np.array(repr(result))
        if array.dtype.hasobject:
            array = np.array(repr(result))
        snapshot = self._snapshot(frozen(array), None, "result")
        snapshot.made_by, snapshot.name = number, name
        draft.outputs.append(Mention(snapshot, name))
        return result

    def _viewed(self, draft: Draft, result: Array) -> int | None:
        memory = self._memories.get(id(root_of(result)))
        for mention in draft.inputs:
            if memory is not None and mention.snapshot.memory is memory:
                return mention.snapshot.id
        return None


class _Taken:
    """The operands of a call: raw arrays to compute with, a template to replay, mentions to show."""

    def __init__(self, recorder: Recorder, place: Place, data: bool) -> None:
        self.recorder = recorder
        self.place = place
        self.data = data
        self.inputs: list[Mention] = []

    def positional(
        self, args: Sequence[Any], operands: names.Operands, last_only: bool = False
    ) -> tuple[list[Any], tuple[Any, ...]]:
        """Operands in order; `last_only`: numbers are data only in the last, the rest is an index."""
        data = [self.data and (not last_only or i == len(args) - 1) for i in range(len(args))]
        pairs = [self._take(arg, operands.positional(i), data[i]) for i, arg in enumerate(args)]
        return [raw for raw, _ in pairs], tuple(shown for _, shown in pairs)

    def named(
        self, keywords: dict[str, Any], operands: names.Operands
    ) -> tuple[dict[str, Any], tuple[tuple[str, Any], ...]]:
        raw, shown = {}, []
        for key, value in keywords.items():
            if key == "out":
                raw[key] = _raw(value)
                continue
            raw[key], template = self._take(value, operands.keyword(key), False)
            shown.append((key, template))
        return raw, tuple(shown)

    def _take(self, value: Any, node: Any, data: bool) -> tuple[Any, Any]:
        if type(value) is RecordingArray:
            return self._array(value, node)
        if isinstance(value, np.ndarray):
            return self._array(self.recorder.adopt(value, "outside"), node)
        if isinstance(value, np.generic):
            name = names.mention(self.place, node, value)
            self.inputs.append(Mention(self.recorder.constant(value, name), name))
            return value, Operand(len(self.inputs) - 1, scalar=True)
        if data and isinstance(value, SCALARS):
            name = names.mention(self.place, node, value)
            self.inputs.append(Mention(self.recorder.constant(value, name), name))
            return value, value
        return self._inside(value, node, data)

    def _inside(self, value: Any, node: Any, data: bool) -> tuple[Any, Any]:
        if isinstance(value, slice):
            parts = [self._take(part, None, False) for part in (value.start, value.stop, value.step)]
            return slice(*(raw for raw, _ in parts)), slice(*(shown for _, shown in parts))
        if isinstance(value, tuple | list) and any(map(_holds_array, value)):
            pairs = [self._take(part, names.element(node, i), data) for i, part in enumerate(value)]
            return type(value)(raw for raw, _ in pairs), type(value)(shown for _, shown in pairs)
        if isinstance(value, dict) and any(map(_holds_array, value.values())):
            both = {key: self._take(part, None, data) for key, part in value.items()}
            return {k: raw for k, (raw, _) in both.items()}, {k: shown for k, (_, shown) in both.items()}
        if data and isinstance(value, list | tuple):
            array = np.array(value)
            if array.dtype.kind in "biufc" and array.size:
                name = names.mention(self.place, node, value)
                self.inputs.append(Mention(self.recorder.constant(value, name), name))
        return value, value

    def _array(self, array: RecordingArray, node: Any) -> tuple[Any, Any]:
        snapshot = self.recorder.current(array)
        name = names.mention(self.place, node, array, snapshot.name)
        if snapshot.origin in ("argument", "outside") and not snapshot.name:
            snapshot.name = name
        self.inputs.append(Mention(snapshot, name))
        return array._raw, Operand(len(self.inputs) - 1, not isinstance(array._raw, np.ndarray))


def record(function: Callable[..., Any], *arrays: Any, memory_limit: int = 2 * 2**30) -> Trace:
    """Run `function(*arrays)` once and return the trace of every numpy call that it makes.

    The arrays are the caller's own, not copies: an in-place update of an argument, of `self.w` or of a
    global array is there afterwards as after any other call, bit for bit.  `memory_limit` bounds the bytes
    that the values of the trace may take.  A function that raises gives the trace up to there, its
    `failure` set.  Raises `InputError` where something cannot be recorded.
    """
    recorder = Recorder(function, memory_limit)
    result, error = None, None
    with Surroundings(recorder, function) as surroundings:
        adopted = surroundings.arguments(arrays)
        try:
            result = function(*adopted)
        except Exception as raised:
            recorder.check_routed(raised)
            if not recorder.raised(raised) and recorder.walker.is_own(raised):
                raise
            error = raised
    return build(recorder, result, error)


def stretched(shape: tuple[int, ...], whole: tuple[int, ...]) -> tuple[int, ...]:
    """Axes of `whole` along which broadcasting repeats an array of `shape`."""
    if shape == whole:
        return ()
    own = (1,) * (len(whole) - len(shape)) + shape
    return tuple(axis for axis, (one, all_) in enumerate(zip(own, whole, strict=False)) if one == 1 != all_)


def _raw(value: Any) -> Any:
    """The same structure with raw arrays."""
    if type(value) is RecordingArray:
        return value._raw
    if isinstance(value, tuple | list):
        return type(value)(map(_raw, value)) if not hasattr(value, "_make") else value._make(map(_raw, value))
    if isinstance(value, dict):
        return {key: _raw(one) for key, one in value.items()}
    if isinstance(value, slice):
        return slice(_raw(value.start), _raw(value.stop), _raw(value.step))
    return value


def _holds_array(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return any(map(_holds_array, value))
    if isinstance(value, slice):
        return any(map(_holds_array, (value.start, value.stop, value.step)))
    return isinstance(value, np.ndarray | np.generic)
