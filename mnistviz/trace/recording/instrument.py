"""The user's code, with watchers in it.

Each expression that may read, make or change an array is written so that a watcher is given the operands
before and another the result after; the operation itself stays where it was, in the user's own frame:

    a + b         becomes  after(site, add(*pair(site, a, b)))
    f(x, k=1)     becomes  after(site, call(site, f, x, k=1)(*positional(), **keywords()))
    x[i] = v      becomes  after(site, setitem(*put(site, v, x, i)))
    for i in xs:  becomes  for i in enter(loop, xs): turn(loop, i); ...

`add` and `setitem` are C functions of Python's `operator` module: they have no frame.  Operands are evaluated
in Python's own order.  Watchers and sites are constants of the code: no name of ours is anywhere.  The
parsed tree is not changed; what changes is built anew.
"""

from __future__ import annotations

import ast
import itertools
import operator
from collections.abc import Callable
from typing import Any

from mnistviz.trace.recording import watchers
from mnistviz.trace.source.sites import Site, leaves_of
from mnistviz.trace.source.text import SourceText

MARK = "\0watch:"  # starts the text that stands for a constant until the code is compiled
LEFT_ALONE = frozenset(
    ["super", "locals", "globals", "vars", "dir", "eval", "exec"]
)  # ask about their caller
COMPUTED = frozenset(["T", "mT", "real", "imag", "flat"])  # attributes that make an array
ASSIGNED = frozenset(["shape", "dtype", "strides", "real", "imag", "flat"])  # attributes that change one
BINARY: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.MatMult: operator.matmul,
    ast.LShift: operator.lshift, ast.RShift: operator.rshift, ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_, ast.BitXor: operator.xor,
}  # fmt: skip
IN_PLACE: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.iadd, ast.Sub: operator.isub, ast.Mult: operator.imul, ast.Div: operator.itruediv,
    ast.FloorDiv: operator.ifloordiv, ast.Mod: operator.imod, ast.Pow: operator.ipow,
    ast.MatMult: operator.imatmul, ast.LShift: operator.ilshift, ast.RShift: operator.irshift,
    ast.BitAnd: operator.iand, ast.BitOr: operator.ior, ast.BitXor: operator.ixor,
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


