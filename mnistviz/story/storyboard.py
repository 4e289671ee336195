"""What is told: chapters of shots, each with its words and the operations it shows.

A storyboard is made from a trace, by a scene or by `mnistviz.story.default`, and never changes after.
Lengths are in ticks of 1/10 s, as wished at story pace; the timeline decides.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from mnistviz.errors import InputError
from mnistviz.story.form import misfit
from mnistviz.story.sentence import Number, Said
from mnistviz.trace.model import Operation, Span, Trace, Value

Phase = Literal["forward", "error", "backward", "update"]
MOST_TICKS = 144_000  # four hours


@dataclass(frozen=True)
class Beat:
    """A few words of a shot, said from a share of its moving time on until the next beat begins."""

    at: float  # 0..1 of the time in which things move; 1: once they rest
    caption: Said


@dataclass(frozen=True)
class Gauge:
    """A number that sums up an array, shown beside it on the map until another one takes its place."""

    array: str  # as in the source
    words: str  # "loss"
    number: Number


@dataclass(frozen=True)
class Shot:
    """One idea: the operations it is about, how they are drawn, what is said, how long it moves and rests."""

    title: str  # a few words, for the list of steps
    drawing: str  # a name in the table of drawings, see mnistviz.picture.drawings
    caption: Said  # one or two short sentences
    subject: tuple[int, ...]  # numbers of the operations it draws and lights in the source, in order
    completes: tuple[int, ...] = ()  # numbers of the operations that are done once it is over
    act_ticks: int = 20  # things move
    rest_ticks: int = 15  # the finished idea stays
    note: Said = ""  # a teacher's note, set apart from the caption
    unit: str = "cell"  # what a cell of the result is: "weight"; where it has a label: "bias of", or ""
    extra: tuple[Value, ...] = ()  # values beside the trace's that it shows, computed by the scene
    # flat indices of the result's cells that are told first, slowly; the others follow as they stand; none: the largest
    order: tuple[int, ...] = ()
    beats: tuple[Beat, ...] = ()  # what is said in step with the action; none: the caption, all the time
    chain: tuple[Said, Said] = (
        "",
        "",
    )  # a line that the inspector keeps from shot to shot: until it rests; then
    gauge: Gauge | None = None  # what the map shows beside an array once the shot is over
    aside: Said = ""  # what only a reader wants, a formula or a note: for the page, not for the film
    waits_ticks: int = 0  # of `act_ticks`, at their start: nothing moves yet, a question can be thought about

    def __hash__(self) -> int:
        """Of what tells most shots apart: it is asked for many times a frame."""
        return hash((self.title, self.drawing, self.subject))

    @property
    def said(self) -> tuple[Beat, ...]:
        """The beats, or the caption as the only one."""
        return self.beats or (Beat(0.0, self.caption),)


@dataclass(frozen=True)
class Chapter:
    """A step of the story: what it computes in one sentence, and the shots that tell it."""

    number: int  # from 1
    title: str
    phase: Phase | None  # None where nothing is learned
    caption: str  # what it computes, for the chapter table
    shots: tuple[Shot, ...]
    main_shot: int = 0  # the shot whose rest tells the chapter best
    article_start_ticks: int | None = None  # where `--pace article` starts it

    def __hash__(self) -> int:
        """Of what tells chapters apart, not of all their shots."""
        return hash((self.number, self.title))


@dataclass(frozen=True)
class Fold:
    """An axis of `length` cells that is shown as rows x columns: 784 as 28 x 28."""

    length: int
    rows: int
    columns: int


@dataclass(frozen=True)
class Labels:
    """What the cells along an axis of `length` cells are called, wherever such an axis appears."""

    length: int
    names: tuple[str, ...]  # one a cell: "0" ... "9"
    noun: str = ""  # what such a cell is: "digit", "hidden neuron"
    right: int | None = None  # index of the cell that should win, in the colour of what is right
    rival: int | None = None  # index of the one that won instead, in the colour of an error


@dataclass(frozen=True)
class Nickname:
    """What an array is called where there is little room, in a word or two."""

    array: str  # as in the source
    words: str


@dataclass(frozen=True)
class Change:
    """Cells of an array that was given to the program, and what is to stand there."""

    array: int  # id of the value
    cells: tuple[int, ...]  # row-major
    numbers: tuple[float, ...]  # one a cell


@dataclass(frozen=True)
class Suggestion:
    """Something to try in the page's laboratory, in a few words."""

    words: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Laboratory:
    """What a reader may try with a program that recognises pictures, by the ids of its arrays."""

    picture: int  # rows x columns of bytes, light on dark
    expected: int  # a whole number: which output should be the largest
    rate: int  # the learn rate
    outputs: int  # between 0 and 1, one for each answer
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, eq=False)
class Storyboard:
    """The whole story of one trace."""

    title: str
    scene: str  # also the default name of the output folder
    trace: Trace
    chapters: tuple[Chapter, ...]
    folds: tuple[Fold, ...] = ()
    left_out: tuple[int, ...] = ()  # numbers of operations that no shot completes, on purpose
    subtitle: Said = ""
    labels: tuple[Labels, ...] = ()  # at most one for each length of axis
    nicknames: tuple[Nickname, ...] = ()  # of arrays on the map; the others have their own names there
    laboratory: Laboratory | None = None  # of the page; without it any given number may be changed there
    article: tuple[Chapter, ...] = ()  # as they are told at the article's pace; none: the same ones

    def at_article_pace(self) -> Storyboard:
        """The same story in the words and lengths of the article's pace."""
        return replace(self, chapters=self.article or self.chapters, article=())

    def labels_of(self, length: int) -> Labels | None:
        """What the cells of an axis of that length are called, if the scene says so."""
        return next((labels for labels in self.labels if labels.length == length), None)

    def nickname_of(self, array: str) -> str | None:
        """What an array is called in a word or two, if the scene says so."""
        return next((one.words for one in self.nicknames if one.array == array), None)

    def operation(self, number: int) -> Operation:
        """The trace's operation of that number."""
        return self.trace.operations[number]

    def operations_of(self, chapter: Chapter) -> tuple[Operation, ...]:
        """The operations that the chapter completes, in the trace's order."""
        numbers = sorted(number for shot in chapter.shots for number in shot.completes)
        return tuple(self.operation(number) for number in numbers)

    def source_of(self, chapter: Chapter) -> Span | None:
        """The lines that the chapter is about, from its first statement to its last in one file."""
        numbers = [number for shot in chapter.shots for number in shot.completes or shot.subject]
        spans = [self.operation(number).source.statement for number in numbers]
        if not spans:
            return None
        same = [span for span in spans if span.file == spans[0].file]
        first = min(same, key=lambda span: (span.first_line, span.first_column))
        last = max(same, key=lambda span: (span.last_line, span.last_column))
        return Span(first.file, first.first_line, first.first_column, last.last_line, last.last_column)


