"""What the table says of numpy's operations, held against numpy itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mnistviz.operations import (
    CURVED,
    OPERATIONS,
    SIGNED,
    SOUGHT,
    TURNED,
    UPDATES,
    Definition,
    definition,
    multiplications,
    swaps,
)

A, B = np.array([[3, 1, 4], [1, 5, 9]]), np.array([[2, 6, 5], [3, 5, 8]])
OF_TWO = (
    "bitwise_and", "bitwise_or", "bitwise_xor",
    "arctan2", "hypot", "logical_xor", "fmod", "einsum", "kron", "searchsorted", "copyto", "linalg.solve",
    "linalg.lstsq", "convolve", "correlate", "meshgrid", "setitem", "append", "cross", "array_equal", "allclose",
    "polyval", "polyfit", "isin", "in1d", "add.outer", "subtract.outer",
)  # fmt: skip
BY_CELL = [one for one in OPERATIONS.values() if one.made == "cell by cell"]


def applied(name: str, *arrays: NDArray[Any]) -> NDArray[Any]:
    with np.errstate(all="ignore"):
        found = getattr(np, name)(*arrays)
    return np.asarray(found[0] if isinstance(found, tuple) else found)


def test_a_record_a_name() -> None:
    assert all(name == one.name for name, one in OPERATIONS.items())
    assert definition("no_such_thing") == Definition("no_such_thing")


def test_every_ufunc_of_numpy_is_known_by_its_own_name() -> None:
    ufuncs = {one.__name__ for one in vars(np).values() if isinstance(one, np.ufunc) and not one.signature}
    assert ufuncs == {one.name for one in BY_CELL}


@pytest.mark.parametrize("one", BY_CELL, ids=lambda one: str(one.name))
def test_what_is_made_cell_by_cell_is(one: Definition) -> None:
    ufunc = getattr(np, one.name)
    kind = "M8[D]" if one.name == "isnat" else next(kind for kind in "qd" if _takes(ufunc, kind))
    arrays = [array.astype(kind) for array in (A, B)[: ufunc.nin]]
    whole = applied(one.name, *arrays)
    for place in np.ndindex(A.shape):
        assert np.array_equal(
            whole[place], applied(one.name, *(array[place] for array in arrays)), equal_nan=True
        )
    assert (one.sign == "") or ufunc.nin == 2
    assert (one.prefix == "" and not one.curve) or ufunc.nin == 1


def _takes(ufunc: np.ufunc, kind: str) -> bool:
    try:
        ufunc.resolve_dtypes((np.dtype(kind),) * ufunc.nin + (None,) * ufunc.nout)
    except TypeError:
        return False
    return True


def test_what_has_the_same_order_keeps_it() -> None:
    for one in OPERATIONS.values():
        if one.made == "same order":
            extra = {"reshape": ((3, 2),), "expand_dims": (1,)}.get(one.name, ())
            made = A.flatten() if one.name == "flatten" else getattr(np, one.name)(A, *extra)
            assert made.ravel().tolist() == A.ravel().tolist(), one.name


def brute_force(name: str, a: NDArray[Any], b: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Each pair of cells that numpy multiplies: those whose product depends on both."""
    for i, j in product(range(a.size), range(b.size)):
        one, other = np.zeros(a.size), np.zeros(b.size)
        one[i] = other[j] = 1.0
        function = np.multiply.outer if name == "multiply.outer" else getattr(np, name)
        if np.any(function(one.reshape(a.shape), other.reshape(b.shape))):
            yield i, j


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        ("matmul", (3, 4), (4, 2)), ("matmul", (4,), (4, 2)), ("matmul", (3, 4), (4,)), ("dot", (3, 4), (4, 2)),
        ("dot", (4,), (4,)), ("dot", (3, 4), ()), ("inner", (3, 4), (2, 4)), ("outer", (3,), (4,)),
        ("outer", (2, 2), (3,)), ("multiply.outer", (2, 2), (3,)), ("multiply", (3, 4), (3, 4)),
        ("multiply", (3, 4), ()), ("multiply", (3, 1), (1, 4)), ("vdot", (2, 3), (2, 3)),
        ("tensordot", (2, 3, 2), (3, 2, 4)), ("matmul", (5, 3, 4), (5, 4, 2)),
    ],
)  # fmt: skip
def test_multiplications_are_those_that_numpy_makes(
    name: str, left: tuple[int, ...], right: tuple[int, ...]
) -> None:
    a, b = np.ones(left), np.ones(right)
    function = np.multiply.outer if name == "multiply.outer" else getattr(np, name)
    pairs = len(list(brute_force(name, a, b)))
    # a number that meets several cells of the other is multiplied with each of them: each is a pair
    assert multiplications(name, (left, right), np.shape(function(a, b))) == pairs


