"""What is wanted of a script's run, and what is known of its loops."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import CodeType, FrameType
from typing import Any

from mnistviz.trace.recording.recording import Recording
from mnistviz.trace.script.cutting import Ends, Piece
from mnistviz.trace.script.reach import Change, Look, Path, is_own, own_names, whole_numbers
from mnistviz.trace.script.reading import (
    adds_to,
    adds_up,
    carries,
    fills,
    head_of,
    places_of,
    shuffles,
    writes,
)
from mnistviz.trace.script.summing import use_of
from mnistviz.trace.source.sites import Site, leaves_of

MIXED_LOOKS = 4  # after which what only changes places is what a loop is about: a way through cities
WHOLE = 0.5  # share of an array's cells that a pass changes where it does not go from place to place
MOST_FIRSTS = 10  # passes that are written down where the first one may begin with nothing but equal numbers
MOST_ENDS = 200  # passes of which it is noted where they end: a piece that is told begins before
MOST_ADDED = 2_000  # passes of a loop that only adds up, of which it is not known that it will end
MOST_SAMPLES = 100_000  # that such a loop may go through before another loop comes
YIELDING = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
NOTED = 4  # first passes of which it is noted whether a name counts


@dataclass(frozen=True)
class Wish:
    """What is to be recorded of a script."""

    number: int | None = None  # of the pass; by default the first that does something
    line: int | None = None  # of a loop or statement, instead of the loop that learns
    everything: bool = False

    @property
    def first(self) -> int:
        """The pass from which on is recorded."""
        return self.number or 1


@dataclass(eq=False)
class Loop:
    """What is known of a loop of the source, over all its runs."""

    site: Site
    code: CodeType  # that it is in
    watches: Callable[[str], bool]  # whether a file is the program's
    passes: int = 0  # begun
    looks: int = 0
    depth: int = 0  # loops around it that run
    around: frozenset[Site] = frozenset()
    changed: tuple[Change, ...] = ()  # by the pass that changed most, inside of the same loops
    carried: tuple[Change, ...] = ()
    numbers: tuple[Change, ...] = ()  # that are handed on where no array is
    flat: frozenset[Path] = frozenset()  # where all numbers were equal as the first pass began
    # Some passes after it, and the same of them.
    firsts: dict[Piece, frozenset[Path]] = field(default_factory=dict)
    sparse: tuple[Change, ...] = ()  # changes of the pass before, of arrays of which it changed little
    piece: Piece | None = None  # of the wanted pass
    added: tuple[tuple[Change, ...], Piece | None, bool] | None = (
        None  # whether that only adds to what is carried
    )
    is_empty: bool = False  # its first passes did hardly anything: the next one is recorded, too
    places: dict[str, list[int]] = field(default_factory=dict)  # at which the first passes write, by name

    @property
    def gives_out(self) -> bool:
        """Whether it is in a generator: what asks for more does something else in the middle of its passes."""
        return bool(self.code.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR))

    @property
    def may_be_flat(self) -> bool:
        """Whether this pass may have to be told instead of the first one, which may begin with equal numbers."""
        return bool(self.flat) and self.piece is not None and self.passes <= MOST_FIRSTS

    @property
    def adds_numbers(self) -> bool:
        """Whether it hands on single numbers and makes no arrays: a sum over what a file says, perhaps."""
        return self.piece is not None and not self.piece.makes_arrays

    @property
    def may_carry(self) -> bool:
        """Whether it may be found to hand on arrays: not where it was looked at, and does not."""
        return self.looks == 0 or bool(self.carried)

    @property
    def done(self) -> Piece | None:
        """The wanted pass, where it is over and something happened in it."""
        piece = self.piece
        return piece if piece is not None and piece.stop is not None and piece.size > 1 else None

    def note_places(self, frame: FrameType) -> None:
        """Note at which places a pass that begins will write, as far as names say."""
        for name, number in whole_numbers(frame, places_of(self.site.node)).items():
            self.places.setdefault(name, []).append(number)

    def sums_up(self, name: str) -> bool:
        """Whether it only adds to what a name of a function holds, which nobody else can read meanwhile."""
        code = self.code
        local = bool(code.co_flags & inspect.CO_OPTIMIZED) and name not in code.co_cellvars
        return local and adds_up(self.site.node, name)

    @property
    def counting(self) -> frozenset[str]:
        """The names that went on by the same step from each of the first passes to the next."""
        steps = {name: {b - a for a, b in pairwise(seen)} for name, seen in self.places.items()}
        return frozenset(name for name, found in steps.items() if len(found) == 1 and 0 not in found)

    def learn(self, changed: tuple[Change, ...], running: Sequence[Site], frame: FrameType) -> None:
        """Note what a pass has changed, in these loops that run."""
        self.looks += 1
        self.depth = len(running)
        around = frozenset(running)
        if around != self.around or len(changed) > len(self.changed):  # else of frames that are no more
            self.around, self.changed = around, changed
        found = handed_on(self, changed, frame)
        self.carried = tuple(one for one in found if not one.single)
        self.numbers = tuple(one for one in found if one.single)


@dataclass(eq=False)
class Run:
    """A loop that runs now."""

    loop: Loop
    frame: FrameType
    iterable: Any
    handling: BaseException | None  # exception that was being handled as it began
    passes: int = 0
    asks: bool = False  # a pass has begun, of which the condition is not known to hold
    look: Look | None = None  # at what was there as the pass began
    since: float = 0.0
    piece: Piece | None = None  # that is being recorded
    seen_by: Recording | None = None  # to which its passes are told
    ends: Ends = field(default_factory=list)  # of its passes in what is being recorded
    waiting: list[Run] = field(default_factory=list)  # inside of it, in generators that have yielded

    def is_of(self, site: Site, frame: FrameType) -> bool:
        """Whether it is the run of that loop in that frame."""
        return self.loop.site is site and self.frame is frame

    @property
    def may_wait(self) -> bool:
        """Whether it may go on after something else went on: in a generator, or a coroutine."""
        return bool(self.frame.f_code.co_flags & YIELDING)

    def note_end(self, recording: Recording) -> None:
        """A pass is over that has been written down."""
        if len(self.ends) < MOST_ENDS:
            self.ends.append((len(recording.drafts), len(recording.values.unseen)))


def line_of(site: Site) -> int:
    """The line of a loop or statement."""
    node: Any = site.node
    line: int = node.lineno
    return line


def told(site: Site) -> str:
    """A loop or statement, as it is told: its first line."""
    node: Any = site.node
    text = head_of(node) if hasattr(node, "body") and hasattr(node, "orelse") else site.file.segment(node)
    return text if len(text) <= 60 else f"{text[:59]}…"


def overlaps(change: Change, before: dict[Path, Change]) -> bool:
    """Whether a pass changed cells that the one before had changed, too."""
    earlier = next((before[path] for path in change.paths if path in before), None)
    if earlier is None or earlier.cells is None or change.cells is None:
        return False
    same = earlier.cells.shape == change.cells.shape
    return not same or bool((earlier.cells & change.cells).any())


def is_changed_by(loop: Loop, wanted: Change) -> bool:
    """Whether one pass of a loop changes an array, and not one place of it after the other."""
    paths = set(wanted.paths)
    for change in loop.changed:
        if paths & set(change.paths):
            names = [name for _, name in change.paths]
            filled = any(fills(loop.site.node, name, loop.counting) for name in names)
            return not change.grown and not filled and not any(map(loop.sums_up, names))
    return False


def is_through_objects(loop: Loop, frame: FrameType) -> bool:
    """Whether it goes through objects of the program's own classes: over layers, one after the other."""
    target = getattr(loop.site.node, "target", None)
    names = (
        {one.id for one in leaves_of(target) if isinstance(one, ast.Name)} if target is not None else set()
    )
    return any(name in names and is_own(type(value), loop.watches) for name, value in own_names(frame))


