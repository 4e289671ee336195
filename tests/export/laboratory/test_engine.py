"""The page computes what numpy computed: every operation from its recorded inputs, and whole programs run through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mnistviz
from mnistviz.export.laboratory.program import given, program
from mnistviz.operations import OPERATIONS
from mnistviz.scene import load_scene
from mnistviz.trace.model import Trace, Value
from tests.conftest import ROOT
from tests.export.laboratory.by_numpy import run_again, with_one_cell_changed
from tests.export.laboratory.node import evaluate, matrix

pytestmark = pytest.mark.needs("node")
RELATIVE = 1e-12
EXAMPLES = {  # the float64 examples, and what of each stays as it was recorded
    "02_relu_softmax": set(), "03_convolution": set(), "04_attention": set(), "05_logistic_regression": set(),
    "06_power_iteration": set(), "07_k_means": set(), "12_layers": set(), "13_recurrent": set(),
    "14_batch_norm_adam": set(), "15_convolution_network": set(), "16_micro_autograd": set(),
}  # fmt: skip
# Runs every operation from the given arrays alone: how far each is from what was recorded.
RUN_THROUGH = """() => {
  const made = engine.run(new Map(program.given.map((id) => [id, engine.recorded(id)])));
  const results = [...made.values].map(([id, value]) => distance(value, engine.recorded(id)));
  return { worst: Math.max(0, ...results), made: made.values.size, held: [...made.held.values()] };
}"""
# The same, and how far each operation is from what was recorded, and all that follows from arrays given anew.
EDITED = f"""(edits) => ({{
  differences: engine.differences(),
  whole: ({RUN_THROUGH})(),
  edited: edits.map(([id, one]) => engine.run(new Map([[id, array(one)]])))
    .map(({{ values, held }}) => ({{ values: [...values], held: [...held] }})),
}})"""


@pytest.fixture(scope="module")
def lesson() -> Trace:
    """The default film's trace."""
    return load_scene().record()


def value_named(trace: Trace, name: str) -> int:
    """Id of a given array."""
    values = [*trace.inputs, *(value for operation in trace for value in operation.inputs)]
    return next(value.id for value in values if value.name == name)


def values_of(trace: Trace) -> dict[int, Value]:
    """All arrays by id."""
    values = [value for operation in trace for value in (*operation.inputs, operation.output)]
    return {value.id: value for value in [*trace.inputs, *values]}


def recorded(trace: Trace, number: int) -> Any:
    """The array of that id."""
    return values_of(trace)[number].value


def last_named(trace: Trace, name: str) -> int:
    return next(
        operation.output.id for operation in reversed(trace.operations) if operation.output.name == name
    )


def far(found: list[dict[str, Any]]) -> dict[str, Any]:
    """What is not as recorded, by operation: how far, or why there is nothing to compare."""
    return {
        one["operation"]: one["difference"] if isinstance(one["difference"], float) else one["why"]
        for one in found
        if not (isinstance(one["difference"], int | float) and one["difference"] <= RELATIVE)
    }


def test_each_twin_is_named_by_a_record_and_each_record_names_a_twin(lesson: Trace) -> None:
    assert set(evaluate(lesson, "() => Object.keys(TWINS)")) == {
        one.twin for one in OPERATIONS.values() if one.twin
    }


def test_the_default_film_is_computed_again(lesson: Trace) -> None:
    assert far(evaluate(lesson, "() => engine.differences()")) == {}
    whole = evaluate(lesson, RUN_THROUGH)
    assert whole["worst"] <= RELATIVE
    assert whole["held"] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_computed_again_also_with_one_cell_changed(name: str) -> None:
    """From the recorded numbers, and with a cell of each given array changed, as numpy has it then."""
    trace = load_scene(str(ROOT / "examples" / f"{name}.py")).record()
    chance = np.random.default_rng(1)
    own = {value.id for value in trace.inputs}
    edits = {
        number: with_one_cell_changed(value, chance)
        for number in given(trace)
        if (value := values_of(trace)[number]).dtype.kind in "biuf"
        and value.value.size
        and (number in own or value.shape)  # numbers in calls stay as they were when numpy does it again
    }
    found = evaluate(trace, EDITED, [[number, matrix(array)] for number, array in edits.items()])
    assert set(far(found["differences"])) == EXAMPLES[name]
    assert found["whole"]["worst"] <= RELATIVE
    assert found["whole"]["made"] > len(trace) / 2
    assert edits
    for (number, array), one in zip(edits.items(), found["edited"], strict=True):
        expected, held = run_again(trace, {number: array}), {kept for kept, _ in one["held"]}
        page = {made: np.array(cells["data"], float) for made, cells in one["values"]}
        assert expected.keys() <= page.keys() | held
        for made in expected.keys() - held:
            largest = np.abs(expected[made]).max(initial=0.0, where=np.isfinite(expected[made])) or 1.0
            np.testing.assert_allclose(page[made], expected[made].ravel(), rtol=0, atol=1e-10 * largest)


