"""How this scene draws what no other has: a photograph, the answer judged, the loss, before and after, plots, wires."""

from . import lesson, loss, photo, plots, trained, verdict, wires  # all enter their drawings in the table

__all__ = ["lesson", "loss", "photo", "plots", "trained", "verdict", "wires"]
