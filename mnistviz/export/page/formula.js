"use strict";
// Formulas: how a cell's value was made, in names and in numbers.  No page in here, only data.

/** @typedef {ReturnType<typeof makeFormulas>} Formulas */

/** @param {PageData} data @param {Numbers} numbers @param {Relations} relations */
function makeFormulas(data, numbers, relations) {
  const LARGEST_TERMS = 3;
  const DEEPEST = 6;
  const { array, at, short, bracket, cellName, label, operand } = numbers;

  /** @param {number[][]} cells @param {number[]} inputs @returns {Cell[]} */
  const firsts = (cells, inputs) => cells.flatMap((own, place) => own.slice(0, 1).map((flat) => ({ array: inputs[place], flat })));

  /** @param {Term[]} terms @param {(term: Term) => string} describe @param {string} what */
  function sumLines(terms, describe, what) {
    const named = terms.slice(0, LARGEST_TERMS).map((term) => `${describe(term)} = ${short(term.value ?? 0)}`);
    return terms.length <= LARGEST_TERMS ? named : [`${terms.length} ${what}, the largest of them:`, ...named];
  }

  /** @param {number} id @param {number} flat @param {Cell[]} used */
  function byCell(id, flat, used) {
    const operation = data.operations[id];
    const signs = (operation.inputs.length === 2 ? operation.sign : operation.prefix).replace("−", "-");
    const words = used.map((cell) => operand(cell.array, cell.flat));
    const own = used.map((cell) => at(cell.array, cell.flat));
    /** @param {string[]} parts */
    const written = (parts) => (!signs ? `${operation.operation}(${parts.join(", ")})`
      : parts.length === 2 ? parts.join(` ${signs} `) : signs + parts[0]);
    const shown = array(id).type === "bool" ? numbers.exact(at(id, flat), "bool") : short(at(id, flat));
    const lines = [`${cellName(id, flat)} = ${written(words)}`, `= ${written(own.map(signs ? bracket : short))} = ${shown}`];
    if (operation.inPlace) lines.push(`was ${numbers.exact(own[0])}, is ${numbers.exact(at(id, flat))}`);
    return { lines, from: used };
  }

  /** @param {number} id @param {number} flat @param {Term[]} terms */
  function products(id, flat, terms) {
    const [a, b] = data.operations[id].inputs;
    const total = short(at(id, flat));
    /** @param {Term} term */
    const factors = (term) => term.cells.map((cell) => bracket(at(cell.array, cell.flat))).join(" × ");
    if (terms.length === 1) {
      const names = terms[0].cells.map((cell) => operand(cell.array, cell.flat)).join(" × ");
      return { from: data.operations[id].made === "each by each" ? terms[0].cells : [], lines: [`${cellName(id, flat)} = ${names}`, `= ${factors(terms[0])} = ${total}`] };
    }
    const [left, right] = terms[0].cells.map((cell) => numbers.indices(array(cell.array).shape, cell.flat));
    const head = `${cellName(id, flat)} = Σ ${summedName(a, left, left.length - 1)} × ${summedName(b, right, Math.max(right.length - 2, 0))}`;
    /** @param {Term} term */
    const place = (term) => numbers.indices(array(a).shape, term.cells[0].flat).at(-1);
    return { from: [], lines: [`${head} = ${total}`, ...sumLines(terms, (term) => `k = ${place(term)}: ${factors(term)}`, "products")] };
  }

  /** @param {number} id @param {number[]} index @param {number} axis */
  const summedName = (id, index, axis) => `${label(id)}[${index.map((place, n) => (n === axis ? "k" : place)).join(", ")}]`;

  /** @param {number} id @param {number} flat @param {Term[]} terms */
  function reduced(id, flat, terms) {
    const { inputs: [a], reduces } = data.operations[id];
    /** @param {Term} term */
    const describe = (term) => operand(a, term.cells[0].flat);
    if (reduces === "sum" || reduces === "mean") {
      return { from: [], lines: [`${cellName(id, flat)} = ${reduces} of ${terms.length} numbers of ${label(a)} = ${short(at(id, flat))}`, ...sumLines(terms, describe, "numbers")] };
    }
    const what = reduces.startsWith("place of") ? `${at(id, flat)}: the place of the ${reduces.slice("place of ".length)}` : `${short(at(id, flat))}: the ${reduces}`;
    return { from: [], lines: [`${cellName(id, flat)} = ${what} of ${label(a)}`,
      ...terms.slice(0, LARGEST_TERMS).map((term) => `${describe(term)} = ${short(term.value ?? 0)}`)] };
  }

  /** @param {number} id @param {number} flat @param {Cell[]} used */
  function moved(id, flat, used) {
    const [cell] = used;
    return { from: used, lines: [`${cellName(id, flat)} = ${operand(cell.array, cell.flat)} = ${short(at(id, flat))}`] };
  }

  /** @param {number} id @param {number} flat @returns {{ lines: string[], from: Cell[] } | null} */
  function explained(id, flat) {
    const operation = data.operations[id];
    const cells = relations.parents(id, flat);
    if (!cells || !numbers.carried(id) || !operation.inputs.every(numbers.carried)) return null;
    if (operation.moved || operation.made === "transposed") return moved(id, flat, firsts(cells, operation.inputs));
    const { terms } = relations.from(id, flat);
    if (["row by column", "row by row", "each by each"].includes(operation.made) && array(operation.inputs[0]).shape.length && array(operation.inputs[1]).shape.length) return products(id, flat, terms);
    if (operation.made === "along an axis") return operation.reduces && terms.length ? reduced(id, flat, terms) : null;
    return byCell(id, flat, firsts(cells, operation.inputs));
  }

  // Lines of text that say how a cell was made; parts without a name of their own are spelt out in turn.
  /** @param {number} id @param {number} flat @param {number} [depth] @returns {string[]} */
  function explain(id, flat, depth = 0) {
    const operation = data.operations[id];
    if (!operation || depth > DEEPEST || !array(id)) return [];
    const found = explained(id, flat);
    if (!found) return depth ? [] : [`${cellName(id, flat)} is a result of ${operation.expression}`];
    const nested = found.from.filter((cell) => array(cell.array).named === false && data.operations[cell.array]);
    return [...found.lines, ...nested.flatMap((cell) => explain(cell.array, cell.flat, depth + 1))];
  }

  return { explain };
}
