"""No result before it is there: while a cell is still empty on the stage, its number is a question in the inspector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mnistviz.picture.stage.tableau import Card, Tableau
from mnistviz.story.sentence import Cell, Number, Quantity, Sentence, Words

UNKNOWN = "?"


def withheld(tableau: Tableau) -> Tableau:
    """The tableau with a question mark for every result whose cell is empty on one of its cards."""
    empty = [card for card in tableau.cards if card.mask is not None and card.shows is not None]
    sentences = tuple(
        _asked(sentence, empty) if sentence.tone == "result" else sentence
        for sentence in tableau.inspector.sentences
    )
    if not empty or sentences == tableau.inspector.sentences:
        return tableau
    return replace(tableau, inspector=replace(tableau.inspector, sentences=sentences))


def _asked(sentence: Sentence, empty: Sequence[Card]) -> Sentence:
    parts = tuple(
        Words(UNKNOWN)
        if isinstance(part, Number) and any(is_empty(card, part.of) for card in empty)
        else part
        for part in sentence.parts
    )
    return replace(sentence, parts=parts)


def is_empty(card: Card, cell: Cell | Quantity) -> bool:
    """Whether the card has that cell, and does not show it yet."""
    shows = card.shows
    if shows is None or card.mask is None or not isinstance(cell, Cell):
        return False
    if (shows.value, shows.before) != (cell.value, cell.before):
        return False
    if shows.blocks is not None or shows.minus is not None or shows.times is not None or shows.stretched:
        return False  # its numbers are none of the array's own
    place, rest = divmod(cell.index - shows.first, shows.step)
    shown = card.mask.shown.reshape(-1)
    return not rest and 0 <= place < shown.size and not shown[place]
