"use strict";
// Along axes: sums, means, the largest and where it is; products of arrays with shared axes.

// An array as rows of the cells that are taken together; `axes` as numpy has it: null for all.
/** @param {Matrix} array @param {number | number[] | null | undefined} axes @returns {{ rows: Matrix, count: number }} */
function together(array, axes) {
  const most = array.shape.length;
  const gone = (axes ?? null) === null ? [...array.shape.keys()] : [axes].flat().map((axis) => around(Number(axis), most));
  const kept = [...array.shape.keys()].filter((axis) => !gone.includes(axis));
  const count = sizeOf(gone.map((axis) => array.shape[axis]));
  return { rows: turned(array, [...kept, ...gone]), count };
}

/** @param {Matrix} array @param {number[]} order */
function turned(array, order) {
  const strides = stridesOf(array.shape);
  const shape = order.map((axis) => array.shape[axis]);
  return picked(array, shape, walk(shape, order.map((axis) => strides[axis])));
}

/** @param {(cells: Float64Array) => number} compute @param {number[]} shape @param {any} given @param {any} axes @returns {Matrix} */
function reducedBy(compute, shape, given, axes) {
  const { rows, count } = together(matrixOf(given), axes);
  const data = new Float64Array(sizeOf(shape));
  for (let cell = 0; cell < data.length; cell++) data[cell] = compute(rows.data.subarray(cell * count, (cell + 1) * count));
  return { shape, data };
}

// Along one axis, cell by cell, each from those before it.
/** @param {(cells: Float64Array) => ArrayLike<number>} compute @param {any} given @param {number | null | undefined} axis @returns {Matrix} */
function along(compute, given, axis) {
  const array = matrixOf(given);
  if ((axis ?? null) === null) return { shape: [array.data.length], data: Float64Array.from(compute(array.data)) };
  const own = around(Number(axis), array.shape.length);
  const order = [...array.shape.keys()].filter((one) => one !== own).concat(own);
  const rows = turned(array, order);
  const count = array.shape[own];
  for (let start = 0; start < rows.data.length; start += count) rows.data.set(compute(rows.data.slice(start, start + count)), start);
  return turned(rows, order.map((_, axis) => order.indexOf(axis)));
}

const [LANES, LONGEST_LANES] = [8, 128]; // of numpy's sum: so many sums side by side, up to so many cells

// In the order in which numpy adds (its pairwise summation): what cancels leaves the same rest.
/** @param {Float64Array} cells @returns {number} */
function sumOf(cells) {
  const count = cells.length;
  if (count > LONGEST_LANES) {
    const half = (count >> 1) - ((count >> 1) % LANES);
    return sumOf(cells.subarray(0, half)) + sumOf(cells.subarray(half));
  }
  const whole = count < LANES ? 0 : count - (count % LANES);
  let sum = 0;
  if (whole) {
    const lanes = cells.slice(0, LANES);
    for (let cell = LANES; cell < whole; cell++) lanes[cell % LANES] += cells[cell];
    sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  }
  for (let cell = whole; cell < count; cell++) sum += cells[cell];
  return sum;
}

// The place of the first cell that none is better than; what is no number comes first, as in numpy.
/** @param {Float64Array} cells @param {number} sign */
function placeOfBest(cells, sign) {
  let best = 0;
  for (let cell = 0; cell < cells.length; cell++) {
    if (Number.isNaN(cells[cell])) return cell;
    if (sign * cells[cell] > sign * cells[best]) best = cell;
  }
  return best;
}

/** @param {Float64Array} cells @param {number} free */
function varianceOf(cells, free) {
  const mean = sumOf(cells) / cells.length;
  return sumOf(cells.map((number) => (number - mean) ** 2)) / (cells.length - free);
}

// `ik,kj->ij`: which axes are the same, and which stay.
/** @param {string} letters @param {any[]} given @returns {Matrix} */
function einsum(letters, given) {
  const arrays = given.map(matrixOf);
  const [left, right] = letters.replaceAll(" ", "").split("->");
  const names = left.split(",");
  const counted = [...left.replaceAll(",", "")];
  const result = right ?? [...new Set(counted)].filter((one) => counted.filter((other) => other === one).length === 1).toSorted().join("");
  if (names.length !== arrays.length || left.includes(".")) throw new RangeError(`the letters ${letters}`);
  /** @type {Map<string, number>} */
  const lengths = new Map();
  names.forEach((own, place) => [...own].forEach((name, axis) => lengths.set(name, arrays[place].shape[axis])));
  const shape = [...result].map((name) => lengths.get(name) ?? 1);
  const rest = [...lengths.keys()].filter((name) => !result.includes(name));
  const inner = rest.map((name) => lengths.get(name) ?? 1);
  const strides = arrays.map((array, place) => {
    const own = stridesOf(array.shape);
    return (/** @type {string} */ name) => [...names[place]].reduce((sum, one, axis) => sum + (one === name ? own[axis] : 0), 0);
  });
  const outer = strides.map((of) => walk(shape, [...result].map(of)));
  const steps = strides.map((of) => walk(inner, rest.map(of)));
  const data = new Float64Array(sizeOf(shape));
  for (let cell = 0; cell < data.length; cell++) {
    for (let term = 0; term < steps[0].length; term++) {
      let product = 1;
      for (let place = 0; place < arrays.length; place++) product *= arrays[place].data[outer[place][cell] + steps[place][term]];
      data[cell] += product;
    }
  }
  return { shape, data };
}

// Rows by columns, in every shape that numpy takes: a vector has its missing axis for as long as it takes.
/** @param {any} first @param {any} second @returns {Matrix} */
function matmul(first, second) {
  const [a, b] = [matrixOf(first), matrixOf(second)];
  const [left, right] = [a.shape.length > 1 ? a.shape : [1, ...a.shape], b.shape.length > 1 ? b.shape : [...b.shape, 1]];
  const [rows, terms, columns] = [left[left.length - 2], left[left.length - 1], right[right.length - 1]];
  if (right[right.length - 2] !== terms) throw new RangeError(`shapes (${a.shape}) and (${b.shape}) do not fit`);
  const stack = sharedShape([left.slice(0, -2), right.slice(0, -2)]);
  const [starts, others] = [left, right].map((shape) => walk(stack, stretchedStrides(shape.slice(0, -2), stack)));
  const data = new Float64Array(sizeOf(stack) * rows * columns);
  for (let layer = 0; layer < starts.length; layer++) {
    const [from, by, to] = [starts[layer] * rows * terms, others[layer] * terms * columns, layer * rows * columns];
    for (let row = 0; row < rows; row++) for (let term = 0; term < terms; term++) {
      const factor = a.data[from + row * terms + term];
      for (let column = 0; column < columns; column++) data[to + row * columns + column] += factor * b.data[by + term * columns + column];
    }
  }
  const ends = [...(a.shape.length > 1 ? [rows] : []), ...(b.shape.length > 1 ? [columns] : [])];
  return { shape: [...stack, ...ends], data };
}
