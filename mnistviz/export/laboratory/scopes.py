"""What a source assigns to its names, function by function, and where it turns: read from its text, nothing is run."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from mnistviz.trace.model import Span

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
GROWS = frozenset({"append", "extend", "insert", "appendleft", "push"})
COLLECTS = frozenset({"add", "update", "setdefault"})  # how many there are depends on which ones are alike
SHRINKS = frozenset({"pop", "popleft", "popitem", "remove", "discard", "clear"})
How = Literal["value", "each", "item", "key", "turn", "passes"]
IN_A_ROW: tuple[How, ...] = ("value",)
HELD_AS: tuple[How, ...] = ("item", "key")  # what a set or a dict takes in is both
Under = tuple[tuple[ast.AST, How], ...]
"""Conditions that decide whether something happens, and what loops go through, which decides how often."""


@dataclass(frozen=True)
class Assigned:
    """What a name is given, as what, and where its own names mean what they mean."""

    node: ast.AST
    scope: Scope
    how: How = "value"


@dataclass(frozen=True)
class Turn:
    """A condition, or what a loop goes through, and the part of the source that it decides over."""

    test: ast.expr
    owner: ast.AST
    scope: Scope
    how: How


@dataclass
class Scope:
    """A function, or a file: what is assigned to each name in it; None stands for what cannot be told."""

    node: ast.AST
    outer: Scope | None
    files: Scopes
    names: dict[str, list[Assigned | None]] = field(default_factory=lambda: defaultdict(list))

    def assigned(self, name: str) -> list[Assigned | None]:
        """All that a name may be given, in this scope or in the next one around it that assigns it at all."""
        if name.startswith(".") or name.endswith("()"):
            return self.files.anywhere.get(name, [])
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.outer
        return scope.names[name] if scope is not None else []


@dataclass
class Scopes:
    """A file's functions, what is given to attributes in it, and its conditions, each with what it decides over."""

    recorded: str  # name of the function whose arguments were given to the run
    lines: tuple[int, int]  # of the file, between which anything was recorded: what stands outside was given
    anywhere: dict[str, list[Assigned | None]] = field(default_factory=lambda: defaultdict(list))
    """What is assigned to attributes, as `.rate`, and what functions return, as `decayed()`."""
    turns: list[Turn] = field(default_factory=list)
    calls: dict[str, list[Assigned]] = field(default_factory=lambda: defaultdict(list))
    functions: list[tuple[Function, Scope, str]] = field(default_factory=list)
    whole: Scope | None = None

    @property
    def tests(self) -> list[ast.expr]:
        """All conditions."""
        return [one.test for one in self.turns if one.how == "turn"]

    def around(self, span: Span) -> Scope | None:
        """The innermost scope around a piece of the source."""
        inner = [scope for node, scope, _ in self.functions if holds(node, span)]  # in the order of the text
        return inner[-1] if inner else self.whole


def holds(node: ast.AST, span: Span) -> bool:
    """Whether a piece of source lies in a node."""
    first, last = _ends(node)
    return first <= (span.first_line, span.first_column) and (span.last_line, span.last_column) <= last


def is_at(node: ast.AST, span: Span) -> bool:
    """Whether a node is that piece of the source."""
    return _ends(node) == ((span.first_line, span.first_column), (span.last_line, span.last_column))


def _ends(node: ast.AST) -> tuple[tuple[int, int], tuple[int, int]]:
    first = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
    return first, (getattr(node, "end_lineno", None) or 0, getattr(node, "end_col_offset", None) or 0)


def scopes_of(text: str, recorded: str, lines: tuple[int, int]) -> Scopes:
    """Reads a source; one that is no Python, or too deep to be read, has no scopes."""
    scopes = Scopes(recorded, lines)
    try:
        tree = ast.parse(text)
        count_characters(tree, text)
        scopes.whole = Scope(tree, None, scopes)
        _Reader(scopes, scopes.whole).visit_all(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Scopes(recorded, lines)
    for node, scope, called in scopes.functions:
        _bind_arguments(node, scope, called, scopes)
    return scopes


def count_characters(tree: ast.AST, text: str) -> None:
    """Columns in characters, as a trace has them: `ast` counts bytes."""
    if text.isascii():
        return
    lines = [line.encode() for line in text.split("\n")]
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.stmt):
            node.col_offset = len(lines[node.lineno - 1][: node.col_offset].decode(errors="replace"))
            if node.end_lineno is not None and node.end_col_offset is not None:
                node.end_col_offset = len(
                    lines[node.end_lineno - 1][: node.end_col_offset].decode(errors="replace")
                )