def test_the_learn_rate_and_the_expected_digit_are_followed(lesson: Trace) -> None:
    """They are plain numbers in the calls: the source says where they come from."""
    statements = program(lesson)["operations"]
    rate, label = value_named(lesson, "learn_rate"), value_named(lesson, "label")
    formulas = [
        part["formula"]
        for one in statements
        for part in one.get("arguments", ())
        if isinstance(part, dict) and "formula" in part
    ]
    assert formulas.count(["negative", ["of", rate]]) == 4
    assert formulas.count(["of", label]) == 1
    assert {rate, label} <= set(given(lesson))


def forward(trace: Trace, pictures: Any) -> Any:
    """The ten outputs for each picture of bytes, by numpy, with the given weights."""
    w1, b1, w2, b2 = (
        recorded(trace, value_named(trace, name))
        for name in (
            "input_to_hidden_weights_20x784", "hidden_biases_20x1", "hidden_to_output_weights_10x20",
            "output_biases_10x1",
        )
    )  # fmt: skip
    hidden = 1 / (1 + np.exp(-(b1 + w1 @ (pictures.reshape(len(pictures), 784).T / 256))))
    return (1 / (1 + np.exp(-(b2 + w2 @ hidden)))).T


def test_random_drawings_give_what_numpy_gives(lesson: Trace) -> None:
    draw = np.random.default_rng(7)
    pictures = draw.integers(0, 256, (40, 28, 28)) * (draw.random((40, 28, 28)) < 0.2)
    picture = value_named(lesson, "picture_28x28")
    outputs = next(one.output.id for one in lesson if one.output.name == "output_neurons_10x1")
    found = evaluate(
        lesson,
        f"(asked) => asked.map((one) => engine.run(new Map([[{picture}, array(one)]])).values.get({outputs}).data)",
        [matrix(one) for one in pictures],
    )
    expected = forward(lesson, pictures)
    assert np.abs(np.array(found) - expected).max() < 1e-10
    assert np.argmax(found, axis=1).tolist() == np.argmax(expected, axis=1).tolist()


def test_steps_end_where_numpy_ends(lesson: Trace) -> None:
    """Ten steps with a learn rate of 0.3 for another digit: the scene's own function does the same."""
    from mnistviz.scene import find_scene

    names = [value.name for value in lesson.inputs]
    arrays = [value.value.copy() for value in lesson.inputs]
    plain = {
        name: array.item() if not array.shape else array for name, array in zip(names, arrays, strict=True)
    }
    plain |= {"label": 8, "learn_rate": 0.3}
    network = _network(find_scene("mnist_mlp"))
    image = network.as_column(plain.pop("picture_28x28"))
    for _ in range(10):
        hidden, outputs = network.forward(image, *[plain[name] for name in names[2:6]])
        wanted = np.zeros((10, 1))
        wanted[8] = 1
        network.backward(image, hidden, outputs, wanted, *[plain[name] for name in names[2:6]], 0.3)
    label, rate = (value_named(lesson, name) for name in ("label", "learn_rate"))
    found = evaluate(
        lesson,
        f"""() => {{
          let given = new Map([
            [{label}, array({{ shape: [], data: [8], type: "int64" }})],
            [{rate}, array({{ shape: [], data: [0.3], type: "float64" }})],
          ]);
          for (let step = 0; step < 10; step++) given = engine.stepped(given, engine.run(given));
          return program.carried.map(([first]) => given.get(first).data);
        }}""",
    )
    for (first, _), numbers in zip(program(lesson)["carried"], found, strict=True):
        name = next(value.name for value in lesson.inputs if value.id == first)
        assert np.allclose(numbers, plain[name].ravel(), rtol=0, atol=1e-12 * np.abs(plain[name]).max() * 10)


