"""Where an operation ran, this time: call path, passes of loops and their variables, read from the frames."""

from __future__ import annotations

import ast
import dis
import functools
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType, FrameType, TracebackType
from typing import Any

from mnistviz.trace.model import Source, Span
from mnistviz.trace.recording.exchange import Exchange
from mnistviz.trace.recording.kinds import ids
from mnistviz.trace.recording.mentions import (
    begins_with,
    id_of,
    is_mention,
    is_other_operand,
    is_step,
    key_text,
    root_of_name,
)
from mnistviz.trace.recording.trees import one_level, operand_of, other_operand, writes_cells
from mnistviz.trace.recording.written_in_c import is_of_python
from mnistviz.trace.source.sites import COMPREHENSIONS, Loop, Site, Target, leaves_of
from mnistviz.trace.source.text import SourceText

FOR_ITER, CACHE = dis.opmap["FOR_ITER"], dis.opmap["CACHE"]
PASSES_AT_LOOPS = sys.version_info < (3, 13)
COMPREHENDED = ("<listcomp>", "<setcomp>", "<dictcomp>")  # have a frame of their own before Python 3.12
INLINE = frozenset(["<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"])
NUMBERS = ids(bool, int, float, complex, str)
LONGEST_STEP = 32  # characters of an expression by which an object is called


@dataclass(eq=False, slots=True)
class Way:
    """How the run came to an operation: the calls, and the passes of loops with what they bind."""

    now: Any = None  # for which frame, loops and callers that holds, until a loop goes on
    calls: tuple[Span, ...] = ()
    turns: tuple[int, ...] = ()
    variables: tuple[str, ...] = ()
    first: str = ""  # what the function calls the object that it runs on


@dataclass(eq=False, slots=True)
class Where:
    """Where an operation ran."""

    way: Way
    receiver: str
    thread: str
    name: str = ""  # that its result gets
    names: tuple[str, ...] = ()  # that its results get, where it has several


def source_of(site: Site, way: Way, receiver: str, thread: str) -> Source:
    """Where an operation ran, as the trace tells it."""
    return Source(
        site.expression, site.statement, site.function, site.function_span, way.calls, way.turns, way.variables,
        receiver, thread,
    )  # fmt: skip


