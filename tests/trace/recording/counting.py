"""Two oracles: what a program's own lines do to arrays, counted without the recorder, in runs of their own.

`calls` listens to Python's CALL events (3.12 and later) and knows of each call into numpy.  `operators` gives
the program arrays of a subclass and hears every operator, ufunc, function, method, reading and writing that
reaches one.  Neither sees all: the first no operators, the second no array of another type.
"""

from __future__ import annotations

import ast
import collections
import dis
import functools
import itertools
import operator
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mnistviz.trace.model import Operation, Trace
from tests.trace.recording.running import Program

Place = tuple[int, int, int, int]  # first line, first column, last line, last column, in characters


@dataclass(frozen=True)
class Event:
    """One thing that a line did to arrays: numpy's name of it, and the expression that asked for it."""

    file: str
    place: Place
    name: str
    kind: str  # call, operator, getitem, setitem, attribute, iteration, driven


# Of numpy, but nothing that computes with arrays: states, settings, types, iterators, texts.
NOT_ON_ARRAYS = frozenset([
    "RandomState", "array2string", "array_repr", "array_str", "default_rng", "dtype", "errstate", "finfo",
    "get_printoptions", "get_state", "iinfo", "isscalar", "ndenumerate", "ndindex", "nditer", "printoptions",
    "save", "savetxt", "savez", "savez_compressed", "seed", "set_printoptions", "set_state", "seterr", "spawn",
    "NumpyVersion", "iternext", "setflags", "parse", "may_share_memory",
    "shares_memory", "__enter__", "__exit__", "load",
])  # fmt: skip


class Lines:
    """The expressions of a file by where they end, to know which one an instruction belongs to."""

    def __init__(self, file: str) -> None:
        text = Path(file).read_bytes()
        self.lines = [line.decode() for line in text.splitlines(keepends=True)]
        tree = ast.parse(text)
        self.calls = {
            (node.end_lineno, node.end_col_offset): node
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
        }
        self.loops = {self._whole(node): self._iterables(node, foreign=False) for node in ast.walk(tree)}
        self.iterated = {self._whole(node): self._iterables(node, foreign=True) for node in ast.walk(tree)}

    def characters(self, line: int, column: int) -> int:
        """A column in characters, of one in bytes of UTF-8."""
        return len(self.lines[line - 1].encode()[:column].decode())

    def place(self, positions: Any) -> Place | None:
        """The instruction's place; None where Python knows none."""
        first, last, left, right = positions
        if None in positions:
            return None
        return first, self.characters(first, left), last, self.characters(last, right)

    def call(self, positions: Any) -> Place | None:
        """The whole of the call that an instruction makes; None for what is not written as a call."""
        node = self.calls.get((positions[1], positions[3]))
        return node and self._whole(node)

    def called(self, positions: Any) -> str:
        """The last name of what is called there: "dot" of `np.dot(a, b)`."""
        function = self.calls[positions[1], positions[3]].func
        return str(getattr(function, "attr", getattr(function, "id", "")))

    def _whole(self, node: Any) -> Place | None:
        if not hasattr(node, "end_lineno"):
            return None
        return self.place((node.lineno, node.end_lineno, node.col_offset, node.end_col_offset))

    def _iterables(self, node: Any, foreign: bool) -> list[Place | None]:
        clauses = [node] if isinstance(node, ast.For | ast.AsyncFor) else getattr(node, "generators", [])
        return [self._whole(one.iter) for one in clauses if foreign or not self._is_foreign(one.iter)]

    def _is_foreign(self, iterable: Any) -> bool:
        """Whether a function in C goes through arrays for the loop: `itertools.groupby(x)`, `map(f, x)`."""
        called = getattr(iterable, "func", None)
        if called is None:
            return False
        return getattr(called, "attr", "") in dir(itertools) or getattr(called, "id", "") in ("map", "filter")


@functools.lru_cache
def lines_of(file: str) -> Lines:
    return Lines(file)


@functools.lru_cache(maxsize=4096)
def _positions(code: types.CodeType) -> list[Any]:
    return list(code.co_positions())


