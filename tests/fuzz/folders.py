"""Bad film folders: manifests, chapter tables and films that lie though every check in them is right."""

from __future__ import annotations

import hashlib
import json
import struct
from functools import lru_cache
from pathlib import Path
from typing import Any

from numpy.random import Generator

import mnistviz
from mnistviz.export.folder.verify import verify
from mnistviz.storage.cache import Cache, Entry
from mnistviz.storage.digest import digest
from tests.export.stories import SMALL, small_story
from tests.fuzz.damage import ODD_TEXTS, as_text, damaged, damaged_data, odd_count, one_of

FILM = "film-10fps.mp4"
BOXES = (
    b"stsz",
    b"stts",
    b"ctts",
    b"stss",
    b"elst",
    b"mdhd",
    b"chpl",
    b"hdlr",
    b"trak",
    b"moov",
    b"stsd",
    b"avc1",
    b"mdat",
    b"stbl",
    b"udta",
)


@lru_cache(maxsize=1)
def good_folder(made: Path) -> dict[str, bytes]:
    """The files of a small finished film, rendered once in the folder `made`."""
    mnistviz.render(small_story(), made, size=SMALL, duration="0:20", quality="draft", fps=(10,), workers=1)
    wanted = (FILM, "chapters.json", "captions.srt", "manifest.json")
    return {name: (made / name).read_bytes() for name in wanted}


def bad_folder(files: dict[str, bytes], random: Generator, folder: Path) -> None:
    """A finished folder in which something is wrong; the manifest vouches for most of it."""
    files = dict(files)
    table = json.loads(files["chapters.json"])
    kind = random.random()
    if kind < 0.35:
        files["chapters.json"] = as_text(damaged_data(table, random), random)
    elif kind < 0.7:
        files[FILM] = _bad_film(files[FILM], random)
    if random.random() < 0.05:
        name = one_of(random, [name for name in files if name != "manifest.json"])
        files[name] = damaged(files[name][:100_000], random)
    manifest = json.loads(files.pop("manifest.json"))
    manifest["files"] = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    }
    if kind >= 0.7:
        manifest = _bad_manifest(manifest, random)
    text = as_text(_vouched(manifest), random)
    files["manifest.json"] = damaged(text, random) if kind > 0.95 else text
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _vouched(manifest: Any) -> Any:
    """The manifest with a right check of itself, as far as it has the form of one."""
    if isinstance(manifest, dict) and "check" in manifest:
        body = {name: value for name, value in manifest.items() if name not in ("check", "format")}
        try:
            body["size"] = tuple(int(side) for side in body["size"])
            body["films"] = tuple(body["films"])
            manifest["check"] = digest(body)
        except (TypeError, ValueError, KeyError, OverflowError, RecursionError):
            return manifest
    return manifest


def _bad_manifest(manifest: dict[str, Any], random: Generator) -> dict[str, Any]:
    if random.random() < 0.6:
        checked: dict[str, Any] = damaged_data(manifest, random)
        return checked
    name = one_of(
        random, ("../../x", "/etc/passwd", "/dev/zero", "..", ".", "", "a/../../b", "stills", *ODD_TEXTS)
    )
    if random.random() < 0.5:
        manifest["files"][name] = {"size": odd_count(random), "sha256": "0" * 64}
    else:
        manifest["films"][0]["file"] = name
    return manifest


def _bad_film(content: bytes, random: Generator) -> bytes:
    """Damage in the film's tables, or a lie in one of its boxes."""
    start = content.index(b"moov") - 4
    end = content.index(b"mdat") - 4
    head = content[start:end]
    if random.random() < 0.3:
        return content[:start] + damaged(head, random) + content[end:]
    places = [place for kind in BOXES for place in _all(head, kind)]
    changed = bytearray(head)
    for _ in range(int(random.integers(1, 5))):
        place = one_of(random, places) + one_of(
            random, (-4, -1, 4, 8, 12, 16, 20, int(random.integers(0, 200)))
        )
        changed[place : place + 4] = struct.pack(">I", odd_count(random) % 2**32)
    if random.random() < 0.2:
        _lie_about_frames(changed, one_of(random, (2**24, 2**28, 2**31, 2**32 - 1)))
    return content[:start] + bytes(changed) + content[end:]


def _lie_about_frames(head: bytearray, frames: int) -> None:
    """As many frames in every table that counts them, as one run of equal ones."""
    stsz, stts = head.index(b"stsz"), head.index(b"stts")
    head[stsz + 8 : stsz + 16] = struct.pack(">II", 1, frames)
    head[stts + 8 : stts + 16] = struct.pack(">II", 1, frames)
    if b"ctts" in head:
        ctts = head.index(b"ctts")
        head[ctts + 8 : ctts + 20] = struct.pack(">IIi", 1, frames, 0)
    if b"stss" in head and frames % 2:
        head[head.index(b"stss") :][:4] = b"free"


def _all(content: bytes, wanted: bytes) -> list[int]:
    found, place = [], content.find(wanted)
    while place >= 0:
        found.append(place)
        place = content.find(wanted, place + 1)
    return found


def read_folder(folder: Path) -> None:
    """As `verify` does."""
    verify(folder)


def bad_cache(random: Generator, folder: Path) -> None:
    """A cache whose ledger has lines that are torn, odd or forged, and a file that is not what it was."""
    content = random.bytes(200)
    good = Entry("a" * 40, 20, len(content), hashlib.sha256(content).hexdigest())
    lines = [good.line(), *(_bad_line(random, good) for _ in range(int(random.integers(1, 6))))]
    text = "\n".join(lines).encode("utf-8", "surrogatepass")
    (folder / "ledger").write_bytes(damaged(text, random) if random.random() < 0.4 else text)
    (folder / f"{good.name}.mp4").write_bytes(content if random.random() < 0.5 else damaged(content, random))


def _bad_line(random: Generator, good: Entry) -> str:
    """A line whose own check is right, whatever it says."""
    words: list[object] = [good.name, good.frames, good.size, good.sha256]
    words[int(random.integers(4))] = one_of(
        random, (*ODD_TEXTS, odd_count(random), "9" * 5000, "../../x", "x" * 300)
    )
    if random.random() < 0.3:
        words = words[: int(random.integers(5))] + ["x"] * int(random.integers(3))
    body = " ".join(map(str, words))
    check = hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{body} {check}"


def read_cache(folder: Path) -> None:
    """As `render` does: every name that the ledger has, and names that it has not."""
    cache = Cache(folder)
    entries = cache.entries()
    for name in cache.sound([*entries, "b" * 40]):
        if not (folder / f"{name}.mp4").is_file():
            raise AssertionError(f"a segment outside of the cache: {name}")
