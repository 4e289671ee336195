"use strict";
// Arrays as numpy has them: a shape, and numbers in row-major order.  Numbers of every type are doubles here.

const WRAPPED = { int8: Int8Array, int16: Int16Array, int32: Int32Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array };

/** @param {number[]} shape */
const sizeOf = (shape) => shape.reduce((product, length) => product * length, 1);

/** @param {any} thing @returns {thing is Matrix} */
const isMatrix = (thing) => thing !== null && typeof thing === "object" && thing.data instanceof Float64Array;

// A number, a list of numbers or of lists as an array; an array is one.
/** @param {any} thing @returns {Matrix} */
function matrixOf(thing) {
  if (isMatrix(thing)) return thing;
  if (typeof thing === "number" || typeof thing === "boolean") return { shape: [], data: Float64Array.of(Number(thing)) };
  const rows = (thing?.list ?? thing).map(matrixOf);
  return { shape: [rows.length, ...(rows[0]?.shape ?? [])], data: Float64Array.from(rows.flatMap((/** @type {Matrix} */ row) => Array.from(row.data))) };
}

// How far apart neighbours along each axis lie.
/** @param {number[]} shape */
function stridesOf(shape) {
  const strides = Array.from(shape, () => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

// The shape that arrays have together, by numpy's broadcasting.
/** @param {number[][]} shapes */
function sharedShape(shapes) {
  const most = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: most }, (_, axis) => {
    const lengths = shapes.map((shape) => shape[axis - most + shape.length] ?? 1);
    const length = lengths.find((one) => one !== 1) ?? 1;
    if (lengths.some((one) => one !== 1 && one !== length)) throw new RangeError(`shapes ${shapes.map((shape) => `(${shape})`).join(" and ")} do not fit`);
    return length;
  });
}

// Strides by which an array is read as if it had a larger shape.
/** @param {number[]} own @param {number[]} shape */
function stretchedStrides(own, shape) {
  const strides = stridesOf(own);
  const missing = shape.length - own.length;
  return shape.map((_, axis) => (axis < missing || own[axis - missing] === 1 ? 0 : strides[axis - missing]));
}

// For each cell of a shape, in order, where strides lead.
/** @param {number[]} shape @param {number[]} strides @param {number} [start] */
function walk(shape, strides, start = 0) {
  const places = new Int32Array(sizeOf(shape));
  const index = Array.from(shape, () => 0);
  let place = start;
  for (let cell = 0; cell < places.length; cell++) {
    places[cell] = place;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis];
      if (++index[axis] < shape[axis]) break;
      place -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return places;
}

/** @param {Matrix} array @param {number[]} shape @returns {Matrix} */
function stretched(array, shape) {
  if (String(array.shape) === String(shape)) return array;
  return picked(array, shape, walk(shape, stretchedStrides(array.shape, shape)));
}

// The cells of an array at places, in another shape.
/** @param {Matrix} array @param {number[]} shape @param {ArrayLike<number>} places @returns {Matrix} */
function picked(array, shape, places) {
  const data = new Float64Array(places.length);
  for (let cell = 0; cell < places.length; cell++) data[cell] = array.data[places[cell]];
  return { shape, data };
}

// Cell by cell, stretched as numpy does.
/** @param {(...numbers: number[]) => number} compute @param {any[]} given @returns {Matrix} */
function cellByCell(compute, given) {
  const arrays = given.map(matrixOf);
  const shape = sharedShape(arrays.map((array) => array.shape));
  const data = new Float64Array(sizeOf(shape));
  const [a, b, c] = arrays.map((array) => (array.data.length === 1 ? array : stretched(array, shape)));
  const [one, other, third] = [a, b, c].map((array) => (array && array.data.length > 1 ? 1 : 0));
  if (arrays.length === 1) for (let cell = 0; cell < data.length; cell++) data[cell] = compute(a.data[cell]);
  else if (arrays.length === 2) for (let cell = 0; cell < data.length; cell++) data[cell] = compute(a.data[cell * one], b.data[cell * other]);
  else for (let cell = 0; cell < data.length; cell++) data[cell] = compute(a.data[cell * one], b.data[cell * other], c.data[cell * third]);
  return { shape, data };
}

// As an array of a type holds it: rounded to single precision, wrapped around.  Throws where a double cannot say it.
/** @param {Matrix} array @param {string} type @returns {Matrix} */
function stored({ shape, data }, type) {
  if (type === "float64") return { shape, data, type };
  if (type === "float32") return { shape, data: Float64Array.from(Float32Array.from(data)), type };
  if (type === "bool") return { shape, data: data.map((number) => Number(number !== 0)), type };
  if (!/^u?int/.test(type)) throw new RangeError(`numbers of the type ${type}`);
  const whole = data.map(Math.trunc);
  if (whole.some((number) => !Number.isSafeInteger(number))) throw new RangeError("whole numbers beyond 2^53");
  const Kind = WRAPPED[/** @type {keyof typeof WRAPPED} */ (type)];
  return { shape, data: Kind ? Float64Array.from(Kind.from(whole)) : whole, type };
}

// Whether an array of a type can hold a number, single precision by rounding it.
/** @param {number} number @param {string} type */
function isHeld(number, type) {
  if (!/^(float(32|64)|bool|u?int)/.test(type)) return false;
  if (type.startsWith("float")) return true;
  return Number.isSafeInteger(number) && stored({ shape: [], data: Float64Array.of(number) }, type).data[0] === number;
}
