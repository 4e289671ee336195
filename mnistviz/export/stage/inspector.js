"use strict";
// The film's inspector below a stage that is too small for it: the formula with its numbers, and the plot that explains it.

const NARROWEST_PX = 432; // at which the film's smallest letters are large enough

/** @param {HTMLElement} box @param {HTMLCanvasElement} canvas */
function makeInspector(box, canvas) {
  /** @type {Part[]} */
  let drawn = [];
  let fitted = false; // measuring again and again would have the page laid out again and again
  let name = ""; // of where it was drawn, and of which run

  /** @param {{ reel: Reel, painter: Painter }} drawer @param {Part[]} display @param {boolean} seen @param {boolean} resting */
  function show(drawer, display, seen, resting) {
    if (box.hidden) return;
    const frame = drawer.reel.inspector;
    if (!fitted) fit(frame);
    const parts = seen ? display.filter((part) => isWithin(part, frame)) : [];
    const empty = parts.every(({ form, place }) => form.kind === "b" || place[0] < FAINTEST_WORD);
    box.classList.toggle("empty", empty);
    if (empty) return resting ? canvas.setAttribute("aria-label", "Nothing is being computed") : undefined;
    const now = [canvas.width, canvas.height, drawer.reel.background, drawer.painter.run()].join();
    const same = now === name && parts.length === drawn.length && alike(parts, drawn, parts.length) === parts.length;
    if (!same) paintOn(canvas, drawer, readableOn(canvas, drawer, parts, frame, density()), frame);
    [drawn, name] = [parts, now];
    if (resting) canvas.setAttribute("aria-label", parts.map(({ form }) => (form.kind === "t" ? form.text : "")).filter(Boolean).join(" "));
  }

  // Below the stage, or beside it where the window is wide enough; there the panel of values takes its place.
  /** @param {boolean} needed */
  function place(needed) {
    fitted = false;
    box.hidden = !needed;
    const wide = needed && window.innerWidth >= WITH_SOURCE_PX;
    const home = document.querySelector(wide ? ".side" : ".watch");
    const [values, now] = ["cells", "now"].map((id) => document.getElementById(id));
    if (!home || !values || box.parentElement === home) return;
    home.insertBefore(box, wide ? home.firstChild : now);
    home.insertBefore(values, wide ? box.nextSibling : null);
  }

  // Where it is narrower than its letters need, they are as high as ever and as narrow as it is: nothing is cut.
  /** @param {Frame} frame */
  function fit([left, top, right, bottom]) {
    const wide = Math.max(canvas.clientWidth, NARROWEST_PX);
    canvas.style.height = `${(wide * (bottom - top)) / (right - left)}px`;
    const [width, height] = [wide, canvas.clientHeight].map((length) => Math.round(length * density()));
    fitted = canvas.clientWidth > 0;
    if (width && height && (canvas.width !== width || canvas.height !== height)) [canvas.width, canvas.height] = [width, height];
  }

  return { show, place };
}

const FIRST_POINT = { t: 3, l: 4, p: 3, b: 2, m: 9 }; // where the points of a place begin

// Whether a part begins inside a frame.
/** @param {Part} part @param {Frame} frame */
function isWithin({ form, place }, [left, top, right, bottom]) {
  const [x, y] = [place[FIRST_POINT[form.kind]], place[FIRST_POINT[form.kind] + 1]];
  return x >= left - 1 && x <= right + 1 && y >= top - 1 && y <= bottom + 1;
}
