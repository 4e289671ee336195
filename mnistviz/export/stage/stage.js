"use strict";
// The stage: a canvas that draws the film itself, with a clock of its own in the place of a video's.

const FRAMES_A_TICK = 6;
const LONGEST_STEP_MS = 250; // a tab that was hidden does not jump ahead
const SMALLEST_FILMED = 17; // design units, of letters beside the picture: where they would be too small, the picture is alone
const WITH_SOURCE_PX = 1080; // of the window: so wide, the source is beside the film
const IN_SIGHT_PX = 200; // how near to the window a picture of the transcript is drawn

/** @typedef {{ reel: Reel, travel: Travel, whole: Whole, painter: Painter, shots: Painter }} Drawer */

// `changed` hears of a new instant, `told` of playing and pausing, `failed` why there can be no stage.
/** @param {PageData} data @param {ById} element @param {Numbers} numbers @param {() => boolean} begun @param {{ changed(): void, told(): void, failed(why: string): void }} heard @returns {StageClock} */
function makeStage(data, element, numbers, begun, { changed, told, failed }) {
  /** @type {HTMLCanvasElement} */
  const canvas = element("stage");
  const themes = data.stage?.themes ?? [];
  /** @type {Map<string, Promise<Drawer>>} */
  const drawers = new Map(); // by theme
  /** @type {Promise<PackedFilm> | undefined} */
  let film;
  const last = data.ticks - 1 / FRAMES_A_TICK;
  /** @type {StageClock} */
  const clock = { shows: "stage", tick: 0, timer: 0, rate: 1, seek, play, pause, show, hide, turn, follow, sketch, ended: () => clock.tick >= last - 1e-6 };
  /** @type {News} */
  const news = { run: { values: new Map(), held: new Map() }, count: 0 };
  let theme = themes[0];
  /** @type {Drawer | null} */
  let drawer = null; // of the theme, once it is unpacked
  let shown = false;
  /** @type {Part[] | null} */
  let drawn = null; // what is on the canvas
  /** @type {Pair} */
  const shape = [canvas.width, canvas.height]; // the film's, whatever the pixels are
  const isNarrow = () => drawer !== null && !document.fullscreenElement && wide * SMALLEST_FILMED < SMALLEST_LETTERS * drawer.reel.size[0];
  const inspector = makeInspector(element("inspector-box"), element("inspector"));
  let wide = canvas.clientWidth; // CSS pixels, of the canvas, as they were last measured
  let wasNarrow = false;
  let before = 0; // milliseconds, of the last step while it plays

  function show() {
    shown = true;
    element("screen").classList.add("staged");
    void load(theme);
  }

  function hide() {
    shown = false;
    pause();
    element("screen").classList.remove("staged");
  }

  /** @param {string} name */
  async function load(name) {
    theme = name;
    canvas.dataset.theme = name;
    try {
      const ready = await drawerFor(name);
      if (theme !== name) return;
      [drawer, drawn] = [ready, null];
      fit();
      draw();
      drawShots(ready);
    } catch {
      failed("DecompressionStream" in window && "OffscreenCanvas" in window ? "what this page carries for it cannot be read." : "it is too old for that.");
    }
  }

  /** @param {string} name */
  function drawerFor(name) {
    film ??= unpackFilm(element("stages").textContent);
    const found = drawers.get(name) ?? film.then((packed) => drawerOf(makeReel(packed, themes.indexOf(name)), (reel) => makeFollowing(data, numbers, reel, news)));
    drawers.set(name, found);
    return found;
  }

  // An instant of the film as it was recorded, the picture alone, on another canvas; the last asked for stays.
  /** @param {HTMLCanvasElement} other @param {number} tick */
  async function sketch(other, tick) {
    other.dataset.tick = String(tick);
    const perCssPixel = other.ownerDocument.defaultView?.devicePixelRatio || 1;
    try {
      const ready = await drawerFor(theme);
      if (other.dataset.tick !== String(tick)) return;
      const [left, top, right, bottom] = ready.reel.picture;
      other.style.setProperty("--shape", String((right - left) / (bottom - top)));
      [other.width, other.height] = [Math.round(other.clientWidth * perCssPixel), Math.round(other.clientHeight * perCssPixel)];
      const [frame, parts] = seenOf(ready, true, tick, ready.travel.display(tick));
      const shots = { painter: ready.shots };
      paintOn(other, shots, readableOn(other, shots, parts, frame, perCssPixel), frame);
    } catch {
      other.remove(); // the notice beside the film says why there can be none
    }
  }

  // What is other than in the film.
  /** @param {Run} run */
  function follow(run) {
    [news.run, drawn] = [run, null];
    news.count++;
    draw();
  }

  // The other theme.
  function turn() {
    void load(themes[(themes.indexOf(theme) + 1) % themes.length]);
    return theme;
  }

  function draw() {
    if (!shown || !drawer) return;
    const tick = begun() ? clock.tick : data.poster; // until then the poster stands on it, as on a video
    const display = drawer.travel.display(tick);
    canvas.dataset.tick = String(tick);
    if (display === drawn) return;
    drawn = display;
    const [frame, parts] = seenOf(drawer, isNarrow(), tick, display);
    element("overlay").setAttribute("viewBox", [frame[0], frame[1], frame[2] - frame[0], frame[3] - frame[1]].join(" "));
    paintOn(canvas, drawer, readableOn(canvas, drawer, parts, frame, density()), frame, clock.timer !== 0);
    inspector.show(drawer, display, isNarrow() && frame === drawer.reel.picture, clock.timer === 0);
  }

  /** @param {number} tick */
  function seek(tick) {
    clock.tick = Math.min(Math.max(tick, 0), last);
    draw();
    changed();
  }

  function play() {
    if (clock.timer) return;
    if (clock.tick >= last) clock.tick = 0;
    before = performance.now();
    clock.timer = requestAnimationFrame(step);
    told();
  }

  /** @param {number} now */
  function step(now) {
    clock.tick = Math.min(clock.tick + (Math.min(Math.max(now - before, 0), LONGEST_STEP_MS) / 100) * clock.rate, last);
    before = now;
    clock.timer = requestAnimationFrame(step);
    if (clock.tick >= last) return pause();
    draw();
    changed();
  }

  // It comes to rest on a whole frame, as a film does.
  function pause() {
    const playing = clock.timer !== 0;
    if (playing) drawn = null; // as it rests it is painted whole
    cancelAnimationFrame(Number(clock.timer));
    clock.timer = 0;
    clock.tick = Math.min(Math.floor(clock.tick * FRAMES_A_TICK + 1e-6) / FRAMES_A_TICK, last);
    draw();
    if (playing) told();
  }

  // The page's own words, in the place of those that the stage leaves out.
  function open() {
    element("now-words").open = true;
    if (window.innerWidth >= WITH_SOURCE_PX) element("source").open = true;
  }

  // As many pixels as the screen has where the canvas is.
  function fit() {
    wide = canvas.clientWidth;
    const narrow = isNarrow();
    const [left, top, right, bottom] = drawer && narrow ? drawer.reel.picture : [0, 0, ...shape];
    if (narrow && !wasNarrow) open();
    inspector.place(narrow);
    wasNarrow = narrow;
    canvas.style.aspectRatio = `${right - left} / ${bottom - top}`;
    const [width, height] = [Math.round(canvas.clientWidth * density()), Math.round(canvas.clientHeight * density())];
    if (!width || !height || (canvas.width === width && canvas.height === height)) return;
    [canvas.width, canvas.height, drawn] = [width, height, null];
    draw();
  }

  new ResizeObserver(() => requestAnimationFrame(fit)).observe(canvas);
  return clock;
}

