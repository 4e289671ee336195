"use strict";
// A clock of whole ticks that shows the picture of each step in the film's place.
/** @param {PageData} data @param {ById} element @param {() => void} changed @returns {Clock} */
function makeStills(data, element, changed) {
  const image = element("still");
  /** @type {Clock} */
  const clock = { shows: "stills", tick: 0, timer: 0, rate: 1, seek, play, pause, ended: () => clock.tick >= data.ticks - 1 };
  element("screen").classList.add("pictures");
  element("video")?.remove();

  /** @param {number} tick */
  function seek(tick) {
    clock.tick = Math.min(Math.max(tick, 0), data.ticks - 1);
    const file = data.clips[clipAt(data, clock.tick)].still;
    if (image.getAttribute("src") !== file) image.src = file;
    changed();
  }

  function play() {
    if (clock.timer) return;
    clock.timer = setInterval(() => {
      if (clock.tick >= data.ticks - 1) pause();
      else seek(clock.tick + 1);
    }, 100 / clock.rate);
    changed();
  }

  function pause() {
    clearInterval(clock.timer || undefined);
    clock.timer = 0;
    changed();
  }

  return clock;
}
