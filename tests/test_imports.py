"""The import direction: errors, then data and trace, story, picture, export, render, scene, cli."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# A room may import rooms of a lower floor, and itself.  `data` and `trace` share a floor, as `training` and
# `render` do.  The longest name that fits is a module's room.
FLOORS = {
    "errors": 0,
    "reach": 0,
    "storage": 1,
    "modules": 1,
    "operations": 2,
    "data": 3,
    "trace": 3,
    "story": 4,
    "picture": 5,
    "export": 6,
    "render": 7,
    "page": 7,
    "training": 7,
    "scene": 8,
    "notebook": 8,
    "cli": 9,
    "__main__": 10,
    "": 10,  # the package itself, which opens the doors
}
# Inside a room: folders and modules by their floor; what is not named stands on the ground.
INNER = {
    "trace": {"memory": 1, "source": 1, "table": 1, "html": 2, "replay": 2, "recording": 3, "saved": 3, "script": 4},
    "picture": {
        "contrast": 1, "easing": 1, "fonts": 1, "theme": 1, "layout": 2, "wording": 2, "stage": 3, "map": 4,
        "frame": 4, "withheld": 4, "covering": 4, "kept": 5, "passage": 5, "drawings": 5, "staged": 5,
        "compose": 6,
    },
    "export": {
        "laboratory": 1, "player": 1, "raster": 1, "stage": 2, "loop": 2, "video": 2, "page": 3, "folder": 3, "workers": 4,
    },
}  # fmt: skip
# The methods of a trace open doors that stand above it.
DOORS = {
    ("mnistviz.trace.model", "replay"),
    ("mnistviz.trace.model", "saved"),
    ("mnistviz.trace.model", "html"),
}


def imported(source: str, module: str) -> Iterator[str]:
    """Full names of what a module's source imports, anywhere in it; `module` is its own dotted name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: -node.level] if node.level else []
            parent = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{parent}.{alias.name}" for alias in node.names)


def room(dotted: str, known: set[str]) -> str | None:
    """`mnistviz.story.timeline` -> `story`; None for what is not ours."""
    parts = dotted.split(".")
    if parts[0] != "mnistviz":
        return None
    return parts[1] if len(parts) > 1 and parts[1] in known else ""


def against_the_inner_flow(module: str, name: str) -> bool:
    """Whether an import inside a room leads to its own floor or a higher one, in another folder."""
    here, there = module.split("."), name.split(".")
    floors = INNER.get(here[1] if len(here) > 2 else "")
    if floors is None or there[:2] != here[:2] or len(there) < 3 or there[2] == here[2]:
        return False
    own, other = floors.get(here[2], 0), floors.get(there[2], 0)
    return other >= max(own, 1) and (module, there[2]) not in DOORS


def faults(source: str, module: str) -> list[str]:
    """The imports of a module that go against the flow."""
    own = room(module, set(FLOORS))
    assert own is not None
    found = []
    for name in imported(source, module):
        if name.split(".")[0] == "scenes":
            found.append(f"{module} imports {name}")
        other = room(name, set(FLOORS))
        if other is not None and other != own and FLOORS[other] >= FLOORS[own]:
            found.append(f"{module} imports {name}")
        if against_the_inner_flow(module, name):
            found.append(f"{module} imports {name}, a floor above it in the room")
    return found


def modules(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.py")):
        dotted = ".".join(path.relative_to(folder.parent).with_suffix("").parts)
        yield dotted.removesuffix(".__init__"), path.read_text(encoding="utf-8")


def test_every_import_goes_with_the_flow(root: Path) -> None:
    found = [fault for name, source in modules(root / "mnistviz") for fault in faults(source, name)]
    assert found == []


def test_every_room_has_a_floor(root: Path) -> None:
    rooms = {name.split(".")[1] for name, _ in modules(root / "mnistviz") if "." in name}
    assert rooms - set(FLOORS) == set()


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("mnistviz.trace.model", "from mnistviz.story.storyboard import Shot"),
        ("mnistviz.picture.compose", "import mnistviz.export.raster"),
        ("mnistviz.data.idx", "from mnistviz.trace import model"),
        ("mnistviz.export.raster", "from mnistviz import render"),
        ("mnistviz.export.raster", "from ..render import render"),
        ("mnistviz.story.default", "def late():\n    from scenes.mnist_mlp import network"),
        ("mnistviz.render", "from mnistviz.training import train"),
        ("mnistviz.trace.model", "import mnistviz"),
        ("mnistviz.picture.stage.cards", "from mnistviz.picture.drawings import draws"),
        ("mnistviz.picture.frame.overlay", "from mnistviz.picture.map.draw import map_primitives"),
        ("mnistviz.picture.display", "from mnistviz.picture.theme import DARK"),
        ("mnistviz.trace.saved.store", "from mnistviz.trace.recording.recorder import record"),
        ("mnistviz.export.raster.raster", "from mnistviz.export.video.film import join_films"),
    ],
)
def test_an_import_against_the_flow_is_found(module: str, line: str) -> None:
    assert len(faults(line, module)) == 1


def test_an_import_with_the_flow_is_not() -> None:
    assert faults("from mnistviz.story import timeline\nimport numpy", "mnistviz.picture.compose") == []
    assert faults("from .model import Trace", "mnistviz.trace.recording.recorder") == []
    assert faults("from mnistviz.training import Progress", "mnistviz.training.lines") == []


def test_scenes_name_themselves_by_relative_imports(root: Path) -> None:
    """In the wheel they are at mnistviz/scenes, in the checkout at scenes: one name would not fit both."""
    for name, source in modules(root / "scenes"):
        ours = [one for one in imported(source, name) if one.startswith("mnistviz.scenes")]
        absolute = [
            line for line in source.splitlines() if line.strip().startswith(("from scenes", "import scenes"))
        ]
        assert ours + absolute == [], name


def test_the_taught_code_imports_numpy_alone(root: Path) -> None:
    source = (root / "scenes/mnist_mlp/network.py").read_text(encoding="utf-8")
    assert set(imported(source, "scenes.mnist_mlp.network")) == {"numpy"}


def test_help_imports_nothing_heavy(root: Path) -> None:
    code = "import sys; from mnistviz.cli import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "render" in done.stdout
    heavy = {"numpy", "matplotlib", "cv2", "PIL", "rich", "imageio", "imageio_ffmpeg", "jinja2", "pygments"}
    assert heavy & set(done.stderr.split()) == set()


def test_a_still_does_not_wait_for_matplotlib(root: Path, tmp_path: Path) -> None:
    """Its colour tables are frozen: no process of a render imports it."""
    code = (
        "import sys; from mnistviz.cli import main\n"
        f"assert main(['frame', '-o', {str(tmp_path / 'still.png')!r}, '--size', '320x180', '--chapter', '2']) == 0\n"
        "assert 'cv2' in sys.modules and 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, timeout=120)


def test_the_doors_stay_open(root: Path) -> None:
    """`mnistviz.render` is the function, also after the module of that name was imported."""
    code = (
        "import mnistviz; from mnistviz.render import RATES; import mnistviz.trace; from mnistviz import *\n"
        "assert mnistviz.render is render and callable(render) and callable(mnistviz.record)\n"
        "assert issubclass(__import__('mnistviz.errors').errors.InputError, mnistviz.MnistvizError)\n"
        "assert mnistviz.Trace.load and not hasattr(mnistviz, 'rendr')"
    )
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, timeout=60)
