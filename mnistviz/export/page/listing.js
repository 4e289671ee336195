"use strict";
// The source beside the film: lights the line and the expression being computed, and takes clicks on lines.

function makeListing(data, element, seek) {
  const highlights = window.CSS && CSS.highlights && window.Highlight ? CSS.highlights : null;
  const { lastAtOrBefore } = makeCards(data);
  let current = -1;

  const line = (file, number) => element(`line-${file}-${number}`);

  function boundary(file, number, column) {
    const code = line(file, number).querySelector("code");
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const length = [...node.data].length;
      if (column <= length) return [node, [...node.data].slice(0, column).join("").length];
      column -= length;
    }
    return [code, code.childNodes.length];
  }

  function light(file, first, firstColumn, last, lastColumn) {
    if (!highlights) return;
    const ranges = [];
    for (let number = first; number <= last; number++) {
      const text = line(file, number)?.querySelector("code").textContent ?? "";
      const start = number === first ? firstColumn : text.length - text.trimStart().length;
      const end = number === last ? lastColumn : [...text.trimEnd()].length;
      if (end <= start) continue;
      const range = new Range();
      range.setStart(...boundary(file, number, start));
      range.setEnd(...boundary(file, number, end));
      ranges.push(range);
    }
    highlights.set("lit", new Highlight(...ranges));
  }

  function show(tick) {
    const place = lastAtOrBefore(data.lit, tick);
    if (place === current) return;
    current = place;
    for (const old of document.querySelectorAll(".code li.lit")) old.classList.remove("lit");
    if (highlights) highlights.delete("lit");
    if (place < 0 || data.lit[place].length < 2) return;
    const [, file, first, last, ...expression] = data.lit[place];
    if (!line(file, first)) return;
    for (let number = first; number <= last; number++) line(file, number)?.classList.add("lit");
    light(file, expression[0], expression[1], expression[2], expression[3]);
    keepInView(element("source-scroll"), line(file, first), line(file, last) ?? line(file, first));
  }

  // A click on a line goes to its next moment after now, and round again.
  function bind(now) {
    for (const item of document.querySelectorAll(".code li.computed")) {
      const moments = item.dataset.moments.split(" ").map(Number);
      item.addEventListener("click", (event) => {
        if (event.target.closest("a") || String(window.getSelection())) return;
        seek(moments.find((moment) => moment > now()) ?? moments[0]);
      });
    }
  }

  return { show, bind };
}

// Scrolls a box, and nothing around it, so that something in it can be seen.
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
