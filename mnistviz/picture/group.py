"""Primitives that stay together from frame to frame, and where their texts are, found out once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from mnistviz.picture.display import Box, Primitive, Text


class Group(tuple[Primitive, ...]):
    """Primitives in painter's order, all of which can be seen."""

    @classmethod
    def of(cls, parts: Iterable[Primitive]) -> Group:
        """Those of the parts that can be seen."""
        return cls([part for part in parts if part.opacity > 0])

    @cached_property
    def written(self) -> Box | None:
        """A box that none of its texts leaves; None where there are none."""
        boxes = [room_of(part) for part in self if isinstance(part, Text)]
        if not boxes:
            return None
        left, top, right, bottom = zip(*boxes, strict=True)
        return min(left), min(top), max(right), max(bottom)


def room_of(text: Text) -> Box:
    """A box that a text does not leave, without measuring: no letter is wider than its size."""
    (x, y), high = text.at, text.size
    long = high * len(text.text)
    return x - long, y - high, x + long, y + high
