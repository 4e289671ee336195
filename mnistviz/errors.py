"""What can go wrong, as types: each error names the thing, the place and the cure, and knows its exit code.

Every other room imports this one; it imports nothing.
"""

from __future__ import annotations

import re
from typing import Final

# What a terminal would obey, and halves of characters: names and words of files may hold them.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


_PREDICATE: Final = re.compile(r"(?:is|has|holds|shows|cannot be) ")


class MnistvizError(Exception):
    """An error that a user can act on; printed as `error: what, where, and what to do`.

    Where `what` is said of `where` ("is no picture", "holds no rows"), the place comes first, and the two are a sentence.
    """

    exit_code = 1

    def __init__(self, what: str, where: object = "", cure: str = "") -> None:
        self.what = what
        self.where = str(where)
        self.cure = cure
        super().__init__(what, self.where, cure)

    def __str__(self) -> str:
        said = self.where and _PREDICATE.match(self.what)
        parts = (f"{self.where} {self.what}", self.cure) if said else (self.what, self.where, self.cure)
        line = ", ".join(" ".join(part.split()) for part in parts if part)
        return _CONTROL.sub("?", line)


class InputError(MnistvizError):
    """Bad input or usage: a file, a value or an option that cannot be used."""

    exit_code = 2


class MachineError(MnistvizError):
    """The machine: disk, permission, a missing or unable ffmpeg, a folder in use."""

    exit_code = 3


class EncoderError(MnistvizError):
    """The encoder failed, or what it wrote is not what it was given."""

    exit_code = 4


class WorkerError(MnistvizError):
    """A worker process died more often than is worth retrying."""

    exit_code = 5


class VerifyError(MnistvizError):
    """A finished film folder is not what its manifest says."""

    exit_code = 6


class InterruptedRender(MnistvizError):
    """Stopped by Ctrl-C, SIGTERM or SIGHUP; finished segments are kept."""

    exit_code = 130


_NO_MEMORY = ("failed to map segment", "annot allocate memory")  # as the system's loader says it
_OPENCV_NO_MEMORY = "(-4:"  # its number for it


def kind_of(error: BaseException) -> str:
    """What an error is called; of one that its library calls no more than `error`, the library's name too."""
    kind = type(error)
    return kind.__name__ if kind.__name__[:1].isupper() else f"{kind.__module__}.{kind.__name__}"


def lacked_memory(error: BaseException) -> bool:
    """Whether it is for want of memory, also where a library says so in its own way, or could not be imported."""
    if isinstance(error, MemoryError) or (kind_of(error) == "cv2.error" and _OPENCV_NO_MEMORY in str(error)):
        return True
    chain = [error]
    while (before := chain[-1].__cause__ or chain[-1].__context__) is not None and before not in chain:
        chain.append(before)
    said = [one.msg for one in chain if isinstance(one, ImportError) and isinstance(one.msg, str)]
    return any(words in one for one in said for words in _NO_MEMORY)
