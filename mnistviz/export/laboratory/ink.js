"use strict";
// Ink on a small picture: a round pen, and a digit put where MNIST puts it.

const PEN = 1.15; // pixels, half of the pen's width: as thick as in MNIST
const BOX = 20; // pixels, the longer side of the ink once it is centred
const DARKEST_INK = 24; // of 255: what is less does not count for where the ink is
const FINER = 4; // points across a pixel that are looked at

// The picture with a line of the pen on it; places are in pixels, (row, column).
/** @param {Float64Array} pixels @param {number} side @param {Pair} from @param {Pair} to @returns {Float64Array} */
function inked(pixels, side, from, to) {
  const made = pixels.slice();
  const [down, across] = [to[0] - from[0], to[1] - from[1]];
  const long = down * down + across * across;
  for (let pixel = 0; pixel < made.length; pixel++) {
    const [row, column] = [Math.floor(pixel / side) + 0.5, (pixel % side) + 0.5];
    const along = long ? Math.min(Math.max(((row - from[0]) * down + (column - from[1]) * across) / long, 0), 1) : 0;
    const away = Math.hypot(row - from[0] - along * down, column - from[1] - along * across);
    made[pixel] = Math.max(made[pixel], Math.round(255 * Math.min(Math.max(PEN + 0.5 - away, 0), 1)));
  }
  return made;
}

// The ink as MNIST has it: its longer side 20 pixels, its centre of mass in the middle.
/** @param {Float64Array} pixels @param {number} side @returns {Float64Array} */
const centred = (pixels, side) => fitted({ pixels, wide: side, high: side }, side);

// The ink of a picture of any size, as MNIST has it, and as the command has it that reads a photograph (pictures.py).
/** @param {Photo} photo @param {number} side @returns {Float64Array} */
function fitted(photo, side) {
  const { pixels, wide } = photo;
  const marks = [...pixels.keys()].filter((pixel) => pixels[pixel] >= DARKEST_INK);
  if (!marks.length) return new Float64Array(side * side);
  const [rows, columns] = [reachOfInk(marks.map((pixel) => Math.floor(pixel / wide))), reachOfInk(marks.map((pixel) => pixel % wide))];
  const factor = BOX / Math.max(rows.long, columns.long);
  const finer = Math.max(FINER, Math.ceil(1 / factor));
  const mass = sumOf(pixels);
  const middle = (/** @type {(pixel: number) => number} */ place) => pixels.reduce((sum, ink, pixel) => sum + ink * (place(pixel) + 0.5), 0) / mass;
  const [top, left] = [startOf(rows, middle((pixel) => Math.floor(pixel / wide)), factor, side), startOf(columns, middle((pixel) => pixel % wide), factor, side)];
  return Float64Array.from({ length: side * side }, (_, pixel) => {
    let sum = 0;
    for (let point = 0; point < finer * finer; point++) {
      const down = Math.floor(pixel / side) + (Math.floor(point / finer) + 0.5) / finer;
      const across = (pixel % side) + ((point % finer) + 0.5) / finer;
      sum += between(photo, (down - top) / factor, (across - left) / factor);
    }
    return Math.round(sum / (finer * finer));
  });
}

// Where a picture begins on the smaller one, so that its centre of mass is in the middle of pixel 14, unless ink would stick out.
/** @param {{ first: number, long: number }} span @param {number} middle @param {number} factor @param {number} side */
function startOf({ first, long }, middle, factor, side) {
  const start = side / 2 + 0.5 - (middle - first) * factor;
  return Math.min(Math.max(start, 0), side - long * factor) - first * factor;
}

/** @param {number[]} places */
function reachOfInk(places) {
  const first = places.reduce((one, other) => Math.min(one, other));
  return { first, long: places.reduce((one, other) => Math.max(one, other)) - first + 1 };
}

// The ink at a place between pixels.
/** @param {Photo} photo @param {number} row @param {number} column */
function between({ pixels, wide, high }, row, column) {
  const [top, left] = [Math.floor(row - 0.5), Math.floor(column - 0.5)];
  const [down, across] = [row - 0.5 - top, column - 0.5 - left];
  const at = (/** @type {number} */ y, /** @type {number} */ x) => (y < 0 || x < 0 || y >= high || x >= wide ? 0 : pixels[y * wide + x]);
  return (at(top, left) * (1 - across) + at(top, left + 1) * across) * (1 - down) + (at(top + 1, left) * (1 - across) + at(top + 1, left + 1) * across) * down;
}

// The picture moved by whole pixels; what leaves it is gone.
/** @param {Float64Array} pixels @param {number} side @param {number} down @param {number} across */
function shifted(pixels, side, down, across) {
  return Float64Array.from(pixels, (_, pixel) => {
    const [row, column] = [Math.floor(pixel / side) - down, (pixel % side) - across];
    return row < 0 || column < 0 || row >= side || column >= side ? 0 : pixels[row * side + column];
  });
}
