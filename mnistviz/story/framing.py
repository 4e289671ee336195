"""How any film begins and ends: its title, the whole map with a question where something is learned, and an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mnistviz.story.flow import Learning
from mnistviz.story.phrases import listed
from mnistviz.story.sentence import Number, Quantity, Said, say, words_in
from mnistviz.story.storyboard import Beat, Chapter, Shot, Storyboard
from mnistviz.trace.model import Trace, Value

FEWEST_CHAPTERS = 4  # of a story that has a title and an end; a shorter one is told before they were read
MOST_AHEAD = 400  # operations whose ways light up one by one
TITLE_TICKS, TITLE_REST = 12, 18
WORD_TICKS = 5


def framed(board: Storyboard, learned: Learning | None) -> Storyboard:
    """The storyboard with a title, an opening and an end, where it is long enough for them."""
    if len(board.chapters) < FEWEST_CHAPTERS or board.trace.failure is not None:
        return board
    trace, chapters = board.trace, list(board.chapters)
    opening = (_title(board), _opening(trace, learned))
    first = chapters[0]
    chapters[0] = replace(first, shots=(*opening, *first.shots), main_shot=first.main_shot + len(opening))
    last = chapters[-1]
    chapters[-1] = replace(last, shots=(*last.shots, _end(trace, chapters, learned)))
    return replace(board, chapters=tuple(chapters))


def _title(board: Storyboard) -> Shot:
    file = board.trace.sources[0].name if board.trace.sources else board.scene
    said = f"As {file} computes it, operation by operation."
    last = (board.trace.operations[-1].number,)
    return Shot("Title", "title", said, last, (), TITLE_TICKS, TITLE_REST)


def _opening(trace: Trace, learned: Learning | None) -> Shot:
    """The whole way lights up; where something is learned, with the question what should change."""
    numbers = [one.number for one in trace]
    step = -(-len(numbers) // MOST_AHEAD)
    count = Number(len(numbers), Quantity("operations"), "count")
    way = say("This is the way ahead: {} operations.", count)
    parameters = changed(trace, learned)
    if not parameters:
        return _shot("The way ahead", "map-ahead", (way,), numbers[::step])
    size = Number(
        sum(one.value.size for one in parameters),
        Quantity("cells of all", tuple(one.id for one in parameters)),
        "count",
    )
    names = listed(_names(parameters))
    asked = say(f"Which of the {{}} numbers of {names} should change, and by how much?", size)
    return _shot("The question", "map-ahead", (way, asked), numbers[::step])


def _end(trace: Trace, chapters: Sequence[Chapter], learned: Learning | None) -> Shot:
    """The whole map, filled, and what has become of it."""
    count = Number(len(trace), Quantity("operations"), "count")
    last = chapters[-1].shots[-1].subject or (trace.operations[-1].number,)
    writes = _writes(trace, learned)
    parameters = tuple(writes.values())
    told: tuple[Said, ...] = (say("That was all of it: {} operations.", count),)
    if parameters and all(one.before is not None and one.id == first for first, one in writes.items()):
        told = (_answer(parameters), "The same step, again and again: that is learning.")
    elif parameters:
        told = (f"New are {listed(_names(parameters))}.", "The same step, again and again: that is learning.")
    return _shot("The end", "map-along", told, last)


def _answer(parameters: Sequence[Value]) -> Said:
    ids = tuple(one.id for one in parameters)
    moved = [(one.value != one.before, abs(one.value - one.before)) for one in parameters]
    changes = Number(
        int(sum(there.sum() for there, _ in moved)), Quantity("cells that changed", ids), "count"
    )
    most = Number(max(float(size.max()) for _, size in moved), Quantity("largest change of", ids), "short")
    return say("{} numbers have changed, none by more than {}.", changes, most)


def changed(trace: Trace, learned: Learning | None) -> tuple[Value, ...]:
    """What the updates of a run have written, each array as it was written last; () where they are too many to name."""
    return tuple(_writes(trace, learned).values())


def _writes(trace: Trace, learned: Learning | None) -> dict[int, Value]:
    """Each array that is written as it was written last, by the id of what it was written first: the same, if once."""
    if learned is None:
        return {}
    writes: dict[int, Value] = {}
    firsts: dict[int, int] = {}
    for number in sorted(learned.updates):
        one = trace.operations[number]
        if one.output.name and one.output.shape and one.operation in ("add", "subtract"):
            first = next((firsts[value.id] for value in one.inputs if value.id in firsts), one.output.id)
            firsts[one.output.id] = first
            writes[first] = one.output
    return writes


def _names(parameters: Sequence[Value]) -> list[str]:
    return list(dict.fromkeys(one.name for one in parameters))


def _shot(title: str, drawing: str, told: Sequence[Said], subject: Sequence[int]) -> Shot:
    """A shot of the whole map with its words one after the other, each as long as one needs to read it."""
    ticks = [max(18, WORD_TICKS * words_in(words)) for words in told]
    starts = [sum(ticks[:place]) for place in range(len(ticks))]
    beats = tuple(Beat(start / sum(ticks), words) for start, words in zip(starts, told, strict=True))
    return Shot(
        title, drawing, told[0], tuple(subject), (), sum(ticks), 12, beats=beats if len(told) > 1 else ()
    )
