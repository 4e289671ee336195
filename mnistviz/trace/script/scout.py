"""Finds the loop that learns while a script runs, and keeps what one pass of it did.

An outermost loop whose passes hand arrays on, one to the next, learns; told is one pass of the innermost
loop in it of which a single pass changes all of them: of a loop over minibatches, not of one over epochs,
and not of one over layers, time or samples.  Since the first pass is to be told and nobody knows yet which
loop it will be, the run is recorded from the start, up to a limit; what is not wanted is let go.
"""

from __future__ import annotations

import ast
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, FrameType
from typing import Any

from mnistviz.trace.model import Trace
from mnistviz.trace.recording import watchers
from mnistviz.trace.recording.exchange import Exchange
from mnistviz.trace.recording.recording import Recording
from mnistviz.trace.script.animation import Animation, makes_animations, noting
from mnistviz.trace.script.cutting import Piece, cut, piece_from
from mnistviz.trace.script.following import is_to_go_on, with_following
from mnistviz.trace.script.kept import Kept, kept_for
from mnistviz.trace.script.loops import (
    NOTED,
    Loop,
    Run,
    Wish,
    handed_on,
    innermost,
    is_preparation,
    may_write,
    outermost,
)
from mnistviz.trace.script.reach import Change, Look, Modules, Path, flat_among, reach_of
from mnistviz.trace.source.sites import Site

MEMORY = 2 * 2**30  # bytes that the values of a recording may take
MOST_UNASKED = 20_000  # operations that are written down of a run before it is known what is wanted
MEMORY_UNASKED = 2**29
PATIENCE_PASSES = 2_000  # of an inner loop, after which the outer one's first pass is not waited for
PATIENCE_SECONDS = 20.0
LOOKED_AT = (1, 2, 3, 10, 100)  # passes of a loop of which it is seen what they change
MOST_EMPTY = 100  # first passes that may do nothing: the first that does something is told instead
MOST_FLAT = 100  # first passes that may begin with hardly anything but equal numbers in what is handed on


class RunEnded(SystemExit):
    """The script has done what was wanted of it."""


