"""Whether a value has the form that its type says: a storyboard comes from anybody's code, and Python does not ask."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

LONGEST_TEXT = 10_000  # characters
LARGEST = 10**12
_HALF = re.compile("[\ud800-\udfff]")  # of a character


def misfit(value: object, form: Any, place: str, opaque: tuple[type, ...] = ()) -> str:
    """What in a value is not of a type, as `place.field is ...`; "" where everything is.

    Looks into tuples and dataclasses, but for those of the types `opaque`.
    """
    origin, parts = _made_of(form)
    if origin in (Union, UnionType):
        fits = any(not misfit(value, part, place, opaque) for part in parts)
        return "" if fits else misfit(value, parts[0], place, opaque)
    if origin is Literal:
        return "" if isinstance(value, str) and value in parts else f"{place} is none of {', '.join(parts)}"
    if origin is tuple:
        return _of_parts(value, parts[0], place, opaque)
    if form is str:
        return _of_text(value, place)
    if form is float and isinstance(value, float):
        return ""
    if form in (int, float):
        return _of_number(value, place)
    if type(value) is not form:
        return f"{place} is {_kind(type(value))}, not {_kind(form)}"
    return _of_fields(value, place, opaque) if is_dataclass(form) and form not in opaque else ""


def _of_parts(value: object, form: Any, place: str, opaque: tuple[type, ...]) -> str:
    if type(value) is not tuple:
        return f"{place} is {_kind(type(value))}, not a tuple"
    found = (misfit(part, form, f"{place}[{number}]", opaque) for number, part in enumerate(value))
    return next(filter(None, found), "")


def _of_fields(value: Any, place: str, opaque: tuple[type, ...]) -> str:
    kind: Any = type(value)
    forms = _forms(kind).items()
    found = (misfit(getattr(value, name), form, f"{place}.{name}", opaque) for name, form in forms)
    return next(filter(None, found), "")


@cache
def _made_of(form: Any) -> tuple[Any, tuple[Any, ...]]:
    return get_origin(form), get_args(form)


@cache
def _forms(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _of_number(value: object, place: str) -> str:
    if type(value) is not int:
        return f"{place} is {_kind(type(value))}, not a whole number"
    return "" if abs(value) <= LARGEST else f"{place} is out of every range"


def _of_text(value: object, place: str) -> str:
    if type(value) is not str:
        return f"{place} is {_kind(type(value))}, not a text"
    if len(value) > LONGEST_TEXT:
        return f"{place} has {len(value):,} characters, more than {LONGEST_TEXT:,}"
    return f"{place} holds half a character" if _HALF.search(value) else ""


def _kind(form: type) -> str:
    return "None" if form is type(None) else f"{'an' if form.__name__[0] in 'aeiou' else 'a'} {form.__name__}"
