"use strict";
// A matrix as a card or a deck of cards: what lies under it, its cells, the lines between them, its edge.
// Where a number stands here, it stands in mnistviz/export/raster/matrices.py under the same name.

const LINE_FROM = 5; // pixels: cells at least so large have lines between them,
const CROSS_FROM = 6; // and crosses where they are no number
const LINE_DARK = 0.42; // of the cells' light that a line takes
const CROSS = "#ff00c8";
const SHADOW = { reach: 26, sigma: 0.26, drop: 0.25 }; // design units, and parts of the reach
const LIGHTS = { top: 0.62, side: 0.4 }; // of the edge's colour, on a card's sides
const FARTHEST = 1.3; // times its reach that a shadow or a glow can still be seen
const LARGEST_GROUND = 6000; // pixels
const ROOM = 128; // pixels, of which surfaces for fading cards are whole numbers
const [FRONTS_KEPT, GROUNDS_KEPT, SHAPES_KNOWN] = [400, 80, 2000];

/** @param {Reel} reel @param {Following} following @param {Halo} halo */
function makeMatrices(reel, following, halo) {
  /** @type {Shelf<{ picture: Front, mark: string }>} */
  const fronts = makeShelf(FRONTS_KEPT);
  /** @type {Shelf<{ times: number }>} */
  const shapes = makeShelf(SHAPES_KNOWN); // that were painted
  /** @type {Shelf<Ground | null>} */
  const grounds = makeShelf(GROUNDS_KEPT);
  const cells = makeCellPictures(reel, following);

  // All layers, the first painted first; while things are `moving`, a shape need not come again.
  /** @param {Surface} surface @param {MatrixForm} form @param {Float64Array} place @param {Sight} view @param {boolean} moving */
  function layers(surface, form, place, view, moving) {
    const shape = shapeOf(form, place, view);
    if (!shape) return;
    const again = !moving || shapes.get(shape.name, () => ({ times: 0 })).times++ > 0;
    const under = again ? grounds.get(shape.name, () => ground(shape, form, place[1])) : null;
    pointsOf(place, view, 9).forEach(([x, y], index) => {
      surface.setTransform(1, 0, 0, 1, again ? 0 : Math.round(x), again ? 0 : Math.round(y));
      if (under) surface.drawImage(under.canvas, Math.round(x) + under.left, Math.round(y) + under.top);
      else if (!again) paintGround(surface, shape, form, place[1], groundOf(shape));
      front(surface, form, form.layers[index], shape, x, y);
    });
  }

  // Shadow, glow and the sides that show a card's thickness: a picture of its own, made once for each shape that comes
  // again.
  /** @param {Shape} shape @param {MatrixForm} form @param {number} glow @returns {Ground | null} */
  function ground(shape, form, glow) {
    const { ex, ey, scale } = shape;
    const dark = isDark(form);
    const { hull } = groundOf(shape);
    const reach = Math.ceil(Math.max(dark ? SHADOW.reach * scale * FARTHEST : 0, glow > 0 ? GLOW.reach * scale * FARTHEST : 0, 2));
    const left = Math.floor(Math.min(...hull.map(([x]) => x))) - reach;
    const top = Math.floor(Math.min(...hull.map(([, y]) => y))) - reach;
    const width = Math.ceil(Math.max(...hull.map(([x]) => x))) + reach - left;
    const height = Math.ceil(Math.max(...hull.map(([, y]) => y))) + reach - top;
    if ((!dark && !glow && !ex && !ey) || Math.max(width, height) > LARGEST_GROUND) return null;
    const surface = freshSurface(width, height);
    surface.setTransform(1, 0, 0, 1, -left, -top);
    paintGround(surface, shape, form, glow, groundOf(shape));
    return { canvas: surface.canvas, left, top };
  }

  /** @param {MatrixForm} form */
  const isDark = (form) => form.shadow && reel.shadow > 0;

  /** @param {Surface} surface @param {Shape} shape @param {MatrixForm} form @param {number} glow @param {{ corners: Pair[], hull: Pair[] }} outlines */
  function paintGround(surface, { ex, ey, scale }, form, glow, { corners, hull }) {
    const outline = pathOf(hull, true);
    if (isDark(form)) castShadow(surface, outline, scale, reel.shadow);
    if (glow > 0) halo(surface, form.edge, glow, scale, (unseen) => unseen.fill(outline));
    if (ex || ey) for (const [side, light] of sidesOf(corners, [ex, ey])) {
      surface.fillStyle = shaded(form.edge, light);
      surface.fill(pathOf(side, true));
    }
  }

  /** @param {Surface} surface @param {MatrixForm} form @param {number} layer @param {Shape} shape @param {number} x @param {number} y */
  function front(surface, form, layer, shape, x, y) {
    const { ax, ay, dx, dy, edge, block } = shape;
    const [rows, columns] = shape.drawn;
    const crossed = shape.cell >= CROSS_FROM;
    const mark = following.mark(form);
    const name = `${form.cells} ${mark && form.shows} ${mark && form.scale} ${layer} ${form.mask} ${form.table} ${form.empty} ${block.join()} ${crossed}`;
    const kept = fronts.get(name, () => ({ picture: cells.picture(form, layer, shape, crossed), mark }));
    if (kept.mark !== mark) [kept.picture, kept.mark] = [cells.picture(form, layer, shape, crossed, kept.picture), mark];
    const { canvas, bad } = kept.picture;
    surface.setTransform(ax / columns, ay / columns, dx / rows, dy / rows, x, y);
    surface.imageSmoothingEnabled = false;
    surface.drawImage(canvas, 0, 0);
    surface.setTransform(1, 0, 0, 1, x, y);
    if (shape.line) betweenCells(surface, shape);
    if (crossed && bad.length) crosses(surface, shape, bad);
    if (edge > 0) {
      surface.strokeStyle = form.edge;
      surface.lineWidth = edge;
      surface.lineJoin = "miter";
      surface.stroke(pathOf([[0, 0], [ax, ay], [ax + dx, ay + dy], [dx, dy]], true));
    }
  }

  return { layers };
}

