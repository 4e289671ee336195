"""What the lesson means, in numbers: who is to blame, how wrong it was, and what becomes of it along the step.

All of it follows from the trace, the weights and some other digits; nothing is measured by eye.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.trace.model import Trace

from .inputs import Inputs

RATES: Final = 101  # so many from 0 to the whole adjustment: 0.01 and 0.3 are among them
TINY: Final = 1e-6  # of the step: along so little of it the loss is straight
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cast:
    """Who plays in the story; indices from 0."""

    right: int  # the digit that the picture shows
    rival: int  # what was detected; where that was right, the other digit with the largest output
    neuron: int  # the hidden neuron with the largest delta by size
    pixel: int  # 0..783: where the largest adjustment of a hidden weight is
    wrong: bool  # whether something else than the right digit was detected


@dataclass(frozen=True, eq=False)
class Facts:
    """What the film says beside the trace; losses are cross-entropies summed over the ten outputs."""

    cast: Cast
    loss_before: float
    loss_after: float  # of the same picture, after the one step
    rate: float  # the learn rate: how far the one step went
    rates: Floats  # (n,), 0..1, or to the learn rate where that is more: how far the step is taken
    losses: Floats  # (n,): of this picture, there
    slope: float  # of those at 0: what the loss loses at first, for a whole adjustment
    accuracies: Floats  # (n,), 0..1: share of the other digits that are read rightly there
    others: int  # how many other digits those are
    says: Floats  # (10, 20): weight times hidden neuron, what each neuron says for each digit
    blames: Floats  # (10, 20): changed weight times output delta, what each digit sends back to each neuron

    @property
    def harm(self) -> float:
        """The share of other digits that are read rightly before the step, less that after it."""
        after = float(np.interp(self.rate, self.rates, self.accuracies))
        return float(self.accuracies[0]) - after


@dataclass(frozen=True, eq=False)
class _Step:
    """The four matrices before the step, and their directions: where they go at a rate of 1."""

    starts: tuple[Floats, ...]
    directions: tuple[Floats, ...]


@lru_cache(maxsize=1)  # several shots ask
def find_facts(trace: Trace, inputs: Inputs) -> Facts:
    """Everything that the story needs to know of the lesson that was recorded."""
    step, rates = _step(trace, inputs), np.linspace(0.0, max(1.0, inputs.learn_rate), RATES)
    hidden, delta = _value(trace, "hidden_neurons_20x1"), _value(trace, "output_delta_10x1")
    changed = next(
        o for o in trace if o.in_place and o.output.name == "hidden_to_output_weights_10x20"
    ).output
    return Facts(
        cast=find_cast(trace, inputs),
        loss_before=_loss(inputs, step, 0.0),
        loss_after=_loss(inputs, step, inputs.learn_rate),
        rate=inputs.learn_rate,
        rates=rates,
        losses=np.array([_loss(inputs, step, rate) for rate in rates]),
        slope=(_loss(inputs, step, TINY) - _loss(inputs, step, 0.0)) / TINY,
        accuracies=_accuracies(inputs, step, rates),
        others=len(inputs.other_labels),
        says=inputs.hidden_to_output_weights * hidden.T,
        blames=changed.value * delta,
    )


def find_cast(trace: Trace, inputs: Inputs) -> Cast:
    """Who plays in the story, from what was recorded."""
    outputs = _value(trace, "output_neurons_10x1")[:, 0]
    detected = int(_value(trace, "detected"))
    wrong = detected != inputs.label
    others = np.where(np.arange(len(outputs)) == inputs.label, -np.inf, outputs)
    adjustment = np.abs(_value(trace, "input_to_hidden_adjustment_20x784"))
    return Cast(
        inputs.label,
        detected if wrong else int(others.argmax()),
        int(np.abs(_value(trace, "hidden_delta_20x1")).argmax()),
        int(adjustment.argmax() % adjustment.shape[1]),
        wrong,
    )


def cross_entropy(sums: Floats, label: int) -> float:
    """Cross-entropy in nats, summed over the outputs; `sums` (10,) are what goes into their sigmoids."""
    return float(cross_entropies(sums, label).sum())


def cross_entropies(sums: Floats, label: int) -> Floats:
    """Cross-entropy of each output (10,), in nats; `sums` (10,) are what goes into their sigmoids.

    For an output s(z): -ln s(z) = ln(1 + e^-z) where 1 is expected, -ln(1 - s(z)) = ln(1 + e^z) where 0 is.
    """
    signs = np.where(np.arange(len(sums)) == label, -1.0, 1.0)
    return np.asarray(np.logaddexp(0.0, signs * sums))


def _loss(inputs: Inputs, step: _Step, rate: float) -> float:
    """Cross-entropy of the picture, `rate` along the step."""
    w1, b1, w2, b2 = (start + rate * way for start, way in zip(step.starts, step.directions, strict=True))
    hidden = _sigmoid(w1 @ inputs.image_784x1 + b1)  # (20, 784) @ (784, 1) -> (20, 1)
    return cross_entropy((w2 @ hidden + b2)[:, 0], inputs.label)  # (10, 20) @ (20, 1) -> (10, 1)


def _accuracies(inputs: Inputs, step: _Step, rates: Floats) -> Floats:
    """Share of the other digits that are read rightly at each rate; the sums are linear in the rate."""
    (w1, b1, w2, b2), (d1, c1, d2, c2) = step.starts, step.directions
    images = inputs.others.reshape(-1, w1.shape[1]) / 256
    still, moving = images @ w1.T + b1.T, images @ d1.T + c1.T  # (n, 20) each
    shares = []
    for rate in rates:
        sums = _sigmoid(still + rate * moving) @ (w2 + rate * d2).T + (b2 + rate * c2).T  # (n, 10)
        shares.append(float(np.mean(sums.argmax(axis=1) == inputs.other_labels)) if len(images) else 0.0)
    return np.array(shares)


def _step(trace: Trace, inputs: Inputs) -> _Step:
    """The step as it was recorded: each matrix goes against its adjustment, a bias against its delta."""
    names = (
        "input_to_hidden_adjustment_20x784",
        "hidden_delta_20x1",
        "hidden_to_output_adjustment_10x20",
        "output_delta_10x1",
    )
    return _Step(inputs.network, tuple(-_value(trace, name) for name in names))


def _sigmoid(sums: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(sums, -700, 700))))


def _value(trace: Trace, name: str) -> NDArray[Any]:
    return trace.making(name).output.value
