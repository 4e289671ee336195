"""Expressions with watchers in them; see `mnistviz.trace.recording.instrument`."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mnistviz.trace.recording import targets, watchers
from mnistviz.trace.recording.trees import (
    bound_by,
    copy,
    is_constant,
    is_text,
    place_of,
    place_of_call,
    suspends,
    writes_cells,
)  # fmt: skip
from mnistviz.trace.source.sites import Site
from mnistviz.trace.source.text import SourceText

MARK = "\0watch:"  # starts the text that stands for a constant until the code is compiled
LEFT_ALONE = frozenset(
    ["super", "locals", "globals", "vars", "dir", "eval", "exec"]
)  # ask about their caller
COMPUTED = frozenset(["T", "mT", "real", "imag", "flat"])  # attributes that make an array
BINARY: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.MatMult: operator.matmul,
    ast.LShift: operator.lshift, ast.RShift: operator.rshift, ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_, ast.BitXor: operator.xor,
}  # fmt: skip
UNARY: dict[type[ast.unaryop], Callable[..., Any]] = {
    ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert,
}  # fmt: skip
COMPARE: dict[type[ast.cmpop], Callable[..., Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
# What is never evaluated where it stands, or is no expression.
LEAVES = frozenset([ast.Name, ast.Constant, ast.Load, ast.Store, ast.Del, ast.alias, ast.Pass, ast.Break,
                    ast.Continue, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal,
                    getattr(ast, "TypeAlias", ast.Pass)])  # fmt: skip
UNTOUCHED = frozenset(["annotation", "returns", "type_params", "pattern", "type_comment", "op", "ops", "ctx"])


class Expressions:
    """Writes watchers into the expressions of one file."""

    def __init__(self, file: SourceText) -> None:
        self.file = file
        self.constants: list[Any] = []  # what the marked texts stand for
        self._within: Site | None = None  # what waits while the expression that is visited is evaluated
        self._visits: dict[type, Callable[[Any], Any]] = {
            ast.BinOp: self._binary, ast.UnaryOp: self._unary, ast.Compare: self._compare, ast.Call: self._call,
            ast.Subscript: self._subscript, ast.Attribute: self._attribute, ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension, ast.DictComp: self._comprehension, ast.List: self._display,
            ast.GeneratorExp: self._comprehension, ast.Tuple: self._display, ast.Dict: self._merged,
        }  # fmt: skip

    # Walking

    def visit(self, node: Any) -> Any:
        """The node with watchers in it; a statement may become several."""
        kind = node.__class__
        if kind in LEAVES:
            return node
        visit = self._visits.get(kind)
        return visit(node) if visit is not None else self.rebuilt(node)

    def rebuilt(self, node: Any) -> Any:
        """The node with its children visited: itself where none changed, else a copy."""
        changes: dict[str, Any] = {}
        for name in node._fields:
            old = getattr(node, name, None)
            if old is None or name in UNTOUCHED:
                continue
            new = self.visited(old)
            if new is not old:
                changes[name] = new
        return copy(node, **changes) if changes else node

    def visited(self, old: Any) -> Any:
        """A node, or a list of nodes, visited."""
        if isinstance(old, ast.AST):
            return self.visit(old)
        if not isinstance(old, list):
            return old
        new: list[Any] = []
        for one in old:
            made = self.visit(one) if isinstance(one, ast.AST) else one
            new.extend(made) if isinstance(made, list) else new.append(made)
        same = len(new) == len(old) and all(map(operator.is_, new, old))
        return old if same else new

    # Expressions

    def _binary(self, node: ast.BinOp) -> Any:
        if is_constant(node):
            return node
        if isinstance(node.op, ast.Mod) and is_text(node.left):  # Python itself writes such a text
            return self.rebuilt(node)
        site = self.site(node)
        operands = (self.visit(node.left), self.visit(node.right))
        return self.operation(node, BINARY[type(node.op)], watchers.pair, site, operands)

    def _unary(self, node: ast.UnaryOp) -> Any:
        if type(node.op) not in UNARY or is_constant(node.operand):
            return self.rebuilt(node)
        site = self.site(node)
        held = self.made(node, watchers.single, self.constant(node, site), self.visit(node.operand))
        return self.after(node, site, self.made(node, UNARY[type(node.op)], held))

    def _compare(self, node: ast.Compare) -> Any:
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
            return self._contained(node)
        if any(type(one) not in COMPARE for one in node.ops):
            return self.rebuilt(node)
        last = len(node.ops) - 1
        parts = []
        for part, (op, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
            left = self.visit(node.left) if part == 0 else self.made(node, watchers.kept)
            watcher = watchers.pair if part == last else watchers.chain
            operands = (left, self.visit(right))
            parts.append(self.operation(node, COMPARE[type(op)], watcher, self.site(node, part), operands))
        return parts[0] if last == 0 else ast.BoolOp(ast.And(), parts, **place_of(node))

    def _contained(self, node: ast.Compare) -> Any:
        """`x in xs`; of an array a comparison of each cell."""
        operands = (self.visit(node.left), self.visit(node.comparators[0]))
        found = self.operation(node, operator.contains, watchers.within, self.site(node), operands)
        negated = isinstance(node.ops[0], ast.NotIn)
        return ast.UnaryOp(ast.Not(), found, **place_of(node)) if negated else found

    def _call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id in LEFT_ALONE:
            return self._left_alone(node, node.func.id)
        if _unpacks(node) and not suspends(node):
            return self._unpacking_call(node)
        site = self.site(node)
        given = [self.constant(node, site), self.visit(node.func), *map(self.visit, node.args)]
        named = [copy(one, value=self.visit(one.value)) for one in node.keywords]
        function = ast.Call(self.constant(node, watchers.call), given, named, **place_of(node))
        if _unpacks(node):
            args: list[ast.expr] = [
                ast.Starred(self.made(node, watchers.positional), ast.Load(), **place_of(node))
            ]
            keywords = [ast.keyword(None, self.made(node, watchers.keywords), **place_of(node))]
        else:
            args = [self.made(one, watchers.argument) for one in node.args]
            keywords = [copy(one, value=self.made(one.value, watchers.argument)) for one in named]
        return self.after(node, site, ast.Call(function, args, keywords, **place_of_call(node)))

    def _unpacking_call(self, node: ast.Call) -> Any:
        """`f(*a, **b)`: it is the function itself that says what is wrong with `a` or `b`."""
        waits = self.site(node)
        function = self.made(node, watchers.opened, self.constant(node, waits), self.visit(node.func))
        pieces = [*node.args, *node.keywords]
        made: list[Any] = []
        with self._waiting(waits):
            for number, piece in enumerate(pieces):
                star = isinstance(piece, ast.Starred)
                value = piece if isinstance(piece, ast.expr) and not star else piece.value  # type: ignore[attr-defined]
                how = "*" if star else "" if isinstance(piece, ast.expr) else piece.arg or "**"  # type: ignore[attr-defined]
                seen = self.made(
                    value, watchers.piece, self.constant(value, waits), ast.Constant(how, **place_of(value)),
                    ast.Constant(number == len(pieces) - 1, **place_of(value)), self.visit(value),
                )  # fmt: skip
                plain = isinstance(piece, ast.expr) and not star
                made.append(seen if plain else copy(piece, value=seen))
        args, keywords = made[: len(node.args)], made[len(node.args) :]
        return self.after(node, waits, ast.Call(function, args, keywords, **place_of_call(node)))

    def _left_alone(self, node: ast.Call, name: str) -> Any:
        made = self.rebuilt(node)
        if name not in ("exec", "eval") or not made.args or isinstance(made.args[-1], ast.Starred):
            return made
        last = self.made(node, watchers.noted, made.args[-1])
        return copy(made, args=[*made.args[:-1], last])

    def _subscript(self, node: ast.Subscript) -> Any:
        if not isinstance(node.ctx, ast.Load):
            return self.rebuilt(node)
        site = self.site(node)
        operands = (self.visit(node.value), self.index(node.slice))
        return self.operation(node, operator.getitem, watchers.item, site, operands)

    def index(self, node: Any) -> Any:
        """An index as an expression of its own: `1:` is `slice(1, None)`."""
        if isinstance(node, ast.Slice):
            none = ast.Constant(None, **place_of(node))
            parts = [self.visit(one) if one else none for one in (node.lower, node.upper, node.step)]
            return self.made(node, slice, *parts)
        if isinstance(node, ast.Tuple):
            return copy(node, elts=[self.index(one) for one in node.elts])
        return self.visit(node)

    def _attribute(self, node: ast.Attribute) -> Any:
        if not isinstance(node.ctx, ast.Load):
            return self.rebuilt(node)
        return self.computed(node, self.visit(node.value)) if node.attr in COMPUTED else self.rebuilt(node)

    def computed(self, node: ast.Attribute, owner: Any) -> Any:
        """An attribute that is read of what gives its owner; some make an array."""
        if node.attr not in COMPUTED:
            return copy(node, ctx=ast.Load(), value=owner)
        site = self.site(node)
        held = self.made(node, watchers.single, self.constant(node, site), owner)
        return self.after(node, site, copy(node, ctx=ast.Load(), value=held))

    def _display(self, node: Any) -> Any:
        """`[*x, y]`: the rows of `x` get a name each."""
        starred = any(isinstance(one, ast.Starred) for one in node.elts)
        if not starred or not isinstance(node.ctx, ast.Load) or suspends(node):
            return self.rebuilt(node)
        waits = self.site(node)
        made = []
        with self._waiting(waits):
            for one in node.elts:
                star = isinstance(one, ast.Starred)
                value = self.visit(one.value if star else one)
                seen = self.made(one, watchers.spread, self.constant(one, waits), value) if star else value
                made.append(copy(one, value=seen) if star else seen)
        return self.made(node, watchers.displayed, self.constant(node, waits), copy(node, elts=made))

    def _merged(self, node: ast.Dict) -> Any:
        """`{**x, "y": y}`: what `x` gives may be made while it is gone through."""
        if all(one is not None for one in node.keys) or suspends(node):
            return self.rebuilt(node)
        waits = self.site(node)
        values = []
        with self._waiting(waits):
            keys = [one and self.visit(one) for one in node.keys]
            for key, one in zip(keys, node.values, strict=True):
                value = self.visit(one)
                whole = key is None
                values.append(
                    self.made(one, watchers.spread, self.constant(one, waits), value) if whole else value
                )
        return self.made(
            node, watchers.displayed, self.constant(node, waits), copy(node, keys=keys, values=values)
        )

    def _comprehension(self, node: Any) -> Any:
        """Its first iterable is evaluated outside of it, as in Python; a generator's is counted inside of it."""
        first, *others = node.generators
        clauses: list[Any] = []
        if isinstance(node, ast.GeneratorExp) and not first.is_async:
            iterable = self.made(first.iter, iter, self.visit(first.iter))  # at once, as Python does
            once = ast.Tuple([iterable], ast.Load(), **place_of(first.iter))
            site = self.site(first.iter)
            clauses.append(ast.comprehension(self.slot(first.iter, site, 0), once, [], 0))
            clauses.append(self._clause(first, self.waits(first.iter, targets.took, site, 0)))
        else:
            others = node.generators
        clauses += [
            self.rebuilt(one) if one.is_async else self._clause(one, self.visit(one.iter)) for one in others
        ]
        made = {name: self.visit(getattr(node, name)) for name in node._fields if name != "generators"}
        return copy(node, generators=clauses, **made)

    def _clause(self, clause: ast.comprehension, iterable: Any) -> Any:
        loop = self.constant(clause.target, self.site(clause))
        turn = self.made(clause.target, watchers.turn, loop, *bound_by(clause.target))
        entered = self.made(clause.iter, watchers.enter, loop, iterable)
        target: Any = clause.target
        stores: list[Any] = []
        if writes_cells(target):
            target, stores = self._cells_of_clause(clause.target)
        return copy(clause, target=target, iter=entered, ifs=[turn, *stores, *map(self.visit, clause.ifs)])

    def _cells_of_clause(self, target: Any) -> tuple[Any, list[Any]]:
        """`for x[0] in ...` in a comprehension: it waits first, then it is stored."""
        site = self.site(target)
        cells: list[Any] = []

        def moved(one: Any) -> Any:
            if isinstance(one, ast.Tuple | ast.List):
                return copy(one, elts=[moved(inner) for inner in one.elts])
            if isinstance(one, ast.Starred) or not isinstance(one, ast.Subscript):
                return one
            cells.append(one)
            return self.slot(one, site, len(cells) - 1)

        made = moved(target)
        waiting = [self.waits(one, targets.took, site, place) for place, one in enumerate(cells)]
        stores = [
            self.made(one, watchers.done, self.stored(one, one, value))
            for one, value in zip(cells, waiting, strict=True)
        ]
        return made, stores

    def stored(self, node: Any, target: ast.Subscript, value: Any) -> Any:
        """`target = value` as an expression."""
        site = self.site(target)
        given = (value, self.visit(target.value), self.index(target.slice))
        return self.operation(target, operator.setitem, watchers.put, site, given)

    # Building

    def operation(self, node: Any, run: Any, watcher: Any, site: Site, operands: Any) -> Any:
        """`after(site, run(*watcher(site, *operands)))`."""
        held = self.made(node, watcher, self.constant(node, site), *operands)
        return self.after(node, site, self.made(node, run, ast.Starred(held, ast.Load(), **place_of(node))))

    def after(self, node: Any, site: Site, value: Any) -> Any:
        """`after(site, value)`."""
        return self.made(node, watchers.after, self.constant(node, site), value)

    def made(self, node: Any, function: Any, *args: Any) -> ast.Call:
        """A call of a function that is a constant."""
        return ast.Call(self.constant(node, function), list(args), [], **place_of(node))

    def constant(self, node: Any, value: Any) -> ast.Constant:
        """Anything as a constant."""
        self.constants.append(value)
        return ast.Constant(f"{MARK}{len(self.constants) - 1}", **place_of(node))

    def site(self, node: ast.AST, part: int = 0) -> Site:
        """The site of a node, which knows what waits meanwhile."""
        return Site(self.file, node, part, self._within)

    def slot(self, node: Any, site: Site, place: int) -> ast.Subscript:
        """A target that is no name: what is bound to it waits there."""
        owner = self.made(node, targets.slots, self.constant(node, site))
        return ast.Subscript(owner, ast.Constant(place, **place_of(node)), ast.Store(), **place_of(node))

    def waits(self, node: Any, watcher: Any, site: Site, place: int) -> ast.Call:
        """What was bound to it."""
        return self.made(node, watcher, self.constant(node, site), ast.Constant(place, **place_of(node)))

    @contextmanager
    def _waiting(self, site: Site) -> Iterator[None]:
        """What is visited inside is evaluated while `site` waits."""
        before, self._within = self._within, site
        try:
            yield
        finally:
            self._within = before


def _unpacks(node: ast.Call) -> bool:
    return any(isinstance(one, ast.Starred) for one in node.args) or any(
        one.arg is None for one in node.keywords
    )
