"""The templates of held pictures, from one render to the next: one takes as long to harvest as thirty frames to encode.

They lie in one file of the work folder, which is whole or not there, each under the hash of all that it depends on:
the encoder, this code and the settings.  What cannot be read is harvested anew.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from mnistviz.export.video import holds
from mnistviz.export.video.bitstream import UnknownStream
from mnistviz.export.video.holds import Template
from mnistviz.export.video.settings import Settings
from mnistviz.storage.digest import digest
from mnistviz.storage.files import write_whole

LARGEST = 1 << 20  # bytes of the file
MOST = 8  # templates in it: the rates, and a few sizes or qualities of before
_LOG = logging.getLogger("mnistviz")

Known = dict[str, list[str]]  # by name: both parameter sets and the unit, in hexadecimal digits


@dataclass(frozen=True)
class Trial:
    """What a template depends on, and where to try it and to keep it."""

    program: str
    made_by: str  # digest of the encoder and of this code
    settings: Settings
    folder: Path = field(compare=False)
    kept: Path | None = field(default=None, compare=False)  # the file that it is kept in

    @property
    def name(self) -> str:
        """Hash of what it depends on."""
        return digest((self.made_by, self.settings))


@lru_cache(maxsize=8)
def template_of(trial: Trial) -> Template | None:
    """The template of these settings; None where every frame goes through the encoder, for which a reason is said once."""
    if trial.settings.plain:
        return None
    try:
        return _kept(trial) or _harvested(trial)
    except UnknownStream as error:
        _LOG.warning("note: this ffmpeg's films are encoded without held frames: %s", error)
        return None


def _harvested(trial: Trial) -> Template:
    found = holds.harvest(trial.program, trial.settings, trial.folder)
    if trial.kept is not None:
        others = list(_known(trial.kept).items())[1 - MOST :]
        _write(trial.kept, {**dict(others), trial.name: [found.setup.hex(), found.unit.hex()]})
    return found


def _kept(trial: Trial) -> Template | None:
    """The template as it was proven once; None where it was not, or is not as it was written."""
    if trial.kept is None:
        return None
    try:
        setup, unit = map(bytes.fromhex, _known(trial.kept)[trial.name])
        return holds.template(setup, unit)
    except (KeyError, ValueError, TypeError, UnknownStream):
        return None


def _known(path: Path) -> Known:
    """All that are in the file; none where it is not as it was written."""
    try:
        if path.stat().st_size > LARGEST:
            return {}
        body = json.loads(path.read_bytes())
        return dict(body["templates"]) if digest(body["templates"]) == body["check"] else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _write(path: Path, known: Known) -> None:
    """One that cannot be written costs time, later; of two who write at once the last one is believed."""
    with suppress(OSError):
        write_whole(path, json.dumps({"templates": known, "check": digest(known)}).encode(), path.parent)
