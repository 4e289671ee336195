"""Where an operation ran, this time: call path, passes of loops and their variables, read from the frames."""

from __future__ import annotations

import ast
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

from mnistviz.trace.model import Source, Span
from mnistviz.trace.recording.exchange import Exchange
from mnistviz.trace.recording.frames import Frames, at_loop, in_pass
from mnistviz.trace.recording.kinds import ids
from mnistviz.trace.recording.names import Names
from mnistviz.trace.recording.trees import bound_nodes
from mnistviz.trace.recording.written_in_c import is_of_python
from mnistviz.trace.source.sites import COMPREHENSIONS, Loop, Site, Target
from mnistviz.trace.source.text import SourceText

INLINE = frozenset(["<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"])
NUMBERS = ids(bool, int, float, complex, str)


@dataclass(eq=False, slots=True)
class Way:
    """How the run came to an operation: the calls, and the passes of loops with what they bind."""

    now: Any = None  # for which frame, loops and callers that holds, until a loop goes on
    calls: tuple[Span, ...] = ()
    turns: tuple[int, ...] = ()
    variables: tuple[str, ...] = ()
    first: str = ""  # what the function calls the object that it runs on


@dataclass(eq=False, slots=True)
class Where:
    """Where an operation ran."""

    way: Way
    receiver: str
    thread: str
    name: str = ""  # that its result gets
    names: tuple[str, ...] = ()  # that its results get, where it has several


def source_of(site: Site, way: Way, receiver: str, thread: str) -> Source:
    """Where an operation ran, as the trace tells it."""
    return Source(
        site.expression, site.statement, site.function, site.function_span, way.calls, way.turns, way.variables,
        receiver, thread,
    )  # fmt: skip


