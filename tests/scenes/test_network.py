"""The taught network: the article's statements in the article's order, checked by maths done another way."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import numpy as np
import pytest

from mnistviz.data.pictures import turned
from mnistviz.data.sets import read_mnist
from mnistviz.data.weights import load
from mnistviz.scene import PictureChoice
from scenes.mnist_mlp import learner, network
from scenes.mnist_mlp.inputs import gather

STATEMENTS = [
    "hidden_pre_sigmoid_20x1 = hidden_biases_20x1 + np.matmul(input_to_hidden_weights_20x784, image_784x1)",
    "hidden_neurons_20x1 = 1 / (1 + np.exp(-hidden_pre_sigmoid_20x1))",
    "output_pre_sigmoid_10x1 = output_biases_10x1 + np.matmul(hidden_to_output_weights_10x20, hidden_neurons_20x1)",
    "output_neurons_10x1 = 1 / (1 + np.exp(-output_pre_sigmoid_10x1))",
    "expected_output_10x1 = np.zeros((10, 1))",
    "expected_output_10x1[label] = 1",
    "detected = np.argmax(output_neurons_10x1)",
    "output_delta_10x1 = output_neurons_10x1 - expected_output_10x1",
    "hidden_to_output_adjustment_10x20 = np.matmul(output_delta_10x1, np.transpose(hidden_neurons_20x1))",
    "hidden_to_output_weights_10x20 += -learn_rate * hidden_to_output_adjustment_10x20",
    "output_biases_10x1 += -learn_rate * output_delta_10x1",
    "hidden_sigmoid_differential_20x1 = hidden_neurons_20x1 * (1 - hidden_neurons_20x1)",
    "weighted_output_delta_20x1 = np.matmul(np.transpose(hidden_to_output_weights_10x20), output_delta_10x1)",
    "hidden_delta_20x1 = weighted_output_delta_20x1 * hidden_sigmoid_differential_20x1",
    "input_to_hidden_adjustment_20x784 = np.matmul(hidden_delta_20x1, np.transpose(image_784x1))",
    "input_to_hidden_weights_20x784 += -learn_rate * input_to_hidden_adjustment_20x784",
    "hidden_biases_20x1 += -learn_rate * hidden_delta_20x1",
]
RATE = 0.01


def example() -> tuple[np.ndarray, int, tuple[np.ndarray, ...]]:
    random = np.random.default_rng(3)
    arrays = network.new_network(3)
    return random.random((784, 1)) * (random.random((784, 1)) < 0.2), 4, arrays


def copies(arrays: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    return [array.copy() for array in arrays]


def test_the_statements_are_the_articles_in_its_order() -> None:
    lines = []
    for function in (network.forward, network.step, network.backward):
        body = ast.parse(inspect.getsource(function)).body[0]
        found = [ast.unparse(node) for node in body.body if isinstance(node, ast.Assign | ast.AugAssign)]
        lines += [line for line in found if "forward(" not in line]
    assert lines == STATEMENTS


def test_it_can_be_read_on_the_screen() -> None:
    source = Path(network.__file__).read_text(encoding="utf-8")
    assert max(map(len, source.splitlines())) <= 54
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imports] == ["import numpy as np"]


def test_the_column_turns_back_into_the_picture() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    column = network.as_column(picture)
    assert column.shape == (784, 1)
    back = np.empty((28, 28))
    for row in range(28):
        for place in range(28):
            back[row, place] = column[row * 28 + place, 0] * 256
    assert np.array_equal(back, picture)


def test_forward_against_plain_loops() -> None:
    image, _, (w1, b1, w2, b2) = example()
    hidden = [
        1 / (1 + np.exp(-(sum(w1[k, i] * image[i, 0] for i in range(784)) + b1[k, 0]))) for k in range(20)
    ]
    output = [1 / (1 + np.exp(-(sum(w2[n, k] * hidden[k] for k in range(20)) + b2[n, 0]))) for n in range(10)]
    got_hidden, got_output = network.forward(image, w1, b1, w2, b2)
    np.testing.assert_allclose(got_hidden[:, 0], hidden, rtol=1e-12)
    np.testing.assert_allclose(got_output[:, 0], output, rtol=1e-12)


def cross_entropy(image: np.ndarray, label: int, arrays: list[np.ndarray]) -> float:
    output = network.forward(image, *arrays)[1][:, 0]
    expected = np.arange(10) == label
    return float(-np.sum(np.where(expected, np.log(output), np.log1p(-output))))


@pytest.mark.parametrize("which", [1, 2, 3, 0])
def test_a_step_goes_down_the_slope_of_cross_entropy(which: int) -> None:
    """Against finite differences; the first layer by way of weights that have already been changed."""
    image, label, arrays = example()
    after = copies(arrays)
    network.step(image, label, *after, RATE)
    index = (7, int(np.argmax(image))) if which == 0 else (4, min(3, arrays[which].shape[1] - 1))
    slopes = []
    for sign in (1, -1):
        shifted = copies(arrays)
        shifted[which][index] += sign * 1e-6
        slopes.append(sign * cross_entropy(image, label, shifted))
    slope = sum(slopes) / 2e-6
    moved = (after[which] - arrays[which])[index] / -RATE
    hidden, output = network.forward(image, *arrays)
    delta = output - (np.arange(10) == label)[:, None]
    early = 0.0
    if which < 2:  # what the early change of the second layer adds, exactly
        h = hidden[index[0], 0]
        early = -RATE * float((delta**2).sum()) * h * h * (1 - h) * (image[index[1], 0] if which == 0 else 1)
    assert moved == pytest.approx(slope + early, rel=1e-5, abs=1e-9)
    assert which > 1 or abs(early) > 1e-6  # the difference would be seen


def test_a_lesson_is_a_step_and_one_more_look() -> None:
    _, label, arrays = example()
    picture = np.random.default_rng(1).integers(0, 256, (28, 28)).astype(np.uint8)
    image = network.as_column(picture)
    stepped, taught = copies(arrays), copies(arrays)
    detected = network.step(image, label, *stepped, RATE)
    again = network.lesson(picture, label, *taught, RATE)
    assert detected == network.forward(image, *arrays)[1].argmax()
    assert all(np.array_equal(one, other) for one, other in zip(stepped, taught, strict=True))
    assert np.array_equal(again[1], network.forward(image, *stepped)[1])


def test_new_networks_start_as_the_articles() -> None:
    w1, b1, w2, b2 = network.new_network(0)
    assert (w1.shape, b1.shape, w2.shape, b2.shape) == ((20, 784), (20, 1), (10, 20), (10, 1))
    assert not b1.any()
    assert not b2.any()
    for weights in (w1, w2):
        assert weights.min() >= -0.5
        assert weights.max() < 0.5
        assert weights.std() == pytest.approx(12**-0.5, rel=0.1)


def test_the_default_picture_is_read_wrong_and_one_step_is_seen() -> None:
    inputs = gather(PictureChoice())
    before = network.forward(inputs.image_784x1, *inputs.network)[1]
    after = network.lesson(*inputs.arguments)[1]
    assert inputs.label_known
    assert before.argmax() != inputs.label
    assert np.abs(after - before).max() >= 0.05
    assert after[inputs.label] > before[inputs.label]


def test_a_picture_of_your_own_needs_no_label(tmp_path: Path) -> None:
    from PIL import Image

    Image.fromarray(gather(PictureChoice(index=0)).picture).save(tmp_path / "mine.png")
    unknown = gather(PictureChoice(image=tmp_path / "mine.png"))
    assert not unknown.label_known
    assert unknown.label == network.forward(unknown.image_784x1, *unknown.network)[1].argmax()
    assert unknown.source == "mine.png"
    said = gather(PictureChoice(image=tmp_path / "mine.png", label=3))
    assert (said.label, said.label_known) == (3, True)


def test_the_articles_weights_read_real_mnist_turned(shared_data: Path) -> None:
    matrices = load(shared_data / "reference-weights-epoch0", learner.FILES).matrices
    data = read_mnist(shared_data / "mnist-t10k", "test")
    pictures = turned(data.pictures, "clockwise")
    right = sum(
        learner.detect(matrices, picture) == label
        for picture, label in zip(pictures, data.labels, strict=True)
    )
    assert right == 9133


def test_it_is_shown_turned_as_it_is_fed_in() -> None:
    upright = gather(PictureChoice())
    clockwise = gather(PictureChoice(orientation="clockwise"))
    assert np.array_equal(clockwise.picture, np.rot90(upright.picture, -1))
    assert clockwise.picture[0, 27] == upright.picture[0, 0]
    assert clockwise.label == upright.label
