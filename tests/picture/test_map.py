"""The map of any trace: who depends on whom, where it stands, and what it shows when."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistviz.picture.display import Box, DisplayList, Line, Matrix, Point, Text
from mnistviz.picture.easing import mix_point
from mnistviz.picture.layout import look
from mnistviz.picture.map.detours import crosses
from mnistviz.picture.map.draw import layout_in, map_primitives, zoomed
from mnistviz.picture.map.graph import MOST_NODES, graph_of
from mnistviz.picture.map.layout import MapLayout, spread
from mnistviz.picture.map.state import newly_made, state_after, state_before, state_beside
from mnistviz.picture.map.ways import Slot
from mnistviz.picture.stage.studio import studio_of
from mnistviz.picture.stage.tableau import MapState
from mnistviz.scene import load_scene
from mnistviz.story.default import default_storyboard
from mnistviz.story.storyboard import Shot, Storyboard
from mnistviz.trace.recording.recorder import record
from tests.picture.lint import drawn_faults

EXAMPLES = [
    "02_relu_softmax", "03_convolution", "04_attention", "05_logistic_regression", "06_power_iteration",
    "07_k_means",
]  # fmt: skip
SIZES = {"16:9": (1920, 1080), "1:1": (1080, 1080), "9:16": (1080, 1920)}
WHOLE = {"16:9": (40.0, 150.0, 1880.0, 1020.0), "1:1": (40.0, 150.0, 1040.0, 1020.0),
         "9:16": (40.0, 150.0, 1040.0, 1860.0)}  # fmt: skip
SMALL = (740.0, 16.0, 1180.0, 206.0)
W1, W2, B1 = "input_to_hidden_weights_20x784", "hidden_to_output_weights_10x20", "hidden_biases_20x1"


@pytest.fixture(scope="module")
def boards(root: Path) -> dict[str, Storyboard]:
    names = {"mnist_mlp": "mnist_mlp", **{name: str(root / "examples" / f"{name}.py") for name in EXAMPLES}}
    scenes = {name: load_scene(path) for name, path in names.items()}
    return {name: scene.storyboard(scene.record()) for name, scene in scenes.items()}


def laid_out(board: Storyboard, shape: str, small: bool) -> MapLayout:
    return layout_in(studio_of(board, look(SIZES[shape])), SMALL if small else WHOLE[shape], not small)


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def middle(slot: Slot) -> float:
    return (slot.box[0] + slot.box[2]) / 2


def named(layout: MapLayout, name: str) -> Slot:
    return next(slot for slot in layout.slots if slot.node.name == name)


@pytest.mark.parametrize("small", [True, False], ids=["small", "whole"])
@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("name", ["mnist_mlp", *EXAMPLES])
def test_every_card_has_a_place_of_its_own_in_order(
    boards: dict[str, Storyboard], name: str, shape: str, small: bool
) -> None:
    layout = laid_out(boards[name], shape, small)
    box = SMALL if small else WHOLE[shape]
    graph = graph_of(boards[name].trace)
    assert len({slot.node.key for slot in layout.slots}) == len(graph.nodes) <= MOST_NODES
    for place, slot in enumerate(layout.slots):
        assert box[0] - 0.01 <= slot.box[0] and slot.box[2] <= box[2] + 0.01
        assert box[1] - 0.01 <= slot.box[1] and slot.box[3] <= box[3] + 0.01
        assert not any(overlap(slot.box, other.box) for other in layout.slots[place + 1 :]), slot.node.key
    for edge in graph.edges:
        start, end = layout.slot(edge.start), layout.slot(edge.end)
        if edge.way == "update":
            continue
        if start.node.lane == end.node.lane == "forth":
            assert (start.band, middle(start)) < (end.band, middle(end)), (edge.start, edge.end)
        if start.node.lane == end.node.lane == "back":
            assert (start.band, middle(start)) > (end.band, middle(end)), (edge.start, edge.end)
    for slot in layout.slots:
        if slot.node.lane == "back":
            above = [o for o in layout.slots if o.node.lane == "forth" and o.band == slot.band]
            assert all(other.box[3] < slot.box[1] for other in above)


@pytest.mark.parametrize("small", [True, False], ids=["small", "whole"])
@pytest.mark.parametrize("shape", SIZES)
def test_each_gradient_of_the_network_is_under_what_it_belongs_to(
    boards: dict[str, Storyboard], shape: str, small: bool
) -> None:
    layout = laid_out(boards["mnist_mlp"], shape, small)
    for gradient, array in (
        ("input_to_hidden_adjustment_20x784", W1),
        ("hidden_to_output_adjustment_10x20", W2),
        ("hidden_delta_20x1", B1),
        ("output_delta_10x1", "expected_output_10x1"),
    ):
        above, below = named(layout, array), named(layout, gradient)
        assert above.box[0] <= middle(below) <= above.box[2], gradient
        assert above.band == below.band


def test_the_networks_way_is_the_one_that_is_taught(boards: dict[str, Storyboard]) -> None:
    graph = graph_of(boards["mnist_mlp"].trace)
    forth = [node.name.rpartition("_")[0] for node in graph.nodes if node.lane == "forth"]
    assert forth == [
        "image", "input_to_hidden_weights", "hidden_biases", "hidden_pre_sigmoid", "hidden_neurons",
        "hidden_to_output_weights", "output_biases", "output_pre_sigmoid", "output_neurons", "expected_output",
    ]  # fmt: skip
    back = [node.name.rpartition("_")[0] for node in graph.nodes if node.lane == "back"]
    assert back == [
        "output_delta", "hidden_to_output_adjustment", "weighted_output_delta", "hidden_sigmoid_differential",
        "hidden_delta", "input_to_hidden_adjustment",
    ]  # fmt: skip
    updates = {(edge.start.split()[0], edge.end.split()[0]) for edge in graph.edges if edge.way == "update"}
    assert updates == {
        ("input_to_hidden_adjustment_20x784", W1),
        ("hidden_delta_20x1", B1),
        ("hidden_to_output_adjustment_10x20", W2),
        ("output_delta_10x1", "output_biases_10x1"),
    }


def of_many_names(folder: Path, names: list[str]) -> Storyboard:
    """A program of statements `name = the one before + 1`."""
    lines = [f"    {name} = {before} + 1" for before, name in pairwise(["start", *names])]
    text = ["import numpy as np", "def inputs():", "    return np.ones((3, 2))", "def step(start):", *lines]
    (folder / "many.py").write_text("\n".join([*text, f"    return {names[-1]}\n"]))
    scene = load_scene(str(folder / "many.py"))
    return scene.storyboard(scene.record())


FAMILIES = [f"{letter}{number}" for letter in "abcd" for number in range(9)]
STRANGERS = [a + b for a in "abcdef" for b in "uvwxyz"]


@pytest.mark.parametrize("names", [FAMILIES, STRANGERS], ids=["families", "strangers"])
def test_what_is_many_is_put_together(names: list[str], tmp_path: Path) -> None:
    board = of_many_names(tmp_path, names)
    graph = graph_of(board.trace)
    assert 2 <= len(graph.nodes) <= MOST_NODES
    assert sum(len(node.versions) for node in graph.nodes) == len(names) + 1
    layout = laid_out(board, "16:9", False)
    assert not any(overlap(a.box, b.box) for i, a in enumerate(layout.slots) for b in layout.slots[i + 1 :])


def test_what_is_put_together_by_its_function_has_a_name(tmp_path: Path) -> None:
    """Also where the first that the function makes has none: the map of such a program was a crash."""
    lines = [f"    {name} = np.exp({before}) - 1" for before, name in pairwise(["x", *STRANGERS])]
    text = ["import numpy as np", "def inner(x):", *lines, f"    return {STRANGERS[-1]}"]
    text += ["def step(x):", "    return inner(x)", "def inputs():", "    return np.zeros((3, 2))", ""]
    (tmp_path / "many.py").write_text("\n".join(text))
    scene = load_scene(str(tmp_path / "many.py"))
    board = scene.storyboard(scene.record())
    assert [node.name for node in graph_of(board.trace).nodes] == ["x", "inner"]
    assert laid_out(board, "16:9", False).slots


def test_names_of_one_family_are_one(tmp_path: Path) -> None:
    graph = graph_of(of_many_names(tmp_path, FAMILIES).trace)
    assert [len(node.versions) for node in graph.nodes] == [1, 9, 9, 9, 9]


def chain(x: Any) -> Any:
    """One array made anew forty times."""
    for number in range(40):
        x = x * 2 + number
    return x


def test_a_loop_fills_one_node_anew() -> None:
    (node,) = graph_of(record(chain, np.ones((3, 2)))).nodes
    assert len(node.versions) == 41


def scalars(a: Any, b: Any) -> Any:
    c = np.add(a, b)
    return np.sqrt(c)


def test_a_program_of_single_numbers_has_a_map_too() -> None:
    board = default_storyboard(record(scalars, np.float64(2.0), np.float64(3.0)))
    assert [node.name for node in graph_of(board.trace).nodes] == ["a", "b", "c", "result"]
    laid_out(board, "16:9", True)


def test_nothing_is_shown_before_it_is_computed(boards: dict[str, Storyboard]) -> None:
    board = boards["mnist_mlp"]
    there: set[str] = set()
    for chapter in board.chapters[:16]:
        for shot in chapter.shots:
            before, after = dict(state_before(board, shot).shown), dict(state_after(board, shot).shown)
            assert set(before) >= there
            made = {board.operation(number).output.id for number in shot.completes}
            assert {number for key, number in after.items() if before.get(key) != number} <= made
            assert set(newly_made(board, shot)) == set(after.items()) - set(before.items())
            there = set(after)
    assert len(there) == len(graph_of(board.trace).nodes)
    first = dict(state_before(board, board.chapters[0].shots[0]).shown)
    assert {key.split()[0] for key in first} == {W1, W2, B1, "output_biases_10x1"}


def test_an_update_shows_the_new_weights(boards: dict[str, Storyboard]) -> None:
    board = boards["mnist_mlp"]
    updated = next(shot for shot in board.chapters[8].shots if shot.drawing == "update")
    graph = graph_of(board.trace)
    ((key, number),) = newly_made(board, updated)
    assert key.startswith(W2)
    value = graph.values[number].value
    assert not np.array_equal(value, graph.values[dict(state_before(board, updated).shown)[key]].value)
    state = state_before(board, updated)
    taken = [edge for edge in graph.edges if set(edge.made) & state.made]
    assert {edge.way for edge in taken} == {"update"}


def drawn(board: Storyboard, shape: str, state: MapState, small: bool, theme: str = "dark") -> DisplayList:
    appearance = look(SIZES[shape], theme)
    box = SMALL if small else WHOLE[shape]
    parts = map_primitives(studio_of(board, appearance), box, state, not small)
    return DisplayList.of(
        appearance.regions.size, appearance.theme.background, parts, appearance.theme.shadow
    )


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("name", ["mnist_mlp", *EXAMPLES])
def test_a_whole_map_passes_the_lint(boards: dict[str, Storyboard], name: str, shape: str) -> None:
    board = boards[name]
    for chapter in board.chapters:
        state = state_after(board, chapter.shots[-1])
        assert [str(fault) for fault in drawn_faults(drawn(board, shape, state, False))] == []
    every_way = replace(state, made=frozenset(operation.number for operation in board.trace))
    assert [str(fault) for fault in drawn_faults(drawn(board, shape, every_way, False))] == []


def test_what_is_in_play_is_lit_and_the_rest_rests(boards: dict[str, Storyboard]) -> None:
    board = boards["mnist_mlp"]
    shot = board.chapters[7].shots[-1]
    state = state_after(board, shot)
    parts = drawn(board, "16:9", state, True).primitives
    names = [node.name for node in graph_of(board.trace).nodes]
    cards = dict(zip(names, (part for part in parts if isinstance(part, Matrix)), strict=True))
    lit = {name for name, card in cards.items() if card.glow > 0}
    assert lit == {"output_delta_10x1", "hidden_neurons_20x1", "hidden_to_output_adjustment_10x20"}
    assert all(cards[name].opacity == 1.0 for name in lit)
    assert cards[W1].opacity < 1.0
    assert cards["hidden_delta_20x1"].mask is not None and not cards["hidden_delta_20x1"].mask.shown.any()
    texts = [part.text for part in parts if isinstance(part, Text)]
    assert texts[0].startswith(
        "loss "
    )  # a gauge; and no names, but the digits beside outputs, expected, error
    assert texts[1:] == ["3", "8"] * 3
    assert sum(part.glow > 0 for part in parts if isinstance(part, Line)) == 2
    again = map_primitives(studio_of(board, look(SIZES["16:9"])), SMALL, state_after(board, shot), False)
    assert again is map_primitives(
        studio_of(board, look(SIZES["16:9"])), SMALL, state_after(board, shot), False
    )


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize(("right", "rival"), [(0, 1), (8, 9), (9, 4), (3, None)])
def test_a_small_map_says_which_digit_is_which(
    boards: dict[str, Storyboard], right: int, rival: int | None, shape: str, theme: str
) -> None:
    lesson = boards["mnist_mlp"]
    digits = next(one for one in lesson.labels if one.length == 10)
    others = tuple(one for one in lesson.labels if one is not digits)
    board = replace(lesson, labels=(*others, replace(digits, right=right, rival=rival)))
    state = state_after(board, board.chapters[7].shots[-1])
    seen = look(SIZES[shape], theme)
    parts = map_primitives(studio_of(board, seen), seen.regions.map, state, False)
    display = DisplayList.of(seen.regions.size, seen.theme.background, parts, seen.theme.shadow)
    assert [str(fault) for fault in drawn_faults(display)] == []
    said = [part.text for part in display.primitives if isinstance(part, Text)][1:]
    assert said == [str(row) for row in sorted({right, rival} - {None})] * 3  # type: ignore[type-var]


def replayed(board: Storyboard) -> Shot:
    return next(shot for shot in board.chapters[-1].shots if shot.drawing == "map-beside")


def test_what_is_computed_anew_stands_beside_what_it_was(boards: dict[str, Storyboard]) -> None:
    board = boards["mnist_mlp"]
    graph, shot = graph_of(board.trace), replayed(board)
    old, new = dict(state_before(board, shot).shown), dict(state_after(board, shot).shown)
    anew = {key for key in new if new[key] != old[key]}
    assert {key.rpartition("_")[0] for key in anew} == {
        "hidden_pre_sigmoid", "hidden_neurons", "output_pre_sigmoid", "output_neurons",
    }  # fmt: skip
    empty, half, done = (state_beside(board, shot, share, 1.0) for share in (0.0, 0.5, 1.0))
    assert dict(empty.before) == {key: old[key] for key in anew}
    assert not anew & {key for key, _ in empty.shown}  # nothing is there before it is computed
    assert 0 < len(anew & {key for key, _ in half.shown}) < len(anew)
    assert dict(done.shown) == new
    studio = studio_of(board, look(SIZES["16:9"]))
    cards = {part.key: part for part in zoomed(studio, done, 1.0) if isinstance(part, Matrix)}
    for key in anew:
        before, after = cards[f"map/{key}/before"], cards[f"map/{key}"]
        assert np.array_equal(before.cells.values.ravel(), graph.values[old[key]].value.ravel())
        assert np.array_equal(after.cells.values.ravel(), graph.values[new[key]].value.ravel())
        assert before.bounds[0] < before.origins[0][0] + before.across[0] < after.origins[0][0]
        assert before.origins[0][1] == after.origins[0][1]


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_replay_passes_the_lint(boards: dict[str, Storyboard], shape: str, theme: str) -> None:
    board, seen = boards["mnist_mlp"], look(SIZES[shape], theme)
    state = state_beside(board, replayed(board), 1.0, 1.0)
    parts = zoomed(studio_of(board, seen), state, 1.0)
    display = DisplayList.of(seen.regions.size, seen.theme.background, parts, seen.theme.shadow)
    assert [str(fault) for fault in drawn_faults(display)] == []


@pytest.mark.parametrize("shape", SIZES)
def test_no_name_on_the_lessons_map_is_cut(boards: dict[str, Storyboard], shape: str) -> None:
    board = boards["mnist_mlp"]
    for state in (
        state_after(board, board.chapters[0].shots[0]),
        state_beside(board, replayed(board), 1.0, 1.0),
    ):
        texts = [
            part.text
            for part in zoomed(studio_of(board, look(SIZES[shape])), state, 1.0)
            if isinstance(part, Text)
        ]
        assert not any(text.endswith("…") for text in texts)
        assert {"3", "8"} <= set(texts)  # beside the ten outputs: the right digit, and what was detected


def test_a_way_to_another_band_passes_no_card(boards: dict[str, Storyboard]) -> None:
    layout = laid_out(boards["mnist_mlp"], "9:16", False)
    bands = {slot.node.key: slot.band for slot in layout.slots}
    far = [link for link in layout.links for edge in link.edges if bands[edge.start] != bands[edge.end]]
    assert far
    for link in far:
        line = list(pairwise(link.points))
        spots = [mix_point(a, b, share / 20) for a, b in line for share in range(21)]
        assert not any(inside(spot, slot.box) for spot in spots for slot in layout.slots), link.edges


def inside(spot: Point, box: Box) -> bool:
    return box[0] < spot[0] < box[2] and box[1] < spot[1] < box[3]


@pytest.mark.parametrize("name", ["03_convolution", "04_attention"])
def test_a_way_beneath_cards_that_it_does_not_lead_to_goes_around(
    boards: dict[str, Storyboard], name: str
) -> None:
    layout = laid_out(boards[name], "16:9", False)
    for link in (one for one in layout.links if one.behind and not one.seldom):
        start, end = map(layout.slot, link.ends)
        row = (start.node.lane, start.band)
        between = [
            slot
            for slot in layout.slots
            if (slot.node.lane, slot.band) == row == (end.node.lane, end.band) and slot not in (start, end)
        ]
        assert not any(crosses(link.points, slot.box, 0.0) for slot in between), link.ends


def test_ways_of_updates_stay_on_the_map(boards: dict[str, Storyboard]) -> None:
    layout = laid_out(boards["07_k_means"], "16:9", False)
    assert any(edge.way == "update" for link in layout.links for edge in link.edges)
    assert all(y <= layout.box[3] for link in layout.links for _, y in link.points)


def test_what_keeps_a_gradient_comes_back() -> None:
    """It was made as zeros on the way forth, and what comes back is added to it; a bias is added to, too."""

    def step(x: Any, y: Any, w: Any, b: Any) -> None:
        kept = np.zeros_like(w)
        error = x @ w + b - y
        kept += x.T @ error
        w -= 0.1 * kept
        b -= error.mean(axis=0)

    trace = record(step, np.eye(3), np.ones((3, 2)), np.ones((3, 2)), np.zeros(2))
    assert {node.name for node in graph_of(trace).nodes if node.lane == "back"} == {"kept", "error"}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.floats(-50, 150), st.floats(1, 20)), min_size=1, max_size=5))
def test_spreading_keeps_order_room_and_span(wishes: list[tuple[float, float]]) -> None:
    wished, widths = [w for w, _ in wishes], [w for _, w in wishes]
    centres = spread(wished, widths, 2.0, (0.0, 120.0))
    edges = [(c - w / 2, c + w / 2) for c, w in zip(centres, widths, strict=True)]
    assert edges[0][0] >= -1e-9 and edges[-1][1] <= 120 + 1e-9
    assert all(a[1] + 2 <= b[0] + 1e-9 for a, b in pairwise(edges))


def test_spreading_leaves_alone_what_has_room() -> None:
    assert spread([10, 50, 90], [10, 10, 10], 2, (0, 100)) == [10, 50, 90]
    assert spread([50, 50], [10, 10], 2, (0, 100)) == [44, 56]
