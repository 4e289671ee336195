"""One weight, factor by factor: the line that grows in the inspector on the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mnistviz.story.sentence import Cell, Number, Part, Quantity, Sentence, line
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Chapter, Shot
from mnistviz.trace.model import Value

from .facts import Cast

FIRST, LAST = 11, 16  # chapters in which it stands
# Drawing and chapter of the shots by which it grows, and how many of its links it has then.
GROWS = {(11, "slope"): 1, (12, "matmul"): 2, (13, "multiply"): 3, (14, "matmul"): 4, (15, "update"): 5}


def with_chain(chapters: Sequence[Chapter], statements: Statements, cast: Cast) -> list[Chapter]:
    """The chapters, those of the way back with the chain as far as it has come."""
    links = [line("")] + [_line(statements, cast, links) for links in range(1, len(GROWS) + 1)]
    done, told = 0, []
    for chapter in chapters:
        shots: list[Shot] = []
        for shot in chapter.shots:
            grown = GROWS.get((chapter.number, shot.drawing), done)
            inside = FIRST <= chapter.number <= LAST and grown > 0
            shots.append(replace(shot, chain=(links[done] if done else "", links[grown])) if inside else shot)
            done = grown
        told.append(replace(chapter, shots=tuple(shots)))
    return told


@dataclass(frozen=True)
class _Factors:
    """What the change of the weight from the cast's pixel to its neuron is made of."""

    terms: tuple[Number, ...]  # of the error that came back
    slope: Number
    pixel: Number
    rate: Number


def _line(statements: Statements, cast: Cast, links: int) -> Sentence:
    """The chain of so many links."""
    factors = _factors(statements, cast)
    known: list[Part | str] = ["?"]
    if links > 1:
        known = ["(", factors.terms[0], " ", factors.terms[1], " ", factors.terms[2], ")"]
    product: list[Part | str] = [*known, " × ", factors.slope]
    product += [" × ", factors.pixel] if links > 3 else []
    product += [" × ", factors.rate] if links > 4 else []
    results = {3: _blame, 4: _share, 5: _change}
    return line(*product, " = ", results[links](statements, cast)) if links in results else line(*product)


def _factors(statements: Statements, cast: Cast) -> _Factors:
    product = statements.making("weighted_output_delta_20x1")[-1]
    weights, errors = statements.trace.operations[product].inputs
    terms = weights.value[cast.neuron] * errors.value[:, 0]
    both = (cast.rival, cast.right)
    named = [Number(float(terms[one]), Quantity("term", (product, cast.neuron, one))) for one in both]
    others = float(np.sum([term for place, term in enumerate(terms) if place not in both]))
    rest = Number(others, Quantity("other terms", (product, cast.neuron, *both)))
    slope, column = statements.output("hidden_sigmoid_differential_20x1"), statements.output("image_784x1")
    rate = statements.trace.operations[statements.changing("input_to_hidden_weights_20x784")[-2]].inputs[0]
    return _Factors(
        (*named, rest),
        _cell(slope, cast.neuron, "bare"),
        _cell(column, cast.pixel, "bare"),
        Number(float(rate.value), Cell(rate.id), "short"),
    )


def _cell(value: Value, flat: int, style: str = "signed") -> Number:
    number = float(value.value.reshape(-1)[flat])
    return Number(number, Cell(value.id, flat), "bare" if style == "bare" else "signed")


def _blame(statements: Statements, cast: Cast) -> Number:
    return _cell(statements.output("hidden_delta_20x1"), cast.neuron)


def _share(statements: Statements, cast: Cast) -> Number:
    adjustment = statements.output("input_to_hidden_adjustment_20x784")
    return _cell(adjustment, cast.neuron * adjustment.shape[1] + cast.pixel)


def _change(statements: Statements, cast: Cast) -> Number:
    added = statements.trace.operations[statements.changing("input_to_hidden_weights_20x784")[-2]].output
    return _cell(added, cast.neuron * added.shape[1] + cast.pixel)
