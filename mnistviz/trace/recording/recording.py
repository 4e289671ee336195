"""One recording: what the watchers tell, written down as operations."""

from __future__ import annotations

import ast
import functools
import operator
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from types import CodeType, FrameType, FunctionType
from typing import Any

import numpy as np

from mnistviz.errors import InputError
from mnistviz.operations import UNWRITTEN
from mnistviz.trace.model import MOST_NUMBERS, Call, Number, Operand
from mnistviz.trace.recording import calls, depth, iteration, matching, operators, watchers
from mnistviz.trace.recording.callee import Callee, file_of_arrays
from mnistviz.trace.recording.exchange import Exchange
from mnistviz.trace.recording.frames import Frames
from mnistviz.trace.recording.holders import wraps_itself
from mnistviz.trace.recording.kinds import NUMBERS
from mnistviz.trace.recording.names import Names
from mnistviz.trace.recording.operands import (
    Mention,
    Taken,
    is_of_a_subclass,
    nodes_of,
    operand,
    parameters,
    places_in,
    with_names,
)  # fmt: skip
from mnistviz.trace.recording.outputs import Draft, Outputs, clear
from mnistviz.trace.recording.pending import PLAIN, Manner, Pending, recordable
from mnistviz.trace.recording.places import Places, Where
from mnistviz.trace.recording.values import Values, is_value, values_in
from mnistviz.trace.replay import GRIDS, found_of
from mnistviz.trace.source.sites import Site

_this_thread = threading.get_ident
OF_OBJECTS = "an array of Python objects"
NUMBER = Pending("number", "number", "number", [])
PATIENCE_SECONDS = 5.0  # that a program may go on unrecorded before it is said
BY_NAME = frozenset(["function", "method", "creation", "ufunc"])


def _one_at_a_time(tell: Callable[..., Any]) -> Callable[..., Any]:
    """One thread writes at a time; what Python runs in between (a `__del__`) is not written down."""

    def told(self: Recording, site: Site, *given: Any) -> Any:
        me = _this_thread()
        if self._owner == me:
            return None
        if self.stopped is not None:
            self._remind()
            return None
        with self._lock:
            self._owner, self._last = me, site
            try:
                if self._paused:
                    self.exchange.resume()
                return tell(self, site, *given)
            except RecursionError:  # there is no room for us: the program would have stopped by now
                raise
            except Exception as error:
                if self.places.is_of_the_program(error):
                    raise
                self._stop(error)
                return None
            finally:
                self._owner = 0

    return told


