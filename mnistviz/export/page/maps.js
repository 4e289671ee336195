"use strict";
// Which numbers a card shows, as the film says it (CellMap in mnistviz/picture/display.py): places of arrays,
// means of blocks of them, or numbers computed from them for the picture.

function makeMaps(numbers) {
  const first = (map) => map.first ?? 0;
  const step = (map) => map.step ?? 1;

  // Whether each cell is a number of an array, or a mean of such, and not computed for the picture.
  const isPart = (map) => !map.minus && !map.times;

  // The arrays that a map speaks of, their numbers.
  function arrays(map) {
    const own = map.old ? [map.array, map.oldArray] : [map.array];
    return [map.minus, map.times].filter(Boolean).reduce((all, other) => [...all, ...arrays(other)], own);
  }

  // The array and the place in it behind a drawn cell of that number.
  function place(map, drawn) {
    const cell = first(map) + drawn * step(map);
    const old = (map.old ?? []).some(([start, stop]) => cell >= start && cell < stop);
    const array = old ? map.oldArray : map.array;
    const flat = map.stretched ? numbers.broadcast(numbers.array(array).shape, numbers.indices(map.stretched, cell)) : cell;
    return { array, flat };
  }

  // The number of the drawn cell that shows a place of an array; -1 where none does.
  function drawnAt(map, array, flat) {
    if (!isPart(map) || map.stretched) return -1;
    const drawn = ((map.blocks ? blockAt(map, flat) : flat) - first(map)) / step(map);
    return Number.isInteger(drawn) && drawn >= 0 && place(map, drawn).array === array ? drawn : -1;
  }

  // The number of the block that holds a cell: block i of n starts at floor(i * length / n).
  function blockAt({ blocks: [, height, width, rows, columns] }, flat) {
    const [layer, cell] = [Math.floor(flat / (height * width)), flat % (height * width)];
    const row = Math.ceil(((Math.floor(cell / width) + 1) * rows) / height) - 1;
    const column = Math.ceil((((cell % width) + 1) * columns) / width) - 1;
    return (layer * rows + row) * columns + column;
  }

  // The rows and columns that a drawn cell is the mean of, and how one would write that part of the array.
  function block({ blocks: [, height, width, drawnRows, drawnColumns] }, shape, layer, row, column) {
    const ends = (at, count, length) => [Math.floor((at * length) / count), Math.floor(((at + 1) * length) / count)];
    const [rows, columns] = [ends(row, drawnRows, height), ends(column, drawnColumns, width)];
    const lead = shape.length > 2 ? numbers.indices(shape.slice(0, -2), layer).map((index) => `${index}, `).join("") : "";
    const index = shape.length < 2 && width === 1 ? rows.join(":") : `${lead}${rows.join(":")}, ${columns.join(":")}`;
    return { rows, columns, index };
  }

  // The number of a drawn cell, not enlarged.
  function value(map, drawn) {
    const { array, flat } = place(map, drawn);
    const own = numbers.at(array, flat);
    const less = map.minus ? own - value(map.minus, drawn) : own;
    return map.times ? less * value(map.times, drawn) : less;
  }

  // What a number that is computed for the picture is, in words and in numbers.
  function describe(map, drawn) {
    const parts = [map, map.minus ?? map.times].map((one) => {
      const { array, flat } = place(one, drawn);
      return { name: numbers.indexed(array, numbers.indices(numbers.array(array).shape, flat)),
        number: numbers.carried(array) ? numbers.bracket(numbers.at(array, flat)) : "…" };
    });
    const sign = map.minus ? "−" : "×";
    const name = map.minus && parts[0].name === parts[1].name ? `change of ${parts[0].name}`
      : parts.map((part) => part.name).join(` ${sign} `);
    return { name, line: `= ${parts.map((part) => part.number).join(` ${sign} `)}` };
  }

  return { arrays, isPart, place, drawnAt, block, value, describe };
}
