"""Every fourth program of the recorder's tests, operation by operation, as numpy computed it; the benchmark takes all."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any

import pytest

from mnistviz.export.laboratory import ENGINE_SCRIPTS, laboratory_script
from mnistviz.export.laboratory.program import program
from mnistviz.trace.model import Trace
from mnistviz.trace.recording.recorder import record
from tests.export.laboratory.node import arrays, run_script
from tests.trace.recording import running

pytestmark = pytest.mark.needs("node")
FARTHEST = {"float32": 1e-5, "float64": 1e-12}  # relative to the largest number; whole numbers: exactly
FEWEST = 500  # operations that have twins
BENCH = """
const programs = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(programs.map(({ program, arrays }) => makeEngine(program, arrays, (id) => {
  const bytes = Buffer.from(arrays[id].data, "base64");
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}).differences().map(({ why, difference }) => ({ why, difference: String(difference) })))));
"""


def recorded(name: str) -> Trace:
    given = running.fresh(name)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return record(given.module.step, *given.arguments)


def test_each_operation_is_numpys() -> None:
    names = list(running.PROGRAMS)[::4]
    traces = [recorded(name) for name in names]
    asked: Any = [{"program": program(trace), "arrays": arrays(trace)} for trace in traces]
    found = run_script("\n".join(map(laboratory_script, ENGINE_SCRIPTS)) + BENCH, asked)
    computed = 0
    for name, trace, differences in zip(names, traces, found, strict=True):
        for operation, one in zip(trace, differences, strict=True):
            if not one["why"]:
                computed += 1
                most = FARTHEST.get(str(operation.output.dtype), 0.0)
                assert float(one["difference"]) <= most, (name, operation.expression, one)
    assert computed >= FEWEST
