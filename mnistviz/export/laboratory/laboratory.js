"use strict";
// The laboratory: the reader changes what was given to the program, and the page runs it again.

const AT_ONCE = 10; // steps between two pictures of the screen, while it learns until it is right
const UNTIL = 1000; // steps, after which it gives up

// `tell` hears what is other than in the film, `toStage` shows it there.
/** @param {PageData} data @param {ById} element @param {Numbers} numbers @param {Address} address @param {{ tell(run: Run): void, toStage(): void }} heard */
function makeLaboratory(data, element, numbers, address, { tell, toStage }) {
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

  const now = (/** @type {number} */ id) => made.values.get(id) ?? engine.recorded(id);
  const side = trial ? data.arrays[trial.picture].shape[1] : 0;
  const pad = trial ? makePad(element, side, () => now(trial.picture).data, (pixels) => draw(pixels, true)) : null;
  const beside = makeBeside(data, element, numbers, () => made);
  const fits = (/** @type {number} */ id, /** @type {number} */ number) => isHeld(number, data.arrays[id].type);
  const changing = makeChanging(data, element, numbers, program.given, fits, (cell) => now(cell.array).data[cell.flat],
    (cell, number) => perform({ changes: [{ array: cell.array, cells: [cell.flat], numbers: [number] }] }));
  const expected = () => (trial ? now(trial.expected).data[0] : 0);
  const loss = () => (trial ? crossEntropy(now(trial.outputs), expected()) : 0);
  const isRight = () => trial !== null && placeOfBest(now(trial.outputs).data, 1) === expected();

  // The given arrays with some of their cells changed; cells that are as in the film again make the array the film's.
  /** @param {Change[]} changes */
  function change(changes) {
    given = new Map(given);
    for (const { array, cells, numbers: other } of changes) {
      const own = given.get(array) ?? engine.recorded(array);
      const data = own.data.slice();
      cells.forEach((cell, place) => { if (fits(array, other[place])) data[cell] = other[place]; });
      const changed = stored({ shape: own.shape, data }, own.type ?? "float64");
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

  /** @param {Deed} deed @param {boolean} [drawing] */
  function perform(deed, drawing) {
    learning = false;
    deeds = after(deeds, deed);
    act(deed);
    show(drawing);
  }

  /** @param {Float64Array} pixels @param {boolean} [drawing] with the pen */
  function draw(pixels, drawing) {
    if (trial) perform({ changes: [{ array: trial.picture, cells: [...pixels.keys()], numbers: [...pixels] }] }, drawing);
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

  function show(drawing = false) {
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
      element("laboratory-ask").hidden = !made.values.has(trial.picture) || made.values.has(trial.expected);
      if (document.activeElement !== element("laboratory-rate")) element("laboratory-rate").value = String(now(trial.rate).data[0]);
      element("laboratory-until").textContent = learning ? "Stop" : "Until it is right";
      element("laboratory-until").disabled = !learning && isRight();
    }
    element("following").hidden = made.values.size + made.held.size === 0;
    beside.show();
    tell(made);
    address.keep(textOfDeeds(deeds, size), drawing);
  }

  // The number that is followed on the stage; where it was given, it is the one to change.
  /** @param {Spot | null} spot */
  function follow(spot) {
    beside.follow(spot);
    if (spot && size(spot.array) && !element("laboratory").contains(document.activeElement)) changing.choose(spot);
  }

  /** @param {number} id @param {number} number */
  const setNumber = (id, number) => { if (Number.isFinite(number)) perform({ changes: [{ array: id, cells: [0], numbers: [number] }] }); };
  /** @param {(pixels: Float64Array) => Float64Array} how */
  const redraw = (how) => () => { if (trial) draw(how(now(trial.picture).data)); };

  function bind() {
    const buttons = { undo: () => redo(deeds.slice(0, -1)), reset: () => redo([]), step: () => perform({ steps: 1 }), ten: () => perform({ steps: 10 }), until: untilRight, stage: toStage,
      clear: redraw((pixels) => new Float64Array(pixels.length)), centre: redraw((pixels) => centred(pixels, side)), invert: redraw((pixels) => pixels.map((ink) => 255 - ink)),
      left: redraw((pixels) => shifted(pixels, side, 0, -1)), right: redraw((pixels) => shifted(pixels, side, 0, 1)),
      up: redraw((pixels) => shifted(pixels, side, -1, 0)), down: redraw((pixels) => shifted(pixels, side, 1, 0)) };
    for (const [name, act] of Object.entries(buttons)) element(`laboratory-${name}`)?.addEventListener("click", act);
    if (!trial) return;
    bindLoading(element, side, draw);
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
    changing.start();
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
