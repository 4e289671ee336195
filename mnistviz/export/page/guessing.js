"use strict";
// Predict first: before the film shows a number or a winner, it is asked for.

/** @typedef {ReturnType<typeof makeGuessing>} Guessing */

/** @param {PageData} data @param {Store} store @param {Cards} cards @param {Answers} answers @param {Notices} notices */
function makeGuessing(data, store, cards, answers, { toast, notice }) {
  // Whether a clip has a question that is still open: not what the stage shows already.
  /** @param {number} place */
  function open(place) {
    const { question, start } = data.clips[place];
    const { predicting, guesses } = store.get();
    if (!predicting || !question || guesses[place] !== undefined) return false;
    return !answers.presentOn(cards.at(start), { array: question.array, flat: question.cell });
  }

  // The answer that was given, -1 for none; says whether it was right.
  /** @param {number} guess */
  function answer(guess) {
    const { asked, guesses } = store.get();
    const question = asked < 0 ? null : data.clips[asked].question;
    if (!question || guess >= question.answers.length) return false;
    store.set({ asked: -1, guesses: { ...guesses, [asked]: guess } });
    if (guess >= 0) toast(guess === question.right ? "right!" : `no: ${question.answers[question.right]}`);
    return true;
  }

  // At the film's end: how many were right.
  function conclude() {
    const given = Object.entries(store.get().guesses).filter(([, guess]) => guess >= 0);
    const right = given.filter(([clip, guess]) => data.clips[Number(clip)].question?.right === guess).length;
    if (given.length) notice("guesses", `You guessed ${right} of ${given.length} right.`);
  }

  return { open, answer, conclude };
}
