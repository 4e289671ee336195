"""What is known of numpy's operations, one record for each: how it is said, written, paced, counted and made.

Plain data that every room reads: captions, drawings, the page and its script.  A trace holds operations
by numpy's own names; what is not in the table is an operation of which nothing is known but its name.
To make an operation known, add its record here (and a drawing, where the generic one is not enough).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    adds: Literal[-1, 0, 1] = (
        0  # in place, it adds its second input to the first with that sign; 0: it does not
    )
    curve: bool = False  # a function of one number that is drawn as a curve
    reduces: Reducing = ""
    axis: int | None = None  # the axis where the call names none; None: all of them

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
    Definition("equal", "cell by cell", "Ask where {0} equals {1}", sign="="),
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
    Definition("getitem", "picked", "Take a part of {0}"),
    Definition("take", "picked"),
    Definition("setitem", phrase="Write into {0}"),
    Definition("where", phrase="Choose, cell by cell, as {0} says"),
)

_CREATED = (
    Definition("zeros", phrase="Make an array of zeros"),
    Definition("ones", phrase="Make an array of ones"),
)

OPERATIONS: Mapping[str, Definition] = {
    one.name: one
    for one in (
        *_PAIRS, *_CURVES, *_OTHERS_BY_CELL, *_PRODUCTS, *_SHAPES, *_AXES, *_PICKED, *_CREATED,
    )
}  # fmt: skip
SIGNED = tuple(one.name for one in _PAIRS)  # by a sign between two inputs, cell by cell
CURVED = tuple(one.name for one in OPERATIONS.values() if one.curve)
UPDATES = frozenset(one.name for one in OPERATIONS.values() if one.updates)
SOUGHT = tuple(one.name for one in OPERATIONS.values() if one.reduces.startswith("place of"))
TURNED = tuple(one.name for one in OPERATIONS.values() if one.made == "transposed")
MULTIPLIED = tuple(one.name for one in OPERATIONS.values() if one.made == "row by column")


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
