"""Code without a text to show (standard input, `python -c`): lines are written from the byte code's names."""

from __future__ import annotations

import dis
from types import CodeType

from mnistviz.trace.model import SourceFile, Span
from mnistviz.trace.source import Site, Sources, Target

STORES = ("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF")


class Textless:
    """Sites of code whose text is not to be had; the line stands in for it."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._sites: dict[tuple[CodeType, int], Site] = {}
        self._lines: dict[str, dict[int, str]] = {}

    def site(self, code: CodeType, instruction: int) -> Site:
        """A site whose text is made of the names that the instruction's line mentions."""
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
        line = self._sources.position(code, instruction)[0] or code.co_firstlineno
        name = code.co_filename.strip("<>")
        target = _stored(code, instruction)
        text = " ".join(dict.fromkeys(_mentioned(code, line)))
        lines = self._lines.setdefault(name, {})
        lines.setdefault(code.co_firstlineno, f"def {code.co_name}(...):")
        shown = lines.setdefault(line, "    " + text)
        span = Span(name, line, 4, line, len(shown))
        function = code.co_qualname.replace(".<locals>", "")
        whole = Span(name, code.co_firstlineno, 0, max(at for _, _, at in code.co_lines() if at), len(shown))
        return Site(None, text, span, span, function, whole, Target(target))


def _stored(code: CodeType, instruction: int) -> str:
    after = [step for step in dis.get_instructions(code) if step.offset > instruction and step.opname != "CACHE"]
    return str(after[0].argval) if after and after[0].opname in STORES else ""


def _mentioned(code: CodeType, line: int) -> list[str]:
    found = []
    for step in dis.get_instructions(code):
        if step.positions is not None and step.positions.lineno == line and step.opname.startswith(("LOAD", "STORE")):
            found.append(str(step.argval if step.argval is not None else step.argrepr))
    return found
