"use strict";
// Runs the recorded program again, from other numbers: what an edit changes is computed, the rest stays as it was recorded.

/** @typedef {ReturnType<typeof makeEngine>} Engine */

/** @type {Record<string, (...numbers: number[]) => number>} */
const FORMULAS = { negative: BY_CELL.negative, add: BY_CELL.add, subtract: BY_CELL.subtract, multiply: BY_CELL.multiply, divide: BY_CELL.divide, power: BY_CELL.power };

/** @type {Record<string, number>} */
const MOST_APART = { float64: 1e-9, float32: 1e-4 }; // relative to the largest number; whole numbers: exactly
// What says no more than the recorded shape and type do, or nothing of the numbers.
const SAYS_NO_NUMBER = new Set(["dtype", "keepdims", "casting", "subok", "copy", "kind", "stable", "optimize", "device", "like", "newshape", "shape", "reps"]);
// Twins whose further arguments say only a shape.
const SHAPED = new Set(["zeros_like", "ones_like", "broadcast_to", "tile", "same_order", "full_like", "full"]);

/** @param {Program} program @param {Record<string, PageArray>} arrays @param {(id: number) => Float64Array} decoded */
function makeEngine(program, arrays, decoded) {
  /** @type {Map<number, Matrix>} */
  const known = new Map();
  /** @type {Map<number, number>} */
  const links = new Map(program.linked);
  /** @type {Map<Statement, boolean>} */
  const agreeing = new Map();

  // An array as it was recorded.  Throws where it does not travel.
  /** @param {number} id @returns {Matrix} */
  function recorded(id) {
    let array = known.get(id);
    if (!array) {
      const own = arrays[id];
      if (own?.form !== "exact") throw new RangeError(`${own?.name || "an array"} does not travel with the page`);
      array = { shape: own.shape, data: decoded(id), type: own.type };
      known.set(id, array);
    }
    return array;
  }

  // An operation's results, from arrays found by number.
  /** @param {Statement} statement @param {(id: number) => Matrix} found @returns {Matrix} */
  function result({ twin, arguments: given = [], options = {}, makes }, found) {
    const own = arrays[makes[0]];
    if (makes.length > 1 || !own) throw new RangeError("a call with several results");
    const named = Object.fromEntries(Object.entries(options).map(([name, one]) => [name, filled(one, found)]));
    const made = calledWhole(twin ?? "", given.map((one) => filled(one, found)), named, { shape: own.shape, type: own.type });
    if (String(made.shape) !== String(own.shape)) throw new RangeError(`a result of the shape (${made.shape}) where (${own.shape}) was recorded`);
    return stored(made, own.type);
  }

  // Whether a twin makes of the recorded inputs what numpy made of them: asked once, before its numbers are shown.
  /** @param {Statement} statement */
  function agrees(statement) {
    const known = agreeing.get(statement);
    if (known !== undefined) return known;
    const [made] = statement.makes;
    const travels = [made, ...statement.takes, ...formulaInputs(statement)].every((id) => arrays[id]?.form === "exact");
    const agreed = !travels || distance(result(statement, recorded), recorded(made)) <= (MOST_APART[arrays[made]?.type ?? ""] ?? 0);
    agreeing.set(statement, agreed);
    return agreed;
  }

  // All arrays that are not as they were recorded once some are given anew, and why some stayed behind.
  /** @param {Map<number, Matrix>} given @returns {Run} */
  function run(given) {
    const values = new Map(given);
    /** @type {Map<number, string>} */
    const held = new Map();
    const found = (/** @type {number} */ id) => values.get(id) ?? recorded(id);
    let way = ""; // why the program would go another way from here on
    program.operations.forEach((statement, number) => {
      way ||= doubt(number, values);
      const stale = statement.takes.find((id) => held.has(id)) ?? statement.takes.find((id) => stays(id, values, held));
      const frozen = statement.frozen?.find((id) => values.has(id) || held.has(id));
      const reads = [...statement.takes, ...formulaInputs(statement)].some((id) => values.has(id));
      const why = way ? way : stale !== undefined ? held.get(stale) ?? "" : frozen !== undefined ? `${arrays[frozen]?.name} went into it by way of Python` : "";
      if (!reads && !why) return;
      if (statement.twin && reads) {
        try {
          if (!agrees(statement)) throw new RangeError("the page does not come to the recorded numbers");
          values.set(statement.makes[0], result(statement, found));
        } catch (error) {
          hold(statement, `${statement.operation}: ${reason(error)}`);
        }
        if (why && !held.has(statement.makes[0])) held.set(statement.makes[0], why);
      } else hold(statement, why || (statement.why ?? ""));
      way ||= otherWay(statement, values, held);
    });

    /** @param {Statement} statement @param {string} why */
    function hold({ makes }, why) {
      for (const id of makes) held.set(id, why);
    }
    return { values, held };
  }

  // Why a twin did not compute: what it says itself, or that it was called as it does not know.
  /** @param {unknown} error */
  function reason(error) {
    return error instanceof RangeError ? error.message : "this page cannot compute it from these numbers";
  }

  // Why the way from an operation on may be another, which Python's own numbers decided.
  /** @param {number} number @param {Map<number, Matrix>} values */
  function doubt(number, values) {
    const cause = program.doubts.flatMap(([first, given]) => (first === number ? given : [])).find((id) => values.has(id));
    return cause === undefined ? "" : `${arrays[cause]?.name} decides the way from here on, which stays the recorded one`;
  }

  // Why the program would go another way: a condition is no more what it was.
  /** @param {Statement} statement @param {Map<number, Matrix>} values @param {Map<number, string>} held */
  function otherWay({ turn, expression, makes: [made] }, values, held) {
    const now = values.get(made);
    if (!turn || (!now && !held.has(made))) return "";
    if (held.has(made) || !now) return `\`${expression}\` decides the way from here on, which stays the recorded one`;
    const [one, other] = [now.data, recorded(made).data];
    const same = turn === "truth" ? Boolean(one[0]) === Boolean(other[0]) : one.every((number, cell) => Object.is(number, other[cell]));
    return same ? "" : `the program would go another way from \`${expression}\` on, which is ${turn === "truth" ? `${Boolean(one[0])} now` : "another number now"}`;
  }

  // Whether an array was changed by way of another one on the same memory, which is not as it was recorded.
  /** @param {number} id @param {Map<number, Matrix>} values @param {Map<number, string>} held */
  function stays(id, values, held) {
    const link = links.get(id);
    if (link === undefined || !program.operations[link]?.makes.some((made) => values.has(made) || held.has(made))) return false;
    held.set(id, `${arrays[id]?.name} was changed by way of another array on the same memory`);
    return true;
  }

  // The given arrays once the recorded update was done: what a step leaves for the next one.
  /** @param {Map<number, Matrix>} given @param {Run} made */
  function stepped(given, made) {
    const next = new Map(given);
    for (const [first, last] of program.carried) next.set(first, made.values.get(last) ?? recorded(last));
    return next;
  }

  // How far each operation's twin is from what was recorded, from the recorded inputs: relative to the largest number.
  function differences() {
    return program.operations.map((statement) => {
      if (!statement.twin) return { operation: statement.operation, why: statement.why ?? "", difference: NaN };
      try {
        return { operation: statement.operation, why: "", difference: distance(result(statement, recorded), recorded(statement.makes[0])) };
      } catch (error) {
        return { operation: statement.operation, why: reason(error), difference: NaN };
      }
    });
  }

  return { recorded, run, stepped, differences };
}

