"""Where an operation stands in the source: from a running frame to the exact sub-expression.

`co_positions()` of a frame's code gives the span of the instruction that runs, to the byte; the syntax
tree of the file gives everything around it: the statement, the function, the loops, the name that the
result is assigned to and the names of the operands.  Looked up once for each instruction.
"""

from __future__ import annotations

import ast
import linecache
import os
import re
import stat
import sys
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import CodeType
from typing import Any

from mnistviz.errors import InputError
from mnistviz.trace.model import SourceFile, Span

Position = tuple[int, int, int, int]  # first line, last line, first byte, last byte
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension)
LONGEST_TEXT = 2**20  # bytes of a program on standard input


@dataclass(frozen=True, eq=False)
class Target:
    """Where the result of an expression goes: a name, a return (of element `place`), or neither."""

    name: str = ""
    names: tuple[str, ...] = ()  # of a tuple that it is unpacked into
    returned: bool = False
    place: int | None = None


@dataclass(frozen=True, eq=False)
class Site:
    """All that the source says about one instruction; the same for each time that it runs."""

    node: ast.AST | None
    text: str  # of the expression
    expression: Span
    statement: Span
    function: str
    function_span: Span
    target: Target
    loops: tuple[ast.AST, ...] = ()  # around the node in its function, outermost first
    file: SourceText | None = None


