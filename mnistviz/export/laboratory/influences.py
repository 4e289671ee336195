"""What of a program goes by way of Python, where the page cannot follow it: plain arguments, and turns that it took.

`w * float(x[0])` is recorded as a product with a plain number; only the source says that it came from `x`.  So the
source is read: a name depends on what is assigned to it anywhere in its function, under whatever condition; what is
not to be told (a lambda's argument) depends on everything.  How large an array is depends on nothing where it follows
from what was given, which keeps its shape; of what was chosen (`x[x > 0]`), on what chose it.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

from mnistviz.export.laboratory.formulas import Formulas, read_by
from mnistviz.export.laboratory.scopes import Assigned, Scope, holds, is_at, scopes_of
from mnistviz.export.laboratory.sizes import (
    called,
    chosen_by_numbers,
    decide_size,
    laid_out_by_arguments,
    measured,
)
from mnistviz.export.laboratory.written import arguments_of, normal, parsed
from mnistviz.trace.model import Operand, Operation, Trace, Value

Given = frozenset[int]  # ids of arrays and numbers that the program was given
# Of something one may ask what it is, how large, which of several arrays, and at which place.
By = Literal["numbers", "size", "which", "index"]
Name = tuple[int, str, By]  # of a scope
Asked = set[Name]
NONE: Given = frozenset()
# Calls that give one of several.
CHOSEN = frozenset({"max", "min", "next", "choice", "choices", "sample", "filter"})
GONE_THROUGH = frozenset({"enumerate", "list", "range", "reversed", "sorted", "tuple", "zip"})


class Influences:
    """Which of the given arrays decide an operation's plain arguments, and which operations decide the way."""

    def __init__(self, trace: Trace, given: Sequence[Value], formulas: Formulas) -> None:
        self._everything: Given = frozenset(value.id for value in given)
        self._made = {value.id for operation in trace for value in (operation.output, *operation.more)} | {
            value.id for value in trace.inputs
        }
        self._computed = {normal(one.expression) for one in trace}
        # Names, and expressions that are computed.
        self._arrays = {normal(one.expression) for one in trace if one.output.shape} | {
            value.name for one in trace for value in (*one.inputs, one.output) if value.shape
        }
        self._scopes = {
            source.name: scopes_of(
                source.text, trace.function.rpartition(".")[2], lines_of(trace, source.name)
            )
            for source in trace.sources
        }
        self._named: dict[str, Given] = defaultdict(lambda: NONE)
        self._written: dict[str, Given] = defaultdict(lambda: NONE)
        self._sized: dict[str, Given] = defaultdict(lambda: NONE)  # what decides how large they are
        self._sizes: dict[int, Given] = {}  # of values
        self._known: dict[Name, Given] = {}
        self._of: dict[int, Given] = {number: frozenset({number}) for number in self._everything}
        for value in given:
            self._named[value.name] |= self._of[value.id]
        self._frozen = [self._read(operation, formulas) for operation in trace]

    def frozen(self, operation: Operation) -> list[int]:
        """Ids of what was given and decides, by way of Python, how the operation is called."""
        return sorted(self._frozen[operation.number])

    def _read(self, operation: Operation, formulas: Formulas) -> Given:
        """The same; what the operation makes depends on that, and on what its arrays depend on."""
        frozen = NONE
        for argument, node in arguments_of(operation):
            formula = formulas.of(operation, argument, node)
            frozen |= self._argument(argument, node, operation) - frozenset(read_by(formula))
        frozen |= self._called(operation)
        reached = frozen.union(*(self._value(value) for value in operation.inputs))
        sized = self._size_made(operation, frozen, reached)
        self._enter(self._written, normal(operation.expression), reached)
        self._enter(self._sized, normal(operation.expression), sized)
        for value in (operation.output, *operation.more):
            self._of[value.id] = reached
            self._sizes[value.id] = sized if value.shape else NONE
            if value.name:
                self._enter(self._named, value.name, reached)
                self._enter(self._sized, value.name, self._sizes[value.id])
        return frozen

    def _size_made(self, operation: Operation, frozen: Given, reached: Given) -> Given:
        """What decides how large a result is."""
        if chosen_by_numbers(operation):
            return reached
        taken = operation.inputs[:1] if operation.in_place else operation.inputs
        found = NONE.union(*(self._sizes.get(value.id, NONE) for value in taken))
        return found | frozen if laid_out_by_arguments(operation) else found

    def _enter(self, known: dict[str, Given], name: str, depends: Given) -> None:
        if not depends <= known[name]:
            known[name] |= depends
            self._known.clear()  # other names may depend on more, too

    def _value(self, value: Value) -> Given:
        return self._of.get(value.id, NONE)

    def _argument(self, argument: object, node: ast.AST | None, operation: Operation) -> Given:
        """What decides an argument by way of Python: nothing where it is an array that the page has."""
        if isinstance(argument, Operand):
            return self._array(operation.inputs[argument.place], node, operation)
        if isinstance(argument, tuple | list):
            written = node.elts if isinstance(node, ast.Tuple | ast.List) else []
            if len(written) == len(argument) or all(isinstance(one, Operand) for one in argument):
                parts = written if len(written) == len(argument) else [None] * len(argument)
                return NONE.union(
                    *(self._argument(one, part, operation) for one, part in zip(argument, parts, strict=True))
                )
        tree = parsed(operation.expression)
        if node is None and operation.operation == "getitem" and not isinstance(tree, ast.Subscript):
            return NONE  # the place in a row that a loop or a list of names takes
        whole = node or tree
        return self._everything if whole is None else self._depends(whole, self._scope(operation))

    def _called(self, operation: Operation) -> Given:
        """What decides which function is called: `steps[best](w)`."""
        tree = parsed(operation.expression)
        if not isinstance(tree, ast.Call) or isinstance(tree.func, ast.Attribute):
            return NONE
        return self._depends(tree.func, self._scope(operation), "which")

    def _array(self, value: Value, node: ast.AST | None, operation: Operation) -> Given:
        """What decides that an array is this one: all, where code that is not watched passed what nothing recorded made."""
        scope = self._scope(operation)
        if node is None or scope is None:
            return NONE
        if value.id not in self._made and isinstance(node, ast.Name) and None in scope.assigned(node.id):
            return self._everything
        return self._depends(node, scope, "which")

    def _scope(self, operation: Operation) -> Scope | None:
        scopes = self._scopes.get(operation.source.expression.file)
        return scopes.around(operation.source.expression) if scopes else None

    def _depends(self, node: ast.AST, scope: Scope | None, by: By = "numbers") -> Given:
        try:
            return self._ask(node, scope, set(), by)
        except RecursionError:  # thousands of terms
            return self._everything

    def _ask(self, node: ast.AST, scope: Scope | None, asked: Asked, by: By) -> Given:
        if by == "size":
            return self._size(node, scope, asked)
        if by == "which":
            return self._which(node, scope, asked)
        return self._expression(node, scope, asked, by)

    def _expression(self, node: ast.AST, scope: Scope | None, asked: Asked, by: By = "numbers") -> Given:
        """What an expression depends on by way of Python, and by what was computed in it; of no name twice."""
        if isinstance(node, ast.Constant):
            return NONE
        whole = measured(node)
        if whole is not None:
            return NONE.union(*(self._size(one, scope, asked) for one in whole))
        if isinstance(node, ast.Name):
            return self._name(node.id, scope, asked, by)
        found = self._written.get(ast.unparse(node), NONE) if isinstance(node, ast.expr) else NONE
        found |= self._far(node, scope, asked, by)
        return found.union(*(self._expression(one, scope, asked, by) for one in ast.iter_child_nodes(node)))

    def _size(self, node: ast.AST, scope: Scope | None, asked: Asked) -> Given:
        """What decides how large something is, or how often a loop goes through it."""
        if isinstance(node, ast.Name):
            return self._name(node.id, scope, asked, "size")
        found = self._sized.get(ast.unparse(node), NONE) if isinstance(node, ast.expr) else NONE
        if self._is_array(node):
            return found  # the operation says what decides it
        found |= self._far(node, scope, asked, "size")
        numbers, places, sizes = decide_size(node)
        found = found.union(*(self._expression(one, scope, asked) for one in numbers))
        found = found.union(*(self._expression(one, scope, asked, "index") for one in places))
        return found.union(*(self._size(one, scope, asked) for one in sizes))

    def _which(self, node: ast.AST, scope: Scope | None, asked: Asked) -> Given:
        """What decides which one of several arrays is meant; of what is computed, there is one."""
        if isinstance(node, ast.Name):
            return self._name(node.id, scope, asked, "which")
        if not isinstance(node, ast.expr) or {ast.unparse(node)} & (self._computed | self._arrays):
            return NONE
        match node:
            case ast.Subscript(value=value, slice=index):
                return self._which(value, scope, asked) | self._expression(index, scope, asked, "index")
            case ast.IfExp(test=test):
                found = NONE if self._is_turn(test) else self._expression(test, scope, asked)
            case ast.Call() if called(node) in CHOSEN or any(one.arg == "key" for one in node.keywords):
                return self._expression(node, scope, asked)
            case ast.Attribute() | ast.Call() | ast.List() | ast.Tuple() | ast.Dict():
                found = self._far(node, scope, asked, "which")
            case _:
                return NONE
        return found.union(*(self._which(one, scope, asked) for one in ast.iter_child_nodes(node)))

    def _elements(self, node: ast.AST, scope: Scope | None, asked: Asked) -> Given:
        """What decides the places that a loop goes through: of a dictionary, its keys."""
        match node:
            case ast.Name(id=name) if scope is not None and name not in self._named:
                return self._name(name, scope, asked, "index")
            case ast.Dict(keys=keys):
                return NONE.union(*(self._expression(one, scope, asked) for one in keys if one is not None))
            case ast.DictComp(key=key):
                return self._expression(key, scope, asked, "index")
            case ast.Call(func=ast.Attribute(value=value)) if called(node) in ("keys", "items", "copy"):
                return self._elements(value, scope, asked)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=named) if name == "dict" or (
                name in GONE_THROUGH and not named
            ):
                return NONE.union(*(self._elements(one, scope, asked) for one in args))
        return self._expression(node, scope, asked, "index")

    def _far(self, node: ast.AST, scope: Scope | None, asked: Asked, by: By) -> Given:
        """What an attribute depends on that may be given anywhere, and what a function returns."""
        if isinstance(node, ast.Attribute):
            return self._name(f".{node.attr}", scope, asked, by)
        return self._name(f"{called(node)}()", scope, asked, by) if isinstance(node, ast.Call) else NONE

    def _name(self, name: str, scope: Scope | None, asked: Asked, by: By) -> Given:
        """What a name of a scope, an attribute anywhere (`.rate`) or a call (`rate()`) depends on."""
        key = (id(scope), name, by)
        if key in asked:
            return NONE  # whoever asked first has it
        if not asked and key in self._known:
            return self._known[key]
        first = not asked
        asked.add(key)
        if scope is None:
            return self._everything
        own = name.removeprefix(".")
        known = {"size": self._sized, "which": {}}.get(by, self._named)
        found = known.get(own, NONE).union(
            *(self._source(source, own, asked, by) for source in scope.assigned(name))
        )
        if first:
            self._known[key] = found
        return found

    def _source(self, source: Assigned | None, name: str, asked: Asked, by: By) -> Given:
        """What a name depends on by one thing that it is given."""
        if source is None:
            return NONE if by == "which" else self._everything
        node, scope, how = source.node, source.scope, source.how
        if how == "passes":
            return NONE if by in ("which", "index") else self._size(node, scope, asked)
        if (how == "key" and (by == "which" or (by == "size" and name in self._arrays))) or (
            how == "item" and by == "size"
        ):
            return NONE  # an array that is written into stays what it is, with as many cells as before
        if by == "index" and how == "item" and self._is_array(node):
            return NONE  # it is no place
        if by == "index" and how in ("each", "value"):
            return self._elements(node, scope, asked)
        if by == "which" and how == "turn" and self._is_turn(node):
            return NONE
        if how == "key":
            return self._expression(node, scope, asked, "index")
        return self._ask(node, scope, asked, "numbers" if how == "turn" else by)

    def _is_turn(self, test: ast.AST) -> bool:
        """Whether what decides a condition is computed by the page, which sees whether it turns out otherwise."""
        return any(ast.unparse(one) in self._computed for one in ast.walk(test) if isinstance(one, ast.expr))

    def _is_array(self, node: ast.AST) -> bool:
        return ast.unparse(node) in self._arrays

    def turns(self, trace: Trace) -> dict[int, str]:
        """Operations that decide which way the program goes: of which `truth` is asked, or of which the `value`."""
        found: dict[int, str] = {}
        for name, scopes in self._scopes.items():
            here = [one for one in trace if one.source.expression.file == name]
            for test in scopes.tests:
                inside = [one for one in here if holds(test, one.source.expression)]
                taken = {value.id for one in inside for value in one.inputs}
                for one in inside:
                    if one.output.id not in taken:
                        exact = any(is_at(part, one.source.expression) for part in truths(test))
                        found[one.number] = "truth" if exact and not one.output.shape else "value"
        return found

    def doubts(self, trace: Trace) -> list[tuple[int, list[int]]]:
        """Ways that Python's own numbers decided: the first operation on each, and ids of what was given that decides."""
        found: list[tuple[int, list[int]]] = []
        for name, scopes in self._scopes.items():
            here = [one for one in trace if one.source.expression.file == name]
            for turn in scopes.turns:
                if turn.how == "turn" and any(holds(turn.test, one.source.expression) for one in here):
                    continue
                first = next((one for one in here if holds(turn.owner, one.source.expression)), None)
                by: By = "size" if turn.how == "passes" else "numbers"
                depends = self._depends(turn.test, turn.scope, by) if first is not None else NONE
                if first is not None and depends:
                    found.append((first.number, sorted(depends)))
        return found


def lines_of(trace: Trace, name: str) -> tuple[int, int]:
    """The first and the last line of a file on which anything was recorded."""
    spans = [one.source.statement for one in trace if one.source.statement.file == name]
    return min((one.first_line for one in spans), default=0), max((one.last_line for one in spans), default=0)


def truths(test: ast.AST) -> Iterator[ast.AST]:
    """The parts of a condition whose truth alone matters."""
    yield test
    if isinstance(test, ast.BoolOp):
        for part in test.values:
            yield from truths(part)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from truths(test.operand)
