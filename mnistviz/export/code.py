"""The code that makes the pictures, as a hash: this package, the libraries that it draws with, the fonts."""

from __future__ import annotations

import os
import platform
import sys
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from mnistviz.picture.fallback import VARIABLE, candidates
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
    return digest((named, libraries, _fonts(), sys.version_info[:2], platform.machine()))


def _fonts() -> list[str]:
    own = [file_digest(font_folder() / name) for name in sorted(FILES.values())]
    return [*own, *other_fonts()]


def other_fonts() -> list[str]:
    """What the machine has for letters that DejaVu lacks: names and sizes, and the named font whole."""
    named = os.environ.get(VARIABLE, "")
    others = [f"{Path(one).name} {Path(one).stat().st_size}" for one in candidates() if Path(one).is_file()]
    return [*([file_digest(Path(named))] if named else []), *others]
