"""The laboratory's scripts in node: a program, its arrays, and an expression to evaluate beside an engine."""

from __future__ import annotations

import base64
import json
import subprocess
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.export.laboratory import ENGINE_SCRIPTS, laboratory_script
from mnistviz.export.laboratory.program import program
from mnistviz.trace.model import Trace, Value

BENCH = """
const { program, arrays, asked } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const engine = makeEngine(program, arrays, (id) => {
  const bytes = Buffer.from(arrays[id].data, "base64");
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
});
const array = ({ shape, data, type }) => ({ shape, data: Float64Array.from(data), type });
const plain = (value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
const found = (%s)(asked);
process.stdout.write(JSON.stringify(found, (_, value) => plain(value instanceof Float64Array ? [...value] : value)));
"""


def evaluate(trace: Trace, function: str, asked: Any = None) -> Any:
    """What a function of the page's language gives, called with `asked` where `engine` runs the trace's program."""
    script = "\n".join(map(laboratory_script, ENGINE_SCRIPTS)) + BENCH % function
    given = {"program": program(trace), "arrays": arrays(trace), "asked": asked}
    return run_script(script, given)


def run_script(script: str, given: Any) -> Any:
    """What a script writes that reads `given`, both as JSON."""
    done = subprocess.run(
        ["node", "-e", script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def arrays(trace: Trace) -> dict[str, Any]:
    """Every array of the trace, as the page has it."""
    values = {
        value.id: value
        for operation in trace
        for value in (*operation.inputs, operation.output, *operation.more)
    }
    values |= {value.id: value for value in trace.inputs if value.id not in values}
    return {str(number): _array(value) for number, value in values.items()}


def _array(value: Value) -> dict[str, Any]:
    plain = value.value.dtype.kind in "biuf" and value.value.size <= 65_536
    return {
        "name": value.name,
        "shape": value.shape,
        "type": str(value.dtype),
        "form": "exact" if plain else "absent",
        "data": base64.b64encode(np.ascontiguousarray(value.value, "<f8").tobytes()).decode()
        if plain
        else "",
    }


def matrix(array: NDArray[Any]) -> dict[str, Any]:
    """An array as an engine's; JSON has no word for numbers that are not finite, JavaScript has."""
    names = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
    data = [names.get(str(number), number) for number in np.asarray(array, float).ravel().tolist()]
    return {"shape": array.shape, "data": data, "type": str(array.dtype)}
