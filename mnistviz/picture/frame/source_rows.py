"""A source file in rows of the panel: long lines are wrapped at syntax, long docstrings and banners are folded.

A file whose lines all fit was set for the panel, and is shown as it stands: a row a line.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mnistviz.picture.fallback import is_wide

BLANK = re.compile("[\x0b-\x1f\x7f-\x9f\u2028\u2029]")  # control characters, one for one: columns stay
TAB = 4  # columns
FILLER = "\u2060"  # the second column of a wide letter
HANG = 4  # columns that the further rows of a line stand deeper
FEWEST_FOLDED = 5  # lines of a docstring or a banner
LEAST_SHARE = 0.4  # of a row that is filled before a line is broken, where that can be
JOINING = ("and", "or", "if", "else", "for", "in", "is", "not")


@dataclass(frozen=True)
class Row:
    """Part of a line: its columns [start, end), tabs expanded, drawn from a column of the panel on."""

    line: int
    start: int
    end: int
    column: int = 0
    folded: bool = False  # more lines are behind it


@dataclass(frozen=True)
class Rows:
    """All rows of a file, counted from 1 as its lines are."""

    rows: tuple[Row, ...]
    firsts: tuple[
        int, ...
    ]  # by line, from line 1 on; of a line that is folded away, the row that stands for it
    lasts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def first(self, line: int) -> int:
        """The number of a line's first row."""
        return self.firsts[min(max(line, 1), len(self.firsts)) - 1]

    def last(self, line: int) -> int:
        """The number of a line's last row."""
        return self.lasts[min(max(line, 1), len(self.lasts)) - 1]


@lru_cache(maxsize=64)
def rows_of(lines: tuple[str, ...], columns: int) -> Rows:
    """The rows of a file in a panel of so many columns."""
    texts = [expanded(line) for line in lines]
    long = any(len(text) > columns for text in texts)
    folds = dict(_folds(texts)) if long else {}
    breaks = _breaks(texts) if long else {}
    rows: list[Row] = []
    firsts, lasts = [0] * len(texts), [0] * len(texts)
    line = 1
    while line <= len(texts):
        end = folds.get(line, line)
        made = list(_wrapped(line, texts[line - 1], columns, breaks.get(line, {})))
        if end > line:
            made = [Row(line, made[0].start, made[0].end, made[0].column, folded=True)]
        firsts[line - 1 : end] = [len(rows) + 1] * (end - line + 1)
        rows += made
        lasts[line - 1 : end] = [len(rows)] * (end - line + 1)
        line = end + 1
    return Rows(tuple(rows), tuple(firsts), tuple(lasts))


def expanded(line: str) -> str:
    """A line as it is seen: tabs expanded, characters that are none as blanks, a wide letter in two columns."""
    return widened(BLANK.sub(" ", line.replace("\t", "\x00")).replace("\x00", "\t").expandtabs(TAB).rstrip())


def widened(text: str) -> str:
    """A text with a filler behind each wide letter, so that its length is that in columns."""
    return text if text.isascii() else "".join(one + FILLER if is_wide(one) else one for one in text)


def bare(text: str) -> str:
    """A text without fillers."""
    return text.replace(FILLER, "")


def _wrapped(line: int, text: str, columns: int, breaks: dict[int, int]) -> Iterator[Row]:
    """A line in rows: the first at its own indent, the others a little deeper."""
    if len(text) <= columns:
        yield Row(line, 0, len(text))
        return
    start = len(text) - len(text.lstrip())
    column = min(start, columns // 2)
    while len(text) - start > columns - column:
        end = _break_at(text, start, columns - column, breaks)
        yield Row(line, start, end, column)
        start = end + len(text[end:]) - len(text[end:].lstrip())
        column = min(column + HANG, columns // 2) if column == _inset(text, columns) else column
    yield Row(line, start, len(text), column)


def _inset(text: str, columns: int) -> int:
    return min(len(text) - len(text.lstrip()), columns // 2)


def _break_at(text: str, start: int, room: int, breaks: dict[int, int]) -> int:
    """Where a row that starts in a column ends: outside of as many brackets as can be, and late."""
    least = start + int(room * LEAST_SHARE)
    fit = [(depth, -column) for column, depth in breaks.items() if least < column <= start + room]
    if fit:
        return -min(fit)[1]
    space = text.rfind(" ", least, start + room + 1)
    return space if space > start else start + room


def _breaks(texts: list[str]) -> dict[int, dict[int, int]]:
    """By line, the columns before which it may be broken, each with the brackets that are open there."""
    found: dict[int, dict[int, int]] = {}
    depth = 0
    for token in _tokens([bare(text) for text in texts]):
        if token.type == tokenize.OP and token.string in (")", "]", "}"):
            depth -= 1
        opens = token.type == tokenize.OP and token.string in ("(", "[", "{")
        depth += opens
        before = token.end if opens or token.string == "," else token.start if _joins(token) else None
        if before is not None:
            line, column = before
            found.setdefault(line, {})[len(widened(token.line[:column]))] = depth
    return found


def _joins(token: tokenize.TokenInfo) -> bool:
    """Whether a line may be broken before it: an operator between two values, or a word that joins them."""
    if token.type == tokenize.OP:
        after = token.line[token.start[1] - 1 : token.start[1]] == " "
        return after and token.string not in (",", ":", "=", "]", ")", "}", ".") and token.string[-1] != "="
    return token.type == tokenize.NAME and token.string in JOINING


def _tokens(texts: list[str]) -> Iterator[tokenize.TokenInfo]:
    """The tokens of a file as far as they can be had."""
    try:
        yield from tokenize.generate_tokens(io.StringIO("\n".join(texts) + "\n").readline)
    except (tokenize.TokenError, SyntaxError):
        return


def _folds(texts: list[str]) -> Iterator[tuple[int, int]]:
    """First and last lines of docstrings and blocks of comments that are folded."""
    yield from _docstrings(texts)
    start = 0
    for place, text in enumerate([*texts, ""]):
        if text.lstrip().startswith("#"):
            continue
        if place - start >= FEWEST_FOLDED:
            yield start + 1, place
        start = place + 1


def _docstrings(texts: list[str]) -> Iterator[tuple[int, int]]:
    try:
        tree = ast.parse("\n".join(texts) + "\n")
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            last = first.end_lineno or first.lineno
            if isinstance(first.value.value, str) and last - first.lineno + 1 >= FEWEST_FOLDED:
                yield first.lineno, last
