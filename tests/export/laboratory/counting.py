"""Programs in which arrays decide, by way of Python, how often, how many, which one; and some that only look like it."""

from __future__ import annotations

from typing import Any

import numpy as np


def as_often(x: Any, w: Any) -> Any:
    for _ in range(int(abs(x[0]) * 3) + 1):
        w = w * 1.5
    return w + 10


def for_each_found(x: Any, w: Any) -> Any:
    for _ in np.flatnonzero(x > 0):
        w = w * 1.5
    return w + 10


def for_each_kept(x: Any, w: Any) -> Any:
    for _ in [one for one in x.tolist() if one > 0]:
        w = w * 1.5
    return w + 10


def as_many(x: Any, w: Any) -> Any:
    return w * len(x[x > 0])


def as_many_by_places(x: Any, w: Any) -> Any:
    places = np.nonzero(x > 0)[0]
    return w / places.size + places.shape[0]


def as_many_in_a_list(x: Any, w: Any) -> Any:
    kept = []
    for one in x.tolist():
        if one > 0:
            kept.append(one)
    return w * len(kept)


def as_many_left(x: Any, w: Any) -> Any:
    queue = x.tolist()
    while queue and queue[-1] > 0:
        queue.pop()
    return w * len(queue)


def as_many_keys(x: Any, w: Any) -> Any:
    groups: dict[int, list[float]] = {}
    for one in x.tolist():
        groups.setdefault(round(one), []).append(one)
    return w * len(groups)


def as_long_a_word(x: Any, w: Any) -> Any:
    return w * len(f"{x[0]:.0f}")


def as_long_an_array(x: Any, w: Any) -> Any:
    rows = np.zeros(int(abs(x[3]) * 2))
    return w * rows.size


def until_one_is_negative(x: Any, w: Any) -> Any:
    count = 0
    for one in x.tolist():
        if one < 0:
            break
        count += 1
    return w * count


def but_negative_ones(x: Any, w: Any) -> Any:
    count = 0
    for one in x.tolist():
        if one < 0:
            continue
        count += 1
    return w * count


def left_early(x: Any, w: Any) -> Any:
    if x.tolist()[0] < 0:
        return w * 3
    w = w + 1
    return w * 10


def matched(x: Any, w: Any) -> Any:
    match int(np.argmax(x)):
        case 3:
            return w * 5
        case _:
            return w + 1


def tried(x: Any, w: Any) -> Any:
    def fails(number: float) -> None:
        if number < 0:
            raise ValueError

    try:
        fails(float(x[0]))
        times = 1
    except ValueError:
        times = 2
    return w * times


def one_of_several(x: Any, w: Any) -> Any:
    several = [w * 2, w * 3, w * 4, w * 5]
    return several[int(np.argmax(x))] + 1


def one_by_name(x: Any, w: Any) -> Any:
    by_name = {"low": w * 2, "high": w * 3}
    name = "high" if x.tolist()[0] > 0 else "low"
    return by_name[name] + 1


def one_or_the_other(x: Any, w: Any) -> Any:
    chosen = x if float(x[0]) > 0 else w
    return chosen + 1


def the_largest(x: Any, w: Any) -> Any:
    first, second = w * 2, w * -3
    return max((first, second), key=lambda one: float((one * x).sum())) + 1


def a_function_of_several(x: Any, w: Any) -> Any:
    return {True: np.sin, False: np.cos}[float(x[0]) > 0](w)


DECIDED = (
    as_often, for_each_found, for_each_kept, as_many, as_many_by_places, as_many_in_a_list, as_many_left, as_many_keys,
    as_long_a_word, as_long_an_array, until_one_is_negative, but_negative_ones, left_early, matched, tried,
    one_of_several, one_by_name, one_or_the_other, the_largest, a_function_of_several,
)  # fmt: skip


def by_name(x: Any, w: Any) -> Any:
    parameters = {"w": w, "b": x * 1}
    steps = {name: each * 2 for name, each in parameters.items()}
    for name in sorted(parameters):
        parameters[name] = parameters[name] - 0.1 * steps[name]
    return parameters["w"] + parameters["b"]


def kept_by_number(x: Any, w: Any) -> Any:
    states = {-1: np.zeros(4)}
    for time in range(3):
        states[time] = np.tanh(states[time - 1] * w + x)
    return states[2] + len(states) + len(x)


def through_layers(x: Any, w: Any) -> Any:
    layers = [(w, x), (w * 2, x * 2)]
    for weights, biases in layers:
        x = np.tanh(weights * x + biases)
    return x / len(layers)


def with_memories(x: Any, w: Any) -> Any:
    memories: dict[str, Any] = {}
    for name, each in (("a", x), ("b", w)):
        memory = memories.setdefault(name, np.zeros_like(each))
        memory += 0.1 * each
    return memories["a"] + memories["b"]


class Network:
    def __init__(self, w: Any) -> None:
        self.named = {"first": w, "second": w * 2}
        self.listed = [w, w * 3]

    def update(self, x: Any) -> Any:
        for name in self.named:
            x = x * self.named[name]
        for place in range(len(self.listed)):
            self.listed[place] = self.listed[place] - x * 0.1
        return x + self.listed[-1]


def in_an_object(x: Any, w: Any) -> Any:
    return Network(w).update(x)


def masked(x: Any, w: Any) -> Any:
    scores = np.outer(x, w) / np.sqrt(len(x))
    later = np.triu(np.ones(scores.shape, dtype=bool), k=1)
    scores = np.where(later, -9.0, scores)
    return scores.sum(axis=0) / scores.shape[0]


def in_batches(x: Any, w: Any) -> Any:
    order = np.argsort(w)
    for start in range(0, len(x), 2):
        batch = x[order[start : start + 2]]
        w = w - batch.sum() / len(batch)
    return w


FREE = (
    masked,
    in_batches,
    by_name,
    kept_by_number,
    through_layers,
    with_memories,
    in_an_object,
)
