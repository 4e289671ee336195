"""Points that a program plots, column by column: one shot of them in their plane, as he who wrote it sees them."""

from __future__ import annotations

from collections.abc import Sequence

from mnistviz.story.planes import columns_of
from mnistviz.story.referring import named, shape_of, shortened
from mnistviz.story.sentence import line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Operation

COLUMNS = 2


def plotted_points(operations: Sequence[Operation], drawing: str, ticks: int, rest: int) -> Shot | None:
    """The shot of operations that only take both columns of the same points; None where they do anything else."""
    planes = [columns_of(one) for one in operations]
    grounds = {
        plane.ground.id: plane.ground for plane in planes if plane is not None and plane.ground is not None
    }
    if None in planes or len(grounds) != 1 or len(operations) < COLUMNS:
        return None
    points = next(iter(grounds.values()))
    words = line(
        "Each row of ",
        named(points, points.name),
        " (",
        *shape_of(points),
        ") is a point in the plane.",
        mono=False,
    )
    numbers = tuple(one.number for one in operations)
    title = shortened(f"{points.name}: points in a plane", 48)
    return Shot(title, drawing, words, numbers[-1:], numbers, ticks, rest)
