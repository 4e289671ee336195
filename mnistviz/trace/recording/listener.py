"""What watchers tell a recording."""

from __future__ import annotations

from types import FrameType
from typing import Any, Protocol

from mnistviz.trace.source.sites import Site


class Listener(Protocol):
    """Is told what the watched code does."""

    # What stands for an operation between numbers of Python's; None once no more of these are noted.
    number: Any

    def before_operator(self, site: Site, frame: FrameType, operands: tuple[Any, ...]) -> Any:
        """An operator is about to run."""

    def before_call(
        self, site: Site, frame: FrameType, function: Any, args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        """A call is about to run."""

    def before_item(self, site: Site, frame: FrameType, owner: Any, index: Any) -> Any:
        """`owner[index]` is about to be read."""

    def before_put(self, site: Site, frame: FrameType, owner: Any, index: Any, value: Any) -> Any:
        """`owner[index] = value` or `owner.index = value` is about to run."""

    def before_update(self, site: Site, frame: FrameType, target: Any, value: Any) -> Any:
        """`target += value` is about to run."""

    def after(self, site: Site, frame: FrameType, pending: Any, result: Any) -> None:
        """What was about to run gave a result."""

    def unwatched(self) -> None:
        """Code is about to run that nobody sees."""

    def enter(self, loop: Site, frame: FrameType, iterable: Any) -> None:
        """A loop begins."""

    def turn(self, loop: Site, frame: FrameType, bound: tuple[Any, ...]) -> None:
        """A pass of a loop begins; its target was bound to these."""

    def gone_through(self, site: Site, frame: FrameType, iterable: Any) -> Any:
        """Something that is no list is about to be unpacked: what is known of what it gives, to be handed back."""

    def unpacked(self, site: Site, frame: FrameType, value: Any, rows: Any, values: tuple[Any, ...]) -> None:
        """`value`, or what goes through `rows`, was unpacked into `values`."""

    def spread(self, site: Site, frame: FrameType, held: list[Any], value: Any) -> None:
        """The rows of arrays, or what was handed back, were put into a list or tuple."""

    def before_match(self, site: Site, frame: FrameType, subject: Any) -> Any:
        """A `match` begins: what is known of it, to be handed back."""

    def refused(self, site: Site, frame: FrameType, found: Any, case: int) -> None:
        """The guard of a case does not hold."""

    def bound(self, site: Site, frame: FrameType, found: Any, case: int, values: tuple[Any, ...]) -> None:
        """The pattern of a case holds, and has bound these of what it took of arrays."""
