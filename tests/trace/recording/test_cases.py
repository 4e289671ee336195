"""What recorders get wrong in other people's code, each with the right operations, values and names."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistviz.cli import main
from mnistviz.story.default import default_storyboard
from mnistviz.trace.model import Trace
from mnistviz.trace.recording.recorder import record
from mnistviz.trace.table import as_json
from tests.trace.recording import running

ANY = None


def trace_of(name: str) -> tuple[running.Program, Trace]:
    program = running.fresh(f"cases.{name}")
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return program, record(program.module.step, *program.arguments)


def said(trace: Trace, first: int = 0, last: int = 10**6) -> list[tuple[str, str]]:
    """Numpy's names and the expressions, of the operations on the lines asked for."""
    return [
        (one.operation.rpartition(".")[2], one.expression)
        for one in trace
        if first <= one.source.expression.first_line <= last
    ]


def line_of(program: running.Program, text: str) -> int:
    lines = Path(str(program.module.__file__)).read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


def on_line(program: running.Program, trace: Trace, text: str) -> list[str]:
    line = line_of(program, text)
    return [name for name, _ in said(trace, line, line)]


def made(trace: Trace, expression: str) -> Any:
    """The value that an expression had when it was computed last."""
    found = [one for one in trace if one.expression == expression]
    assert found, f"{expression} is not among {[one.expression for one in trace]}"
    return found[-1].output.value


LINES: dict[str, dict[str, list[str]]] = {
    "parameters": {
        'Z = weights["W1"]': ["dot", "add"],
        "A = np.maximum": ["maximum"],
        "reg = ": ["power", "sum"],
        "Wt = ": ["transpose"],
        "V = vars": ["multiply"],
        'G = globals()["weights"]': ["subtract"],
        "H = getattr": ["divide"],
        'net.all()["W"] += Wt': ["add"],
        'Net.cache["last"] = Net': ["add"],
        '["list"][0] *= 3': ["multiply"],
    },
    "foreign_calls": {
        "p = softmax(x)": ["softmax"],
        "q = ndimage": ["gaussian_filter"],
        "y = p * 2 + q": ["multiply", "add"],
        "s = expit(y)": ["expit"],
        "r = special": ["logsumexp", "getitem", "sqrt", "add"],
        "c = signal": ["lfilter"],
        "lu, piv": ["lu_factor"],
        "z = linalg": ["lu_solve", "subtract"],
    },
    "called_back": {
        "s = soft(w)": [ANY],  # type: ignore[list-item]
        "return s * 2, u": ["multiply", ANY, "multiply", "apply_over_axes"],  # type: ignore[list-item]
    },
    "spectra": {
        "F = np.fft.fftshift": ["fft2", "fftshift"],
        "near =": ["subtract", "power", "subtract", "power", "add", "less_equal"],
        "F = F * near": ["multiply"],
        "back = ": ["ifftshift", "ifft2", "real"],
        "coded = ": [ANY],  # type: ignore[list-item]
        "coded[np.abs": ["absolute", "less", "setitem"],
    },
    "grids": {
        "yy, xx = np.mgrid": ["mgrid", "getitem", "getitem"],
        "d = (yy": ["subtract", "power", "subtract", "power", "add"],
        "bell = ": ["negative", "divide", "exp"],
        "joined = np.r_": ["getitem", "r_"],
        "both = c_": ["getitem", "getitem", "multiply", "c_"],
        "inverse = ": ["r_", "diag", "inv"],
        "line = mgrid": ["mgrid", "multiply"],
        "part = x[": ["getitem", "add"],
    },
    "iterators": {
        "v[...] = 2 * v": ["multiply", "setitem"] * 6,
        "total += a * b": ["multiply", "add"] * 6,
        "old = x.flat[i]": ["getitem"] * 2,
        "x.flat[i] = old": ["add", "setitem"] * 2,
        "x.flat[4:] = ": ["setitem"],
        "head = ": ["getitem", "multiply"],
    },
}