class Places:
    """Says where operations run, and what their results are called."""

    def __init__(self, exchange: Exchange, frames: Frames, names: Names) -> None:
        self._exchange = exchange
        self._frames = frames
        self._names = names
        self._passes: dict[tuple[int, ast.AST], tuple[int, str]] = {}
        self._turned = 0  # how often a loop has begun or gone on
        self._way = Way()  # the latest one, which most operations share with the one before
        self._main = threading.get_ident()

    def place(self, site: Site, frame: FrameType) -> Where:
        """Where `site` runs, in `frame`."""
        callers = self._frames.callers(frame) if frame.f_back is not self._frames.stop else []
        where = self._where(site, frame, callers)
        where.name, where.names = site.fixed_names or self._target(site, frame, callers)
        return where

    def depth(self, frame: FrameType) -> int:
        """How many calls a place in `frame` has in its `Source.calls`."""
        return sum(not isinstance(site.node, COMPREHENSIONS) for _, site in self._frames.callers(frame))

    def failing(self, traceback: TracebackType | None) -> tuple[Site, FrameType, Source] | None:
        """The innermost watched place of an exception."""
        frames: list[tuple[FrameType, Site]] = []
        while traceback is not None:
            site = self._frames.site(traceback.tb_frame.f_code, traceback.tb_lasti)
            if site is not None:
                frames.append((traceback.tb_frame, site))
            traceback = traceback.tb_next
        if not frames:
            return None
        frame, site = frames[-1]
        where = self._where(site, frame, list(reversed(frames[:-1])))
        return site, frame, source_of(site, where.way, where.receiver, where.thread)

    def is_of_the_program(self, error: BaseException) -> bool:
        """Whether it was raised by code that would be watched: a signal's handler runs wherever Python is."""
        at = error.__traceback__
        while at is not None:
            if self._exchange.watches(at.tb_frame.f_code.co_filename):
                return True
            at = at.tb_next
        return False

    def enter(self, loop: Site, frame: FrameType) -> None:
        """A loop begins in a frame."""
        self._turned += 1
        self._passes[id(frame), loop.node] = (0, "")

    def turn(self, loop: Site, frame: FrameType, bound: tuple[Any, ...]) -> None:
        """A pass begins."""
        key = (id(in_pass(loop, frame)), loop.node)
        number = self._passes.get(key, (0, ""))[0] + 1
        self._turned += 1
        self._passes[key] = (number, _variables(loop, bound))

    def _where(self, site: Site, frame: FrameType, callers: list[tuple[FrameType, Site]]) -> Where:
        way = self._way
        came = [(id(at), caller) for at, caller in callers] if callers else None
        now = id(frame), self._turned, site.loops, came
        if way.now != now:
            way = self._way = self._way_to(site, frame, callers, now)
        receiver = self._names.receiver(way.first, frame) if way.first else ""
        thread = "" if threading.get_ident() == self._main else threading.current_thread().name
        return Where(way, receiver, thread)

    def _way_to(self, site: Site, frame: FrameType, callers: list[tuple[FrameType, Site]], now: Any) -> Way:
        calls: list[Span] = []
        found: list[tuple[int, str]] = []
        for at, caller in reversed(callers):
            if not isinstance(caller.node, COMPREHENSIONS):
                calls.append(caller.expression)
            found += self._passes_of(_own_loops(caller, at), at)
        found += self._passes_of(_own_loops(site, frame), frame)
        turns, variables = tuple([number for number, _ in found]), tuple([bound for _, bound in found])
        old = self._way
        return Way(
            now, _same(old.calls, tuple(calls)), _same(old.turns, turns), _same(old.variables, variables),
            self._frames.first_parameter(frame.f_code),
        )  # fmt: skip

    def _passes_of(self, loops: Sequence[Loop], frame: FrameType) -> list[tuple[int, str]]:
        """Pass numbers, from 1, of loops that a frame goes through, outermost first, and their variables."""
        found: list[tuple[int, str]] = []
        for loop in loops:
            seen = self._passes.get((id(at_loop(loop, frame)), loop.node))
            if seen is not None and seen[0]:
                found.append(seen)
        return found

    def _target(
        self, site: Site, frame: FrameType, callers: list[tuple[FrameType, Site]]
    ) -> tuple[str, tuple[str, ...]]:
        """The name that a result gets, or the names of several; a returned one's where the function was called."""
        target = site.target
        if not target.returned:
            return self._named(site.file, target, frame)
        place = target.place
        inner = frame
        for at, caller in callers:
            if inner.f_back is not at or is_of_python(caller.node, at):
                return "", ()
            inner = at
            target = caller.target
            if target.returned:
                place = target.place if place is None else place
                continue
            if place is None:
                return self._named(caller.file, target, at)
            names = self._named(caller.file, target, at)[1]
            return (names[place] if place < len(names) else ""), ()
        return "", ()

    def _named(self, file: SourceText, target: Target, frame: FrameType) -> tuple[str, tuple[str, ...]]:
        name = self._stored_name(file, target.node, frame) if target.node is not None else ""
        if not target.names:
            return name, ()
        return name, tuple([self._stored_name(file, one, frame) for one in target.names])

    def _stored_name(self, file: SourceText, node: ast.AST, frame: FrameType) -> str:
        """The name of what is assigned; the key of an item is not known before it is."""
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
            return file.segment(node)
        return self._names.name(file, node, frame)


def _own_loops(site: Site, frame: FrameType) -> Sequence[Loop]:
    """The loops around a site that its frame goes through; what is around a comprehension's frame, its caller does."""
    if not _inline(frame):
        return site.loops
    return [one for one in site.loops if one.inside is site.comprehension]


def _same(old: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    """The old one where both are equal: one is held then, not two."""
    return old if old == new else new


def _inline(frame: FrameType) -> bool:
    return frame.f_code.co_name in INLINE


def _variables(loop: Site, values: tuple[Any, ...]) -> str:
    """`i = 3` for a loop whose target is a number or a text, "" for others."""
    if not values:
        return ""
    plain = [
        f"{node.id} = {value!r}"
        for node, value in zip(bound_nodes(loop.node.target), values, strict=False)  # type: ignore[attr-defined]
        if id(type(value)) in NUMBERS and isinstance(node, ast.Name)
    ]
    return ", ".join(plain)
