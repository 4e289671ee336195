"""What the watched code calls: each gets operands or a result, tells the recording, and gives them on.

Outside a recording they give everything on and do nothing else, so that a generator or a closure that
outlives its recording goes on working.  Nothing of the program is ever called here.

What was seen before an operation waits on a stack of its thread until the result is seen.  Between the two
only the operation itself runs, never a `yield`, so the stack is in order; what an exception left on it is
recognised (nothing that runs was called from there) and dropped.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType, FunctionType, MethodType
from typing import Any

import numpy as np

from mnistviz.trace.recording import audits, depth
from mnistviz.trace.recording.holders import is_holder
from mnistviz.trace.recording.listener import Listener
from mnistviz.trace.source.sites import Site, is_within

NUMPY = (np.ndarray, np.generic)
NUMBERS = frozenset([bool, int, float, complex])
UNKNOWN = object()  # an argument that only Python itself may take out of an iterator


class Waiting:
    """What was seen before an operation, until its result is seen."""

    __slots__ = ("args", "frame", "keywords", "opens", "pending", "site")

    def __init__(
        self, site: Site | None, frame: int, pending: Any, args: Any = None, keywords: Any = None
    ) -> None:
        self.site = site
        self.frame = frame  # id of the frame that waits: it lives as long as it does
        self.pending = pending
        self.args = args
        self.keywords = keywords
        self.opens = False  # whether other expressions are evaluated while it waits


class _Thread(threading.local):
    def __init__(self) -> None:
        self.stack: list[Waiting] = []


_thread = _Thread()
across: dict[tuple[int, Site], Waiting] = {}  # what waits while something else may run
_recording: Listener | None = None


def _first_frame(depth: int) -> FrameType:
    """The frame that called a watcher, where an audit hook may have been added since the last one."""
    global _frame
    _frame = audits.silent_frame if audits.are_heard() else sys._getframe
    return _frame(depth + 1)


_frame: Callable[[int], FrameType] = _first_frame


def beware() -> None:
    """Code is about to run that may add an audit hook."""
    global _frame
    _frame = _first_frame


def switch(recording: Listener | None) -> None:
    """Tell `recording` from now on; None: nobody."""
    global _recording
    _recording = recording
    _thread.stack.clear()
    beware()


def listen(recording: Listener | None) -> None:
    """The same in the middle of a run: what waits for a result goes on waiting."""
    global _recording
    _recording = recording


def waiting(frame: FrameType) -> list[Waiting]:
    """What waits in this thread for a result in that frame, the latest first."""
    return [one for one in reversed(_thread.stack) if one.frame == hash(frame)]


def listening() -> Listener | None:
    """Who is told."""
    return _recording


def frame_of(depth: int) -> FrameType:
    """The frame that called a watcher of another module, `depth` further out than what asks."""
    return _frame(depth + 1)


def waiting_here() -> list[Waiting]:
    """What waits in this thread."""
    return _thread.stack


def pair(site: Site, left: Any, right: Any, /) -> tuple[Any, Any]:
    """Two operands of an operator."""
    if _recording is not None:
        if issubclass(type(left), NUMPY) or issubclass(type(right), NUMPY):
            frame = _frame(1)
            pending = _recording.before_operator(site, frame, (left, right))
            push(Waiting(site, hash(frame), pending), frame, site)
        elif _recording.number is not None and _are_floats(left, right):
            frame = _frame(1)
            push(Waiting(site, hash(frame), _recording.number), frame, site)
        elif is_holder(type(left)) or is_holder(type(right)):
            frame = _frame(1)
            waits = Waiting(site, hash(frame), _recording.before_operator(site, frame, (left, right)))
            push(waits, frame, site)
    return left, right


def _is_array(value: Any) -> bool:
    """Whether it is an array, numpy's or a library's own kind."""
    return issubclass(type(value), NUMPY) or is_holder(type(value))


def _are_floats(left: Any, right: Any) -> bool:
    """Whether Python computes with numbers, a float among them: what counts and indexes is none."""
    first, second = type(left), type(right)
    if first is float or first is complex:
        return type(second) is type and second in NUMBERS
    return (second is float or second is complex) and type(first) is type and first in NUMBERS


def within(site: Site, value: Any, owner: Any, /) -> tuple[Any, Any]:
    """What is about to be looked into, and for what."""
    if _recording is not None and issubclass(type(owner), np.ndarray):
        frame = _frame(1)
        push(Waiting(site, hash(frame), _recording.before_operator(site, frame, (owner, value))), frame, site)
    return owner, value


def single(site: Site, operand: Any, /) -> Any:
    """The operand of an operator or an attribute."""
    if _recording is not None and issubclass(type(operand), NUMPY):
        frame = _frame(1)
        push(Waiting(site, hash(frame), _recording.before_operator(site, frame, (operand,))), frame, site)
    elif _recording is not None and (type(operand) is float or type(operand) is complex):
        if _recording.number is not None:
            frame = _frame(1)
            push(Waiting(site, hash(frame), _recording.number), frame, site)
    elif _recording is not None and is_holder(type(operand)):
        frame = _frame(1)
        push(Waiting(site, hash(frame), _recording.before_operator(site, frame, (operand,))), frame, site)
    return operand


def chain(site: Site, left: Any, right: Any, /) -> tuple[Any, Any]:
    """Two operands of a comparison whose right one is compared with the next."""
    frame = _frame(1)
    push(Waiting(None, hash(frame), None, right), frame, site)
    if _recording is not None and (_is_array(left) or _is_array(right)):
        pending = _recording.before_operator(site, frame, (left, right))
        _thread.stack.append(Waiting(site, hash(frame), pending))
    return left, right


def kept() -> Any:
    """The right operand of the comparison before."""
    stack, frame = _thread.stack, hash(_frame(1))
    while True:
        one = stack.pop()
        if one.site is None and one.frame == frame:
            return one.args


def keep(site: Site, owner: Any, index: Any, /) -> Any:
    """What an augmented assignment changes, until it is stored; for an attribute `index` is `site`."""
    frame = _frame(1)
    waits = Waiting(site, hash(frame), None, (owner, index))
    waits.opens = True
    if site.across:
        across[hash(frame), site] = waits
    else:
        push(waits, frame, site)
    return owner if index is site else waits.args


def kept_owner(site: Site, /) -> Any:
    """What `keep` kept."""
    frame, stack = hash(_frame(1)), _thread.stack
    waits = across.pop((frame, site), None)
    while waits is None:
        one = stack.pop()
        waits = one if one.site is site and one.frame == frame else None
    owner, index = waits.args
    return owner if index is site else (owner, index)


def item(site: Site, owner: Any, index: Any, /) -> tuple[Any, Any]:
    """What is about to be indexed, and the index."""
    if _recording is not None:
        frame = _frame(1)
        pending = _recording.before_item(site, frame, owner, index)
        if pending is not None:
            push(Waiting(site, hash(frame), pending), frame, site)
    return owner, index


def put(site: Site, value: Any, owner: Any, index: Any, /) -> tuple[Any, Any, Any]:
    """What is about to be assigned, and where."""
    if _recording is not None:
        frame = _frame(1)
        pending = _recording.before_put(site, frame, owner, index, value)
        if pending is not None:
            push(Waiting(site, hash(frame), pending), frame, site)
    return owner, index, value


def update(site: Site, target: Any, value: Any, /) -> tuple[Any, Any]:
    """What is about to be changed in place, and by what."""
    if _recording is not None:
        if issubclass(type(target), NUMPY) or issubclass(type(value), NUMPY):
            frame = _frame(1)
            waits = Waiting(site, hash(frame), _recording.before_update(site, frame, target, value))
            push(waits, frame, site)
        elif _recording.number is not None and _are_floats(target, value):
            frame = _frame(1)
            push(Waiting(site, hash(frame), _recording.number), frame, site)
        elif is_holder(type(target)) or is_holder(type(value)):
            frame = _frame(1)
            waits = Waiting(site, hash(frame), _recording.before_update(site, frame, target, value))
            push(waits, frame, site)
    return target, value


def call(site: Site, function: Any, /, *args: Any, **keywords: Any) -> Any:
    """What is about to be called; `argument` gives the arguments on, one after the other."""
    frame = _frame(1)
    waits = Waiting(site, hash(frame), None, [*reversed(keywords.values()), *reversed(args)], keywords)
    if type(function) is FunctionType or type(function) is MethodType:
        depth.check()
    if _recording is not None:
        waits.pending = _recording.before_call(site, frame, function, args, keywords)
    waits.keywords = len(args), tuple(keywords)
    push(waits, frame, site)
    return depth.asked() if function is sys.getrecursionlimit else function


def argument() -> Any:
    """The next argument of the call that is about to run; from now on it is held by the call alone."""
    return _called(_frame(1)).args.pop()


def positional() -> Any:
    """All positional arguments of the call that is about to run."""
    waits = _called(_frame(1))
    return [waits.args.pop() for _ in range(waits.keywords[0])]


def keywords() -> Any:
    """All keywords of the call that is about to run."""
    waits = _called(_frame(1))
    return {name: waits.args.pop() for name in waits.keywords[1]}


def noted(code: Any, /) -> Any:
    """What `exec` or `eval` is about to run: nobody will see what it does."""
    if _recording is not None:
        _recording.unwatched()
    beware()
    return code


def _called(frame: FrameType) -> Waiting:
    """The call that waits in a frame, less what a finalizer that failed has left on it."""
    stack = _thread.stack
    while stack[-1].frame != hash(frame):
        stack.pop()
    return stack[-1]


def opened(site: Site, function: Any, /) -> Any:
    """A function that is about to be called with `*` or `**`."""
    frame = _frame(1)
    waits = Waiting(site, hash(frame), function, [], {})
    waits.opens = True
    push(waits, frame, site)
    if type(function) is FunctionType or type(function) is MethodType:
        depth.check()
    return function


def piece(site: Site, how: str, last: bool, value: Any, /) -> Any:
    """A piece of the arguments: `*` and `**` are taken apart by Python itself, and looked into by us."""
    frame, stack = _frame(1), _thread.stack
    while stack[-1].site is not site or stack[-1].frame != hash(frame):
        stack.pop()
    waits = stack[-1]
    if how == "":
        waits.args.append(value)
    elif how == "*":
        kind = type(value)
        whole = kind is list or kind is tuple or issubclass(kind, np.ndarray)
        waits.args.extend(value if whole else (UNKNOWN,))
    elif how == "**":
        waits.keywords.update(value if type(value) is dict else {"": UNKNOWN})
    else:
        waits.keywords[how] = value
    if last:
        stack.pop()
        function, args, named = waits.pending, tuple(waits.args), waits.keywords
        pending = None
        if _recording is not None:
            pending = _recording.before_call(site, frame, function, args, named)
        push(Waiting(site, hash(frame), pending), frame, site)
    return value


def spread(site: Site, value: Any, /) -> Any:
    """`*value` in a list or tuple that is written out."""
    if _recording is not None:
        kind = type(value)
        frame = _frame(1)
        array = issubclass(kind, np.ndarray)
        if array or not (kind is list or kind is tuple):
            held = value if array else _recording.gone_through(site, frame, value)
            if held is not None:
                waits = Waiting(site, hash(frame), None, held)
                waits.opens = True
                push(waits, frame, site)
    return value


def displayed(site: Site, value: Any, /) -> Any:
    """The list or tuple."""
    stack, frame = _thread.stack, _frame(1)
    arrays = []
    while stack and stack[-1].site is site and stack[-1].frame == hash(frame):
        arrays.append(stack.pop().args)
    if arrays and _recording is not None:
        _recording.spread(site, frame, arrays[::-1], value)
    return value


def done(_: Any, /) -> bool:
    """What stands among the conditions of a comprehension, and holds."""
    return True


def after(site: Site, result: Any, /) -> Any:
    """The result of what `site` was about to do."""
    stack = _thread.stack
    if stack:
        frame = _frame(1)
        here = hash(frame)
        for place in range(len(stack) - 1, -1, -1):
            waits = stack[place]
            if waits.site is site and waits.frame == here:
                del stack[place:]
                if waits.pending is not None and _recording is not None:
                    _recording.after(site, frame, waits.pending, result)
                break
    return result


def enter(loop: Site, iterable: Any, /) -> Any:
    """What a loop goes through."""
    if _recording is not None:
        _recording.enter(loop, _frame(1), iterable)
    return iterable


def turn(loop: Site, /, *bound: Any) -> bool:
    """A pass of a loop begins."""
    if _recording is not None:
        _recording.turn(loop, _frame(1), bound)
    return True


def push(waits: Waiting, frame: FrameType, site: Site) -> None:
    """Put it on the stack, less what an exception left there: it waits for nothing that runs."""
    stack, here = _thread.stack, hash(frame)
    while stack:
        top = stack[-1]
        if top.frame == here:
            if top.opens and is_within(site, top.site):
                break
        else:
            caller = frame.f_back
            while caller is not None and hash(caller) != top.frame:
                caller = caller.f_back
            if caller is not None:
                break
        stack.pop()
    stack.append(waits)
