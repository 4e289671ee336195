"""Ctrl-C and its kin: never lost, and never tearing apart what must stay whole.

The handler only notes.  Loops and waits ask (`check`), and short stretches of work make it wait
(`undisturbed`).  Code that does not ask, a user's script or a library, is interrupted where it is, from a
thread that looks on; and where Python swallows that (in a `__del__`, in the callback of a weak reference)
or somebody's `except` does, it is raised again, until one of our own `except`s has heard it (`hear`).  Code
that cannot be interrupted at all, in C, ends with the process.
"""

from __future__ import annotations

import atexit
import gc
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final, NoReturn

STOPPING: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)  # not every machine has all of them
ASKING_SECONDS: Final = 0.2  # loops ask at least so often
LEAVING_SECONDS: Final = 1.5  # from the signal until a process that hears nothing ends
ENDING_SECONDS: Final = 0.5  # for what Python does at its end
GONE_SECONDS: Final = 1.7  # from the signal until the end of a process that heard it, however late
LEAST_SECONDS: Final = 0.05  # for its end, if that is later
FAILED_SECONDS: Final = 5.0  # for what a script does at the end of one that failed
LOOKING_SECONDS: Final = 0.05
EXIT_CODE: Final = 130
LAST_WORDS: Final = b"error: interrupted, run the same command again to go on\n"


class Interrupt(KeyboardInterrupt):
    """An interruption on its way to somebody who hears it; says when it is gone instead."""

    def __del__(self) -> None:
        _state.on_its_way = False


@dataclass(eq=False)
class _State:
    """What this process has been told by signals; one for a process, as its signals are."""

    noted_s: float | None = None  # when
    times = 0
    heard = False
    on_its_way = False  # an `Interrupt` exists
    wanted = False  # the next signal is our own: raise an `Interrupt`
    code: int | None = None  # of a program that is done
    held = 0  # how many `undisturbed` are around us
    is_open = False  # inside `interruptible`
    before: dict[int, Any] = field(default_factory=dict)  # the handlers of before, while ours are there
    before_alarm: Any = signal.SIG_DFL  # likewise

    def raise_it(self) -> None:
        """Raise, where somebody has asked us to stop and nobody has heard that, or is about to."""
        if self.noted_s is not None and not (self.heard or self.on_its_way or self.held):
            self.on_its_way = True
            raise Interrupt


_state = _State()


def _note(number: int, frame: FrameType | None) -> None:
    """The handler.  A third signal ends the process on the spot."""
    if _state.wanted:
        _state.wanted = False
        _state.raise_it()
        return
    _state.times += 1
    if _state.noted_s is None:
        _state.noted_s = time.monotonic()
    if _state.code is not None:
        _end_soon(_state.code)
    if _state.times == 3:
        os._exit(EXIT_CODE)
    if _state.is_open:
        _set_alarm()


def _set_alarm() -> None:
    """Be called soon, and again and again, where the system can do that.

    For C that asks for signals but lets no other thread run, as regular expressions do.
    """
    if not hasattr(signal, "setitimer"):
        return
    if signal.getsignal(signal.SIGALRM) is not _ring:
        _state.before_alarm = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, ASKING_SECONDS, LOOKING_SECONDS)


def _stop_alarm() -> None:
    if hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) is _ring:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, _state.before_alarm)


def _ring(number: int, frame: FrameType | None) -> None:
    """The alarm's handler, in the main thread wherever it is."""
    if _state.noted_s is None or _state.heard or _state.held:
        return
    waited_s = time.monotonic() - _state.noted_s
    if waited_s > LEAVING_SECONDS:
        _end_now()
    if waited_s >= ASKING_SECONDS:
        _state.raise_it()


def note_from_now() -> None:
    """Note signals that stop a program; those that the caller ignores (nohup) stay ignored."""
    for number in STOPPING:
        handler = signal.getsignal(number)
        if number not in _state.before and handler not in (None, signal.SIG_IGN):
            _state.before[number] = handler
            signal.signal(number, _note)


def is_done(code: int) -> None:
    """The program is done: a signal ends it with its own code, should a script's thread keep it for ever."""
    _state.code = code


def deaf_from_now() -> None:
    """Let no signal disturb Python's own end: there it would kill the process, as if it had failed."""
    for number in STOPPING:
        if signal.getsignal(number) is _note:
            signal.signal(number, signal.SIG_IGN)


def _forget(numbers: set[int]) -> None:
    """Put back the handlers of before; those of a process that was told to stop hear nothing more."""
    for number in numbers:
        handler = _state.before.pop(number)
        if signal.getsignal(number) is _note:
            signal.signal(number, signal.SIG_IGN if _state.times else handler)


_masks: list[set[signal.Signals]] = []  # of the threads that are forking


def _before_fork() -> None:
    """No signal comes until it is known which process it is for."""
    _masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING))  # type: ignore[arg-type]


def _after_fork() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _masks.pop())


def _after_fork_in_child() -> None:
    """In a process that was forked from this one, whose signals are its own."""
    with suppress(ValueError):
        if _state.before:
            signal.set_wakeup_fd(-1)
        _state.times = 0
        _forget(set(_state.before))
    _after_fork()


if hasattr(os, "register_at_fork") and hasattr(signal, "pthread_sigmask"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork_in_child)


