"""How far the step goes, and so what is said of it: a little against the adjustment, far, not at all, or along it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from mnistviz.story.statements import Statements

Kind = Literal["small", "large", "none", "uphill", "needless"]

PARAMETERS: Final = (
    "input_to_hidden_weights_20x784",
    "hidden_biases_20x1",
    "hidden_to_output_weights_10x20",
    "output_biases_10x1",
)
SMALL: Final = 0.1  # of the adjustment: a step that goes further is not called small


@dataclass(frozen=True)
class Stride:
    """The words for steps of one kind; a place `{}` in them is for the learn rate."""

    title: str  # of chapter 9
    summary: str  # of chapter 9
    step: str  # a step of the kind, within a sentence
    named: str  # the shot that takes it
    taken: str
    again: str  # the same, of the hidden weights
    shortly: str  # the same, where there is little time
    why: str
    moves: str  # "Each weight moves ... its blame."
    asked: str = ""  # whether it should have been another; none: that is not asked
    fits: str = ""  # the answer where other digits hardly notice the step
    costs: str = ""  # the answer where they do


STRIDES: Final[dict[Kind, Stride]] = {
    "small": Stride(
        "A small step", "A small step against the adjustment: minus learn rate times it", "a small step",
        "A small step downhill", "Take {} of the adjustment, and backwards.", "Again only {} of it, and backwards.",
        "Take {} of it, and backwards.",
        "Backwards, because the adjustment points uphill.", "a little against",
        "Why so small a step?", "So {} of the way: enough for now.",
        "So only {} of the way, and even that costs others.",
    ),
    "large": Stride(
        "A large step", "A large step against the adjustment: minus learn rate times it", "a large step",
        "A large step downhill", "Take {} times the adjustment, and backwards.", "Again {} times it, and backwards.",
        "Take {} times it, and backwards.",
        "Backwards, because the adjustment points uphill.", "far against",
        "Is so large a step good?", "{} times the adjustment: the others bear it.",
        "{} times the adjustment: others pay for it.",
    ),
    "none": Stride(
        "No step", "Minus learn rate times the adjustment, at a learn rate of 0", "a step of nothing",
        "A step of nothing", "Take {} times the adjustment: nothing.", "Again {} times it: nothing.",
        "Take {} times it: nothing.",
        "It points uphill. Backwards would be downhill.", "nowhere against",
        "How far could it have gone?", "The learn rate is {}: so nothing is learned.",
        "The learn rate is {}: so nothing is learned.",
    ),
    "uphill": Stride(
        "A step uphill", "A step along the adjustment: the learn rate is below 0", "a step uphill",
        "A step uphill", "Take {} of the adjustment, and forwards.", "Again {} of it, and forwards.",
        "Take {} of it, and forwards.",
        "The adjustment points uphill, and there it goes.", "along",
    ),
    "needless": Stride(
        "No step is needed", "Minus learn rate times the adjustment, which is all zeros", "a step of nothing",
        "A step of nothing", "Take {} times the adjustment, and backwards.", "Again {} times it, and backwards.",
        "Take {} times it, and backwards.",
        "But without an error it points nowhere.", "nowhere against",
    ),
}  # fmt: skip


def stride_of(statements: Statements) -> Stride:
    """The words for the step that was taken."""
    return STRIDES[kind_of(statements)]


def kind_of(statements: Statements) -> Kind:
    """What kind of step it was: by the learn rate, and by whether there was anything to take."""
    if not statements.numbers("output_delta_10x1").any():
        return "needless"
    rate = learn_rate(statements)
    if rate < 0:
        return "uphill"
    return "none" if rate == 0 else "small" if rate <= SMALL else "large"


def learn_rate(statements: Statements) -> float:
    """The learn rate: less than what the adjustment was multiplied by."""
    numbers = statements.changing("hidden_to_output_weights_10x20")
    factor = next(
        one.inputs[0]
        for one in map(statements.trace.operations.__getitem__, numbers)
        if one.operation == "multiply"
    )
    return -float(factor.value)


def has_moved(statements: Statements) -> bool:
    """Whether the step has changed any weight or bias."""
    outputs = [statements.trace.operations[statements.changing(name)[-1]].output for name in PARAMETERS]
    return any((output.value != output.before).any() for output in outputs)