class Recording:
    """What has been seen so far."""

    def __init__(self, exchange: Exchange, code: CodeType, memory_limit: int) -> None:
        self.exchange = exchange
        self.code = code
        self.frames = Frames(exchange)
        self.names = Names(self.frames)
        self.places = Places(exchange, self.frames, self.names)
        self.values = Values(memory_limit, self.where)
        self.drafts: list[Draft] = []
        self.arguments: list[Mention] = []
        self.handed_on: list[Mention] = []  # from pass to pass, where several passes of a loop are recorded
        self.numbers: dict[tuple[str, str, str], Number] = {}
        self.number: Pending | None = NUMBER
        self.stopped: BaseException | None = None  # why nothing is written down any more
        self.error: tuple[str, list[Mention]] | None = None  # what was being done when the function failed
        self.rows: dict[tuple[int, ast.AST], Any] = {}  # arrays whose rows a loop gets
        self._calls: dict[Site, _KnownCall] = {}  # the last one of each place
        self._paused = exchange.paused  # what has its own code back for a while
        self._lock = threading.RLock()  # a profiler's function is called between our own lines
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

    before_operator = _one_at_a_time(operators.operator)
    before_call = _one_at_a_time(calls.call)
    before_item = _one_at_a_time(operators.item)
    before_put = _one_at_a_time(operators.put)
    before_update = _one_at_a_time(operators.update)
    gone_through = _one_at_a_time(iteration.gone_through)
    unpacked = _one_at_a_time(iteration.unpacked)
    spread = _one_at_a_time(iteration.spread)
    before_match = _one_at_a_time(matching.matching)
    refused = _one_at_a_time(matching.refused)
    bound = _one_at_a_time(matching.bound)

    def unwatched(self) -> None:
        """Code is about to run that nobody sees."""
        if self._owner != _this_thread():
            self.values.freeze_all()

    @_one_at_a_time
    def enter(self, loop: Site, frame: FrameType, iterable: Any) -> None:
        """A loop begins."""
        self.places.enter(loop, frame)
        iteration.enter(self, loop, frame, iterable)

    @_one_at_a_time
    def turn(self, loop: Site, frame: FrameType, bound: tuple[Any, ...]) -> None:
        """A pass of a loop begins; its target was bound to these."""
        self.places.turn(loop, frame, bound)
        iteration.turn(self, loop, frame, bound)

    def _stop(self, error: Exception) -> None:
        """Write nothing down any more: the fault is ours, not the program's: it goes on, and is told of it afterwards."""
        self.stopped = error
        self._remind_at = time.monotonic() + PATIENCE_SECONDS

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
        kind = manner.kind or found.kind
        taken = Taken(self.values, self.names, site, frame, manner.data)
        nodes = manner.nodes or nodes_of(site, kind == "method" and found.owner is not None, len(found.args))
        template = taken.positional(args, nodes, manner.last_only)
        named = taken.named(keywords, nodes) if keywords else ()
        if taken.of_objects:
            self.values.unseen.append(OF_OBJECTS)
            return None
        if taken.own_kind and any(map(is_of_a_subclass, (*args, *keywords.values()))):
            kind = "foreign"
        return Pending(
            found.name, kind, found.path or found.name, taken.inputs, template, named, found.run, manner.origin,
            taken.own_kind, wraps=taken.wraps, opaque=taken.opaque and found.kind == "operator",
        )  # fmt: skip

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

    @_one_at_a_time
    def after(self, site: Site, frame: FrameType, pending: Pending, result: Any) -> None:
        """What was about to run gave a result."""
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
            self.lose(pending, result)
            return
        if pending.opaque and not pending.changed and self._is_answered(result):
            return
        if pending.path in UNWRITTEN:
            clear(result)
        draft, place = self.draft(site, frame, pending)
        outputs = Outputs(self.values, draft, len(self.drafts) - 1, place)
        if not pending.changed:
            outputs.new(result, pending.origin)
            return
        alive = [(one, before) for held, before in pending.changed if (one := held()) is not None]
        if not alive:
            self.drafts.pop()
            return
        outputs.changed(alive, self.names.changed(site, frame, pending.kind, alive[0][1].name))

    def _is_answered(self, result: Any) -> bool:
        """Whether the program's own code has answered an operator: what it computed was seen where it did."""
        return id(type(result)) in NUMBERS or (is_value(result) and self.values.known(result) is not None)

    def _note_number(self, site: Site, frame: FrameType, result: Any) -> None:
        """Python computed with its own numbers: where a number comes from that an operation is given."""
        if len(self.numbers) >= MOST_NUMBERS:
            self.number = None  # no more of them need to wait for what Python makes of them
            return
        target = site.target.node
        name = self.names.name(site.file, target, frame) if target is not None else ""
        key = name, site.text, repr(result)
        if key not in self.numbers:
            self.numbers[key] = Number(name, site.text, result, site.expression, len(self.drafts))

    def lose(self, pending: Pending, result: Any) -> None:
        """An array went where nobody sees it any more: into a library's own kind, or one of Python's objects."""
        known = self.values.known(result) if is_value(result) else None
        if pending.wraps and (known is not None or wraps_itself(type(result))):
            given = known is not None and any(known.snapshot is one.snapshot for one in pending.inputs)
            if not given:  # a class of the program's made something else of what nobody saw
                self.values.unseen.append(pending.name)
        elif known is not None:
            return
        elif issubclass(type(result), np.ndarray):
            self.values.unseen.append(OF_OBJECTS)
        else:
            path = file_of_arrays(type(result))
            if path and not self.exchange.watches(path):
                self.values.unseen.append(f"a {type(result).__name__}")

    def draft(self, site: Site, frame: FrameType, pending: Pending) -> tuple[Draft, Where]:
        """Write an operation down, its outputs still to come."""
        place = self.places.place(site, frame)
        known = self._calls.get(site)
        if known is None or not known.says(pending):
            known = _known_call(pending)
            if known.call.kind != "foreign" and not known.call.path.startswith("random."):
                self._calls[site] = known  # else it would hold something of the program's
        pairs = with_names(known.parameters, pending.inputs) if known.named else known.parameters
        draft = Draft(
            pending.name, site, place.way, place.receiver, place.thread, pending.inputs, [], pairs, known.call
        )
        self.drafts.append(draft)
        return draft, place

    # Rows of loops

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
        self.give(site, frame, pending, value, name)

    def driven(
        self, site: Site, frame: FrameType, made_by: str, inputs: list[Mention], made: list[tuple[Any, str]]
    ) -> None:
        """A loop got values that C or a library has made of arrays: `for s in map(np.sum, x)`; each with its name."""
        template = tuple(Operand(place) for place in range(len(inputs)))
        pending = Pending(made_by, "foreign", made_by, inputs, template)
        draft, place = self.draft(site, frame, pending)
        outputs = Outputs(self.values, draft, len(self.drafts) - 1, place)
        outputs.made([one for one, _ in made], [name for _, name in made])

    def give(self, site: Site, frame: FrameType, pending: Pending, value: Any, name: str) -> None:
        """An operation gave a value, by that name."""
        draft, place = self.draft(site, frame, pending)
        place.name, place.names = name, ()
        Outputs(self.values, draft, len(self.drafts) - 1, place).new(value, "result")


@dataclass(frozen=True, eq=False, slots=True)
class _KnownCall:
    """What a place did the last time, which it mostly does again: then the records of it are the same ones."""

    call: Call
    kind: str
    run: Any
    trusted: bool
    parameters: tuple[tuple[str, Any], ...]
    named: bool  # whether operands are among these, which are called by their names

    def says(self, pending: Pending) -> bool:
        """Whether it is what is being done now, to the identity of each number."""
        call, template = self.call, pending.template
        return (
            self.run is pending.run
            and self.kind == pending.kind
            and call.path == pending.path
            and self.trusted is pending.trusted
            and call.changes == pending.changes
            and len(call.args) == len(template)
            and all(map(operator.is_, call.args, template))
            and not (call.keywords or pending.keywords)
        )


def _known_call(pending: Pending) -> _KnownCall:
    """How to do it again, and what of it is no operand."""
    kind, run, template, keywords = pending.kind, pending.run, pending.template, pending.keywords
    changes = pending.changes if pending.changed else None
    call = Call(kind, pending.path, template, keywords, changes, exact=True)
    if pending.trusted or not _is_known(call, run):
        call = replace(call, kind="foreign")  # by numpy, but not to be done again
    pairs = parameters(run, kind, template, keywords)
    named = any(True for _ in places_in([value for _, value in pairs]))
    pairs = pairs if named else with_names(pairs, pending.inputs)
    return _KnownCall(call, kind, run, pending.trusted, pairs, named)


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
