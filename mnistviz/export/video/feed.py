"""Frames on their way to the encoders: a ring of buffers, and pipes that are filled without copying.

On Linux a buffer is a `memfd` whose pages are spliced into the pipe: the encoder reads them where they
are.  A buffer is written again only when every encoder has read it.  Elsewhere frames are copied.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import select
import struct
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Rect = tuple[int, int, int, int]  # left, top, right, bottom in pixels, all even
BUFFERS = 5
PIPE_BYTES = 1 << 20
SPLICED = sys.platform.startswith("linux") and hasattr(os, "splice")
_FIONREAD, _F_SETPIPE_SZ, _SPLICE_F_NONBLOCK = 0x541B, 1031, 2
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


class Stalled(Exception):
    """The encoder has read nothing for too long."""


@dataclass(eq=False)
class Buffer:
    """One picture in memory that a pipe can take pages from."""

    descriptor: int  # -1: memory of this process only
    memory: Any  # what numpy and os.write look at
    planes: tuple[Plane, Plane, Plane]
    pending: list[Rect] | None = None  # differs from the newest frame there; None: everywhere
    sent: dict[int, int] = field(default_factory=dict)  # pipe: its count of bytes after this buffer


class Ring:
    """A few buffers; a frame is brought into one that is free by copying only what it lacks."""

    def __init__(self, size: tuple[int, int], pipes: Iterable[Pipe]) -> None:
        self._size = size
        self._pipes = {pipe.number: pipe for pipe in pipes}
        self._buffers = [_buffer(size, place) for place in range(BUFFERS if SPLICED else 1)]  # newest first
        self._whole: Rect = (0, 0, *size)

    def newest(self, frame: Frame) -> Buffer:
        """The buffer that holds the frame; the one of the last frame where nothing has changed.

        Raises `Stalled` where no buffer gets free.
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
        end = time.monotonic() + max(pipe.patience_seconds for pipe in self._pipes.values())
        while True:
            read = {number: pipe.read for number, pipe in self._pipes.items()}
            for buffer in self._buffers:
                if all(read[number] >= mark for number, mark in buffer.sent.items()):
                    return buffer
            if time.monotonic() > end:
                raise Stalled
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
            if buffer.descriptor >= 0:
                os.close(buffer.descriptor)
        self._buffers = []


def frame_bytes(size: tuple[int, int]) -> int:
    """Bytes of a picture in planar 4:2:0."""
    return size[0] * size[1] * 3 // 2


def _buffer(size: tuple[int, int], place: int) -> Buffer:
    length = frame_bytes(size)
    descriptor = -1
    if SPLICED:
        descriptor = os.memfd_create(f"frame-{place}", os.MFD_CLOEXEC)
        os.ftruncate(descriptor, length)
        shared: Any = mmap.mmap(descriptor, length)
    else:
        shared = bytearray(length)
    flat = np.frombuffer(shared, np.uint8)
    width, height = size
    luma, chroma = width * height, width * height // 4
    planes = (
        flat[:luma].reshape(height, width),
        flat[luma : luma + chroma].reshape(height // 2, width // 2),
        flat[luma + chroma :].reshape(height // 2, width // 2),
    )
    return Buffer(descriptor, shared, planes)


def _copy(frame: Frame, planes: tuple[Plane, Plane, Plane], rect: Rect) -> None:
    left, top, right, bottom = rect
    luma, cb, cr = planes
    luma[top:bottom, left:right] = frame.luma[top:bottom, left:right]
    half = (slice(top // 2, bottom // 2), slice(left // 2, right // 2))
    cb[half] = frame.cb[half]
    cr[half] = frame.cr[half]


class Pipe:
    """The way into one encoder; counts what was put in and what has been read."""

    def __init__(self, number: int, size: tuple[int, int], patience_seconds: float) -> None:
        self.number = number
        self._length = frame_bytes(size)
        self.patience_seconds = patience_seconds
        self._put = 0
        self.outlet, self._inlet = os.pipe()
        if SPLICED:
            with suppress(OSError):  # a user may have only so much; a smaller pipe is only slower
                fcntl.fcntl(self._inlet, _F_SETPIPE_SZ, PIPE_BYTES)
            os.set_blocking(self._inlet, False)
            self._poll = select.poll()
            self._poll.register(self._inlet, select.POLLOUT)

    @property
    def read(self) -> int:
        """How many bytes the encoder has taken out so far, or never will because it is gone."""
        if not SPLICED or any(event & select.POLLERR for _, event in self._poll.poll(0)):
            return self._put
        answer = fcntl.ioctl(self._inlet, _FIONREAD, b"\0\0\0\0")
        return self._put - int(struct.unpack("i", answer)[0])

    def send(self, buffer: Buffer) -> None:
        """Put a whole buffer into the pipe.

        Raises `BrokenPipeError` where the encoder is gone, `Stalled` where it takes nothing any more.
        """
        if SPLICED:
            self._splice(buffer)
        else:
            _write_all(self._inlet, buffer.memory)
        self._put += self._length
        buffer.sent[self.number] = self._put

    def _splice(self, buffer: Buffer) -> None:
        done = 0
        before = self._put
        try:
            while done < self._length:
                done += self._splice_some(buffer, done)
                self._put = before + done
        finally:
            self._put = before

    def _splice_some(self, buffer: Buffer, done: int) -> int:
        try:
            return os.splice(
                buffer.descriptor, self._inlet, self._length - done, offset_src=done, flags=_SPLICE_F_NONBLOCK
            )
        except BlockingIOError:
            self._wait()
            return 0

    def _wait(self) -> None:
        """Until there is room; `Stalled` where nothing was read in all the time that we have."""
        end = time.monotonic() + self.patience_seconds
        while not self._poll.poll(1000):
            if time.monotonic() > end:
                raise Stalled

    def close(self) -> None:
        """Say that there is no more."""
        for descriptor in (self.outlet, self._inlet):
            if descriptor >= 0:
                os.close(descriptor)
        self.outlet = self._inlet = -1

    def close_outlet(self) -> None:
        """Leave the reading end to the encoder alone."""
        os.close(self.outlet)
        self.outlet = -1


def _write_all(descriptor: int, content: Any) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
