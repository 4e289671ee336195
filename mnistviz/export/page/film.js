"use strict";
// The film's instant and who keeps it: a video file, another one when the first cannot be read, the file fetched
// whole where a server cannot seek, and the pictures of the steps one after another when there is no film at all.

/** @param {PageData} data @param {ById} element @param {Numbers} numbers @param {Notices} notices @param {() => boolean} begun @param {() => void} changed @returns {Film} */
function makeFilm(data, element, numbers, { notice }, begun, changed) {
  /** @type {HTMLVideoElement} */
  const video = element("video");
  const broken = new Set(); // names of films that could not be read
  /** @type {Map<string, string>} */
  const whole = new Map(); // name -> URL of the film, fetched whole
  let { fps, name } = data.videos[0] ?? { fps: 10, name: "" };
  /** @type {number | null} */
  let waiting = null; // frame to go to as soon as the film's header is there
  /** @type {number | null} */
  let wanted = null; // frame last asked of the video, until it has come there
  /** @type {Clock | null} */
  let clock = null; // in the place of a film: the stage's, or that of the pictures
  let told = () => {}; // hears of playing and pausing
  const stage = data.stage ? makeStage(data, element, numbers, begun, { changed, told: () => told(), failed: withoutStage }) : null;

  const frames = () => Math.round((data.ticks * fps) / 10);

  function frame() {
    if (clock) return Math.floor((clock.tick * fps) / 10 + 1e-6);
    return waiting ?? Math.min(Math.max(Math.floor(video.currentTime * fps + 0.01), 0), frames() - 1);
  }

  // A frame is addressed a quarter of its length after its start: no rounding can miss it.
  /** @param {number} target */
  function seek(target) {
    const found = Math.min(Math.max(target, 0), frames() - 1);
    if (clock) return clock.seek((found * 10) / fps);
    wanted = found;
    if (video.readyState === 0) waiting = found;
    else video.currentTime = (found + 0.25) / fps;
  }

  const paused = () => (clock ? clock.timer === 0 : video.paused);
  const ended = () => (clock ? clock.ended() : video.ended || frame() >= frames() - 1);

  function play() {
    if (clock) return clock.play();
    video.play().catch((reason) => {
      if (reason.name === "NotAllowedError") notice("play", "This browser does not let the film play here.");
    });
  }

  function pause() {
    if (clock) clock.pause();
    else video.pause();
  }

  /** @param {number} times */
  function rate(times) {
    if (video) [video.defaultPlaybackRate, video.playbackRate] = [times, times];
    for (const one of [clock, stage]) if (one) one.rate = times;
  }

  /** @param {{ fps: number, name: string }} next @param {number} seconds @param {boolean} playing */
  function load(next, seconds, playing) {
    ({ fps, name } = next);
    video.src = whole.get(name) ?? encodeURIComponent(name);
    waiting = Math.min(Math.floor(seconds * fps + 0.05), frames() - 1);
    wanted = null;
    video.load();
    if (playing) play();
    changed();
  }

  // The same instant of the film in another number of frames a second.
  /** @param {number} nextFps */
  function change(nextFps) {
    const found = data.videos.find((one) => one.fps === nextFps);
    if (!found || nextFps === fps || clock || broken.has(found.name)) return false;
    load(found, frame() / fps, !video.paused);
    return true;
  }

  function failed() {
    const seconds = frame() / fps;
    broken.add(name);
    const left = data.videos.find((one) => !broken.has(one.name));
    const lost = [...broken].join(" and ");
    if (left) {
      notice("film", `${lost} cannot be read: it is missing or damaged. You see ${left.name}.`);
      return load(left, seconds, false);
    }
    standIn(seconds, broken.size ? `${lost} cannot be read: missing or damaged. ` : "");
  }

  // No film: the page draws it itself, or shows its pictures.
  /** @param {number} seconds @param {string} why */
  function standIn(seconds, why) {
    if (!stage) return showStills(seconds, why || "No film was rendered into this folder. ");
    if (why) notice("film", `${why}The page draws it itself.`);
    showStage(seconds);
  }

  /** @param {number} seconds @param {string} why */
  function showStills(seconds, why) {
    notice("film", `${why}You see the last picture of each step instead of the film.`);
    [fps, clock] = [10, makeStills(data, element, changed)];
    clock.seek(Math.min(Math.floor(seconds * 10), data.ticks - 1));
    changed();
  }

  /** @param {number} seconds */
  function showStage(seconds) {
    if (!stage) return;
    [fps, clock] = [60, stage];
    stage.show();
    stage.seek(seconds * 10);
  }

  /** @param {string} reason */
  function withoutStage(reason) {
    const seconds = frame() / fps;
    notice("stage", `This browser cannot draw the stage: ${reason}`);
    if (clock !== stage) return;
    if (video && broken.size < data.videos.length) exchange();
    else showStills(seconds, "");
  }

  // The stage in the film's place, or the film again, at the same instant.
  function exchange() {
    if (!stage || !video || broken.size === data.videos.length) return false;
    const [seconds, playing] = [frame() / fps, !paused()];
    if (clock === stage) {
      stage.hide();
      [clock, fps] = [null, data.videos.find((one) => one.name === name)?.fps ?? fps];
      seek(Math.floor(seconds * fps + 0.05));
    } else {
      video.pause();
      showStage(seconds);
    }
    if (playing) play();
    changed();
    return true;
  }

  // Python's http.server, for one, sends files from their start only: a seek falls back to 0.
  function arrived() {
    const lost = wanted !== null && wanted > fps && Math.abs(video.currentTime - wanted / fps) > 1;
    const target = wanted ?? 0;
    wanted = null;
    if (lost && !whole.has(name)) void fetchWhole(target / fps);
    else changed();
  }

  /** @param {number} seconds */
  async function fetchWhole(seconds) {
    const next = { fps, name };
    const [file, playing] = [name, !video.paused];
    video.pause();
    whole.set(file, encodeURIComponent(file)); // asked for once
    try {
      const pieces = await fetched(file, notice);
      whole.set(file, URL.createObjectURL(new Blob(pieces, { type: "video/mp4" })));
      notice("seek", "");
      if (file === name) load(next, seconds, playing);
    } catch (error) {
      notice("seek", `This server cannot seek in ${file}, and it could not be fetched whole (${error instanceof RangeError ? error.message : "it does not answer"}): it plays from its start only.`);
      video.setAttribute("controls", "");
    }
  }

  /** @param {() => void} state @param {() => void} settle */
  function bind(state, settle) {
    told = state;
    if (!video) return standIn(0, "");
    for (const event of ["play", "pause", "ended"]) video.addEventListener(event, state);
    video.addEventListener("pause", settle);
    video.addEventListener("timeupdate", changed);
    video.addEventListener("seeked", arrived);
    video.addEventListener("loadedmetadata", () => {
      const target = waiting;
      waiting = null;
      if (target !== null) seek(target);
      changed();
    });
    video.addEventListener("error", failed);
    if (video.error) failed(); // before this script ran; a network state of NO_SOURCE says only that it has not begun
  }

  return { frames, frame, seek, paused, ended, play, pause, rate, change, exchange, bind,
    turn: () => stage?.turn() ?? "", follow: (run) => stage?.follow(run), sketch: stage?.sketch ?? null,
    ready: () => clock !== null || (video.readyState > 0 && waiting === null), fps: () => fps, shows: () => clock?.shows ?? "video" };
}

// A film, fetched piece by piece.
/** @param {string} file @param {Notices["notice"]} notice */
async function fetched(file, notice) {
  const answer = await fetch(encodeURIComponent(file));
  if (!answer.ok || !answer.body) throw new RangeError(`it answers ${answer.status}`);
  const total = Number(answer.headers.get("Content-Length")) || 0;
  const pieces = [];
  let size = 0;
  for (const reader = answer.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return pieces;
    pieces.push(value);
    size += value.length;
    const of = total ? ` of ${(total / 1e6).toFixed(0)}` : "";
    notice("seek", `This server cannot seek in films, so this one is fetched whole first: ${(size / 1e6).toFixed(0)}${of} MB.`);
  }
}
