"use strict";
// The cards of the film: which are on the screen at an instant, which cell is under a point, where a cell stands.
// Places are in design units, as the film was drawn.

/** @typedef {ReturnType<typeof makeCards>} Cards */

// Place of the last row that is at a tick or before it; -1 where none is.
/** @param {number[]} rows @param {number} tick */
function lastAtOrBefore(rows, tick) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle] <= tick) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** @param {PageData} data */
function makeCards(data) {
  const { unit, moments, cards, places, layers, masks } = data.geometry;

  /** @param {number} tick */
  function cardsAt(tick) {
    const place = lastAtOrBefore(moments.ticks, tick);
    return place < 0 ? [] : moments.cards[place];
  }

  /** @param {number[]} row @returns {Pair[]} */
  function points(row) {
    /** @type {Pair[]} */
    const found = [];
    for (let n = 0; n < row.length; n += 2) found.push([row[n] / unit, row[n + 1] / unit]);
    return found;
  }

  // A card's place; on its way to the next one it is between the two.
  /** @param {number} number @param {number | undefined} following @param {number} part */
  function placeOf(number, following, part) {
    const own = places[cards.places[number]];
    if (following === undefined || part <= 0) return own;
    const there = places[cards.places[following]];
    const same = data.shown[cards.shown[following]].key === data.shown[cards.shown[number]].key;
    if (!same || there.origins.length !== own.origins.length) return own;
    /** @param {number[]} a @param {number[]} b */
    const between = (a, b) => a.map((coordinate, n) => coordinate + (b[n] - coordinate) * part);
    return { across: between(own.across, there.across), down: between(own.down, there.down), origins: between(own.origins, there.origins) };
  }

  /** @param {number} number @param {number | undefined} following @param {number} part @returns {Card} */
  function card(number, following, part) {
    const { map, layers: depth, rows, columns, key } = data.shown[cards.shown[number]];
    const place = placeOf(number, following, part);
    const mask = cards.masks[number];
    return { map, depth, rows, columns, key, across: points(place.across)[0], down: points(place.down)[0], origins: points(place.origins),
      layers: layers[cards.layers[number]], mask: mask < 0 ? null : masks[mask] };
  }

  // Cards at an instant in ticks; between two ticks those that travel are between their two places.
  /** @param {number} ticks */
  function at(ticks) {
    const here = cardsAt(Math.floor(ticks));
    const next = cardsAt(Math.floor(ticks) + 1);
    const alike = here.length === next.length && here !== next;
    return here.map((number, n) => card(number, alike ? next[n] : undefined, ticks % 1));
  }

  // The topmost cell under a point: the last card painted, and in it the last layer painted, comes first.
  /** @param {Card[]} shown @param {number} x @param {number} y @returns {Hit | null} */
  function hit(shown, x, y) {
    for (const one of shown.toReversed()) {
      const [[ax, ay], [dx, dy]] = [one.across, one.down];
      const area = ax * dy - ay * dx;
      if (!area) continue;
      for (let place = one.origins.length - 1; place >= 0; place--) {
        const [px, py] = [x - one.origins[place][0], y - one.origins[place][1]];
        const u = (px * dy - py * dx) / area;
        const v = (ax * py - ay * px) / area;
        if (u >= 0 && u < 1 && v >= 0 && v < 1) {
          return { card: one, place, layer: one.layers[place], row: Math.floor(v * one.rows), column: Math.floor(u * one.columns) };
        }
      }
    }
    return null;
  }

  // The number of a cell on its card, row-major over layers, rows and columns.
  /** @param {Hit} found */
  const drawn = ({ card: one, layer, row, column }) => (layer * one.rows + row) * one.columns + column;

  // The cell of that number, on the topmost layer that shows it; null where none does.
  /** @param {Card} one @param {number} number @returns {Hit | null} */
  function cell(one, number) {
    const size = one.rows * one.columns;
    const place = one.layers.lastIndexOf(Math.floor(number / size));
    if (number < 0 || place < 0) return null;
    return { card: one, place, layer: one.layers[place], row: Math.floor((number % size) / one.columns), column: number % one.columns };
  }

  /** @param {Hit} found */
  function present(found) {
    if (!found.card.mask) return true;
    let [left, there] = [drawn(found), false];
    for (const length of found.card.mask) {
      if (left < length) return there;
      left -= length;
      there = !there;
    }
    return there;
  }

  // The corners of a layer, or of one cell of it, for a polygon.
  /** @param {Hit} found @param {boolean} [whole] */
  function outline({ card: one, place, row, column }, whole = false) {
    const [[x, y], [ax, ay], [dx, dy]] = [one.origins[place], one.across, one.down];
    const [top, left, rows, columns] = whole ? [0, 0, one.rows, one.columns] : [row, column, 1, 1];
    /** @param {number} r @param {number} c */
    const corner = (r, c) => [x + (ax * c) / one.columns + (dx * r) / one.rows, y + (ay * c) / one.columns + (dy * r) / one.rows];
    return [corner(top, left), corner(top, left + columns), corner(top + rows, left + columns), corner(top + rows, left)]
      .map((point) => point.map((coordinate) => coordinate.toFixed(2)).join(",")).join(" ");
  }

  return { at, hit, present, drawn, cell, outline };
}
