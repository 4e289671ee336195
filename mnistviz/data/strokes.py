"""How people write the ten digits: a table of pen strokes, several ways for each digit.

A way is a few strokes; a stroke is a line of control points (x to the right, y down, both about 0..1)
through which the pen runs smoothly; a point that is named twice in a row is a corner.
`often` is how many of a hundred people write the digit so.
"""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]  # x to the right, y down, 0..1 in the box of the digit
Stroke = tuple[Point, ...]


@dataclass(frozen=True)
class Way:
    """One way to write a digit."""

    digit: int
    name: str
    often: float  # relative to the other ways of the same digit
    strokes: tuple[Stroke, ...]
    width: float = 0.6  # of the box, as a share of its height


def _stroke(points: str) -> Stroke:
    """The points of `"x,y x,y | ..."` in hundredths; a bar makes a corner of the point before it."""
    stroke: list[Point] = []
    for word in points.split():
        if word == "|":
            stroke.append(stroke[-1])
        else:
            x, y = word.split(",")
            stroke.append((int(x) / 100, int(y) / 100))
    return tuple(stroke)


def _way(digit: int, name: str, often: float, width: float, *strokes: str) -> Way:
    return Way(digit, name, often, tuple(_stroke(stroke) for stroke in strokes), width)


WAYS: tuple[Way, ...] = (
    _way(0, "oval", 45, 0.72, "52,0 18,12 0,50 14,88 48,100 84,88 100,50 86,14 56,0 46,1"),
    _way(0, "overlap", 25, 0.66, "64,6 30,6 4,38 6,78 38,100 80,84 100,44 88,10 54,0 34,12 30,22"),
    _way(0, "open", 15, 0.66, "40,4 12,26 0,60 16,92 50,100 86,86 100,48 88,14 62,0 52,6"),
    _way(0, "round", 15, 0.95, "50,0 14,14 0,50 14,86 50,100 86,86 100,50 86,14 50,0 40,2"),
    _way(1, "bar", 66, 0.10, "50,0 50,33 50,66 50,100"),
    _way(1, "leaning", 14, 0.30, "90,0 66,33 36,66 10,100"),
    _way(1, "flag", 13, 0.34, "0,26 30,16 64,0 | 62,33 60,66 58,100"),
    _way(1, "foot", 7, 0.50, "14,24 34,14 52,0 | 52,33 51,66 50,98", "0,100 50,98 100,98"),
    _way(2, "loop", 36, 0.80, "6,18 30,2 64,4 74,28 56,58 26,86 6,98 2,84 18,76 46,88 72,98 100,90"),
    _way(2, "flat", 36, 0.74, "6,22 26,3 60,0 80,20 66,50 34,78 2,98 | 34,97 66,97 100,96"),
    _way(2, "swan", 16, 0.80, "4,24 22,4 54,0 76,16 66,46 36,74 4,94 | 30,86 60,92 100,100"),
    _way(2, "hook", 12, 0.78, "10,30 14,10 44,0 74,10 76,36 52,66 16,94 | 44,84 70,94 98,84"),
    _way(3, "round", 48, 0.68, "6,12 36,0 78,6 80,28 38,46 | 80,54 100,76 70,98 28,100 0,88"),
    _way(3, "smooth", 26, 0.70, "8,8 44,0 84,12 72,36 40,46 80,52 98,76 68,98 30,100 0,90"),
    _way(3, "loop", 14, 0.72, "4,14 36,0 80,8 76,32 44,50 34,44 50,42 88,56 96,82 60,100 0,90"),
    _way(3, "flat", 12, 0.72, "4,4 36,2 84,0 | 62,22 34,42 | 76,46 100,72 72,96 30,100 0,90"),
    _way(4, "open", 46, 0.74, "14,2 8,24 0,50 | 30,54 66,52 100,46", "84,0 78,32 72,66 66,100"),
    _way(4, "cup", 26, 0.72, "6,2 2,28 12,48 44,52 88,40", "94,0 88,32 82,66 78,100"),
    _way(4, "closed", 16, 0.72, "72,0 36,30 0,58 | 34,60 68,58 100,56", "72,0 70,33 68,66 66,100"),
    _way(4, "nine", 12, 0.70, "20,8 2,38 22,52 56,48 80,8 | 76,40 72,70 66,100"),
    _way(5, "bar", 44, 0.76, "26,4 22,22 16,44 | 46,36 82,52 86,78 52,100 0,94", "26,4 50,4 76,2 100,0"),
    _way(5, "one line", 34, 0.76, "94,0 60,3 26,6 | 22,26 18,44 | 48,40 80,56 80,82 46,100 0,94"),
    _way(5, "ess", 22, 0.84, "100,0 60,4 32,18 28,38 52,50 74,66 66,90 34,100 0,92"),
    _way(6, "curl", 42, 0.62, "76,0 38,20 8,54 6,86 40,100 84,90 92,66 58,54 22,68 8,86"),
    _way(6, "stem", 30, 0.58, "40,0 18,32 2,66 14,96 56,100 96,82 84,58 46,56 12,76"),
    _way(6, "round", 28, 0.70, "92,4 54,8 18,32 0,66 22,98 64,98 94,76 72,52 36,56 10,78"),
    _way(7, "plain", 48, 0.70, "0,8 34,5 66,4 100,0 | 80,32 60,66 44,100"),
    _way(7, "hook", 22, 0.70, "4,24 6,4 | 40,6 72,4 100,0 | 78,34 58,66 46,100"),
    _way(7, "curve", 16, 0.70, "0,12 30,4 66,8 96,2 94,18 68,46 52,74 46,100"),
    _way(7, "crossed", 14, 0.76, "0,8 34,6 66,4 100,0 | 78,32 58,66 40,100", "26,52 54,48 90,46"),
    _way(8, "eight", 60, 0.60, "86,10 50,0 14,14 28,38 66,58 84,82 52,100 14,88 26,62 64,40 88,22 80,8"),
    _way(
        8, "rings", 18, 0.60,
        "50,46 20,32 24,8 56,0 82,14 76,36 50,46",
        "50,46 14,60 10,88 48,100 90,88 86,60 50,46",
    ),
    _way(8, "open", 22, 0.64, "96,6 52,0 16,14 34,40 70,64 68,92 34,100 10,84 34,60 66,38 98,8"),
    _way(9, "stem", 44, 0.60, "88,10 52,0 12,14 4,40 34,54 76,38 90,8 | 86,40 80,70 72,100"),
    _way(9, "curve", 30, 0.64, "86,14 48,0 10,16 10,42 44,50 80,30 88,10 96,44 76,80 40,100"),
    _way(9, "lean", 26, 0.56, "84,6 40,4 4,28 20,50 62,40 92,6 | 76,40 58,70 40,100"),
)
