"""A story for any trace, with no words written for it.

A chapter is a statement of the code as it ran, a shot an operation of it; what only repeats (the later
passes of a loop) is told in one shot.  Captions are made from the operations, pace from what there is to
see.  `mnistviz.story.storyboard.check` holds it to this: each operation is completed by exactly one shot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from mnistviz.operations import definition
from mnistviz.story.phrases import (
    TOO_LONG,
    caption_of,
    listed,
    named,
    shape_of,
    shapes,
    shortened,
    title_of,
)
from mnistviz.story.sentence import Code, Number, Part, Quantity, joined, line, say
from mnistviz.story.storyboard import Chapter, Phase, Shot, Storyboard, check
from mnistviz.trace.model import Coverage, Operation, Span, Trace

MOST_CHAPTERS = 30
WORDS_OF_AGAIN = 64  # characters of what stands before the expression in the caption of a loop's later passes
MOST_TICKS = 3600  # six minutes: what is longer is told in fewer, fuller shots
REST_TICKS = 15


@dataclass(frozen=True)
class Step:
    """The operations of one statement, one time that it ran."""

    operations: tuple[Operation, ...]

    @property
    def last(self) -> Operation:
        """The operation that ends the statement."""
        return self.operations[-1]

    @property
    def key(self) -> tuple[object, ...]:
        """The same for each time that the statement runs."""
        return _anchor(self.operations[0])


def default_storyboard(trace: Trace, scene: str = "", title: str | None = None) -> Storyboard:
    """The storyboard of any trace; `scene` also names the output folder.

    Raises `InputError` where the trace has no operation and no failure to tell.
    """
    function = trace.function.rpartition(".")[2].strip("<>")
    files = tuple(file.name for file in trace.sources)
    steps = _steps(trace)
    parts = _chapters_of_steps(steps)
    teller = _Teller(trace, _affordable(parts))
    chapters = _phased([teller.chapter(part) for part in parts])
    if trace.failure is not None:
        chapters.append(_failed(trace))
    if not trace.coverage.complete and chapters:
        chapters[-1] = _with_coverage(chapters[-1], trace.coverage)
    numbered = tuple(replace(chapter, number=place) for place, chapter in enumerate(chapters, start=1))
    board = Storyboard(
        title=title or f"What {trace.function} computes",
        scene=scene or function,
        trace=trace,
        chapters=numbered,
        subtitle=", ".join(files[:3]),
    )
    return check(board)


def _with_coverage(chapter: Chapter, coverage: Coverage) -> Chapter:
    """The last chapter ends with what the recording cannot vouch for."""
    counts = {"taken on trust": coverage.trusted, "not seen": coverage.made - coverage.recorded}
    parts = [
        say(
            f"{{}} of all operations {'is' if count == 1 else 'are'} {what}. ",
            Number(count, Quantity(what), "count"),
        )
        for what, count in counts.items()
        if count > 0
    ]
    last = chapter.shots[-1]
    note = joined(*parts, *([last.note] if last.note else []))
    return replace(chapter, shots=(*chapter.shots[:-1], replace(last, note=note)))


def _steps(trace: Trace) -> list[Step]:
    """Runs of operations of one statement, in one pass."""
    groups = groupby(trace.operations, key=lambda operation: (_anchor(operation), operation.source.passes))
    return [Step(tuple(group)) for _, group in groups]


def _anchor(operation: Operation) -> tuple[object, ...]:
    """The statement that an operation belongs to, and how the run came there."""
    source = operation.source
    return (source.function, source.calls, _lines(source.statement))


def _lines(span: Span) -> tuple[str, int, int]:
    return span.file, span.first_line, span.last_line


def _chapters_of_steps(steps: Sequence[Step]) -> list[list[list[Step]]]:
    """Chapters; a chapter is a list of tellings: one new step, or a run of steps that were told before."""
    tellings = _tellings(steps)
    parts: list[list[list[Step]]] = []
    for telling in tellings:
        joins = parts and (_is_repeat(telling) or _belongs_together(parts[-1][-1][-1], telling[0]))
        if joins:
            parts[-1].append(telling)
        else:
            parts.append([telling])
    return _merged(parts)


def _tellings(steps: Sequence[Step]) -> list[list[Step]]:
    times: dict[tuple[object, ...], int] = {}
    tellings: list[list[Step]] = []
    repeating = False
    for step in steps:
        again = step.key in times and bool(step.last.source.passes)
        times[step.key] = times.get(step.key, 0) + 1
        if again and repeating:
            tellings[-1].append(step)
        else:
            tellings.append([step])
        repeating = again
    return tellings


def _is_repeat(telling: Sequence[Step]) -> bool:
    passes = telling[0].last.source.passes
    return bool(passes) and max(passes) > 1


def _belongs_together(before: Step, after: Step) -> bool:
    """Whether one of two steps is a helper that the other's statement calls, or goes on filling its array."""
    filled = after.last.output
    if filled.name == before.last.output.name != "" and after.last.in_place and filled.role != "parameter":
        return True
    first, second = before.last.source, after.last.source
    return _calls_from(first.calls, second.statement) or _calls_from(second.calls, first.statement)


