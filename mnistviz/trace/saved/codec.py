"""A trace back from plain JSON data: each field is read with its type, or the trace is refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast, get_args

import numpy as np

from mnistviz.trace.memory import Array, frozen
from mnistviz.trace.model import (
    Call,
    Coverage,
    Failure,
    Number,
    Opaque,
    Operand,
    Operation,
    Role,
    Source,
    SourceFile,
    Span,
    Trace,
    Value,
)  # fmt: skip

T = TypeVar("T")
FREE_BYTES = 16 * 2**20
MOST_OVERLAP = 32  # times: of a broadcast or sliding view over the memory that all arrays have
DEEPEST = 40
DEEPEST_RECORDS = 8
MOST_FIELDS = 1_000
LARGEST_ITEM = 2**20  # bytes of one element
PLAIN_TYPES: dict[str, type] = {"float": float, "int": int, "bool": bool, "complex": complex}
KINDS = ("ufunc", "function", "method", "attribute", "operator", "getitem", "setitem", "setattr", "creation",
         "conversion", "foreign")  # fmt: skip


class TableError(ValueError):
    """The table does not say what a trace says."""


def read_table(table: dict[str, Any], buffers: Sequence[Array]) -> Trace:
    """The trace of a table; raises `TableError` where it is none."""
    kept = sum(buffer.nbytes for buffer in buffers)
    arrays = [_read_array(entry, buffers, kept) for entry in _list(table.get("arrays"))]
    reader = _Reader(arrays)
    returned = tuple(map(reader.value, _list(table.get("returned"))))
    failure = table.get("failure")
    operations = tuple(map(reader.operation, _list(table.get("operations"))))
    if [operation.number for operation in operations] != list(range(len(operations))):
        raise TableError("its operations are not numbered from 0")
    return Trace(
        function=_text(table.get("function")),
        scene=_text(table.get("scene", "")),
        operations=operations,
        sources=tuple(SourceFile(*map(_text, _list(one, 2))) for one in _list(table.get("sources"))),
        inputs=tuple(map(reader.value, _list(table.get("inputs")))),
        results=tuple(value.id for value in returned),
        failure=reader.failure(failure) if failure is not None else None,
        returned=returned,
        coverage=_read_coverage(table.get("coverage")),
        numbers=tuple(map(_read_number, _list(table.get("numbers", [])))),
    )


def _read_coverage(entry: Any) -> Coverage:
    *counts, names = _list(entry, 6)
    made, recorded, replayed, foreign, unseen = map(_count, counts)
    return Coverage(made, recorded, replayed, foreign, unseen, tuple(map(_text, _list(names))))


def _read_number(entry: Any) -> Number:
    name, expression, value, span, before = _list(entry, 5)
    found = decoded(value)
    if not isinstance(found, bool | int | float | complex):
        raise TableError("a number of no known form")
    return Number(_text(name), _text(expression), found, _read_span(span), _count(before))


def decoded(value: Any, depth: int = 0) -> Any:
    """The parameter that `encoded` wrote."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if depth > DEEPEST or not isinstance(value, dict) or len(value) != 1:
        raise TableError("a parameter of no known form")
    ((tag, inside),) = value.items()
    if tag in ("tuple", "list", "slice", "complex", "dict"):
        parts = [_decoded_part(part, tag, depth + 1) for part in _list(inside)]
        return _assembled(tag, parts)
    return _LEAVES[tag](inside) if tag in _LEAVES else _refuse(f"a parameter of form {tag!r:.20}")


def _decoded_part(part: Any, tag: str, depth: int) -> Any:
    if tag == "dict":
        key, one = _list(part, 2)
        return decoded(key, depth), decoded(one, depth)
    return decoded(part, depth)


def _assembled(tag: str, parts: list[Any]) -> Any:
    if tag == "slice" and len(parts) == 3:
        return slice(*parts)
    if tag == "complex" and len(parts) == 2:
        return complex(float(parts[0]), float(parts[1]))
    if tag == "dict":
        return {_text(key): one for key, one in parts}
    return tuple(parts) if tag == "tuple" else parts if tag == "list" else _refuse("a parameter cut short")


