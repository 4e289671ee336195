"""Which arrays a call of numpy changes in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnistviz.trace.recording.callee import Callee

# Functions whose first array changes, though nothing says `out`.
CHANGES_FIRST = frozenset([
    "copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis", "random.shuffle", "method.fill",
    "method.sort", "method.partition", "method.put", "method.resize", "method.setfield", "method.byteswap",
    "method.__setitem__", "method.__iadd__", "method.__isub__", "method.__imul__", "method.__itruediv__",
])  # fmt: skip
# Where a function takes `out` by its place.
OUT_PLACE = {
    "sum": 3, "prod": 3, "mean": 3, "std": 3, "var": 3, "max": 2, "min": 2, "amax": 2, "amin": 2, "argmax": 2,
    "argmin": 2, "cumsum": 3, "cumprod": 3, "all": 2, "any": 2, "take": 3, "choose": 2, "compress": 3, "clip": 3,
    "dot": 2, "trace": 5, "round": 2, "around": 2, "concatenate": 2, "stack": 2, "outer": 2, "median": 2,
    "nanmean": 3, "nansum": 3, "ptp": 2,
}  # fmt: skip


def changed_by_call(
    found: Callee, args: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[list[Any], int | None]:
    """The arrays that change, and the place of the argument that does; no place where it is an `out`."""
    name = f"method.{found.path}" if found.kind == "method" else found.path
    if name in CHANGES_FIRST or (found.kind == "ufunc" and found.path.endswith(".at")):
        if name == "method.byteswap" and not (keywords.get("inplace") or args[1:2] == (True,)):
            return [], None
        return [one for one in args[:1] if _is_array(one)], 0
    if found.name == "nan_to_num" and keywords.get("copy") is False:
        return [one for one in args[:1] if _is_array(one)], 0
    out = keywords.get("out")
    return [one for one in (out if type(out) is tuple else (out,)) if _is_array(one)], None


def with_out_named(
    found: Callee, args: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments with `out` by its name, also where the call gives it by its place."""
    if found.kind == "ufunc" and type(found.run) is np.ufunc:
        place = found.run.nin
        out: Any = args[place:]
    else:
        place = OUT_PLACE.get(found.path, 99) if found.kind in ("function", "method") else 99
        place -= found.kind == "method" and found.owner is not None
        out = args[place] if len(args) == place + 1 else None
    given = any(map(_is_array, out)) if type(out) is tuple else _is_array(out)
    return (args[:place], {**keywords, "out": out}) if given else (args, keywords)


def frees_memory(found: Callee) -> bool:
    """Whether a call asks how long an array lives: it may let go of its memory, or share it anew."""
    return found.kind == "method" and found.path in (
        "resize",
        "setflags",
        "__reduce__",
        "__array_interface__",
    )


def _is_array(value: Any) -> bool:
    return issubclass(type(value), np.ndarray)
