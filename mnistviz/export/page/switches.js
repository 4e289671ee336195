"use strict";
// What one switches on and off: speed, loop, waiting, guessing, captions, full screen, help.

/** @typedef {ReturnType<typeof makeSwitches>} Switches */

/** @param {ById} element @param {Store} store @param {Film} film @param {Notices} notices */
function makeSwitches(element, store, film, { toast }) {
  /** @param {number} rate */
  function setSpeed(rate) {
    film.rate(rate);
    store.set({ speed: rate });
    toast(`${rate}× speed`);
  }

  /** @param {number} by */
  const speed = (by) => setSpeed(SPEEDS[Math.min(Math.max(SPEEDS.indexOf(store.get().speed) + by, 0), SPEEDS.length - 1)]);

  function looping() {
    const loop = store.get().loop < 0 ? store.get().clip : -1;
    store.set({ loop });
    toast(loop >= 0 ? "this step again and again" : "no loop");
  }

  function learning() {
    store.set({ learning: !store.get().learning });
    toast(store.get().learning ? "it waits at every stop; space goes on" : "it plays on");
  }

  function predicting() {
    store.set({ predicting: !store.get().predicting, asked: -1 });
    toast(store.get().predicting ? "it asks before it shows" : "it asks no more");
  }

  function captions() {
    if (!element("captions")?.track) return toast("There is no film to caption.");
    store.set({ captions: !store.get().captions });
    toast(store.get().captions ? "captions on" : "captions off");
  }

  // The film, and the number that is looked at beside it; on iPhones the film alone.
  function fullscreen() {
    const [box, video] = [element("watch"), element("video")];
    if (document.fullscreenElement) return void document.exitFullscreen();
    if (box.requestFullscreen) return void box.requestFullscreen().catch(() => toast("Full screen is not allowed here."));
    if (video?.webkitEnterFullscreen) return video.webkitEnterFullscreen();
    toast("This browser has no full screen.");
  }

  // The film, or the stage on which the page draws it.
  function exchange() {
    if (film.exchange()) toast(film.shows() === "stage" ? "the stage: drawn by the page" : "the film");
  }

  // The stage in the film's place, and in view.
  function toStage() {
    if (film.shows() !== "stage") exchange();
    if (film.shows() === "stage") element("film").scrollIntoView({ block: "start" });
  }

  // The stage's other theme.
  function turn() {
    if (film.shows() === "stage") toast(film.turn());
  }

  const helping = () => element("keys").open;

  function help() {
    if (helping()) element("keys").close();
    else element("keys").showModal();
  }

  return { setSpeed, speed, looping, learning, predicting, captions, fullscreen, exchange, toStage, turn, help, helping };
}
