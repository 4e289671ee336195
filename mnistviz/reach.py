"""Which of a scene's own modules are imported for its drawings: what the others say changes no picture.

Found in their text, before a worker imports them.  Where it cannot be told, for a module imports what it
only names when it runs, all of them count.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

_Use = tuple[str, bool]  # a module's name, and whether its functions may be called, or it is only run once
# What imports, or finds among what is imported, modules that no statement names.
_UNNAMED = re.compile(rb"\b(importlib|import_module|__import__|exec|eval|modules|runpy|pkgutil)\b")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_INSIDE = ("body", "orelse", "finalbody", "handlers", "cases")  # of a statement, where others are


class Source(Protocol):
    """A module as text."""

    @property
    def content(self) -> bytes:
        """Of its file."""

    @property
    def package(self) -> bool:
        """Whether others are inside."""


def parents(name: str) -> Iterator[str]:
    """The packages that a module is in, the innermost first."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def reached(entries: Iterable[str], sources: Mapping[str, Source]) -> set[str]:
    """Names of the modules that are imported when `entries` are, and whatever is in them is called."""
    found = set[_Use]()
    waiting = [(name, True) for name in entries]
    while waiting:
        use = name, called = waiting.pop()
        if name in sources and use not in found:
            found.add(use)
            uses = _uses(name, called, sources)
            if uses is None:
                return set(sources)
            waiting += uses
            waiting += [(parent, False) for parent in parents(name)]
    return {name for name, _ in found}


def _uses(name: str, called: bool, sources: Mapping[str, Source]) -> list[_Use] | None:
    """What a module imports; None where that cannot be told."""
    content = sources[name].content
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):  # no text
        return None
    if _UNNAMED.search(content) and any(map(_is_unnamed, ast.walk(tree))):
        return None
    uses = list[_Use]()
    for node in _run(tree, called or _calls_its_own(tree)):
        if isinstance(node, ast.Import):
            uses += [(one, True) for alias in node.names for one in (alias.name, *parents(alias.name))]
        elif isinstance(node, ast.ImportFrom):
            home = _home(name, sources[name].package, node)
            if home in sources and node.names[0].name == "*":  # whatever it lists
                return None
            uses += [_use(home, alias.name, sources) for alias in node.names]
    return uses


def _use(home: str, name: str, sources: Mapping[str, Source]) -> _Use:
    """Of `from home import name`: a module in a package, or something that the package itself has."""
    inside = f"{home}.{name}"
    return (inside, True) if inside in sources else (home, True)


def _home(name: str, package: bool, node: ast.ImportFrom) -> str:
    """Where `from` looks, as a whole name."""
    if not node.level:
        return node.module or ""
    around = [name, *parents(name)] if package else [*parents(name)]
    place = around[node.level - 1] if node.level <= len(around) else ""
    return f"{place}.{node.module}" if node.module else place


def _run(tree: ast.Module, called: bool) -> Iterator[ast.stmt]:
    """All statements of a module that may run: those in functions only where these may be called."""
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _FUNCTIONS) and not called:
            continue
        names = ["orelse"] if isinstance(node, ast.If) and _is_for_checkers(node.test) else _INSIDE
        inside = [one for name in names for one in getattr(node, name, ())]
        yield from (one for one in inside if isinstance(one, ast.stmt))
        waiting += inside


def _is_for_checkers(test: ast.expr) -> bool:
    """Whether it is `TYPE_CHECKING`, which is never so when a program runs."""
    return "TYPE_CHECKING" in (getattr(test, "id", None), getattr(test, "attr", None))


def _calls_its_own(tree: ast.Module) -> bool:
    """Whether a module may call what it defines while it is imported: its functions are named outside of their text."""
    defined, read = set[str](), set[str]()
    for node in _run(tree, called=False):
        outside: list[ast.AST] = [node]
        if isinstance(node, _FUNCTIONS):
            outside = [*node.decorator_list, node.args]
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            defined.add(node.name)
        read |= {one.id for part in outside for one in ast.walk(part) if isinstance(one, ast.Name)}
    return not defined.isdisjoint(read)


def _is_unnamed(node: ast.AST) -> bool:
    """Whether it is one of the words by which a module is found that is not named."""
    words = [getattr(node, "id", ""), getattr(node, "attr", ""), getattr(node, "module", "") or ""]
    words += [node.name] if isinstance(node, ast.alias) else []
    return any(_UNNAMED.search(word.encode()) for word in words)
