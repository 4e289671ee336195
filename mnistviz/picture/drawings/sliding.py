"""A kernel that slides over a picture: the window where it lies, the cell where it lands, and the sum between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import permutations

from mnistviz.picture.display import Primitive
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.blocks import cell_frames
from mnistviz.picture.drawings.headings import announced, heading, largest_first
from mnistviz.picture.drawings.order import order_of
from mnistviz.picture.drawings.props import cell_at, cell_name, cell_number, filled, shows_each_cell
from mnistviz.picture.drawings.whole import draw_whole, inputs_of
from mnistviz.picture.easing import ramp
from mnistviz.picture.stage.arrange import Term, equation, signs
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.story.sentence import line
from mnistviz.story.sliding import Sliding, convolution, pooling
from mnistviz.story.storyboard import Shot, Storyboard
from mnistviz.trace.model import Value

MOST_GIVEN = 4  # arrays


@dataclass(frozen=True, eq=False)
class Slide:
    """A window over a picture, with the values that it takes and makes."""

    how: Sliding
    picture: Value
    kernel: Value | None  # None: of a pooling
    bias: Value | None
    result: Value


@lru_cache(maxsize=64)
def _slide_of(board: Storyboard, numbers: tuple[int, ...]) -> Slide | None:
    """The window of some operations; None where they have none."""
    operations = tuple(board.operation(number) for number in numbers)
    result, given = operations[-1].output, inputs_of(operations)
    if len(given) == 1:
        pooled = pooling(result.value, given[0].value)
        return Slide(pooled, given[0], None, None, result) if pooled is not None else None
    for picture, kernel, *rest in permutations(given) if 1 < len(given) < MOST_GIVEN else ():
        bias = rest[0] if rest else None
        how = convolution(result.value, picture.value, kernel.value, None if bias is None else bias.value)
        if how is not None:
            return Slide(how, picture, kernel, bias, result)
    return None


@draws("sliding")
def draw_sliding(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The picture with the window, the kernel, and the result, cell by cell."""
    slide = _slide_of(studio.board, shot.subject)
    if slide is None:
        return draw_whole(studio, shot, p)
    result, signed = slide.result, zip("∗+", (slide.kernel, slide.bias), strict=True)
    terms = [Term(slide.picture), *(Term(value, sign) for sign, value in signed if value is not None)]
    terms.append(Term(result, "=" if slide.kernel is not None else "→"))
    *given, last = equation(studio, tuple(terms))
    order = order_of(shot, result)
    pace = order.pace(ramp(p, 0.04, 1.0))
    cell = order.now(pace, p)
    lit = (cell_at(last, cell),) if p > 0 and shows_each_cell(last) else ()
    last = replace(filled(last, order.done(pace.done)), glow=0.5 if 0 < p < 1 else 0.0, lit=lit)
    marks = (*signs(studio, (*given, last), terms), *(_frames(studio, slide, given, cell) if p > 0 else ()))
    words = _words(studio, shot, slide, cell, pace.done)
    words = words if p > 0 else announced(words)
    lit_source = studio.operations(shot)[-1].source.expression
    return Tableau((*given, last), marks, inspector=words, lit=lit_source)


def _frames(studio: Studio, slide: Slide, given: Sequence[Card], cell: int) -> tuple[Primitive, ...]:
    """The window on the picture, and the filter that it is multiplied by where there are several."""
    how, result = slide.how, slide.result.shape
    frames = cell_frames(studio, given[0], how.cells(result, slide.picture.shape, cell))
    if slide.kernel is None or "f" not in how.layout[1]:
        return frames
    return (*frames, *cell_frames(studio, given[1], how.of_kernel(result, slide.kernel.shape, cell)))


def _words(studio: Studio, shot: Shot, slide: Slide, cell: int, done: int) -> Inspector:
    """What is added up for a cell, and the cell with its number."""
    result = slide.result
    claim = largest_first(shot, result, cell, order_of(shot, result), done)
    told = ("window × kernel, cell by cell,", "all of it added up") if slide.kernel is not None else ()
    said = [line(words, tone="formula") for words in told or ("one cell for the whole window",)]
    if slide.how.flipped:
        said.append(line("(the kernel turned by half a turn)", tone="faint"))
    said.append(line(cell_name(studio, result, cell), " = ", cell_number(result, cell), tone="result"))
    return Inspector(heading(studio, shot, result, cell, claim), tuple(said))
