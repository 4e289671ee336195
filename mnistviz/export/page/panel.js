"use strict";
// The panel of values: shows an answer, the cells that made it and that it made, and the way by which one came.

/** @typedef {ReturnType<typeof makePanel>} Panel */

const LISTED = 6; // cells of a list that are shown first
const MOST_LIT = 1600; // cells that are lit on the stage at once

/** @param {ById} element @param {Numbers} numbers @param {Cards} cards @param {Answers} answers */
function makePanel(element, numbers, cards, answers) {
  /** @param {string} tag @param {string} text @param {string} [kind] */
  function made(tag, text, kind = "") {
    const node = document.createElement(tag);
    node.textContent = text;
    if (kind) node.className = kind;
    return node;
  }

  // A button that leads to a cell; constants lead nowhere.
  /** @param {Cell} cell */
  function link(cell) {
    const { constant, shape, moment } = numbers.array(cell.array);
    const name = numbers.cellName(cell.array, cell.flat);
    const value = numbers.carried(cell.array) ? numbers.short(numbers.at(cell.array, cell.flat)) : "";
    if (constant && !shape.length) return made("span", value, "constant");
    const button = /** @type {HTMLButtonElement} */ (made("button", name, "cell"));
    button.type = "button";
    Object.assign(button.dataset, { array: cell.array, flat: cell.flat });
    if (moment) button.append(" ", made("span", moment, "soft"));
    if (value) button.append(" ", made("b", value));
    return button;
  }

  /** @param {Term} term */
  function row(term) {
    const item = document.createElement("li");
    term.cells.forEach((cell, place) => item.append(...(place ? [made("span", "×", "sign")] : []), link(cell)));
    if (term.cells.length > 1 && term.value !== null) item.append(made("span", `= ${numbers.short(term.value)}`, "sign"));
    return item;
  }

  /** @param {string} list @param {Node[]} items @param {string} head @param {number} count */
  function fill(list, items, head, count) {
    element(`${list}-head`).textContent = head;
    element(list).replaceChildren(...items);
    element(`${list}-part`).hidden = !head;
    const more = element(`${list}-more`);
    more.hidden = items.length >= count;
    more.textContent = `${count - items.length} more`;
  }

  // The chosen number, where it came from and where it goes; `listed` cells of each list.
  /** @param {Answer} found @param {number} listed */
  function tell(found, listed) {
    element("cells-name").textContent = found.name;
    element("cells-where").textContent = found.where;
    element("cells-value").textContent = found.value;
    element("cells-film").textContent = found.film && found.film !== found.value ? `in the film ${found.film}` : "";
    element("cells-formula").replaceChildren(...found.lines.map((line) => made("li", line)));
    const { terms, exact, what } = found.from;
    const head = what || (terms.length ? `Made of ${count(terms)}` : "");
    fill("cells-from", terms.slice(0, listed).map(row), exact || !terms.length ? head : `${head}, of`, terms.length);
    fill("cells-to", found.to.slice(0, listed).map((cell) => row({ cells: [cell], value: null })),
      found.to.length ? `Makes ${found.to.length === 1 ? "one cell" : `${found.to.length} cells`}` : "", found.to.length);
  }

  /** @param {Term[]} terms */
  function count(terms) {
    const cells = terms.reduce((sum, term) => sum + term.cells.length, 0);
    if (cells === 1) return "one cell";
    return terms[0].cells.length > 1 ? `${terms.length} products, the largest first` : `${cells} cells`;
  }

  /** @param {Spot[]} trail */
  function showTrail(trail) {
    element("cells-trail").hidden = trail.length < 2;
    element("cells-trail").replaceChildren(...trail.map((spot, place) => {
      const item = document.createElement("li");
      const button = /** @type {HTMLButtonElement} */ (made("button", numbers.cellName(spot.array, spot.flat), "cell"));
      button.type = "button";
      button.dataset.place = String(place);
      if (place === trail.length - 1) button.setAttribute("aria-current", "true");
      item.append(button);
      return item;
    }));
  }

  // Light on the stage: the cell, its card, the cells that made it, and among them those that the panel lists.
  /** @param {Card[]} shown @param {Answer | null} found @param {number} listed */
  function light(shown, found, listed) {
    const hit = found ? answers.seenAt(shown, found.spot) : null;
    points("lit-card", hit ? cards.outline(hit, true) : "");
    points("lit-cell", hit ? cards.outline(hit) : "");
    const terms = found ? found.from.terms : [];
    element("lit-parents").setAttribute("d", outlines(shown, terms.slice(listed, MOST_LIT)));
    element("lit-parents").classList.toggle("many", terms.length > listed);
    element("lit-largest").setAttribute("d", outlines(shown, terms.slice(0, listed)));
  }

  /** @param {Card[]} shown @param {Term[]} terms */
  function outlines(shown, terms) {
    const seen = terms.flatMap((term) => term.cells).map((cell) => answers.onStage(shown, cell));
    return seen.map((one) => (one ? `M${cards.outline(one).replaceAll(" ", "L")}Z` : "")).join("");
  }

  /** @param {string} id @param {string} corners */
  function points(id, corners) {
    if (corners) element(id).setAttribute("points", corners);
    else element(id).removeAttribute("points");
  }

  // The matrices that can be chosen without a pointer, and the number fields of the chosen one.
  /** @param {Card[]} shown @param {Spot | null} spot */
  function offer(shown, spot) {
    const select = element("cells-matrix");
    const choices = answers.choices(shown);
    const options = [{ id: "", text: choices.length ? "choose a matrix" : "nothing to choose here" }, ...choices];
    const same = options.length === select.options.length && options.every(({ id }, n) => select.options[n].value === String(id));
    if (!same) select.replaceChildren(...options.map(({ id, text }) => Object.assign(document.createElement("option"), { value: id, textContent: text })));
    select.value = spot && choices.some(({ id }) => id === spot.array) ? String(spot.array) : "";
    element("cells-form").hidden = choices.length === 0;
    fields(select.value === "" ? null : spot);
  }

  /** @param {Spot | null} spot */
  function fields(spot) {
    const names = ["row", "column", "third index", "fourth index"];
    const shape = spot ? numbers.array(spot.array).shape : [];
    const box = element("cells-index");
    if (box.dataset.shape !== String(shape)) {
      box.dataset.shape = String(shape);
      box.replaceChildren(...shape.map((length, axis) => {
        const label = made("label", `${names[axis] ?? `index ${axis + 1}`} `);
        label.append(Object.assign(document.createElement("input"), { type: "number", min: 0, max: length - 1, step: 1, value: 0 }));
        return label;
      }));
    }
    if (!spot) return;
    const index = numbers.indices(shape, spot.flat);
    box.querySelectorAll("input").forEach((/** @type {HTMLInputElement} */ field, /** @type {number} */ axis) => {
      if (document.activeElement !== field) field.value = String(index[axis]);
    });
  }

  // The cell that the form says.
  /** @returns {Cell | null} */
  function chosen() {
    const id = element("cells-matrix").value;
    if (id === "") return null;
    const { shape } = numbers.array(Number(id));
    const inputs = [...element("cells-index").querySelectorAll("input")];
    const fits = element("cells-index").dataset.shape === String(shape);
    const index = shape.map((length, axis) => (fits ? Math.min(Math.max(Math.trunc(Number(inputs[axis].value)) || 0, 0), length - 1) : 0));
    return { array: Number(id), flat: numbers.flatten(shape, index) };
  }

  return { tell, showTrail, light, offer, chosen };
}
