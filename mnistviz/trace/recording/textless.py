"""Code whose text is not to be had (piped into Python): its lines are written from the names in the byte code.

The positions are the true ones; the words are not: `h = w @ x + 1` is shown as `h = (w, x, 1)`.
"""

from __future__ import annotations

import dis
from types import CodeType

from mnistviz.trace.model import SourceFile, Span
from mnistviz.trace.source.spans import Site, Sources, Target

STORES = ("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF")
LOADS = ("LOAD_FAST", "LOAD_NAME", "LOAD_DEREF", "LOAD_CONST", "LOAD_CLOSURE")


class Textless:
    """Sites of code whose text is not to be had; a line of names stands in for it."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._sites: dict[tuple[CodeType, int], Site] = {}
        self._lines: dict[str, dict[int, str]] = {}

    def site(self, code: CodeType, instruction: int) -> Site:
        """A site whose text is made of the names that the instruction works with."""
        key = (code, instruction)
        if key not in self._sites:
            self._sites[key] = self._make(code, instruction)
        return self._sites[key]

    def source_files(self) -> tuple[SourceFile, ...]:
        """The texts that were made."""
        return tuple(
            SourceFile(name, "\n".join(lines.get(n, "") for n in range(1, max(lines) + 1)) + "\n")
            for name, lines in self._lines.items()
        )

    def _make(self, code: CodeType, instruction: int) -> Site:
        position = self._sources.position(code, instruction)
        line, _, start, end = (part or 0 for part in position)
        line = line or code.co_firstlineno
        name = code.co_filename.strip("<>")
        target, returned = _stored(code, instruction)
        text = f"({', '.join(_loaded(code, (line, start, end)))})"
        shown = " " * 4 + (f"{target} = {text}" if target else text)
        lines = self._lines.setdefault(name, {})
        lines.setdefault(code.co_firstlineno, f"def {code.co_name}():")
        if len(shown) > len(lines.get(line, "")):
            lines[line] = shown
        span = Span(name, line, 4, line, len(shown))
        last = max((at for _, _, at in code.co_lines() if at), default=line)
        whole = Span(name, code.co_firstlineno, 0, last, len(shown))
        function = code.co_qualname.replace(".<locals>", "")
        return Site(None, text, span, span, function, whole, Target(target, returned=returned))


def _stored(code: CodeType, instruction: int) -> tuple[str, bool]:
    """The name that the result goes to, and whether it is returned."""
    steps = (step for step in dis.get_instructions(code) if step.offset > instruction)
    after = next((step for step in steps if step.opname != "CACHE"), None)
    if after is None:
        return "", False
    return (str(after.argval) if after.opname in STORES else ""), after.opname == "RETURN_VALUE"


def _loaded(code: CodeType, at: tuple[int, int, int]) -> list[str]:
    """Variables and constants that are loaded within a position."""
    line, start, end = at
    found = []
    for step in dis.get_instructions(code):
        place = step.positions
        if place is None or place.lineno != line or step.opname not in LOADS:
            continue
        if start <= (place.col_offset or 0) and (place.end_col_offset or 0) <= end:
            found.append(step.argrepr)
    return found