def _type(name: Any) -> type:
    found = PLAIN_TYPES.get(_text(name)) or getattr(np, _text(name), None)
    if isinstance(found, type) and (found in PLAIN_TYPES.values() or issubclass(found, np.generic)):
        return found
    raise TableError("a type that numpy does not have")


def _dtype(entry: Any, depth: int = 0) -> np.dtype[Any]:
    return _records(entry, depth) if isinstance(entry, dict) else _plain_dtype(entry)


def _records(entry: dict[str, Any], depth: int) -> np.dtype[Any]:
    """A dtype of records; numpy itself refuses fields that reach beyond their bytes, or two of one name."""
    fields = [_list(field, 4) for field in _list(entry.get("fields"))]
    if depth == DEEPEST_RECORDS or not 0 < len(fields) <= MOST_FIELDS:
        raise TableError(f"records of {len(fields)} fields in {depth} others")
    columns = {
        "names": [_text(name) for name, *_ in fields],
        "formats": [_shaped(_dtype(one, depth + 1), shape) for _, _, one, shape in fields],
        "offsets": [_count(offset) for _, offset, *_ in fields],
        "itemsize": _count(entry.get("bytes")),
    }
    try:
        return _bounded(np.dtype(cast(Any, columns)))
    except (TypeError, ValueError) as error:
        raise TableError(f"records of no known form: {error}") from error


def _shaped(dtype: np.dtype[Any], shape: Any) -> np.dtype[Any]:
    sizes = tuple(_count(size) for size in _list(shape))
    if len(sizes) > 32 or min(sizes, default=0) < 0 or math.prod(sizes) * dtype.itemsize > LARGEST_ITEM:
        raise TableError(f"a field of {sizes}")
    return np.dtype((dtype, sizes)) if sizes else dtype


