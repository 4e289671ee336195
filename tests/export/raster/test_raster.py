"""The raster: a partial repaint is a full one, cells have their values' colours, words stay in place."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mnistviz.export.raster import fronts, letters, matrices, shapes, ycbcr
from mnistviz.export.raster.codes import NOT_A_NUMBER, value_codes
from mnistviz.export.raster.raster import Frame, Raster, still
from mnistviz.export.raster.repaint import clusters
from mnistviz.export.raster.sprites import Stamp, Store, Strand
from mnistviz.export.raster.strands import Strands, Stroke
from mnistviz.picture import fonts as lettering
from mnistviz.picture.display import (
    Cells,
    Colour,
    ColourScale,
    DisplayList,
    Face,
    Line,
    Mask,
    Matrix,
    Panel,
    Point,
    Polygon,
    Primitive,
    Text,
)
from mnistviz.picture.theme import TABLES, THEMES, colour_table, table_index

SIZE = (1920.0, 1080.0)
DARK: Colour = (13, 17, 23)
WHITE: Colour = (255, 255, 255)
SMALL = (480, 270)
SIGNED = ColourScale("signed", -1.0, 1.0)
VALUES = np.random.default_rng(3).normal(0, 0.5, (3, 7, 5))


def a_card(
    at: Point = (400, 500), values: NDArray[np.float64] | None = None, across: float = 300.0
) -> Matrix:
    cells = Cells(VALUES[0] if values is None else values)
    return Matrix("card", cells, SIGNED, (at,), (across, -0.42 * across), (0, 360), depth=(8, -6))


def a_deck(at: Point = (500, 500), opacity: float = 1.0) -> Matrix:
    origins = tuple((at[0] + 40.5 * k, at[1] - 55.25 * k) for k in range(3))
    return replace(a_card(at), cells=Cells(VALUES), origins=origins, layers=(2, 1, 0), opacity=opacity)


def on_its_way(card: Matrix, times: float) -> Matrix:
    """The card while it grows or shrinks, its other shape so many times as large."""
    across, down = ((x * times, y * times) for x, y in (card.across, card.down))
    return replace(card, grows=(across, down))


def shown(*parts: Primitive) -> DisplayList:
    return DisplayList.of(SIZE, DARK, parts)


def planes(frame: Frame) -> bytes:
    return frame.i420() + frame.full.tobytes()


# -- repainting a part -------------------------------------------------------------------------------------

places = st.tuples(st.floats(-300, 2000), st.floats(-300, 1200))
colours = st.sampled_from([(255, 0, 0), (90, 200, 160), (240, 246, 252)])
opacities = st.sampled_from([1.0, 1.0, 0.7, 0.13, 0.0])
glows = st.sampled_from([0.0, 0.0, 0.5, 1.0])
masks = st.sampled_from([None, Mask(np.arange(35).reshape(7, 5) < 12), Mask(np.zeros((7, 5), bool))])


def polygons(colour: Colour, at: Point, reach: float, glow: float) -> Polygon:
    x, y = at
    return Polygon(((x, y), (x + reach, y - 20), (x + reach / 2, y + reach)), colour, WHITE, 3.0, 0.8, glow)


primitives = st.one_of(
    st.builds(
        lambda at, mask, glow, opacity: replace(a_card(at), mask=mask, glow=glow, opacity=opacity),
        places,
        masks,
        glows,
        opacities,
    ),
    st.builds(a_deck, places, opacities),
    st.builds(on_its_way, st.builds(a_deck, places, opacities), st.floats(0.1, 4)),
    st.builds(
        Text,
        st.sampled_from(["Wx + b", "", " ", "0.490"]),
        places,
        st.just(40.0),
        colours,
        st.sampled_from(["sans", "mono-bold"]),
        st.sampled_from(["ls", "mm", "ra"]),
    ),
    st.builds(
        Line,
        st.tuples(places, places),
        colours,
        st.floats(1, 9),
        st.sampled_from([0.0, 30.0]),
        opacities,
        glows,
    ),
    st.builds(polygons, colours, places, st.floats(10, 300), glows),
    st.builds(
        lambda at, colour, radius: Panel((*at, at[0] + 400, at[1] + 200), colour, radius, WHITE, 2.0),
        places,
        colours,
        st.sampled_from([0.0, 18.0]),
    ),
)
films = st.lists(st.lists(primitives, max_size=6).map(tuple), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(films, st.randoms(use_true_random=False))
def test_a_repaint_of_what_changed_is_a_full_repaint(film, random) -> None:
    raster = Raster(SMALL)
    kept: tuple[Primitive, ...] = ()
    for parts in film:
        kept = tuple(part for part in kept if random.random() < 0.7) + parts
        before = raster._canvas.copy()
        frame = raster.paint(shown(*kept))
        assert planes(frame) == planes(Raster(SMALL).paint(shown(*kept)))
        outside = np.ones(before.shape[1:], bool)
        for left, top, right, bottom in frame.changed:
            assert not (left % 2 or top % 2 or right % 2 or bottom % 2)
            assert outside[top:bottom, left:right].all(), "two changed rectangles overlap"
            outside[top:bottom, left:right] = False
        assert (frame.full[:, outside] == before[:, outside]).all()


def moving_film() -> list[DisplayList]:
    """A card moves over a deck, fades, gets new values, and a word counts: long enough for a backdrop."""
    film = []
    for i in range(14):
        card = a_card((300 + 37.3 * i, 600 - 11.7 * i), VALUES[i // 5])
        mask = Mask(np.arange(35).reshape(7, 5) <= 3 * i)
        card = replace(card, opacity=1 - 0.03 * i, glow=(i % 4) / 3, mask=mask)
        words = [Text(f"sum = {i * 0.37:+.3f}", (1300, 400), 28, WHITE, "mono")]
        panel = Panel((1200, 60, 1880, 700), (22, 27, 34), 14)
        small = replace(a_card((1300, 900)), across=(90 + 5.5 * i, -40 - 2 * i), down=(0, 80 + 7.5 * i))
        deck = on_its_way(a_deck((900, 700), 0.6 + 0.01 * i), 1.5)
        film.append(shown(panel, a_deck(), deck, a_card((900, 300)), card, on_its_way(small, 2.0), *words))
    return film


def test_frames_do_not_depend_on_what_was_painted_before() -> None:
    film = moving_film()
    onwards, backwards = Raster(SMALL), Raster(SMALL)
    alone = [planes(Raster(SMALL).paint(display)) for display in film]
    assert [planes(onwards.paint(display)) for display in film] == alone
    assert [planes(backwards.paint(display)) for display in reversed(film)] == alone[::-1]
    assert onwards._backdrop._count > 0, "the film is too short to use the backdrop"


def test_a_tight_memory_changes_no_pixel(monkeypatch: pytest.MonkeyPatch) -> None:
    film = moving_film()
    raster = Raster(SMALL)
    expected = [planes(raster.paint(display)) for display in film]
    monkeypatch.setattr("mnistviz.export.raster.raster.STORE_BYTES", 1)
    monkeypatch.setattr("mnistviz.export.raster.raster.LEAST_STORE_BYTES", 1)
    tight = Raster(SMALL)
    assert [planes(tight.paint(display)) for display in film] == expected


def test_a_held_frame_changes_nothing() -> None:
    raster = Raster(SMALL)
    first = raster.paint(shown(a_card(), a_deck()))
    assert first.changed == ((0, 0, *SMALL),)
    before = planes(first)
    frame = raster.paint(shown(a_card(), a_deck()))  # equal, not the same objects
    assert frame.changed == ()
    assert planes(frame) == before


def test_only_the_layer_that_moved_is_repainted() -> None:
    raster = Raster((1920, 1080))
    wall = replace(a_deck(), origins=((100, 400), (700, 400), (1300, 400)), opacity=1.0)
    raster.paint(shown(wall))
    (rect,) = raster.paint(shown(replace(wall, origins=((100, 400), (700, 400), (1310, 400))))).changed
    assert rect[0] > 1200


def test_a_cell_that_fills_repaints_no_more_than_its_surroundings() -> None:
    raster = Raster((1920, 1080))
    values = np.random.default_rng(4).normal(0, 0.5, (28, 28))
    for count in (300, 301, 304, 290, 784, 783):
        card = replace(a_card(values=values), mask=Mask(np.arange(784).reshape(28, 28) < count))
        frame = raster.paint(shown(a_deck((900, 700)), card))
        assert planes(frame) == planes(Raster((1920, 1080)).paint(shown(a_deck((900, 700)), card)))
        if count in (301, 783):
            (rect,) = frame.changed
            assert (rect[2] - rect[0]) * (rect[3] - rect[1]) < 40 * 40


def test_another_background_is_a_full_repaint() -> None:
    raster = Raster(SMALL)
    raster.paint(shown(a_card()))
    light = DisplayList.of(SIZE, THEMES["light"].background, [a_card()], THEMES["light"].shadow)
    frame = raster.paint(light)
    assert frame.changed == ((0, 0, *SMALL),)
    assert planes(frame) == planes(Raster(SMALL).paint(light))


def test_shadows_are_as_dark_as_the_display_list_says() -> None:
    """On the same background: the raster does not ask what theme it is."""
    grey = (200, 200, 200)
    light = [
        float(Raster(SMALL).paint(DisplayList.of(SIZE, grey, [a_card()], shadow)).luma.mean())
        for shadow in (0.0, 0.3, 0.6)
    ]
    assert light[0] > light[1] > light[2]


def test_clusters_join_what_is_near() -> None:
    canvas = (0, 0, 100, 100)
    assert clusters([(1, 1, 11, 11), (3, 3, 15, 9)], canvas) == ((0, 0, 16, 12),)
    assert clusters([(-50, 3, -10, 9), (90, 90, 120, 140)], canvas) == ((90, 90, 100, 100),)
    assert clusters([], canvas) == ()


# -- colours -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", list(TABLES))
@pytest.mark.parametrize("size", [(640, 360), (1920, 1080), (3840, 2160)])
def test_cell_centres_have_their_values_colours(table, size) -> None:
    scale = ColourScale(table, -1.0, 1.0)
    card = replace(a_card((400.3, 500.7)), colours=scale, across=(303.0, -127.0), down=(11.0, 361.0))
    picture = still(shown(card), size)
    expected = colour_table(table)[table_index(VALUES[0], scale)].astype(int)
    for row, column in np.ndindex(VALUES[0].shape):
        x, y = card.cell_centre(0, row, column)
        seen = picture[int(y * size[1] / 1080), int(x * size[0] / 1920)].astype(int)
        assert np.abs(seen - expected[row, column]).max() <= 3, (row, column, seen, expected[row, column])


def test_a_rooted_scale_shows_small_values_and_keeps_its_ends() -> None:
    scale = ColourScale("signed", -4.0, 4.0, rooted=True)
    wish = [0, 64, 128, 191, 255]  # of -4, -1, 0, 1, 4
    assert table_index(np.array([-4.0, -1.0, 0.0, 1.0, 4.0]), scale).tolist() == wish
    small = np.array(0.01)
    assert (table_index(small, scale), table_index(small, replace(scale, rooted=False))) == (134, 128)


def test_a_28x28_card_has_all_its_colours_in_the_middle_of_cells() -> None:
    values = np.random.default_rng(0).normal(0, 0.5, (28, 28))
    card = a_card((300, 500), values)
    picture = still(shown(card), (1920, 1080)).astype(int)
    expected = colour_table("signed")[table_index(values, SIGNED)].astype(int)
    centres = [card.cell_centre(0, row, column) for row, column in np.ndindex(28, 28)]
    seen = np.array([picture[int(y), int(x)] for x, y in centres])
    assert np.abs(seen - expected.reshape(-1, 3)).max() <= 3


@pytest.mark.parametrize(
    ("times", "size"), [(0.4, (320, 180)), (1.9, (540, 960)), (1.0, (1280, 720)), (9.0, (1280, 720))]
)
def test_a_card_on_its_way_looks_as_it_would_at_rest(times: float, size: tuple[int, int]) -> None:
    """Its cells have their colours, what is beside it is left alone, and no edge is far from where it belongs."""
    one = replace(a_card((400.3, 500.7)), glow=0.5, across=(303.0, -127.0), down=(11.0, 361.0))
    thin = replace(a_card((1000, 700)), across=(36.0, -15.0), down=(0.0, 330.0), opacity=0.62)
    for card in (one, thin, a_deck((1200, 800)), a_deck((1200, 800), 0.5)):
        exact, moving = (still(shown(each), size).astype(int) for each in (card, on_its_way(card, times)))
        x, y = card.cell_centre(-1, 3, 2)
        scale = min(size[0] / 1920, size[1] / 1080)
        at = int(y * scale), int(x * scale)
        assert np.abs(exact[at] - moving[at]).max() <= (3 if size[1] > 180 else 40)
        drawn = (exact != still(shown(), size)).any(axis=2)
        assert np.abs(exact - moving)[drawn].mean() < (6 if size[1] > 180 else 12)
        assert np.abs(exact - moving)[~drawn].mean() < 0.05


@pytest.mark.parametrize("slope", [-0.42, 0.0, 0.3])
@pytest.mark.parametrize("lean", [0.0, -40.0])
def test_what_is_said_to_hide_all_does(slope: float, lean: float) -> None:
    """And is no small part of a card: what lies under it is not painted."""
    for across, phase in ((300.0, (0.25, 0.5)), (97.5, (0.0, 0.75))):
        card = replace(a_card(), across=(across, slope * across), down=(lean, 260.0))
        shape = matrices.geometry(card, 1.0, phase)
        assert shape is not None
        codes = value_codes(VALUES[0], SIGNED, shape.block)
        front = fronts.face(shape, fronts.face_map(shape), codes, ("signed", DARK, WHITE), None).sprite
        left, top, right, bottom = front.solid
        inside = front.keep[top:bottom, left:right]
        assert not inside.any()
        assert lean or inside.size > 0.35 * across * 260


def test_a_part_of_a_large_card_is_painted_as_all_of_it_is() -> None:
    """Also where it has more pixels between two cells than OpenCV has room for in a column."""
    values = np.linspace(-1, 1, 60 * 60).reshape(60, 60)
    others = values.copy()
    others[:30, :50] *= -1
    card = replace(a_card(values=values), across=(900.0, -380.0), down=(0.0, 900.0))
    shape = matrices.geometry(card, 1.0, (0.25, 0.5))
    assert shape is not None
    where, colours = fronts.face_map(shape), ("signed", DARK, WHITE)
    assert where.between is not None and where.between.size > 4 * 2**15
    first, whole = (
        fronts.face(shape, where, value_codes(each, SIGNED, shape.block), colours, None)
        for each in (values, others)
    )
    then = fronts.face(shape, where, whole.codes, colours, first)
    assert then.sprite.unlike is not None
    assert np.array_equal(then.sprite.paint, whole.sprite.paint)


def test_numbers_that_are_none_are_marked_and_never_coloured() -> None:
    values = VALUES[0].copy()
    values[2, 3], values[4, 1], values[5, 0] = np.nan, np.inf, -np.inf
    for across in (300.0, 40.0):  # with a cross in the cell, and too small for one
        card = a_card((400, 500), values, across)
        picture = still(shown(card), (1920, 1080)).astype(int)
        table = colour_table("signed").astype(int)
        for row, column in ((2, 3), (4, 1), (5, 0)):
            x, y = card.cell_centre(0, row, column)
            assert np.abs(table - picture[int(y), int(x)]).max(axis=1).min() > 60


def test_cells_not_there_yet_are_empty() -> None:
    mask = np.zeros((7, 5), bool)
    mask[0, 0] = True
    card = replace(a_card(), mask=Mask(mask), empty=(200, 100, 50))
    picture = still(shown(card), (1920, 1080)).astype(int)
    for row, column in np.ndindex(7, 5):
        x, y = card.cell_centre(0, row, column)
        is_empty = np.abs(picture[int(y), int(x)] - (200, 100, 50)).max() <= 3
        assert is_empty == (not mask[row, column])


def test_cells_smaller_than_a_pixel_are_drawn_as_means() -> None:
    values = np.repeat(np.repeat([[-0.8, 0.2], [0.6, -0.1]], 512, axis=0), 512, axis=1)
    values[::2] += 0.3
    values[1::2] -= 0.3
    card = replace(a_card((600, 500), values), edge_width=0.0)
    picture = still(shown(card), (1920, 1080)).astype(int)
    for row, column, mean in ((0, 0, -0.8), (0, 1, 0.2), (1, 0, 0.6), (1, 1, -0.1)):
        x, y = card.cell_centre(0, 255 + 512 * row, 255 + 512 * column)
        expected = colour_table("signed")[table_index(np.array(mean), SIGNED)].astype(int)
        assert np.abs(picture[int(y), int(x)] - expected).max() <= 4


def test_one_bad_cell_of_many_is_still_seen() -> None:
    values = np.zeros((1000, 900))
    values[321, 654] = np.nan
    codes = value_codes(values, SIGNED, (4, 2)).values
    assert codes.shape == (250, 450)
    assert np.argwhere(codes == NOT_A_NUMBER).tolist() == [[80, 327]]


def test_values_that_do_not_fill_the_last_block_count_alone() -> None:
    codes = value_codes(np.full((5, 7), 0.5), SIGNED, (4, 4)).values
    assert codes.shape == (2, 2)
    assert (codes == table_index(np.array(0.5), SIGNED)).all()


def test_video_colours_are_those_that_ffmpeg_shows() -> None:
    av = pytest.importorskip("av")
    rng = np.random.default_rng(5)
    patches = rng.integers(0, 256, (4, 8, 3))
    parts = [
        Panel((x * 240, y * 270, x * 240 + 240, y * 270 + 270), tuple(int(c) for c in patches[y, x]))
        for y in range(4)
        for x in range(8)
    ]
    frame = Raster((640, 360)).paint(shown(*parts))
    height, width = frame.luma.shape
    planar = np.frombuffer(frame.i420(), np.uint8).reshape(height * 3 // 2, width)
    video = av.VideoFrame.from_ndarray(planar, format="yuv420p")
    theirs = video.reformat(format="rgb24", src_colorspace="ITU709", dst_colorspace="ITU709").to_ndarray()
    ours = frame.rgb()
    for y in range(4):
        for x in range(8):
            at = (y * 90 + 45, x * 80 + 40)
            assert np.abs(theirs[at].astype(int) - patches[y, x]).max() <= 4
            assert np.abs(ours[at].astype(int) - patches[y, x]).max() <= 3
            assert np.abs(ours[at].astype(int) - theirs[at]).max() <= 3


@pytest.mark.parametrize(("size", "fine"), [((640, 360), False), ((360, 640), False), ((960, 540), True)])
@pytest.mark.parametrize(
    ("face", "owner", "is_fine_print"),
    [("mono", "weights", True), ("mono", "legend", True), ("mono-bold", "weights", False), ("mono", "source", False),
     ("mono", "", False), ("sans", "weights", False)],
)  # fmt: skip
def test_fine_print_is_left_out_where_it_would_be_dust(
    face: Face, owner: str, is_fine_print: bool, size: tuple[int, int], fine: bool
) -> None:
    """A cell of a draft is its colour alone; what is told, and what is to be read, stays at any size."""
    canvas = (1080 * size[0] / min(size), 1080 * size[1] / min(size))
    text = Text("+0.490", (400, 500), 17.0, (240, 246, 252), face, owner=owner)
    painted = still(replace(shown(text), size=canvas), size)
    assert bool(np.ptp(painted) > 20) == (fine or not is_fine_print)


def test_black_and_white_are_limited_range() -> None:
    assert ycbcr.colour((0, 0, 0)) == (16, 128, 128)
    assert ycbcr.colour((255, 255, 255)) == (235, 128, 128)


def test_a_colour_painted_on_itself_stays_what_it_is() -> None:
    ground = Raster(SMALL).paint(shown()).full
    for opacity in (0.1, 0.5, 0.77):
        veil = Panel((100, 100, 1500, 900), DARK, 200.0, opacity=opacity)
        assert (Raster(SMALL).paint(shown(veil)).full == ground).all()


def test_many_thin_veils_do_not_tint() -> None:
    """Rounding leans neither way: a black shadow over grey stays grey, and is as dark as it should be."""
    grey, veils = (120, 120, 120), [Panel((0, 0, 1920, 1080), (0, 0, 0), opacity=0.1)] * 6
    picture = Raster(SMALL).paint(DisplayList.of(SIZE, grey, veils)).full[:, 100, 100].tolist()
    assert picture[1:] == [128, 128]
    assert abs(picture[0] - (16 + (ycbcr.colour(grey)[0] - 16) * (1 - 26 / 256) ** 6)) <= 2


def test_small_chroma_planes_are_means() -> None:
    frame = Raster(SMALL).paint(shown(a_card(), a_deck((900, 600))))
    for full, small in ((frame.full[1], frame.cb), (frame.full[2], frame.cr)):
        means = full.astype(float).reshape(SMALL[1] // 2, 2, SMALL[0] // 2, 2).mean(axis=(1, 3))
        assert np.abs(means - small).max() <= 0.5


# -- where things are painted ------------------------------------------------------------------------------

EACH = {
    "card": a_card((400, 500)),
    "glowing": replace(a_card((400.4, 500.2)), glow=1.0, shadow=False, edge_width=3.0),
    "flat": replace(a_card((400, 500)), shadow=False, depth=(0.0, 0.0)),
    "deck": a_deck((500, 600)),
    "pale deck": a_deck((500, 600), opacity=0.4),
    "text": Text("Agility, qÅ|{}", (700, 500), 44, WHITE, "sans-bold"),
    "anchored": Text("Agility, qÅ|{}", (700, 500), 44, WHITE, "mono", "rm"),
    "line": Line(((300, 300), (700, 640), (1100, 350)), WHITE, 5.0),
    "arrow": Line(((300, 300), (700, 640)), WHITE, 5.0, head=30.0, glow=1.0),
    "polygon": Polygon(((300, 300), (700, 350), (500, 640)), WHITE, DARK, 4.0, glow=0.5),
    "star": Polygon(((300, 300), (700, 350), (500, 400), (520, 700), (400, 420)), WHITE),
    "panel": Panel((300, 300, 700.3, 550.6), WHITE, 20.0, (255, 0, 0), 3.0),
}


@pytest.mark.parametrize("name", list(EACH))
def test_a_primitive_paints_within_its_bounds(name) -> None:
    part = EACH[name]
    ground = Raster((1920, 1080)).paint(shown()).full.copy()
    painted = Raster((1920, 1080)).paint(shown(part)).full
    rows, columns = np.nonzero((painted != ground).any(axis=0))
    assert rows.size > 100, "nothing was painted"
    left, top, right, bottom = lettering.bounds(part)
    assert left - 1 <= columns.min()
    assert columns.max() <= right + 1
    assert top - 1 <= rows.min()
    assert rows.max() <= bottom + 1


@pytest.mark.parametrize("size", [(640, 360), (1280, 720), (1920, 1080), (3840, 2160)])
@pytest.mark.parametrize("anchor", ["ls", "mm", "ra", "rd"])
@pytest.mark.parametrize("face", ["sans", "mono-bold"])
def test_words_fill_the_box_that_layout_measured(size, anchor, face) -> None:
    text = Text("Hidden neurons 20x784 H", (900, 500), 30, WHITE, face, anchor)
    unit = size[1] / 1080
    rows, columns = np.nonzero(still(shown(text), size)[..., 0] > 120)
    left, top, right, bottom = (part * unit for part in lettering.box(text))
    height = text.size * unit
    base = bottom - lettering.DESCENT * height
    assert abs(columns.min() - left) <= 0.12 * height + 1.5
    assert abs(columns.max() + 1 - right) <= 0.12 * height + 1.5
    assert abs(rows.min() - top) <= 0.06 * height + 1.5
    assert abs(rows.max() + 1 - base) <= 0.06 * height + 1.5


def test_few_fonts_are_kept_however_many_sizes_are_written() -> None:
    """A zoom writes in hundreds of sizes, and each font takes 300 KiB."""
    first = letters.glyph.__wrapped__("x", "sans", 10.0, 0)
    for size in range(2 * lettering.KEPT):
        letters.glyph.__wrapped__("x", "sans", 10 + size / 8, 0)
    assert lettering.font.cache_info().currsize <= 32
    again = letters.glyph.__wrapped__("x", "sans", 10.0, 0)  # its font is opened once more
    assert np.array_equal(first.cover, again.cover) and first[1:] == again[1:]


def test_letters_stand_where_the_whole_line_would() -> None:
    for text in ("Agility, AVATAR", "+0.490 = w·x", "i → j"):
        expected = [lettering.width(text[:end], 1.0, "sans") for end in range(len(text))]
        assert letters.pens(text, "sans") == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("width", [1.0, 2.0, 5.0])
@pytest.mark.parametrize("way", [(0, 400), (400, 0), (300, 260)])
def test_a_stroke_is_as_wide_as_it_says(width, way) -> None:
    line = Line(((700, 300), (700 + way[0], 300 + way[1])), WHITE, width)
    ground = Raster((1920, 1080)).paint(shown()).luma.astype(float)
    luma = Raster((1920, 1080)).paint(shown(line)).luma.astype(float)
    area = (luma - ground).sum() / (235 - ground.min())
    assert area == pytest.approx(float(np.hypot(*way)) * width, rel=0.16)


def test_a_slow_move_moves_the_light_evenly() -> None:
    """The centre of a card's light follows it to a quarter of a pixel, though the canvas has whole ones."""
    centres = []
    for i in range(9):
        card = replace(a_card((400 + i / 4, 500), np.ones((2, 2))), shadow=False, depth=(0.0, 0.0))
        light = Raster((1920, 1080)).paint(shown(card)).luma.astype(float)
        light -= light[0, 0]
        centres.append((light.sum(axis=0) * np.arange(1920)).sum() / light.sum())
    assert np.diff(centres) == pytest.approx(np.full(8, 0.25), abs=0.06)


