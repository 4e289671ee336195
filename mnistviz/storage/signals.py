"""Short stretches of work that Ctrl-C and its kin must not tear apart."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Signals that stop the program wait until this is over.

    A mask would not do: another thread may take the signal, and Python then tells the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    before = {number: signal.getsignal(number) for number in STOPPING}
    heard = {number: handler for number, handler in before.items() if handler not in (None, signal.SIG_IGN)}
    try:
        for number in heard:
            signal.signal(number, lambda number, frame: waiting.append(number))
        yield
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)
        if waiting:
            signal.raise_signal(waiting[0])
