"use strict";
// Which numbers a card shows, as the film says it (CellMap in mnistviz/picture/display.py): places of arrays,
// means of blocks of them, or numbers computed from them for the picture.

/** @typedef {ReturnType<typeof makeMaps>} Maps */

/** @param {Numbers} numbers */
function makeMaps(numbers) {
  /** @param {CellMap} map */
  const first = (map) => map.first ?? 0;
  /** @param {CellMap} map */
  const step = (map) => map.step ?? 1;

  // Whether each cell is a number of an array, or a mean of such, and not computed for the picture.
  /** @param {CellMap} map */
  const isPart = (map) => !map.minus && !map.times;

  // The arrays that a map speaks of, their numbers.
  /** @param {CellMap} map @returns {number[]} */
  function arrays(map) {
    const own = map.oldArray === undefined ? [map.array] : [map.array, map.oldArray];
    return [...own, ...[map.minus, map.times].flatMap((other) => (other ? arrays(other) : []))];
  }

  // The array and the place in it behind a drawn cell of that number.
  /** @param {CellMap} map @param {number} drawn @returns {Cell} */
  function place(map, drawn) {
    const cell = first(map) + drawn * step(map);
    const old = (map.old ?? []).some(([start, stop]) => cell >= start && cell < stop);
    const array = old && map.oldArray !== undefined ? map.oldArray : map.array;
    const flat = map.stretched ? numbers.broadcast(numbers.array(array).shape, numbers.indices(map.stretched, cell)) : cell;
    return { array, flat };
  }

  // The number of the drawn cell that shows a place of an array; -1 where none does.
  /** @param {CellMap} map @param {number} array @param {number} flat */
  function drawnAt(map, array, flat) {
    if (!isPart(map) || map.stretched) return -1;
    const drawn = ((map.blocks ? blockAt(map.blocks, flat) : flat) - first(map)) / step(map);
    return Number.isInteger(drawn) && drawn >= 0 && place(map, drawn).array === array ? drawn : -1;
  }

  // The number of the block that holds a cell: block i of n starts at floor(i * length / n).
  /** @param {Blocks} blocks @param {number} flat */
  function blockAt({ rows: height, columns: width, drawnRows, drawnColumns }, flat) {
    const [layer, cell] = [Math.floor(flat / (height * width)), flat % (height * width)];
    const row = Math.ceil(((Math.floor(cell / width) + 1) * drawnRows) / height) - 1;
    const column = Math.ceil((((cell % width) + 1) * drawnColumns) / width) - 1;
    return (layer * drawnRows + row) * drawnColumns + column;
  }

  // The rows and columns that a drawn cell is the mean of, and how one would write that part of the array.
  /** @param {Blocks} blocks @param {number[]} shape @param {Hit} found */
  function block({ rows: height, columns: width, drawnRows, drawnColumns }, shape, { layer, row, column }) {
    /** @param {number} at @param {number} count @param {number} length */
    const ends = (at, count, length) => [Math.floor((at * length) / count), Math.floor(((at + 1) * length) / count)];
    const [rows, columns] = [ends(row, drawnRows, height), ends(column, drawnColumns, width)];
    const lead = shape.length > 2 ? numbers.indices(shape.slice(0, -2), layer).map((index) => `${index}, `).join("") : "";
    const index = shape.length < 2 && width === 1 ? rows.join(":") : `${lead}${rows.join(":")}, ${columns.join(":")}`;
    return { rows, columns, index };
  }

  // The number of a drawn cell, not enlarged.
  /** @param {CellMap} map @param {number} drawn @returns {number} */
  function value(map, drawn) {
    const { array, flat } = place(map, drawn);
    const own = numbers.at(array, flat);
    const less = map.minus ? own - value(map.minus, drawn) * (map.minus.factor ?? 1) : own;
    return map.times ? less * value(map.times, drawn) : less;
  }

  // What a number that is computed for the picture is, in words and in numbers, and the cells that it is computed from.
  /** @param {CellMap} map @param {number} drawn */
  function describe(map, drawn) {
    const [enlarged, gain] = [map.minus?.minus, 1 - (map.minus?.factor ?? 1)]; // before + gain * (after - before)
    const cells = [map, enlarged ?? map.minus ?? map.times].flatMap((one) => (one ? [place(one, drawn)] : []));
    const names = cells.map((cell) => numbers.cellName(cell.array, cell.flat));
    const own = cells.map((cell) => (numbers.carried(cell.array) ? numbers.bracket(numbers.at(cell.array, cell.flat)) : "…"));
    const sign = map.minus ? "-" : "×";
    const name = map.minus && names[0] === names[1] ? `change of ${names[0]}` : names.join(` ${sign} `);
    if (enlarged) return { name: `${names[0]} with its change × ${gain}`, cells, line: `= ${own[1]} + ${gain} × (${own.join(" - ")})` };
    return { name, cells, line: `= ${own.join(` ${sign} `)}` };
  }

  return { arrays, isPart, place, drawnAt, block, value, describe };
}
