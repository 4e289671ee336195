"use strict";
// The film as it travels with the page (see pack.py): unpacked, part by part.

// From base64.  Rejects where the browser cannot inflate.
/** @param {string} base64 @returns {Promise<PackedFilm>} */
async function unpackFilm(base64) {
  const packed = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const gap = bytes.indexOf(32); // before it stands how long the JSON is, after that come the codes of all cells
  const start = gap + 1 + Number(new TextDecoder().decode(bytes.subarray(0, gap)));
  return { plain: JSON.parse(new TextDecoder().decode(bytes.subarray(gap + 1, start))), bytes: bytes.subarray(start) };
}

// The film in the first of its themes, 0, or in the second.
/** @param {PackedFilm} packed @param {number} theme @returns {Reel} */
function makeReel({ plain, bytes }, theme) {
  /** @template Thing @param {Thing[]} things */
  const themed = (things) => things[theme] ?? things[0];
  const colours = plain.colours.map(themed);
  const forms = plain.forms.map((row) => formOf(row, colours));
  const places = rowsOf(plain.places).map((row) => placeOf(row, plain));
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

  /** @param {number} cells */
  const count = (cells) => plain.cells[cells];

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

  const { size, picture, inspector, boxes, photograph, letters, masks, maps, scales } = plain;
  return { size, picture, inspector, boxes, isWhole, photograph, letters, masks, maps, scales, parts, codes, count, list, instantAt,
    background: themed(plain.background), shadow: themed(plain.shadow), tables: plain.tables.map(themed) };
}

// The sums of numbers that say how much is added each time.
/** @param {number[]} steps */
function summed(steps) {
  let sum = 0;
  return steps.map((step) => (sum += step));
}

// Rows of numbers that are written as columns, by the rows' length, each number as its difference from the one above.
/** @param {PackedReel["places"]} packed */
function rowsOf({ lengths, columns }) {
  /** @type {Record<string, number>} */
  const made = {}; // how many rows of a length there are already
  /** @type {Record<string, Float64Array>} */
  const above = {};
  return lengths.map((length) => {
    const row = (above[length] ??= new Float64Array(length));
    const [place, count] = [(made[length] = (made[length] ?? -1) + 1), columns[length].length / length];
    for (let column = 0; column < length; column++) row[column] += columns[length][column * count + place];
    return row.slice();
  });
}

/** @param {any[]} row @param {string[]} colours @returns {Form} */
function formOf([kind, ...rest], colours) {
  if (kind === "t") return { kind, text: rest[0], face: rest[1], colour: colours[rest[2]], anchor: rest[3], counted: rest[4] === 1, told: rest[5].map(toldOf) };
  if (kind === "l") return { kind, colour: colours[rest[0]] };
  if (kind === "p" || kind === "b") return { kind, fill: colours[rest[0]], edge: colours[rest[1]] ?? "" };
  const [key, cells, table, [rows, columns], layers, mask, edge, empty, grid, shadow, shows, scale] = rest;
  return { kind: "m", key, cells, table, rows, columns, layers, mask, edge: colours[edge], empty: colours[empty], grid: grid === 1, shadow: shadow === 1, shows, scale };
}

/** @param {any[]} row @returns {Told} */
const toldOf = ([start, stop, rule, of, style, count, texts, on]) => ({ start, stop, rule, of, style, count, texts, on });

/** @param {Float64Array} row @param {PackedReel} reel */
function placeOf(row, { steps, opaque }) {
  return Float64Array.from(row, (value, index) => value / (index < 2 ? opaque : steps));
}
