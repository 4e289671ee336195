"""What does not fit into a short whole number, and is told: 200 + 100 of bytes is 44."""

from __future__ import annotations

import numpy as np

from mnistviz.trace.model import Operation

WIDE = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
LONGEST = 2  # bytes of a number of which more than fits is met with


def wraps(operation: Operation) -> str:
    """A sentence on the cells whose numbers did not fit; "" where all do."""
    output = operation.output
    compute = WIDE.get(operation.operation)
    short = output.dtype.kind in "iu" and output.dtype.itemsize <= LONGEST
    if compute is None or not short or len(operation.inputs) != 2:
        return ""
    first, second = (one.value.astype(np.int64) for one in operation.inputs)
    fits = np.iinfo(output.dtype)
    true = compute(first, second)
    above, below = bool((true > fits.max).any()), bool((true < fits.min).any())
    if above and below:
        return " What does not fit wraps around."
    if above:
        return " What is too large wraps around to the smallest."
    return " What is too small wraps around to the largest." if below else ""
