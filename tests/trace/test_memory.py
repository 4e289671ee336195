"""Equality to the bit, and snapshots that keep what they saw."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnistviz.trace.memory import Memory, OurRef, Snapshot, copied, root_of, same_bits

ANY = arrays.arrays(
    st.sampled_from(["<f8", "<f4", "<f2", "<i4", "|b1", "<c16", "<U3"]),
    arrays.array_shapes(min_side=0, max_side=4),
)


@given(ANY)
def test_same_bits_is_the_equality_of_bytes(array):
    assert same_bits(array, array.copy())
    assert same_bits(array.T, array.T.copy(order="F"))
    if array.size and array.dtype.kind in "fi":
        other = array.copy()
        other.reshape(-1).view(np.uint8)[-1] ^= 1
        assert not same_bits(array, other)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [(0.0, -0.0, False), (np.nan, np.nan, True), (np.nan, -np.nan, False), (1.0, 1.0, True)],
)
def test_signs_of_zeros_and_nans_count(left, right, same):
    assert same_bits(np.array([left]), np.array([right])) is same


def test_types_and_shapes_count():
    assert not same_bits(np.zeros(3), np.zeros(3, np.float32))
    assert not same_bits(np.zeros(3), np.zeros((3, 1)))


@given(ANY.filter(lambda array: array.ndim > 1))
def test_a_frozen_snapshot_keeps_contents_and_layout(array):
    views = [array, array.T, array[::-1], array[:, :1], np.broadcast_to(array[:1], array.shape)]
    memory = Memory(OurRef(root_of(array)))
    memory.looking = [Snapshot(place, view.view(), memory, "result") for place, view in enumerate(views)]
    looking, before = list(memory.looking), [view.copy() for view in views]
    memory.freeze()
    array[...] = np.ones((), array.dtype)
    for snapshot, view, held in zip(looking, views, before, strict=True):
        assert same_bits(snapshot.array, held)
        assert snapshot.array.strides == view.strides or view.size == 0
        assert not snapshot.array.flags.writeable


@given(ANY.filter(lambda array: array.ndim > 1))
def test_a_copy_keeps_contents_and_layout(array):
    for view in (
        array,
        array.T,
        array[::-1],
        array[:, :1],
        array[::2, ::-2],
        np.broadcast_to(array[:1], array.shape),
    ):
        copy = copied(view)
        assert same_bits(copy, view)
        assert copy.strides == view.strides or view.size == 0
        assert not copy.flags.writeable
        assert not np.shares_memory(copy, view)


def test_what_nobody_else_holds_is_not_copied():
    memory = Memory(OurRef(array := np.ones(3)))
    memory.looking = [snapshot := Snapshot(0, array.view(), memory, "result")]
    kept = snapshot.array
    del array
    memory.freeze()
    assert snapshot.array is kept
