"""Nothing lives longer because it is watched, and nothing remains afterwards, however the run ends."""

from __future__ import annotations

import os
import signal
import threading
import types
import weakref
from typing import Any

import numpy as np
import pytest

from mnistviz.errors import InputError
from mnistviz.trace.recording.recorder import record
from tests.trace.recording import lives, running
from tests.trace.recording.freezing import freeze

LIVES = [
    one
    for one in vars(lives).values()
    if isinstance(one, types.FunctionType) and one.__module__ == lives.__name__
]
FILES = frozenset([__file__, lives.__file__])


def seen(life: Any, watched: bool) -> Any:
    box: list[Any] = []

    def keep(x: Any) -> None:
        box.append(life(x))

    x = np.array([1.0, 2.5, -3.0])
    if watched:
        assert record(keep, x).failure is None
    else:
        keep(x)
    return freeze([box, x])


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
def test_nothing_lives_longer(life: Any) -> None:
    assert seen(life, watched=True) == seen(life, watched=False)


def test_arguments_die_with_their_trace() -> None:
    def step(x: Any) -> Any:
        return x * 2

    x = np.ones(3)
    ref = weakref.ref(x)
    trace = record(step, x)
    assert trace.inputs[0].value.tolist() == [1, 1, 1]
    del x, trace
    assert ref() is None


def interrupted(x: Any) -> Any:
    y = x + 1
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):
        y = y * 1
    return y


def exiting(x: Any) -> Any:
    y = x + 1
    raise SystemExit(7) if y.any() else ValueError


class Odd(BaseException):
    pass


def odd(x: Any) -> Any:
    y = x + 1
    raise Odd(y)


@pytest.mark.parametrize(
    ("function", "kind"), [(interrupted, KeyboardInterrupt), (exiting, SystemExit), (odd, Odd)]
)
def test_all_is_put_back_when_the_run_is_broken_off(function: Any, kind: Any) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    with running.untouched(FILES), pytest.raises(kind):
        record(function, np.ones(2))
    assert record(lambda x: x * 2, np.ones(2)).failure is None


def failing(x: Any) -> Any:
    return (x + 1) @ np.ones(9)


def test_all_is_put_back_when_the_run_fails() -> None:
    with running.untouched(FILES):
        trace = record(failing, np.ones(2))
    assert trace.failure is not None
    assert [one.operation for one in trace] == ["add", "ones"]
    assert trace.failure.source is not None
    assert trace.failure.source.expression.first_line == failing.__code__.co_firstlineno + 1


def test_an_error_that_the_program_catches_is_none() -> None:
    def step(x: Any) -> Any:
        try:
            x @ np.ones(9)
        except ValueError:
            return x + 1

    trace = record(step, np.ones(2))
    assert trace.failure is None
    assert [one.operation for one in trace][-1] == "add"


def test_a_recording_inside_a_recording_is_refused() -> None:
    refused: list[str] = []

    def inner(x: Any) -> Any:
        return x * 2

    def outer(x: Any) -> Any:
        y = x + 1
        try:
            record(inner, y)
        except InputError as error:
            refused.append(str(error))
        return y * 3

    trace = record(outer, np.ones(2))
    assert len(refused) == 1 and "\n" not in refused[0]
    assert [one.operation for one in trace if one.operation in ("add", "multiply")] == ["add", "multiply"]
    assert record(inner, np.ones(2)).failure is None


def test_a_recording_beside_a_recording_is_refused() -> None:
    started, ended = threading.Event(), threading.Event()
    traces: list[Any] = []

    def slow(x: Any) -> Any:
        y = x + 1
        started.set()
        ended.wait(20)
        return y * 2

    def other(x: Any) -> Any:
        return x * 3

    thread = threading.Thread(target=lambda: traces.append(record(slow, np.ones(2))))
    thread.start()
    assert started.wait(20)
    with pytest.raises(InputError) as refused:
        record(other, np.ones(2))
    ended.set()
    thread.join()
    assert "\n" not in str(refused.value)
    assert [one.operation for one in traces[0]] == ["add", "multiply"]
    assert [one.operation for one in record(other, np.ones(2))] == ["multiply"]


def suspended(x: Any) -> Any:
    while True:
        x = x * 2
        yield x


def test_what_was_running_before_is_counted_as_unseen() -> None:
    before = suspended(np.ones(2))
    next(before)

    def step(x: Any) -> Any:
        return x + next(before)

    trace = record(step, np.ones(2))
    assert trace.returned[0].value.tolist() == [5, 5]
    assert "add" in [one.operation for one in trace]
    assert trace.coverage.unseen > 0


def test_what_lives_on_keeps_working() -> None:
    kept: list[Any] = []

    def step(x: Any) -> Any:
        w = x * 2

        def closure(v: Any) -> Any:
            nonlocal w
            w = w + v
            return w

        class Layer:
            scale = w + 1

            def forward(self, v: Any) -> Any:
                v *= 2
                return [v[i] * self.scale[i] for i in range(len(v))]

        def generator() -> Any:
            total = w
            while True:
                got = yield total
                total = total + got

        running_on = generator()
        next(running_on)
        kept.extend([closure, Layer(), running_on])
        return closure(x)

    with running.untouched(FILES):
        trace = record(step, np.ones(2))
    assert trace.failure is None
    closure, layer, running_on = kept
    assert closure(1).tolist() == [4, 4]
    assert layer.forward(np.ones(2)) == [6, 6]
    assert running_on.send(np.ones(2)).tolist() == [3, 3]
    assert running_on.send(1).tolist() == [4, 4]
    assert [len(trace), *(type(one) for one in closure(0))] == [len(trace), np.float64, np.float64]


def test_functions_made_meanwhile_get_their_own_code_back() -> None:
    made: list[Any] = []

    def step(x: Any) -> Any:
        def twice(v: Any) -> Any:
            return v * 2

        made.append(twice)
        return twice(x)

    trace = record(step, np.ones(2))
    assert [one.operation for one in trace] == ["multiply"]
    plain = next(one for one in step.__code__.co_consts if isinstance(one, types.CodeType))
    assert made[0].__code__ == plain
    assert set(made[0].__code__.co_names) == set()
