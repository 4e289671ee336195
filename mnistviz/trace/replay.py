"""The film proves itself: every operation of a trace is done again from its recorded inputs.

In the process that recorded, results are equal to the bit; after loading elsewhere to 1e-12 relative,
since another machine's BLAS may round differently.
"""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from mnistviz.errors import InputError, VerifyError
from mnistviz.operations import UNWRITTEN
from mnistviz.trace.memory import Array, copied, same_bits
from mnistviz.trace.model import Call, Opaque, Operand, Operation, Trace, Value
from mnistviz.trace.source.text import read_text

RELATIVE = 1e-12
# Of a loaded trace nothing else is called: no function that reads, writes, calls back, sets how numpy works,
# or may take for ever.  Numpy's functions that take arrays are known by their type.
CREATIONS = frozenset([
    "arange", "array", "asanyarray", "asarray", "asarray_chkfinite", "ascontiguousarray", "asfortranarray",
    "bartlett", "blackman", "broadcast_shapes", "diag_indices", "empty", "eye", "fft.fftfreq", "fft.rfftfreq",
    "frombuffer", "fromiter", "full", "hamming", "hanning", "identity", "indices", "kaiser", "ones", "tri",
    "tril_indices", "triu_indices", "zeros",
])  # fmt: skip
FORBIDDEN = frozenset([
    "apply_along_axis", "apply_over_axes", "piecewise", "save", "savez", "savez_compressed", "savetxt",
    "shares_memory",
])  # fmt: skip
METHODS = frozenset([
    "all", "any", "argmax", "argmin", "argpartition", "argsort", "astype", "byteswap", "choose", "clip",
    "compress", "conj", "conjugate", "copy", "cumprod", "cumsum", "diagonal", "dot", "fill", "flatten",
    "getfield", "item", "max", "mean", "min", "nonzero", "partition", "prod", "put", "ravel", "repeat",
    "reshape", "resize", "round", "searchsorted", "setfield", "sort", "squeeze", "std", "sum", "swapaxes",
    "take", "tobytes", "tolist", "trace", "transpose", "var", "view",
])  # fmt: skip
UFUNC_METHODS = frozenset(["accumulate", "at", "outer", "reduce", "reduceat"])
# Their numbers are no lengths.
DATA = frozenset([
    "all", "allclose", "amax", "amin", "any", "argmax", "argmin", "argsort", "array", "array_equal", "asanyarray",
    "asarray", "atleast_1d", "atleast_2d", "average", "block", "column_stack", "concatenate", "convolve", "corrcoef",
    "correlate", "count_nonzero", "cov", "cross", "cumprod", "cumsum", "diff", "digitize", "dot", "dstack", "flip",
    "gradient", "hstack", "inner", "interp", "isclose", "isin", "linalg.det", "linalg.inv", "linalg.matrix_rank",
    "linalg.norm", "linalg.solve", "max", "mean", "median", "min", "nanmax", "nanmean", "nanmin", "nansum", "nonzero",
    "percentile", "poly", "polyadd", "polyfit", "polymul", "polyval", "prod", "ptp", "quantile", "ravel", "roots",
    "searchsorted", "sort", "squeeze", "stack", "std", "sum", "transpose", "trapezoid", "unique", "var", "vstack",
])  # fmt: skip
CROSSED = frozenset(["kron", "meshgrid", "outer"])  # make a cell of each number with each other one
NO_LENGTHS = (Operand, bool, int, float, complex)  # operands beside an array
NUMERIC = "biufc"  # kinds of arrays of numbers
MOST_ELEMENTS = 2**22  # that a call may ask for beyond what it was recorded with
OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "floor_divide": operator.floordiv, "remainder": operator.mod, "power": operator.pow,
    "matmul": operator.matmul, "left_shift": operator.lshift, "right_shift": operator.rshift,
    "bitwise_and": operator.and_, "bitwise_or": operator.or_, "bitwise_xor": operator.xor,
    "less": operator.lt, "less_equal": operator.le, "greater": operator.gt, "greater_equal": operator.ge,
    "equal": operator.eq, "not_equal": operator.ne, "negative": operator.neg, "positive": operator.pos,
    "absolute": operator.abs, "invert": operator.invert, "divmod": divmod, "contains": operator.contains,
}  # fmt: skip
IN_PLACE: dict[str, Callable[..., Any]] = {
    "add": operator.iadd, "subtract": operator.isub, "multiply": operator.imul, "divide": operator.itruediv,
    "floor_divide": operator.ifloordiv, "remainder": operator.imod, "power": operator.ipow,
    "matmul": operator.imatmul, "left_shift": operator.ilshift, "right_shift": operator.irshift,
    "bitwise_and": operator.iand, "bitwise_or": operator.ior, "bitwise_xor": operator.ixor,
}  # fmt: skip


