"use strict";
// Paints what is on the stage on a canvas, at any size and pixel density, as the film's raster does
// (mnistviz/export/raster): where a number stands here, it stands there under the same name.

const GLOW = { reach: 18, sigma: 0.34, strength: 0.72 }; // design units, and parts of the reach
const AWAY = 20_000; // pixels to the left of the canvas, where what casts a shadow stands unseen
const LARGEST_FADED = 250_000; // pixels, of a picture that is kept
const [SIZE_STEPS, PHASES] = [8, 4]; // sizes of letters within a pixel, and their places

/** @typedef {ReturnType<typeof makePainter>} Painter */
/** @typedef {(surface: Surface, colour: string, glow: number, scale: number, draw: (unseen: Surface) => void) => void} Halo */

/** @param {Reel} reel @param {Following} [following] */
function makePainter(reel, following = STILL) {
  const letters = makeLetters(reel.letters);
  const matrices = makeMatrices(reel, following, halo);
  const standstill = makeStandstill(ground, parts);
  /** @type {OffscreenCanvasRenderingContext2D | null} */
  let second = null; // for what fades as a whole
  /** @type {WeakMap<Part, { name: string, picture: OffscreenCanvasRenderingContext2D | null }>} */
  const faded = new WeakMap(); // what was painted faintly, and of what came again its picture
  let isMoving = false;

  // `moving`: others follow at once, and most of the parts are in them too.
  /** @param {Surface} surface @param {Part[]} display @param {Sight} view @param {boolean} [moving] */
  function paint(surface, display, view, moving = false) {
    isMoving = moving;
    if (moving) return standstill.show(surface, display, view, following.run());
    ground(surface);
    parts(surface, display, view);
  }

  /** @param {Surface} surface */
  function ground(surface) {
    surface.setTransform(1, 0, 0, 1, 0, 0);
    surface.globalAlpha = 1;
    surface.fillStyle = reel.background;
    surface.fillRect(0, 0, surface.canvas.width, surface.canvas.height);
  }

  /** @param {Surface} surface @param {Part[]} shown @param {Sight} view */
  function parts(surface, shown, view) {
    for (const part of shown) {
      surface.globalAlpha = part.place[0] * following.seen(part.form);
      if (part.place[0] > 0) brush(surface, part, view);
    }
    surface.globalAlpha = 1;
  }

  /** @param {Surface} surface @param {Part} part @param {Sight} view */
  function brush(surface, part, view) {
    const { form, place } = part;
    if (form.kind === "m") return matrix(surface, part, form, view);
    if (form.kind === "t") return text(surface, form, place, view);
    surface.setTransform(1, 0, 0, 1, 0, 0);
    if (form.kind === "l") line(surface, form, place, view);
    else if (form.kind === "p") polygon(surface, form, place, view);
    else panel(surface, form, place, view);
  }

  // Letters stand on whole rows of pixels, and on quarters across.
  /** @param {Surface} surface @param {TextForm} form @param {Float64Array} place @param {Sight} view */
  function text(surface, form, place, view) {
    const size = Math.max(1, Math.round(place[2] * view.scale * SIZE_STEPS)) / SIZE_STEPS;
    const { path, width } = letters.line(form.face, following.text(form));
    const [left, base] = letters.start(form.anchor, width, place[2], place[3], place[4]);
    surface.setTransform(size / letters.em, 0, 0, -size / letters.em,
      Math.round((left - view.left) * view.scale * PHASES) / PHASES, Math.round((base - view.top) * view.scale));
    surface.fillStyle = following.ink(form);
    surface.fill(path);
  }

  // A card, or a deck of them; what fades fades as a whole: layers do not shine through each other.
  /** @param {Surface} surface @param {Part} part @param {MatrixForm} form @param {Sight} view */
  function matrix(surface, part, form, view) {
    const { place } = part;
    if (surface.globalAlpha >= 1) return matrices.layers(surface, form, place, view, isMoving);
    const [left, top, right, bottom] = reachOf(place, view, surface.canvas);
    const [width, height] = [right - left, bottom - top];
    if (width <= 0 || height <= 0) return;
    const name = [view.scale, view.left, view.top, following.run(), surface.canvas.width, surface.canvas.height].join();
    const known = faded.get(part);
    if (known?.name !== name) faded.set(part, { name, picture: null });
    const kept = isMoving && known?.name === name && width * height <= LARGEST_FADED;
    const picture = kept ? (known.picture ??= layersOn(freshSurface(width, height), part, form, view, [left, top, width, height]))
      : layersOn(surfaceFor(width, height), part, form, view, [left, top, width, height]);
    surface.setTransform(1, 0, 0, 1, 0, 0);
    surface.drawImage(picture.canvas, 0, 0, width, height, left, top, width, height);
  }

  /** @param {number} width @param {number} height */
  function surfaceFor(width, height) {
    if (!second || second.canvas.width < width || second.canvas.height < height) second = freshSurface(roomFor(width), roomFor(height));
    return second;
  }

  /** @param {OffscreenCanvasRenderingContext2D} surface @param {Part} part @param {MatrixForm} form @param {Sight} view @param {Frame} box left, top, width, height */
  function layersOn(surface, { place }, form, view, [left, top, width, height]) {
    surface.setTransform(1, 0, 0, 1, 0, 0);
    surface.clearRect(0, 0, width, height);
    matrices.layers(surface, form, place, { scale: view.scale, left: view.left + left / view.scale, top: view.top + top / view.scale }, isMoving);
    return surface;
  }

  return { paint, run: following.run, readable: makeReadable((form) => letters.line(form.face, following.text(form)).width) };
}

