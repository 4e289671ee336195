"""The encoder as a program: which one it is, what it can, and how it is run without ever being left behind.

It gets an argument list, writes its messages into a file, dies with its parent, and is believed only
when its exit status says so.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mnistviz.errors import EncoderError, MachineError, MnistvizError
from mnistviz.storage import processes
from mnistviz.storage.digest import digest
from mnistviz.storage.files import LACKING, machine_error, machine_errors

QUESTION_SECONDS = 30  # for the encoder to say what it is and what it can
PATIENCE_SECONDS = float(os.environ.get("MNISTVIZ_PATIENCE", "120"))  # without progress before it is given up
TAIL_BYTES = 2000
TRIES = 4  # the first and three more
NEEDED = ("libx264", "mov_text")
# As ffmpeg says it, whatever language the machine speaks.
_MACHINE = {
    "No space left on device": errno.ENOSPC,
    "Disk quota exceeded": getattr(errno, "EDQUOT", errno.ENOSPC),
    "File too large": errno.EFBIG,
    "Input/output error": errno.EIO,
    "Read-only file system": errno.EROFS,
}
# What it says of segments that it is told not to decode, before it joins them.
_WANTED = re.compile("not on whitelist 'none'|^ *Last message repeated")
T = TypeVar("T")
AGAIN = "run the same command again to go on"


class HungEncoder(EncoderError):
    """The encoder does nothing any more; trying again would only take as long again."""


def again_and_again(act: Callable[[], T]) -> T:
    """What `act` gives, tried again where its encoder fails but does not hang."""
    for _ in range(TRIES - 1):
        try:
            return act()
        except HungEncoder:
            raise
        except EncoderError:
            continue
    return act()


@dataclass(frozen=True)
class Encoder:
    """The ffmpeg that is used."""

    program: str
    version: str  # digest of what it says of itself


def find_encoder() -> Encoder:
    """The encoder of `imageio_ffmpeg`, or the one that `IMAGEIO_FFMPEG_EXE` names.

    Raises `MachineError` where it is missing, cannot be run, or lacks what the films need.
    """
    import imageio_ffmpeg

    cure = "reinstall imageio-ffmpeg, or let IMAGEIO_FFMPEG_EXE name an ffmpeg with libx264"
    try:
        program = str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        with machine_errors("starting ffmpeg"):  # or is it the machine that starts nothing?
            subprocess.run([sys.executable, "-S", "-c", ""], check=False)
        raise MachineError("ffmpeg is missing", str(error).partition(". ")[0], cure) from error
    listed = _answer(program, "-encoders", cure)
    for name in NEEDED:
        if re.search(rf"\b{name}\b", listed) is None:
            raise MachineError(f"ffmpeg has no encoder {name}", program, cure)
    return Encoder(program, digest(_answer(program, "-version", cure)))


def version_line(program: str) -> str:
    """What the encoder says of itself first, such as `ffmpeg version 7.0.2`."""
    said = _answer(program, "-version", "reinstall imageio-ffmpeg").partition(" Copyright")[0].splitlines()
    return said[0] if said else "unknown"


def _answer(program: str, question: str, cure: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603
            [program, "-hide_banner", question],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=QUESTION_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        what = getattr(error, "strerror", None) or "it does not answer"
        cure = LACKING.get(getattr(error, "errno", None) or 0, cure)
        raise MachineError(f"ffmpeg cannot be run: {what.lower()}", program, cure) from error
    if done.returncode:
        raise MachineError(f"ffmpeg cannot be run: {_ending(done.returncode)}", program, cure)
    return done.stdout.decode("utf-8", "replace")


def start(
    program: str, arguments: Sequence[str], folder: Path, log: Path, stdin: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Start the encoder in a folder; its messages go to `log`."""
    command = [program, "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *arguments]
    with log.open("wb") as messages:
        return processes.start(command, folder, messages, stdin)


def run(program: str, arguments: Sequence[str], folder: Path, log: Path, doing: str) -> None:
    """Run the encoder to its end; raises `EncoderError` or `MachineError` where it fails."""
    process = start(program, arguments, folder, log)
    finish(process, log, doing, folder / arguments[-1])


def finish(process: subprocess.Popen[bytes], log: Path, doing: str, product: Path) -> None:
    """Wait for the encoder and judge how it ended; it is gone afterwards, whatever happens.

    It may take its time for as long as `product`, the file that it writes, grows.
    """
    size = 0
    try:
        while (code := _ended(process)) is None:
            before, size = size, product.stat().st_size if product.exists() else 0
            if size <= before:
                raise HungEncoder(f"ffmpeg did nothing for {PATIENCE_SECONDS:g} s", doing, AGAIN)
    finally:
        processes.stop(process)
    if code:
        raise failure(code, log, doing)


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    """The exit status, or None where it is still at work after all our patience."""
    try:
        return process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return None


def failure(code: int, log: Path, doing: str) -> MnistvizError:
    """The error for an encoder that ended badly, with its last words."""
    words = last_words(log)
    said = f": {words}" if words else ""
    if os.strerror(errno.EAGAIN) in words or code == 256 - errno.EAGAIN:
        return MachineError(f"ffmpeg has no room to work{said}", doing, LACKING[errno.EAGAIN])
    number = _machine_error(code, words)
    if number is not None:
        cure = machine_error(OSError(number, ""), doing).cure
        return MachineError(f"ffmpeg cannot write{said}", doing, cure)
    return EncoderError(f"ffmpeg {_ending(code)}{said}", doing, AGAIN)


def _machine_error(code: int, words: str) -> int | None:
    """The error number of what the machine lacks; None where the encoder itself failed.

    It ends with the negative number, and says nothing where its log is on the full disk too.
    """
    if hasattr(signal, "SIGXFSZ") and code == -signal.SIGXFSZ:
        return errno.EFBIG
    told = (number for text, number in _MACHINE.items() if text in words or code == 256 - number)
    return next(told, None)


def last_words(log: Path) -> str:
    """The end of the encoder's messages, in one line of printable text."""
    try:
        with log.open("rb") as messages:
            messages.seek(max(0, messages.seek(0, os.SEEK_END) - TAIL_BYTES))
            text = messages.read().decode("utf-8", "replace")
    except OSError:
        return ""
    told = (line for line in text.splitlines() if line.strip() and not _WANTED.search(line))
    lines = [" ".join(line.split()) for line in told]
    return "".join(char if char.isprintable() else "?" for char in " / ".join(lines[-3:]))[-500:]


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with status {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
