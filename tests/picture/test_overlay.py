from __future__ import annotations

import ast
from dataclasses import replace
from fractions import Fraction
from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistviz.picture.contrast import contrast, legible
from mnistviz.picture.display import Box, Colour, ColourScale, DisplayList, Matrix, Panel, Primitive, Text
from mnistviz.picture.frame import overlay, source_panel
from mnistviz.picture.frame.source_rows import rows_of
from mnistviz.picture.layout import Look, look
from mnistviz.picture.stage.tableau import Bar, Counter, Curve, Inspector, Plot
from mnistviz.story.sentence import Cell, Code, Name, Number, Quantity, Sentence, line
from mnistviz.story.timeline import Clip, Timeline
from mnistviz.trace.model import Span
from tests.picture import lint, lint_pixels
from tests.picture.told import TAUGHT, told

ZERO = Quantity("zero")
SIZES = ((1920, 1080), (1280, 720), (1080, 1080), (1440, 1080), (1080, 1920), (2560, 1080))
SCALES = (ColourScale("signed", -0.49, 0.49), ColourScale("level", 0.0, 1.0))
CAPTION = (
    "Each hidden neuron has its own 28×28 layer of weights. Multiply it by the image, add everything up: "
    "784 pixels become one number."
)
NOTE = "the textbook would use the weights from before the step."
PLOT = Plot(
    (0, 784),
    (-1.8, 1.2),
    (Curve((0, 300, 784), (0, 1.1, -1.78), "image"),),
    (784, -1.78),
    True,
    caption="sum",
)
BARS = Plot(
    (-0.3, 0.5),
    (0, 1),
    (),
    bars=(Bar("pixel 405", Number(0.48, ZERO), "image"), Bar("pixel 12", Number(-0.29, ZERO), "")),
)
INSPECTOR = Inspector(
    "Neuron 7 of 20",
    (
        line(Code("hidden_pre_sigmoid_20x1[7] = b[7] + Σ W[7,j]·x[j]"), tone="formula"),
        line(Code("  = +0.00340 - 1.78"), tone="working"),
        line(Code("  = -1.78"), tone="result"),
    ),
    PLOT,
    Counter("multiplications so far", Number(23336, Quantity("multiplications"), "count")),
)
EVERY_LOOK = [look(size, theme) for size in SIZES for theme in ("dark", "light")]


@pytest.fixture(scope="module")
def film() -> Timeline:
    return told()


def lit_of(film: Timeline, clip: Clip) -> Span:
    return film.storyboard.operation(clip.shot.subject[0]).source.expression


def around(film: Timeline, clip: Clip, looked: Look, progress: float = 1.0) -> DisplayList:
    """A whole frame without a stage."""
    accents = tuple(zip(("image_784x1", "image", "hidden_neurons_20x1"), looked.theme.accents, strict=False))
    parts = (
        *overlay.title_strip(film, clip, looked),
        *overlay.source_panel(film, clip, lit_of(film, clip), accents, looked, progress),
        *overlay.inspector_panel(INSPECTOR, accents, looked),
        *overlay.caption_panel(CAPTION, "", looked),
        *overlay.chapter_bar(film, Fraction(clip.start), looked),
        *overlay.legend(SCALES, looked),
    )
    return DisplayList.of(looked.regions.size, looked.theme.background, parts, looked.theme.shadow)


def texts(parts: tuple[Primitive, ...]) -> list[Text]:
    return [part for part in parts if isinstance(part, Text)]


