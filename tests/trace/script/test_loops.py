"""Which loop of a script is told: in each program it is the one marked `# this`."""

from __future__ import annotations

import gc
import io
from pathlib import Path

import pytest

from mnistviz.errors import InputError
from mnistviz.trace.script.loops import Wish
from mnistviz.trace.script.run import ScriptRun, run_script

PROGRAMS = Path(__file__).parent / "programs"
MARK = "# this"
LOOPS = sorted(path.name for path in PROGRAMS.glob("*.py") if MARK in path.read_text())


def line_with(name: str, text: str) -> int:
    lines = (PROGRAMS / name).read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def marked(name: str) -> int:
    return line_with(name, MARK)


def run(name: str, wish: Wish | None = None) -> ScriptRun:
    return run_script(PROGRAMS / name, (), wish or Wish())


@pytest.mark.parametrize("name", LOOPS)
def test_the_first_pass_of_the_loop_that_learns_is_recorded(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("0.5\n"))
    found = run(name)
    assert f"recorded pass 1 of the loop at line {marked(name)}," in found.said
    assert found.trace.operations and found.trace.failure is None
    found.trace.check()
    first = [(*one.source.calls, one.source.statement)[0].first_line for one in found.trace]
    assert min(first) >= marked(name)


def test_tasks_in_which_a_run_was_ended_are_let_go_of_in_silence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Asyncio says of each, when it is found, that nobody has asked for what became of it."""
    script = tmp_path / "turns.py"
    text = (PROGRAMS / "coroutine.py").read_text()
    script.write_text(text.replace("asyncio.create_task(fit(0))", "asyncio.gather(fit(0), fit(1))"))
    assert "recorded pass 1 of the loop" in run_script(script, (), Wish()).said
    gc.collect()
    assert not caplog.records


def test_the_pass_is_told_without_the_loops_around_it() -> None:
    trace = run("epochs.py").trace
    assert {one.source.passes for one in trace} == {()}
    assert trace.making("W1").output.role == "parameter"
    samples = run("over_samples.py").trace
    assert {one.source.passes for one in samples} == {(), (1,), (2,), (3,), (4,)}


def test_what_is_recorded_whole_is_told_though_what_follows_was_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mnistviz.trace.script.run.MEMORY_UNASKED", 4_000)
    found = run("shuffled_pairs.py")
    assert "recorded pass 1" in found.said and found.trace.failure is None
    found.trace.check()


def test_names_are_those_of_the_run() -> None:
    names = {one.output.name for one in run("fit_class.py").trace}
    assert {'net.params["W1"]', "net.h", "out"} <= names
    trace = run("main_function.py").trace
    assert trace.function == "train" and trace.making("w").output.role == "parameter"


def test_without_a_loop_that_learns_all_of_it_is_told() -> None:
    found = run("no_loop.py")
    assert "recorded the whole script" in found.said
    assert [one.operation for one in found.trace][:2] == ["arange", "reshape"]
    assert found.trace.making("c").operation == "add"


def test_a_loop_of_another_module_is_found() -> None:
    found = run("other_module.py")
    assert "line 6" in found.said and found.trace.sources[0].name == "learner.py"
    assert found.trace.making("learner.w").output.role == "parameter"


ASKED = """import numpy as np

class Asked(np.ndarray):
    def __array_function__(self, function, kinds, args, keywords):
        print("asked for", function.__name__)
        return super().__array_function__(function, kinds, args, keywords)

    @property
    def dtype(self):
        print("asked for its dtype")
        return super().dtype

x, w = np.eye(3).view(Asked), np.zeros(3).view(Asked)
for _ in range(3):
    w -= x @ w - 1
