"""What a matrix says that it shows is what it shows: every matrix of every film, held against the trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import mnistviz
from mnistviz.picture.compose import compose
from mnistviz.picture.display import Blocks, CellMap, Cells, ColourScale, DisplayList, Matrix
from mnistviz.picture.layout import look
from mnistviz.story.default import default_storyboard
from mnistviz.story.storyboard import Storyboard
from mnistviz.story.timeline import Timeline, schedule
from mnistviz.trace.model import Value
from tests.picture.test_films import FILMS, film, named

LOOK = look((1280, 720))
STEP = 3  # ticks between two instants


def values(board: Storyboard) -> dict[int, Value]:
    """Every array that a film may show, by id."""
    trace = board.trace
    read = [value for one in trace for value in one.inputs]
    made = [value for one in trace for value in (one.output, *one.more)]  # these know what was before
    beside = [value for chapter in board.chapters for shot in chapter.shots for value in shot.extra]
    failed = trace.failure.inputs if trace.failure is not None else ()
    return {value.id: value for value in (*beside, *failed, *trace.inputs, *read, *made)}


def numbers(map_: CellMap, arrays: dict[int, Value], count: int) -> NDArray[np.float64]:
    """The numbers of `count` drawn cells, by the words of `CellMap` and no code of the package."""
    places = map_.first + map_.step * np.arange(count)
    if map_.blocks is not None:
        cells = plain(replace(map_, blocks=None, first=0, step=1), arrays, np.arange(size(map_.blocks)))
        return np.array([block(map_.blocks, cells, place) for place in places])
    return plain(map_, arrays, places)


def plain(map_: CellMap, arrays: dict[int, Value], places: NDArray[np.intp]) -> NDArray[np.float64]:
    value = arrays[map_.value]
    own = flat(value.before if map_.before else value.value, map_.stretched)[places]
    for start, stop in map_.old:
        late = (places >= start) & (places < stop)
        own = np.where(late, flat(value.before, map_.stretched)[places], own)
    with np.errstate(invalid="ignore", over="ignore"):
        for other, sign in ((map_.minus, -1), (map_.times, 0)):
            if other is not None:
                drawn = (places - map_.first) // map_.step
                theirs = plain(other, arrays, other.first + other.step * drawn)
                own = own * theirs if sign == 0 else own - theirs
        return np.asarray(own * map_.factor, dtype=np.float64)


def flat(array: NDArray[Any] | None, stretched: tuple[int, ...]) -> NDArray[np.float64]:
    assert array is not None
    real = np.abs(array) if np.iscomplexobj(array) else array
    return np.asarray(np.broadcast_to(real, stretched or real.shape).ravel(), dtype=np.float64)


def size(blocks: Blocks) -> int:
    """How many cells the blocks are made of."""
    return blocks.layers * blocks.rows * blocks.columns


def block(blocks: Blocks, cells: NDArray[np.float64], place: int) -> float:
    """The mean of one block."""
    layer, rest = divmod(int(place), blocks.drawn_rows * blocks.drawn_columns)
    row, column = divmod(rest, blocks.drawn_columns)
    top, bottom = (one * blocks.rows // blocks.drawn_rows for one in (row, row + 1))
    left, right = (one * blocks.columns // blocks.drawn_columns for one in (column, column + 1))
    whole = cells.reshape(-1, blocks.rows, blocks.columns)
    return float(whole[layer, top:bottom, left:right].mean())


def _holds_words(part: Matrix, arrays: dict[int, Value]) -> bool:
    """Whether it is an array of texts or dates, which has no colours."""
    named = [value.value for value in arrays.values() if part.key in (value.name, f"#{value.id}")]
    return not part.cells.values.any() and any(one.dtype.kind not in "biufc" for one in named)


def wrong(display: DisplayList, arrays: dict[int, Value], seen: set[Any]) -> Iterator[str]:
    """What the matrices of a frame say and do not show; those in `seen` were looked at before."""
    for part in display.primitives:
        if not isinstance(part, Matrix) or (part.shows, part.cells) in seen:
            continue
        seen.add((part.shows, part.cells))
        cells = part.cells.values.ravel()
        if part.shows is None:
            stand_in = cells.size == 1 and np.isnan(cells[0])
            if part.key != "legend" and not stand_in and not _holds_words(part, arrays):
                yield f"{part.key!r} does not say what it shows"
        elif not same(numbers(part.shows, arrays, cells.size), cells, part.shows):
            yield f"{part.key!r} does not show {part.shows}"


def same(told: NDArray[np.float64], shown: NDArray[np.float64], map_: CellMap) -> bool:
    """Bit for bit; what is computed for the picture, to rounding."""
    if map_.blocks is None:
        return np.array_equal(told, shown, equal_nan=True)
    size = float(np.abs(shown[np.isfinite(shown)]).max(initial=0.0))
    return bool(np.allclose(told, shown, rtol=1e-9, atol=1e-9 * size, equal_nan=True))


def faults(timeline: Timeline, step: int = STEP) -> list[str]:
    arrays, seen = values(timeline.storyboard), set[Any]()
    found = []
    for clip in timeline.clips:
        for tick in sorted({*range(clip.start, clip.rest_start, step), clip.rest_start, clip.end - 1}):
            if clip.start <= tick < clip.end:
                display = compose(timeline, Fraction(tick, 10), LOOK).display
                where = f"chapter {clip.chapter.number}, {clip.shot.drawing} at {tick / 10} s"
                found += [f"{where}: {fault}" for fault in wrong(display, arrays, seen)]
    return found


@pytest.mark.parametrize("name", FILMS, ids=named)
def test_every_matrix_shows_what_it_says(name: str) -> None:
    found = faults(film(name))
    assert not found, "\n".join([f"{len(found)} faults", *found[:40]])


def odd(a: NDArray[Any], w: NDArray[Any], large: NDArray[Any]) -> Any:
    """What the examples do not have: changes that are stretched, multiplied, written; large and complex arrays."""
    w += a
    w -= 0.5
    w *= 1.5
    np.add(a, w, out=w)
    w[0] = 7.0
    turned = w.T @ w
    deep = np.ones((30, 3, 4)) * 2.0
    empty = np.zeros((0, 3)) + 1.0
    words = np.array(["a", "b"])
    wave = np.fft.fft(a)
    large += 1.0
    largest = large * 2.0
    column = largest[:, 0] @ largest
    return turned, deep, empty, words, wave, largest, column, np.full((2, 300, 280), 0.25) + 1.0


def test_odd_programs_too() -> None:
    rng = np.random.default_rng(3)
    trace = mnistviz.record(odd, rng.normal(size=3), rng.normal(size=(4, 3)), rng.normal(size=(600, 300)))
    found = faults(schedule(default_storyboard(trace)), step=2)
    assert not found, "\n".join(found[:20])


def test_a_failure_too() -> None:
    trace = mnistviz.record(lambda a: a @ np.ones(5), np.ones((2, 3)))
    assert not faults(schedule(default_storyboard(trace)), step=1)


def test_a_matrix_that_says_something_else_is_found() -> None:
    """The check itself: another cell, another version, another value, another enlargement, nothing at all."""
    before, after = np.arange(6.0), np.arange(6.0) ** 2
    arrays = {4: Value(4, "w", "parameter", after, before), 5: Value(5, "x", "input", after + 1)}
    colours = ColourScale("signed", -1.0, 1.0)
    card = Matrix("w", Cells(after[None, 1:4]), colours, ((0.0, 0.0),), (9.0, 0.0), (0.0, 9.0))
    true = CellMap(4, first=1)
    wrongs = [
        None, CellMap(4), CellMap(4, first=2), CellMap(4, before=True, first=1), CellMap(5, first=1),
        CellMap(4, first=1, step=-1), CellMap(4, first=1, factor=2.0), CellMap(4, first=1, old=((2, 3),)),
        CellMap(4, first=1, minus=CellMap(4, before=True, first=1)), CellMap(4, first=1, times=true),
        CellMap(4, blocks=Blocks(1, 1, 6, 1, 3)),
    ]  # fmt: skip

    def found(shows: CellMap | None) -> list[str]:
        shown = DisplayList((9.0, 9.0), (0, 0, 0), (replace(card, shows=shows),))
        return list(wrong(shown, arrays, set()))

    assert not found(true)
    for shows in wrongs:
        assert found(shows), shows
