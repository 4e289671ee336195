"""What happened: a trace is plain data, operations in order with their values and source spans.

Nothing here knows how a trace is recorded, drawn or stored.  Arrays are read-only; every array at
one moment has one `id` (single assignment), so an in-place update makes a new id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property
from os import PathLike
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnistviz.errors import InputError

Role = Literal["input", "parameter", "activation", "gradient", "constant"]
Record = TypeVar("Record")
MOST_NUMBERS = 10_000  # of Python's own that a recording notes


def set_at_once(kind: type[Record]) -> type[Record]:
    """A frozen dataclass that is made three times as fast: a trace has several records an operation.

    Its constructor writes into the record's own dict, where that of `dataclasses` asks `object` field by field.
    """
    names = [one.name for one in fields(kind)]  # type: ignore[arg-type]
    stores = "; ".join(f"held[{name!r}] = {name}" for name in names)
    made: dict[str, Any] = {}
    exec(f"def __init__(self, {', '.join(names)}): held = self.__dict__; {stores}", made)  # noqa: S102
    init = made["__init__"]
    init.__defaults__ = kind.__init__.__defaults__
    init.__annotations__, init.__qualname__ = kind.__init__.__annotations__, f"{kind.__qualname__}.__init__"
    kind.__init__ = init  # type: ignore[method-assign]
    return kind


def finite_range(array: NDArray[Any]) -> tuple[float, float] | None:
    """Smallest and largest finite number; None where there is none, or no order in them."""
    if array.dtype.kind not in "biuf":
        return None
    finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    return (float(finite.min()), float(finite.max())) if finite.size else None


@dataclass(frozen=True)
class SourceFile:
    """A source file as it stood when it was recorded; `name` is short, without an absolute path."""

    name: str
    text: str
    path: str = field(default="", compare=False, repr=False)  # where it was read; never saved

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines of the file, without their line ends; line n is `lines[n - 1]`, as Python counts."""
        return tuple(self.text.removesuffix("\n").split("\n"))


@set_at_once
@dataclass(frozen=True)
class Span:
    """A piece of a source file: lines count from 1, columns from 0 in characters, the end is exclusive."""

    file: str  # SourceFile.name
    first_line: int
    first_column: int
    last_line: int
    last_column: int

    def lies_in(self, other: Span) -> bool:
        """Whether it is a part of another one."""
        begins = (other.first_line, other.first_column) <= (self.first_line, self.first_column)
        ends = (self.last_line, self.last_column) <= (other.last_line, other.last_column)
        return self.file == other.file and begins and ends


@set_at_once
@dataclass(frozen=True)
class Source:
    """Where an operation stands: the exact sub-expression, the statement and the function around it."""

    expression: Span
    statement: Span
    function: str  # qualified name, "Network.forward"
    function_span: Span
    calls: tuple[Span, ...] = ()  # call chain from the recorded function down to `function`, outermost first
    passes: tuple[int, ...] = ()  # pass number, from 1, of each loop around it, outermost first
    variables: tuple[str, ...] = ()  # what each of these loops binds in this pass: "i = 3", or ""
    receiver: str = ""  # what the caller calls the object that the function runs on: "dense1"
    thread: str = ""  # name of the thread that it ran in; "" for that of the recorded function


@set_at_once
@dataclass(frozen=True, eq=False)
class Value:
    """An array at one moment of the run.

    `id` is unique in its trace: two operations that mention the same id mean the same array with the
    same contents.  `before` is set on the output of an in-place update only.
    """

    id: int
    name: str  # as in the source; "" where the source gives it none (a nested sub-expression)
    role: Role
    value: NDArray[Any]  # read-only, memory layout kept
    before: NDArray[Any] | None = None
    view_of: int | None = None  # id of the value whose memory this one shares
    stretched: tuple[int, ...] = ()  # axes of the output along which broadcasting repeated this input
    changed_by: int | None = None  # operation that changed it through another array on the same memory

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.value.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Element type of the array."""
        return self.value.dtype


@dataclass(frozen=True)
class Operand:
    """Stands in a `Call` for the operation's input of that place."""

    place: int
    scalar: bool = False  # it was a numpy scalar, which numpy computes with by other code than with arrays


@dataclass(frozen=True)
class Opaque:
    """Stands in a loaded `Call` for an argument that a file cannot keep, such as a function."""

    text: str


@set_at_once
@dataclass(frozen=True, eq=False)
class Call:
    """How to do an operation again: `args` and `keywords` as they were, arrays replaced by `Operand`."""

    kind: str  # ufunc, function, method, operator, attribute, getitem, setitem, setattr, creation, conversion, foreign
    path: str  # name within that kind: "add.reduce", "linalg.norm", "astype"
    args: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()
    changes: int | None = None  # input that is changed in place
    exact: bool = field(
        default=False, repr=False
    )  # recorded by this process: done again, it is equal to the bit

    def __getstate__(self) -> dict[str, Any]:
        kept = {"args": _without_functions(self.args), "keywords": _without_functions(self.keywords)}
        return {**self.__dict__, **kept, "exact": False}


