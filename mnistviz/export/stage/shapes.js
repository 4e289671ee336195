"use strict";
// Points, paths, colours: the geometry that all brushes share.  Points are in pixels.

// Things by name; the oldest goes when there are too many.
/** @template Thing @param {number} most @returns {Shelf<Thing>} */
function makeShelf(most) {
  /** @type {Map<string, Thing>} */
  const things = new Map();
  return {
    get(name, make) {
      const found = things.get(name);
      if (found !== undefined) return found;
      const made = make();
      things.set(name, made);
      if (things.size > most) things.delete(things.keys().next().value ?? "");
      return made;
    },
  };
}

/** @param {number} width @param {number} height @returns {OffscreenCanvasRenderingContext2D} */
function freshSurface(width, height) {
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (!context) throw new Error("there is no canvas to draw on");
  return context;
}

// The points of a place, from its `start`th number on.
/** @param {Float64Array} place @param {Sight} view @param {number} start */
function pointsOf(place, view, start) {
  /** @type {Pair[]} */
  const points = [];
  for (let index = start; index < place.length; index += 2) points.push([(place[index] - view.left) * view.scale, (place[index + 1] - view.top) * view.scale]);
  return points;
}

/** @param {Pair[]} points @param {boolean} closed */
function pathOf(points, closed) {
  const path = new Path2D();
  points.forEach(([x, y], index) => (index ? path.lineTo(x, y) : path.moveTo(x, y)));
  if (closed) path.closePath();
  return path;
}

// A stroke that ends in a triangle of length `head`, and the triangle.
/** @param {Pair[]} points @param {number} head @returns {{ shaft: Pair[], tip: Pair[] | null }} */
function arrow(points, head) {
  const [from, to] = points.slice(-2);
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (head <= 0 || !length) return { shaft: points, tip: null };
  const [x, y] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
  const base = [to[0] - x * head, to[1] - y * head];
  const side = [-y * head * 0.42, x * head * 0.42];
  const short = Math.min(head * 0.7, length);
  return {
    shaft: [...points.slice(0, -1), [to[0] - x * short, to[1] - y * short]],
    tip: [to, [base[0] + side[0], base[1] + side[1]], [base[0] - side[0], base[1] - side[1]]],
  };
}

// Andrew's monotone chain.
/** @param {Pair[]} points */
function convexHull(points) {
  const sorted = points.toSorted(([ax, ay], [bx, by]) => ax - bx || ay - by);
  return [...chain(sorted), ...chain(sorted.toReversed())];
}

/** @param {Pair[]} points */
function chain(points) {
  /** @type {Pair[]} */
  const found = [];
  for (const point of points) {
    while (found.length > 1 && turnOf(found[found.length - 2], found[found.length - 1], point) <= 0) found.pop();
    found.push(point);
  }
  return found.slice(0, -1);
}

/** @param {Pair} a @param {Pair} b @param {Pair} c */
const turnOf = ([ax, ay], [bx, by], [cx, cy]) => (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);

// Red, green and blue, 0..255.
/** @param {string} hex */
const rgbOf = (hex) => [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));

/** @param {string} hex @param {number} alpha */
const withAlpha = (hex, alpha) => `rgb(${rgbOf(hex).join(" ")} / ${Math.min(alpha, 1)})`;

/** @param {string} hex @param {number} light */
const shaded = (hex, light) => `rgb(${rgbOf(hex).map((part) => Math.round(part * light)).join(" ")})`;