def _calls_from(calls: Sequence[Span], statement: Span) -> bool:
    return any(
        call.file == statement.file and statement.first_line <= call.first_line <= statement.last_line
        for call in calls
    )


def _merged(parts: list[list[list[Step]]]) -> list[list[list[Step]]]:
    """At most `MOST_CHAPTERS`: neighbours of one function are put together, the shortest first."""
    while len(parts) > MOST_CHAPTERS:
        sizes = [len(left) + len(right) + 100 * _apart(left, right) for left, right in pairwise(parts)]
        place = sizes.index(min(sizes))
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return parts


def _apart(left: list[list[Step]], right: list[list[Step]]) -> bool:
    return left[-1][-1].last.source.function != right[0][0].last.source.function


def _affordable(parts: Sequence[Sequence[Sequence[Step]]]) -> bool:
    """Whether there is time for a shot for each operation."""
    operations = [step.operations for part in parts for telling in part for step in telling[:1]]
    return sum(_act_ticks(one) + REST_TICKS for step in operations for one in step) <= MOST_TICKS


class _Teller:
    """Makes chapters and shots; it knows which operation made what, and which statement ran before."""

    def __init__(self, trace: Trace, detail: bool) -> None:
        self._detail = detail  # a shot for each operation, else one for each statement
        self._made = {value.id: one for one in trace.operations for value in (one.output, *one.more)}
        self._first: dict[tuple[object, ...], int] = {}
        for operation in trace.operations:
            self._first.setdefault(_anchor(operation), operation.number)

    def chapter(self, part: Sequence[Sequence[Step]]) -> Chapter:
        """The chapter of some tellings, not numbered yet."""
        shots = tuple(shot for telling in part for shot in self._shots(telling))
        operations = [operation for telling in part for step in telling for operation in step.operations]
        new = [one for telling in part if not self._is_again(telling) for one in telling[0].operations]
        named = [one for one in new or operations if one.output.name] or new or operations
        made = list(dict.fromkeys(one.output.name.partition("[")[0] for one in named if one.output.name))
        return Chapter(
            number=0,
            title=shortened(listed(made), 48) if len(made) > 1 else title_of(named[-1]),
            phase=_phase(operations),
            caption=shortened(f"{listed(made) or 'A value'}: {_how(named[-1])}", TOO_LONG),
            shots=shots,
            main_shot=max(range(len(shots)), key=lambda place: (shots[place].act_ticks, place)),
        )

    def _shots(self, telling: Sequence[Step]) -> list[Shot]:
        if self._is_again(telling):
            return [_again(telling)]
        if not self._detail:
            return [self._whole(telling[0])]
        shots: list[Shot] = []
        waiting: list[int] = []
        for operation in telling[0].operations:
            if definition(operation.operation).pace == "quick" and operation is not telling[0].last:
                waiting.append(operation.number)
                continue
            shots.append(self._shot(operation, tuple(waiting)))
            waiting = []
        return shots

    def _is_again(self, telling: Sequence[Step]) -> bool:
        """Whether it is of later passes of statements that were told."""
        step = telling[0]
        passes = step.last.source.passes
        later = bool(passes) and max(passes) > 1
        return len(telling) > 1 or (later and self._first[step.key] < step.operations[0].number)

    def _shot(self, operation: Operation, quiet: tuple[int, ...]) -> Shot:
        return Shot(
            title=title_of(operation),
            drawing=operation.operation,
            caption=caption_of(operation, self._made),
            subject=(operation.number,),
            completes=(*quiet, operation.number),
            act_ticks=_act_ticks(operation),
            rest_ticks=REST_TICKS,
        )

    def _whole(self, step: Step) -> Shot:
        """One shot for all that a statement does: its heaviest operation is drawn."""
        main = max(step.operations, key=lambda operation: (_act_ticks(operation), operation.number))
        shot = self._shot(main, ())
        count = len(step.operations)
        whole = line(
            _completed(count), " operations: ", Code(shortened(step.last.expression, 90)), mono=False
        )
        completes = tuple(operation.number for operation in step.operations)
        caption = whole if count > 1 else shot.caption
        return replace(shot, title=title_of(step.last), caption=caption, completes=completes)


