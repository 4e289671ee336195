"""The packed film says what the film shows: every instant, unpacked by the plain reading of its own words."""

from __future__ import annotations

import base64
import json
import pickle
import zlib
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pytest

from mnistviz.export.raster.codes import value_codes
from mnistviz.export.stage.bundle import Stages, bundle, fitting
from mnistviz.export.stage.pack import BESIDE, PARTS, STEPS, Packer
from mnistviz.export.stage.twofold import twofold
from mnistviz.picture.compose import compose
from mnistviz.picture.display import Matrix, Text
from mnistviz.picture.layout import Look, look
from mnistviz.story.default import default_storyboard
from mnistviz.story.timeline import Timeline, schedule
from tests.export.default_film import DefaultFilm
from tests.export.stories import small_trace

LOOK = look((640, 360))
COLOURS = {"t": (3,), "l": (1,), "p": (1, 2), "b": (1, 2), "m": (7, 8)}  # places in a form


@pytest.fixture(scope="module")
def told() -> Timeline:
    return schedule(default_storyboard(small_trace()), duration_ticks=200)


def packed_film(told: Timeline, ticks: range | None = None, look: Look = LOOK) -> Packer:
    packer = Packer(look)
    for tick in ticks or range(told.ticks):
        packer.note(tick, compose(told, Fraction(tick, 10), look))
    return packer


class Unpacked:
    """A packed film, read back."""

    def __init__(self, packed: bytes) -> None:
        head, _, rest = packed.partition(b" ")
        self.plain: dict[str, Any] = json.loads(rest[: int(head)])
        low, high = np.frombuffer(rest[int(head) :], np.uint8).reshape(2, -1).astype(np.uint16)
        self.codes = np.split(low | high << 8, np.cumsum(self.plain["cells"])[:-1])
        forms, places = (list(accumulate(steps)) for steps in self.plain["parts"])
        rows = self.rows()
        self.parts = [
            (self.plain["forms"][form], rows[place]) for form, place in zip(forms, places, strict=True)
        ]
        self.instants: dict[int, list[int]] = {}
        before: list[int] = []
        for tick, start, end, middle in self.plain["instants"]:
            before = [*before[:start], *accumulate(middle), *before[len(before) - end :]]
            self.instants[tick] = before

    def rows(self) -> list[list[int]]:
        """The places, row by row."""
        packed = self.plain["places"]
        by_length = {
            int(length): iter(np.cumsum(np.reshape(column, (int(length), -1)), axis=1).T.tolist())
            for length, column in packed["columns"].items()
        }
        return [next(by_length[length]) for length in packed["lengths"]]

    def at(self, tick: int) -> list[tuple[Any, Any]]:
        instant = max(one for one in self.instants if one <= tick)
        return [self.parts[part] for part in self.instants[instant]]

    def named(self, part: tuple[Any, Any]) -> tuple[Any, Any]:
        """A part with its cells, its mask and the numbers that it says in the place of their numbers."""
        form, place = part
        form = [self.colour(one) if at in COLOURS[form[0]] else one for at, one in enumerate(form)]
        if form[0] == "t":
            return [*form[:6], [self.named_number(told) for told in form[6]]], place
        if form[0] != "m":
            return form, place
        mask = self.plain["masks"][form[6]] if form[6] >= 0 else None
        shows, scale = self.map(form[11]), self.plain["scales"][form[12]]
        return [
            *form[:2], self.codes[form[2]].tolist(), self.plain["tables"][form[3]], *form[4:6], mask, *form[7:11],
            shows, scale,
        ], place  # fmt: skip

    def named_number(self, told: Any) -> Any:
        """A number that a text says, with its maps and its colours."""
        on = [self.plain["tables"][told[7][0]], self.plain["scales"][told[7][1]]] if told[7] else []
        return [*told[:3], [self.map(number) for number in told[3]], *told[4:7], on]

    def colour(self, number: int) -> Any:
        return self.plain["colours"][number] if number >= 0 else None

    def map(self, number: int) -> Any:
        """A map, with those that it takes away or multiplies by."""
        if number < 0:
            return None
        *own, minus, times = self.plain["maps"][number]
        return [*own, self.map(minus), self.map(times)]


