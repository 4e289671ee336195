"""The laboratory: the page runs a trace again, from whatever its reader gives it."""

from importlib.resources import files

ENGINE_SCRIPTS = ("arrays.js", "indexing.js", "reducing.js", "twins.js", "measures.js", "engine.js")
LABORATORY_SCRIPTS = (
    *ENGINE_SCRIPTS, "ink.js", "photo.js", "loading.js", "history.js", "readings.js", "pad.js", "beside.js", "changing.js",
    "laboratory.js",
)  # fmt: skip


def laboratory_script(name: str) -> str:
    """One of the laboratory's scripts for the page."""
    return files("mnistviz.export.laboratory").joinpath(name).read_text(encoding="utf-8")
