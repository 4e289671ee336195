"""The picture beside a plot: whose loss, whose answers it is about."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from mnistviz.picture.stage.arrange import centred
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card

BOX = (0.0, 112.0, 430.0, 660.0)  # left, top, width, height in the drawings' own coordinates


@lru_cache(maxsize=16)
def picture_beside(studio: Studio) -> tuple[Card, ...]:
    """The column that the network sees, folded; nothing where the trace has none."""
    values = [value for operation in studio.board.trace for value in (*operation.inputs, operation.output)]
    for value in values:
        form = studio.form(value.shape)
        if value.name and form.folded and form.layers == 1:
            return (replace(studio.card(value, centred(studio, form, BOX)), note="", label="below"),)
    return ()
