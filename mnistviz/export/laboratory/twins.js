"use strict";
// The twins of numpy's operations, by the names that mnistviz/operations.py gives them.  A twin takes a call's
// arguments and keywords, and the shape and type that the result had when it was recorded.

// Whether the page's own bits, 32 of them, hold a whole number.
/** @param {number} whole */
const isShort = (whole) => (whole | 0) === whole;

/** @type {Record<string, (...numbers: number[]) => number>} */
const BY_CELL = {
  add: (a, b) => a + b, subtract: (a, b) => a - b, multiply: (a, b) => a * b, divide: (a, b) => a / b,
  power: raised, floor_divide: (a, b) => divided(a, b)[0], remainder: (a, b) => divided(a, b)[1],
  fmod: (a, b) => a % b, maximum: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.max(a, b)),
  minimum: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.min(a, b)),
  fmax: (a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b)), fmin: (a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b)),
  greater: (a, b) => Number(a > b), less: (a, b) => Number(a < b), equal: (a, b) => Number(a === b),
  greater_equal: (a, b) => Number(a >= b), less_equal: (a, b) => Number(a <= b), not_equal: (a, b) => Number(a !== b),
  logical_and: (a, b) => Number(a !== 0 && b !== 0), logical_or: (a, b) => Number(a !== 0 || b !== 0),
  logical_xor: (a, b) => Number((a !== 0) !== (b !== 0)), logical_not: (a) => Number(a === 0),
  negative: (a) => -a, positive: (a) => a, conjugate: (a) => a, absolute: Math.abs, fabs: Math.abs, sign: (a) => Math.sign(a) + 0, square: (a) => a * a,
  reciprocal: (a) => 1 / a, sqrt: Math.sqrt, cbrt: Math.cbrt, exp: Math.exp, exp2: (a) => 2 ** a, expm1: Math.expm1,
  log: Math.log, log2: Math.log2, log10: Math.log10, log1p: Math.log1p, sin: Math.sin, cos: Math.cos, tan: Math.tan,
  arcsin: Math.asin, arccos: Math.acos, arctan: Math.atan, arctan2: Math.atan2, hypot: Math.hypot, sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh,
  arcsinh: Math.asinh, arccosh: Math.acosh, arctanh: Math.atanh, floor: Math.floor, ceil: Math.ceil, trunc: Math.trunc, rint: roundedToEven,
  copysign: (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a)), heaviside: (a, b) => (a === 0 ? b : Number.isNaN(a) ? NaN : Number(a > 0)),
  logaddexp: (a, b) => (a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))), float_power: raised,
  degrees: (a) => (a * 180) / Math.PI, radians: (a) => (a * Math.PI) / 180, isnan: (a) => Number(Number.isNaN(a)),
  bitwise_and: (a, b) => (isShort(a) && isShort(b) ? a & b : Number(BigInt(a) & BigInt(b))),
  bitwise_or: (a, b) => (isShort(a) && isShort(b) ? a | b : Number(BigInt(a) | BigInt(b))),
  bitwise_xor: (a, b) => (isShort(a) && isShort(b) ? a ^ b : Number(BigInt(a) ^ BigInt(b))),
  isfinite: (a) => Number(Number.isFinite(a)), isinf: (a) => Number(Math.abs(a) === Infinity), signbit: (a) => Number(a < 0 || Object.is(a, -0)),
};

/** @type {Record<string, (cells: Float64Array) => number>} */
const BY_AXIS = {
  sum: sumOf, mean: (cells) => sumOf(cells) / cells.length, prod: (cells) => cells.reduce((product, number) => product * number, 1),
  max: (cells) => cells[placeOfBest(cells, 1)], min: (cells) => cells[placeOfBest(cells, -1)],
  argmax: (cells) => placeOfBest(cells, 1), argmin: (cells) => placeOfBest(cells, -1),
  any: (cells) => Number(cells.some((number) => number !== 0)), all: (cells) => Number(cells.every((number) => number !== 0)),
  count_nonzero: (cells) => cells.filter((number) => number !== 0).length,
  median: (cells) => { const own = cells.toSorted(); const half = own.length >> 1; return own.length % 2 ? own[half] : (own[half - 1] + own[half]) / 2; },
};

