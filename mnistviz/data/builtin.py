"""The two rows of built-in digits: 60,000 an epoch to train with, and 10,000 others to test with."""

from __future__ import annotations

from typing import Final

from mnistviz.data.digits import digits
from mnistviz.data.idx import Labelled, Part

SEEDS: Final = {"train": 60_000, "test": 10_000}  # of the generator
COUNTS: Final = {"train": 60_000, "test": 10_000}
NAME: Final = "built-in digits"


def built_in(part: Part, count: int | None = None, start: int = 0, epoch: int = 0) -> Labelled:
    """`count` digits of the part from `start`; each epoch has new ones."""
    count = COUNTS[part] - start if count is None else count
    pictures, labels = digits(count, SEEDS[part], epoch * COUNTS[part] + start)
    return Labelled(pictures, labels, part, NAME)
