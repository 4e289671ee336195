"""What must be read of an H.264 stream to put pictures into it, and nothing more; all else is refused.

NAL units are read as they lie in an MP4: without start codes, with emulation prevention bytes.  Clauses
are those of ITU-T H.264 (08/2021).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SLICE, IDR = 1, 5  # nal_unit_type of a coded picture
HEADER_BYTES = 48  # hold every header field that is read here
_HIGH = {100, 110, 122, 244}  # profiles whose parameters name the chroma format
_P, _I = (0, 5), (2, 7)  # slice_type, of one slice and of all slices of a picture


class UnknownStream(Exception):
    """Something that this module does not know; nothing may be concluded from the stream."""


class Bits:
    """Reads the fields of a raw byte sequence one after the other (clauses 7.2 and 9.1)."""

    def __init__(self, content: bytes) -> None:
        self._value, self._length = int.from_bytes(content, "big"), 8 * len(content)
        self.place = 0  # in bits

    def unsigned(self, bits: int) -> int:
        """u(n)."""
        self.place += bits
        if self.place > self._length:
            raise UnknownStream("a unit is cut off")
        return (self._value >> (self._length - self.place)) & ((1 << bits) - 1)

    def golomb(self) -> int:
        """ue(v), at most 2^32 - 2."""
        zeros = 0
        while not self.unsigned(1):
            zeros += 1
            if zeros > 31:
                raise UnknownStream("a number is too large")
        return (1 << zeros) - 1 + self.unsigned(zeros)

    def expect(self, wanted: int, found: int, what: str) -> None:
        """Refuse any other value."""
        if found != wanted:
            raise UnknownStream(f"{what} is {found}, not {wanted}")


@dataclass(frozen=True)
class Parameters:
    """What the sequence and picture parameter sets say, as far as a picture's header depends on it."""

    frame_num_bits: int

    @property
    def frame_nums(self) -> int:
        """`frame_num` counts modulo this."""
        return 1 << self.frame_num_bits


@dataclass(frozen=True)
class Picture:
    """The header of a picture that is one slice."""

    idr: bool
    intra: bool  # an I slice; else a P slice that refers to the picture before
    frame_num: int
    frame_num_at: int  # in bits from the unit's start, emulation prevention taken out
    idr_id: int  # 0 where it is no IDR picture


def read_parameters(sequence: bytes, picture: bytes) -> Parameters:
    """Read a sequence and a picture parameter set (7.3.2.1, 7.3.2.2).

    Raises `UnknownStream` but for progressive pictures of one slice in the order in which they are shown,
    with one reference and without weights.
    """
    frame_num_bits = _read_sequence(Bits(unescaped(sequence)))
    _read_picture_set(Bits(unescaped(picture)))
    return Parameters(frame_num_bits)


def _read_sequence(bits: Bits) -> int:
    """Bits of a `frame_num`."""
    bits.expect(7, bits.unsigned(8) & 31, "the type of a sequence parameter set")
    profile = bits.unsigned(8)
    bits.unsigned(16)  # constraints and level
    bits.expect(0, bits.golomb(), "the number of a sequence parameter set")
    if profile in _HIGH:
        bits.expect(1, bits.golomb(), "the chroma format")
        bits.expect(0, bits.golomb(), "luma bits over 8")
        bits.expect(0, bits.golomb(), "chroma bits over 8")
        bits.expect(0, bits.unsigned(2), "lossless coding or a scaling matrix")
    frame_num_bits = bits.golomb() + 4
    bits.expect(2, bits.golomb(), "the picture order count's type")
    bits.expect(1, bits.golomb(), "the number of references")
    bits.expect(0, bits.unsigned(1), "gaps in frame_num")
    bits.golomb(), bits.golomb()  # width and height in macroblocks
    bits.expect(1, bits.unsigned(1), "progressive coding")
    return frame_num_bits


def _read_picture_set(bits: Bits) -> None:
    bits.expect(8, bits.unsigned(8) & 31, "the type of a picture parameter set")
    bits.expect(0, bits.golomb(), "the number of a picture parameter set")
    bits.expect(0, bits.golomb(), "the number of its sequence parameter set")
    bits.unsigned(1)  # CABAC or CAVLC
    bits.expect(0, bits.unsigned(1), "a picture order count in the header")
    bits.expect(0, bits.golomb(), "slice groups over 1")
    bits.expect(0, bits.golomb(), "references over 1")
    bits.golomb()  # references of B slices
    bits.expect(0, bits.unsigned(3), "weighted prediction")


def read_picture(unit: bytes, parameters: Parameters) -> Picture:
    """Read the header of a slice (7.3.3) up to where references are marked; refuses what it does not know."""
    bits = Bits(unescaped(unit[:HEADER_BYTES]))
    bits.expect(0, bits.unsigned(1), "the forbidden bit")
    if bits.unsigned(2) == 0:
        raise UnknownStream("a picture is no reference")
    kind = bits.unsigned(5)
    if kind not in (SLICE, IDR):
        raise UnknownStream(f"a unit of type {kind}")
    bits.expect(0, bits.golomb(), "a slice's first macroblock")
    slice_type = bits.golomb()
    if slice_type not in (*_P, *_I):
        raise UnknownStream(f"a slice of type {slice_type}")
    bits.expect(0, bits.golomb(), "a slice's picture parameter set")
    place = bits.place
    frame_num = bits.unsigned(parameters.frame_num_bits)
    idr_id = bits.golomb() if kind == IDR else 0
    if slice_type in _P and bits.unsigned(1):
        bits.expect(0, bits.golomb(), "a slice's references over 1")
    if slice_type in _P:
        bits.expect(0, bits.unsigned(1), "an order of references")
    bits.expect(0, bits.unsigned(2 if kind == IDR else 1), "a marking of references")
    return Picture(kind == IDR, slice_type in _I, frame_num, place, idr_id)


def renumbered(unit: bytes, picture: Picture, parameters: Parameters, frame_num: int) -> bytes:
    """The same picture with another `frame_num`."""
    if frame_num == picture.frame_num:
        return unit
    content = unescaped(unit)
    if escaped(content) != unit:
        raise UnknownStream("emulation prevention where none is needed")
    end = picture.frame_num_at + parameters.frame_num_bits
    head = -(-end // 8)
    shift = 8 * head - end
    value = int.from_bytes(content[:head], "big")
    value ^= (picture.frame_num ^ frame_num) << shift
    return escaped(value.to_bytes(head, "big") + content[head:])


def unescaped(unit: bytes) -> bytes:
    """A unit without its emulation prevention bytes (7.4.1)."""
    return unit.replace(b"\0\0\3", b"\0\0")


def escaped(content: bytes) -> bytes:
    """With them: no three bytes in it look like a start code."""
    return re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", content)
