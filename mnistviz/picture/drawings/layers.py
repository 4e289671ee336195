"""A deck of folded layers times a folded column: a layer leaves the deck, the picture slides over it."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np

from mnistviz.picture.display import Box, CellMap, Cells, Line, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.curve import TIGHT
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.headings import announced
from mnistviz.picture.drawings.order import order_of
from mnistviz.picture.drawings.product import (
    FRAMED,
    FRAMED_FROM,
    Product,
    largest_terms,
    multiplies,
    product_of,
    products_scale,
    sum_words,
    with_framed,
)
from mnistviz.picture.drawings.props import (
    LooseCell,
    arriving,
    chip,
    filled,
    filled_up_to,
    flying,
    layer_of,
    short,
)
from mnistviz.picture.easing import CellPace, eased, mix_point, ramp, still_acts
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage import cards
from mnistviz.picture.stage.arrange import centred
from mnistviz.picture.stage.forms import Form
from mnistviz.picture.stage.ground import by_cards
from mnistviz.picture.stage.labels import ROW_ROOM
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Place, Tableau
from mnistviz.story.sentence import Number, Quantity, Sign, line
from mnistviz.story.storyboard import Shot

DECK = (0.0, 140.0, 430.0, 670.0)  # x, y, width, height of the boxes, in the drawings' own coordinates
LECTERN = (486.0, 146.0, 230.0, 378.0)
PICTURE = (816.0, 146.0, 226.0, 372.0)
PRODUCTS = (560.0, 424.0, 216.0, 316.0)
NAME_BELOW = 32.0  # height of their name and range, which must clear the legend
BIAS = (822.0, 618.0, 64.0, 190.0)
WALL: Box = (40.0, 110.0, 1230.0, 806.0)  # left, top, right, bottom
RESULT = (1084.0, 100.0, 52.0, 710.0)
SUM_AT = 966.0
APART, NEAR = (
    24.0,
    6.0,
)  # design units between words that stand side by side; where the products are beside them


def suits(studio: Studio, product: Product) -> bool:
    """Whether the left factor is a deck whose layers are folded like the right one."""
    left, right = studio.form(product.left.shape), studio.form(product.right.shape)
    return (
        left.folded
        and right.folded
        and right.layers == 1
        and left.layers > 1
        and product.result.value.size <= 64
    )


@multiplies(suits)
def draw_layers(studio: Studio, shot: Shot, product: Product, p: float) -> Tableau:
    """Layer by layer: out of the deck, under the picture, into one number."""
    pace = order_of(shot, product.result).pace(ramp(p, 0.03, 1.0), slow=0.56, few=2, brisk=0.16)
    aside = 0.45 * (eased(p, 0.02, 0.05) - eased(p, 0.96, 1.0))
    return _layers_at(studio, shot, product, pace.seen, still_acts(p), aside)


@lru_cache(maxsize=4)
def _layers_at(
    studio: Studio, shot: Shot, product: Product, pace: CellPace, p: float, aside: float
) -> Tableau:
    """Of the progress only its ends count: a sweep is drawn once a cell."""
    count = product.a.shape[0]
    order = order_of(shot, product.result)
    layer = order.now(pace, p)
    started = p > 0
    deck, picture, bias, result = cast(studio, product)
    q = pace.q if pace.slow and p < 1 else 1.0
    deck = changed(deck, dim=aside)
    shown = [deck, changed(picture, glow=0.5 if 0 < q < 0.5 and started else 0.0)]
    marks: list[Primitive] = []
    if started:
        shown[0] = changed(deck, layers=tuple(k for k in cards.layers_of(deck) if k != layer))
        shown += _active(studio, product, layer, picture, q, pace)
        marks += _flow(studio, product, bias, result, layer, q) if p < 1 and pace.slow else []
        marks += _signs(studio)
    made = count if p >= 1 else pace.done
    result = changed(filled(result, order.done(pace.landed())), glow=0.6 if 0 < p < 1 else 0.0)
    if started:
        result = changed(result, lit=((0, layer, 0),))
        bias = changed(bias, lit=((0, layer, 0),)) if bias is not None else None
    shown += [bias, result] if bias is not None else [result]
    words = with_framed(sum_words(studio, shot, product, layer, q, made), q > FRAMED_FROM)
    words = words if started else announced(words)
    return Tableau(tuple(shown), tuple(marks), inspector=words, lit=product.lit(q) if started else None)


@lru_cache(maxsize=64)
def cast(studio: Studio, product: Product) -> tuple[Card, Card, Card | None, Card]:
    """Deck, picture, bias and result at their places."""
    deck = studio.card(product.left, studio.place(studio.form(product.left.shape), *DECK))
    picture = studio.card(product.right, studio.place(studio.form(product.right.shape), *PICTURE))
    picture = changed(picture, note="")  # the result's label needs the room
    result = studio.card(product.result, studio.place(studio.form(product.result.shape), *RESULT))
    bias = None
    if product.bias is not None:
        bias = studio.card(
            product.bias, studio.place(studio.form(product.bias.shape), *BIAS, largest_cell=10.4)
        )
        free = ROW_ROOM * studio.swell + (APART if studio.scale < TIGHT else NEAR)
        bias = changed(bias, label_end=result.place.at[0] - free * studio.scale)
    if studio.scale < TIGHT:  # there the two names are nearly on one line
        named_from = studio.look.regions.stage[2] - cards.label_width(result, studio.words)
        below = cards.label_width(picture, studio.words) - cards.name_width(picture, studio.words)
        picture = changed(picture, label_end=named_from + below - APART * studio.scale)
    return deck, picture, bias, result


def _single(product: Product, studio: Studio) -> Form:
    form = studio.form(product.right.shape)
    return Form(1, form.rows, form.columns, True)


@lru_cache(maxsize=64)
def _layer_card(studio: Studio, product: Product, layer: int) -> Card:
    """A layer under its own name, still at the deck's place."""
    deck, picture, *_ = cast(studio, product)
    named_from = min(picture.place.at[0], picture.label_end - cards.label_width(picture, studio.words))
    return changed(
        layer_of(deck, layer), key=f"{deck.key}/layer", name=f"{short(deck.name)}[{layer}]",
        label_end=named_from - APART * studio.scale,
    )  # fmt: skip


