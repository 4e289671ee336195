"use strict";
// The player: puts the page's parts together, and lets the film's instant into the state.

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];

/** @param {PageData} data @param {ById} element */
function makePlayer(data, element) {
  const notices = makeNotices(element);
  const address = makeAddress(data);
  const numbers = makeNumbers(data);
  const cards = makeCards(data);
  const relations = makeRelations(data, numbers);
  const answers = makeAnswers(data, numbers, makeMaps(numbers), cards, relations, makeFormulas(data, numbers, relations));
  const panel = makePanel(element, numbers, cards, answers);
  const listing = makeListing(data, element);
  const laboratory = makeLaboratory(data, element, numbers, address, { tell: (run) => film.follow(run), toStage: () => switches.toStage() });
  const view = makeView(data, element, cards, answers, panel, listing);
  const store = makeStore({ ...FIRST_STATE, fps: data.videos[0]?.fps ?? 10 }, (state, before) => {
    view.seen(state, before);
    laboratory.follow(state.hovered ?? state.trail.at(-1) ?? null);
    if (state.ticks !== before.ticks || state.clip !== before.clip) presenter.show();
  });
  const film = makeFilm(data, element, numbers, notices, () => store.get().begun, update);
  const looking = makeLooking(store, answers, panel, makeCopying(numbers, notices), () => view.onStage(store.get()), toPoster);
  const guessing = makeGuessing(data, store, cards, answers, notices);
  const moves = makeMoves(data, store, film, arrived);
  const switches = makeSwitches(element, store, film, notices);
  const acts = { ...moves, ...looking, ...switches, toggle, guess, change, stop: stopped(moves.stop),
    presenter: () => presenter.open(),
    showInFilm: () => { const spot = looking.spot(); if (spot) moves.settle(answers.shownAt(spot, store.get().ticks)); } };
  const pressed = makeKeys(data, store, acts);
  const presenter = makePresenter(data, store, film, notices, pressed, {
    "presenter-previous": () => acts.stop(-1), "presenter-play": toggle, "presenter-next": () => acts.stop(1) });
  let waitAt = -1; // the stop at which it waits next, while one learns

  // The film's instant, and whether it plays, as they are now.
  function update() {
    const ticks = moves.ticks();
    const before = store.get();
    const now = { ticks, clip: clipAt(data, Math.floor(ticks + 1e-6)), paused: film.paused(), fps: film.fps(), stills: film.shows() === "stills", staged: film.shows() === "stage" };
    if (now.ticks === before.ticks && now.paused === before.paused && now.fps === before.fps && now.stills === before.stills && now.staged === before.staged && now.clip === before.clip) return written();
    store.set(now.ticks === before.ticks ? now : { ...now, hovered: null });
    if (now.ticks !== before.ticks) looking.moved();
    written();
  }

  function written() {
    if (!store.get().begun || !film.paused() || !film.ready()) return;
    const exact = Math.floor(moves.ticks() + 1e-6) * film.fps() === film.frame() * 10;
    address.write((moves.ticks() / 10).toFixed(exact ? 1 : 3));
  }

  // After a move: where a question is open, it is asked first.
  function arrived() {
    waitAt = moves.nextStop(moves.ticks());
    update();
    ask();
  }

  // An open question is asked at the start of its step, and the film stays there until it is answered.
  function ask() {
    const { clip, asked } = store.get();
    if (!guessing.open(clip)) {
      if (asked >= 0) store.set({ asked: -1 });
      return;
    }
    film.pause();
    if (asked !== clip) store.set({ asked: clip });
    if (film.frame() !== Math.floor((data.clips[clip].start * film.fps()) / 10 + 0.05)) moves.tick(data.clips[clip].start);
  }

  // Who takes a number of the poster is where the poster is from.
  function toPoster() {
    if (!store.get().begun && !store.get().stills) moves.settle(data.poster);
  }

  /** @param {(by: number) => void} move */
  function stopped(move) {
    return (/** @type {number} */ by) => {
      guessing.answer(-1); // who goes on without a guess has not guessed
      move(by);
    };
  }

  /** @param {number} place */
  function guess(place) {
    if (guessing.answer(place)) film.play();
  }

  function toggle() {
    store.set({ begun: true });
    if (!film.paused()) return film.pause();
    if (store.get().asked >= 0) return guess(-1);
    if (film.ended()) moves.frame(0);
    waitAt = moves.nextStop(moves.ticks());
    film.play();
  }

  /** @param {number} fps */
  function change(fps) {
    if (film.change(fps)) notices.toast(`${film.fps()} frames per second`);
    update();
  }

  function playing() {
    if (!film.paused()) {
      store.set({ begun: true });
      requestAnimationFrame(run);
    } else if (film.ended()) {
      if (store.get().loop >= 0) again();
      else guessing.conclude();
    }
    update();
  }

  function again() {
    moves.tick(data.clips[store.get().loop].start);
    film.play();
  }

  // While it plays: once a picture of the screen.
  function run() {
    if (film.paused()) return;
    const [now, { loop, learning }] = [moves.ticks(), store.get()];
    const half = 5 / film.fps();
    const end = data.clips[loop + 1]?.start ?? data.ticks;
    if (loop >= 0 && (now >= end - half || now < data.clips[loop].start - half)) moves.tick(data.clips[loop].start);
    else if (learning && waitAt >= 0 && now >= waitAt) {
      moves.settle(waitAt);
      notices.toast("space goes on");
    }
    update();
    ask();
    requestAnimationFrame(run);
  }

  /** @param {string} hash */
  function follow(hash) {
    const tick = address.tick(hash);
    if (tick !== null) moves.tick(tick);
    document.body.classList.toggle("embedded", address.embedded());
    return tick !== null;
  }

  // Links into the film seek; with a modifier they stay links.
  /** @param {MouseEvent} event */
  function link(event) {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const target = /** @type {Element} */ (event.target);
    const anchor = /** @type {HTMLElement | null} */ (target.closest("a[data-tick]"));
    const row = anchor ? null : target.closest(".chapters tr.row");
    const place = anchor ?? row?.parentElement;
    if (!place || (row && String(window.getSelection()))) return;
    event.preventDefault();
    if (anchor?.dataset.fps) change(Number(anchor.dataset.fps));
    moves.tick(Number(place.dataset.tick));
    const box = element("film").getBoundingClientRect();
    if (box.bottom < 80 || box.top > window.innerHeight - 80) element("film").scrollIntoView({ block: "start" });
  }

  function otherRate() {
    const place = data.videos.findIndex((one) => one.fps === film.fps());
    change(data.videos[(place + 1) % data.videos.length].fps);
  }

  function bind() {
    const buttons = { previous: () => acts.stop(-1), next: () => acts.stop(1), play: toggle, begin: toggle, loop: switches.looping,
      learn: switches.learning, predict: predicting, present: presenter.open, caption: switches.captions, fullscreen: switches.fullscreen,
      help: switches.help, rate: otherRate, exchange: switches.exchange, turn: switches.turn };
    for (const [name, act] of Object.entries(buttons)) element(name)?.addEventListener("click", act);
    element("speed").addEventListener("change", (/** @type {any} */ event) => switches.setSpeed(Number(event.target.value)));
    element("position").addEventListener("input", (/** @type {any} */ event) => moves.tick(Number(event.target.value)));
    element("close").addEventListener("click", () => element("keys").close());
    document.addEventListener("click", link);
    document.addEventListener("keydown", pressed);
    // The address may be written anew before one hears of its change: what was asked for is in the event.
    window.addEventListener("hashchange", ({ newURL }) => { follow(new URL(newURL).hash); laboratory.restore(new URL(newURL).hash); });
    bindPointer(element, acts, looking.hover);
    bindPanel(element, acts);
    listing.bind(() => Math.floor(moves.ticks() + 1e-6), moves.tick);
    film.bind(playing, () => { if (!film.ended() && film.ready()) film.seek(film.frame()); });
  }

  function predicting() {
    switches.predicting();
    ask();
  }

  function start() {
    const asked = location.hash; // before it is written anew
    notices.watch();
    reveal(element);
    acts.predicting = predicting;
    bind();
    view.seen(store.get(), store.get());
    if (!follow(asked)) update();
    laboratory.start(asked);
  }

  return { start };
}

// What works by script alone is shown, now that it runs.
/** @param {ById} element */
function reveal(element) {
  element("video")?.removeAttribute("controls");
  for (const name of ["controls", "now", "cells", "welcome"]) element(name).hidden = false;
  element("overlay").classList.add("live");
  if (element("captions")) element("captions").track.mode = "hidden";
  // The same film at another rate, and the steps once more beside the words: keys and the table lead there too.
  for (const twin of document.querySelectorAll(".chapters .films a, .transcript a.moment")) twin.setAttribute("tabindex", "-1");
}

makePlayer(unpacked(JSON.parse(document.getElementById("data")?.textContent ?? "{}")), (id) => document.getElementById(id)).start();