@pytest.mark.parametrize("name", LINES)
def test_the_lines_do_what_they_do(name: str) -> None:
    program, trace = trace_of(name)
    assert trace.failure is None
    for text, wanted in LINES[name].items():
        got = on_line(program, trace, text)
        assert len(got) == len(wanted), (text, got)
        assert [one for one, other in zip(got, wanted, strict=True) if other is not ANY] == [
            one for one in wanted if one is not ANY
        ], text


def test_a_foreign_result_is_the_true_one() -> None:
    from scipy import special

    _, trace = trace_of("foreign_calls")
    x = np.array([1.0, 2.0, 3.0])
    call = next(one for one in trace if one.expression == "softmax(x)")
    assert call.output.value.tobytes() == special.softmax(x).tobytes()
    assert call.output.name == "p"
    assert [value.name for value in call.inputs] == ["x"]
    assert call.inputs[0].value.tobytes() == x.tobytes()
    after = next(one for one in trace if one.expression == "p * 2")
    assert after.inputs[0].id == call.output.id
    assert trace.coverage.foreign >= 8


def test_a_foreign_function_that_changes_its_argument() -> None:
    from scipy import linalg

    def step(a: Any, b: Any) -> Any:
        linalg.lu_factor(a, overwrite_a=True)
        return a @ b

    a = np.asfortranarray([[4.0, 1.0], [2.0, 3.0]])
    was = a.copy()
    trace = record(step, a, np.ones(2))
    call, product = next(one for one in trace if "lu_factor" in one.operation), trace.operations[-1]
    assert (a != was).any()
    assert call.inputs[0].value.tolist() == was.tolist()
    assert product.inputs[0].value.tolist() == a.tolist()
    changed = [value for value in (call.output, *call.more) if value.before is not None]
    assert [value.name for value in changed] == ["a"]
    assert changed[0].before is not None and changed[0].before.tolist() == was.tolist()
    assert product.inputs[0].id == changed[0].id
    trace.check()


def test_what_random_shuffles_is_found() -> None:
    import random

    def step(x: Any) -> Any:
        random.Random(4).shuffle(x)
        return x * 2

    x = np.arange(6.0)
    trace = record(step, x)
    assert trace.operations[-1].inputs[0].value.tolist() == x.tolist()
    assert (x != np.arange(6.0)).any()


def test_soft_is_called_on_its_argument() -> None:
    _, trace = trace_of("called_back")
    soft = made(trace, "soft(w)")
    assert np.allclose(soft, [[0.05, 0, 0.55], [0, 0.15, 0]])
    assert np.allclose(made(trace, "s * 2"), soft * 2)


def test_the_program_goes_its_own_way() -> None:
    program, trace = trace_of("kinds")
    assert trace.returned[0].value.tolist() == [2, 5, -6]
    assert on_line(program, trace, "return x * 2, seen") == ["multiply"]


def test_cells_that_an_iterator_writes_are_written() -> None:
    program, trace = trace_of("iterators")
    plain = running.fresh("cases.iterators")
    plain.module.step(*plain.arguments)
    assert program.arguments[0].tobytes() == plain.arguments[0].tobytes()
    assert trace.coverage.names == ("x",)  # a buffered iterator writes when nobody looks
    squares = next(one for one in trace if one.expression == "squares + 1")
    assert squares.inputs[0].value.tolist() == (squares.output.value - 1).tolist()


def test_flat_is_recorded() -> None:
    def step(param: Any) -> Any:
        for i in range(3):
            old = param.flat[i]
            param.flat[i] = old + 1e-5
        return param

    x = np.zeros((2, 3))
    trace = record(step, x)
    assert trace.failure is None
    tails = [one.operation.rpartition(".")[2] for one in trace]
    assert tails == ["getitem", "add", "setitem"] * 3
    last = trace.operations[-1].output
    assert last.value.tolist() == x.tolist() == [[1e-5] * 3, [0] * 3]
    assert last.name == "param"


