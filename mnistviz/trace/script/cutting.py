"""One pass of a loop, cut out of what was recorded: a trace of its own."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from types import CodeType, FrameType

from mnistviz.trace.memory import Snapshot
from mnistviz.trace.model import Trace
from mnistviz.trace.recording.build import build
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.outputs import Draft
from mnistviz.trace.recording.recording import Recording
from mnistviz.trace.source.sites import Site

Ends = list[tuple[int, int]]  # how many operations there were as each pass was over, and how much was unseen


@dataclass(eq=False)
class Piece:
    """A pass of a loop or several, one run of a statement, or a whole script, in a recording."""

    recording: Recording
    code: CodeType  # that it is in
    site: Site | None  # None: the whole script
    number: int  # of the pass, from 1
    start: int  # its first operation
    unseen: int  # how much was unseen before
    loops: int  # around it and itself, as the recording has seen them
    calls: int  # that lead to it
    stop: int | None = None  # after its last operation; None while it runs
    unseen_stop: int = 0
    stopped: BaseException | None = None  # why the recording ended in the middle of it
    ends: Ends = field(default_factory=list)  # of the passes of its run that have been written down
    place: int = 0  # of its own end among them
    passes: int = 1  # it and those right after it

    @property
    def size(self) -> int:
        """How many operations it has, once it is over."""
        return (self.start if self.stop is None else self.stop) - self.start

    @property
    def makes_arrays(self) -> bool:
        """Whether anything but single numbers is made in it, so far."""
        drafts = self.recording.drafts[self.start : self.stop]
        return any(made.snapshot.array.ndim for one in drafts for made in one.outputs)


def piece_from(recording: Recording, site: Site, frame: FrameType, number: int, loops: int) -> Piece:
    """What begins now; `loops` are around it, as the recording has seen them."""
    start, unseen = len(recording.drafts), len(recording.values.unseen)
    calls = recording.places.depth(frame)
    return Piece(recording, frame.f_code, site, number, start, unseen, loops, calls)


def cut(piece: Piece, carried: Iterable[str] = (), error: BaseException | None = None) -> Trace:
    """The trace of a piece; `carried` are the names of what it hands on.  The recording is used up."""
    recording = piece.recording
    drafts = recording.drafts[piece.start : piece.stop]
    inside = piece.loops - (piece.passes > 1)  # of several passes it is told which one it is
    _shift(drafts, piece.start)
    for draft in drafts:
        way = draft.way
        calls, turns = way.calls[piece.calls :], way.turns[inside:]
        draft.way = replace(way, calls=calls, turns=turns, variables=way.variables[inside:])
    own = copy.copy(recording)
    if piece.passes > 1:
        _count_from(drafts, piece)
        own.handed_on = list(_by_pass(drafts, set(carried)))
    own.code, own.drafts = piece.code, drafts
    own.values = copy.copy(recording.values)
    own.values.unseen = recording.values.unseen[piece.unseen : piece.unseen_stop or None]
    own.arguments = list(_given(drafts, set(carried)))
    return build(own, list(_handed_on(drafts, set(carried))), error)


def _count_from(drafts: list[Draft], piece: Piece) -> None:
    """Passes are counted over all runs of the loop, as `--pass` counts them; what one goes through is in none."""
    inside = [one for one in drafts if one.way.turns]
    before = piece.number - inside[0].way.turns[0] if inside else 0
    for draft in inside:
        first, *rest = draft.way.turns
        draft.way = replace(draft.way, turns=(first + before, *rest))


def _shift(drafts: list[Draft], start: int) -> None:
    """What was made before the piece comes from outside; what is made in it is counted from its start."""
    snapshots = {one.id: one for draft in drafts for one in _snapshots(draft)}
    for snapshot in snapshots.values():
        if snapshot.made_by is not None:
            inside = snapshot.made_by >= start
            snapshot.made_by = snapshot.made_by - start if inside else None
            if not inside and snapshot.origin in ("result", "created"):
                snapshot.origin = "outside"
        if snapshot.changed_by is not None:
            snapshot.changed_by = snapshot.changed_by - start if snapshot.changed_by >= start else None
        if snapshot.view_of is not None and snapshot.view_of not in snapshots:
            snapshot.view_of = None


def _snapshots(draft: Draft) -> Iterator[Snapshot]:
    for mention in (*draft.inputs, *draft.outputs):
        yield mention.snapshot
        if mention.before is not None:
            yield mention.before


def _given(drafts: list[Draft], names: set[str]) -> Iterator[Mention]:
    """What was there under those names when the piece began."""
    made: set[int] = set()
    found: set[str] = set()
    for draft in drafts:
        for mention in draft.inputs:
            if mention.name in names - found and mention.snapshot.id not in made:
                found.add(mention.name)
                yield Mention(mention.snapshot, mention.name)
        made |= {mention.snapshot.id for mention in draft.outputs}


def _handed_on(drafts: list[Draft], names: set[str]) -> Iterator[Mention]:
    """What is there under those names when it is over."""
    last = {mention.name: mention.snapshot for draft in drafts for mention in draft.outputs}
    yield from (Mention(last[name], name) for name in sorted(names & last.keys()))


def _by_pass(drafts: list[Draft], names: set[str]) -> Iterator[Mention]:
    """What is there under those names when each of several passes is over."""
    last = {(one.name, draft.way.turns[:1]): one.snapshot for draft in drafts for one in draft.outputs}
    yield from (Mention(snapshot, name) for (name, _), snapshot in last.items() if name in names)
