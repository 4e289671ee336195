"""A segment is there when the ledger, the size and the hash say so; damage of any kind is found."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from mnistviz.storage.cache import Cache

NAMES = ["a" * 40, "b" * 40, "c" * 40]


@pytest.fixture
def cache(tmp_path) -> Cache:
    made = Cache(tmp_path)
    for place, name in enumerate(NAMES):
        made.keep(name, 10 + place, bytes([place]) * (1000 + place))
    return made


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


DAMAGE = {
    "a byte flipped": lambda path: flip(path, 500),
    "the first byte flipped": lambda path: flip(path, 0),
    "cut": lambda path: os.truncate(path, 999),
    "emptied": lambda path: os.truncate(path, 0),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "gone": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "another film's": lambda path: path.write_bytes(bytes([9]) * path.stat().st_size),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_found_and_found_in_that_segment_only(cache, name, kind):
    assert set(cache.sound(NAMES)) == set(NAMES)
    DAMAGE[kind](cache.path(name))
    assert set(cache.sound(NAMES)) == set(NAMES) - {name}


def test_swapped_segments_are_found(cache):
    first, second = cache.path(NAMES[0]), cache.path(NAMES[1])
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    assert set(cache.sound(NAMES)) == {NAMES[2]}


def test_a_file_that_merely_exists_is_no_segment(cache):
    cache.path("d" * 40).write_bytes(b"x")
    assert cache.sound(["d" * 40]) == {}


def test_every_flipped_byte_of_the_ledger_costs_its_line_at_most(cache):
    whole = cache.ledger.read_bytes()
    for place in range(0, len(whole), 3):
        flip(cache.ledger, place)
        found = cache.entries()
        assert set(found) <= set(NAMES) and len(found) >= 1
        assert all(entry.frames == 10 + NAMES.index(name) for name, entry in found.items())
        cache.ledger.write_bytes(whole)


def test_a_torn_line_does_not_swallow_the_next(cache):
    whole = cache.ledger.read_bytes()
    for length in range(0, len(whole), 9):
        cache.ledger.write_bytes(whole[:length])
        cache.keep("e" * 40, 5, b"new")
        assert "e" * 40 in cache.sound(["e" * 40])


def test_a_failing_write_leaves_nothing(cache, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        cache.keep("f" * 40, 5, b"new")
    assert [path.name for path in cache.folder.glob("f*")] == []


def test_only_what_is_used_stays(cache):
    cache.keep_only(cache.sound(NAMES[:1]))
    assert sorted(path.name for path in cache.folder.iterdir()) == [f"{NAMES[0]}.mp4", "ledger"]
    assert set(cache.entries()) == {NAMES[0]}


@pytest.mark.parametrize("body", ["", "x", "a b c d", f"{'a' * 40} x 1 {'0' * 64}", f"{'a' * 40} 1 {'9' * 5000} {'0' * 64}",
                                  f"../x 1 1 {'0' * 64}", f"{'a' * 40} 1 1 {'0' * 64} more"])  # fmt: skip
def test_a_line_that_no_render_wrote_is_passed_over(cache, body):
    """Its own check is right: anybody can compute that."""
    check = hashlib.blake2b(body.encode(), digest_size=8).hexdigest()
    with cache.ledger.open("a") as file:
        file.write(f"\n{body} {check}\n")
    assert sorted(cache.sound(NAMES)) == NAMES
