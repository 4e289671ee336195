"""Ways to damage bytes and plain data that hold for every format; all chance comes from the given generator."""

from __future__ import annotations

import copy
import json
import struct
from collections.abc import Callable
from typing import Any

from numpy.random import Generator

DEEP = "@deep@"  # stands in plain data for what is nested too deep for json.dumps
ODD_COUNTS = (
    0,
    1,
    2,
    3,
    255,
    256,
    4096,
    65535,
    65536,
    2**24,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63 - 1,
    2**63,
    2**64,
)
ODD_TEXTS = (
    "", " ", "\0", "\n", "../../x", "/etc/passwd", "/dev/zero", "a/../../b", "\ud800", "\udfff x", "\u202e", "%s",
    "<script>", "-->", "x" * 100_000, "é" * 300, "|O", "nan", "inf", "__import__", "{0}", "-1", "1e999",
)  # fmt: skip
PICKLE = b"cos\nsystem\n(S'touch canary'\ntR."  # makes a file where it is opened


def one_of(random: Generator, choices: Any) -> Any:
    """One of a sequence, as it is."""
    return choices[int(random.integers(len(choices)))]


def odd_count(random: Generator) -> int:
    """A number that is no good as a count, now and then one that is."""
    number = one_of(random, ODD_COUNTS) if random.random() < 0.7 else int(random.integers(0, 2000))
    return -number if random.random() < 0.2 else number


def damaged(content: bytes, random: Generator) -> bytes:
    """The bytes with one to four damages."""
    for _ in range(int(random.integers(1, 5))):
        content = one_of(random, DAMAGES)(content, random)
    return content


def _place(content: bytes, random: Generator) -> int:
    """Anywhere, the head more often: there are the claims."""
    return int(random.integers(0, 1 + min(len(content), 64 if random.random() < 0.5 else len(content))))


def _block(content: bytes, random: Generator) -> tuple[int, int]:
    start = _place(content, random)
    return start, min(len(content), start + int(random.integers(1, 65)))


def _flipped(content: bytes, random: Generator) -> bytes:
    changed = bytearray(content)
    for _ in range(int(random.integers(1, 9)) if content else 0):
        changed[min(_place(content, random), len(content) - 1)] ^= 1 << int(random.integers(8))
    return bytes(changed)


def _extreme(content: bytes, random: Generator) -> bytes:
    changed = bytearray(content)
    start, end = _block(content, random)
    changed[start:end] = bytes([one_of(random, (0, 0x7F, 0x80, 0xFF))]) * (end - start)
    return bytes(changed)


def _number(content: bytes, random: Generator) -> bytes:
    """A number of 1 to 8 bytes, of either byte order, in place of what was there."""
    width = one_of(random, (1, 2, 4, 8))
    order = one_of(random, ("big", "little"))
    start = _place(content, random)
    number = (odd_count(random) % 256**width).to_bytes(width, order)  # type: ignore[arg-type]
    return content[:start] + number + content[start + width :]


def _cut(content: bytes, random: Generator) -> bytes:
    return content[: _place(content, random)]


def _without(content: bytes, random: Generator) -> bytes:
    start, end = _block(content, random)
    return content[:start] + content[end:]


def _twice(content: bytes, random: Generator) -> bytes:
    start, end = _block(content, random)
    return content[:end] + content[start:end] * int(random.integers(1, 50)) + content[end:]


def _inserted(content: bytes, random: Generator) -> bytes:
    start = _place(content, random)
    return content[:start] + random.bytes(int(random.integers(1, 40))) + content[start:]


def _trailing(content: bytes, random: Generator) -> bytes:
    return content + one_of(random, (b"\0", b"\n", PICKLE, content, random.bytes(300)))


def _noise(content: bytes, random: Generator) -> bytes:
    return content[:8] + random.bytes(int(random.integers(0, 500)))


DAMAGES: tuple[Callable[[bytes, Generator], bytes], ...] = (
    _flipped, _flipped, _flipped, _extreme, _number, _number, _number, _cut, _without, _twice, _inserted, _trailing,
    _noise,
)  # fmt: skip


def odd_value(random: Generator) -> Any:
    """Plain data that is not what was asked for."""
    return one_of(
        random,
        (
            None, True, False, 0, -1, 1, odd_count(random), odd_count(random), 10**400, 0.5, -0.0, float("nan"),
            float("inf"), 1e308, one_of(random, ODD_TEXTS), one_of(random, ODD_TEXTS), [], {}, [[]], [None] * 1000,
            {"tuple": []}, {"": 0}, DEEP, {"slice": [0, 10**12, 1]}, [odd_count(random)] * 3,
        ),
    )  # fmt: skip


def damaged_data(data: Any, random: Generator) -> Any:
    """A copy of plain data with one to three odd places."""
    data = copy.deepcopy(data)
    for _ in range(int(random.integers(1, 4))):
        data = _odd_place(data, random)
    return data


def _odd_place(data: Any, random: Generator) -> Any:
    """Goes down to a place by chance, and changes it."""
    if not isinstance(data, dict | list) or not data or random.random() < 0.04:
        return odd_value(random)
    key = one_of(random, list(data) if isinstance(data, dict) else range(len(data)))
    what = random.random()
    if what < 0.06:
        del data[key]
    elif what < 0.1 and isinstance(data, list):
        data.insert(key, data[key])
    elif what < 0.1:
        data[one_of(random, ODD_TEXTS)] = data.pop(key)
    else:
        data[key] = _odd_place(data[key], random)
    return data


def as_text(data: Any, random: Generator) -> bytes:
    """The data as JSON, the deep place as deep as JSON can be written by hand."""
    depth = one_of(random, (50, 990, 5_000, 200_000))
    opening, closing = one_of(random, (("[", "]"), ('{"a":', "}"), ('{"list":[', "]}")))
    deep = opening * depth + "1" + closing * depth
    return json.dumps(data).replace(f'"{DEEP}"', deep).encode()


def big_endian(*numbers: int) -> bytes:
    """Numbers of four bytes, whatever they were, as they fit."""
    return b"".join(struct.pack(">I", number % 2**32) for number in numbers)
