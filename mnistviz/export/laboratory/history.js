"use strict";
// What was done since the film, as a list that an address can hold: whoever opens it has the same numbers.

const LARGEST_BYTE = 255;
const MOST_STEPS = 5000; // that an address may ask for, in all
const MOST_DEEDS = 1000; // after each the program runs again

// `4.8=0,28=0` are cells of the array 4, `0*...` a whole picture of bytes, `s10` ten steps; deeds are apart by `~`.
/** @param {Deed[]} deeds @param {(id: number) => number} size */
function textOfDeeds(deeds, size) {
  return deeds.map((deed) => ("steps" in deed ? `s${deed.steps}` : deed.changes.map((change) => textOfChange(change, size(change.array))).join("_"))).join("~");
}

/** @param {Change} change @param {number} size */
function textOfChange({ array, cells, numbers }, size) {
  const whole = cells.length === size && size > 1 && numbers.every((one) => Number.isInteger(one) && one >= 0 && one <= LARGEST_BYTE);
  if (!whole) return `${array}.${cells.map((cell, place) => `${cell}=${numbers[place]}`).join(",")}`;
  const bytes = [];
  for (let place = 0; place < size; ) {
    let count = 1;
    while (count < LARGEST_BYTE && place + count < size && numbers[place + count] === numbers[place]) count++;
    bytes.push(count, numbers[place]);
    place += count;
  }
  return `${array}*${btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", ".").replaceAll("=", "")}`;
}

// The deeds that a text says; what does not fit the program is left out.
/** @param {string} text @param {(id: number) => number} size size of an array that may be changed, 0 for any other @returns {Deed[]} */
function deedsOf(text, size) {
  /** @type {Deed[]} */
  const deeds = [];
  let left = MOST_STEPS;
  for (const one of text.split("~", MOST_DEEDS)) {
    const deed = deedOf(one, size);
    if (!deed) continue;
    if (!("steps" in deed)) deeds.push(deed);
    else if (Math.min(deed.steps, left)) deeds.push({ steps: Math.min(deed.steps, left) });
    if ("steps" in deed) left -= Math.min(deed.steps, left);
  }
  return deeds;
}

/** @param {string} one @param {(id: number) => number} size @returns {Deed | null} */
function deedOf(one, size) {
  if (/^s\d+$/.test(one)) return { steps: Number(one.slice(1)) };
  const changes = one.split("_", MOST_DEEDS).map((part) => changeOf(part, size)).filter((part) => part !== null);
  return changes.length ? { changes } : null;
}

/** @param {string} text @param {(id: number) => number} size @returns {Change | null} */
function changeOf(text, size) {
  const [, id, kind, rest] = /^(\d+)([.*])(.+)$/.exec(text) ?? [];
  const [array, count] = [Number(id), size(Number(id))];
  if (!rest || !count) return null;
  const pairs = kind === "." ? rest.split(",").map((pair) => pair.split("=").map(Number)) : runs(rest, count).map((number, cell) => [cell, number]);
  const fits = pairs.length > 0 && pairs.length <= count && pairs.every(([cell, number]) => Number.isInteger(cell) && cell >= 0 && cell < count && Number.isFinite(number));
  return fits ? { array, cells: pairs.map(([cell]) => cell), numbers: pairs.map(([, number]) => number) } : null;
}

// The bytes of a whole picture, from lengths of runs and what is in them; as many as it has, and a few that show that it is none.
/** @param {string} text @param {number} most @returns {number[]} */
function runs(text, most) {
  /** @type {number[]} */
  const made = [];
  try {
    const bytes = atob(text.replaceAll("-", "+").replaceAll(".", "/"));
    for (let place = 1; place < bytes.length && made.length <= most; place += 2) {
      for (let count = bytes.charCodeAt(place - 1); count > 0; count--) made.push(bytes.charCodeAt(place));
    }
  } catch {
    return [];
  }
  return made;
}

// A deed after others: cells of the same arrays that were changed right before are changed once.
/** @param {Deed[]} deeds @param {Deed} next @returns {Deed[]} */
function after(deeds, next) {
  const last = deeds.at(-1);
  if (!last) return [next];
  if ("steps" in next) return "steps" in last ? [...deeds.slice(0, -1), { steps: last.steps + next.steps }] : [...deeds, next];
  if ("steps" in last) return [...deeds, next];
  const same = last.changes.length === next.changes.length && last.changes.every((change, place) =>
    change.array === next.changes[place].array && String(change.cells) === String(next.changes[place].cells));
  return same ? [...deeds.slice(0, -1), next] : [...deeds, next];
}
