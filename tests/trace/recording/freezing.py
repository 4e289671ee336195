"""What a program left behind, as plain data that can be compared: values to the bit, types, layouts, sharing."""

from __future__ import annotations

import collections
import functools
import struct
import types
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

import numpy as np

PLAIN = (type(None), bool, int, str, bytes, type(...), type(NotImplemented), slice, range)


def freeze(value: Any, modules: frozenset[str] = frozenset()) -> Any:
    """`value` as nested tuples; classes and functions of the named modules are gone into, others are named.

    An object that comes a second time is told by its number, so that what is shared must be shared alike.
    """
    return _Freezer(modules).freeze(value)


class _Freezer:
    def __init__(self, modules: frozenset[str]) -> None:
        self.modules = modules
        self.numbers: dict[int, int] = {}
        self.memories: dict[int, int] = {}
        self.alive: list[Any] = []  # an id means something only as long as its object lives
        self.counter = count()

    def freeze(self, value: Any) -> Any:
        if isinstance(value, PLAIN):
            return type(value).__name__, repr(value)
        if isinstance(value, float | complex) and not isinstance(value, np.generic):
            return type(value).__name__, _bits(value)
        if isinstance(value, np.generic):
            return type(value).__name__, value.tobytes()
        if id(value) in self.numbers:
            return "seen", self.numbers[id(value)]
        self.numbers[id(value)] = next(self.counter)
        self.alive.append(value)
        return type(value).__qualname__, self._parts(value)

    def _parts(self, value: Any) -> Any:
        for kinds, parts in _PARTS:
            if isinstance(value, kinds):
                return parts(self, value)
        return self._attributes(value)

    def many(self, values: Any) -> tuple[Any, ...]:
        return tuple(self.freeze(one) for one in values)

    def mapping(self, value: Mapping[Any, Any]) -> Any:
        extra = self._attributes(value) if type(value) not in (dict, types.MappingProxyType) else ()
        return tuple((self.freeze(key), self.freeze(one)) for key, one in value.items()), extra

    def sequence(self, value: Any) -> Any:
        return self.many(value), getattr(value, "maxlen", None)

    def collection(self, value: Any) -> Any:
        """A set has no order that one could rely on."""
        return tuple(sorted(repr(_Freezer(self.modules).freeze(one)) for one in value))

    def array(self, value: Any) -> Any:
        contents = self.many(value.ravel().tolist()) if value.dtype.hasobject else value.tobytes()
        layout = (value.dtype.str, value.shape, value.strides, value.flags.writeable)
        return layout, contents, self._memory(value), self.mapping(getattr(value, "__dict__", {}))

    def _memory(self, value: Any) -> int:
        while isinstance(value.base, np.ndarray):
            value = value.base
        return self.memories.setdefault(value.__array_interface__["data"][0], len(self.memories))

    def function(self, value: Any) -> Any:
        named = value.__qualname__, value.__code__.co_code, value.__code__.co_names
        if value.__module__ not in self.modules:
            return named
        cells = [_cell(cell) for cell in value.__closure__ or ()]
        return named, self.many([value.__defaults__, value.__kwdefaults__, value.__dict__, *cells])

    def method(self, value: Any) -> Any:
        return value.__name__, self.freeze(value.__self__)

    def made_class(self, value: type) -> Any:
        name = f"{value.__module__}.{value.__qualname__}"
        if value.__module__ not in self.modules:
            return name
        skipped = ("__dict__", "__weakref__", "_abc_impl")
        return name, tuple((k, self.freeze(v)) for k, v in vars(value).items() if k not in skipped)

    def _attributes(self, value: Any) -> Any:
        held = dict(_slots(value)) | dict(getattr(value, "__dict__", {}))
        return tuple((key, self.freeze(one)) for key, one in held.items())


def _bits(value: float | complex) -> bytes:
    return struct.pack("dd", complex(value).real, complex(value).imag)


def _cell(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return "empty"


def _slots(value: Any) -> Iterator[tuple[str, Any]]:
    for kind in type(value).__mro__:
        for name, one in vars(kind).items():
            if isinstance(one, types.MemberDescriptorType) and kind.__module__ not in _FOREIGN:
                try:
                    yield name, one.__get__(value)
                except AttributeError:
                    yield name, "not set"


_FOREIGN = ("builtins", "_thread", "functools", "_io")
_PARTS: list[tuple[Any, Callable[[_Freezer, Any], Any]]] = [
    (np.ndarray, _Freezer.array),
    (np.ufunc, lambda self, one: one.__name__),
    (np.random.RandomState, lambda self, one: repr(one.get_state(legacy=False))),
    (np.random.Generator, lambda self, one: repr(one.bit_generator.state)),
    (type, _Freezer.made_class),
    (types.FunctionType, _Freezer.function),
    ((types.MethodType, types.BuiltinMethodType, types.MethodWrapperType), _Freezer.method),
    (types.ModuleType, lambda self, one: one.__name__),
    (functools.partial, lambda self, one: self.many([one.func, one.args, one.keywords])),
    ((classmethod, staticmethod), lambda self, one: self.freeze(one.__func__)),
    (property, lambda self, one: self.many([one.fget, one.fset, one.fdel])),
    (BaseException, lambda self, one: self.many(one.args)),
    ((Mapping, types.MappingProxyType), _Freezer.mapping),
    ((list, tuple, collections.deque), _Freezer.sequence),
    ((set, frozenset), _Freezer.collection),
    ((types.GeneratorType, types.CoroutineType), lambda self, one: one.__qualname__),
]
