"""What goes by way of Python is not computed in silence: from other numbers, the page has numpy's or says why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import mnistviz
from mnistviz.export.laboratory import ENGINE_SCRIPTS, laboratory_script
from mnistviz.export.laboratory.program import given, program
from mnistviz.export.laboratory.written import normal, parsed
from mnistviz.trace.model import SourceFile, Trace
from tests.export.laboratory.counting import DECIDED, FREE
from tests.export.laboratory.node import arrays, matrix, run_script
from tests.export.laboratory.ways import PROGRAMS, shaped, turned, written_apart

pytestmark = pytest.mark.needs("node")
RECORDED = np.array([1.3, -0.7, 0.4, 2.1]), np.array([0.5, 1.5, -2.0, 3.0])
OTHERS = (
    (np.array([-0.9, 1.7, -0.2, 0.6]), np.array([0.25, -1.0, 2.5, 1.0])),  # other turns, another order
    (np.array([1.1, -0.6, 0.3, 2.4]), np.array([0.5, 1.5, -2.0, 3.0])),  # the same ones, mostly
)
BENCH = """
const array = ({ shape, data, type }) => ({ shape, data: Float64Array.from(data), type });
const asked = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(asked.map(({ program, arrays, given }) => given.map((all) => {
  const engine = makeEngine(program, arrays, (id) => {
    const bytes = Buffer.from(arrays[id].data, "base64");
    return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  });
  const { values, held } = engine.run(new Map(all.map(([id, one]) => [id, array(one)])));
  return { values: [...values].map(([id, { data }]) => [id, [...data].map(String)]), held: [...held] };
}))));
"""
Found = list[tuple[dict[int, Any], dict[int, str]]]


def from_others(traces: list[Trace]) -> list[Found]:
    """What the page has of each trace's arrays from each of the other arguments, and why it kept some."""
    asked = [
        {
            "program": program(trace),
            "arrays": arrays(trace),
            "given": [
                [[value.id, matrix(one)] for value, one in zip(trace.inputs, other, strict=True)]
                for other in OTHERS
            ],
        }
        for trace in traces
    ]
    found = run_script("\n".join(map(laboratory_script, ENGINE_SCRIPTS)) + BENCH, asked)
    return [
        [
            (
                {
                    number: np.array([float(cell.replace("Infinity", "inf")) for cell in data])
                    for number, data in one["values"]
                },
                dict(map(tuple, one["held"])),
            )
            for one in each
        ]
        for each in found
    ]


def recorded(step: Callable[..., Any], x: Any, w: Any) -> Trace:
    return mnistviz.record(step, x.copy(), w.copy())


def test_what_the_page_has_is_what_the_program_computes() -> None:
    traces = [recorded(step, *RECORDED) for step in PROGRAMS]
    followed = 0
    for step, trace, found in zip(PROGRAMS, traces, from_others(traces), strict=True):
        for other, (values, held) in zip(OTHERS, found, strict=True):
            for operation, again in zip(trace, recorded(step, *other), strict=False):
                if operation.expression != again.expression:
                    break  # it went another way: the rest has nothing to be compared with
                number = operation.output.id
                if number in held or again.output.dtype.kind not in "biuf":
                    continue
                expected = again.output.value.astype(float).ravel()
                page = values.get(number, operation.output.value.astype(float).ravel())
                assert np.allclose(page, expected, rtol=1e-9, atol=0), (step.__name__, operation.expression)
                followed += number in values
    assert followed > 120


def test_how_often_how_many_and_which_one_is_told_or_held() -> None:
    """What follows from one of the others is held, or numpy's; what only looks like it is computed to its end."""
    programs = (*DECIDED, *FREE)
    traces = [recorded(step, *RECORDED) for step in programs]
    for step, trace, found in zip(programs, traces, from_others(traces), strict=True):
        for other, (values, held) in zip(OTHERS, found, strict=True):
            last = trace.operations[-1].output
            expected = recorded(step, *other).operations[-1].output.value
            if step in FREE:
                assert not held, (step.__name__, held)
            if last.id not in held:
                page = values.get(last.id, last.value.ravel())
                assert np.array_equal(page.shape, expected.ravel().shape), step.__name__
                assert np.allclose(page, expected.ravel(), rtol=1e-9, atol=0), step.__name__


