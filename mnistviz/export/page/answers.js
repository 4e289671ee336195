"use strict";
// What the page answers to "what is this number?": its name, its value, how it was made, of which cells, and what it made.

/** @typedef {ReturnType<typeof makeAnswers>} Answers */

/** @param {PageData} data @param {Numbers} numbers @param {Maps} maps @param {Cards} cards @param {Relations} relations @param {Formulas} formulas */
function makeAnswers(data, numbers, maps, cards, relations, formulas) {
  const NOTHING = { terms: [], count: 0, exact: true, what: "" };

  /** @param {Card} one */
  const known = (one) => one.map !== null && maps.arrays(one.map).every(numbers.array);

  // The spot under a point of the stage; null where no cell is.
  /** @param {Card[]} shown @param {number} x @param {number} y @returns {Spot | null} */
  function spotAt(shown, x, y) {
    const found = cards.hit(shown, x, y);
    return found && known(found.card) ? spotOf(found) : null;
  }

  /** @param {Hit} found @returns {Spot} */
  function spotOf(found) {
    const map = /** @type {CellMap} */ (found.card.map);
    return { ...maps.place(map, cards.drawn(found)), drawn: maps.isPart(map) && !map.blocks ? null : found, picked: true };
  }

  // Where a cell is on the stage: on the card painted last of those that show it.
  /** @param {Card[]} shown @param {Cell} cell */
  function onStage(shown, { array, flat }) {
    for (const one of shown.toReversed()) {
      const found = known(one) && one.map ? cards.cell(one, maps.drawnAt(one.map, array, flat)) : null;
      if (found) return found;
    }
    return null;
  }

  /** @param {Card[]} shown @param {Spot} spot */
  const seenAt = (shown, spot) => spot.drawn ?? onStage(shown, spot);

  /** @param {Card[]} shown @param {Spot} spot @returns {Answer} */
  function answer(shown, spot) {
    const found = seenAt(shown, spot);
    const base = { spot, from: NOTHING, to: [], film: "", lines: [] };
    const where = found ? whereOn(found, spot.array) : ["not in view now"];
    if (spot.drawn?.card.map && !maps.isPart(spot.drawn.card.map)) return computed(base, spot.drawn, where);
    if (spot.picked && found?.card.map?.blocks) return block(base, found, where);
    const { array, flat } = spot;
    const own = numbers.array(array);
    const words = [own.moment, ...where].filter(Boolean).join(" · ");
    const name = numbers.cellName(array, flat);
    const related = { from: relations.from(array, flat), to: relations.children(array, flat) };
    if (own.form === "absent") return { ...base, ...related, name, where: words, value: `not carried by this page: ${own.why}` };
    if (own.form === "as drawn") return { ...base, ...related, name, where: words, value: "the matrix is too large: point at it on the stage" };
    if (spot.picked && found && !cards.present(found)) return { ...base, name, where: words, value: "—" };
    const number = numbers.at(array, flat);
    return { ...base, ...related, name, where: words, value: numbers.exact(number, own.type),
      film: own.type.startsWith("float") ? numbers.filmed(number) : "", lines: formulas.explain(array, flat) };
  }

  // In words where on its card a cell is.
  /** @param {Hit} found @param {number} array */
  function whereOn({ card: one, layer, row, column, place }, array) {
    const { shape } = numbers.array(array);
    const words = [];
    if (one.columns > 1 && shape.length !== 2 || one.rows !== shape[0]) words.push(`row ${row}, column ${column} of the card`);
    if (one.depth > 1) words.push(`layer ${layer + 1} of ${one.depth}`);
    if (one.map?.factor) words.push(`drawn × ${numbers.short(one.map.factor)} for view`);
    if (!cards.present({ card: one, layer, row, column, place })) words.push("not computed yet at this instant");
    return words;
  }

  // A number that is computed for the picture: a product, a change.
  /** @param {Omit<Answer, "name" | "where" | "value">} base @param {Hit} found @param {string[]} where @returns {Answer} */
  function computed(base, found, where) {
    const map = /** @type {CellMap} */ (found.card.map);
    const drawn = cards.drawn(found);
    const { name, line, cells } = maps.describe(map, drawn);
    const words = [...where, "made for the picture"].join(" · ");
    const missing = maps.arrays(map).find((id) => !numbers.carried(id));
    if (map.blocks || missing !== undefined) return { ...base, name, where: words, value: `not carried by this page: ${numbers.array(missing ?? map.array).why ?? "it is drawn as means"}` };
    if (!cards.present(found)) return { ...base, name, where: words, value: "—" };
    const value = maps.value(map, drawn);
    const terms = cells.map((cell) => ({ cells: [cell], value: numbers.at(cell.array, cell.flat) }));
    return { ...base, name, where: words, value: numbers.exact(value), film: numbers.filmed(value), lines: [line], from: { ...NOTHING, terms, count: terms.length } };
  }

  // A cell that stands for a block of the array: its mean and its range.
  /** @param {Omit<Answer, "name" | "where" | "value">} base @param {Hit} found @param {string[]} where @returns {Answer} */
  function block(base, found, where) {
    const map = /** @type {CellMap & { blocks: Blocks }} */ (found.card.map);
    const array = numbers.array(map.array);
    const { rows, columns, index } = maps.block(map.blocks, array.shape, found);
    const name = `${numbers.label(map.array)}[${index}]`;
    const words = [array.moment, `one drawn cell of a matrix of ${array.shape.join(" × ")}`, ...where].filter(Boolean).join(" · ");
    if (array.form === "absent") return { ...base, name, where: words, value: `not carried by this page: ${array.why}` };
    if (array.form === "as drawn") {
      const place = cards.drawn(found);
      const [mean, low, high] = [array.data, array.low, array.high].map((text) => numbers.rounded(numbers.decode(text ?? "", array.single)[place]));
      return { ...base, name, where: words, value: `mean ${mean}`, lines: [`from ${low} to ${high}`, "in single precision: the matrix is too large to travel whole"] };
    }
    const own = blockCells(map, rows, columns, found.layer);
    const mean = own.reduce((sum, number) => sum + number, 0) / own.length;
    return { ...base, name, where: words, value: `mean ${numbers.rounded(mean)}`, lines: [`from ${numbers.exact(Math.min(...own))} to ${numbers.exact(Math.max(...own))}`] };
  }

  /** @param {CellMap & { blocks: Blocks }} map @param {number[]} rows @param {number[]} columns @param {number} layer */
  function blockCells({ array, blocks }, [top, bottom], [left, right], layer) {
    const found = [];
    for (let r = top; r < bottom; r++) for (let c = left; c < right; c++) found.push(numbers.at(array, (layer * blocks.rows + r) * blocks.columns + c));
    return found;
  }

  // Whether the stage shows a cell, and it is computed already.
  /** @param {Card[]} shown @param {Spot | Cell} spot */
  function presentOn(shown, spot) {
    const found = "drawn" in spot && spot.drawn ? spot.drawn : onStage(shown, spot);
    return found !== null && cards.present(found);
  }

  // The tick of the stop, from a tick on and then round again, at which the stage shows a cell; -1 where none does.
  /** @param {Cell} cell @param {number} tick */
  function shownAt(cell, tick) {
    const ticks = data.stops.map((stop) => stop.tick);
    const later = [...ticks.filter((stop) => stop >= tick), ...ticks.filter((stop) => stop < tick)];
    return later.find((stop) => presentOn(cards.at(stop), { array: cell.array, flat: cell.flat })) ?? -1;
  }

  // The arrays that can be chosen without a pointer: those of the cards on the stage.
  /** @param {Card[]} shown */
  function choices(shown) {
    /** @type {Set<number>} */
    const ids = new Set();
    for (const one of shown) if (one.key && one.map && known(one) && maps.isPart(one.map)) ids.add(one.map.array);
    return [...ids].map((id) => {
      const { moment, shape } = numbers.array(id);
      return { id, text: `${numbers.label(id)}  ${shape.join(" × ")}${moment ? ` · ${moment}` : ""}` };
    });
  }

  /** @param {Cell} cell */
  const nameOf = ({ array, flat }) => numbers.cellName(array, flat);

  return { nameOf, spotAt, spotOf, presentOn, onStage, seenAt, answer, shownAt, choices };
}
