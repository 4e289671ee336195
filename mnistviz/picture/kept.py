"""What stays from frame to frame stays one object: later on it is known by its identity, and hashed once.

Drawings make most of their cards anew in every frame, and most of these are equal to those of the frame before.
"""

from __future__ import annotations

from mnistviz.picture.covering import cleared
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.tableau import Card, Tableau


class Latest:
    """What was drawn last.  It may be forgotten at any time: nothing that is seen would be another."""

    def __init__(self) -> None:
        self._tableau = self._covered = self._clear = Tableau(())

    def taking_over(self, drawn: Tableau) -> Tableau:
        """The tableau, made of what is equal in the last one; the last one itself where all of it is."""
        self._tableau = taken_over(drawn, self._tableau)
        return self._tableau

    def cleared(self, tableau: Tableau) -> Tableau:
        """The tableau without the signs that its cards are over, as long as it is the same."""
        if tableau is not self._covered:
            self._covered, self._clear = tableau, cleared(tableau)
        return self._clear


def taken_over(drawn: Tableau, last: Tableau) -> Tableau:
    """The tableau with the cards, marks and words of another one in the place of its own that are equal."""
    cards = _taken(drawn.cards, last.cards)
    marks = last.marks if drawn.marks == last.marks else drawn.marks
    inspector = last.inspector if drawn.inspector == last.inspector else drawn.inspector
    taken = changed(drawn, cards=cards, marks=marks, inspector=inspector)
    same = cards is last.cards and marks is last.marks and inspector is last.inspector
    return last if same and taken == last else taken


def _taken(cards: tuple[Card, ...], last: tuple[Card, ...]) -> tuple[Card, ...]:
    """The last cards where all are equal, else each by itself that is equal to the one in its place."""
    if len(cards) != len(last):
        return cards
    taken = [old if new is old or new == old else new for new, old in zip(cards, last, strict=True)]
    return last if all(new is old for new, old in zip(taken, last, strict=True)) else tuple(taken)