def handed_on(loop: Loop, changed: tuple[Change, ...], frame: FrameType) -> tuple[Change, ...]:
    """Of what a pass changed, what it hands on to the next one; not where each goes to other cells."""
    if is_through_objects(loop, frame):
        return ()
    mixes = shuffles(loop.site.file.text) and loop.looks < MIXED_LOOKS
    own, node = owner_of(frame), loop.site.node
    found = [
        one
        for one in changed
        if not (one.shuffled and mixes)
        and not one.grown
        and any(
            not loop.gives_out if at != own else carries(node, name) and not loop.sums_up(name)
            for at, name in one.paths
        )
    ]
    sparse, before = [one for one in found if one.share < WHOLE], loop.sparse
    loop.sparse = tuple(sparse)
    known = {path: one for one in before for path in one.paths}
    return tuple(one for one in found if overlaps(one, known) or _is_of_whole(loop, one))


def _is_of_whole(loop: Loop, change: Change) -> bool:
    """Whether a pass makes most of an array or all of it anew, or writes into it what is made of all that it holds.

    So is a state that is repaired cell by cell, until all of them agree.
    """
    if change.share >= WHOLE or change.replaced:
        return True
    return loop.piece is not None and use_of(loop.piece, [{name for _, name in change.paths}]).on_whole


