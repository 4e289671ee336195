"""How any film begins and ends: its title, the whole map with a question where something is learned, and an answer.

Where the function stopped, that is the end; and what the recording cannot vouch for is said there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mnistviz.story.phases import Learning
from mnistviz.story.phrases import TOO_LONG
from mnistviz.story.referring import listed, named, shape_of, shortened
from mnistviz.story.sentence import Code, Number, Part, Quantity, Said, joined, line, say, words_in
from mnistviz.story.storyboard import Beat, Chapter, Shot, Storyboard
from mnistviz.story.tree import own_file
from mnistviz.trace.model import Coverage, Operation, Trace, Value

FEWEST_CHAPTERS = 4  # of a story whose way is shown first; that of a shorter one is seen at a glance
MOST_AHEAD = 400  # operations whose ways light up one by one
LEAST_TICKS = 120  # of what is told, for a title and an end: what is shorter is over before these were read
TITLE_TICKS, TITLE_REST = 12, 18
WORD_TICKS = 5


def framed(board: Storyboard, learned: Learning | None) -> Storyboard:
    """The storyboard with a title and an end, and an opening where there is a way to show or a question to ask."""
    long = len(board.chapters) >= FEWEST_CHAPTERS
    if board.trace.failure is not None or not (long or _ticks(board) >= LEAST_TICKS):
        return board
    trace, chapters = board.trace, list(board.chapters)
    asks = long or bool(changed(trace, learned))
    opening = (_title(board), *([_opening(trace, learned)] if asks else []))
    first = chapters[0]
    chapters[0] = replace(first, shots=(*opening, *first.shots), main_shot=first.main_shot + len(opening))
    last = chapters[-1]
    chapters[-1] = replace(last, shots=(*last.shots, _end(trace, chapters, learned)))
    return replace(board, chapters=tuple(chapters))


def _ticks(board: Storyboard) -> int:
    """How long it takes to tell it."""
    return sum(shot.act_ticks + shot.rest_ticks for chapter in board.chapters for shot in chapter.shots)


def _title(board: Storyboard) -> Shot:
    own = own_file(board.trace)
    file = own.name if own is not None else board.scene
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
    names = listed(_as_used(trace, _names(parameters)))
    asked = say(f"Which of the {{}} numbers of {names} should change, and by how much?", size)
    return _shot("The question", "map-ahead", (way, asked), numbers[::step])


def _end(trace: Trace, chapters: Sequence[Chapter], learned: Learning | None) -> Shot:
    """The whole map, filled, and what has become of it."""
    count = Number(len(trace), Quantity("operations"), "count")
    last = chapters[-1].shots[-1].subject or (trace.operations[-1].number,)
    pairs = _writes(trace, learned)
    noun = "operations" if len(trace) > 1 else "operation"
    told: tuple[Said, ...] = (say(f"That was all of it: {{}} {noun}.", count),)
    if pairs:
        again = "The same step, again and again: that is learning."
        told = (
            _answer(
                [(old, new) for old, new in pairs if old is not None], len(pairs), changed(trace, learned)
            ),
            again,
        )
    return _shot("The end", "map-along", told, last)


def _answer(known: Sequence[tuple[Value, Value]], count: int, parameters: Sequence[Value]) -> Said:
    """How much has changed, where it is known of all what they were."""
    if len(known) < count:
        return f"New are {listed(_names(parameters))}."
    ids = tuple(value.id for pair in known for value in pair)
    changes = Number(
        sum(int((old.value != new.value).sum()) for old, new in known),
        Quantity("cells that differ", ids),
        "count",
    )
    most = Number(
        max(float(abs(new.value - old.value).max()) for old, new in known),
        Quantity("largest difference of", ids),
        "short",
    )
    return say("{} numbers have changed, none by more than {}.", changes, most)


def changed(trace: Trace, learned: Learning | None) -> tuple[Value, ...]:
    """What the updates of a run have written, each array as it was written last; () where they are too many to name."""
    return tuple(new for _, new in _writes(trace, learned))


def _writes(trace: Trace, learned: Learning | None) -> list[tuple[Value | None, Value]]:
    """Each array that is written: what it was before, None where that is not known, and as it was written last."""
    if learned is None:
        return []
    writes: dict[int, tuple[Value | None, Value]] = {}  # by ids of what they were written last
    for one in (trace.operations[number] for number in sorted(learned.updates)):
        if not one.output.name or not one.output.value.size:
            continue
        if _writes_whole(one, trace, learned):
            before = next((value for value in one.inputs if value.id in writes), None)
            old = writes.pop(before.id)[0] if before is not None else _before(one)
            writes[one.output.id] = (old, one.output)
    changed_on = {number for one in trace for number in _written_anew(one)}
    return [(None if new.id in changed_on else old, new) for old, new in writes.values()]


def _written_anew(one: Operation) -> list[int]:
    """Ids of what an operation gives other numbers under the same name: `w = np.clip(w, -1, 1)`."""
    named = one.output.name
    return [
        value.id
        for place, value in enumerate(one.inputs)
        if (one.in_place and place == 0) or value.name == named != ""
    ]


def _writes_whole(one: Operation, trace: Trace, learned: Learning) -> bool:
    """Whether an update is the last of its write: what is put back into its place is a part of an array."""
    if one.operation == "setitem":
        return True
    after = trace.operations[one.number + 1 : one.number + 2]
    put_back = any(
        put.number in learned.updates and put.operation == "setitem" and put.inputs[-1].id == one.output.id
        for put in after
    )
    return one.operation in ("add", "subtract") and not put_back


def _before(one: Operation) -> Value | None:
    """What an array was that is written anew, by its name; of one that is written in place, what is written."""
    alike = (value for value in one.inputs if one.in_place or value.name == one.output.name)
    return next((value for value in alike if value.shape == one.output.shape), None)


def _names(parameters: Sequence[Value]) -> list[str]:
    return list(dict.fromkeys(one.name for one in parameters))


def _as_used(trace: Trace, names: Sequence[str]) -> list[str]:
    """Names in the order in which the run comes to them: the updates may go backwards through a network."""
    met = dict.fromkeys(value.name for one in trace for value in one.inputs)
    place = {name: number for number, name in enumerate(met)}
    return sorted(names, key=lambda name: place.get(name, len(place)))


def _shot(title: str, drawing: str, told: Sequence[Said], subject: Sequence[int]) -> Shot:
    """A shot of the whole map with its words one after the other, each as long as one needs to read it."""
    ticks = [max(18, WORD_TICKS * words_in(words)) for words in told]
    starts = [sum(ticks[:place]) for place in range(len(ticks))]
    beats = tuple(Beat(start / sum(ticks), words) for start, words in zip(starts, told, strict=True))
    return Shot(
        title, drawing, told[0], tuple(subject), (), sum(ticks), 12, beats=beats if len(told) > 1 else ()
    )


def failed(trace: Trace) -> Chapter:
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
    return Chapter(0, "It stops here", None, shortened(message, TOO_LONG), (shot,))


def with_coverage(chapter: Chapter, coverage: Coverage) -> Chapter:
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
