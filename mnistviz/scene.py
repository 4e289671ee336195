"""What can be filmed: finds a scene by name, folder or file, and opens it as something to record and to tell.

A scene is a folder whose `__init__.py` has

    CHOICE              a frozen dataclass of fields with an `option`, its options on the command line; or none
    open_scene(choice)  a `Scene`: how to record it, and how to tell it
    tell(trace)         the storyboard of a trace of its own that was saved; for built-in scenes
    open_learner()      its network, a `mnistviz.training.loop.Learner`, where it can be trained

or any file with `step(*arrays)` and `inputs()`, and perhaps `storyboard(trace)`; or a trace that was
saved.  What it imports may enter drawings and themes of its own.  The built-in ones are beside the
engine, which knows none of them.
"""

from __future__ import annotations

import ast
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mnistviz.errors import InputError, MnistvizError
from mnistviz.modules import load_module

if TYPE_CHECKING:
    from mnistviz.data.pictures import Orientation
    from mnistviz.story.storyboard import Storyboard
    from mnistviz.trace.model import Trace
    from mnistviz.training.loop import Learner

DEFAULT_SCENE = "mnist_mlp"


@dataclass(frozen=True)
class Option:
    """What a command line says of one thing that may be chosen."""

    help: str
    kind: type = str  # str, int, float or Path
    metavar: str = ""
    words: tuple[str, ...] = ()  # one of these
    least: float | None = None
    most: float | None = None


def option(help: str, kind: type = str, **limits: Any) -> dict[str, Option]:
    """The metadata of a field that may be chosen; `limits` are the other fields of `Option`."""
    return {"option": Option(help, kind, **limits)}


@dataclass(frozen=True)
class NoChoice:
    """What a scene without options lets one choose."""


@dataclass(frozen=True)
class PictureChoice:
    """Which picture a scene of pictures shows, and with which weights; None means the scene's own."""

    weights: Path | None = field(
        default=None,
        metadata=option("Weights to load.  [default: the scene's own]", Path, metavar="DIR"),
    )
    data: Path | None = field(
        default=None,
        metadata=option("MNIST idx files, .gz or not.  [default: built-in]", Path, metavar="DIR"),
    )
    index: int | None = field(
        default=None, metadata=option("Which picture, counted from 0.", int, metavar="N", least=0)
    )
    image: Path | None = field(
        default=None, metadata=option("Your own PNG or JPEG of a digit.", Path, metavar="FILE")
    )
    box: str | None = field(
        default=None,
        metadata=option(
            "Where in your own picture the digit is, in pixels.", metavar="LEFT,TOP,WIDTH,HEIGHT"
        ),
    )
    label: int | None = field(
        default=None,
        metadata=option("What the picture shows, where you know better.", int, metavar="D", least=0, most=9),
    )
    orientation: Orientation = field(
        default="upright",
        metadata=option(
            "clockwise: turned before it is fed in, as the article's weights need it.",
            words=("upright", "clockwise"),
        ),
    )

    def __post_init__(self) -> None:
        if self.image is not None and (self.data is not None or self.index is not None):
            raise InputError("--image and --data or --index name two pictures", "", "give one of them")
        if self.box is not None and self.image is None:
            raise InputError("--box is for a picture of your own", "", "name the picture with --image")


@dataclass(frozen=True)
class Scene:
    """Something to film: `record` runs it once, `storyboard` tells what was recorded."""

    name: str
    record: Callable[[], Trace]
    storyboard: Callable[[Trace], Storyboard]
    remarks: tuple[str, ...] = ()  # what a person should know first: what was read, what is unsure


@dataclass(frozen=True)
class FoundScene:
    """A scene that is there, before anything was chosen: `choice` is the record of what can be."""

    name: str
    choice: type[Any]  # a frozen dataclass of fields with an `option`
    open: Callable[[Any], Scene]  # with a `choice`


def load_scene(name: str = DEFAULT_SCENE, choice: object = None) -> Scene:
    """The scene of that built-in name, folder, `FILE.py[:function]` or saved trace.

    Raises `InputError` where there is none, or where its code cannot be run.
    """
    found = find_scene(name)
    chosen = found.choice() if choice is None else choice
    if type(chosen) is not found.choice:
        raise InputError(f"{type(chosen).__name__} is not what can be chosen", name, "leave it out")
    return found.open(chosen)


def find_scene(name: str = DEFAULT_SCENE) -> FoundScene:
    """The scene of that name and its options; of a FILE.py nothing is run before it is opened.

    Raises `InputError` where there is none.
    """
    if name in scene_names():
        return _of_package(name, scenes_folder() / name)
    file, found, function = name.partition(".py")
    if found and (function == "" or function[0] == ":"):
        path = Path(file + found)
        return FoundScene(path.stem, NoChoice, lambda _: _of_file(path, function[1:] or "step"))
    if Path(name).is_dir():
        return _of_package(Path(name).resolve().name, Path(name))
    if Path(name).suffix == ".npz":
        return FoundScene(Path(name).stem, NoChoice, lambda _: _of_trace(Path(name)))
    raise InputError(f"there is no scene {name!r}", "", _cure_for(name))


