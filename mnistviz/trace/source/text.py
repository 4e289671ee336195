"""A source file as Python reads it: decoded, split at Python's own line ends, parsed, and found again by position."""

from __future__ import annotations

import ast
import codecs
import io
import linecache
import os
import re
import stat
import sys
import zipfile
from functools import cached_property
from pathlib import Path
from typing import Any

from mnistviz.errors import InputError
from mnistviz.trace.model import SourceFile, Span

Position = tuple[int, int, int, int]  # first line, last line, first byte, last byte
COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
EMPTY = re.compile(rb"^[ \t\f]*(?:#.*)?$")
LONGEST_TEXT = 2**20  # bytes of a program on standard input


class SourceText:
    """A parsed source file, with the tables that answer "which node has this position?"."""

    def __init__(self, name: str, path: str, text: str) -> None:
        self.name = name
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        self.tree = ast.parse(text, path)
        self.loops: dict[Any, Any] = {}  # around places: one tuple for all between the same loops
        self._segments: dict[ast.AST, str] = {}

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node around each node."""
        return {node: parent for parent in ast.walk(self.tree) for node in ast.iter_child_nodes(parent)}

    @cached_property
    def nodes(self) -> dict[Position, ast.AST]:
        """Expressions and augmented assignments by their position; the outermost of those that share one."""
        found: dict[Position, ast.AST] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.expr | ast.AugAssign):
                found.setdefault(position_of(node), node)
        return found

    @cached_property
    def ends(self) -> dict[tuple[int, int], ast.AST]:
        """Calls and attributes by their end: a method call over several lines starts at the method's name."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call | ast.Attribute)]
        return {(position_of(node)[1], position_of(node)[3]): node for node in found}

    @cached_property
    def iterables(self) -> dict[Position, list[ast.expr]]:
        """What loops go through, by the position of the whole loop; a comprehension may have several."""
        found: dict[Position, list[ast.expr]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.For):
                found[position_of(node)] = [node.iter]
            elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
                found[position_of(node)] = [one.iter for one in node.generators]
        return found

    @cached_property
    def statements(self) -> list[ast.stmt]:
        """All statements that have no body of their own."""
        return [
            node for node in ast.walk(self.tree) if isinstance(node, ast.stmt) and not hasattr(node, "body")
        ]

    @property
    def source_file(self) -> SourceFile:
        """The file as the trace keeps it."""
        return SourceFile(self.name, self.text, self.path)

    def find(self, position: Position) -> ast.AST | None:
        """The node of an instruction's position, or the innermost simple statement around it."""
        found = self.nodes.get(position) or self.ends.get((position[1], position[3]))
        if found is not None:
            return found
        first, last = position[:2]
        around = [one for one in self.statements if one.lineno <= first and last <= (one.end_lineno or 0)]
        return around[-1] if around else None

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
        found = self._segments.get(node)
        if found is None:
            found = self._segments[node] = self._segment(node)
        return found

    def _segment(self, node: ast.AST) -> str:
        span = self.span(node)
        if span.first_line == span.last_line:
            return self.lines[span.first_line - 1][span.first_column : span.last_column]
        lines = [line.split("#")[0] for line in self.lines[span.first_line - 1 : span.last_line]]
        lines[-1] = lines[-1][: span.last_column]
        lines[0] = lines[0][span.first_column :]
        text = re.sub(r" \.(?=[^\W\d])", ".", " ".join(" ".join(lines).split()))
        for loose, tight in ((", )", ")"), ("( ", "("), (" )", ")"), ("[ ", "["), (" ]", "]")):
            text = text.replace(loose, tight)
        return text


def position_of(node: Any) -> Position:
    """Lines from 1, columns in bytes, as `co_positions` orders them."""
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def read_text(path: str) -> str:
    """The text of a file as Python decodes it: byte order mark, coding cookie, line ends; "" where there is none.

    Raises `InputError` where the file is not text in its encoding.
    """
    try:
        return _decoded(Path(path).read_bytes())
    except OSError:  # a notebook's cell, a zipped module, the command line
        linecache.checkcache(path)
        return "".join(linecache.getlines(path)) or _main_text(path) or _zipped_text(path)
    except (LookupError, UnicodeDecodeError) as error:
        raise InputError(f"the text cannot be decoded: {error}", path, "save it as UTF-8") from None


def _decoded(data: bytes) -> str:
    """As Python decodes it: the cookie is found in the bytes, whatever else its line holds."""
    if data.startswith(codecs.BOM_UTF8):
        text = data[len(codecs.BOM_UTF8) :].decode("utf-8")
    else:
        lines = re.split(rb"\r\n|\r|\n", data, maxsplit=2)[:2]
        first = COOKIE.match(lines[0]) or (EMPTY.match(lines[0]) and lines[1:] and COOKIE.match(lines[1]))
        text = data.decode(first.group(1).decode() if first else "utf-8")
    return io.IncrementalNewlineDecoder(None, translate=True).decode(text, final=True)


def short_name(path: str, home: str) -> str:
    """Name of a file without an absolute path, relative to the folder `home` where it is in there."""
    cell = _cell_number(path)
    if cell:
        return f"In[{cell}]"
    if path.startswith("<"):
        return path.strip("<>")
    try:
        return Path(path).resolve().relative_to(home).as_posix()
    except ValueError:
        return "/".join(Path(path).parts[-2:])


def _cell_number(path: str) -> int:
    """The number of the notebook's cell that is kept under a path; 0 where it is none."""
    module = sys.modules.get("IPython")
    shell: Any = module.get_ipython() if module is not None and hasattr(module, "get_ipython") else None
    known = getattr(getattr(shell, "compile", None), "_filename_map", {})
    return int(known.get(path, 0) or 0)


def _main_text(path: str) -> str:
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


def _zipped_text(path: str) -> str:
    """Text of a module in a zip that Python imports from; "" where there is none."""
    for folder in Path(path).parents:
        if folder.is_file():
            try:
                with zipfile.ZipFile(folder) as archive:
                    return _decoded(archive.read(Path(path).relative_to(folder).as_posix()))
            except (OSError, KeyError, zipfile.BadZipFile):
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
