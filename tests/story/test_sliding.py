"""A window that slides is known in each layout that people use, with its step and margin, and by its numbers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mnistviz.story.sliding import LAYOUTS, convolution, pooling

RNG = np.random.default_rng(2)
LENGTHS = {"n": 2, "c": 3, "h": 7, "w": 6, "f": 4, "y": 3, "x": 2}


def slid(
    picture: NDArray[np.float64],
    kernel: NDArray[np.float64],
    layout: tuple[str, str, str],
    step: int,
    margin: int,
) -> NDArray[np.float64]:
    """By loops over everything."""
    first, second, third = layout
    around = [(margin, margin) if one in "hw" else (0, 0) for one in first]
    wide = np.pad(picture, around)
    sizes = dict(LENGTHS, **dict(zip(second, kernel.shape, strict=True)))
    rows = (wide.shape[first.index("h")] - sizes["y"]) // step + 1
    columns = (wide.shape[first.index("w")] - sizes["x"]) // step + 1
    result = np.zeros([{"h": rows, "w": columns}.get(one) or sizes[one] for one in third])
    for place in np.ndindex(result.shape):
        at = dict(zip(third, place, strict=True))
        for inner in np.ndindex(kernel.shape):
            own = dict(zip(second, inner, strict=True))
            if "f" in own and own["f"] != at["f"]:
                continue
            spot = {"h": at["h"] * step + own["y"], "w": at["w"] * step + own["x"]}
            cell = tuple(spot[one] if one in "hw" else own.get(one, at.get(one)) for one in first)
            result[place] += wide[cell] * kernel[inner]
    return result


@pytest.mark.parametrize(("step", "margin"), [(1, 0), (2, 1)])
@pytest.mark.parametrize("layout", LAYOUTS, ids="-".join)
def test_each_layout_is_found(layout: tuple[str, str, str], step: int, margin: int) -> None:
    picture, kernel = (RNG.normal(size=[LENGTHS[one] for one in letters]) for letters in layout[:2])
    made = slid(picture, kernel, layout, step, margin)
    found = convolution(made, picture, kernel)
    assert found is not None and (found.layout, found.step, found.margin) == (layout, step, margin)
    cell = made.size // 2
    under, own = found.cells(made.shape, picture.shape, cell), found.of_kernel(made.shape, kernel.shape, cell)
    if margin == 0 and layout in (("hw", "yx", "hw"), ("chw", "fcyx", "fhw"), ("nchw", "fcyx", "nfhw")):
        assert np.isclose(picture.ravel()[under] @ kernel.ravel()[own], made.ravel()[cell])


def test_other_numbers_are_no_convolution() -> None:
    picture, kernel = RNG.normal(size=(7, 6)), RNG.normal(size=(3, 2))
    made = slid(picture, kernel, LAYOUTS[0], 1, 0)
    assert convolution(made + 1e-3, picture, kernel) is None
    assert convolution(np.zeros_like(made), picture, kernel) is None
    assert convolution(made, picture, np.flip(kernel)) is not None  # as mathematics has it


def test_pooling_has_windows_side_by_side() -> None:
    picture = RNG.normal(size=(2, 6, 4))
    found = pooling(np.zeros((2, 3, 2)), picture)
    assert found is not None and found.step == 2
    assert found.cells((2, 3, 2), picture.shape, 11).tolist() == [42, 43, 46, 47]
    assert pooling(np.zeros((2, 3, 4)), picture) is None
