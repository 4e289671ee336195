"use strict";
// From the state to what is seen: nothing else changes the page, and nothing here changes the state.

/** @typedef {ReturnType<typeof makeView>} View */

/** @param {number} tick */
function clockWords(tick) {
  const [hours, minutes, seconds] = [Math.floor(tick / 36000), Math.floor(tick / 600) % 60, Math.floor(tick / 10) % 60];
  const tail = `${String(seconds).padStart(2, "0")}.${tick % 10}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** @param {PageData} data @param {ById} element @param {Cards} cards @param {Answers} answers @param {Panel} panel @param {{ show(tick: number): void }} listing */
function makeView(data, element, cards, answers, panel, listing) {
  const chapters = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".chapters tbody")]);
  const steps = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".chapters li[data-step]")]);
  /** @type {{ key: string, cards: Card[] }} */
  let stage = { key: "", cards: [] };

  // The cards on the stage; none while it moves, for they could not be pointed at.
  /** @param {State} state */
  function onStage(state) {
    const instant = state.stills ? data.clips[state.clip].rest : state.begun ? state.ticks : data.poster;
    const key = state.paused ? String(instant) : "";
    if (key !== stage.key) stage = { key, cards: state.paused ? cards.at(instant) : [] };
    return stage.cards;
  }

  /** @param {State} state @param {State} before */
  function seen(state, before) {
    const changed = (/** @type {(keyof State)[]} */ ...keys) => state === before || keys.some((key) => state[key] !== before[key]);
    const tick = Math.floor(state.ticks + 1e-6);
    const other = state === before || tick !== Math.floor(before.ticks + 1e-6);
    if (other) showInstant(tick);
    if (changed("clip")) showClip(data.clips[state.clip]);
    if (other || changed("clip")) showPosition(state);
    if (changed("paused", "begun", "fps", "stills", "staged")) showFilm(state);
    if (changed("loop", "learning", "predicting", "captions", "speed")) showSwitches(state);
    if (changed("asked", "guesses")) showQuestion(state);
    if (other || changed("captions")) showCaption(state);
    if (changed("paused", "begun", "stills", "hovered", "trail", "listed", "asked") || (state.paused && changed("ticks", "clip"))) showCells(state);
  }

  /** @param {number} tick */
  function showInstant(tick) {
    element("position").value = String(tick);
    element("time").textContent = clockWords(tick);
    element("played-bar").setAttribute("width", String(tick + 1));
    listing.show(tick);
  }

  /** @param {State} state */
  function showPosition(state) {
    const { chapter, step } = data.clips[state.clip];
    const words = `${clockWords(Math.floor(state.ticks + 1e-6))}, step ${chapter}.${step}, ${element("now-title").textContent}`;
    element("position").setAttribute("aria-valuetext", words);
  }

  /** @param {Clip} clip */
  function showClip({ chapter, step }) {
    const label = `${chapter}.${step}`;
    for (const body of chapters) showRow(body, Number(body.dataset.chapter) === chapter);
    for (const item of steps) item.classList.toggle("current", item.dataset.step === label);
    showWords(label, document.querySelector(`#chapter-${chapter} .phase`));
  }

  /** @param {HTMLElement} body @param {boolean} current */
  function showRow(body, current) {
    body.classList.toggle("current", current);
    const title = body.querySelector(".title");
    if (current) title?.setAttribute("aria-current", "true");
    else title?.removeAttribute("aria-current");
    if (current) keepInView(element("chapters-scroll"), body);
  }

  /** @param {string} label @param {Element | null} phase */
  function showWords(label, phase) {
    const words = document.querySelector(`.transcript .step[data-step="${label}"]`);
    const note = words?.querySelector(".note")?.textContent ?? "";
    element("now-phase").className = phase?.className ?? "";
    element("now-phase").textContent = phase?.textContent ?? "";
    element("now-number").textContent = label;
    element("now-title").textContent = document.querySelector(`.chapters li[data-step="${label}"] .moment`)?.textContent ?? "";
    element("now-caption").textContent = words?.querySelector(".said")?.textContent ?? "";
    element("now-note").textContent = note;
    element("now-note").hidden = !note;
  }

  /** @param {State} state */
  function showFilm({ paused, begun, fps, staged }) {
    element("exchange")?.setAttribute("aria-pressed", String(staged));
    element("welcome").hidden = begun;
    element("film").classList.toggle("playing", !paused);
    element("play").setAttribute("aria-label", paused ? "Play" : "Pause");
    element("now").setAttribute("aria-live", paused ? "polite" : "off");
    if (element("rate-name")) element("rate-name").textContent = `${fps} fps`;
  }

  /** @param {State} state */
  function showSwitches({ loop, learning, predicting, captions, speed }) {
    const on = { loop: loop >= 0, learn: learning, predict: predicting, caption: captions };
    for (const [name, pressed] of Object.entries(on)) element(name)?.setAttribute("aria-pressed", String(pressed));
    element("speed").value = String(speed);
  }

  /** @param {State} state */
  function showQuestion({ asked, guesses }) {
    const question = asked < 0 ? null : data.clips[asked].question;
    element("question").hidden = question === null;
    element("film").classList.toggle("asking", question !== null);
    if (question) askOn(question);
    const given = Object.entries(guesses).filter(([, guess]) => guess >= 0);
    const right = given.filter(([clip, guess]) => data.clips[Number(clip)].question?.right === guess).length;
    element("score").hidden = given.length === 0;
    element("score").textContent = `${right} of ${given.length} guessed right`;
  }

  /** @param {Question} question */
  function askOn({ asks, answers: offered, array, cell }) {
    element("question-words").textContent = asks === "winner" ? "Which one will be the largest?" : `What will ${answers.nameOf({ array, flat: cell })} be?`;
    element("question-answers").replaceChildren(...offered.map((text, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.guess = String(place);
      const key = document.createElement("kbd");
      key.textContent = String((place + 1) % 10);
      button.append(key, ` ${text}`);
      return button;
    }));
  }

  /** @param {State} state */
  function showCaption({ ticks, captions }) {
    const line = element("caption-line");
    line.hidden = !captions;
    const track = element("captions")?.track;
    if (!captions || !track?.cues) return;
    const cue = [...track.cues].find((one) => ticks / 10 >= one.startTime - 1e-6 && ticks / 10 < one.endTime - 1e-6);
    const text = cue ? cue.getCueAsHTML().textContent : "";
    if (line.textContent !== text) line.textContent = text;
  }

  // Whose number the film has still to show, and one has still to guess.
  /** @param {State} state @param {Spot} spot */
  const covered = (state, spot) => state.asked >= 0 && data.clips[state.asked].question?.array === spot.array;

  /** @param {State} state */
  function showCells(state) {
    const shown = onStage(state);
    const followed = state.trail.at(-1) ?? null;
    const spot = state.hovered ?? followed;
    const found = spot ? answers.answer(shown, spot) : null;
    const told = found && spot && covered(state, spot) ? { ...found, value: "guess first", film: "", lines: [], from: { ...found.from, terms: [] }, to: [] } : found;
    element("cells-answer").hidden = told === null;
    element("cells-hint").hidden = told !== null;
    if (told) panel.tell(told, state.listed);
    panel.showTrail(state.trail);
    panel.light(shown, told, state.listed);
    panel.offer(shown, followed);
    element("cells-show").hidden = !spot || !state.paused || answers.presentOn(shown, spot) || answers.shownAt(spot, state.ticks) < 0;
    element("tip").hidden = state.hovered === null || told === null;
    if (state.hovered && told) element("tip").textContent = `${told.name} = ${told.film || told.value}`;
  }

  // What stands beside the film may come later, and leave less room.
  new ResizeObserver(() => {
    const current = chapters.find((body) => body.classList.contains("current"));
    if (current) keepInView(element("chapters-scroll"), current);
  }).observe(element("chapters-scroll"));

  return { seen, onStage };
}
