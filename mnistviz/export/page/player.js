"use strict";
// The player: the film's instant is the one thing that everything else on the page follows.

function makePlayer(data, element) {
  const video = element("video");
  const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
  const chapters = [...document.querySelectorAll(".chapters tbody")];
  const steps = new Map([...document.querySelectorAll(".chapters li[data-step]")].map((item) => [item.dataset.step, item]));
  let [fps] = data.videos[0];
  let waiting = null; // frame to go to as soon as the film's header is there
  let loop = -1;
  let shownTick = -1;
  let shownClip = -1;
  let shownCells; // instant, in ticks, of the cells that can be pointed at; null while it plays
  let saidAt = 0;
  let toastTimer = 0;

  // Time.  A frame is addressed a quarter of its length after its start: no rounding can miss it.
  const frames = () => Math.round((data.ticks * fps) / 10);
  const frame = () => waiting ?? Math.min(Math.max(Math.floor(video.currentTime * fps + 0.01), 0), frames() - 1);
  const ticks = () => (frame() * 10) / fps;
  const wholeTick = () => Math.floor(ticks() + 1e-6);
  const clipAt = (tick) => {
    let place = data.clips.length - 1;
    while (place > 0 && data.clips[place][0] > tick) place--;
    return place;
  };
  const clipEnd = (place) => (place + 1 < data.clips.length ? data.clips[place + 1][0] : data.ticks);

  function seekFrame(wanted) {
    const target = Math.min(Math.max(wanted, 0), frames() - 1);
    if (video.readyState === 0) waiting = target;
    else video.currentTime = (target + 0.25) / fps;
    if (loop >= 0) loop = clipAt(Math.floor((target * 10) / fps + 1e-6));
    show();
    address(true);
  }
  const seekSeconds = (seconds) => seekFrame(Math.floor(seconds * fps + 0.05));
  const seekTick = (tick) => seekSeconds(tick / 10);

  function step(by) {
    const place = Math.min(Math.max(clipAt(wholeTick()) + by, 0), data.clips.length - 1);
    seekTick(data.clips[place][0]);
  }

  function chapter(by) {
    const [, , number] = data.clips[clipAt(wholeTick())];
    const place = chapters.findIndex((body) => Number(body.dataset.chapter) === number) + by;
    seekTick(Number(chapters[Math.min(Math.max(place, 0), chapters.length - 1)].dataset.tick));
  }

  function byFrame(by) {
    video.pause();
    seekFrame(frame() + by);
  }

  function toggle() {
    if (!video.paused) return video.pause();
    if (video.ended || frame() >= frames() - 1) seekFrame(0);
    video.play().catch((reason) => { if (reason.name !== "AbortError") say("The film cannot be played here."); });
  }

  function speed(by) {
    const place = Math.min(Math.max(SPEEDS.indexOf(video.playbackRate) + by, 0), SPEEDS.length - 1);
    setSpeed(SPEEDS[place]);
  }

  function setSpeed(rate) {
    video.defaultPlaybackRate = rate;
    video.playbackRate = rate;
    element("speed").value = String(rate);
    say(`${rate}× speed`);
  }

  // The same instant of the film in another number of frames a second.
  function change(wanted) {
    const found = data.videos.find(([rate]) => rate === wanted);
    if (!found || wanted === fps) return;
    const [seconds, playing] = [ticks() / 10, !video.paused];
    [fps] = found;
    video.src = encodeURIComponent(found[1]);
    waiting = Math.min(Math.floor(seconds * fps + 0.05), frames() - 1);
    video.load();
    element("rate-name").textContent = `${fps} fps`;
    if (playing) video.play().catch(() => {});
    say(`${fps} frames per second`);
    show();
  }

  function fullscreen() {
    const done = document.fullscreenElement ? document.exitFullscreen() : element("film").requestFullscreen?.();
    done?.catch?.(() => say("Full screen is not allowed here."));
  }

  function captions() {
    const { track } = element("captions");
    track.mode = track.mode === "showing" ? "hidden" : "showing";
    pressed("caption", track.mode === "showing");
    say(track.mode === "showing" ? "captions on" : "captions off");
  }

  function looping() {
    loop = loop < 0 ? clipAt(wholeTick()) : -1;
    pressed("loop", loop >= 0);
    say(loop >= 0 ? "this step again and again" : "no loop");
  }

  function mute() {
    video.muted = !video.muted;
    say(video.muted ? "muted" : "not muted (the film has no sound)");
  }

  const pressed = (name, on) => element(name).setAttribute("aria-pressed", String(on));

  function say(text) {
    const toast = element("toast");
    toast.textContent = text;
    toast.classList.add("on");
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => toast.classList.remove("on"), 1400);
  }

  // The address.
  function place(hash) {
    const time = /^#t=(\d+(?:\.\d+)?)$/.exec(hash);
    if (time) return Number(time[1]);
    const named = /^#step=(\d+)\.(\d+)$/.exec(hash);
    const found = named && data.clips.find((clip) => clip[2] === Number(named[1]) && clip[3] === Number(named[2]));
    return found ? found[0] / 10 : null;
  }

  function follow() {
    const seconds = place(location.hash);
    if (seconds !== null) seekSeconds(seconds);
    return seconds !== null;
  }

  function address(now) {
    if (!now && Date.now() - saidAt < 1000) return;
    saidAt = Date.now();
    const exact = wholeTick() * fps === frame() * 10;
    const hash = `#t=${(ticks() / 10).toFixed(exact ? 1 : 3)}`;
    if (location.hash !== hash) history.replaceState(null, "", hash);
  }

  // What the page shows of the instant.
  function show() {
    const tick = wholeTick();
    if (tick !== shownTick) {
      shownTick = tick;
      const position = element("position");
      position.value = String(tick);
      element("time").textContent = clock(tick);
      element("played-bar").setAttribute("width", String(tick + 1));
      listing.show(tick);
      showClip(clipAt(tick));
    }
    const paused = video.paused ? ticks() : null;
    if (paused !== shownCells) cells.show(paused);
    shownCells = paused;
  }

  function clock(tick) {
    const [hours, minutes, seconds] = [Math.floor(tick / 36000), Math.floor(tick / 600) % 60, Math.floor(tick / 10) % 60];
    const tail = `${String(seconds).padStart(2, "0")}.${tick % 10}`;
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
  }

  function showClip(found) {
    if (found === shownClip) {
      element("position").setAttribute("aria-valuetext", spoken(found));
      return;
    }
    shownClip = found;
    const [, , number, stepNumber] = data.clips[found];
    const label = `${number}.${stepNumber}`;
    for (const body of chapters) {
      const here = Number(body.dataset.chapter) === number;
      body.classList.toggle("current", here);
      body.querySelector(".title").toggleAttribute("aria-current", here);
      if (here) {
        body.querySelector(".title").setAttribute("aria-current", "true");
        keepInView(element("chapters-scroll"), body);
      }
    }
    for (const [name, item] of steps) item.classList.toggle("current", name === label);
    const told = document.querySelector(`.transcript .step[data-step="${label}"]`);
    const row = document.getElementById(`chapter-${number}`);
    const phase = row.querySelector(".phase");
    element("now-phase").className = phase.className;
    element("now-phase").textContent = phase.textContent;
    element("now-number").textContent = label;
    element("now-title").textContent = steps.get(label).querySelector(".moment").textContent;
    element("now-caption").textContent = told.querySelector(".said")?.textContent ?? "";
    const note = told.querySelector(".note")?.textContent ?? "";
    element("now-note").textContent = note;
    element("now-note").hidden = !note;
    element("position").setAttribute("aria-valuetext", spoken(found));
  }

  const spoken = (found) => `${clock(shownTick)}, step ${data.clips[found][2]}.${data.clips[found][3]}, ${element("now-title").textContent}`;

  function state() {
    const playing = !video.paused;
    element("film").classList.toggle("playing", playing);
    element("play").setAttribute("aria-label", playing ? "Pause" : "Play");
    element("now").setAttribute("aria-live", playing ? "off" : "polite");
    if (playing) requestAnimationFrame(run);
    show();
  }

  // The picture on the screen is then exactly that of the instant that is said.
  function settle() {
    if (!video.ended && video.readyState > 0 && waiting === null) seekFrame(frame());
  }

  // While it plays: once a picture of the screen.
  function run() {
    if (video.paused) return;
    if (loop >= 0) {
      const seconds = video.currentTime;
      const [start, end] = [data.clips[loop][0] / 10, clipEnd(loop) / 10];
      if (seconds >= end - 0.5 / fps || seconds < start - 0.5 / fps) seekTick(data.clips[loop][0]);
    }
    show();
    address(false);
    requestAnimationFrame(run);
  }

  function ended() {
    if (loop < 0) return;
    seekTick(data.clips[loop][0]);
    video.play().catch(() => {});
  }

  // The pointer on the film.
  function designPoint(event) {
    const screen = element("overlay").getScreenCTM();
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(screen.inverse());
  }

  function pointAt(event) {
    if (!video.paused) return false;
    const { x, y } = designPoint(event);
    const found = cells.point(x, y);
    const box = element("overlay").getBoundingClientRect();
    const tip = element("tip");
    tip.style.left = "0"; // so that its width is its own, not what was left of the screen
    const left = Math.min(Math.max(event.clientX - box.left + 14, 8), Math.max(box.width - tip.offsetWidth - 8, 8));
    const above = event.clientY - box.top - tip.offsetHeight - 14;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 8 ? above : event.clientY - box.top + 20}px`;
    return found;
  }

  // Keys.
  const KEYS = {
    ArrowLeft: (event) => (event.shiftKey ? chapter(-1) : step(-1)),
    ArrowRight: (event) => (event.shiftKey ? chapter(1) : step(1)),
    ",": () => byFrame(-1),
    ".": () => byFrame(1),
    " ": toggle,
    k: toggle,
    j: () => seekFrame(frame() - 10 * fps),
    l: () => seekFrame(frame() + 10 * fps),
    f: fullscreen,
    c: captions,
    m: mute,
    r: looping,
    "<": () => speed(-1),
    ">": () => speed(1),
    "?": help,
  };

  function help() {
    const dialog = element("keys");
    if (dialog.open) dialog.close();
    else dialog.showModal();
  }

  function key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const typing = event.target.closest?.("select, input:not([type=range]), textarea");
    const pressing = event.key === " " && event.target.closest?.("button, summary, a");
    if (typing || pressing || (element("keys").open && event.key !== "?")) return;
    const act = KEYS[event.key] ?? KEYS[event.key.toLowerCase()]
      ?? (/^[0-9]$/.test(event.key) ? () => seekTick(Math.floor((data.ticks * Number(event.key)) / 10)) : null);
    if (!act) return;
    event.preventDefault();
    act(event);
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

  const listing = makeListing(data, element, seekTick);
  const cells = makeCells(data, element);

  function bind() {
    for (const [name, act] of Object.entries({ previous: () => step(-1), next: () => step(1), play: toggle, loop: looping,
      caption: captions, fullscreen, help, rate: () => change(data.videos[(data.videos.findIndex(([rate]) => rate === fps) + 1) % data.videos.length][0]) })) {
      element(name)?.addEventListener("click", act);
    }
    element("speed").addEventListener("change", (event) => setSpeed(Number(event.target.value)));
    element("position").addEventListener("input", (event) => seekTick(Number(event.target.value)));
    element("close").addEventListener("click", () => element("keys").close());
    for (const name of ["play", "pause", "ended"]) video.addEventListener(name, state);
    video.addEventListener("pause", settle);
    video.addEventListener("ended", ended);
    for (const name of ["seeked", "timeupdate"]) video.addEventListener(name, show);
    video.addEventListener("loadedmetadata", () => {
      const wanted = waiting;
      waiting = null;
      if (wanted !== null) video.currentTime = (wanted + 0.25) / fps;
      show();
    });
    video.addEventListener("error", () => say("The film file cannot be read."));
    const overlay = element("overlay");
    overlay.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch") pointAt(event); });
    overlay.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") cells.leave(); });
    overlay.addEventListener("click", (event) => { if (event.pointerType !== "touch" || !pointAt(event)) toggle(); });
    overlay.addEventListener("dblclick", fullscreen);
    document.addEventListener("keydown", key);
    document.addEventListener("click", link);
    window.addEventListener("hashchange", follow);
    listing.bind(wholeTick);
  }

  function start() {
    video.removeAttribute("controls");
    for (const name of ["controls", "now", "cells"]) element(name).hidden = false;
    element("overlay").classList.add("live");
    element("captions").track.mode = "hidden";
    bind();
    if (!follow()) show();
  }

  return { start };
}

const pageData = JSON.parse(document.getElementById("data").textContent);
if (pageData.videos.length) makePlayer(pageData, (id) => document.getElementById(id)).start();
