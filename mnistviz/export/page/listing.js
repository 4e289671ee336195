"use strict";
// The source beside the film: lights the line and the expression being computed, and takes clicks on lines.

/** @param {PageData} data @param {ById} element */
function makeListing(data, element) {
  const highlights = window.CSS && CSS.highlights && window.Highlight ? CSS.highlights : null;
  const starts = data.lit.map((lit) => lit.tick);
  let current = -1;

  /** @param {number} file @param {number} number @returns {HTMLElement | null} */
  const line = (file, number) => element(`line-${file}-${number}`);

  /** @param {Element} code @param {number} column @returns {[Node, number]} */
  function boundary(code, column) {
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    for (let node = /** @type {Text | null} */ (walker.nextNode()); node; node = /** @type {Text | null} */ (walker.nextNode())) {
      const length = [...node.data].length;
      if (column <= length) return [node, [...node.data].slice(0, column).join("").length];
      column -= length;
    }
    return [code, code.childNodes.length];
  }

  /** @param {number} file @param {Expression} expression */
  function light(file, { firstLine, firstColumn, lastLine, lastColumn }) {
    if (!highlights) return;
    const ranges = [];
    for (let number = firstLine; number <= lastLine; number++) {
      const code = line(file, number)?.querySelector("code");
      if (!code) continue;
      const text = code.textContent ?? "";
      const start = number === firstLine ? firstColumn : text.length - text.trimStart().length;
      const end = number === lastLine ? lastColumn : [...text.trimEnd()].length;
      if (end <= start) continue;
      const range = new Range();
      range.setStart(...boundary(code, start));
      range.setEnd(...boundary(code, end));
      ranges.push(range);
    }
    highlights.set("lit", new Highlight(...ranges));
  }

  /** @param {number} tick */
  function show(tick) {
    const place = lastAtOrBefore(starts, tick);
    if (place === current) return;
    current = place;
    for (const old of document.querySelectorAll(".code li.lit")) old.classList.remove("lit");
    if (highlights) highlights.delete("lit");
    const { file = -1, first = 0, last = 0, expression } = data.lit[place] ?? {};
    const top = line(file, first);
    if (!top || !expression) return;
    for (let number = first; number <= last; number++) line(file, number)?.classList.add("lit");
    light(file, expression);
    keepInView(element("source-scroll"), top, line(file, last) ?? top);
  }

  // A click on a line goes to its next moment after now, and round again.
  /** @param {() => number} now @param {(tick: number) => void} seek */
  function bind(now, seek) {
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".code li.computed"))) {
      const moments = (item.dataset.moments ?? "").split(" ").map(Number);
      item.addEventListener("click", (event) => {
        if (/** @type {Element} */ (event.target).closest("a") || String(window.getSelection())) return;
        seek(moments.find((moment) => moment > now()) ?? moments[0]);
      });
    }
  }

  return { show, bind };
}

// Scrolls a box, and nothing around it, so that something in it can be seen.
/** @param {HTMLElement | null} box @param {Element} first @param {Element} [last] */
function keepInView(box, first, last = first) {
  if (!box || box.scrollHeight <= box.clientHeight + 1) return;
  const frame = box.getBoundingClientRect();
  const [top, bottom] = [first.getBoundingClientRect().top, last.getBoundingClientRect().bottom];
  const margin = Math.min(48, frame.height / 6);
  if (top >= frame.top + margin && bottom <= frame.bottom - margin) return;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const middle = box.scrollTop + (top + bottom) / 2 - frame.top - frame.height / 2;
  box.scrollTo({ top: Math.max(0, middle), behavior: calm ? "auto" : "smooth" });
}