/** @type {Record<string, (cells: Float64Array) => ArrayLike<number>>} */
const ALONG = {
  cumsum: (cells) => { let sum = 0; return cells.map((number) => (sum += number)); },
  cumprod: (cells) => { let product = 1; return cells.map((number) => (product *= number)); },
  sort: (cells) => cells.toSorted(inOrder), flip: (cells) => cells.toReversed(),
  argsort: (cells) => [...cells.keys()].toSorted((one, other) => inOrder(cells[one], cells[other]) || one - other),
};

/** @type {Record<string, Twin>} */
const TWINS = {
  ...Object.fromEntries(Object.entries(BY_CELL).map(([name, compute]) => [name, (/** @type {any[]} */ given) => cellByCell(compute, given)])),
  ...Object.fromEntries(Object.entries(BY_AXIS).map(([name, compute]) => [name, (/** @type {any[]} */ given, /** @type {any} */ options, /** @type {Wanted} */ wanted) =>
    reducedBy(compute, wanted.shape, given[0], axisOf(given[1], options, null))])),
  "add.reduce": ([array, axis], options, { shape }) => reducedBy(sumOf, shape, array, axisOf(axis, options, 0)),
  var: ([array, axis, , , free], options, { shape }) => reducedBy((cells) => varianceOf(cells, free ?? options.ddof ?? 0), shape, array, axisOf(axis, options, null)),
  std: ([array, axis, , , free], options, { shape }) => reducedBy((cells) => Math.sqrt(varianceOf(cells, free ?? options.ddof ?? 0)), shape, array, axisOf(axis, options, null)),
  "linalg.norm": ([array, order, axis], options, { shape }) => {
    if ((order ?? options.ord ?? null) !== null) throw new RangeError("a norm of another order");
    return reducedBy((cells) => Math.sqrt(sumOf(cells.map((number) => number * number))), shape, array, axisOf(axis, options, null));
  },
  cumsum: ([array, axis], options) => along(ALONG.cumsum, array, axisOf(axis, options, null)),
  cumprod: ([array, axis], options) => along(ALONG.cumprod, array, axisOf(axis, options, null)),
  sort: ([array, axis], options) => along(ALONG.sort, array, axisOf(axis, options, -1)),
  argsort: ([array, axis], options) => along(ALONG.argsort, array, axisOf(axis, options, -1)),
  flip: ([array, axis], options) => [axis ?? options.axis ?? [...array.shape.keys()]].flat().reduce((made, one) => along(ALONG.flip, made, one), array),
  matmul: ([a, b]) => matmul(a, b),
  dot: ([a, b]) => {
    const [one, other] = [matrixOf(a), matrixOf(b)];
    if (!one.shape.length || !other.shape.length) return cellByCell(BY_CELL.multiply, [one, other]);
    if (other.shape.length > 2) throw new RangeError("a product of stacks by dot");
    return matmul(one, other);
  },
  vdot: ([a, b]) => einsum("a,a->", [flat(a), flat(b)]),
  inner: ([a, b]) => (a.shape.length && b.shape.length ? einsum(`${letters(a.shape.length - 1, 0)}z,${letters(b.shape.length - 1, 10)}z`, [a, b]) : cellByCell(BY_CELL.multiply, [a, b])),
  outer: ([a, b]) => einsum("a,b->ab", [flat(a), flat(b)]),
  "multiply.outer": ([a, b]) => einsum(`${letters(a.shape.length, 0)},${letters(b.shape.length, 10)}->${letters(a.shape.length, 0)}${letters(b.shape.length, 10)}`, [a, b]),
  einsum: ([subscripts, ...arrays]) => einsum(subscripts, arrays),
  kron: ([a, b], _, { shape }) => {
    const [rows, columns] = [b.shape[b.shape.length - 2], b.shape[b.shape.length - 1]];
    if (a.shape.length !== 2 || b.shape.length !== 2) throw new RangeError("kron of arrays that are no matrices");
    return { shape, data: Float64Array.from({ length: sizeOf(shape) }, (__, cell) => {
      const [row, column] = [Math.floor(cell / shape[1]), cell % shape[1]];
      return a.data[Math.floor(row / rows) * a.shape[1] + Math.floor(column / columns)] * b.data[(row % rows) * columns + (column % columns)];
    }) };
  },
  invert: ([array], _, { type }) => cellByCell(type === "bool" ? BY_CELL.logical_not : (number) => -number - 1, [array]),
  where: ([condition, a, b]) => cellByCell((chosen, one, other) => (chosen ? one : other), [condition, a, b]),
  clip: ([array, low, high], options) => cellByCell((number, least, most) => (Number.isNaN(number) ? NaN : Math.min(Math.max(number, least), most)),
    [array, low ?? options.a_min ?? options.min ?? -Infinity, high ?? options.a_max ?? options.max ?? Infinity]),
  round: ([array, decimals], options) => {
    const places = decimals ?? options.decimals ?? 0;
    const factor = 10 ** Math.abs(places);
    return cellByCell(places < 0 ? (number) => roundedToEven(number / factor) * factor : (number) => roundedToEven(number * factor) / factor, [array]);
  },
  getitem: ([array, index]) => { const { shape, places } = partOf(array.shape, index); return picked(array, shape, places); },
  setitem: ([array, index, value]) => {
    const { shape, places } = partOf(array.shape, index);
    const data = array.data.slice();
    const own = matrixOf(value);
    const extra = own.shape.length - shape.length; // leading axes of one
    const numbers = stretched(extra > 0 ? { ...own, shape: own.shape.slice(extra) } : own, shape).data;
    places.forEach((place, cell) => { data[place] = numbers[cell]; });
    return { shape: array.shape, data };
  },
  take: ([array, places, axis], options) => {
    const along = axis ?? options.axis ?? null;
    const [own, at] = along === null ? [flat(array), 0] : [array, around(along, array.shape.length)];
    const index = [...Array.from({ length: at }, () => ({ slice: [null, null, null] })), matrixOf(places)];
    const part = partOf(own.shape, index);
    return picked(own, part.shape, part.places);
  },
  transpose: ([array, ...axes], options) => {
    const order = (axes.length > 1 ? axes : axes[0] ?? options.axes) ?? [...array.shape.keys()].toReversed();
    return turned(array, (order.list ?? order).map((/** @type {number} */ axis) => around(axis, array.shape.length)));
  },
  matrix_transpose: ([array]) => TWINS.swapaxes([array, -1, -2], {}, { shape: [], type: "" }),
  swapaxes: ([array, one, other]) => {
    const order = [...array.shape.keys()];
    const [a, b] = [around(one, order.length), around(other, order.length)];
    [order[a], order[b]] = [order[b], order[a]];
    return turned(array, order);
  },
  moveaxis: ([array, from, to]) => {
    const order = [...array.shape.keys()];
    const [axis] = order.splice(around(from, order.length), 1);
    order.splice(around(to, array.shape.length), 0, axis);
    return turned(array, order);
  },
  same_order: ([array, ...others], options, { shape }) => {
    if ([options.order, ...others].some((one) => ["F", "A", "K"].includes(one))) throw new RangeError("another order of cells");
    return { shape, data: matrixOf(array).data };
  },
  broadcast_to: ([array], _, { shape }) => stretched(matrixOf(array), shape),
  repeat: ([array, count, axis], options) => {
    const along = axis ?? options.axis ?? null;
    if (typeof count !== "number") throw new RangeError("a count for each cell");
    const own = along === null ? flat(array) : array;
    const at = along === null ? 0 : around(along, own.shape.length);
    return TWINS.take([own, Array.from({ length: own.shape[at] * count }, (__, place) => Math.floor(place / count)), at], {}, { shape: [], type: "" });
  },
  concatenate: ([arrays, axis], options) => joined(parts(arrays), axisOf(axis, options, 0)),
  stack: ([arrays, axis], options) => {
    const most = parts(arrays)[0].shape.length + 1;
    const at = around(axis ?? options.axis ?? 0, most);
    return joined(parts(arrays).map((array) => reshaped(array, array.shape.toSpliced(at, 0, 1))), at);
  },
  hstack: ([arrays]) => joined(parts(arrays), parts(arrays)[0].shape.length > 1 ? 1 : 0),
  vstack: ([arrays]) => joined(parts(arrays).map((array) => (array.shape.length < 2 ? reshaped(array, [1, array.data.length]) : array)), 0),
  column_stack: ([arrays]) => joined(parts(arrays).map((array) => (array.shape.length < 2 ? reshaped(array, [array.data.length, 1]) : array)), 1),
  zeros_like: (_, __, { shape }) => ({ shape, data: new Float64Array(sizeOf(shape)) }),
  ones_like: (_, __, { shape }) => ({ shape, data: new Float64Array(sizeOf(shape)).fill(1) }),
  full_like: ([, number], options, { shape }) => stretched(matrixOf(number ?? options.fill_value), shape),
  full: ([, number], options, { shape }) => stretched(matrixOf(number ?? options.fill_value), shape),
  arange: ([first, last, step]) => {
    const [start, end, by] = last === undefined ? [0, first, 1] : [first, last, step ?? 1];
    return matrixOf(Array.from({ length: Math.max(0, Math.ceil((end - start) / by)) }, (_, place) => start + place * by));
  },
  triu: ([array, k], options) => triangle(array, (row, column) => column - row >= (k ?? options.k ?? 0)),
  tril: ([array, k], options) => triangle(array, (row, column) => column - row <= (k ?? options.k ?? 0)),
  bincount: ([array, weights, least], options) => {
    const [own, by] = [matrixOf(array).data, weights ?? options.weights ?? null];
    if (own.some((number) => number < 0)) throw new RangeError("a number below 0");
    const data = new Float64Array(Math.max(least ?? options.minlength ?? 0, own.reduce((most, number) => Math.max(most, number + 1), 0)));
    own.forEach((number, cell) => { data[number] += by === null ? 1 : matrixOf(by).data[cell]; });
    return { shape: [data.length], data };
  },
  unique: ([array]) => matrixOf(Array.from(matrixOf(array).data.toSorted(inOrder).filter((number, place, all) => !place || inOrder(all[place - 1], number) !== 0))),
  searchsorted: ([array, values, side], options) => {
    if (options.sorter ?? null) throw new RangeError("places by way of an order");
    const [own, found] = [matrixOf(array).data, matrixOf(values)];
    const isBefore = (side ?? options.side) === "right" ? (/** @type {number} */ order) => order <= 0 : (/** @type {number} */ order) => order < 0;
    return { shape: found.shape, data: found.data.map((number) => own.filter((one) => isBefore(inOrder(one, number))).length) };
  },
  roll: ([array, shift, axis], options) => {
    const [shifts, axes] = [listOf(shift ?? options.shift), axis ?? options.axis ?? null];
    /** @param {number} by */
    const by = (by) => (/** @type {Float64Array} */ cells) => cells.map((_, place) => cells[(((place - by) % cells.length) + cells.length) % cells.length]);
    if (axes === null) return reshaped(along(by(shifts.reduce((sum, one) => sum + one, 0)), array, null), array.shape);
    return listOf(axes).reduce((made, one, place) => along(by(shifts[place] ?? shifts[0]), made, one), array);
  },
  diff: ([array, count, axis], options) => {
    const [times, at] = [count ?? options.n ?? 1, around(axis ?? options.axis ?? -1, array.shape.length)];
    if (array.type === "bool" || "prepend" in options || "append" in options) throw new RangeError("differences of another kind");
    /** @param {Matrix} given @param {(number | null)[]} slice */
    const part = (given, slice) => TWINS.getitem([given, given.shape.map((_, one) => ({ slice: one === at ? [...slice, null] : [null, null, null] }))], {}, { shape: [], type: "" });
    let made = array;
    for (let time = 0; time < times; time++) made = cellByCell(BY_CELL.subtract, [part(made, [1, null]), part(made, [null, -1])]);
    return made;
  },
  tile: ([array], _, { shape }) => {
    const own = matrixOf(array);
    const whole = reshaped(own, [...Array.from({ length: shape.length - own.shape.length }, () => 1), ...own.shape]);
    return shape.reduce((made, length, axis) => TWINS.take([made, Array.from({ length }, (__, place) => place % whole.shape[axis]), axis], {}, { shape: [], type: "" }), whole);
  },
  trace: ([array, offset], options) => {
    if (array.shape.length !== 2 || (offset ?? options.offset)) throw new RangeError("the sum of another diagonal");
    return matrixOf(sumOf(TWINS.diag([array], {}, { shape: [], type: "" }).data));
  },
  diag: ([array, offset], options) => {
    const k = offset ?? options.k ?? 0;
    const side = array.shape[0] + Math.abs(k);
    const [rows, columns] = array.shape.length > 1 ? array.shape : [side, side];
    const count = Math.max(0, Math.min(rows + Math.min(k, 0), columns - Math.max(k, 0)));
    const places = Array.from({ length: count }, (_, place) => (place - Math.min(k, 0)) * columns + place + Math.max(k, 0));
    if (array.shape.length > 1) return picked(array, [count], places);
    const data = new Float64Array(side * side);
    places.forEach((place, cell) => { data[place] = array.data[cell]; });
    return { shape: [side, side], data };
  },
  pad: ([array, widths, mode], options, { shape }) => {
    const filling = matrixOf(options.constant_values ?? 0);
    if ((mode ?? options.mode ?? "constant") !== "constant" || filling.data.length > 1) throw new RangeError("a border of another kind");
    const before = stretched(matrixOf(widths ?? options.pad_width), [shape.length, 2]).data.filter((_, place) => place % 2 === 0);
    const strides = stridesOf(shape);
    const data = new Float64Array(sizeOf(shape)).fill(filling.data[0]);
    walk(array.shape, strides, strides.reduce((sum, stride, axis) => sum + stride * before[axis], 0)).forEach((place, cell) => { data[place] = array.data[cell]; });
    return { shape, data };
  },
  sliding_window_view: ([array, window], options, { shape }) => {
    if ((options.axis ?? null) !== null || [window].flat().length !== array.shape.length) throw new RangeError("a window along some axes");
    const strides = stridesOf(array.shape);
    return picked(array, shape, walk(shape, [...strides, ...strides]));
  },
};