@pytest.mark.parametrize("place", range(len(SIZES) * 2))
def test_the_frame_is_clean_in_every_shape_and_theme(film: Timeline, place: int) -> None:
    looked = EVERY_LOOK[place]
    size = SIZES[place // 2]
    half = (size[0] // 2, size[1] // 2)
    for clip in film.clips[place % 2 :: 5]:
        assert [str(fault) for fault in lint_pixels.faults(around(film, clip, looked), half)] == []


def test_regions_are_kept(film: Timeline) -> None:
    for looked in EVERY_LOOK:
        regions = looked.regions
        clip = film.clips[3]
        for box, parts in (
            (regions.title, overlay.title_strip(film, clip, looked)),
            (regions.source, overlay.source_panel(film, clip, None, (), looked)),
            (regions.inspector, overlay.inspector_panel(INSPECTOR, (), looked)),
            (regions.caption, overlay.caption_panel(CAPTION, NOTE, looked)),
            (regions.stage, overlay.legend(SCALES, looked)),
            (regions.bar, overlay.chapter_bar(film, Fraction(0), looked)),
        ):
            for part in parts:
                assert _within(lint.extent(part), box), part


def _within(inner: Box | None, outer: Box) -> bool:
    slack = 5.0  # the bar's mark stands over at both ends
    return inner is None or (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[2] <= outer[2] + slack
        and inner[3] <= outer[3] + slack
    )


def test_what_rests_is_the_very_same_tuple(film: Timeline) -> None:
    looked = look((1920, 1080))
    clip = film.clips[2]
    for make in (
        lambda: overlay.title_strip(film, clip, looked),
        lambda: overlay.source_panel(film, clip, lit_of(film, clip), (("x", (1, 2, 3)),), looked),
        lambda: overlay.inspector_panel(INSPECTOR, (), looked),
        lambda: overlay.caption_panel(CAPTION, NOTE, looked),
        lambda: overlay.legend(SCALES, looked),
        lambda: overlay.chapter_bar(film, Fraction(clip.start), looked),
    ):
        assert make() is make()


# ---- title ----------------------------------------------------------------------------------------


def test_title_says_chapter_phase_and_step(film: Timeline) -> None:
    looked = look((1920, 1080))
    clip = film.clips[2]
    heading, phase, step = texts(overlay.title_strip(film, clip, looked))
    assert heading.text == "2 / 6 · Chapter 2"
    assert (phase.text, phase.colour) == ("ERROR", looked.theme.phase("error"))
    assert step.text == "step 1 of 3  ·  operation 2"


# ---- source ---------------------------------------------------------------------------------------


def lines_shown(parts: tuple[Primitive, ...], left: float) -> dict[int, str]:
    """Line number -> the code beside it, put together from where its pieces stand."""
    rows: dict[float, list[Text]] = {}
    for text in texts(parts):
        rows.setdefault(round(text.at[1], 3), []).append(text)
    found = {}
    for row in rows.values():
        numbers = [text for text in row if text.anchor == "rs"]
        if not numbers:
            continue
        line = ""
        for text in sorted((text for text in row if text.anchor == "ls"), key=lambda text: text.at[0]):
            column = round((text.at[0] - left) / (text.size * 1233 / 2048))
            line = line.ljust(column) + text.text
        found[int(numbers[0].text)] = line
    return found


def first_column(parts: tuple[Primitive, ...]) -> float:
    return next(text for text in texts(parts) if text.anchor == "rs").at[0] + 14


@pytest.mark.parametrize("size", SIZES[:1] + SIZES[4:])
def test_real_lines_with_their_real_numbers(film: Timeline, size: tuple[int, int]) -> None:
    looked = look(size)
    real = TAUGHT.splitlines()
    for clip in film.clips:
        parts = overlay.source_panel(film, clip, lit_of(film, clip), (), looked)
        shown = lines_shown(parts, first_column(parts))
        assert all(real[number - 1] == line for number, line in shown.items())
        assert [b - a for a, b in pairwise(sorted(shown))] == [1] * (len(shown) - 1)
        statement = film.storyboard.operation(clip.shot.subject[0]).source.statement
        assert {*range(statement.first_line, statement.last_line + 1)} <= shown.keys()
    assert any(text.text.startswith("network.py") for text in texts(parts))


def test_the_sub_expression_is_lit_exactly(film: Timeline) -> None:
    looked = look((1920, 1080))
    for clip in film.clips:
        lit = lit_of(film, clip)
        parts = overlay.source_panel(film, clip, lit, (), looked)
        bright = [p for p in parts if isinstance(p, Panel) and p.fill == looked.theme.lit_part]
        text, left = texts(parts)[1], first_column(parts)
        advance = text.size * 1233 / 2048
        pieces = []
        for panel in bright:
            start, end = (round((x - left) / advance) for x in (panel.box[0] + 3, panel.box[2] - 3))
            row = next(t for t in texts(parts) if t.anchor == "rs" and panel.box[1] < t.at[1] < panel.box[3])
            pieces.append(TAUGHT.splitlines()[int(row.text) - 1][start:end])
        if lit == film.storyboard.operation(clip.shot.subject[0]).source.statement:
            continue
        wish = film.storyboard.operation(clip.shot.subject[0]).expression
        assert ast.unparse(ast.parse("(" + " ".join(pieces) + ")", mode="eval")) == wish


def test_variables_of_the_statement_have_the_colours_of_their_cards(film: Timeline) -> None:
    looked = look((1920, 1080))
    orange: Colour = (255, 166, 87)
    clip = film.clips[0]
    parts = overlay.source_panel(film, clip, None, (("image_784x1", orange),), looked)
    found = [text for text in texts(parts) if "image_784x1" in text.text]
    statement = film.storyboard.operation(0).source.statement
    numbers = {round(text.at[1], 3): int(text.text) for text in texts(parts) if text.anchor == "rs"}
    assert len(found) == 2, "the parameter, and its use"
    for text in found:
        running = statement.first_line <= numbers[round(text.at[1], 3)] <= statement.last_line
        assert (text.colour == orange and text.text == "image_784x1") is running


def test_it_scrolls_from_where_it_was_to_where_it_will_be(film: Timeline) -> None:
    looked = look((1920, 1080))
    moved = 0
    for before, clip in pairwise(film.clips):
        rest = overlay.source_panel(film, before, None, (), looked)
        start = overlay.source_panel(film, clip, None, (), looked, 0.0)
        end = overlay.source_panel(film, clip, None, (), looked, 1.0)
        rows = len(lines_shown(end, 0))
        top, old = min(lines_shown(end, 0)), min(lines_shown(rest, 0))
        assert min(lines_shown(start, 0)) == top + max(-rows, min(rows, old - top)), (
            "never further than a panel"
        )
        moved += lines_shown(start, 0).keys() != lines_shown(end, 0).keys()
        for progress in (0.2, 0.5, 0.8):
            between = overlay.source_panel(film, clip, None, (), looked, progress)
            assert all(_within(lint.extent(part), looked.regions.source) for part in between)
            assert lint.text_over_text(DisplayList.of((1920, 1080), (0, 0, 0), between)) == []
    assert moved


LONG = (
    '"""A file of a real program.\n\nIt has a docstring of\nseveral lines, which are not\nneeded while it runs.\n"""\n\n'
    "# ------------------------------\n# A banner\n# of so many\n# lines that\n# it is folded\n\n\n"
    "def f(a, b):\n        total = " + " + ".join(f"first_{n}(a, b)" for n in range(12)) + " * second(b)\n"
)


def test_long_lines_are_wrapped_at_syntax_and_all_of_them_is_seen() -> None:
    film = told(LONG)
    for looked in (look((1920, 1080)), look((1080, 1080))):
        for clip in film.clips:
            lit = lit_of(film, clip)
            parts = overlay.source_panel(film, clip, lit, (), looked)
            assert all(_within(lint.extent(part), looked.regions.source) for part in parts)
            words = "".join(text.text for text in texts(parts)).replace(" ", "")
            assert LONG.splitlines()[-1].replace(" ", "") in words
            assert any(isinstance(p, Panel) and p.fill == looked.theme.lit_part for p in parts)


def test_rows_break_outside_of_brackets_and_hang_deeper() -> None:
    lines = tuple(LONG.splitlines())
    rows = [row for row in rows_of(lines, 54).rows if row.line == len(lines)]
    pieces = [lines[-1][row.start : row.end].strip() for row in rows]
    assert " ".join(pieces) == lines[-1].strip()
    assert all(piece.count("(") == piece.count(")") for piece in pieces)
    assert [row.column for row in rows] == [8] + [12] * (len(rows) - 1)
    assert all(row.column + row.end - row.start <= 54 for row in rows)


def test_docstrings_and_banners_are_folded_where_a_file_is_too_wide() -> None:
    lines = tuple(LONG.splitlines())
    rows = rows_of(lines, 54)
    assert [row.line for row in rows.rows if row.folded] == [1, 8]
    assert (rows.first(4), rows.first(6), rows.first(11)) == (1, 1, 3)
    assert [row.line for row in rows_of(lines[:-1], 54).rows] == list(range(1, len(lines))), "it fits"


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=90), max_size=60
    ),
    st.sampled_from(EVERY_LOOK),
)
def test_any_file_can_be_shown(comments: list[str], looked: Look) -> None:
    body = "".join(f"    # {line}\n" for line in comments)
    film = told(f"def f(x):\n{body}\ty = 1 + x\n".replace("\ty", "    y"))
    parts = overlay.source_panel(film, film.clips[0], lit_of(film, film.clips[0]), (), looked)
    shown = [p for p in parts if isinstance(p, Panel) and p.fill == looked.theme.lit_line]
    assert len(shown) == 1, "the statement is in view"
    assert max(part.box[3] for part in shown) <= looked.regions.source[3]


