"""The laboratory: the page runs a trace again, from whatever its reader gives it."""

from importlib.resources import files

LABORATORY_SCRIPTS = ("arrays.js", "indexing.js", "reducing.js", "twins.js", "engine.js")


def laboratory_script(name: str) -> str:
    """One of the laboratory's scripts for the page."""
    return files("mnistviz.export.laboratory").joinpath(name).read_text(encoding="utf-8")