def _set_flat(array: Array, place: Any, value: Any) -> None:
    array.flat[place] = value


FLAT: dict[str, Callable[..., Any]] = {
    "flat.getitem": lambda array, place: array.flat[place], "flat.setitem": _set_flat,
}  # fmt: skip
GRIDS: dict[str, Callable[..., Any]] = {
    "mgrid": np.mgrid.__getitem__, "ogrid": np.ogrid.__getitem__, "r_": np.r_.__getitem__,
    "c_": np.c_.__getitem__,
}  # fmt: skip
CONVERSIONS: dict[str, Callable[..., Any]] = {
    "float": float, "int": int, "complex": complex, "round": round, "asarray": np.array,
}  # fmt: skip


def check(trace: Trace) -> int:
    """Replay every operation and compare; sources must be as recorded and each id must mean one array.

    Returns how many operations are taken on trust: those of other code than numpy's, random numbers, what a
    file gave.  Raises `VerifyError` naming the first operation that differs.
    """
    _check_sources(trace)
    _check_single_assignment(trace)
    return sum(not _check_operation(operation) for operation in trace.operations)


def _check_sources(trace: Trace) -> None:
    for source in trace.sources:
        if not source.path or source.path.startswith("<"):
            continue  # loaded from a trace's file, or never in a file: there is nothing to compare with
        if read_text(source.path) not in ("", source.text):  # one that is there no more says nothing
            raise VerifyError("the source changed since it was recorded", source.name, "record it again")


def _check_single_assignment(trace: Trace) -> None:
    made: dict[int, Array] = {value.id: value.value for value in trace.inputs}
    for operation in trace.operations:
        for value in operation.inputs:
            if not same_bits(made.setdefault(value.id, value.value), value.value):
                raise VerifyError(f"array {value.id} has two contents", _where(operation), "record it again")
        for value in (operation.output, *operation.more):
            if value.id in made:
                raise VerifyError(f"array {value.id} is made twice", _where(operation), "record it again")
            made[value.id] = value.value


def _check_operation(operation: Operation) -> bool:
    """Whether the operation could be done again; `VerifyError` where it gives something else."""
    call = operation.call
    if call is None or not repeatable(call):
        return False
    given = [value.value for value in operation.inputs]
    found = _difference(operation, call, given)
    if found:
        joined = _joined(given)
        found = _difference(operation, call, joined) if joined else found
    if found:
        what = f"operation {operation.number} ({operation.expression}) {found}"
        raise VerifyError(what, _where(operation), "record it again")
    return True


def _difference(operation: Operation, call: Call, given: list[Array]) -> str:
    """How the outputs computed again from `given` differ from those recorded; "" where they do not."""
    try:
        results = replay(operation, given)
    except InputError:
        raise
    except Exception as error:
        return f"cannot be replayed: {error}"
    pairs = zip(results, (operation.output, *operation.more), strict=True)
    different = [(got, value) for got, value in pairs if not _equal(got, value, call)]
    return f"does not replay: {_both(*different[0])}" if different else ""


def _joined(given: list[Array]) -> list[Array]:
    """A matrix and its transpose in the same memory, where they are that: BLAS goes another way for `x.T @ x`."""
    if len(given) != 2 or min(one.ndim for one in given) < 2:
        return []
    first, second = given
    turned = first.swapaxes(-1, -2)
    return [first, turned] if turned.shape == second.shape and same_bits(turned, second) else []