def test_tabs_are_as_wide_as_they_look() -> None:
    film = told("def f(x):\n\ty = 1 + abs(\tx)\n")
    looked = look((1920, 1080))
    parts = overlay.source_panel(film, film.clips[0], lit_of(film, film.clips[0]), (), looked)
    assert lines_shown(parts, first_column(parts))[2] == "    y = 1 + abs(    x)"


def test_says_when_there_is_no_source(film: Timeline) -> None:
    trace = replace(film.storyboard.trace, sources=())
    bare = Timeline(replace(film.storyboard, trace=trace), film.clips)
    parts = overlay.source_panel(bare, film.clips[0], None, (), look((1920, 1080)))
    assert [text.text for text in texts(parts)] == ["The source of this step was not recorded."]
    silent = replace(film.clips[0], shot=replace(film.clips[0].shot, subject=()))
    assert texts(overlay.source_panel(film, silent, None, (), look((1920, 1080)))) == []


# ---- inspector ------------------------------------------------------------------------------------


def test_an_empty_inspector_is_an_empty_panel() -> None:
    (panel,) = overlay.inspector_panel(Inspector(), (), look((1920, 1080)))
    assert isinstance(panel, Panel)


def test_everything_that_is_said_is_there() -> None:
    for looked in EVERY_LOOK[:4]:
        parts = overlay.inspector_panel(INSPECTOR, (), looked)
        words = [text.text for text in texts(parts)]
        for wish in ("Neuron 7 of 20", "= -1.78", "multiplications so far", "23,336", "784", "-1.8", "sum"):
            assert wish in words, wish


