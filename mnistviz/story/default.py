"""A story for any trace, with no words written for it, in the structure that its author gave it.

A chapter is a statement as it ran, with all that it called; what people write again and again (a sigmoid,
a softmax, Adam) is told as one idea, and what only repeats (the later passes of a loop) in one shot.
Comments of the author are captions.  `mnistviz.story.storyboard.check` holds it to this: each operation is
completed by exactly one shot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from mnistviz.operations import CREATIONS
from mnistviz.story.called import called_again
from mnistviz.story.comments import cut_words
from mnistviz.story.counters import LOOKING, conditions, counters
from mnistviz.story.deeds import deed
from mnistviz.story.flow import learning
from mnistviz.story.framing import failed, framed, with_coverage
from mnistviz.story.ideas import Idea, ideas_in
from mnistviz.story.joining import join_ideas, join_prepared
from mnistviz.story.naming import labels_in
from mnistviz.story.pacing import act_ticks, readable, with_remark
from mnistviz.story.passes import (
    MOST_SHOTS,
    REST_TICKS,
    by_expression,
    few,
    few_pieces,
    folded,
    made_together,
    told_again,
)
from mnistviz.story.phases import Learning
from mnistviz.story.phrases import TOO_LONG, caption_of, idea_caption
from mnistviz.story.planes import begins, plane_of
from mnistviz.story.plotted import plotted_points
from mnistviz.story.quiet import Quiet
from mnistviz.story.recursion import unrolled
from mnistviz.story.referring import meant, shortened
from mnistviz.story.repeated import repeated
from mnistviz.story.sentence import Code, Said, line
from mnistviz.story.signals import signal_of
from mnistviz.story.storyboard import Chapter, Phase, Shot, Storyboard, check
from mnistviz.story.structure import Part as Piece
from mnistviz.story.structure import parts
from mnistviz.story.terms import in_terms
from mnistviz.story.titles import Titles
from mnistviz.story.together import whole_caption
from mnistviz.story.tree import own_file, tree_of
from mnistviz.story.unpacking import taken_apart, takes_apart
from mnistviz.trace.model import Operation, Span, Trace

MOST_TICKS = 3600  # six minutes: what is longer is told in fewer, fuller shots
MOST_INSIDE = 5  # shots that look into an idea, or into a long statement
FEW_PIECES = 2  # of a chapter, of which each may be looked into
MOST_SEARCHED, MOST_AGAIN = 600, 100  # operations among which ideas are looked for; of later passes
LONGEST_CALLED = 5  # words before a colon that are what a program is called
GOING_BACK = ("backward", "update")  # phases that a function may do both of
IDEA_TICKS = 25
WHOLE = "whole"  # the drawing of several operations as one
TRACKS = "tracks"  # the drawing of the ways of points over several passes
SLIDING = "sliding"  # the drawing of a window over a picture
LOOKING_AT = "attention"  # the drawing of rows that look at one another
SIGNAL = "signal"  # the drawing of long rows as curves
PLANE, PLANE_TICKS = "plane", 36  # the drawing of points in a plane, and how long they move


def default_storyboard(trace: Trace, scene: str = "", title: str | None = None) -> Storyboard:
    """The storyboard of any trace; `scene` also names the output folder.

    Raises `InputError` where the trace has no operation and no failure to tell.
    """
    own = own_file(trace)
    others = [file.name for file in trace.sources if file is not own]
    files = (*([own.name] if own is not None else []), *others)
    told, levels = unrolled(trace)
    told, again, once = called_again(told) if not levels else (told, frozenset(), dict.fromkeys(levels, True))
    counting = counters(trace)
    learned = learning(trace)
    found = parts(told, counting | conditions(trace), learned, levels, again) if trace.operations else []
    first = [one for part in found for one in part.operations][:MOST_SEARCHED]
    later = [one for part in found for run in part.again for one in run][:MOST_AGAIN]
    ideas = repeated(ideas_in(first), ideas_in(later), first)
    found = join_prepared(join_ideas(found, ideas), learned)
    teller = _Teller(told, found, ideas, counting, learned, once)
    chapters = [teller.chapter(part) for part in found]
    if trace.failure is not None:
        chapters.append(failed(trace))
    if not trace.coverage.complete and chapters:
        chapters[-1] = with_coverage(chapters[-1], trace.coverage)
    numbered = tuple(replace(chapter, number=place) for place, chapter in enumerate(chapters, start=1))
    called, opening = _opening(trace)
    whole = files[0] if trace.function == "<module>" and files else trace.function
    board = Storyboard(
        title=title or called or f"What {whole} computes",
        scene=scene or trace.function.rpartition(".")[2].strip("<>"),
        trace=trace,
        chapters=numbered,
        subtitle=opening or ", ".join(files[:3]),
        labels=labels_in(trace),
    )
    return check(framed(board, learned))


def _opening(trace: Trace) -> tuple[str, str]:
    """What the author calls it, and what he says of it: of the recorded function, or else of its file."""
    own = own_file(trace)
    around = [name for name in (trace.function, trace.function.rpartition(".")[0]) if name]
    said = [tree_of(own).docstring(function) for function in (*around, "<module>")] if own else []
    words = next(filter(None, said), "")
    name, colon, rest = words.partition(": ")
    if colon and rest and len(name.split()) <= LONGEST_CALLED:
        return name, shortened(rest[:1].upper() + rest[1:], TOO_LONG)
    return "", shortened(words, TOO_LONG)


class _Teller:
    """Makes chapters and shots of parts; it knows which operation made what, and what is an idea."""

    def __init__(
        self,
        trace: Trace,
        found: Sequence[Piece],
        ideas: Sequence[Idea],
        counting: frozenset[int],
        learned: Learning | None,
        nested: Mapping[int, bool],
    ) -> None:
        self._trace = trace
        self._nested = (
            nested  # numbers of what is done in calls without a loop around, and whether once in each
        )
        self._made = {value.id: one for one in trace.operations for value in (one.output, *one.more)}
        self._ideas = {_ends(one.operations): one for one in ideas}
        self._quiet = Quiet(trace, counting)
        self._alike = by_expression(trace)
        self._told_once = {one.source.expression for part in found for one in part.operations}
        self._aside = counting | conditions(trace)  # what is not the title's
        self.learning = learned
        self._trees = {file.name: tree_of(file) for file in trace.sources}
        self._titles = Titles(trace, self._trees, ideas)
        self._remarks: set[str] = set()  # that were made
        self._phases: dict[str, Phase] = {}  # of functions that go back, or write
        self._seen_inside: set[tuple[Span, Span]] = set()  # statements of ideas that were looked into
        self._entered: set[tuple[Span, ...]] = set()  # calls of which something was told
        ticks = sum(act_ticks(one) + REST_TICKS for part in found for one in part.operations)
        self._detail = ticks <= MOST_TICKS  # a shot for each operation, else one for each statement

    def chapter(self, part: Piece) -> Chapter:
        """The chapter of a part, not numbered yet."""
        shots = self._shots(part)
        if part.again:
            shots.append(self._again(part))
        counted = tuple(one for one in part.operations if one.number not in self._aside)
        if any(one.operation not in LOOKING for one in counted):
            part = replace(part, operations=counted)
        remark = self._remark(part)
        main = _main(shots)
        quoted = self._quoted(remark)
        if quoted:
            shots[0] = with_remark(shots[0], quoted)
        return Chapter(
            number=0,
            title=self._titles.title(part),
            phase=self._phase(part, self.learning) if self.learning else None,
            caption=shortened(remark or self._said(part, shots), TOO_LONG),
            shots=tuple(readable(shot) for shot in shots),
            main_shot=main,
        )

    def _said(self, part: Piece, shots: Sequence[Shot]) -> str:
        """What a chapter computes: in words, where it is told at once."""
        main = shots[_main(shots)]
        most = 2 * len(main.subject) >= len(part.operations)
        whole = len(shots) == 1 or (most and main.subject[-1:] == (part.operations[-1].number,))
        said = deed(main.caption) if whole and not part.shows else ""
        return said or self._titles.summary(part, self._made, self._quiet.written_back)

    def _phase(self, part: Piece, learned: Learning) -> Phase:
        """What a part does; a function that goes back and writes does the same the next time."""
        found = learned.phase_of([one.number for one in part.operations])
        inside = {one.source.function for one in part.operations if len(one.source.calls) > part.depth}
        if len(inside) != 1 or found not in GOING_BACK:
            return found
        return self._phases.setdefault(inside.pop(), found)

    def _remark(self, part: Piece) -> str:
        """What the author says of it, once: above its statement, or of the function that it calls."""
        first = part.operations[0].source
        span = first.calls[part.depth] if part.depth < len(first.calls) else first.statement
        tree = self._trees.get(span.file)
        said = tree.comment(span.first_line) if tree is not None else ""
        above = self._of_call(first.calls[: part.depth]) if 0 < part.depth <= len(first.calls) else ""
        said = said or above
        if not said:
            said = self._docstring(part, part.depth + 1)
        if not said and tree is not None and part.operations[-1].source.calls == first.calls:
            said = tree.comment(part.operations[-1].source.statement.first_line)
        if not said and self._titles.is_all_of_a_call(part):
            said = self._docstring(part, part.depth)
        if not said or said in self._remarks:
            return ""
        self._remarks.add(said)
        return cut_words(said)

    def _docstring(self, part: Piece, depth: int) -> str:
        """What the function says of itself that most of a part runs in, with all that it calls, so many calls deep."""
        ways = Counter(one.source.calls[:depth] for one in part.operations if len(one.source.calls) >= depth)
        (way, count), *_ = ways.most_common(1) or [((), 0)]
        inside = [one.source for one in part.operations if one.source.calls == way]
        tree = self._trees.get(inside[0].statement.file) if inside and depth else None
        most = 2 * count > len(part.operations)
        return tree.docstring(inside[0].function) if tree is not None and most else ""

    def _of_call(self, calls: tuple[Span, ...]) -> str:
        """What the author says above a call, of the first that is told of it."""
        tree = self._trees.get(calls[-1].file)
        if calls in self._entered or tree is None:
            return ""
        self._entered.add(calls)
        return tree.comment(calls[-1].first_line)

    def _quoted(self, remark: str) -> Said:
        """The author's words; with a number in them only as they stand in the source."""
        if not any(one.isdigit() for one in remark):
            return remark
        whole = any(remark in text for tree in self._trees.values() for text in tree.lines)
        return line(Code(remark), mono=False) if whole else ""

    def _shots(self, part: Piece) -> list[Shot]:
        shown = plotted_points(part.operations, PLANE, PLANE_TICKS, REST_TICKS) if part.shows else None
        if shown is not None:
            return [shown]
        runs = self._runs(part.operations, self._ideas.values())
        pieces = folded(runs)
        if not self._detail or len(pieces) > MOST_SHOTS:
            pieces = folded(self._by_statement(runs))
        told = few_pieces(pieces, self._is_idea)
        return [shot for piece in told for shot in self._of_piece(piece, len(told) <= FEW_PIECES)]

    def _of_piece(self, piece: Piece, alone: bool) -> list[Shot]:
        """Shots of the first pass, and one of the later ones; what is told (nearly) alone is looked into."""
        return [*self._told(piece.operations, alone), *([self._again(piece)] if piece.again else [])]

    def _again(self, part: Piece) -> Shot:
        """The shot of a loop's later passes; where they move the same points on, of the ways of these."""
        shot = told_again(part, self._alike, self._nested, self._told_once)
        moving = [self._trace.operations[number] for number in shot.subject]
        alike = len({one.output.shape for one in moving}) == 1 and len(moving) > 1
        if alike and all(self._moves_points(one) for one in moving):
            return replace(shot, drawing=TRACKS, act_ticks=max(shot.act_ticks, PLANE_TICKS))
        return shot

    def _moves_points(self, one: Operation) -> bool:
        plane = plane_of(one, self._made) if self.learning is None else None
        return plane is not None and plane.before is not None

    def _told(self, run: tuple[Operation, ...], alone: bool) -> list[Shot]:
        """The shot of a run; of one that takes several steps the whole of it first, then what is inside."""
        shot = self._shot(run)
        idea = self._is_idea(run)
        if shot.drawing not in (WHOLE, SLIDING, LOOKING_AT) or not self._detail or not (idea or alone):
            return [shot]
        inner = few(self._inside(run), MOST_INSIDE) if idea else in_terms(run, MOST_INSIDE)
        place = run[0].source.statement, run[-1].source.statement
        if len(inner) < 2 or place in self._seen_inside:
            return [shot]
        self._seen_inside.add(place)
        return [replace(shot, completes=()), *(self._step(one) for one in inner)]

    def _step(self, run: tuple[Operation, ...]) -> Shot:
        """The shot of a run inside of another: of its last operation, where the others only read what it takes."""
        if all(one.operation == "getitem" for one in run[:-1]) and not (
            self._is_idea(run) or takes_apart(run)
        ):
            return replace(self._shot(run[-1:]), completes=tuple(one.number for one in run))
        return self._shot(run)

    def _inside(self, run: tuple[Operation, ...]) -> list[tuple[Operation, ...]]:
        """What an idea does step by step: by statement where these are many, an idea inside of it as one."""
        inner = ideas_in(run[:-1])
        self._ideas.update((_ends(one.operations), one) for one in inner)
        runs = self._runs(run, inner)
        return self._by_statement(runs) if len(runs) > MOST_INSIDE else runs

    def _runs(self, operations: Sequence[Operation], ideas: Iterable[Idea]) -> list[tuple[Operation, ...]]:
        """Ideas, and single operations with those before them at which there is hardly anything to see."""
        by_first = {one.operations[0].number: one for one in ideas}
        runs: list[tuple[Operation, ...]] = []
        plain: list[Operation] = []
        place = 0
        while place < len(operations):
            idea = by_first.get(operations[place].number)
            if idea is None or tuple(operations[place : place + len(idea.operations)]) != idea.operations:
                plain.append(operations[place])
                place += 1
                continue
            runs += [*self._quiet.runs(plain), idea.operations]
            plain = []
            place += len(idea.operations)
        return [*runs, *self._quiet.runs(plain)]

    def _by_statement(self, runs: Sequence[tuple[Operation, ...]]) -> list[tuple[Operation, ...]]:
        """Runs that are not ideas are put together where they are of one statement, in one pass."""

        def key(run: tuple[Operation, ...]) -> object:
            source = run[-1].source
            idea = run[0].number if self._is_idea(run) else -1
            return idea, source.calls, source.statement, source.passes

        return [tuple(one for run in group for one in run) for _, group in groupby(runs, key=key)]

    def _is_idea(self, run: Sequence[Operation]) -> bool:
        return _ends(run) in self._ideas

    def _shot(self, run: tuple[Operation, ...]) -> Shot:
        numbers = tuple(one.number for one in run)
        if self._is_idea(run):
            idea = self._ideas[_ends(run)]
            drawing = _drawing_of(idea)
            caption = idea_caption(idea, self._made)
            return Shot(
                self._titles.of_idea(idea), drawing, caption, numbers, numbers, IDEA_TICKS, REST_TICKS
            )
        return self._plain_shot(run)

    def _plain_shot(self, run: tuple[Operation, ...]) -> Shot:
        numbers = tuple(one.number for one in run)
        if takes_apart(run):
            return taken_apart(run, self._made)
        if sum(map(self._quiet.is_loud, run)) > 1:
            return self._whole(run)
        if len(run) > 1 and all(one.operation in CREATIONS and one.output.name for one in run):
            return made_together(run)
        last = self._quiet.main(run)
        plane = self._is_plane(last)
        _, computed = self._quiet.written_back.get(last.number, (last, last))
        return Shot(
            title=self._titles.of_operation(computed),
            drawing=PLANE if plane else SIGNAL if self._is_signal(last) else meant(last),
            caption=caption_of(computed, self._made),
            subject=(last.number,),
            completes=numbers,
            act_ticks=PLANE_TICKS if plane else act_ticks(last),
            rest_ticks=REST_TICKS,
        )

    def _whole(self, run: tuple[Operation, ...]) -> Shot:
        """One shot for several operations: what goes into them, and what comes out."""
        numbers = tuple(one.number for one in run)
        last = run[-1]
        title = self._titles.of_operation(last)
        plane = self._is_plane(last)
        drawing, ticks = (PLANE, PLANE_TICKS) if plane else (WHOLE, max(map(act_ticks, run)))
        return Shot(title, drawing, whole_caption(run, self._made), numbers, numbers, ticks, REST_TICKS)

    def _is_plane(self, one: Operation) -> bool:
        """Whether it is about points in a plane: not where an array with two columns may be weights."""
        plane = plane_of(one, self._made) if self.learning is None else None
        return plane is not None and (plane.ground is not None or not begins(one))

    def _is_signal(self, one: Operation) -> bool:
        """Whether it is about rows too long to be read: not where they may be weights, or examples."""
        return self.learning is None and signal_of(one) is not None


def _drawing_of(idea: Idea) -> str:
    kind, in_place = idea.kind, idea.operations[-1].in_place
    return (
        "curve"
        if kind.curve and not in_place
        else SLIDING
        if kind.slides
        else LOOKING_AT
        if kind.looks
        else WHOLE
    )


def _ends(run: Sequence[Operation]) -> tuple[int, int]:
    """The numbers of a run's first and last operation."""
    return run[0].number, run[-1].number


def _main(shots: Sequence[Shot]) -> int:
    """The shot that tells a chapter best: an idea as a whole, else the one that takes longest."""
    ideas = [place for place, shot in enumerate(shots) if not shot.completes]
    longest = max(range(len(shots)), key=lambda place: (shots[place].act_ticks, place))
    return ideas[0] if ideas else longest
