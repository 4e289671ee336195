"use strict";
// The digit of a photograph, as the command finds it (mnistviz/data/photos.py), but for ruled lines and for shadows no
// wider than a digit: they stay.

const WIDEST_STROKE = 0.3; // of the mean side: no stroke is as wide
const FAINTEST_INK = 0.12; // of the way from the sheet to black or white: less is no ink
const [SHEET_DARK, SHEET_LIGHT] = [24, 96]; // at least so far from black and from white: a sheet's grain is not to be made larger
const HALF_INK = 0.5; // of the strongest: more is ink
const CLEARER = 2; // how much steeper the edge of a stroke becomes
const BELONGS = 0.14; // of a digit's longer side: what is nearer to it is its own
const SPECK = 0.02; // of the largest thing's ink: less is dust
const THINNEST_STROKE = 0.06; // of the digit's longer side: MNIST has no thinner one

/** @typedef {{ cells: number[], box: Frame, atEdge: boolean }} Thing cells, and left, top, right, bottom */

// How much ink of the digit is in each pixel, 0..255; all 0 where nothing is written.
/** @param {Uint8ClampedArray} colours @param {number} wide @param {number} high */
function inkOf(colours, wide, high) {
  const channels = [0, 1, 2].map((channel) => Float64Array.from({ length: wide * high }, (_, pixel) => colours[4 * pixel + channel]));
  const grey = channels[0].map((red, pixel) => (red + channels[1][pixel] + channels[2][pixel]) / 3);
  const dark = isDarkOnLight(grey, wide, high);
  const ink = new Float64Array(wide * high);
  for (const channel of channels) {
    const sheet = sheetOf(channel, wide, high, dark);
    sheet.forEach((paper, pixel) => {
      const apart = dark ? (paper - channel[pixel]) / Math.max(paper, SHEET_DARK) : (channel[pixel] - paper) / Math.max(255 - paper, SHEET_LIGHT);
      ink[pixel] = Math.max(ink[pixel], apart);
    });
  }
  const high997 = ink.toSorted()[Math.floor(0.997 * (ink.length - 1))];
  const clear = ink.filter((one) => one > HALF_INK * high997).toSorted();
  const most = clear[Math.floor(0.6 * clear.length)] ?? 0;
  if (most < FAINTEST_INK) return ink.fill(0);
  return digitOf(ink.map((one) => Math.min(one / most, 1)), wide, high).map((one) => 255 * one);
}

// Whether what stands out of its surroundings is darker than they are.
/** @param {Float64Array} grey @param {number} wide @param {number} high */
function isDarkOnLight(grey, wide, high) {
  const around = blurred(grey, wide, high, Math.round(0.32 * Math.max(wide, high)));
  const apart = grey.map((one, pixel) => one - around[pixel]).toSorted();
  const few = Math.max(1, Math.floor(apart.length / 25));
  return -sumOf(apart.subarray(0, few)) >= sumOf(apart.subarray(apart.length - few));
}

// A picture without what is written on it: closed over strokes, and smooth.
/** @param {Float64Array} channel @param {number} wide @param {number} high @param {boolean} dark */
function sheetOf(channel, wide, high, dark) {
  const reach = Math.max(1, Math.round((WIDEST_STROKE * Math.sqrt(wide * high)) / 2));
  const [first, second] = dark ? [Math.max, Math.min] : [Math.min, Math.max];
  const closed = spread(spread(blurred(channel, wide, high, 1), wide, high, reach, first), wide, high, reach, second);
  return blurred(closed, wide, high, Math.ceil(reach / 3));
}

// The largest or smallest number of each square: along the rows, then along the columns.
/** @param {Float64Array} picture @param {number} wide @param {number} high @param {number} reach @param {(one: number, other: number) => number} choose */
function spread(picture, wide, high, reach, choose) {
  return bothWays(picture, wide, high, (line) => {
    let [made, done] = [line, 0];
    while (done < reach) { // as far again each time
      const [from, step] = [made, Math.min(done + 1, reach - done)];
      made = from.map((one, place) => choose(one, choose(from[Math.max(place - step, 0)], from[Math.min(place + step, from.length - 1)])));
      done += step;
    }
    return made;
  });
}

