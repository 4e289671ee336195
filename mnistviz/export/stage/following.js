"use strict";
// What the laboratory changes is followed: the colours of cells and the numbers in texts as they are now, in the film's
// own scales; what nobody computes again is faded, for it is as it was recorded.

const FADED = 0.35; // of the opacity of what stays as it was recorded
const EQUAL_CONTRAST = 0.1791; // the light on which black and white stand out alike
const VERDICT_ENDS = /[,\s]+$/;

/** @type {Following} */
const STILL = { run: () => 0, codes: () => null, text: ({ text }) => text, ink: ({ colour }) => colour, seen: () => 1, mark: () => "" };

/** @type {Record<string, (number: number, numbers: Numbers) => string>} */
const NUMBER_STYLES = { // as in mnistviz/picture/wording.py
  signed: (number, { filmed }) => filmed(number),
  bare: (number, { filmed }) => (number < 0 ? `(${filmed(number)})` : filmed(number).replace("+", "")),
  long: (number) => (number < 0 ? "" : "+") + number.toFixed(6),
  share: (number) => number.toFixed(3),
  short: (number) => shortened(number),
  count: (number, { filmed }) => (Math.abs(number) < 1e6 ? Math.trunc(number).toLocaleString("en-US") : filmed(number)),
  whole: (number, numbers) => (number < 0 ? `(${NUMBER_STYLES.count(number, numbers)})` : NUMBER_STYLES.count(number, numbers)),
  index: (number) => String(Math.trunc(number)),
};

