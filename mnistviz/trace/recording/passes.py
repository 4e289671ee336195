"""Which pass of each loop is running: counted exactly, by watching the taught frames that hold loops."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from mnistviz.trace.source.spans import LOOPS, Site, Sources, position_of

CO_GENERATOR = 0x20


class Passes:
    """Counts of the loops of each running frame."""

    def __init__(self, sources: Sources, taught: Callable[[str], bool]) -> None:
        self._sources = sources
        self._taught = taught
        self._starts: dict[CodeType, dict[int, ast.AST]] = {}
        self._inner: dict[ast.AST, list[ast.AST]] = {}
        self._previous: Any = None
        self._counts: dict[int, dict[ast.AST, int]] = {}
        self._watching = False

    def __enter__(self) -> Passes:
        self._previous = (
            sys.gettrace()
        )  # a debugger's or coverage's: it sleeps while the function is recorded
        self._watching = True
        self.resume()
        return self

    def __exit__(self, *_: object) -> None:
        self._watching = False
        sys.settrace(self._previous)
        self._counts.clear()

    def pause(self) -> None:
        """Nothing is watched while the recorder itself works: each call in it would cost a microsecond."""
        if self._watching:
            sys.settrace(None)

    def resume(self) -> None:
        """The frames go on being watched."""
        if self._watching:
            sys.settrace(self._call)

    def of(self, site: Site, frame: FrameType) -> tuple[int, ...]:
        """Pass numbers, from 1, of the loops around a site, outermost first."""
        if not site.loops:
            return ()
        found: list[int] = []
        at: FrameType | None = frame
        for loop in reversed(site.loops):
            while at is not None and loop not in self._counts.get(id(at), {}):
                if not at.f_code.co_name.startswith("<"):
                    at = None
                    break
                at = at.f_back  # a comprehension's frame is inside that of its function
            if at is None:
                break
            found.append(self._counts[id(at)][loop])
        return tuple(reversed(found))

    def _call(self, frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if not self._taught(code.co_filename):
            return None
        starts = self._starts.get(code)
        if starts is None:
            starts = self._starts[code] = self._find(code)
        if not starts:
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        if not (code.co_flags & CO_GENERATOR and id(frame) in self._counts):
            self._counts[id(frame)] = {}
        return self._instruction

    def _instruction(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "opcode":
            loop = self._starts[frame.f_code].get(frame.f_lasti)
            if loop is not None:
                counts = self._counts.setdefault(id(frame), {})
                counts[loop] = counts.get(loop, 0) + 1
                for inner in self._inner[loop]:
                    counts.pop(inner, None)
        elif event == "return" and not frame.f_code.co_flags & CO_GENERATOR:
            self._counts.pop(id(frame), None)
        return self._instruction

    def _find(self, code: CodeType) -> dict[int, ast.AST]:
        """The instruction that starts a pass of each loop of the code."""
        file = self._sources.file(code.co_filename)
        if file is None:
            return {}
        positions = list(code.co_positions())
        starts: dict[int, ast.AST] = {}
        for node in file.loops:
            mark = position_of(node.body[0] if isinstance(node, ast.While) else node.target)  # type: ignore[attr-defined]
            for at, position in enumerate(positions):
                if None not in position and _within(position, mark):
                    starts[2 * at] = node
                    self._inner[node] = [n for n in ast.walk(node) if isinstance(n, LOOPS) and n is not node]
                    break
        return starts


def _within(position: Any, mark: tuple[int, int, int, int]) -> bool:
    first, last, start, end = position
    return (mark[0], mark[2]) <= (first, start) and (last, end) <= (mark[1], mark[3])
