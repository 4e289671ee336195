"""Which code is watched: the user's own, never a library's, never ours."""

from __future__ import annotations

import functools
import os
import site as packages
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FunctionType, ModuleType

import numpy as np

ENGINE = str(Path(__file__).resolve().parents[2])
SCENES = str(Path(ENGINE) / "scenes")  # in a wheel the scenes are inside of the engine's package


_known: dict[tuple[str, tuple[str, ...], tuple[str, ...]], dict[str, bool]] = {}


class Watched:
    """Knows which files' code is watched: those beside the recorded function, and all that is not installed."""

    def __init__(self, path: str, more: Iterable[str | Path | ModuleType] = ()) -> None:
        self.home = str(Path(path).resolve().parent) if not path.startswith("<") else str(Path.cwd())
        self._folders = installed_folders()
        self._more = tuple(_path_of(one) for one in more)
        # What was found out for a recording holds for the next one of the same folder.
        self._known = _known.setdefault((self.home, self._folders, self._more), {})
        self._path = path

    def watches(self, path: str) -> bool:
        """Whether the code of a file is watched."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._is_watched(path)
        return known or path == self._path

    def of(self, functions: Iterable[FunctionType]) -> list[FunctionType]:
        """The functions whose code is watched: each file is asked for once."""
        found = _Answers(self.watches)
        return [one for one in functions if found[one.__code__.co_filename]]

    def _is_watched(self, path: str) -> bool:
        if path.startswith("<"):
            return path in ("<stdin>", "<string>")
        whole = _resolved(path if path.startswith(os.sep) else str(Path(path).absolute()))
        if any(whole == one or _inside(whole, one) for one in self._more):
            return True
        if _inside(whole, ENGINE) and not (_inside(whole, SCENES) and _inside(whole, self.home)):
            return False
        around = [folder for folder in (self.home, *self._folders) if _inside(whole, folder)]
        # The nearest decides: an environment may be beside the function, and a scene may be installed.
        return not around or max(around, key=len) == self.home


class _Answers(dict[str, bool]):
    """What was asked already."""

    def __init__(self, ask: Callable[[str], bool]) -> None:
        self._ask = ask

    def __missing__(self, path: str) -> bool:
        answer = self[path] = self._ask(path)
        return answer


@functools.lru_cache(maxsize=4096)
def _resolved(path: str) -> str:
    """The file behind all links, of which a process has hundreds: each recording asks for all of them."""
    return os.path.realpath(path)


def _path_of(one: str | Path | ModuleType) -> str:
    """The file or folder that a `watch=` names: a module, its name, or a path."""
    module = sys.modules.get(one) if isinstance(one, str) else one
    if isinstance(module, ModuleType):
        file = Path(getattr(module, "__file__", None) or "/nowhere")
        return str((file.parent if file.name == "__init__.py" else file).resolve())
    return str(Path(str(one)).resolve())


def _inside(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)


def installed_folders() -> tuple[str, ...]:
    """Where Python keeps what is installed, and its own library."""
    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders.update(packages.getsitepackages())
    folders.add(packages.getusersitepackages())
    folders.add(str(Path(os.__file__).parent))  # a portable Python's own library
    folders.update(entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages"))
    folders.add(str(Path(np.__file__).parent))  # wherever it was found
    return tuple(str(Path(folder).resolve()) for folder in folders if folder)
