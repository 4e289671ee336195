"""What can be filmed: finds a scene by name, folder or file, and opens it as something to record and to tell.

A scene is a folder whose `__init__.py` has

    CHOICE              a frozen dataclass of fields with an `option`, its options on the command line; or none
    open_scene(choice)  a `Scene`: how to record it, and how to tell it
    tell(trace)         the storyboard of a trace of its own that was saved; for built-in scenes
    reads(choice)       the files and folders that it reads for that choice, where nothing else can change what it tells
    open_learner()      its network, a `mnistviz.training.loop.Learner`, where it can be trained

or any file with `step(*arrays)` and `inputs()`, or with a `step()` without arguments, and perhaps `storyboard(trace)`;
or any other script, which is run as it stands; or a trace that was saved.  What is imported may enter drawings and
themes of its own.  The built-in ones are beside the engine, which knows none of them.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mnistviz.errors import InputError
from mnistviz.modules import blamed_on, load_module, scenes_folder
from mnistviz.trace.arguments import arguments, needs_nothing
from mnistviz.trace.script.texts import is_script, program_of

if TYPE_CHECKING:
    from mnistviz.data.pictures import Orientation
    from mnistviz.storage.later import Later
    from mnistviz.story.storyboard import Storyboard
    from mnistviz.trace.model import Trace
    from mnistviz.training.loop import Learner

DEFAULT_SCENE = "mnist_mlp"


@dataclass(frozen=True)
class Option:
    """What a command line says of one thing that may be chosen."""

    help: str
    kind: type = str  # str, int, float, bool or Path
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
class FileChoice:
    """What a FILE.py is run with."""

    arguments: tuple[str, ...] = ()  # of its own, that follow a `--`


@dataclass(frozen=True)
class ScriptChoice(FileChoice):
    """What is recorded of a script that is no scene; by default the first pass of its loop that has something to show."""

    pass_: int | None = field(
        default=None, metadata=option("Which pass of the loop, from 1.", int, metavar="K", least=1)
    )
    line: int | None = field(
        default=None,
        metadata=option("The loop, call or statement at that line instead.", int, metavar="N", least=1),
    )
    record_all: bool = field(default=False, metadata=option("Run and record the whole script.", bool))

    def __post_init__(self) -> None:
        if self.record_all and (self.line is not None or self.pass_ is not None):
            raise InputError("--record-all and --line or --pass name two things", "", "give one of them")


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
    afterwards: Callable[[], str] = str  # and once it was recorded: what was chosen
    later: tuple[Later[Any], ...] = ()  # what the story will ask for, and another process may make meanwhile


@dataclass(frozen=True)
class FoundScene:
    """A scene that is there, before anything was chosen: `choice` is the record of what can be."""

    name: str
    choice: type[Any]  # a frozen dataclass of fields with an `option`
    open: Callable[[Any], Scene]  # with a `choice`
    reads: Callable[[Any], tuple[Path, ...] | None] = lambda _: None  # of a `choice`; None: nobody knows
    built_in: bool = False  # no code of the user's is run


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
        return replace(_of_package(name, scenes_folder() / name), built_in=True)
    file, found, function = name.partition(".py")
    if found and (function == "" or function[0] == ":"):
        return _find_file(Path(file + found), function[1:])
    if (program := program_of(Path(name))) is not None:
        return FoundScene(Path(name).resolve().name, ScriptChoice, partial(_of_script, program))
    if Path(name).is_dir():
        return _of_package(Path(name).resolve().name, Path(name))
    if Path(name).suffix == ".npz":
        return FoundScene(Path(name).stem, NoChoice, lambda _: _of_trace(Path(name)), lambda _: (Path(name),))
    raise InputError(f"there is no scene {name!r}", "", _cure_for(name))


def _find_file(path: Path, function: str) -> FoundScene:
    """A scene of a function, of `step`, or of a script; nothing of the file is run."""
    if function or not is_script(path):
        return FoundScene(path.stem, FileChoice, lambda chosen: _of_file(path, function or "step", chosen))
    return FoundScene(path.stem, ScriptChoice, partial(_of_script, path))


def load_learner(name: str = DEFAULT_SCENE) -> Learner:
    """The network of a scene, as it is trained and tested; raises `InputError` where it cannot be."""
    folder = scenes_folder() / name if name in scene_names() else Path(name)
    if not folder.is_dir():
        raise InputError(f"there is no scene {name!r} that can be trained", "", _cure_for(name))
    package = _loaded(folder / "__init__.py", package=True)
    if not hasattr(package, "open_learner"):
        raise InputError("this scene cannot be trained", name, "define open_learner() in its __init__.py")
    with blamed_on(folder):
        learner: Learner = package.open_learner()
    return learner


def scene_names() -> tuple[str, ...]:
    """Names of the built-in scenes."""
    return tuple(sorted(entry.parent.name for entry in scenes_folder().glob("*/__init__.py")))


def scene_summary(name: str) -> str:
    """The first line of a built-in scene's documentation, read without running it."""
    text = (scenes_folder() / name / "__init__.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def _cure_for(name: str) -> str:
    near = get_close_matches(name, scene_names(), 1)
    known = f"scenes: {' '.join(scene_names())}; or name a folder, FILE.py[:function], a script or trace.npz"
    return f"did you mean {near[0]}? {known}" if near else known


def _of_package(name: str, folder: Path) -> FoundScene:
    module = _loaded(folder / "__init__.py", package=True)
    if not hasattr(module, "open_scene"):
        return FoundScene(name, NoChoice, lambda _: _of_module(name, module, folder / "__init__.py", "step"))

    def open_scene(choice: object) -> Scene:
        with blamed_on(folder):
            scene = module.open_scene(choice)
        if not isinstance(scene, Scene):
            raise InputError("open_scene gave no Scene", str(folder), "let it return mnistviz.scene.Scene")
        return scene

    def reads(choice: object) -> tuple[Path, ...] | None:
        with blamed_on(folder):
            return (folder, *module.reads(choice)) if hasattr(module, "reads") else None

    return FoundScene(name, getattr(module, "CHOICE", NoChoice), open_scene, reads)


def _of_file(path: Path, function: str, chosen: FileChoice) -> Scene:
    name = path.stem if function == "step" else f"{path.stem}-{function}"
    with _command_line(path, chosen.arguments):
        module = _loaded(path)
    scene = _of_module(name, module, path, function)

    def record() -> Trace:
        with _command_line(path, chosen.arguments):
            return scene.record()

    return replace(scene, record=record)


@contextmanager
def _command_line(path: Path, arguments: tuple[str, ...]) -> Iterator[None]:
    """Inside, `sys.argv` is a file's own."""
    before, sys.argv = sys.argv, [str(path), *arguments]
    try:
        yield
    finally:
        sys.argv = before


def _of_script(path: Path, chosen: ScriptChoice) -> Scene:
    """A script that is run as it stands, up to what was chosen of it."""
    said: list[str] = []
    name = path.resolve().parent.name if path.name == "__main__.py" else path.stem

    def record() -> Trace:
        from mnistviz.trace.script.loops import Wish
        from mnistviz.trace.script.run import run_script

        if not path.is_file():
            raise InputError("there is no such file", str(path), "name a FILE.py")
        wish = Wish(chosen.pass_, chosen.line, chosen.record_all)
        with blamed_on(path), redirect_stdout(sys.stderr):
            run = run_script(path, chosen.arguments, wish)
        said[:] = [run.said]
        return run.trace

    def storyboard(trace: Trace) -> Storyboard:
        from mnistviz.story.default import default_storyboard

        return default_storyboard(trace, name)

    return Scene(name, record, storyboard, afterwards=lambda: "".join(said))


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
        with blamed_on(path):
            board: Storyboard = _loaded(folder / "__init__.py", package=True).tell(trace)
        return board

    return Scene(path.stem, record, storyboard)


def _of_module(name: str, module: ModuleType, path: Path, function: str) -> Scene:
    """A scene of `function(*inputs())`, told by `storyboard(trace)` where there is one."""
    needed = (function,) if needs_nothing(getattr(module, function, None)) else (function, "inputs")
    for wanted in needed:
        if not callable(getattr(module, wanted, None)):
            cure = f"define {function}(*arrays) and inputs()"
            raise InputError(f"there is no function {wanted}", str(path), cure)

    def record() -> Trace:
        from mnistviz.trace.recording.recorder import record

        with blamed_on(path), redirect_stdout(sys.stderr):
            given = module.inputs() if callable(getattr(module, "inputs", None)) else ()
            wanted = getattr(module, function)
            return record(wanted, *arguments(wanted, given, str(path)))

    def storyboard(trace: Trace) -> Storyboard:
        from mnistviz.story.default import default_storyboard
        from mnistviz.story.storyboard import Storyboard, check

        if not hasattr(module, "storyboard"):
            return default_storyboard(trace, name)
        with blamed_on(path):
            board: object = module.storyboard(trace)
        if not isinstance(board, Storyboard):
            raise InputError("storyboard(trace) gave no Storyboard", str(path), "let it return one")
        return check(board, str(path))

    return Scene(name, record, storyboard)


def _loaded(path: Path, package: bool = False) -> ModuleType:
    """The module of a file, run by Python's own import machinery."""
    with blamed_on(path), redirect_stdout(sys.stderr):
        return load_module(path, package)