def repeatable(call: Call) -> bool:
    """Whether a call gives the same values each time, from its inputs alone."""
    if call.kind in ("foreign", "setattr") or call.path.startswith("random."):
        return False
    if call.path.rpartition(".")[2] in UNWRITTEN:
        return False
    return not any(map(_opaque, call.args)) and not any(_opaque(one) for _, one in call.keywords)


def replay(operation: Operation, inputs: Sequence[Array] | None = None) -> list[Array]:
    """The outputs of an operation, computed again from its recorded inputs, or others in their place."""
    call = operation.call
    if call is None:
        raise InputError(f"operation {operation.number} has no call to replay", _where(operation))
    if not call.exact:
        _check_bounded(operation, call)
    outputs = [operation.output, *operation.more]
    given: list[Any] = list(inputs or (value.value for value in operation.inputs))
    kept = [_writable(value.before) for value in outputs if value.before is not None]
    if call.changes is not None and kept:
        given[call.changes] = kept[0]
    keywords = {key: _fill(one, given) for key, one in call.keywords}
    if call.path == "resize":
        keywords["refcheck"] = False
    if kept and call.changes is None:
        keywords["out"] = tuple(kept) if call.kind == "ufunc" else kept[0]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the run itself has warned
        result = function_of(call)(*(_fill(one, given) for one in call.args), **keywords)
    if kept:
        return kept
    if isinstance(result, tuple | list) and len(outputs) == len(result) and _is_several(result, outputs):
        return [np.asarray(one) for one in result]
    return [np.asarray(result)]


def function_of(call: Call) -> Callable[..., Any]:
    """Numpy's or Python's function of that name.  Raises `InputError` for one that may not be called."""
    found = found_of(call)
    if found is None:
        raise InputError(
            f"numpy has no {call.kind} {call.path!r} that may be replayed", "trace", "record it again"
        )
    return found  # type: ignore[no-any-return]


def found_of(call: Call) -> Any:
    """A function that is known to be harmless, by its name; None where there is none."""
    found: Any
    if call.kind == "operator":
        table = IN_PLACE if call.changes is not None else OPERATORS
        found = table.get(call.path)
    elif call.kind in ("getitem", "setitem"):
        found = operator.getitem if call.kind == "getitem" else operator.setitem
    elif call.kind == "conversion":
        found = CONVERSIONS.get(call.path)
    elif call.kind == "attribute":
        found = operator.attrgetter(call.path) if call.path in ("T", "mT", "real", "imag") else None
    else:
        found = FLAT.get(call.path) or GRIDS.get(call.path) or _numpy_callable(call)
    return found


def _numpy_callable(call: Call) -> Any:
    """By name, from numpy's public functions and the methods of arrays: none that is not known to be harmless."""
    owner_name, _, name = call.path.rpartition(".")
    if call.kind == "method":
        first = call.args[0] if call.args else None
        kind = np.generic if isinstance(first, Operand) and first.scalar else np.ndarray
        return getattr(kind, name, None) if name in METHODS and not owner_name else None
    if name == "sliding_window_view":
        return np.lib.stride_tricks.sliding_window_view
    if owner_name in ("", "linalg", "fft"):
        found = vars(getattr(np, owner_name) if owner_name else np).get(
            name
        )  # numpy imports what it is asked for
        takes_arrays = type(found) is type(np.sum) and name not in FORBIDDEN
        return found if takes_arrays or isinstance(found, np.ufunc) or call.path in CREATIONS else None
    owner = vars(np).get(owner_name)
    return getattr(owner, name, None) if isinstance(owner, np.ufunc) and name in UFUNC_METHODS else None


