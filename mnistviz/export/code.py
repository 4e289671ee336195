"""What makes the pictures, as hashes: this package, the libraries that it draws with, its fonts and the machine's."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from mnistviz.modules import OwnCode, scenes_folder
from mnistviz.picture.fallback import VARIABLE, candidates, is_own
from mnistviz.picture.fonts import FILES, font_folder
from mnistviz.storage.digest import digest, file_digest

LIBRARIES = ("numpy", "matplotlib", "opencv-python-headless", "pillow", "pygments", "jinja2")


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Hash of this package's source, its data and fonts, the libraries and the interpreter's version."""
    package = Path(__file__).resolve().parents[1]
    sources = sorted(
        path for path in package.rglob("*") if path.suffix in {".py", ".j2", ".html", ".css", ".js", ".npy"}
    )
    named = [(path.relative_to(package).as_posix(), file_digest(path)) for path in sources]
    libraries = [(name, version(name)) for name in LIBRARIES]
    fonts = [file_digest(font_folder() / name) for name in sorted(FILES.values())]
    return digest((named, libraries, fonts, sys.version_info[:2], platform.machine()))


def fonts_needed(texts: Iterable[str], own_code: OwnCode) -> tuple[str, ...]:
    """The machine's fonts that a film of these texts may depend on: all, or none.

    Most films have no letter that DejaVu is not asked for, and whoever looks for fonts imports matplotlib, which
    takes a third of a second and 14 MiB.  What a user's own drawing writes nobody knows.
    """
    scenes = scenes_folder().resolve()
    ours = all(Path(one.path).is_relative_to(scenes) for one in own_code.modules if one.path)
    return () if ours and all(map(is_own, texts)) else other_fonts()


def other_fonts() -> tuple[str, ...]:
    """What the machine has for letters that DejaVu lacks: names and sizes, and the named font whole."""
    named = os.environ.get(VARIABLE, "")
    others = [f"{Path(one).name} {Path(one).stat().st_size}" for one in candidates() if Path(one).is_file()]
    return (*([file_digest(Path(named))] if named else []), *others)