def _phased(chapters: list[Chapter]) -> list[Chapter]:
    """What stands between the first gradient and the last update belongs to the way back."""
    back = [place for place, chapter in enumerate(chapters) if chapter.phase != "forward"]
    return [
        replace(chapter, phase="backward") if back and chapter.phase == "forward" and back[0] < place < back[-1]
        else chapter
        for place, chapter in enumerate(chapters)
    ]  # fmt: skip


def _how(operation: Operation) -> str:
    return f"{shortened(operation.expression, 60)}, {shapes(operation.output)}"


def _phase(operations: Iterable[Operation]) -> Phase:
    """Guessed from the roles: updates change parameters, gradients come before them."""
    operations = list(operations)
    if any(one.output.role == "parameter" and _updates(one) for one in operations):
        return "update"
    if any(one.output.role == "gradient" for one in operations):
        return "backward"
    return "forward"


def _updates(operation: Operation) -> bool:
    return operation.in_place or definition(operation.operation).updates


def _again(telling: Sequence[Step]) -> Shot:
    """One shot for the later passes of a loop: the last of them is drawn."""
    operations = [operation for step in telling for operation in step.operations]
    last = telling[-1].last
    passes = sorted({step.last.source.passes for step in telling})
    which = (
        _one_pass(last)
        if len(passes) == 1
        else (Number(len(passes), Quantity("passes"), "index"), " more passes")
    )
    count = _completed(len(operations))
    expression = shortened(last.expression, TOO_LONG - WORDS_OF_AGAIN)
    return Shot(
        title=shortened(f"Again: {last.output.name or last.operation}", 40),
        drawing=last.operation,
        caption=line(
            "The same again, ",
            *which,
            ", ",
            count,
            " operations; the last: ",
            Code(expression),
            ".",
            mono=False,
        ),
        subject=(last.number,),
        completes=tuple(operation.number for operation in operations),
        act_ticks=min(30, 8 + len(telling)),
        rest_ticks=REST_TICKS,
    )


def _one_pass(operation: Operation) -> tuple[Part | str, ...]:
    """`pass 2.3`: of each loop around it, the outermost first."""
    said: list[Part | str] = ["pass "]
    for level, number in enumerate(operation.source.passes):
        said += [
            *([] if level == 0 else ["."]),
            Number(number, Quantity("pass", (operation.number, level)), "index"),
        ]
    return tuple(said)


def _completed(count: int) -> Number:
    """How many operations a shot completes."""
    return Number(count, Quantity("operations of the shot"), "index")


def _act_ticks(operation: Operation) -> int:
    """Ticks in which there is something to see: none of it in a number, most in a product of matrices."""
    cells = operation.output.value.size
    pace = definition(operation.operation).pace
    if pace == "quick" or cells <= 1:
        return 8
    if pace == "slow":
        return 25 if cells <= 64 else 35
    return 12 if cells <= 64 else 16


def _failed(trace: Trace) -> Chapter:
    """The step at which the function stopped."""
    failure = trace.failure
    message = failure.message if failure is not None else ""
    inputs = failure.inputs if failure is not None else ()
    said: list[Part | str] = ["It stops here: ", Code(shortened(message, 120))]
    for place, value in enumerate(inputs[:2]):
        name: Part | str = named(value, value.name) if value.name else "a value"
        said += [" and " if place else " The shapes: ", name, " (", *shape_of(value), ")"]
    words = line(*said, "." if inputs else "", mono=False)
    shot = Shot("It stops here", "failure", words, (), (), 10, 30)
    return Chapter(0, "It stops here", "forward", shortened(message, TOO_LONG), (shot,))
