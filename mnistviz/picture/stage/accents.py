"""A colour for each array of a film, the same wherever it is seen."""

from __future__ import annotations

from itertools import pairwise

from mnistviz.picture.display import Colour
from mnistviz.story.storyboard import Storyboard


def accents_of(board: Storyboard, colours: tuple[Colour, ...]) -> dict[str, Colour]:
    """A colour for each name, so that names which meet in a chapter differ as long as there are enough."""
    given: dict[str, Colour] = {}
    turn = 0
    for together in _names_that_meet(board):
        for name in together:
            if name in given:
                continue
            taken = {given[other] for other in together if other in given}
            choice = next(
                (
                    colours[(turn + skip) % len(colours)]
                    for skip in range(len(colours))
                    if colours[(turn + skip) % len(colours)] not in taken
                ),
                colours[turn % len(colours)],
            )
            given[name] = choice
            turn = colours.index(choice) + 1
    return given


def _names_that_meet(board: Storyboard) -> list[tuple[str, ...]]:
    """Names in the operations of each chapter and the next, in order: these are seen together."""
    names = []
    for chapter in board.chapters:
        numbers = [number for shot in chapter.shots for number in (*shot.subject, *shot.completes)]
        values = [
            value
            for number in sorted(set(numbers))
            for value in (*board.operation(number).inputs, board.operation(number).output)
            if value.name and value.shape != ()
        ]
        names.append(tuple(dict.fromkeys(value.name for value in values)))
    return [tuple(dict.fromkeys(meeting + leaving)) for meeting, leaving in pairwise([*names, ()])]