def load_learner(name: str = DEFAULT_SCENE) -> Learner:
    """The network of a scene, as it is trained and tested; raises `InputError` where it cannot be."""
    folder = scenes_folder() / name if name in scene_names() else Path(name)
    if not folder.is_dir():
        raise InputError(f"there is no scene {name!r} that can be trained", "", _cure_for(name))
    package = _loaded(folder / "__init__.py", package=True)
    if not hasattr(package, "open_learner"):
        raise InputError("this scene cannot be trained", name, "define open_learner() in its __init__.py")
    with _blamed_on(folder):
        learner: Learner = package.open_learner()
    return learner


def scene_names() -> tuple[str, ...]:
    """Names of the built-in scenes."""
    return tuple(sorted(entry.parent.name for entry in scenes_folder().glob("*/__init__.py")))


def scene_summary(name: str) -> str:
    """The first line of a built-in scene's documentation, read without running it."""
    text = (scenes_folder() / name / "__init__.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def scenes_folder() -> Path:
    """Where the built-in scenes are: beside this file in an installed package, else in the checkout."""
    here = Path(__file__).resolve().parent
    return next(folder for folder in (here / "scenes", here.parent / "scenes") if folder.is_dir())


def _cure_for(name: str) -> str:
    near = get_close_matches(name, scene_names(), 1)
    known = f"scenes: {' '.join(scene_names())}; or name a folder, FILE.py[:function] or trace.npz"
    return f"did you mean {near[0]}? {known}" if near else known


def _of_package(name: str, folder: Path) -> FoundScene:
    module = _loaded(folder / "__init__.py", package=True)
    if not hasattr(module, "open_scene"):
        return FoundScene(name, NoChoice, lambda _: _of_module(name, module, folder / "__init__.py", "step"))

    def open_scene(choice: object) -> Scene:
        with _blamed_on(folder):
            scene = module.open_scene(choice)
        if not isinstance(scene, Scene):
            raise InputError("open_scene gave no Scene", str(folder), "let it return mnistviz.scene.Scene")
        return scene

    return FoundScene(name, getattr(module, "CHOICE", NoChoice), open_scene)


def _of_file(path: Path, function: str) -> Scene:
    name = path.stem if function == "step" else f"{path.stem}-{function}"
    return _of_module(name, _loaded(path), path, function)


def _of_trace(path: Path) -> Scene:
    """A saved trace, told by the built-in scene that recorded it, else by the default storyboard.

    Nothing else that it names is loaded: no path, no module.
    """

    def record() -> Trace:
        from mnistviz.trace.model import Trace

        return Trace.load(path)

    def storyboard(trace: Trace) -> Storyboard:
        from mnistviz.story.default import default_storyboard

        if trace.scene not in scene_names():
            return default_storyboard(trace, path.stem)
        folder = scenes_folder() / trace.scene
        with _blamed_on(path):
            board: Storyboard = _loaded(folder / "__init__.py", package=True).tell(trace)
        return board

    return Scene(path.stem, record, storyboard)


def _of_module(name: str, module: ModuleType, path: Path, function: str) -> Scene:
    """A scene of `function(*inputs())`, told by `storyboard(trace)` where there is one."""
    for wanted in (function, "inputs"):
        if not callable(getattr(module, wanted, None)):
            cure = f"define {function}(*arrays) and inputs()"
            raise InputError(f"there is no function {wanted}", str(path), cure)

    def record() -> Trace:
        from mnistviz.trace.recording.recorder import record

        with _blamed_on(path), redirect_stdout(sys.stderr):
            arrays = module.inputs()
            given = arrays if isinstance(arrays, tuple | list) else (arrays,)
            return record(getattr(module, function), *given)

    def storyboard(trace: Trace) -> Storyboard:
        from mnistviz.story.default import default_storyboard
        from mnistviz.story.storyboard import Storyboard, check

        if not hasattr(module, "storyboard"):
            return default_storyboard(trace, name)
        with _blamed_on(path):
            board: object = module.storyboard(trace)
        if not isinstance(board, Storyboard):
            raise InputError("storyboard(trace) gave no Storyboard", str(path), "let it return one")
        return check(board, str(path))

    return Scene(name, record, storyboard)


def _loaded(path: Path, package: bool = False) -> ModuleType:
    """The module of a file, run by Python's own import machinery."""
    with _blamed_on(path), redirect_stdout(sys.stderr):
        return load_module(path, package)


@contextmanager
def _blamed_on(path: Path) -> Iterator[None]:
    """Errors of the scene's code become an `InputError` with the file and line where they happened."""
    try:
        yield
    except MnistvizError:
        raise
    except (Exception, SystemExit) as error:
        words = _words(error)
        what = f"{type(error).__name__}: {words}" if words else type(error).__name__
        raise InputError(what, _place(error, path), "mend the scene's code") from error


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
    own = [call for call in calls if Path(call.filename).resolve().is_relative_to(home)]
    return f"{_shown(Path(own[-1].filename), path)}:{own[-1].lineno}" if own else str(path)


def _shown(file: Path, path: Path) -> str:
    """The file as the user named it, or its name alone where it is a neighbour."""
    return str(path) if file.resolve() == path.resolve() else file.name
