"""Names, spans, passes and roles: what the source says about each operation."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest

from mnistviz.errors import InputError
from mnistviz.trace.recording.recorder import record
from tests.trace.recording import taught

THREE = np.array([1.0, 2.0, 3.0])


def network_arrays():
    rng = np.random.default_rng(0)
    w1, w2 = rng.random((4, 9)) - 0.5, rng.random((3, 4)) - 0.5
    return [rng.random((9, 1)), w1, np.zeros((4, 1)), w2, np.zeros((3, 1)), 2, 0.1]


@pytest.fixture
def network():
    return record(taught.network, *network_arrays())


def _line(function, after):
    """Line of a function's file, counted from its first one."""
    return function.__code__.co_firstlineno + after


def _said(operation):
    return operation.operation, [value.name for value in operation.inputs], operation.output.name


def test_operands_and_results_have_the_names_of_the_source(network):
    said = [_said(operation) for operation in network]
    assert said[:2] == [("matmul", ["w1", "image"], ""), ("add", ["b1", ""], "pre")]
    assert said[2:6] == [
        ("negative", ["x"], ""), ("exp", [""], ""), ("add", ["1", ""], ""), ("divide", ["1", ""], "hidden"),
    ]  # fmt: skip
    assert ("setitem", ["expected", "1"], "expected") in said
    assert ("argmax", ["out"], "detected") in said
    assert ("multiply", ["-learn_rate", "adjustment"], "") in said
    assert ("add", ["w2", ""], "w2") in said
    assert ("matmul", ["w2.T", "delta"], "") in said
    assert [value.name for value in network.inputs] == [
        "image",
        "w1",
        "b1",
        "w2",
        "b2",
        "label",
        "learn_rate",
    ]
    assert [value.name for value in network.returned] == ["out", "detected"]


def test_an_in_place_update_keeps_before_and_after(network):
    update = network.making("w2")
    assert (update.operation, update.expression, update.in_place) == (
        "add", "w2 += -learn_rate * adjustment", True,
    )  # fmt: skip
    assert np.array_equal(update.output.before, network_arrays()[3])
    assert np.array_equal(update.output.value, update.output.before + update.inputs[1].value)
    item = network.making("expected", 1)
    assert (item.expression, item.parameters) == ("expected[label] = 1", (("index", 2),))
    assert item.output.before.sum() == 0
    assert item.output.value.sum() == 1
    used_after = next(one for one in network if one.expression == "w2.T")
    assert used_after.inputs[0].id == update.output.id


def test_roles_are_found_from_the_run(network):
    roles = {value.name: value.role for one in network for value in (*one.inputs, one.output) if value.name}
    expected = {
        "parameter": ["w1", "b1", "w2", "b2", "w2.T"],
        "input": ["image", "image.T"],
        "activation": ["pre", "hidden", "out", "slope", "detected"],
        "gradient": ["delta", "adjustment", "hidden_delta"],
        "constant": ["1", "-learn_rate", "expected"],
    }
    assert {name: roles[name] for names in expected.values() for name in names} == {
        name: role for role, names in expected.items() for name in names
    }
    returned = record(taught.momentum, THREE.copy(), THREE)
    assert {value.name: value.role for value in returned.inputs} == {"w": "parameter", "g": "input"}


@pytest.mark.parametrize(
    "function", [taught.network, taught.größe_ändern, taught.chained, taught.lambdas, taught.several]
)
def test_a_span_holds_exactly_its_expression(function):
    arrays = network_arrays() if function is taught.network else [np.arange(1.0, 5.0)]
    if function is taught.chained:
        arrays = [THREE.copy()]
    lines = Path(taught.__file__).read_text(encoding="utf-8").splitlines()
    trace = record(function, *arrays)
    assert trace.failure is None
    for operation in trace:
        span = operation.source.expression
        assert span.file == "taught.py"
        text = "\n".join(lines[span.first_line - 1 : span.last_line])
        if span.first_line == span.last_line:
            assert lines[span.first_line - 1][span.first_column : span.last_column] == operation.expression
        else:
            code = text.replace("# the second matrix", "")
            whole = code[span.first_column : len(code) - len(lines[span.last_line - 1]) + span.last_column]
            assert "".join(whole.split()).replace(",)", ")") == "".join(operation.expression.split()).replace(
                ",)", ")"
            )
        statement = operation.source.statement
        assert statement.first_line <= span.first_line <= span.last_line <= statement.last_line