def test_every_instant_is_there(told: Timeline) -> None:
    film = Unpacked(packed_film(told).packed())
    for tick in range(told.ticks):
        display = compose(told, Fraction(tick, 10), LOOK).display
        packed = film.at(tick)
        assert len(packed) == len(display.primitives)
        for (form, place), part in zip(packed, display.primitives, strict=True):
            assert place[0] == round(part.opacity * PARTS)
            if isinstance(part, Text):
                assert form[:3] == ["t", part.text, part.face]
                assert np.allclose(np.array(place[2:]) / STEPS, (part.size, *part.at), atol=0.51 / STEPS)
            if isinstance(part, Matrix):
                expected = [value_codes(layer, part.colours, (1, 1)).values for layer in part.cells.values]
                assert np.array_equal(film.codes[form[2]], np.array(expected).ravel())
                corners = np.array(place[9:]).reshape(-1, 2) / STEPS
                assert np.allclose(corners, part.origins, atol=0.51 / STEPS)


def test_a_mask_is_written_as_runs(told: Timeline) -> None:
    film = Unpacked(packed_film(told).packed())
    masks = {
        tuple(part.mask.shown.ravel().tolist())
        for tick in range(told.ticks)
        for part in compose(told, Fraction(tick, 10), LOOK).display.primitives
        if isinstance(part, Matrix) and part.mask is not None
    }
    read = {
        tuple(bool(place % 2) for place, run in enumerate(runs) for _ in range(run))
        for runs in film.plain["masks"]
    }
    assert masks == read
    assert any(False in mask for mask in masks)


def test_letters_have_outlines_and_the_widths_of_the_layout(told: Timeline) -> None:
    from mnistviz.picture.fonts import width

    letters = Unpacked(packed_film(told).packed()).plain["letters"]
    for text, face in (("weights_4x3", "mono-bold"), ("This is", "sans")):
        of = letters["faces"][face]
        measured = sum(of["letters"][one][1] for one in text) + sum(
            of["kerning"].get(a + b, 0) for a, b in pairwise(text)
        )
        assert measured == pytest.approx(width(text, 1.0, face), abs=1e-3)
        assert all(of["letters"][one][0].startswith("M") for one in text if one != " ")


def test_no_words_are_cut_at_the_edges_of_the_picture(default: DefaultFilm) -> None:
    """As each clip of the default film rests: beside the map's last cards stand digits."""
    from mnistviz.picture.fonts import width

    film = Unpacked(default.packed)
    left, top, right, bottom = film.plain["picture"]
    whole, beside = dict(film.plain["whole"]), 0
    for clip in default.timeline.clips:
        if [shown for tick, shown in whole.items() if tick <= clip.finished][-1]:
            continue
        for form, (_, _, size, x, y) in [part for part in film.at(clip.finished) if part[0][0] == "t"]:
            long = width(form[1], size / STEPS, form[2])
            start = x / STEPS - {"l": 0.0, "m": long / 2, "r": long}[form[4][0]]
            if top < y / STEPS < bottom and start < right and start + long > left:
                assert left <= start and start + long <= right, form[1]
                beside += start > right - 2 * BESIDE
    assert beside > 10


def test_what_would_be_too_large_does_not_go_on_a_page() -> None:
    noise = np.random.default_rng(1).bytes(2_000_000)
    assert fitting(("dark",), noise[:1_900_000]).themes == ("dark",)
    assert fitting(("dark",), noise) == Stages()


def test_it_travels_as_text(told: Timeline) -> None:
    packed = packed_film(told).packed()
    assert zlib.decompress(base64.b64decode(bundle(packed))) == packed


def test_pieces_packed_apart_are_the_film_packed_at_once(told: Timeline) -> None:
    parts = [(0, 70), (70, 130), (130, told.ticks)]
    whole = Packer(LOOK)
    for part in parts:
        whole.join(pickle.loads(pickle.dumps(packed_film(told, range(*part)))))  # noqa: S301  ours
    assert whole.packed() == packed_film(told).packed()


def test_the_second_theme_costs_little(told: Timeline) -> None:
    both = packed_film(told, look=twofold(LOOK)).packed()
    assert len(bundle(both)) < 1.1 * len(bundle(packed_film(told).packed()))
