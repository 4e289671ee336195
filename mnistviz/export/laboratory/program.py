"""A trace as a straight-line program that the page runs: each operation's twin, and what it is called with.

The arrays travel beside it (`export/page/values.py`), by the same numbers.  What the page cannot do again stays as
it was recorded, and the program says why: an operation without a twin, an argument that is no plain number, a
number that the run took from an array into Python and used again.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from itertools import takewhile
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.export.laboratory.formulas import Formulas
from mnistviz.export.laboratory.influences import Influences
from mnistviz.export.laboratory.written import arguments_of
from mnistviz.operations import definition
from mnistviz.story.storyboard import Storyboard
from mnistviz.trace.model import Operand, Operation, Trace, Value

WRITTEN_INTO = "out"  # a keyword that says where the result goes, not what it is
MOST_OPERATIONS = 2_000
PLAIN = (bool, int, float, str, type(None))


class Unknown(ValueError):
    """An argument that the page does not know."""


def laboratory(board: Storyboard, exact: Iterable[int]) -> dict[str, Any] | None:
    """For JSON: the program, what one may change, and what to try first; None where there is nothing to change.

    `exact` are the ids of the arrays that travel with all of their numbers.
    """
    if len(board.trace) > MOST_OPERATIONS:
        return None
    plain = program(board.trace)
    travels = set(exact)
    changeable = [number for number in plain["given"] if number in travels]
    if not changeable:
        return None
    trial = board.laboratory
    fits = trial is not None and {trial.picture, trial.expected, trial.rate} <= set(changeable)
    return {**plain, "given": changeable, "trial": asdict(trial) if trial is not None and fits else None}


def why_none(board: Storyboard) -> str:
    """Why a page has no laboratory, in words."""
    count = len(board.trace)
    if count > MOST_OPERATIONS:
        most = f"a page runs at most {MOST_OPERATIONS:,} again"
        return f"There is no laboratory: the program has {count:,} operations, and {most}."
    return "There is no laboratory: none of the given arrays travels with this page with all of its numbers."


def program(trace: Trace) -> dict[str, Any]:
    """For JSON: the operations in order, and the arrays that nothing made."""
    values = _given(trace)
    formulas = Formulas(values)
    influences = Influences(trace, values, formulas)
    turns = influences.turns(trace)
    return {
        "given": given(trace),
        "operations": [
            _plain(operation, formulas, influences.frozen(operation), turns.get(operation.number))
            for operation in trace.operations
        ],
        "doubts": influences.doubts(trace),
        "linked": [[value.id, value.changed_by] for value in _unmade(trace) if value.changed_by is not None],
        "carried": carried(trace),
    }


def given(trace: Trace) -> list[int]:
    """Ids of the arrays that no operation made and that the source gives a name: what one may change."""
    return [value.id for value in _given(trace)]


def _given(trace: Trace) -> list[Value]:
    named = {value.id: value for value in (*trace.inputs, *_unmade(trace)) if value.name}
    own = {value.id for value in trace.inputs}
    return [
        value
        for number, value in named.items()
        if value.changed_by is None and (number in own or value.shape or _is_a_name(value.name))
    ]


def _is_a_name(text: str) -> bool:
    """Whether a number is called by a name, `rate` or `self.rate`: not `2`, which stands in the code as it is."""
    return all(part.isidentifier() for part in text.split("."))


def carried(trace: Trace) -> list[tuple[int, int]]:
    """Of each array that the run changed in place: the one that was given, and the last one, which the next step takes."""
    last = {
        operation.inputs[operation.call.changes].id: operation.output.id
        for operation in trace.operations
        if operation.call is not None and operation.call.changes is not None
    }
    found = []
    for first in given(trace):
        end = first
        while end in last:
            end = last[end]
        if end != first:
            found.append((first, end))
    return found


def _unmade(trace: Trace) -> Iterable[Value]:
    made = {value.id for operation in trace.operations for value in (operation.output, *operation.more)}
    return {
        value.id: value
        for operation in trace.operations
        for value in operation.inputs
        if value.id not in made
    }.values()


def _plain(operation: Operation, formulas: Formulas, frozen: list[int], turn: str | None) -> dict[str, Any]:
    """For JSON: an operation; `why` says why it stays as it was recorded, and it has no arguments then."""
    plain: dict[str, Any] = {
        "makes": [value.id for value in (operation.output, *operation.more)],
        "takes": [value.id for value in operation.inputs],
        "operation": operation.operation,
        "line": operation.source.expression.first_line,
        **({"frozen": frozen} if frozen else {}),
        **({"turn": turn, "expression": operation.expression} if turn else {}),
    }
    call, twin = operation.call, definition(operation.operation).twin
    if call is None or not twin or (call.kind == "foreign" and not _is_a_ufuncs(call.path)):
        return {**plain, "why": f"the page has no twin of {operation.operation}"}
    odd = _oddity(operation)
    if odd:
        return {**plain, "why": f"the page does not know {odd}"}
    try:
        arguments = [
            _argument(one, operation, formulas.of(operation, one, node))
            for one, (_, node) in zip(call.args, arguments_of(operation), strict=False)
        ]
        options = {name: _argument(one, operation) for name, one in call.keywords if name != WRITTEN_INTO}
        for name in takewhile(options.__contains__, _parameters(operation.operation)[len(arguments) :]):
            arguments.append(options.pop(name))  # `np.round(a=x, decimals=1)` is `np.round(x, 1)`
    except Unknown as error:
        return {**plain, "why": f"the page does not know {error}"}
    return {
        **plain,
        "twin": twin,
        "arguments": arguments,
        **({"options": options} if options else {}),
    }


@cache
def _is_a_ufuncs(path: str) -> bool:
    """Whether it is a method of one of numpy's functions of cells, `add.outer`: its results were taken on trust."""
    name, _, method = path.partition(".")
    return bool(method) and isinstance(getattr(np, name, None), np.ufunc)