def test_passes_and_chapters_are_the_same_on_every_python() -> None:
    def step(a: Any) -> Any:
        v = np.ones((3, 1))
        for _turn in range(3):
            v = np.matmul(a, v)
            v = v / np.linalg.norm(v)
        return v

    trace = record(step, np.array([[2.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 3.0]]))
    assert [(one.operation, one.source.passes) for one in trace] == [
        ("ones", ()),
        *((name, (turn,)) for turn in (1, 2, 3) for name in ("matmul", "linalg.norm", "divide")),
    ]
    assert len(default_storyboard(trace).chapters) == 3


def test_passes_of_every_loop() -> None:
    program, trace = trace_of("passes")
    passes = {}
    for one in trace:
        passes.setdefault(one.expression, []).append(one.source.passes)
    assert passes["v * 2"] == [(1, 1), (2, 1)]
    assert passes["np.matmul(a, v)"] == [(1,), (2,), (3,)]
    assert passes["row.sum()"] == [(1,), (2,), (3,)]
    assert line_of(program, "rows = ") > 0


def test_names_say_which() -> None:
    _, trace = trace_of("layers_by_key")
    outputs = [one.output.name for one in trace if one.operation in ("dot", "subtract", "multiply", "tanh")]
    assert outputs[:2] == ["dense1.output", "dense2.output"]
    assert [name.replace("'", '"') for name in outputs[2:6]] == ['params["W1"]', 'params["W2"]'] * 2
    assert outputs[6:9] == ["hs[0]", "hs[1]", "hs[2]"]
    second = [one for one in trace if one.operation == "dot"][1]
    assert [value.name for value in second.inputs] == ["x", "dense2.w"]
    assert second.inputs[0].id == next(one for one in trace if one.operation == "dot").output.id
    tanhs = [one for one in trace if one.operation == "tanh"]
    assert [value.name for one in tanhs for value in one.inputs] == ["hs[-1]", "hs[0]", "hs[1]"]
    titles = [chapter.title for chapter in default_storyboard(trace).chapters]
    assert len(set(titles)) == len(titles), titles


def test_nothing_is_left_in_objects_made_meanwhile() -> None:
    program, _ = trace_of("nodes")
    net = program.module.net
    assert type(net.nodes[0].h) is type(net.by_name[1]) is type(net.later()) is np.ndarray
    assert type(program.module.table(4)) is np.ndarray
    assert next(program.module.waiting[0]).tolist() == [3, 3, 3]


