"""A trace proves itself: what was changed in it is found, and named."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from mnistviz.errors import VerifyError
from mnistviz.trace.recording.recorder import record
from mnistviz.trace.replay import repeatable
from tests.trace.recording import taught
from tests.trace.recording.test_names import THREE, network_arrays


@pytest.fixture
def trace():
    return record(taught.network, *network_arrays())


def _with(trace, number, **changes):
    operations = list(trace.operations)
    operations[number] = replace(operations[number], **changes)
    return replace(trace, operations=tuple(operations))


def test_every_operation_of_the_network_is_replayed(trace):
    trace.check()
    assert all(one.call is not None and repeatable(one.call) for one in trace)


@pytest.mark.parametrize("number", range(0, 30, 3))
def test_one_bit_of_difference_is_found_and_named(trace, number):
    output = trace.operations[number].output
    wrong = output.value.copy(order="C")
    wrong.reshape(-1).view(np.uint8)[0] ^= 1
    with pytest.raises(VerifyError, match=rf"operation {number} |has two contents"):
        _with(trace, number, output=replace(output, value=wrong)).check()


def test_both_numbers_are_told(trace):
    output = trace.operations[-1].output
    wrong = output.value + 1
    with pytest.raises(VerifyError, match=r"does not replay: .* instead of .* at \(0, 0\), taught.py line"):
        _with(trace, len(trace) - 1, output=replace(output, value=wrong)).check()


def test_an_id_with_two_contents_is_found(trace):
    first, second = trace.operations[0].output, trace.operations[1].output
    with pytest.raises(VerifyError, match="made twice"):
        _with(trace, 1, output=replace(second, id=first.id)).check()


def test_a_source_that_changed_is_found(tmp_path):
    file = tmp_path / "changing.py"
    file.write_text("def step(x):\n    y = x + 1\n    return y\n")
    spec = importlib.util.spec_from_file_location("changing", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    trace = record(module.step, THREE.copy())
    trace.check()
    file.write_text("def step(x):\n    y = x + 2\n    return y\n# longer\n")
    with pytest.raises(VerifyError, match="source changed since it was recorded"):
        trace.check()


def test_a_transposed_operand_is_replayed_in_its_own_layout():
    def product(x):
        return np.matmul(x.T[::-1], x[:, ::2])

    trace = record(product, np.random.default_rng(1).normal(size=(301, 40)))
    operand = trace.operations[-1].inputs[0].value
    assert operand.strides[0] < 0
    trace.check()


@pytest.mark.parametrize("shape", [(20, 4), (7, 33), (64, 64), (1, 20, 4)])
def test_a_matrix_times_its_own_transpose_is_repeated_to_the_bit(shape):
    """BLAS knows when both lie in the same memory, and rounds differently then."""

    def step(x):
        turned = x.swapaxes(-1, -2)
        return x @ turned, turned @ x, np.matmul(x[..., ::2], x[..., ::2].swapaxes(-1, -2))

    record(step, np.random.default_rng(0).standard_normal(shape)).check()


def test_what_lies_between_the_fields_of_a_record_counts_for_nothing():
    def step(x):
        bodies = np.zeros(2, [("name", "U5"), ("place", "f8", 2), ("mass", "f4")])
        bodies["mass"] = x
        return bodies[["mass"]], bodies["mass"] * 2

    assert record(step, THREE[:2].copy()).check() == 0


def test_an_array_over_a_buffer_is_taken_on_trust():
    def step(x):
        over = np.asarray(memoryview(x))
        over *= 2
        return over + np.frombuffer(bytearray(x.tobytes())), x * 1

    trace = record(step, THREE.copy())
    assert (trace.check(), trace.coverage.unseen) == (1, 0)
    assert [one.value.tolist() for one in trace.returned] == [[4, 8, 12], [2, 4, 6]]


def test_a_source_that_is_gone_is_none_that_changed(tmp_path):
    (tmp_path / "gone.py").write_text("def step(x):\n    return x * 2\n")
    spec = importlib.util.spec_from_file_location("gone", tmp_path / "gone.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    trace = record(module.step, THREE.copy())
    (tmp_path / "gone.py").unlink()
    assert trace.check() == 0
