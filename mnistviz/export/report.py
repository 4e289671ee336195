"""What those hear who wait for a film."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[int, int, str], None]  # frames done, frames in all or 0, what is being made
