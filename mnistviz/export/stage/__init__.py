"""The stage: the film as packed display lists, and the painter in the page that draws them."""

from importlib.resources import files

STAGE_SCRIPTS = (
    "shapes.js", "reel.js", "travel.js", "letters.js", "following.js", "cells.js", "matrices.js", "standstill.js",
    "readable.js", "painter.js", "inspector.js", "whole.js", "stage.js",
)  # fmt: skip


def stage_script(name: str) -> str:
    """One of the stage's scripts for the page."""
    return files("mnistviz.export.stage").joinpath(name).read_text(encoding="utf-8")
