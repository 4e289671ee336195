"""What of a program goes by way of Python, where the page cannot follow it: plain arguments, and turns that it took.

`w * float(x[0])` is recorded as a product with a plain number; only the source says that it came from `x`.  So the
source is read: a name depends on what is assigned to it anywhere in its function, under whatever condition; what is
not to be told (a lambda's argument) depends on everything.  Shapes and lengths depend on nothing: an array that is
given anew has the shape that it had.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence

from mnistviz.export.laboratory.formulas import Formulas, read_by
from mnistviz.export.laboratory.scopes import Scope, holds, is_at, scopes_of
from mnistviz.export.laboratory.written import arguments_of, normal, parsed
from mnistviz.trace.model import Operand, Operation, Trace, Value

Given = frozenset[int]  # ids of arrays and numbers that the program was given
Asked = set[tuple[int, str]]  # names of scopes
NONE: Given = frozenset()
SHAPES = frozenset({"shape", "size", "ndim", "dtype", "nbytes", "itemsize"})
LENGTHS = frozenset({"len", "type", "isinstance"})


class Influences:
    """Which of the given arrays decide an operation's plain arguments, and which operations decide the way."""

    def __init__(self, trace: Trace, given: Sequence[Value], formulas: Formulas) -> None:
        self._everything: Given = frozenset(value.id for value in given)
        self._made = {value.id for operation in trace for value in (operation.output, *operation.more)} | {
            value.id for value in trace.inputs
        }
        self._scopes = {
            source.name: scopes_of(
                source.text, trace.function.rpartition(".")[2], lines_of(trace, source.name)
            )
            for source in trace.sources
        }
        self._named: dict[str, Given] = defaultdict(lambda: NONE)
        self._written: dict[str, Given] = defaultdict(lambda: NONE)
        self._known: dict[tuple[int, str], Given] = {}
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
        reached = frozen.union(*(self._value(value) for value in operation.inputs))
        self._enter(self._written, normal(operation.expression), reached)
        for value in (operation.output, *operation.more):
            self._of[value.id] = reached
            if value.name:
                self._enter(self._named, value.name, reached)
        return frozen

    def _enter(self, known: dict[str, Given], name: str, depends: Given) -> None:
        if not depends <= known[name]:
            known[name] |= depends
            self._known.clear()  # other names may depend on more, too

    def _value(self, value: Value) -> Given:
        return self._of.get(value.id, NONE)

    def _argument(self, argument: object, node: ast.AST | None, operation: Operation) -> Given:
        """What decides an argument by way of Python: nothing where it is an array that the page has."""
        if isinstance(argument, Operand):
            return self._unwatched(operation.inputs[argument.place], node, operation)
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

    def _unwatched(self, value: Value, node: ast.AST | None, operation: Operation) -> Given:
        """What an array may depend on that nothing recorded made: all, where code that is not watched passed it."""
        scope = self._scope(operation)
        if value.id in self._made or not isinstance(node, ast.Name) or scope is None:
            return NONE
        return self._everything if None in scope.assigned(node.id) else NONE

    def _scope(self, operation: Operation) -> Scope | None:
        scopes = self._scopes.get(operation.source.expression.file)
        return scopes.around(operation.source.expression) if scopes else None

    def _depends(self, node: ast.AST, scope: Scope | None) -> Given:
        try:
            return self._expression(node, scope, set())
        except RecursionError:  # thousands of terms
            return self._everything

    def _expression(self, node: ast.AST, scope: Scope | None, asked: Asked) -> Given:
        """What an expression depends on by way of Python, and by what was computed in it; of no name twice."""
        if isinstance(node, ast.Constant) or _says_shapes(node):
            return NONE
        if isinstance(node, ast.Name):
            return self._name(node.id, scope, asked)
        found = self._written.get(ast.unparse(node), NONE) if isinstance(node, ast.expr) else NONE
        if isinstance(node, ast.Attribute):
            found |= self._name(f".{node.attr}", scope, asked)
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found |= self._name(f"{called}()", scope, asked)
        return found.union(*(self._expression(one, scope, asked) for one in ast.iter_child_nodes(node)))

    def _name(self, name: str, scope: Scope | None, asked: Asked) -> Given:
        """What a name of a scope, an attribute anywhere (`.rate`) or a call (`rate()`) depends on."""
        key = (id(scope), name)
        if key in asked:
            return NONE  # whoever asked first has it
        if not asked and key in self._known:
            return self._known[key]
        first = not asked
        asked.add(key)
        found = self._named.get(name.removeprefix("."), NONE) if scope is not None else self._everything
        for source in scope.assigned(name) if scope is not None else ():
            found |= (
                self._everything if source is None else self._expression(source.node, source.scope, asked)
            )
        if first:
            self._known[key] = found
        return found

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
            for test, owner, scope in scopes.turns:
                if any(holds(test, one.source.expression) for one in here):
                    continue
                first = next((one for one in here if holds(owner, one.source.expression)), None)
                depends = self._depends(test, scope) if first is not None else NONE
                if first is not None and depends:
                    found.append((first.number, sorted(depends)))
        return found


def _says_shapes(node: ast.AST) -> bool:
    """Whether an expression says of what it names only how large it is, or of what kind."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in LENGTHS
    return isinstance(node, ast.Attribute) and node.attr in SHAPES


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
