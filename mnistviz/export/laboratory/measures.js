"use strict";
// More twins: what measures and leaves out what is no number, slides and reads between points, makes an array of nothing.

/** @param {Float64Array} cells */
const present = (cells) => cells.filter((number) => !Number.isNaN(number));

// Of one call of numpy, which computes `compute` of the cells that are taken together; `usual` is its own axis.
/** @param {(cells: Float64Array) => number} compute @param {number | null} usual @returns {Twin} */
const reducing = (compute, usual = null) => ([array, axis], options, { shape }) => reducedBy(compute, shape, array, axisOf(axis, options, usual));

/** @param {(cells: Float64Array, free: number) => number} compute @returns {Twin} */
const spreading = (compute) => ([array, axis, , , free], options, { shape }) =>
  reducedBy((cells) => compute(present(cells), free ?? options.ddof ?? 0), shape, array, axisOf(axis, options, null));

/** @param {(one: number, other: number) => number} compute @returns {(cells: Float64Array) => Float64Array} */
const accumulated = (compute) => (cells) => { let last = cells[0]; return cells.map((number, place) => (last = place ? compute(last, number) : number)); };

/** @type {Record<string, Twin>} */
const MEASURES = {
  ...Object.fromEntries(["sum", "mean", "prod", "max", "min", "median"].map((name) => [`nan${name}`, reducing((cells) => BY_AXIS[name](present(cells)))])),
  nanvar: spreading(varianceOf),
  nanstd: spreading((cells, free) => Math.sqrt(varianceOf(cells, free))),
  ptp: reducing((cells) => BY_AXIS.max(cells) - BY_AXIS.min(cells)),
  ...Object.fromEntries(Object.entries({ multiply: "prod", maximum: "max", minimum: "min", logical_and: "all", logical_or: "any" })
    .map(([name, measure]) => [`${name}.reduce`, reducing(BY_AXIS[measure], 0)])),
  ...Object.fromEntries(["add", "multiply", "maximum", "minimum"].map((name) => [`${name}.accumulate`,
    (/** @type {any[]} */ [array, axis], /** @type {any} */ options) => along(accumulated(BY_CELL[name]), array, axisOf(axis, options, 0))])),
  ...Object.fromEntries(["add", "subtract", "divide", "maximum", "minimum"].map((name) => [`${name}.outer`,
    (/** @type {any[]} */ [a, b]) => cellByCell(BY_CELL[name], [reshaped(matrixOf(a), [...matrixOf(a).shape, ...matrixOf(b).shape.map(() => 1)]), b])])),
  average: ([array, axis, weights], options, { shape }) => {
    const [at, by] = [axisOf(axis, options, null), weights ?? options.weights ?? null];
    if (by === null) return reducedBy(BY_AXIS.mean, shape, array, at);
    const own = matrixOf(by);
    const wide = own.shape.length === array.shape.length ? own : reshaped(own, array.shape.map((/** @type {number} */ length, /** @type {number} */ one) => (one === around(at, array.shape.length) ? length : 1)));
    const [whole, parts] = [stretched(wide, array.shape), cellByCell(BY_CELL.multiply, [array, wide])];
    return cellByCell(BY_CELL.divide, [reducedBy(sumOf, shape, parts, at), reducedBy(sumOf, shape, whole, at)]);
  },
  quantile: ([array, shares, axis], options, { shape }) => atShares(matrixOf(shares ?? options.q), array, axisOf(axis, options, null), shape),
  percentile: ([array, shares, axis], options, { shape }) =>
    atShares(cellByCell((share) => share / 100, [shares ?? options.q]), array, axisOf(axis, options, null), shape),
  cov: ([array, other, byRow, bias, free], options) => {
    if ((other ?? options.y ?? null) !== null) throw new RangeError("two arrays");
    return covariance(array, byRow ?? options.rowvar ?? 1, free ?? options.ddof ?? ((bias ?? options.bias) ? 0 : 1));
  },
  corrcoef: ([array, other, byRow], options) => {
    if ((other ?? options.y ?? null) !== null) throw new RangeError("two arrays");
    const all = covariance(array, byRow ?? options.rowvar ?? 1, 1);
    const spread = matrixOf(Array.from(TWINS.diag([all], {}, { shape: [], type: "" }).data, Math.sqrt));
    const rows = cellByCell(BY_CELL.divide, [all, reshaped(spread, [spread.data.length, 1])]);
    return cellByCell((a, b) => Math.min(Math.max(a / b, -1), 1), [rows, spread]);
  },
  isclose: ([a, b, relative, absolute], options) => cellByCell((one, other) => Number(one === other
    || (Number.isFinite(other) && Math.abs(one - other) <= (absolute ?? options.atol ?? 1e-8) + (relative ?? options.rtol ?? 1e-5) * Math.abs(other))), [a, b]),
  nan_to_num: ([array, , none, most, least], options) => {
    const [empty, high, low] = [none ?? options.nan ?? 0, most ?? options.posinf ?? Number.MAX_VALUE, least ?? options.neginf ?? -Number.MAX_VALUE];
    return cellByCell((number) => (Number.isNaN(number) ? empty : number === Infinity ? high : number === -Infinity ? low : number), [array]);
  },
  left_shift: ([a, b]) => cellByCell((one, by) => one * 2 ** by, [a, b]),
  right_shift: ([a, b]) => cellByCell((one, by) => Math.floor(one / 2 ** by), [a, b]),
  gcd: ([a, b]) => cellByCell(sharedFactor, [a, b]),
  lcm: ([a, b]) => cellByCell((one, other) => Math.abs(one * other) / (sharedFactor(one, other) || 1), [a, b]),
  digitize: ([array, edges, right], options, wanted) => TWINS.searchsorted([matrixOf(edges), array, (right ?? options.right) ? "left" : "right"], {}, wanted),
  interp: ([array, places, numbers, left, right], options) => {
    const [xs, ys] = [matrixOf(places).data, matrixOf(numbers).data];
    const [before, after] = [left ?? options.left ?? ys[0], right ?? options.right ?? ys[ys.length - 1]];
    return cellByCell((x) => {
      if (Number.isNaN(x) || x < xs[0]) return Number.isNaN(x) ? NaN : before;
      const place = xs.findLastIndex((one) => one <= x);
      if (place === xs.length - 1) return x > xs[place] ? after : ys[place];
      return ((ys[place + 1] - ys[place]) / (xs[place + 1] - xs[place])) * (x - xs[place]) + ys[place];
    }, [array]);
  },
  convolve: ([a, b, mode], options) => slid(matrixOf(a).data, matrixOf(b).data, mode ?? options.mode ?? "full"),
  correlate: ([a, b, mode], options) => slid(matrixOf(a).data, matrixOf(b).data.toReversed(), mode ?? options.mode ?? "valid"),
  gradient: ([array, step, ...more], options) => {
    const by = step ?? 1;
    if (typeof by !== "number" || more.length) throw new RangeError("uneven steps");
    return along((cells) => cells.map((number, place) => (place === 0 ? (cells[1] - number) / by
      : place === cells.length - 1 ? (number - cells[place - 1]) / by : (cells[place + 1] - cells[place - 1]) / (2 * by))), array, options.axis ?? 0);
  },
  tensordot: ([a, b, axes], options) => {
    const said = axes ?? options.axes ?? 2;
    const [of, by] = typeof said === "number" ? [Array.from({ length: said }, (_, place) => place - said), Array.from({ length: said }, (_, place) => place)]
      : (said.list ?? said).map(listOf);
    const names = [[...letters(a.shape.length, 0)], [..."ABCDEFGHIJ"].slice(0, b.shape.length)];
    of.forEach((/** @type {number} */ axis, /** @type {number} */ place) => { names[1][around(by[place], b.shape.length)] = names[0][around(axis, a.shape.length)]; });
    const rest = names.flat().filter((name, _, all) => all.filter((one) => one === name).length === 1);
    return einsum(`${names[0].join("")},${names[1].join("")}->${rest.join("")}`, [a, b]);
  },
  take_along_axis: ([array, indices, axis], options) => {
    const places = matrixOf(indices);
    const at = around(axis ?? options.axis ?? -1, array.shape.length);
    if (places.shape.some((length, one) => one !== at && length !== array.shape[one])) throw new RangeError("places that are stretched");
    const strides = stridesOf(array.shape);
    const starts = walk(places.shape, strides.map((stride, one) => (one === at ? 0 : stride)));
    return picked(array, places.shape, starts.map((start, cell) => start + around(places.data[cell], array.shape[at]) * strides[at]));
  },
  flatnonzero: ([array]) => matrixOf(Array.from(matrixOf(array).data.keys()).filter((cell) => matrixOf(array).data[cell] !== 0)),
  flipud: ([array]) => along(ALONG.flip, array, 0),
  fliplr: ([array]) => along(ALONG.flip, array, 1),
  eye: ([rows, columns, above], options, { shape }) => {
    const by = above ?? options.k ?? 0;
    return { shape: [rows, columns ?? options.M ?? rows], data: Float64Array.from({ length: sizeOf(shape) }, (_, cell) => Number((cell % shape[1]) - Math.floor(cell / shape[1]) === by)) };
  },
  linspace: ([first, last, count, closed], options) => {
    if (typeof first !== "number" || typeof last !== "number") throw new RangeError("steps between arrays");
    const [many, isClosed] = [count ?? options.num ?? 50, closed ?? options.endpoint ?? 1];
    const step = (last - first) / Math.max(isClosed ? many - 1 : many, 1);
    return matrixOf(Array.from({ length: many }, (_, place) => (isClosed && place && place === many - 1 ? last : place * step + first)));
  },
};
Object.assign(TWINS, MEASURES);

