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
function centred(pixels, side) {
  const marks = [...pixels.keys()].filter((pixel) => pixels[pixel] >= DARKEST_INK);
  if (!marks.length) return pixels.slice();
  const [rows, columns] = [marks.map((pixel) => Math.floor(pixel / side)), marks.map((pixel) => pixel % side)];
  const high = Math.max(...rows) - Math.min(...rows) + 1;
  const wide = Math.max(...columns) - Math.min(...columns) + 1;
  const factor = BOX / Math.max(high, wide);
  const mass = sumOf(pixels);
  const middle = (/** @type {(pixel: number) => number} */ place) => pixels.reduce((sum, ink, pixel) => sum + ink * (place(pixel) + 0.5), 0) / mass;
  const [row, column] = [middle((pixel) => Math.floor(pixel / side)), middle((pixel) => pixel % side)];
  return Float64Array.from(pixels, (_, pixel) => {
    let sum = 0;
    for (let point = 0; point < FINER * FINER; point++) {
      const down = Math.floor(pixel / side) + (Math.floor(point / FINER) + 0.5) / FINER;
      const across = (pixel % side) + ((point % FINER) + 0.5) / FINER;
      sum += between(pixels, side, (down - side / 2) / factor + row, (across - side / 2) / factor + column);
    }
    return Math.round(sum / (FINER * FINER));
  });
}

// The ink at a place between pixels.
/** @param {Float64Array} pixels @param {number} side @param {number} row @param {number} column */
function between(pixels, side, row, column) {
  const [top, left] = [Math.floor(row - 0.5), Math.floor(column - 0.5)];
  const [down, across] = [row - 0.5 - top, column - 0.5 - left];
  const at = (/** @type {number} */ y, /** @type {number} */ x) => (y < 0 || x < 0 || y >= side || x >= side ? 0 : pixels[y * side + x]);
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
