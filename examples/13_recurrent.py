"""A recurrent network: it reads a word letter by letter, guesses the next one, and learns from the errors."""

import numpy as np

WORD = "hello"
LETTERS = sorted(set(WORD))
rng = np.random.default_rng(2)
w_in = rng.normal(scale=0.5, size=(6, len(LETTERS)))
w_state = rng.normal(scale=0.5, size=(6, 6))
w_out = rng.normal(scale=0.5, size=(len(LETTERS), 6))
numbers = [LETTERS.index(letter) for letter in WORD]

for _ in range(300):
    states, shares = {-1: np.zeros((6, 1))}, {}
    for t in range(len(WORD) - 1):
        # the letter as a column with a single 1
        letter = np.zeros((len(LETTERS), 1))
        letter[numbers[t]] = 1
        # the new state: from the letter and from the state before
        states[t] = np.tanh(w_in @ letter + w_state @ states[t - 1])
        # how likely each letter comes next
        scores = w_out @ states[t]
        shares[t] = np.exp(scores) / np.sum(np.exp(scores))
    d_in, d_state, d_out = np.zeros_like(w_in), np.zeros_like(w_state), np.zeros_like(w_out)
    later = np.zeros((6, 1))
    for t in reversed(range(len(WORD) - 1)):
        # too much for every letter, too little for the right one
        error = shares[t].copy()
        error[numbers[t + 1]] -= 1
        d_out += error @ states[t].T
        # the error of the state: of this letter, and of all that came later
        back = (w_out.T @ error + later) * (1 - states[t] ** 2)
        d_in[:, numbers[t]] += back[:, 0]
        d_state += back @ states[t - 1].T
        later = w_state.T @ back
    w_in -= 0.1 * d_in
    w_state -= 0.1 * d_state
    w_out -= 0.1 * d_out
