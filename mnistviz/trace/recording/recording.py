"""One recording: what the watchers tell, written down as operations."""

from __future__ import annotations

import ast
import functools
import operator
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import CodeType, FrameType, FunctionType
from typing import Any

import numpy as np

from mnistviz.errors import InputError
from mnistviz.trace.model import Call, Number, Operand
from mnistviz.trace.recording import calls, depth, iteration, operators, watchers
from mnistviz.trace.recording.callee import Callee, file_of_arrays
from mnistviz.trace.recording.exchange import Exchange
from mnistviz.trace.recording.operands import Mention, Taken, nodes_of, operand, parameters, with_names
from mnistviz.trace.recording.outputs import Draft, Outputs
from mnistviz.trace.recording.pending import PLAIN, Manner, Pending, recordable
from mnistviz.trace.recording.places import Places, Where
from mnistviz.trace.recording.values import PLAIN as NEVER_ARRAYS
from mnistviz.trace.recording.values import Values, is_value, values_in
from mnistviz.trace.replay import GRIDS, found_of
from mnistviz.trace.source.sites import Site

_this_thread = threading.get_ident
OF_OBJECTS = "an array of Python objects"
NUMBER = Pending("number", "number", "number", [])
MOST_NUMBERS = 10_000  # of Python's own that are noted
PATIENCE_SECONDS = 5.0  # that a program may go on unrecorded before it is said
BY_NAME = frozenset(["function", "method", "creation", "ufunc"])


