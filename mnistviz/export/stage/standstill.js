"use strict";
// While the film plays, what stands still is painted once: what lies under the first part that moves, and what lies
// over the last one, are kept as pictures.  Of what lies under there are several, for where something begins to move
// in the middle of it, a picture of less is at hand, and what is missing is painted on a copy of it.

const FEWEST_KEPT = 12; // parts: so few are painted again sooner than a whole picture is copied
const MOST_UNDER = 3; // pictures

/** @typedef {{ parts: Part[], picture: OffscreenCanvasRenderingContext2D }} Layer */

// `ground` fills the canvas, `paint` paints parts on it, the first one first.
/** @param {(surface: Surface) => void} ground @param {(surface: Surface, parts: Part[], view: Sight) => void} paint */
function makeStandstill(ground, paint) {
  /** @type {Layer[]} */
  let unders = []; // the one that was needed last at the end
  /** @type {Layer | null} */
  let over = null; // its parts from the last one back
  /** @type {Part[]} */
  let before = []; // what was shown last
  let place = ""; // where it was shown, and of which run

  /** @param {Surface} surface @param {Part[]} display @param {Sight} view @param {number} run */
  function show(surface, display, view, run) {
    const { width, height } = surface.canvas;
    const now = [width, height, view.scale, view.left, view.top, run].join();
    if (now !== place) [unders, over, before, place] = [[], null, [], now];
    const back = display.toReversed();
    const head = alike(before, display, display.length);
    const tail = alike(before.toReversed(), back, display.length - head);
    before = display;
    const under = underOf(display, head, view, surface.canvas);
    const first = under?.parts.length ?? 0;
    over = overOf(back, tail, view, surface.canvas);
    const last = over && first + over.parts.length <= display.length ? over.parts.length : 0;
    if (under) copy(surface, under);
    else ground(surface);
    paint(surface, display.slice(first, display.length - last), view);
    if (over && last) copy(surface, over);
  }

  // The picture of the first parts of a display, of about as many as stand still; null where these are few.
  /** @param {Part[]} display @param {number} standing @param {Sight} view @param {{ width: number, height: number }} canvas @returns {Layer | null} */
  function underOf(display, standing, view, { width, height }) {
    const fitting = unders.filter(({ parts }) => parts.length <= standing && alike(parts, display, standing) === parts.length);
    const best = fitting.toSorted((one, other) => other.parts.length - one.parts.length)[0] ?? null;
    if (best) unders = [...unders.filter((one) => one !== best), best];
    const there = best?.parts.length ?? 0;
    if (there + FEWEST_KEPT > standing) return best;
    const oldest = unders.length < MOST_UNDER ? undefined : unders.shift();
    const picture = oldest?.picture ?? freshSurface(width, height);
    if (best) copy(picture, best);
    else ground(picture);
    paint(picture, display.slice(there, standing), view);
    const made = { parts: display.slice(0, standing), picture };
    unders.push(made);
    return made;
  }

  // The same of the last parts; `back` is the display from its end.
  /** @param {Part[]} back @param {number} standing @param {Sight} view @param {{ width: number, height: number }} canvas @returns {Layer | null} */
  function overOf(back, standing, view, { width, height }) {
    const fits = over !== null && alike(over.parts, back, back.length) === over.parts.length;
    if (fits && over && over.parts.length + FEWEST_KEPT > standing) return over;
    if (standing < FEWEST_KEPT) return null;
    const picture = over?.picture ?? freshSurface(width, height);
    picture.setTransform(1, 0, 0, 1, 0, 0);
    picture.clearRect(0, 0, width, height);
    const parts = back.slice(0, standing);
    paint(picture, parts.toReversed(), view);
    return { parts, picture };
  }

  return { show };
}

/** @param {Surface} surface @param {Layer} layer */
function copy(surface, { picture }) {
  surface.setTransform(1, 0, 0, 1, 0, 0);
  surface.globalAlpha = 1;
  surface.drawImage(picture.canvas, 0, 0);
}

// How many parts at the start of two lists are the same ones, at most so many.
/** @param {Part[]} one @param {Part[]} other @param {number} most */
function alike(one, other, most) {
  const end = Math.min(one.length, other.length, most);
  let count = 0;
  while (count < end && one[count] === other[count]) count++;
  return count;
}
