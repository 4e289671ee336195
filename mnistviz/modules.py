"""Modules of a scene's own: run from their files as they stand, and carried to workers by their contents.

A worker runs what the command has run, byte for byte, whatever has become of the files since, and
wherever it is: what a module imports of the same folder or package goes along, and nothing else: whoever
changes what no drawing reaches, as the words of a story, changes no other picture.
"""

from __future__ import annotations

import ast
import sys
import sysconfig
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, ClassVar

from mnistviz.errors import InputError, MachineError, MnistvizError, kind_of, lacked_memory
from mnistviz.reach import parents, reached

SCENE = "mnistviz_scene_"  # what the names of scenes' modules begin with
SCRIPT = "mnistviz_script"  # what `__main__` is called where it is not the main program
WRONG_USAGE = 2  # how a program ends, by argparse or another, that was not given what it needs
_ENGINE = __name__.partition(".")[0]


@dataclass(frozen=True)
class Module:
    """One module as it was imported."""

    name: str  # dotted
    path: str  # of its file, for tracebacks and its neighbours
    content: bytes  # of its file
    package: bool


@dataclass(frozen=True)
class OwnCode:
    """What a worker imports beside this package: the modules of `entries`, from those that go along."""

    modules: tuple[Module, ...] = ()
    entries: tuple[str, ...] = ()  # names


class _AsItStands(SourceFileLoader):
    """Compiles the file as it stands: a cached `.pyc` of the same second and size would be a stale film."""

    content: bytes | None = None  # once it was run

    def get_code(self, fullname: str) -> CodeType:
        self.content = self.get_data(self.path)
        return self.source_to_code(self.content, self.path)


class _OfScenes(MetaPathFinder):
    """Finds the modules in the folders of scenes, and has them compiled as they stand."""

    homes: ClassVar[set[str]] = set()  # folders of the scenes that were loaded

    @classmethod
    def find_spec(cls, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] == _ENGINE or not cls._is_near(name, path):
            return None
        spec = PathFinder.find_spec(name, path)
        if (
            spec is None
            or not isinstance(spec.loader, SourceFileLoader)
            or _is_installed(Path(spec.loader.path))
        ):
            return None
        spec.loader = _AsItStands(name, spec.loader.path)
        return spec

    @classmethod
    def invalidate_caches(cls) -> None:
        """Nothing is kept: the path's own finders are asked each time."""

    @classmethod
    def _is_near(cls, name: str, path: Sequence[str] | None) -> bool:
        """Whether a module may be in one of the folders: most are not, and need not be looked for twice."""
        if path is None:
            return any(Path(home, name + end).exists() for home in cls.homes for end in ("", ".py"))
        return any(Path(folder).is_relative_to(home) for folder in path for home in cls.homes)


def scenes_folder() -> Path:
    """Where the built-in scenes are: beside this file in an installed package, else in the checkout."""
    here = Path(__file__).resolve().parent
    return next(folder for folder in (here / "scenes", here.parent / "scenes") if folder.is_dir())


def load_module(path: Path, package: bool = False) -> ModuleType:
    """The module of a file, run anew by Python's own import machinery; its errors are its own.

    Raises `InputError` where there is no such file.
    """
    if not path.is_file():
        raise InputError("there is no such file", str(path), "name a FILE.py or a folder with __init__.py")
    name = f"{SCENE}{path.parent.name if package else path.stem}"
    place = path.resolve()
    _forget(loaded for loaded in sys.modules if loaded == name or loaded.startswith(f"{name}."))
    if _OfScenes not in sys.meta_path:
        sys.meta_path.insert(0, _OfScenes)
    if not package and str(place.parent) not in sys.path:
        sys.path.append(str(place.parent))  # its neighbours, behind everything that we import
    _OfScenes.homes.add(str(place.parent))
    module = module_from_spec(_spec(_AsItStands(name, str(place)), package))
    sys.modules[name] = module
    _loader(module).exec_module(module)
    return module


def _spec(loader: SourceFileLoader, package: bool) -> ModuleSpec:
    spec = ModuleSpec(loader.name, loader, origin=loader.path, is_package=package)
    spec.has_location = True
    if package:
        spec.submodule_search_locations = [str(Path(loader.path).parent)]
    return spec


def _loader(module: ModuleType) -> Any:
    return module.__spec__.loader if module.__spec__ is not None else None


def _forget(names: Iterable[str]) -> None:
    for name in list(names):
        del sys.modules[name]


def own_code(entries: Iterable[str]) -> OwnCode:
    """The modules of these names, with those of the same folder or package that they reach.

    Of a main program only what is defined goes along, and of that what its drawings need: no worker runs
    a script.  Raises `InputError` for a module whose source is in no file.
    """
    names = tuple(dict.fromkeys(entries))
    carried: dict[str, Module] = {}
    for entry in names:
        for name in (entry, *_companions(entry)):
            carried[name] = _carried(name)
    for name in list(carried):
        for parent in parents(name):
            carried.setdefault(parent, Module(parent, "", b"", True))
    needed = reached(names, carried)
    renamed = {"__main__": SCRIPT}
    modules = tuple(module for name, module in sorted(carried.items()) if name in needed)
    return OwnCode(modules, tuple(renamed.get(name, name) for name in names))


def _carried(name: str) -> Module:
    module = sys.modules[name]
    path = getattr(module, "__file__", None)
    content = getattr(_loader(module), "content", None)
    if content is None:
        try:
            content = Path(path or "").read_bytes()
        except OSError:
            cure = "write it into a file of its own, and import that"
            raise InputError("a drawing's source cannot be read", name, cure) from None
    if name == "__main__":
        return Module(SCRIPT, str(path), _definitions(content), False)
    return Module(name, str(path), content, hasattr(module, "__path__"))