// `shots` paints what is always as in the film.
/** @param {Reel} reel @param {(reel: Reel) => Following} followed @returns {Drawer} */
function drawerOf(reel, followed) {
  return { reel, travel: makeTravel(reel), whole: makeWhole(reel), painter: makePainter(reel, followed(reel)), shots: makePainter(reel) };
}

/** @param {HTMLCanvasElement} canvas @param {{ painter: Painter }} drawer @param {Part[]} display @param {Frame} frame @param {boolean} [moving] */
function paintOn(canvas, { painter }, display, frame, moving) {
  const surface = canvas.getContext("2d", { alpha: false });
  if (surface) painter.paint(surface, display, viewOf(canvas, frame), moving);
}

// The display on a canvas, its letters large enough to be read.
/** @param {HTMLCanvasElement} canvas @param {{ painter: Painter }} drawer @param {Part[]} display @param {Frame} frame @param {number} perCssPixel */
function readableOn(canvas, { painter }, display, frame, perCssPixel) {
  return painter.readable(display, (SMALLEST_LETTERS * perCssPixel) / viewOf(canvas, frame).scale, frame);
}

const density = () => window.devicePixelRatio || 1;

// What of the design is shown, and its parts: on a narrow stage the picture alone.
/** @param {Drawer} drawer @param {boolean} narrow @param {number} tick @param {Part[]} display @returns {[Frame, Part[]]} */
function seenOf({ reel, whole }, narrow, tick, display) {
  if (!narrow) return [[0, 0, ...reel.size], display];
  return reel.isWhole(tick) ? [whole.frame, whole.parts(display)] : [reel.picture, display];
}

// The transcript's pictures, where no files lie beside the page: each is drawn when it comes near.
/** @param {Drawer} drawer */
function drawShots(drawer) {
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || !(target instanceof HTMLCanvasElement)) continue;
      paintOn(target, { ...drawer, painter: drawer.shots }, drawer.travel.display(Number(target.dataset.shot)), [0, 0, ...drawer.reel.size]);
      watch.unobserve(target);
    }
  }, { rootMargin: `${IN_SIGHT_PX}px` });
  for (const shot of document.querySelectorAll("canvas[data-shot]")) watch.observe(shot);
}

// A part of the design on a canvas, in its middle.
/** @param {{ width: number, height: number }} canvas @param {Frame} frame @returns {Sight} */
function viewOf({ width, height }, [left, top, right, bottom]) {
  const scale = Math.min(width / (right - left), height / (bottom - top));
  return { scale, left: (left + right - width / scale) / 2, top: (top + bottom - height / scale) / 2 };
}