def test_an_expression_over_several_lines_is_told_on_one(network):
    product = [one for one in network if one.operation == "matmul"][1]
    assert product.expression == "np.matmul(w2, hidden)"
    assert (product.source.expression.first_line, product.source.expression.last_line) == (
        _line(taught.network, 3),
        _line(taught.network, 6),
    )
    chained = record(taught.chained, THREE.copy())
    assert [one.expression for one in chained] == [
        "x.reshape(3, 1)", "x.reshape(3, 1).repeat(2, axis=1)", "x.reshape(3, 1).repeat(2, axis=1).T",
    ]  # fmt: skip
    assert [one.output.name for one in chained] == ["", "", "y"]


def test_helpers_keep_the_chain_of_calls(network):
    inner = network.operations[3].source
    assert inner.function == "sigmoid"
    assert [(call.first_line, call.first_column) for call in inner.calls] == [(_line(taught.network, 2), 13)]
    method = record(taught.Model().step, THREE.copy()).operations[0].source
    assert (method.function, len(method.calls)) == ("Model.forward", 1)
    functions = [one.source.function for one in record(taught.lambdas, THREE.copy())]
    assert functions == ["sigmoid"] * 4 + ["lambdas.<lambda>"]


def test_passes_of_loops_are_numbered():
    trace = record(taught.loops, THREE.copy())
    passes = {}
    for one in trace:
        passes.setdefault(one.expression, []).append(one.source.passes)
    assert passes["x * i"] == [(2, 1), (2, 2), (3, 1), (3, 2)]
    assert passes["x + 1"] == [(1,), (2,)]
    assert passes["one + q"] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert passes["np.sum([one + q for q in range(2)])"] == [(1,), (2,)]


def test_attributes_items_and_globals_are_named_and_given_back():
    plain, recorded, shift = taught.Model(), taught.Model(), taught.SHIFT
    plain.step(THREE.copy())
    trace = record(recorded.step, THREE.copy())
    names = [one.output.name for one in trace]
    assert names == [
        "", "", "self.h", "", "self.w", "", "self.w[0]", "self.w", "self.layers[0]", 'self.named["b"]',
    ]  # fmt: skip
    assert [value.name for value in trace.operations[1].inputs] == ["", "self.scale"]
    assert [value.name for value in trace.operations[2].inputs] == ["", "SHIFT"]
    for kept in (recorded.w, recorded.h, recorded.layers[0], recorded.named["b"], taught.Model.scale):
        assert type(kept) is np.ndarray
    assert taught.SHIFT is shift
    assert taught.np is np
    assert np.array_equal(plain.w, recorded.w)
    assert np.array_equal(plain.layers[0], recorded.layers[0])
    item = trace.operations[7]
    assert not np.array_equal(item.output.before, item.output.value)


def test_an_array_changed_through_a_view_is_a_new_value():
    trace = record(taught.views, THREE.copy())
    part, update, last = trace
    assert part.output.view_of == part.inputs[0].id == trace.inputs[0].id
    assert (last.inputs[0].name, last.inputs[0].changed_by) == ("x", update.number)
    assert last.inputs[0].id != trace.inputs[0].id
    assert trace.inputs[0].value.tolist() == [1, 2, 3]
    assert last.inputs[0].value.tolist() == [1, 4, 6]


def test_several_results_are_named():
    trace = record(taught.several, np.arange(1.0, 5.0))
    split = trace.operations[0]
    assert [value.name for value in (split.output, *split.more)] == ["low", "high"]
    names = ["total", "top", "rest", "mean", "", "rest", "first", "second", "", ""]
    assert [one.output.name for one in trace][1:] == names


def test_broadcasting_is_kept():
    odd = record(lambda column, row: column + row, np.ones((3, 1)), np.ones(4)).operations[0]
    assert [value.stretched for value in odd.inputs] == [(1,), (0,)]


def test_calls_without_an_array_are_seen_too():
    trace = record(taught.random, THREE.copy())
    assert [one.operation for one in trace] == ["random.normal", "setitem", "add", "sqrt", "add"]
    trace.check()