@cache
def _parameters(name: str) -> tuple[str, ...]:
    """What numpy calls the arguments of its function, in order; nothing where it does not say."""
    try:
        return tuple(inspect.signature(attrgetter(name)(np)).parameters)
    except (AttributeError, TypeError, ValueError):
        return ()


def _oddity(operation: Operation) -> str:
    """What of a call is beyond its twin, though its arguments look plain; "" where nothing is."""
    call = operation.call
    if call is None:
        return ""
    if call.path == "flat.setitem":
        return "writing along the flat cells of an array"
    if any(name == "where" for name, _ in call.keywords):
        return "an operation on chosen cells alone"
    if call.changes is not None and _overlaps(operation.inputs[call.changes].value):
        return "an array whose cells lie on one another in memory"
    return ""


def _overlaps(array: NDArray[Any]) -> bool:
    """Whether two cells of an array are one and the same number in memory."""
    reach = sum((length - 1) * abs(step) for length, step in zip(array.shape, array.strides, strict=True))
    return bool(array.size) and reach + array.itemsize < array.size * array.itemsize


def _argument(one: Any, operation: Operation, formula: Any = None) -> Any:
    """For JSON: an argument as the page reads it.  Raises `Unknown` where it is nothing plain."""
    if formula is not None:
        return {"formula": formula}
    if isinstance(one, Operand):
        return {"of": operation.inputs[one.place].id}
    if isinstance(one, np.generic):
        one = one.item()
    if isinstance(one, float) and not math.isfinite(one):
        return {"number": str(one)}
    if isinstance(one, PLAIN):
        return one
    if one is Ellipsis:
        return {"rest": True}
    if isinstance(one, slice):
        return {"slice": [_argument(part, operation) for part in (one.start, one.stop, one.step)]}
    if isinstance(one, tuple | list):
        parts = [_argument(part, operation) for part in one]
        return {"list": parts} if isinstance(one, list) else parts
    if isinstance(one, type | np.dtype):
        return {"type": str(np.dtype(one))}
    raise Unknown(f"an argument of the kind {type(one).__name__}")
