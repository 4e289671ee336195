"""Units of H.264 read and written: numbers of every length, emulation prevention, and a `frame_num` exchanged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistviz.export.video.bitstream import (
    Bits,
    Parameters,
    UnknownStream,
    escaped,
    read_parameters,
    read_picture,
    renumbered,
    unescaped,
)

# Of a 1080p60 film, as x264 writes them at `veryfast`.
SEQUENCE = bytes.fromhex("6764002aacb403c0113f2cd4040405000003000100000300780f1832a0")
PICTURES = bytes.fromhex("68ee3cb0")
STILL = bytes.fromhex("419a22087ffea784") + b"\0\0\3" * 20 + b"\0\x16"
SPARSE = st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 255]), max_size=40).map(bytes)


def golomb(number: int) -> str:
    """ue(v) as a string of bits."""
    digits = f"{number + 1:b}"
    return "0" * (len(digits) - 1) + digits


def packed(bits: str) -> bytes:
    """A string of bits as bytes, filled up with zeros."""
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big") if bits else b""


@given(st.lists(st.integers(0, 2**32 - 2), max_size=9))
def test_numbers_are_read_as_they_are_written(numbers):
    bits = Bits(packed("".join(map(golomb, numbers))))
    assert [bits.golomb() for _ in numbers] == numbers


@pytest.mark.parametrize("content", [b"", b"\0", bytes(9)])
def test_a_number_that_is_cut_off_or_too_large_is_refused(content):
    with pytest.raises(UnknownStream):
        Bits(content).golomb()


@given(SPARSE.map(lambda content: content + b"\x80"))
def test_nothing_in_an_escaped_unit_looks_like_a_start_code(content):
    unit = escaped(content)
    assert unescaped(unit) == content
    assert not any(code in unit for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))


def test_the_parameter_sets_of_a_film_are_known():
    assert read_parameters(SEQUENCE, PICTURES) == Parameters(frame_num_bits=4)


@pytest.mark.parametrize("length", range(10))
def test_parameter_sets_that_are_cut_are_refused(length):
    with pytest.raises(UnknownStream):
        read_parameters(SEQUENCE[:length], PICTURES)


def sequence(order: int = 2, references: int = 1, gaps: int = 0, progressive: int = 1) -> bytes:
    """A sequence parameter set of the High profile, up to what is read."""
    fields = [golomb(0), golomb(1), golomb(0), golomb(0), "00", golomb(0), golomb(order)]
    fields += [golomb(0)] if order == 0 else []
    fields += [golomb(references), str(gaps), golomb(19), golomb(11), str(progressive), "1" * 16]
    return b"\x67\x64\x00\x2a" + packed("".join(fields))


def picture_set(order: int = 0, groups: int = 0, references: int = 0, weights: str = "000") -> bytes:
    """A picture parameter set, up to what is read."""
    fields = golomb(0), golomb(0), "1", str(order), golomb(groups), golomb(references), golomb(0), weights
    return b"\x68" + packed("".join(fields) + "1" * 8)


def test_what_we_ask_of_the_encoder_is_known():
    assert read_parameters(sequence(), picture_set()) == Parameters(4)


@pytest.mark.parametrize(
    "sets",
    [
        (sequence(order=0), picture_set()),
        (sequence(references=2), picture_set()),
        (sequence(gaps=1), picture_set()),
        (sequence(progressive=0), picture_set()),
        (sequence(), picture_set(order=1)),
        (sequence(), picture_set(groups=1)),
        (sequence(), picture_set(references=1)),
        (sequence(), picture_set(weights="100")),
        (sequence(), picture_set(weights="001")),
        (picture_set(), sequence()),
    ],
)
def test_parameters_that_we_do_not_ask_for_are_refused(sets):
    with pytest.raises(UnknownStream):
        read_parameters(*sets)


def slice_of(frame_num: int, rest: bytes, bits: int = 4) -> bytes:
    """A P slice with that `frame_num`; `rest` are the bytes behind its header."""
    head = "0" + "10" + "00001" + golomb(0) + golomb(5) + golomb(0) + f"{frame_num:0{bits}b}" + "000"
    return escaped(packed(head) + rest)


@given(st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1), SPARSE, st.sampled_from([4, 8, 16]))
def test_another_frame_num_changes_nothing_else(before, after, rest, bits):
    before, after, rest = before % 2**bits, after % 2**bits, rest + b"\x80"
    parameters = Parameters(bits)
    unit = slice_of(before, rest, bits)
    picture = read_picture(unit, parameters)
    assert (picture.idr, picture.intra, picture.frame_num) == (False, False, before)
    assert renumbered(unit, picture, parameters, after) == slice_of(after, rest, bits)


def test_a_unit_that_is_not_escaped_as_it_must_be_is_refused():
    unit = slice_of(1, b"\4\0\0\3\4\x80")  # as if the prevention byte were part of the picture
    torn = unit.replace(b"\0\0\3\3", b"\0\0\3")
    assert torn != unit
    with pytest.raises(UnknownStream):
        renumbered(torn, read_picture(torn, Parameters(4)), Parameters(4), 2)


@pytest.mark.parametrize("changed", [0x01, 0x61 ^ 0x07, 0xC1, 0x42])
def test_units_that_are_no_reference_pictures_are_refused(changed):
    with pytest.raises(UnknownStream):
        read_picture(bytes([changed]) + STILL[1:], Parameters(4))
