"""What the source calls the objects that a loop goes through: `layers[0]`, where it says `for layer in layers`.

They are known by identity alone: nothing of the program's is asked, and nothing is kept alive.
"""

from __future__ import annotations

import ast
import gc
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import islice
from types import FrameType
from typing import Any

from mnistviz.trace.memory import OurRef
from mnistviz.trace.recording.frames import at_loop
from mnistviz.trace.recording.kinds import LISTS, ids, module_of
from mnistviz.trace.recording.mentions import id_of, is_mention, key_text
from mnistviz.trace.recording.trees import bound_nodes
from mnistviz.trace.recording.values import is_value
from mnistviz.trace.source.sites import Loop

MOST = 64  # objects of one list that are called by it
Tell = Callable[[ast.AST], str]
Key = tuple[int, ast.AST]  # a frame and a loop that it goes through
DICTS = ids(dict, OrderedDict)
CONTAINERS = DICTS | LISTS
ITERATORS = ids(type(iter([])), type(reversed([])), type(iter(())), reversed)
_EMPTY: OrderedDict[str, Any] = OrderedDict()
VIEWS = ids(type({}.values()), type({}.items()), type(_EMPTY.values()), type(_EMPTY.items()))


class Objects:
    """The objects of lists and dicts that loops go through."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[OurRef, str]] = {}  # what an object was first called, by its id
        self._within: dict[
            Key, dict[int, str]
        ] = {}  # of what a loop goes through, what no reference can be to
        self._bound: dict[Key, dict[str, str]] = {}  # what a pass calls them, by the names that it binds

    def enter(self, loop: ast.AST, frame: FrameType, iterable: Any, node: Any, tell: Tell) -> None:
        """A loop begins to go through something; `tell` says what the run calls what a node mentions."""
        called = list(_called(iterable, node, tell))
        found = {id(one): name for one, name in called if not self._keep(one, name)}
        if found:
            self._within[id(frame), loop] = found
        elif self._within:
            self._within.pop((id(frame), loop), None)
        self._bound.pop((id(frame), loop), None)

    def turn(self, loop: Any, at: FrameType | None, bound: tuple[Any, ...]) -> None:
        """A pass begins; its target is bound to these."""
        if not self._known and not self._within:
            return
        within = self._within.get((id(at), loop), {})
        pairs = zip(bound_nodes(loop.target), bound, strict=False) if bound else ()
        names = {id_of(node): self._known_name(one) or within.get(id(one), "") for node, one in pairs}
        if any(names.values()):
            self._bound[id(at), loop] = names
        else:
            self._bound.pop((id(at), loop), None)

    def called(self, name: str, loops: Sequence[Loop], frame: FrameType) -> str:
        """What an object is called that one of the loops around calls by this name; "" for anything else."""
        for loop in reversed(loops) if self._bound else ():
            found = self._bound.get((id(at_loop(loop, frame)), loop.node), {})
            if name in found:
                return "" if _sets(loop.node, name) else found[name]
        return ""

    def _keep(self, value: Any, name: str) -> bool:
        """Keep what an object is called, if it has no name yet, for as long as it lives; whether there can be one."""
        if not self._known_name(value):
            try:
                ref = OurRef(value, partial(self._forget, id(value)))
            except TypeError:  # a list, a dict, or one with slots
                return False
            self._known[id(value)] = ref, name
        return True

    def _forget(self, key: int, ref: OurRef) -> None:
        if self._known.get(key, (None,))[0] is ref:
            del self._known[key]

    def _known_name(self, value: Any) -> str:
        ref, known = self._known.get(id(value), (None, ""))
        return known if ref is not None and ref() is value else ""


@lru_cache(maxsize=1024)
def _sets(loop: Any, name: str) -> bool:
    """Whether a loop's passes give a name that it binds to something else, too: `node = node.next`."""
    inside = (one for part in getattr(loop, "body", ()) for one in ast.walk(part))
    return any(
        isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Store) for one in inside
    )


def _called(iterable: Any, node: Any, tell: Tell) -> Iterator[tuple[Any, str]]:
    """The objects that are gone through, each with what it is called."""
    kind = type(iterable)
    if id(kind) in LISTS:
        yield from _of_list(iterable, node, tell)
    elif id(kind) in VIEWS:
        yield from _of_dict(iterable, node, tell)
    elif kind is zip or kind is enumerate:
        inside = iterable.__reduce__()[1]  # Python's own: it calls nothing
        args = node.args if isinstance(node, ast.Call) else []
        for one, arg in zip(inside, args, strict=False):
            yield from _called(one, arg, tell)
    elif id(kind) in ITERATORS:
        _, inside, *_ = iterable.__reduce__()
        only = node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 else node
        if inside and id(type(inside[0])) in LISTS:
            yield from _of_list(inside[0], only, tell)


def _of_list(held: Sequence[Any], node: Any, tell: Tell) -> Iterator[tuple[Any, str]]:
    objects = [(place, one) for place, one in enumerate(islice(held, MOST)) if _is_object(one)]
    first, step, mention = _sliced(node, len(held))
    if objects and mention is not None:
        name = tell(mention)
        yield from ((one, f"{name}[{first + step * place}]") for place, one in objects)


def _of_dict(view: Any, node: Any, tell: Tell) -> Iterator[tuple[Any, str]]:
    held: Mapping[Any, Any] = next((one for one in gc.get_referents(view) if id(type(one)) in DICTS), {})
    owner = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
    objects = [(key_text(key), one) for key, one in islice(held.items(), MOST) if _is_object(one)]
    if objects and owner is not None and is_mention(owner):
        name = tell(owner)
        yield from ((one, f"{name}[{key}]") for key, one in objects if key)


def _sliced(node: Any, count: int) -> tuple[int, int, Any]:
    """Where a list begins in the one that is mentioned, which way it goes, and the mention: of `layers[::-1]`, too."""
    cut = node.slice if isinstance(node, ast.Subscript) else None
    if not isinstance(cut, ast.Slice):
        return 0, 1, node if node is not None and is_mention(node) else None
    lower, upper, step = (ast.unparse(one) if one else "" for one in (cut.lower, cut.upper, cut.step))
    mention = node.value if is_mention(node.value) else None
    if step == "-1" and not lower and not upper:
        return count - 1, -1, mention
    known = step in ("", "1") and (not lower or lower.isdecimal())
    return (int(lower or 0), 1, mention) if known else (0, 1, None)


def _is_object(value: Any) -> bool:
    """Whether it may hold arrays, or have methods that compute with them."""
    kind = type(value)
    return id(kind) in CONTAINERS or (
        module_of(kind) not in ("", "builtins", "numpy") and not is_value(value)
    )
