"""The `np` that taught code meets while it is recorded: numpy, seen through.

Numpy tells an array of the calls that it is in, and nobody of the others: `np.zeros(3)`, `np.sqrt(2.0)`,
`rng.normal(size=3)`.  A door stands for a module, a function or a generator of numpy and tells the recorder.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistviz.trace.recording.arrays import RecordingArray
from mnistviz.trace.recording.names import of_function

if TYPE_CHECKING:
    from mnistviz.trace.recording.recorder import Recorder

# Functions that make an array of what they are given, and do not ask an array among it.
MAKERS = frozenset(
    [
        "array",
        "asarray",
        "asanyarray",
        "ascontiguousarray",
        "asfortranarray",
        "zeros",
        "ones",
        "empty",
        "full",
        "eye",
        "identity",
        "arange",
        "linspace",
        "zeros_like",
        "ones_like",
        "empty_like",
        "full_like",
        "fromiter",
        "fromfunction",
        "frombuffer",
        "tri",
    ]
)


class Door:
    """Stands for something of numpy; attributes are doors too."""

    def __init__(self, recorder: Recorder, real: Any, name: str = "") -> None:
        self._recorder = recorder
        self._real = real
        self._name = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._real, name)
        path = f"{self._name}.{name}" if self._name else name
        door = open_door(self._recorder, value, path)
        if isinstance(door, Door):
            self.__dict__[name] = door
        return door

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """The call of the real thing, told to the recorder."""
        real, recorder = self._real, self._recorder
        if not recorder.active:
            return real(*args, **keywords)
        short = self._name.rpartition(".")[2]
        if short in MAKERS or self._name.startswith("random.") or not _holds(args, keywords):
            return recorder.creation(self._name, real, args, keywords)
        if any(type(one) is RecordingArray for one in args) or isinstance(real, np.ufunc):
            return real(*args, **keywords)
        return recorder.function(real, args, keywords)  # numpy does not look into a list for an array

    def __eq__(self, other: object) -> bool:
        return self._real is (other._real if isinstance(other, Door) else other)

    def __hash__(self) -> int:
        return hash(self._real)

    def __repr__(self) -> str:
        return repr(self._real)

    def __dir__(self) -> list[str]:
        return dir(self._real)


def open_door(recorder: Recorder, value: Any, name: str = "") -> Any:
    """A door to a module, function or generator of numpy; anything else as it is."""
    if isinstance(value, Door) or type(value) is RecordingArray:
        return value
    if isinstance(value, ModuleType):
        module = value.__name__
        inside = module == "numpy" or module.startswith("numpy.")
        return Door(recorder, value, module.partition(".")[2]) if inside else value
    if isinstance(value, np.random.Generator | np.random.RandomState):
        return Door(recorder, value, "random")
    if isinstance(value, type) or not callable(value):
        return value
    if isinstance(value, np.ufunc):
        return Door(recorder, value, value.__name__)
    module = str(getattr(value, "__module__", None) or "")
    owner = getattr(value, "__self__", None)
    if isinstance(owner, np.random.Generator | np.random.RandomState):
        return Door(recorder, value, f"random.{value.__name__}")
    if isinstance(owner, np.ufunc):
        return Door(recorder, value, f"{owner.__name__}.{value.__name__}")
    if module.split(".")[0] == "numpy" and hasattr(value, "__name__"):
        return Door(recorder, value, name or of_function(value))
    return value


def _holds(args: Any, keywords: dict[str, Any]) -> bool:
    return holds_recording(args) or holds_recording(keywords.values())


def holds_recording(values: Any) -> bool:
    """Whether a recording array is among the values, at any depth."""
    return any(
        type(value) is RecordingArray or (isinstance(value, tuple | list) and holds_recording(value))
        for value in values
    )