@dataclass(eq=False)
class Scout:
    """Hears the hooks of a script."""

    exchange: Exchange
    wish: Wish
    modules: Modules
    stop: FrameType | None = None  # that runs the script
    recording: Recording | None = None
    trace: Trace | None = None  # once it is made
    chosen: Piece | None = None
    target: Loop | None = None  # the loop of which a pass is waited for
    ended: bool = False
    stack: list[Run] = field(default_factory=list)
    loops: dict[Site, Loop] = field(default_factory=dict)
    spots: int = 0  # runs of the chosen statement
    spot: Piece | None = None
    carried: tuple[str, ...] = ()
    kept: Kept | None = None
    short: Piece | None = None  # of which the passes after it are waited for
    whole: Piece | None = None  # the whole script, or the frame of its animation
    asked_for: str = ""  # the function that the script had recorded itself
    frame_of: str = ""  # the function that draws that
    animations: list[Animation] = field(default_factory=list)
    spot_node: Any = None  # of the source, that was named
    handling: BaseException | None = None  # exception that was, as the statement was reached
    _thread: int = field(default_factory=threading.get_ident)

    # What the hooks tell

    def began(self, site: Site, frame: FrameType, iterable: Any) -> None:
        """A loop is about to begin."""
        if threading.get_ident() == self._thread:
            self.caught()
            loop = self.loops.setdefault(site, Loop(site, frame.f_code, self.exchange.watches))
            loop.sparse = ()
            self.stack.append(Run(loop, frame, iterable, sys.exception()))

    def passed(self, site: Site, frame: FrameType) -> None:
        """A pass begins, and the one before is over."""
        if threading.get_ident() != self._thread:
            return
        self.caught()
        run = self._top(site, frame)
        if run is None:
            return
        if run.passes:
            self._pass_over(run)
        run.passes += 1
        run.loop.passes += 1
        run.asks = isinstance(site.node, ast.While)
        self._pass_begins(run)

    def inside(self, site: Site, frame: FrameType) -> None:
        """The condition of a loop holds: what began is a pass."""
        run = self._top(site, frame) if threading.get_ident() == self._thread else None
        if run is not None:
            run.asks = False

    def left(self, site: Site, frame: FrameType) -> None:
        """A loop is over; where an exception goes on its way, so is its last pass not."""
        if threading.get_ident() != self._thread:
            return
        run = self._top(site, frame)
        if run is None:
            return
        if run.asks:
            self._unbegin(run)
        elif run.passes and not self.ended and sys.exception() is run.handling:
            self._pass_over(run)
        self.stack.pop()
        ends = self.ended or isinstance(sys.exception(), KeyboardInterrupt)
        if self.short is not None and self.short.ends is run.ends and not ends:
            self._take(self.short)  # no more passes are to come, whatever ended them

    def reached(self, site: Site, frame: FrameType) -> None:
        """The chosen statement is about to run."""
        if threading.get_ident() != self._thread:
            return
        self.caught()
        self.spots, self.handling = self.spots + 1, sys.exception()
        if self.spots == self.wish.first and self.spot is None:
            recording = self.record(frame, MEMORY)
            self.spot = piece_from(recording, site, frame, self.spots, 0)

    def finished(self, site: Site, frame: FrameType) -> None:
        """The chosen statement has run."""
        if self.spot is None or self.spot.site is not site or self.ended:
            return
        if sys.exception() is self.handling:
            self.finish(self.spot)

    def animating(self, kind: Any) -> Any:
        """What makes an animation is called; to save that would be to compute all of its frames."""
        own = threading.get_ident() == self._thread
        return noting(kind, self._animated) if own and makes_animations(kind) else kind

    def _animated(self, made: Animation) -> None:
        self.animations.append(made)
        made.shown.save = partial(self._saves, made.shown.save)

    def _saves(self, save: Callable[..., None], *arguments: Any, **options: Any) -> None:
        if not self.tells_a_frame:
            return save(*arguments, **options)
        self.ended = True
        raise RunEnded

    @property
    def tells_a_frame(self) -> bool:
        """Whether a frame of an animation is wanted: where no loop of the script learns, and nothing is asked for."""
        learns = self.target is not None or any(one.carried for one in self.loops.values())
        return bool(self.animations) and self.wish.line is None and not self.wish.everything and not learns

    def caught(self) -> None:
        """End anew what is to end."""
        if self.ended and threading.get_ident() == self._thread:
            raise RunEnded

    # Recording

    def begin(self, program: CodeType, memory: int) -> Piece:
        """The script begins, or a part of it, and is written down."""
        self.recording = Recording(self.exchange, program, memory)
        self.recording.frames.stop = self.stop
        self.whole = Piece(self.recording, program, None, 1, 0, 0, 0, 0)
        watchers.listen(self.recording)
        return self.whole

    def record(self, frame: FrameType, memory: int) -> Recording:
        """Write down all that happens from now on."""
        self.recording = Recording(self.exchange, frame.f_code, memory)
        self.recording.frames.stop = self.stop
        for run in self.stack:
            run.ends = []
        watchers.listen(self.recording)
        return self.recording

    def silence(self) -> None:
        """Write down nothing more."""
        watchers.listen(None)
        self.recording = None

    def _take(self, piece: Piece) -> None:
        """The piece is what was wanted, with the passes after it where it is short: these are waited for."""
        if self.wish.number is None:
            runs = any(run.ends is piece.ends for run in self.stack) and self.recording is piece.recording
            self.short = piece
            if runs and piece.recording.stopped is None and is_to_go_on(piece):
                return
            with_following(piece)
        self.finish(piece)

    def finish(self, piece: Piece) -> None:
        """The piece is what was wanted: make its trace, and end the run."""
        watchers.listen(None)
        self._close(piece)
        if piece.stopped is not None:
            raise piece.stopped
        self.chosen = piece
        self.ended = True
        self.trace = cut(piece, self.carried)
        raise RunEnded

    def _close(self, piece: Piece) -> None:
        if piece.stop is None:
            piece.stop = len(piece.recording.drafts)
            piece.unseen_stop = len(piece.recording.values.unseen)
            piece.stopped = piece.recording.stopped

    # Passes

    def _top(self, site: Site, frame: FrameType) -> Run | None:
        """The run of a loop; what is above it has ended unheard, or waits in a generator until it is asked for more."""
        for place in range(len(self.stack) - 1, -1, -1):
            run = self.stack[place]
            if run.is_of(site, frame):
                run.waiting += [one for one in self.stack[place + 1 :] if one.may_wait]
                del self.stack[place + 1 :]
                return run
            resumed = next((one for one in run.waiting if one.is_of(site, frame)), None)
            if resumed is not None:
                run.waiting.remove(resumed)
                self.stack.append(resumed)
                return resumed
        return None

    def _pass_begins(self, run: Run) -> None:
        loop = run.loop
        wanted = loop.passes == self.wish.first
        if self.short is not None:
            return
        if self.target is not None:
            if self.target is loop and loop.passes >= self.wish.first and not self._is_still_flat(run):
                if self.kept is not None:
                    self.silence()  # what was written down of a first pass is not what is told
                self._record_pass(run, MEMORY)
        elif self.wish.line is not None:
            if loop.site.node is self.spot_node:
                self.target = loop
                self._pass_begins(run)
                return
        elif not self.wish.everything:
            self._check_limit()
            if loop.passes == run.passes <= NOTED:
                loop.note_places(run.frame)
            if loop.piece is None and wanted:
                self._record_pass(run, MEMORY_UNASKED)
            elif self.recording is not None and (loop.is_empty or loop.may_be_flat):
                run.piece = self._piece_of(run, self.recording)
                if not loop.is_empty:
                    loop.firsts[run.piece] = flat_among(loop.flat, self._reach(run.frame))
            if loop.passes in LOOKED_AT and not loop.carried:
                run.look, run.since = Look(self._reach(run.frame)), time.monotonic()
                if loop.passes == 1:
                    loop.flat = run.look.flat
            elif loop.passes % PATIENCE_PASSES == 0 or self._is_late():
                self._decide_early()
        run.seen_by = self.recording or run.seen_by

    def _unbegin(self, run: Run) -> None:
        """What began is no pass: the condition does not hold."""
        run.loop.passes -= 1
        if run.piece is not None and run.loop.piece is run.piece:
            run.loop.piece = None
            if self.target is run.loop:
                self.silence()

    def _record_pass(self, run: Run, memory: int) -> None:
        """Keep this pass: as a piece of what is recorded anyway, or by a recording of its own."""
        recording = self.recording
        if recording is None:
            recording = self.record(run.frame, memory)
            recording.enter(run.loop.site, run.frame, run.iterable)
        run.piece = run.loop.piece = self._piece_of(run, recording)

    def _piece_of(self, run: Run, recording: Recording) -> Piece:
        """The pass that begins."""
        around = sum(one.seen_by is recording for one in self.stack if one is not run)
        piece = piece_from(recording, run.loop.site, run.frame, run.loop.passes, around + 1)
        piece.ends, piece.place = run.ends, len(run.ends)
        return piece

    def _check_limit(self) -> None:
        """Stop writing down what is too much, or holds too much."""
        recording = self.recording if self.target is None else None
        if recording is not None and (len(recording.drafts) > MOST_UNASKED or recording.stopped is not None):
            for loop in self.loops.values():
                if loop.piece is not None and loop.piece.stop is None:
                    loop.piece = None
            for run in self.stack:
                run.piece = None
            self.whole = None
            self.silence()

    def _pass_over(self, run: Run) -> None:
        loop = run.loop
        self._check_limit()
        if self.recording is not None and self.recording.stopped is None:
            run.note_end(self.recording)
        waits = self.kept if self.target is loop and run.piece is None else None
        if waits is not None and not waits.goes_on(self.recording, run.ends):
            self.silence()
        if self.short is not None:
            if self.short.ends is run.ends:
                self._take(self.short)
            return
        piece, run.piece = run.piece, None
        if piece is not None:
            self._close(piece)
            if loop.is_empty and piece.size > 1 and self.target is None:
                loop.piece = piece
            if piece not in loop.firsts:
                loop.is_empty = self.wish.number is None and piece.size < 2 and loop.passes < MOST_EMPTY
            if self.target is loop and not (self.kept is not None and self.kept.has_more(piece)):
                self._take(piece)
        look, run.look = run.look, None
        if self.target is not None:
            return
        if look is not None:
            loop.learn(
                tuple(look.changes(self._reach(run.frame))), [one.loop.site for one in self.stack], run.frame
            )
        patient = loop.passes == PATIENCE_PASSES and not loop.adds_numbers
        carried = loop.carried or (loop.numbers if patient else ())
        around = any(one.loop.may_carry for one in self.stack[: self.stack.index(run)])
        if carried and not around and not is_preparation(run, carried):
            self.decide(loop, carried)

    # Deciding

    def decide(self, outer: Loop, carried: tuple[Change, ...]) -> None:
        """Take the innermost loop of which one pass changes all that is carried."""
        chosen = innermost(self.loops.values(), outer, carried)
        self.carried = tuple(sorted({name for one in carried for _, name in one.paths}))
        self.target = chosen
        piece = chosen.piece
        run = next((one for one in self.stack if one.loop is chosen), None)
        if piece is not None and piece.stop is not None:
            if self.wish.number is None:
                self.kept = kept_for(
                    piece, chosen, carried, self._reach(run.frame) if run is not None else {}
                )
            better = self.kept.better(chosen) if self.kept is not None else piece
            if better is not None:
                self._take(better)
                return
        goes_on = self.kept is not None and run is not None and self.kept.goes_on(self.recording, run.ends)
        if piece is None or run is None or (run.piece is not piece and not goes_on):
            self.silence()  # the wanted pass is still to come

    def _is_still_flat(self, run: Run) -> bool:
        """Whether a pass begins with nothing but equal numbers, as the first one did, and a later one will do."""
        if self.kept is None:
            return False
        flat = self.kept.is_flat(self._reach(run.frame), wholly=(last := run.loop.passes > MOST_FLAT))
        if flat and last:
            with_following(self.kept.piece)
            self.finish(self.kept.piece)
        return flat

    def _is_late(self) -> bool:
        since = next((run.since for run in self.stack if run.look is not None), None)
        return since is not None and time.monotonic() - since > PATIENCE_SECONDS

    def _decide_early(self) -> None:
        """Without waiting for the end of an outer loop's pass: by what has changed so far."""
        for run in self.stack:
            run.since = time.monotonic()
            carried = run.loop.carried
            if not carried and run.look is not None and run is not self.stack[-1]:
                changed = tuple(run.look.changes(self._reach(run.frame)))
                carried = tuple(one for one in handed_on(run.loop, changed, run.frame) if not one.single)
            if not carried and run is not self.stack[-1] and may_write(run):
                return
            if not carried:
                continue
            first = outermost(self.loops.values(), run.loop, carried)
            if first is not None and not is_preparation(run, carried):
                self.decide(first, carried)
            return

    def _reach(self, frame: FrameType) -> dict[Path, Any]:
        return reach_of(frame, self.stop, self.exchange.watches, self.modules.now())