@dataclass(eq=False)
class SourceText:
    """A parsed source file, with the tables that answer "which node has this position?"."""

    name: str
    path: str
    text: str
    nodes: dict[Position, ast.AST] = field(default_factory=dict)
    ends: dict[tuple[int, int], ast.AST] = field(default_factory=dict)  # calls and attributes by their end
    statements: list[ast.stmt] = field(default_factory=list)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    loops: list[ast.AST] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = self.text.splitlines()
        for parent in ast.walk(ast.parse(self.text)):
            for node in ast.iter_child_nodes(parent):
                self.parents[node] = parent
            if isinstance(parent, ast.expr | ast.AugAssign):
                self.nodes.setdefault(position_of(parent), parent)
            if isinstance(parent, ast.For):  # the instruction that fetches a row has the place of the loop
                self.nodes.setdefault(position_of(parent), parent.iter)
            if isinstance(parent, LOOPS):
                self.loops.append(parent)
            if isinstance(parent, ast.Call | ast.Attribute):
                self.ends[position_of(parent)[1], position_of(parent)[3]] = parent
            if isinstance(parent, ast.stmt):
                self.statements.append(parent)

    @property
    def source_file(self) -> SourceFile:
        """The file as the trace keeps it."""
        return SourceFile(self.name, self.text, self.path)

    def holds(self, code: CodeType) -> bool:
        """Whether the code can be from this text: the texts that are called `<string>` are many."""
        line = self.lines[code.co_firstlineno - 1] if code.co_firstlineno <= len(self.lines) else ""
        return (
            not self.path.startswith("<")
            or code.co_name.startswith("<")
            or code.co_name in line
            or "@" in line
        )

    def find(self, position: Position) -> ast.AST | None:
        """The node of an instruction's position."""
        found = self.nodes.get(position)
        if found is None:  # a method call over several lines starts at the method's name
            found = self.ends.get((position[1], position[3]))
        return found or self._statement(position)

    def _statement(self, position: Position) -> ast.AST | None:
        """The innermost statement around a position: some Pythons do not place what is in an f-string."""
        first, last, _, _ = position
        around = [one for one in self.statements if one.lineno <= first and last <= (one.end_lineno or 0)]
        simple = [one for one in around if not hasattr(one, "body")]
        return simple[-1] if simple else None

    def span(self, node: ast.AST) -> Span:
        """Span of a node, columns in characters."""
        first, last, start, end = position_of(node)
        return Span(self.name, first, self.column(first, start), last, self.column(last, end))

    def column(self, line: int, byte: int) -> int:
        """Column in characters of a byte of a line."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return byte if text.isascii() else len(text.encode()[:byte].decode(errors="replace"))

    def segment(self, node: ast.AST) -> str:
        """Source text of a node, on one line."""
        span = self.span(node)
        if span.first_line == span.last_line:
            return self.lines[span.first_line - 1][span.first_column : span.last_column]
        lines = [line.split("#")[0] for line in self.lines[span.first_line - 1 : span.last_line]]
        lines[-1] = lines[-1][: span.last_column]
        lines[0] = lines[0][span.first_column :]
        text = " ".join(" ".join(lines).split())
        text = re.sub(r" \.(?=[^\W\d])", ".", text)
        return (
            text.replace(", )", ")")
            .replace("( ", "(")
            .replace(" )", ")")
            .replace("[ ", "[")
            .replace(" ]", "]")
        )

    def site(self, node: ast.AST) -> Site:
        """What the tree says about the node."""
        around = [node]
        while around[-1] in self.parents:
            around.append(self.parents[around[-1]])
        statement = next(n for n in around if isinstance(n, ast.stmt))
        function = next((n for n in around if isinstance(n, FUNCTIONS)), around[-1])
        within = around[: around.index(function)]
        shown = _assignment(node, self.parents.get(node))
        return Site(
            node=node,
            text=self.segment(shown),
            expression=self.span(shown),
            statement=self._header(statement),
            function=_qualified(around),
            function_span=self.span(function) if isinstance(function, FUNCTIONS) else self.span(statement),
            target=self._target(node),
            loops=tuple(reversed(_loops(within))),
            file=self,
        )

    def _header(self, statement: ast.stmt) -> Span:
        """Span of a statement; of a compound one only what stands before its body."""
        whole = self.span(statement)
        body = getattr(statement, "body", None)
        if not body:
            return whole
        heads = [getattr(statement, part, None) for part in ("test", "iter", "returns")]
        heads += [item.optional_vars or item.context_expr for item in getattr(statement, "items", [])]
        ends = [self.span(head) for head in heads if head is not None]
        if not ends:
            last = self.lines[whole.first_line - 1]
            return Span(self.name, whole.first_line, whole.first_column, whole.first_line, len(last))
        end = ends[-1]
        return Span(self.name, whole.first_line, whole.first_column, end.last_line, end.last_column)

    def _target(self, node: ast.AST) -> Target:
        if isinstance(node, ast.AugAssign):
            return Target(self.segment(node.target))
        parent = self.parents.get(node)
        while isinstance(parent, ast.IfExp) and node is not parent.test:
            node, parent = parent, self.parents.get(parent)
        if isinstance(parent, ast.NamedExpr):
            return Target(self.segment(parent.target))
        if isinstance(parent, ast.Tuple):
            return self._element(parent, node)
        if isinstance(parent, ast.Return | ast.Lambda):
            return Target(returned=True)
        if isinstance(parent, ast.Assign):
            return self._named(parent.targets[0])
        if isinstance(parent, ast.AnnAssign):
            return self._named(parent.target)
        return Target()

    def _element(self, parent: ast.Tuple, node: ast.AST) -> Target:
        place = parent.elts.index(node)  # type: ignore[arg-type]
        if isinstance(self.parents.get(parent), ast.Return):
            return Target(returned=True, place=place)
        targets = self._unpacked(parent)
        return self._named(targets[place]) if targets else Target()

    def _unpacked(self, values: ast.Tuple) -> list[ast.expr]:
        """The targets that the elements of a tuple are assigned to, one for one."""
        above = self.parents.get(values)
        target: ast.AST | None = None
        if isinstance(above, ast.Assign):
            target = above.targets[0]
        elif isinstance(above, ast.Tuple):
            outer = self._unpacked(above)
            target = outer[above.elts.index(values)] if outer else None
        found = target.elts if isinstance(target, ast.Tuple | ast.List) else []
        return found if len(found) == len(values.elts) else []

    def _named(self, target: ast.AST) -> Target:
        if isinstance(target, ast.Tuple | ast.List):
            return Target(names=tuple(self.segment(element) for element in target.elts))
        return Target(self.segment(target))


class Sources:
    """The files of a run, read once; from (code, instruction) to `Site`."""

    def __init__(self, home: str) -> None:
        self.home = home  # folder of the recorded function's file: names are relative to it
        self.files: dict[str, SourceText | None] = {}
        self._sites: dict[tuple[CodeType, int], Site | None] = {}
        self._positions: dict[CodeType, list[tuple[int | None, ...]]] = {}

    def site(self, code: CodeType, instruction: int) -> Site | None:
        """The site of a byte-code instruction; None where its source cannot be read."""
        key = (code, instruction)
        if key not in self._sites:
            self._sites[key] = self._find(code, instruction)
        return self._sites[key]

    def position(self, code: CodeType, instruction: int) -> tuple[int | None, ...]:
        """First line, last line, first byte and last byte of an instruction."""
        if code not in self._positions:
            self._positions[code] = list(code.co_positions())
        return self._positions[code][instruction // 2]

    def file(self, path: str) -> SourceText | None:
        """The parsed file; None where there is no text (standard input, `python -c`)."""
        if path not in self.files:
            self.files[path] = self._read(path)
        return self.files[path]

    def _find(self, code: CodeType, instruction: int) -> Site | None:
        position = self.position(code, instruction)
        file = self.file(code.co_filename)
        if file is None or None in position or not file.holds(code):
            return None
        node = file.find(position)  # type: ignore[arg-type]
        if node is None:
            raise InputError(
                f"{code.co_qualname} is not the function that the file holds now",
                f"{file.name} line {position[0]}",
                "the source changed after it was imported: start again",
            )
        return file.site(node)

    def _read(self, path: str) -> SourceText | None:
        linecache.checkcache(path)
        text = "".join(linecache.getlines(path)) or main_text(path)
        if not text:
            return None
        try:
            return SourceText(self._short(path), path, text)
        except (SyntaxError, ValueError):
            raise InputError(f"{path} is not Python any more", path, "start again after mending it") from None

    def _short(self, path: str) -> str:
        if path.startswith("<"):
            return path.strip("<>")
        try:
            return Path(path).resolve().relative_to(self.home).as_posix()
        except ValueError:
            return "/".join(Path(path).parts[-2:])


def main_text(path: str) -> str:
    """Text of the main program where it is no file: after `-c`, or standard input from a file; else ""."""
    if path == "<string>" and "-c" in sys.orig_argv[:-1]:
        return sys.orig_argv[sys.orig_argv.index("-c") + 1]
    if path == "<stdin>":
        try:
            if stat.S_ISREG(os.fstat(0).st_mode):
                return _from_start(0).decode()
        except (OSError, UnicodeDecodeError):
            return ""
    return ""


def _from_start(descriptor: int) -> bytes:
    """A file's contents, read without moving on in it."""
    place = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        return os.read(descriptor, LONGEST_TEXT)
    finally:
        os.lseek(descriptor, place, os.SEEK_SET)


