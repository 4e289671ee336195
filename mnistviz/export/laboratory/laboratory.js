"use strict";
// The laboratory: the reader changes what was given to the program, and the page runs it again.

const AT_ONCE = 10; // steps between two pictures of the screen, while it learns until it is right
const UNTIL = 1000; // steps, after which it gives up

/** @param {PageData} data @param {ById} element @param {Numbers} numbers @param {Address} address */
function makeLaboratory(data, element, numbers, address) {
  const program = /** @type {NonNullable<PageData["laboratory"]>} */ (data.laboratory);
  if (!program) return { follow: () => {}, start: () => {}, restore: () => {} };
  const { trial } = program;
  const engine = makeEngine(program, data.arrays, (id) => Float64Array.from(numbers.decode(data.arrays[id].data ?? "")));
  const readings = makeReadings(element, numbers);
  const sizes = new Map(program.given.map((id) => [id, numbers.size(data.arrays[id].shape)]));
  const size = (/** @type {number} */ id) => sizes.get(id) ?? 0;
  /** @type {Deed[]} */
  let deeds = [];
  /** @type {Map<number, Matrix>} */
  let given = new Map(); // as they are now; what is not there is as in the film
  /** @type {Run} */
  let made = { values: new Map(), held: new Map() };
  /** @type {number[]} */
  let losses = [];
  let learning = false; // until it is right
  /** @type {Cell | null} */
  let followed = null;

  const now = (/** @type {number} */ id) => made.values.get(id) ?? engine.recorded(id);
  const side = trial ? data.arrays[trial.picture].shape[1] : 0;
  const pad = trial ? makePad(element, side, () => now(trial.picture).data, (pixels) => draw(pixels)) : null;
  const expected = () => (trial ? now(trial.expected).data[0] : 0);
  const loss = () => (trial ? crossEntropy(now(trial.outputs), expected()) : 0);
  const isRight = () => trial !== null && placeOfBest(now(trial.outputs).data, 1) === expected();

  // The given arrays with some of their cells changed; cells that are as in the film again make the array the film's.
  /** @param {Change[]} changes */
  function change(changes) {
    given = new Map(given);
    for (const { array, cells, numbers: other } of changes) {
      const own = given.get(array) ?? engine.recorded(array);
      const changed = { ...own, data: own.data.slice() };
      cells.forEach((cell, place) => { changed.data[cell] = other[place]; });
      if (distance(changed, engine.recorded(array)) === 0) given.delete(array);
      else given.set(array, changed);
    }
    made = engine.run(given);
    losses = [loss()];
  }

  /** @param {number} steps */
  function learn(steps) {
    for (let step = 0; step < steps; step++) {
      given = engine.stepped(given, made.values.size ? made : engine.run(given));
      made = engine.run(given);
      losses.push(loss());
    }
  }

  /** @param {Deed} deed */
  function act(deed) {
    if ("steps" in deed) learn(deed.steps);
    else change(deed.changes);
  }

  // From the film again, deed by deed.
  /** @param {Deed[]} all */
  function redo(all) {
    learning = false;
    deeds = all;
    given = new Map();
    change([]);
    all.forEach(act);
    show();
  }

  /** @param {Deed} deed */
  function perform(deed) {
    learning = false;
    deeds = after(deeds, deed);
    act(deed);
    show();
  }

  /** @param {Float64Array} pixels */
  function draw(pixels) {
    if (trial) perform({ changes: [{ array: trial.picture, cells: [...pixels.keys()], numbers: [...pixels] }] });
  }

  // Until the largest output is the expected one, some steps between two pictures of the screen; or stops it.
  function untilRight() {
    learning = !learning;
    if (!learning) return show();
    let left = UNTIL;
    const isLearning = () => learning && !isRight();
    const some = () => {
      let count = 0;
      for (; isLearning() && count < Math.min(left, AT_ONCE); count++) learn(1);
      left -= count;
      learning = isLearning() && left > 0;
      if (count) deeds = after(deeds, { steps: count });
      show();
      if (learning) requestAnimationFrame(some);
    };
    some();
  }

  function show() {
    const untouched = deeds.length === 0;
    for (const name of ["undo", "reset"]) element(`laboratory-${name}`).disabled = untouched;
    readings.changes(made, engine.recorded);
    if (trial) {
      pad?.draw();
      readings.outputs(engine.recorded(trial.outputs), now(trial.outputs), expected());
      const steps = deeds.reduce((sum, deed) => sum + ("steps" in deed ? deed.steps : 0), 0);
      readings.loss(crossEntropy(engine.recorded(trial.outputs), engine.recorded(trial.expected).data[0]), loss(), steps);
      readings.curve(losses);
      element("laboratory-expected").value = String(expected());
      if (document.activeElement !== element("laboratory-rate")) element("laboratory-rate").value = String(now(trial.rate).data[0]);
      element("laboratory-until").textContent = learning ? "Stop" : "Until it is right";
      element("laboratory-until").disabled = !learning && isRight();
    }
    follow(followed);
    address.keep(textOfDeeds(deeds, size));
  }

  // The number that is followed on the stage: what the film says beside what it is now; and its cell to change, if it was given.
  /** @param {Cell | null} cell */
  function follow(cell) {
    followed = cell;
    const other = cell && made.values.get(cell.array);
    const why = cell && made.held.get(cell.array);
    element("cells-now").hidden = !other && !why;
    element("cells-now").textContent = [other && cell ? `now ${numbers.exact(other.data[cell.flat], other.type)}` : "", why ? `as recorded: ${why}` : ""].filter(Boolean).join("; ");
    if (cell && size(cell.array) && !element("laboratory").contains(document.activeElement)) choose(cell);
  }

  /** @param {Cell} cell */
  function choose({ array, flat }) {
    element("laboratory-array").value = String(array);
    element("laboratory-place").value = numbers.indices(data.arrays[array].shape, flat).join(", ");
    chosen();
  }

  const named = () => cellNamed(numbers, Number(element("laboratory-array").value), element("laboratory-place").value);

  function chosen() {
    const cell = named();
    const { shape } = data.arrays[Number(element("laboratory-array").value)];
    element("laboratory-place").disabled = shape.length === 0;
    element("laboratory-shape").textContent = shape.length ? `of ${shape.join(" × ")}` : "";
    element("laboratory-value").value = cell ? String(now(cell.array).data[cell.flat]) : "";
    element("laboratory-place").setAttribute("aria-invalid", String(!cell));
    element("laboratory-set").disabled = !cell;
  }

  function set() {
    const [cell, number] = [named(), Number(element("laboratory-value").value)];
    if (cell && element("laboratory-value").value.trim() && Number.isFinite(number)) perform({ changes: [{ array: cell.array, cells: [cell.flat], numbers: [number] }] });
  }

  /** @param {number} id @param {number} number */
  const setNumber = (id, number) => { if (Number.isFinite(number)) perform({ changes: [{ array: id, cells: [0], numbers: [number] }] }); };
  /** @param {(pixels: Float64Array) => Float64Array} how */
  const redraw = (how) => () => { if (trial) draw(how(now(trial.picture).data)); };

  function bind() {
    const buttons = { undo: () => redo(deeds.slice(0, -1)), reset: () => redo([]), step: () => perform({ steps: 1 }), ten: () => perform({ steps: 10 }), until: untilRight,
      clear: redraw((pixels) => new Float64Array(pixels.length)), centre: redraw((pixels) => centred(pixels, side)), invert: redraw((pixels) => pixels.map((ink) => 255 - ink)),
      left: redraw((pixels) => shifted(pixels, side, 0, -1)), right: redraw((pixels) => shifted(pixels, side, 0, 1)),
      up: redraw((pixels) => shifted(pixels, side, -1, 0)), down: redraw((pixels) => shifted(pixels, side, 1, 0)) };
    for (const [name, act] of Object.entries(buttons)) element(`laboratory-${name}`)?.addEventListener("click", act);
    element("laboratory-form").addEventListener("submit", (/** @type {Event} */ event) => { event.preventDefault(); set(); });
    element("laboratory-array").addEventListener("change", () => {
      const { shape } = data.arrays[Number(element("laboratory-array").value)];
      element("laboratory-place").value = shape.map(() => 0).join(", ");
      chosen();
    });
    element("laboratory-place").addEventListener("input", chosen);
    if (!trial) return;
    element("laboratory-expected").addEventListener("change", (/** @type {any} */ event) => setNumber(trial.expected, Number(event.target.value)));
    element("laboratory-rate").addEventListener("change", (/** @type {any} */ event) => setNumber(trial.rate, event.target.value === "" ? NaN : Number(event.target.value)));
    element("laboratory").addEventListener("click", (/** @type {any} */ event) => {
      const place = event.target.closest("[data-suggestion]")?.dataset.suggestion;
      if (place) redo([{ changes: trial.suggestions[Number(place)].changes }]);
    });
  }

  /** @param {string} hash */
  function start(hash) {
    element("laboratory").hidden = false;
    element("laboratory-array").replaceChildren(...program.given.map((id) => Object.assign(document.createElement("option"), { value: String(id), textContent: numbers.array(id).name })));
    choose({ array: program.given[0], flat: 0 });
    bind();
    redo(deedsOf(address.kept(hash), size));
  }

  // What another address says that was done, where it says something.
  /** @param {string} hash */
  function restore(hash) {
    if (address.kept(hash)) redo(deedsOf(address.kept(hash), size));
  }

  return { follow, start, restore };
}

// The cell of an array at a place that is written as `3, 0`; null where there is none.
/** @param {Numbers} numbers @param {number} array @param {string} place @returns {Cell | null} */
function cellNamed(numbers, array, place) {
  const { shape } = numbers.array(array);
  const index = place.split(",").map((part) => part.trim()).filter(Boolean).map(Number);
  const fits = index.length === shape.length && index.every((one, axis) => Number.isInteger(one) && one >= 0 && one < shape[axis]);
  return fits ? { array, flat: numbers.flatten(shape, index) } : null;
}