class Places:
    """Reads frames of watched code."""

    def __init__(self, exchange: Exchange) -> None:
        self.stop: FrameType | None = None  # the frame that called the recorded function
        self._exchange = exchange
        self._sites: dict[tuple[int, int], Site | None] = {}
        self._passes: dict[tuple[int, ast.AST], tuple[int, str]] = {}
        self._keys: dict[ast.AST, tuple[int, str]] = {}
        self._aliases: dict[ast.AST, tuple[int, str]] = {}  # what an attribute's array is called elsewhere
        self._roots: dict[ast.AST, tuple[str, bool]] = {}
        self._selves: dict[int, str] = {}  # first parameter of a method, by the code's id
        self._turned = 0  # how often a loop has begun or gone on
        self._way = Way()  # the latest one, which most operations share with the one before
        self._main = threading.get_ident()

    def place(self, site: Site, frame: FrameType) -> Where:
        """Where `site` runs, in `frame`."""
        callers = self._callers(frame) if frame.f_back is not self.stop else []
        where = self._where(site, frame, callers)
        where.name, where.names = site.fixed_names or self._target(site, frame, callers)
        return where

    def depth(self, frame: FrameType) -> int:
        """How many calls a place in `frame` has in its `Source.calls`."""
        return sum(not isinstance(site.node, COMPREHENSIONS) for _, site in self._callers(frame))

    def failing(self, traceback: TracebackType | None) -> tuple[Site, FrameType, Source] | None:
        """The innermost watched place of an exception."""
        frames: list[tuple[FrameType, Site]] = []
        while traceback is not None:
            site = self._site(traceback.tb_frame.f_code, traceback.tb_lasti)
            if site is not None:
                frames.append((traceback.tb_frame, site))
            traceback = traceback.tb_next
        if not frames:
            return None
        frame, site = frames[-1]
        where = self._where(site, frame, list(reversed(frames[:-1])))
        return site, frame, source_of(site, where.way, where.receiver, where.thread)

    def is_of_the_program(self, error: BaseException) -> bool:
        """Whether it was raised by code that would be watched: a signal's handler runs wherever Python is."""
        at = error.__traceback__
        while at is not None:
            if self._exchange.watches(at.tb_frame.f_code.co_filename):
                return True
            at = at.tb_next
        return False

    def enter(self, loop: Site, frame: FrameType) -> None:
        """A loop begins in a frame."""
        self._turned += 1
        self._passes[id(frame), loop.node] = (0, "")

    def turn(self, loop: Site, frame: FrameType, bound: tuple[Any, ...]) -> None:
        """A pass begins."""
        at = frame.f_back if loop.starts_outside and frame.f_code.co_name in COMPREHENDED else frame
        key = (id(at), loop.node)
        number = self._passes.get(key, (0, ""))[0] + 1
        self._turned += 1
        self._passes[key] = (number, _variables(loop, bound))

    def index(self, node: ast.AST, frame: FrameType, key: Any) -> None:
        """What a subscript was read or written at."""
        text = key_text(key)
        if text:
            self._keys[node] = (id(frame), text)

    # Names of the run

    def name(self, file: SourceText, node: ast.AST, frame: FrameType) -> str:
        """The name of the run for what the source mentions: `xs[3]` for `xs[i]`, `dense1.w` for `self.w`."""
        if type(node) is ast.Name:
            return node.id
        if node not in self._roots:
            self._roots[node] = root_of_name(node)
        root, dynamic = self._roots[node]
        receiver = self._receiver(root, frame) if root else ""
        if not receiver and not dynamic:
            return file.segment(node)
        return self._told(file, node, frame, receiver)

    def _told(self, file: SourceText, node: Any, frame: FrameType, receiver: str) -> str:
        if isinstance(node, ast.Attribute):
            return f"{self._told(file, node.value, frame, receiver)}.{node.attr}"
        if isinstance(node, ast.Subscript):
            owner, key = self._told(file, node.value, frame, receiver), self._keys.get(node)
            seen = key is not None and key[0] == id(frame)
            return f"{owner}[{key[1] if seen and key is not None else file.segment(node.slice)}]"
        return receiver or file.segment(node)

    def _receiver(self, root: str, frame: FrameType) -> str:
        """What the caller calls the object that `self` is; "" where `root` is not `self`, or nobody calls it."""
        code = frame.f_code
        own = self._first_parameter(code) == root
        caller = self._caller(frame) if own or is_other_operand(code, root) else None
        site = self._site(caller.f_code, caller.f_lasti) if caller is not None else None
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
                    self._receiver(caller.f_code.co_varnames[0], caller) if caller.f_code.co_argcount else ""
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
            return self._receiver(owner.id, caller) or owner.id
        if owner is None or is_mention(owner):
            return self.name(site.file, owner, caller) if owner is not None else ""
        names = {one.id for one in ast.walk(owner) if isinstance(one, ast.Name)}
        text = site.file.segment(owner)
        if not is_step(owner) or len(text) > LONGEST_STEP or self._first_parameter(caller.f_code) in names:
            return ""
        return text if isinstance(owner, ast.Call) else f"({text})"

    def _given_back(self, site: Site, frame: FrameType) -> tuple[Site, FrameType]:
        """Where what is made at a place, and returned at once, goes: that place, or where the function was called."""
        while site.target.returned and site.target.place is None:
            caller = self._caller(frame)
            outer = self._site(caller.f_code, caller.f_lasti) if caller is not None else None
            if caller is None or outer is None:
                break
            site, frame = outer, caller
        return site, frame

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
            root in map(id_of, _bound_nodes(loop.node.target))
            for loop in site.loops
            if isinstance(loop.node, ast.For)
        )
        tail = name.removeprefix(root)
        is_other = handed and tail != name and tail.startswith(".") and known.endswith(tail)
        return known if is_other and begins_with(known, frame.f_globals) else ""

    def _first_parameter(self, code: CodeType) -> str:
        """What a method calls its object; "" for a function."""
        found = self._selves.get(id(code))
        if found is None:  # the code lives as long as its text is watched
            around = code.co_qualname.rpartition(".")[0]
            method = code.co_argcount > 0 and bool(around) and not around.endswith("<locals>")
            found = self._selves[id(code)] = code.co_varnames[0] if method else ""
        return found

    # Frames

    def _caller(self, frame: FrameType) -> FrameType | None:
        """The nearest frame of watched code that called it."""
        outer = frame.f_back
        while outer is not None and outer is not self.stop:
            if self._exchange.runs(outer.f_code):
                return outer
            outer = outer.f_back
        return None

    def _callers(self, frame: FrameType) -> list[tuple[FrameType, Site]]:
        """Watched frames that called it and where they are, innermost first."""
        found: list[tuple[FrameType, Site]] = []
        outer = self._caller(frame)
        while outer is not None:
            site = self._site(outer.f_code, outer.f_lasti)
            if site is not None:
                found.append((outer, site))
            outer = self._caller(outer)
        return found

    def _site(self, code: CodeType, instruction: int) -> Site | None:
        key = (id(code), instruction)
        if key not in self._sites:
            self._sites[key] = self._find(code, instruction)
        return self._sites[key]

    def _find(self, code: CodeType, instruction: int) -> Site | None:
        text = self._exchange.text(code)
        if text is None:
            return None
        positions = list(code.co_positions())
        position: Any = positions[instruction // 2]
        if None in position:
            return None
        node = _gone_through(text, code, positions, instruction) or text.find(position)
        return Site(text, node) if node is not None else None

    def _where(self, site: Site, frame: FrameType, callers: list[tuple[FrameType, Site]]) -> Where:
        way = self._way
        came = [(id(at), caller) for at, caller in callers] if callers else None
        now = id(frame), self._turned, site.loops, came
        if way.now != now:
            way = self._way = self._way_to(site, frame, callers, now)
        receiver = self._receiver(way.first, frame) if way.first else ""
        thread = "" if threading.get_ident() == self._main else threading.current_thread().name
        return Where(way, receiver, thread)

    def _way_to(self, site: Site, frame: FrameType, callers: list[tuple[FrameType, Site]], now: Any) -> Way:
        calls: list[Span] = []
        found: list[tuple[int, str]] = []
        for at, caller in reversed(callers):
            if not isinstance(caller.node, COMPREHENSIONS):
                calls.append(caller.expression)
            found += self._passes_of(_own_loops(caller, at), at)
        found += self._passes_of(_own_loops(site, frame), frame)
        turns, variables = tuple([number for number, _ in found]), tuple([bound for _, bound in found])
        old = self._way
        return Way(
            now, _same(old.calls, tuple(calls)), _same(old.turns, turns), _same(old.variables, variables),
            self._first_parameter(frame.f_code),
        )  # fmt: skip

    def _passes_of(self, loops: Sequence[Loop], frame: FrameType) -> list[tuple[int, str]]:
        """Pass numbers, from 1, of loops that a frame goes through, outermost first, and their variables."""
        found: list[tuple[int, str]] = []
        for loop in loops:
            holds = frame.f_back if loop.first and frame.f_code.co_name in COMPREHENDED else frame
            seen = self._passes.get((id(holds), loop.node))
            if seen is not None and seen[0]:
                found.append(seen)
        return found

    def _target(
        self, site: Site, frame: FrameType, callers: list[tuple[FrameType, Site]]
    ) -> tuple[str, tuple[str, ...]]:
        """The name that a result gets, or the names of several; a returned one's where the function was called."""
        target = site.target
        if not target.returned:
            return self._named(site.file, target, frame)
        place = target.place
        inner = frame
        for at, caller in callers:
            if inner.f_back is not at or is_of_python(caller.node, at):
                return "", ()
            inner = at
            target = caller.target
            if target.returned:
                place = target.place if place is None else place
                continue
            if place is None:
                return self._named(caller.file, target, at)
            names = self._named(caller.file, target, at)[1]
            return (names[place] if place < len(names) else ""), ()
        return "", ()

    def _named(self, file: SourceText, target: Target, frame: FrameType) -> tuple[str, tuple[str, ...]]:
        name = self._stored_name(file, target.node, frame) if target.node is not None else ""
        if not target.names:
            return name, ()
        return name, tuple([self._stored_name(file, one, frame) for one in target.names])

    def _stored_name(self, file: SourceText, node: ast.AST, frame: FrameType) -> str:
        """The name of what is assigned; the key of an item is not known before it is."""
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
            return file.segment(node)
        return self.name(file, node, frame)


def _own_loops(site: Site, frame: FrameType) -> Sequence[Loop]:
    """The loops around a site that its frame goes through; what is around a comprehension's frame, its caller does."""
    if not _inline(frame):
        return site.loops
    return [one for one in site.loops if one.inside is site.comprehension]


def _gone_through(text: SourceText, code: CodeType, positions: list[Any], instruction: int) -> ast.AST | None:
    """What a loop goes through, where an instruction goes on in it and Python places that at the whole loop."""
    found = text.iterables.get(positions[instruction // 2], []) if PASSES_AT_LOOPS else []
    done, at = code.co_code, instruction
    while found and at > 0 and done[at] == CACHE:  # a frame may stand on what belongs to the instruction
        at -= 2
    if not found or done[at] != FOR_ITER:
        return None
    # A comprehension may have several loops, in the order of the text.
    same = [
        one for one in range(0, at, 2) if done[one] == FOR_ITER and positions[one // 2] == positions[at // 2]
    ]
    return found[len(same) % len(found)]


def _same(old: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    """The old one where both are equal: one is held then, not two."""
    return old if old == new else new


def _inline(frame: FrameType) -> bool:
    return frame.f_code.co_name in INLINE


def _variables(loop: Site, values: tuple[Any, ...]) -> str:
    """`i = 3` for a loop whose target is a number or a text, "" for others."""
    if not values:
        return ""
    plain = [
        f"{node.id} = {value!r}"
        for node, value in zip(_bound_nodes(loop.node.target), values, strict=False)  # type: ignore[attr-defined]
        if id(type(value)) in NUMBERS and isinstance(node, ast.Name)
    ]
    return ", ".join(plain)


@functools.lru_cache(maxsize=4096)
def _bound_nodes(target: ast.AST) -> list[Any]:
    """What the watcher of a loop's pass is given the values of."""
    return leaves_of(one_level(target) if writes_cells(target) else target)
