"use strict";
// A picture from the reader's disk: dark on light or light on dark, of any size, it becomes ink as MNIST has it.

const LONGEST_LOADED = 280; // pixels, to which a larger picture is made smaller
const [FAINT_INK, FULL_INK] = [0.3, 0.7]; // of the darkest ink: paper below, full ink above

/** @param {ById} element @param {number} side @param {(pixels: Float64Array) => void} loaded */
function bindLoading(element, side, loaded) {
  /** @param {Blob | undefined} file */
  async function load(file) {
    if (!file) return;
    try {
      loaded(fitted(await photoOf(file), side));
      element("laboratory-picture-said").textContent = "";
    } catch {
      element("laboratory-picture-said").textContent = "That file cannot be read as a picture.";
    }
  }

  element("laboratory-picture").addEventListener("change", (/** @type {any} */ event) => load(event.target.files[0]));
  element("laboratory-pad").addEventListener("dragover", (/** @type {Event} */ event) => event.preventDefault());
  element("laboratory-pad").addEventListener("drop", (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    void load(event.dataTransfer?.files[0]);
  });
}

/** @param {Blob} file @returns {Promise<Photo>} */
async function photoOf(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_LOADED / Math.max(picture.width, picture.height));
  const [wide, high] = [picture.width, picture.height].map((length) => Math.max(1, Math.round(length * scale)));
  const surface = freshSurface(wide, high);
  surface.fillStyle = "#fff"; // what is transparent is paper
  surface.fillRect(0, 0, wide, high);
  surface.drawImage(picture, 0, 0, wide, high);
  return { pixels: inkOf(surface.getImageData(0, 0, wide, high).data, wide, high), wide, high };
}

// How much of each pixel is ink: what differs from the paper, which is what most of the picture's rim shows.
/** @param {Uint8ClampedArray} colours @param {number} wide @param {number} high */
function inkOf(colours, wide, high) {
  const light = Float64Array.from({ length: wide * high }, (_, pixel) => 0.299 * colours[4 * pixel] + 0.587 * colours[4 * pixel + 1] + 0.114 * colours[4 * pixel + 2]);
  const rim = light.filter((_, pixel) => pixel < wide || pixel >= wide * (high - 1) || pixel % wide === 0 || pixel % wide === wide - 1).toSorted();
  const paper = rim[rim.length >> 1];
  const ink = light.map((one) => Math.max(paper > 127 ? paper - one : one - paper, 0));
  const most = ink.reduce((one, other) => Math.max(one, other), 1);
  return ink.map((one) => 255 * Math.min(Math.max((one / most - FAINT_INK) / (FULL_INK - FAINT_INK), 0), 1));
}
