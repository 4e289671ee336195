"""Frames on their way into an encoder, with a time limit.

The fast way is Linux's: a frame lies in a `memfd`, whose pages are spliced into the pipe, and the encoder
reads them where they are.  The plain way, which works everywhere, copies them, and a watchdog ends an
encoder that takes nothing.
"""

from __future__ import annotations

import errno
import mmap
import os
import select
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from mnistviz.storage.processes import Watchdog

PIPE_BYTES = 1 << 20
CHUNK_BYTES = 1 << 20  # written at once, the plain way
_F_SETPIPE_SZ, _SPLICE_F_NONBLOCK = 1031, 2


class StalledError(Exception):
    """The reader has read nothing for too long."""


@dataclass(eq=False)
class Memory:
    """Bytes that a pipe can take pages from, where there is a descriptor."""

    descriptor: int  # -1: memory of this process only
    content: Any  # what numpy and os.write look at

    def close(self) -> None:
        """Give it back; what is still looked at goes when nobody does any more."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.descriptor = -1


class Pipe(Protocol):
    """The way into a program's standard input; counts what was put in and what has been taken out."""

    outlet: int  # for the program; -1 when it is closed here
    put: int  # bytes
    patience_seconds: float

    @property
    def taken(self) -> int:
        """Bytes that are not looked at any more: read, or copied, or never read because the reader is gone."""

    def guard(self, end_reader: Callable[[], None]) -> None:
        """How to end a reader that reads nothing, where the pipe has no other way of not waiting for ever."""

    def send(self, memory: Memory) -> None:
        """Put all of it in; `BrokenPipeError` where the reader is gone, `StalledError` where it only waits."""

    def close(self) -> None:
        """Say that there is no more."""

    def close_outlet(self) -> None:
        """Leave the reading end to the program alone."""


def new_memory(length: int) -> Memory:
    """So many bytes: such as a pipe can take pages from, or this process's own."""
    if splicing_fault():
        return Memory(-1, bytearray(length))
    descriptor = os.memfd_create("frame", os.MFD_CLOEXEC)
    os.ftruncate(descriptor, length)
    return Memory(descriptor, mmap.mmap(descriptor, length))


def new_pipe(patience_seconds: float) -> Pipe:
    """A pipe of the fast kind or the plain one."""
    return PlainPipe(patience_seconds) if splicing_fault() else SplicedPipe(patience_seconds)


@lru_cache(maxsize=1)
def splicing_fault() -> str:
    """Why pages cannot be spliced from memory into a pipe here; "" where they can.  Tried, on one byte."""
    try:
        memory = os.memfd_create("question", os.MFD_CLOEXEC)
    except (AttributeError, OSError) as error:
        return _words(error)
    outlet, inlet = os.pipe()
    try:
        os.write(memory, b"?")
        os.splice(memory, inlet, 1, offset_src=0, flags=_SPLICE_F_NONBLOCK)
        return "" if _waiting(inlet) == 1 and os.read(outlet, 1) == b"?" else "the bytes do not arrive"
    except (AttributeError, ImportError, OSError) as error:
        return _words(error)
    finally:
        for descriptor in (memory, outlet, inlet):
            os.close(descriptor)


def _words(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _waiting(descriptor: int) -> int:
    """How many bytes wait in a pipe."""
    import fcntl
    import termios

    return int(struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0"))[0])


class _Ends:
    """The two ends of a pipe."""

    def __init__(self, patience_seconds: float) -> None:
        self.patience_seconds = patience_seconds
        self.put = 0
        self.outlet, self._inlet = os.pipe()

    def close(self) -> None:
        self.close_outlet()
        if self._inlet >= 0:
            os.close(self._inlet)
        self._inlet = -1

    def close_outlet(self) -> None:
        if self.outlet >= 0:
            os.close(self.outlet)
        self.outlet = -1


class SplicedPipe(_Ends):
    """A pipe that looks at the pages of what is sent until the reader has read them."""

    def __init__(self, patience_seconds: float) -> None:
        super().__init__(patience_seconds)
        import fcntl

        with suppress(OSError):  # a user may have only so much; a smaller pipe is only slower
            fcntl.fcntl(self._inlet, _F_SETPIPE_SZ, PIPE_BYTES)
        os.set_blocking(self._inlet, False)
        self._poll = select.poll()
        self._poll.register(self._inlet, select.POLLOUT)

    @property
    def taken(self) -> int:
        """Bytes that the reader has read."""
        if any(event & select.POLLERR for _, event in self._poll.poll(0)):
            return self.put
        return self.put - _waiting(self._inlet)

    def guard(self, end_reader: Callable[[], None]) -> None:
        """It never waits longer than it may."""

    def send(self, memory: Memory) -> None:
        """Put all of it in; its pages must stay as they are until they are taken."""
        done, length = 0, len(memory.content)
        while done < length:
            try:
                sent = os.splice(
                    memory.descriptor, self._inlet, length - done, offset_src=done, flags=_SPLICE_F_NONBLOCK
                )
            except BlockingIOError:
                self._wait()
                continue
            done += sent
            self.put += sent

    def _wait(self) -> None:
        """Until there is room; `StalledError` where nothing was read in all the time that we have."""
        end = time.monotonic() + self.patience_seconds
        while not self._poll.poll(1000):
            if time.monotonic() > end:
                raise StalledError


class PlainPipe(_Ends):
    """A pipe that copies what is sent, and has its reader ended when it takes nothing."""

    def __init__(self, patience_seconds: float) -> None:
        super().__init__(patience_seconds)
        self._end_reader: Callable[[], None] | None = None
        self._watchdog = Watchdog(patience_seconds, self._give_up)

    @property
    def taken(self) -> int:
        """Bytes that were copied."""
        return self.put

    def guard(self, end_reader: Callable[[], None]) -> None:
        """The watchdog ends the reader so."""
        self._end_reader = end_reader

    def _give_up(self) -> None:
        if self._end_reader is not None:
            self._end_reader()

    def send(self, memory: Memory) -> None:
        """Copy all of it in."""
        view = memoryview(memory.content)
        while view:
            with self._watchdog.watching():
                view = view[self._write(view[:CHUNK_BYTES]) :]
        self.put += len(memory.content)

    def _write(self, view: memoryview) -> int:
        try:
            return os.write(self._inlet, view)
        except OSError as error:
            if self._watchdog.has_acted:
                raise StalledError from None
            if error.errno == errno.EINVAL:  # what Windows says of a pipe without a reader
                raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from None
            raise

    def close(self) -> None:
        """Say that there is no more, and have the watchdog go."""
        super().close()
        self._watchdog.close()