# -- odd cases ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    [
        Text("", (500, 500), 30, WHITE),
        Text("   ", (500, 500), 30, WHITE),
        Text("far away", (-9000, 500), 30, WHITE),
        Line(((500, 500),), WHITE),
        Line(((-900, -900), (-800, -900)), WHITE, glow=1.0),
        Polygon(((1, 1), (5, 5)), WHITE),
        Panel((500, 500, 500, 700), WHITE),
        Panel((5000, 500, 5100, 700), WHITE, 20),
        replace(a_card(), opacity=0.0),
        replace(a_card(), origins=(), layers=()),
        replace(a_card(), across=(0.0, 0.0)),
        replace(a_card(), across=(0.0, 200.0)),
        replace(a_card((9000, 500)), glow=1.0),
        replace(a_card(), cells=Cells(np.zeros((1, 0, 4)))),
    ],
)
def test_nothing_to_see_paints_nothing(part) -> None:
    ground = planes(Raster(SMALL).paint(shown()))
    assert planes(Raster(SMALL).paint(DisplayList(SIZE, DARK, (part,)))) == ground


def test_what_is_larger_than_the_canvas_is_cut_and_costs_no_more_memory() -> None:
    card = replace(a_card((-40000, 30000)), across=(90000.0, -30000.0), down=(0.0, 60000.0))
    panel = Panel((-1e5, -1e5, 1e5, 1e5), (60, 70, 80), 30)
    line = Line(((-1e5, -1e5), (1e5, 1e5)), WHITE, 30, glow=1.0)
    picture = still(shown(panel, card, line), SMALL)
    assert picture.shape == (270, 480, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 3
    assert (still(shown(panel, on_its_way(card, 1.2), line), SMALL) == picture).all()
    for across, down in (
        ((90000.0, -30000.0), (0.0, 2.0)),
        ((0.0, 0.0), (0.0, 300.0)),
        ((9.0, 0.0), (0.0, 1e5)),
    ):
        odd = on_its_way(replace(a_card((-40000, 500)), across=across, down=down), 0.001)
        assert still(shown(odd), SMALL).shape == (270, 480, 3)


@pytest.mark.parametrize("size", [(0, 0), (321, 180), (320, 181), (-2, 2)])
def test_odd_sizes_are_refused(size) -> None:
    with pytest.raises(ValueError, match="even"):
        Raster(size)


def test_a_frame_has_the_three_planes() -> None:
    frame = Raster((640, 360)).paint(shown(a_card()))
    assert frame.luma.shape == (360, 640)
    assert frame.cb.shape == frame.cr.shape == (180, 320)
    assert frame.luma.dtype == frame.cb.dtype == np.uint8
    assert len(frame.i420()) == 640 * 360 * 3 // 2
    assert frame.rgb().shape == (360, 640, 3)


def test_the_store_forgets_the_oldest() -> None:
    store: Store[NDArray[np.uint8]] = Store(1000)
    for key in range(30):
        store.get(key, lambda: np.zeros(100, np.uint8))
        store.get(0, lambda: np.ones(100, np.uint8))
    assert store.used_bytes <= 1000
    assert store.get(0, lambda: np.ones(100, np.uint8)).sum() == 0, "what is used again and again was dropped"
    assert store.get(5, lambda: np.ones(100, np.uint8)).sum() == 100, "what is not used was kept"


# -- long straight lines -----------------------------------------------------------------------------------

FINE = 8  # sub-pixels along each axis
ENDS = st.tuples(st.floats(-30, 150), st.floats(-30, 100))


def covered(start: Point, end: Point, width: float, size: tuple[int, int]) -> NDArray[np.float64]:
    """How much of each pixel (H, W) lies within half a width of a segment, by counting sub-pixels."""
    places = [(np.arange(count * FINE) + 0.5) / FINE for count in size]
    x, y = np.meshgrid(*places)
    way = np.subtract(end, start)
    share = ((x - start[0]) * way[0] + (y - start[1]) * way[1]) / max(float(way @ way), 1e-9)
    share = np.clip(share, 0, 1)
    near = np.hypot(x - start[0] - share * way[0], y - start[1] - share * way[1]) <= width / 2
    return near.reshape(size[1], FINE, size[0], FINE).mean(axis=(1, 3))


def a_stroke(start: Point, end: Point, width: float, size: tuple[int, int]) -> Stroke:
    return Stroke((start, end), width, (0, 0, *size), WHITE, 1.0)


def strand_of(stamp: Stamp) -> Strand:
    assert isinstance(stamp.sprite, Strand)
    return stamp.sprite


@settings(max_examples=60, deadline=None, derandomize=True)
@given(ENDS, ENDS, st.floats(1, 9))
def test_a_long_line_covers_what_is_near_it(start: Point, end: Point, width: float) -> None:
    size = (120, 70)
    (stamp,) = Strands(size).stamps([a_stroke(start, end, width, size)])
    strand, dense = strand_of(stamp), np.zeros(size[1] * size[0])
    assert len(set(strand.places.tolist())) == len(strand.keep)
    dense[strand.places] = 1 - strand.keep / 256
    dense = dense.reshape(size[::-1])
    expected = covered(start, end, width, size)
    if np.hypot(*np.subtract(end, start)) > width:
        assert np.abs(dense - expected).max() < 0.26  # at the round ends
        assert np.abs(dense - expected).sum() < 0.06 * expected.sum() + 1


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.lists(st.tuples(ENDS, ENDS, st.floats(0.2, 9)), min_size=1, max_size=40))
def test_lines_made_together_or_once_fainter_are_those_made_one_by_one(
    lines: list[tuple[Point, Point, float]],
) -> None:
    canvas = (150, 90)
    frames = [(3 * k, 5 - k, 3 * k + 120, 75 - k) for k in range(len(lines))]
    strokes = [
        a_stroke(*line, (120, 70))._replace(frame=frame) for line, frame in zip(lines, frames, strict=True)
    ]
    strands = Strands(canvas)
    strands.stamps([stroke._replace(opacity=0.4) for stroke in strokes[::2]])
    for stroke, stamp in zip(strokes, strands.stamps(strokes), strict=True):
        (alone,) = Strands(canvas).stamps([stroke])
        assert stamp.rect == alone.rect
        for name in ("places", "paint", "keep"):
            assert np.array_equal(getattr(stamp.sprite, name), getattr(alone.sprite, name))


