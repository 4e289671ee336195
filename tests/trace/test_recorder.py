"""The recorder writes down each numpy call once, under its names, and changes nothing of the run."""

from __future__ import annotations

import numpy as np
import pytest

from mnistviz.trace.recorder import record
from tests.trace import odd


def _flat(result):
    if isinstance(result, tuple | list):
        return [one for part in result for one in _flat(part)]
    return [np.asarray(result)]


@pytest.mark.parametrize("function", list(odd.CASES), ids=lambda function: function.__name__)
def test_an_unexpected_function_records_right(function):
    plain, recorded = odd.arguments(function), odd.arguments(function)
    scale = odd.SCALE.copy()
    expected = _flat(function(*plain))
    odd.SCALE[:] = scale
    trace = record(function, *recorded)
    odd.SCALE[:] = scale
    assert trace.failure is None
    assert [operation.operation for operation in trace] == odd.CASES[function]
    got = {value.id: value.value for value in trace.returned}
    arrays = list(expected)
    assert [got[i].tobytes() for i in trace.results] == [a.tobytes() for a in arrays[: len(trace.results)]]
    for left, right in zip(plain, recorded, strict=True):
        assert type(right) is np.ndarray
        assert left.tobytes() == right.tobytes()
    trace.check()
