"use strict";
// While the film plays, what stands still is painted once: what lies under the first part that moves, and what lies
// over the last one, are kept as pictures.

const FEWEST_KEPT = 12; // parts: so few are painted again sooner than a whole picture is copied

/** @typedef {{ parts: Part[], picture: OffscreenCanvasRenderingContext2D | null }} Layer */

// `ground` fills the canvas, `paint` paints parts on it, the first one first.
/** @param {(surface: Surface) => void} ground @param {(surface: Surface, parts: Part[], view: Sight) => void} paint */
function makeStandstill(ground, paint) {
  /** @type {Layer} */
  const under = { parts: [], picture: null };
  /** @type {Layer} */
  const over = { parts: [], picture: null }; // its parts from the last one back
  /** @type {Part[]} */
  let before = []; // what was shown last
  let place = ""; // where it was shown, and of which run

  /** @param {Surface} surface @param {Part[]} display @param {Sight} view @param {number} run */
  function show(surface, display, view, run) {
    const { width, height } = surface.canvas;
    const now = [width, height, view.scale, view.left, view.top, run].join();
    if (now !== place) [under.parts, over.parts, before, place] = [[], [], [], now];
    const back = display.toReversed();
    const head = alike(before, display, display.length);
    const tail = alike(before.toReversed(), back, display.length - head);
    before = display;
    const first = held(under, display, head, (picture, parts) => { ground(picture); paint(picture, parts, view); });
    let last = held(over, back, tail, (picture, parts) => { picture.setTransform(1, 0, 0, 1, 0, 0); picture.clearRect(0, 0, width, height); paint(picture, parts.toReversed(), view); });
    if (first + last > display.length) last = 0;
    if (first) copy(surface, under);
    else ground(surface);
    paint(surface, display.slice(first, display.length - last), view);
    if (last) copy(surface, over);

    // How many of the parts are in a layer's picture, which is painted anew where it holds others, or by far too few.
    /** @param {Layer} layer @param {Part[]} parts @param {number} standing @param {(picture: OffscreenCanvasRenderingContext2D, parts: Part[]) => void} draw */
    function held(layer, parts, standing, draw) {
      const fits = layer.parts.length <= parts.length && alike(layer.parts, parts, parts.length) === layer.parts.length;
      if (fits && layer.parts.length + FEWEST_KEPT > standing) return layer.parts.length;
      layer.parts = standing < FEWEST_KEPT ? [] : parts.slice(0, standing);
      if (layer.picture?.canvas.width !== width || layer.picture.canvas.height !== height) layer.picture = freshSurface(width, height);
      if (layer.parts.length) draw(layer.picture, layer.parts);
      return layer.parts.length;
    }
  }

  return { show };
}

/** @param {Surface} surface @param {Layer} layer */
function copy(surface, { picture }) {
  surface.setTransform(1, 0, 0, 1, 0, 0);
  surface.globalAlpha = 1;
  if (picture) surface.drawImage(picture.canvas, 0, 0);
}

// How many parts at the start of two lists are the same ones, at most so many.
/** @param {Part[]} one @param {Part[]} other @param {number} most */
function alike(one, other, most) {
  const end = Math.min(one.length, other.length, most);
  let count = 0;
  while (count < end && one[count] === other[count]) count++;
  return count;
}
