"""What the source calls the rows of arrays: a list of words that is as long as an axis, `tokens = ["the", "cat"]`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mnistviz.story.storyboard import Labels
from mnistviz.story.tree import tree_of
from mnistviz.trace.model import Trace, Value

FEWEST, MOST = 3, 64  # words
LONGEST = 12  # letters of a word
COLOURS = frozenset(  # of a plot: they say nothing of rows
    [
        "r",
        "g",
        "b",
        "c",
        "m",
        "y",
        "k",
        "w",
        "red",
        "green",
        "blue",
        "cyan",
        "magenta",
        "yellow",
        "black",
        "white",
        "orange",
        "purple",
        "brown",
        "pink",
        "gray",
        "grey",
        "olive",
        "violet",
        "gold",
        "navy",
        "teal",
        "lime",
    ]
)


def labels_in(trace: Trace) -> tuple[Labels, ...]:
    """Labels for each axis of which only one list of words has the length, and that means one thing."""
    lists = {words for file in trace.sources for words in _lists(tree_of(file).root)}
    return tuple(
        Labels(len(words), words)
        for words in sorted(lists)
        if sum(len(other) == len(words) for other in lists) == 1 and _is_one_axis(trace, len(words))
    )


def _lists(root: ast.AST) -> Iterator[tuple[str, ...]]:
    """The lists of words that are given a name."""
    for node in ast.walk(root):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            words = tuple(_words(node.value))
            short = all(0 < len(word) <= LONGEST for word in words)
            if FEWEST <= len(words) <= MOST and short and not COLOURS.issuperset(words):
                yield words


def _words(node: ast.expr) -> list[str]:
    if isinstance(node, ast.List | ast.Tuple):
        found = [one.value for one in node.elts if isinstance(one, ast.Constant)]
        words = [one for one in found if isinstance(one, str)]
        return words if len(words) == len(node.elts) else []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
        text = node.func.value
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and not node.args:
            return text.value.split()
    return []


def _is_one_axis(trace: Trace, length: int) -> bool:
    """Whether that is the length of the rows or of the columns of what is given, and not of both."""
    given = {value.id: value for value in _given(trace) if len(value.shape) > 1}
    rows = any(length in value.shape[:-1] for value in given.values())
    columns = any(value.shape[-1] == length for value in given.values())
    return rows != columns


def _given(trace: Trace) -> Iterator[Value]:
    made = {value.id for one in trace for value in (one.output, *one.more)}
    return (value for one in trace for value in one.inputs if value.id not in made)
