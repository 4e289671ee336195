"""The cache of finished segments: files named by their hash, and a ledger that says what each must hold.

A segment is there when the ledger has a line for it, the line's own check is right, and the file has
the size and the hash that the line says; never because a file merely exists.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mnistviz.storage.digest import file_digest
from mnistviz.storage.files import write_whole
from mnistviz.storage.machine import append

_BODY = re.compile("([0-9a-f]{40}) ([0-9]{1,18}) ([0-9]{1,18}) ([0-9a-f]{64})( decoded)?")


@dataclass(frozen=True)
class Entry:
    """One finished segment."""

    name: str  # Plan.name
    frames: int
    size: int  # bytes
    sha256: str
    decoded: bool = False  # whether it is known that its key frames can be

    def line(self) -> str:
        """The entry as a line of the ledger, its check at the end."""
        body = f"{self.name} {self.frames} {self.size} {self.sha256}{' decoded' * self.decoded}"
        return f"{body} {_check(body)}"

    @classmethod
    def parse(cls, line: str) -> Entry | None:
        """The entry of a line, or None where the line is torn or was changed."""
        body, _, check = line.rpartition(" ")
        found = _BODY.fullmatch(body)
        if found is None or _check(body) != check:
            return None
        name, frames, size, sha256, decoded = found.groups()
        return cls(name, int(frames), int(size), sha256, decoded is not None)


def _check(body: str) -> str:
    return hashlib.blake2b(body.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Cache:
    """The folder of a film's segments."""

    folder: Path

    @property
    def ledger(self) -> Path:
        """The file with a line for each segment."""
        return self.folder / "ledger"

    def path(self, name: str) -> Path:
        """Where the segment of that name is."""
        return self.folder / f"{name}.mp4"

    def keep(self, name: str, frames: int, content: bytes) -> Entry:
        """Write a segment to the disk, then enter it in the ledger."""
        entry = Entry(name, frames, len(content), hashlib.sha256(content).hexdigest())
        write_whole(self.path(name), content, self.folder)
        # Workers append at the same time; a line starts with a line end, for the one before it may have been
        # cut off by a crash.
        append(self.ledger, f"\n{entry.line()}\n".encode())
        return entry

    def entries(self) -> dict[str, Entry]:
        """What the ledger says, by name; torn and changed lines are passed over."""
        try:
            lines = self.ledger.read_text("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return {}
        return {entry.name: entry for entry in map(Entry.parse, lines) if entry is not None}

    def sound(self, names: Iterable[str]) -> dict[str, Entry]:
        """Those of the named segments whose files hold what they must; every byte is read."""
        entries = self.entries()
        return {name: entries[name] for name in names if name in entries and self._holds(entries[name])}

    def _holds(self, entry: Entry) -> bool:
        path = self.path(entry.name)
        try:
            return path.stat().st_size == entry.size and file_digest(path) == entry.sha256
        except OSError:
            return False

    def keep_only(self, entries: dict[str, Entry]) -> None:
        """Forget all other segments."""
        write_whole(
            self.ledger, "".join(f"{entry.line()}\n" for entry in entries.values()).encode(), self.folder
        )
        for path in self.folder.iterdir():
            if path != self.ledger and path.stem not in entries:
                path.unlink(missing_ok=True)
