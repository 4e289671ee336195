"""How each operation moves: a table of drawings, filled by `@draws("name")`.

A drawing takes a studio, a shot and the progress of its action, 0..1, and returns a tableau: plain
data.  A scene's or user's own file may enter more; workers get them with the film's plan.  To add one
for everybody, write a function in a module of this folder and import the module at the end of this
one.  An operation without a drawing of its own gets the generic one.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from mnistviz.picture.drawings.each_theme import in_each_theme
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.story.storyboard import Shot, Storyboard

Drawing = Callable[[Studio, Shot, float], Tableau]
GENERIC = "generic"
SAYING = frozenset({"title", "ending"})  # the engine's drawings that say the words of their shot themselves
_TABLE: dict[str, Drawing] = {}  # the engine's
_OWN: dict[str, Drawing] = {}  # of scenes and users; they go first
_ONE_THEME: set[str] = set()  # of those, the ones that may not know that a colour can be for two themes


def draws(*names: str, in_two_themes: bool = False) -> Callable[[Drawing], Drawing]:
    """Enter a function in the table, under the names of operations or of shots of its own kind.

    A drawing of a scene's or user's own takes the place of the engine's, and of an earlier one.  Where it
    takes colours as they come, also those of two themes at once (six numbers), `in_two_themes` says so, and
    it is not asked twice for the page.
    """

    def enter(function: Drawing) -> Drawing:
        table = _TABLE if _is_of_engine(function) else _OWN
        for name in names:
            if name in _TABLE and table is _TABLE:
                raise ValueError(f"two drawings are called {name!r}")
            table[name] = function
        if table is _OWN and in_two_themes:
            _ONE_THEME.difference_update(names)
        elif table is _OWN:
            _ONE_THEME.update(names)
        return function

    return enter


def drawing(name: str) -> Drawing:
    """The drawing of that name, or the generic one."""
    found = _OWN.get(name) or _TABLE.get(name) or _TABLE[GENERIC]
    return in_each_theme(found) if name in _ONE_THEME else found


def silent_drawings(board: Storyboard) -> tuple[str, ...]:
    """Names of the drawings, of those that the storyboard asks for, that show nothing of their shot's words.

    Of a scene's or user's own nobody knows.
    """
    return tuple(name for name in _wished(board) if name not in _OWN and name not in SAYING)


def undrawn(board: Storyboard) -> tuple[str, ...]:
    """Names of the drawings that the storyboard asks for and that the table does not have, in order."""
    return tuple(name for name in _wished(board) if name not in known())


def modules_of_own(board: Storyboard) -> tuple[str, ...]:
    """Names of the modules, not of this package, whose drawings the storyboard asks for, in order."""
    functions = [_OWN[name] for name in _wished(board) if name in _OWN]
    return tuple(dict.fromkeys(function.__module__ for function in functions))


def forget_own() -> None:
    """Leave the engine's drawings alone in the table."""
    _OWN.clear()
    _ONE_THEME.clear()


def _is_of_engine(function: Drawing) -> bool:
    return function.__module__.startswith(f"{__name__}.")


def _wished(board: Storyboard) -> dict[str, None]:
    """Names of the drawings that the storyboard asks for, each once, in order."""
    return dict.fromkeys(shot.drawing for chapter in board.chapters for shot in chapter.shots)


def known() -> tuple[str, ...]:
    """Names of all drawings, in alphabetical order."""
    return tuple(sorted({*_TABLE, *_OWN}))


for _room in (
    "generic",
    "picked",
    "contraction",
    "whole",
    "sliding",
    "strip",
    "attention",
    "combine",
    "curve",
    "plane",
    "signal",
    "product",
    "layers",
    "outer",
    "update",
    "fold",
    "search",
    "titles",
    "whole_map",
):
    import_module(f"{__name__}.{_room}")
