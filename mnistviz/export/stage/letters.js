"use strict";
// Letters as paths, in units of their em: the film's own outlines, alike in every browser.

const LINES_KEPT = 5000;
const UNKNOWN_ADVANCE = 0.6; // of a letter that the film does not have

/** @typedef {ReturnType<typeof makeLetters>} Letters */

/** @param {Lettering} lettering */
function makeLetters({ em, ascent, descent, faces }) {
  /** @type {Shelf<Path2D>} */
  const lines = makeShelf(LINES_KEPT);
  /** @type {Map<string, Path2D>} */
  const glyphs = new Map();

  /** @param {string} face @param {string} letter */
  function glyph(face, letter) {
    const name = face + letter;
    const found = glyphs.get(name) ?? new Path2D(faces[face].letters[letter]?.[0] ?? "");
    glyphs.set(name, found);
    return found;
  }

  // Shows each letter and where it starts, and gives the width of all; parts of the size.
  /** @param {string} face @param {string} text @param {(letter: string, pen: number) => void} see */
  function spell(face, text, see) {
    const { letters, kerning } = faces[face];
    let [pen, before] = [0, ""];
    for (const letter of text) {
      pen += kerning[before + letter] ?? 0;
      see(letter, pen);
      pen += letters[letter]?.[1] ?? UNKNOWN_ADVANCE;
      before = letter;
    }
    return pen;
  }

  /** @param {string} face @param {string} text */
  function path(face, text) {
    return lines.get(`${face} ${text}`, () => {
      const line = new Path2D();
      spell(face, text, (letter, pen) => line.addPath(glyph(face, letter), new DOMMatrix([1, 0, 0, 1, pen * em, 0])));
      return line;
    });
  }

  /** @param {string} face @param {string} text */
  const width = (face, text) => spell(face, text, () => {});

  // Left end and baseline.  An anchor is l, m or r, then s (baseline), a (top), m (middle) or d (bottom).
  /** @param {TextForm} form @param {number} size @param {number} x @param {number} y @returns {Pair} */
  function start({ face, text, anchor }, size, x, y) {
    const long = anchor.startsWith("l") ? 0 : width(face, text) * size;
    const [up, down] = [ascent * size, descent * size];
    const left = anchor.startsWith("m") ? x - long / 2 : x - long;
    if (anchor.endsWith("a")) return [left, y + up];
    if (anchor.endsWith("m")) return [left, y + (up - down) / 2];
    return [left, anchor.endsWith("d") ? y - down : y];
  }

  return { path, width, start, em };
}