@contextmanager
def interruptible() -> Iterator[None]:
    """Inside, signals that stop a program are heard, once, as a `KeyboardInterrupt`, however long it takes.

    They are nothing but noted in other threads than the main one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier = set(_state.before)
    if not earlier:
        _state.noted_s, _state.times = None, 0
    _state.heard = _state.on_its_way = _state.wanted = False
    note_from_now()
    hook = sys.unraisablehook
    sys.unraisablehook = lambda lost: None if isinstance(lost.exc_value, Interrupt) else hook(lost)
    looking = _Looking()
    _state.is_open = True
    try:
        check()
        yield
        check()
    finally:
        _state.heard, _state.is_open = True, False
        _stop_alarm()
        looking.close()
        sys.unraisablehook = hook
        _forget(set(_state.before) - earlier)


def check() -> None:
    """Raise `KeyboardInterrupt` where a signal has asked this process to stop."""
    if threading.current_thread() is threading.main_thread():
        _state.raise_it()


def hear() -> None:
    """Say that an interruption has been heard: from here on nothing disturbs what is done about it."""
    _state.heard = True


def is_interrupted() -> bool:
    """Whether a signal has asked this process to stop."""
    return _state.noted_s is not None


@contextmanager
def undisturbed() -> Iterator[None]:
    """Signals that stop the program wait until this is over.

    A mask would not do: another thread may take the signal, and Python then tells the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
    elif _state.before:
        _state.held += 1
        try:
            yield
        finally:
            _state.held -= 1
            check()
    else:
        with _postponed():
            yield


@contextmanager
def _postponed() -> Iterator[None]:
    """`undisturbed` in a program whose handlers are its own."""
    waiting: list[int] = []
    before = {number: signal.getsignal(number) for number in STOPPING}
    heard = {number: handler for number, handler in before.items() if handler not in (None, signal.SIG_IGN)}
    try:
        for number in heard:
            signal.signal(number, lambda number, frame: waiting.append(number))
        yield
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)
        if waiting:
            signal.raise_signal(waiting[0])


@contextmanager
def withheld_from_children() -> Iterator[None]:
    """A process that is started inside gets none of the terminal's signals, where the machine can do that."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    terminal = {number for number in STOPPING if number.name in ("SIGINT", "SIGHUP")}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, terminal)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def leave(code: int) -> NoReturn:
    """End a process that was told to stop, or has failed, with its exit code: what it has opened is put away.

    Nothing is waited for: what failed may have left threads that wait for ever.

    Python's own end is left out.  It takes every module apart, where no thread looks on any more, and took a
    second where others were busy.
    """
    _end_soon(code)
    with suppress(Exception):
        atexit._run_exitfuncs()
    with suppress(MemoryError):
        _flush_all()
    os._exit(code)


def _flush_all() -> None:
    for thing in gc.get_objects():
        if issubclass(type(thing), io.TextIOBase | io.BufferedIOBase):
            with suppress(Exception):
                thing.flush()


def _end_soon(code: int) -> None:
    """End the process in a moment, or a few where nobody waits, should anything that it does at its end wait for ever."""
    noted_s = _state.noted_s
    seconds = FAILED_SECONDS if noted_s is None else ending_seconds(time.monotonic() - noted_s)
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    with suppress(RuntimeError):  # the machine starts no more threads
        timer.start()


def ending_seconds(waited_s: float) -> float:
    """How long a process may take for its end so many seconds after the signal: less where it heard it late."""
    return max(LEAST_SECONDS, min(ENDING_SECONDS, GONE_SECONDS - waited_s))


class _Looking:
    """A thread that learns of signals also while the main one is busy, and sees to it that they are heard."""

    def __init__(self) -> None:
        import socket

        self._closed = False
        self._ends: tuple[socket.socket, socket.socket] | None = None
        with suppress(OSError):  # without a pair of sockets it looks now and then instead
            self._ends = socket.socketpair()
        if self._ends is not None:
            self._ends[1].setblocking(False)
            self._fd_before = signal.set_wakeup_fd(self._ends[1].fileno(), warn_on_full_buffer=False)
        self._thread = threading.Thread(target=self._look, name="signals", daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._closed:
            self._wait()
            while _state.noted_s is not None and not (_state.heard or self._closed):
                time.sleep(LOOKING_SECONDS)
                if not _state.held:
                    _press(time.monotonic() - _state.noted_s)

    def _wait(self) -> None:
        """Until a signal comes; a byte of the socket is its number."""
        if self._ends is None:
            time.sleep(LOOKING_SECONDS)
            return
        numbers = self._ends[0].recv(64)
        if not _state.before.keys().isdisjoint(numbers) and _state.noted_s is None:
            _state.noted_s = time.monotonic()

    def close(self) -> None:
        """Look no longer."""
        self._closed = True
        if self._ends is not None:
            signal.set_wakeup_fd(self._fd_before)
            with suppress(OSError):
                self._ends[1].send(b"\0")
        self._thread.join()
        for end in self._ends or ():
            end.close()


def _press(waited_s: float) -> None:
    """Interrupt the main thread where it is, once it has had the time to ask; end it when that is of no use."""
    if waited_s > LEAVING_SECONDS:
        _end_now()
    if waited_s < ASKING_SECONDS or _state.on_its_way:
        return
    ours = [number for number in _state.before if signal.getsignal(number) is _note]
    if ours:
        _state.wanted = True
        main = threading.main_thread().ident
        if hasattr(signal, "pthread_kill") and main is not None:  # wakes it from a wait, too
            signal.pthread_kill(main, ours[0])
        else:
            signal.raise_signal(ours[0])


def _end_now() -> NoReturn:
    """End a process that hears nothing, and what it has started."""
    processes = sys.modules.get("mnistviz.storage.processes")
    if processes is not None:  # an import now would take time, or wait for the one that hears nothing
        processes.stop_all()
    with suppress(OSError):
        os.write(2, LAST_WORDS)
    os._exit(EXIT_CODE)
