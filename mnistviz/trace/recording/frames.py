"""From the recording array out to the frame of the taught code, and what the source says about it."""

from __future__ import annotations

import ast
import functools
import site as packages
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any

import numpy as np

from mnistviz.errors import InputError
from mnistviz.trace.model import Source
from mnistviz.trace.recording.passes import Passes
from mnistviz.trace.recording.textless import Textless
from mnistviz.trace.source.spans import COMPREHENSIONS, Site, Sources

ENGINE = str(Path(__file__).resolve().parents[1])
INLINE = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


@dataclass(eq=False, slots=True)
class Place:
    """Where an operation is asked for, this time."""

    site: Site
    frame: FrameType
    source: Source
    name: str  # that its result gets
    names: tuple[str, ...]  # that its results get, where it has several

    @property
    def text(self) -> str:
        """Source text of the expression."""
        return self.site.text

    @property
    def where(self) -> str:
        """File and line, for an error."""
        return f"{self.source.expression.file} line {self.source.expression.first_line}"


class Walker:
    """Knows which frames belong to the taught code, and reads them."""

    def __init__(self, function: Callable[..., Any], stop: CodeType) -> None:
        self.stop = stop  # code of the frame that runs the recorded function
        self.code = code_of(function)
        self.function_name = self.code.co_qualname.replace(".<locals>", "")
        file = self.code.co_filename
        self.home = str(Path(file).resolve().parent) if not file.startswith("<") else str(Path.cwd())
        self.sources = Sources(self.home)
        self.passes = Passes(self.sources, self.taught)
        self.textless = Textless(self.sources)
        self._taught: dict[str, bool] = {file: True}
        self._foreign = _installed_folders()

    @property
    def file_name(self) -> str:
        """Short name of the recorded function's file."""
        file = self.sources.file(self.code.co_filename)
        return file.name if file else self.code.co_filename.strip("<>")

    def taught(self, path: str) -> bool:
        """Whether a file is taught code: beside the recorded function, or not installed."""
        known = self._taught.get(path)
        if known is None:
            known = self._taught[path] = self._is_taught(path)
        return known

    def place(self, row: int | None = None) -> Place:
        """The innermost frame of taught code, and its callers up to the recorded function.

        `row` is that of an array that is iterated over.
        """
        frame = self._inner(sys._getframe(3))
        if frame is None:
            raise InputError("a numpy call from outside the recorded function", self.function_name)
        return self._place(frame, self._callers(frame), row)

    def failing(self, traceback: TracebackType | None) -> tuple[Site, Source] | None:
        """The innermost taught place of an exception."""
        frames: list[tuple[FrameType, int]] = []
        while traceback is not None:
            if self.taught(traceback.tb_frame.f_code.co_filename):
                frames.append((traceback.tb_frame, traceback.tb_lasti))
            traceback = traceback.tb_next
        if not frames:
            return None
        sites = [self._site(frame.f_code, at) for frame, at in frames]
        return sites[-1], self._source(sites[-1], frames[-1][0], list(zip(sites[:-1], frames, strict=False)))

    def is_own(self, error: BaseException) -> bool:
        """Whether an exception that no recorded call raised comes from the recording itself."""
        traceback, last = error.__traceback__, ""
        while traceback is not None:
            last, traceback = traceback.tb_frame.f_code.co_filename, traceback.tb_next
        if isinstance(error, InputError):
            return last.startswith(ENGINE)
        return last.startswith(ENGINE) and not last.endswith(("arrays.py", "door.py"))

    def _inner(self, frame: FrameType | None) -> FrameType | None:
        while frame is not None and not self.taught(frame.f_code.co_filename):
            frame = frame.f_back
        return frame

    def _callers(self, frame: FrameType) -> list[FrameType]:
        """Taught frames that called it, innermost first, up to the recorded function's."""
        callers: list[FrameType] = []
        outer = frame.f_back
        while outer is not None and outer.f_code is not self.stop:
            if self.taught(outer.f_code.co_filename):
                callers.append(outer)
            outer = outer.f_back
        return callers

    def _site(self, code: CodeType, instruction: int) -> Site:
        found = self.sources.site(code, instruction)
        return found if found is not None else self.textless.site(code, instruction)

    def _place(self, frame: FrameType, callers: list[FrameType], row: int | None) -> Place:
        site = self._site(frame.f_code, frame.f_lasti)
        site = site if row is None else self._rows_of(site)
        outer = [(self._site(caller.f_code, caller.f_lasti), (caller, caller.f_lasti)) for caller in callers]
        source = self._source(site, frame, list(reversed(outer)))
        name, names = (site.target.name, site.target.names)
        if row is not None:
            name, names = _iterated(site, row), ()
        elif site.target.returned:
            name, names = _through_calls(site, [caller for caller, _ in outer])
        return Place(site, frame, source, name, names)

    def _rows_of(self, site: Site) -> Site:
        """In a comprehension, what is iterated over: the instruction has the place of the whole."""
        if site.file is None or not isinstance(site.node, COMPREHENSIONS):
            return site
        return site.file.site(site.node.generators[0].iter)

    def _source(
        self, site: Site, frame: FrameType, outer: list[tuple[Site, tuple[FrameType, int]]]
    ) -> Source:
        calls = tuple(
            caller.expression for caller, (_, _) in outer if not isinstance(caller.node, COMPREHENSIONS)
        )
        passes: tuple[int, ...] = ()
        for caller, (caller_frame, _) in outer:
            if not isinstance(caller.node, COMPREHENSIONS):
                passes += self.passes.of(caller, caller_frame)
        passes += self.passes.of(site, frame)
        return Source(site.expression, site.statement, site.function, site.function_span, calls, passes)

    def _is_taught(self, path: str) -> bool:
        if path.startswith("<"):
            return not path.startswith(("<frozen", "<__array_function__"))
        whole = str(Path(path).resolve())
        if whole.startswith(ENGINE):
            return False
        around = [folder for folder in (self.home, *self._foreign) if _inside(whole, folder)]
        # The nearest decides: an environment may be beside the function, and a scene may be installed.
        return not around or max(around, key=len) == self.home