def test_words_are_made_smaller_before_they_are_cut() -> None:
    said = Inspector(
        "Weight", (line(Code("hidden_to_output_weights[9, 19]")), line(Code("after -1.85"), tone="result"))
    )
    for size in ((1920, 1080), (1080, 1080), (1080, 1920)):
        shown = "".join(text.text for text in texts(overlay.inspector_panel(said, (), look(size))))
        assert "hidden_to_output_weights[9, 19]" in shown
    longer = replace(said, sentences=(line("x" * 200),))
    assert "…" in "".join(
        text.text for text in texts(overlay.inspector_panel(longer, (), look((1080, 1080))))
    )


def test_a_long_chain_has_its_result_below_it_rather_than_small_letters() -> None:
    chained = Inspector("Weight", chain="(+1.11 +1.63 +0.0348) × 0.196 × 0.996 × -0.01 = -0.00540")
    factors, result = texts(overlay.inspector_panel(chained, (), look((1920, 1080))))[-2:]
    assert factors.text.endswith("-0.01") and result.text == "= -0.00540"
    assert factors.size == result.size >= 21


def test_names_have_the_colours_of_their_cards_and_bars_their_values() -> None:
    looked = look((1920, 1080))
    accents = (("hidden_pre_sigmoid_20x1", (1, 200, 1)), ("image", (255, 166, 87)))
    parts = overlay.inspector_panel(replace(INSPECTOR, plot=BARS), accents, looked)
    ground = looked.theme.panel
    named = {text.text: text.colour for text in texts(parts)}
    assert named["hidden_pre_sigmoid_20x1"] == legible((1, 200, 1), ground)
    assert named["+0.480"] == legible((255, 166, 87), ground)
    lengths = sorted(p.box[2] - p.box[0] for p in parts if isinstance(p, Panel) and not p.name)
    assert lengths[1] / lengths[0] == pytest.approx(0.48 / 0.29)


