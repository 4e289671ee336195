"""Every fourth program of the recorder's tests, operation by operation, as numpy computed it; the benchmark takes all."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
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
NAMES = list(running.PROGRAMS)[::4]
AGAIN = """(programs) => programs.map(({ program, arrays }) => makeEngine(program, arrays, (id) =>
  new Float64Array(Uint8Array.from(atob(arrays[id].data), (letter) => letter.charCodeAt(0)).buffer),
).differences().map(({ why, difference }) => ({ why, difference: String(difference) })))"""
BENCH = f"""
const programs = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(({AGAIN})(programs)));
"""


def recorded(name: str) -> Trace:
    given = running.fresh(name)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return record(given.module.step, *given.arguments)


def test_each_operation_is_numpys() -> None:
    script = "\n".join(map(laboratory_script, ENGINE_SCRIPTS)) + BENCH
    each_is_numpys(lambda asked: run_script(script, asked))


def each_is_numpys(ask: Callable[[Any], Any]) -> None:
    """`ask` has `AGAIN` done, wherever; what has no twin, or follows from a value, is printed."""
    traces = [recorded(name) for name in NAMES]
    found = ask([{"program": program(trace), "arrays": arrays(trace)} for trace in traces])
    computed, left = 0, set[str]()
    for name, trace, differences in zip(NAMES, traces, found, strict=True):
        for operation, one in zip(trace, differences, strict=True):
            if one["why"]:
                left.add(f"{operation.operation}: {one['why']}")
                continue
            computed += 1
            most = FARTHEST.get(str(operation.output.dtype), 0.0)
            assert float(one["difference"]) <= most, (name, operation.expression, one)
    print(f"{computed} operations computed again; as recorded:", *sorted(left), sep="\n  ")
    assert computed >= FEWEST
