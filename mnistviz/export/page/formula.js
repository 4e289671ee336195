"use strict";
// Numbers and formulas: what a cell's value is, and how it was made.  No page in here, only data.

function makeNumbers(data) {
  const LARGEST_TERMS = 3;
  const DEEPEST = 6;
  const decoded = new Map();

  function decode(text, single = false) {
    if (!decoded.has(text)) {
      const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      decoded.set(text, single ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer));
    }
    return decoded.get(text);
  }

  // A number that travels in single precision, in the digits that it has.
  const rounded = (number) => (Number.isFinite(number) ? String(Number(number.toPrecision(7))) : exact(number));

  const array = (id) => data.arrays[id];
  const carried = (id) => array(id) && (array(id).form === "exact");
  const at = (id, flat) => decode(array(id).data)[flat];
  const size = (shape) => shape.reduce((product, length) => product * length, 1);

  function indices(shape, flat) {
    const found = [];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      found.unshift(flat % shape[axis]);
      flat = Math.floor(flat / shape[axis]);
    }
    return found;
  }

  const flatten = (shape, index) => index.reduce((flat, place, axis) => flat * shape[axis] + place, 0);

  // A double in the fewest digits that read back as the same double.
  function exact(number, type = "float64") {
    if (type === "bool") return number ? "True" : "False";
    if (Number.isNaN(number)) return "nan";
    if (!Number.isFinite(number)) return number > 0 ? "inf" : "-inf";
    if (Object.is(number, -0)) return "-0.0";
    return (Number.isInteger(number) && type.startsWith("float") && Math.abs(number) < 1e21) ? number + ".0" : String(number);
  }

  function short(number) {
    if (!Number.isFinite(number)) return exact(number);
    if (number === 0) return "0";
    const text = Math.abs(number) >= 1e-3 && Math.abs(number) < 1e6
      ? String(Number(number.toPrecision(5))) : number.toExponential(4);
    return text.replace("-", "−");
  }

  const bracket = (number) => (number < 0 ? `(${short(number)})` : short(number));
  const LONGEST_EXPRESSION = 40;

  // A part without a name of its own is called by its expression, so that an index can follow it.
  function label(id) {
    const { name, named } = array(id);
    if (named !== false) return name;
    const text = name.replace(/\s+/g, " ").replace(/([([]) | (?=[)\]])|, (?=\))/g, "$1") || "result";
    const call = /^([\w.]+)\(.*\)$/s.exec(text);
    if (text.length > LONGEST_EXPRESSION) return call ? `${call[1]}(…)` : `(${text.slice(0, LONGEST_EXPRESSION - 8)}…)`;
    return call || /^[\w.]+$/.test(text) ? text : `(${text})`;
  }

  const indexed = (id, index) => (index.length ? `${label(id)}[${index.join(", ")}]` : label(id));
  const operand = (id, flat) => (array(id).named === false && !carriedMaker(id) ? short(at(id, flat)) : indexed(id, indices(array(id).shape, flat)));
  const carriedMaker = (id) => data.operations[id];

  // Where an input's cell lies that a cell of the output was made from, by numpy's broadcasting rule.
  function broadcast(shape, index) {
    const own = index.slice(index.length - shape.length);
    return flatten(shape, own.map((place, axis) => (shape[axis] === 1 ? 0 : place)));
  }

  function largest(terms) {
    return terms.slice().sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || a.k - b.k).slice(0, LARGEST_TERMS);
  }

  function sumLines(terms, describe, what) {
    const named = largest(terms).map((term) => `${describe(term)} = ${short(term.value)}`);
    if (terms.length <= LARGEST_TERMS) return named;
    return [`${terms.length} ${what}, the largest of them:`, ...named];
  }

  const explainers = {
    "cell by cell"(operation, id, index) {
      const inputs = operation.inputs;
      const cells = inputs.map((input) => broadcast(array(input).shape, index));
      const words = inputs.map((input, n) => operand(input, cells[n]));
      const numbers = inputs.map((input, n) => at(input, cells[n]));
      const own = indexed(id, index);
      const infix = inputs.length === 2 ? operation.sign : operation.prefix;
      const written = (parts) => (!infix ? `${operation.operation}(${parts.join(", ")})`
        : parts.length === 2 ? parts.join(` ${operation.sign} `) : operation.prefix + parts[0]);
      const result = at(id, flatten(array(id).shape, index));
      const shown = array(id).type === "bool" ? exact(result, "bool") : short(result);
      const lines = [`${own} = ${written(words)}`, `= ${written(numbers.map(infix ? bracket : short))} = ${shown}`];
      if (operation.inPlace) lines.push(`was ${exact(numbers[0])}, is ${exact(at(id, flatten(array(id).shape, index)))}`);
      return { lines, from: inputs.map((input, n) => [input, cells[n]]) };
    },
    "row by column"(operation, id, index) {
      const [a, b] = operation.inputs;
      const [left, right] = [array(a).shape, array(b).shape];
      if (!left.length || !right.length) return explainers["cell by cell"](operation, id, index);
      if (left.length > 2 || right.length > 2) return null;
      const row = left.length === 2 ? [index[0]] : [];
      const column = right.length === 2 ? [index[index.length - 1]] : [];
      return products(id, index, left[left.length - 1], (k) => [a, [...row, k]], (k) => [b, [k, ...column]], [row, column]);
    },
    "row by row"(operation, id, index) {
      const [a, b] = operation.inputs;
      const [left, right] = [array(a).shape, array(b).shape];
      if (left.length !== 1 || right.length !== 1) return null;
      return products(id, index, left[0], (k) => [a, [k]], (k) => [b, [k]], [[], []]);
    },
    "each by each"(operation, id, index) {
      const [a, b] = operation.inputs;
      const first = size(array(b).shape);
      const flat = flatten(array(id).shape, index);
      const cells = [[a, Math.floor(flat / first)], [b, flat % first]];
      const numbers = cells.map(([input, cell]) => bracket(at(input, cell)));
      return { from: cells, lines: [
        `${indexed(id, index)} = ${cells.map(([input, cell]) => operand(input, cell)).join(" × ")}`,
        `= ${numbers.join(" × ")} = ${short(at(id, flat))}`] };
    },
    "same order"(operation, id, index) {
      const [a] = operation.inputs;
      const flat = flatten(array(id).shape, index);
      return moved(id, index, a, flat);
    },
    transposed(operation, id, index) {
      const [a] = operation.inputs;
      return moved(id, index, a, flatten(array(a).shape, operation.swaps ? index.slice().reverse() : index));
    },
    "along an axis"(operation, id, index) {
      const how = operation.reduces;
      if (how === "sum" || how === "mean") return reduced(operation, id, index, how);
      if (how.startsWith("place of ")) return extreme(operation, id, index, how.slice("place of ".length));
      return null;
    },
  };

  function products(id, index, length, left, right, [row, column]) {
    const terms = [];
    for (let k = 0; k < length; k++) {
      const [a, i] = left(k);
      const [b, j] = right(k);
      const factors = [at(a, flatten(array(a).shape, i)), at(b, flatten(array(b).shape, j))];
      terms.push({ k, factors, value: factors[0] * factors[1] });
    }
    const [a] = left(0);
    const [b] = right(0);
    const head = `${indexed(id, index)} = Σ ${indexed(a, [...row, "k"])} × ${indexed(b, ["k", ...column])}`;
    const total = short(at(id, flatten(array(id).shape, index)));
    if (length === 1) {
      return { from: [], lines: [`${indexed(id, index)} = ${indexed(a, [...row, 0])} × ${indexed(b, [0, ...column])}`,
        `= ${terms[0].factors.map(bracket).join(" × ")} = ${total}`] };
    }
    return { from: [], lines: [`${head} = ${total}`,
      ...sumLines(terms, (term) => `k = ${term.k}: ${term.factors.map(bracket).join(" × ")}`, "products")] };
  }

  function moved(id, index, from, flat) {
    return { from: [[from, flat]], lines: [`${indexed(id, index)} = ${operand(from, flat)} = ${short(at(from, flat))}`] };
  }

  // The cells of the input that one cell of the output goes over.
  function along(operation, shape, index) {
    let axis = operation.parameters.axis;
    if (axis === null || axis === undefined) return Array.from({ length: size(shape) }, (_, k) => k);
    if (!Number.isInteger(axis)) return null;
    axis = axis < 0 ? axis + shape.length : axis;
    const rest = index.slice();
    if (rest.length === shape.length) rest.splice(axis, 1);
    return Array.from({ length: shape[axis] }, (_, k) => flatten(shape, [...rest.slice(0, axis), k, ...rest.slice(axis)]));
  }

  function reduced(operation, id, index, word) {
    const [a] = operation.inputs;
    const cells = along(operation, array(a).shape, index);
    if (!cells || !cells.length) return null;
    const terms = cells.map((k) => ({ k, value: at(a, k) }));
    const total = short(at(id, flatten(array(id).shape, index)));
    return { from: [], lines: [`${indexed(id, index)} = ${word} of ${cells.length} numbers of ${label(a)} = ${total}`,
      ...sumLines(terms, (term) => operand(a, term.k), "numbers")] };
  }

  function extreme(operation, id, index, word) {
    const [a] = operation.inputs;
    const cells = along(operation, array(a).shape, index);
    if (!cells || !cells.length) return null;
    const sign = word === "largest" ? 1 : -1;
    const ranked = cells.map((k) => ({ k, value: at(a, k) })).sort((x, y) => sign * (y.value - x.value) || x.k - y.k);
    return { from: [], lines: [`${indexed(id, index)} = ${at(id, flatten(array(id).shape, index))}: the place of the ${word} of ${label(a)}`,
      ...ranked.slice(0, LARGEST_TERMS).map((term) => `${operand(a, term.k)} = ${short(term.value)}`)] };
  }

  // Lines of text that say how a cell was made; parts without a name of their own are spelt out in turn.
  function explain(id, flat, depth = 0) {
    const operation = data.operations[id];
    if (!operation || depth > DEEPEST || !array(id)) return [];
    const index = indices(array(id).shape, flat);
    const known = carried(id) && operation.inputs.every(carried);
    const explained = known && explainers[operation.made] ? explainers[operation.made](operation, id, index) : null;
    if (!explained) return depth ? [] : [`${indexed(id, index)} is a result of ${operation.expression}`];
    const nested = explained.from.filter(([input]) => array(input).named === false && data.operations[input]);
    return [...explained.lines, ...nested.flatMap(([input, cell]) => explain(input, cell, depth + 1))];
  }

  return { array, at, carried, decode, exact, rounded, short, bracket, indices, flatten, broadcast, label, indexed, explain, size };
}
