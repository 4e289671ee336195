"""Any operation: what goes in, numpy's own name, and what comes out, filled_up_to from its first cell to its last."""

from __future__ import annotations

import math

from mnistviz.operations import UNWRITTEN
from mnistviz.picture.drawings import GENERIC, draws
from mnistviz.picture.drawings.props import cell_at, cell_name, cell_number, filled_up_to
from mnistviz.picture.easing import ramp, smooth
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.arrange import Term, equation, signs
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.story.sentence import Code, Sign, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Operation, Value
from mnistviz.trace.table import index_text

MOST_INPUTS, MOST_CARDS = 3, 5


def shown_inputs(operation: Operation) -> tuple[Value, ...]:
    """The inputs that get a card: arrays first seen, each once; single numbers where there is nothing else."""
    arrays = [value for value in operation.inputs if value.shape != ()]
    chosen = arrays or list(operation.inputs)
    return tuple({value.id: value for value in chosen}.values())[:MOST_INPUTS]


@draws(GENERIC)
def draw_any(studio: Studio, shot: Shot, p: float) -> Tableau:
    """Inputs, an arrow with the operation's name, the output."""
    operations = studio.operations(shot)
    if not operations:
        return Tableau(())
    operation = operations[-1]
    terms = [Term(value, "," if place else "") for place, value in enumerate(shown_inputs(operation))]
    terms.append(Term(operation.output, "→" if terms else ""))
    first = len(terms) - 1
    further = operation.more[: max(MOST_CARDS - len(terms), 0)]
    terms += [Term(value, ",") for value in further]
    shown = list(equation(studio, tuple(terms)))
    for place in range(first, len(shown)):
        shown[place] = _filling(shown[place], p, operation.operation not in UNWRITTEN)
    return Tableau(
        tuple(shown),
        signs(studio, shown, terms),
        inspector=_words(studio, operation),
        lit=operation.source.expression,
    )


def _filling(card: Card, p: float, written: bool) -> Card:
    """What comes out, as far as it is made; nothing of what has no numbers of its own yet."""
    count = math.prod(card.cells.values.shape)
    done = round(smooth(ramp(p, 0.15, 0.95)) * count) if written else 0
    filled = changed(filled_up_to(card, done), glow=0.6 if p < 1 else 0.0)
    return changed(filled, lit=(cell_at(card, done),)) if 0 < done < count <= 4096 else filled


def _words(studio: Studio, operation: Operation) -> Inspector:
    sentences = [line(Code(code), tone="formula") for code in operation.expression.splitlines()[:3]]
    parameters = ", ".join(filter(None, (_parameter(*one) for one in operation.parameters)))
    if parameters:
        sentences.append(line(Code(parameters), tone="faint"))
    written = operation.operation not in UNWRITTEN
    if written and operation.output.value.size and operation.output.value.dtype.kind in "biuf":
        name, number = cell_name(studio, operation.output, 0), cell_number(operation.output, 0)
        sentences.append(line(name, " = ", number, tone="result"))
    return Inspector(line("numpy: ", Sign(operation.operation, operation.operation)), tuple(sentences))


def _parameter(name: str, value: object) -> str:
    """A parameter as it is shown; "" for an index that is an array or a field, which the expression tells better."""
    if name != "index":
        return "" if value is None else f"{name}={value}"
    if isinstance(value, str):
        return ""
    written = f"[{index_text(value)}]"
    return "" if "…" in written or "array" in written else written
