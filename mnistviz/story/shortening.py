"""Statements in fewer letters than their author took: on one line, then without what says least, marked by dots."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from copy import deepcopy

DOTS = "…"
# What says little without its inside, or has names that only the run knows: w[f"b{layer}"].
OPAQUE = (ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.DictComp, ast.SetComp, ast.JoinedStr)


def shorter(statement: ast.Assign | ast.AugAssign, lines: Sequence[str]) -> Iterator[str]:
    """The statement on one line; without keywords of calls; without slices and new axes; without an expression.

    Then without what calls are given; where it is `+=` or the like, without the right half, else without a name.
    `lines` are the source's: numbers stay as they are written there.  Of some statements little would be left.
    """
    node = _First().visit(deepcopy(statement))
    if isinstance(node.value, ast.Tuple) or any(isinstance(one, OPAQUE) for one in ast.walk(node)):
        return
    node = _Written(lines).visit(node)
    yield ast.unparse(node)
    node = _Plain().visit(node)
    yield ast.unparse(node)
    node = _Whole().visit(node)
    yield ast.unparse(node)
    if isinstance(node, ast.AugAssign):  # that it adds, and to what, is said without the inside of calls
        yield ast.unparse(_Bare().visit(node))
        yield from _without_one(node, (ast.BinOp, ast.Call))
        if isinstance(node.value, ast.BinOp):
            node.value.right = ast.Name(DOTS, ast.Load())
            yield ast.unparse(node)
        return
    yield from _without_one(node, (ast.BinOp, ast.Call))
    yield ast.unparse(_Bare().visit(deepcopy(node)))
    if isinstance(node.value, ast.BinOp):
        yield from _without_one(node, (ast.Name, ast.Attribute))


def _without_one(statement: ast.Assign | ast.AugAssign, kinds: tuple[type[ast.expr], ...]) -> Iterator[str]:
    """The statement without one of the expressions of these kinds inside of its own, the shortest first."""
    inner = list(ast.walk(statement.value))
    places = [place for place, one in enumerate(inner) if place and isinstance(one, kinds)]
    for place in sorted(places, key=lambda place: len(ast.unparse(inner[place]))):
        whole = deepcopy(statement)
        yield ast.unparse(_LeftOut(list(ast.walk(whole.value))[place]).visit(whole))


class _First(ast.NodeTransformer):
    """Of what is made in a loop within the statement the first, where that is more than a name: `[f(x), …]`."""

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        """A list of the first, and dots."""
        return node if _says_little(node) else ast.List(self._some(node), ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """The first, and dots, among the arguments."""
        self.generic_visit(node)
        given = [
            self._some(one) if isinstance(one, ast.GeneratorExp) and not _says_little(one) else [one]
            for one in node.args
        ]
        return ast.Call(node.func, [one for some in given for one in some], node.keywords)

    def _some(self, node: ast.ListComp | ast.GeneratorExp) -> list[ast.expr]:
        return [self.visit(node.elt), ast.Name(DOTS, ast.Load())]


def _says_little(node: ast.ListComp | ast.GeneratorExp) -> bool:
    return isinstance(node.elt, ast.Name | ast.Constant)


class _Written(ast.NodeTransformer):
    """Numbers as the source has them: 1e-8, not 1e-08."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """A number by its text; everything else as it is."""
        if type(node.value) is not float or node.lineno != node.end_lineno:
            return node
        line = self._lines[node.lineno - 1].encode()
        return ast.Name(line[node.col_offset : node.end_col_offset].decode(errors="replace"), ast.Load())


class _Plain(ast.NodeTransformer):
    """Calls without keywords."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Dots stand for all keywords."""
        self.generic_visit(node)
        if not node.keywords:
            return node
        return ast.Call(node.func, [*node.args, ast.Name(DOTS, ast.Load())], [])


class _Bare(ast.NodeTransformer):
    """Calls without arguments."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Dots stand for all of them."""
        arguments: list[ast.expr] = [ast.Name(DOTS, ast.Load())] if node.args or node.keywords else []
        return ast.Call(self.visit(node.func), arguments, [])


class _Whole(ast.NodeTransformer):
    """Arrays without slices."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Dots stand for an index with a slice or a new axis in it; what is written to keeps its own."""
        self.generic_visit(node)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        plain = not any(isinstance(one, ast.Slice) or _is_new_axis(one) for one in parts)
        if plain or isinstance(node.ctx, ast.Store):
            return node
        return ast.Subscript(node.value, ast.Name(DOTS, ast.Load()), node.ctx)


def _is_new_axis(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "newaxis") or (
        isinstance(node, ast.Constant) and node.value is None
    )


class _LeftOut(ast.NodeTransformer):
    """Dots for one expression."""

    def __init__(self, left_out: ast.AST) -> None:
        self._left_out = left_out

    def visit(self, node: ast.AST) -> ast.AST:
        """The node, as it is."""
        if node is self._left_out:
            return ast.Name(DOTS, ast.Load())
        return self.generic_visit(node)
