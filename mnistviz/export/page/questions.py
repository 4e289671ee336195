"""What the page asks before the film shows it: which cell wins, or what a number will be, with a few answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from mnistviz.operations import definition
from mnistviz.picture.numbers import signed
from mnistviz.story.storyboard import Storyboard
from mnistviz.story.timeline import Clip
from mnistviz.trace.model import Operation

MOST_ANSWERS = 10  # the digit keys


@dataclass(frozen=True)
class Question:
    """The cell that is asked for, and answers of which one is right."""

    asks: Literal["winner", "number"]
    array: int  # id of the value
    cell: int  # its place, row-major
    answers: tuple[str, ...]
    right: int  # place in `answers`


def plain_question(board: Storyboard, clip: Clip) -> dict[str, Any] | None:
    """For JSON: the clip's question, about the last thing that it completes; None where there is none to ask."""
    asked = question(board, clip)
    return asdict(asked) if asked is not None else None


def question(board: Storyboard, clip: Clip) -> Question | None:
    """The question of a clip."""
    completed = clip.shot.completes or next((shot.completes for shot in clip.merged if shot.completes), ())
    if not completed:
        return None
    operation = board.operation(completed[-1])
    if definition(operation.operation).reduces.startswith("place of"):
        return _winner(board, operation)
    output = operation.output
    if not output.name or output.value.dtype.kind != "f" or not output.value.size:
        return None
    flat = output.value.ravel()
    cell = clip.shot.order[0] if clip.shot.order else int(np.argmax(np.abs(np.nan_to_num(flat))))
    if not 0 <= cell < flat.size or not np.isfinite(flat[cell]):
        return None
    return _number(output.id, cell, float(flat[cell]))


def _winner(board: Storyboard, operation: Operation) -> Question | None:
    """Which of the cells that are compared is found; only where there are few."""
    size, output = operation.inputs[0].value.size, operation.output
    if output.value.ndim or not 2 <= size <= MOST_ANSWERS:
        return None
    labels = board.labels_of(size)
    names = labels.names if labels is not None else tuple(str(place) for place in range(size))
    return Question("winner", output.id, 0, names, int(output.value))


def _number(array: int, cell: int, value: float) -> Question:
    """The number as the film writes it, among others that a careless reader might take for it."""
    others = [-value, 1 - value if 0 < value < 1 else value * 10] if value else [1.0, -1.0]
    answers = list(dict.fromkeys(map(signed, (value, *others))))
    mixed = sorted(answers, key=lambda text: hashlib.sha256(f"{array} {cell} {text}".encode()).digest())
    return Question("number", array, cell, tuple(mixed), _place(mixed, signed(value)))


def _place(answers: Sequence[str], right: str) -> int:
    return list(answers).index(right)
