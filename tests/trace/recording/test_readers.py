"""Libraries that read the code of functions get the program's own: stand-ins for numba and cloudpickle."""

from __future__ import annotations

import sys
from types import CodeType, ModuleType
from typing import Any

import numpy as np
import pytest

from mnistviz.trace.recording.recorder import record

COMPILER = """
import marshal

class Dispatcher:
    def __init__(self, py_func):
        self.py_func = py_func

    def __call__(self, *args):
        names = self.py_func.__code__.co_names
        inner = [self.py_func.__globals__.get(name) for name in names]
        for one in (self, *(one for one in inner if type(one) is Dispatcher)):
            marshal.dumps(one.py_func.__code__)  # it cannot do with constants that are objects
        return self.py_func(*args)

def njit(function):
    marshal.dumps(function.__code__) if function.__name__ == "at_once" else None
    return Dispatcher(function)
"""
PICKLER = """
import marshal

def dumps(function):
    return marshal.dumps(function.__code__), marshal.dumps(function.__globals__["tripled"].__code__)

def fails(function):
    raise ValueError("no")
"""


@pytest.fixture(autouse=True)
def libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("numba", COMPILER), ("cloudpickle", PICKLER)):
        module = ModuleType(name)
        exec(compile(text, f"<{name}>", "exec"), vars(module))  # noqa: S102 — a library of which the code is not watched
        monkeypatch.setitem(sys.modules, name, module)


def library(name: str) -> Any:
    return sys.modules[name]


def tripled(x: Any) -> Any:
    return x * 3


def test_a_compiler_reads_the_programs_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    numba = library("numba")
    monkeypatch.setitem(globals(), "inner", numba.njit(tripled))
    outer = numba.njit(lambda x: inner(x) + 1)  # type: ignore[name-defined]  # noqa: F821

    def step(x: Any) -> Any:
        @numba.njit
        def made_meanwhile(x: Any) -> Any:
            return x * 2

        def at_once(x: Any) -> Any:
            return x - 1

        return made_meanwhile(outer(x)) + numba.njit(at_once)(x)

    trace = record(step, np.arange(3.0))
    assert trace.failure is None
    assert [one.operation for one in trace if one.call.kind == "foreign"] == [
        "numba.Dispatcher", "numba.Dispatcher", "numba.Dispatcher",
    ]  # fmt: skip
    assert [one.operation for one in trace][-1] == "add"
    assert trace.returned[0].value.tolist() == step(np.arange(3.0)).tolist()


def test_a_pickler_reads_it_too_and_afterwards_it_is_watched_again() -> None:
    cloudpickle = library("cloudpickle")
    found: list[tuple[bytes, bytes]] = []

    def step(x: Any) -> Any:
        found.append(cloudpickle.dumps(tripled))
        try:
            cloudpickle.fails(tripled)
        except ValueError:
            x = x + 1
        return tripled(x)

    own: CodeType = tripled.__code__
    trace = record(step, np.arange(3.0))
    step(np.arange(3.0))
    assert found[0] == found[1]
    assert [one.operation for one in trace] == ["add", "multiply"]
    assert tripled.__code__ is own
