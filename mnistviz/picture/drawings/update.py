"""An array changed in place: before, the change enlarged for view, after."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import CellMap, Cells, ColourScale, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.changes import (
    Update,
    enlarge_change,
    largest_size,
    scale_enlarged,
    span_of,
    update_of,
)
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.headings import announced, heading
from mnistviz.picture.drawings.layers import wall
from mnistviz.picture.drawings.order import Order, first_in_row, order_by_size, order_of_rows, told_one_by_one
from mnistviz.picture.drawings.props import (
    arriving,
    cell_at,
    cell_name,
    cell_number,
    centre,
    filled,
    filled_up_to,
    flying,
    indices,
    layer_of,
    short,
    shows_each_cell,
    working,
)
from mnistviz.picture.drawings.scaling import TURNS, Scaling, scaling_of, turning
from mnistviz.picture.easing import CellPace, eased, mix, mix_point, ramp
from mnistviz.picture.hashing import changed
from mnistviz.picture.numbers import signed, times
from mnistviz.picture.stage.arrange import Term, centred, equation, signs
from mnistviz.picture.stage.forms import Form, nice_limit
from mnistviz.picture.stage.ground import by_cards
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.picture.withheld import UNKNOWN
from mnistviz.story.sentence import Cell, Number, Part, Quantity, Rank, Sentence, Sign, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Span

# Of a layer's slow telling: until then it is after the update as it is, then as it is enlarged.
SEEN_FROM = 0.88
STRIP = (0.0, 612.0, 1240.0, 808.0)  # left, top, right, bottom
STRIP_LABEL = 106.0  # room for the label above it
TRIO_AT, TRIO_WIDE, TRIO_TOP, TRIO_END = (0.0, 440.0, 880.0), 280.0, 92.0, 484.0


@draws("update")
def draw_update(studio: Studio, shot: Shot, p: float) -> Tableau:
    """Before, change and after; on a deck, layer by layer."""
    update = update_of(studio.operations(shot))
    if update is None:
        return draw_any(studio, shot, p)
    form = studio.form(update.after.shape)
    if form.folded and 1 < form.layers <= 24:
        return _draw_deck(studio, shot, update, form, p)
    return _draw_plain(studio, shot, update, p)


def _draw_plain(studio: Studio, shot: Shot, update: Update, p: float) -> Tableau:
    terms = [Term(update.after, before=True), Term(update.after, "+"), Term(update.after, "=")]
    scaling = scaling_of(studio.operations(shot))
    if scaling is not None and p < TURNS[1]:
        return _draw_turning(studio, shot, update, scaling, p)
    before, middle, after = equation(studio, tuple(terms))
    change = _change_card(studio, update, middle, 0.0 if scaling is not None else _shrinking(p))
    before = changed(before, key=_aside(before, "before", p >= 1), name=f"{short(before.name)} before")
    after = changed(after, key=_aside(after, "after", p < 1), name=f"{short(after.name)} after")
    order = _order(shot, update)
    starts = 0.2 if scaling is None else TURNS[1]
    pace = order.pace(ramp(p, starts, 1.0), slow=0.34, few=2, brisk=0.2)
    cell = int(_told(order, update)[pace.cell]) if p < 1 else order.protagonist
    marks: list[Primitive] = list(signs(studio, (before, change, after), terms))
    if p > starts and shows_each_cell(before, change, after):
        before, change, after = (
            changed(card, lit=(cell_at(card, cell),)) for card in (before, change, after)
        )
        marks += _meeting(studio, before, change, after, cell, pace) if pace.flies and p < 1 else []
    shown = (
        before,
        change,
        changed(filled(after, order.done(pace.landed())), glow=0.5 if 0 < p < 1 else 0.0),
    )
    words = _words(studio, shot, update, cell, _claim(shot, update, cell, order))
    words = words if p >= starts else announced(words)
    return Tableau(shown, tuple(marks), inspector=words, lit=_lit(studio, shot, p))


def _draw_turning(studio: Studio, shot: Shot, update: Update, scaling: Scaling, p: float) -> Tableau:
    """What will be added is what was found, times a number: it comes, and turns into the change."""
    terms = (Term(update.after, before=True), Term(update.after), Term(update.after))
    before, middle, after = equation(studio, terms)
    found = changed(studio.card(scaling.array, middle.place), label=middle.label)
    change = _change_card(studio, update, middle, 0.0)
    turned, number = turning(studio, scaling, (found, change), p)
    before = changed(before, name=f"{short(before.name)} before")
    after = changed(
        filled_up_to(after, 0), key=_aside(after, "after", aside=True), name=f"{short(after.name)} after"
    )
    words = _turning_words(studio, shot, update, scaling, p)
    return Tableau((before, *turned, after), number, inspector=words, lit=_lit(studio, shot, p))


def _aside(card: Card, word: str, aside: bool) -> str:
    """The array itself is the card before the update until it is done, then the one after."""
    return f"{card.key}/{word}" if aside else card.key


def _shrinking(p: float) -> float:
    """How much of the adjustment is still there: it shrinks to the step that is really taken."""
    return 1 - eased(p, 0.02, 0.18)


def _lit(studio: Studio, shot: Shot, p: float) -> Span:
    operations = studio.operations(shot)
    if p < TURNS[1] and len(operations) > 1:
        return operations[-2].source.expression
    return operations[-1].source.expression


@lru_cache(maxsize=64)
def _change_card(studio: Studio, update: Update, middle: Card, shrinking: float) -> Card:
    """The change, enlarged; it comes in larger still and shrinks by the learn rate."""
    enlarged = update.change * update.gain
    limit = nice_limit(max(largest_size(np.asarray(update.after.value)), largest_size(enlarged)))
    scale = ColourScale("signed", -limit, limit)
    numbers = tuple(signed(float(x)) for x in update.change.ravel()) if middle.numbers else ()
    exact = tuple(map(float, update.change.ravel())) if numbers else ()
    grown = mix(1.0, 1.12, shrinking)
    place = changed(
        middle.place,
        across=(middle.place.across[0] * grown, middle.place.across[1] * grown),
        down=(middle.place.down[0] * grown, middle.place.down[1] * grown),
    )
    note = f"colours: change × {times(update.gain)} for view" if update.gain > 1 else ""
    return changed(
        middle, key=f"{_cause(update)}/change", name="change", cells=studio.laid_out(enlarged),
        shows=_enlarged(update, middle), colours=scale,
        place=place, numbers=numbers, exact=exact, note=note, span=span_of(update.change),
    )  # fmt: skip


def _enlarged(update: Update, card: Card) -> CellMap:
    """What a card of the change shows that is laid out like one of the array."""
    blocks = card.shows.blocks if card.shows is not None else None
    return changed(update.shows, factor=update.shows.factor * update.gain, blocks=blocks)


def _cause(update: Update) -> str:
    """The name of the array that the change is made from, for its colour."""
    return update.cause or update.after.name


def _meeting(
    studio: Studio, before: Card, change: Card, after: Card, cell: int, pace: CellPace
) -> list[Primitive]:
    x1, y1 = centre(change, cell)
    x2, y2 = centre(after, cell)
    middle = (mix(x1, x2, 0.62), mix(y1, y2, 0.62))
    if pace.q < 0.55:
        q = ramp(pace.q, 0.06, 0.55)
        return [
            flying(studio, before, cell, (middle[0] - 22, middle[1]), q, 26),
            flying(studio, change, cell, (middle[0] + 22, middle[1]), q, 26),
        ]
    return [arriving(studio, after, cell, middle, ramp(pace.q, 0.6, 0.95), 26)]


def _draw_deck(studio: Studio, shot: Shot, update: Update, form: Form, p: float) -> Tableau:
    """The strongest layer large, before and after; below it all layers, lit as they are done."""
    cells = _order(shot, update)
    order = order_of_rows(cells, form.layers)
    scaling = scaling_of(studio.operations(shot))
    if scaling is not None and p < TURNS[1]:
        return _draw_layer_turning(studio, shot, (update, form, order.protagonist), scaling, p)
    starts = 0.04 if scaling is None else TURNS[1]
    pace = order.pace(ramp(p, starts, 1.0), slow=0.46, few=2, brisk=0.2)
    layer = order.now(pace, p)
    q = pace.q if pace.slow and p < 1 else 1.0
    trio = list(_trio(studio, update, form, layer, seen=q >= SEEN_FROM))
    moving = _sliding(trio, q) if 0 < p < 1 and pace.slow else []
    if p == 0 or q < 0.72:
        trio[2] = changed(filled_up_to(trio[2], 0), note="")
    strip = _strip(studio, update, form, tuple(map(int, np.flatnonzero(order.done(pace.landed())))))
    cell = first_in_row(cells, layer, update.change)
    if p > 0:
        place = cell_at(trio[0], cell % (form.rows * form.columns))
        trio = [changed(card, lit=(place,)) for card in trio]
        aside = 0.4 * (eased(p, 0.01, 0.04) - eased(p, 0.96, 1.0))
        strip = changed(strip, lit=((layer, -1, -1),), dim=aside)
    words = _words(studio, shot, update, cell, _claim(shot, update, cell, cells))
    return Tableau(
        (*trio, strip, *moving),
        _trio_signs(studio),
        inspector=words if p > 0 else announced(words),
        lit=_lit(studio, shot, p),
    )


def _draw_layer_turning(
    studio: Studio, shot: Shot, of: tuple[Update, Form, int], scaling: Scaling, p: float
) -> Tableau:
    """One layer of what was found turns into its change; `of`: the update, the deck's form, and the layer."""
    update, form, layer = of
    before, change, after = _trio(studio, update, form, layer, seen=False)
    found = layer_of(studio.card(scaling.array, change.place), layer)
    found = changed(found, key=f"{found.key}/found", name=f"{short(found.name)}[{layer}]", label="below")
    turned, number = turning(studio, scaling, (found, change), p)
    after = changed(filled_up_to(after, 0), note="")
    shown = (before, *turned, after, _strip(studio, update, form, ()))
    words = _turning_words(studio, shot, update, scaling, p)
    return Tableau(shown, number, inspector=words, lit=_lit(studio, shot, p))