def may_write(run: Run) -> bool:
    """Whether the rest of a pass may still change what was there as it began, as far as its text says."""
    if run.look is None:
        return False
    node, owner = run.loop.site.node, owner_of(run.frame)
    names = {name for held in run.look.held if held.shape for at, name in held.paths if at == owner}
    return any(carries(node, name) and writes(node, name) for name in names if name.isidentifier())


def only_adds(loop: Loop, carried: tuple[Change, ...]) -> bool:
    """Whether a pass of a loop does nothing with what is carried but add to it, as one that sums up products does."""
    known, piece = loop.added, loop.piece
    if (
        known is None
        or known[0] is not carried
        or known[1] is not piece
        or piece is None
        or piece.stop is None
    ):
        loop.added = known = (carried, piece, _only_adds(loop, carried))
    return known[2]


def _only_adds(loop: Loop, carried: tuple[Change, ...]) -> bool:
    arrays = [{name for _, name in one.paths} for one in carried]
    if loop.piece is None:  # it was too much to be written down
        return bool(arrays) and all(any(adds_to(loop.site.node, name) for name in names) for names in arrays)
    return use_of(loop.piece, arrays).only_adds


def is_preparation(run: Run, carried: tuple[Change, ...]) -> bool:
    """Whether a loop only adds up what another one may use that comes after it; not where it may go on for ever."""
    ends = hasattr(run.iterable, "__len__") and len(run.iterable) <= MOST_SAMPLES
    return (ends or run.passes < MOST_ADDED) and only_adds(run.loop, carried)


def innermost(loops: Iterable[Loop], outer: Loop, carried: tuple[Change, ...]) -> Loop:
    """The innermost loop of which one pass changes all that the outer one carries; one that only adds to it, if need be."""
    inside = [one for one in loops if one is not outer and outer.site in one.around] if carried else []
    own = [one for one in inside if not one.gives_out]
    able = [outer, *(one for one in own if all(is_changed_by(one, each) for each in carried))]
    learn = [one for one in able if not only_adds(one, carried)]
    return max(learn or able, key=lambda one: one.depth)


def owner_of(frame: FrameType) -> int:
    """Whose the names of a frame are."""
    return id(frame) if frame.f_code.co_flags & inspect.CO_OPTIMIZED else id(frame.f_globals)


def outermost(loops: Iterable[Loop], outer: Loop, carried: tuple[Change, ...]) -> Loop | None:
    """The outermost loop, of those that were looked at, of which one pass changes all that the outer one carries."""
    around = [one for one in loops if outer.site in one.around or one is outer]
    known = [one for one in around if one.looks and (one is outer or not one.gives_out)]
    able = [one for one in known if all(is_changed_by(one, each) for each in carried)]
    return min(able, key=lambda one: one.depth, default=None)
