"""From what the recorder wrote down to a finished trace."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mnistviz.trace.model import Coverage, Failure, Operation, Role, SourceFile, Trace, Value
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.outputs import Draft
from mnistviz.trace.recording.roles import roles_of
from mnistviz.trace.replay import repeatable

if TYPE_CHECKING:
    from mnistviz.trace.recording.recording import Recording


def build(recording: Recording, returned: list[Mention], error: BaseException | None) -> Trace:
    """The trace of a finished run."""
    with _without_collecting():
        return _built(recording, returned, error)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Many objects that all stay: to look through them for rubbish again and again takes as long as to make them."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _built(recording: Recording, returned: list[Mention], error: BaseException | None) -> Trace:
    recording.values.freeze_all()
    roles = roles_of(recording.drafts, recording.arguments, [mention.snapshot for mention in returned])
    operations = tuple(_operation(number, draft, roles) for number, draft in enumerate(recording.drafts))
    failure = _failure(recording, error, roles) if error is not None else None
    return Trace(
        function=recording.code.co_qualname.replace(".<locals>", ""),
        operations=operations,
        sources=_sources(recording, operations, failure),
        inputs=tuple(_value(mention, roles) for mention in recording.arguments),
        results=tuple(mention.snapshot.id for mention in returned),
        failure=failure,
        returned=tuple(_value(mention, roles) for mention in returned),
        coverage=_coverage(recording, operations),
        numbers=tuple(recording.numbers.values()),
    )


def _sources(
    recording: Recording, operations: tuple[Operation, ...], failure: Failure | None
) -> tuple[SourceFile, ...]:
    """The files that the trace speaks of."""
    own = recording.exchange.file(recording.code.co_filename)
    used = {own.text.name} if own is not None else set()
    for operation in operations:
        used |= {span.file for span in (operation.source.expression, *operation.source.calls)}
    used |= {number.source.file for number in recording.numbers.values()}
    if failure is not None and failure.source is not None:
        used.add(failure.source.expression.file)
    return tuple(text.source_file for text in recording.exchange.texts if text.name in used)


def _coverage(recording: Recording, operations: tuple[Operation, ...]) -> Coverage:
    unseen = recording.values.unseen
    return Coverage(
        made=len(operations) + len(unseen),
        recorded=len(operations),
        replayed=sum(one.call is not None and repeatable(one.call) for one in operations),
        foreign=sum(one.call is not None and one.call.kind == "foreign" for one in operations),
        unseen=len(unseen),
        names=tuple(dict.fromkeys(name for name in unseen if name)),
    )


def _operation(number: int, draft: Draft, roles: dict[int, Role]) -> Operation:
    outputs = tuple([_value(mention, roles) for mention in draft.outputs])
    return Operation(
        number=number,
        operation=draft.name,
        expression=draft.text,
        inputs=tuple([_value(mention, roles) for mention in draft.inputs]),
        output=outputs[0],
        source=draft.source,
        parameters=draft.parameters,
        more=outputs[1:],
        call=draft.call,
    )


def _value(mention: Mention, roles: dict[int, Role]) -> Value:
    snapshot = mention.snapshot
    return Value(
        id=snapshot.id,
        name=mention.name,
        role=roles.get(snapshot.id, "input"),  # what only the operation that failed was given
        value=snapshot.array,
        before=mention.before.array if mention.before else None,
        view_of=snapshot.view_of,
        stretched=mention.stretched,
        changed_by=snapshot.changed_by,
    )


def _failure(recording: Recording, error: BaseException, roles: dict[int, Role]) -> Failure:
    found = recording.places.failing(error.__traceback__)
    message = f"{type(error).__name__}: {error}"
    source = found[2] if found is not None else None
    if recording.error is None:
        return Failure(message, source)
    name, mentions = recording.error
    return Failure(message, source, tuple(_value(mention, roles) for mention in mentions), name)
