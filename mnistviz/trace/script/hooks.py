"""Watched code that also says when a loop begins, begins a pass and ends, and when a chosen statement runs.

    for x in xs: ...     becomes  try: for x in began(loop, enter(..., xs)): passed(loop); ...
                                  finally: left(loop)
    while a: ...         becomes  try: while passed(loop) and a: inside(loop); ...
                                  finally: left(loop)
    except E: ...        becomes  except E: caught(); ...
    FuncAnimation(...)   becomes  animating(FuncAnimation)(...)

A script that is to end gets its `SystemExit` anew in each `except` that would keep it alive.
"""

from __future__ import annotations

import ast
import sys
from types import FrameType
from typing import Any, Protocol

from mnistviz.trace.recording.instrument import Instrumenter
from mnistviz.trace.recording.trees import before, copy, place_of, statement
from mnistviz.trace.source.sites import FUNCTIONS, Site
from mnistviz.trace.source.text import SourceText

ANIMATION = "FuncAnimation"  # matplotlib's class of what is computed frame by frame


class Hearer(Protocol):
    """Is told of loops, and of the chosen statement."""

    def began(self, loop: Site, frame: FrameType, iterable: Any) -> None:
        """A loop is about to go through something; None for a `while`."""

    def passed(self, loop: Site, frame: FrameType) -> None:
        """A pass begins."""

    def inside(self, loop: Site, frame: FrameType) -> None:
        """The pass that began is one: the condition of a `while` holds."""

    def left(self, loop: Site, frame: FrameType) -> None:
        """A loop is over, whatever ended it."""

    def reached(self, spot: Site, frame: FrameType) -> None:
        """The chosen statement begins."""

    def finished(self, spot: Site, frame: FrameType) -> None:
        """The chosen statement is over, whatever ended it."""

    def animating(self, kind: Any) -> Any:
        """An animation is to be made by calling this, of which a frame may be wanted; what is called instead."""

    def caught(self) -> None:
        """An exception was caught."""


_hearer: Hearer | None = None


def hear(hearer: Hearer | None) -> None:
    """Tell `hearer` from now on; None: nobody."""
    global _hearer
    _hearer = hearer


def began(loop: Site, iterable: Any, /) -> Any:
    """What a loop goes through."""
    if _hearer is not None:
        _hearer.began(loop, sys._getframe(1), iterable)
    return iterable


def passed(loop: Site, /) -> bool:
    """A pass of a loop begins."""
    if _hearer is not None:
        _hearer.passed(loop, sys._getframe(1))
    return True


def inside(loop: Site, /) -> None:
    """The condition of a loop holds."""
    if _hearer is not None:
        _hearer.inside(loop, sys._getframe(1))


def left(loop: Site, /) -> None:
    """A loop is over."""
    if _hearer is not None:
        _hearer.left(loop, sys._getframe(1))


def reached(spot: Site, /) -> None:
    """The chosen statement begins."""
    if _hearer is not None:
        _hearer.reached(spot, sys._getframe(1))


def finished(spot: Site, /) -> None:
    """The chosen statement is over."""
    if _hearer is not None:
        _hearer.finished(spot, sys._getframe(1))


def animating(kind: Any, /) -> Any:
    """What makes an animation."""
    return kind if _hearer is None else _hearer.animating(kind)


def caught() -> None:
    """An exception was caught."""
    if _hearer is not None:
        _hearer.caught()


class LoopHooks(Instrumenter):
    """Writes watchers and hooks into one file; `line` is that of the chosen statement, where it is in the file."""

    def __init__(self, file: SourceText, line: int | None = None) -> None:
        super().__init__(file)
        self._spot = None if line is None else spot_of(file.tree, line)
        self._animation: ast.expr | None = None  # what is called for one
        self._visits[ast.ExceptHandler] = self._handler
        self._call_seen = self._visits[ast.Call]
        self._visits[ast.Call] = self._called

    def visit(self, node: Any) -> Any:
        """The node with watchers and hooks in it."""
        made = super().visit(node)
        if node is self._animation:
            return self.made(node, animating, made)
        if self._spot is None or node is not self._spot or is_loop(node):
            return made
        site = self.site(node)
        begin = statement(node, self.made(node, reached, self.constant(node, site)))
        end = statement(node, self.made(node, finished, self.constant(node, site)))
        body = [begin, *(made if isinstance(made, list) else [made])]
        return ast.Try(body, [], [], [end], **place_of(node))

    def _for(self, node: Any) -> Any:
        made = super()._for(node)
        loop = self.site(node)
        entered = self.made(node.iter, began, self.constant(node.iter, loop), made.iter)
        begin = statement(node.target, self.made(node.target, passed, self.constant(node.target, loop)))
        return self._surrounded(node.target, loop, copy(made, iter=entered, body=[begin, *made.body]))

    def _while(self, node: ast.While) -> Any:
        entered, made = super()._while(node)
        loop = self.site(node)
        nothing = ast.Constant(None, **place_of(node.test))
        begin = statement(node.test, self.made(node.test, began, self.constant(node.test, loop), nothing))
        test = before(self.made(node.test, passed, self.constant(node.test, loop)), made.test)
        holds = statement(node.test, self.made(node.test, inside, self.constant(node.test, loop)))
        made = copy(made, test=test, body=[holds, *made.body])
        return [entered, begin, self._surrounded(node.test, loop, made)]

    def _surrounded(self, head: Any, loop: Site, made: Any) -> ast.Try:
        end = statement(head, self.made(head, left, self.constant(head, loop)))
        return ast.Try([made], [], [], [end], **place_of(made))

    def _called(self, node: ast.Call) -> Any:
        if getattr(node.func, "attr", getattr(node.func, "id", "")) == ANIMATION:
            self._animation = node.func
        return self._call_seen(node)

    def _handler(self, node: ast.ExceptHandler) -> Any:
        made = self.rebuilt(node)
        return copy(made, body=[statement(node, self.made(node, caught)), *made.body])


def is_loop(node: Any) -> bool:
    """Whether a node is a loop of statements."""
    return isinstance(node, ast.For | ast.AsyncFor | ast.While)


def spot_of(tree: ast.AST, line: int) -> ast.stmt | None:
    """The loop that starts on a line, else the smallest statement there; None where there is none to run."""
    found = [one for one in ast.walk(tree) if isinstance(one, ast.stmt) and _first_line(one) == line]
    loops = [one for one in found if is_loop(one)]
    if loops:
        return loops[0]
    around = [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.stmt)
        and not isinstance(one, (*FUNCTIONS, ast.ClassDef))
        and one.lineno <= line <= _last_line(one)
    ]
    return min(around, key=lambda one: _last_line(one) - one.lineno, default=None)


def _first_line(node: ast.stmt) -> int:
    return node.lineno


def _last_line(node: ast.stmt) -> int:
    """Of a statement with a body, the last line of its head."""
    body = getattr(node, "body", None)
    return max(node.lineno, body[0].lineno - 1) if body else (node.end_lineno or node.lineno)
