"""What takes a while, and may be made by another process meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

from mnistviz.storage.signals import ASKING_SECONDS, check

if TYPE_CHECKING:
    from concurrent.futures import Future

Made = TypeVar("Made")


class Later(Generic[Made]):
    """What takes a while: it is made when it is first asked for, or meanwhile by a process that waits for work.

    What another process is to `make` it can import, and is the same whoever makes it.
    """

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._promised: Future[Made] | None = None
        self._made: list[Made] = []

    def hand_over(self, submit: Callable[[Callable[[], Made]], Future[Made]]) -> None:
        """Have somebody else make it; where that fails, it is made here as if nobody had been asked."""
        with suppress(Exception):
            self._promised = submit(self._make)

    def __call__(self) -> Made:
        """The thing itself."""
        if not self._made:
            self._made.append(self._fetched())
        return self._made[0]

    def _fetched(self) -> Made:
        if self._promised is None:
            return self._make()
        from concurrent.futures import wait

        while not self._promised.done():
            check()  # Ctrl-C is heard meanwhile
            wait([self._promised], ASKING_SECONDS)
        if self._promised.cancelled() or self._promised.exception():
            return self._make()
        return self._promised.result()
