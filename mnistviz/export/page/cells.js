"use strict";
// The cells of the film: which cards are on the screen at an instant, which cell is under a point, and the
// panel that tells its value.  Places are in design units, as the film was drawn.

function makeCards(data) {
  const { unit, moments, cards, places, layers, masks } = data.geometry;

  function lastAtOrBefore(rows, tick) {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle][0] <= tick) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  function cardsAt(tick) {
    const place = lastAtOrBefore(moments, tick);
    return place < 0 ? [] : moments[place][1];
  }

  function card(number, following, part) {
    const [shownNumber, placeNumber, layerNumber, maskNumber] = cards[number];
    const [map, depth, rows, columns, key] = data.shown[shownNumber];
    let place = places[placeNumber];
    if (following !== undefined && part > 0) {
      const there = places[cards[following][1]];
      if (data.shown[cards[following][0]][4] === key && there.length === place.length) {
        place = place.map((coordinate, n) => coordinate + (there[n] - coordinate) * part);
      }
    }
    const points = [];
    for (let n = 0; n < place.length; n += 2) points.push([place[n] / unit, place[n + 1] / unit]);
    const [across, down, ...origins] = points;
    return { map, depth, rows, columns, key, across, down, origins,
      layers: layers[layerNumber], mask: maskNumber < 0 ? null : masks[maskNumber] };
  }

  // Cards at an instant in ticks; between two ticks those that travel are between their two places.
  function at(ticks) {
    const here = cardsAt(Math.floor(ticks));
    const next = cardsAt(Math.floor(ticks) + 1);
    const alike = here.length === next.length && here !== next;
    return here.map((number, n) => card(number, alike ? next[n] : undefined, ticks % 1));
  }

  // The topmost cell under a point: the last card painted, and in it the last layer painted, comes first.
  function hit(shown, x, y) {
    for (let n = shown.length - 1; n >= 0; n--) {
      const one = shown[n];
      const [[ax, ay], [dx, dy]] = [one.across, one.down];
      const area = ax * dy - ay * dx;
      if (!area) continue;
      for (let place = one.origins.length - 1; place >= 0; place--) {
        const [px, py] = [x - one.origins[place][0], y - one.origins[place][1]];
        const u = (px * dy - py * dx) / area;
        const v = (ax * py - ay * px) / area;
        if (u >= 0 && u < 1 && v >= 0 && v < 1) {
          return { card: one, place, layer: one.layers[place], row: Math.floor(v * one.rows), column: Math.floor(u * one.columns) };
        }
      }
    }
    return null;
  }

  // The number of a cell on its card, row-major over layers, rows and columns.
  const drawn = ({ card: one, layer, row, column }) => (layer * one.rows + row) * one.columns + column;

  // The cell of that number, on the topmost layer that shows it; null where none does.
  function cell(one, number) {
    const size = one.rows * one.columns;
    const place = one.layers.lastIndexOf(Math.floor(number / size));
    if (number < 0 || place < 0) return null;
    return { card: one, place, layer: one.layers[place], row: Math.floor((number % size) / one.columns), column: number % one.columns };
  }

  function present(found) {
    if (!found.card.mask) return true;
    let [left, there] = [drawn(found), false];
    for (const length of found.card.mask) {
      if (left < length) return there;
      left -= length;
      there = !there;
    }
    return there;
  }

  function outline(one, place, row = 0, column = 0, rows = one.rows, columns = one.columns) {
    const [[x, y], [ax, ay], [dx, dy]] = [one.origins[place], one.across, one.down];
    const corner = (r, c) => [x + (ax * c) / one.columns + (dx * r) / one.rows, y + (ay * c) / one.columns + (dy * r) / one.rows];
    return [corner(row, column), corner(row, column + columns), corner(row + rows, column + columns), corner(row + rows, column)]
      .map((point) => point.map((coordinate) => coordinate.toFixed(2)).join(",")).join(" ");
  }

  return { at, hit, present, drawn, cell, outline, lastAtOrBefore };
}

