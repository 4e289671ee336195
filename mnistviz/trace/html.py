"""A trace as a table for a notebook: operations, shapes, ranges, and small pictures of what they made."""

from __future__ import annotations

import base64
import html
import io

import numpy as np

from mnistviz.trace.model import Operation, Trace, Value
from mnistviz.trace.table import HEADINGS, row_of

LARGEST = 190_000  # characters of a table
CELLS = 24  # of a picture, at most, along each axis
PIXELS = 48  # of a picture as it is shown
NOTHING = (
    "Nothing happened to arrays here. What is only defined does not run yet: record the cell that calls it."
)
BOX = "max-height:32em;overflow:auto"
LEFT = "<style>.mnistviz-trace td,.mnistviz-trace th{text-align:left!important}</style>"
BELOW, ABOVE, ZERO = (
    (77, 144, 226),
    (232, 116, 72),
    (24, 26, 32),
)  # colours of negative and positive, and of 0


def as_html(trace: Trace) -> str:
    """The table, in a box that scrolls; of a long trace the first operations."""
    if not trace.operations and trace.failure is None:
        return f'<div class="mnistviz-trace"><p>{NOTHING}</p></div>'
    rows = [_row(one) for one in trace.operations[: _most(trace)]]
    left = len(trace.operations) - len(rows)
    room = LARGEST - 2_000
    shown: list[str] = []
    for row in rows:
        room -= len(row)
        if room < 0:
            left = len(trace.operations) - len(shown)
            break
        shown.append(row)
    head = "".join(f"<th>{name}</th>" for name in (*HEADINGS, ""))
    more = f"<p>and {left:,} more operations</p>" if left else ""
    count = len(trace.operations)
    words = f"{_called(trace)}: {count:,} operation{'' if count == 1 else 's'}; {trace.coverage}"
    failure = f"<p>stopped: {html.escape(trace.failure.message)}</p>" if trace.failure is not None else ""
    return (
        f'<div class="mnistviz-trace" style="{BOX}">{LEFT}<p>{html.escape(words)}</p><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(shown)}</tbody></table>{more}{failure}</div>"
    )


def _called(trace: Trace) -> str:
    """What was recorded: the function, or the file or cell that ran as a whole."""
    if trace.function != "<module>" or not trace.operations:
        return trace.function.replace("<module>", "The cell")
    source = trace.operations[0].source
    return (*source.calls, source.statement)[0].file


def _most(trace: Trace) -> int:
    """As many rows as may fit, so that no more pictures are made."""
    return min(len(trace.operations), 600)


def _row(operation: Operation) -> str:
    cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in row_of(operation))
    return f"<tr>{cells}<td>{_picture(operation.output)}</td></tr>"


def _picture(value: Value) -> str:
    array = value.value
    if array.ndim == 0 or not array.size or array.dtype.kind not in "biuf":
        return ""
    flat = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(-1, 1)
    steps = [max(1, -(-length // CELLS)) for length in flat.shape]
    cells = np.asarray(flat[:: steps[0], :: steps[1]], dtype=np.float64)
    finite = np.where(np.isfinite(cells), cells, 0.0)
    most = float(np.abs(finite).max()) or 1.0
    share = np.abs(finite / most)[..., None]
    ends = np.where(finite[..., None] < 0, BELOW, ABOVE)
    colours = (np.array(ZERO) * (1 - share) + ends * share).astype(np.uint8)
    from PIL import Image

    packed = io.BytesIO()
    Image.fromarray(colours).save(packed, "PNG")
    source = base64.b64encode(packed.getvalue()).decode()
    rows, columns = cells.shape
    scale = PIXELS / max(rows, columns)
    size = f"width:{max(4, columns * scale):.0f}px;height:{max(4, rows * scale):.0f}px"
    return f'<img alt="" style="image-rendering:pixelated;{size}" src="data:image/png;base64,{source}">'
