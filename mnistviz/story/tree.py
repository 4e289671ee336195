"""The syntax tree of a source file: what stands around a span of it, and what its author says there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import dropwhile, pairwise, takewhile

from mnistviz.story.comments import as_sentences, in_string, words_of
from mnistviz.trace.model import SourceFile, Span, Trace

LOOPS = (ast.For, ast.AsyncFor, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
OF_AN_EDITOR = re.compile(r"(?i)\s*(created on|@?authors?\b|@|copyright\b|licen[sc]e\b)")
ENDING = re.compile(r"[\w)\"'`]{2}[.!?](?=\s|$)")  # of a sentence, not of "e.g."


class Tree:
    """The syntax tree of a source file, found by span."""

    def __init__(self, file: SourceFile) -> None:
        self.lines = file.lines
        try:
            self.root: ast.AST = ast.parse(file.text)
        except (SyntaxError, ValueError):
            self.root = ast.Module([], [])
        self._parents = {
            inner: outer for outer in ast.walk(self.root) for inner in ast.iter_child_nodes(outer)
        }
        self._whole: dict[tuple[int, ...], ast.AST] = {}  # by where a node begins and ends
        self._spans: dict[tuple[int, int, int], ast.AST] = {}
        for node in ast.walk(self.root):
            if isinstance(node, ast.expr | ast.stmt):
                end = (node.end_lineno or 0, self._column(node.end_lineno or 0, node.end_col_offset or 0))
                begin = node.lineno, self._column(node.lineno, node.col_offset)
                self._whole.setdefault((*begin, *end), node)
                self._spans.setdefault((node.lineno, *end), node)

    def _column(self, line: int, byte: int) -> int:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return byte if text.isascii() else len(text.encode()[:byte].decode(errors="replace"))

    def around(self, span: Span) -> list[ast.AST]:
        """The node of a span, and all around it, the innermost first."""
        end = span.last_line, span.last_column
        node = self._whole.get((span.first_line, span.first_column, *end))
        node = node or self._spans.get((span.first_line, *end))
        if node is None:
            inside = [
                one for one in ast.walk(self.root)
                if isinstance(one, ast.stmt) and one.lineno <= span.first_line <= (one.end_lineno or 0)
            ]  # fmt: skip
            if not inside:
                return []
            node = inside[-1]
        return [node, *self._all_around(node)]

    def handing_on(self, function: ast.AST) -> Iterator[ast.expr]:
        """The calls that a function is an argument of; of one in a comprehension all of that."""
        name = getattr(function, "name", None)
        for node in ast.walk(self.root):
            if not isinstance(node, ast.Call):
                continue
            given = (*node.args, *(keyword.value for keyword in node.keywords))
            if any(one is function or (name is not None and _called(one) == name) for one in given):
                around = takewhile(lambda one: isinstance(one, ast.expr), self._all_around(node))
                yield [node, *(one for one in around if isinstance(one, COMPREHENSIONS))][-1]

    def ends(self, node: ast.expr) -> tuple[int, int, int, int]:
        """Where it begins and ends, in lines and characters, as a span does."""
        last = node.end_lineno or node.lineno
        return (
            node.lineno, self._column(node.lineno, node.col_offset),
            last, self._column(last, node.end_col_offset or 0),
        )  # fmt: skip

    def _all_around(self, node: ast.AST) -> Iterator[ast.AST]:
        while node in self._parents:
            node = self._parents[node]
            yield node

    def comment(self, line: int) -> str:
        """What the author says of the statement of a line: above it, or behind it; "" where he says nothing."""
        above: list[str] = []
        place = line - 2
        while place >= 0 and (text := self.lines[place].strip()).startswith("#"):
            above.insert(0, text)
            place -= 1
        words = as_sentences([text for text in map(words_of, above) if text])
        if words:
            return words
        behind = re.search(r"(?<=\s)#\s?(.*)$", self.lines[line - 1]) if line <= len(self.lines) else None
        return words_of("#" + behind.group(1)) if behind and not in_string(self.lines[line - 1]) else ""

    def docstring(self, function: str) -> str:
        """The first sentence of what a function says of itself, not what an editor says; of the file for `<module>`."""
        node: ast.AST = self.root
        for name in () if function == "<module>" else function.replace("<locals>.", "").split("."):
            inner = [one for one in ast.walk(node) if getattr(one, "name", None) == name]
            if not inner:
                return ""
            node = inner[0]
        if not isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return ""
        lines = (ast.get_docstring(node) or "").split("\n")
        given = getattr(node, "args", None)
        names = {one.arg for one in ast.walk(given) if isinstance(one, ast.arg)} if given else set()
        kept = [line.strip() for line in lines if not OF_AN_EDITOR.match(line)]
        first = _first_sentence(list(dropwhile(lambda line: not line, kept)))
        return "" if first.partition(":")[0].strip() in names else first  # a list of what it is given


def _called(node: ast.AST) -> str:
    """What a function is called where it stands: `work`, `self.work`."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _first_sentence(lines: Sequence[str]) -> str:
    """The first line, with those that go on with its sentence."""
    said = lines[0] if lines else ""
    for text in lines[1:]:
        if not text[:1].islower() or said.endswith((".", ":", "!", "?")):
            break
        said += f" {text}"
        if (end := ENDING.search(said)) is not None:
            return said[: end.end()]
    return said


@lru_cache(maxsize=32)
def tree_of(file: SourceFile) -> Tree:
    """The tree of a file."""
    return Tree(file)


def own_file(trace: Trace) -> SourceFile | None:
    """The file of the recorded function, or script: not of a function that it calls first."""
    first = trace.operations[0].source if trace.operations else None
    outermost = (first.calls or (first.statement,))[0].file if first is not None else ""
    return next((file for file in trace.sources if file.name == outermost), next(iter(trace.sources), None))


def loops_around(around: Sequence[ast.AST]) -> int:
    """Loops around the first of these in its function: passes that an operation has there."""
    count = 0
    for inner, outer in pairwise(around):
        if isinstance(outer, DEFINITIONS):
            break
        if isinstance(outer, ast.While) or (isinstance(outer, LOOPS) and inner in outer.body):
            count += 1
        elif isinstance(outer, COMPREHENSIONS):
            count += len(outer.generators)
    return count


def head_of(statement: ast.stmt) -> tuple[int, int]:
    """The first line of a statement, and the last that is not of its body."""
    body = getattr(statement, "body", None)
    last = statement.end_lineno or statement.lineno
    return statement.lineno, max(statement.lineno, body[0].lineno - 1) if body else last