class _Reader:
    """Goes through one scope, and opens those in it."""

    def __init__(self, scopes: Scopes, scope: Scope, name: str = "", under: Under = ()) -> None:
        self.scopes, self.scope, self.name, self.under = scopes, scope, name, under

    def visit_all(self, node: ast.AST, owner: str = "") -> None:
        for child in ast.iter_child_nodes(node):
            self.visit(child, owner)

    def visit(self, node: ast.AST, owner: str = "") -> None:
        self._assign(node)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._open(node, owner)
            case ast.ClassDef():
                self.visit_all(node, node.name)
            case ast.If(test=test) | ast.While(test=test):
                self._turn(test, node)
                self._go_on(node, owner, ((test, "turn"), *self._left_by(node)))
            case ast.For(iter=source) | ast.AsyncFor(iter=source):
                self._turn(source, node, "passes")
                self._go_on(node, owner, ((source, "passes"), *self._left_by(node)))
            case ast.Match(subject=subject, cases=cases):
                tests = [subject, *(one.guard for one in cases if one.guard is not None)]
                for test in tests:
                    self._turn(test, node)
                self._go_on(node, owner, tuple((test, "turn") for test in tests))
            case ast.Try():  # what is tried decides whether it fails
                self._go_on(node, owner, tuple((one, "turn") for one in node.body))
            case _:
                self._look(node)
                self.visit_all(node, owner)

    def _go_on(self, node: ast.AST, owner: str, under: Under) -> None:
        """Through the parts of a statement, those that it decides over under its conditions."""
        inner = _Reader(self.scopes, self.scope, self.name, (*self.under, *under))
        decided = ("handlers", "orelse") if isinstance(node, ast.Try) else ("body", "orelse", "cases")
        for name, part in ast.iter_fields(node):
            reader = inner if name in decided else self
            for one in part if isinstance(part, list) else [part]:
                if isinstance(one, ast.AST):
                    reader.visit(one, owner)

    def _left_by(self, node: ast.AST) -> Under:
        """Conditions under which a loop is left, or a pass of it: they decide over all of it."""
        if isinstance(node, ast.If):
            return ()
        tests = list(_leaving(node, (ast.Break, ast.Continue)))
        for test in tests:
            self._turn(test, node)
        return tuple((test, "turn") for test in tests)

    def _look(self, node: ast.AST) -> None:
        """Takes up what an expression decides, and whom it calls."""
        match node:
            case ast.IfExp(test=test) | ast.Assert(test=test):
                self._turn(test, node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                for each in node.generators:
                    self._turn(each.iter, node, "passes")
                    for test in each.ifs:
                        self._turn(test, test)
            case ast.BoolOp(values=values):
                for part in values[:-1]:
                    self._turn(part, node)
            case ast.Call():
                self._call(node)
            case ast.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Subscript):
                        self._give(target.value, target.slice, "turn")

    def _turn(self, test: ast.expr, owner: ast.AST, how: How = "turn") -> None:
        self.scopes.turns.append(Turn(test, owner, self.scope, how))

    def _open(self, node: Function, owner: str) -> None:
        scope = Scope(node, self.scope, self.scopes)
        name = "" if isinstance(node, ast.Lambda) else owner if node.name == "__init__" else node.name
        self.scopes.functions.append((node, scope, name))
        reader = _Reader(self.scopes, scope, name)
        tests = list(_leaving(node, (ast.Return,)))
        for test in tests:
            reader._turn(test, node)
        reader.under = tuple((test, "turn") for test in tests)
        reader.visit_all(node)

    def _call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        self.scopes.calls[name].append(Assigned(node, self.scope))
        if not isinstance(node.func, ast.Attribute) or name not in GROWS | COLLECTS | SHRINKS:
            return
        for argument in (*node.args, *(one.value for one in node.keywords)):
            for how in HELD_AS if name in COLLECTS else IN_A_ROW:
                self._give(node.func.value, argument, how)
        if not node.args:
            self._give(node.func.value, ast.copy_location(ast.Constant(0), node), "turn")

    def _assign(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._give(target, value)
            case ast.AugAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
                self._give(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._give(target, value)
            case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
                self._give_each(target, source)
            case ast.Return(value=ast.expr() as value) if self.name:
                self._enter(self.scopes.anywhere[f"{self.name}()"], value)
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                self._give(target, value)

    def _give_each(self, target: ast.expr, source: ast.expr) -> None:
        """What a loop binds: of `enumerate` the counter depends on nothing, of `zip` each name on its own."""
        match target, source:
            case ast.Tuple(elts=[counter, element]), ast.Call(
                func=ast.Name(id="enumerate"), args=[first, *_]
            ):
                self._give(counter, ast.copy_location(ast.Constant(0), counter))
                self._give_each(element, first)
            case ast.Tuple(elts=parts), ast.Call(func=ast.Name(id="zip"), args=given) if len(parts) == len(
                given
            ):
                for part, one in zip(parts, given, strict=True):
                    self._give_each(part, one)
            case _:
                self._give(target, source, "each")

    def _give(self, target: ast.expr, value: ast.expr, how: How = "value") -> None:
        if self.scope.outer is None and not self.scopes.lines[0] <= value.lineno <= self.scopes.lines[1]:
            return  # before the recorded part of a script, or after it
        if isinstance(target, ast.Tuple | ast.List):
            parts = (
                value.elts
                if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
                else ()
            )
            for place, part in enumerate(target.elts):
                self._give(part, parts[place] if parts else value, how)
        elif isinstance(target, ast.Starred):
            self._give(target.value, value, how)
        elif isinstance(target, ast.Subscript):
            self._give(target.value, value, "item")
            self._give(target.value, target.slice, "key")
        elif isinstance(target, ast.Attribute):
            self._enter(self.scopes.anywhere[f".{target.attr}"], value, how)
        elif isinstance(target, ast.Name):
            self._enter(self.scope.names[target.id], value, how)

    def _enter(self, known: list[Assigned | None], value: ast.expr, how: How = "value") -> None:
        known.extend(Assigned(one, self.scope, way) for one, way in ((value, how), *self.under))


def _leaving(node: ast.AST, ways: tuple[type[ast.stmt], ...]) -> Iterator[ast.expr]:
    """Conditions in a loop, or in a function, under which it is left, or a pass of it."""
    for child in _own(node, ways):
        if isinstance(child, ast.If | ast.While) and any(isinstance(one, ways) for one in _all(child, ways)):
            yield child.test
        yield from _leaving(child, ways)


def _all(node: ast.AST, ways: tuple[type[ast.stmt], ...]) -> Iterator[ast.AST]:
    for child in _own(node, ways):
        yield child
        yield from _all(child, ways)


def _own(node: ast.AST, ways: tuple[type[ast.stmt], ...]) -> Iterator[ast.AST]:
    """What is in a node, but not functions, nor loops that would be left instead."""
    others: tuple[type[ast.AST], ...] = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
    if ast.Break in ways:
        others += (ast.For, ast.AsyncFor, ast.While)
    return (one for one in ast.iter_child_nodes(node) if not isinstance(one, others))


def _bind_arguments(node: Function, scope: Scope, called: str, scopes: Scopes) -> None:
    """What a function's arguments may be: what its calls in this file pass; of a lambda, nobody knows."""
    parameters = [*node.args.posonlyargs, *node.args.args]
    if called == scopes.recorded:
        return
    calls = scopes.calls.get(called, []) if called else []
    bound = parameters[1:] if parameters and parameters[0].arg in ("self", "cls") else parameters
    for place, parameter in enumerate([*bound, *node.args.kwonlyargs]):
        scope.names[parameter.arg].extend(
            _passed(calls, parameter.arg, place if place < len(bound) else None)
        )
        if not called:
            scope.names[parameter.arg].append(None)
    for rest in (node.args.vararg, node.args.kwarg):
        if rest is not None:
            scope.names[rest.arg].extend(
                Assigned(one, call.scope) for call in calls for one in _arguments(call.node)
            )


def _passed(calls: list[Assigned], name: str, place: int | None) -> Iterator[Assigned]:
    for call in calls:
        if not isinstance(call.node, ast.Call):
            continue
        starred = any(isinstance(one, ast.Starred) for one in call.node.args)
        named = [one.value for one in call.node.keywords if one.arg in (name, None)]
        if starred:
            yield from (Assigned(one, call.scope) for one in _arguments(call.node))
        elif place is not None and place < len(call.node.args):
            yield Assigned(call.node.args[place], call.scope)
        yield from (Assigned(one, call.scope) for one in named)


def _arguments(call: ast.AST) -> list[ast.expr]:
    return [*call.args, *(one.value for one in call.keywords)] if isinstance(call, ast.Call) else []