class Instrumenter:
    """Writes watchers into one file."""

    def __init__(self, file: SourceText) -> None:
        self.file = file
        self.constants: list[Any] = []  # what the marked texts stand for
        self._numbers = itertools.count(1)
        self._visits: dict[type, Callable[[Any], Any]] = {
            ast.BinOp: self._binary, ast.UnaryOp: self._unary, ast.Compare: self._compare, ast.Call: self._call,
            ast.Subscript: self._subscript, ast.Attribute: self._attribute, ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension, ast.DictComp: self._comprehension,
            ast.GeneratorExp: self._comprehension, ast.AugAssign: self._augmented, ast.Assign: self._assign,
            ast.For: self._for, ast.AsyncFor: self._for, ast.While: self._while,
        }  # fmt: skip

    def module(self) -> ast.Module:
        """The whole file, to be compiled; marked texts among its constants stand for `constants`."""
        made: ast.Module = self._rebuilt(self.file.tree)
        return made

    # Walking

    def _visit(self, node: Any) -> Any:
        kind = node.__class__
        if kind in LEAVES:
            return node
        visit = self._visits.get(kind)
        return visit(node) if visit is not None else self._rebuilt(node)

    def _rebuilt(self, node: Any) -> Any:
        """The node with its children visited: itself where none changed, else a copy."""
        changes: dict[str, Any] = {}
        for name in node._fields:
            old = getattr(node, name, None)
            if old is None or name in UNTOUCHED:
                continue
            new = self._visited(old)
            if new is not old:
                changes[name] = new
        return _copy(node, **changes) if changes else node

    def _visited(self, old: Any) -> Any:
        if isinstance(old, ast.AST):
            return self._visit(old)
        if not isinstance(old, list):
            return old
        new: list[Any] = []
        for one in old:
            made = self._visit(one) if isinstance(one, ast.AST) else one
            new.extend(made) if isinstance(made, list) else new.append(made)
        same = len(new) == len(old) and all(map(operator.is_, new, old))
        return old if same else new

    # Expressions

    def _binary(self, node: ast.BinOp) -> Any:
        if _is_constant(node) or (isinstance(node.op, ast.Mod) and _is_text(node.left)):
            return node
        operands = (self._visit(node.left), self._visit(node.right))
        return self._operation(node, BINARY[type(node.op)], watchers.pair, Site(self.file, node), operands)

    def _unary(self, node: ast.UnaryOp) -> Any:
        if type(node.op) not in UNARY or _is_constant(node.operand):
            return self._rebuilt(node)
        site = Site(self.file, node)
        held = self._made(node, watchers.single, self._constant(node, site), self._visit(node.operand))
        return self._after(node, site, self._made(node, UNARY[type(node.op)], held))

    def _compare(self, node: ast.Compare) -> Any:
        if any(type(one) not in COMPARE for one in node.ops):
            return self._rebuilt(node)
        last = len(node.ops) - 1
        parts = []
        for part, (op, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
            left = self._visit(node.left) if part == 0 else self._made(node, watchers.kept)
            watcher = watchers.pair if part == last else watchers.chain
            site = Site(self.file, node, part)
            parts.append(self._operation(node, COMPARE[type(op)], watcher, site, (left, self._visit(right))))
        return parts[0] if last == 0 else ast.BoolOp(ast.And(), parts, **_place(node))

    def _call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id in LEFT_ALONE:
            return self._left_alone(node, node.func.id)
        site = Site(self.file, node)
        given = [self._constant(node, site), self._visit(node.func), *map(self._visit, node.args)]
        named = [_copy(one, value=self._visit(one.value)) for one in node.keywords]
        function = ast.Call(self._constant(node, watchers.call), given, named, **_place(node))
        place = _place_of_call(node)
        args: list[ast.expr] = [
            ast.Starred(self._made(node, watchers.positional), ast.Load(), **_place(node))
        ]
        keywords = [ast.keyword(None, self._made(node, watchers.keywords), **_place(node))] if named else []
        return self._after(node, site, ast.Call(function, args, keywords, **place))

    def _left_alone(self, node: ast.Call, name: str) -> Any:
        made = self._rebuilt(node)
        if name not in ("exec", "eval") or not made.args or isinstance(made.args[-1], ast.Starred):
            return made
        last = self._made(node, watchers.noted, made.args[-1])
        return _copy(made, args=[*made.args[:-1], last])

    def _subscript(self, node: ast.Subscript) -> Any:
        if not isinstance(node.ctx, ast.Load):
            return self._rebuilt(node)
        operands = (self._visit(node.value), self._index(node.slice))
        return self._operation(node, operator.getitem, watchers.item, Site(self.file, node), operands)

    def _index(self, node: Any) -> Any:
        """An index as an expression of its own: `1:` is `slice(1, None)`."""
        if isinstance(node, ast.Slice):
            parts = [node.lower, node.upper, node.step]
            return self._made(
                node,
                slice,
                *(self._visit(one) if one else ast.Constant(None, **_place(node)) for one in parts),
            )
        if isinstance(node, ast.Tuple):
            return _copy(node, elts=[self._index(one) for one in node.elts])
        return self._visit(node)

    def _attribute(self, node: ast.Attribute) -> Any:
        if node.attr not in COMPUTED or not isinstance(node.ctx, ast.Load):
            return self._rebuilt(node)
        site = Site(self.file, node)
        held = self._made(node, watchers.single, self._constant(node, site), self._visit(node.value))
        return self._after(node, site, _copy(node, value=held))

    def _comprehension(self, node: Any) -> Any:
        """Its first iterable is evaluated outside of it, as in Python, and counted inside of it."""
        first, *others = node.generators
        clauses: list[Any] = []
        if first.is_async:
            clauses.append(self._rebuilt(first))
        else:
            iterable = self._visit(first.iter)
            if isinstance(node, ast.GeneratorExp):
                iterable = self._made(first.iter, iter, iterable)  # at once, as Python does
            name = self._new_name()
            once = ast.Tuple([iterable], ast.Load(), **_place(first.iter))
            clauses.append(ast.comprehension(ast.Name(name, ast.Store(), **_place(first.iter)), once, [], 0))
            clauses.append(self._clause(first, ast.Name(name, ast.Load(), **_place(first.iter))))
        clauses += [
            self._rebuilt(one) if one.is_async else self._clause(one, self._visit(one.iter)) for one in others
        ]
        made = {name: self._visit(getattr(node, name)) for name in node._fields if name != "generators"}
        return _copy(node, generators=clauses, **made)

    def _clause(self, clause: ast.comprehension, iterable: Any) -> Any:
        loop = self._constant(clause.target, Site(self.file, clause))
        turn = self._made(clause.target, watchers.turn, loop, *_bound(clause.target))
        entered = self._made(clause.iter, watchers.enter, loop, iterable)
        return _copy(clause, iter=entered, ifs=[turn, *map(self._visit, clause.ifs)])

    # Statements

    def _assign(self, node: ast.Assign) -> Any:
        value = self._visit(node.value)
        if len(node.targets) == 1 and not isinstance(node.targets[0], ast.Tuple | ast.List):
            return self._store(node, node.targets[0], value)
        if not any(map(self._needs_care, node.targets)):
            return _copy(node, value=value, targets=[self._visit(one) for one in node.targets])
        if len(node.targets) == 1:
            return self._unpack(node, node.targets[0], value)
        name = self._new_name()
        stores = [_assigned(node, name, value)]
        for target in node.targets:
            read = ast.Name(name, ast.Load(), **_place(target))
            made = (
                self._unpack(node, target, read)
                if isinstance(target, ast.Tuple | ast.List)
                else self._store(node, target, read)
            )
            stores += made if isinstance(made, list) else [made]
        return [*stores, _deleted(node, [name])]

    def _needs_care(self, target: ast.AST) -> bool:
        """Whether a target changes an array, or unpacks one."""
        if isinstance(target, ast.Attribute):
            return target.attr in ASSIGNED
        return isinstance(target, ast.Subscript | ast.Tuple | ast.List)

    def _store(self, node: Any, target: Any, value: Any) -> Any:
        """`target = value` for one target that is no tuple."""
        site = Site(self.file, target)
        if isinstance(target, ast.Subscript):
            given = (value, self._visit(target.value), self._index(target.slice))
            return _statement(node, self._operation(node, operator.setitem, watchers.put, site, given))
        if isinstance(target, ast.Attribute) and target.attr in ASSIGNED:
            name = ast.Constant(target.attr, **_place(target))
            given = (value, self._visit(target.value), name)
            return _statement(node, self._operation(node, setattr, watchers.put, site, given))
        return ast.Assign([self._visit(target)], value, **_place(node))

    def _unpack(self, node: Any, target: Any, value: Any) -> Any:
        """`a, b = value`: into names of ours first where it goes anywhere else than into names."""
        site = Site(self.file, target)
        value = self._made(node, watchers.unpack, self._constant(node, site), value)
        if any(isinstance(one, ast.Starred) for one in ast.walk(target)):
            return ast.Assign([self._visit(target)], value, **_place(node))
        leaves = [one for one in leaves_of(target) if not isinstance(one, ast.Name)]
        names: list[str] = []
        if not leaves:
            into: Any = target
        else:
            into = self._renamed(target, names)
        stores: list[Any] = [ast.Assign([into], value, **_place(node))]
        if all(isinstance(one, ast.Name) for one in into.elts):
            read = [ast.Name(one.id, ast.Load(), **_place(one)) for one in into.elts]
            seen = self._made(target, watchers.unpacked, self._constant(target, site), *read)
            stores.append(_statement(target, seen))
        if leaves:
            for leaf, name in zip(leaves_of(target), names, strict=True):
                made = self._store(node, leaf, ast.Name(name, ast.Load(), **_place(leaf)))
                stores += made if isinstance(made, list) else [made]
            stores.append(_deleted(node, names))
        return stores

    def _renamed(self, target: Any, names: list[str]) -> Any:
        if isinstance(target, ast.Tuple | ast.List):
            return _copy(target, elts=[self._renamed(one, names) for one in target.elts])
        names.append(self._new_name())
        return ast.Name(names[-1], ast.Store(), **_place(target))

    def _augmented(self, node: ast.AugAssign) -> Any:
        """`t += v`: what `t` is made of is evaluated once, then `t` is read, `v` computed, and `t` stored."""
        target: Any = node.target
        if isinstance(target, ast.Name):
            read = ast.Name(target.id, ast.Load(), **_place(target))
            return ast.Assign([target], self._updated(node, read), **_place(node))
        owner, index = self._new_name(), self._new_name()
        stores: list[Any] = [_assigned(target.value, owner, self._visit(target.value))]
        within: dict[str, Any] = {"value": ast.Name(owner, ast.Load(), **_place(target.value))}
        names = [owner]
        if isinstance(target, ast.Subscript):
            stores.append(_assigned(target.slice, index, self._index(target.slice)))
            within["slice"] = ast.Name(index, ast.Load(), **_place(target.slice))
            names.append(index)
            operands = (within["value"], within["slice"])
            read = self._operation(target, operator.getitem, watchers.item, Site(self.file, target), operands)
            given = (self._updated(node, read), *operands)
            put = self._operation(node, operator.setitem, watchers.put, Site(self.file, target), given)
            stores.append(_statement(node, put))
        else:
            read = _copy(target, ctx=ast.Load(), **within)
            stores.append(ast.Assign([_copy(target, **within)], self._updated(node, read), **_place(node)))
        return [*stores, _deleted(node, names)]

    def _updated(self, node: ast.AugAssign, read: Any) -> Any:
        operands = (read, self._visit(node.value))
        return self._operation(
            node, IN_PLACE[type(node.op)], watchers.update, Site(self.file, node), operands
        )

    def _for(self, node: Any) -> Any:
        loop = self._constant(node.target, Site(self.file, node))
        turn = self._made(node.target, watchers.turn, loop, *_bound(node.target))
        entered = self._made(node.iter, watchers.enter, loop, self._visit(node.iter))
        body = [_statement(node.target, turn), *self._visited(node.body)]
        return _copy(node, iter=entered, body=body, orelse=self._visited(node.orelse))

    def _while(self, node: ast.While) -> Any:
        loop = self._constant(node.test, Site(self.file, node))
        entered = self._made(node.test, watchers.enter, loop, ast.Constant(None, **_place(node.test)))
        turn = self._made(node.test, watchers.turn, loop)
        body = [_statement(node.test, turn), *self._visited(node.body)]
        made = _copy(node, test=self._visit(node.test), body=body, orelse=self._visited(node.orelse))
        return [_statement(node.test, entered), made]

    # Building

    def _operation(self, node: Any, run: Any, watcher: Any, site: Site, operands: Any) -> Any:
        """`after(site, run(*watcher(site, *operands)))`."""
        held = self._made(node, watcher, self._constant(node, site), *operands)
        return self._after(node, site, self._made(node, run, ast.Starred(held, ast.Load(), **_place(node))))

    def _after(self, node: Any, site: Site, value: Any) -> Any:
        return self._made(node, watchers.after, self._constant(node, site), value)

    def _made(self, node: Any, function: Any, *args: Any) -> ast.Call:
        return ast.Call(self._constant(node, function), list(args), [], **_place(node))

    def _constant(self, node: Any, value: Any) -> ast.Constant:
        self.constants.append(value)
        return ast.Constant(f"{MARK}{len(self.constants) - 1}", **_place(node))

    def _new_name(self) -> str:
        return f"@{next(self._numbers)}"  # no name of a program can be this


def _place(node: Any) -> dict[str, Any]:
    return {
        "lineno": node.lineno, "col_offset": node.col_offset,
        "end_lineno": node.end_lineno, "end_col_offset": node.end_col_offset,
    }  # fmt: skip


def _place_of_call(node: ast.Call) -> dict[str, Any]:
    """Python places the call of a method at its name where that is on another line."""
    place, function = _place(node), node.func
    if isinstance(function, ast.Attribute) and function.end_lineno != node.lineno:
        end = function.end_col_offset or 0
        place["lineno"] = function.end_lineno or node.lineno
        place["col_offset"] = max(0, end - len(function.attr))
    return place


def _copy(node: Any, **changes: Any) -> Any:
    made = node.__class__.__new__(node.__class__)
    made.__dict__.update(node.__dict__)
    made.__dict__.update(changes)
    return made


def _statement(node: Any, value: Any) -> ast.Expr:
    return ast.Expr(value, **_place(node))


def _assigned(node: Any, name: str, value: Any) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store(), **_place(node))], value, **_place(node))


def _deleted(node: Any, names: list[str]) -> ast.Delete:
    return ast.Delete([ast.Name(name, ast.Del(), **_place(node)) for name in names], **_place(node))


def _bound(target: Any) -> list[ast.Name]:
    """The names that a loop's target binds, to be read; none where it binds anything else."""
    found = list(leaves_of(target))
    if not all(isinstance(one, ast.Name) for one in found):
        return []
    return [ast.Name(one.id, ast.Load(), **_place(one)) for one in found]


def _is_constant(node: Any) -> bool:
    """Whether the compiler computes it: `-1`, `2 ** 10`."""
    if isinstance(node, ast.BinOp):
        return _is_constant(node.left) and _is_constant(node.right)
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    return isinstance(node, ast.Constant)


def _is_text(node: Any) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )
