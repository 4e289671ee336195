"use strict";
// A picture from the reader's disk: dark on light or light on dark, of any size, it becomes ink as MNIST has it.

const LONGEST_LOADED = 256; // pixels, to which a larger picture is made smaller

/** @param {ById} element @param {number} side @param {(pixels: Float64Array) => void} loaded */
function bindLoading(element, side, loaded) {
  /** @param {Blob | undefined} file */
  async function load(file) {
    if (!file) return;
    const said = element("laboratory-picture-said");
    try {
      const photo = await photoOf(file);
      const written = photo.pixels.some((ink) => ink >= DARKEST_INK);
      if (written) loaded(fitted(photo, side));
      said.textContent = written ? "" : "No digit is to be seen in that picture: draw it dark on light, or light on dark.";
    } catch {
      said.textContent = "That file cannot be read as a picture.";
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