def test_each_name_has_the_colour_of_its_own_array() -> None:
    looked = look((1920, 1080))
    colours = {
        "hidden_20x1": (1, 200, 1),
        "image_784x1": (255, 166, 87),
        "w": (90, 90, 255),
        "w.T": (250, 90, 200),
    }
    said = line(
        Name("hidden", "hidden_20x1", Cell(1, 3), "[3]"), " + ", Name("image", "image_784x1", 2), " w ",
        Name("w.T", "w.T", 3), " ", Code("w * image_784x1"), tone="formula",
    )  # fmt: skip
    parts = texts(overlay.inspector_panel(Inspector("", (said,)), tuple(colours.items()), looked))
    shown = [(text.text, text.colour) for text in parts]
    ink, ground = looked.theme.ink, looked.theme.panel
    wish = [
        ("hidden", colours["hidden_20x1"]), ("[3] +", ink), ("image", colours["image_784x1"]), ("w", ink),
        ("w.T", colours["w.T"]), ("w", colours["w"]), ("*", ink), ("image_784x1", colours["image_784x1"]),
    ]  # fmt: skip
    assert shown == [(text, legible(colour, ground)) for text, colour in wish]


sentences = st.builds(
    Sentence,
    st.tuples(
        st.builds(Code, st.text(st.characters(codec="ascii", exclude_categories=("Cc",)), max_size=120))
    ),
    st.sampled_from(("formula", "working", "result", "plain", "faint")),
    st.booleans(),
)
numbers = st.floats(-1e6, 1e6)
plots = st.builds(
    Plot,
    st.tuples(numbers, numbers).map(sorted).map(tuple),
    st.tuples(numbers, numbers).map(sorted).map(tuple),
    st.lists(
        st.lists(st.tuples(numbers, st.floats()), max_size=9).map(
            lambda points: Curve(tuple(x for x, _ in points), tuple(y for _, y in points))
        ),
        max_size=3,
    ).map(tuple),
    st.none() | st.tuples(numbers, st.floats()),
    st.booleans(),
    st.lists(
        st.builds(Bar, st.text("abcde 0123", max_size=20), st.builds(Number, st.floats(), st.just(ZERO))),
        max_size=9,
    ).map(tuple),
    st.text("running sum", max_size=70),
    st.text("pixel", max_size=30),
    st.text("value", max_size=30),
)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        Inspector,
        st.text("A heading ", max_size=80),
        st.lists(sentences, max_size=9).map(tuple),
        st.none() | plots,
        st.none()
        | st.builds(
            Counter,
            st.text("counted so far", max_size=60),
            st.builds(Number, st.sampled_from((7, 23_336)), st.just(ZERO), st.just("count")),
        ),
    ),
    st.sampled_from(EVERY_LOOK),
)
def test_whatever_is_said_fits(said: Inspector, looked: Look) -> None:
    parts = overlay.inspector_panel(said, (), looked)
    display = DisplayList.of(looked.regions.size, looked.theme.background, parts, looked.theme.shadow)
    found = [*lint.text_over_text(display), *lint.outside(display), *lint.small_text(display)]
    assert [str(fault) for fault in found] == []
    assert all(_within(lint.extent(part), looked.regions.inspector) for part in parts)


# ---- caption --------------------------------------------------------------------------------------


def test_a_caption_is_whole_and_as_large_as_it_fits() -> None:
    looked = look((1920, 1080))
    short = texts(overlay.caption_panel("Look at the picture.", "", looked))
    long = texts(overlay.caption_panel(CAPTION, "", looked))
    assert {text.size for text in short} == {30.0}
    assert " ".join(text.text for text in long) == CAPTION
    assert 22 <= long[0].size < 30


