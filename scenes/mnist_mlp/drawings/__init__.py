"""How this scene draws what no other has: answer beside expectation, the loss, the end of the lesson, plots, and wires."""

from . import lesson, loss, plots, verdict, wires  # all enter their drawings in the table

__all__ = ["lesson", "loss", "plots", "verdict", "wires"]
