"use strict";
// The page's state, in one place.  Whoever changes it says what changes; one function shows what it is then.

/**
 * @param {State} first
 * @param {(state: State, before: State) => void} seen
 * @returns {Store}
 */
function makeStore(first, seen) {
  let state = Object.freeze({ ...first });

  /** @param {Partial<State>} change */
  function set(change) {
    const before = state;
    state = Object.freeze({ ...before, ...change });
    seen(state, before);
  }

  return { get: () => state, set };
}

/** @type {State} */
const FIRST_STATE = {
  ticks: 0, clip: 0, fps: 10, paused: true, begun: false, stills: false, staged: false, loop: -1, learning: false, predicting: false, captions: false,
  speed: 1, hovered: null, trail: [], listed: 6, asked: -1, guesses: {},
};
