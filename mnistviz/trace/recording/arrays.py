"""The array that records: it behaves as the numpy array it holds and tells the recorder what it is asked.

`__array_ufunc__` and `__array_function__` bring every numpy call here; operators, methods, indexing and
attributes are passed on by name.  Operators do what Python's own would do to the arrays, not what the
ufunc of the same name does: numpy squares for `x ** 2`, and a scalar is rounded by other code.
After the run it computes on and records nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mnistviz.trace.memory import Snapshot
    from mnistviz.trace.recording.recorder import Recorder

# Attributes that describe an array and compute nothing.
PLAIN = frozenset(
    [
        "shape",
        "dtype",
        "ndim",
        "size",
        "nbytes",
        "itemsize",
        "strides",
        "flags",
        "__array_priority__",
        "device",
        "__array_namespace__",
    ]
)
# Python's operators under numpy's own names.
BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "power", "matmul": "matmul", "lshift": "left_shift", "rshift": "right_shift",
    "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor",
}  # fmt: skip
COMPARISONS = {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal",
}  # fmt: skip
UNARY = {"neg": "negative", "pos": "positive", "abs": "absolute", "invert": "invert"}
COMPUTED = {"T": "transpose", "mT": "matrix_transpose", "real": "real", "imag": "imag"}
RAW = frozenset(["data", "ctypes", "flat", "base", "__array_interface__", "__array_struct__"])


class RecordingArray:
    """A numpy array or scalar under recording."""

    __slots__ = ("__weakref__", "_raw", "_recorder", "_snapshot")
    _raw: Any
    _recorder: Recorder
    _snapshot: Snapshot | None  # of what it held when it was last looked at

    def __init__(self, raw: Any, recorder: Recorder, snapshot: Snapshot | None) -> None:
        object.__setattr__(self, "_raw", raw)
        object.__setattr__(self, "_recorder", recorder)
        object.__setattr__(self, "_snapshot", snapshot)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """Taught code may ask `isinstance(x, np.ndarray)`."""
        return type(self._raw)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        return self._recorder.ufunc(ufunc, method, inputs, keywords)

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        return self._recorder.function(function, args, keywords)

    def __getattr__(self, name: str) -> Any:
        if name in PLAIN:
            return getattr(self._raw, name)
        if name in COMPUTED:
            return self._recorder.attribute(self, name, COMPUTED[name])
        if name in RAW:
            return self._recorder.raw_access(self, name)
        if name.startswith("__"):
            raise AttributeError(name)
        method = getattr(type(self._raw), name)  # raises the AttributeError that numpy would raise
        if not callable(method):
            return getattr(self._raw, name)
        return lambda *args, **keywords: self._recorder.method(self, name, args, keywords)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_snapshot":
            object.__setattr__(self, name, value)
            return
        self._recorder.set_attribute(self, name, value)

    def __getitem__(self, index: Any) -> Any:
        return self._recorder.getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        self._recorder.setitem(self, index, value)

    def __iter__(self) -> Iterator[Any]:
        if not self._raw.ndim:
            raise TypeError("iteration over a 0-d array")
        return (self._recorder.iterate(self, row) for row in range(len(self._raw)))

    def __len__(self) -> int:
        return len(self._raw)

    def __contains__(self, item: Any) -> bool:
        return bool((self == item).any())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self._recorder.conversion(self, dtype, copy)

    def __float__(self) -> float:
        return float(self._recorder.scalar(self, "float"))

    def __int__(self) -> int:
        return int(self._recorder.scalar(self, "int"))

    def __complex__(self) -> complex:
        return complex(self._recorder.scalar(self, "complex"))

    def __round__(self, digits: int | None = None) -> Any:
        if digits is None:
            return round(self._recorder.scalar(self, "int", round))
        return self.round(digits)

    def __bool__(self) -> bool:  # steers the run, makes no value: not an operation
        return bool(self._raw)

    def __index__(self) -> int:
        return operator.index(self._raw)

    def __hash__(self) -> int:
        return hash(self._raw)

    def __repr__(self) -> str:
        return repr(self._raw)

    def __str__(self) -> str:
        return str(self._raw)

    def __format__(self, form: str) -> str:
        return format(self._raw, form)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def __reduce__(self) -> Any:
        return self._raw.__reduce__()


def _forward(name: str, run: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: self._recorder.operator(name, run, (self, other))


def _reflected(name: str, run: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: self._recorder.operator(name, run, (other, self))


def _in_place(name: str, run: Callable[..., Any], plain: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: self._recorder.update(name, run, plain, (self, other))


def _unary(name: str, run: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda self: self._recorder.operator(name, run, (self,))


def _fill() -> None:
    for short, name in BINARY.items():
        run = getattr(operator, f"__{short}__")
        setattr(RecordingArray, f"__{short}__", _forward(name, run))
        setattr(RecordingArray, f"__r{short}__", _reflected(name, run))
        setattr(RecordingArray, f"__i{short}__", _in_place(name, getattr(operator, f"__i{short}__"), run))
    for short, name in COMPARISONS.items():
        setattr(RecordingArray, f"__{short}__", _forward(name, getattr(operator, short)))
    for short, name in UNARY.items():
        setattr(RecordingArray, f"__{short}__", _unary(name, getattr(operator, f"__{short}__")))
    for name in ("__divmod__", "__rdivmod__"):
        wrap = _reflected if name == "__rdivmod__" else _forward
        setattr(RecordingArray, name, wrap("divmod", divmod))


_fill()
