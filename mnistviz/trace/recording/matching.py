"""What the patterns of a `match` do to arrays: they read attributes, and compare.

Python itself follows a pattern, where no watcher can stand.  So it is followed here, too, as far as that calls
nothing of the program's; what it then read or compared is written down.  Where that cannot be known, what a
pattern took of an array is counted as unseen.
"""

from __future__ import annotations

import ast
import builtins
import enum
import functools
import operator
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator
from types import FrameType, MemberDescriptorType, ModuleType, WrapperDescriptorType
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistviz.trace.memory import Snapshot
from mnistviz.trace.recording.holders import reads_arrays
from mnistviz.trace.recording.kinds import ids, of_class
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.operators import ATTRIBUTES, OF_ATTRIBUTE, OPERATORS
from mnistviz.trace.recording.pending import WITH_DATA
from mnistviz.trace.recording.trees import TAKEN, taken_by
from mnistviz.trace.recording.values import is_value
from mnistviz.trace.source.sites import Site

if TYPE_CHECKING:
    from mnistviz.trace.recording.recording import Recording

UNKNOWN = object()  # what only the program's own code could tell
SEQUENCES = ids(list, tuple, deque)
MAPPINGS = ids(dict, OrderedDict, defaultdict)
TOLD = ids(bool, int, float, complex, str, bytes, type(None))  # compared without the program
ARRAYS_ARE_SEQUENCES = bool(np.ndarray.__flags__ & 1 << 5)  # Py_TPFLAGS_SEQUENCE: numpy's newer ones say so
# Of these `int(n)` is the number.
ITSELF = ids(bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)


def matching(recording: Recording, site: Site, frame: FrameType, subject: Any) -> Matching:
    """A `match` begins."""
    found = Matching(recording, site, subject)
    found.follow(frame, 0)
    return found


def refused(recording: Recording, site: Site, frame: FrameType, found: Matching, case: int) -> None:
    """The guard of a case does not hold: Python goes on to the next one."""
    found.follow(frame, case + 1)


def bound(
    recording: Recording, site: Site, frame: FrameType, found: Matching, case: int, values: tuple[Any, ...]
) -> None:
    """The pattern of a case holds."""
    found.bound(frame, case, values)


