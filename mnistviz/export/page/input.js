"use strict";
// Keys, pointer and touch, each led to what the page does.

/** @typedef {Record<string, (...words: any[]) => any>} Acts */

/** @param {PageData} data @param {Store} store @param {Acts} acts @returns {(event: KeyboardEvent) => void} */
function makeKeys(data, store, acts) {
  /** @type {Record<string, (event: KeyboardEvent) => void>} */
  const KEYS = {
    ArrowLeft: (event) => (event.shiftKey ? acts.step(-1) : acts.stop(-1)),
    ArrowRight: (event) => (event.shiftKey ? acts.step(1) : acts.stop(1)),
    PageUp: () => acts.chapter(-1),
    PageDown: () => acts.chapter(1),
    ",": () => acts.byFrame(-1),
    ".": () => acts.byFrame(1),
    " ": () => acts.toggle(),
    k: () => acts.toggle(),
    j: () => acts.bySeconds(-10),
    l: () => acts.bySeconds(10),
    f: () => acts.fullscreen(),
    c: () => acts.captions(),
    p: () => acts.learning(),
    g: () => acts.predicting(),
    v: () => acts.presenter(),
    r: () => acts.looping(),
    s: () => acts.exchange(),
    t: () => acts.turn(),
    Backspace: () => acts.back(),
    Escape: () => acts.unpin(),
    "<": () => acts.speed(-1),
    ">": () => acts.speed(1),
    "?": () => acts.help(),
  };

  // A digit answers the question that is open; else it goes to that tenth of the film.
  /** @param {number} digit */
  function digit(digit) {
    if (store.get().asked >= 0) acts.guess((digit + 9) % 10);
    else acts.tick(Math.floor((data.ticks * digit) / 10));
  }

  return (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const typing = target.closest?.("select, input:not([type=range]), textarea");
    const pressing = event.key === " " && target.closest?.("button, summary, a");
    if (typing || pressing || (acts.helping() && event.key !== "?")) return;
    const act = KEYS[event.key] ?? KEYS[event.key.toLowerCase()] ?? (/^[0-9]$/.test(event.key) ? () => digit(Number(event.key)) : null);
    if (!act) return;
    if (event.key !== "Escape") event.preventDefault();
    act(event);
  };
}

/** @param {ById} element @param {Acts} acts @param {(x: number, y: number) => boolean} hover */
function bindPointer(element, acts, hover) {
  /** @type {SVGSVGElement} */
  const overlay = element("overlay");
  const SWIPE_PX = 40;
  /** @type {Pair | null} */
  let touched = null; // where a finger came down

  /** @param {MouseEvent} event */
  function pointAt(event) {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(overlay.getScreenCTM()?.inverse());
    const found = hover(x, y);
    const box = overlay.getBoundingClientRect();
    const tip = element("tip");
    tip.style.left = "0"; // so that its width is its own, not what was left of the screen
    const left = Math.min(Math.max(event.clientX - box.left + 14, 8), Math.max(box.width - tip.offsetWidth - 8, 8));
    const above = event.clientY - box.top - tip.offsetHeight - 14;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 8 ? above : event.clientY - box.top + 20}px`;
    return found;
  }

  overlay.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch") pointAt(event); });
  overlay.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") acts.leave(); });
  overlay.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch" ? [event.clientX, event.clientY] : null; });
  // A cell is looked at and followed from; beside the cells the film plays or pauses.
  overlay.addEventListener("click", (event) => { if (pointAt(event)) acts.pin(); else acts.toggle(); });
  // A finger that moves sends no click.
  overlay.addEventListener("pointerup", (event) => {
    if (!touched) return;
    const [across, down] = [event.clientX - touched[0], event.clientY - touched[1]];
    touched = null;
    if (Math.abs(across) > SWIPE_PX && Math.abs(across) > 2 * Math.abs(down)) acts.stop(across < 0 ? 1 : -1);
  });
  overlay.addEventListener("dblclick", (event) => { if (!pointAt(event)) acts.fullscreen(); });
}

// The buttons of the panel: cells to follow, the way back, copies.
/** @param {ById} element @param {Acts} acts */
function bindPanel(element, acts) {
  element("cells").addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
    if (!button) return;
    if (button.dataset.array !== undefined) acts.follow({ array: Number(button.dataset.array), flat: Number(button.dataset.flat) });
    else if (button.dataset.place !== undefined) acts.backTo(Number(button.dataset.place));
    else if (button.id in PANEL_BUTTONS) acts[PANEL_BUTTONS[button.id]]();
  });
  element("cells-form").addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
  element("cells-form").addEventListener("input", () => acts.choose());
  element("question").addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
    if (button) acts.guess(Number(button.dataset.guess));
  });
}

/** @type {Record<string, string>} */
const PANEL_BUTTONS = {
  "cells-from-more": "more", "cells-to-more": "more", "cells-show": "showInFilm", "cells-copy": "copy", "cells-csv": "csv", "cells-npy": "npy",
};
