"""What the text of a loop says of the names that it uses: read before they are set, set by place, never read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from mnistviz.trace.recording.trees import copy
from mnistviz.trace.source.sites import leaves_of

COUNTING = ("range", "enumerate", "ndindex", "arange")  # what a loop over places goes through
SHUFFLES = re.compile(r"shuffle|permut")


def carries(loop: Any, name: str) -> bool:
    """Whether what `name` (`w`, `self.w`, `ws[0]`) holds at the start of a pass may matter in it.

    Not where the pass sets it first, only ever writes into it, or fills it place by place.
    """
    root = re.split(r"[.\[]", name, maxsplit=1)[0]
    uses = [one for one in _uses(loop) if one.id == root]
    if not uses:
        return True  # it is reached in another way
    if _is_set_first(loop, root):
        return False
    whole = name if "[" not in name else name[: name.index("[")]
    return not _is_filled(loop, whole)


@lru_cache(maxsize=256)
def hands_on(loop: Any) -> bool:
    """Whether a pass sets anything, a list of words perhaps, that it has read before: a population, a sentence."""
    sets = [one for one in ast.walk(_body_of(loop)) if isinstance(one, ast.Assign)]
    return any(_is_read_until(loop, _name(leaf), one) for one in sets for leaf in _leaves(one) if _name(leaf))


@lru_cache(maxsize=256)
def rewrites(loop: Any) -> bool:
    """Whether a pass writes into an array that it has read as a whole, a state perhaps, at no place that it counts."""
    stored = {_text(one) for one in ast.walk(loop) if isinstance(one, ast.Subscript) and _is_stored(one)}
    return any(_loads(loop, name) and carries(loop, name) for name in stored - {""})


def _is_stored(node: ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Store)


def _leaves(node: ast.Assign) -> list[Any]:
    return [leaf for target in node.targets for leaf in leaves_of(target)]


def _name(node: Any) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def _is_read_until(loop: Any, name: str, statement: ast.Assign) -> bool:
    """Whether a pass reads what it sets in a statement until then, and does not set it before."""
    end = (statement.end_lineno, statement.end_col_offset)
    return carries(loop, name) and any((one.lineno, one.col_offset) < end for one in _loads(loop, name))


def adds_up(loop: Any, name: str) -> bool:
    """Whether a loop does nothing with a plain name but add to it, or to its cells: a sum and nothing that is handed on."""
    added = [
        _root(one.target)
        for one in ast.walk(_body_of(loop))
        if isinstance(one, ast.AugAssign) and isinstance(one.op, ast.Add | ast.Sub)
    ]
    begun = list(ast.walk(loop.iter)) if isinstance(loop, ast.For) else []  # what it goes through, read once
    uses = [one for one in _uses(loop) if one.id == name and one not in begun]
    return bool(uses) and all(one in added for one in uses)


def adds_to(loop: Any, name: str) -> bool:
    """Whether all that the text of a loop does with `name` (`w`, `self.w`) is to add to it, in place or by `w = w + x`.

    What the methods of an object do with it is not read: with one that is called, nothing is claimed.
    """
    nodes = list(ast.walk(_body_of(loop)))
    uses = [one for one in nodes if isinstance(one, ast.Name | ast.Attribute) and _text(one) == name]
    called = [one.func for one in nodes if isinstance(one, ast.Call)]
    asks = "." in name and any(_text(one).startswith(f"{name.split('.')[0]}.") for one in called)
    added = [_root(node) for one in nodes for node in _added(one)]
    return bool(uses) and not asks and all(one in added for one in uses)


def _added(node: Any) -> tuple[Any, ...]:
    """The target of an addition, and what it is read from."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        return (node.target,)
    value = node.value if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
        return (
            (node.targets[0], value.left) if ast.unparse(value.left) == ast.unparse(node.targets[0]) else ()
        )
    return ()


def fills(loop: Any, name: str, counting: frozenset[str] = frozenset()) -> bool:
    """Whether a loop that counts writes into an array at the places that it counts: one cell or row a pass.

    `counting` are names of which the run has shown that they count.
    """
    whole = name.split("[")[0]
    return whole in _gone_through(loop) or bool(_written_by_count(loop, whole, counting))


def _gone_through(loop: Any) -> list[str]:
    """What a loop takes the elements of, and writes into these: `for row in grid: row[:] = 0`, also in `zip`."""
    if not isinstance(loop, ast.For):
        return []
    called = loop.iter if isinstance(loop.iter, ast.Call) else None
    zipped = called is not None and ast.unparse(called.func) in ("zip", "enumerate", "reversed")
    through = [_text(one) for one in (called.args if called is not None and zipped else [loop.iter])]
    leaves = [one.id for one in leaves_of(loop.target) if isinstance(one, ast.Name)]
    return through if any(writes(loop, leaf) for leaf in leaves) else []


@lru_cache(maxsize=1024)
def places_of(loop: Any) -> frozenset[str]:
    """The names in the indices by which the text of a loop writes into anything."""
    stores = (one for one in ast.walk(loop) if isinstance(one, ast.Subscript))
    written = (index for one in stores if isinstance(one.ctx, ast.Store) for index in _slices(one))
    return frozenset(name.id for index in written for name in ast.walk(index) if isinstance(name, ast.Name))