def numpy_name(function: Any) -> str | None:
    """Numpy's own name of a function or method of numpy; None for what is not numpy's."""
    if isinstance(function, np.ufunc):
        return function.__name__
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{owner.__name__}.{function.__name__}"
    if isinstance(owner, np.ndarray | np.generic | np.random.Generator | np.random.RandomState):
        return str(getattr(function, "__name__", "")) if _is_numpys(type(owner)) else None
    kind = getattr(function, "__objclass__", None)
    if kind is not None:
        return (
            str(function.__name__)
            if issubclass(kind, np.ndarray | np.generic | np.random.Generator)
            else None
        )
    if isinstance(function, type) or not _is_numpys(function):
        return None
    return str(getattr(function, "__name__", "")) or None


def _is_numpys(one: Any) -> bool:
    return str(getattr(one, "__module__", None) or "").split(".")[0] == "numpy"


def calls(program: Program) -> list[Event]:
    """Every call into numpy that the program's own lines make, by Python's CALL events."""
    monitoring = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
    heard: list[tuple[types.CodeType, int, Any]] = []

    def hear(code: types.CodeType, offset: int, function: Any, first: Any) -> Any:
        if code.co_filename not in program.files:
            return monitoring.DISABLE
        heard.append((code, offset, function))
        return None

    def forget(code: types.CodeType, offset: int, function: Any, first: Any) -> Any:
        if code.co_filename in program.files:
            heard.reverse()
            heard.remove((code, offset, function))
            heard.reverse()

    monitoring.use_tool_id(3, "calls")
    try:
        monitoring.register_callback(3, monitoring.events.CALL, hear)
        monitoring.register_callback(3, monitoring.events.C_RAISE, forget)  # what fails gives nothing
        monitoring.set_events(3, monitoring.events.CALL)
        program.module.step(*program.arguments)
    finally:
        monitoring.set_events(3, 0)
        monitoring.free_tool_id(3)
        monitoring.restart_events()
    return [event for one in heard for event in _call_event(*one)]


