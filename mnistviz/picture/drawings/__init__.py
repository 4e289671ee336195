"""How each operation moves: a table of drawings, filled by `@draws("name")`.

A drawing takes a studio, a shot and the progress of its action, 0..1, and returns a tableau: plain
data.  To add one, write a function in a module of this folder and import the module at the end of
this one.  An operation without a drawing of its own gets the generic one.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.story.storyboard import Shot, Storyboard

Drawing = Callable[[Studio, Shot, float], Tableau]
GENERIC = "generic"
_TABLE: dict[str, Drawing] = {}


def draws(*names: str) -> Callable[[Drawing], Drawing]:
    """Enter a function in the table, under the names of operations or of shots of its own kind."""

    def enter(function: Drawing) -> Drawing:
        for name in names:
            if name in _TABLE:
                raise ValueError(f"two drawings are called {name!r}")
            _TABLE[name] = function
        return function

    return enter


def drawing(name: str) -> Drawing:
    """The drawing of that name, or the generic one."""
    return _TABLE.get(name) or _TABLE[GENERIC]


def undrawn(board: Storyboard) -> tuple[str, ...]:
    """Names of the drawings that the storyboard asks for and that the table does not have, in order."""
    return tuple(name for name in _wished(board) if name not in _TABLE)


def foreign(board: Storyboard) -> tuple[str, ...]:
    """Names of the drawings that the storyboard asks for and that are not of this package, in order.

    A process that has imported nothing but this package does not have them.
    """
    return tuple(name for name in _wished(board) if not drawing(name).__module__.startswith(f"{__name__}."))


def _wished(board: Storyboard) -> dict[str, None]:
    """Names of the drawings that the storyboard asks for, each once, in order."""
    return dict.fromkeys(shot.drawing for chapter in board.chapters for shot in chapter.shots)


def known() -> tuple[str, ...]:
    """Names of all drawings, in alphabetical order."""
    return tuple(sorted(_TABLE))


for _room in (
    "generic",
    "combine",
    "curve",
    "product",
    "layers",
    "outer",
    "update",
    "fold",
    "verdict",
    "titles",
    "lesson",
):
    import_module(f"{__name__}.{_room}")
