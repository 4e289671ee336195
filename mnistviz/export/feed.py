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
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Rect = tuple[int, int, int, int]  # left, top, right, bottom in pixels, all even
BUFFERS = 4
PIPE_BYTES = 1 << 20
SPLICED = sys.platform.startswith("linux") and hasattr(os, "splice")
_FIONREAD, _F_SETPIPE_SZ, _F_GETPIPE_SZ, _SPLICE_F_NONBLOCK = 0x541B, 1031, 1032, 2
Plane = NDArray[np.uint8]


class Frame(Protocol):
    """A painted picture: three planes and what differs from the frame painted before."""

    luma: Plane  # (H, W)
    cb: Plane  # (H / 2, W / 2)
    cr: Plane  # (H / 2, W / 2)
    changed: Iterable[Rect]


class Stalled(Exception):
    """The encoder has read nothing for too long."""


class Unread(Exception):
    """A buffer was about to be written that an encoder has not read: never to be seen."""


@dataclass(eq=False)
class Buffer:
    """One picture in memory that a pipe can take pages from."""

    descriptor: int  # -1: memory of this process only
    memory: Any  # what numpy and os.write look at
    planes: tuple[Plane, Plane, Plane]
    pending: list[Rect] | None = None  # differs from the newest frame there; None: everywhere
    sent: dict[int, int] = field(default_factory=dict)  # pipe: its count of bytes after this buffer


class Ring:
    """A few buffers, each brought up to date by copying only what has changed since its last turn."""

    def __init__(self, size: tuple[int, int], pipes: Iterable[Pipe]) -> None:
        self._size = size
        self._pipes = {pipe.number: pipe for pipe in pipes}
        self._buffers = [_buffer(size, place) for place in range(BUFFERS if SPLICED else 1)]
        self._turn = 0
        self._whole: Rect = (0, 0, *size)

    def newest(self, frame: Frame) -> Buffer:
        """The buffer that holds the frame; the one of the last frame where nothing has changed."""
        changed = list(frame.changed)
        newest = self._buffers[self._turn]
        if not changed and newest.pending == []:
            return newest
        for buffer in self._buffers:
            if buffer.pending is not None:
                buffer.pending += changed
        self._turn = (self._turn + 1) % len(self._buffers)
        buffer = self._buffers[self._turn]
        self._check_read(buffer)
        for rect in self._stale(buffer):
            _copy(frame, buffer.planes, rect)
        buffer.pending = []
        return buffer

    def _stale(self, buffer: Buffer) -> list[Rect]:
        """What must be copied: the rectangles, or the whole frame where that is less work."""
        rects = buffer.pending
        if rects is None:
            return [self._whole]
        distinct = list(dict.fromkeys(rects))
        area = sum((right - left) * (bottom - top) for left, top, right, bottom in distinct)
        return [self._whole] if area >= self._size[0] * self._size[1] else distinct

    def _check_read(self, buffer: Buffer) -> None:
        for number, mark in buffer.sent.items():
            if self._pipes[number].read < mark:
                raise Unread(f"a buffer has its turn before encoder {number} has read it")

    def close(self) -> None:
        """Give the memory back."""
        for buffer in self._buffers:
            buffer.planes = (_NOTHING, _NOTHING, _NOTHING)
            if buffer.descriptor >= 0:
                buffer.memory.close()
                os.close(buffer.descriptor)
        self._buffers = []


_NOTHING: Plane = np.zeros((0, 0), np.uint8)


def frame_bytes(size: tuple[int, int]) -> int:
    """Bytes of a picture in planar 4:2:0."""
    return size[0] * size[1] * 3 // 2


def _buffer(size: tuple[int, int], place: int) -> Buffer:
    length = frame_bytes(size)
    descriptor, _memory = -1, bytearray(0)
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
        self._patience = patience_seconds
        self._put = 0
        self.outlet, self._inlet = os.pipe()
        if SPLICED:
            self._fit()
            os.set_blocking(self._inlet, False)
            self._poll = select.poll()
            self._poll.register(self._inlet, select.POLLOUT)

    def _fit(self) -> None:
        """Make the pipe as large as it may be: what is unread fits into all buffers but two."""
        most = min(PIPE_BYTES, (BUFFERS - 2) * self._length)
        fcntl.fcntl(self._inlet, _F_SETPIPE_SZ, 1 << (most.bit_length() - 1))
        if fcntl.fcntl(self._inlet, _F_GETPIPE_SZ) > max(most, mmap.PAGESIZE):
            raise OSError("the pipe is larger than asked for")

    @property
    def read(self) -> int:
        """How many bytes the encoder has taken out so far."""
        if not SPLICED:
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
        end = time.monotonic() + self._patience
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
