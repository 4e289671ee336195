"""The user's code, with watchers in it.

Each expression that may read, make or change an array is written so that a watcher is given the operands
before and another the result after; the operation itself stays where it was, in the user's own frame:

    a + b         becomes  after(site, add(*pair(site, a, b)))
    f(x, k=1)     becomes  after(site, call(site, f, x, k=1)(*positional(), **keywords()))
    x[i] = v      becomes  after(site, setitem(*put(site, v, x, i)))
    for i in xs:  becomes  for i in enter(loop, xs): turn(loop, i); ...
    while a:      becomes  enter(loop, None); while turn(loop) and a: ...

`add` and `setitem` are C functions of Python's `operator` module: they have no frame.  Operands are evaluated
in Python's own order.  Watchers and sites are constants of the code: no name of ours is anywhere.  The parsed tree
is not changed; what changes is built anew.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from mnistviz.trace.recording import targets, watchers
from mnistviz.trace.recording.expressions import Expressions
from mnistviz.trace.recording.trees import (
    ASSIGNED,
    acts,
    before,
    bound_by,
    copy,
    place_of,
    read,
    statement,
    suspends,
    taken_by,
    writes_cells,
)  # fmt: skip
from mnistviz.trace.source.sites import Site, binds_names
from mnistviz.trace.source.text import SourceText

IN_PLACE: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.iadd, ast.Sub: operator.isub, ast.Mult: operator.imul, ast.Div: operator.itruediv,
    ast.FloorDiv: operator.ifloordiv, ast.Mod: operator.imod, ast.Pow: operator.ipow,
    ast.MatMult: operator.imatmul, ast.LShift: operator.ilshift, ast.RShift: operator.irshift,
    ast.BitAnd: operator.iand, ast.BitOr: operator.ior, ast.BitXor: operator.ixor,
}  # fmt: skip


class Instrumenter(Expressions):
    """Writes watchers into one file."""

    def __init__(self, file: SourceText) -> None:
        super().__init__(file)
        self._in_function = 0
        self._visits.update({
            ast.AugAssign: self._augmented, ast.Assign: self._assign, ast.AnnAssign: self._annotated,
            ast.For: self._for, ast.AsyncFor: self._for, ast.While: self._while, ast.With: self._with,
            ast.AsyncWith: self._with, ast.FunctionDef: self._function, ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class, ast.Match: self._match,
        })  # fmt: skip

    def module(self) -> ast.Module:
        """The whole file, to be compiled; marked texts among its constants stand for `constants`."""
        made: ast.Module = self.rebuilt(self.file.tree)
        return made

    # Assignments

    def _assign(self, node: ast.Assign) -> Any:
        value = self.visit(node.value)
        if len(node.targets) == 1:
            return self._store(node, node.targets[0], value)
        if not any(writes_cells(one) or isinstance(one, ast.Tuple | ast.List) for one in node.targets):
            return copy(node, value=value, targets=[self.visit(one) for one in node.targets])
        site = self.site(node)
        stores: list[Any] = []
        for target in node.targets:
            stores += _listed(self._store(node, target, self.waits(target, targets.slot, site, 0)))
        return [
            ast.Assign([self.slot(node, site, 0)], value, **place_of(node)),
            self._at_last(node, site, stores),
        ]

    def _annotated(self, node: ast.AnnAssign) -> Any:
        if node.value is None or not writes_cells(node.target) or not self._in_function:
            return self.rebuilt(node)
        return self._store(node, node.target, self.visit(node.value))

    def _store(self, node: Any, target: Any, value: Any) -> Any:
        """`target = value` for one target."""
        if isinstance(target, ast.Tuple | ast.List):
            return self._unpack(node, target, value)
        if isinstance(target, ast.Subscript):
            return statement(node, self.stored(node, target, value))
        if isinstance(target, ast.Attribute) and target.attr in ASSIGNED:
            name = ast.Constant(target.attr, **place_of(target))
            given = (value, self.visit(target.value), name)
            return statement(node, self.operation(target, setattr, watchers.put, self.site(target), given))
        if isinstance(target, ast.Starred):
            return self._store(node, target.value, value)
        return ast.Assign([self.visit(target)], value, **place_of(node))

    def _unpack(self, node: Any, target: Any, value: Any) -> Any:
        """`a, b = value`: what goes anywhere else than into names waits in slots first, level by level.

        `(a.x, b), [c[0]] = value` has stored `a.x` and `b` when `c[0]` cannot be unpacked.
        """
        site = self.site(target)
        value = self.made(node, targets.unpack, self.constant(node, site), value)
        if binds_names(target):
            seen = self.made(target, targets.unpacked, self.constant(target, site), *bound_by(target))
            return [ast.Assign([target], value, **place_of(node)), statement(target, seen)]
        bound = [self.waits(one, targets.slot, site, place) for place, one in enumerate(target.elts)]
        seen = self.made(target, targets.unpacked, self.constant(target, site), *bound)
        slots = [self._slot_for(one, site, place) for place, one in enumerate(target.elts)]
        body: list[Any] = [
            ast.Assign([copy(target, elts=slots)], value, **place_of(node)),
            statement(target, seen),
        ]
        for one, waiting in zip(target.elts, bound, strict=True):
            body += _listed(self._store(node, one, waiting))
        return self._at_last(node, site, body)

    def _slot_for(self, target: Any, site: Site, place: int) -> Any:
        if isinstance(target, ast.Starred):
            return copy(target, value=self.slot(target.value, site, place))
        return self.slot(target, site, place)

    def _at_last(self, node: Any, site: Site, body: list[Any]) -> ast.Try:
        """The statements, after which nothing waits, whatever happens."""
        gone = statement(node, self.made(node, targets.stored, self.constant(node, site)))
        return ast.Try(body, [], [], [gone], **place_of(node))

    def _augmented(self, node: ast.AugAssign) -> Any:
        """`t += v`: what `t` is made of is evaluated once, then `t` is read, `v` computed, and `t` stored."""
        target: Any = node.target
        if isinstance(target, ast.Name):
            return ast.Assign([target], self._updated(node, read(target, target.id)), **place_of(node))
        waits = self.site(node)
        waits.across = suspends(node.value)
        keeps = self.constant(target, waits)
        owner = self.visit(target.value)
        kept = self.made(target, watchers.kept_owner, keeps)
        if isinstance(target, ast.Attribute):
            held = self.made(target, watchers.keep, keeps, owner, keeps)
            with self._waiting(waits):
                value = self._updated(node, self.computed(target, held))
            return ast.Assign([copy(target, value=kept)], value, **place_of(node))
        index = self.index(target.slice)
        both = ast.Starred(
            self.made(target, watchers.keep, keeps, owner, index), ast.Load(), **place_of(target)
        )
        with self._waiting(waits):
            reads = self.site(target)
            held = self.made(target, watchers.item, self.constant(target, reads), both)
            item = self.made(target, operator.getitem, ast.Starred(held, ast.Load(), **place_of(target)))
            value = self._updated(node, self.after(target, reads, item))
        rest = ast.Starred(kept, ast.Load(), **place_of(target))
        put = self.operation(target, operator.setitem, watchers.put, self.site(target), (value, rest))
        return statement(node, put)

    def _updated(self, node: ast.AugAssign, before: Any) -> Any:
        site = self.site(node)
        operands = (before, self.visit(node.value))
        return self.operation(node, IN_PLACE[type(node.op)], watchers.update, site, operands)

    # Blocks

    def _for(self, node: Any) -> Any:
        loop = self.constant(node.target, self.site(node))
        target, bound, stores = self._cells_of(node.target)
        turn = self.made(node.target, watchers.turn, loop, *bound)
        entered = self.made(node.iter, watchers.enter, loop, self.visit(node.iter))
        body = [statement(node.target, turn), *stores, *self.visited(node.body)]
        return copy(node, target=target, iter=entered, body=body, orelse=self.visited(node.orelse))

    def _while(self, node: ast.While) -> Any:
        loop = self.constant(node.test, self.site(node))
        entered = self.made(node.test, watchers.enter, loop, ast.Constant(None, **place_of(node.test)))
        test = before(self.made(node.test, watchers.turn, loop), self.visit(node.test))
        made = copy(node, test=test, body=self.visited(node.body), orelse=self.visited(node.orelse))
        return [statement(node.test, entered), made]

    def _with(self, node: Any) -> Any:
        items: list[Any] = []
        stores: list[Any] = []
        for item in node.items:
            target = item.optional_vars
            if target is not None:
                target, _, more = self._cells_of(target)
                stores += more
            items.append(copy(item, context_expr=self.visit(item.context_expr), optional_vars=target))
        return copy(node, items=items, body=[*stores, *self.visited(node.body)])

    def _match(self, node: ast.Match) -> Any:
        """Patterns are followed by Python itself: a watcher hears before, and which of them holds."""
        if not any(acts(one.pattern) for one in node.cases):
            return self.rebuilt(node)
        waits = self.site(node)
        waits.across = any(one.guard is not None and suspends(one.guard) for one in node.cases)
        subject = self.made(
            node.subject, targets.matching, self.constant(node, waits), self.visit(node.subject)
        )
        cases = [self._case(waits, place, one) for place, one in enumerate(node.cases)]
        last = node.cases[-1].pattern
        if node.cases[-1].guard is not None or not _is_wildcard(last):
            ends = statement(last, self.made(last, targets.matched, self.constant(last, waits)))
            cases.append(ast.match_case(ast.MatchAs(None, None, **place_of(last)), None, [ends]))
        return copy(node, subject=subject, cases=cases)

    def _case(self, waits: Site, place: int, case: ast.match_case) -> Any:
        """A case that says when its pattern holds, and when its guard does not."""
        where = case.pattern
        given = [self.constant(where, waits), ast.Constant(place, **place_of(where))]
        names = [read(where, name) for name in taken_by(where)]
        guarded = ast.Constant(case.guard is not None, **place_of(where))
        guard: Any = self.made(where, targets.bound, *given, guarded, *names)
        begins = []
        if case.guard is not None:
            with self._waiting(waits):
                holds = self.visit(case.guard)
            no = self.made(where, targets.refused, *given)
            either = ast.BoolOp(ast.Or(), [holds, no], **place_of(case.guard))
            guard = ast.BoolOp(ast.And(), [guard, either], **place_of(case.guard))
            begins = [statement(where, self.made(where, targets.matched, given[0]))]
        return copy(case, guard=guard, body=[*begins, *self.visited(case.body)])

    def _cells_of(self, target: Any) -> tuple[Any, list[Any], list[Any]]:
        """A target of a block, what it binds, and what stores into its cells at the start of the block.

        What nests in it is unpacked there, level by level.
        """
        if not writes_cells(target):
            return self.visit(target), bound_by(target), []
        site, several = self.site(target), isinstance(target, ast.Tuple | ast.List)
        parts = target.elts if several else [target]
        slots = [self._slot_for(one, site, place) for place, one in enumerate(parts)]
        bound = [self.waits(one, targets.slot, site, place) for place, one in enumerate(parts)]
        stores: list[Any] = []
        for part, waiting in zip(parts, bound, strict=True):
            stores += _listed(self._store(target, part, waiting))
        moved = copy(target, elts=slots) if several else slots[0]
        return moved, bound, [self._at_last(target, site, stores)]

    def _function(self, node: Any) -> Any:
        self._in_function += 1
        body = self.visited(node.body)
        self._in_function -= 1
        decorators = self.visited(node.decorator_list)
        return copy(node, body=body, decorator_list=decorators, args=self.visit(node.args))

    def _class(self, node: Any) -> Any:
        outside, self._in_function = self._in_function, 0
        made = self.rebuilt(node)
        self._in_function = outside
        return made


def _is_wildcard(pattern: ast.pattern) -> bool:
    """Whether a pattern always holds: Python allows none behind it."""
    if isinstance(pattern, ast.MatchOr):
        return _is_wildcard(pattern.patterns[-1])
    return isinstance(pattern, ast.MatchAs) and (pattern.pattern is None or _is_wildcard(pattern.pattern))


def _listed(made: Any) -> list[Any]:
    return made if isinstance(made, list) else [made]
