"""Frames on their way to the encoders: a ring of buffers, which pipes take pages from without copying.

A buffer is written again only when every encoder has read it; where frames are copied, that is at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mnistviz.storage.pipes import Memory, Pipe, StalledError, new_memory

Rect = tuple[int, int, int, int]  # left, top, right, bottom in pixels, all even
BUFFERS = 5
Plane = NDArray[np.uint8]


class Frame(Protocol):
    """A painted picture: three planes and what differs from the frame painted before."""

    @property
    def luma(self) -> Plane:
        """(H, W)."""

    @property
    def cb(self) -> Plane:
        """(H / 2, W / 2)."""

    @property
    def cr(self) -> Plane:
        """(H / 2, W / 2)."""

    @property
    def changed(self) -> tuple[Rect, ...]:
        """What differs from the frame painted before; empty where nothing does."""


@dataclass(eq=False)
class Buffer:
    """One picture in memory that a pipe can take pages from."""

    memory: Memory
    planes: tuple[Plane, Plane, Plane]
    pending: list[Rect] | None = None  # differs from the newest frame there; None: everywhere
    sent: dict[Pipe, int] = field(default_factory=dict)  # pipe: its count of bytes after this buffer

    def send(self, pipe: Pipe) -> None:
        """Put the picture into a pipe."""
        pipe.send(self.memory)
        self.sent[pipe] = pipe.put


class Ring:
    """A few buffers; a frame is brought into one that is free by copying only what it lacks."""

    def __init__(self, size: tuple[int, int], pipes: Iterable[Pipe]) -> None:
        self._size = size
        self._pipes = list(pipes)
        self._buffers = [
            _buffer(size) for _ in range(BUFFERS)
        ]  # newest first; memory that nobody fills is free
        self._whole: Rect = (0, 0, *size)

    def newest(self, frame: Frame) -> Buffer:
        """The buffer that holds the frame; the one of the last frame where nothing has changed.

        Raises `StalledError` where no buffer gets free.
        """
        newest = self._buffers[0]
        if not frame.changed and newest.pending == []:
            return newest
        for buffer in self._buffers:
            if buffer.pending is not None:
                buffer.pending += frame.changed
        buffer = self._free()
        for rect in self._stale(buffer):
            _copy(frame, buffer.planes, rect)
        buffer.pending = []
        self._buffers.remove(buffer)
        self._buffers.insert(0, buffer)
        return buffer

    def _free(self) -> Buffer:
        """A buffer that every encoder has read, the most recent one: it lacks least."""
        end = time.monotonic() + max(pipe.patience_seconds for pipe in self._pipes)
        while True:
            taken = {pipe: pipe.taken for pipe in self._pipes}
            for buffer in self._buffers:
                if all(taken[pipe] >= mark for pipe, mark in buffer.sent.items()):
                    return buffer
            if time.monotonic() > end:
                raise StalledError
            time.sleep(0.001)

    def _stale(self, buffer: Buffer) -> list[Rect]:
        """What must be copied: the rectangles, or the whole frame where that is less work."""
        rects = buffer.pending
        if rects is None:
            return [self._whole]
        distinct = list(dict.fromkeys(rects))
        area = sum((right - left) * (bottom - top) for left, top, right, bottom in distinct)
        return [self._whole] if area >= self._size[0] * self._size[1] else distinct

    def close(self) -> None:
        """Give the memory back; what is still looked at goes when nobody does any more."""
        for buffer in self._buffers:
            buffer.memory.close()
        self._buffers = []


def frame_bytes(size: tuple[int, int]) -> int:
    """Bytes of a picture in planar 4:2:0."""
    return size[0] * size[1] * 3 // 2


def _buffer(size: tuple[int, int]) -> Buffer:
    memory = new_memory(frame_bytes(size))
    flat = np.frombuffer(memory.content, np.uint8)
    width, height = size
    luma, chroma = width * height, width * height // 4
    planes = (
        flat[:luma].reshape(height, width),
        flat[luma : luma + chroma].reshape(height // 2, width // 2),
        flat[luma + chroma :].reshape(height // 2, width // 2),
    )
    return Buffer(memory, planes)


def _copy(frame: Frame, planes: tuple[Plane, Plane, Plane], rect: Rect) -> None:
    left, top, right, bottom = rect
    luma, cb, cr = planes
    luma[top:bottom, left:right] = frame.luma[top:bottom, left:right]
    half = (slice(top // 2, bottom // 2), slice(left // 2, right // 2))
    cb[half] = frame.cb[half]
    cr[half] = frame.cr[half]