"""


def test_an_array_of_the_program_s_own_class_is_asked_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "asked.py").write_text(ASKED)
    found = run_script(tmp_path / "asked.py", (), Wish())
    assert "recorded pass 1 of the loop at line 14," in found.said
    first = [one.operation for one in found.trace if one.source.passes == (1,)]
    assert first == ["matmul", "subtract", "subtract"]
    assert capsys.readouterr().out == ""


def test_a_table_written_cell_by_cell_is_carried_by_its_episodes() -> None:
    assert '"for episode in range(30):"' in run("q_learning.py").said


def test_another_pass_can_be_named() -> None:
    first, third = run("early_stop.py").trace, run("early_stop.py", Wish(3)).trace
    assert [one.operation for one in first] == [one.operation for one in third]
    assert not first.making("w").output.before.any()  # type: ignore[union-attr]
    assert third.making("w").output.before.any()  # type: ignore[union-attr]
    assert "pass 40 of" in run("sweep.py", Wish(40)).said


def test_a_pass_that_never_comes_is_said() -> None:
    with pytest.raises(
        InputError, match=r"the loop at line 8 makes 10 passes, k_means.py, name a --pass up to 10"
    ):
        run("k_means.py", Wish(11))


@pytest.mark.parametrize(
    ("name", "text", "said", "operations"),
    [
        ("epochs.py", "for epoch in range(20):", "pass 1 of the loop", 130),
        ("main_function.py", "w = train(", "the statement", 500),
        ("fit_class.py", "net.forward(", "the statement", 5),
    ],
)
def test_a_line_names_a_loop_or_a_statement(name: str, text: str, said: str, operations: int) -> None:
    line = line_with(name, text)
    found = run(name, Wish(line=line))
    assert f'{said} at line {line}, "{text}' in found.said
    assert len(found.trace) >= operations


def test_a_line_where_nothing_runs_is_refused() -> None:
    with pytest.raises(InputError, match="nothing runs at line 2"):
        run("main_function.py", Wish(line=2))
    with pytest.raises(InputError, match=r"line 3 never runs, learner.py, name another --line"):
        run("learner.py", Wish(line=line_with("learner.py", "self.w = w")))


def test_everything_can_be_recorded() -> None:
    found = run("k_means.py", Wish(everything=True))
    assert "recorded the whole script" in found.said
    assert max(one.source.passes for one in found.trace)[0] == 10


ANIMATION = """\
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

def update(frame):
    sand[1:-1] += 0.1 * (sand[2:] + sand[:-2] - 2 * sand[1:-1])
    drawn.set_ydata(sand)

sand = np.arange(9.0) ** 2
figure, axes = plt.subplots()
(drawn,) = axes.plot(sand)
shown = FuncAnimation(figure, update, frames=5, cache_frame_data=False)
shown._draw_was_started = True  # nobody looks on, which matplotlib would warn of
plt.close(figure)
"""
ROUTES = """\
import numpy as np

class Routes:
    def __init__(self):
        self.ways = np.vstack([np.random.permutation(5) for _ in range(90)])

    def select(self):
        self.ways = self.ways[np.random.randint(0, 90, size=90)]

routes = Routes()
for generation in range(1_000):
    np.random.seed(generation)
    routes.select()
"""
SPLITS = """\
import numpy as np

y = np.sin(np.arange(40.0))
total = 0.0
for place in range(len(y)):
    if place < 3:
        continue
    total += np.var(y[:place]) + np.var(y[place:])
"""
SUMS = """\
import numpy as np

def mean(rows):
    total = np.zeros(3)
    for row in rows:
        total += row
    return (total / len(rows)).tolist()

def spread(centre, points):
    far = 0
    for point in points:
        far += np.sum((point - centre) ** 2)
    return far

points = np.arange(36.0).reshape(12, 3)
centre = [0.0, 0.0, 0.0]
for _ in range(PASSES):
    centre = mean(points - np.array(centre))
    apart = spread(np.array(centre), points)
"""


@pytest.mark.parametrize(
    ("passes", "said"), [(3, "recorded the whole script"), (400, "pass 1 of the loop at line 17,")]
)
def test_what_only_adds_up_is_no_loop_that_learns(tmp_path: Path, passes: int, said: str) -> None:
    (tmp_path / "sums.py").write_text(SUMS.replace("PASSES", str(passes)))
    assert said in run_script(tmp_path / "sums.py", (), Wish()).said


HEADS = """\
import numpy as np

class Heads:
    def __init__(self):
        self.heads = [[np.full((2, 2), k + j) for j in range(2)] for k in range(3)]

    def __call__(self, x):
        made = []
        for query, key in self.heads:
            made.append(x @ query @ key)
        return np.concatenate(made)

Heads()(np.ones((1, 2)))
"""
TOO_MUCH = """\
import numpy as np

means = np.ones(3)
for _ in range(20):
    for k in range(3):
        shares = means * k + 0.5
        shares = shares / shares.sum()
    new = means * shares
    if np.abs(new - means).max() > 0.1:
        means = new
        break
    means = new
"""
FALLS = """\
import numpy as np

class Hill:
    def __init__(self):
        self.height = np.array([5.0, 20.0])

    def fall(self):
        lower = self.height * 0.5
        self.height = lower
        return lower.max() > 3

heights, hill = [], Hill()
while hill.fall():
    heights.append(hill.height.copy())
"""


LAYERS = """\
import numpy as np

class Layer:
    def __init__(self, size):
        self.w = np.full((size, size), 0.5)

    def __call__(self, x):
        return np.tanh(x @ self.w)

def through(layers, x):
    for place, layer in enumerate(layers):
        x = layer(x)
    return x

