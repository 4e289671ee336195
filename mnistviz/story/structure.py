"""A trace in its author's structure: statements that ran, what they called, passes of loops, comments and names.

    parts(trace, counters(trace)) -> list[Part]

A part is one statement as it ran, with all that it called; statements of a function that is called are
looked into where there would be too little to tell.  Later passes of a loop come after its first one.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, pairwise

from mnistviz.story.counters import LOOKING
from mnistviz.story.neighbours import after_passes, is_of_its_call, takes_element
from mnistviz.story.phases import Learning
from mnistviz.story.showing import draws, shows
from mnistviz.story.tree import FUNCTIONS, LOOPS, head_of, loops_around, tree_of
from mnistviz.trace.model import Operation, Span, Trace

ENOUGH = 7  # parts, below which what they call is looked into
FEW = 4  # parts, below which this is done though it be one of several calls alike
MOST = 30
FEWEST_MIXED, MOST_PHASES = 12, 4  # operations of a call, and phases, that are told apart
FEWEST_GLANCES = 2  # neighbours that only look, of which more are one
PREPARING = 1  # operations of a statement that may be told with what comes of it
MOST_OPENED = 28  # parts that looking into one may lead to
FEWEST_NEW = 3  # expressions that a call has not come to in earlier passes: it does something else
LARGE, LARGE_SHARE = 40, 0.4  # operations of a part, and their share of all, from which it is looked into

PhaseOf = Callable[[Sequence[int]], str]


@dataclass(frozen=True)
class Level:
    """Where a function called itself, on the way to an operation."""

    place: int  # in the calls that are left, of what stands in the function
    count: int  # calls of it by itself


@dataclass(frozen=True)
class Place:
    """One place on the way from the recorded function to an operation: a call, or the operation itself."""

    file: str
    first_line: int  # of the statement
    last_line: int
    loops: int  # around the expression, in its function
    loops_of_statement: int  # around the statement
    call: str  # source text of the function that is called; "" where nothing is
    head: bool = False  # of a loop: its target is set, or its condition asked, in each pass
    shows: str = ""  # "plotted" or "printed", where that is all that the statement or the call does
    function: int = 0  # the line at which the function begins that it is in; 0: none


@dataclass(frozen=True)
class Part:
    """Operations that are told together, the first time that they run and again."""

    operations: tuple[Operation, ...]
    depth: int  # calls between the recorded function and the statement
    again: tuple[tuple[Operation, ...], ...] = ()  # later passes
    shared: int = 1  # statements that it holds
    shows: str = ""  # "plotted" or "printed", where that is all that is done with it

    @property
    def all(self) -> tuple[Operation, ...]:
        """The operations of all passes."""
        return (*self.operations, *(one for each in self.again for one in each))


def parts(
    trace: Trace,
    counting: frozenset[int],
    learned: Learning | None = None,
    levels: Mapping[int, Level] | None = None,
    again: frozenset[tuple[Span, ...]] = frozenset(),
) -> list[Part]:
    """The trace in parts, at most `MOST`, each operation in one of them, in order.

    `counting` are the numbers of the operations that are told with what they count; a call that goes
    through several phases of what is `learned` is told in as many parts; what a function does
    in calls of itself, of which `levels` tells, it does again; calls to which the ways are in `again` are passes.
    """
    way = Ways(trace, counting, levels, again)
    found = way.split(trace.operations, 0)
    large = max(LARGE, LARGE_SHARE * len(trace.operations))
    while True:
        opened = [(place, way.inside(one)) for place, one in enumerate(found)]
        alike = way.calling_the_same(found) if _places(found) >= FEW else []
        fit = [
            (len(found[place].operations), place, inner)
            for place, inner in opened
            if (len(inner) > 1 or _is_loop(inner[0], found[place]))
            and len(found) + len(inner) <= MOST_OPENED
            and not found[place].shows
            and (len(found[place].operations) >= large or found[place] not in alike)
            and not (learned is not None and learned.is_aside([one.number for one in found[place].all]))
        ]
        if not fit:
            break
        size, place, inner = max(fit, key=lambda one: one[:2])
        if size < large and _places(found) >= ENOUGH:
            break
        inner[-1] = replace(inner[-1], again=inner[-1].again + found[place].again)
        found[place : place + 1] = inner
    if learned is not None:
        room = MOST_OPENED - len(found)
        found = [one for part in found for one in _by_phase(way, part, learned.phase_of, room)]
    return _merged(_glances_joined(found))


def _is_loop(inner: Part, outer: Part) -> bool:
    """Whether a call that is told once does nothing but go through a loop: nothing with what comes of its passes."""
    first = {one.source.expression for one in inner.operations}
    passes = all(run[-1].source.expression in first for run in inner.again)
    return bool(inner.again) and passes and not outer.again and inner.depth > outer.depth


def _places(found: Sequence[Part]) -> int:
    """Statements, or calls of one, that are told: one that calls this and that counts once."""
    shown = [one.operations[0].source for one in found if not one.shows]
    depths = [one.depth for one in found if not one.shows]
    spans = [(*source.calls, source.statement) for source in shown]
    return len({way[: depth + 1] for way, depth in zip(spans, depths, strict=True)})


def _glances_joined(found: Sequence[Part]) -> list[Part]:
    """Neighbours that only look at cells, for a print or a plot, are one part."""
    runs = [(key, list(run)) for key, run in groupby(found, key=_only_looks)]
    return [
        part
        for looks, run in runs
        for part in ([join_parts(run)] if looks and len(run) > FEWEST_GLANCES else run)
    ]


def _only_looks(part: Part) -> bool:
    """Whether nothing is computed in it but cells read, compared and written out; what is kept has no name."""
    return all(
        one.operation in LOOKING
        and not one.in_place
        and (not one.output.shape or not _is_plain(one.output.name))
        for one in part.all
    )


def _is_plain(name: str) -> bool:
    """Whether it is a name that somebody gave, not an expression that stands for one."""
    return name != "" and name.replace(".", "").isidentifier()


def _by_phase(way: Ways, part: Part, phase_of: PhaseOf, room: int) -> list[Part]:
    """A call in the phases that it goes through one after the other; whole, where they alternate.

    One with too many statements to be looked into has as many parts in each phase as there is room for.
    """
    if len(part.operations) < FEWEST_MIXED:
        return [part]
    inner = [part]
    depth = part.depth
    while len(inner) == 1 and any(len(one.source.calls) > depth for one in part.operations):
        depth += 1
        inner = way.split(part.operations, depth)
    phases = [phase_of([one.number for one in each.operations]) for each in inner]
    for place in range(len(inner) - 2, -1, -1):  # what only prepares
        if (
            phases[place] == "forward"
            and len(inner[place].all) <= PREPARING
            and phases[place + 1] != "update"
        ):
            phases[place] = phases[place + 1]
    runs = [list(run) for _, run in groupby(zip(phases, inner, strict=True), key=lambda pair: pair[0])]
    if not 1 < len(runs) <= MOST_PHASES or not {"error", "update"} & set(phases):
        return [part]
    split = [[each for _, each in run] for run in runs]
    if len(inner) > MOST_OPENED:
        found = [one for run in split for one in _merged(run, max(1, room * len(run) // len(inner)))]
    else:
        found = [join_parts(run) for run in split]
    return [*found[:-1], replace(found[-1], again=(*found[-1].again, *part.again))]


def join_parts(pieces: Sequence[Part]) -> Part:
    """Neighbours as one part."""
    if len(pieces) == 1:
        return pieces[0]
    operations = tuple(one for each in pieces for one in each.all)
    return Part(operations, min(each.depth for each in pieces), shared=len(pieces))


def _merged(found: list[Part], most: int = MOST) -> list[Part]:
    """Neighbours of one function are put together where there are too many, the shortest first."""
    while len(found) > most:
        sizes = [
            len(left.all) + len(right.all) + 100 * (_function(left) != _function(right))
            for left, right in pairwise(found)
        ]
        place = sizes.index(min(sizes))
        left, right = found[place : place + 2]
        if left.again and right.operations:
            joined = Part(left.operations, left.depth, (*left.again, right.operations, *right.again))
        else:
            joined = Part((*left.operations, *right.operations), min(left.depth, right.depth), right.again)
        found[place : place + 2] = [replace(joined, shared=left.shared + right.shared)]
    return found


def _function(part: Part) -> str:
    return part.operations[0].source.function


def _goes_another_way(run: Sequence[Operation], before: Collection[Span]) -> bool:
    """Whether a call does for the most part what it did not in earlier passes: another activation, `if kind == ...`."""
    expressions = {one.source.expression for one in run}
    new = expressions.difference(before)
    return len(new) >= FEWEST_NEW and 2 * len(new) >= len(expressions)


class Ways:
    """The places on the way to each operation."""

    def __init__(
        self,
        trace: Trace,
        counting: frozenset[int] = frozenset(),
        levels: Mapping[int, Level] | None = None,
        again: frozenset[tuple[Span, ...]] = frozenset(),
    ) -> None:
        self._trees = {file.name: tree_of(file) for file in trace.sources}
        self._levels = levels or {}
        self._again = again
        self._counting = counting
        self._cut = self._loops_cut(trace)
        self._used = self._used_on(trace)

    def _loops_cut(self, trace: Trace) -> int:
        """Loops around what was recorded of a script: no operation has passes of them."""
        left = Counter(
            sum(each.loops for each in self.way(one)) - len(one.source.passes) for one in trace.operations
        )
        return max(0, left.most_common(1)[0][0]) if left else 0

    def _used_on(self, trace: Trace) -> frozenset[int]:
        """Operations from which something is computed elsewhere, though it be in a print: `print(train(x * 2))`."""
        used: set[int] = set()
        ids = set(trace.results)
        for one in reversed(trace.operations):
            made = {value.id for value in (one.output, *one.more)}
            if one.in_place or not made.isdisjoint(ids):
                used.add(one.number)
            if one.number in used or not any(place.shows for place in self.way(one)):
                ids.update(value.id for value in one.inputs)
        return frozenset(used)

    def way(self, one: Operation) -> tuple[Place, ...]:
        """The calls on the way to an operation, and the operation itself."""
        return self._way(one.source.calls, one.source.expression)

    @lru_cache(maxsize=4096)  # noqa: B019 - lives as long as the storyboard is made
    def _way(self, calls: tuple[Span, ...], expression: Span) -> tuple[Place, ...]:
        spans = (*calls, expression)
        places = [self._place(span, span is not expression) for span in spans]
        for place in range(len(spans) - 1, 0, -1):
            outer, inner = places[place - 1 : place + 1]
            if spans[place].lies_in(spans[place - 1]) and inner.function == outer.function:
                # `sum(x @ y for x in xs)`: the loops around the call are those around what it calls, too.
                loops, own = inner.loops - outer.loops, max(0, inner.loops_of_statement - outer.loops)
                places[place] = replace(inner, loops=loops, loops_of_statement=own)
        for place in range(len(calls)):
            if calls[: place + 1] in self._again:
                places[place] = replace(places[place], loops=places[place].loops + 1)
        return tuple(places)

    def loops_before(self, one: Operation, calls: int) -> int:
        """How many loops are around the first of the calls that lead to it, as far as it has passes of them."""
        return sum(place.loops for place in self.way(one)[:calls]) - self._cut

    @lru_cache(maxsize=4096)  # noqa: B019 - lives as long as the storyboard is made
    def _place(self, span: Span, calls: bool) -> Place:
        tree = self._trees.get(span.file)
        around = tree.around(span) if tree is not None else []
        statement = next((one for one in around if isinstance(one, ast.stmt)), None)
        if around and around[0] is statement:  # it ends where the call does
            around = [getattr(statement, "value", statement), *around]
        call = next((one for one in around if isinstance(one, ast.Call)), None) if calls else None
        first, last = head_of(statement) if statement is not None else (span.first_line, span.last_line)
        text = ast.unparse(call.func) if call is not None else ""
        loops = loops_around(around[around.index(statement) if statement in around else 0 :])
        head, shown = isinstance(statement, LOOPS), draws(text) if calls else shows(statement)
        function = next((one.lineno for one in around if isinstance(one, FUNCTIONS)), 0)
        return Place(span.file, first, last, loops_around(around), loops, text, head, shown, function)

    def _keys(self, operations: Sequence[Operation], depth: int) -> list[tuple[object, ...]]:
        """By what operations are taken together; what only counts, or takes an element, goes with what it is for."""

        def key(one: Operation) -> tuple[object, ...]:
            way = self.way(one)
            level = min(depth, len(way) - 1)
            place = way[level]
            loops = sum(each.loops for each in way[:level]) + place.loops_of_statement - self._cut
            own = self._levels.get(one.number)
            called = own.count if own is not None and own.place <= level else 0
            passes = one.source.passes[: max(0, loops)]
            call = one.source.calls[:level][-1:]  # of `f(x) + f(y)` each is told by itself
            return (level, place.file, place.first_line, called, passes, call, place.head)

        keys = list(map(key, operations))
        left = [len(keys) - 1] if operations[-1].number in self._counting else []  # nothing comes after it
        for place in range(len(keys) - 2, -1, -1):
            one, following = operations[place : place + 2]
            counts = one.number in self._counting
            if counts and (place + 1 in left or not is_of_its_call(one, following)):
                left.append(place)
            elif counts or (keys[place][-1] and takes_element(one, following)):
                keys[place] = keys[place + 1]  # it is told with what it counts, or takes an element for
        for place in sorted(left):
            keys[place] = keys[max(place - 1, 0)]
        return keys

    def calling_the_same(self, found: Sequence[Part]) -> list[Part]:
        """Parts that call the same function with others between them: to look into one of these only would be odd."""
        called = {one: self._called(one.operations, one.depth) for one in found}
        count = Counter(function for functions in called.values() for function in functions)
        return [one for one in found if any(count[each] > 1 for each in called[one])]

    def inside(self, part: Part) -> list[Part]:
        """What a part calls; where that only hands on to another function, as a decorator's does, what this does."""
        depth = part.depth + 1
        inner = self.split(part.operations, depth)
        while len(inner) == 1 and not inner[0].again and self._only_hands_on(inner[0], depth):
            depth += 1
            inner = self.split(part.operations, depth)
        return inner

    @staticmethod
    def _only_hands_on(part: Part, depth: int) -> bool:
        """Whether all of it is done in one call, so many calls deep."""
        return len({one.source.calls[: depth + 1] for one in part.operations}) == 1 and all(
            len(one.source.calls) > depth for one in part.operations
        )

    def split(self, operations: Sequence[Operation], depth: int) -> list[Part]:
        """Runs of operations of one statement at a depth of calls, later passes of loops after the first."""
        found: list[Part] = []
        seen: dict[object, object] = {}  # passes in which a statement ran first
        deep: set[object] = set()  # what ran first in a call of a function by itself
        came_to: dict[object, set[Span]] = {}  # expressions in the passes of a statement
        taken: set[Span] = set()  # expressions of a statement that goes through what a generator makes
        for (level, file, line, called, passes, _, head), group in groupby(
            zip(self._keys(operations, depth), operations, strict=True), key=lambda pair: pair[0]
        ):
            run = tuple(one for _, one in group)
            functions = self._called(run, int(str(level)))
            where = (level, file, line, functions)
            again = int(str(level)) < depth and run[0].source.expression in taken
            later = where in seen and bool(
                head or called or where in deep or again or (passes and seen[where])
            )
            before = came_to.setdefault(where, set())
            if later and found and not (functions and _goes_another_way(run, before)):
                last, after = found[-1], after_passes(run, taken)
                found[-1] = replace(last, again=(*last.again, run[: len(run) - len(after)]))
                found += [Part(after, int(str(level)))] if after else []
            else:
                found.append(Part(run, int(str(level))))
            before.update(one.source.expression for one in run)
            seen[where] = seen.get(where) or passes
            deep |= {where} if called else set()
            taken.update(one.source.expression for one in run)
        return self._shown_joined(found)

    def _called(self, run: Sequence[Operation], level: int) -> frozenset[tuple[str, int]]:
        """The functions that a statement calls: `layer.forward` may be another one in each pass."""
        inner = [way[level + 1] for way in map(self.way, run) if level + 1 < len(way)]
        return frozenset((place.file, place.function) for place in inner)

    def _shown_joined(self, found: Sequence[Part]) -> list[Part]:
        """Neighbours that are only plotted are one part, as are those that are only printed."""
        runs = [(shown, list(run)) for shown, run in groupby(found, key=self._shows)]
        return [
            part
            for shown, run in runs
            for part in ([replace(join_parts(run), shows=shown)] if shown else run)
        ]

    def _shows(self, part: Part) -> str:
        kinds = {self._shown(one, part.depth) for one in part.all}
        return kinds.pop() if len(kinds) == 1 else ""

    def _shown(self, one: Operation, depth: int) -> str:
        if one.number in self._used:
            return ""
        return next((place.shows for place in self.way(one)[depth:] if place.shows), "")
