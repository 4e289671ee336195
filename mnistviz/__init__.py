"""mnistviz films one training step of a neural network, recorded from the plain numpy that computed it.

    trace = mnistviz.record(step, *arrays)     # runs step(*arrays) once
    trace.check()                              # replays every operation
    mnistviz.render(trace, "output/mine")      # a film of it

These three names and the errors are the door for users; they are loaded when first asked for.  Two more are
for those who extend it: `mnistviz.scene` (what can be filmed) and `mnistviz.picture.drawings` (how an
operation moves); a storyboard to start from is `mnistviz.story.default.default_storyboard(trace, name)`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mnistviz.errors import MnistvizError

if TYPE_CHECKING:
    from mnistviz.render import render
    from mnistviz.trace.model import Trace
    from mnistviz.trace.recording.recorder import record

__all__ = ["MnistvizError", "Trace", "record", "render"]

_DOORS = {
    "Trace": "mnistviz.trace.model",
    "record": "mnistviz.trace.recording.recorder",
    "render": "mnistviz.render",
}


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'mnistviz' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_DOORS[name]), name)


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext mnistviz` in a notebook: `%%mnistviz` records a cell; see `mnistviz.notebook`."""
    from mnistviz.notebook import load_ipython_extension as load

    load(shell)


class _Package(ModuleType):
    """The package, in which `render` stays the function: importing the module of that name would hide it."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _DOORS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