def test_shapes_and_counters_hold_nothing_back() -> None:
    trace = recorded(shaped, *RECORDED)
    for values, held in from_others([trace])[0]:
        assert held == {}
        assert trace.operations[-1].output.id in values


def test_a_turn_is_found_where_the_source_has_letters_beyond_ascii() -> None:
    trace = recorded(written_apart, *RECORDED)
    (_, other), (_, same) = from_others([trace])[0]
    assert trace.operations[-1].output.id in other
    assert trace.operations[-1].output.id not in same  # the condition is what it was: nothing is in doubt


def test_a_turn_that_goes_another_way_holds_what_comes_after_it() -> None:
    trace = recorded(turned, *RECORDED)
    other, same = from_others([trace])[0]
    assert same[1] == {}
    condition = next(one for one in trace if one.expression == "x[1] > 0")
    after = [one.output.id for one in trace if one.number > condition.number]
    assert set(after) <= other[1].keys()
    assert condition.output.id not in other[1]
    assert "would go another way" in other[1][after[-1]]


def test_a_sum_of_thousands_of_terms_is_no_fault() -> None:
    long = "x * float(x[0]) + " + " + ".join(["1.5"] * 3000)
    deep = parsed(long)
    assert deep is None or normal(long)
    trace = recorded(turned, *RECORDED)
    source = SourceFile(trace.sources[0].name, f"def turned(x, w):\n    return {long}\n")
    assert program(replace(trace, sources=(source,)))["operations"]


def test_a_number_that_the_code_names_is_followed() -> None:
    def step(x: Any) -> Any:
        rate = 0.5
        return x - rate * x, x * (1 - rate) / 2

    trace = mnistviz.record(step, np.array([1.0, 4.0]))
    rate = next(value.id for one in trace for value in one.inputs if value.name == "rate")
    script = "\n".join(map(laboratory_script, ENGINE_SCRIPTS)) + BENCH
    changed = [[rate, {"shape": [], "data": [0.25], "type": "float64"}]]
    asked = [{"program": program(trace), "arrays": arrays(trace), "given": [changed]}]
    [[found]] = run_script(script, asked)
    values = {number: [float(cell) for cell in data] for number, data in found["values"]}
    assert found["held"] == []
    assert [values[number] for number in trace.results] == [[0.75, 3.0], [0.375, 1.5]]


def test_conditions_in_conditions_are_all_in_doubt() -> None:
    def step(x: Any, w: Any) -> Any:
        outer = float(x[0])
        inner = float(w[0])
        if outer > 0:  # noqa: SIM102  # two conditions over the same first operation
            if inner > 0:
                y = x * 3
        return y

    trace = mnistviz.record(step, *RECORDED)
    other = [[trace.inputs[1].id, matrix(OTHERS[0][1])]]
    script = "\n".join(map(laboratory_script, ENGINE_SCRIPTS)) + BENCH
    [[found]] = run_script(script, [{"program": program(trace), "arrays": arrays(trace), "given": [other]}])
    assert "decides the way" in dict(map(tuple, found["held"]))[trace.operations[-1].output.id]


def test_what_stands_in_the_code_as_it_is_is_not_offered() -> None:
    def step(x: Any) -> Any:
        rate = 0.5
        return (x * 2 + [1.0, 2.0]) * rate - len(x) * x

    trace = mnistviz.record(step, np.array([1.0, 4.0]))
    names = {value.id: value.name for one in trace for value in one.inputs}
    offered = [names[number] for number in given(trace)]
    assert "rate" in offered
    assert "2" not in offered
    assert "len(x)" not in offered
