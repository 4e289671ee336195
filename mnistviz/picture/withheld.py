"""No result before it is there: while a cell is still empty on the stage, its number is a question in the inspector."""

from __future__ import annotations

from collections.abc import Sequence

from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.tableau import Card, Tableau
from mnistviz.story.sentence import Cell, Number, Polarity, Quantity, Sentence, Words

UNKNOWN = "?"


def withheld(tableau: Tableau) -> Tableau:
    """The tableau with a question mark for every result whose cell is empty on one of its cards."""
    said = tableau.inspector.sentences
    empty = [card for card in tableau.cards if card.mask is not None and card.shows is not None]
    asked = {
        place: other
        for place, one in enumerate(said if empty else ())
        if one.tone == "result" and (other := _asked(one, empty)) is not one
    }
    if not asked:
        return tableau
    sentences = tuple([asked.get(place, one) for place, one in enumerate(said)])
    return changed(tableau, inspector=changed(tableau.inspector, sentences=sentences))


def _asked(sentence: Sentence, empty: Sequence[Card]) -> Sentence:
    hidden = [
        place
        for place, part in enumerate(sentence.parts)
        if isinstance(part, Number | Polarity) and any(is_empty(card, part.of) for card in empty)
    ]
    if not hidden:
        return sentence
    parts = [Words(UNKNOWN) if place in hidden else part for place, part in enumerate(sentence.parts)]
    return changed(sentence, parts=tuple(parts))


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
