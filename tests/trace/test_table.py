"""The trace as text and as JSON."""

from __future__ import annotations

import json

import numpy as np

from mnistviz.trace.recording.recorder import record
from mnistviz.trace.table import as_json, table
from tests.trace.recording import odd, taught
from tests.trace.recording.test_names import network_arrays


def test_the_table_has_a_line_for_each_operation():
    trace = record(taught.network, *network_arrays())
    lines = table(trace).splitlines()
    assert lines[0].split() == ["no", "line", "expression", "operation", "inputs", "output", "range"]
    assert len(lines) == 2 + len(trace)
    line = trace.operations[0].source.expression.first_line
    assert lines[2].split()[:5] == ["0", f"taught.py:{line}", "np.matmul(w1,", "image)", "matmul"]
    assert "w1 4x9, image 9x1" in lines[2]


def test_a_failure_is_the_last_line():
    trace = record(taught.fails, np.ones((3, 4)), np.ones((3, 4)))
    assert table(trace).splitlines()[-1].endswith("[z 3x4 and y 3x4]")
    assert as_json(trace)["failure"]["operation"] == "matmul"


def test_json_holds_names_shapes_and_lines_of_every_function():
    for function in odd.CASES:
        trace = record(function, *odd.arguments(function))
        data = json.loads(json.dumps(as_json(trace), allow_nan=False))
        assert [one["operation"] for one in data["operations"]] == odd.CASES[function]
    data = as_json(record(taught.network, *network_arrays()))
    assert data["operations"][0]["inputs"][0] == {
        "id": data["inputs"][1]["id"], "name": "w1", "role": "parameter", "shape": [4, 9], "dtype": "float64",
        "range": data["operations"][0]["inputs"][0]["range"], "view_of": None, "stretched": [],
    }  # fmt: skip
