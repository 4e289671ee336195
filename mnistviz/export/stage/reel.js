"use strict";
// The film as it travels with the page (see pack.py): unpacked, part by part.

// The reel of a theme, from base64.  Rejects where the browser cannot inflate.
/** @param {string} base64 @returns {Promise<Reel>} */
async function unpackReel(base64) {
  const packed = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const gap = bytes.indexOf(32);
  const start = gap + 1 + Number(new TextDecoder().decode(bytes.subarray(0, gap)));
  return makeReel(JSON.parse(new TextDecoder().decode(bytes.subarray(gap + 1, start))), bytes.subarray(start));
}

/** @param {PackedReel} plain @param {Uint8Array} bytes @returns {Reel} */
function makeReel(plain, bytes) {
  const forms = plain.forms.map(formOf);
  const places = plain.places.map((row) => placeOf(row, plain));
  const [ofForms, ofPlaces] = plain.parts.map(summed);
  const parts = ofForms.map((form, part) => ({ form: forms[form], place: places[ofPlaces[part]] }));
  const starts = summed([0, ...plain.cells]);
  const half = bytes.length / 2;
  /** @type {number[][]} */
  const lists = []; // of part numbers, by instant; made when they are first asked for

  // The colour codes of a matrix's cells: 0..255, 256 not there yet, 257 no number.
  /** @param {number} cells */
  function codes(cells) {
    const start = starts[cells];
    return Uint16Array.from({ length: plain.cells[cells] }, (_, cell) => bytes[start + cell] | (bytes[half + start + cell] << 8));
  }

  /** @param {number} instant */
  function list(instant) {
    let known = instant;
    while (known > 0 && !lists[known]) known--;
    for (let place = known; place <= instant; place++) lists[place] ??= edited(place);
    return lists[instant];
  }

  /** @param {number} instant */
  function edited(instant) {
    const [, head, tail, middle] = plain.instants[instant];
    const before = instant ? lists[instant - 1] : [];
    return [...before.slice(0, head), ...summed(middle), ...before.slice(before.length - tail)];
  }

  // Place of the instant that is shown at a tick.
  /** @param {number} tick */
  function instantAt(tick) {
    let [low, high] = [0, plain.instants.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (plain.instants[middle][0] <= tick) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  // Whether the picture fills the frame then, without panels to read beside it.
  /** @param {number} tick */
  const isWhole = (tick) => plain.whole.findLast(([start]) => start <= tick)?.[1] ?? true;

  const { size, picture, background, shadow, tables, letters, masks } = plain;
  return { size, picture, isWhole, background, shadow, tables, letters, masks, parts, codes, list, instantAt };
}

// The sums of numbers that say how much is added each time.
/** @param {number[]} steps */
function summed(steps) {
  let sum = 0;
  return steps.map((step) => (sum += step));
}

/** @param {any[]} row @returns {Form} */
function formOf([kind, ...rest]) {
  if (kind === "t") return { kind, text: rest[0], face: rest[1], colour: rest[2], anchor: rest[3], counted: rest[4] === 1 };
  if (kind === "l") return { kind, colour: rest[0] };
  if (kind === "p" || kind === "b") return { kind, fill: rest[0], edge: rest[1] };
  const [key, cells, table, [rows, columns], layers, mask, edge, empty, grid, shadow] = rest;
  return { kind: "m", key, cells, table, rows, columns, layers, mask, edge, empty, grid: grid === 1, shadow: shadow === 1 };
}

/** @param {number[]} row @param {PackedReel} reel */
function placeOf(row, { steps, opaque }) {
  return Float64Array.from(row, (value, index) => value / (index < 2 ? opaque : steps));
}
