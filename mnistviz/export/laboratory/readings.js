"use strict";
// What the laboratory shows: the outputs beside the film's, the verdict, the loss along the steps, what else is other now.

const [WIDE, HIGH] = [320, 96]; // of the loss's curve
const MOST_LISTED = 8; // arrays

/** @param {ById} element @param {Numbers} numbers */
function makeReadings(element, numbers) {
  // One row an answer: the film's bar behind, the bar of now before it.
  /** @param {Matrix} film @param {Matrix} now @param {number} expected */
  function outputs(film, now, expected) {
    const winner = placeOfBest(now.data, 1);
    element("laboratory-outputs").replaceChildren(...Array.from(now.data, (value, place) => {
      const row = document.createElement("li");
      row.className = [place === expected ? "right" : "", place === winner ? "winner" : ""].join(" ").trim();
      const bar = /** @type {SVGSVGElement} */ (element("laboratory-bar").content.firstElementChild.cloneNode(true));
      bar.children[0].setAttribute("width", String(100 * film.data[place]));
      bar.children[1].setAttribute("width", String(100 * value));
      row.append(spanOf("digit", String(place)), bar, spanOf("live", value.toFixed(3)), spanOf("filmed", film.data[place].toFixed(3)));
      return row;
    }));
    const right = winner === expected;
    element("laboratory-verdict").textContent = `It reads ${aDigit(winner)}${right ? ", as expected." : `; ${aDigit(expected)} is expected.`}`;
    element("laboratory-verdict").className = right ? "right" : "wrong";
  }

  /** @param {number} film @param {number} now @param {number} steps */
  function loss(film, now, steps) {
    element("laboratory-loss").textContent = now.toFixed(4);
    element("laboratory-loss-film").textContent = film.toFixed(4);
    element("laboratory-steps").textContent = steps === 0 ? "before any step" : steps === 1 ? "after 1 step" : `after ${steps} steps`;
  }

  // The loss along the steps.
  /** @param {number[]} losses */
  function curve(losses) {
    const path = element("laboratory-curve");
    path.closest("figure").hidden = losses.length < 2;
    const most = Math.max(...losses, 1e-9);
    const points = losses.map((one, step) => `${((WIDE * step) / Math.max(losses.length - 1, 1)).toFixed(1)},${(HIGH - (HIGH * one) / most).toFixed(1)}`);
    path.setAttribute("d", `M${points.join("L")}`);
  }

  // The arrays that are other than in the film, and where each is most so.
  /** @param {Run} made @param {(id: number) => Matrix} recorded */
  function changes({ values, held }, recorded) {
    const named = [...values.keys()].filter((id) => numbers.array(id)?.named && !numbers.array(id).constant);
    const rows = named.map((id) => changeRow(id, /** @type {Matrix} */ (values.get(id)), recorded(id))).filter((row) => row !== null);
    element("laboratory-changes").replaceChildren(...rows.slice(0, MOST_LISTED));
    element("laboratory-changed").hidden = rows.length === 0;
    element("laboratory-count").textContent = `${values.size} of the program's arrays are other than in the film${rows.length > MOST_LISTED ? `; the first ${MOST_LISTED} that have a name` : ""}. Where each differs most:`;
    const whys = [...new Set(held.values())];
    element("laboratory-held").hidden = whys.length === 0;
    element("laboratory-held").textContent = `${held.size} arrays stay as recorded, or partly so: ${whys.join("; ")}.`;
  }

  /** @param {number} id @param {Matrix} now @param {Matrix} film */
  function changeRow(id, now, film) {
    let most = 0;
    now.data.forEach((number, cell) => { if (Math.abs(number - film.data[cell]) > Math.abs(now.data[most] - film.data[most])) most = cell; });
    if (now.data[most] === film.data[most]) return null;
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = numbers.cellName(id, most) + (numbers.array(id).moment ? ` ${numbers.array(id).moment}` : "");
    row.append(head, ...[film, now].map((one) => Object.assign(document.createElement("td"), { textContent: numbers.filmed(one.data[most]) })));
    return row;
  }

  return { outputs, loss, curve, changes };
}

/** @param {string} kind @param {string} text */
const spanOf = (kind, text) => Object.assign(document.createElement("span"), { className: kind, textContent: text });

// The cross-entropy, summed over the outputs.
/** @param {Matrix} outputs @param {number} expected */
function crossEntropy(outputs, expected) {
  return -sumOf(outputs.data.map((value, place) => Math.log(Math.max(place === expected ? value : 1 - value, Number.MIN_VALUE))));
}

/** @param {number} digit */
const aDigit = (digit) => `${digit === 8 ? "an" : "a"} ${digit}`;
