"use strict";
// Parts of arrays: which cells an index names, by numpy's rules for numbers, slices, new axes and arrays of places.

/** @typedef {{ shape: number[], places: Int32Array }} Chosen */

// The cells that an index names.
/** @param {number[]} shape @param {any} index @returns {Chosen} */
function partOf(shape, index) {
  const given = expanded(shape, Array.isArray(index) ? index : [index]);
  const strides = stridesOf(shape);
  const arrays = given.filter((one) => isMatrix(one) && one.shape.length > 0);
  const advanced = arrays.length > 0;
  const common = sharedShape(given.filter(isMatrix).map((one) => one.shape));
  /** @type {[number[], number[]]} */
  const [lengths, steps] = [[], []];
  let [start, axis, at, apart] = [0, 0, -1, false];
  let last = -2;
  /** @type {[Matrix, number][]} */
  const chosen = []; // arrays of places, and the stride of their axis
  given.forEach((one, order) => {
    if (one === null) return void (lengths.push(1), steps.push(0));
    const [length, stride] = [shape[axis], strides[axis++]];
    if (isMatrix(one)) {
      if (!advanced) return void (start += around(one.data[0], length) * stride);
      if (at < 0) at = lengths.length;
      else if (last !== order - 1) apart = true;
      last = order;
      return void chosen.push([{ shape: one.shape, data: one.data.map((place) => around(place, length)) }, stride]);
    }
    const [from, count, step] = sliced(one.slice, length);
    start += from * stride;
    lengths.push(count);
    steps.push(step * stride);
  });
  if (!advanced) return { shape: lengths, places: walk(lengths, steps, start) };
  return advancedPart(lengths, steps, start, apart ? 0 : at, common, chosen);
}

/** @param {number[]} lengths @param {number[]} steps @param {number} start @param {number} at @param {number[]} common @param {[Matrix, number][]} chosen @returns {Chosen} */
function advancedPart(lengths, steps, start, at, common, chosen) {
  const offsets = new Int32Array(sizeOf(common));
  for (const [array, stride] of chosen) {
    const places = stretched(array, common).data;
    for (let cell = 0; cell < offsets.length; cell++) offsets[cell] += places[cell] * stride;
  }
  const [before, after] = [walk(lengths.slice(0, at), steps.slice(0, at), start), walk(lengths.slice(at), steps.slice(at))];
  const places = new Int32Array(before.length * offsets.length * after.length);
  let cell = 0;
  for (const one of before) for (const offset of offsets) for (const other of after) places[cell++] = one + offset + other;
  return { shape: [...lengths.slice(0, at), ...common, ...lengths.slice(at)], places };
}

// The index with an entry for each axis: masks as places, lists as arrays, numbers as arrays of one.
/** @param {number[]} shape @param {any[]} index @returns {any[]} */
function expanded(shape, index) {
  const own = index.map((one) => (typeof one === "number" || one?.list ? matrixOf(one) : one));
  const used = own.reduce((count, one) => count + (one === null || one.rest ? 0 : isMatrix(one) && one.type === "bool" ? one.shape.length : 1), 0);
  const missing = Array.from({ length: shape.length - used }, () => ({ slice: [null, null, null] }));
  const place = own.findIndex((one) => one?.rest);
  const full = place < 0 ? [...own, ...missing] : own.toSpliced(place, 1, ...missing);
  return full.flatMap((one) => (isMatrix(one) && one.type === "bool" ? whereTrue(one) : [one]));
}

// For each axis the places of the cells that are not 0.
/** @param {Matrix} mask @returns {Matrix[]} */
function whereTrue(mask) {
  const cells = [...mask.data.keys()].filter((cell) => mask.data[cell] !== 0);
  const strides = stridesOf(mask.shape);
  return mask.shape.map((length, axis) => ({ shape: [cells.length], data: Float64Array.from(cells, (cell) => Math.floor(cell / strides[axis]) % length) }));
}

/** @param {number} place @param {number} length */
function around(place, length) {
  const found = place < 0 ? place + length : place;
  if (found < 0 || found >= length) throw new RangeError(`index ${place} is out of bounds for ${length}`);
  return found;
}

// A slice as Python reads it: the first place, how many, the step.
/** @param {(number | null)[]} parts @param {number} length @returns {[number, number, number]} */
function sliced([start, stop, step], length) {
  const by = step ?? 1;
  const [low, high] = by > 0 ? [0, length] : [-1, length - 1];
  /** @param {number | null} end @param {number} usual */
  const end = (end, usual) => (end === null ? usual : Math.min(Math.max(end < 0 ? end + length : end, low), high));
  const [first, last] = by > 0 ? [end(start, 0), end(stop, length)] : [end(start, length - 1), end(stop, -1)];
  return [first, Math.max(0, Math.ceil((last - first) / by)), by];
}
