"""How deep the program may go: as deep as unwatched, and no deeper, though watchers take frames of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ROOM = 60  # frames that watchers may need where the program may have no more
_limit = 0  # frames that the program may have


@contextmanager
def room(own: int) -> Iterator[None]:
    """Room on the stack for the watchers; the program is stopped where it would be: `own` frames are ours."""
    global _limit
    sys.setrecursionlimit(sys.getrecursionlimit() + ROOM)
    _limit = sys.getrecursionlimit() - ROOM + own
    try:
        yield
    finally:
        sys.setrecursionlimit(sys.getrecursionlimit() - ROOM)
        _limit = 0


def set_again() -> None:
    """The program has set how deep it may go: room for the watchers beyond that."""
    global _limit
    if _limit:
        _limit = sys.getrecursionlimit() + 1
        sys.setrecursionlimit(sys.getrecursionlimit() + ROOM)


def check() -> None:
    """Raise the `RecursionError` that the program would meet without us."""
    if _limit:
        try:
            sys._getframe(_limit)
        except ValueError:
            return
        raise RecursionError("maximum recursion depth exceeded")


def asked() -> Callable[[], int]:
    """What stands for `sys.getrecursionlimit`: it gives the program's own limit."""
    return (sys.getrecursionlimit() - ROOM).__index__ if _limit else sys.getrecursionlimit