// The axis of a call, by place or by name; null, numpy's None, is one.
/** @param {any} axis @param {any} options @param {number | null} usual @returns {any} */
const axisOf = (axis, options, usual) => (axis !== undefined ? axis : options.axis !== undefined ? options.axis : usual);
/** @param {any} given @returns {number[]} */
const listOf = (given) => [given?.list ?? given].flat();
/** @param {number} count @param {number} first */
const letters = (count, first) => "abcdefghijklmnopqrst".slice(first, first + count);
/** @param {any} array @returns {Matrix} */
const flat = (array) => ({ shape: [matrixOf(array).data.length], data: matrixOf(array).data });
/** @param {Matrix} array @param {number[]} shape @returns {Matrix} */
const reshaped = ({ data, type }, shape) => ({ shape, data, type });
/** @param {any} arrays @returns {Matrix[]} */
const parts = (arrays) => (isMatrix(arrays) ? Array.from({ length: arrays.shape[0] }, (_, row) => TWINS.getitem([arrays, row], {}, { shape: [], type: "" })) : (arrays.list ?? arrays).map(matrixOf));

// Half-way to the even neighbour, as numpy rounds.
/** @param {number} number */
function roundedToEven(number) {
  const low = Math.floor(number);
  if (number - low !== 0.5) return Math.round(number);
  return low % 2 === 0 ? low : low + 1 || -0;
}

