"""An operation between what was seen before it and its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mnistviz.trace.memory import Snapshot
from mnistviz.trace.recording.kinds import NUMBERS
from mnistviz.trace.recording.operands import Mention, Nodes
from mnistviz.trace.recording.values import is_value


@dataclass(frozen=True)
class Manner:
    """How an operation is written down, where that does not follow from what is called."""

    kind: str = ""  # of `Call`; "": that of the callee
    data: bool = False  # numbers among the operands are data, not settings
    last_only: bool = False  # and only the last of them
    origin: str = "result"
    nodes: Nodes | None = None  # of the operands; None: those of the call


PLAIN = Manner()
WITH_DATA = Manner(data=True)


@dataclass(eq=False, slots=True)
class Pending:
    """An operation whose result is not there yet."""

    name: str
    kind: str
    path: str
    inputs: list[Mention]
    template: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()
    run: Any = None
    origin: str = "result"
    trusted: bool = False  # it works on arrays of a kind of its own: numpy's do it otherwise
    changed: list[tuple[Callable[[], Any], Snapshot]] = field(default_factory=list)
    changes: int | None = None  # input that is changed in place
    holder: Any = None  # a library's object that is assigned to: what it holds afterwards is the result
    wraps: bool = False  # an operand's class makes something of its own of the result, before it is seen
    opaque: bool = False  # an operator with an object of the program's, whose code may answer
    drives: bool = False  # a function of numpy is called by it, from C


def recordable(result: Any) -> bool:
    """Whether a result is a value, or made of values: not a generator, a dtype, a text or nothing."""
    kind = type(result)
    if is_value(result):
        return True
    if issubclass(kind, tuple):
        return all(map(recordable, tuple.__iter__(result)))
    if kind is list:
        return all(map(recordable, result))
    return id(kind) in NUMBERS or kind is bytes