def _active(
    studio: Studio, product: Product, layer: int, picture: Card, q: float, pace: CellPace
) -> list[Card]:
    """The layer on its way, the picture's ghost over it, the products."""
    single = _single(product, studio)
    lectern = centred(studio, single, LECTERN)
    deck = studio.place(studio.form(product.left.shape), *DECK)
    home = changed(lectern, at=cards.layer_origin(deck, layer), across=deck.across, down=deck.down)
    out = eased(q, 0.0, 0.2) if pace.slow else 1.0
    there = changed(
        lectern,
        at=mix_point(home.at, lectern.at, out),
        across=mix_point(home.across, lectern.across, out),
        down=mix_point(home.down, lectern.down, out),
    )
    card = changed(
        _layer_card(studio, product, layer), place=there, glow=0.7, label="above" if out >= 1 else "none"
    )
    shown = [card]
    if 0.2 < q < 0.46:
        over = mix_point(picture.place.at, lectern.at, eased(q, 0.2, 0.4))
        ghost = changed(picture, key=f"{picture.key}/ghost", place=changed(picture.place, at=over), label="none",
                        opacity=0.72, glow=0.6, index_mark=False)  # fmt: skip
        shown.append(ghost)
    if q > 0.42:
        shown += _products(studio, product, layer, q, lectern)
    return shown


def _products(studio: Studio, product: Product, layer: int, q: float, lectern: Place) -> list[Card]:
    """The products, born on the lectern, come down to a place of their own."""
    card = _products_card(studio, product, layer, q > FRAMED_FROM)
    bias = cast(studio, product)[2]
    if bias is not None:
        card = changed(card, label_end=bias.place.at[0] - ROW_ROOM * studio.swell * studio.scale)
    at = mix_point(lectern.at, card.place.at, eased(q, 0.44, 0.62))
    label: Literal["below", "none"] = "below" if q > 0.6 else "none"
    return [changed(card, place=changed(card.place, at=at), label=label, opacity=eased(q, 0.4, 0.46))]


@lru_cache(maxsize=64)
def _products_card(studio: Studio, product: Product, layer: int, framed: bool) -> Card:
    """The products at a place of their own; the largest perhaps framed."""
    terms, form = product.terms(layer), _single(product, studio)
    largest = largest_terms(terms, FRAMED) if framed else ()
    left, top, wide, high = PRODUCTS
    place = centred(studio, form, (left, top - studio.above(NAME_BELOW) + NAME_BELOW, wide, high))
    return Card(
        key="products", name="products", shape=terms.shape,
        cells=Cells(np.reshape(terms, (form.rows, form.columns))), shows=product.terms_shown(layer),
        colours=products_scale(terms), place=place, glow=0.5,
        lit=tuple((0, *divmod(place, form.columns)) for place in largest),
    )  # fmt: skip


