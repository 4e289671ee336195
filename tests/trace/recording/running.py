"""Runs a program afresh, watched or not, and tells all that it did as plain data."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import random
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from tests import listed
from tests.trace.recording.freezing import freeze

FOLDER = Path(__file__).parent
PACKAGE = "tests.trace.recording"
COMPANIONS = ("shelf",)  # modules that programs import


def _names(folder: str) -> list[str]:
    found = sorted(path.stem for path in (FOLDER / folder).glob("*.py"))
    return [f"{folder}.{stem}" for stem in found if stem not in COMPANIONS]


PROGRAMS, CASES = _names("programs"), _names("cases")
SHOWN = FOLDER.parents[2] / "examples"
EXAMPLES = [
    f"examples.{path.stem}" for path in sorted(SHOWN.glob("*.py")) if "def inputs(" in path.read_text()
]


@dataclass(frozen=True)
class Told:
    """All that a run did, frozen: what it returned or raised, its arguments and modules afterwards, its words."""

    returned: Any
    raised: Any
    arguments: Any
    state: Any
    printed: str
    warned: tuple[Any, ...]


@dataclass
class Program:
    """A program freshly imported: `step`, its arguments, and the modules that are its own."""

    module: ModuleType
    files: frozenset[str]
    modules: dict[str, ModuleType]
    arguments: tuple[Any, ...] = ()
    returned: list[Any] = field(default_factory=list)

    def keeping(self) -> Callable[..., Any]:
        """`step`, which keeps what it returns as it is."""
        step, box = self.module.step, self.returned

        def kept(*arguments: Any) -> Any:
            result = step(*arguments)
            box.append(result)
            return result

        return kept


def fresh(name: str) -> Program:
    """`programs.NAME`, `cases.NAME` or `examples.NAME`, imported anew with all that it imports of its own."""
    if name in EXAMPLES:
        return fresh_file(SHOWN / f"{name.partition('.')[2]}.py")
    package = importlib.import_module(f"{PACKAGE}.{name.partition('.')[0]}")
    for old in [one for one in sys.modules if one.startswith(package.__name__ + ".")]:
        del sys.modules[old]
        vars(package).pop(old.rpartition(".")[2], None)
    _seed()
    module = importlib.import_module(f"{PACKAGE}.{name}")
    modules = {key: one for key, one in sys.modules.items() if key.startswith(package.__name__ + ".")}
    return _program(module, modules)


def fresh_file(path: Path) -> Program:
    """A program in a file anywhere."""
    sys.modules.pop(path.stem, None)
    _seed()
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return _program(module, {path.stem: module})


def _seed() -> None:
    random.seed(0)
    np.random.seed(0)


def _program(module: ModuleType, modules: dict[str, ModuleType]) -> Program:
    arguments = tuple(module.inputs()) if hasattr(module, "inputs") else ()
    return Program(module, frozenset(str(one.__file__) for one in modules.values()), modules, arguments)


def run(program: Program, call: Callable[..., Any]) -> Told:
    """`call(step, *arguments)` and everything that could be seen of it afterwards."""
    raised = None
    with contextlib.redirect_stdout(io.StringIO()) as out, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            call(program.keeping(), *program.arguments)
        except Exception as error:
            raised = error
    names = frozenset(program.modules)
    last = program.returned[-1] if program.returned else None
    everything = freeze(
        [last, program.arguments, {name: _contents(module) for name, module in program.modules.items()}],
        names,
    )
    (returned, arguments, state) = everything[1][0]
    said = tuple((one.category.__name__, str(one.message), one.lineno, one.filename) for one in warned)
    chance = repr(np.random.get_state()), repr(random.getstate())
    return Told(returned, freeze(raised), arguments, (state, chance), out.getvalue(), said)


def run_plain(program: Program) -> Told:
    """The program as it is."""
    return run(program, lambda step, *arguments: step(*arguments))


def _contents(module: ModuleType) -> dict[str, Any]:
    return {key: one for key, one in vars(module).items() if not key.startswith("__")}


def functions(files: frozenset[str]) -> list[types.FunctionType]:
    """Every function whose text is in one of the files."""
    return [one for one in listed.functions() if one.__code__.co_filename in files]


@contextlib.contextmanager
def untouched(files: frozenset[str]) -> Iterator[None]:
    """What a recording must put back: the code of functions, Python's hooks, builtins."""
    before = {one: one.__code__ for one in functions(files)}
    around = _surroundings()
    yield
    assert {one: one.__code__ for one in before} == before
    assert all(one.__code__ is code for one, code in before.items())
    assert _surroundings() == around


def _surroundings() -> dict[str, Any]:
    import builtins
    import threading

    return {
        "builtins": dict(vars(builtins)),
        "trace": (sys.gettrace(), sys.getprofile(), threading.gettrace(), threading.getprofile()),
        "imports": (list(sys.meta_path), list(sys.path_hooks), list(sys.path)),
        "errors": (sys.excepthook, sys.displayhook, sys.unraisablehook, threading.excepthook),
        "numpy": dict(np.geterr(), call=np.geterrcall(), print=repr(np.get_printoptions())),
        "limit": sys.getrecursionlimit(),
        "warnings": (warnings.showwarning, list(warnings.filters)),
        "numpy's names": dict(vars(np)),
    }