def test_a_call_of_other_code_is_one_operation_with_its_true_result():
    trace = record(taught.asks_elsewhere, THREE.copy())
    foreign = trace.operations[-2]
    assert (foreign.operation, foreign.call.kind) == ("numpy.vectorize", "foreign")
    assert [value.name for value in foreign.inputs] == ["x"]
    assert foreign.output.value.tolist() == [2, 3, 4]
    assert trace.operations[-1].inputs[1].id == foreign.output.id
    assert (trace.coverage.foreign, trace.check()) == (1, 1)


def test_memory_that_is_written_without_numpy_is_a_new_value():
    trace = record(taught.asks_raw, THREE.copy())
    made, used = trace.operations[0].output, trace.operations[1].inputs[0]
    assert (made.value.tolist(), used.value.tolist()) == ([2, 4, 6], [7, 4, 6])
    assert made.id != used.id
    trace.check()


def test_a_function_without_source_is_refused():
    with pytest.raises(InputError, match="not written in Python"):
        record(np.matmul, THREE, THREE)


def test_a_failure_keeps_the_trace_up_to_there():
    trace = record(taught.fails, np.ones((3, 4)), np.ones((3, 4)))
    assert [one.operation for one in trace] == ["multiply"]
    failure = trace.failure
    assert failure.message.startswith("ValueError: matmul")
    assert [(value.name, value.shape) for value in failure.inputs] == [("z", (3, 4)), ("y", (3, 4))]
    assert failure.source.expression.first_line == _line(taught.fails, 2)
    trace.check()
    plain = record(taught.fails_in_python, THREE.copy())
    assert plain.failure.message == "IndexError: list index out of range"
    assert (plain.failure.inputs, plain.failure.source.function) == ((), "fails_in_python")


@pytest.mark.parametrize("passes", [2, 2_000])
def test_roles_are_found_in_a_run_of_any_length(passes):
    def learn(x, y, w):
        for _ in range(passes):
            error = x @ w - y
            w -= 0.01 * (x.T @ error)
        return w

    trace = record(learn, np.ones((3, 2)), np.ones(3), np.zeros(2))
    assert len(trace) == passes * 6
    each = [(one.operation, one.output.role) for one in trace]
    one_pass = [
        ("matmul", "activation"), ("subtract", "gradient"), ("transpose", "input"), ("matmul", "gradient"),
        ("multiply", "gradient"), ("subtract", "parameter"),
    ]  # fmt: skip
    assert each == one_pass * passes


def test_what_is_only_reached_costs_nothing(monkeypatch):
    monkeypatch.setattr(taught, "DATA", np.ones(2**20), raising=False)
    trace = record(taught.big, THREE.copy(), memory_limit=2**20)
    assert trace.failure is None
    assert type(taught.DATA) is np.ndarray


def test_what_an_object_keeps_may_change_after_the_run():
    model = taught.Model()
    trace = record(model.step, THREE.copy())
    kept = trace.making("self.h").output.value.copy()
    model.h += 100
    assert np.array_equal(trace.making("self.h").output.value, kept)
    trace.check()


def test_memory_is_limited_with_a_clear_error():
    with pytest.raises(InputError, match=r"more than 1 MiB.*memory_limit"):
        record(taught.big, np.ones(100_000), memory_limit=2**20)


def test_a_recorded_array_of_the_caller_may_change_afterwards():
    x = THREE.copy()
    trace = record(taught.big, x)
    x[:] = 0
    assert trace.inputs[0].value.tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="read-only"):
        trace.operations[0].output.value[0] = 5


def test_who_goes_through_a_generator_called_it():
    """The same on every version of Python, which place a pass differently."""

    def twice(v):
        for i in range(2):
            yield v * i

    def further(v):
        yield from twice(v)

    def step(x):
        for v in twice(x):
            x = x + v
        rows = [v + w for v in x for w in twice(x)]
        for v in further(x):
            rows.append(v)
        it = twice(x)
        return rows, sum(twice(x)), next(it)

    trace = record(step, np.ones(1))
    found = [
        (one.source.passes, [_text(trace, span) for span in one.source.calls])
        for one in trace
        if one.expression == "v * i"
    ]
    assert found == [
        ((1,), ["twice(x)"]), ((2,), ["twice(x)"]),
        ((1, 1), ["twice(x)"]), ((1, 2), ["twice(x)"]),
        ((1,), ["further(x)", "yield from twice(v)"]), ((2,), ["further(x)", "yield from twice(v)"]),
        ((1,), ["sum(twice(x))"]), ((2,), ["sum(twice(x))"]),
        ((1,), ["next(it)"]),
    ]  # fmt: skip


