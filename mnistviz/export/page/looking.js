"use strict";
// Looking at cells: the one under the pointer, the one that is chosen, and the way along which numbers are followed.

/** @typedef {ReturnType<typeof makeLooking>} Looking */

/** @param {Store} store @param {Answers} answers @param {Panel} panel @param {Copying} copying @param {() => Card[]} stage @param {() => void} begin */
function makeLooking(store, answers, panel, copying, stage, begin) {
  // Points at a place of the stage; false where no cell is there.
  /** @param {number} x @param {number} y */
  function hover(x, y) {
    const spot = answers.spotAt(stage(), x, y);
    if (spot || store.get().hovered) store.set({ hovered: spot, listed: LISTED });
    return spot !== null;
  }

  /** @param {Spot[]} trail */
  const go = (trail) => store.set({ trail, hovered: null, listed: LISTED });

  function pin() {
    const { hovered } = store.get();
    if (!hovered) return;
    begin();
    store.set({ hovered, trail: [hovered], listed: LISTED });
  }

  /** @param {Cell} cell */
  function follow(cell) {
    const { hovered, trail } = store.get();
    const way = hovered ? [hovered] : trail;
    go([...way, { ...cell, drawn: null, picked: false }]);
  }

  /** @param {number} place */
  const backTo = (place) => go(store.get().trail.slice(0, place + 1));

  function back() {
    const { trail } = store.get();
    if (trail.length > 1) go(trail.slice(0, -1));
  }

  function choose() {
    const cell = panel.chosen();
    go(cell ? [{ ...cell, drawn: null, picked: true }] : []);
  }

  // What was pinned of a picture that is gone cannot be looked at any more.
  function moved() {
    const { trail } = store.get();
    if (trail.some((spot) => spot.drawn)) go(trail.filter((spot) => !spot.drawn));
  }

  const spot = () => store.get().hovered ?? store.get().trail.at(-1) ?? null;

  function copy() {
    const here = spot();
    if (here) copying.text(answers.answer(stage(), here));
  }

  /** @param {"csv" | "npy"} kind */
  function save(kind) {
    const here = spot();
    if (here) copying.save(here.array, kind);
  }

  return { hover, pin, follow, backTo, back, choose, moved, copy, spot, csv: () => save("csv"), npy: () => save("npy"),
    leave: () => store.set({ hovered: null }), unpin: () => go([]), more: () => store.set({ listed: store.get().listed + 50 }) };
}
