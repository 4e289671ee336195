"""How this scene draws what no other has: a photograph, a verdict, the loss, before and after, plots, slopes, wires."""

from . import (  # all enter their drawings in the table
    lesson,
    loss,
    photo,
    plots,
    slope,
    trained,
    verdict,
    wires,
)

__all__ = ["lesson", "loss", "photo", "plots", "slope", "trained", "verdict", "wires"]
