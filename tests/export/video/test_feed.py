"""The ring of buffers: what the encoder reads is what was painted, however slow it is."""

from __future__ import annotations

import os
import random
import threading
import time
from dataclasses import dataclass

import numpy as np
import pytest

from mnistviz.export.video import feed
from mnistviz.storage import pipes
from mnistviz.storage.pipes import Pipe

SIZE = (64, 48)
LENGTH = feed.frame_bytes(SIZE)


@dataclass
class Painted:
    """A frame, and which parts of it differ from the one before."""

    luma: np.ndarray
    cb: np.ndarray
    cr: np.ndarray
    changed: tuple[feed.Rect, ...]

    def i420(self) -> bytes:
        return self.luma.tobytes() + self.cb.tobytes() + self.cr.tobytes()


def frames(count: int):
    """Frames that change in a few random rectangles, or not at all, or everywhere."""
    chance = random.Random(5)
    width, height = SIZE
    planes = [
        np.zeros((height, width), np.uint8),
        *(np.zeros((height // 2, width // 2), np.uint8) for _ in "br"),
    ]
    for number in range(count):
        rects = []
        for _ in range(chance.choice([0, 0, 1, 3, 40])):
            left, right = sorted(2 * chance.randrange(width // 2 + 1) for _ in "lr")
            top, bottom = sorted(2 * chance.randrange(height // 2 + 1) for _ in "tb")
            rects.append((left, top, right, bottom))
            planes[0][top:bottom, left:right] = chance.randrange(256)
            for plane in planes[1:]:
                plane[top // 2 : bottom // 2, left // 2 : right // 2] = chance.randrange(256)
        yield Painted(*planes, ((0, 0, width, height),) if number == 0 else tuple(rects))


def slow_reader(pipe: Pipe, into: list[bytes], pause: float) -> threading.Thread:
    def read() -> None:
        with os.fdopen(os.dup(pipe.outlet), "rb", buffering=0) as outlet:
            while part := outlet.read(777):
                into.append(part)
                if len(into) % 50 == 0:
                    time.sleep(pause)

    thread = threading.Thread(target=read)
    thread.start()
    return thread


@pytest.fixture(params=["spliced", "copied"])
def way(request, monkeypatch) -> str:
    """The fast way and the plain one."""
    if request.param == "copied":
        monkeypatch.setattr(pipes, "splicing_fault", lambda: "it was taken away")
    assert isinstance(pipes.new_pipe(1), pipes.PlainPipe) == (request.param == "copied")
    return request.param


def test_two_readers_at_different_speeds_and_rates_see_every_frame(way):
    ways = [pipes.new_pipe(20), pipes.new_pipe(20)]
    got: list[list[bytes]] = [[], []]
    readers = [
        slow_reader(pipe, into, pause) for pipe, into, pause in zip(ways, got, (0.02, 0.001), strict=True)
    ]
    ring = feed.Ring(SIZE, ways)
    wanted: list[list[bytes]] = [[], []]
    for number, frame in enumerate(frames(200)):
        buffer = ring.newest(frame)
        for lane, pipe in enumerate(ways):
            if lane == 1 or number % 6 == 0:
                buffer.send(pipe)
                wanted[lane].append(frame.i420())
    for pipe in ways:
        pipe.close()
    for reader in readers:
        reader.join()
    ring.close()
    assert [b"".join(parts) for parts in got] == [b"".join(parts) for parts in wanted]


def test_the_ring_waits_for_a_reader_and_not_for_ever(way):
    """The reader holds its end open and reads nothing; ended, it lets go of it, as a process does."""
    pipe = pipes.new_pipe(0.2)
    pipe.guard(pipe.close_outlet)
    ring = feed.Ring(SIZE, [pipe])
    with pytest.raises(pipes.StalledError):
        for frame in frames(1000):
            ring.newest(frame).send(pipe)
    pipe.close()
    ring.close()


def test_a_reader_that_is_gone_is_told_at_once(way):
    pipe = pipes.new_pipe(20)
    ring = feed.Ring(SIZE, [pipe])
    pipe.close_outlet()
    with pytest.raises(BrokenPipeError):
        ring.newest(next(frames(1))).send(pipe)
    pipe.close()
    ring.close()
