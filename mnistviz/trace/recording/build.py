"""From what the recorder wrote down to a finished trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mnistviz.errors import kind_of
from mnistviz.storage.machine import without_collecting
from mnistviz.trace.model import Coverage, Failure, Operation, Role, SourceFile, Trace, Value
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.outputs import Draft
from mnistviz.trace.recording.roles import roles_of
from mnistviz.trace.replay import repeatable

if TYPE_CHECKING:
    from mnistviz.trace.recording.recording import Recording


def build(recording: Recording, returned: list[Mention], error: BaseException | None) -> Trace:
    """The trace of a finished run."""
    with without_collecting():
        return _built(recording, returned, error)


def _built(recording: Recording, returned: list[Mention], error: BaseException | None) -> Trace:
    recording.values.freeze_all()
    handed_on = [mention.snapshot for mention in (*recording.handed_on, *returned)]
    roles = roles_of(recording.drafts, recording.arguments, handed_on)
    values = _Values(roles)
    operations = tuple([_operation(number, draft, values) for number, draft in enumerate(recording.drafts)])
    failure = _failure(recording, error, values) if error is not None else None
    return Trace(
        function=recording.code.co_qualname.replace(".<locals>", ""),
        operations=operations,
        sources=_sources(recording, operations, failure),
        inputs=values.all(recording.arguments),
        results=tuple(mention.snapshot.id for mention in returned),
        failure=failure,
        returned=values.all(returned),
        coverage=_coverage(recording, operations),
        numbers=tuple(recording.numbers.values()),
    )


def _sources(
    recording: Recording, operations: tuple[Operation, ...], failure: Failure | None
) -> tuple[SourceFile, ...]:
    """The files that the trace speaks of."""
    own = recording.exchange.file(recording.code.co_filename)
    used = {own.text.name} if own is not None else set()
    sources = [operation.source for operation in operations]
    used |= {source.expression.file for source in sources}
    ways = {id(source.calls): source.calls for source in sources}  # many share theirs
    used |= {span.file for way in ways.values() for span in way}
    used |= {number.source.file for number in recording.numbers.values()}
    if failure is not None and failure.source is not None:
        used.add(failure.source.expression.file)
    return tuple(text.source_file for text in recording.exchange.texts if text.name in used)


def _coverage(recording: Recording, operations: tuple[Operation, ...]) -> Coverage:
    unseen = recording.values.unseen
    calls = Counter(one.call for one in operations if one.call is not None)  # those of a loop share theirs
    return Coverage(
        made=len(operations) + len(unseen),
        recorded=len(operations),
        replayed=sum(count for call, count in calls.items() if repeatable(call)),
        foreign=sum(count for call, count in calls.items() if call.kind == "foreign"),
        unseen=len(unseen),
        names=tuple(dict.fromkeys(name for name in unseen if name)),
    )


def _operation(number: int, draft: Draft, values: _Values) -> Operation:
    output, *more = values.all(draft.outputs)
    return Operation(
        number, draft.name, draft.site.text, values.all(draft.inputs), output, draft.source(),
        draft.parameters, tuple(more), draft.call,
    )  # fmt: skip


class _Values:
    """The values that the run's mentions stand for; two that say the same are one."""

    def __init__(self, roles: dict[int, Role]) -> None:
        self._roles = roles
        self._made: dict[tuple[Any, ...], Value] = {}

    def all(self, mentions: Iterable[Mention]) -> tuple[Value, ...]:
        """Their values."""
        values: list[Value] = []
        made, roles = self._made, self._roles
        for mention in mentions:
            snapshot, before, name, stretched = (
                mention.snapshot, mention.before, mention.name, mention.stretched,
            )  # fmt: skip
            key = snapshot.id, name, stretched, before and before.id
            found = made.get(key)
            if found is None:
                # What only the failing operation names was given.
                found = made[key] = Value(
                    snapshot.id, name, roles.get(snapshot.id, "input"), snapshot.array,
                    before.array if before else None, snapshot.view_of, stretched, snapshot.changed_by,
                )  # fmt: skip
            values.append(found)
        return tuple(values)


def _failure(recording: Recording, error: BaseException, values: _Values) -> Failure:
    found = recording.places.failing(error.__traceback__)
    message = f"{kind_of(error)}: {error}"
    source = found[2] if found is not None else None
    if recording.error is None:
        return Failure(message, source)
    name, mentions = recording.error
    return Failure(message, source, values.all(mentions), name)