def _call_event(code: types.CodeType, offset: int, function: Any) -> Iterator[Event]:
    name = numpy_name(function)
    if name is None or name.rpartition(".")[2] in NOT_ON_ARRAYS:
        return
    place = lines_of(code.co_filename).call(_positions(code)[offset // 2])
    if place is not None:  # a method that `with` or `for` calls is no call of the source
        kind = "driven" if isinstance(function, np.vectorize) or _is_made(function) else "call"
        yield Event(code.co_filename, place, name, kind)


def _is_made(function: Any) -> bool:
    """Whether it is a ufunc that the program made (`np.frompyfunc`), or the calling of one."""
    if isinstance(function, types.MethodWrapperType):
        return True
    return isinstance(function, np.ufunc) and vars(np).get(function.__name__) is not function


ACTS = (
    "BINARY",
    "CALL",
    "COMPARE_OP",
    "CONTAINS_OP",
    "FOR_ITER",
    "LOAD_ATTR",
    "LIST_EXTEND",
    "DICT_UPDATE",
    "STORE",
    "UNARY",
    "UNPACK",
    "LOAD_METHOD",
)


def executed(program: Program) -> collections.Counter[tuple[str, Place]]:
    """How often each expression of the program's lines did something, by Python's INSTRUCTION events."""
    monitoring = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
    counts: collections.Counter[tuple[types.CodeType, int]] = collections.Counter()

    def hear(code: types.CodeType, offset: int) -> Any:
        if code.co_filename not in program.files:
            return monitoring.DISABLE
        counts[code, offset] += 1
        return None

    monitoring.use_tool_id(3, "executed")
    try:
        monitoring.register_callback(3, monitoring.events.INSTRUCTION, hear)
        monitoring.set_events(3, monitoring.events.INSTRUCTION)
        program.module.step(*program.arguments)
    finally:
        monitoring.set_events(3, 0)
        monitoring.free_tool_id(3)
        monitoring.restart_events()
    places: collections.Counter[tuple[str, Place]] = collections.Counter()
    for (code, offset), count in counts.items():
        for place in _acting_places(code, offset):
            places[code.co_filename, place] += count * _several(code, offset)
    return places


def _several(code: types.CodeType, offset: int) -> int:
    """How many things an instruction may do at once: unpack an array, take rows of all that `zip` goes through."""
    name = dis.opname[code.co_code[offset]]
    return 9 if name == "FOR_ITER" else 99 if name.startswith(("UNPACK", "LIST_EXTEND", "DICT_UPDATE")) else 1


def _acting_places(code: types.CodeType, offset: int) -> list[Any]:
    name = dis.opname[code.co_code[offset]]
    if not name.startswith(ACTS) or name in ("STORE_FAST", "STORE_NAME"):
        return []
    lines, positions = lines_of(code.co_filename), _positions(code)[offset // 2]
    place = (lines.call(positions) if name.startswith("CALL") else None) or lines.place(positions)
    # Python 3.12 places a pass at the whole loop, later ones at what it goes through.
    return [place, *lines.iterated.get(place, [])] if place is not None else []


# The other oracle


class Counted(np.ndarray):
    """An array that tells of everything that is done to it."""

    heard: list[Event] = []
    files: frozenset[str] = frozenset()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **keywords: Any) -> Any:
        result = getattr(ufunc, method)(*plain(inputs), **plain(keywords))
        _hear(ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}", "call")
        out = keywords.get("out")
        if isinstance(out, tuple) and all(isinstance(one, np.ndarray) for one in out):
            return out[0] if len(out) == 1 else out
        return counted(result)

    def __array_function__(self, function: Any, kinds: Any, args: Any, keywords: Any) -> Any:
        result = function(*plain(args), **plain(keywords))
        _hear(function.__name__, "call")
        return keywords["out"] if isinstance(keywords.get("out"), np.ndarray) else counted(result)

    def __getitem__(self, index: Any) -> Any:
        result = plain(self)[plain(index)]
        _hear("getitem", "getitem")
        return counted(result)

    def __setitem__(self, index: Any, value: Any) -> None:
        plain(self)[plain(index)] = plain(value)
        _hear("setitem", "setitem")

    def __contains__(self, value: Any) -> bool:
        result = plain(value) in plain(self)
        _hear("contains", "operator")
        return result

    def __iter__(self) -> Iterator[Any]:
        for row in plain(self):
            _hear("getitem", "iteration")
            yield counted(row)


def plain(value: Any) -> Any:
    """The same without arrays that count."""
    if isinstance(value, Counted):
        return value.view(np.ndarray)
    if type(value) is list or type(value) is tuple:  # not `in`: a kind may have an `==` of its own
        return type(value)(map(plain, value))
    if type(value) is dict:
        return {key: plain(one) for key, one in value.items()}
    if type(value) is slice:
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    return value


def counted(value: Any) -> Any:
    """The same with arrays that count."""
    if type(value) is np.ndarray:
        return value.view(Counted)
    if type(value) is list or type(value) is tuple:
        return type(value)(map(counted, value))
    if isinstance(value, tuple) and hasattr(value, "_make"):
        return value._make(map(counted, value))
    if type(value) is dict:
        return {key: counted(one) for key, one in value.items()}
    return value


def _hear(name: str, kind: str) -> None:
    """Write down what was done, where the program's own line asked for it.

    What a function in C does that the line calls (`sum`, `map`, `rng.shuffle`) is driven by that call.
    """
    frame: Any = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    if frame is None or frame.f_code.co_filename not in Counted.files or _tail(name) in NOT_ON_ARRAYS:
        return
    code = frame.f_code
    positions, lines = _positions(code)[frame.f_lasti // 2], lines_of(code.co_filename)
    call = (
        lines.call(positions)
        if _opname(code.co_code, frame.f_lasti).startswith(("CALL", "PRECALL"))
        else None
    )
    does = _opname(code.co_code, frame.f_lasti)
    if does == "FOR_ITER":  # `for v in reversed(x)`, `for v in map(np.sum, x)`
        kind = "iteration" if name == "getitem" else "driven"
    elif does.startswith(("UNPACK", "LIST_EXTEND")) and kind != "iteration":  # `a, b = map(np.sum, x)`
        kind = "driven"
    elif call is not None:
        kind = "call" if kind == "call" and _tail(lines.called(positions)) == _tail(name) else "driven"
    elif kind == "call":
        kind = "operator"  # a ufunc may be an operator's: `np.float64(2) * x`
    place = call or lines.place(positions)
    if kind == "iteration" and lines.loops.get(place) == []:
        return
    if place is not None and (kind, name) != (
        "driven",
        "getitem",
    ):  # what C goes through is no one's operation
        Counted.heard.append(Event(code.co_filename, place, name, kind))


def _opname(instructions: bytes, offset: int) -> str:
    while dis.opname[instructions[offset]] == "CACHE":  # a frame may stand on what belongs to the instruction
        offset -= 2
    return dis.opname[instructions[offset]]


OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "power", "matmul": "matmul", "lshift": "left_shift", "rshift": "right_shift",
    "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "divmod": "divmod",
}  # fmt: skip
COMPARISONS = {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal",
}  # fmt: skip
UNARY = {"neg": "negative", "pos": "positive", "abs": "absolute", "invert": "invert"}
METHODS = [
    "all", "any", "argmax", "argmin", "argpartition", "argsort", "astype", "choose", "clip", "compress", "conj",
    "copy", "cumprod", "cumsum", "diagonal", "dot", "fill", "flatten", "max", "mean", "min", "nonzero",
    "partition", "prod", "put", "ravel", "repeat", "reshape", "round", "searchsorted", "sort", "squeeze", "std",
    "sum", "swapaxes", "take", "trace", "transpose", "var",
]  # fmt: skip


def answers(other: Any) -> bool:
    """Whether an object takes the operators of arrays over: what it computes is counted where it does."""
    asked = getattr(type(other), "__array_ufunc__", ...)
    return asked is None or isinstance(asked, types.FunctionType)


def _operator(short: str, name: str, kind: str = "operator") -> Callable[..., Any]:
    run = getattr(operator, f"__{short}__", None) or divmod

    def act(self: Any, *others: Any) -> Any:
        given = plain(others)
        result = run(plain(self), *given)
        if isinstance(result, np.ndarray | np.generic) and not any(map(answers, given)):  # nor a Series
            _hear(name, kind)
        return counted(result)

    return act


def _reflected(short: str, name: str) -> Callable[..., Any]:
    run = getattr(operator, f"__{short}__", None) or divmod

    def act(self: Any, other: Any) -> Any:
        result = run(plain(other), plain(self))
        _hear(name, "operator")
        return counted(result)

    return act


def _update(short: str, name: str) -> Callable[..., Any]:
    run = getattr(operator, f"__i{short}__")

    def act(self: Any, other: Any) -> Any:
        run(plain(self), plain(other))
        _hear(name, "operator")
        return self

    return act


def _method(name: str) -> Callable[..., Any]:
    def act(self: Any, *args: Any, **keywords: Any) -> Any:
        result = getattr(plain(self), name)(*plain(args), **plain(keywords))
        _hear(name, "call")
        return keywords["out"] if isinstance(keywords.get("out"), np.ndarray) else counted(result)

    return act


def _attribute(name: str, numpys: str) -> property:
    def act(self: Any) -> Any:
        _hear(numpys, "attribute")
        return counted(getattr(plain(self), name))

    return property(act, lambda self, value: setattr(plain(self), name, plain(value)))


def _equip() -> None:
    for short, name in OPERATORS.items():
        setattr(Counted, f"__{short}__", _operator(short, name))
        setattr(Counted, f"__r{short}__", _reflected(short, name))
        if short != "divmod":
            setattr(Counted, f"__i{short}__", _update(short, name))
    for short, name in {**COMPARISONS, **UNARY}.items():
        setattr(Counted, f"__{short}__", _operator(short, name))
    for name in METHODS:
        setattr(Counted, name, _method(name))
    for name, numpys in {"T": "transpose", "mT": "matrix_transpose", "real": "real", "imag": "imag"}.items():
        setattr(Counted, name, _attribute(name, numpys))


_equip()
MAKERS = [
    "arange", "array", "asarray", "ascontiguousarray", "asfortranarray", "empty", "eye", "fromiter", "full",
    "identity", "linspace", "ones", "tri", "zeros",
]  # fmt: skip


class CountingNumpy(types.ModuleType):
    """Numpy, whose makers of arrays make arrays that count."""

    def __init__(self) -> None:
        super().__init__("numpy")
        self.makers = {name: _maker(getattr(np, name)) for name in MAKERS}

    def __getattr__(self, name: str) -> Any:
        return self.makers.get(name) or getattr(np, name)


def _maker(make: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(make)
    def made(*args: Any, **keywords: Any) -> Any:
        return counted(make(*args, **keywords))

    return made


def operators(program: Program) -> list[Event]:
    """Everything that the program's own lines do to arrays of a subclass."""
    numpy = CountingNumpy()
    makers = {getattr(np, name): made for name, made in numpy.makers.items()}
    for module in program.modules.values():
        for name, value in list(vars(module).items()):
            if value is np:
                setattr(module, name, numpy)
            elif isinstance(value, types.BuiltinFunctionType | types.FunctionType) and value in makers:
                setattr(module, name, makers[value])
            elif not name.startswith("__"):
                setattr(module, name, _reach(value, set(program.modules)))
    Counted.heard, Counted.files = [], program.files
    try:
        program.module.step(*counted(program.arguments))
    finally:
        Counted.files = frozenset()
    return Counted.heard


def _reach(value: Any, modules: set[str]) -> Any:
    """A global with arrays that count in it, and in the attributes of the program's objects."""
    if type(value).__module__ in modules and type(getattr(value, "__dict__", None)) is dict:
        for key, one in list(vars(value).items()):
            vars(value)[key] = _reach(one, modules)
        return value
    if type(value) in (list, tuple):
        return type(value)(_reach(one, modules) for one in value)
    return counted(value)


# Holding a trace against an oracle


def missing(trace: Trace, events: list[Event]) -> list[str]:
    """The events that no operation of the trace stands for, in words; each operation stands for one."""
    short = {source.path: source.name for source in trace.sources}
    left = list(trace.operations)
    lost = []
    for exact in (True, False):
        rest = []
        for event in events:
            found = next((one for one in left if _stands_for(one, event, short, exact)), None)
            if found is None:
                rest.append(event)
            elif event.kind != "driven":
                left.remove(found)
        events = rest
    for event in events:
        first, left_column, *_ = event.place
        lost.append(f"{Path(event.file).name}:{first}:{left_column} {event.name} ({event.kind})")
    return lost


SYNONYMS = {"conjugate": "conj", "T": "transpose", "abs": "absolute"}


def _stands_for(one: Operation, event: Event, short: dict[str, str], exact: bool) -> bool:
    span = one.source.expression
    if span.file != short.get(event.file):
        return False
    if event.kind != "driven" and _tail(one.operation) != _tail(event.name):
        return False
    place = (span.first_line, span.first_column, span.last_line, span.last_column)
    if (
        event.kind == "iteration" or event.place in lines_of(event.file).loops
    ):  # Python places it at the whole loop, or at what is unpacked into
        around = lines_of(event.file).loops.get(event.place) or [event.place]
        return any(_within(place, one) or _within(one, place) for one in around if one is not None)
    return place == event.place if exact else _within(event.place, place)


def _tail(name: str) -> str:
    tail = name.rpartition(".")[2]
    return SYNONYMS.get(tail, tail)


def _within(inner: Place, outer: Place) -> bool:
    return outer[:2] <= inner[:2] and inner[2:] <= outer[2:]


def made_up(trace: Trace, counts: collections.Counter[tuple[str, Place]]) -> list[str]:
    """The operations of the trace for which nothing was executed, in words."""
    paths = {source.name: source.path for source in trace.sources}
    found: collections.Counter[tuple[str, Place, bool]] = collections.Counter()
    for one in trace:
        span = one.source.expression
        place = (span.first_line, span.first_column, span.last_line, span.last_column)
        found[paths[span.file], place, one.operation == "setitem"] += 1
    lost = []
    for (file, place, stores), count in found.items():
        held = _within if stores else _stored_in  # `y = x[0] = z[1] = v` stores in several places
        done = sum(n for (f, p), n in counts.items() if f == file and (p == place or held(p, place)))
        if count > done:
            lost.append(f"{Path(file).name}:{place} {count} times")
    return lost


def _stored_in(target: Place, statement: Place) -> bool:
    """Whether a place begins a statement: the target of `x[i] = v`."""
    return target[:2] == statement[:2] and target[2:] <= statement[2:]
