"""A chapter is summed up in a sentence that a person would say, with the names and expressions of the source."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mnistviz.story.default import _Teller, default_storyboard
from mnistviz.story.referring import path_end
from mnistviz.story.structure import Part as Piece
from mnistviz.trace.recording.recorder import record

ARRAYS = (np.diag([1.0, 2.0, 3.0]), np.array([1.0, -2.0, 5.0]))


def combined(p: Any, q: Any) -> Any:
    return p @ p.T + q


def halved(p: Any, q: Any) -> Any:
    return 0.5 * (p + q)


def written(p: Any, q: Any) -> Any:
    r = np.zeros((3, 3))
    r[1, 1] = np.linalg.norm(q * 2)
    return r


def moved(p: Any, q: Any) -> Any:
    p[1:] += 0.1 * q
    return p


def kept(p: Any, q: Any) -> Any:
    p[p > q] = np.sqrt(q @ q) / 4
    return p


def gathered(p: Any, q: Any) -> Any:
    return [one / np.linalg.norm(one) for one in p]


def several(p: Any, q: Any) -> Any:
    twice = p + 2
    return np.sqrt(np.abs(q)) / twice


def asked(p: Any, q: Any) -> Any:
    return np.abs(p).max() < 0.02


SAID = {
    combined: "Add p @ p.T and q",
    halved: "Multiply 0.5 by p + q",
    written: "Write linalg.norm(q * 2) into r, at [1, 1]",
    moved: "Add 0.1 * q to p[1:], in place",
    kept: "Write sqrt(q @ q) / 4 into p, at [p > q]",
    gathered: "Divide one by linalg.norm(one), for each in turn",
    asked: "Ask whether abs(p).max() is less than 0.02",
}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("net.nodes[0].state.g", "net.nodes[0].state.g"),
        ("lstm_net.lstm_node_list[0].state.g", "lstm_node_list[0].state.g"),
        ("a_long_network.params['W.1'].last_gradient", "params['W.1'].last_gradient"),
        ("one_plus + another_one.with_a_name.of_its_own", "one_plus + another_one.with_a_name.of_its_own"),
    ],
)
def test_of_a_long_path_the_end_is_told(name: str, told: str) -> None:
    assert path_end(name) == told


@pytest.mark.parametrize("function", SAID, ids=lambda one: one.__name__)
def test_a_chapter_is_summed_up_in_a_sentence(function: Any) -> None:
    board = default_storyboard(record(function, *(one.copy() for one in ARRAYS)))
    assert board.chapters[-1].caption == SAID[function]


def test_what_comes_before_the_last_is_named_first() -> None:
    trace = record(several, *ARRAYS)
    teller = _Teller(trace, (), (), frozenset(), None, ())
    whole = Piece(trace.operations, 0, shared=2)
    said = teller._titles.summary(whole, teller._made, {})
    assert said == "Work out twice, then divide sqrt(abs(q)) by it"