@lru_cache(maxsize=64)
def _trio(studio: Studio, update: Update, form: Form, layer: int, seen: bool) -> tuple[Card, ...]:
    """One layer before the update, its change enlarged for view, and the layer after it: as it is, or so `seen`."""
    single, top = Form(1, form.rows, form.columns, True), studio.above(TRIO_TOP)
    end = min(TRIO_END, STRIP[1] - studio.above(STRIP_LABEL))
    places = [centred(studio, single, (x, top, TRIO_WIDE, end - top)) for x in TRIO_AT]
    key = short(update.after.name)
    scale = scale_enlarged(studio, update)
    before, after = (
        changed(studio.card(update.after, place, before=old), colours=scale)
        for place, old in ((places[0], True), (places[2], False))
    )
    after = enlarge_change(studio, update, after) if seen else changed(after, note=update.unseen)
    note, before, after = after.note, layer_of(before, layer), layer_of(after, layer)
    span = span_of(update.after.value.reshape(form.layers, -1)[layer])
    whole = studio.card(update.after, places[1])
    enlarged = studio.laid_out(update.change * update.gain)
    change = changed(whole, cells=enlarged, shows=_enlarged(update, whole), colours=scale)
    change = layer_of(change, layer)
    return (
        changed(before, key=f"{before.key}/before", name=f"{key}[{layer}] before"),
        changed(change, key=f"{_cause(update)}/change", name="change",
                label="below" if studio.stretch == 1 else "above",  # where there is room beside the others
                note=f"colours: change × {times(update.gain)} for view" if update.gain > 1 else "",
                span=span_of(update.change.reshape(form.layers, -1)[layer])),
        changed(after, key=f"{after.key}/after", name=f"{key}[{layer}] after", note=note, span=span),
    )  # fmt: skip


