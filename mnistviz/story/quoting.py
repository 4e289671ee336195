"""What the author wrote, as titles have it: his statements and expressions, with the names of the run."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import takewhile

from mnistviz.story.referring import shortened
from mnistviz.story.shortening import shorter
from mnistviz.story.tree import COMPREHENSIONS, Tree
from mnistviz.trace.model import Operation, Span, Trace

LONGEST = 48  # characters of a title
HEADS = re.compile(r"(for|while|if|elif|with|assert)\b")
OWN_METHOD = re.compile(r"\bself\.(?=\w+\()")
LIBRARY = re.compile(r"\b(?:np|numpy|xp|jnp|cp)\.(?=[a-z])")


class Quotes:
    """Quotes one trace's sources."""

    def __init__(self, trace: Trace, trees: Mapping[str, Tree]) -> None:
        self._lines = {file.name: file.lines for file in trace.sources}
        self._trees = trees
        # A comprehension inside of a method has none of its own.
        sources = [one.source for one in trace if one.source.receiver]
        self._receivers = {(one.function, one.calls): one.receiver for one in sources}

    def statement(self, operation: Operation) -> str:
        """The author's own statement, with names of the run."""
        span = operation.source.statement
        gathered = self.gathered(span)
        if gathered:
            return gathered
        if self.is_lambda(operation):  # the statement does nothing but make the function
            return ""
        if span.first_line != span.last_line:
            return ""
        text = LIBRARY.sub("", " ".join(self.text(span).split()))
        if text.startswith("return ") and self._is_tuple(span):
            text = without_library(operation.expression)  # the rest was computed before
        text = self.of_run(text.removeprefix("return ").rstrip(":"), operation)
        return "" if HEADS.match(text) else text

    def is_of_element(self, expression: Span) -> bool:
        """Whether it is inside a loop of its statement's own."""
        inside = takewhile(lambda one: not isinstance(one, ast.stmt), self._around(expression))
        return any(isinstance(one, COMPREHENSIONS) for one in inside)

    def is_lambda(self, operation: Operation) -> bool:
        """Whether it is of a function that is written as an expression."""
        around = self._around(operation.source.expression)
        found = next((one for one in around if isinstance(one, ast.Lambda | ast.stmt)), None)
        return isinstance(found, ast.Lambda)

    def _is_tuple(self, span: Span) -> bool:
        """Whether a statement gives several things back."""
        statement = next((one for one in self._around(span) if isinstance(one, ast.Return)), None)
        return statement is not None and isinstance(statement.value, ast.Tuple)

    def rewritten(self, operation: Operation) -> str:
        """An assignment that is too long as the author wrote it, with as little left out as is needed; else ""."""
        span = operation.source.statement
        tree = self._trees.get(span.file)
        statement = next((one for one in self._around(span) if isinstance(one, ast.stmt)), None)
        if isinstance(statement, ast.Return) and statement.value is not None and operation.output.name:
            statement = ast.Assign([ast.Name(operation.output.name, ast.Store())], statement.value, lineno=0)
        if tree is None or not isinstance(statement, ast.Assign | ast.AugAssign):
            return ""
        whole = (self.of_run(LIBRARY.sub("", text), operation) for text in shorter(statement, tree.lines))
        tries = (each for text in whole for each in (text, OWN_METHOD.sub("", text)))
        return next((text for text in tries if len(text) <= LONGEST), "")

    def of_run(self, text: str, operation: Operation) -> str:
        """Source text with the object's name in the run for `self`."""
        source = operation.source
        receiver = source.receiver or self._receivers.get((source.function, source.calls), "")
        return text if receiver in ("", "self") else re.sub(r"\bself\.", f"{receiver}.", text)

    def gathered(self, span: Span) -> str:
        """`w = [w - dw …]` of a list that is made in a loop of its own, where the whole is too long; else ""."""
        statement = next((one for one in self._around(span) if isinstance(one, ast.Assign)), None)
        if statement is None or not isinstance(statement.value, ast.ListComp):
            return ""
        text = LIBRARY.sub("", ast.unparse(statement))
        if len(text) <= LONGEST:
            return text
        target = ast.unparse(statement.targets[0])
        element = LIBRARY.sub("", ast.unparse(statement.value.elt))
        return fitting(f"{target} = [{element} …]", f"{target} = […]")

    def _around(self, span: Span) -> list[ast.AST]:
        tree = self._trees.get(span.file)
        return tree.around(span) if tree is not None else []

    def text(self, span: Span) -> str:
        """What stands in a span; of several lines the first from there on."""
        lines = self._lines.get(span.file, ())
        if not 0 < span.first_line <= len(lines):
            return ""
        end = span.last_column if span.first_line == span.last_line else None
        return lines[span.first_line - 1][span.first_column : end]


def without_library(text: str) -> str:
    """An expression on one line, with numpy's functions by their own names."""
    return " ".join(LIBRARY.sub("", text).split())


def fitting(*titles: str) -> str:
    """The first that is no longer than a title may be; the last one, cut, where none is."""
    return next((title for title in titles if len(title) <= LONGEST), shortened(titles[-1], LONGEST))


@lru_cache(maxsize=1024)
def grouped(expression: str) -> str:
    """An expression of which something may be taken: `(1 - h**2)` of `1 - h**2`; a name, a call or a part as it is."""
    try:
        whole = ast.parse(expression, mode="eval").body
    except SyntaxError:
        return expression
    parts = ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.Constant | ast.List | ast.Tuple
    return expression if isinstance(whole, parts) else f"({expression})"
