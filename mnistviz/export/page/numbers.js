"use strict";
// Numbers: which arrays travel, what their cells hold, and how a number and a cell are written.

/** @typedef {ReturnType<typeof makeNumbers>} Numbers */

/** @param {PageData} data */
function makeNumbers(data) {
  const LONGEST_EXPRESSION = 40;
  /** @type {Map<string, Float32Array | Float64Array>} */
  const decoded = new Map();

  /** @param {string} text @param {boolean} [single] */
  function decode(text, single = false) {
    let numbers = decoded.get(text);
    if (!numbers) {
      const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      numbers = single ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
      decoded.set(text, numbers);
    }
    return numbers;
  }

  /** @param {number} id */
  const array = (id) => data.arrays[id];
  /** @param {number} id */
  const carried = (id) => array(id)?.form === "exact";
  /** @param {number} id @param {number} flat */
  const at = (id, flat) => decode(array(id).data ?? "")[flat];
  /** @param {number[]} shape */
  const size = (shape) => shape.reduce((product, length) => product * length, 1);

  /** @param {number[]} shape @param {number} flat */
  function indices(shape, flat) {
    const found = [];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      found.unshift(flat % shape[axis]);
      flat = Math.floor(flat / shape[axis]);
    }
    return found;
  }

  /** @param {number[]} shape @param {number[]} index */
  const flatten = (shape, index) => index.reduce((flat, place, axis) => flat * shape[axis] + place, 0);

  // Where an input's cell lies that a cell of the output was made from, by numpy's broadcasting rule.
  /** @param {number[]} shape @param {number[]} index */
  function broadcast(shape, index) {
    const own = index.slice(index.length - shape.length);
    return flatten(shape, own.map((place, axis) => (shape[axis] === 1 ? 0 : place)));
  }

  // A double in the fewest digits that read back as the same double; small ones and large ones with a power of ten, as in the film.
  /** @param {number} number @param {string} [type] */
  function exact(number, type = "float64") {
    if (type === "bool") return number ? "True" : "False";
    if (Number.isNaN(number)) return "nan";
    if (!Number.isFinite(number)) return number > 0 ? "inf" : "-inf";
    if (Object.is(number, -0)) return "-0.0";
    if (!type.startsWith("float")) return String(number);
    if (number !== 0 && (Math.abs(number) < 1e-3 || Math.abs(number) >= 1e21)) return powered(number.toExponential());
    return Number.isInteger(number) ? `${number}.0` : String(number);
  }

  // A number that travels in single precision, in the digits that it has.
  /** @param {number} number */
  const rounded = (number) => (Number.isFinite(number) ? powered(String(Number(number.toPrecision(7)))) : exact(number));

  /** @param {string} text */
  const powered = (text) => text.replace("e+", "e");

  /** @param {number} number */
  function short(number) {
    if (!Number.isFinite(number)) return exact(number);
    if (number === 0) return "0";
    return Math.abs(number) >= 1e-3 && Math.abs(number) < 1e6
      ? String(Number(number.toPrecision(5))) : powered(number.toExponential(4));
  }

  // Three significant digits and a sign, as the film writes a number (mnistviz/picture/numbers.py).
  /** @param {number} number */
  function filmed(number) {
    if (!Number.isFinite(number)) return Number.isNaN(number) ? "nan" : number > 0 ? "+inf" : "-inf";
    if (number === 0) return "0";
    const text = number.toExponential(2);
    const power = Number(text.split("e")[1]);
    const written = power >= -3 && power <= 2 ? Number(text).toFixed(2 - power) : powered(text);
    return number > 0 ? `+${written}` : written;
  }

  /** @param {number} number */
  const bracket = (number) => (number < 0 ? `(${short(number)})` : short(number));

  // A part without a name of its own is called by its expression, so that an index can follow it.
  /** @param {number} id */
  function label(id) {
    const { name, named } = array(id);
    if (named !== false) return name;
    const text = name.replace(/\s+/g, " ").replace(/([([]) | (?=[)\]])|, (?=\))/g, "$1") || "result";
    const call = /^([\w.]+)\(.*\)$/s.exec(text);
    if (text.length > LONGEST_EXPRESSION) return call ? `${call[1]}(…)` : `(${text.slice(0, LONGEST_EXPRESSION - 8)}…)`;
    return call || /^[\w.]+$/.test(text) ? text : `(${text})`;
  }

  /** @param {number} id @param {number[]} index */
  const indexed = (id, index) => (index.length ? `${label(id)}[${index.join(", ")}]` : label(id));
  /** @param {number} id @param {number} flat */
  const cellName = (id, flat) => indexed(id, indices(array(id).shape, flat));
  /** @param {number} id @param {number} flat */
  const operand = (id, flat) => (array(id).named === false && !data.operations[id] ? short(at(id, flat)) : cellName(id, flat));

  return { array, carried, at, size, indices, flatten, broadcast, exact, rounded, short, filmed, bracket, label, indexed, cellName, operand, decode };
}
