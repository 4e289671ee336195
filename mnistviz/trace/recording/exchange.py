"""For the time of a recording, functions run code with watchers in it; afterwards each has its own back.

A file's text is compiled twice, as it is and with watchers.  A function whose code equals the plain one runs
the watched one; that is how the text is held against the live code.
"""

from __future__ import annotations
import __future__

import gc
import operator
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from itertools import compress, repeat
from types import CodeType, FunctionType
from typing import Any

from mnistviz.errors import InputError
from mnistviz.trace.recording.expressions import MARK
from mnistviz.trace.recording.instrument import Instrumenter
from mnistviz.trace.recording.watched import Watched
from mnistviz.trace.source.text import SourceText, read_text, short_name

FUTURE = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
PYTEST = "@pytest_ar"  # pytest writes assertions anew: such code is its own, and equals no text


@dataclass(eq=False)
class WatchedFile:
    """A file's text, and its code with and without watchers."""

    text: SourceText
    watched: dict[CodeType, CodeType] = field(default_factory=dict)  # plain to watched
    places: dict[tuple[str, int], list[CodeType]] = field(default_factory=dict)  # plain code by name and line

    def match(self, code: CodeType) -> CodeType | None:
        """The watched code for a function's live code; None where the text says something else."""
        found = self.watched.get(code)
        if found is None and PYTEST in code.co_names:
            plain = self.places.get((code.co_qualname, code.co_firstlineno), [])
            return self.watched[plain[0]] if len(plain) == 1 else None
        return found

    def is_made_of(self, code: CodeType) -> bool:
        """Whether the program made code of this file's own: `f.__code__.replace(co_name="g")`."""
        does = code.co_firstlineno, code.co_code
        return any(does == (one.co_firstlineno, one.co_code) for pair in self.watched.items() for one in pair)


Writer = Callable[[SourceText], Instrumenter]  # writes watchers into a file

_cache: dict[tuple[str, int, Writer], WatchedFile] = {}  # the last text of each file


def _plain_watchers(_: str) -> Writer:
    return Instrumenter


class Exchange:
    """A context in which watched code runs; finds the text of the code that runs.

    `writer` gives for a file's path what writes watchers into it: a class, whose work is cached, or another
    callable.
    """

    def __init__(self, watched: Watched, writer: Callable[[str], Writer] = _plain_watchers) -> None:
        self._watched = watched
        self._writer = writer
        self._files: dict[tuple[str, int], WatchedFile | None] = {}
        self._texts: dict[int, SourceText] = {}  # of watched code, by its id
        self._plain: dict[int, CodeType] = {}  # of watched code, by its id
        self._own: list[tuple[FunctionType, CodeType]] = []
        self._left: dict[int, FunctionType] = {}  # functions that a compiler reads
        self.paused: list[tuple[FunctionType, CodeType]] = []  # what has its own code back for a while
        self._lock = threading.RLock()
        self.edited: dict[int, CodeType] = {}  # code that its file does not hold
        self._loaders: list[tuple[Any, Callable[..., Any]]] = []  # that give watched code, and what they gave

    def __enter__(self) -> Exchange:
        try:
            ours = self._watched.of(_functions())
            # All files are read before any code runs watched: an audit hook hears of the reading.
            found = [(one, new) for one in ours if (new := self._new_code(one)) is not None]
            for function, new in found:
                self._put(function, new)
            for loader in _loaders():
                get_code = vars(loader)["get_code"]
                self._loaders.append((loader, get_code))
                loader.get_code = self._watched_module(get_code)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Give each function its own code back, those too that were made meanwhile."""
        self.paused.clear()
        for loader, get_code in self._loaders:
            loader.get_code = get_code
        self._loaders.clear()
        for function, code in self._own:
            function.__code__ = code
        self._own.clear()
        self._left.clear()
        for function in _functions():
            if id(function.__code__) in self._plain:
                self._give_back(function)

    def _give_back(self, function: FunctionType) -> bool:
        """Give a function its own code back; whether it ran watched code."""
        plain = self._plain.get(id(function.__code__))
        if plain is not None:
            function.__code__ = plain
        return plain is not None

    def leave(self, function: FunctionType) -> bool:
        """A compiler is about to read a function: it has its own code from now on; whether that is news."""
        if id(function) in self._left:
            return False
        self._left[id(function)] = function
        self._give_back(function)
        return True

    def pause(self) -> None:
        """All functions are about to be read: they have their own code until `resume`."""
        with self._lock:
            watched = [(one, one.__code__) for one in _functions()]
            self.paused += [(one, code) for one, code in watched if self._give_back(one)]

    def resume(self) -> None:
        """They run watched code again."""
        with self._lock:
            for function, code in self.paused:
                function.__code__ = code
            self.paused.clear()

    def exchange(self, function: FunctionType) -> bool:
        """Let a function run watched code; whether it does."""
        if id(function.__code__) in self._texts:
            return True
        new = self._new_code(function)
        if new is not None:
            self._put(function, new)
        return new is not None

    def _put(self, function: FunctionType, new: CodeType) -> None:
        with self._lock:
            self._own.append((function, function.__code__))
            function.__code__ = new

    def _new_code(self, function: FunctionType) -> CodeType | None:
        """The watched code of a function that is to run it."""
        code = function.__code__
        if (
            id(function) in self._left
            or id(code) in self.edited
            or not self._watched.watches(code.co_filename)
        ):
            return None
        with self._lock:
            new = self.match(code)
            if new is not None and new.co_freevars == code.co_freevars:
                return new
            file = self._files.get((code.co_filename, 0))
            if not code.co_filename.startswith("<") and file is not None and not file.is_made_of(code):
                self.edited[id(code)] = code
            return None

    def watches(self, path: str) -> bool:
        """Whether the code of a file is watched."""
        return self._watched.watches(path)

    def runs(self, code: CodeType) -> bool:
        """Whether code has watchers in it."""
        return id(code) in self._texts

    def is_unseen(self, code: CodeType) -> bool:
        """Whether code would be watched, but runs without watchers."""
        return id(code) not in self._texts and self._watched.watches(code.co_filename)

    def program(self, path: str) -> CodeType | None:
        """The watched code of a whole file, to be run as a program; None where there is no text."""
        file = self.file(path)
        found = [] if file is None else [one for one in file.watched.values() if one.co_name == "<module>"]
        return found[0] if found else None

    def text(self, code: CodeType) -> SourceText | None:
        """The text of watched code."""
        return self._texts.get(id(code))

    @property
    def texts(self) -> list[SourceText]:
        """The texts of all files."""
        return [file.text for file in self._files.values() if file is not None]

    def match(self, code: CodeType) -> CodeType | None:
        """The watched code for live code; None where there is no text, or it says something else."""
        try:
            file = self.file(code.co_filename)
        except InputError:  # a file that nobody can read, of a function that may never run
            return None
        found = file.match(code) if file is not None else None
        flags = code.co_flags & FUTURE
        if found is None and flags:  # `exec` hands on the flags of the file that it is in
            file = self.file(code.co_filename, flags)
            found = file.match(code) if file is not None else None
        return found

    def file(self, path: str, flags: int = 0) -> WatchedFile | None:
        """A file with watchers, compiled under `__future__` flags; None where there is no text."""
        key = (path, flags)
        if key not in self._files:
            self._files[key] = None
            file = self._files[key] = self._read(path, flags)
            for plain, new in file.watched.items() if file is not None else ():
                self._texts[id(new)] = file.text  # type: ignore[union-attr]
                self._plain[id(new)] = plain
        return self._files[key]

    def _read(self, path: str, flags: int) -> WatchedFile | None:
        text = read_text(path)
        if not text:
            return None
        name = short_name(path, self._watched.home)
        writer = self._writer(path)
        known = _cache.get((path, flags, writer))
        if known is not None and (known.text.text, known.text.name) == (text, name):
            return known
        made = compile_file(name, path, text, flags, writer)
        if isinstance(writer, type):
            _cache[path, flags, writer] = made
        return made

    def _watched_module(self, get_code: Callable[..., Any]) -> Callable[..., Any]:
        """A loader's `get_code` that gives modules watched code; what is cached on disk stays plain."""

        def get_watched_code(loader: Any, fullname: str) -> Any:
            code = get_code(loader, fullname)
            path = getattr(code, "co_filename", "")
            if code is None or not self._watched.watches(path):
                return code
            with self._lock:
                return self.match(code) or code

        return get_watched_code