// The mean of each square, at the rim of what there is.
/** @param {Float64Array} picture @param {number} wide @param {number} high @param {number} reach */
function blurred(picture, wide, high, reach) {
  return bothWays(picture, wide, high, (line) => {
    const sums = new Float64Array(line.length + 1);
    line.forEach((one, place) => { sums[place + 1] = sums[place] + one; });
    return line.map((_, place) => {
      const [start, end] = [Math.max(place - reach, 0), Math.min(place + reach + 1, line.length)];
      return (sums[end] - sums[start]) / (end - start);
    });
  });
}

/** @param {Float64Array} picture @param {number} wide @param {number} high @param {(line: Float64Array) => Float64Array} act */
function bothWays(picture, wide, high, act) {
  const made = picture.slice();
  for (let row = 0; row < high; row++) made.set(act(made.slice(row * wide, (row + 1) * wide)), row * wide);
  for (let column = 0; column < wide; column++) {
    act(Float64Array.from({ length: high }, (_, row) => made[row * wide + column])).forEach((one, row) => { made[row * wide + column] = one; });
  }
  return made;
}

// The ink of the largest thing that is written and does not leave the picture, and of what is near it.
/** @param {Float64Array} ink @param {number} wide @param {number} high */
function digitOf(ink, wide, high) {
  const things = thingsOf(ink, wide, high);
  if (!things.length) return new Float64Array(ink.length);
  const size = (/** @type {Thing} */ thing) => thing.cells.length * (thing.atEdge ? 0.03 : 1);
  const [largest, ...others] = things.toSorted((one, other) => size(other) - size(one));
  const [left, top, right, bottom] = largest.box;
  const reach = BELONGS * Math.max(right - left, bottom - top);
  const own = others.filter(({ cells, box, atEdge }) => !atEdge && cells.length > SPECK * largest.cells.length
    && box[0] - reach < right && left < box[2] + reach && box[1] - reach < bottom && top < box[3] + reach);
  const cells = [largest, ...own].flatMap((thing) => thing.cells);
  const made = new Float64Array(ink.length);
  for (const cell of cells) for (const near of neighbours(cell, wide, high)) made[near] = Math.min(Math.max((ink[near] - HALF_INK) * CLEARER + HALF_INK, 0), 1);
  const rim = cells.filter((cell) => neighbours(cell, wide, high).some((near) => ink[near] <= HALF_INK)).length;
  const lacking = THINNEST_STROKE * Math.max(right - left, bottom - top) - (2 * cells.length) / Math.max(rim, 1);
  return lacking >= 2 ? spread(made, wide, high, Math.floor(lacking / 2), Math.max) : made;
}

// Pieces of ink that hang together.
/** @param {Float64Array} ink @param {number} wide @param {number} high @returns {Thing[]} */
function thingsOf(ink, wide, high) {
  const seen = new Uint8Array(ink.length);
  /** @type {Thing[]} */
  const found = [];
  ink.forEach((_, first) => {
    if (seen[first] || ink[first] <= HALF_INK) return;
    const cells = [first];
    seen[first] = 1;
    for (let place = 0; place < cells.length; place++) { // it grows meanwhile
      for (const near of neighbours(cells[place], wide, high)) {
        if (seen[near] || ink[near] <= HALF_INK) continue;
        seen[near] = 1;
        cells.push(near);
      }
    }
    const [rows, columns] = [reachOfInk(cells.map((cell) => Math.floor(cell / wide))), reachOfInk(cells.map((cell) => cell % wide))];
    const [right, bottom] = [columns.first + columns.long, rows.first + rows.long];
    found.push({ cells, box: [columns.first, rows.first, right, bottom], atEdge: columns.first === 0 || rows.first === 0 || right === wide || bottom === high });
  });
  return found;
}

// A pixel and its neighbours.
/** @param {number} cell @param {number} wide @param {number} high */
function neighbours(cell, wide, high) {
  const [row, column] = [Math.floor(cell / wide), cell % wide];
  /** @type {number[]} */
  const found = [];
  for (let y = Math.max(row - 1, 0); y <= Math.min(row + 1, high - 1); y++) for (let x = Math.max(column - 1, 0); x <= Math.min(column + 1, wide - 1); x++) found.push(y * wide + x);
  return found;
}
