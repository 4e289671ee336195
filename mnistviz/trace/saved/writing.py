"""A trace to plain JSON data, and its arrays to buffers; `codec` reads both back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mnistviz.trace.memory import Array, flat_view, offset_in, root_of
from mnistviz.trace.model import (
    Coverage,
    Failure,
    Number,
    Opaque,
    Operand,
    Operation,
    Source,
    Span,
    Trace,
    Value,
)
from mnistviz.trace.saved.codec import PLAIN_TYPES

LARGEST = 2**1024  # of whole numbers: no float is larger


class Buffers:
    """The memory of a trace's arrays, each buffer once, and where in it each array lies."""

    def __init__(self) -> None:
        self.flat: list[Array] = []
        self.arrays: list[list[Any]] = []
        self._buffers: dict[int, int] = {}
        self._known: dict[int, int] = {}
        self._kept: list[Array] = []  # so that no id is used twice

    def array(self, array: Array | None) -> int | None:
        """Number of an array in the table."""
        if array is None:
            return None
        if id(array) not in self._known:
            self._known[id(array)] = len(self.arrays)
            self._kept.append(array)
            self.arrays.append(self._place(array))
        return self._known[id(array)]

    def _place(self, array: Array) -> list[Any]:
        root = root_of(array)
        flat = flat_view(root)
        if flat is None or not (flat.dtype.fields is None and array.dtype.fields is None):
            array = root = _copied(array)
            flat = array.ravel()
        if flat.dtype.fields is not None:  # as bytes, so that no buffer names a dtype to be trusted
            flat = flat.view(np.uint8)
        if id(root) not in self._buffers:
            self._buffers[id(root)] = len(self.flat)
            self.flat.append(flat)
            self._kept.append(root)
        place = self._buffers[id(root)]
        return [place, offset_in(array, root), list(array.shape), list(array.strides), structure(array.dtype)]


def _copied(array: Array) -> Array:
    """A copy whose elements lie side by side; of records without what happens to be between their fields."""
    if array.dtype.fields is None:
        return np.array(array, order="C")
    copy = np.zeros(array.shape, array.dtype)
    _fill(copy, array)
    return copy


def _fill(copy: Array, array: Array) -> None:
    for name in array.dtype.names or ():
        if array.dtype[name].base.fields is None:
            copy[name] = array[name]
        else:
            _fill(copy[name], array[name])


def structure(dtype: np.dtype[Any]) -> Any:
    """A dtype as JSON: numpy's text for it; of records, their bytes and where each field lies in them."""
    if dtype.fields is None:
        return dtype.str
    fields = [[name, *_field(*dtype.fields[name][:2])] for name in dtype.names or ()]
    return {"bytes": dtype.itemsize, "fields": fields}


def _field(dtype: np.dtype[Any], offset: int) -> list[Any]:
    return [offset, structure(dtype.base), list(dtype.shape)]


def write_table(trace: Trace, buffers: Buffers) -> dict[str, Any]:
    """All of the trace but the numbers, which go to the buffers."""
    table = {
        "function": trace.function,
        "scene": trace.scene,
        "sources": [[source.name, source.text] for source in trace.sources],
        "inputs": [_value(value, buffers) for value in trace.inputs],
        "operations": [_operation(operation, buffers) for operation in trace.operations],
        "returned": [_value(value, buffers) for value in trace.returned],
        "failure": _failure(trace.failure, buffers),
        "coverage": _coverage(trace.coverage),
        "numbers": [_number(one) for one in trace.numbers],
    }
    return {**table, "arrays": buffers.arrays}


def _coverage(found: Coverage) -> list[Any]:
    return [found.made, found.recorded, found.replayed, found.foreign, found.unseen, list(found.names)]


def _number(number: Number) -> list[Any]:
    return [number.name, number.expression, encoded(number.value), _span(number.source), number.before]


def _value(value: Value, buffers: Buffers) -> list[Any]:
    return [
        value.id, value.name, value.role, buffers.array(value.value), buffers.array(value.before), value.view_of,
        list(value.stretched), value.changed_by,
    ]  # fmt: skip


def _operation(operation: Operation, buffers: Buffers) -> list[Any]:
    call = operation.call
    return [
        operation.number, operation.operation, operation.expression,
        [_value(value, buffers) for value in operation.inputs],
        [_value(value, buffers) for value in (operation.output, *operation.more)],
        _source(operation.source),
        [[name, encoded(value)] for name, value in operation.parameters],
        call and [call.kind, call.path, [encoded(one) for one in call.args],
                  [[name, encoded(one)] for name, one in call.keywords], call.changes],
    ]  # fmt: skip


def _source(source: Source | None) -> list[Any] | None:
    if source is None:
        return None
    calls = [_span(span) for span in source.calls]
    spans = [_span(span) for span in (source.expression, source.statement, source.function_span)]
    return [
        *spans, source.function, calls, list(source.passes), list(source.variables), source.receiver,
        source.thread,
    ]  # fmt: skip


def _span(span: Span) -> list[Any]:
    return [span.file, span.first_line, span.first_column, span.last_line, span.last_column]


def _failure(failure: Failure | None, buffers: Buffers) -> list[Any] | None:
    if failure is None:
        return None
    inputs = [_value(value, buffers) for value in failure.inputs]
    return [failure.message, _source(failure.source), inputs, failure.operation]


def encoded(value: Any) -> Any:
    """A parameter as JSON; what JSON has no word for is tagged, what nothing can keep is told."""
    if value is None or isinstance(value, bool | str) or (isinstance(value, int) and abs(value) < LARGEST):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"float": repr(float(value))}
    if isinstance(value, complex):
        return {"complex": [encoded(value.real), encoded(value.imag)]}
    if isinstance(value, Operand):
        return {"scalar" if value.scalar else "operand": value.place}
    if isinstance(value, slice):
        return {"slice": [encoded(part) for part in (value.start, value.stop, value.step)]}
    if type(value) in (tuple, list):
        return {type(value).__name__: [encoded(one) for one in value]}
    if type(value) is dict:
        return {"dict": [[encoded(key), encoded(one)] for key, one in value.items()]}
    if value is Ellipsis:
        return {"ellipsis": 0}
    if isinstance(value, type) and (value in PLAIN_TYPES.values() or issubclass(value, np.generic)):
        return {"type": value.__name__}
    if isinstance(value, np.dtype) and not value.hasobject:
        return {"dtype": structure(value)}
    return {
        "opaque": value.text
        if isinstance(value, Opaque)
        else getattr(value, "__name__", type(value).__name__)
    }
