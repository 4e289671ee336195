"use strict";
// Keys, pointer and touch, each led to what the player does.

function bindKeys(data, acts, helping) {
  const KEYS = {
    ArrowLeft: (event) => (event.shiftKey ? acts.step(-1) : acts.stop(-1)),
    ArrowRight: (event) => (event.shiftKey ? acts.step(1) : acts.stop(1)),
    PageUp: () => acts.chapter(-1),
    PageDown: () => acts.chapter(1),
    ",": () => acts.byFrame(-1),
    ".": () => acts.byFrame(1),
    " ": acts.toggle,
    k: acts.toggle,
    j: () => acts.seconds(-10),
    l: () => acts.seconds(10),
    f: acts.fullscreen,
    c: acts.captions,
    p: acts.learning,
    r: acts.looping,
    "<": () => acts.speed(-1),
    ">": () => acts.speed(1),
    "?": acts.help,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const typing = event.target.closest?.("select, input:not([type=range]), textarea");
    const pressing = event.key === " " && event.target.closest?.("button, summary, a");
    if (typing || pressing || (helping() && event.key !== "?")) return;
    const act = KEYS[event.key] ?? KEYS[event.key.toLowerCase()]
      ?? (/^[0-9]$/.test(event.key) ? () => acts.seekTick(Math.floor((data.ticks * Number(event.key)) / 10)) : null);
    if (!act) return;
    event.preventDefault();
    act(event);
  });
}

function bindPointer(element, cells, acts, film) {
  const overlay = element("overlay");
  const SWIPE_PX = 40;
  let touched = null; // where a finger came down

  function pointAt(event) {
    if (!film.paused()) return false;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(overlay.getScreenCTM().inverse());
    const found = cells.point(x, y);
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
  overlay.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") cells.leave(); });
  overlay.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch" ? [event.clientX, event.clientY] : null; });
  overlay.addEventListener("click", (event) => { if (event.pointerType !== "touch" || !pointAt(event)) acts.toggle(); });
  // A finger that moves sends no click.
  overlay.addEventListener("pointerup", (event) => {
    if (!touched) return;
    const [across, down] = [event.clientX - touched[0], event.clientY - touched[1]];
    if (Math.abs(across) <= SWIPE_PX || Math.abs(across) <= 2 * Math.abs(down)) return;
    touched = null;
    acts.stop(across < 0 ? 1 : -1);
  });
  overlay.addEventListener("dblclick", acts.fullscreen);
}