def check(storyboard: Storyboard, where: str = "") -> Storyboard:
    """The storyboard itself, once it is known to be whole; `where` is said when it is not.

    Raises `InputError` where something is not of the type it should be, a chapter is empty or misnumbered,
    a length is absurd, or an operation of the trace is completed never, or more than once.
    """
    wrong = misfit(storyboard, Storyboard, "storyboard", opaque=(Trace, Value))
    if wrong:
        raise InputError(wrong, where, "let storyboard(trace) give what mnistviz.story.storyboard describes")
    where = where or f"storyboard {storyboard.scene!r}"
    if storyboard.article:
        _check_told(storyboard.at_article_pace(), where)
    return _check_told(storyboard, where)


def _check_told(storyboard: Storyboard, where: str) -> Storyboard:
    if not storyboard.chapters:
        raise InputError("the storyboard has no chapters", where, "record a function that computes something")
    for place, chapter in enumerate(storyboard.chapters, start=1):
        _check_chapter(chapter, place, where)
    _check_view(storyboard, where)
    _check_each_completed_once(storyboard, where)
    return storyboard


def _check_chapter(chapter: Chapter, place: int, where: str) -> None:
    if chapter.number != place:
        raise InputError(f"chapter {place} is numbered {chapter.number}", where, "number them from 1")
    if not chapter.shots:
        raise InputError(f"chapter {place} has no shots", where, "give it at least one")
    if not 0 <= chapter.main_shot < len(chapter.shots):
        raise InputError(f"chapter {place} has no shot {chapter.main_shot}", where, "name one of its shots")
    if not 0 <= (chapter.article_start_ticks or 0) <= MOST_TICKS:
        raise InputError(f"chapter {place} starts out of every film", where, "mend article_start_ticks")
    for shot in chapter.shots:
        if not 0 < shot.act_ticks + shot.rest_ticks <= 36_000 or min(shot.act_ticks, shot.rest_ticks) < 0:
            raise InputError(
                f"shot {shot.title!r:.50} of chapter {place} lasts {shot.act_ticks}+{shot.rest_ticks} ticks",
                where,
                "let it last between 1 tick and an hour",
            )
        if not 0 <= shot.waits_ticks <= shot.act_ticks:
            what = f"shot {shot.title!r:.50} of chapter {place} waits {shot.waits_ticks} of {shot.act_ticks} ticks"
            raise InputError(what, where, "let it wait for as long as it moves, at most")
        _check_beats(shot, place, where)


