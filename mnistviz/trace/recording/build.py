"""From what the recorder wrote down to a finished trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnistviz.trace.model import Failure, Operation, Role, Trace, Value
from mnistviz.trace.recording.arrays import RecordingArray
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.outputs import Draft
from mnistviz.trace.recording.roles import roles_of

if TYPE_CHECKING:
    from mnistviz.trace.recording.recorder import Recorder


def build(recorder: Recorder, result: Any, error: BaseException | None) -> Trace:
    """The trace of a finished run."""
    returned = list(_returned(recorder, result))
    recorder.values.settle()
    roles = roles_of(recorder.drafts, recorder.arguments, [mention.snapshot for mention in returned])
    operations = tuple(_operation(number, draft, roles) for number, draft in enumerate(recorder.drafts))
    sources = tuple(file.source_file for file in recorder.walker.sources.files.values() if file)
    used = {place.source.expression.file for place in operations} | {
        call.file for place in operations for call in place.source.calls
    }
    failure = _failure(recorder, error, roles) if error is not None else None
    if failure is not None and failure.source is not None:
        used.add(failure.source.expression.file)
    used.add(recorder.walker.file_name)
    return Trace(
        function=recorder.walker.function_name,
        operations=operations,
        sources=tuple(f for f in (*sources, *recorder.walker.textless.source_files()) if f.name in used),
        inputs=tuple(_value(mention, roles) for mention in recorder.arguments),
        results=tuple(mention.snapshot.id for mention in returned),
        failure=failure,
        returned=tuple(_value(mention, roles) for mention in returned),
    )


def _operation(number: int, draft: Draft, roles: dict[int, Role]) -> Operation:
    outputs = [_value(mention, roles) for mention in draft.outputs]
    return Operation(
        number=number,
        operation=draft.name,
        expression=draft.text,
        inputs=tuple(_value(mention, roles) for mention in draft.inputs),
        output=outputs[0],
        source=draft.source,
        parameters=draft.parameters,
        more=tuple(outputs[1:]),
        call=draft.call,
    )


def _value(mention: Mention, roles: dict[int, Role]) -> Value:
    snapshot = mention.snapshot
    return Value(
        id=snapshot.id,
        name=mention.name,
        role=roles[snapshot.id],
        value=snapshot.array,
        before=mention.before.array if mention.before else None,
        view_of=snapshot.view_of,
        stretched=mention.stretched,
        changed_by=snapshot.changed_by,
    )


def _returned(recorder: Recorder, result: Any) -> Any:
    """Mentions of the arrays in what the function returned."""
    if type(result) is RecordingArray:
        snapshot = recorder.values.current(result)
        yield Mention(snapshot, snapshot.name)
    elif isinstance(result, np.ndarray | np.generic):
        snapshot = recorder.values.current(recorder.values.adopt(result, "outside"))
        yield Mention(snapshot, snapshot.name)
    elif isinstance(result, tuple | list):
        for one in result:
            yield from _returned(recorder, one)
    elif isinstance(result, dict):
        for one in result.values():
            yield from _returned(recorder, one)


def _failure(recorder: Recorder, error: BaseException, roles: dict[int, Role]) -> Failure:
    found = recorder.walker.failing(error.__traceback__)
    message = f"{type(error).__name__}: {error}"
    pending = recorder.pending
    if pending is None or pending[2] is not error:
        return Failure(message, found[1] if found else None)
    inputs = tuple(_value(mention, roles) for mention in pending[1])
    return Failure(message, found[1] if found else None, inputs, pending[0])