function makeCells(data, element) {
  const numbers = makeNumbers(data);
  const maps = makeMaps(numbers);
  const cards = makeCards(data);
  let shown = [];
  let chosen = "";

  function clear() {
    element("lit-card").removeAttribute("points");
    element("lit-cell").removeAttribute("points");
    element("tip").hidden = true;
    element("cells-answer").hidden = true;
    element("cells-hint").hidden = false;
  }

  // The cards of an instant (null: the film is playing, and nothing can be pointed at).
  function show(ticks) {
    shown = ticks === null ? [] : cards.at(ticks);
    clear();
    offer();
    if (chosen) choose();
  }

  const known = (one) => one.map && maps.arrays(one.map).every(numbers.array);

  // The matrices that can be chosen without a pointer.
  function offer() {
    const select = element("cells-matrix");
    const names = new Map();
    for (const one of shown) {
      if (one.key && known(one) && maps.isPart(one.map)) names.set(String(one.map.array), one.map.array);
    }
    const choices = [...names].map(([id, number]) => [id, `${numbers.label(number)}  ${numbers.array(number).shape.join(" × ")}`]);
    const same = choices.length === select.options.length - 1 && choices.every(([id], n) => select.options[n + 1].value === id);
    if (!same) {
      select.replaceChildren(option("", choices.length ? "choose a matrix" : "nothing to choose here"), ...choices.map(([id, text]) => option(id, text)));
      chosen = "";
      axes();
    }
    select.value = chosen;
    element("cells-form").hidden = choices.length === 0;
  }

  function option(value, text) {
    const made = document.createElement("option");
    made.value = value;
    made.textContent = text;
    return made;
  }

  // One number field for each axis of the chosen matrix.
  function axes() {
    const names = ["row", "column", "third index", "fourth index"];
    const shape = chosen ? numbers.array(chosen).shape : [];
    element("cells-index").replaceChildren(...shape.map((length, axis) => {
      const label = document.createElement("label");
      const field = document.createElement("input");
      label.append(`${names[axis] ?? `index ${axis + 1}`} `, field);
      Object.assign(field, { type: "number", min: 0, max: length - 1, step: 1, value: 0 });
      return label;
    }));
  }

  function choose() {
    const select = element("cells-matrix");
    if (select.value !== chosen) {
      chosen = select.value;
      axes();
    }
    if (!chosen) return clear();
    const { shape } = numbers.array(chosen);
    const fields = [...element("cells-index").querySelectorAll("input")];
    const index = fields.map((field, axis) => Math.min(Math.max(Math.trunc(Number(field.value)) || 0, 0), shape[axis] - 1));
    const wanted = shape.length ? numbers.flatten(shape, index) : 0;
    const found = shown.filter(known).map((one) => cards.cell(one, maps.drawnAt(one.map, Number(chosen), wanted))).filter(Boolean).pop();
    if (found) tell(found);
    else tellArray(chosen, wanted, "not in view now");
    element("tip").hidden = true;
  }

  // Points at a place of the film; false where no cell is there.
  function point(x, y) {
    const found = cards.hit(shown, x, y);
    if (!found || !known(found.card)) {
      if (!chosen) clear();
      element("tip").hidden = true;
      return false;
    }
    const text = tell(found);
    const tip = element("tip");
    tip.textContent = text;
    tip.hidden = false;
    return true;
  }

  function tell(found) {
    const one = found.card;
    element("lit-card").setAttribute("points", cards.outline(one, found.place));
    element("lit-cell").setAttribute("points", cards.outline(one, found.place, found.row, found.column, 1, 1));
    const number = cards.drawn(found);
    const { array, flat } = maps.place(one.map, number);
    const { shape } = numbers.array(array);
    const where = one.map.factor ? [`drawn × ${numbers.short(one.map.factor)} for view`] : [];
    const there = cards.present(found);
    if (!there) where.push("not computed yet at this instant");
    if (!maps.isPart(one.map)) return tellMade(one.map, number, where, there);
    if (one.map.blocks) return tellBlock(found, array, where);
    if (one.depth > 1) where.unshift(`layer ${found.layer + 1} of ${one.depth}`);
    if (one.columns > 1 && shape.length !== 2 || one.rows !== shape[0]) {
      where.unshift(`row ${found.row}, column ${found.column} of the card`);
    }
    return tellArray(array, flat, where.join(" · "), there);
  }

  // A number that is computed for the picture: a product, a change.
  function tellMade(map, number, where, there) {
    const words = [...where, "made for the picture"].join(" · ");
    const missing = maps.arrays(map).find((id) => !numbers.carried(id));
    const { name, line } = maps.describe(map, number);
    if (map.blocks || missing !== undefined) return answer(name, words, `not carried by this page: ${numbers.array(missing ?? map.array).why ?? "it is drawn as means"}`, []);
    return there ? answer(name, words, numbers.exact(maps.value(map, number)), [line]) : answer(name, words, "—", []);
  }

  function tellArray(id, flat, where, there = true) {
    const array = numbers.array(id);
    const name = numbers.indexed(id, numbers.indices(array.shape, flat));
    if (array.form === "absent") return answer(name, where, `not carried by this page: ${array.why}`, []);
    if (!there) return answer(name, where, "—", []);
    return answer(name, where, numbers.exact(numbers.at(id, flat), array.type), numbers.explain(id, flat));
  }

  // A cell that stands for a block of the array: its mean and its range.
  function tellBlock({ card: one, layer, row, column }, id, where) {
    const array = numbers.array(id);
    const { rows: [top, bottom], columns: [left, right], index } = maps.block(one.map, array.shape, layer, row, column);
    const name = `${numbers.label(id)}[${index}]`;
    const words = [`one drawn cell of a matrix of ${array.shape.join(" × ")}`, ...where].join(" · ");
    if (array.form === "absent") return answer(name, words, `not carried by this page: ${array.why}`, []);
    if (array.form === "as drawn") {
      const place = (layer * one.rows + row) * one.columns + column;
      const [mean, low, high] = [array.data, array.low, array.high].map((text) => numbers.rounded(numbers.decode(text, array.single)[place]));
      return answer(name, words, `mean ${mean}`, [`from ${low} to ${high}`, "in single precision: the matrix is too large to travel whole"]);
    }
    const [, height, width] = one.map.blocks;
    const block = [];
    for (let r = top; r < bottom; r++) for (let c = left; c < right; c++) block.push(numbers.at(id, (layer * height + r) * width + c));
    const mean = block.reduce((sum, number) => sum + number, 0) / block.length;
    return answer(name, words, `mean ${numbers.rounded(mean)}`, [`from ${numbers.exact(Math.min(...block))} to ${numbers.exact(Math.max(...block))}`]);
  }

  function answer(name, where, value, lines) {
    element("cells-name").textContent = name;
    element("cells-where").textContent = where;
    element("cells-value").textContent = value;
    element("cells-formula").replaceChildren(...lines.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }));
    element("cells-answer").hidden = false;
    element("cells-hint").hidden = true;
    return `${name} = ${value}`;
  }

  element("cells-form").addEventListener("submit", (event) => event.preventDefault());
  element("cells-form").addEventListener("input", choose);
  return { show, point, leave: () => { if (!chosen) clear(); element("tip").hidden = true; } };
}