@lru_cache(maxsize=64)
def _strip(studio: Studio, update: Update, form: Form, updated: tuple[int, ...]) -> Card:
    """All layers in two rows, those that are updated with their change as much enlarged as the change's own card."""
    strip = studio.card(update.after, wall(studio, form.layers, form, STRIP, 10))
    before = studio.cells(update.after, before=True).values
    done = np.isin(np.arange(form.layers), updated)[:, None, None]
    each = form.rows * form.columns
    old = tuple((layer * each, (layer + 1) * each) for layer in range(form.layers) if layer not in updated)
    if not updated:
        strip = changed(strip, cells=Cells(before), shows=strip.shows and changed(strip.shows, old=old))
        return changed(strip, colours=scale_enlarged(studio, update), note="")
    strip = changed(strip, shows=strip.shows and changed(strip.shows, old=old))
    seen = enlarge_change(studio, update, strip)
    after = studio.cells(update.after).values
    span = span_of(np.where(done, after, before))
    return changed(seen, cells=Cells(np.where(done, seen.cells.values, before)), span=span)


@lru_cache(maxsize=64)
def _order(shot: Shot, update: Update) -> Order:
    """The storyboard's order, or the largest changes first."""
    return order_by_size(shot.order, update.change)


@lru_cache(maxsize=4)
def _told(order: Order, update: Update) -> NDArray[np.intp]:
    return told_one_by_one(order, update.change)