// 1 stays 1, also to a power that is no number.
/** @param {number} a @param {number} b */
function raised(a, b) {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

// How many whole times, and what is left, as numpy's `npy_divmod` has them: from the exact rest, which has b's sign.
/** @param {number} a @param {number} b @returns {[number, number]} */
function divided(a, b) {
  const rest = a % b;
  if (b === 0) return [a / b, rest];
  const turned = rest !== 0 && b < 0 !== rest < 0;
  const times = (a - rest) / b - Number(turned);
  const whole = Math.floor(times);
  const nearest = times - whole > 0.5 ? whole + 1 : whole;
  return [times !== 0 ? nearest : BY_CELL.copysign(0, a / b), turned ? rest + b : rest || BY_CELL.copysign(rest, b)];
}

// What is no number comes last.
/** @param {number} one @param {number} other */
function inOrder(one, other) {
  if (Number.isNaN(one) || Number.isNaN(other)) return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
  return one - other;
}

/** @param {Matrix} array @param {(row: number, column: number) => boolean} keeps @returns {Matrix} */
function triangle({ shape, data }, keeps) {
  const [rows, columns] = shape.slice(-2);
  return { shape, data: data.map((number, cell) => (keeps(Math.floor(cell / columns) % rows, cell % columns) ? number : 0)) };
}

/** @param {Matrix[]} arrays @param {number | null} axis @returns {Matrix} */
function joined(arrays, axis) {
  if (axis === null) return joined(arrays.map(flat), 0);
  const at = around(axis, arrays[0].shape.length);
  const shape = arrays[0].shape.with(at, arrays.reduce((sum, array) => sum + array.shape[at], 0));
  const [outer, inner] = [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at + 1))];
  const data = new Float64Array(sizeOf(shape));
  let place = 0;
  for (let row = 0; row < outer; row++) for (const array of arrays) {
    const length = array.shape[at] * inner;
    data.set(array.data.subarray(row * length, (row + 1) * length), place);
    place += length;
  }
  return { shape, data };
}
