"""Which arrays of a trace depend on which: the nodes and ways of its map, without places.

A node is an array by its name, wherever and however often it is made: a second call or a loop fills it anew.
What has no name (a sub-expression, a transpose) is passed through.  An edge that would close a circle is
a way back to something that was there before: an update.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mnistviz.trace.model import Operation, Trace, Value

MOST_NODES = 30
# A name, an attribute, or an item of a dict (`params["w"]`); of a list (`layers[0].w`) only where the array is in that:
# an index behind all of it is one into an array.
_IN_LIST = r"""\[\d+\](?=(?:\[\d+\])*(?:\.(?!T\b)[^\W\d]|\[["']))"""
PLAIN = re.compile(rf"""[^\W\d]\w*(?:\.[^\W\d]\w*|{_IN_LIST}|\["[^"]*"\]|\['[^']*'\])*""")
RESULT, MORE = "result", "more"  # what is returned without a name; all that is too many
# Operations that lay numbers out anew, and by a number beside them change nothing but their unit.
LAYING = {"reshape", "ravel", "flatten", "transpose", "astype", "copy", "asarray", "array"}
SCALING = {"divide", "true_divide", "multiply"}
KINDS = "biufc"  # of dtypes that can be drawn

Lane = Literal["forth", "back"]
Way = Literal["forth", "back", "update"]
_Naming = Callable[[Value, str], str]  # of a value, and the function that made it


@dataclass(frozen=True)
class Node:
    """An array of the map; `versions` are the ids of its values, in the order in which they were made."""

    key: str
    name: str  # as in the source
    lane: Lane
    versions: tuple[int, ...]
    made: tuple[int, ...]  # numbers of the operations that made them; -1: it was there before the first


@dataclass(frozen=True)
class Edge:
    """What a node was made from, by its key; numbers of the operations that made it so."""

    start: str
    end: str
    way: Way
    made: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes in the order in which they come to be, each before those that are made from it."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    values: dict[int, Value]  # every version by its id
    homes: dict[int, str]  # the node of a value by its id, views and parts of it included
    names: dict[str, str]  # the node of an array by its name; the latest, where a name has several

    def node(self, key: str) -> Node:
        """The node of that key."""
        return next(node for node in self.nodes if node.key == key)

    def sources(self, key: str) -> tuple[str, ...]:
        """What a node is made from, but for updates."""
        return tuple(edge.start for edge in self.edges if edge.end == key and edge.way != "update")

    def updates(self, key: str) -> tuple[str, ...]:
        """What a node changes that was there before it."""
        return tuple(edge.end for edge in self.edges if edge.start == key and edge.way == "update")


@lru_cache(maxsize=8)
def graph_of(trace: Trace) -> Graph:
    """The map of any trace, of at most `MOST_NODES` nodes: what is many is put together, more and more."""
    scalars = all(not operation.output.shape for operation in trace)
    for naming in NAMINGS:
        found = _Found(trace, naming, scalars)
        if len(found.versions) <= MOST_NODES:
            break
    else:
        found = _Found(trace, _crowded(tuple(found.versions)), scalars)
    return found.graph()


def plain_name(value: Value) -> str:
    """The name without an index or `.T`; "" for what has none that could stand alone."""
    found = PLAIN.match(value.name.removesuffix(".T"))
    rest = value.name[found.end() :] if found is not None else ""
    return found.group().removesuffix(".T") if found is not None and rest[:1] in ("", "[", ".") else ""


def _by_shape(value: Value, function: str) -> str:
    name = _by_name(value, function)
    return f"{name} {'x'.join(map(str, value.shape))}" if name else ""


def _by_name(value: Value, function: str) -> str:
    return plain_name(value).replace("'", '"')  # of whichever quotes its keys have


def _by_family(value: Value, function: str) -> str:
    """`w1`, `w2` ... as one."""
    return re.sub(r"\d+", "", _by_name(value, function))


def _by_function(value: Value, function: str) -> str:
    return function or plain_name(value)


NAMINGS: tuple[_Naming, ...] = (_by_shape, _by_name, _by_family, _by_function)


def only_lays_out(operation: Operation) -> bool:
    """Whether it makes of an array the same in another layout or unit."""
    arrays = [value for value in operation.inputs if value.shape]
    scales = operation.operation in SCALING and len(arrays) == 1
    return bool(arrays) and (scales or operation.operation in LAYING)


@lru_cache(maxsize=8)
def laid_out_from(trace: Trace) -> dict[int, int]:
    """For each value that is only another one in another layout or unit, the id of that one; ids of values."""
    found: dict[int, int] = {}
    for one in trace:
        if only_lays_out(one):
            source = next(value.id for value in one.inputs if value.shape)
            found[one.output.id] = found.get(source, source)
    return found


def _crowded(keys: tuple[str, ...]) -> _Naming:
    """Keeps the first nodes and puts all others into the last one."""
    kept = set(keys[: MOST_NODES - 1])

    def naming(value: Value, function: str) -> str:
        key = _by_function(value, function)
        return key if key in kept or not key else MORE

    return naming


class _Found:
    """Nodes and edges while the operations are gone through in order."""

    def __init__(self, trace: Trace, naming: _Naming, scalars: bool) -> None:
        self.trace, self.naming, self.scalars = trace, naming, scalars
        self.returned = set(trace.results)
        self.names: dict[str, str] = {}
        self.versions: dict[str, dict[int, int]] = {}  # node -> value id -> operation
        self.values: dict[int, Value] = {}
        self.homes: dict[int, str] = {}
        self.named: dict[int, str] = {}  # names of values that have a home
        self.laid_out: set[int] = set()  # ids of values that are what was given, in another layout or unit
        self.used: dict[str, int] = {}  # node -> the first operation that takes it
        self.origins: dict[int, tuple[str, ...]] = {}  # value id -> nodes that it was made from, or its own
        self.edges: dict[tuple[str, str], list[int]] = {}
        self.updates: dict[tuple[str, str], list[int]] = {}
        self.followers: dict[str, set[str]] = {}
        self.gradients: set[str] = set()
        self.given: set[str] = set()  # nodes that no operation made
        for operation in trace:
            self._enter(operation)

    def _enter(self, operation: Operation) -> None:
        function = operation.source.function if operation.source.calls else ""
        sources: list[str] = []
        for value in operation.inputs:
            if value.id not in self.origins:
                self.origins[value.id] = self._seen(value, "", -1)
            sources += self.origins[value.id]
            for key in self.origins[value.id]:
                self.used.setdefault(key, operation.number)
        if self._lays_out(operation):
            self.laid_out.add(operation.output.id)
        for value in (operation.output, *operation.more):
            own = self._seen(value, function, operation.number)
            for key in own:
                renewed = operation.in_place or key in sources
                if operation.in_place and self._gathers(key, operation):
                    self.gradients.add(key)
                self._join(dict.fromkeys(sources), key, operation.number, renewed)
            self.origins[value.id] = own or tuple(dict.fromkeys(sources))

    def _gathers(self, key: str, operation: Operation) -> bool:
        """Whether a gradient is added to what nothing was made from yet: it keeps what comes back."""
        return not self.followers.get(key) and any(one.role == "gradient" for one in operation.inputs[1:])

    def _lays_out(self, operation: Operation) -> bool:
        arrays = [value for value in operation.inputs if value.shape]
        given = all(value.id in self.laid_out or self._is_given(value.id) for value in arrays)
        return given and only_lays_out(operation)

    def _is_given(self, number: int) -> bool:
        return number in self.values and set(self.origins.get(number, ())) <= self.given

    def _seen(self, value: Value, function: str, number: int) -> tuple[str, ...]:
        """The node of a value, entered if it is new; nothing for what is no node of its own."""
        key = self.naming(value, function) or (RESULT if value.id in self.returned else "")
        indexed = "[" in value.name.removeprefix(plain_name(value)) or value.name.endswith(".T")
        if not key or value.dtype.kind not in KINDS or (indexed and key not in self.versions):
            return ()
        if value.shape == () and not self.scalars and value.id not in self.returned:
            return ()
        self.homes[value.id], self.named[value.id] = key, value.name
        if indexed and number < 0:
            return (key,)
        new = key not in self.versions
        called = plain_name(value) or key.rpartition(".")[2].strip("<>")  # by its function
        self.names.setdefault(key, key if key in (RESULT, MORE) else called)
        if not indexed:
            self.versions.setdefault(key, {})[value.id] = number
            self.values[value.id] = value
        if new and number < 0:
            self.given.add(key)
        if value.role == "gradient":
            self.gradients.add(key)
        return (key,)

    def _join(self, sources: Iterable[str], key: str, number: int, renewed: bool) -> None:
        """Edges into a node; one that would close a circle is an update, as is one that changes what was used."""
        late = renewed and bool(self.followers.get(key))
        for source in sources:
            if source == key:
                continue
            if (source, key) not in self.edges and (late or self._reaches(key, source)):
                self.updates.setdefault((source, key), []).append(number)
            else:
                self.edges.setdefault((source, key), []).append(number)
                self.followers.setdefault(source, set()).add(key)

    def _reaches(self, start: str, end: str) -> bool:
        waiting, seen = [start], {start}
        while waiting:
            for key in self.followers.get(waiting.pop(), ()):
                if key == end:
                    return True
                if key not in seen:
                    seen.add(key)
                    waiting.append(key)
        return False

    def graph(self) -> Graph:
        """What was found, in order of need."""
        self._merge_laid_out()
        back = self._back()
        nodes = tuple(
            Node(key, self.names[key], "back" if key in back else "forth", tuple(self.versions[key]),
                 tuple(self.versions[key].values()))
            for key in self._order(back)
        )  # fmt: skip
        ways: Iterator[Edge] = (
            Edge(start, end, "back" if end in back else "forth", tuple(made))
            for (start, end), made in self.edges.items()
        )
        updates = (Edge(start, end, "update", tuple(made)) for (start, end), made in self.updates.items())
        names = {self.named[number]: key for number, key in self.homes.items() if key in self.versions}
        return Graph(nodes, (*ways, *updates), self.values, self.homes, names)

    def _merge_laid_out(self) -> None:
        """What is given and only laid out anew is one with what it becomes."""
        for key in list(self.given):
            ends = [end for start, end in (*self.edges, *self.updates) if start == key]
            if len(ends) != 1 or [start for start, end in self.edges if end == ends[0]] != [key]:
                continue
            only = set(self.versions[ends[0]]) <= self.laid_out
            if only and not any(end == key for _, end in self.updates):
                del self.edges[key, ends[0]], self.versions[key]
                self.given.discard(key)
                self.homes = {number: ends[0] if home == key else home for number, home in self.homes.items()}

    def _back(self) -> set[str]:
        """Nodes that come back: gradients, all that is made from them, and what only they need."""
        back: set[str] = set()
        waiting = list(self.gradients)
        while waiting:
            key = waiting.pop()
            if key not in back:
                back.add(key)
                waiting += self.followers.get(key, ())
        if not back - self.given:
            return back
        begin = min(min(self.versions[key].values()) for key in back - self.given)
        for key in reversed(list(self.versions)):
            needed_by = self.followers.get(key, set())
            late = key not in self.given and min(self.versions[key].values()) > begin
            if late and needed_by and needed_by <= back:
                back.add(key)
        return back

    def _order(self, back: set[str]) -> list[str]:
        """As they are made; what only stands by stands before the first that needs it.

        That is what was there before, and what comes back without anything that came back before it.
        """
        order: dict[str, None] = {}

        def place(key: str) -> None:
            if key in order:
                return
            sources = [start for start, end in self.edges if end == key]
            for source in sorted(sources, key=lambda one: (self._stands_by(one, back), self.used[one])):
                place(source)
            order[key] = None

        made = [key for key in self.versions if not self._stands_by(key, back)]
        for key in (*sorted(made, key=lambda key: min(self.versions[key].values())), *self.versions):
            place(key)
        return list(order)

    def _stands_by(self, key: str, back: set[str]) -> bool:
        if key in self.given:
            return True
        alone = not any(end == key and start in back for start, end in self.edges)
        return key in back and alone and key not in self.gradients