def test_what_a_comprehension_calls_has_its_passes():
    def f(v):
        return v * 3

    def step(x):
        flat = [f(x) for i in range(1) for j in range(2) if len(f(x))]
        for _ in range(2):
            deep = {i: [f(x) for j in range(2)] for i in range(1)}
        return flat, deep, list(f(x) for i in range(2))  # noqa: C400

    assert [one.source.passes for one in record(step, THREE.copy())] == [
        (1, 1), (1, 1), (1, 2), (1, 2),
        (1, 1, 1), (1, 1, 2), (2, 1, 1), (2, 1, 2),
        (1,), (2,),
    ]  # fmt: skip


def test_passes_around_a_comprehension_are_counted_once():
    """Before Python 3.12 a comprehension has a frame of its own."""

    def step(x):
        for _ in range(2):
            total = sum(x * i for i in range(2))
            rows = [x + i for i in range(2) if x[i] > 0]
            table = [[x - i for i in range(2)] for j in range(1)]
        return total, rows, table

    found = {}
    for one in record(step, THREE.copy()):
        found.setdefault(one.expression, []).append(one.source.passes)
    twice = [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert found == {
        "x * i": twice,
        "sum(x * i for i in range(2))": [(1,), (2,)],
        "x[i]": twice,
        "x[i] > 0": twice,
        "x + i": twice,
        "x - i": [(1, 1, 1), (1, 1, 2), (2, 1, 1), (2, 1, 2)],
    }


def _text(trace, span):
    assert span.first_line == span.last_line
    return trace.source_file(span.file).lines[span.first_line - 1][span.first_column : span.last_column]


class Box:
    """An array with operators, an index and a property of its own."""

    def __init__(self, data):
        self.data = data

    def __matmul__(self, other):
        return Box(self.data @ other.data)

    def __rmul__(self, number):
        return Box(number * self.data)

    def __neg__(self):
        return Box(-self.data)

    def __iadd__(self, other):
        self.data = self.data + other.data
        return self

    def __getitem__(self, place):
        return Box(self.data[place])

    @property
    def total(self):
        return self.data.sum()


def through_operators(x, y):
    a, b = Box(x), Box(y)
    rest = -a[0].total, (2 * a).data
    a += b
    return ((a @ b) @ b).data, (-b).data, rest


def test_an_object_whose_operator_runs_is_called_as_the_operand_is():
    trace = record(through_operators, np.eye(2), np.ones((2, 2)))
    said = [(one.operation, *(value.name for value in one.inputs)) for one in trace]
    expected = [
        ("getitem", "a.data"), ("sum", "a[0].data"), ("multiply", "number", "a.data"), ("add", "a.data", "b.data"),
        ("matmul", "a.data", "b.data"), ("matmul", "(a @ b).data", "b.data"), ("negative", "b.data"),
    ]  # fmt: skip
    assert [one for one in said if one in expected] == expected


def doubled(v):
    return v * 2


def test_a_result_has_a_name_only_where_the_function_was_called_for_it():
    def asks(xs):
        best = max(xs, key=lambda v: v.sum())
        order = sorted(xs, key=lambda v: v.max())
        total = functools.reduce(lambda a, b: a + b, xs)
        widest = np.apply_along_axis(lambda v: v.min(), 0, xs[0])
        twice = doubled(xs[0])
        again = functools.partial(doubled, xs[1])()
        return best, order, total, widest, twice, again

    trace = record(asks, [np.array([1.0, 2.0]), np.array([-1.0, 0.5])])
    named = {(one.operation, one.output.name) for one in trace}
    assert {name for _, name in named} - {""} == {"twice", "again", "widest"}
    assert not {"sum", "max", "add", "min"} & {operation for operation, name in named if name}