def _network(found: Any) -> Any:
    import sys

    found.open(found.choice())
    return next(
        module
        for name, module in list(sys.modules.items())
        if name.endswith("mnist_mlp.network") and module is not None
    )


def test_a_changed_weight_is_numpys_and_an_undone_one_changes_nothing(lesson: Trace) -> None:
    weights = value_named(lesson, "hidden_to_output_weights_10x20")
    before = recorded(lesson, weights)
    changed = before.copy()
    changed[:, 8] = 0
    outputs = next(one for one in lesson if one.output.name == "output_neurons_10x1")
    hidden = next(one.output for one in lesson if one.output.name == "hidden_neurons_20x1")
    biases = recorded(lesson, value_named(lesson, "output_biases_10x1"))
    expected = 1 / (1 + np.exp(-(biases + changed @ hidden.value)))
    found = evaluate(
        lesson,
        f"""(asked) => {{
          const made = engine.run(new Map([[{weights}, array(asked)]]));
          return {{
            outputs: made.values.get({outputs.output.id}).data,
            none: engine.run(new Map()).values.size,
            hidden: made.values.has({hidden.id}),
          }};
        }}""",
        matrix(changed),
    )
    assert np.abs(np.array(found["outputs"]) - expected.ravel()).max() < 1e-12
    assert found["none"] == 0
    assert not found["hidden"]  # it comes before the weight: as it was recorded, to the bit


def test_whole_numbers_and_single_precision_are_numpys() -> None:
    part, many = np.float32(0.1), np.uint8(200)

    def step(x: Any, n: Any) -> Any:
        y = x * part + x.T
        z = np.matmul(y, x) - y.mean(axis=0)
        z[1:, ::2] = y[0, 0]
        m = np.where(z > 0, z, -z).sum(axis=1, keepdims=True)
        k = n // 3 + n % 5 - n[::-1]
        k[[0, 2]] += 7
        u = n.astype(np.uint8) * many
        order = np.argsort(k)
        chosen = k[k > 1]
        several = np.concatenate([k, order]).reshape(2, -1)
        stacked = np.stack([several[0], several[1]], axis=1)
        mask = (k > 1) & ~(n < 0) | (n == k) ^ (k > 5)
        bits = np.array(n * 2**40 + 5) & np.array([2**41 - 1]) | 8, (u ^ many) | ~u, ~n
        n[~mask] = 0
        return (
            bits,
            m,
            u,
            chosen,
            stacked.cumsum(axis=0),
            np.sort(several, axis=1),
            np.max(several),
            np.clip(k, -1, 3),
        )

    draw = np.random.default_rng(3)
    trace = mnistviz.record(step, draw.normal(size=(4, 4)).astype(np.float32), draw.integers(-90, 90, 6))
    found = evaluate(trace, "() => engine.differences()")
    for operation, one in zip(trace, found, strict=True):
        exact = operation.output.dtype.kind in "biu"
        assert isinstance(one["difference"], int | float), (operation.expression, one)
        assert one["difference"] <= (0 if exact else 1e-5), (operation.expression, one)


def test_counts_shifts_differences_and_borders_are_numpys() -> None:
    def step(x: Any, n: Any) -> Any:
        return (
            np.bincount(n), np.bincount(n, minlength=12), np.bincount(n, x[0]), np.bincount(n, weights=x[1]),
            np.unique(n), np.unique(x > 0), np.searchsorted(np.sort(x[0]), x),
            np.searchsorted(np.sort(n), n, side="right"), np.searchsorted(n.cumsum(), 7),
            np.roll(x, 3), np.roll(x, -1, axis=0), np.roll(x, (1, -2), axis=(0, 1)), np.roll(n, shift=-7),
            np.diff(n), np.diff(x, axis=0), np.diff(x, n=2), np.tile(n, 2), np.tile(x, (2, 1, 3)),
            np.trace(x), np.diag(x), np.diag(x[0], k=-1), np.diag(x, 2), np.diag(x, -1),
            np.pad(x, 1), np.pad(n, (2, 0)), np.pad(x, ((0, 1), (2, 0)), constant_values=-1.5),
        )  # fmt: skip

    draw = np.random.default_rng(5)
    x, n = draw.normal(size=(4, 6)), draw.integers(0, 9, 6)
    follows(step, (x, n), (x[::-1] * 2, draw.permutation(n)))  # every shape stays


