"""The animations that a script makes with matplotlib, and what each was told to call for a frame."""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from types import CodeType
from typing import Any

from mnistviz.trace.recording.recorder import code_of

UNSEEN = "Animation was deleted without rendering anything"  # matplotlib's warning, where nobody looks on


@dataclass(frozen=True, eq=False)
class Animation:
    """An animation that was made."""

    shown: Any
    draw: Callable[[Any], Any]  # of what the frame is
    code: CodeType  # of the function that draws a frame
    begin: Callable[[], Any] | None  # before the first frame


def makes_animations(kind: Any) -> bool:
    """Whether it is matplotlib's class of what is computed frame by frame, or one of that."""
    base = getattr(sys.modules.get("matplotlib.animation"), "FuncAnimation", None)
    return base is not None and isinstance(kind, type) and issubclass(kind, base)


def noting(kind: Any, note: Callable[[Animation], None]) -> Callable[..., Any]:
    """What makes the same, and is told what it has made."""
    signature = inspect.signature(kind)

    @wraps(kind, updated=())
    def make(*arguments: Any, **options: Any) -> Any:
        shown = kind(*arguments, **options)
        given = signature.bind(*arguments, **options).arguments
        function = given.get("func")
        if function is not None:
            warnings.filterwarnings("ignore", UNSEEN)
            draw = partial(function, *(given.get("fargs") or ()))
            note(Animation(shown, draw, code_of(function), given.get("init_func")))
        return shown

    return make