def test_a_note_is_set_apart() -> None:
    for looked in EVERY_LOOK:
        caption, head, *note = texts(overlay.caption_panel("The error flows back.", NOTE, looked))
        assert (caption.text, head.text) == ("The error flows back.", "Teacher's note:")
        assert " ".join(text.text for text in note) == NOTE
        assert head.colour != caption.colour


@settings(max_examples=100, deadline=None)
@given(
    st.text("many words of a caption ", max_size=500),
    st.text("and of a note ", max_size=300),
    st.sampled_from(EVERY_LOOK),
)
def test_any_caption_stays_in_its_panel(caption: str, note: str, looked: Look) -> None:
    caption, note = " ".join(caption.split()[:90]), note.strip()
    if any(len(word) > 30 for word in (caption + " " + note).split()):
        return
    parts = overlay.caption_panel(caption, note, looked)
    display = DisplayList.of(looked.regions.size, looked.theme.background, parts, looked.theme.shadow)
    assert [*lint.outside(display), *lint.text_over_text(display), *lint.small_text(display)] == []


# ---- bar and legend -------------------------------------------------------------------------------


def test_the_bar_tells_what_was_and_what_comes(film: Timeline) -> None:
    looked = look((1920, 1080))
    bright = dict(looked.theme.phases).values()
    counts = []
    for ticks in (0, film.ticks // 2, film.ticks - 1):
        panels = overlay.chapter_bar(film, Fraction(ticks), looked)[:-1]
        counts.append(sum(isinstance(p, Panel) and p.fill in bright for p in panels))
    assert counts[0] == 0 and 0 < counts[1] < 6 and counts[2] == 6


def test_the_mark_moves_in_steps_and_ends_at_the_end(film: Timeline) -> None:
    looked = look((1920, 1080))
    places = []
    for sixth in range(film.ticks * 6):
        *_, mark = overlay.chapter_bar(film, Fraction(sixth, 6), looked)
        assert isinstance(mark, Panel)
        places.append((mark.box[0] + mark.box[2]) / 2)
    assert {place % 2 for place in places} == {0.0}
    assert places == sorted(places)
    left, _, right, _ = looked.regions.bar
    assert (places[0], places[-1]) == (left, right)
    stays = [len(list(run)) for _, run in groupby(places)]
    assert min(stays[1:-1]) >= 6 * overlay.MARK_TICKS - 1  # in sixths of a tick


def test_the_legend_names_its_limits_exactly() -> None:
    looked = look((1920, 1080))
    parts = overlay.legend((*SCALES, SCALES[0]), looked)
    assert [text.text for text in texts(parts)] == ["-0.490", "+0.490", "0", "0", "+1.00"]
    ramps = [part for part in parts if isinstance(part, Matrix)]
    assert [ramp.colours for ramp in ramps] == list(SCALES)
    for ramp in ramps:
        row = ramp.cells.values[0, 0]
        assert (row[0], row[-1]) == (ramp.colours.low, ramp.colours.high)
    box = overlay.legend_box(SCALES, looked)
    assert all(_within(lint.extent(part), box) for part in parts)
    assert overlay.legend((), looked) == ()


# ---- contrast -------------------------------------------------------------------------------------

colours = st.tuples(*[st.integers(0, 255)] * 3)


@given(colours, colours)
def test_legible_is_legible(colour: Colour, ground: Colour) -> None:
    made = legible(colour, ground)
    assert contrast(made, ground) >= min(
        4.5, max(contrast((0, 0, 0), ground), contrast((255, 255, 255), ground))
    )
    if contrast(colour, ground) >= 5:
        assert made == colour


def test_contrast_is_the_guidelines() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.005)


def test_a_form_feed_ends_no_line_of_the_source() -> None:
    """Only what ends a line for Python does: else every line after it would be another one than the one lit."""
    lines = ("a = 1\x0c", "# one\u2028line\x85", "b = a")
    shown = source_panel._coloured(lines, "github-dark", (0, 0, 0))
    assert [[run[1] for run in line] for line in shown] == [["a", "=", "1"], ["# one line"], ["b", "=", "a"]]