@pytest.mark.parametrize("kind", ["list", "text", "nothing"])
def test_a_program_without_arrays_is_told(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = {
        "list": "return [v * 2 for v in x]",
        "text": "return ''.join(str(v) for v in x).upper()",
        "nothing": "pass",
    }
    path = tmp_path / "bare.py"
    path.write_text(f"def step(x):\n    {bodies[kind]}\n\n\ndef inputs():\n    return ([1.0, 2.0],)\n")
    assert main(["trace", str(path)]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("error: ") and len(told.err.splitlines()) == 1
    assert told.out == ""


def test_drawing_a_plot_disturbs_nothing() -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    def step(x: Any) -> Any:
        losses = []
        for _ in range(3):
            x = x * 0.9
            losses.append(np.sum(x**2))
        plt.plot(losses)
        plt.imshow(x)
        plt.savefig(io.BytesIO())
        plt.close()
        return x

    trace = record(step, np.ones((3, 3)))
    assert trace.failure is None
    assert [one.operation for one in trace if one.operation in ("multiply", "power", "sum")] == [
        "multiply", "power", "sum",
    ] * 3  # fmt: skip
    trace.check()


def test_second_outputs_are_values_like_others() -> None:
    def step(a: Any) -> Any:
        values, vectors = np.linalg.eigh(a)
        whole, part = divmod(a, 2)
        seen, counts = np.unique(a, return_counts=True)
        left, right = np.split(a, 2)
        return vectors * values, whole + part, counts * seen, right - left

    trace = record(step, np.array([[2.0, 1.0], [1.0, 3.0]]))
    values = {value.name: value for one in trace for value in (one.output, *one.more) if value.name}
    assert {"values", "vectors", "whole", "part", "seen", "counts", "left", "right"} <= set(values)
    product = next(one for one in trace if one.expression == "vectors * values")
    assert [value.id for value in product.inputs] == [values["vectors"].id, values["values"].id]
    assert next(one for one in trace if one.expression == "counts * seen").inputs[0].id == values["counts"].id
    assert trace.coverage.unseen == 0


def test_what_changed_behind_our_back_is_found_and_counted() -> None:
    raw = bytearray(16)

    def step(x: Any) -> Any:
        y = np.frombuffer(raw)
        z = y + x
        exec("raw[:8] = b'\\0\\0\\0\\0\\0\\0\\xf0?'", {"raw": raw})  # noqa: S102
        return z, y * 2

    trace = record(step, np.ones(2))
    assert [one.output.value.tolist() for one in trace][-2:] == [[1, 1], [2, 0]]
    assert trace.operations[-1].inputs[0].value.tolist() == [1, 0]
    assert trace.operations[-2].inputs[0].value.tolist() == [0, 0]
    assert trace.coverage.unseen > 0
    trace.check()


def test_a_view_changes_every_array_over_its_memory() -> None:
    from numpy.lib.stride_tricks import as_strided

    def step(x: Any) -> Any:
        windows = as_strided(x, (2, 2), (8, 8))
        before = windows.sum()
        memory = memoryview(x)
        memory[1] = 10.0
        x[2] = 100.0
        return before, windows * 1, x * 1

    trace = record(step, np.array([1.0, 2.0, 3.0]))
    windows = next(one for one in trace if one.expression == "windows * 1")
    assert windows.inputs[0].value.tolist() == [[1, 10], [10, 100]]
    first = next(one for one in trace if one.expression == "windows.sum()")
    assert first.inputs[0].value.tolist() == [[1, 2], [2, 3]]
    trace.check()


def test_nothing_of_the_program_is_called_for_names() -> None:
    called: list[str] = []

    class Touchy:
        def __init__(self, w: Any) -> None:
            self.__dict__["w"] = w

        def __getattr__(self, name: str) -> Any:
            called.append(name)
            raise AttributeError(name)

        def __getattribute__(self, name: str) -> Any:
            called.append(f"get {name}")
            return object.__getattribute__(self, name)

        def __eq__(self, other: object) -> bool:
            called.append("eq")
            return self is other

        def __hash__(self) -> int:
            called.append("hash")
            return 1

        def __repr__(self) -> str:
            called.append("repr")
            return "touchy"

        def __iter__(self) -> Any:
            called.append("iter")
            return iter([])

        def __len__(self) -> int:
            called.append("len")
            return 1

        def __bool__(self) -> bool:
            called.append("bool")
            return True

        @property
        def p(self) -> Any:
            called.append("p")
            return object.__getattribute__(self, "__dict__")["w"]

    class Keys(dict[Any, Any]):
        def __getitem__(self, key: Any) -> Any:
            called.append(f"item {key}")
            return super().__getitem__(key)

        def __iter__(self) -> Any:
            called.append("iter of keys")
            return super().__iter__()

        def values(self) -> Any:
            called.append("values")
            return super().values()

    t, d, touchies = Touchy(np.ones(2)), Keys(a=np.ones(2)), [Touchy(np.ones(2))]

    def step(x: Any, t: Any, d: Any, touchies: Any) -> Any:
        y = t.p * x
        z = t.w + d["a"]
        d["a"] = d["a"] * 2
        w = touchies[0].w * 2
        return y, z, w, [t, d, touchies]

    called.clear()
    step(np.ones(2), t, d, touchies)
    plain = list(called)
    called.clear()
    record(step, np.ones(2), t, d, touchies)
    assert called == plain


def test_floats_are_kept_as_where_a_number_comes_from() -> None:
    def step(w: Any) -> Any:
        lr, decay = 0.1, 0.5
        rate = lr * decay
        loss = float((w * w).sum())
        if loss > 1:
            w = w - rate * w
        return w, loss

    trace = record(step, np.array([1.0, 2.0]))
    assert [one.operation for one in trace if one.operation != "float"] == [
        "multiply", "sum", "multiply", "subtract",
    ]  # fmt: skip
    scaled = next(one for one in trace if one.expression == "rate * w")
    assert [value.name for value in scaled.inputs] == ["rate", "w"]
    assert float(scaled.inputs[0].value) == 0.05
    numbers = [(one.name, one.expression, one.value) for one in trace.numbers]
    assert numbers == [("rate", "lr * decay", 0.05), ("", "loss > 1", True)]
    assert [one.source.first_line - step.__code__.co_firstlineno for one in trace.numbers] == [2, 4]


def test_numbers_of_a_loop_are_kept_once_each_and_counts_are_none(tmp_path: Path) -> None:
    def step(x: Any) -> Any:
        rate = 1.0
        for turn in range(4):
            rate *= -0.5 if turn % 2 else 0.5
            x = x * rate + 2 * turn
        return x, [0.5 * 3 for _ in range(9)]

    trace = record(step, np.ones(2))
    numbers = [(one.name, one.expression, one.value, one.before) for one in trace.numbers]
    text = "rate *= -0.5 if turn % 2 else 0.5"
    assert numbers == [
        ("rate", text, 0.5, 0), ("rate", text, -0.25, 2), ("rate", text, -0.125, 4), ("rate", text, 0.0625, 6),
    ]  # fmt: skip
    trace.save(tmp_path / "numbers.npz")
    assert Trace.load(tmp_path / "numbers.npz").numbers == trace.numbers
    assert as_json(trace)["numbers"][1] == {
        "name": "rate", "expression": text, "value": -0.25, "file": "test_cases.py", "before": 2,
        "line": step.__code__.co_firstlineno + 3,
    }  # fmt: skip


def test_warnings_point_at_the_users_line(recwarn: pytest.WarningsRecorder) -> None:
    def step(x: Any) -> Any:
        return np.log(x), np.exp(x * 1e9), x / 0

    warnings.simplefilter("always")
    record(step, np.zeros(2) + 1e300)
    found = {(Path(one.filename).name, one.lineno) for one in recwarn if "encountered" in str(one.message)}
    assert found == {(Path(__file__).name, step.__code__.co_firstlineno + 1)}


def test_arguments_are_kept_as_they_were() -> None:
    def step(table: Any) -> Any:
        rows, shape = [0, 2], [2, 1]
        picked = table[rows]
        folded = picked.ravel()[:2].reshape(shape)
        rows.append(1)
        shape[0] = 7
        return picked, folded, table[range(2)]

    trace = record(step, np.arange(6.0).reshape(3, 2))
    trace.check()
    assert dict(trace.operations[0].parameters)["index"] == [0, 2]


def test_another_function_of_the_same_name_is_not_replayed_as_numpys() -> None:
    from numpy.polynomial import polynomial as P

    def step(x: Any) -> Any:
        return P.polymul(x, [3, 4]), np.polymul(x, [3, 4])

    trace = record(step, np.array([1.0, 2.0]))
    assert [one.operation for one in trace] == ["polynomial.polynomial.polymul", "polymul"]
    assert trace.check() == 1


def test_what_a_generator_gave_cannot_be_had_again() -> None:
    trace = record(lambda x: np.fromiter((v * v for v in x), dtype=float) + 1, np.arange(3.0))
    assert [one.operation for one in trace][-2:] == ["fromiter", "add"]
    assert trace.check() == 1
    assert trace.coverage.trusted == 1


def test_a_matrix_says_itself_what_times_is() -> None:
    def step(x: Any) -> Any:
        m = x.view(np.matrix)
        return m * m, np.ma.array(x, mask=[[1, 0], [0, 0]]) * 2

    trace = record(step, np.array([[1.0, 2.0], [3.0, 4.0]]))
    trace.check()
    assert trace.returned[0].value.tolist() == [[7, 10], [15, 22]]


def test_the_operators_of_a_library_are_its_code() -> None:
    _, trace = trace_of("frames_of_data")
    assert (trace.coverage.unseen, trace.coverage.names) == (0, ())
    by_text = {one.expression: one for one in trace}
    power, stored = by_text['table["a"] ** 2'], by_text['table["c"] = table["a"] ** 2']
    assert power.operation == "pandas.Series.power"
    assert [one.name for one in power.inputs] == ['table["a"]']
    assert power.inputs[0].value.tolist() == made(trace, 'table["a"]').tolist()
    assert power.output.value.tolist() == (power.inputs[0].value ** 2).tolist()
    assert stored.operation == "pandas.DataFrame.setitem"
    assert stored.inputs[-1].id == power.output.id
    assert stored.output.value.tolist() == [power.output.value.tolist()]
    assert made(trace, 'table["c"].to_numpy() + 1').tolist() == (power.output.value + 1).tolist()
    assert trace.check() == trace.coverage.foreign


def test_loops_go_through_a_tables_columns() -> None:
    program, trace = trace_of("columns_in_loops")
    assert (trace.coverage.unseen, trace.coverage.made) == (0, len(trace))
    first = next(iter(trace))
    assert (first.operation, first.expression) == ("pandas.Series.__iter__", "prices")
    assert ([one.name for one in first.inputs], first.output.name) == (["prices"], "price")
    assert [one.output.value.tolist() for one in trace if one.output.name == "price"] == [1.5, 2.5] * 2
    assert [one.output.value.tolist() for one in trace if one.output.name == "rate"] == [3.0, 4.0]
    rows = [one for one in trace if one.operation == "pandas.DataFrame.iterrows"]
    assert [(one.inputs[0].name, one.output.name, one.output.value.tolist()) for one in rows] == [
        ("ledger.T", "row", [1, 3]), ("ledger.T", "row", [2, 4]),
    ]  # fmt: skip
    assert [one.output.name for one in trace if one.operation == "pandas.DataFrame.items"] == ["column"] * 2
    assert on_line(program, trace, "doubled = ") == ["multiply"]
    assert made(trace, "ledger * 2").tolist() == [[2, 4], [6, 8]]
    assert trace.check() == trace.coverage.foreign


def test_an_operator_that_the_programs_own_object_answers_is_told_where_it_computes() -> None:
    program = running.fresh("programs.own_operators")
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        trace = record(program.module.step, *program.arguments)
    assert said(trace)[1:] == [
        ("matmul", "self.w @ x"),
        ("sum", "np.sum(self.w)"), ("multiply", "np.sum(self.w) * x.shape[0]"),
        ("subtract", "x - self.w"), ("sum", "np.sum(x - self.w)"), ("float", "float(np.sum(x - self.w))"),
        ("equal", "self.w == x"), ("all", "np.all(self.w == x)"),
        ("matmul", "self.w @ x"), ("add", "y + layer @ x"),
    ]  # fmt: skip
    assert trace.coverage.unseen == 0
    assert printed.getvalue().endswith("[]\n")  # nobody asked a kind what it equals


def test_an_array_beside_a_sparse_matrix() -> None:
    program, trace = trace_of("sparse_and_tables")
    A, _, _ = running.fresh("cases.sparse_and_tables").arguments
    first = next(iter(trace))
    assert (first.operation, first.expression) == ("scipy.sparse._csr.csr_array.matmul", "x @ A")
    assert sorted(one.name for one in first.inputs) == ["A.data", "A.indices", "A.indptr", "x"]
    x = next(one.value for one in first.inputs if one.name == "x")
    assert first.output.value.tolist() == (x @ A.toarray()).tolist()
    assert on_line(program, trace, "rank = 0.85") == ["matmul", "multiply", "add"]
    assert on_line(program, trace, "table.loc[1") == ["setitem"]
    assert on_line(program, trace, "part = table") == ["getitem"]
    assert made(trace, 'part["b"].to_numpy() * 2').tolist() == [14, 8]
    assert on_line(program, trace, "x -= ") == ["getitem", "subtract"]
    assert on_line(program, trace, "return part, rank") == ["to_numpy", "invert", "to_numpy"]


def test_an_array_of_objects_is_counted() -> None:
    joined = np.frompyfunc(lambda a, b: a * 10 + b, 2, 1)

    def step(x: Any) -> Any:
        return joined(x, x).astype(float) + 1

    trace = record(step, np.arange(2.0))
    assert trace.returned[0].value.tolist() == [1, 12]
    assert trace.coverage.names == ("an array of Python objects",)


def mixed(x: Any) -> Any:
    made = np.array([x, None], dtype=object)
    return made[0] + 1


def filled(x: Any) -> Any:
    made = np.full(2, None)
    made[0] = x
    return made[0] + 1


def turned(x: Any) -> Any:
    made = x.astype(object)
    return (made * 2).astype(float) + 1


def joined_lists(x: Any) -> Any:
    made = np.vectorize(lambda one: [one], otypes=[object])(x)
    return x + made[1][0]


@pytest.mark.parametrize("step", [mixed, filled, turned, joined_lists])
def test_making_an_array_of_objects_is_counted_and_what_comes_out_of_it_is_right(step: Any) -> None:
    trace = record(step, np.arange(2.0))
    assert trace.failure is None
    assert trace.coverage.unseen >= 1
    assert trace.coverage.names == ("an array of Python objects",)
    last = trace.operations[-1]
    assert last.operation == "add"
    assert last.output.value.tolist() == step(np.arange(2.0)).tolist()
    assert last.output.value.tolist() == sum(one.value for one in last.inputs).tolist()
    trace.check()


def test_records_are_changed_through_their_fields(tmp_path: Path) -> None:
    def step(n: int) -> Any:
        bodies = np.zeros(n, dtype=[("place", float, 2), ("mass", float)])
        bodies["mass"] = [1, 2]
        bodies["place"][0] += bodies["mass"]
        bodies[1]["mass"] *= 3
        bodies[0]["place"] += 1
        bodies[1] = ((5, 6), bodies[1]["mass"])
        return bodies["place"].sum(), bodies["mass"] * 2, bodies

    plain = step(2)
    trace = record(step, 2)
    assert [repr(value.value.tolist()) for value in trace.returned] == [repr(one.tolist()) for one in plain]
    assert made(trace, 'bodies["mass"] * 2').tolist() == [2, 12]
    trace.check()
    trace.save(tmp_path / "records.npz")
    again = Trace.load(tmp_path / "records.npz")
    again.check()
    assert [repr(one.value.tolist()) for one in again.returned] == [repr(one.tolist()) for one in plain]
    assert again.returned[2].value.dtype == plain[2].dtype


def test_what_a_text_is_made_of_is_recorded() -> None:
    def step(x: Any) -> Any:
        first = "mean %.2f, %s" % (np.mean(x), x[0])  # noqa: UP031
        second = "sum %d" % x.sum()  # noqa: UP031
        third = f"{x.max():.1f} {np.dot(x, x)!r:>9}" + "{} {k}".format(x.min(), k=x * 2)  # noqa: UP032
        return x * len(first + second + third)

    plain = step(np.array([1.0, 2.0]))
    trace = record(step, np.array([1.0, 2.0]))
    names = ["mean", "getitem", "sum", "max", "dot", "min", "multiply", "multiply"]
    assert [one.operation for one in trace] == names
    assert trace.returned[0].value.tolist() == plain.tolist()