def position_of(node: Any) -> Position:
    """Lines from 1, columns in bytes, as `co_positions` orders them."""
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _assignment(node: ast.AST, parent: ast.AST | None) -> ast.AST:
    """The whole statement for the target of an item assignment, `x[i] = 1`, and for `a, b = x`; else the node."""
    stored = isinstance(getattr(node, "ctx", None), ast.Store)
    return parent if stored and isinstance(parent, ast.Assign) else node


def _qualified(around: list[ast.AST]) -> str:
    names = []
    for node in around:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Lambda):
            names.append("<lambda>")
    return ".".join(reversed(names)) or "<module>"


def _loops(within: list[ast.AST]) -> list[ast.AST]:
    """Loops of which the first of `within` is in the body (not in the header), innermost first."""
    found: list[ast.AST] = []
    for inner, outer in pairwise(within):
        if (isinstance(outer, ast.For | ast.AsyncFor) and inner in outer.body) or isinstance(
            outer, ast.While
        ):
            found.append(outer)
        elif isinstance(outer, COMPREHENSIONS):
            found.extend(_comprehension_loops(outer, inner))
    return found


def _comprehension_loops(outer: Any, inner: ast.AST) -> list[ast.AST]:
    generators: list[ast.AST] = list(outer.generators)
    if inner in generators:  # its iterable or its conditions: only the loops before it are certain
        generators = generators[: generators.index(inner)]
    return list(reversed(generators))
