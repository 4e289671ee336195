"use strict";
// Of which cells a cell is made, and which it makes: as the operations say it (mnistviz/export/page/making.py).

/** @typedef {ReturnType<typeof makeRelations>} Relations */

/** @param {PageData} data @param {Numbers} numbers */
function makeRelations(data, numbers) {
  const MOST_CELLS = 65536; // of one list
  /** @type {Map<number, number[]>} arrays made of an array, by its number */
  const uses = new Map();
  for (const [made, operation] of Object.entries(data.operations)) {
    for (const input of new Set(operation.inputs)) uses.set(input, [...(uses.get(input) ?? []), Number(made)]);
  }

  /** @param {number} id */
  const shape = (id) => numbers.array(id).shape;
  /** @param {string} axes */
  const letters = (axes) => {
    const [given, made] = axes.split("->");
    return { given: given.split(","), made };
  };

  // Every place of an axis, or the one that is known.
  /** @param {string} names @param {number[]} lengths @param {Map<string, number>} known */
  function places(names, lengths, known) {
    let found = [0];
    [...names].forEach((name, axis) => {
      const at = name === "." ? 0 : known.get(name);
      const own = at === undefined ? Array.from({ length: lengths[axis] }, (_, place) => place) : [at];
      found = found.flatMap((flat) => own.map((place) => flat * lengths[axis] + place));
    });
    return found;
  }

  /** @param {string} names @param {number[]} lengths @param {number} flat */
  function knownPlaces(names, lengths, flat) {
    const index = numbers.indices(lengths, flat);
    /** @type {Map<string, number>} */
    const known = new Map();
    [...names].forEach((name, axis) => { if (name !== ".") known.set(name, index[axis]); });
    return known;
  }

  // For each input the cells that a cell of the result is made of, term by term; null where that is not known.
  /** @param {number} id @param {number} flat @returns {number[][] | null} */
  function parents(id, flat) {
    const operation = data.operations[id];
    if (!operation || !operation.inputs.every(numbers.array)) return null;
    if (operation.axes) {
      const { given, made } = letters(operation.axes);
      const known = knownPlaces(made, shape(id), flat);
      return operation.inputs.map((input, place) => places(given[place], shape(input), known));
    }
    return operation.moved ? movedFrom(operation, flat) : null;
  }

  // The number, over all inputs, of the cell that was moved here, and the input that it belongs to.
  /** @param {Operation} operation @param {number} flat */
  function movedFrom({ inputs, moved }, flat) {
    if (!moved) return null;
    let [run, first] = [0, 0];
    while (flat >= first + moved.lengths[run]) first += moved.lengths[run++];
    let source = moved.firsts[run] + (flat - first) * moved.steps[run];
    return inputs.map((input) => {
      const size = numbers.size(shape(input));
      const here = source >= 0 && source < size;
      const own = here ? [source] : [];
      source = here ? -1 : source - size;
      return own;
    });
  }

  // The cells that were made of a cell, operation by operation.
  /** @param {number} id @param {number} flat @returns {Cell[]} */
  function children(id, flat) {
    return (uses.get(id) ?? []).flatMap((made) => madeOf(made, id, flat).map((one) => ({ array: made, flat: one })));
  }

  /** @param {number} made @param {number} id @param {number} flat */
  function madeOf(made, id, flat) {
    const operation = data.operations[made];
    const total = numbers.size(shape(made));
    /** @type {Set<number>} */
    const found = new Set();
    operation.inputs.forEach((input, place) => {
      if (input !== id) return;
      if (operation.axes) {
        const { given, made: result } = letters(operation.axes);
        for (const one of places(result, shape(made), knownPlaces(given[place], shape(id), flat))) found.add(one);
      } else if (operation.moved && total <= MOST_CELLS) {
        for (let one = 0; one < total; one++) if (movedFrom(operation, one)?.[place].includes(flat)) found.add(one);
      }
    });
    return [...found].toSorted((a, b) => a - b);
  }

  // What a cell is made of, as a reader wants it: the terms of a sum, the largest first.
  /** @param {number} id @param {number} flat @returns {Made} */
  function from(id, flat) {
    const operation = data.operations[id];
    if (!operation) return { terms: [], count: 0, exact: true, what: numbers.array(id).constant ? "a constant of the program" : "given to the program" };
    const cells = parents(id, flat);
    if (!cells) return { terms: whole(operation), count: 0, exact: false, what: `a result of ${operation.expression}${operation.inputs.every(numbers.array) ? "" : ", of arrays that are not on this page"}` };
    const terms = summed(operation) ? sumTerms(operation, cells) : single(operation, cells);
    return { terms, count: terms.length, exact: true, what: "" };
  }

  /** @param {Operation} operation */
  const summed = (operation) => ["row by column", "row by row", "each by each"].includes(operation.made) && operation.inputs.length === 2;

  /** @param {Operation} operation @param {number[][]} cells @returns {Term[]} */
  function sumTerms({ inputs: [a, b] }, [left, right]) {
    const known = numbers.carried(a) && numbers.carried(b);
    const terms = left.map((one, k) => ({
      cells: [{ array: a, flat: one }, { array: b, flat: right[k] }],
      value: known ? numbers.at(a, one) * numbers.at(b, right[k]) : null,
    }));
    return known ? terms.map((term, k) => ({ term, k })).toSorted((x, y) => larger(x.term.value, y.term.value) || x.k - y.k).map(({ term }) => term) : terms;
  }

  /** @param {number | null} one @param {number | null} other */
  const larger = (one, other) => Math.abs(other ?? 0) - Math.abs(one ?? 0);

  /** @param {Operation} operation @param {number[][]} cells @returns {Term[]} */
  function single(operation, cells) {
    const terms = operation.inputs.flatMap((input, place) => cells[place].map((flat) => ({
      cells: [{ array: input, flat }], value: numbers.carried(input) ? numbers.at(input, flat) : null })));
    if (operation.made !== "along an axis") return terms;
    const sign = operation.reduces.endsWith("largest") ? -1 : operation.reduces.endsWith("smallest") ? 1 : 0;
    return terms.toSorted((x, y) => (sign ? sign * ((x.value ?? 0) - (y.value ?? 0)) : larger(x.value, y.value)));
  }

  // Where single cells are not known, the arrays.
  /** @param {Operation} operation @returns {Term[]} */
  const whole = (operation) => operation.inputs.filter(numbers.array).map((input) => ({ cells: [{ array: input, flat: 0 }], value: null }));

  return { parents, children, from };
}
