"""Arrays are drawn as what they are: labels, masks, photographs, cells of an index, sums over any axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mnistviz.picture.display import Mask, Text
from mnistviz.picture.drawings.blocks import blocks_of
from mnistviz.picture.drawings.contraction import contraction_of
from mnistviz.picture.drawings.picked import items_of
from mnistviz.picture.hashing import changed
from mnistviz.picture.layout import look
from mnistviz.picture.photographs import colour_codes, is_photograph, palette
from mnistviz.picture.stage.cards import primitives
from mnistviz.picture.stage.forms import scale_of
from mnistviz.picture.stage.studio import FORESHORTENING, LEAST_SIDE, Studio
from mnistviz.story.default import default_storyboard
from mnistviz.trace.model import Operation, Value
from mnistviz.trace.recording.recorder import record

LOOK = look((1920, 1080))


def operations(step: Any, *arrays: Any) -> tuple[Operation, ...]:
    return record(step, *arrays).operations


def studio_and_input(array: Any) -> tuple[Studio, Value]:
    trace = record(lambda x: x + x, array)
    return Studio(default_storyboard(trace), LOOK), trace.operations[0].inputs[0]


@pytest.mark.parametrize(
    ("array", "ends"),
    [
        (np.array([0, 9, 3], np.uint8), (0, 9)),
        (np.array([2, 1, 0]), (0, 2)),
        (np.array([True, False]), (0, 1)),
        (np.array([0, 0]), (0, 1)),
        (np.arange(100, dtype=np.uint8), (0, 255)),
        (np.array([-2, 3]), (-3, 3)),
    ],
)
def test_whole_numbers_have_a_scale_of_their_own(array: Any, ends: tuple[float, float]) -> None:
    studio, value = studio_and_input(array)
    scale = studio.colours(value)
    assert (scale.low, scale.high) == ends


@pytest.mark.parametrize(
    ("array", "wide", "shown"),
    [
        (np.arange(56).reshape(7, 8), 360.0, True),
        (np.arange(56).reshape(7, 8) * 1000, 360.0, False),  # `55,000` is too long for its cell
        (np.arange(56.0).reshape(7, 8) / 7, 360.0, False),
        (np.arange(20.0).reshape(4, 5) / 7, 900.0, True),
        (np.arange(110).reshape(10, 11) % 9, 900.0, False),
    ],
    ids=["digits", "thousands", "fractions", "fractions in room", "many"],
)
def test_numbers_stand_in_cells_that_have_room_for_the_longest(array: Any, wide: float, shown: bool) -> None:
    studio, value = studio_and_input(array)
    form = studio.form(value.shape)
    card = studio.card(value, studio.place(form, 0, 0, wide, 700, 200.0))
    assert len(card.numbers) == (array.size if shown else 0)


MOST = np.random.default_rng(4).uniform(-3, 3, (12, 15))


def with_outliers(count: int, times: float, array: Any = MOST) -> Any:
    """The array, its first numbers as many times as large as any other."""
    grown = np.array(array, dtype=float)
    grown.flat[:count] = times * np.abs(array).max()
    return grown


@pytest.mark.parametrize(
    ("array", "limit", "beyond"),
    [
        (with_outliers(1, 1e6), 3.0, 1),  # all else would be grey
        (with_outliers(2, -1e6), 3.0, 2),
        (np.abs(with_outliers(2, 1e300)), 3.0, 2),
        (with_outliers(3, 1e6), 3e6, 0),  # more than one in a hundred: part of what there is to see
        (with_outliers(1, 15.0), 50.0, 0),  # a scale of roots shows the others
        (with_outliers(1, 1e6, MOST.ravel()[:40]), 3e6, 0),  # few: their numbers stand there
        (np.where(MOST > 2.9, 1.0, 0.0) + 0.5 * (MOST < -2.9), 1.0, 0),  # zeros are none of them
        (with_outliers(1, np.inf), 3.0, 0),
    ],
)
def test_an_outlier_does_not_take_the_colours_of_all_others(array: Any, limit: float, beyond: int) -> None:
    studio, value = studio_and_input(array)
    card = studio.card(value, studio.place(studio.form(value.shape), 0, 0, 900, 600))
    assert card.colours.high == pytest.approx(limit)
    said = [part.text for part in primitives(card, studio) if isinstance(part, Text)]
    assert [text for text in said if "beyond" in text] == ([f"{beyond} beyond the colours"] if beyond else [])
    hidden = changed(card, mask=Mask(np.zeros(card.cells.values.shape, bool)))
    parts = primitives(hidden, studio)
    assert not any("beyond" in part.text for part in parts if isinstance(part, Text)), "not yet known"


def test_whole_numbers_are_written_as_one_counts() -> None:
    studio, value = studio_and_input(np.array([7, 0, 3]))
    card = studio.card(value, studio.place(studio.form(value.shape), 0, 0, 400, 600))
    assert card.numbers == ("7", "0", "3")


@pytest.mark.parametrize(
    ("array", "photograph"),
    [
        (np.zeros((8, 9, 3), np.uint8), True),
        (np.linspace(0, 1, 5 * 16 * 16 * 4).reshape(5, 16, 16, 4), True),
        (np.linspace(-1, 1, 16 * 16 * 3).reshape(16, 16, 3), False),
        (np.full((16, 16, 4), 0.25), False),  # shares of four classes
        (np.zeros((8, 6, 3), np.uint8), False),
        (np.zeros((16, 16, 2), np.uint8), False),
    ],
)
def test_a_photograph_is_told_by_its_colours(array: Any, photograph: bool) -> None:
    assert is_photograph(array) == photograph


def test_a_batch_of_photographs_is_a_contact_sheet() -> None:
    studio, value = studio_and_input(np.zeros((6, 16, 16, 3), np.uint8))
    form = studio.form(value.shape)
    place = studio.place(form, 0, 0, 600, 600)
    assert (form.layers, form.rows, form.columns) == (6, 16, 16)
    boxes = {(round(x / place.across[0], 2), round(y / place.down[1], 2)) for x, y in place.steps}
    assert len(boxes) == 6
    assert all(x == 0 or x >= 1 for x, _ in boxes)
    assert all(y == 0 or y >= 1 for _, y in boxes)


def test_a_pixel_has_the_nearest_colour_of_the_palette() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (50, 3)).astype(np.uint8)
    shown = palette()[colour_codes(pixels).astype(int)].astype(int)
    used = palette()[:252].astype(int)
    nearest = np.abs(used[None] - pixels[:, None].astype(int)).max(axis=2).min(axis=1)
    assert (np.abs(shown - pixels).max(axis=1) <= np.maximum(nearest, 26)).all()


def test_cells_side_by_side_share_a_frame() -> None:
    cells = np.arange(2 * 3 * 9).reshape(2, 3, 9)
    assert blocks_of(cells[1, :, 5:8].ravel(), cells.shape) == [(1, 0, 5, 3, 3)]
    assert blocks_of(cells[0, ::2].ravel(), cells.shape) == [(0, 0, 0, 1, 9), (0, 2, 0, 1, 9)]
    assert blocks_of(np.array([0, 1, 9, 10, 20]), cells.shape) == [(0, 0, 0, 2, 2), (0, 2, 2, 1, 1)]


def test_the_cells_of_an_index_are_those_that_numpy_takes() -> None:
    def step(x: Any, m: Any) -> Any:
        x[1, :, 5:8] = 1.0
        x[m] = 0.0
        return x[[0, 1], 2]

    x = np.arange(54.0).reshape(2, 3, 9)
    written, masked, picked = operations(step, x, x > 40)
    numbers = np.arange(54).reshape(x.shape)
    for one, wish in (
        (written, numbers[1, :, 5:8]),
        (masked, np.arange(41, 54)),
        (picked, numbers[[0, 1], 2]),
    ):
        items = items_of(one)
        assert items is not None
        assert items.cells.tolist() == wish.ravel().tolist()


@pytest.mark.parametrize(
    "step",
    [
        lambda a, b: a @ b,
        lambda a, b: a @ b[0],
        lambda a, b: a[0, 0] @ b,
        lambda a, b: np.dot(a, b),
        lambda a, b: np.inner(a, b.swapaxes(1, 2)),
        lambda a, b: np.tensordot(a, b, axes=([2], [1])),
        lambda a, b: np.tensordot(a[0], b[0], axes=1),
        lambda a, b: np.einsum("bij,bjk->bik", a, b),
        lambda a, b: np.einsum("bij,cjk", a, b),
        lambda a, b: np.einsum("bij->j", a),
    ],
)
def test_a_sum_of_products_is_that_of_the_framed_cells(step: Any) -> None:
    a, b = np.random.default_rng(2).normal(size=(2, 3, 4)), np.random.default_rng(3).normal(size=(2, 4, 5))
    found = contraction_of(operations(step, a, b)[-1])
    assert found is not None
    for flat in (0, found.operation.output.value.size - 1):
        factors = [one.value.ravel()[found.cells(at, flat)] for at, one in enumerate(found.operation.inputs)]
        assert np.prod(factors, axis=0).sum() == pytest.approx(found.operation.output.value.ravel()[flat])


def test_a_flat_card_is_high_enough_to_be_seen() -> None:
    studio, _ = studio_and_input(np.ones((2, 1000)))
    for array, side in ((np.ones((2, 1000)), 1), (np.ones((1000, 2)), 0)):
        place = studio.place(studio.form(array.shape), 0, 0, 400, 600)
        sides = place.across[0] / FORESHORTENING, place.down[1]
        assert sides[side] >= LEAST_SIDE * studio.scale * 0.99
        assert sides[1 - side] > 5 * sides[side]


def test_what_are_no_numbers_have_a_scale_all_the_same() -> None:
    records = np.zeros(3, dtype=[("a", "i4"), ("b", "f8")])
    assert scale_of([records, np.array(["a", "b"])], False) == scale_of([np.zeros(3)], False)