class Recording:
    """What has been seen so far."""

    def __init__(self, exchange: Exchange, code: CodeType, memory_limit: int) -> None:
        self.exchange = exchange
        self.code = code
        self.places = Places(exchange)
        self.values = Values(memory_limit, self.where)
        self.drafts: list[Draft] = []
        self.arguments: list[Mention] = []
        self.numbers: dict[tuple[str, str, str], Number] = {}
        self.number = NUMBER
        self.stopped: BaseException | None = None  # why nothing is written down any more
        self.error: tuple[str, list[Mention]] | None = None  # what was being done when the function failed
        self.rows: dict[tuple[int, ast.AST], Any] = {}  # arrays whose rows a loop gets
        self._lock = threading.Lock()
        self._remind_at: float | None = None  # when it is said that the recording has stopped
        self._owner = 0  # thread that is writing
        self._last: Site | None = None

    def where(self) -> str:
        """Where the run is, for an error."""
        if self._last is None:
            return self.code.co_qualname
        span = self._last.expression
        return f"{span.file} line {span.first_line}"

    def runs(self, function: FunctionType) -> bool:
        """Whether a function's code is watched; one that a module's own loader made is exchanged now."""
        if self.exchange.exchange(function):
            return True
        code = function.__code__
        if id(code) in self.exchange.edited:
            raise InputError(
                f"{code.co_qualname} is not the function that the file holds now",
                f"{code.co_filename} line {code.co_firstlineno}",
                "the source changed after it was imported: start again",
            )
        return False

    def failed(self, error: BaseException) -> None:
        """The function raised: keep what it was doing."""
        found = self.places.failing(error.__traceback__)
        for waits in watchers.waiting(found[1]) if found is not None else ():
            if waits.pending is not None:
                self.error = (waits.pending.name, waits.pending.inputs)
                return

    def returned(self, result: Any) -> list[Mention]:
        """The arrays that the function returned."""
        snapshots = [self.values.current(one) for one in values_in(result)]
        return [Mention(snapshot, snapshot.name) for snapshot in snapshots]

    # What the watchers tell

    def before_operator(self, site: Site, frame: FrameType, operands: tuple[Any, ...]) -> Any:
        """An operator is about to run, or an attribute to be read."""
        return self._guarded(operators.operator, site, frame, operands)

    def before_call(
        self, site: Site, frame: FrameType, function: Any, args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        """A call is about to run."""
        return self._guarded(calls.call, site, frame, function, args, keywords)

    def before_item(self, site: Site, frame: FrameType, owner: Any, index: Any) -> Any:
        """`owner[index]` is about to be read."""
        return self._guarded(operators.item, site, frame, owner, index)

    def before_put(self, site: Site, frame: FrameType, owner: Any, index: Any, value: Any) -> Any:
        """`owner[index] = value` or `owner.index = value` is about to run."""
        return self._guarded(operators.put, site, frame, owner, index, value)

    def before_update(self, site: Site, frame: FrameType, target: Any, value: Any) -> Any:
        """`target += value` is about to run."""
        return self._guarded(operators.update, site, frame, target, value)

    def after(self, site: Site, frame: FrameType, pending: Pending, result: Any) -> None:
        """What was about to run gave a result."""
        self._guarded(Recording._result, site, frame, pending, result)

    def unwatched(self) -> None:
        """Code is about to run that nobody sees."""
        if self._owner != threading.get_ident():
            self.values.freeze_all()

    def enter(self, loop: Site, frame: FrameType, iterable: Any) -> None:
        """A loop begins."""
        self._guarded(Recording._enter, loop, frame, iterable)

    def turn(self, loop: Site, frame: FrameType, bound: tuple[Any, ...]) -> None:
        """A pass of a loop begins; its target was bound to these."""
        self._guarded(Recording._turn, loop, frame, bound)

    def unpacked(self, site: Site, frame: FrameType, value: Any, values: tuple[Any, ...]) -> None:
        """`value` was unpacked into `values`."""
        self._guarded(iteration.unpacked, site, frame, value, values)

    def spread(self, site: Site, frame: FrameType, arrays: list[Any], value: Any) -> None:
        """The rows of arrays were put into a list or tuple."""
        self._guarded(iteration.spread, site, frame, arrays, value)

    def _guarded(self, tell: Callable[..., Any], site: Site, *given: Any) -> Any:
        """One thread writes at a time; what Python runs in between (a `__del__`) is not written down."""
        me = _this_thread()
        if self._owner == me:
            return None
        if self.stopped is not None:
            self._remind()
            return None
        with self._lock:
            self._owner, self._last = me, site
            try:
                if self.exchange.paused:
                    self.exchange.resume()
                return tell(self, site, *given)
            except RecursionError:  # there is no room for us: the program would have stopped by now
                raise
            except Exception as error:  # ours, not the program's: it goes on, and is told of it afterwards
                self.stopped = error
                self._remind_at = time.monotonic() + PATIENCE_SECONDS
                return None
            finally:
                self._owner = 0

    def _remind(self) -> None:
        """A program that goes on for long, or for ever, is not left to think that it is recorded."""
        if self._remind_at is not None and time.monotonic() > self._remind_at and sys.__stderr__ is not None:
            self._remind_at = None
            words = (
                f"warning: nothing is recorded any more: {self.stopped}; the program goes on, Ctrl-C ends it"
            )
            print(words, file=sys.__stderr__, flush=True)

    # Before

    def pending(
        self,
        site: Site,
        frame: FrameType,
        found: Callee,
        args: Any,
        keywords: dict[str, Any],
        manner: Manner = PLAIN,
    ) -> Pending | None:
        """An operation on operands that are all there."""
        own_kind = False
        for one in (*args, *keywords.values()) if keywords else args:
            kind_of_one = type(one)
            if kind_of_one is np.ndarray:
                if one.dtype.hasobject:
                    self.values.unseen.append(OF_OBJECTS)
                    return None
            elif kind_of_one not in NEVER_ARRAYS:
                own_kind = own_kind or _is_of_a_subclass(one)
        kind = "foreign" if own_kind else manner.kind or found.kind
        taken = Taken(self.values, self.places, site, frame, manner.data)
        nodes = manner.nodes or nodes_of(site, kind == "method" and found.owner is not None, len(found.args))
        template = taken.positional(args, nodes, manner.last_only)
        named = taken.named(keywords, nodes)
        return Pending(
            found.name,
            kind,
            found.path or found.name,
            taken.inputs,
            template,
            named,
            found.run,
            origin=manner.origin,
            trusted=taken.own_kind,
        )

    def changing(
        self,
        pending: Pending | None,
        arrays: Iterable[Any],
        place: int | None,
        held: Callable[[], Any] | None = None,
    ) -> Pending | None:
        """The operation changes these arrays: keep what they hold; `held` gives one that nobody may hold meanwhile."""
        if pending is None:
            return None
        for array in arrays:
            holds = held or functools.partial(_itself, array)
            pending.changed.append((holds, self.values.current(array)))
            self.values.about_to_change(array, len(self.drafts))
        operand = pending.template[place] if place is not None and place < len(pending.template) else None
        pending.changes = operand.place if isinstance(operand, Operand) else None
        return pending

    # After

    def _result(self, site: Site, frame: FrameType, pending: Pending, result: Any) -> None:
        if pending is NUMBER:
            self._note_number(site, frame, result)
            return
        if pending.kind == "limit":
            depth.set_again()
            return
        if pending.kind == "foreign":
            calls.foreign_result(self, site, frame, pending, result)
            return
        if not pending.changed and not recordable(result):
            self.lose(result)
            return
        draft, place = self.draft(site, frame, pending)
        outputs = Outputs(self.values, draft, len(self.drafts) - 1, place)
        if not pending.changed:
            outputs.new(result, pending.origin)
            return
        alive = [(one(), before) for one, before in pending.changed if one() is not None]
        if not alive:
            self.drafts.pop()
            return
        outputs.changed(
            [one for one, _ in alive],
            [before for _, before in alive],
            self._changed_name(site, frame, pending.kind),
        )

    def _note_number(self, site: Site, frame: FrameType, result: Any) -> None:
        """Python computed with its own numbers: where a number comes from that an operation is given."""
        if len(self.numbers) >= MOST_NUMBERS:
            return
        target = site.target.node
        name = self.places.name(site.file, target, frame) if target is not None else ""
        key = name, site.text, repr(result)
        if key not in self.numbers:
            self.numbers[key] = Number(name, site.text, result, site.expression, len(self.drafts))

    def lose(self, result: Any) -> None:
        """An array went where nobody sees it any more: into a library's own kind, or one of Python's objects."""
        if issubclass(type(result), np.ndarray):
            self.values.unseen.append(OF_OBJECTS)
            return
        path = file_of_arrays(type(result))
        if path and not self.exchange.watches(path):
            self.values.unseen.append(f"a {type(result).__name__}")

    def draft(self, site: Site, frame: FrameType, pending: Pending) -> tuple[Draft, Where]:
        """Write an operation down, its outputs still to come."""
        place = self.places.place(site, frame)
        call = Call(
            pending.kind, pending.path, pending.template, pending.keywords,
            pending.changes if pending.changed else None, exact=True,
        )  # fmt: skip
        if pending.trusted or not _is_known(call, pending.run):
            call = replace(call, kind="foreign")  # by numpy, but not to be done again
        pairs = parameters(pending.run, pending.kind, pending.template, pending.keywords)
        pairs = with_names(pairs, pending.inputs)
        draft = Draft(pending.name, site.text, place.source, pending.inputs, [], pairs, call)
        self.drafts.append(draft)
        return draft, place

    def _changed_name(self, site: Site, frame: FrameType, kind: str) -> str:
        """The name of the array that an operation changes in place; "" where it keeps its own."""
        node: Any = site.node
        if isinstance(node, ast.AugAssign):
            return self.places.name(site.file, node.target, frame)
        if isinstance(node, ast.Subscript) and kind == "setitem":
            return self.places.name(site.file, node.value, frame)
        return ""

    # Loops

    def _enter(self, loop: Site, frame: FrameType, iterable: Any) -> None:
        self.places.enter(loop, frame)
        iteration.enter(self, loop, frame, iterable)

    def _turn(self, loop: Site, frame: FrameType, bound: tuple[Any, ...]) -> None:
        self.places.turn(loop, frame, bound)
        iteration.turn(self, loop, frame, bound)

    def row(self, site: Site, frame: FrameType, array: Mention, index: Any, value: Any, name: str) -> None:
        """A row of an array was given a name: `for row in x`, `a, b = x`."""
        if not is_value(value):
            return
        pending = Pending(
            "getitem",
            "getitem",
            "getitem",
            [Mention(array.snapshot, array.name)],
            (Operand(0), index),
            run=operator.getitem,
        )
        self._given(site, frame, pending, value, name)

    def driven(
        self, site: Site, frame: FrameType, made_by: str, inputs: list[Mention], value: Any, name: str
    ) -> None:
        """A loop got a value that C has made of arrays: `for s in map(np.sum, x)`."""
        template = tuple(Operand(place) for place in range(len(inputs)))
        self._given(site, frame, Pending(made_by, "foreign", made_by, inputs, template), value, name)

    def _given(self, site: Site, frame: FrameType, pending: Pending, value: Any, name: str) -> None:
        draft, place = self.draft(site, frame, pending)
        place.name, place.names = name, ()
        Outputs(self.values, draft, len(self.drafts) - 1, place).new(value, "result")


def _is_known(call: Call, run: Any) -> bool:
    """Whether an operation may be done again, by the function of that name that replaying calls."""
    if call.kind not in BY_NAME or call.path.startswith("random."):
        return True
    first = call.args[0] if call.args else None
    found = _found(call.kind, call.path, type(first) is Operand, getattr(first, "scalar", False))
    return found is not None and (call.kind == "method" or run is None or found is run or call.path in GRIDS)


@functools.lru_cache(maxsize=1024)
def _found(kind: str, path: str, on_array: bool, scalar: bool) -> Any:
    """Numpy's function of a name, of which the first argument may be an array or a scalar."""
    return found_of(Call(kind, path, (operand(0, scalar),) if on_array else ()))


def _itself(array: Any) -> Any:
    return array


def _is_of_a_subclass(value: Any) -> bool:
    """A matrix, a masked array: the class itself says what its operators do, so they cannot be done again."""
    kind = type(value)
    return kind is not np.ndarray and issubclass(kind, np.ndarray) and not issubclass(kind, np.memmap)