def follows(step: Callable[..., Any], arrays: tuple[Any, ...], others: tuple[Any, ...]) -> None:
    """Every operation is computed again from its own numbers, and from others."""
    trace, again = mnistviz.record(step, *arrays), mnistviz.record(step, *others)
    nearest = 1e-5 if arrays[0].dtype == np.float32 else RELATIVE
    found = evaluate(
        trace,
        """(asked) => {
          const made = engine.run(new Map(asked.map((one, place) => [program.given[place], array(one)])));
          return { differences: engine.differences(), values: [...made.values], held: [...made.held.values()] };
        }""",
        [matrix(one) for one in others],
    )
    far = [one for one in found["differences"] if one["why"] or not one["difference"] <= nearest]
    assert (far, found["held"]) == ([], [])
    values = {number: one["data"] for number, one in found["values"]}
    for operation, now in zip(trace, again, strict=True):
        expected = now.output.value.ravel().astype(float)
        page = np.array(values.get(operation.output.id, expected), float)  # without a given number it stays
        assert np.allclose(page, expected, rtol=nearest, atol=nearest, equal_nan=True), now.expression


@pytest.mark.parametrize(("kind", "seed"), [("float64", 1), ("float32", 2), ("float64", 3)])
def test_measures_and_makings_are_numpys(kind: str, seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows, columns = draw.integers(3, 9, 2)

    def step(x: Any, n: Any) -> Any:
        y = np.where(x > 1, np.nan, x)
        names = ("nansum", "nanmean", "nanprod", "nanmax", "nanmin", "nanmedian", "nanvar", "nanstd")
        for name in names:
            getattr(np, name)(y), getattr(np, name)(y, axis=1)
        square = x @ x.T
        return (
            np.ptp(x, axis=0), np.average(x), np.average(x, axis=1, weights=x[0] ** 2), np.average(x, weights=x * x),
            np.percentile(x, 30), np.percentile(x, [10, 50, 95], axis=1), np.quantile(x, 0.75, axis=0), np.cov(x),
            np.cov(x, rowvar=False), np.cov(x, ddof=0), np.corrcoef(x), np.multiply.reduce(x), np.maximum.reduce(x, axis=1),
            np.minimum.reduce(x), np.logical_and.reduce(x > -2), np.logical_or.reduce(x > 1, axis=1),
        ), (
            np.add.accumulate(x), np.multiply.accumulate(x, axis=1), np.maximum.accumulate(n), np.minimum.accumulate(x),
            np.add.outer(x[0], n), np.subtract.outer(n, n), np.divide.outer(x, x[0]), np.maximum.outer(x[0], x[1]),
            np.minimum.outer(n, x[0]), np.isclose(x, x + 1e-6), np.isclose(x, x * 1.1, atol=0.05), np.nan_to_num(y),
            np.nan_to_num(x / 1.0, nan=1.0), np.left_shift(n, 3), n << 2, n >> 1, np.gcd(n, 12), np.lcm(n, n[::-1]),
        ), (
            np.digitize(x, np.linspace(-1, 1, 5)), np.interp(x, np.arange(-1.0, 2.0), np.array([3.0, -1.0, 2.0])),
            np.convolve(x[0], x[1]), np.convolve(x[0], n[:3], mode="same"), np.convolve(n, n[:2], "valid"),
            np.correlate(x[0], x[1][:3]), np.correlate(x[0], x[1], "full"), np.correlate(x[1], n[:2], "same"),
            np.gradient(x[0]), np.gradient(x, axis=1), np.gradient(x[:, 0], 0.5), np.tensordot(x, x, axes=([1], [1])),
            np.tensordot(square, x, 1), np.tensordot(x, x, axes=2), np.tensordot(x, n * 1.0, axes=0),
            np.take_along_axis(x, np.argsort(x, axis=1), axis=1), np.flatnonzero(n), np.flipud(x), np.fliplr(x),
            np.diagonal(x), np.atleast_2d(n), np.real(x),
            x + np.eye(*x.shape), square - np.identity(len(x)), np.eye(len(x), k=1) * square, np.linspace(0, 1, 7) * n[0],
        )  # fmt: skip

    x, n = draw.normal(size=(rows, columns)).astype(kind), draw.integers(1, 40, columns)
    others = draw.permutation(x.ravel()).reshape(x.shape), draw.permutation(n)
    follows(step, (x, n), others)


EDGES = [
    0.0, -0.0, 1.0, -1.0, 0.1, -0.1, 0.3, 0.5, -0.5, 1.5, 2.5, -2.5, 3.0, -7.0, 10.0, 1e-300, 1e300, -1e300, 710.0,
    -750.0, np.inf, -np.inf, np.nan, 2.0**53, 1e-17, 0.49999999999999994,
]  # fmt: skip


def test_each_function_of_cells_is_numpys_at_the_edges(lesson: Trace) -> None:
    """Of each number, or each pair; 0 and -0 are one number to the larger and smaller of two."""
    found = evaluate(
        lesson,
        """({ data: texts }) => {
          const data = texts.map(Number);
          const said = (one) => (Object.is(one, -0) ? "-0" : one);
          const computed = (compute) => (compute.length < 2 ? data.map((a) => said(compute(a)))
            : data.flatMap((a) => data.map((b) => said(compute(a, b)))));
          return Object.fromEntries(Object.entries(BY_CELL).filter(([name]) => !name.startsWith("bitwise"))
            .map(([name, compute]) => [name, computed(compute)]));
        }""",
        {"data": [str(one).replace("inf", "Infinity").replace("nan", "NaN") for one in EDGES]},
    )
    assert len(found) > 50
    with np.errstate(all="ignore"):
        for name, numbers in found.items():
            alone, function = len(numbers) == len(EDGES), getattr(np, name)
            expected = np.asarray(function(EDGES) if alone else function.outer(EDGES, EDGES), float).ravel()
            page = np.array([float(str(one).replace("Infinity", "inf")) for one in numbers])
            assert np.allclose(page, expected, rtol=RELATIVE, atol=0, equal_nan=True), name
            if name not in {"maximum", "minimum", "fmax", "fmin"}:
                there = ~np.isnan(expected)
                assert np.array_equal(np.signbit(page)[there], np.signbit(expected)[there]), name


def test_no_argument_is_overlooked() -> None:
    """What a call says beyond what its twin looks at keeps it as it was recorded; every usual way to say it is read."""

    def step(x: Any, n: Any) -> Any:
        return (
            np.sum(x, initial=5.0), np.max(x, initial=-9.0), np.reshape(x, (3, 2), order="F"), x.ravel("F"),
            np.unique(n, return_index=False, axis=0), np.repeat(x, [1, 2], axis=0),
        ), (
            np.clip(x, a_min=-9, a_max=0), np.clip(a=x, a_min=0, a_max=9), x.clip(min=0), x.clip(0, max=1),
            np.linalg.norm(x, None, 1), np.std(x, 0, None, None, 1), np.var(x, ddof=1), np.round(a=x, decimals=1),
            np.round(100 * x, -1), np.sum(a=x, axis=0), np.concatenate((x, x), axis=None), np.sort(x, None),
            np.sort(x, axis=None), np.argsort(x, None), x // 0.1, x % -0.3, n // -2, n % -3, np.zeros((2, 3), "f4") + x,
        )  # fmt: skip

    chance = np.random.default_rng(8)
    x, n = chance.normal(size=(2, 3)), chance.integers(1, 9, 5)
    trace = mnistviz.record(step, x, n)
    ids = [value.id for value in trace.inputs]
    other = [chance.normal(size=(2, 3)), chance.integers(1, 9, 5)]
    found = evaluate(
        trace,
        f"""(asked) => {{
          const {{ values, held }} = engine.run(new Map(asked.map((one, place) => [{ids}[place], array(one)])));
          return {{ values: [...values], held: [...held] }};
        }}""",
        [matrix(one) for one in other],
    )
    held, values = (
        dict(map(tuple, found["held"])),
        {number: one["data"] for number, one in found["values"]},
    )
    kept = [operation for operation in trace if operation.output.id in held]
    assert [operation.operation for operation in kept] == [
        "sum",
        "max",
        "reshape",
        "ravel",
        "unique",
        "repeat",
    ]
    expected = run_again(trace, dict(zip(ids, other, strict=True)))
    assert len(values) > 20
    for operation in trace:
        if (number := operation.output.id) in values:
            assert np.allclose(values[number], expected[number].ravel(), rtol=1e-12, atol=1e-13), (
                operation.expression
            )


def test_a_twin_that_does_not_come_to_the_recorded_numbers_is_not_believed(lesson: Trace) -> None:
    """Whatever is wrong with it: here the recorded result is."""
    rate, label = value_named(lesson, "learn_rate"), value_named(lesson, "label")
    found = evaluate(
        lesson,
        f"""() => {{
          const other = new Map([[{label}, array({{ shape: [], data: [1], type: "int64" }})]]);
          const made = [...engine.run(other).values.keys()];
          const changed = (id) => engine.recorded(id).data.map((one) => one + Number(id === made[2]));
          const {{ values, held }} = makeEngine(program, arrays, changed).run(other);
          return {{ missing: made.filter((id) => !values.has(id)), made, held: [...held] }};
        }}""",
    )
    assert found["made"][2] in found["missing"]
    assert "does not come to the recorded numbers" in dict(map(tuple, found["held"]))[found["made"][2]]
    assert rate not in found["missing"]


def test_what_cannot_follow_stays_as_recorded_and_says_why() -> None:
    def step(x: Any, w: Any) -> Any:
        place = int(np.argmax(x))
        inverse = np.linalg.inv(w)
        picked = x[place]
        return np.square(inverse * 2), picked * 3, x + 1

    trace = mnistviz.record(step, np.array([1.0, 5.0, 2.0]), np.array([[2.0, 1.0], [0.0, 3.0]]))
    x, w = (value.id for value in trace.inputs)
    found = evaluate(
        trace,
        f"""() => {{
          const other = array({{ shape: [3], data: [9, 5, 2], type: "float64" }});
          const diagonal = array({{ shape: [2, 2], data: [1, 0, 0, 1], type: "float64" }});
          const [one, two] = [[{w}, diagonal], [{x}, other]].map((edit) => engine.run(new Map([edit])));
          return [one, two].map(({{ values, held }}) => ({{ values: [...values.keys()], held: [...held] }}));
        }}""",
    )
    number = {operation.operation: operation.output.id for operation in trace}
    held = [dict(map(tuple, one["held"])) for one in found]
    assert "no twin of linalg.inv" in held[0][number["linalg.inv"]]
    assert "no twin of linalg.inv" in held[0][number["square"]]
    assert "by way of Python" in held[1][number["getitem"]]
    assert number["add"] in found[1]["values"]
    assert number["add"] not in held[1]


def test_odd_ways_of_writing_are_left_to_numpy() -> None:
    """Along flat cells, on chosen cells alone, through cells that share their memory: no twin does these."""

    def step(x: Any) -> Any:
        y, z = x.copy(), x.copy()
        y.flat[::3] = -1
        np.divide(x, z, out=z, where=x > 1)
        lagged = np.lib.stride_tricks.as_strided(z.ravel(), (3, 2), (8, 8))
        lagged[0, 1] = 7
        return y + 1, z + 1, x.mean() - x.sum()

    trace = mnistviz.record(step, np.array([[1.0, 5.0], [2.0, 3.0]]))
    statements = {one["operation"] + str(one["line"]): one for one in program(trace)["operations"]}
    whys = " ".join(one.get("why", "") for one in statements.values())
    for words in ("along the flat cells", "on chosen cells alone", "lie on one another"):
        assert words in whys
    assert all(value <= RELATIVE for value in far(evaluate(trace, "() => engine.differences()")).values()
               if isinstance(value, float))  # fmt: skip


def test_sums_cancel_as_numpys_do() -> None:
    waves = np.sin(np.arange(400) / 7)
    rest = waves - waves.mean()
    trace = mnistviz.record(lambda x, y: (x.sum(), y.sum(), y.mean()), rest, rest[:100])
    assert all(one["difference"] == 0 for one in evaluate(trace, "() => engine.differences()"))


def test_it_can_fail(lesson: Trace) -> None:
    """A twin that computes something else is seen."""
    wrong = evaluate(
        lesson, "() => { TWINS.matmul = ([a, b]) => matmul(b, a); return engine.differences(); }"
    )
    assert "matmul" in far(wrong)
    assert (
        evaluate(lesson, "() => distance(array({ shape: [1], data: [1] }), array({ shape: [1], data: [2] }))")
        == 0.5
    )