class Matching:
    """One `match` as it runs: which of its patterns is tried, and what they have taken."""

    def __init__(self, recording: Recording, site: Site, subject: Any) -> None:
        self._recording, self._site, self._subject = recording, site, subject
        self._cases: list[Any] = site.node.cases  # type: ignore[attr-defined]
        self._frame: Any = None  # while a pattern is followed
        self._case = 0  # whose pattern holds, as far as can be known
        self._sure = False  # whether it is known that it holds
        self._taken: dict[str, list[Snapshot]] = {}  # by the name that it is bound to

    def follow(self, frame: FrameType, case: int) -> None:
        """Python tries the patterns from that one on, until one holds."""
        self._case = case
        while self._case < len(self._cases) and self._follows(frame) is False:
            self._case += 1

    def bound(self, frame: FrameType, case: int, values: tuple[Any, ...]) -> None:
        """The pattern of a case holds, and has bound these of what it took of arrays."""
        if case != self._case:  # nobody could know that another did not
            self._case = case
            self._follows(frame)
        for name, value in zip(taken_by(self._cases[case].pattern), values, strict=True):
            parts = value if type(value) is list else [value]
            snapshots = self._taken.get(name, [])
            if not self._sure:
                self._lose(name, parts)
            elif len(snapshots) == len(parts):
                for place, (part, snapshot) in enumerate(zip(parts, snapshots, strict=True)):
                    self._name(part, snapshot, f"{name}[{place}]" if type(value) is list else name)

    def _name(self, value: Any, snapshot: Snapshot, name: str) -> None:
        """What the program has got is what was written down: by that name."""
        self._recording.values.know(value, snapshot)
        snapshot.name = name
        drafts, number = self._recording.drafts, snapshot.made_by
        for mention in drafts[number].outputs if number is not None else ():
            mention.name = name if mention.snapshot is snapshot else mention.name

    def _follows(self, frame: FrameType) -> bool | None:
        self._taken, self._frame = {}, frame
        holds = self._holds(self._cases[self._case].pattern, self._subject)
        self._frame = None
        self._sure = holds is True
        return holds

    def _holds(self, pattern: Any, value: Any) -> bool | None:
        """Whether a pattern holds of a value; None where only the program can tell."""
        if isinstance(pattern, ast.MatchAs):
            return pattern.pattern is None or self._holds(pattern.pattern, value)
        if isinstance(pattern, ast.MatchOr):
            return self._first(self._holds(one, value) for one in pattern.patterns)
        if isinstance(pattern, ast.MatchStar):
            return True
        if value is UNKNOWN:
            return None
        if isinstance(pattern, ast.MatchSingleton):
            return bool(value is pattern.value)
        if isinstance(pattern, ast.MatchValue):
            return self._equals(pattern, value)
        if isinstance(pattern, ast.MatchSequence):
            return self._sequence(pattern, value)
        if isinstance(pattern, ast.MatchMapping):
            return self._mapping(pattern, value)
        return self._of_class(pattern, value)

    def _first(self, answers: Iterator[bool | None]) -> bool | None:
        """Whether one of the alternatives holds."""
        return next((one for one in answers if one is not False), False)

    def _all(self, answers: Iterator[bool | None]) -> bool | None:
        """Whether all parts hold; nothing is known of those behind one that is not."""
        return next((one for one in answers if one is not True), True)

    def _equals(self, pattern: ast.MatchValue, value: Any) -> bool | None:
        other = self._constant(pattern.value)
        if (_is_told(value) and _is_told(other)) or (_is_dtype(value) and _is_dtype(other)):
            return bool(value == other)
        if not (is_value(value) and _is_numpys(value) and _is_told(other)):
            self._lose_taken(pattern, value, other)
            return None
        result = operator.eq(value, other)
        self._write(pattern, OPERATORS["equal"], (value, other), result, WITH_DATA)
        return bool(result) if np.size(result) == 1 else None

    def _sequence(self, pattern: ast.MatchSequence, value: Any) -> bool | None:
        kind = type(value)
        if kind is np.ndarray and ARRAYS_ARE_SEQUENCES and value.ndim:
            return self._rows(pattern, value)
        if id(kind) not in SEQUENCES:
            return False if id(kind) in TOLD | MAPPINGS or (is_value(value) and _is_numpys(value)) else None
        parts = list(value)
        places = _places(pattern, len(parts))
        return places is not None and self._all(
            self._holds(one, parts[held[0]]) for one, held in places if type(one) is not ast.MatchStar
        )

    def _rows(self, pattern: ast.MatchSequence, array: Any) -> bool | None:
        """`case [a, *b]` of an array: its rows are values of their own."""
        places = _places(pattern, len(array))
        if places is None:
            return False
        snapshot = self._recording.values.current(array)
        site, rows = Site(self._site.file, pattern), {}
        for one, held in places:
            rows[one] = [array[place] for place in held]
            for place, row in zip(held, rows[one], strict=True):
                self._recording.row(site, self._frame, Mention(snapshot, snapshot.name), place, row, "")
            found = [self._recording.values.current(row) for row in rows[one]]
            name = getattr(one, "name", None)
            if name is not None:
                self._taken[name] = found
        return self._all(
            self._holds(one, found[0]) for one, found in rows.items() if type(one) is not ast.MatchStar
        )

    def _mapping(self, pattern: ast.MatchMapping, value: Any) -> bool | None:
        kind = type(value)
        if id(kind) not in MAPPINGS:
            if reads_arrays(kind):
                self._recording.values.unseen.append(self._site.file.segment(pattern))
            return False if is_value(value) or id(kind) in TOLD | SEQUENCES else None
        keys = [self._constant(one) for one in pattern.keys]
        if not all(map(_is_told, (*keys, *value))):
            return None
        if any(one not in value for one in keys):
            return False
        return self._all(
            self._holds(one, value[key]) for key, one in zip(keys, pattern.patterns, strict=True)
        )

    def _of_class(self, pattern: ast.MatchClass, value: Any) -> bool | None:
        kind = self._resolved(pattern.cls)
        if not isinstance(kind, type) or type(type(value)) is not type or type(kind) is not type:
            self._lose_taken(pattern, value)
            return None
        if not issubclass(type(value), kind):
            return False
        names = (None,) if id(kind) in ITSELF else of_class(kind, "__match_args__") or ()
        parts = [*zip(names, pattern.patterns, strict=False)]
        parts += zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)
        taken: list[tuple[Any, Any]] = []
        for name, inner in parts:  # all are read before one of them is looked at
            found = self._read(pattern, value, name, inner)
            if found is None:
                return False
            taken.append((inner, found[0]))
        return self._all(self._holds(inner, found) for inner, found in taken)

    def _read(self, pattern: ast.MatchClass, value: Any, name: str | None, inner: Any) -> tuple[Any] | None:
        """What a class pattern reads of an object: an attribute, or the object itself; None where it has none."""
        if name is None:
            return (value,)
        if not is_value(value) or name not in TAKEN:
            return _attribute(value, name)
        if not _is_numpys(value):
            self._lose_taken(pattern, value)
            return (UNKNOWN,)
        try:
            taken = getattr(value, name)
        except ValueError:  # `mT` of a vector: the program is about to hear of it
            return None
        snapshot = self._write(pattern, ATTRIBUTES[name], (value,), taken, OF_ATTRIBUTE)
        if isinstance(inner, ast.MatchAs) and inner.name is not None and snapshot is not None:
            self._taken[inner.name] = [snapshot]
        return (taken,)

    def _write(self, pattern: Any, found: Any, operands: Any, result: Any, manner: Any) -> Snapshot | None:
        """An operation that a pattern made; what it gave."""
        site = Site(self._site.file, pattern)
        pending = self._recording.pending(site, self._frame, found, operands, {}, manner)
        if pending is None:
            return None
        self._recording.give(site, self._frame, pending, result, "")
        known = self._recording.values.known(result)
        return known.snapshot if known is not None else None

    def _lose(self, what: str, values: Iterable[Any]) -> None:
        """Something may have been made of arrays that nobody has seen."""
        unseen = self._recording.values
        if any(is_value(one) and unseen.known(one) is None for one in values):
            unseen.unseen.append(what)

    def _lose_taken(self, pattern: Any, *values: Any) -> None:
        """A pattern may have taken something of an array, which nobody can know."""
        takes = not isinstance(pattern, ast.MatchClass) or TAKEN & {*pattern.kwd_attrs}
        if takes and any(map(is_value, values)):
            self._recording.values.unseen.append(self._site.file.segment(pattern))

    def _constant(self, node: Any) -> Any:
        """What a pattern compares with."""
        if isinstance(node, ast.Attribute):
            found = self._resolved(node)
            return int.__index__(found) if isinstance(found, enum.IntEnum) else found
        return _literal(node)

    def _resolved(self, node: Any) -> Any:
        """What a dotted name stands for, of modules and classes: nothing else is asked."""
        if isinstance(node, ast.Name):
            code = self._frame.f_code
            if node.id in (*code.co_varnames, *code.co_cellvars, *code.co_freevars):
                return UNKNOWN
            return self._frame.f_globals.get(node.id, vars(builtins).get(node.id, UNKNOWN))
        owner = self._resolved(node.value) if isinstance(node, ast.Attribute) else UNKNOWN
        if type(owner) is ModuleType:
            return vars(owner).get(node.attr, UNKNOWN)
        if type(owner) is enum.EnumType:
            return owner.__members__.get(node.attr, UNKNOWN)
        return UNKNOWN


