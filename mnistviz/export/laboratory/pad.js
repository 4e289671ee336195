"use strict";
// The pad: a picture to draw on.

/** @param {ById} element @param {number} side @param {() => Float64Array} pixels @param {(pixels: Float64Array) => void} changed */
function makePad(element, side, pixels, changed) {
  /** @type {HTMLCanvasElement} */
  const canvas = element("laboratory-pad");
  /** @type {Pair | null} */
  let before = null; // where the pen was, in pixels of the picture

  function draw() {
    const surface = canvas.getContext("2d");
    if (!surface) return;
    const picture = surface.createImageData(side, side);
    pixels().forEach((ink, pixel) => picture.data.set([ink, ink, ink, 255], 4 * pixel));
    surface.putImageData(picture, 0, 0);
  }

  /** @param {PointerEvent} event @returns {Pair} */
  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientY - box.top) / box.height) * side, ((event.clientX - box.left) / box.width) * side];
  }

  /** @param {PointerEvent} event */
  function stroke(event) {
    if (!before) return;
    let made = pixels();
    for (const one of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) {
      const now = place(one);
      made = inked(made, side, before, now);
      before = now;
    }
    changed(made);
  }

  [canvas.width, canvas.height] = [side, side];
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    before = place(event);
    stroke(event);
  });
  canvas.addEventListener("pointermove", stroke);
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { before = null; });
  return { draw };
}
