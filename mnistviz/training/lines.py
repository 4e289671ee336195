"""What a training looks like in the terminal: a live line, and now and then a digit that was missed.

On a terminal the line stays in its place; elsewhere a plain line is printed now and then.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Final

import numpy as np
from rich.console import Console
from rich.live import Live
from rich.style import Style
from rich.text import Text

from mnistviz.training.loop import Evaluation, Missed, Pictures, Progress

EVERY_S: Final = 4.0  # between two missed digits, and between two plain lines
SHADES: Final = " .:-=+*#%@"


class TrainingLines:
    """A watcher that prints; to be entered before the training and left after it."""

    def __init__(self, quiet: bool = False, console: Console | None = None) -> None:
        self.console = console or Console(quiet=quiet, highlight=False, soft_wrap=True)
        self._live = (
            Live(console=self.console, refresh_per_second=8, transient=True)
            if self.console.is_terminal and not self.console.is_dumb_terminal
            else None
        )
        self._shown_s = -EVERY_S  # when the last digit or plain line was printed

    def __enter__(self) -> TrainingLines:
        if self._live and not self.console.quiet:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live and self._live.is_started:
            self._live.stop()

    def said(self, line: str) -> None:
        """Print the line."""
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def seen(self, progress: Progress) -> None:
        """Renew the line; every few seconds draw a missed digit; keep the line when the epoch is over."""
        now_s = time.monotonic()
        line = progress_line(progress)
        over = progress.seen == progress.total
        due = now_s - self._shown_s >= EVERY_S
        if due and progress.missed is not None:
            blocks = self.console.color_system is not None and self.console.encoding.startswith("utf")
            self.console.print(drawn(progress.missed, blocks))
        if self._live:
            self._live.update(Text("" if over else line))
        if over or (due and self._live is None):
            self.console.print(line, markup=False, highlight=False, soft_wrap=True)
        if due:
            self._shown_s = now_s


def progress_line(progress: Progress) -> str:
    """`epoch 0  12,000 of 60,000  7,200 pictures/s  91.20% right`."""
    rate = progress.seen / max(progress.seconds, 1e-6)
    return (
        f"epoch {progress.epoch}  {progress.seen:,} of {progress.total:,}  {rate:,.0f} pictures/s  "
        f"{100 * progress.right / progress.seen:.2f}% right"
    )


def drawn(missed: Missed, colours: bool) -> Text:
    """The digit in characters, with what it is and what was detected."""
    text = Text(f"a {missed.label}, detected as a {missed.detected}:\n")
    for line in _half_blocks(missed.picture) if colours else shades(missed.picture):
        text.append_text(line)
        text.append("\n")
    return text


def confusion_table(evaluation: Evaluation) -> str:
    """The 10x10 table in plain text: rows are what it was, columns what was detected."""
    width = max(5, len(str(int(evaluation.confusion.max()))) + 1)
    head = "digit" + "".join(f"{digit:>{width}}" for digit in range(10)) + "  <- detected"
    rows = [
        f"{digit:>5}" + "".join(f"{int(pictures) or '.':>{width}}" for pictures in row)
        for digit, row in enumerate(evaluation.confusion)
    ]
    return "\n".join((head, *rows))


def _half_blocks(picture: Pictures) -> list[Text]:
    """Two rows of pixels in a line: the upper in the colour of the character, the lower behind it."""
    lines = []
    for upper, lower in zip(picture[::2].tolist(), picture[1::2].tolist(), strict=True):
        line = Text()
        for top, bottom in zip(upper, lower, strict=True):
            line.append("\u2580", Style(color=_grey(top), bgcolor=_grey(bottom)))
        lines.append(line)
    return lines


def _grey(level: int) -> str:
    return f"#{level:02x}{level:02x}{level:02x}"


def shades(picture: Pictures) -> list[Text]:
    """Two rows of pixels in a line of plain characters, without the empty lines around the digit."""
    levels = picture.reshape(14, 2, 28).mean(axis=1) / 256 * len(SHADES)
    lines = ["".join(SHADES[int(level)] for level in row).rstrip() for row in levels]
    inked = np.nonzero([bool(line) for line in lines])[0]
    return [Text(f"  {line}") for line in lines[inked[0] : inked[-1] + 1]] if inked.size else []