def code_of(function: Callable[..., Any]) -> CodeType:
    """The code of a function, method, partial or callable object."""
    inner: Any = function
    while isinstance(inner, functools.partial):
        inner = inner.func
    inner = getattr(inner, "__func__", inner)
    if callable(inner) and not hasattr(inner, "__code__"):
        inner = type(inner).__call__
    inner = getattr(inner, "__wrapped__", inner)
    if not isinstance(getattr(inner, "__code__", None), CodeType):
        name = getattr(function, "__name__", repr(function))
        raise InputError(
            f"{name} is not written in Python", "record", "record a Python function that calls it"
        )
    code: CodeType = inner.__code__
    return code


def _iterated(site: Site, row: int) -> str:
    """The name that a row gets in `for row in x` or in `a, b = x`."""
    file, node = site.file, site.node
    if file is None or node is None:
        return ""
    if isinstance(node, ast.Tuple | ast.List):
        starred = any(isinstance(one, ast.Starred) for one in node.elts)
        return "" if starred or row >= len(node.elts) else file.segment(node.elts[row])
    target = getattr(file.parents.get(node), "target", None)
    return file.segment(target) if target is not None else ""


def _through_calls(site: Site, callers: list[Site]) -> tuple[str, tuple[str, ...]]:
    """The name that a returned value gets where the function was called."""
    place = site.target.place
    for caller in callers:
        target = caller.target
        if target.returned:
            place = target.place if place is None else place
            continue
        if place is None:
            return target.name, target.names
        return (target.names[place] if place < len(target.names) else ""), ()
    return "", ()


def _inside(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _installed_folders() -> tuple[str, ...]:
    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders.update(packages.getsitepackages())
    folders.add(packages.getusersitepackages())
    folders.update(entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages"))
    folders.add(str(Path(np.__file__).parent))  # wherever it was found
    return tuple(str(Path(folder).resolve()) for folder in folders if folder)
