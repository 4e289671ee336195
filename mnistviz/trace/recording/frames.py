"""Frames of watched code: who called whom, and at which expression each one stands."""

from __future__ import annotations

import ast
import dis
import sys
from types import CodeType, FrameType
from typing import Any

from mnistviz.trace.recording.exchange import Exchange
from mnistviz.trace.source.sites import Loop, Site
from mnistviz.trace.source.text import SourceText

FOR_ITER, CACHE = dis.opmap["FOR_ITER"], dis.opmap["CACHE"]
PASSES_AT_LOOPS = sys.version_info < (3, 13)
COMPREHENDED = ("<listcomp>", "<setcomp>", "<dictcomp>")  # have a frame of their own before Python 3.12


class Frames:
    """Reads frames of watched code."""

    def __init__(self, exchange: Exchange) -> None:
        self.stop: FrameType | None = None  # the frame that called the recorded function
        self._exchange = exchange
        self._sites: dict[tuple[int, int], Site | None] = {}
        self._selves: dict[int, str] = {}  # first parameter of a method, by the code's id

    def caller(self, frame: FrameType) -> FrameType | None:
        """The nearest frame of watched code that called it."""
        outer = frame.f_back
        while outer is not None and outer is not self.stop:
            if self._exchange.runs(outer.f_code):
                return outer
            outer = outer.f_back
        return None

    def callers(self, frame: FrameType) -> list[tuple[FrameType, Site]]:
        """Watched frames that called it and where they are, innermost first."""
        found: list[tuple[FrameType, Site]] = []
        outer = self.caller(frame)
        while outer is not None:
            site = self.site(outer.f_code, outer.f_lasti)
            if site is not None:
                found.append((outer, site))
            outer = self.caller(outer)
        return found

    def site(self, code: CodeType, instruction: int) -> Site | None:
        """The expression of the source that an instruction is of; None where nobody knows."""
        key = (id(code), instruction)
        if key not in self._sites:
            self._sites[key] = self._find(code, instruction)
        return self._sites[key]

    def _find(self, code: CodeType, instruction: int) -> Site | None:
        text = self._exchange.text(code)
        if text is None:
            return None
        positions = list(code.co_positions())
        position: Any = positions[instruction // 2]
        if None in position:
            return None
        node = _gone_through(text, code, positions, instruction) or text.find(position)
        return Site(text, node) if node is not None else None

    def first_parameter(self, code: CodeType) -> str:
        """What a method calls its object; "" for a function."""
        found = self._selves.get(id(code))
        if found is None:  # the code lives as long as its text is watched
            around = code.co_qualname.rpartition(".")[0]
            method = code.co_argcount > 0 and bool(around) and not around.endswith("<locals>")
            found = self._selves[id(code)] = code.co_varnames[0] if method else ""
        return found


def in_pass(loop: Site, frame: FrameType) -> FrameType | None:
    """The frame that goes through a loop of which a pass begins in a frame."""
    return frame.f_back if loop.starts_outside and frame.f_code.co_name in COMPREHENDED else frame


def at_loop(loop: Loop, frame: FrameType) -> FrameType | None:
    """The frame that goes through a loop around what runs in a frame."""
    return frame.f_back if loop.first and frame.f_code.co_name in COMPREHENDED else frame


def _gone_through(text: SourceText, code: CodeType, positions: list[Any], instruction: int) -> ast.AST | None:
    """What a loop goes through, where an instruction goes on in it and Python places that at the whole loop."""
    found = text.iterables.get(positions[instruction // 2], []) if PASSES_AT_LOOPS else []
    done, at = code.co_code, instruction
    while found and at > 0 and done[at] == CACHE:  # a frame may stand on what belongs to the instruction
        at -= 2
    if not found or done[at] != FOR_ITER:
        return None
    # A comprehension may have several loops, in the order of the text.
    same = [
        one for one in range(0, at, 2) if done[one] == FOR_ITER and positions[one // 2] == positions[at // 2]
    ]
    return found[len(same) % len(found)]
