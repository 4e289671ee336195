"""Arrays and operations as tables: of thousands that a loop makes, what is alike is said once (tables.js reads them)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Record = dict[str, Any]


def array_table(arrays: Mapping[str, Record]) -> Record:
    """For JSON: arrays by number in columns; `head` and `moment` are rows of `heads` and `moments`."""
    heads, head = _said_once([_without(one, "moment", "data") for one in arrays.values()])
    moments, moment = _said_once([one["moment"] for one in arrays.values()])
    return {
        "numbers": [int(number) for number in arrays],
        "heads": heads,
        "head": head,
        "moments": moments,
        "moment": moment,
        "data": [one.get("data", "") for one in arrays.values()],
    }


def operation_table(operations: Mapping[str, Record]) -> Record:
    """For JSON: operations by the number of the array that they made, in columns; `kind` is a row of `kinds`."""
    kinds, kind = _said_once([_without(one, "number", "inputs") for one in operations.values()])
    return {
        "made": [int(number) for number in operations],
        "kinds": kinds,
        "kind": kind,
        "numbers": [one["number"] for one in operations.values()],
        "inputs": [one["inputs"] for one in operations.values()],
    }


def _without(record: Record, *names: str) -> Record:
    return {name: value for name, value in record.items() if name not in names}


def _said_once(rows: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """The rows that differ, and for each row which of them it is."""
    found: dict[str, tuple[int, Any]] = {}
    places = [found.setdefault(repr(row), (len(found), row))[0] for row in rows]
    return [row for _, row in found.values()], places