def test_what_multiplies_nothing_costs_nothing() -> None:
    assert multiplications("add", ((3, 4), (3, 4)), (3, 4)) == 0
    assert multiplications("matmul", ((3, 4),), (3, 4)) == 0


@pytest.mark.parametrize(
    ("name", "parameters", "swapped"),
    [
        ("transpose", {}, True), ("transpose", {"axes": (0, 1)}, False), ("transpose", {"axes": (1, 0)}, True),
        ("transpose", {"axes": 1, "argument 2": 0}, True), ("transpose", {"axes": (-2, -1)}, False),
        ("swapaxes", {"axis1": 0, "axis2": 1}, True), ("swapaxes", {"axis1": 1, "axis2": -1}, False),
        ("matrix_transpose", {}, True), ("reshape", {"shape": (3, 2)}, False),
    ],
)  # fmt: skip
def test_what_makes_rows_of_columns(name: str, parameters: dict[str, Any], swapped: bool) -> None:
    assert swaps(name, parameters) is swapped
    arguments = tuple(parameters.values())
    if "argument 2" in parameters:
        arguments = (arguments,)  # a method takes them one by one, the function as a tuple
    made = getattr(np, name)(A, *arguments)
    assert np.array_equal(made, A.T) is swapped


def test_adding_in_place_adds() -> None:
    for name in ("add", "subtract"):
        assert np.array_equal(getattr(np, name)(A, B) - A, definition(name).adds * B)
    assert {one.name for one in OPERATIONS.values() if one.adds} == {"add", "subtract"}
    assert {"add", "subtract", "multiply", "divide"} == UPDATES


def test_reductions_reduce() -> None:
    for name, how in (("sum", np.sum), ("mean", np.mean), ("max", np.max), ("argmin", np.argmin)):
        assert definition(name).reduces and np.ndim(how(A)) == 0
    assert np.array_equal(np.add.reduce(A), np.sum(A, axis=definition("add.reduce").axis))
    assert definition("argmax").reduces == "place of largest" and A.ravel()[np.argmax(A)] == A.max()
    assert definition("argmin").reduces == "place of smallest" and A.ravel()[np.argmin(A)] == A.min()
    assert set(SOUGHT) == {"argmax", "argmin"}


def test_signs_are_those_of_arithmetic() -> None:
    """Each sign is what Python writes, or its usual printed form."""
    python = {"−": "-", "×": "*", "÷": "/", "^": "**", "=": "==", "≥": ">=", "≤": "<=", "≠": "!="}
    for name in SIGNED:
        one = definition(name)
        if one.infix:
            assert np.array_equal(eval(f"A {python.get(one.sign, one.sign)} B"), applied(name, A, B))  # noqa: S307
    assert not definition("maximum").infix


def test_phrases_name_their_inputs() -> None:
    for one in OPERATIONS.values():
        inputs = 2 if one.name in SIGNED or one.cost != "none" or one.name in OF_TWO else 1
        for phrase in filter(None, (one.phrase, one.updating)):
            words = phrase.format("left", "right", p=" along axis 0")
            assert "{" not in words and ("{1}" not in phrase or inputs == 2)


def test_groups_are_of_the_table() -> None:
    assert set(TURNED) == {"transpose", "matrix_transpose", "swapaxes"}
    assert "exp" in CURVED and "maximum" not in CURVED