def _places(pattern: ast.MatchSequence, count: int) -> list[tuple[Any, list[int]]] | None:
    """The parts of a sequence that each pattern in it gets; None where there are not as many.

    Behind a star that binds nothing, Python takes only what is asked for.
    """
    parts: list[Any] = pattern.patterns
    star = next((place for place, one in enumerate(parts) if isinstance(one, ast.MatchStar)), None)
    fixed = len(parts) - (star is not None)
    if count < fixed or (star is None and count > fixed):
        return None
    more = count - fixed
    found = [
        (one, [place] if star is None or place < star else [place + more - 1])
        for place, one in enumerate(parts)
        if place != star
    ]
    if star is not None:
        rest = [] if parts[star].name is None else list(range(star, star + more))
        found.insert(star, (parts[star], rest))
        if parts[star].name is None:
            return [one for one in found if not _is_wildcard(one[0])]
    return found if not all(_is_wildcard(one) for one in parts) else []


def _is_wildcard(pattern: Any) -> bool:
    return (
        isinstance(pattern, ast.MatchAs | ast.MatchStar)
        and pattern.name is None
        and (getattr(pattern, "pattern", None) is None)
    )


def _attribute(value: Any, name: str) -> tuple[Any] | None:
    """What an attribute holds, `UNKNOWN` where the program's code says it; None where there is none."""
    kind = type(value)
    if is_value(value):
        return (getattr(value, name),) if _is_numpys(value) and hasattr(kind, name) else (UNKNOWN,)
    asks = type(of_class(kind, "__getattribute__")) is not WrapperDescriptorType
    if asks or of_class(kind, "__getattr__") is not None:
        return (UNKNOWN,)
    of_kind = of_class(kind, name)
    if type(of_kind) is MemberDescriptorType:
        return _slot(value, name)
    if hasattr(type(of_kind), "__get__"):
        return (UNKNOWN,)
    try:
        held = object.__getattribute__(value, "__dict__")
    except AttributeError:
        held = {}
    return (held[name],) if name in held else None if of_kind is None else (of_kind,)


def _slot(value: Any, name: str) -> tuple[Any] | None:
    try:
        return (object.__getattribute__(value, name),)
    except AttributeError:  # nothing was put there yet
        return None


def _is_numpys(value: Any) -> bool:
    """Whether a value is of a class of numpy's own: nothing of the program answers for it."""
    return type(value) is np.ndarray or (isinstance(value, np.generic) and type(value).__module__ == "numpy")


def _is_told(value: Any) -> bool:
    """Whether something is compared, and found in a dict, without the program."""
    return id(type(value)) in TOLD


def _is_dtype(value: Any) -> bool:
    return isinstance(value, np.dtype) or (type(value) is type and issubclass(value, np.generic))


@functools.lru_cache(maxsize=1024)
def _literal(node: ast.AST) -> Any:
    return ast.literal_eval(node)
