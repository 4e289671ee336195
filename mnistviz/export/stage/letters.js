"use strict";
// Letters as paths, in units of their em: the film's own outlines, alike in every browser.

const LINES_KEPT = 5000;
const UNKNOWN_ADVANCE = 0.6; // of a letter that the film does not have

/** @typedef {ReturnType<typeof makeLetters>} Letters */

/** @param {Lettering} lettering */
function makeLetters({ em, ascent, descent, faces }) {
  /** @type {Shelf<Written>} */
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
  function line(face, text) {
    return lines.get(`${face} ${text}`, () => {
      const path = new Path2D();
      const width = spell(face, text, (letter, pen) => path.addPath(glyph(face, letter), new DOMMatrix([1, 0, 0, 1, pen * em, 0])));
      return { path, width };
    });
  }

  // Left end and baseline of so wide a line.  An anchor is l, m or r, then s (baseline), a (top), m (middle) or d (bottom).
  /** @param {string} anchor @param {number} width @param {number} size @param {number} x @param {number} y @returns {Pair} */
  function start(anchor, width, size, x, y) {
    const long = width * size;
    const [up, down] = [ascent * size, descent * size];
    const left = anchor.startsWith("l") ? x : anchor.startsWith("m") ? x - long / 2 : x - long;
    if (anchor.endsWith("a")) return [left, y + up];
    if (anchor.endsWith("m")) return [left, y + (up - down) / 2];
    return [left, anchor.endsWith("d") ? y - down : y];
  }

  return { line, start, em };
}
