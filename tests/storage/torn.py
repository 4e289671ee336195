"""A film that is replaced by another, and what may lie in its folder when that is broken off."""

from __future__ import annotations

import os
from pathlib import Path

from mnistviz.export.folder.verify import verify
from tests.export.stories import contents

ROUNDS = int(os.environ.get("MNISTVIZ_ROUNDS", "6"))
EVERY = ROUNDS >= 200  # in full: every place where something can go wrong, not a few
OLD, NEW = {1: "The old words."}, {1: "The new words."}
FILMS = {"old": OLD, "new": NEW}
SECONDS = "0:50"  # of the film: long enough for frames that are held


def check_between(out: Path, old: dict[str, bytes], new: dict[str, bytes]) -> None:
    """Each file is of the old film or of the new one, and where there is a manifest, all are of one."""
    now = contents(out)
    for name, content in now.items():
        assert content in (old.get(name), new.get(name)), name
    if "manifest.json" in now:
        assert now in (old, new)
        verify(out)
    assert {path.name for path in out.iterdir()} <= {name.partition("/")[0] for name in {*old, *new}} | {
        ".mnistviz"
    }
