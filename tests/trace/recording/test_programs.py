"""Programs in many styles: a recording changes nothing of them, holds all that they do, and proves it.

Each is run three times afresh: as it is, recorded, and once for each oracle of `counting`.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import sys
import warnings
from dataclasses import fields
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest

import mnistviz
from mnistviz.trace.model import Operation, Trace, Value
from mnistviz.trace.recording.recorder import record
from tests.trace.recording import counting, running
from tests.trace.recording.counting import Event

ALL = running.PROGRAMS + running.CASES + running.EXAMPLES
MONITORED = sys.version_info >= (3, 12)


@functools.cache
def recorded(name: str) -> Trace:
    """A program's trace, recorded once; what it prints and warns of is no concern here."""
    program = running.fresh(name)
    return quietly(lambda: record(program.module.step, *program.arguments))


def quietly(call: Any) -> Any:
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call()


@pytest.mark.parametrize("name", ALL)
def test_a_watched_run_is_the_run(name: str) -> None:
    plain = running.run_plain(running.fresh(name))
    program = running.fresh(name)
    with running.untouched(program.files):
        watched = running.run(program, record)
    for field in fields(running.Told):
        assert getattr(watched, field.name) == getattr(plain, field.name), field.name
    assert ours(program) == []


def ours(program: running.Program) -> list[str]:
    """What of this package's can be reached from a program's objects."""
    start = [*program.modules.values(), *program.returned, *program.arguments]
    seen: dict[int, Any] = {id(one): one for one in start}
    queue = list(start)
    while queue:
        one = queue.pop()
        if isinstance(one, ModuleType) and one not in program.modules.values():
            continue
        for held in gc.get_referents(one):
            if id(held) not in seen and not _elsewhere(held, program):
                seen[id(held)] = held
                queue.append(held)
    kinds = {f"{type(one).__module__}.{type(one).__qualname__}" for one in seen.values()}
    imported = {f"{type(mnistviz).__module__}.{type(mnistviz).__qualname__}"}  # by the examples themselves
    return sorted(kind for kind in kinds - imported if kind.startswith("mnistviz"))


def _elsewhere(one: Any, program: running.Program) -> bool:
    """Classes and functions of other modules lead everywhere."""
    module = getattr(one, "__module__", None)
    return isinstance(one, type | FunctionType | CodeType) and module not in program.modules


@pytest.mark.parametrize("name", ALL)
def test_a_trace_proves_itself(name: str) -> None:
    trace = recorded(name)
    assert trace.failure is None
    assert len(trace) > 0
    trace.check()


@pytest.mark.on_one_python
@pytest.mark.parametrize("name", ALL)
def test_it_is_saved_whole(name: str, tmp_path: Any) -> None:
    trace = recorded(name)
    trace.save(tmp_path / "trace.npz")
    loaded = Trace.load(tmp_path / "trace.npz")
    loaded.check()
    assert told(loaded) == told(trace)


def told(trace: Trace) -> list[Any]:
    """A trace as plain data, without what is never saved."""
    values = [*trace.inputs, *trace.returned]
    return [
        trace.function, trace.results, trace.coverage, [(one.name, one.text) for one in trace.sources],
        [_value(one) for one in values], [_operation(one) for one in trace],
    ]  # fmt: skip


def _operation(one: Operation) -> Any:
    inside = [_value(value) for value in (*one.inputs, one.output, *one.more)]
    return one.number, one.operation, one.expression, one.source, repr(one.parameters), inside


def _value(one: Value) -> Any:
    before = None if one.before is None else (one.before.shape, one.before.tobytes())
    named = one.id, one.name, one.role, one.view_of, one.stretched, one.changed_by
    return named, one.dtype, one.shape, np.asarray(one.value).tobytes(), before


@pytest.mark.parametrize("name", ALL)
def test_every_operator_and_ufunc_is_held(name: str) -> None:
    events = quietly(lambda: counting.operators(running.fresh(name)))
    assert counting.missing(recorded(name), events) == []


if MONITORED:  # Python has CALL and INSTRUCTION events

    @pytest.mark.parametrize("name", ALL)
    def test_every_call_into_numpy_is_held(name: str) -> None:
        events = quietly(lambda: counting.calls(running.fresh(name)))
        assert counting.missing(recorded(name), events) == []

    @pytest.mark.parametrize("name", ALL)
    def test_no_operation_is_made_up(name: str) -> None:
        counts = quietly(lambda: counting.executed(running.fresh(name)))
        assert counting.made_up(recorded(name), counts) == []


UNSEEN = {
    "cases.iterators": {"x"},  # a buffered iterator writes in C, behind the program's back
}


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_unseen_but_what_is_said(name: str) -> None:
    coverage = recorded(name).coverage
    assert set(coverage.names) == UNSEEN.get(name, set())
    assert coverage.recorded + coverage.unseen == coverage.made


def test_the_oracles_hear() -> None:
    """They hear the operators and the calls of a program that is counted by hand; a lost operation is missed."""
    program = running.fresh("programs.pagerank")
    events = quietly(lambda: counting.operators(program))
    assert {(one.name, one.kind) for one in events} >= {
        ("setitem", "setitem"), ("multiply", "operator"), ("matmul", "operator"), ("absolute", "call"),
    }  # fmt: skip
    trace = recorded("programs.pagerank")
    lost = next(one for one in trace if one.operation == "matmul")
    rest = [one for one in trace if one is not lost]
    less = Trace(trace.function, tuple(rest), trace.sources)
    assert [word.split()[1] for word in counting.missing(less, events)] == ["matmul"]


def test_there_are_enough_programs() -> None:
    assert len(running.PROGRAMS) >= 30
    assert len(running.EXAMPLES) >= 6
    assert all(isinstance(one, Event) for one in counting.Counted.heard)