/** @param {Surface} surface @param {LineForm} form @param {Float64Array} place @param {Sight} view */
function line(surface, form, place, view) {
  const points = pointsOf(place, view, 4);
  if (points.length < 2) return;
  const { shaft, tip } = arrow(points, place[3] * view.scale);
  const [path, width] = [pathOf(shaft, false), place[2] * view.scale];
  if (place[1] > 0) halo(surface, form.colour, place[1], view.scale, (unseen) => {
    strokePath(unseen, path, "#000", width);
    if (tip) unseen.fill(pathOf(tip, true));
  });
  strokePath(surface, path, form.colour, width);
  surface.fillStyle = form.colour;
  if (tip) surface.fill(pathOf(tip, true));
}

/** @param {Surface} surface @param {FlatForm} form @param {Float64Array} place @param {Sight} view */
function polygon(surface, form, place, view) {
  const path = pathOf(pointsOf(place, view, 3), true);
  if (place[1] > 0) halo(surface, form.fill, place[1], view.scale, (unseen) => unseen.fill(path));
  surface.fillStyle = form.fill;
  surface.fill(path);
  if (form.edge) strokePath(surface, path, form.edge, place[2] * view.scale);
}

/** @param {Surface} surface @param {FlatForm} form @param {Float64Array} place @param {Sight} view */
function panel(surface, form, place, view) {
  const [[left, top], [right, bottom]] = pointsOf(place.subarray(0, 6), view, 2);
  const [radius, edge] = [place[6] * view.scale, form.edge ? place[7] * view.scale : 0];
  if (edge) roundBox(surface, [left, top, right, bottom], radius, form.edge);
  roundBox(surface, [left + edge, top + edge, right - edge, bottom - edge], Math.max(radius - edge, 0), form.fill);
}

/** @param {Surface} surface @param {[number, number, number, number]} box @param {number} radius @param {string} colour */
function roundBox(surface, [left, top, right, bottom], radius, colour) {
  if (right <= left || bottom <= top) return;
  surface.fillStyle = colour;
  surface.beginPath();
  surface.roundRect(left, top, right - left, bottom - top, Math.min(radius, (right - left) / 2, (bottom - top) / 2));
  surface.fill();
}

/** @param {Surface} surface @param {Path2D} path @param {string} colour @param {number} width */
function strokePath(surface, path, colour, width) {
  surface.strokeStyle = colour;
  surface.lineWidth = width;
  surface.lineCap = surface.lineJoin = "round";
  surface.stroke(path);
}

// A light of its own colour around a shape: the shape's shadow, the shape itself out of sight.
/** @type {Halo} */
function halo(surface, colour, glow, scale, draw) {
  surface.save();
  surface.translate(-AWAY, 0);
  surface.shadowOffsetX = AWAY;
  surface.shadowBlur = 2 * GLOW.reach * GLOW.sigma * scale;
  surface.shadowColor = withAlpha(colour, GLOW.strength * glow * 0.9);
  surface.fillStyle = "#000";
  for (let pass = 0; pass < 2; pass++) draw(surface); // twice: it is to be strong
  surface.restore();
}
