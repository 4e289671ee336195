"""How far a render is: a bar with the time left on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

from mnistviz.export.report import Report

SECONDS_BETWEEN_LINES = 5.0
DUMB = ("dumb", "unknown")  # terminals on which no line can be written anew


@contextmanager
def progress(quiet: bool) -> Iterator[Report]:
    """A function that shows how far the work is, on standard error."""
    if quiet:
        yield lambda done, total, what: None
    elif sys.stderr.isatty() and os.environ.get("TERM", "") not in DUMB:
        with _bar() as report:
            yield report
    else:
        yield _Lines()


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def report(done: int, total: int, what: str) -> None:
            if not total:  # a sentence, not a count
                bar.console.print(what, highlight=False, soft_wrap=True)
                return
            bar.update(task, completed=done, total=total, description=what)

        yield report


class _Lines:
    """Writes a line at most every few seconds, and one for the last frame."""

    def __init__(self) -> None:
        self._started = self._written = time.monotonic()
        self._first_done: int | None = None

    def __call__(self, done: int, total: int, what: str) -> None:
        now = time.monotonic()
        if self._first_done is None:  # what the cache held took no time, and says nothing of what is left
            self._started, self._first_done = now, done
        if now - self._written < SECONDS_BETWEEN_LINES and done < total:
            return
        self._written = now
        with suppress(OSError):  # a film is made, whoever has stopped listening
            click.echo(self._line(done, total, what, now), err=True)

    def _line(self, done: int, total: int, what: str, now: float) -> str:
        if not total:
            return what
        made = done - (self._first_done or 0)
        left = (
            f", {_clock((now - self._started) * (total - done) / made)} left" if made and done < total else ""
        )
        return f"{what}: {done:,} of {total:,} frames, {100 * done // total}%{left}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


@contextmanager
def script_progress(quiet: bool) -> Iterator[None]:
    """Inside, a line now and then says how far the script is that runs, if one does."""
    over = threading.Event()

    def say() -> None:
        started = time.monotonic()
        while not over.wait(SECONDS_BETWEEN_LINES):
            script = sys.modules.get("mnistviz.trace.script.run")
            status = getattr(script, "status", None)  # while it is being imported it has none
            words = status() if status is not None else ""
            with suppress(OSError):
                if words:
                    click.echo(f"{words} ({_clock(time.monotonic() - started)})", err=True)

    speaker = threading.Thread(target=say, name="progress", daemon=True)
    if not quiet:
        speaker.start()
    try:
        yield
    finally:
        over.set()
        if not quiet:
            speaker.join()