// The corners of a shape, and what its ground covers.
/** @param {Shape} shape */
function groundOf({ ax, ay, dx, dy, ex, ey }) {
  /** @type {Pair[]} */
  const corners = [[0, 0], [ax, ay], [ax + dx, ay + dy], [dx, dy]];
  return { corners, hull: convexHull([...corners, ...corners.map(([x, y]) => /** @type {Pair} */ ([x + ex, y + ey]))]) };
}

// In pixels, the card's corner at (0, 0); null where there is nothing to see.
/** @param {MatrixForm} form @param {Float64Array} place @param {Sight} view @returns {Shape | null} */
function shapeOf(form, place, view) {
  const [edge, ax, ay, dx, dy, ex, ey] = Array.from(place.subarray(2, 9), (length) => length * view.scale);
  const area = Math.abs(ax * dy - ay * dx);
  const [wide, high] = [area / (Math.hypot(dx, dy) || 1), area / (Math.hypot(ax, ay) || 1)];
  if (Math.min(wide, high) < 0.5 || !form.rows || !form.columns) return null;
  /** @type {Pair} */
  const block = [blockOf(form.rows, high), blockOf(form.columns, wide)];
  /** @type {Pair} */
  const drawn = [Math.ceil(form.rows / block[0]), Math.ceil(form.columns / block[1])];
  const cell = Math.min(wide / drawn[1], high / drawn[0]);
  const line = form.grid && cell >= LINE_FROM ? Math.min(Math.max(0.07 * cell, 0.6), 1.5 * Math.max(view.scale, 1)) : 0;
  const lengths = [ax, ay, dx, dy, ex, ey, edge, place[1], view.scale].map((length) => length.toFixed(2));
  return { ax, ay, dx, dy, ex, ey, edge, line, scale: view.scale, block, drawn, cell, name: `${lengths.join(" ")} ${form.edge} ${form.shadow}` };
}

// The box of pixels that a matrix may paint on, within a canvas: shadow, glow and sides included.
/** @param {Float64Array} place @param {Sight} view @param {{ width: number, height: number }} canvas @returns {Frame} */
function reachOf(place, view, { width, height }) {
  const [ax, ay, dx, dy, ex, ey] = Array.from(place.subarray(3, 9), (length) => length * view.scale);
  const reach = SHADOW.reach * (FARTHEST + SHADOW.drop) * view.scale + place[2] * view.scale + 2;
  const origins = pointsOf(place, view, 9);
  /** @param {number} axis @param {number[]} ways */
  const ends = (axis, ways) => {
    const [starts, sums] = [origins.map((origin) => origin[axis]), [0, ways[0], ways[1], ways[0] + ways[1]].flatMap((sum) => [sum, sum + ways[2]])];
    return [Math.min(...starts) + Math.min(...sums) - reach, Math.max(...starts) + Math.max(...sums) + reach];
  };
  const [[left, right], [top, bottom]] = [ends(0, [ax, dx, ex]), ends(1, [ay, dy, ey])];
  return [Math.max(Math.floor(left), 0), Math.max(Math.floor(top), 0), Math.min(Math.ceil(right), width), Math.min(Math.ceil(bottom), height)];
}

