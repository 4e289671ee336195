"""How this scene draws what no other has: the answer beside what was expected, the lesson's end, and two plots."""

from . import lesson, plots, verdict  # all enter their drawings in the table

__all__ = ["lesson", "plots", "verdict"]
