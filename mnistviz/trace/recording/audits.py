"""Frames for watchers where the program listens to what Python does: `sys.addaudithook`.

`sys._getframe` tells such a hook of itself. Where the hook is watched, its own watchers would ask again, and so on
for ever. Python's own function in C tells nobody, and takes ten times as long.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType


def are_heard() -> bool:
    """Whether anybody listens: Python asks only then what the event is called, which is no number."""
    try:
        sys.audit(0)  # type: ignore[arg-type]
    except TypeError:
        return True
    return False


def _teller() -> Callable[[], FrameType]:
    """What gives the frame that it is called in."""
    try:
        import ctypes
    except ImportError:  # a Python that was built without it
        return lambda: sys._getframe()
    # A library of our own: what is said of its functions here holds for nobody else's.
    python = ctypes.PyDLL(None, handle=ctypes.pythonapi._handle)
    state, frame = python.PyThreadState_Get, python.PyThreadState_GetFrame
    state.restype, state.argtypes = ctypes.c_void_p, []
    frame.restype, frame.argtypes = ctypes.py_object, [ctypes.c_void_p]
    return lambda: frame(state())


_own_frame = _teller()  # at once: a hook hears of this, too


def silent_frame(depth: int) -> FrameType:
    """The same as `sys._getframe`, and nobody hears of it."""
    frame = _own_frame()
    for _ in range(depth + 2):
        frame = frame.f_back  # type: ignore[assignment]
    return frame
