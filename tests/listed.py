"""Python's list of all objects without those that a process of the tests has imported, which are a million.

A recording goes through the whole list, a few times: that took longer than all else that it does.  `shorten` takes
what is there out of it, as servers do before they fork, and keeps the functions of tests, scenes and examples,
which are those that tests record.
"""

from __future__ import annotations

import gc
import operator
from itertools import compress, repeat
from pathlib import Path
from types import FunctionType

from mnistviz.trace.recording import exchange

ROOT = Path(__file__).resolve().parent.parent
RECORDED = tuple(str(ROOT / folder) + "/" for folder in ("tests", "scenes", "examples"))

_kept: list[FunctionType] = []


def shorten() -> None:
    """Take what is there out of the list; what is made from now on is in it."""
    gc.collect()
    _kept.extend(one for one in _listed() if one.__code__.co_filename.startswith(RECORDED))
    gc.freeze()
    exchange._functions = functions  # type: ignore[assignment]


def functions() -> list[FunctionType]:
    """All functions that a test may record."""
    return [*_kept, *_listed()]


def _listed() -> list[FunctionType]:
    objects = gc.get_objects()
    return list(compress(objects, map(operator.is_, map(type, objects), repeat(FunctionType))))
