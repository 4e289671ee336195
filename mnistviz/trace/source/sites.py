"""What the source says about one expression, the same each time that it runs.

Its text, the statement, function and loops around it, and where its result goes.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from mnistviz.trace.model import Span
from mnistviz.trace.source.text import SourceText

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
NO_POSITIONS_IN_STRINGS = sys.version_info < (3, 12)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, eq=False)
class Target:
    """Where the result of an expression goes: a name, a return (of element `place`), or neither."""

    node: ast.AST | None = None
    names: tuple[ast.AST, ...] = ()  # of a tuple that it is unpacked into
    returned: bool = False
    place: int | None = None


@dataclass(frozen=True)
class Loop:
    """A loop around an expression; `inside` is the comprehension that it is of."""

    node: ast.AST
    inside: ast.AST | None = None
    first: bool = False  # whether what it goes through is evaluated outside of that comprehension


class Site:
    """An expression or statement of a source file, described when it is first asked for."""

    def __init__(self, file: SourceText, node: ast.AST, part: int = 0, within: Site | None = None) -> None:
        self.file = file
        self.node = node
        self.part = part  # of a chain of comparisons
        self.within = within  # what waits while it is evaluated: `x[i] += ...`, `f(*...)`
        self.nodes: dict[Any, Any] = {}  # of the operands, once somebody has asked
        self.across = False  # whether something else may run while this waits: `yield`

    @cached_property
    def starts_outside(self) -> bool:
        """Whether it is the first loop of a comprehension that is no generator."""
        around = self.file.parents.get(self.node)
        return isinstance(around, COMPREHENSIONS[:3]) and around.generators[0] is self.node

    @cached_property
    def shown(self) -> ast.AST:
        """The node whose text stands for it: for a target, `x[i] = 1` or `a, b = x`, the whole statement.

        Where the parser has no positions inside an f-string (Python 3.11), it is the string.
        """
        parent = self.file.parents.get(self.node)
        if isinstance(getattr(self.node, "ctx", None), ast.Store) and isinstance(parent, ast.Assign):
            return parent
        if isinstance(self.node, ast.comprehension):
            return self.node.iter
        return self.string or self.node

    @cached_property
    def string(self) -> ast.AST | None:
        """The f-string around it, where the parser says nothing of the places inside."""
        if not NO_POSITIONS_IN_STRINGS:
            return None
        return next((one for one in self._around if isinstance(one, ast.JoinedStr)), None)

    @cached_property
    def text(self) -> str:
        """Source text of the expression, on one line."""
        return self.file.segment(self.shown)

    @cached_property
    def expression(self) -> Span:
        """Span of the expression."""
        return self.file.span(self.shown)

    @cached_property
    def statement(self) -> Span:
        """Span of the statement around it; of a compound one only what stands before its body."""
        return _header(self.file, next(node for node in self._around if isinstance(node, ast.stmt)))

    @cached_property
    def function(self) -> str:
        """Qualified name of the function around it, "Network.forward"."""
        names = []
        for node in self._around:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.append(node.name)
            elif isinstance(node, ast.Lambda):
                names.append("<lambda>")
        return ".".join(reversed(names)) or "<module>"

    @cached_property
    def function_node(self) -> ast.AST | None:
        """The function around it."""
        return next((node for node in self._around if isinstance(node, FUNCTIONS)), None)

    @cached_property
    def function_span(self) -> Span:
        """Span of the function around it; of the statement where it is in none."""
        return self.file.span(self.function_node) if self.function_node is not None else self.statement

    @cached_property
    def loops(self) -> tuple[Loop, ...]:
        """Loops of the function around it, outermost first; the same tuple for all places between them."""
        around = self._around
        end = around.index(self.function_node) if self.function_node is not None else len(around)
        found = tuple(reversed(_loops(around[: end + 1])))
        same: tuple[Loop, ...] = self.file.loops.setdefault(found, found)
        return same

    @cached_property
    def comprehension(self) -> ast.AST | None:
        """The innermost comprehension around it."""
        return next((node for node in self._around[1:] if isinstance(node, COMPREHENSIONS)), None)

    @cached_property
    def target(self) -> Target:
        """Where its result goes."""
        return _target(self.file, self.node)

    @cached_property
    def fixed_names(self) -> tuple[str, tuple[str, ...]] | None:
        """What its result is called, and its several results, where that is the same each time; else None."""
        target = self.target
        nodes = [target.node, *target.names] if target.node is not None else list(target.names)
        if target.returned or not all(isinstance(one, ast.Name) for one in nodes):
            return None
        name = target.node.id if isinstance(target.node, ast.Name) else ""
        return name, tuple([one.id for one in target.names if isinstance(one, ast.Name)])

    @cached_property
    def _around(self) -> list[ast.AST]:
        around = [self.node]
        while around[-1] in self.file.parents:
            around.append(self.file.parents[around[-1]])
        return around


def _header(file: SourceText, statement: ast.stmt) -> Span:
    whole = file.span(statement)
    body = getattr(statement, "body", None)
    if not body:
        return whole
    heads = [getattr(statement, part, None) for part in ("test", "iter", "returns", "subject")]
    heads += [item.optional_vars or item.context_expr for item in getattr(statement, "items", [])]
    ends = [file.span(head) for head in heads if head is not None]
    if not ends:
        last = file.lines[whole.first_line - 1]
        return Span(file.name, whole.first_line, whole.first_column, whole.first_line, len(last))
    end = ends[-1]
    return Span(file.name, whole.first_line, whole.first_column, end.last_line, end.last_column)


def _target(file: SourceText, node: ast.AST) -> Target:
    if isinstance(node, ast.AugAssign):
        return Target(node.target)
    parent = file.parents.get(node)
    while isinstance(parent, ast.IfExp | ast.Await) and node is not getattr(parent, "test", None):
        node, parent = parent, file.parents.get(parent)
    if isinstance(parent, ast.NamedExpr):
        return Target(parent.target)
    if isinstance(parent, ast.Tuple):
        found = _element(file, parent, node)
        return found if found.node is not None or found.returned else _item(file, parent, node)
    if isinstance(parent, ast.List | ast.Dict):
        return _item(file, parent, node)
    if isinstance(parent, ast.Return | ast.Lambda):
        return Target(returned=True)
    if isinstance(parent, ast.Assign):
        return _named(parent.targets[0])
    if isinstance(parent, ast.AnnAssign):
        return _named(parent.target)
    return Target()


def _element(file: SourceText, parent: ast.Tuple, node: ast.AST) -> Target:
    place = parent.elts.index(node)  # type: ignore[arg-type]
    if isinstance(file.parents.get(parent), ast.Return):
        return Target(returned=True, place=place)
    targets = _unpacked(file, parent)
    return _named(targets[place]) if targets else Target()


def _item(file: SourceText, display: Any, node: ast.AST) -> Target:
    """`grads["W"]` for the first of `grads = {"W": x.T @ d, "b": d.sum()}`, where the source says which one it is."""
    if isinstance(display, ast.Dict):
        key: Any = display.keys[display.values.index(node)] if node in display.values else None
    else:
        before = display.elts[: display.elts.index(node)]
        key = None if any(isinstance(one, ast.Starred) for one in before) else ast.Constant(len(before))
    whole = _target(file, display).node if isinstance(key, ast.Constant) else None
    if not isinstance(whole, ast.Name | ast.Attribute | ast.Subscript):
        return Target()
    return Target(ast.Subscript(whole, key, ast.Store()))


def _unpacked(file: SourceText, values: ast.Tuple) -> list[ast.expr]:
    """The targets that the elements of a tuple are assigned to, one for one."""
    above = file.parents.get(values)
    target: ast.AST | None = None
    if isinstance(above, ast.Assign):
        target = above.targets[0]
    elif isinstance(above, ast.Tuple):
        outer = _unpacked(file, above)
        target = outer[above.elts.index(values)] if outer else None
    found = target.elts if isinstance(target, ast.Tuple | ast.List) else []
    starred = any(isinstance(one, ast.Starred) for one in (*found, *values.elts))
    return found if len(found) == len(values.elts) and not starred else []


def _named(target: ast.AST) -> Target:
    if isinstance(target, ast.Tuple | ast.List):
        return Target(names=tuple(target.elts))
    return Target(target)


def _loops(around: list[ast.AST]) -> list[Loop]:
    """Loops of which the first of `around` is in the body (not in the header), innermost first."""
    found: list[Loop] = []
    for before, (inner, outer) in zip([None, *around], pairwise(around), strict=False):
        if (isinstance(outer, ast.For | ast.AsyncFor) and inner in outer.body) or isinstance(
            outer, ast.While
        ):
            found.append(Loop(outer))
        elif isinstance(outer, COMPREHENSIONS):
            found.extend(_comprehension_loops(outer, inner, before))
    return found


def _comprehension_loops(outer: Any, inner: ast.AST, before: ast.AST | None) -> list[Loop]:
    generators: list[ast.comprehension] = list(outer.generators)
    if isinstance(
        inner, ast.comprehension
    ):  # what it goes through is before its pass, its conditions are in it
        generators = generators[: generators.index(inner) + (before in inner.ifs)]
    first = outer.generators[0] if not isinstance(outer, ast.GeneratorExp) else None
    return [Loop(node, outer, node is first) for node in reversed(generators)]


def leaves_of(target: Any) -> list[Any]:
    """What a target binds, in order: the names in `i, (a, *b)`."""
    if isinstance(target, ast.Tuple | ast.List):
        return [leaf for one in target.elts for leaf in leaves_of(one)]
    return [target.value] if isinstance(target, ast.Starred) else [target]


def binds_names(target: Any) -> bool:
    """Whether a target binds nothing but names, at all its levels: Python itself unpacks it, at once."""
    return all(isinstance(one, ast.Name) for one in leaves_of(target))


def is_within(site: Site | None, other: Site | None) -> bool:
    """Whether a site is the other one, or lies inside it."""
    while site is not None and site is not other:
        site = site.within
    return site is not None