def compile_file(
    name: str,
    path: str,
    text: str,
    flags: int = 0,
    writer: Writer = Instrumenter,
) -> WatchedFile:
    """A file's code with and without watchers.  Raises `InputError` where the text is not Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python has warned when the user's code was compiled
        try:
            source = SourceText(name, path, text)
        except (SyntaxError, ValueError):
            raise InputError(f"{path} is not Python any more", path, "start again after mending it") from None
        instrumenter = writer(source)
        tree = instrumenter.module()
        plain = compile(source.tree, path, "exec", flags, dont_inherit=True)
        new = compile(tree, path, "exec", flags, dont_inherit=True)
    file = WatchedFile(source)
    for own, watched in _twins(plain, _filled(new, instrumenter.constants)):
        file.watched.setdefault(own, watched)
        file.places.setdefault((own.co_qualname, own.co_firstlineno), []).append(own)
    return file


def _filled(code: CodeType, constants: list[Any]) -> CodeType:
    """The code with true constants for the marked texts."""

    def fill(value: Any) -> Any:
        if type(value) is str and value.startswith(MARK):
            return constants[int(value.removeprefix(MARK))]
        return _filled(value, constants) if isinstance(value, CodeType) else value

    return code.replace(co_consts=tuple(map(fill, code.co_consts)))


def _twins(plain: CodeType, watched: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Each code of a file with its watched one."""
    yield plain, watched
    others: dict[tuple[str, int], list[CodeType]] = {}
    for code in _inner(watched):
        others.setdefault((code.co_qualname, code.co_firstlineno), []).append(code)
    for code in _inner(plain):
        found = others.get((code.co_qualname, code.co_firstlineno))
        if found:
            yield from _twins(code, found.pop(0))


def _inner(code: CodeType) -> list[CodeType]:
    """The codes inside of a code, in the order of the text."""
    found = [one for one in code.co_consts if isinstance(one, CodeType)]
    return sorted(found, key=lambda one: (one.co_firstlineno, _first_column(one)))


def _first_column(code: CodeType) -> int:
    starts = [column for _, _, column, _ in code.co_positions() if column is not None]
    return min(starts, default=0)


def _loaders() -> list[Any]:
    """The kinds of loader that say for themselves what code a module has: of files, of zipped ones, a library's own."""
    found: list[Any] = []
    waiting: list[type] = [SourceFileLoader.__mro__[-2]]
    while waiting:
        kind = waiting.pop()
        waiting += type.__subclasses__(kind)
        found += [kind] if "get_code" in vars(kind) and kind not in found else []
    return found


def _functions() -> Iterator[FunctionType]:
    """All functions; a process has a hundred thousand objects and more, which only C goes through in no time."""
    objects = gc.get_objects()
    return compress(objects, map(operator.is_, map(type, objects), repeat(FunctionType)))