// What a twin makes of a call.  Throws where the call says more than the twin has looked at: that would be overlooked in silence.
/** @param {string} twin @param {Argument[]} given @param {Record<string, Argument>} options @param {Wanted} wanted */
function calledWhole(twin, given, options, wanted) {
  /** @type {Set<string>} */
  const read = new Set();
  /** @type {ProxyHandler<any>} */
  const noting = {
    get: (target, name) => (read.add(String(name)), Reflect.get(target, name)),
    has: (target, name) => (read.add(String(name)), Reflect.has(target, name)),
  };
  const made = TWINS[twin](new Proxy(given, noting), new Proxy(options, noting), wanted);
  const says = (/** @type {Argument} */ one) => one !== null && !one?.type?.length;
  const overlooked = given.findIndex((one, place) => !read.has(String(place)) && (isMatrix(one) || says(one)));
  if (overlooked >= 0 && !SHAPED.has(twin)) throw new RangeError(`its argument ${overlooked + 1}`);
  const name = Object.keys(options).find((one) => !read.has(one) && !SAYS_NO_NUMBER.has(one) && options[one] !== null);
  if (name) throw new RangeError(`its argument ${name}`);
  return made;
}

// An argument with its arrays in it.
/** @param {Argument} one @param {(id: number) => Matrix} found @returns {Argument} */
function filled(one, found) {
  if (Array.isArray(one)) return one.map((part) => filled(part, found));
  if (one === null || typeof one !== "object") return typeof one === "boolean" ? Number(one) : one;
  if ("of" in one) return found(one.of);
  if ("formula" in one) return evaluated(one.formula, found);
  if ("number" in one) return Number(one.number.replace("inf", "Infinity"));
  if ("list" in one) return { list: one.list.map((/** @type {Argument} */ part) => filled(part, found)) };
  return "slice" in one ? { slice: one.slice.map((/** @type {Argument} */ part) => numberOf(filled(part, found))) } : one;
}

/** @param {any} one */
const numberOf = (one) => (isMatrix(one) ? one.data[0] : one);

// A formula of given numbers (see formulas.py).
/** @param {any} formula @param {(id: number) => Matrix} found @returns {number} */
function evaluated(formula, found) {
  if (typeof formula === "number") return formula;
  const [name, ...parts] = formula;
  if (name === "of") return found(parts[0]).data[0];
  const [a, b] = parts.map((/** @type {any} */ part) => evaluated(part, found));
  return FORMULAS[name](a, b);
}

// The given numbers that an operation's formulas read.
/** @param {Statement} statement @returns {number[]} */
function formulaInputs({ arguments: given = [] }) {
  /** @param {any} formula @returns {number[]} */
  const read = (formula) => (!Array.isArray(formula) ? [] : formula[0] === "of" ? [formula[1]] : formula.slice(1).flatMap(read));
  return given.flatMap((one) => (one !== null && typeof one === "object" && "formula" in one ? read(one.formula) : []));
}

// The largest difference of two arrays, by the largest number of the second.
/** @param {Matrix} one @param {Matrix} other */
function distance(one, other) {
  let [far, largest] = [0, 0];
  for (let cell = 0; cell < other.data.length; cell++) {
    const [a, b] = [one.data[cell], other.data[cell]];
    if (Object.is(a, b) || a === b) {
      if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b));
      continue;
    }
    if (!Number.isFinite(a) || !Number.isFinite(b)) return Infinity;
    far = Math.max(far, Math.abs(a - b));
    largest = Math.max(largest, Math.abs(b));
  }
  return far === 0 ? 0 : far / (largest || 1);
}