@pytest.mark.parametrize("sigma", [6.12, 12.0])
@pytest.mark.parametrize("width", [1.2, 3.5, 40.0])
def test_a_glow_is_the_shape_blurred(width: float, sigma: float) -> None:
    cover = shapes.arrow([(80.0, 96.5), (201.3, 150.0)], width, 2 * width, (303, 237))
    exact = cv2.GaussianBlur(cover.astype(np.float64), (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    exact *= 255 / exact.max()
    assert np.abs(shapes.halo(cover, sigma) - exact).max() < 5


def test_a_line_thinner_than_a_pixel_is_as_faint_as_it_is_thin() -> None:
    for width in (0.2, 0.5, 0.9):
        (stamp,) = Strands((100, 40)).stamps([a_stroke((10.5, 20.5), (90.5, 20.5), width, (100, 40))])
        strand = strand_of(stamp)
        columns = strand.places % 100
        amount = (1 - strand.keep[(columns > 12) & (columns < 88)] / 256).sum() / 75
        assert amount == pytest.approx(width, abs=0.02)


@pytest.mark.parametrize("end", [(1500, 300), (1400, 900), (310, 1000)])
def test_long_and_short_lines_look_alike(end: Point) -> None:
    """The same line, and the same one in pieces too short to be painted pixel by pixel."""
    start = (300.0, 290.0)
    marks = np.linspace(start, end, 60)
    line = Line((start, end), WHITE, 6.0)
    pieces = [Line((tuple(a), tuple(b)), WHITE, 6.0) for a, b in pairwise(marks)]
    long, short = (Raster((960, 540)).paint(shown(*parts)).full[0].astype(int) for parts in ([line], pieces))
    assert np.abs(long - short).max() < 90  # of 205, where pieces meet
    assert long.sum() - short.sum() == pytest.approx(0, abs=0.002 * long.sum())
