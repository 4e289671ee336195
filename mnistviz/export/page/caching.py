"""What a page is made of, from one render to the next: its survey piece by piece, its letters and its stills.

Each is named by the hash of all that it is made of, as a segment is.  They lie in one file, which is whole or
not there: what cannot be read is looked for anew.  Only what the last page was made of stays.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from mnistviz.export.page import stills
from mnistviz.export.page.survey import Piece, Survey, joined, pieces, survey_piece
from mnistviz.export.stage import pack
from mnistviz.export.stage.glyphs import Lettering, Outlines, Texts, lettering_of
from mnistviz.export.video.segments import Plan
from mnistviz.picture import display
from mnistviz.picture.hashing import HashedTuple
from mnistviz.picture.layout import Look, Regions
from mnistviz.picture.theme import Theme
from mnistviz.storage.digest import digest
from mnistviz.storage.files import write_whole
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Clip
from mnistviz.trace.model import Span

LARGEST = 256 << 20  # bytes of the file, and of a piece of a survey
_NAME, _LENGTH, _CHECK = 40, 8, 32  # bytes
_KINDS: tuple[Any, ...] = (
    Survey, pack.Packer, pack.Table,
    display.Blocks, display.CellMap, display.Cells, display.ColourScale, display.Mask, display.Told,
    HashedTuple, Look, Regions, Theme, Span,
    np.ndarray, np.dtype, np.zeros(1).__reduce__()[0], np.float64(1).__reduce__()[0],
)  # fmt: skip
# A file may be anybody's: nothing but these is ever made of one.
_KNOWN = {(kind.__module__, kind.__qualname__): kind for kind in _KINDS}


class PageCache:
    """The pieces and stills in a file, and those that this page is made of; without a file, there are none.

    `ask` is called before each is found, and may raise.
    """

    def __init__(self, path: Path | None = None, ask: Callable[[], None] = lambda: None) -> None:
        self._path, self._ask = path, ask
        self._found = dict(_read(path)) if path is not None else {}
        self._used: dict[str, bytes] = {}

    def survey_of(self, plan: Plan, piece: Piece) -> Survey | None:
        """What is known of a piece of the film; None where nothing is."""
        self._ask()
        content = self._take(_piece_name(plan, piece)) if self._found else None
        return None if content is None else decoded(content)

    def enter(self, plan: Plan, piece: Piece, content: bytes) -> None:
        """What was found of a piece of the film, as bytes."""
        if self._path is not None:
            self._used[_piece_name(plan, piece)] = content

    def still(self, plan: Plan, clip: Clip, paint: stills.Painter) -> bytes:
        """A clip's still, painted where it is not there."""
        self._ask()
        at = stills.instant(clip)
        name = plan.page_name((clip.finished, clip.finished + 1), ("still", at))
        content = self._take(name)
        if content is None:
            content = self._used[name] = stills.encoded(paint(at))
        return content

    def poster(self, plan: Plan, paint: Callable[[], bytes]) -> bytes:
        """The film's poster, painted where it is not there."""
        at = plan.timeline.poster
        tick = int(at * TICKS_PER_SECOND)
        name = plan.page_name((tick, tick + 1), ("poster", at))
        content = self._take(name)
        if content is None:
            content = self._used[name] = paint()
        return content

    def lettering(self, plan: Plan, texts: Texts) -> Lettering:
        """The letters of these texts; those of the last page are not drawn again."""
        name = digest(("letters", plan.code, plan.fonts))
        found = lettering_of(texts, _outlines_in(self._found.get(name, b"")))
        outlines = {face: one["letters"] for face, one in found["faces"].items()}
        self._used[name] = json.dumps(outlines).encode()
        return found

    def _take(self, name: str) -> bytes | None:
        content = self._found.get(name)
        if content is not None:
            self._used[name] = content
        return content

    def save(self) -> None:
        """Let the file hold what this page is made of; one that cannot be written costs time, later."""
        if self._path is not None and self._used != self._found:
            with suppress(OSError):
                write_whole(self._path, _file_of(self._used), self._path.parent)


def survey(plan: Plan, cache: PageCache) -> Survey:
    """What is to be known of a plan's film, found by this process alone where it is not in the cache."""
    return joined((_known_or_found(plan, piece, cache) for piece in pieces(plan.timeline)), plan.look)


def _known_or_found(plan: Plan, piece: Piece, cache: PageCache) -> Survey:
    known = cache.survey_of(plan, piece)
    if known is not None:
        return known
    found = survey_piece(plan.timeline, plan.look, piece)
    cache.enter(plan, piece, encoded(found))
    return found


def stills_of(plan: Plan, cache: PageCache) -> dict[str, bytes]:
    """All stills by name."""
    paint = stills.painter(plan.timeline, plan.look, plan.size)
    return {stills.name(clip): cache.still(plan, clip, paint) for clip in plan.timeline.clips}


def _piece_name(plan: Plan, piece: Piece) -> str:
    return plan.page_name(piece, ("survey", piece))


def encoded(found: Survey) -> bytes:
    """What was found of a piece of the film as bytes, in which it travels and is kept."""
    return zlib.compress(pickle.dumps(found, protocol=4), 1)


class _Reader(pickle.Unpickler):
    """Makes the records of a survey, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"a survey holds no {module}.{name}") from None


def decoded(content: bytes) -> Survey | None:
    """The survey again; None where the bytes are not as they were made."""
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(content, LARGEST)
        found = _Reader(io.BytesIO(plain)).load()
    except Exception:  # whatever a file has in it that we did not write
        return None
    return found if isinstance(found, Survey) else None


def _outlines_in(content: bytes) -> Outlines:
    """The outlines again; none where the bytes are not as they were made."""
    try:
        return {
            str(face): {
                str(letter): (str(path), float(advance)) for letter, (path, advance) in letters.items()
            }
            for face, letters in json.loads(content).items()
        }
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _file_of(entries: dict[str, bytes]) -> bytes:
    """A check of all that follows, then each entry: its name, its length, itself."""
    parts = [part for name, content in entries.items()
             for part in (name.encode(), len(content).to_bytes(_LENGTH, "little"), content)]  # fmt: skip
    body = b"".join(parts)
    return hashlib.sha256(body).digest() + body


def _read(path: Path) -> Iterable[tuple[str, bytes]]:
    """The entries of a file; none where it is not as it was written."""
    try:
        if path.stat().st_size > LARGEST:
            return ()
        content = path.read_bytes()
    except OSError:
        return ()
    body = content[_CHECK:]
    return _entries(body) if hashlib.sha256(body).digest() == content[:_CHECK] else ()


def _entries(body: bytes) -> Iterator[tuple[str, bytes]]:
    place = 0
    while place < len(body):
        start = place + _NAME + _LENGTH
        name, length = body[place : place + _NAME], body[place + _NAME : start]
        place = start + int.from_bytes(length, "little")
        yield name.decode("ascii", "replace"), body[start:place]
