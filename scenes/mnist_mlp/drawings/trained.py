"""What training has made of the layers: two walls of them, before it and after it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mnistviz.picture.display import ColourScale
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.layers import wall
from mnistviz.picture.drawings.props import filled_up_to
from mnistviz.picture.easing import ramp, smooth
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.forms import nice_limit
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.story.sentence import Number, Quantity, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value

BEFORE, AFTER = (0.0, 130.0, 600.0, 800.0), (650.0, 130.0, 1250.0, 800.0)  # left, top, right, bottom
RANDOM, ALIKE = "drawn at random", "in the same colours"
WITHIN = (
    99  # percent of the weights that are within the colours: a few large ones would leave all others dark
)
STARTS, ENDS = 0.45, 0.95  # shares of the action in which the trained layers come


@draws("layers-trained", in_two_themes=True)
def draw_trained(studio: Studio, shot: Shot, p: float) -> Tableau:
    """`extra` holds the same layers before and after training, (layers, cells) each."""
    if len(shot.extra) != 2:
        return draw_any(studio, shot, p)
    before, after = shot.extra
    scale = _scale(shot.extra)
    untrained, trained = (
        _wall(studio, value, box, scale, note)
        for value, box, note in ((before, BEFORE, RANDOM), (after, AFTER, ALIKE))
    )
    layers = after.shape[0]
    each = after.value.size // layers
    trained = _trained(trained, each * round(smooth(ramp(p, STARTS, ENDS)) * layers))
    weights = Number(after.value.size, Quantity("cells", (after.id,)), "count")
    count = Number(layers, Quantity("length of axis", (after.id, 0)), "index")
    words = Inspector("Before and after", (line(count, " layers, ", weights, " weights", tone="result"),))
    lit = studio.operations(shot)
    return Tableau(
        (untrained, trained), inspector=words, lit=lit[-1].source.statement if lit else None,
    )  # fmt: skip


@lru_cache(maxsize=4)
def _trained(card: Card, cells: int) -> Card:
    """The same card for as long as no further layer comes."""
    return filled_up_to(card, cells)


@lru_cache(maxsize=16)
def _scale(values: tuple[Value, ...]) -> ColourScale:
    """One scale for all of them."""
    sizes = [np.abs(value.value[np.isfinite(value.value)]) for value in values]
    limit = nice_limit(max(float(np.percentile(size, WITHIN)) if size.size else 0.0 for size in sizes))
    return ColourScale("signed", -limit, limit)


@lru_cache(maxsize=16)
def _wall(
    studio: Studio, value: Value, box: tuple[float, float, float, float], scale: ColourScale, note: str
) -> Card:
    form = studio.form(value.shape)
    card = studio.card(value, wall(studio, form.layers, form, box))
    return changed(card, colours=scale, note=note)
