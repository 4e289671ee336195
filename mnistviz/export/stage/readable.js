"use strict";
// Letters that can be read: where the stage is small, words are larger than in the film as far as there is room for
// them; what has none is left out, numbers first.

const SMALLEST_LETTERS = 11; // CSS pixels
const APART = 1.15; // of the smallest size: how near the lines of two texts may come
const FARTHEST_MOVED = 9; // of the smallest size: how far a text may be moved to be seen whole
const GAP = 0.3; // of a text's height: how near another may come at its sides
const FAINTEST_WORD = 0.1; // of opacity: less takes no room
const SLIVER = 0.01; // design units: two that overlap by less stand beside each other

// `measured` is the width of a text, as a part of its size.
/** @param {(form: TextForm) => number} measured @returns {(display: Part[], least: number, view: Frame) => Part[]} */
function makeReadable(measured) {
  /** @type {WeakMap<Part, { least: number, larger: Part }>} */
  const known = new WeakMap();
  /** @type {WeakMap<Part, Part>} */
  const away = new WeakMap(); // a line that has room beside the one that it belongs to
  /** @type {WeakMap<Part, Part>} */
  const beside = new WeakMap(); // a name that ends before a card

  // A text at least so large, moved to where it is seen whole; the very same one each time.
  /** @param {Part} part @param {number} least @param {Frame} view */
  function larger(part, least, view) {
    if (part.place[2] >= least) return part;
    const found = known.get(part);
    if (found?.least === least) return found.larger;
    const made = { form: part.form, place: part.place.with(2, least) };
    const [left, , right] = boxOf(made);
    const move = left < view[0] ? view[0] - left : Math.min(view[2] - right, 0);
    if (Math.abs(move) <= FARTHEST_MOVED * least) made.place[3] += move;
    known.set(part, { least, larger: made });
    return made;
  }

  // A grown line, so far from a grown one of the same words that both can be read; the very same one each time.
  /** @param {Part} part @param {Part} grown @param {Map<Part, Part>} shown @param {number} least */
  function inLine(part, grown, shown, least) {
    const [x, y] = [part.place[3], part.place[4]];
    const near = [...shown].find(([other]) => isAlike(part.form, other.form) && other.place[3] === x && Math.abs(other.place[4] - y) < APART * least);
    if (!near) return grown;
    const place = near[1].place[4] + Math.sign(y - near[0].place[4]) * APART * least;
    const found = away.get(grown);
    if (found?.place[4] === place) return found;
    const made = { form: grown.form, place: grown.place.with(4, place) };
    away.set(grown, made);
    return made;
  }

  // A grown name, moved to where it ends before a card that it did not reach in the film; the very same one each time.
  /** @param {Part} part @param {Part} grown @param {Frame[]} cards */
  function besideCards(part, grown, cards) {
    const [asInFilm, box] = [boxOf(part), boxOf(grown)];
    const reached = cards.filter((card) => touch(box, card) && !touch(asInFilm, card) && card[0] > asInFilm[0]);
    if (!reached.length) return grown;
    const place = grown.place[3] + Math.min(...reached.map(([left]) => left)) - GAP * (box[3] - box[1]) - box[2];
    const found = beside.get(grown);
    if (found?.place[3] === place) return found;
    const made = { form: grown.form, place: grown.place.with(3, place) };
    beside.set(grown, made);
    return made;
  }

  /** @param {Part} part @returns {Frame} */
  function boxOf({ form, place }) {
    const text = /** @type {TextForm} */ (form);
    const [size, x, y] = [place[2], place[3], place[4]];
    const wide = measured(text) * size;
    const left = text.anchor.startsWith("l") ? x : text.anchor.startsWith("m") ? x - wide / 2 : x - wide;
    const middle = text.anchor.endsWith("m") ? y : text.anchor.endsWith("a") ? y + size / 2 : y - 0.36 * size;
    return [left, middle - (APART * size) / 2, left + wide, middle + (APART * size) / 2];
  }

  // What is shown of a display in a part of the design, no letters smaller than `least` design units.
  return (display, least, view) => {
    const words = display.filter(({ form, place }) => form.kind === "t" && place[0] > FAINTEST_WORD);
    if (words.every(({ place }) => place[2] >= least)) return display;
    /** @type {Frame[]} */
    const taken = [];
    /** @type {Map<Part, Part>} */
    const shown = new Map();
    const cards = display.filter(({ form, place }) => form.kind === "m" && place[0] > 0.5).map(frontOf);
    for (const part of words.toSorted((one, other) => rankOf(one) - rankOf(other))) {
      if (!isAt(part.place, view)) continue;
      let grown = larger(part, least, view);
      if (grown !== part) grown = inLine(part, grown, shown, least);
      const isFree = (/** @type {Frame} */ box) => box[0] >= view[0] - 1 && box[2] <= view[2] + 1 && !taken.some((other) => touch(box, other));
      if (grown !== part && part.form.kind === "t" && part.form.face.endsWith("bold")) {
        const moved = besideCards(part, grown, cards);
        if (isFree(boxOf(moved))) grown = moved;
      }
      const box = boxOf(grown);
      if (grown !== part && !isFree(box)) continue;
      taken.push(box);
      shown.set(part, grown);
    }
    return display.flatMap((part) => (part.form.kind !== "t" ? [part] : shown.get(part) ?? []));
  };
}

// Whether two texts may be lines of the same name: rows are numbered in letters that are not bold.
/** @param {Form} one @param {Form} other */
const isAlike = (one, other) => one.kind === "t" && other.kind === "t" && one.face.endsWith("bold") && one.text.length > 1 && one.colour === other.colour && one.face === other.face && one.anchor === other.anchor;

// Whether a text stands in a part of the design.
/** @param {Float64Array} place @param {Frame} view */
const isAt = (place, [left, top, right, bottom]) => place[3] >= left && place[3] <= right && place[4] >= top && place[4] <= bottom;

// What has room first: names before numbers, the large before the small, of one size what is set in bold: the right digit.
/** @param {Part} part */
const rankOf = ({ form, place }) => (form.kind === "t" ? (form.counted ? 1e6 : 0) - (form.face.endsWith("bold") ? 0.1 : 0) : 0) + (place[0] < 0.5 ? 1e3 : 0) - place[2];

/** @param {Frame} one @param {Frame} other */
const touch = (one, other) => one[0] - GAP * (one[3] - one[1]) < other[2] && other[0] < one[2] + GAP * (one[3] - one[1]) && one[1] + SLIVER < other[3] && other[1] + SLIVER < one[3];

// Where the layer of a card is that is painted last, without what its slope leaves free above and below.
/** @param {Part} part @returns {Frame} */
function frontOf({ place }) {
  const [ax, ay, dx, dy] = place.slice(3, 7);
  const [x, y] = place.slice(-2);
  return [x + Math.min(dx, 0), y + Math.max(ay, 0), x + ax + Math.max(dx, 0), y + dy + Math.min(ay, 0)];
}
