"use strict";
// The player: the film's instant is the one thing that everything else on the page follows.

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const BACK_TICKS = 10; // "previous" within so much of a start goes to the one before

function makePlayer(data, element) {
  const notices = makeNotices(element);
  const address = makeAddress(data);
  const chapters = [...document.querySelectorAll(".chapters tbody")];
  const state = { loop: -1, learning: false, nextStop: -1, speed: 1 };
  const shown = { tick: -1, clip: -1, cells: undefined };

  const film = makeFilm(data, element, notices, () => show());
  const ticks = () => (film.frame() * 10) / film.fps();
  const wholeTick = () => Math.floor(ticks() + 1e-6);
  const clipHere = () => clipAt(data, wholeTick());
  const clipEnd = (place) => (place + 1 < data.clips.length ? data.clips[place + 1][0] : data.ticks);

  // Moving.
  function seekFrame(wanted) {
    begun();
    film.seek(wanted);
    if (state.loop >= 0) state.loop = clipHere();
    aim();
    show();
  }
  const seekSeconds = (seconds) => seekFrame(Math.floor(seconds * film.fps() + 0.05));
  const seekTick = (tick) => seekSeconds(tick / 10);

  function settledAt(tick) {
    film.pause();
    seekTick(tick);
  }

  // From stop to stop: the finished picture of each thing that is said.
  function stop(by) {
    const now = ticks();
    const found = by > 0 ? data.stops.find((one) => one > now + 1e-6) : data.stops.findLast((one) => one < now - 1e-6);
    settledAt(found ?? (by > 0 ? data.ticks - 1 : 0));
  }

  // To the next of some starts; back to the one where one is, or to the one before if one is there.
  function among(starts, by) {
    const now = wholeTick();
    if (by > 0) return seekTick(starts.find((one) => one > now) ?? starts.at(-1));
    const here = starts.findLast((one) => one <= now) ?? 0;
    seekTick(now - here > BACK_TICKS ? here : (starts.findLast((one) => one < here) ?? 0));
  }
  const step = (by) => among(data.clips.map(([start]) => start), by);
  const chapter = (by) => among(chapters.map((body) => Number(body.dataset.tick)), by);

  function byFrame(by) {
    film.pause();
    seekFrame(film.frame() + by);
  }

  function toggle() {
    begun();
    if (!film.paused()) return film.pause();
    if (film.ended()) seekFrame(0);
    aim();
    film.play();
  }

  function speed(by) {
    setSpeed(SPEEDS[Math.min(Math.max(SPEEDS.indexOf(state.speed) + by, 0), SPEEDS.length - 1)]);
  }

  function setSpeed(rate) {
    state.speed = rate;
    film.rate(rate);
    element("speed").value = String(rate);
    notices.toast(`${rate}× speed`);
  }

  function change(wanted) {
    if (!film.change(wanted)) return;
    element("rate-name").textContent = `${film.fps()} fps`;
    notices.toast(`${film.fps()} frames per second`);
  }

  function otherRate() {
    const place = data.videos.findIndex(([rate]) => rate === film.fps());
    change(data.videos[(place + 1) % data.videos.length][0]);
  }

  function fullscreen() {
    const [box, video] = [element("film"), element("video")];
    if (document.fullscreenElement) return document.exitFullscreen();
    if (box.requestFullscreen) return box.requestFullscreen().catch(() => notices.toast("Full screen is not allowed here."));
    if (video?.webkitEnterFullscreen) return video.webkitEnterFullscreen(); // iPhones: the film alone
    notices.toast("This browser has no full screen.");
  }

  function captions() {
    const track = element("captions")?.track;
    if (!track) return notices.toast("There is no film to caption.");
    track.mode = track.mode === "showing" ? "hidden" : "showing";
    pressed("caption", track.mode === "showing");
    notices.toast(track.mode === "showing" ? "captions on" : "captions off");
  }

  function looping() {
    state.loop = state.loop < 0 ? clipHere() : -1;
    pressed("loop", state.loop >= 0);
    notices.toast(state.loop >= 0 ? "this step again and again" : "no loop");
  }

  function learning() {
    state.learning = !state.learning;
    aim();
    pressed("learn", state.learning);
    notices.toast(state.learning ? "it waits at every stop; space goes on" : "it plays on");
  }

  // Where it waits next, while one learns.
  function aim() {
    const now = ticks();
    state.nextStop = data.stops.find((one) => one > now + 1e-6) ?? -1;
  }

  const pressed = (name, on) => element(name).setAttribute("aria-pressed", String(on));

  // Before one has begun, the page says what it is.
  function begun() {
    element("welcome").hidden = true;
  }

  function follow() {
    const tick = address.tick();
    if (tick !== null) seekSeconds(tick / 10);
    document.body.classList.toggle("embedded", address.embedded());
    return tick !== null;
  }

  function written() {
    const exact = wholeTick() * film.fps() === film.frame() * 10;
    address.write((ticks() / 10).toFixed(exact ? 1 : 3));
  }

  // What the page shows of the instant.
  function show() {
    const tick = wholeTick();
    if (tick !== shown.tick) {
      shown.tick = tick;
      element("position").value = String(tick);
      element("time").textContent = clock(tick);
      element("played-bar").setAttribute("width", String(tick + 1));
      listing.show(tick);
      showClip(clipAt(data, tick));
    }
    const there = film.shows() === "stills" ? data.clips[shown.clip][1] : ticks();
    const paused = film.paused() ? there : null;
    if (paused !== shown.cells) cells.show(paused);
    shown.cells = paused;
    if (film.paused() && film.ready()) written();
  }

  function clock(tick) {
    const [hours, minutes, seconds] = [Math.floor(tick / 36000), Math.floor(tick / 600) % 60, Math.floor(tick / 10) % 60];
    const tail = `${String(seconds).padStart(2, "0")}.${tick % 10}`;
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
  }

  function showClip(found) {
    const [, , number, place] = data.clips[found];
    const label = `${number}.${place}`;
    if (found !== shown.clip) {
      shown.clip = found;
      showRow(number, label);
      showWords(label, document.querySelector(`#chapter-${number} .phase`));
    }
    element("position").setAttribute("aria-valuetext", `${clock(shown.tick)}, step ${label}, ${element("now-title").textContent}`);
  }

  function showRow(number, label) {
    for (const body of chapters) {
      const current = Number(body.dataset.chapter) === number;
      body.classList.toggle("current", current);
      const title = body.querySelector(".title");
      if (current) title.setAttribute("aria-current", "true");
      else title.removeAttribute("aria-current");
      if (current) keepInView(element("chapters-scroll"), body);
    }
    for (const item of document.querySelectorAll(".chapters li[data-step]")) item.classList.toggle("current", item.dataset.step === label);
  }

  function showWords(label, phase) {
    const words = document.querySelector(`.transcript .step[data-step="${label}"]`);
    const note = words.querySelector(".note")?.textContent ?? "";
    element("now-phase").className = phase.className;
    element("now-phase").textContent = phase.textContent;
    element("now-number").textContent = label;
    element("now-title").textContent = document.querySelector(`.chapters li[data-step="${label}"] .moment`).textContent;
    element("now-caption").textContent = words.querySelector(".said")?.textContent ?? "";
    element("now-note").textContent = note;
    element("now-note").hidden = !note;
  }

  function playing() {
    const on = !film.paused();
    element("film").classList.toggle("playing", on);
    element("play").setAttribute("aria-label", on ? "Pause" : "Play");
    element("now").setAttribute("aria-live", on ? "off" : "polite");
    if (on) {
      begun();
      requestAnimationFrame(run);
    } else if (film.ended() && state.loop >= 0) again();
    show();
  }

  // The picture on the screen is then exactly that of the instant that is said.
  function settle() {
    if (!film.ended() && film.ready()) film.seek(film.frame());
  }

  function again() {
    seekTick(data.clips[state.loop][0]);
    film.play();
  }

  // While it plays: once a picture of the screen.
  function run() {
    if (film.paused()) return;
    const now = ticks();
    if (state.loop >= 0 && (now >= clipEnd(state.loop) - 5 / film.fps() || now < data.clips[state.loop][0] - 5 / film.fps())) seekTick(data.clips[state.loop][0]);
    if (state.learning && state.nextStop >= 0 && now >= state.nextStop) {
      settledAt(state.nextStop);
      notices.toast("space goes on");
    }
    show();
    requestAnimationFrame(run);
  }

  const listing = makeListing(data, element, seekTick);
  const cells = makeCells(data, element);
  const acts = { stop, step, chapter, byFrame, toggle, fullscreen, captions, looping, learning, help, speed, seekTick,
    seconds: (by) => seekFrame(film.frame() + by * film.fps()) };

  function help() {
    const dialog = element("keys");
    if (dialog.open) dialog.close();
    else dialog.showModal();
  }

  // Links into the film seek; with a modifier they stay links.
  function link(event) {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const anchor = event.target.closest("a[data-tick]");
    const row = anchor ? null : event.target.closest(".chapters tr.row");
    if (!anchor && (!row || String(window.getSelection()))) return;
    event.preventDefault();
    if (anchor?.dataset.fps) change(Number(anchor.dataset.fps));
    seekTick(Number((anchor ?? row.parentElement).dataset.tick));
    const box = element("film").getBoundingClientRect();
    if (box.bottom < 80 || box.top > window.innerHeight - 80) element("film").scrollIntoView({ block: "start" });
  }

  function bind() {
    const buttons = { previous: () => stop(-1), next: () => stop(1), play: toggle, begin: toggle, loop: looping, learn: learning,
      caption: captions, fullscreen, help, rate: otherRate };
    for (const [name, act] of Object.entries(buttons)) element(name)?.addEventListener("click", act);
    element("speed").addEventListener("change", (event) => setSpeed(Number(event.target.value)));
    element("position").addEventListener("input", (event) => seekTick(Number(event.target.value)));
    element("close").addEventListener("click", () => element("keys").close());
    document.addEventListener("click", link);
    window.addEventListener("hashchange", follow);
    bindKeys(data, acts, () => element("keys").open);
    bindPointer(element, cells, acts, film);
    listing.bind(wholeTick);
    film.bind(playing, settle);
  }

  function start() {
    notices.watch();
    element("video")?.removeAttribute("controls");
    for (const name of ["controls", "now", "cells", "welcome"]) element(name).hidden = false;
    element("overlay").classList.add("live");
    if (element("captions")) element("captions").track.mode = "hidden";
    bind();
    if (!follow()) show();
  }

  return { start };
}

const pageData = JSON.parse(document.getElementById("data").textContent);
makePlayer(pageData, (id) => document.getElementById(id)).start();