def _companions(entry: str) -> list[str]:
    """Names of the modules that were imported from the folder or package of that one."""
    top, dotted, _ = entry.partition(".")
    if dotted or hasattr(sys.modules[entry], "__path__"):
        inside = [name for name in sys.modules if name == top or name.startswith(f"{top}.")]
        return [name for name in inside if getattr(sys.modules[name], "__file__", None)]
    home = Path(getattr(sys.modules[entry], "__file__", None) or "").resolve().parent
    return [name for name, module in list(sys.modules.items()) if _is_own(name, module, home)]


def _is_own(name: str, module: ModuleType, home: Path) -> bool:
    file = getattr(module, "__file__", None)
    if file is None or name in ("__main__", "__mp_main__") or name.partition(".")[0] == _ENGINE:
        return False
    path = Path(file).resolve()
    return path.suffix == ".py" and path.is_relative_to(home) and not _is_installed(path)


def _is_installed(path: Path) -> bool:
    if {"site-packages", "dist-packages"} & set(path.parts):
        return True
    places = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    return any(path.is_relative_to(Path(place).resolve()) for place in places)


def _definitions(content: bytes) -> bytes:
    """Of a script the statements that enter drawings, and those that define what they need."""
    tree = ast.parse(content)
    body = [statement for statement in tree.body if not isinstance(statement, ast.If)]
    needed = {"draws"}
    kept: list[ast.stmt] = []
    while True:
        more = [statement for statement in body if statement not in kept and _is_needed(statement, needed)]
        if not more:
            break
        kept += more
        needed |= {name for statement in more for name in _names(statement, ast.Load)}
    tree.body = [statement for statement in body if statement in kept or _is_future(statement)]
    return ast.unparse(tree).encode()


def _is_needed(statement: ast.stmt, needed: set[str]) -> bool:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        decorators = {name for one in statement.decorator_list for name in _names(one, ast.Load)}
        return statement.name in needed or "draws" in decorators
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return not needed.isdisjoint(
            (alias.asname or alias.name).partition(".")[0] for alias in statement.names
        )
    return not needed.isdisjoint(_names(statement, ast.Store))


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _names(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    """The names that are read or bound anywhere in it, and the attributes that are read."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, context)}
    return names | {
        one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute) and context is ast.Load
    }


class _AsCarried(_AsItStands):
    """Runs a module's contents as they came, from whatever file."""

    def __init__(self, module: Module) -> None:
        super().__init__(module.name, module.path)
        self._module = module

    def get_data(self, path: str) -> bytes:
        return self._module.content if path == self.path else super().get_data(path)


class _OfCarried(MetaPathFinder):
    """Finds the modules that came along."""

    def __init__(self, code: OwnCode) -> None:
        self._modules = {module.name: module for module in code.modules}

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        module = self._modules.get(name)
        return None if module is None else _spec(_AsCarried(module), module.package)


def import_carried(code: OwnCode) -> None:
    """Import the entries from the modules that came along, anew, and from nowhere else; errors are their own."""
    _forget(module.name for module in code.modules if module.name in sys.modules)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _OfCarried)]
    sys.meta_path.insert(0, _OfCarried(code))
    for name in code.entries:
        import_module(name)


@contextmanager
def blamed_on(path: Path) -> Iterator[None]:
    """Errors of the scene's code become an `InputError` with the file and line where they happened.

    Where there was no memory for it, a `MachineError`.
    """
    try:
        yield
    except MnistvizError:
        raise
    except (Exception, SystemExit) as error:
        words = _words(error)
        if lacked_memory(error):  # the machine's
            what = f"out of memory: {words}" if words and isinstance(error, MemoryError) else "out of memory"
            raise MachineError(
                what, _place(error, path), "let it have more, or the scene take less"
            ) from error
        what = f"{kind_of(error)}: {words}" if words else kind_of(error)
        raise InputError(what, _place(error, path), _cure_of(error)) from error


def _cure_of(error: BaseException) -> str:
    """What its author does against an error of a program that runs elsewhere."""
    if isinstance(error, SystemExit) and error.code == WRONG_USAGE:
        return "give it its own arguments after a --"
    if isinstance(error, SystemExit):
        return "it ends itself there: give it what it asks for, its own arguments after a --"
    if isinstance(error, EOFError):
        return "it asks for input: let it read some, from a pipe or a file"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"install {error.name.partition('.')[0]} where mnistviz is, or mend the scene's code"
    return "mend the scene's code"


def _words(error: BaseException) -> str:
    """What an error of the scene's code says; the code that says it may be the scene's own."""
    try:
        return str(error)
    except Exception:
        return ""


def _place(error: BaseException, path: Path) -> str:
    """`step.py:12`: the last line of the scene's own code that an error passed through."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{_shown(Path(error.filename), path)}:{error.lineno}"
    home = path.resolve() if path.is_dir() else path.resolve().parent
    calls = traceback.extract_tb(error.__traceback__)
    files = [
        call for call in calls if not call.filename.startswith("<")
    ]  # Python's own, or a text that was run
    own = [call for call in files if Path(call.filename).resolve().is_relative_to(home)]
    return f"{_shown(Path(own[-1].filename), path)}:{own[-1].lineno}" if own else str(path)


def _shown(file: Path, path: Path) -> str:
    """The file as the user named it, or its name alone where it is a neighbour."""
    return str(path) if file.resolve() == path.resolve() else file.name
