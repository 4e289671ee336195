"""The ideas that people write again and again, each with what is said of it, and how it is known by what it computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.story.sliding import convolution, is_pooled

Array = NDArray[Any]
SAMPLE = 512  # cells that are compared first
SURE = 1.00001  # the largest share, but for rounding
FLAT = 1e-4  # the mean of what has mean 0, to its largest cell


@dataclass(frozen=True)
class Kind:
    """An idea: what it is called, what is said of it, and how it is known."""

    name: str
    words: str  # {0} ... are the arrays that go in
    needs: frozenset[str]  # operations of which it has at least one
    given: int  # arrays that go in
    test: Callable[..., bool]  # of the result and the arrays that go in
    curve: bool = False  # a function of one number, for every cell
    slides: bool = False  # a window that slides over the first array that goes in
    also: frozenset[str] = frozenset()  # operations of which it has at least one besides
    looks: bool = False  # rows look at one another: there are weights on the way
    updates: bool = False  # the first array that goes in is written anew
    goes_on: bool = False  # the last one too: it is the way of before

    def fits(self, names: set[str]) -> bool:
        """Whether operations of these names may be the idea."""
        return bool(self.needs & names) and (not self.also or bool(self.also & names))


def _same(left: Array, right: Array) -> bool:
    """Equal to rounding, and not by chance: both of the same shape, with a number in it."""
    if left.shape != np.shape(right) or not left.size:
        return False
    if left.size > SAMPLE and not _close(_sampled(left), _sampled(np.asarray(right))):
        return False
    return _close(left, right) and bool(np.isfinite(left).any())


def _close(left: Array, right: Array) -> bool:
    return bool(np.allclose(left, right, rtol=1e-5, atol=1e-9, equal_nan=True))


def _sampled(x: Array) -> Array:
    """Some of the cells, by which most of what is tried is seen to be something else."""
    return x.ravel()[:: max(1, x.size // SAMPLE)]


def _floats(x: Array) -> Array:
    return np.asarray(x, dtype=np.float64)


def _elementwise(
    function: Callable[[Array], Array], least: float = -np.inf, largest: float = np.inf
) -> Callable[[Array, Array], bool]:
    """A test for a function of each cell, of cells from `least` to `largest`."""

    def test(y: Array, x: Array) -> bool:
        if y.shape != x.shape or not y.size or not _close(_sampled(y), function(_floats(_sampled(x)))):
            return False
        x = _floats(x)
        if x.min() < least or x.max() > largest or not _says_much(y, x):
            return False
        flags = bool(np.isin(x, (0, 1)).all())  # of which other functions make the same
        if flags or (y.size > 1 and np.ptp(y) == 0):
            return False
        return _same(y, function(x)) and not np.allclose(y, x, rtol=1e-5)

    return test


def _says_much(y: Array, x: Array) -> bool:
    """Whether two cells or more tell one function from another: one that is 0, or as it was, does not."""
    told = x[~((y == 0) | (y == x))]
    return bool(y.size == 1 or (told.size > 1 and np.ptp(told) > 0))


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x)."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def _softmax(x: Array, axis: int) -> Array:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def _is_softmax(y: Array, x: Array) -> bool:
    if not y.size or y.min() < 0 or y.max() > SURE:
        return False
    wide = [axis for axis in range(x.ndim) if x.shape[axis] > 1]
    return any(_same(y, _softmax(_floats(x), axis)) for axis in wide)


def _is_log_softmax(y: Array, x: Array) -> bool:
    if not y.size or y.max() > SURE - 1:
        return False
    wide = [axis for axis in range(x.ndim) if x.shape[axis] > 1]
    return any(_same(y, np.log(_softmax(_floats(x), axis))) for axis in wide)


def _is_leaky(y: Array, x: Array) -> bool:
    low = (x < 0) & (y != 0)
    if not low.any() or not (x > 0).any() or y.shape != x.shape or not np.allclose(y[x >= 0], x[x >= 0]):
        return False
    slopes = y[low] / x[low]
    return bool(np.ptp(slopes) < 1e-6 and 0 < slopes[0] < 0.5)


def _is_relu(y: Array, x: Array) -> bool:
    return bool((x < 0).any()) and _same(y, np.maximum(x, 0))


def _is_elu(y: Array, x: Array) -> bool:
    return bool((x < 0).any()) and _same(y, np.where(x > 0, x, np.expm1(np.minimum(x, 0))))


def _axes(x: Array) -> Iterator[tuple[int, ...]]:
    places = [axis for axis in range(x.ndim) if x.shape[axis] > 1]
    for count in range(1, len(places) + 1):
        yield from combinations(places, count)


def _standard(x: Array, axes: tuple[int, ...], epsilon: float) -> Array:
    x = _floats(x)
    mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return np.asarray((x - mean) / np.sqrt(variance + epsilon))


EPSILONS = (0.0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)


def _is_standardised(y: Array, x: Array) -> bool:
    if y.shape != x.shape or x.size < 3 or not abs(y.mean()) <= FLAT * abs(y).max():
        return False
    return any(_same(y, _standard(x, axes, e)) for axes in _axes(x) for e in EPSILONS)


def _is_normed(y: Array, x: Array, gain: Array, shift: Array) -> bool:
    if y.shape != x.shape or gain.shape != shift.shape or gain.size >= x.size:
        return False
    return any(_same(y, gain * _standard(x, axes, e) + shift) for axes in _axes(x) for e in EPSILONS)


def _is_one_hot(y: Array, labels: Array) -> bool:
    flat = labels.ravel()
    if labels.dtype.kind not in "iu" or y.ndim != 2 or flat.size < 1 or flat.min() < 0:
        return False
    rows = y if y.shape[0] == flat.size else y.T
    if rows.shape[0] != flat.size or flat.max() >= rows.shape[1]:
        return False
    return bool((rows.sum(axis=1) == 1).all() and (rows[np.arange(flat.size), flat] == 1).all())


def _picked(p: Array, labels: Array) -> Array:
    flat = labels.ravel()
    rows = p if p.shape[0] == flat.size else p.T
    return np.asarray(rows[np.arange(flat.size), flat])


def _is_cross_entropy(y: Array, p: Array, t: Array) -> bool:
    if y.size != 1 or p.size < 2 or p.min() < 0 or p.max() > 1:
        return False
    if t.dtype.kind in "iu" and t.shape != p.shape and p.ndim == 2:
        terms = -np.log(_picked(p, t))
    elif t.shape == p.shape and set(np.unique(t)) <= {0, 1}:
        chosen = -(t * np.log(np.clip(p, 1e-300, 1)))
        both = chosen - (1 - t) * np.log(np.clip(1 - p, 1e-300, 1))
        return _is_total(y, chosen) or _is_total(y, both)
    else:
        return False
    return _is_total(y, terms)


def _is_total(y: Array, terms: Array) -> bool:
    total = float(terms.sum())
    counts = {1, terms.size, *terms.shape}
    return any(np.isclose(float(y), total / count, rtol=1e-4) for count in counts)


def _is_square_error(y: Array, a: Array, b: Array) -> bool:
    if y.size != 1 or a.size < 2 or np.broadcast_shapes(a.shape, b.shape) != max(a.shape, b.shape):
        return False
    terms = (_floats(a) - b) ** 2
    return _is_total(y, terms) or _is_total(y, terms / 2)


def _is_attention(y: Array, q: Array, k: Array, v: Array) -> bool:
    if min(q.ndim, k.ndim, v.ndim) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        return False
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    length = scores.shape[-2:]
    masked = np.where(np.tril(np.ones(length, dtype=bool)), scores, -np.inf)
    return any(_same(y, _softmax(one, -1) @ v) for one in (scores, masked))


def _is_masked(y: Array, q: Array, k: Array, v: Array, mask: Array) -> bool:
    if min(q.ndim, k.ndim, v.ndim) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        return False
    if mask.shape[-2:] != (q.shape[-2], k.shape[-2]):
        return False
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    masked = [scores + mask, *(np.where(mask == out, -np.inf, scores) for out in (0, 1))]
    return any(_same(y, _softmax(one, -1) @ v) for one in masked if np.isfinite(one).any(axis=-1).all())


def _is_convolution(y: Array, x: Array, kernel: Array, bias: Array | None = None) -> bool:
    return convolution(y, x, kernel, bias) is not None


def _is_dropped(y: Array, x: Array) -> bool:
    kept = y != 0
    if y.shape != x.shape or kept.all() or not kept.any() or (x == 0).any():
        return False
    ratios = y[kept] / x[kept]
    return bool(np.ptp(ratios) < 1e-6 and ratios[0] >= 1)


MOST_KEPT = 0.9999  # of the way of before, by momentum: what keeps all of it only adds
RATES = (0.9, 0.99, 0.999, 0.95, 0.8)  # at which averages forget


def _is_steady(step: Array, by: Array) -> bool:
    """Whether a step is the same multiple of another array, in all its cells."""
    moved = np.abs(by) > 1e-12
    if step.size < 2 or moved.sum() < 2 or not np.isfinite(step).all():
        return False
    ratios = step[moved] / by[moved]
    return bool(abs(ratios[0]) > 1e-12 and np.ptp(ratios) < 1e-3 * abs(ratios[0]))


def _goes_against(step: Array, by: Array) -> bool:
    """Whether a step is taken from what it goes from: of one that climbs it is not said."""
    return _is_steady(step, by) and bool((step * by).sum() > 0)


def _is_adam(y: Array, p: Array, g: Array, m: Array, v: Array) -> bool:
    if (v < 0).any() or not g.any():
        return False
    means = [rate * m + (1 - rate) * g for rate in RATES]
    squares = [rate * v + (1 - rate) * g * g for rate in RATES]
    return any(_goes_against(p - y, mean / np.sqrt(square)) for mean in means[:2] for square in squares)


def _is_rms(y: Array, p: Array, g: Array, v: Array) -> bool:
    if not (y.shape == p.shape == g.shape == v.shape) or (v < 0).any() or not g.any():
        return False
    squares = [*(rate * v + (1 - rate) * g * g for rate in RATES), v + g * g]
    return any(_goes_against(p - y, g / np.sqrt(square)) for square in squares)


def _is_momentum(y: Array, p: Array, g: Array, v: Array) -> bool:
    is_alike = y.shape == p.shape == g.shape == v.shape and y.size >= 4
    if not is_alike or not v.any() or not g.any() or _is_steady(v, p) or _is_steady(g, p):
        return False  # steady is what grows or fades by a share of itself
    ways = np.stack([v.ravel(), g.ravel()], axis=1)
    found, rest, rank, _ = np.linalg.lstsq(ways, (y - p).ravel(), rcond=None)
    size = float(np.square(y - p).sum())
    fits = rank == 2 and rest.size > 0 and size > 0 and float(rest[0]) < 1e-12 * size
    return bool(fits and 0.3 < found[0] < MOST_KEPT and found[1] < 0)


def _ops(*names: str) -> frozenset[str]:
    return frozenset(names)


EXP = _ops("exp", "exp2", "expm1", "tanh", "logaddexp", "expit")
BENT = _ops("maximum", "where", "clip", "setitem", "greater", "greater_equal", "less", "less_equal", "fmax")
ROOT = _ops("sqrt", "std", "power", "var")
KINDS: tuple[Kind, ...] = (
    Kind("Adam", "Move {0} against {1}: by its mean so far, over the root of its mean square: Adam",
         _ops("sqrt", "power"), 4, _is_adam, updates=True),
    Kind("RMSProp", "Move {0} against {1}, by steps of one size: over the root of its mean square",
         _ops("sqrt", "power"), 3, _is_rms, updates=True),
    Kind("momentum", "Move {0} against {1}, and on in the way of before: momentum",
         _ops("subtract", "add"), 3, _is_momentum, updates=True, goes_on=True),
    Kind("attention", "Let each row of {0} look at the rows of {1}, and gather {2} by how well they fit",
         EXP, 3, _is_attention, also=_ops("matmul", "dot", "einsum", "tensordot", "inner"), looks=True),
    Kind("attention", "Let each row of {0} look at the rows of {1} that {3} lets it see, and gather {2}",
         EXP, 4, _is_masked, also=_ops("matmul", "dot", "einsum", "tensordot", "inner"), looks=True),
    Kind("norm", "Shift and scale {0} to mean zero and spread one, then by {1} and {2}", ROOT, 3, _is_normed),
    Kind("cross-entropy", "How wrong is {0} at the right answers {1}? By cross-entropy",
         _ops("log"), 2, _is_cross_entropy),
    Kind("squared error", "How far is {0} from {1}? By the squares of the differences",
         _ops("square", "power", "multiply", "mean", "sum"), 2, _is_square_error),
    Kind("convolution", "Slide {1} over {0}: at each place multiply and add up",
         _ops("sum", "setitem", "multiply", "einsum", "tensordot", "add.reduce", "matmul", "dot"), 2,
         _is_convolution, slides=True),
    Kind("convolution", "Slide {1} over {0}: at each place multiply, add up, and add {2}",
         _ops("sum", "setitem", "multiply", "einsum", "tensordot", "add.reduce", "matmul", "dot"), 3,
         _is_convolution, slides=True),
    Kind("softmax", "Turn {0} into shares that add up to one: softmax", EXP, 1, _is_softmax),
    Kind("log-softmax", "Turn {0} into logarithms of shares: log-softmax", EXP, 1, _is_log_softmax),
    Kind("sigmoid", "Squash each cell of {0} between zero and one: sigmoid", EXP, 1, _elementwise(sigmoid), True),
    Kind("ReLU", "Keep what is positive in {0}, make the rest zero: ReLU",
         BENT, 1, _is_relu, True),
    Kind("leaky ReLU", "Keep what is positive in {0}, make the rest small: leaky ReLU",
         BENT, 1, _is_leaky, True),
    Kind("ELU", "Keep what is positive in {0}, bend the rest towards minus one: ELU", EXP, 1, _is_elu, True),
    Kind("SiLU", "Weigh each cell of {0} by its own sigmoid: SiLU", EXP, 1,
         _elementwise(lambda x: x * sigmoid(x)), True),
    Kind("GELU", "Weigh each cell of {0} by how large it is: GELU", EXP, 1,
         _elementwise(lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))), True),
    Kind("softplus", "Bend {0} smoothly up from zero: softplus", EXP, 1,
         _elementwise(lambda x: np.logaddexp(0, x)), True),
    Kind("slope of the sigmoid", "How steep is the sigmoid where it gives {0}? ", _ops("multiply", "square", "power"), 1,
         _elementwise(lambda s: s * (1 - s), 0, 1), True, also=_ops("subtract")),
    Kind("slope of tanh", "How steep is tanh where it gives {0}? ", _ops("subtract"), 1,
         _elementwise(lambda t: 1 - t * t, -1, 1), True, also=_ops("multiply", "square", "power")),
    Kind("standardising", "Shift and scale {0} to mean zero and spread one", ROOT, 1, _is_standardised),
    Kind("one-hot", "Write each label of {0} as a row with a single one: one-hot",
         _ops("setitem", "equal", "take"), 1, _is_one_hot),
    Kind("pooling", "Let one cell of each window of {0} stand for it: pooling",
         _ops("max", "mean", "amax", "maximum", "setitem", "maximum.reduce"), 1, is_pooled, slides=True),
    Kind("dropout", "Put out cells of {0} by chance: dropout",
         _ops("random.random", "random.rand", "random.binomial", "random.uniform"), 1, _is_dropped),
)  # fmt: skip
