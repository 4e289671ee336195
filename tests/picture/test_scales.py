"""What is measured off the stage is right: places on a curve, lengths of bars, numbers of rows, sizes of means."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from mnistviz.picture.compose import AT_REST, compose, scales_in_view, tableau_at
from mnistviz.picture.display import Panel, Polygon, Text
from mnistviz.picture.drawings import drawing
from mnistviz.picture.layout import look
from mnistviz.picture.stage.ranges import range_line
from mnistviz.picture.stage.studio import studio_of
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.picture.theme import TRUTHS, colour_table
from mnistviz.picture.wording import text_of
from mnistviz.story.default import default_storyboard
from mnistviz.story.storyboard import Shot
from mnistviz.story.timeline import schedule
from mnistviz.trace.recording.recorder import record
from tests.picture.exercises import exercise
from tests.picture.test_films import film

LOOK = look((1920, 1080))
SHORTEST_BAR = 4.0  # design units


def at_rest(name: str, kind: str) -> Tableau:
    """The rest of the first shot of a kind, in an exercise or in the built-in scene."""
    timeline = film(name) if name == "mnist_mlp" else exercise(name)
    place = next(place for place, clip in enumerate(timeline.clips) if clip.shot.drawing == kind)
    clip = timeline.clips[place]
    return tableau_at(timeline, place, Fraction(clip.rest_start - clip.start), LOOK, AT_REST)


def test_each_value_is_at_its_place_on_the_curve() -> None:
    xs = np.array([[-4.0], [-1.0], [0.5], [3.0]])
    trace = record(lambda x: 1 / (1 + np.exp(-x)), xs)
    shot = Shot("", "curve", "Words.", tuple(range(len(trace))))
    tableau = drawing("curve")(studio_of(default_storyboard(trace), LOOK), shot, 1.0)
    labels = [part for part in tableau.under if isinstance(part, Text)]
    low, high = sorted((text for text in labels if text.anchor in ("ls", "rs")), key=lambda text: text.at[0])
    levels = [(float(text.text), text.at[1]) for text in labels if text.anchor == "rm"]
    (y0, at0), (y1, at1) = levels[0], levels[-1]
    *dots, standing = (part for part in tableau.marks if isinstance(part, Polygon))
    assert len(dots) == 4 and y0 != y1
    told = dots[-1]  # of the largest result
    np.testing.assert_allclose(np.mean(standing.points, axis=0), np.mean(told.points, axis=0))
    for x, dot in zip(xs.ravel(), dots, strict=True):
        across, down = (np.mean([point[axis] for point in dot.points]) for axis in (0, 1))
        share = (x - float(low.text)) / (float(high.text) - float(low.text))
        assert across == pytest.approx(
            low.at[0] + share * (high.at[0] - low.at[0]), abs=3
        )  # ends are rounded
        assert down == pytest.approx(at0 + (1 / (1 + np.exp(-x)) - y0) / (y1 - y0) * (at1 - at0), abs=0.01)


def test_bars_are_as_long_as_their_numbers() -> None:
    tableau = at_rest("mnist_mlp", "repeat")
    bars = [part.box for part in tableau.marks if isinstance(part, Panel) and part.name == "bars"]
    texts = [part for part in tableau.marks if isinstance(part, Text)]
    values = [float(text.counted) for text in texts if text.counted]
    ones = [text.at[0] for text in texts if text.text in ("0", "1") and text.anchor == "ms"]
    for (left, _, right, _), value in zip(bars, values, strict=True):
        wish = value * (ones[1] - ones[0])
        if wish > SHORTEST_BAR:  # shorter ones are as long as can be seen
            assert right - left == pytest.approx(wish, rel=0.02)


@pytest.mark.parametrize(
    ("name", "kind"), [("mnist_mlp", "repeat"), ("right", "verdict"), ("right", "argmin")]
)
def test_rows_are_numbered_from_the_top(name: str, kind: str) -> None:
    marks = [part for part in at_rest(name, kind).marks if isinstance(part, Text)]
    texts = [text for text in marks if (text.face, text.anchor) == ("mono-bold", "rm")]
    columns: dict[float, list[Text]] = {}
    for text in texts:
        columns.setdefault(round(text.at[0]), []).append(text)
    for column in columns.values():
        shown = [text.text for text in sorted(column, key=lambda text: text.at[1])]
        assert shown == [str(row) for row in range(len(column))]
    assert columns


def test_means_say_how_many_there_are() -> None:
    for card in at_rest("large", "multiply").cards:
        _, rows, columns = card.cells.values.shape
        assert card.note == f"means, drawn as {rows}×{columns}"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_yes_and_no_are_not_numbers(theme: str) -> None:
    """Of a comparison nothing on the stage, in the inspector or the legend is 0 or 1."""
    seen = look((1920, 1080), theme)
    board = default_storyboard(record(lambda a, b: (a != b, np.any(a > b)), np.arange(4.0), np.ones(4)))
    timeline = schedule(board, "story", None, None)
    place = next(place for place, clip in enumerate(timeline.clips) if clip.shot.drawing == "not_equal")
    moment = compose(timeline, Fraction(timeline.clips[place].leave_start, 10), seen)
    texts = [part for part in moment.display.primitives if isinstance(part, Text)]
    legend = [text.text for text in texts if text.owner == "legend"][-2:]
    assert legend == ["false", "true"]
    mask = tableau_at(timeline, place, Fraction(10_000), seen, AT_REST).cards[-1]
    assert mask.numbers == ("true", "false", "true", "true")
    assert range_line(mask) == "4   false … true"
    ends = colour_table(seen.theme.coloured(mask.colours).table)[[0, -1]].tolist()
    assert [tuple(one) for one in ends] == list(TRUTHS[seen.theme.coloured(mask.colours).table])


def marked(a: Any, b: Any) -> Any:
    both = (a > 1) & (b > 0)
    b[1:] += 3 * both[1:]
    return b


def test_masks_meet_cell_by_cell_and_of_what_is_written_the_cell_that_changes_most_is_told() -> None:
    board = default_storyboard(record(marked, np.arange(4.0), np.array([0.0, 0.5, 0.5, -1.0])))
    timeline = schedule(board, "story", None, None)
    places = {clip.shot.drawing: place for place, clip in enumerate(timeline.clips)}
    last = {
        name: [
            text_of(one)
            for one in tableau_at(timeline, place, Fraction(10_000), LOOK, AT_REST).inspector.sentences
        ]
        for name, place in places.items()
        if name in ("logical_and", "setitem")
    }
    assert last["logical_and"][-2:] == ["= true and true", "= true"]
    assert last["setitem"][-2:] == ["before  +0.500", "b[2] = +3.50"]


def test_cells_that_are_no_numbers_show_their_words() -> None:
    timeline = exercise("name")
    studio = studio_of(timeline.storyboard, LOOK)
    shown = [
        card for clip in timeline.clips for card in drawing(clip.shot.drawing)(studio, clip.shot, 1.0).cards
    ]
    cards = {card.name: card for card in shown if card.holds}
    assert {card.holds for card in cards.values()} == {"texts", "text", "dates", "span", "records"}
    assert cards["table"].numbers == ("bee", "ant", "cow", "an albatr…")
    assert cards["table"].exact[3] == "an albatross of a name"
    assert cards["days"].numbers == ("2024-02-28", "2024-03-01")
    assert cards["best"].numbers == ("bee",)
    for card in cards.values():
        assert card.shows is None and not scales_in_view((card,)) and card.note == ""
        assert np.isfinite(card.cells.values).all()
