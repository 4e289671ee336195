"""What a scene's function is called with: what its `inputs()` gives, in order or by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from mnistviz.errors import InputError

Function = Callable[..., Any]


def needs_nothing(function: Any) -> bool:
    """Whether it is a function that can be called without arguments."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (ValueError, TypeError):
        return False
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return all(one.default is not one.empty or one.kind in optional for one in parameters)


def arguments(function: Function, given: Any, where: str) -> tuple[Any, ...]:
    """What `inputs()` gave as arguments: a tuple or a list in order, a dict of the parameters by name, else one.

    Raises `InputError` where the function takes others.
    """
    named = by_name(function, given) if isinstance(given, dict) else None
    found = tuple(given) if isinstance(given, tuple | list) else (given,) if named is None else named
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):  # of compiled code
        return found
    try:
        signature.bind(*found)
    except TypeError as error:
        name = getattr(function, "__name__", "step")
        cure = f"let inputs() give what {name}{signature} takes, in order or as a dict by name"
        raise InputError(f"inputs() does not fit {name}: {error}", where, cure) from None
    return found


def by_name(function: Function, given: dict[Any, Any]) -> tuple[Any, ...] | None:
    """The arguments in order, where the keys are the names of the function's parameters."""
    try:
        bound = inspect.signature(function).bind(**given)
    except (ValueError, TypeError):
        return None
    return None if bound.kwargs else bound.args
