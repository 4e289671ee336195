"use strict";
// The presenter's view: a second window with this stop, the next one, the note and a clock.

/** @typedef {ReturnType<typeof makePresenter>} Presenter */

/** @param {PageData} data @param {Store} store @param {Film} film @param {Notices} notices @param {(event: KeyboardEvent) => void} pressed @param {Record<string, () => void>} acts */
function makePresenter(data, store, film, { notice }, pressed, acts) {
  /** @type {Window | null} */
  let view = null;
  let opened = 0;

  /** @param {string} id @returns {any} */
  const part = (id) => view?.document.getElementById(id);

  function open() {
    view = window.open("", "", "popup,width=1200,height=750");
    if (!view) return notice("presenter", "This browser did not open a second window for the presenter's view: allow it for this page.");
    notice("presenter", "");
    opened = Date.now();
    fill(view);
    show();
  }

  /** @param {Window} own */
  function fill(own) {
    const style = document.querySelector("style");
    if (style) own.document.head.append(own.document.importNode(style, true));
    own.document.title = `Presenter: ${document.title}`;
    own.document.documentElement.lang = "en";
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("presenter"));
    own.document.body.replaceChildren(own.document.importNode(template.content, true));
    own.document.addEventListener("keydown", pressed);
    own.addEventListener("resize", show);
    for (const [id, act] of Object.entries(acts)) part(id)?.addEventListener("click", act);
    const timer = setInterval(() => { if (own.closed) clearInterval(timer); else tell("presenter-clock", clockWords(Math.floor((Date.now() - opened) / 1000) * 10).slice(0, -2)); }, 500);
  }

  /** @param {string} id @param {string} text */
  function tell(id, text) {
    if (part(id)) part(id).textContent = text;
  }

  // This stop is the one where one is, or the one towards which the film plays.
  function show() {
    if (!view || view.closed) return;
    const { ticks } = store.get();
    const place = data.stops.findIndex((stop) => stop.tick >= ticks - 1e-6);
    const now = place < 0 ? data.stops.length - 1 : place;
    ["this", "next"].forEach((name, ahead) => showStop(name, now + ahead));
    const clip = data.clips[clipAt(data, Math.floor(ticks + 1e-6))];
    const words = document.querySelector(`.transcript .step[data-step="${clip.chapter}.${clip.step}"]`);
    tell("presenter-note", words?.querySelector(".note")?.textContent || "No note.");
    tell("presenter-time", `${clockWords(Math.floor(ticks + 1e-6))} of ${clockWords(data.ticks)} · stop ${now + 1} of ${data.stops.length}`);
  }

  /** @param {string} name @param {number} place */
  function showStop(name, place) {
    const stop = data.stops[place];
    const clip = stop ? data.clips[clipAt(data, stop.tick)] : null;
    const title = clip ? document.querySelector(`.chapters li[data-step="${clip.chapter}.${clip.step}"] .moment`)?.textContent : "";
    tell(`presenter-${name}-title`, clip ? `${clip.chapter}.${clip.step} ${title}` : "The end");
    tell(`presenter-${name}-caption`, stop?.caption ?? "");
    const box = part(`presenter-${name}-picture`);
    if (box && film.sketch) drawPicture(box, film.sketch, stop ? stop.tick : -1);
    else if (box) showPicture(box, clip?.still ? new URL(clip.still, document.baseURI).href : "");
  }

  // The film as it stops there; it is drawn anew where the window has another size.
  /** @param {HTMLElement} box @param {NonNullable<Film["sketch"]>} sketch @param {number} tick */
  function drawPicture(box, sketch, tick) {
    const source = `${tick} ${box.clientWidth}`;
    if (box.dataset.source === source) return;
    box.dataset.source = source;
    const picture = box.querySelector("canvas") ?? box.appendChild(box.ownerDocument.createElement("canvas"));
    picture.hidden = tick < 0;
    if (tick >= 0) void sketch(picture, tick);
  }

  // The picture at the end of a stop's step.
  /** @param {HTMLElement} box @param {string} source */
  function showPicture(box, source) {
    if (box.dataset.source === source) return;
    box.dataset.source = source;
    const picture = box.ownerDocument.createElement("img");
    Object.assign(picture, { src: source, alt: "" });
    box.replaceChildren(...(source ? [picture] : []));
  }

  return { open, show };
}
