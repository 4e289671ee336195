"""A trace as text and as JSON: what `mnistviz trace` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from mnistviz.trace.model import Number, Operand, Operation, Source, Trace, Value, finite_range

LONGEST_EXPRESSION = 64
HEADINGS = ("no", "line", "expression", "operation", "inputs", "output", "range")


def table(trace: Trace) -> str:
    """One line an operation: number, line, expression, operation, shapes, range."""
    rows = [HEADINGS, *(row_of(operation) for operation in trace.operations)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    failure = trace.failure
    if failure is not None:
        shown = " and ".join(_shape(value) for value in failure.inputs)
        lines.append(
            f"stopped at {_line(failure.source)}: {failure.message}" + (f" [{shown}]" if shown else "")
        )
    return "\n".join(lines)


def as_json(trace: Trace) -> dict[str, Any]:
    """The trace without its values, as plain data for `json.dumps`."""
    return {
        "version": 1,
        "function": trace.function,
        "sources": [source.name for source in trace.sources],
        "inputs": [_value(value) for value in trace.inputs],
        "operations": [_operation(operation) for operation in trace.operations],
        "results": list(trace.results),
        "numbers": [_number(one) for one in trace.numbers],
        "failure": _failure(trace),
        "coverage": {**asdict(trace.coverage), "names": list(trace.coverage.names)},
    }


def value_range(value: Value) -> tuple[float, float] | None:
    """Smallest and largest finite number; None where there is none."""
    return finite_range(value.value)


def plain(parameter: Any) -> Any:
    """A parameter as JSON can hold it."""
    if isinstance(parameter, bool | int | str | type(None)):
        return parameter
    if isinstance(parameter, float):
        return parameter if np.isfinite(parameter) else repr(parameter)
    if isinstance(parameter, Operand):
        return {"input": parameter.place}
    if isinstance(parameter, slice):
        parts = [
            "" if part is None else str(plain(part))
            for part in (parameter.start, parameter.stop, parameter.step)
        ]
        return ":".join(parts[: 2 + bool(parts[2])])
    if isinstance(parameter, tuple | list):
        return [plain(one) for one in parameter]
    if parameter is Ellipsis:
        return "..."
    return getattr(parameter, "__name__", None) or str(parameter)


def index_text(index: Any) -> str:
    """An index as one writes it: `1, :, 5:8`."""
    if isinstance(index, tuple):
        return ", ".join(map(index_text, index)) + ("," if len(index) == 1 else "")
    if isinstance(index, list):
        return f"[{', '.join(map(index_text, index))}]"
    if index is None:
        return "np.newaxis"
    return "…" if isinstance(index, Operand) else str(plain(index))


def row_of(operation: Operation) -> tuple[str, ...]:
    """What is said of an operation, under `HEADINGS`."""
    expression = operation.expression
    if len(expression) > LONGEST_EXPRESSION:
        expression = expression[: LONGEST_EXPRESSION - 1] + "…"
    inputs = ", ".join(_shape(value) for value in operation.inputs)
    output = ", ".join(_shape(value) for value in (operation.output, *operation.more))
    return (
        str(operation.number), _line(operation.source), expression, operation.operation, inputs, output,
        _range(operation.output),
    )  # fmt: skip


def _line(source: Source | None) -> str:
    return f"{source.expression.file}:{source.expression.first_line}" if source else "?"


def _shape(value: Value) -> str:
    shape = "x".join(map(str, value.shape))
    return f"{value.name or '·'} {shape}".rstrip()


def _range(value: Value) -> str:
    found = value_range(value)
    if found is None:
        return ""
    low, high = (f"{end + 0.0:.4g}" for end in found)
    return low if low == high else f"{low} .. {high}"


def _operation(operation: Operation) -> dict[str, Any]:
    source = operation.source
    return {
        "number": operation.number,
        "operation": operation.operation,
        "expression": operation.expression,
        "file": source.expression.file,
        "line": source.expression.first_line,
        "span": _span(source),
        "function": source.function,
        "passes": list(source.passes),
        "variables": list(source.variables),
        "receiver": source.receiver,
        "in_place": operation.in_place,
        "inputs": [_value(value) for value in operation.inputs],
        "output": _value(operation.output),
        "more": [_value(value) for value in operation.more],
        "parameters": {name: plain(value) for name, value in operation.parameters},
    }


def _span(source: Source) -> list[int]:
    span = source.expression
    return [span.first_line, span.first_column, span.last_line, span.last_column]


def _value(value: Value) -> dict[str, Any]:
    found = value_range(value)
    return {
        "id": value.id,
        "name": value.name,
        "role": value.role,
        "shape": list(value.shape),
        "dtype": str(value.dtype),
        "range": list(found) if found else None,
        "view_of": value.view_of,
        "stretched": list(value.stretched),
    }


def _number(number: Number) -> dict[str, Any]:
    return {
        "name": number.name,
        "expression": number.expression,
        "value": plain(number.value),
        "file": number.source.file,
        "line": number.source.first_line,
        "before": number.before,
    }


def _failure(trace: Trace) -> dict[str, Any] | None:
    failure = trace.failure
    if failure is None:
        return None
    return {
        "message": failure.message,
        "operation": failure.operation,
        "line": _line(failure.source),
        "inputs": [_value(value) for value in failure.inputs],
    }