/** @param {PageData} data @param {Numbers} numbers @param {Reel} reel @param {News} news @returns {Following} */
function makeFollowing(data, numbers, reel, news) {
  const program = new Set(data.laboratory?.given);
  for (const { makes, takes } of data.laboratory?.operations ?? []) for (const id of makes.concat(takes)) program.add(id);
  const palettes = reel.tables.map((table) => Uint8Array.from(atob(table), (letter) => letter.charCodeAt(0)));
  const maps = makeMaps({ ...numbers, at: (id, flat) => cellsOf(id)[flat] });
  /** @type {(CellMap | null)[]} */
  const known = []; // in the page's words; null where the page cannot know them
  /** @type {Map<string, Uint16Array>} */
  const coded = new Map(); // of this run
  let count = -1; // of the run that they are of

  /** @param {number} id */
  const cellsOf = (id) => news.run.values.get(id)?.data ?? numbers.decode(data.arrays[id]?.data ?? "");
  /** @param {number} number */
  const mapOf = (number) => (known[number] === undefined ? (known[number] = paged(reel.maps[number])) : known[number]);
  const isOther = () => news.run.values.size + news.run.held.size > 0;

  /** @param {PackedMap} packed @returns {CellMap | null} */
  function paged([value, before, first, step, factor, stretched, old, blocks, minus, times]) {
    const own = data.aliases[value] ?? value;
    const [array, oldArray] = [before ? data.befores[own] : own, old.length ? data.befores[own] : undefined];
    const [less, more] = [minus, times].map((other) => (other < 0 ? undefined : mapOf(other)));
    if (array === undefined || !program.has(array) || !numbers.carried(array) || less === null || more === null || (old.length && oldArray === undefined)) return null;
    const [layers, rows, columns, drawnRows, drawnColumns] = blocks;
    return { array, first, step, factor, stretched: stretched.length ? stretched : undefined, old, oldArray, minus: less, times: more,
      blocks: blocks.length ? { layers, rows, columns, drawnRows, drawnColumns } : undefined };
  }

  // Whether what a map speaks of is other now, and whether it can be said.
  /** @param {number} number @returns {"film" | "now" | "recorded"} */
  function stateOf(number) {
    const map = mapOf(number);
    if (!map) return isOther() ? "recorded" : "film";
    const arrays = maps.arrays(map);
    if (arrays.some((id) => news.run.held.has(id))) return "recorded";
    return arrays.some((id) => news.run.values.has(id)) ? "now" : "film";
  }

  // Number by number, as the card draws them.
  /** @param {CellMap} map @param {MatrixForm} form @param {number} size */
  function drawnCells(map, form, size) {
    const { array, first = 0, step = 1, factor = 1, stretched, old, minus, times, blocks } = map;
    if (blocks) return Float64Array.from({ length: size }, (_, cell) => meanOf(map, blocks, form, cell));
    if (stretched || old?.length || minus || times) return Float64Array.from({ length: size }, (_, cell) => maps.value(map, cell) * factor);
    const cells = cellsOf(array);
    return Float64Array.from({ length: size }, (_, cell) => cells[first + cell * step] * factor);
  }

  /** @param {CellMap} map @param {Blocks} blocks @param {MatrixForm} form @param {number} cell */
  function meanOf({ array, factor = 1 }, blocks, form, cell) {
    const [layer, rest] = [Math.floor(cell / (form.rows * form.columns)), cell % (form.rows * form.columns)];
    const [row, column] = [Math.floor(rest / form.columns), rest % form.columns];
    /** @param {number} at @param {number} count @param {number} length */
    const ends = (at, count, length) => [Math.floor((at * length) / count), Math.floor(((at + 1) * length) / count)];
    const [[top, bottom], [left, right]] = [ends(row, blocks.drawnRows, blocks.rows), ends(column, blocks.drawnColumns, blocks.columns)];
    let sum = 0;
    for (let r = top; r < bottom; r++) for (let c = left; c < right; c++) sum += cellsOf(array)[(layer * blocks.rows + r) * blocks.columns + c];
    return (factor * sum) / ((bottom - top) * (right - left));
  }

  /** @param {MatrixForm} form @returns {Uint16Array | null} */
  function codes(form) {
    if (form.shows < 0 || form.table === reel.photograph || !follows(form)) return null;
    if (count !== news.count) coded.clear();
    count = news.count;
    const name = `${form.cells} ${form.shows} ${form.scale}`;
    const found = coded.get(name) ?? codesOf(form, /** @type {CellMap} */ (mapOf(form.shows)));
    coded.set(name, found);
    return found;
  }

  /** @param {MatrixForm} form */
  const follows = ({ shows }) => mapOf(shows) !== null && maps.arrays(/** @type {CellMap} */ (mapOf(shows))).some((id) => news.run.values.has(id));

  /** @param {MatrixForm} form @param {CellMap} map */
  const codesOf = (form, map) => Uint16Array.from(drawnCells(map, form, reel.count(form.cells)), coder(reel.scales[form.scale]));

  // A number in a cell is black or white, as stands out on the cell's colour.
  /** @param {TextForm} form */
  function ink(form) {
    const [told] = form.told;
    if (!told?.on.length || stateOf(told.of[0]) !== "now") return form.colour;
    const map = /** @type {CellMap} */ (mapOf(told.of[0]));
    const code = coder(reel.scales[told.on[1]])(maps.value(map, 0) * (map.factor ?? 1));
    return code < NOT_YET && lightOf(palettes[told.on[0]].subarray(3 * code, 3 * code + 3)) > EQUAL_CONTRAST ? "#000000" : "#ffffff";
  }

  /** @param {TextForm} form */
  function text(form) {
    if (!form.told.length || !isOther()) return form.text;
    let made = form.text;
    for (const told of form.told.toReversed()) {
      if (!told.of.length || told.rule === "film's own" || told.of.some((map) => stateOf(map) === "recorded")) continue;
      if (told.of.some((map) => stateOf(map) === "now")) made = made.slice(0, told.start) + written(told) + made.slice(told.stop);
    }
    return judged(form, made);
  }

  // A verdict that is another one now: what was said after it belonged to the old one.
  /** @param {TextForm} form @param {string} made */
  function judged(form, made) {
    const last = form.told.findLast(({ rule }) => rule === "verdict");
    if (!last || made === form.text || last.of.some((map) => stateOf(map) === "recorded")) return made;
    const end = made.indexOf(last.texts[isRight(last) ? 0 : 1].trim()) + last.texts[isRight(last) ? 0 : 1].trim().length;
    return (isRight(last) ? made.slice(0, end) : made).replace(VERDICT_ENDS, "");
  }

  /** @param {Told} told */
  const isRight = ({ of }) => rowOf(of[0]) === rowOf(of[1]);

  // The number that a map's first cell holds; of a whole array, the place of the largest.
  /** @param {number} number */
  function rowOf(number) {
    const map = /** @type {CellMap} */ (mapOf(number));
    return map.step === 0 ? placeOfBest(Float64Array.from(cellsOf(map.array)), 1) : maps.value(map, 0);
  }

  /** @param {Told} told */
  function written(told) {
    const map = /** @type {CellMap} */ (mapOf(told.of[0]));
    const write = NUMBER_STYLES[told.style];
    if (told.rule === "verdict") return told.texts[isRight(told) ? 0 : 1];
    if (told.rule === "choice") return told.texts[maps.value(map, 0) > (told.of.length > 1 ? maps.value(/** @type {CellMap} */ (mapOf(told.of[1])), 0) : 0) ? 0 : 1];
    if (told.rule === "place of the largest") return write(placeOfBest(Float64Array.from(cellsOf(map.array)), 1), numbers);
    if (told.rule === "cell") return write(maps.value(map, 0), numbers);
    return write(endOf(map, told), numbers);
  }

  // The least or the greatest of the finite numbers.
  /** @param {CellMap} map @param {Told} told */
  function endOf(map, { rule, count: cells }) {
    const all = map.blocks ? Float64Array.from(cellsOf(map.array)) : Float64Array.from({ length: cells }, (_, cell) => maps.value(map, cell));
    const finite = all.filter(Number.isFinite);
    return finite.reduce((one, other) => (rule === "least" ? Math.min(one, other) : Math.max(one, other)), finite[0] ?? NaN);
  }

  /** @param {Form} form */
  function seen(form) {
    if (!isOther()) return 1;
    if (form.kind === "m") return form.shows >= 0 && stateOf(form.shows) === "recorded" ? FADED : 1;
    if (form.kind !== "t") return 1;
    return form.told.some(({ rule, of }) => of.some((map) => stateOf(map) === "recorded") || (rule === "film's own" && (!of.length || of.some((map) => stateOf(map) === "now")))) ? FADED : 1;
  }

  /** @param {MatrixForm} form */
  const mark = (form) => (form.shows >= 0 && isOther() && follows(form) ? ` now ${news.count}` : "");

  return { run: () => news.count, codes, text, ink, seen, mark };
}

// The entry of a colour table for a number, as mnistviz/picture/theme.py has it.
/** @param {Scale} scale */
function coder([low, high, rooted]) {
  const shape = rooted ? (/** @type {number} */ value) => Math.sign(value) * Math.sqrt(Math.abs(value)) : (/** @type {number} */ value) => value;
  const [start, span] = [shape(low), shape(high) - shape(low) || 1];
  return (/** @type {number} */ value) => {
    if (!Number.isFinite(value)) return NO_NUMBER;
    const place = ((rooted ? shape(value) : value) - start) / span * 255;
    return place <= 0 ? 0 : place >= 255 ? 255 : roundedToEven(place);
  };
}

// The relative luminance of an sRGB colour, as WCAG has it.
/** @param {Uint8Array} rgb */
function lightOf(rgb) {
  const [red, green, blue] = Array.from(rgb, (part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// Four significant digits, as Python's `.4g`.
/** @param {number} number */
function shortened(number) {
  if (!Number.isFinite(number)) return String(number).replace("Infinity", "inf").replace("NaN", "nan");
  const [digits, power] = number.toExponential(3).split("e").map(Number);
  if (power >= -4 && power < 4) return String(Number(number.toPrecision(4)));
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
