"use strict";
// The form in which any given number is changed: an array, a cell of it, another value.

/** @param {PageData} data @param {ById} element @param {Numbers} numbers @param {number[]} given @param {(array: number, number: number) => boolean} fits @param {(cell: Cell) => number} now @param {(cell: Cell, number: number) => void} changed */
function makeChanging(data, element, numbers, given, fits, now, changed) {
  const array = () => Number(element("laboratory-array").value);
  const named = () => cellNamed(numbers, array(), element("laboratory-place").value);

  /** @param {Cell} cell */
  function choose(cell) {
    element("laboratory-array").value = String(cell.array);
    element("laboratory-place").value = numbers.indices(data.arrays[cell.array].shape, cell.flat).join(", ");
    chosen();
  }

  function chosen() {
    const cell = named();
    const { shape, type } = data.arrays[array()];
    element("laboratory-place").disabled = shape.length === 0;
    element("laboratory-shape").textContent = [shape.length ? `of ${shape.join(" × ")}` : "", type === "float64" ? "" : type].filter(Boolean).join(", ");
    element("laboratory-value").value = cell ? String(now(cell)) : "";
    element("laboratory-place").setAttribute("aria-invalid", String(!cell));
    written();
  }

  // The number that is in the form, where the array can hold it.
  function numberWritten() {
    const text = element("laboratory-value").value.trim();
    return text && Number.isFinite(Number(text)) && fits(array(), Number(text)) ? Number(text) : null;
  }

  function written() {
    const number = numberWritten();
    element("laboratory-value").setAttribute("aria-invalid", String(number === null));
    element("laboratory-set").disabled = !named() || number === null;
  }

  /** @param {Event} event */
  function set(event) {
    event.preventDefault();
    const [cell, number] = [named(), numberWritten()];
    if (cell && number !== null) changed(cell, number);
  }

  function start() {
    element("laboratory-array").replaceChildren(...given.map((id) => Object.assign(document.createElement("option"), { value: String(id), textContent: numbers.array(id).name })));
    element("laboratory-form").addEventListener("submit", set);
    element("laboratory-array").addEventListener("change", () => choose({ array: array(), flat: 0 }));
    element("laboratory-place").addEventListener("input", chosen);
    element("laboratory-value").addEventListener("input", written);
    choose({ array: given[0], flat: 0 });
  }

  return { choose, start };
}

// The cell of an array at a place that is written as `3, 0`; null where there is none.
/** @param {Numbers} numbers @param {number} array @param {string} place @returns {Cell | null} */
function cellNamed(numbers, array, place) {
  const { shape } = numbers.array(array);
  const index = place.split(",").map((part) => part.trim()).filter(Boolean).map(Number);
  const fits = index.length === shape.length && index.every((one, axis) => Number.isInteger(one) && one >= 0 && one < shape[axis]);
  return fits ? { array, flat: numbers.flatten(shape, index) } : null;
}
