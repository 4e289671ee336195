"""The names of segments: everything that a film is made of is in them, but for a few fields with reasons."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import pytest

from mnistviz.export import code
from mnistviz.export.video import segments
from mnistviz.export.video.segments import UNSEEN, UNSEEN_ELSEWHERE, Plan, Stretch
from mnistviz.modules import Module, OwnCode, scenes_folder
from mnistviz.picture.compose import compose
from mnistviz.picture.drawings import known, silent_drawings
from mnistviz.picture.fallback import is_own
from mnistviz.picture.layout import look
from mnistviz.storage.digest import digest
from mnistviz.story.sentence import (
    Cell,
    Code,
    Name,
    Number,
    Polarity,
    Quantity,
    Rank,
    Sign,
    Trend,
    Verdict,
    line,
)
from mnistviz.story.storyboard import (
    Beat,
    Change,
    Chapter,
    Fold,
    Gauge,
    Labels,
    Laboratory,
    Nickname,
    Shot,
    Storyboard,
    Suggestion,
    check,
)
from mnistviz.story.timeline import schedule
from mnistviz.trace import model
from mnistviz.trace.model import Failure, Value
from tests.export.stories import ROOT, SMALL, numbered, small_trace

RATES = (10, 60)
EXCEPTIONS = {**UNSEEN, **UNSEEN_ELSEWHERE}


SUBTITLE = line(
    "of three chapters",
    Code("a"),
    Number(1.0, Quantity("size", (Cell(0),))),
    Name("a", "a", 0),
    Sign("+", "add"),
    Rank("", "largest", Cell(0)),
    Verdict(True, 1, 1, (0, 0), ("right", "wrong")),
    Trend(True, (Cell(0), Cell(0)), ("up", "down")),
    Polarity(True, Cell(0), ("above", "below")),
)


@cache
def whole_plan() -> Plan:
    """A plan that has a record of each kind, and words that are seen in the chapter before theirs."""
    trace = small_trace()
    first = trace.operations[0]
    trace = replace(
        trace,
        failure=Failure("it stopped", first.source, first.inputs, "matmul"),
        numbers=(model.Number("rate", "base * 2", 0.5, first.source.expression, 1),),
    )
    extra = Value(-1, "beside", "activation", np.arange(3.0))
    numbers = tuple(range(len(trace.operations)))
    shots = (
        Shot("The title", "title", "What the title says.", numbers[:1], (), 10, 10),
        Shot("A sum", "matmul", "What a sum says.", numbers[:2], numbers[:2], 10, 10, "a note", "cell", (extra,),
             beats=(Beat(0.0, "First."), Beat(1.0, "Last.")), gauge=Gauge("a", "sum", Number(1.0, Cell(0)))),
        Shot("A middle", "title", "Said by a card without panels.", numbers[:1], (), 10, 10),
        Shot("Its end", "ending", "And by the one after it.", numbers[2:], numbers[2:], 10, 10, "the end"),
    )  # fmt: skip
    chapters = (
        Chapter(1, "One", "forward", "The first.", shots[:1], article_start_ticks=0),
        Chapter(2, "Two", "error", "The second.", shots[1:3]),
        Chapter(3, "Three", "update", "The third.", shots[3:]),
    )
    board = check(
        Storyboard(
            title="A film",
            scene="small",
            trace=trace,
            chapters=chapters,
            folds=(Fold(12, 3, 4),),
            subtitle=SUBTITLE,
            labels=(Labels(4, ("a", "b", "c", "d")),),
            nicknames=(Nickname("sums_4x1", "sums"),),
            laboratory=Laboratory(0, 1, 2, 3, (Suggestion("Try it", (Change(0, (1,), (0.5,)),)),)),
        )
    )
    own = OwnCode((Module("mine", "mine.py", b"", False),), ("mine",))
    timeline = schedule(board, duration_ticks=200)
    silent = silent_drawings(board)
    return Plan(timeline, look(SMALL), SMALL, "draft", "ffmpeg", "code", own_code=own, silent=silent)


def parts(value: object) -> Iterator[object]:
    """All records in a value."""
    if is_dataclass(value) and not isinstance(value, type):
        yield value
        for field in fields(value):
            yield from parts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from parts(part)


def exchanged(value: Any, old: object, new: object, known: dict[int, Any] | None = None) -> Any:
    """The value with one record replaced wherever it is; what is the same record stays one."""
    known = {} if known is None else known
    if value is old:
        return new
    if id(value) not in known:
        known[id(value)] = _exchanged(value, old, new, known)
    return known[id(value)]


def _exchanged(value: Any, old: object, new: object, known: dict[int, Any]) -> Any:
    if isinstance(value, tuple):
        made = tuple(exchanged(part, old, new, known) for part in value)
        return value if all(map(operator.is_, made, value)) else made
    if not is_dataclass(value) or isinstance(value, type):
        return value
    made = {field.name: exchanged(getattr(value, field.name), old, new, known) for field in fields(value)}
    return value if all(made[name] is getattr(value, name) for name in made) else replace(value, **made)


def other(value: Any) -> Any:
    """Something else of the same kind, as far as there is one."""
    if isinstance(value, np.ndarray):
        return value + 1 if value.size else np.zeros(1)
    if isinstance(value, str):
        return f"{value} changed"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, bytes):
        return value + b"changed"
    if isinstance(value, tuple):
        return value[:-1] if value else ("changed",)
    return numbered if callable(value) else 1


def reachable(kind: Any, seen: set[type]) -> set[type]:
    """The kinds of record that a record of this kind may hold, by what its fields are declared to be."""
    for part in get_args(kind) if get_origin(kind) is not Callable else ():
        reachable(part, seen)
    if is_dataclass(kind) and isinstance(kind, type) and kind not in seen:
        seen.add(kind)
        for name, form in get_type_hints(kind).items():
            if f"{kind.__name__}.{name}" not in EXCEPTIONS:
                reachable(form, seen)
    return seen


def first_of_each_kind() -> dict[type, Any]:
    found: dict[type, Any] = {}
    for record in parts(whole_plan()):
        found.setdefault(type(record), record)
    return found


def with_other(record: Any, name: str) -> Plan:
    """The plan with one field of a record changed."""
    new = replace(record, **{name: other(getattr(record, name))})
    changed: Plan = exchanged(whole_plan(), record, new)
    return changed


FIELDS = [(kind, field.name) for kind, record in first_of_each_kind().items() for field in fields(record)]
EVERYWHERE = [
    (kind, name)
    for kind, name in FIELDS
    if f"{kind.__name__}.{name}" not in EXCEPTIONS and kind is not Beat  # a beat is a part of `Shot.beats`
]
FRAMES = [Fraction(tick, 10) for tick in range(0, 200, 2)]


def names(plan: Plan) -> dict[tuple[Stretch, int], str]:
    return {(stretch, fps): plan.name(stretch, fps) for stretch in plan.stretches for fps in RATES}


@cache
def frames(plan: Plan) -> dict[Fraction, str]:
    return {instant: digest(compose(plan.timeline, instant, plan.look).display) for instant in FRAMES}


def test_a_plan_holds_a_record_of_each_kind_that_it_can_hold() -> None:
    assert reachable(Plan, set()) <= set(first_of_each_kind())


def test_the_exceptions_are_fields() -> None:
    assert set(EXCEPTIONS) <= {f"{kind.__name__}.{name}" for kind, name in FIELDS}


@pytest.mark.parametrize(("kind", "name"), EVERYWHERE, ids=lambda part: getattr(part, "__name__", part))
def test_any_other_field_of_any_record_is_in_every_name(kind: type, name: str) -> None:
    record = first_of_each_kind()[kind]
    value = getattr(record, name)
    if is_dataclass(value) and not isinstance(value, type):
        return  # its own fields are changed
    assert with_other(record, name).anywhere != whole_plan().anywhere  # which is in each name


@pytest.mark.parametrize("which", UNSEEN)
def test_what_nobody_sees_changes_no_name_and_no_frame(which: str) -> None:
    kind, _, name = which.partition(".")
    record = next(record for known, record in first_of_each_kind().items() if known.__name__ == kind)
    changed = with_other(record, name)
    assert names(changed) == names(whole_plan())
    assert frames(changed) == frames(whole_plan())


OTHER_WORDS = {"beats": (Beat(0.0, "Other words."), Beat(0.5, "And others."))}


def reworded(kind: type, number: int, name: str, words: object = None, of: Plan | None = None) -> Plan:
    """The plan, or another, with other words in one chapter, or in one shot, counted from the first."""
    words = words or OTHER_WORDS.get(name, "Other words.")
    plan = of or whole_plan()
    board = plan.timeline.storyboard
    chapters = list(board.chapters)
    places = [(place, shot) for place, one in enumerate(chapters) for shot in range(len(one.shots))]
    place, shot = places[number] if kind is Shot else (number, -1)
    if kind is Chapter:
        chapters[place] = replace(chapters[place], **{name: words})
    else:
        shots = list(chapters[place].shots)
        shots[shot] = replace(shots[shot], **{name: words})
        chapters[place] = replace(chapters[place], shots=tuple(shots))
    timeline = schedule(replace(board, chapters=tuple(chapters)), duration_ticks=200)
    return replace(plan, timeline=timeline)


WORDS = [
    (kind, number, name)
    for which in UNSEEN_ELSEWHERE
    for kind in (Chapter, Shot)
    for name in [which.partition(".")[2]]
    if which.startswith(f"{kind.__name__}.")
    for number in range(3 if kind is Chapter else 4)
]


@pytest.mark.parametrize(("kind", "number", "name"), WORDS)
def test_words_are_in_the_names_of_the_segments_in_which_they_are_seen(kind, number, name) -> None:
    changed, plan = reworded(kind, number, name), whole_plan()
    own = [clip for clip in plan.timeline.clips if clip.chapter.number == number + 1]
    own = own if kind is Chapter else [plan.timeline.clips[number]]
    same = {instant for instant in FRAMES if frames(changed)[instant] == frames(plan)[instant]}
    for (stretch, fps), before in names(plan).items():
        seen = any(stretch.start <= 10 * instant < stretch.end for instant in set(FRAMES) - same)
        told = any(clip.start < stretch.end and stretch.start < clip.end for clip in own)
        renamed = changed.name(stretch, fps) != before
        assert renamed >= seen
        assert renamed <= (seen or told)


@pytest.mark.parametrize("which", [0, 1])
def test_of_a_shot_whose_drawing_says_no_words_just_those_segments_are_renamed_that_show_them(which) -> None:
    plan = long(whole_plan().timeline.storyboard)
    beats = list(OTHER_WORDS["beats"])
    beats[1 - which] = whole_plan().timeline.storyboard.chapters[1].shots[0].beats[1 - which]
    changed = long(reworded(Shot, 1, "beats", tuple(beats)).timeline.storyboard)
    renamed = [changed.name(stretch, 60) != plan.name(stretch, 60) for stretch in plan.stretches]
    assert 0 < sum(renamed) < len(plan.timeline.clips[1].beats) + 3
    for stretch, other in zip(plan.stretches, renamed, strict=True):
        instants = [Fraction(tick, 10) for tick in range(stretch.start, stretch.end, 7)]
        assert other == any(frames_at(plan, instant) != frames_at(changed, instant) for instant in instants)
    mine, others = (replace(one, silent=()) for one in (plan, changed))  # nobody knows what the drawing says
    clip = plan.timeline.clips[1]
    for stretch in plan.stretches:
        there = clip.start < stretch.end and stretch.start < clip.end
        assert (mine.name(stretch, 60) != others.name(stretch, 60)) >= there


def long(board: Storyboard) -> Plan:
    """The plan of a film in which a shot is several segments long."""
    return replace(whole_plan(), timeline=schedule(board, duration_ticks=1200))


def test_words_that_come_while_a_chapter_ends_are_in_its_name() -> None:
    """The story above has them: without it, the test before this one would say nothing of such words."""
    changed, plan = reworded(Shot, 1, "note"), whole_plan()
    second = plan.timeline.span(plan.timeline.chapters[1])[0]
    instant = Fraction(second - 1, 10)
    assert frames_at(changed, instant) != frames_at(plan, instant)


MAPS = [name for name in known() if name.startswith("map-")]


@pytest.mark.parametrize("name", ["note", "beats"])
@pytest.mark.parametrize("drawing", MAPS)
def test_words_that_come_with_the_next_chapters_map_are_in_the_name_of_what_ends(drawing, name) -> None:
    plan = reworded(Shot, 3, "drawing", drawing)
    changed = reworded(Shot, 3, name, of=plan)
    third = plan.timeline.span(plan.timeline.chapters[2])[0]
    assert frames_at(changed, Fraction(third - 1, 10)) != frames_at(plan, Fraction(third - 1, 10))
    for stretch in plan.stretches:
        assert (changed.name(stretch, 60) != plan.name(stretch, 60)) == (stretch.end >= third)


def frames_at(plan: Plan, instant: Fraction) -> str:
    return digest(compose(plan.timeline, instant, plan.look).display)


FONTS = ("another.ttf 1",)


@pytest.mark.parametrize(
    ("words", "fonts"), [("\u03c3(W\u00b7x) \u2192 h, caf\u00e9", ()), ("\u5b89", FONTS), ("\u05e9", FONTS)]
)
def test_the_machines_fonts_count_where_a_letter_may_need_one(words, fonts, monkeypatch) -> None:
    """Where none may, nobody looks for them; whichever they are, the film is the same."""
    monkeypatch.setattr(code, "other_fonts", lambda: FONTS)
    film = reworded(Shot, 1, "note", words)
    made = segments.plan(film.timeline, film.look, SMALL, "draft", "ffmpeg", code="code")
    assert made.fonts == fonts


def test_the_machines_fonts_count_where_a_users_own_drawing_may_write_anything(monkeypatch) -> None:
    monkeypatch.setattr(code, "other_fonts", lambda: FONTS)
    home = scenes_folder() / "mnist_mlp" / "drawings"
    parents = Module("scene", "", b"", True), Module("scene.drawings", str(home / "__init__.py"), b"", True)
    assert code.fonts_needed(["plain"], OwnCode(parents, ("scene.drawings",))) == ()
    mine = Module("mine", str(ROOT / "mine.py"), b"", False)
    assert code.fonts_needed(["plain"], OwnCode((*parents, mine), ("mine",))) == FONTS


def test_no_drawing_of_ours_writes_a_letter_that_needs_another_font() -> None:
    asides = scenes_folder() / "mnist_mlp" / "asides.py"  # for readers of the page; no frame says them
    homes = ROOT / "mnistviz" / "picture", ROOT / "mnistviz" / "story", scenes_folder()
    for path in (one for home in homes for one in home.rglob("*.py") if one != asides):
        written = [
            one.value for one in ast.walk(ast.parse(path.read_bytes())) if isinstance(one, ast.Constant)
        ]
        letters = {letter for text in written if isinstance(text, str) for letter in text}
        assert not {one for one in letters if not is_own(one) and not "\ud800" <= one <= "\udfff"}, path