def _bounded(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype if 0 < dtype.itemsize <= LARGEST_ITEM else _refuse("records of many bytes")


def _plain_dtype(text: Any) -> np.dtype[Any]:
    try:
        dtype = np.dtype(_text(text))
    except (TypeError, ValueError, SyntaxError) as error:
        raise TableError(f"a dtype of {text!r:.20}") from error
    plain = not dtype.hasobject and dtype.fields is None and dtype.subdtype is None
    small = 0 <= dtype.itemsize <= LARGEST_ITEM  # numpy 2.0 lets sizes overflow
    if not plain or not small or dtype.str != text:
        raise TableError(f"a dtype of {text!r:.20}")
    return dtype


def _special(text: Any) -> float:
    return float(text) if text in ("inf", "-inf", "nan") else _refuse("a number of no known form")


def _refuse(what: str) -> Any:
    raise TableError(what)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _refuse("a text is missing")


def _count(value: Any) -> int:
    number = _whole(value)
    if number < -1:
        raise TableError("a count is missing")
    return number


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**62:
        raise TableError("a number is missing")
    return value


def _list(value: Any, length: int | None = None) -> list[Any]:
    if not isinstance(value, list) or length not in (None, len(value)):
        raise TableError("a list is missing, or of another length")
    return value


def _maybe(read: Callable[[Any], T], value: Any) -> T | None:
    return None if value is None else read(value)


_LEAVES: dict[str, Callable[[Any], Any]] = {
    "float": _special,
    "operand": lambda place: Operand(_count(place)),
    "scalar": lambda place: Operand(_count(place), scalar=True),
    "ellipsis": lambda _: Ellipsis,
    "type": _type,
    "dtype": _dtype,
    "opaque": lambda text: Opaque(_text(text)),
}


def _read_array(entry: Any, buffers: Sequence[Array], kept: int) -> Array:
    """An array in its place in a buffer, of `kept` bytes in all; numpy itself refuses strides that lead out of it."""
    place, offset, shape, strides, dtype_text = _list(entry, 5)
    sizes = tuple(_count(size) for size in _list(shape))
    steps = tuple(_whole(step) for step in _list(strides, len(sizes)))
    dtype = _dtype(dtype_text)
    if (
        not 0 <= _count(place) < len(buffers)
        or len(sizes) > 32
        or min(sizes, default=0) < 0
        or _count(offset) < 0
    ):
        raise TableError("an array that lies in no buffer")
    if math.prod(sizes) * dtype.itemsize > max(FREE_BYTES, MOST_OVERLAP * kept):
        raise TableError("an array far larger than all that is kept")
    if 0 in sizes:
        return frozen(np.empty(sizes, dtype))
    array: Array = np.ndarray(sizes, dtype, buffers[place], offset, steps)
    return frozen(array)


class _Reader:
    """Reads what refers to arrays."""

    def __init__(self, arrays: Sequence[Array]) -> None:
        self._arrays = arrays

    def value(self, entry: Any) -> Value:
        """A value."""
        number, name, role, array, before, view_of, stretched, changed_by = _list(entry, 8)
        if role not in get_args(Role):
            raise TableError(f"a role of {role!r:.20}")
        return Value(
            _count(number), _text(name), role, self._array(array), _maybe(self._array, before),
            _maybe(_count, view_of), tuple(map(_count, _list(stretched))), _maybe(_count, changed_by),
        )  # fmt: skip

    def operation(self, entry: Any) -> Operation:
        """An operation."""
        number, name, expression, inputs, outputs, source, parameters, call = _list(entry, 8)
        given = tuple(map(self.value, _list(inputs)))
        made = tuple(map(self.value, _list(outputs)))
        if not made:
            raise TableError("an operation without an output")
        return Operation(
            number=_count(number),
            operation=_text(name),
            expression=_text(expression),
            inputs=given,
            output=made[0],
            source=self._source(source),
            parameters=_pairs(parameters),
            more=made[1:],
            call=_maybe(lambda one: _call(one, len(given)), call),
        )

    def failure(self, entry: Any) -> Failure:
        """A failure."""
        message, source, inputs, name = _list(entry, 4)
        given = tuple(map(self.value, _list(inputs)))
        return Failure(_text(message), _maybe(self._source, source), given, _text(name))

    def _array(self, place: Any) -> Array:
        number = _count(place)
        if not 0 <= number < len(self._arrays):
            raise TableError("a value without an array")
        return self._arrays[number]

    def _source(self, entry: Any) -> Source:
        expression, statement, function_span, function, calls, passes, *more = _list(entry, 9)
        variables, receiver, thread = more
        return Source(
            _read_span(expression), _read_span(statement), _text(function), _read_span(function_span),
            tuple(map(_read_span, _list(calls))), tuple(map(_count, _list(passes))),
            tuple(map(_text, _list(variables))), _text(receiver), _text(thread),
        )  # fmt: skip


def _read_span(entry: Any) -> Span:
    file, *numbers = _list(entry, 5)
    return Span(_text(file), *map(_count, numbers))


def _pairs(entry: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((_text(name), decoded(value)) for name, value in (_list(pair, 2) for pair in _list(entry)))


def _call(entry: Any, inputs: int) -> Call:
    kind, path, args, keywords, changes = _list(entry, 5)
    if kind not in KINDS:
        raise TableError(f"a call of kind {kind!r:.20}")
    if changes is not None and not 0 <= _count(changes) < inputs:
        raise TableError("a call that changes no input")
    template = tuple(decoded(one) for one in _list(args))
    call = Call(kind, _text(path), template, _pairs(keywords), changes)
    if any(place >= inputs for place in _places((template, dict(call.keywords)))):
        raise TableError("a call of an input that is not there")
    return call


def _places(template: Any) -> list[int]:
    if isinstance(template, Operand):
        return [template.place]
    if isinstance(template, slice):
        template = (template.start, template.stop, template.step)
    if isinstance(template, dict):
        template = tuple(template.values())
    return [place for one in template for place in _places(one)] if isinstance(template, tuple | list) else []
