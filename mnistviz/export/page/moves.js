"use strict";
// Moving through the film: from stop to stop, step to step, chapter to chapter, frame to frame.

/** @typedef {ReturnType<typeof makeMoves>} Moves */

const BACK_TICKS = 10; // "previous" within so much of a start goes to the one before

/** @param {PageData} data @param {Store} store @param {Film} film @param {() => void} moved */
function makeMoves(data, store, film, moved) {
  const stops = data.stops.map((stop) => stop.tick);
  const starts = data.clips.map((clip) => clip.start);
  const chapters = data.clips.filter((clip, n) => n === 0 || clip.chapter !== data.clips[n - 1].chapter).map((clip) => clip.start);
  const ticks = () => (film.frame() * 10) / film.fps();

  /** @param {number} wanted */
  function frame(wanted) {
    store.set({ begun: true, hovered: null });
    film.seek(wanted);
    if (store.get().loop >= 0) store.set({ loop: clipAt(data, Math.floor(ticks() + 1e-6)) });
    moved();
  }

  /** @param {number} seconds */
  const seconds = (seconds) => frame(Math.floor(seconds * film.fps() + 0.05));
  /** @param {number} at */
  const tick = (at) => seconds(at / 10);

  /** @param {number} at */
  function settle(at) {
    film.pause();
    tick(at);
  }

  // From stop to stop: the finished picture of each thing that is said.
  /** @param {number} by */
  function stop(by) {
    const now = ticks();
    const found = by > 0 ? stops.find((one) => one > now + 1e-6) : stops.findLast((one) => one < now - 1e-6);
    settle(found ?? (by > 0 ? data.ticks - 1 : 0));
  }

  // To the next of some starts; back to the one where one is, or to the one before if one is there.
  /** @param {number[]} rows @param {number} by */
  function among(rows, by) {
    const now = Math.floor(ticks() + 1e-6);
    if (by > 0) return tick(rows.find((one) => one > now) ?? rows[rows.length - 1]);
    const here = rows.findLast((one) => one <= now) ?? 0;
    tick(now - here > BACK_TICKS ? here : (rows.findLast((one) => one < here) ?? 0));
  }

  /** @param {number} by */
  const step = (by) => among(starts, by);
  /** @param {number} by */
  const chapter = (by) => among(chapters, by);

  /** @param {number} by */
  function byFrame(by) {
    film.pause();
    frame(film.frame() + by);
  }

  // The next stop after an instant; -1 after the last one.
  /** @param {number} now */
  const nextStop = (now) => stops.find((one) => one > now + 1e-6) ?? -1;

  return { ticks, frame, seconds, tick, settle, stop, step, chapter, byFrame, nextStop,
    bySeconds: (/** @type {number} */ by) => frame(film.frame() + by * film.fps()) };
}
