"""A trace by the names of its arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mnistviz.errors import InputError
from mnistviz.story.statements import Statements
from mnistviz.trace.recording.recorder import record


def learn(w: Any, x: Any) -> Any:
    for _ in range(2):
        y = w * x + 1
        w -= 0.5 * y
    return y


@pytest.fixture
def statements() -> Statements:
    return Statements(record(learn, np.ones(3), np.arange(3.0)))


def test_a_statement_is_found_by_what_it_makes_or_changes(statements: Statements) -> None:
    names = [one.operation for one in statements.trace]
    assert names == ["multiply", "add", "multiply", "subtract"] * 2
    assert statements.making("y") == (0, 1)
    assert statements.making("y", 1) == (4, 5)
    assert statements.changing("w") == (2, 3)
    assert statements.changing("w", 1) == (6, 7)


def test_an_array_is_found_by_its_name(statements: Statements) -> None:
    np.testing.assert_array_equal(statements.numbers("y"), [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(statements.given("w").value, np.ones(3))
    assert statements.output("y", 1).id == statements.trace.operations[5].output.id


def test_a_name_that_is_not_there_is_said(statements: Statements) -> None:
    with pytest.raises(InputError, match="no array named 'z' is made 1 times"):
        statements.making("z")
    with pytest.raises(InputError, match="no array named 'y' is changed 1 times"):
        statements.changing("y")
    with pytest.raises(InputError, match="no array named 'w' is changed 3 times"):
        statements.changing("w", 2)
    with pytest.raises(InputError, match="no array named 'q' goes into"):
        statements.given("q")