def _signs(studio: Studio) -> list[Primitive]:
    """What happens between the cards: times, and sum."""
    soft = by_cards(studio.theme.soft, studio.theme)
    return [
        Text("⊙", studio.at(764, 345), studio.letters(40, least=22), soft, "sans", "mm"),
        Text("Σ", studio.at(SUM_AT, 690), studio.letters(42), soft, "sans", "mm"),
        Line((studio.at(SUM_AT + 22, 690), studio.at(SUM_AT + 68, 690)), soft, 3.0, head=14),
    ]


def _flow(
    studio: Studio, product: Product, bias: Card | None, result: Card, layer: int, q: float
) -> list[Primitive]:
    """The sum gathers from the products, the bias joins, the number flies to its cell."""
    if q < 0.64:
        return []
    gather = studio.at(SUM_AT, 690)
    start = studio.at(700, 640)
    summed = product.operation.output
    shows = CellMap(summed.id, first=layer)
    total = LooseCell(float(summed.value.ravel()[layer]), shows, result.colours, studio.theme.ink)
    flights: list[Primitive] = []
    if q < 0.84:
        at = mix_point(start, gather, eased(q, 0.64, 0.8))
        flights.append(chip(studio, total, at, 34))
        if bias is not None:
            flights.append(
                flying(
                    studio, bias, layer, (gather[0], gather[1] + 40 * studio.scale), ramp(q, 0.66, 0.82), 24
                )
            )
    else:
        flights.append(arriving(studio, result, layer, gather, ramp(q, 0.85, 0.97), 34))
    return flights


@draws("layers-cast")
def draw_cast(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The factors of the product before anything is multiplied: the deck fans out and closes again."""
    product = product_of(studio, shot)
    if product is None or not suits(studio, product):
        return draw_any(studio, shot, p)
    deck, picture, bias, result = cast(studio, product)
    opened = eased(p, 0.05, 0.35) - eased(p, 0.75, 1.0)
    fan = changed(
        deck,
        place=cards.place_between(
            deck.place, wall(studio, product.a.shape[0], studio.form(product.left.shape)), opened
        ),
    )
    named, seen = 1 - min(4 * opened, 1.0), 1 - min(2 * opened, 1.0)  # gone before a layer comes over them
    others = [changed(card, opacity=seen, words=named) for card in (picture, bias) if card is not None]
    empty = changed(filled_up_to(result, 0), opacity=seen)
    shown = (fan, *others, empty) if opened < 1 else (fan,)
    words = _layers_words(product, deck)
    return Tableau(shown, inspector=words, lit=product.operation.source.expression)


def _layers_words(product: Product, deck: Card) -> Inspector:
    """How many numbers a deck is, row by row of its matrix, each folded as the picture is."""
    weights = product.left
    rows, columns = (
        Number(weights.shape[axis], Quantity("length of axis", (weights.id, axis)), "index")
        for axis in (0, 1)
    )
    high, wide = (
        Number(length, Quantity(rule, (product.right.id,)), "count")
        for length, rule in zip(deck.cells.values.shape[1:], ("folded rows", "folded columns"), strict=True)
    )
    cells = Number(weights.value.size, Quantity("cells", (weights.id,)), "count")
    times = Sign("×", "multiply")
    lines = (
        line(rows, " rows of ", columns, tone="working"),
        line("each folded: ", high, " ", times, " ", wide, tone="working"),
        line(rows, " ", times, " ", columns, " = ", cells, tone="result"),
    )
    return Inspector(line(rows, " layers"), lines)


def wall(
    studio: Studio,
    layers: int,
    form: Form,
    box: Box = WALL,
    columns: int = 5,
) -> Place:
    """The layers side by side, row by row, in a box of the drawings' own coordinates."""
    left, top, right, bottom = box
    rows = -(-layers // columns)
    wide, high = (right - left) / columns, (bottom - top) / rows
    one = studio.place(Form(1, form.rows, form.columns, True), left, top, wide * 0.84, high * 0.955, 40.0)
    steps = tuple(
        (wide * studio.scale * studio.stretch * (layer % columns), high * studio.scale * (layer // columns))
        for layer in range(layers)
    )
    return changed(one, steps=steps)