through([Layer(2), Layer(2)], np.ones((1, 2)))
"""


def test_a_loop_over_layers_is_none_that_learns(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(LAYERS)
    found = run_script(tmp_path / "layers.py", (), Wish())
    assert "recorded the whole script" in found.said
    assert [one.operation for one in found.trace].count("tanh") == 2


def test_that_a_loop_goes_through_arrays_hands_nothing_on(tmp_path: Path) -> None:
    (tmp_path / "heads.py").write_text(HEADS)
    assert "recorded the whole script" in run_script(tmp_path / "heads.py", (), Wish()).said


def test_where_the_first_pass_was_too_much_and_none_follows_an_inner_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnistviz.trace.script.scout.MOST_UNASKED", 10)
    (tmp_path / "much.py").write_text(TOO_MUCH)
    assert "recorded pass 1 of the loop at line 5," in run_script(tmp_path / "much.py", (), Wish()).said


REPAIRS = """\
import numpy as np

def laid_out(picture):
    cells = np.zeros(9)
    for place in range(9):
        cells[place] = picture[place // 3, place % 3]
    return cells

state = laid_out(np.eye(3) - 0.5)
weights = np.outer(state, state)
for turn in range(12):
    place = turn * 5 % 9
    if weights[place] @ state > 0:
        state[place] = 0.5
    else:
        state[place] = -0.5
"""


def test_of_what_is_too_much_a_loop_is_told_that_writes_on_not_one_that_only_fills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnistviz.trace.script.scout.MOST_UNASKED", 20)
    (tmp_path / "repairs.py").write_text(REPAIRS)
    assert "recorded pass 1 of the loop at line 11," in run_script(tmp_path / "repairs.py", (), Wish()).said


@pytest.mark.parametrize("number", [1, 2])
def test_the_condition_of_a_loop_is_of_the_pass_that_it_begins(tmp_path: Path, number: int) -> None:
    (tmp_path / "falls.py").write_text(FALLS)
    found = run_script(tmp_path / "falls.py", (), Wish(number, line=13))
    assert f"recorded pass {number} of the loop at line 13," in found.said
    assert [one.operation for one in found.trace] == ["multiply", "max", "greater", "copy"]


def test_a_condition_that_does_not_hold_begins_no_pass(tmp_path: Path) -> None:
    (tmp_path / "falls.py").write_text(FALLS)
    with pytest.raises(InputError, match="runs 2 times"):
        run_script(tmp_path / "falls.py", (), Wish(3, line=13))


def test_what_a_script_records_itself_is_told(tmp_path: Path) -> None:
    text = "import numpy as np, mnistviz\ndef step(x):\n    return x + 1\n"
    (tmp_path / "own.py").write_text(text + "trace = mnistviz.record(step, np.ones(3))\nraise OSError\n")
    found = run_script(tmp_path / "own.py", (), Wish())
    assert found.said.endswith("own.py: recorded step, as the script itself asks")
    assert [one.operation for one in found.trace] == ["add"]
    found.trace.check()


@pytest.mark.parametrize("shown", ["pass", "shown.save('sand.gif')"])
@pytest.mark.parametrize("number", [None, 3])
def test_a_frame_of_an_animation_that_a_function_makes_is_recorded(
    tmp_path: Path, shown: str, number: int | None
) -> None:
    inside = ANIMATION[ANIMATION.index("sand = ") :].replace("sand = ", "global sand, drawn\nsand = ", 1)
    lines = inside.replace("shown._draw_was_started = True", shown).splitlines()
    text = ANIMATION[: ANIMATION.index("sand = ")] + "\n".join(
        ["def main():", *("    " + one for one in lines)]
    )
    (tmp_path / "sand.py").write_text(text + "\nmain()\n")
    found = run_script(tmp_path / "sand.py", (), Wish(number))
    assert f"recorded {'frame 3' if number else 'the first frame'} of the animation, update;" in found.said
    assert [one.operation for one in found.trace].count("add") == 2 and len(found.trace) == 10
    found.trace.check()


def test_a_frame_is_told_whole_also_where_a_loop_in_it_hands_arrays_on_but_not_where_it_is_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ANIMATION.replace("def update(frame):", "def update(frame):\n  for _ in range(4):")
    (tmp_path / "sand.py").write_text(text)
    whole = run_script(tmp_path / "sand.py", (), Wish())
    assert "the first frame of the animation, update;" in whole.said and len(whole.trace) == 40
    monkeypatch.setattr("mnistviz.trace.script.frame.MOST_UNASKED", 30)
    part = run_script(tmp_path / "sand.py", (), Wish())
    assert "recorded pass 1 of the loop at line 8," in part.said and len(part.trace) == 40


def test_the_first_frame_of_an_animation_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "sand.py").write_text(ANIMATION)
    found = run_script(tmp_path / "sand.py", (), Wish())
    assert "recorded the first frame of the animation, update;" in found.said
    assert found.trace.function == "update"
    assert found.trace.operations[-1].output.name.startswith("sand")
    found.trace.check()
    whole = run_script(tmp_path / "sand.py", (), Wish(everything=True))
    assert whole.trace.function == "<module>"


def test_a_loop_that_only_puts_places_in_another_order_is_found_after_a_while(tmp_path: Path) -> None:
    (tmp_path / "routes.py").write_text(ROUTES)
    assert "of the loop at line 11," in run_script(tmp_path / "routes.py", (), Wish()).said


def test_the_first_pass_that_does_something_is_told(tmp_path: Path) -> None:
    (tmp_path / "splits.py").write_text(SPLITS)
    found = run_script(tmp_path / "splits.py", (), Wish())
    assert "recorded pass 4 of the loop at line 5," in found.said
    assert len(found.trace) > 5
    asked = run_script(tmp_path / "splits.py", (), Wish(1))
    assert "recorded pass 1 of the loop at line 5," in asked.said


SPREADS = """\
import numpy as np

def spread(heat):
    for turn in range(60):
        if turn == 4:
            pass  # ends
        heat = heat + 0.1 * (np.roll(heat, 1) - heat)

spread(np.arange(5.0))
"""


@pytest.mark.parametrize(
    ("ends", "passes"), [("", 24), ("break", 4), ("return", 4), ("1 / 0", 4), ("raise SystemExit(3)", 4)]
)
def test_short_passes_are_told_together(tmp_path: Path, ends: str, passes: int) -> None:
    (tmp_path / "heat.py").write_text(SPREADS.replace("pass  # ends", ends or "pass"))
    found = run_script(tmp_path / "heat.py", (), Wish())
    assert f'in range(60):", and {passes - 1} passes after it, one being short; ' in found.said
    assert [one.source.passes for one in found.trace] == [
        (k,) for k in range(1, passes + 1) for _ in range(4)
    ]
    assert found.trace.failure is None
    assert found.trace.returned[0].id == found.trace.operations[-1].output.id
    found.trace.check()
    alone = run_script(tmp_path / "heat.py", (), Wish(3))
    assert "recorded pass 3 of the loop at line 4," in alone.said and "after it" not in alone.said
    assert [one.source.passes for one in alone.trace] == [()] * 4


def test_passes_that_are_told_together_are_neither_long_nor_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "heat.py").write_text(SPREADS)
    for limit, most, passes in (
        ("SHORT", 3, 1),
        ("MOST_OPERATIONS", 10, 2),
        ("MOST_BYTES", 4 * 5 * 8 * 3, 3),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(f"mnistviz.trace.script.following.{limit}", most)
            assert len(run_script(tmp_path / "heat.py", (), Wish()).trace) == 4 * passes


POND = """\
import numpy as np

rows = [[float(7 * i % 5) for i in range(3)] for _ in range(700)]
total = 0.0
for row in rows:
    for one in row:
        total += np.float64(one) * 2.0
pond = np.zeros((30, 30))
before = np.zeros((30, 30))
for turn in range(40):
    pond[15, 15] = np.sin(turn)
    after = 2 * pond - before
    after[1:-1, 1:-1] += 0.2 * (pond[2:, 1:-1] + pond[:-2, 1:-1] + pond[1:-1, 2:] + pond[1:-1, :-2] - 4 * pond[1:-1, 1:-1])
    before, pond = pond, after
"""  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("asked", "told", "rows"), [(None, 7, 700), (1, 1, 7)])
def test_a_still_pond_is_told_from_where_it_moves(
    tmp_path: Path, asked: int | None, told: int, rows: int
) -> None:
    (tmp_path / "pond.py").write_text(POND.replace("700", str(rows)))
    found = run_script(tmp_path / "pond.py", (), Wish(asked))
    assert f"recorded pass {told} of the loop at line 10," in found.said
    assert (", the first with more to show than equal numbers;" in found.said) == (told > 1)
    assert found.trace.making("after").output.value.any() == (told > 1)
    found.trace.check()


@pytest.mark.parametrize("ends", ["", "raise SystemExit", "raise SystemExit(3)", "1 / 0"])
@pytest.mark.parametrize("passes", [3, 130])
def test_where_all_stays_equal_the_first_passes_are_told(tmp_path: Path, passes: int, ends: str) -> None:
    lines = [
        "import numpy as np",
        "w = np.zeros(4)",
        f"for turn in range({passes}):",
        "    w = w + 1.0",
        ends,
    ]
    (tmp_path / "even.py").write_text("\n".join(lines))
    found = run_script(tmp_path / "even.py", (), Wish())
    assert 'recorded pass 1 of the loop at line 3, "for turn' in found.said
    assert len(found.trace) == min(passes, 24)
