"use strict";
// Beside the number that is followed on the stage, as the film says it: what it is now, and how it is made now.

/** @param {PageData} data @param {ById} element @param {Numbers} numbers @param {() => Run} made */
function makeBeside(data, element, numbers, made) {
  const now = { ...numbers, at: (/** @type {number} */ id, /** @type {number} */ flat) => made().values.get(id)?.data[flat] ?? numbers.at(id, flat) };
  const formulas = makeFormulas(data, now, makeRelations(data, now));
  /** @type {Spot | null} */
  let followed = null;

  function show() {
    const other = followed && made().values.get(followed.array);
    const why = followed && made().held.get(followed.array);
    element("cells-now").hidden = !other && !why;
    element("cells-now").textContent = [other && followed ? `now ${numbers.exact(other.data[followed.flat], other.type)}` : "", why ? `as recorded: ${why}` : ""].filter(Boolean).join("; ");
    const lines = other && followed ? formulas.explain(followed.array, followed.flat) : [];
    element("cells-formula-now").replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
    if (other && followed && !followed.drawn) element("tip").textContent = tipOf(followed, other);
  }

  /** @param {Cell} cell @param {Matrix} other */
  const tipOf = ({ array, flat }, other) => `${numbers.cellName(array, flat)} = ${numbers.filmed(other.data[flat])}; in the film ${numbers.filmed(numbers.at(array, flat))}`;

  /** @param {Spot | null} spot */
  function follow(spot) {
    followed = spot;
    show();
  }

  return { show, follow };
}
