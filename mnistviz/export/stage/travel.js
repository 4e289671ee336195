"use strict";
// What is on the stage at any instant: positions travel between those that are packed.

const FAR = 260; // design units that nothing travels in a tenth of a second
const PAIRS_KEPT = 12;

/** @typedef {ReturnType<typeof makeTravel>} Travel */

/** @param {Reel} reel */
function makeTravel(reel) {
  /** @type {Map<string, Int32Array>} */
  const pairs = new Map(); // "one,other" -> for each part of one its part number in the other, or -1
  /** @type {Map<Form, string>} */
  const names = new Map();
  /** @type {{ instant: number, display: Part[] }} */
  let resting = { instant: -1, display: [] }; // what does not move is the same list

  // At an instant in ticks, with fractions; in painter's order.
  /** @param {number} ticks @returns {Part[]} */
  function display(ticks) {
    const tick = Math.floor(ticks + 1e-9);
    const [one, other] = [reel.instantAt(tick), reel.instantAt(tick + 1)];
    const share = ticks - tick;
    if (one === other || share < 1e-6) {
      if (resting.instant !== one) resting = { instant: one, display: reel.list(one).map((part) => reel.parts[part]) };
      return resting.display;
    }
    const [before, after, later] = [reel.instantAt(tick - 1), other, reel.instantAt(tick + 2)].map((instant) => matched(one, instant));
    return reel.list(one).map((part, index) => after[index] === part || after[index] < 0 ? reel.parts[part]
      : onItsWay(reel.parts[part], reel.parts[after[index]], [reel.parts[before[index]], reel.parts[later[index]]], share));
  }

  /** @param {number} one @param {number} other */
  function matched(one, other) {
    const key = `${one},${other}`;
    let found = pairs.get(key);
    if (!found) {
      found = counterparts(reel.list(one), reel.list(other));
      pairs.set(key, found);
      if (pairs.size > PAIRS_KEPT) pairs.delete(pairs.keys().next().value ?? "");
    }
    return found;
  }

  // Each part's counterpart: of the same identity, as many of which are in both lists, and not far away.
  /** @param {number[]} from @param {number[]} to */
  function counterparts(from, to) {
    const there = grouped(to);
    const found = new Int32Array(from.length).fill(-1);
    for (const [name, indices] of grouped(from)) {
      const others = there.get(name);
      if (others?.length !== indices.length) continue;
      indices.forEach((index, place) => {
        const other = to[others[place]];
        if (isNear(reel.parts[from[index]].place, reel.parts[other].place)) found[index] = other;
      });
    }
    return found;
  }

  /** @param {number[]} list */
  function grouped(list) {
    /** @type {Map<string, number[]>} */
    const groups = new Map();
    list.forEach((part, index) => {
      const { form, place } = reel.parts[part];
      const name = `${identity(form)} ${place.length}`;
      const group = groups.get(name);
      if (group) group.push(index);
      else groups.set(name, [index]);
    });
    return groups;
  }

  // What stays the same while a thing moves: a card's key whatever cells it shows, else all that it is.
  /** @param {Form} form */
  function identity(form) {
    let name = names.get(form);
    if (name === undefined) {
      name = form.kind === "m" && form.key ? `m ${form.key} ${form.layers.length} ${form.rows} ${form.columns}` : JSON.stringify(form);
      names.set(form, name);
    }
    return name;
  }

  return { display };
}

/** @param {Float64Array} one @param {Float64Array} other */
function isNear(one, other) {
  for (let index = 2; index < one.length; index++) if (Math.abs(one[index] - other[index]) > FAR) return false;
  return true;
}

// A part between two packed instants, by a cubic through the four around (Catmull and Rom's).
/** @param {Part} part @param {Part} after @param {(Part | undefined)[]} around @param {number} share @returns {Part} */
function onItsWay(part, after, [before, later], share) {
  const [p0, p1, p2, p3] = [before?.place, part.place, after.place, later?.place];
  const place = p1.map((a, index) => {
    const b = p2[index];
    const [start, end] = [p0 ? (b - p0[index]) / 2 : b - a, p3 ? (p3[index] - a) / 2 : b - a];
    const found = cubic(a, b, start, end, share);
    return index < 2 ? Math.min(Math.max(found, 0), 1) : found;
  });
  return { form: part.form, place };
}

// From a to b, with these slopes at both ends (Hermite's).
/** @param {number} a @param {number} b @param {number} start @param {number} end @param {number} t */
function cubic(a, b, start, end, t) {
  return a + t * (start + t * (3 * (b - a) - 2 * start - end + t * (2 * (a - b) + start + end)));
}