def _check_bounded(operation: Operation, call: Call) -> None:
    """A call from a file names arrays, and asks for no more than what was recorded.

    Raises `InputError` where a few bytes could stand for years of work: `10 ** 10**18`, `zeros(10**9)`.
    """
    on_arrays = call.kind not in ("creation", "function", "conversion")
    if on_arrays and not any(map(_holds_operand, call.args)):
        raise InputError("a call without an array", _where(operation), "record it again")
    if call.kind in ("ufunc", "setitem") or call.path in DATA or _computes_with_numbers(operation, call):
        return
    values = (*operation.inputs, operation.output, *operation.more)
    most = max(MOST_ELEMENTS, 2 * max(value.value.size for value in values))
    if call.path in CROSSED and math.prod(_picked(one) for one in call.args) <= most:
        return
    asked = _picked if call.kind == "getitem" else _asked
    filled = call.path in ("full", "full_like")  # what it is filled with is no length
    lengths = call.args[:1] if filled else call.args
    named = [one for key, one in call.keywords if not (filled and key == "fill_value")]
    if any(asked(one) > most for one in (*lengths, *named)):
        raise InputError("a call that asks for more than was recorded", _where(operation), "record it again")


def _computes_with_numbers(operation: Operation, call: Call) -> bool:
    """Whether it is an operator between numbers: a whole number beside a list or a text is how often it comes."""
    numeric = all(value.value.dtype.kind in NUMERIC for value in operation.inputs)
    return call.kind == "operator" and numeric and all(type(one) in NO_LENGTHS for one in call.args)


def _asked(template: Any) -> int:
    """How many elements the whole numbers of an argument could ask for, as a shape or a count."""
    if isinstance(template, int):
        return abs(template)
    if isinstance(template, tuple | list):
        return math.prod(max(1, _asked(one)) for one in template)
    return 0


def _picked(index: Any) -> int:
    """How many places a list as an index names: its numbers are no lengths."""
    return sum(map(_picked, index)) if isinstance(index, tuple | list) else 1


def _holds_operand(template: Any) -> bool:
    if isinstance(template, tuple | list):
        return any(map(_holds_operand, template))
    return isinstance(template, Operand)


def _fill(template: Any, given: list[Any]) -> Any:
    if isinstance(template, Operand):
        array = given[template.place]
        return array[()] if template.scalar else array
    if isinstance(template, slice):
        return slice(*(_fill(part, given) for part in (template.start, template.stop, template.step)))
    if isinstance(template, tuple | list):
        return type(template)(_fill(part, given) for part in template)
    if isinstance(template, dict):
        return {key: _fill(part, given) for key, part in template.items()}
    return template


def _opaque(template: Any) -> bool:
    """Whether a call has an argument that a trace cannot keep, such as a function."""
    if type(template) is Operand:
        return False
    if isinstance(template, tuple | list):
        return any(map(_opaque, template))
    return isinstance(template, Opaque) or (callable(template) and not isinstance(template, type))


def _writable(before: Array) -> Array:
    """A copy to change, with the layout of the original."""
    copy = copied(before)
    (copy if copy.base is None else copy.base).flags.writeable = True
    copy.flags.writeable = True
    return copy


def _is_several(result: Any, outputs: list[Value]) -> bool:
    return len(outputs) > 1 or (len(result) == 1 and np.shape(result[0]) == outputs[0].shape)


def _equal(got: Array, value: Value, call: Call) -> bool:
    want = value.value
    if got.shape != want.shape or got.dtype != want.dtype:
        return want.dtype.kind == "U"  # the written form of a result that is no array
    if any(key == "where" for key, _ in call.keywords) and value.before is None:
        return True  # elsewhere than `where`, numpy leaves what was in memory
    if same_bits(got, want):
        return True
    if call.exact or want.dtype.kind not in "fc":
        return False
    return bool(np.allclose(got, want, rtol=RELATIVE, atol=RELATIVE * _scale(want), equal_nan=True))


def _scale(array: Array) -> float:
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size else 0.0


def _both(got: Array, value: Value) -> str:
    want = value.value
    if got.shape != want.shape or got.dtype != want.dtype:
        return f"{got.dtype} {got.shape} instead of {want.dtype} {want.shape}"
    for place in _differing(got, want):
        return f"{got[place]!r} instead of {want[place]!r} at {place}"
    return "a zero or NaN has another sign"


def _differing(got: Array, want: Array) -> Iterator[tuple[int, ...]]:
    with np.errstate(invalid="ignore"):
        yield from (tuple(int(i) for i in place) for place in np.argwhere(got != want))


def _where(operation: Operation) -> str:
    span = operation.source.expression
    return f"{span.file} line {span.first_line}"