// The numbers at some shares of the way through the sorted cells, as numpy reads between two of them.
/** @param {Matrix} shares @param {any} array @param {any} axis @param {number[]} shape @returns {Matrix} */
function atShares(shares, array, axis, shape) {
  const rest = shape.slice(shares.shape.length);
  const parts = Array.from(shares.data, (share) => reducedBy((cells) => {
    const own = cells.toSorted(inOrder);
    const place = (own.length - 1) * share;
    const [low, part] = [own[Math.floor(place)], place - Math.floor(place)];
    const high = own[Math.min(Math.floor(place) + 1, own.length - 1)];
    if (Number.isNaN(own[own.length - 1])) return NaN;
    const gap = array.type === "float32" ? Math.fround(high - low) : high - low; // of their own kind, as numpy has it
    return part < 0.5 ? low + gap * part : high - gap * (1 - part);
  }, rest, array, axis));
  return { shape, data: Float64Array.from(parts.flatMap(({ data }) => Array.from(data))) };
}

// How rows go together: of each pair the sum of what both are away from their means.
/** @param {any} array @param {any} byRow @param {number} free @returns {Matrix} */
function covariance(array, byRow, free) {
  if (array.shape.length !== 2) throw new RangeError("an array that is no matrix");
  const rows = byRow ? array : turned(array, [1, 0]);
  const [count, length] = rows.shape;
  const means = reducedBy(BY_AXIS.mean, [count, 1], rows, 1);
  const away = cellByCell(BY_CELL.subtract, [rows, means]);
  return cellByCell((sum) => sum * (1 / (length - free)), [einsum("ik,jk->ij", [away, away])]);
}

// One row slid over another, the second one turned around: the sums where they lie on one another.
/** @param {Float64Array} a @param {Float64Array} b @param {any} mode @returns {Matrix} */
function slid(a, b, mode) {
  const [long, short] = [Math.max(a.length, b.length), Math.min(a.length, b.length)];
  const cut = { full: [0, long + short - 1], same: [short - 1 - (short >> 1), long], valid: [short - 1, long - short + 1] }[String(mode)];
  if (!cut) throw new RangeError(`the mode ${mode}`);
  const data = new Float64Array(long + short - 1);
  a.forEach((one, at) => b.forEach((other, place) => { data[at + place] += one * other; }));
  return matrixOf(Array.from(data.slice(cut[0], cut[0] + cut[1])));
}

/** @param {number} one @param {number} other @returns {number} */
function sharedFactor(one, other) {
  return other === 0 ? Math.abs(one) : sharedFactor(other, one % other);
}
