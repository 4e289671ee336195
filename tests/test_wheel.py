"""The wheel, alone: what is in it, what it needs, and a film rendered with it from another folder."""

from __future__ import annotations

import ast
import email
import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.needs("/bin/sh")  # an environment's Python is looked for where Windows has none


def run(*command: object, **options: object) -> str:
    """Standard output of a command, which must end well."""
    given = {"capture_output": True, "text": True, "timeout": 240, **options}
    done = subprocess.run([str(part) for part in command], check=False, **given)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, root)
    return next(folder.glob("mnistviz-*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment that has the wheel, and our environment's libraries behind it."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    program = home / "bin" / "python"
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        program,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        wheel,
    )
    packages = next(home.glob("lib/python*/site-packages"))
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return program


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, object]:
    """Options to run something in another folder, without a way back to the checkout."""
    outside = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MNISTVIZ"))
    }
    return {"cwd": tmp_path, "env": outside}


def test_the_wheel_holds_the_engine_and_the_scenes_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "mnistviz/scenes/mnist_mlp/network.py" in names
    assert "mnistviz/scenes/mnist_mlp/weights/inputToHiddenWeights.npy" in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"mnistviz"}
    assert [name for name in names if "__pycache__" in name or name.endswith(".pyc")] == []


def test_every_file_of_the_package_is_in_the_wheel(root: Path, wheel: Path) -> None:
    """Templates, styles and scripts too: what git tracks must be shipped."""
    tracked = run("git", "-C", root, "ls-files", "mnistviz", "scenes").split()
    wanted = {re.sub("^scenes/", "mnistviz/scenes/", name) for name in tracked}
    present = {name for name in wanted if (root / re.sub("^mnistviz/scenes/", "scenes/", name)).exists()}
    assert present - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_wheel_says_whose_it_is_and_under_which_licence(root: Path, wheel: Path) -> None:
    held = zipfile.ZipFile(wheel)
    inside = {name.partition(".dist-info/")[2]: name for name in held.namelist() if ".dist-info/" in name}
    metadata = email.message_from_bytes(held.read(inside["METADATA"]))
    assert (
        metadata["License-Expression"] == "MIT"
        and metadata["Keywords"]
        and metadata["Description-Content-Type"]
    )
    assert "Programming Language :: Python :: 3.11" in metadata.get_all("Classifier", [])
    assert held.read(inside["licenses/LICENSE"]) == (root / "LICENSE").read_bytes()


def test_every_library_that_is_imported_is_declared(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["cluster"]]
    known = {_distribution(line) for line in declared}
    providers = importlib.metadata.packages_distributions()
    for path in [*(root / "mnistviz").rglob("*.py"), *(root / "scenes").rglob("*.py")]:
        for name in _imports(path) - set(sys.stdlib_module_names) - {"mnistviz"}:
            found = {_distribution(provider) for provider in providers.get(name, [])}
            assert found & known, f"{path.name} imports {name}, which pyproject.toml does not name"


def _distribution(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")


def _imports(path: Path) -> set[str]:
    return set(_top_names(ast.parse(path.read_text(encoding="utf-8"))))


def _top_names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def test_the_installed_package_is_the_wheel(python: Path, elsewhere: dict[str, object]) -> None:
    home = python.parent.parent
    code = "import mnistviz, mnistviz.scene; print(mnistviz.__file__, mnistviz.scene.scenes_folder())"
    for place in run(python, "-c", code, **elsewhere).split():
        assert Path(place).is_relative_to(home)
    assert run(home / "bin" / "mnistviz", "scenes", **elsewhere).startswith("mnist_mlp ")


@pytest.mark.slow
def test_the_wheel_renders_a_draft_from_another_folder(
    python: Path, elsewhere: dict[str, object], tmp_path: Path
) -> None:
    draft = ("--duration", "0:20", "--size", "320x180", "--quality", "draft", "--fps", "10")
    told = run(python, "-m", "mnistviz", "render", *draft, **elsewhere)
    assert told == "watch output/mnist_mlp/index.html\n"
    folder = tmp_path / "output" / "mnist_mlp"
    assert {"film-10fps.mp4", "index.html", "manifest.json"} <= {path.name for path in folder.iterdir()}
    run(python, "-m", "mnistviz", "verify", folder, **elsewhere)
