"use strict";
// What the page has to say of itself.  A toast passes; a notice stays for as long as it is true.

/** @param {ById} element @returns {Notices} */
function makeNotices(element) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {string} text */
  function toast(text) {
    const box = element("toast");
    box.textContent = text;
    box.classList.add("on");
    clearTimeout(timer);
    timer = setTimeout(() => box.classList.remove("on"), 1400);
  }

  // One line for each cause; an empty text takes it away.
  /** @param {string} cause @param {string} text */
  function notice(cause, text) {
    const list = element("notices");
    let line = [...list.children].find((/** @type {HTMLElement} */ one) => one.dataset.cause === cause);
    if (!text) return line?.remove();
    if (!line) {
      line = document.createElement("li");
      line.dataset.cause = cause;
      list.append(line);
    }
    if (line.textContent !== text) line.textContent = text;
  }

  // An error of our own is shown too, in one line that can be copied: a page that stops must say why.
  function watch() {
    window.addEventListener("error", (event) => notice("error", `The page met an error: ${event.message} (${event.lineno}:${event.colno})`));
    window.addEventListener("unhandledrejection", (event) => notice("error", `The page met an error: ${event.reason}`));
  }

  return { toast, notice, watch };
}
