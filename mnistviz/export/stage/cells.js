"use strict";
// The cells of a card as a small picture, a pixel a drawn cell.

const [NOT_YET, NO_NUMBER] = [256, 257]; // codes beyond the table's 256
const CROSS_GROUND = [96, 96, 104];
const CODES_KEPT = 400;

/** @param {Reel} reel @param {Following} following */
function makeCellPictures(reel, following) {
  const palettes = reel.tables.map((table) => Uint8Array.from(atob(table), (letter) => letter.charCodeAt(0)));
  /** @type {Shelf<Uint16Array>} */
  const codes = makeShelf(CODES_KEPT);
  /** @type {Shelf<Uint8Array>} */
  const masks = makeShelf(CODES_KEPT);

  // `old` is one of the same shape that is needed no more.
  /** @param {MatrixForm} form @param {number} layer @param {Shape} shape @param {boolean} crossed @param {Front} [old] @returns {Front} */
  function picture(form, layer, { drawn: [rows, columns], block }, crossed, old) {
    const palette = palettes[form.table];
    const [empty, ground] = [rgbOf(form.empty), crossed ? CROSS_GROUND : rgbOf(CROSS)];
    const image = new ImageData(columns, rows);
    /** @type {number[]} */
    const bad = [];
    const [codes, { data }] = [seen(form, layer, block, rows, columns), image];
    for (let cell = 0; cell < codes.length; cell++) {
      const code = codes[cell];
      const [from, start] = code < NOT_YET ? [palette, 3 * code] : [code === NOT_YET ? empty : ground, 0];
      for (let part = 0; part < 3; part++) data[4 * cell + part] = from[start + part];
      data[4 * cell + 3] = 255;
      if (code === NO_NUMBER) bad.push(cell);
    }
    const surface = old?.canvas.getContext("2d") ?? freshSurface(columns, rows);
    surface.putImageData(image, 0, 0);
    return { canvas: surface.canvas, bad };
  }

  // The codes of drawn cells.
  /** @param {MatrixForm} form @param {number} layer @param {Pair} block @param {number} rows @param {number} columns */
  function seen(form, layer, block, rows, columns) {
    const size = form.rows * form.columns;
    const own = (following.codes(form) ?? codes.get(String(form.cells), () => reel.codes(form.cells))).subarray(layer * size, (layer + 1) * size);
    const shown = form.mask < 0 ? null : masks.get(String(form.mask), () => unrolled(reel.masks[form.mask])).subarray(layer * size, (layer + 1) * size);
    if (block[0] === 1 && block[1] === 1) return shown ? own.map((code, cell) => (shown[cell] ? code : NOT_YET)) : own;
    const code = form.table === reel.photograph ? firstCode : blockCode;
    return Uint16Array.from({ length: rows * columns }, (_, cell) =>
      code(own, shown, form, Math.floor(cell / columns) * block[0], (cell % columns) * block[1], block));
  }

  return { picture };
}

// Of a block the mean; no number where one cell is none; there when half of it is.
/** @param {Uint16Array} own @param {Uint8Array | null} shown @param {MatrixForm} form @param {number} top @param {number} left @param {Pair} block */
function blockCode(own, shown, form, top, left, [tall, broad]) {
  let [sum, count, there, none] = [0, 0, 0, false];
  for (let row = top; row < Math.min(top + tall, form.rows); row++) for (let column = left; column < Math.min(left + broad, form.columns); column++) {
    const place = row * form.columns + column;
    none ||= own[place] === NO_NUMBER;
    sum += own[place];
    there += shown ? shown[place] : 1;
    count++;
  }
  if (there * 2 < count) return NOT_YET;
  return none ? NO_NUMBER : Math.round(sum / count);
}

// Of colours there is no mean: the first pixel stands for its block.
/** @param {Uint16Array} own @param {Uint8Array | null} shown @param {MatrixForm} form @param {number} top @param {number} left */
function firstCode(own, shown, form, top, left) {
  const place = top * form.columns + left;
  return shown && !shown[place] ? NOT_YET : own[place];
}

// Lengths of runs, absent and there by turns, as a number a cell.
/** @param {number[]} runs */
function unrolled(runs) {
  const found = new Uint8Array(runs.reduce((sum, run) => sum + run, 0));
  let [start, there] = [0, 0];
  for (const run of runs) {
    found.fill(there, start, start + run);
    [start, there] = [start + run, 1 - there];
  }
  return found;
}