def _check_beats(shot: Shot, chapter: int, where: str) -> None:
    """The beats begin with the shot and follow one another; the cells that are told first are there."""
    starts = [beat.at for beat in shot.said]
    if starts[0] != 0 or any(not a < b <= 1 for a, b in pairwise(starts)):
        what = f"the beats of shot {shot.title!r:.50} of chapter {chapter} start at {starts}"
        raise InputError(what, where, "let them rise from 0 to at most 1")
    if any(cell < 0 for cell in shot.order) or len(set(shot.order)) < len(shot.order):
        what = f"shot {shot.title!r:.50} of chapter {chapter} tells a cell twice, or one before the first"
        raise InputError(what, where, "name each cell once, from 0")


def _check_view(storyboard: Storyboard, where: str) -> None:
    ticks = sum(shot.act_ticks + shot.rest_ticks for chapter in storyboard.chapters for shot in chapter.shots)
    if ticks > MOST_TICKS:
        raise InputError(f"the storyboard lasts {ticks:,} ticks", where, "let it last four hours at most")
    for fold in storyboard.folds:
        if min(fold.rows, fold.columns) < 1 or fold.rows * fold.columns != fold.length:
            what = f"{fold.length} cells are no {fold.rows} x {fold.columns}"
            raise InputError(what, where, "mend the fold")
    for labels in storyboard.labels:
        if len(labels.names) != labels.length:
            what = f"{labels.length} cells have {len(labels.names)} names"
            raise InputError(what, where, "give each cell a label")


def _check_each_completed_once(storyboard: Storyboard, where: str) -> None:
    shots = [shot for chapter in storyboard.chapters for shot in chapter.shots]
    completed = [number for shot in shots for number in shot.completes] + list(storyboard.left_out)
    known = range(len(storyboard.trace.operations))
    for number in (*completed, *(number for shot in shots for number in shot.subject)):
        if number not in known:
            cure = f"the trace has {len(known)}, from 0"
            raise InputError(f"there is no operation {number}", where, cure)
    times = Counter(completed)
    for operation in storyboard.trace.operations:
        if times[operation.number] != 1:
            raise InputError(
                f"operation {operation.number} ({operation.expression}) is completed "
                f"{times[operation.number]} times",
                where,
                "let exactly one shot complete it, or name it as left out",
            )
