"""What the text of a program says that it is, before anything of it is run: a scene, a script, a part of a package."""

from __future__ import annotations

import ast
from pathlib import Path


def program_of(folder: Path) -> Path | None:
    """The `__main__.py` of a folder that is no scene, which `python -m FOLDER` runs; None where there is none."""
    main, package = folder / "__main__.py", folder / "__init__.py"
    if not main.is_file():
        return None
    tree = ast.parse(package.read_bytes()) if package.is_file() else ast.Module([], [])
    return None if {"step", "open_scene"} & _defined(tree).keys() else main


def is_script(path: Path) -> bool:
    """Whether a file is no scene: it has neither `step` and `inputs`, nor a `step` without arguments."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False  # it is told when it is opened
    names = _defined(tree)
    alone = isinstance(step := names.get("step"), ast.FunctionDef) and _takes_nothing(step)
    return not (alone or {"step", "inputs"} <= names.keys())


def _defined(tree: ast.Module) -> dict[str, ast.AST]:
    """What a file defines by name when it is imported, as far as its text says."""
    found: dict[str, ast.AST] = {}
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, ast.FunctionDef | ast.ClassDef):
            found[one.name] = one
        elif isinstance(one, ast.Assign | ast.AnnAssign):
            targets = one.targets if isinstance(one, ast.Assign) else [one.target]
            found |= {target.id: one for target in targets if isinstance(target, ast.Name)}
        elif isinstance(one, ast.ImportFrom | ast.Import):
            found |= {alias.asname or alias.name: one for alias in one.names}
        elif isinstance(one, ast.Try | ast.With) or (isinstance(one, ast.If) and not _asks_for_main(one)):
            waiting += one.body
    return found


def _asks_for_main(node: ast.If) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "__name__" for one in ast.walk(node.test))


def _takes_nothing(function: ast.FunctionDef) -> bool:
    given = function.args
    needed = len(given.posonlyargs) + len(given.args) - len(given.defaults)
    return needed == 0 and all(one is not None for one in given.kw_defaults)


def package_of(path: Path) -> tuple[str, Path]:
    """The package that a file is a part of, which `python -m` would run, and the folder that this is in; or "" and its own.

    A file alone does not say that it is a part: one that imports from its neighbours with a dot does, and the
    `__main__.py` of a package.
    """
    nodes = ast.walk(ast.parse(path.read_bytes()))
    dotted = any(isinstance(one, ast.ImportFrom) and one.level for one in nodes)
    if not dotted and not (path.name == "__main__.py" and (path.parent / "__init__.py").is_file()):
        return "", path.parent
    names, home = [path.parent.name], path.parent.parent
    while (home / "__init__.py").is_file():
        names.insert(0, home.name)
        home = home.parent
    return ".".join(names), home
