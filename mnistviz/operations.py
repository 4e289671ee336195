"""What is known of numpy's operations, one record for each: how it is said, written, paced, counted and made.

Plain data that every room reads: captions, drawings, the page and its script.  A trace holds operations
by numpy's own names; what is not in the table is an operation of which nothing is known but its name.
To make an operation known, add its record here (and a drawing, where the generic one is not enough).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

# How a cell of the result is made:
Making = Literal[
    "cell by cell",  # of the cells at its own place in the inputs, stretched as numpy broadcasts
    "row by column",  # a row of the first input times a column of the second, added up
    "row by row",  # a row of each, added up
    "each by each",  # one cell of the first times one cell of the second, all pairs
    "along an axis",  # of all cells along the axis that is gone: see `Definition.reduces`
    "same order",  # the cell at the same place in row-major order: another shape, a copy
    "transposed",  # the cell at the opposite place
    "picked",  # a cell of the first input, chosen by an index
    "unknown",
]
Reducing = Literal["", "sum", "mean", "largest", "smallest", "place of largest", "place of smallest"]
Pace = Literal["quick", "even", "slow"]  # hardly anything to see, something, much
Cost = Literal["none", "one a cell", "one a term", "one a pair"]  # multiplications


@dataclass(frozen=True)
class Definition:
    """An operation as numpy defines it, whatever it is applied to."""

    name: str  # numpy's own: "matmul", "add", "add.reduce"
    made: Making = "unknown"
    phrase: str = ""  # {0} and {1} are its inputs, {p} its parameters; "" where there is none
    updating: str = ""  # the phrase where the first input is changed in place
    sign: str = ""  # written between its two inputs
    prefix: str = ""  # written before its one input
    pace: Pace = "even"
    cost: Cost = "none"
    adds: Literal[-1, 0, 1] = 0  # in place, it adds its second input to the first with that sign; 0: not
    curve: bool = False  # a function of one number that is drawn as a curve
    reduces: Reducing = ""
    axis: int | None = None  # the axis where the call names none; None: all of them
    twin: str = ""  # the function of export/laboratory/twins.js that does it again; "": none

    @property
    def infix(self) -> bool:
        """Whether it is written with a sign between its inputs, as in arithmetic: not by a word."""
        return bool(self.sign) and not self.sign.isalpha()

    @property
    def updates(self) -> bool:
        """Whether it is a usual way to change an array a little, in place."""
        return bool(self.updating)


_PAIRS = (
    Definition("add", "cell by cell", "Add {0} and {1}", "Add {1} to {0}, in place", "+", adds=1),
    Definition("subtract", "cell by cell", "Take {1} from {0}", "Take {1} from {0}, in place", "−", adds=-1),
    Definition(
        "multiply", "cell by cell", "Multiply {0} by {1}, cell by cell", "Multiply {0} by {1}, in place", "×",
        cost="one a cell",
    ),
    Definition("divide", "cell by cell", "Divide {0} by {1}", "Divide {0} by {1}, in place", "÷"),
    Definition("power", "cell by cell", "Raise {0} to the power {1}", sign="^"),
    Definition("floor_divide", "cell by cell", sign="//"),
    Definition("remainder", "cell by cell", sign="%"),
    Definition("maximum", "cell by cell", "Take the larger of {0} and {1}, cell by cell", sign="max"),
    Definition("minimum", "cell by cell", "Take the smaller of {0} and {1}, cell by cell", sign="min"),
    Definition("greater", "cell by cell", "Ask where {0} is more than {1}", sign=">"),
    Definition("less", "cell by cell", "Ask where {0} is less than {1}", sign="<"),
    Definition("equal", "cell by cell", "Ask where {0} equals {1}", sign="=="),
    Definition("greater_equal", "cell by cell", sign="≥"),
    Definition("less_equal", "cell by cell", sign="≤"),
    Definition("not_equal", "cell by cell", sign="≠"),
    Definition("logical_and", "cell by cell", sign="and"),
    Definition("logical_or", "cell by cell", sign="or"),
)  # fmt: skip

_CURVES = (
    Definition("negative", "cell by cell", "Turn the sign of {0}", prefix="−", pace="quick", curve=True),
    Definition("exp", "cell by cell", "Take the exponential of each cell of {0}", curve=True),
    Definition("log", "cell by cell", "Take the logarithm of each cell of {0}", curve=True),
    Definition("tanh", "cell by cell", "Take the hyperbolic tangent of each cell of {0}", curve=True),
    Definition("sqrt", "cell by cell", "Take the square root of {0}", curve=True),
    Definition("square", "cell by cell", "Square {0}", curve=True),
    Definition("absolute", "cell by cell", "Drop the signs of {0}", curve=True),
    *(
        Definition(name, "cell by cell", curve=True)
        for name in (
            "sin", "cos", "reciprocal", "exp2", "log2", "log1p", "expm1", "sign", "cbrt", "arctan", "sinh", "cosh",
            "log10", "positive", "conjugate",
        )
    ),
)  # fmt: skip

_OTHERS_BY_CELL = tuple(
    Definition(name, "cell by cell")
    for name in (
        "arccos", "arccosh", "arcsin", "arcsinh", "arctan2", "arctanh", "bitwise_and", "bitwise_count",
        "bitwise_or", "bitwise_xor", "ceil", "copysign", "deg2rad", "degrees", "divmod", "fabs", "float_power",
        "floor", "fmax", "fmin", "fmod", "frexp", "gcd", "heaviside", "hypot", "invert", "isfinite", "isinf",
        "isnan", "isnat", "lcm", "ldexp", "left_shift", "logaddexp", "logaddexp2", "logical_not", "logical_xor",
        "modf", "nextafter", "rad2deg", "radians", "right_shift", "rint", "signbit", "spacing", "tan", "trunc",
    )
)  # fmt: skip

_PRODUCTS = (
    Definition(
        "matmul", "row by column", "Multiply {0} by {1}", sign="×", pace="slow", cost="one a term"
    ),
    Definition("dot", "row by column", "Multiply {0} by {1}", sign="×", pace="slow", cost="one a term"),
    Definition("inner", "row by row", sign="×", pace="slow", cost="one a term"),
    Definition(
        "outer", "each by each", "Multiply each cell of {0} by each of {1}", sign="×", pace="slow",
        cost="one a cell",
    ),
    Definition("multiply.outer", "each by each", sign="×", pace="slow", cost="one a cell"),
    Definition("vdot", cost="one a pair"),
    Definition("tensordot", pace="slow", cost="one a pair"),
    Definition("einsum", pace="slow"),
)  # fmt: skip

_SHAPES = (
    Definition("transpose", "transposed", "Transpose {0}: its rows become columns", pace="quick"),
    Definition("matrix_transpose", "transposed"),
    Definition("swapaxes", "transposed"),
    Definition("reshape", "same order", "Give {0} another shape", pace="quick"),
    Definition("ravel", "same order", pace="quick"),
    Definition("flatten", "same order"),
    Definition("expand_dims", "same order", pace="quick"),
    Definition("squeeze", "same order", pace="quick"),
    Definition("copy", "same order", pace="quick"),
    Definition("astype", pace="quick"),
    Definition("asarray", pace="quick"),
)

_AXES = (
    Definition("sum", "along an axis", "Add up {0}{p}", reduces="sum"),
    Definition("add.reduce", "along an axis", reduces="sum", axis=0),
    Definition("mean", "along an axis", "Take the mean of {0}{p}", reduces="mean"),
    Definition("max", "along an axis", "Find the largest cell of {0}{p}", reduces="largest"),
    Definition("min", "along an axis", "Find the smallest cell of {0}{p}", reduces="smallest"),
    Definition("argmax", "along an axis", "Find where {0} is largest{p}", reduces="place of largest"),
    Definition("argmin", "along an axis", "Find where {0} is smallest{p}", reduces="place of smallest"),
    Definition("linalg.norm", phrase="Measure the length of {0}{p}"),
)

_PICKED = (
    Definition("getitem", "picked", "Take a part of {0}{p}"),
    Definition("take", "picked"),
    Definition("setitem", phrase="Write {1} into {0}{p}"),
    Definition("where", phrase="Choose, cell by cell, as {0} says"),
)

_CREATED = (
    Definition("zeros", phrase="Make an array of zeros", pace="quick"),
    Definition("ones", phrase="Make an array of ones", pace="quick"),
    *(
        Definition(name, pace="quick")
        for name in ("zeros_like", "ones_like", "full", "full_like", "empty", "empty_like")
    ),
)

# How it is said, of all that needs no more than words.
_PHRASES: Mapping[str, str] = {
    "floor_divide": "Divide {0} by {1}, and round down",
    "remainder": "What is left when {0} is divided by {1}", "fmod": "What is left when {0} is divided by {1}",
    "greater_equal": "Ask where {0} is at least {1}", "less_equal": "Ask where {0} is at most {1}",
    "not_equal": "Ask where {0} differs from {1}", "logical_and": "Ask where both {0} and {1} hold",
    "logical_or": "Ask where {0} or {1} holds", "logical_xor": "Ask where either {0} or {1} holds",
    "bitwise_and": "Keep the bits that {0} and {1} share", "bitwise_or": "Put the bits of {0} and {1} together",
    "bitwise_xor": "Keep the bits in which {0} and {1} differ", "invert": "Turn every bit of {0} around",
    "logical_not": "Turn yes and no around in {0}", "isnan": "Ask where {0} is not a number",
    "isfinite": "Ask where {0} is finite", "isinf": "Ask where {0} is infinite",
    "sin": "Take the sine of each cell of {0}", "cos": "Take the cosine of each cell of {0}",
    "tan": "Take the tangent of each cell of {0}", "arctan": "Take the angle whose tangent is {0}",
    "arctan2": "Take the angle to {1} across and {0} up", "hypot": "Take the hypotenuse of {0} and {1}",
    "sinh": "Take the hyperbolic sine of {0}", "cosh": "Take the hyperbolic cosine of {0}",
    "reciprocal": "Divide 1 by each cell of {0}", "exp2": "Raise 2 to each cell of {0}",
    "log2": "Take the logarithm to base 2 of {0}", "log10": "Take the logarithm to base 10 of {0}",
    "log1p": "Take the logarithm of 1 + {0}", "expm1": "Take the exponential of {0}, less 1",
    "sign": "Keep the signs of {0} alone", "cbrt": "Take the cube root of {0}", "positive": "Take {0} as it is",
    "conjugate": "Turn the imaginary parts of {0} around", "floor": "Round {0} down", "ceil": "Round {0} up",
    "rint": "Round {0}", "trunc": "Drop what is behind the point in {0}", "round": "Round {0}",
    "inner": "Multiply the rows of {0} by those of {1}", "vdot": "Multiply {0} by {1}, and add it all up",
    "tensordot": "Multiply {0} by {1}, and add up along shared axes",
    "einsum": "Multiply {0} by {1}, and add up as the letters say",
    "multiply.outer": "Multiply each cell of {0} by each of {1}", "kron": "Put {1} in place of each cell of {0}",
    "swapaxes": "Swap two axes of {0}", "matrix_transpose": "Transpose {0}: its rows become columns",
    "moveaxis": "Move an axis of {0}", "ravel": "Lay {0} out in one row", "flatten": "Lay {0} out in one row",
    "expand_dims": "Give {0} one more axis", "squeeze": "Drop axes of length 1 from {0}",
    "copy": "Copy {0}", "astype": "Write {0} as another kind of number", "asarray": "Take {0} as an array",
    "array": "Make an array", "broadcast_to": "Repeat {0} along new axes", "concatenate": "Put arrays together{p}",
    "hstack": "Put arrays side by side", "vstack": "Put arrays one below the other", "stack": "Stack arrays{p}",
    "column_stack": "Put columns side by side", "split": "Split {0} into pieces{p}",
    "array_split": "Split {0} into pieces{p}", "tile": "Lay {0} out again and again",
    "repeat": "Repeat the cells of {0}{p}", "pad": "Put a border around {0}", "roll": "Shift {0} around{p}",
    "flip": "Turn {0} around{p}", "rot90": "Turn {0} by a quarter", "diff": "Take the differences along {0}{p}",
    "add.reduce": "Add up {0}{p}", "prod": "Multiply all of {0}{p}", "cumsum": "Add up {0} step by step{p}",
    "cumprod": "Multiply {0} step by step{p}", "std": "Measure the spread of {0}{p}",
    "var": "Measure the variance of {0}{p}", "median": "Find the middle of {0}{p}",
    "average": "Take the weighted mean of {0}{p}", "percentile": "Find a percentile of {0}{p}",
    "any": "Ask whether any of {0} holds{p}", "all": "Ask whether all of {0} hold{p}",
    "count_nonzero": "Count what is not 0 in {0}{p}", "nonzero": "Find where {0} is not 0",
    "argwhere": "Find where {0} holds", "sort": "Sort {0}{p}", "sorted": "Sort {0}", "argsort": "Find the order of {0}{p}",
    "unique": "Find what is in {0}, each once", "bincount": "Count how often each number is in {0}",
    "histogram": "Count {0} by ranges", "searchsorted": "Find where {1} fits into {0}", "clip": "Keep {0} within limits",
    "take": "Take parts of {0}", "put": "Write into {0}", "copyto": "Copy {1} into {0}", "fill": "Fill {0}",
    "add.at": "Add into {0}, place by place", "maximum.accumulate": "Keep the largest so far of {0}",
    "trace": "Add up the diagonal of {0}", "diag": "Take or make a diagonal of {0}",
    "tril": "Keep what is on and below the diagonal of {0}", "triu": "Keep what is on and above the diagonal of {0}",
    "linalg.inv": "Invert {0}", "linalg.solve": "Find what {0} must be multiplied by to give {1}",
    "linalg.det": "Take the determinant of {0}", "linalg.eigh": "Find eigenvalues and eigenvectors of {0}",
    "linalg.eig": "Find eigenvalues and eigenvectors of {0}", "linalg.svd": "Take {0} apart into turns and stretches",
    "linalg.qr": "Take {0} apart into a turn and a triangle", "linalg.cholesky": "Find the triangle whose square is {0}",
    "linalg.lstsq": "Find what fits {0} to {1} best", "linalg.pinv": "Invert {0} as well as it can be",
    "fft.fft": "Find the waves in {0}", "fft.ifft": "Add up waves again from {0}",
    "convolve": "Slide {1} over {0}", "correlate": "Slide {1} over {0}", "interp": "Read values off between points",
    "meshgrid": "Lay {0} and {1} out as a grid", "empty": "Make room for an array", "mgrid": "Count the cells of a grid",
    "fill_diagonal": "Fill the diagonal of {0}", "tolist": "Make {0} a list",
    "zeros_like": "Make zeros in the shape of {0}", "ones_like": "Make ones in the shape of {0}",
    "empty_like": "Make room in the shape of {0}", "full": "Make an array of one number",
    "full_like": "Fill the shape of {0} with one number", "eye": "Make a matrix with ones on its diagonal",
    "identity": "Make a matrix with ones on its diagonal", "arange": "Count up in even steps",
    "linspace": "Go from one number to another in even steps", "random.rand": "Draw numbers by chance",
    "random.randn": "Draw numbers by chance", "random.normal": "Draw numbers by chance",
    "random.random": "Draw numbers by chance", "random.uniform": "Draw numbers by chance",
    "random.standard_normal": "Draw numbers by chance", "random.randint": "Draw whole numbers by chance",
    "random.integers": "Draw whole numbers by chance", "random.choice": "Choose by chance",
    "random.permutation": "Put them in an order by chance", "random.shuffle": "Put {0} in an order by chance",
    "lib.stride_tricks.sliding_window_view": "See {0} through a window that slides",
    "lib.stride_tricks.as_strided": "See the same numbers of {0} in another order",
    "sliding_window_view": "See {0} through a window that slides",
    "cov": "Measure how each two rows of {0} vary together", "corrcoef": "Measure how alike each two rows of {0} vary",
    "unravel_index": "Find the row and the column of place {0}", "insert": "Put more into {0}",
    "append": "Put {1} behind {0}", "delete": "Leave a part of {0} out", "cross": "Take the cross product of {0} and {1}",
    "gradient": "Measure how steeply {0} goes up or down", "trapezoid": "Measure the area under {0}",
    "array_equal": "Ask whether {0} and {1} are the same", "allclose": "Ask whether {0} and {1} are nearly the same",
    "flatnonzero": "Find where {0} is not 0", "real": "Take the real part of {0}", "imag": "Take the imaginary part of {0}",
    "angle": "Take the angle of {0}", "nan_to_num": "Put numbers where {0} has none",
    "ptp": "Measure from the least to the largest of {0}{p}", "random.multinomial": "Draw counts by chance",
    "random.binomial": "Draw counts by chance", "random.poisson": "Draw counts by chance",
    "tri": "Make ones on and below a diagonal", "digitize": "Find the range that each cell of {0} is in",
    "fft.rfft": "Find the waves in {0}", "fft.irfft": "Add up waves again from {0}",
    "fft.fft2": "Find the waves in {0}", "fft.ifft2": "Add up waves again from {0}",
    "fft.fftn": "Find the waves in {0}", "fft.ifftn": "Add up waves again from {0}",
    "math.sqrt": "Take the square root of {0}", "math.exp": "Take the exponential of {0}",
    "math.log": "Take the logarithm of {0}", "float": "Take {0} as a plain number", "int": "Take {0} as a whole number",
    "shape": "Ask for the shape of {0}", "ma.array": "Hide what is masked in {0}",
    "fft.fftfreq": "Count up the frequencies of waves", "fft.rfftfreq": "Count up the frequencies of waves",
    "fft.fftshift": "Put the slow waves of {0} in the middle", "fft.ifftshift": "Put the slow waves of {0} first",
    "fliplr": "Turn {0} around, left to right", "flipud": "Turn {0} upside down",
    "around": "Round {0}", "trapz": "Measure the area under {0}", "polyval": "Read {0} as a polynomial at {1}",
    "polyfit": "Find the polynomial that fits {0} and {1} best", "quantile": "Find a quantile of {0}{p}",
    "isin": "Ask which cells of {0} are among {1}", "in1d": "Ask which cells of {0} are among {1}",
    "select": "Choose, cell by cell, by what holds", "choose": "Choose, cell by cell, by {0}",
    "take_along_axis": "Take parts of {0}{p}", "diagonal": "Take the diagonal of {0}",
    "hsplit": "Split {0} into pieces side by side", "vsplit": "Split {0} into pieces one below the other",
    "dstack": "Stack arrays in depth", "block": "Put blocks together", "ascontiguousarray": "Take {0} as an array",
    "atleast_2d": "Take {0} as a matrix", "atleast_1d": "Take {0} as an array", "partition": "Sort {0} in part",
    "logspace": "Go from one number to another in even ratios",
    "geomspace": "Go from one number to another in even ratios",
    "linalg.matrix_power": "Multiply {0} by itself again and again", "heaviside": "Make {0} a step",
    "add.accumulate": "Add up {0} step by step", "multiply.accumulate": "Multiply {0} step by step",
    "add.outer": "Add each cell of {0} to each of {1}", "subtract.outer": "Take each cell of {1} from each of {0}",
    "random.beta": "Draw numbers by chance", "random.gamma": "Draw numbers by chance",
    "random.dirichlet": "Draw shares by chance", "random.random_sample": "Draw numbers by chance",
    "random.exponential": "Draw numbers by chance", "random.multivariate_normal": "Draw points by chance",
}  # fmt: skip


# What the page does again by a twin of the same name, and by the twin of another operation.
_TWINNED = frozenset({
    "add", "subtract", "multiply", "divide", "power", "floor_divide", "remainder", "fmod", "maximum", "minimum",
    "fmax", "fmin", "greater", "less", "equal", "greater_equal", "less_equal", "not_equal", "logical_and",
    "logical_or", "logical_xor", "logical_not", "bitwise_and", "bitwise_or", "bitwise_xor", "invert", "negative",
    "positive", "conjugate", "absolute", "fabs", "sign", "square", "reciprocal", "sqrt", "cbrt", "exp", "exp2",
    "expm1", "log", "log2", "log10", "log1p", "sin", "cos",
    "tan", "arcsin", "arccos", "arctan", "arctan2", "hypot", "sinh", "cosh", "tanh", "arcsinh", "arccosh",
    "arctanh", "floor", "ceil", "trunc", "rint", "copysign", "heaviside", "logaddexp", "float_power", "degrees",
    "radians", "isnan", "isfinite", "isinf", "signbit", "sum", "mean", "prod", "max", "min", "argmax", "argmin",
    "any", "all", "count_nonzero", "median", "add.reduce", "var", "std", "linalg.norm", "cumsum", "cumprod",
    "sort", "argsort", "flip", "matmul", "dot", "vdot", "inner", "outer", "multiply.outer", "einsum", "kron",
    "where", "clip", "round", "getitem", "setitem", "take", "transpose", "matrix_transpose", "swapaxes",
    "moveaxis", "broadcast_to", "repeat", "concatenate", "stack", "hstack", "vstack", "column_stack", "zeros_like",
    "ones_like", "full_like", "full", "triu", "tril", "sliding_window_view", "arange", "bincount", "unique",
    "searchsorted", "roll", "diff", "tile", "trace", "diag", "pad", "nansum", "nanmean", "nanprod", "nanmax", "nanmin",
    "nanmedian", "nanvar", "nanstd", "ptp", "average", "quantile", "percentile", "cov", "corrcoef", "multiply.reduce",
    "maximum.reduce", "minimum.reduce", "logical_and.reduce", "logical_or.reduce", "add.accumulate",
    "multiply.accumulate", "maximum.accumulate", "minimum.accumulate", "add.outer", "subtract.outer", "divide.outer",
    "maximum.outer", "minimum.outer", "isclose", "nan_to_num", "left_shift", "right_shift", "gcd", "lcm", "digitize",
    "interp", "convolve", "correlate", "gradient", "tensordot", "take_along_axis", "flatnonzero", "flipud", "fliplr",
    "eye", "linspace",
})  # fmt: skip
_TWINNED_AS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "reshape", "ravel", "flatten", "expand_dims", "squeeze", "copy", "astype", "asarray", "array", "real",
            "ascontiguousarray", "atleast_1d", "atleast_2d", "atleast_3d",
        ),
        "same_order",
    ),
    "zeros": "zeros_like", "ones": "ones_like", "rad2deg": "degrees", "deg2rad": "radians",
    "lib.stride_tricks.sliding_window_view": "sliding_window_view", "identity": "eye", "diagonal": "diag",
}  # fmt: skip


def _said(one: Definition) -> Definition:
    twin = _TWINNED_AS.get(one.name, one.name if one.name in _TWINNED else "")
    return replace(one, phrase=one.phrase or _PHRASES.get(one.name, ""), twin=twin)


_TABLE = (*_PAIRS, *_CURVES, *_OTHERS_BY_CELL, *_PRODUCTS, *_SHAPES, *_AXES, *_PICKED, *_CREATED)
_KNOWN = frozenset(one.name for one in _TABLE)
_NAMED = dict.fromkeys((*_PHRASES, *sorted(_TWINNED), *_TWINNED_AS))
OPERATIONS: Mapping[str, Definition] = {
    one.name: _said(one) for one in (*_TABLE, *(Definition(name) for name in _NAMED if name not in _KNOWN))
}
UNWRITTEN = frozenset({"empty", "empty_like"})  # what they make has room, and no numbers of its own yet
CREATIONS = frozenset(one.name for one in _CREATED)  # arrays of one number
SIGNED = tuple(one.name for one in _PAIRS)  # by a sign between two inputs, cell by cell
CURVED = tuple(one.name for one in OPERATIONS.values() if one.curve)
UPDATES = frozenset(one.name for one in OPERATIONS.values() if one.updates)
SOUGHT = tuple(one.name for one in OPERATIONS.values() if one.reduces.startswith("place of"))
TURNED = tuple(one.name for one in OPERATIONS.values() if one.made == "transposed")
MULTIPLIED = tuple(one.name for one in OPERATIONS.values() if one.made == "row by column")


_BITS = {
    "bitwise_and": "logical_and", "bitwise_or": "logical_or", "bitwise_xor": "logical_xor", "invert": "logical_not",
}  # fmt: skip


def of_truth(name: str) -> str:
    """What an operation on bits is called where these are yes and no; any other by its name."""
    return _BITS.get(name, name)


def definition(name: str) -> Definition:
    """The record of numpy's operation of that name; an empty one where none is known."""
    return OPERATIONS.get(name) or Definition(name)


def multiplications(name: str, shapes: Sequence[tuple[int, ...]], result: tuple[int, ...]) -> int:
    """How many numbers the operation multiplies with one another, from the shapes of inputs and result."""
    cost = definition(name).cost
    if cost == "none" or len(shapes) < 2:
        return 0
    cells = math.prod(result)
    if cost == "one a cell":
        return cells
    left, right = shapes[0], shapes[1]
    if cost == "one a pair":  # of cells that meet: sqrt(m k * k n * m n) = m k n
        return math.isqrt(math.prod(left) * math.prod(right) * cells)
    return cells * (left[-1] if left and right else 1)


def swaps(name: str, parameters: Mapping[str, object]) -> bool:
    """Whether a call of that name makes the rows of a matrix its columns; parameters as a trace has them."""
    if definition(name).made != "transposed":
        return False
    numbers: list[int] = []
    for value in parameters.values():
        numbers += value if isinstance(value, tuple | list) else [value] if isinstance(value, int) else []
    if not numbers:
        return True
    first, second = (numbers[0] % 2, numbers[-1] % 2) if name == "swapaxes" else (0, numbers[0] % 2)
    return first != second