// So that a surface serves for many.
/** @param {number} length */
const roomFor = (length) => ROOM * Math.ceil(length / ROOM);

// How many cells make one drawn cell, a power of two: drawn cells are at least a pixel.
/** @param {number} count @param {number} length */
function blockOf(count, length) {
  let block = 1;
  while (block < count && (length * block) / count < 1) block *= 2;
  return block;
}

/** @param {Surface} surface @param {Path2D} outline @param {number} scale @param {number} darkness */
function castShadow(surface, outline, scale, darkness) {
  const drop = SHADOW.reach * scale * SHADOW.drop;
  surface.save();
  surface.translate(-AWAY, 0);
  [surface.shadowOffsetX, surface.shadowOffsetY] = [AWAY + drop, drop];
  surface.shadowBlur = 2 * SHADOW.reach * scale * SHADOW.sigma;
  surface.shadowColor = `rgb(0 0 0 / ${darkness})`;
  surface.fill(outline);
  surface.restore();
}

// The side faces that a depth shows, and their light; they begin a pixel under the front.
/** @param {Pair[]} corners @param {Pair} depth @returns {[Pair[], number][]} */
function sidesOf(corners, [ex, ey]) {
  const [cx, cy] = [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length);
  const long = Math.hypot(ex, ey) || 1;
  const [ux, uy] = [ex / long, ey / long];
  /** @type {[Pair[], number][]} */
  const found = [];
  corners.forEach((start, place) => {
    const end = corners[(place + 1) % corners.length];
    const [x, y] = [end[1] - start[1], start[0] - end[0]];
    const out = Math.sign(x * ((start[0] + end[0]) / 2 - cx) + y * ((start[1] + end[1]) / 2 - cy));
    if (out * (x * ex + y * ey) <= 0) return;
    found.push([[[start[0] - ux, start[1] - uy], [end[0] - ux, end[1] - uy], [end[0] + ex, end[1] + ey], [start[0] + ex, start[1] + ey]],
      -y * out > Math.abs(x) ? LIGHTS.top : LIGHTS.side]);
  });
  return found.toSorted((one, other) => one[1] - other[1]);
}

// The lines between the cells: the cells' own colours, made darker.
/** @param {Surface} surface @param {Shape} shape */
function betweenCells(surface, { ax, ay, dx, dy, drawn: [rows, columns], line }) {
  const path = new Path2D();
  for (let column = 1; column < columns; column++) {
    const [x, y] = [(ax * column) / columns, (ay * column) / columns];
    path.moveTo(x, y);
    path.lineTo(x + dx, y + dy);
  }
  for (let row = 1; row < rows; row++) {
    const [x, y] = [(dx * row) / rows, (dy * row) / rows];
    path.moveTo(x, y);
    path.lineTo(x + ax, y + ay);
  }
  surface.strokeStyle = `rgb(0 0 0 / ${LINE_DARK})`;
  surface.lineWidth = line;
  surface.lineCap = "butt";
  surface.stroke(path);
}

/** @param {Surface} surface @param {Shape} shape @param {number[]} bad */
function crosses(surface, { ax, ay, dx, dy, drawn: [rows, columns] }, bad) {
  const path = new Path2D();
  /** @param {number} u @param {number} v @returns {Pair} */
  const at = (u, v) => [(ax * u) / columns + (dx * v) / rows, (ay * u) / columns + (dy * v) / rows];
  for (const cell of bad) {
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    for (const [u0, u1] of [[0.22, 0.78], [0.78, 0.22]]) {
      path.moveTo(...at(column + u0, row + 0.22));
      path.lineTo(...at(column + u1, row + 0.78));
    }
  }
  strokePath(surface, path, CROSS, Math.max(1, 0.1 * Math.min(Math.hypot(ax, ay) / columns, Math.hypot(dx, dy) / rows)));
}
