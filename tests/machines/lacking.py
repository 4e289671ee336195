"""Takes from mnistviz, and from it alone, what another machine's Python does not have.

The standard library on this machine needs it all; so modules of ours, and nobody else, get other modules
when they import: `Lacking("os", without={"splice"}, instead={"open": ...})`.
"""

from __future__ import annotations

import builtins
import importlib
from types import ModuleType
from typing import Any


class Lacking(ModuleType):
    """A module of which some names are missing and others do something else."""

    def __init__(
        self, name: str, without: set[str] = frozenset(), instead: dict[str, Any] | None = None
    ) -> None:
        super().__init__(name)
        self.__dict__.update(_real=importlib.import_module(name), _without=without, _instead=instead or {})

    def __getattr__(self, name: str) -> Any:
        if name in self._without:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return self._instead[name] if name in self._instead else getattr(self._real, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._real, name, value)


def install(modules: list[ModuleType], missing: set[str] = frozenset()) -> None:
    """Have our modules import these, and none of the missing ones."""
    real, others = builtins.__import__, {module.__name__: module for module in modules}

    def imported(
        name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        ours = str((globals or {}).get("__name__", "")).startswith(("mnistviz", "scenes"))
        if ours and level == 0 and name in missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if ours and level == 0 and name in others:
            return others[name]
        return real(name, globals, locals, fromlist, level)

    builtins.__import__ = imported
