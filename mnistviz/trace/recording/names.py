"""What the source calls things in one run: `xs[3]` for `xs[i]`, `dense1.w` for `self.w`, `layers[0].w` for `layer.w`."""

from __future__ import annotations

import ast
from types import FrameType
from typing import Any

from mnistviz.trace.recording.frames import Frames
from mnistviz.trace.recording.mentions import (
    begins_with,
    id_of,
    is_mention,
    is_other_operand,
    is_step,
    key_text,
    root_of_name,
)
from mnistviz.trace.recording.objects import Objects
from mnistviz.trace.recording.trees import bound_nodes, operand_of, other_operand
from mnistviz.trace.source.sites import Loop, Site
from mnistviz.trace.source.text import SourceText

LONGEST_STEP = 32  # characters of an expression by which an object is called


class Names:
    """The names of one run."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._objects = Objects()
        self._keys: dict[ast.AST, tuple[int, str]] = {}
        self._aliases: dict[ast.AST, tuple[int, str]] = {}  # what an attribute's array is called elsewhere
        self._roots: dict[ast.AST, tuple[str, bool]] = {}
        self._loops: dict[ast.AST, tuple[Loop, ...]] = {}  # around a mention

    def enter(self, loop: Site, frame: FrameType, iterable: Any) -> None:
        """A loop begins: what it goes through may be objects that are called by their list."""
        node = getattr(loop.node, "iter", None)

        def tell(one: ast.AST) -> str:
            own = self._gone_through(loop.file, one, one.id, frame) if isinstance(one, ast.Name) else ""
            return own or self.name(loop.file, one, frame)

        self._objects.enter(loop.node, frame, iterable, node, tell)

    def turn(self, loop: Site, at: FrameType | None, bound: tuple[Any, ...]) -> None:
        """A pass of a loop begins, of which a frame goes through the loop."""
        self._objects.turn(loop.node, at, bound)

    def index(self, node: ast.AST, frame: FrameType, key: Any) -> None:
        """What a subscript was read or written at."""
        text = key_text(key)
        if text:
            self._keys[node] = (id(frame), text)

    def name(self, file: SourceText, node: ast.AST, frame: FrameType) -> str:
        """The name of the run for what the source mentions: `xs[3]` for `xs[i]`, `dense1.w` for `self.w`."""
        if type(node) is ast.Name:
            return node.id
        if node not in self._roots:
            self._roots[node] = root_of_name(node)
        root, dynamic = self._roots[node]
        receiver = (self.receiver(root, frame) or self._gone_through(file, node, root, frame)) if root else ""
        if not receiver and not dynamic:
            return _text(file, node)
        return self._told(file, node, frame, receiver)

    def _gone_through(self, file: SourceText, node: ast.AST, root: str, frame: FrameType) -> str:
        """What an object is called that a loop around a mention of it goes through."""
        if node not in self._loops:
            self._loops[node] = Site(file, node).loops
        return self._objects.called(root, self._loops[node], frame)

    def _told(self, file: SourceText, node: Any, frame: FrameType, receiver: str) -> str:
        if isinstance(node, ast.Attribute):
            return f"{self._told(file, node.value, frame, receiver)}.{node.attr}"
        if isinstance(node, ast.Subscript):
            owner, key = self._told(file, node.value, frame, receiver), self._keys.get(node)
            seen = key is not None and key[0] == id(frame)
            return f"{owner}[{key[1] if seen and key is not None else _text(file, node.slice)}]"
        return receiver or _text(file, node)

    def receiver(self, root: str, frame: FrameType) -> str:
        """What the caller calls the object that `self` is; "" where `root` is not `self`, or nobody calls it."""
        code = frame.f_code
        own = self._frames.first_parameter(code) == root
        caller = self._frames.caller(frame) if own or is_other_operand(code, root) else None
        site = self._frames.site(caller.f_code, caller.f_lasti) if caller is not None else None
        if site is None or caller is None:
            return ""
        if not own:
            return self._called(site, other_operand(site.node, code.co_name), caller)
        function = getattr(site.node, "func", None)
        owner: Any = None
        if function is None:
            owner = operand_of(site.node, code.co_name)
        elif isinstance(function, ast.Attribute) and function.attr == code.co_name:
            if isinstance(function.value, ast.Call):  # super().forward(x): of the same object
                return (
                    self.receiver(caller.f_code.co_varnames[0], caller) if caller.f_code.co_argcount else ""
                )
            owner = function.value
        elif code.co_name == "__call__":
            owner = function
        elif code.co_name == "__init__":  # what is being made
            made = site
            site, caller = self._given_back(site, caller)
            owner = site.target.node or (site.node if site is not made else None)
        return self._called(site, owner, caller)

    def _called(self, site: Site, owner: Any, caller: FrameType) -> str:
        """What a caller calls an object: by a name, or by the expression that makes it."""
        if isinstance(owner, ast.Name):  # `self.forward(x)`: the caller's own object
            gone_through = self._objects.called(owner.id, site.loops, caller)
            return self.receiver(owner.id, caller) or gone_through or owner.id
        if owner is None or is_mention(owner):
            return self.name(site.file, owner, caller) if owner is not None else ""
        names = {one.id for one in ast.walk(owner) if isinstance(one, ast.Name)}
        text = site.file.segment(owner)
        if (
            not is_step(owner)
            or len(text) > LONGEST_STEP
            or self._frames.first_parameter(caller.f_code) in names
        ):
            return ""
        return text if isinstance(owner, ast.Call) else f"({text})"

    def _given_back(self, site: Site, frame: FrameType) -> tuple[Site, FrameType]:
        """Where what is made at a place, and returned at once, goes: that place, or where the function was called."""
        while site.target.returned and site.target.place is None:
            caller = self._frames.caller(frame)
            outer = self._frames.site(caller.f_code, caller.f_lasti) if caller is not None else None
            if caller is None or outer is None:
                break
            site, frame = outer, caller
        return site, frame

    def changed(self, site: Site, frame: FrameType, kind: str, known: str) -> str:
        """The name of the array that an operation changes in place; "" where it keeps its own."""
        node: Any = site.node
        item = isinstance(node, ast.Subscript) and kind == "setitem"
        changed = node.target if isinstance(node, ast.AugAssign) else node.value if item else None
        return self.known_as(site, changed, frame, known) if changed is not None else ""

    def known_as(self, site: Site, node: Any, frame: FrameType, known: str) -> str:
        """The name that an array of an object has already, where the source reaches it by one that was handed on.

        As `weight` is in `for weight in (w1, w2)`, and what a closure has kept; the other way than the source's
        only where that name is one of the module's.
        """
        name = self.name(site.file, node, frame)
        if type(node) is not ast.Attribute:
            return name
        before = self._aliases.get(node.value)
        self._aliases.pop(node, None)
        if before is not None and before[0] == id(frame):  # `weight.data.T`
            found = f"{before[1]}.{node.attr}"
        else:
            found = self._alias(site, node, frame, name, known) if known not in ("", name) else ""
        if found:
            self._aliases[node] = id(frame), found
        return found or name

    def _alias(self, site: Site, node: ast.Attribute, frame: FrameType, name: str, known: str) -> str:
        root, _ = root_of_name(node)
        handed = root in frame.f_code.co_freevars or any(
            root in map(id_of, bound_nodes(loop.node.target))
            for loop in site.loops
            if isinstance(loop.node, ast.For)
        )
        text = site.file.segment(node)
        tail = text.removeprefix(root)
        is_other = handed and tail != text and tail.startswith(".") and known.endswith(tail)
        return known if is_other and begins_with(known, frame.f_globals) else ""


def _text(file: SourceText, node: ast.AST) -> str:
    """A mention as the source has it; of an item of a list that is written out, as one would write it."""
    return file.segment(node) if hasattr(node, "lineno") else ast.unparse(node)