def _claim(shot: Shot, update: Update, cell: int, order: Order) -> Rank | None:
    """That this change is the largest of all, where the order is by size."""
    if shot.order or cell != order.protagonist or order.count < 2:
        return None
    return Rank("Largest change: ", "largest by size", Quantity("change", (Cell(update.after.id, cell),)))


def _sliding(trio: list[Card], q: float) -> list[Card]:
    """Copies of before and change slide to where after appears."""
    target = trio[2].place.at
    shown = []
    for card, start, end in ((trio[0], 0.05, 0.38), (trio[1], 0.4, 0.72)):
        if start <= q < 0.76:
            at = mix_point(card.place.at, target, eased(q, start, end))
            shown.append(
                changed(card, key=f"{card.key}/ghost", place=changed(card.place, at=at), label="none", opacity=0.8,
                        index_mark=False)
            )  # fmt: skip
    return shown


def _trio_signs(studio: Studio) -> tuple[Text, ...]:
    return tuple(
        Text(
            sign,
            studio.at(x, 302),
            studio.letters(46),
            by_cards(studio.theme.soft, studio.theme),
            "sans",
            "mm",
        )
        for sign, x in (("+", 370), ("=", 810))
    )


def _turning_words(studio: Studio, shot: Shot, update: Update, scaling: Scaling, p: float) -> Inspector:
    """What was found for the cell that is told first, times the number: known as the card turns into that."""
    cell = _order(shot, update).protagonist
    found, number = cell_number(scaling.array, cell), cell_number(scaling.number, 0, "short")
    times = (" ", Sign("×", "multiply"), " ", number)
    made: Part | str = cell_number(scaling.product, cell) if p > TURNS[0] else UNKNOWN
    lines = [line(cell_name(studio, scaling.array, cell), *times), line(found, *times, " = ", made)]
    claim = _claim(shot, update, cell, _order(shot, update))
    words = Inspector(_head(studio, shot, update, cell, claim), working(lines))
    return words if p > 0 else announced(words)


@lru_cache(maxsize=64)
def _words(studio: Studio, shot: Shot, update: Update, cell: int, claim: Rank | None) -> Inspector:
    after = update.after
    lines = [
        line(cell_name(studio, after, cell)),
        line("before   ", cell_number(after, cell, "long", before=True)),
        line("change   ", _change_at(update, cell)),
        line("after    ", cell_number(after, cell, "long")),
    ]
    return Inspector(_head(studio, shot, update, cell, claim), working(lines))


def _head(studio: Studio, shot: Shot, update: Update, cell: int, claim: Rank | None) -> Sentence:
    after = update.after
    return (
        heading(studio, shot, after, cell, claim)
        if indices(after, cell)
        else line(cell_name(studio, after, cell))
    )


def _change_at(update: Update, cell: int) -> Number:
    return Number(float(update.change.ravel()[cell]), Quantity("change", (Cell(update.after.id, cell),)))
