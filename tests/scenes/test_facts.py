"""What the story says beside the trace, computed another way: by finite differences and one picture at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistviz.data.builtin import built_in
from mnistviz.data.idx import Labelled
from mnistviz.scene import PictureChoice
from mnistviz.storage.later import Later
from mnistviz.training.curve import TABLE
from scenes.mnist_mlp import learner, network
from scenes.mnist_mlp.facts import Facts, cross_entropy, find_cast, find_facts
from scenes.mnist_mlp.inputs import OTHERS, Inputs, gather, record_scene

CLEAR = 15  # nearest neighbours among the training digits, all of the right label


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return gather(PictureChoice())


@pytest.fixture(scope="module")
def facts(inputs: Inputs) -> Facts:
    return find_facts(record_scene(inputs), inputs)


def loss(outputs: Any, label: int) -> float:
    """Cross-entropy of ten outputs, written out."""
    return -sum(np.log(o if place == label else 1 - o) for place, o in enumerate(outputs.ravel()))


def changed(inputs: Inputs) -> list[Any]:
    """The four matrices after the step."""
    matrices = [matrix.copy() for matrix in inputs.network]
    network.step(inputs.image_784x1, inputs.label, *matrices, inputs.learn_rate)
    return matrices


def test_the_losses_are_those_of_the_outputs(inputs: Inputs, facts: Facts) -> None:
    before = network.forward(inputs.image_784x1, *inputs.network)[1]
    after = network.forward(inputs.image_784x1, *changed(inputs))[1]
    assert facts.loss_before == pytest.approx(loss(before, inputs.label), rel=1e-12)
    assert facts.loss_after == pytest.approx(loss(after, inputs.label), rel=1e-12)
    assert facts.loss_after < facts.loss_before


def test_cross_entropy_holds_where_an_output_is_certain() -> None:
    sums = np.full(10, -800.0)
    assert cross_entropy(sums, 3) == pytest.approx(800)
    sums[3] = 800
    assert cross_entropy(sums, 3) == 0


def test_the_loss_begins_with_the_gradients_slope(inputs: Inputs, facts: Facts) -> None:
    """Near 0 the loss falls by the squared length of the step: its directions are the gradients."""
    step = [(new - old) / inputs.learn_rate for new, old in zip(changed(inputs), inputs.network, strict=True)]
    tiny = 1e-7
    moved = [old + tiny * way for old, way in zip(inputs.network, step, strict=True)]
    ends = [loss(network.forward(inputs.image_784x1, *m)[1], inputs.label) for m in (inputs.network, moved)]
    measured = (ends[1] - ends[0]) / tiny
    # The hidden gradients use the changed output weights, as the network does: not quite the steepest way.
    assert measured == pytest.approx(-sum(float((way**2).sum()) for way in step), rel=0.05)
    at = int(np.flatnonzero(facts.rates == inputs.learn_rate)[0])
    assert facts.losses[0] == facts.loss_before
    assert facts.losses[at] == pytest.approx(facts.loss_after, rel=1e-9)


def test_accuracies_are_counted_one_picture_at_a_time(inputs: Inputs, facts: Facts) -> None:
    some = Labelled(inputs.others[:60], inputs.other_labels[:60], "test", "a few")
    few = replace(inputs, beside=Later(lambda: some), own=None)
    counted = find_facts(record_scene(few), few)
    step = [(new - old) / inputs.learn_rate for new, old in zip(changed(inputs), inputs.network, strict=True)]
    for place in (0, 1, 30, 100):
        rate = facts.rates[place]
        matrices = [old + rate * way for old, way in zip(inputs.network, step, strict=True)]
        right = [
            network.forward(network.as_column(picture), *matrices)[1].argmax() == label
            for picture, label in zip(few.others, few.other_labels, strict=True)
        ]
        assert counted.accuracies[place] == pytest.approx(np.mean(right)), rate
    assert facts.others == OTHERS
    assert facts.accuracies[100] < facts.accuracies[1]


@pytest.mark.parametrize("fault", [None, BrokenProcessPool(), CancelledError(), OSError()])
def test_what_nobody_else_has_made_is_made_here(fault: Exception | None) -> None:
    made_here = []
    later = Later(lambda: made_here.append("here") or "made")

    def submit(make: Callable[[], str]) -> Future[str]:
        promised: Future[str] = Future()
        if isinstance(fault, OSError):
            raise fault
        if isinstance(fault, CancelledError):
            promised.cancel()
        elif fault is not None:
            promised.set_exception(fault)
        else:
            promised.set_result("made")
        return promised

    later.hand_over(submit)
    assert [later(), later()] == ["made"] * 2
    assert made_here == (["here"] if fault else [])


def test_the_others_are_not_the_picture() -> None:
    for index in (0, 4, OTHERS, OTHERS + 1):
        chosen = gather(PictureChoice(index=index))
        assert chosen.others.shape == (OTHERS, 28, 28)
        assert not any(np.array_equal(chosen.picture, other) for other in chosen.others)


def test_the_cast(inputs: Inputs, facts: Facts) -> None:
    hidden, outputs = network.forward(inputs.image_784x1, *inputs.network)
    matrices = changed(inputs)
    assert facts.cast.right == inputs.label
    assert facts.cast.rival == outputs.argmax() != inputs.label
    pushed = (inputs.input_to_hidden_weights - matrices[0]) / inputs.learn_rate
    neuron, pixel = np.unravel_index(np.abs(pushed).argmax(), pushed.shape)
    assert facts.cast.neuron == neuron
    assert np.abs(pushed[neuron, facts.cast.pixel]) == pytest.approx(np.abs(pushed[neuron, pixel]), rel=1e-9)
    assert facts.says.sum(axis=1) == pytest.approx(
        (inputs.hidden_to_output_weights @ hidden)[:, 0], rel=1e-12
    )
    delta = outputs - np.eye(10)[:, [inputs.label]]
    assert facts.blames.sum(axis=0) == pytest.approx((matrices[2].T @ delta)[:, 0], rel=1e-12)


def test_a_picture_that_is_read_rightly_has_a_rival_too() -> None:
    right = gather(PictureChoice(index=0))
    outputs = network.forward(right.image_784x1, *right.network)[1][:, 0]
    assert outputs.argmax() == right.label
    cast = find_cast(record_scene(right), right)
    assert not cast.wrong
    assert cast.rival == np.argsort(outputs)[-2]


def test_the_default_picture_is_one_that_nobody_would_misread(inputs: Inputs) -> None:
    """Of 20,000 training digits the nearest ones are all what it is; the network takes it for another."""
    trained = built_in("train", 20_000)
    flat = trained.pictures.reshape(len(trained), -1).astype(np.float32)
    nearest = np.argsort(((flat - inputs.picture.ravel().astype(np.float32)) ** 2).sum(axis=1))[:CLEAR]
    assert (trained.labels[nearest] == inputs.label).all()
    assert (
        learner.detect(
            dict(zip((f.name for f in learner.MATRICES), inputs.network, strict=True)), inputs.picture
        )
        != inputs.label
    )
    before, after = (
        network.lesson(*inputs.arguments)[1],
        network.forward(inputs.image_784x1, *inputs.network)[1],
    )
    assert np.abs(after - before).max() >= 0.05


def test_the_shipped_weights_come_with_their_training(inputs: Inputs, tmp_path: Path) -> None:
    assert inputs.curve[-1].pictures == 60_000
    assert inputs.curve[-1].right_percent > 90 > 30 > inputs.curve[0].right_percent
    assert inputs.untrained_layers is not None and inputs.untrained_layers.shape == (20, 784)
    for file in learner.SHIPPED.iterdir():
        if file.name != TABLE:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    assert gather(PictureChoice(weights=tmp_path)).curve == ()