def writes(loop: Any, name: str) -> bool:
    """Whether the text of a loop itself writes to a plain name, or into what it names."""
    stores = (one for one in _uses(loop) if isinstance(one.ctx, ast.Store))
    return any(one.id == name for one in stores) or any(_stores(loop, name))


def shuffles(text: str) -> bool:
    """Whether a program puts its data into another order."""
    return bool(SHUFFLES.search(text))


def _uses(loop: Any) -> list[ast.Name]:
    return [one for one in ast.walk(loop) if isinstance(one, ast.Name)]


def _is_set_first(loop: Any, name: str) -> bool:
    """Whether the first thing that a pass does with a name is to set it."""
    if not isinstance(loop, ast.While) and any(_is_name(one, name) for one in leaves_of(loop.target)):
        return True
    if isinstance(loop, ast.While) and _reads(loop.test, name):
        return False
    for one in loop.body:
        if isinstance(one, ast.Assign | ast.AnnAssign):
            if one.value is not None and _reads(one.value, name):
                return False
            targets = one.targets if isinstance(one, ast.Assign) else [one.target]
            if any(_is_name(leaf, name) for target in targets for leaf in leaves_of(target)):
                return True
        elif isinstance(one, ast.With) and not any(_reads(item, name) for item in one.items):
            if _is_set_first(_body_of(one), name):
                return True
        elif isinstance(one, ast.For) and _is_set_in(one, name):
            return True
        if _mentions(one, name):
            return False
    return False


def _is_set_in(loop: ast.For, name: str) -> bool:
    """Whether an inner loop sets the name before it reads it, as a rule at least once."""
    return not _reads(loop.iter, name) and _is_set_first(loop, name)


def _body_of(node: Any) -> ast.While:
    return ast.While(ast.Constant(True), node.body, [])


def _mentions(node: Any, name: str) -> bool:
    return any(_is_name(one, name) for one in ast.walk(node))


def _reads(node: Any, name: str) -> bool:
    names = (one for one in ast.walk(node) if isinstance(one, ast.Name))
    return any(one.id == name and isinstance(one.ctx, ast.Load) for one in names)


def _is_name(node: Any, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_filled(loop: Any, name: str) -> bool:
    """Whether an array is only written into, or read at no other place than it is written."""
    stores = list(_stores(loop, name))
    if not stores:
        return False
    places = {_place(one) for one in stores}
    bases = {id(_root(one)) for one in stores}
    augmented = {id(one.target) for one in ast.walk(loop) if isinstance(one, ast.AugAssign)}
    reads = [one for one in _loads(loop, name) if id(one) not in bases]
    loaded = [
        one for one in ast.walk(loop) if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Load)
    ]
    longest = sorted(loaded, key=lambda one: len(_slices(one)))
    indexed = {id(_root(one)): _place(one) for one in longest}
    counted = bool(_written_by_count(loop, name))
    if not reads:
        return counted or not any(id(one) in augmented for one in stores)
    return counted and all(indexed.get(id(one)) in places for one in reads)


def _written_by_count(loop: Any, name: str, counting: frozenset[str] = frozenset()) -> list[ast.Subscript]:
    counts = _counts(loop) | counting
    return [
        one
        for one in _stores(loop, name)
        if any(
            isinstance(inner, ast.Name) and inner.id in counts
            for index in _slices(one)
            for inner in ast.walk(index)
        )
    ]


def _counts(loop: Any) -> set[str]:
    """The names that a loop counts in: `i` of `for i in range(n)`, of `for i, x in enumerate(xs)`."""
    if not isinstance(loop, ast.For) or not isinstance(loop.iter, ast.Call):
        return set()
    function = ast.unparse(loop.iter.func).rpartition(".")[2]
    if function not in COUNTING:
        return set()
    leaves = leaves_of(loop.target)
    counting = leaves[:1] if function == "enumerate" else leaves
    return {one.id for one in counting if isinstance(one, ast.Name)}


def _stores(loop: Any, name: str) -> Iterator[ast.Subscript]:
    for one in ast.walk(loop):
        if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store) and _text(one.value) == name:
            yield one


def _loads(loop: Any, name: str) -> list[Any]:
    return [
        one
        for one in ast.walk(loop)
        if isinstance(one, ast.Name | ast.Attribute) and isinstance(one.ctx, ast.Load) and _text(one) == name
    ]


def _slices(node: Any) -> list[ast.expr]:
    """All indices of `w[i][k]`, the last one first."""
    found = []
    while isinstance(node, ast.Subscript):
        found.append(node.slice)
        node = node.value
    return found


def _place(node: Any) -> str:
    return "][".join(ast.unparse(one) for one in reversed(_slices(node)))


def _root(node: Any) -> Any:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node


def _text(node: Any) -> str:
    node = _root(node)
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def head_of(loop: Any) -> str:
    """`for x in xs:` without its body, as it is told."""
    shown = copy(loop, body=[ast.Pass()], orelse=[])
    return ast.unparse(shown).splitlines()[0]