def _without_functions(template: Any) -> Any:
    if isinstance(template, tuple | list):
        return type(template)(map(_without_functions, template))
    function = callable(template) and not isinstance(template, type)
    return Opaque(getattr(template, "__name__", "")) if function else template


@set_at_once
@dataclass(frozen=True, eq=False)
class Operation:
    """One numpy call: numpy's own name, what went in and what came out, and the source that asked for it."""

    number: int  # from 0, its place in Trace.operations
    operation: str  # numpy's own name: "matmul", "add", "add.reduce", "setitem"
    expression: str  # source text of the sub-expression
    inputs: tuple[Value, ...]
    output: Value
    source: Source
    parameters: tuple[tuple[str, Any], ...] = ()  # plain data: axis, keepdims, subscripts, method ...
    more: tuple[Value, ...] = ()  # further outputs of a call that has several: `a, b = np.split(x, 2)`
    call: Call | None = None

    @property
    def in_place(self) -> bool:
        """Whether it changed an array that was there before."""
        return self.output.before is not None


@dataclass(frozen=True)
class Number:
    """A number that the run computed in Python's own floats, beside its arrays: `rate = lr * decay`, `loss < 0.1`.

    No operation: it says where a number comes from that operations, or the run's way through its code, depend on.
    """

    name: str  # that it was given, "rate"; "" where it goes on without one
    expression: str
    value: complex  # a float, an int, or the truth that an `if` was asked for
    source: Span  # of the expression
    before: int  # operations that were recorded before it was first computed


@dataclass(frozen=True)
class Failure:
    """Why a recorded function stopped half-way: the failing expression and the shapes in conflict."""

    message: str
    source: Source | None
    inputs: tuple[Value, ...] = ()
    operation: str = ""


@dataclass(frozen=True)
class Coverage:
    """How much of what a run did to arrays is in its trace, in operations."""

    made: int = 0  # by the run, as far as anybody can tell
    recorded: int = 0  # are in the trace
    replayed: int = 0  # `Trace.check` does again and compares
    foreign: int = 0  # done by code that is not watched: their results are taken on trust
    unseen: int = 0  # changes and arrays that were found later: nobody saw who made them
    names: tuple[str, ...] = ()  # of what was unseen

    @property
    def trusted(self) -> int:
        """Recorded operations that cannot be done again: foreign ones, random numbers, what a file gave."""
        return self.recorded - self.replayed

    @property
    def complete(self) -> bool:
        """Whether everything that the run did to arrays is recorded, and proved."""
        return self.made == self.recorded == self.replayed

    def __str__(self) -> str:
        words = (
            f"{self.made} made, {self.recorded} recorded, {self.replayed} replayed, {self.foreign} foreign"
        )
        names = f" ({', '.join(self.names[:5])})" if self.names else ""
        return f"{words}, {self.unseen} unseen{names}"


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """All operations of one run of `function`, in order, with the sources they came from."""

    function: str
    operations: tuple[Operation, ...]
    sources: tuple[SourceFile, ...]
    inputs: tuple[Value, ...] = ()  # the arguments of the function
    results: tuple[int, ...] = ()  # ids of what the function returned
    failure: Failure | None = None
    returned: tuple[Value, ...] = ()  # the values of `results`, with their names
    coverage: Coverage = field(default_factory=Coverage)
    numbers: tuple[Number, ...] = ()  # each name, expression and value once, in order
    scene: str = ""  # name of the built-in scene that can tell it, where one recorded it

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations)

    def __repr__(self) -> str:
        count = len(self.operations)
        return f"<Trace of {self.function}: {count} operation{'' if count == 1 else 's'}>"

    def _repr_html_(self) -> str:
        """The trace as a notebook shows it; see `mnistviz.trace.html`."""
        from mnistviz.trace.html import as_html

        return as_html(self)

    def __len__(self) -> int:
        return len(self.operations)

    def check(self) -> int:
        """Replay every operation from its recorded inputs; see `mnistviz.trace.replay.check`.

        Returns how many operations are taken on trust, since they cannot be done again.
        """
        from mnistviz.trace.replay import check

        return check(self)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the trace to an `npz` file; see `mnistviz.trace.saved.store.save`."""
        from mnistviz.trace.saved.store import save

        save(self, path)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Trace:
        """Read a trace that `save` wrote; an untrusted file runs nothing."""
        from mnistviz.trace.saved.store import load

        return load(path)

    def source_file(self, name: str) -> SourceFile:
        """The recorded source file of that name; `KeyError` where the trace has none."""
        return {source.name: source for source in self.sources}[name]

    def making(self, name: str, nth: int = 0) -> Operation:
        """The `nth` operation whose output is called `name`: the last step of the statement that assigns it.

        Raises `InputError` where the run made no such array that often.
        """
        found = [operation for operation in self.operations if operation.output.name == name]
        try:
            return found[nth]
        except IndexError:
            raise InputError(f"no array named {name!r} is made {nth + 1} times", self.function) from None
