"""Runs a function once and writes down every numpy call that it makes.

    record(function, *arrays) -> Trace

The function runs on the caller's own arrays: what it changes in place is changed afterwards, exactly as
if it had not been recorded.  While it runs it meets `RecordingArray`s in their place; afterwards none is
left behind.
"""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mnistviz.errors import InputError
from mnistviz.trace.memory import Snapshot, same_bits
from mnistviz.trace.model import Call, Trace
from mnistviz.trace.recording import names
from mnistviz.trace.recording.arrays import RecordingArray
from mnistviz.trace.recording.build import build
from mnistviz.trace.recording.door import open_door
from mnistviz.trace.recording.frames import Place, Walker
from mnistviz.trace.recording.operands import Mention, Taken, raw
from mnistviz.trace.recording.outputs import Draft, Outputs
from mnistviz.trace.recording.surroundings import Surroundings
from mnistviz.trace.recording.values import Values

# Functions that take numbers as data, beside arrays, not as settings.
NUMBERS_ARE_DATA = frozenset(
    ["where", "clip", "dot", "inner", "outer", "full_like", "copyto", "fill", "searchsorted"]
)
# Functions that print: nothing is computed.
SILENT = frozenset(
    ["array2string", "array_repr", "array_str", "save", "savez", "savez_compressed", "savetxt"]
)


class Recorder:
    """One recording: what has been seen so far."""

    def __init__(self, function: Callable[..., Any], memory_limit: int) -> None:
        self.active = True
        self.walker = Walker(function, record.__code__)
        self.values = Values(self, memory_limit)
        self.drafts: list[Draft] = []
        self.arguments: list[Mention] = []
        self._place: Place | None = None
        self.pending: tuple[str, list[Mention], BaseException] | None = None

    # What the recording arrays ask for

    def ufunc(self, ufunc: np.ufunc, method: str, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """A ufunc or one of its methods."""
        if method == "__call__":
            return self.perform(ufunc.__name__, ufunc, args, keywords, "ufunc", data=True)
        run = getattr(ufunc, method)
        return self.perform(
            f"{ufunc.__name__}.{method}", run, args, keywords, "ufunc", data=method in ("outer", "at")
        )

    def function(self, function: Any, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """A numpy function that is not a ufunc."""
        name = names.of_function(function)
        if name in SILENT:
            return function(*raw(args), **raw(keywords))
        return self.perform(name, function, args, keywords, "function", data=name in NUMBERS_ARE_DATA)

    def operator(self, name: str, run: Callable[..., Any], args: Sequence[Any]) -> Any:
        """An operator of Python."""
        return self.perform(name, run, args, {}, "operator", data=True)

    def update(
        self, name: str, run: Callable[..., Any], plain: Callable[..., Any], args: Sequence[Any]
    ) -> Any:
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
        held = np.asarray(array._raw)
        if self.active:
            held = np.asarray(self.perform("asarray", np.array, (array,), {}, "conversion")._raw)
        return np.array(held, dtype=dtype, copy=copy)

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
            return run(*raw(args), **raw(keywords))
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
        place = self._place = self.walker.place(row)
        taken = Taken(self.values, place, data)
        known = args[0]._snapshot if kind == "setitem" else None
        operands = names.operands(place, kind, name)
        raw_args, template = taken.positional(args, operands, last_only=kind == "setitem")
        raw_keywords, keyword_template = taken.named(keywords, operands)
        changed = self._changed(name, kind, args, keywords, changes)
        befores = [self.values.current(array) for array in changed]
        for array in changed:
            self.values.freeze(array, len(self.drafts))
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
        outputs = Outputs(self.values, draft, len(self.drafts) - 1, place)
        return outputs.changed(changed, befores, result) if changed else outputs.new(result, origin)

    def _settle_item(
        self, taken: Taken, raw_args: list[Any], befores: list[Snapshot], known: Snapshot
    ) -> None:
        """`w[0] += 1` changed `w` through a view before it assigns the item: what is shown is all of it."""
        if befores[0] is known or known.memory is not None:
            return
        copy = known.array.copy(order="K")
        copy[raw_args[1]] = raw_args[2]
        if same_bits(copy, raw_args[0]):
            befores[0] = taken.inputs[0].snapshot = known

    def argument(self, array: RecordingArray, name: str) -> None:
        """An array that the function was called with."""
        self.arguments.append(Mention(self.values.current(array), name))

    def number(self, value: Any, name: str) -> None:
        """A number that the function was called with: Python's own, so it is a constant where it is used."""
        self.arguments.append(Mention(self.values.constant(value, name), name))

    def where(self) -> str:
        """Where the run is, for an error."""
        return self._place.where if self._place is not None else self.walker.function_name

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

    def _changed(
        self, name: str, kind: str, args: Sequence[Any], keywords: dict[str, Any], changes: int | None
    ) -> list[RecordingArray]:
        out = keywords.get("out")
        outs = list(out) if isinstance(out, tuple) else [out]
        if changes is not None or names.changes_first(kind, name):
            outs.append(args[changes or 0])
        return [self._array(one) for one in outs if isinstance(one, np.ndarray)]

    def _array(self, value: Any) -> RecordingArray:
        return value if type(value) is RecordingArray else self.values.adopt(value, "outside")


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
