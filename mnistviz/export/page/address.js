"use strict";
// The address: an instant (#t=78.5), a chapter (#chapter=9), a step (#step=8.2) or a stop (#stop=8.2.1).

/** @typedef {ReturnType<typeof makeAddress>} Address */

const APART_MS = 400; // a pen changes the laboratory more often than an address may be written

/** @param {PageData} data */
function makeAddress(data) {
  /** @param {string} hash */
  const words = (hash) => new URLSearchParams(hash.slice(1));

  // The tick that an address names; null where it names none.
  /** @param {string} hash @returns {number | null} */
  function tick(hash) {
    const named = words(hash);
    const seconds = named.get("t");
    if (seconds !== null && /^\d+(\.\d+)?$/.test(seconds)) return Number(seconds) * 10;
    const [chapter, step, beat] = (named.get("stop") ?? named.get("step") ?? named.get("chapter") ?? "").split(".").map(Number);
    const clip = data.clips.find((one) => one.chapter === chapter && one.step === (step ?? 1));
    if (!clip) return null;
    if (!named.has("stop")) return clip.start;
    const stops = data.stops.filter((stop) => data.clips[clipAt(data, stop.tick)] === clip);
    return stops[Math.min(Math.max((beat || 1) - 1, 0), stops.length - 1)]?.tick ?? clip.start;
  }

  const embedded = () => words(location.hash).has("embed");

  let trial = ""; // what was done in the laboratory
  let last = ""; // seconds, as they were written
  let waiting = 0; // a timer that writes it later

  // What an address says that was done in the laboratory.
  /** @param {string} hash */
  const kept = (hash) => words(hash).get("lab") ?? "";

  // While one draws, it is written now and then.
  /** @param {string} text @param {boolean} drawing */
  function keep(text, drawing) {
    trial = text;
    if (!last && !trial && !kept(location.hash)) return;
    if (drawing) waiting ||= setTimeout(put, APART_MS);
    else put();
  }

  // Written when one has come to rest: some browsers allow few changes, and a frame inside a page none.
  /** @param {string} seconds */
  function write(seconds) {
    last = seconds;
    put();
  }

  function put() {
    clearTimeout(waiting);
    waiting = 0;
    const hash = `#${[last && `t=${last}`, embedded() && "embed", trial && `lab=${trial}`].filter(Boolean).join("&")}`;
    if (location.hash === hash) return;
    try {
      history.replaceState(null, "", hash);
    } catch {
      // The address stays as it is: it is a convenience, the film goes on.
    }
  }

  return { tick, write, embedded, kept, keep };
}

// Place of the clip that holds a tick.
/** @param {PageData} data @param {number} tick */
function clipAt(data, tick) {
  let place = data.clips.length - 1;
  while (place > 0 && data.clips[place].start > tick) place--;
  return place;
}
