"use strict";
// The map over the whole frame, on a stage that has room for the picture alone: the title stands where it always does,
// the map in the room below it; what is said and the chapters' bar are the page's own.

/** @typedef {ReturnType<typeof makeWhole>} Whole */

/** @param {Pick<Reel, "size" | "picture" | "boxes">} reel */
function makeWhole({ size, picture, boxes }) {
  const [wide] = size;
  const larger = wide / (picture[2] - picture[0]); // than in the film are the words of the title
  const high = (picture[3] - picture[1]) * larger;
  const head = (boxes.title[3] - picture[1]) * larger;
  const top = (boxes.map[1] + boxes.map[3] - high - head) / 2;
  const fits = boxes.map[3] - boxes.map[1] + head <= high; // not in a film that is as high as it is wide
  /** @type {Frame} */
  const frame = fits ? [0, top, wide, top + high] : [0, 0, ...size];
  /** @type {WeakMap<Part, Part>} */
  const titles = new WeakMap();

  // A part of the title, the very same one each time.
  /** @param {Part} part */
  function titled(part) {
    const [opacity, glow, size, x, y] = part.place;
    const made = titles.get(part) ?? { form: part.form, place: Float64Array.of(opacity, glow, size * larger, (x - picture[0]) * larger, top + (y - picture[1]) * larger) };
    titles.set(part, made);
    return made;
  }

  /** @param {Part[]} display */
  function parts(display) {
    if (!fits) return display;
    const said = display.some(({ form, place }) => form.kind === "b" && String(place.slice(2, 6)) === String(boxes.caption));
    const left = said ? [boxes.caption, boxes.bar] : [boxes.bar];
    return display.filter((part) => !left.some((box) => isWithin(part, box)))
      .map((part) => (part.form.kind === "t" && isWithin(part, boxes.title) ? titled(part) : part));
  }

  return { frame, parts };
}
