"""What may not be said: rules over sentences of parts, each held against the oracle.

A rule is a function that returns what is wrong, in words.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from mnistviz.picture.stage.tableau import Inspector, Plot, Tableau
from mnistviz.picture.wording import text_of
from mnistviz.story.sentence import (
    Cell,
    Code,
    Name,
    Number,
    Part,
    Polarity,
    Quantity,
    Rank,
    Said,
    Sentence,
    Sign,
    Trend,
    Verdict,
    Words,
)
from mnistviz.trace.model import Operation
from tests.picture.lint_numbers import same, written_right
from tests.picture.oracle import Facts

ARITHMETIC = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
              "true_divide": np.divide, "power": np.power, "floor_divide": np.floor_divide,
              "remainder": np.remainder, "maximum": np.maximum, "minimum": np.minimum, "greater": np.greater,
              "less": np.less, "equal": np.equal, "greater_equal": np.greater_equal,
              "less_equal": np.less_equal, "not_equal": np.not_equal, "logical_and": np.logical_and,
              "logical_or": np.logical_or}  # fmt: skip
TWO_SIGNS = re.compile(r"[-+−×÷·⊙/] \+[\d.]")  # nobody writes -1.38 + +0.197
GLYPHS = {"add": "+", "subtract": "−", "multiply": "×·", "divide": "÷", "true_divide": "÷", "power": "^", "sum": "Σ",
          "maximum": "max", "minimum": "min", "greater": ">", "less": "<", "equal": "==", "floor_divide": "//",
          "remainder": "%", "greater_equal": "≥", "less_equal": "≤", "not_equal": "≠", "logical_and": "and",
          "logical_or": "or"}  # fmt: skip
SUM_SLACK = 1e-9  # of the terms' sizes: a library may add them up in any order
SHAPE = re.compile(r"_\d+(?:x\d+)*(?=$|\.T$| )")  # the shape that some names end with


def untrue(facts: Facts, tableau: Tableau) -> Iterator[str]:
    """What a tableau says that is not so."""
    said = tableau.inspector
    for sentence in (said.heading, *said.sentences, *tableau.said):
        yield from untrue_sentence(facts, sentence)
    yield from untrue_sentence(facts, said.chain)
    yield from _chain(said.chain)
    yield from unwritten(tableau)
    yield from _equations(facts, said)
    if said.counter is not None:
        yield from _number(facts, said.counter.number)
    if said.plot is not None:
        yield from _plot(facts, said, said.plot)


def untrue_sentence(facts: Facts, said: Said) -> Iterator[str]:
    """What is not so in one line, part by part."""
    for part in (Words(said),) if isinstance(said, str) else said.parts:
        for fault in _part(facts, part):
            yield f"{fault}, in {text_of(said)!r}"
    if TWO_SIGNS.search(text_of(said)):
        yield f"a sign behind a sign in {text_of(said)!r}"


def _part(facts: Facts, part: Part) -> Iterator[str]:
    match part:
        case Words():
            yield from _words(facts, part)
        case Code():
            yield from _code(facts, part)
        case Number():
            yield from _number(facts, part)
        case Name():
            yield from _name(facts, part)
        case Sign():
            glyphs = GLYPHS.get(part.operation, "")
            if part.text not in (part.operation, glyphs, *glyphs):
                yield f"{part.operation} is written {part.text!r}"
        case Rank():
            yield from _rank(facts, part)
        case Verdict():
            yield from _verdict(facts, part)
        case Trend():
            yield from _trend(facts, part)
        case Polarity():
            yield from _polarity(facts, part)


# ---- parts ----------------------------------------------------------------------------------------


def _words(facts: Facts, words: Words) -> Iterator[str]:
    """Words hold no number; names of files, of arrays and of units may."""
    bare = words.text
    names = [source.name for source in facts.board.trace.sources]
    names += [value.name for value in facts.values.values() if value.name]
    for name in sorted([*names, facts.shot.unit], key=len, reverse=True):
        bare = bare.replace(name, "") if name else bare
    if any(letter.isdecimal() for letter in bare):
        yield f"{words.text!r} holds a number that is no part"


def _code(facts: Facts, code: Code) -> Iterator[str]:
    """Code stands in a recorded source, or in what a recorded operation was called with."""
    bare = "".join(code.text.removesuffix("…").split())
    failure = facts.board.trace.failure
    if failure is not None and bare in "".join(failure.message.split()):
        return
    sources = ("".join(source.text.split()) for source in facts.board.trace.sources)
    called = (
        "".join(f"{key}={value}" for key, value in one.parameters) for one in facts.board.trace.operations
    )
    calls = (one.replace(" ", "").replace(",", "") for one in called)
    if not any(bare in text for text in sources) and not any(bare.replace(",", "") in text for text in calls):
        parameters = [part for part in bare.split(",") if "=" in part]
        known = {
            f"{key}={value}".replace(" ", "")
            for one in facts.board.trace.operations
            for key, value in one.parameters
        }
        fits = parameters and all(any(part in text for text in known) for part in parameters)
        if not fits and not is_index(code.text, facts.board.trace.operations):
            yield f"no source has {code.text!r}"


def _number(facts: Facts, number: Number) -> Iterator[str]:
    """A number is what it says it is, and rounded as its style says."""
    really = facts.number(number.of)
    if not same(really, number.value, facts.slack(number.of)):
        yield f"{number.value!r} is said of {number.of}, which is {really!r}"
    shown = text_of(Sentence((number,)))
    if not written_right(shown, number.value, number.style):
        yield f"{number.value!r} is written {shown!r} in style {number.style}"


LONGEST_PATH = 26  # letters of a path that is told whole; of a longer one the end stands for it


def _name(facts: Facts, name: Name) -> Iterator[str]:
    """A name is that of its array, and its index that of its cell."""
    cell = name.of if isinstance(name.of, Cell) else Cell(name.of)
    names, tail = facts.names[cell.value], name.tail
    if tail.startswith(".T"):
        maker = facts.makers.get(cell.value)
        if (
            "" not in names
            or maker is None
            or "transpose" not in maker.operation
            or maker.inputs[0].name != name.array
        ):
            yield f"{name.text}{tail} is not the transpose of {name.array!r}"
        tail = tail.removeprefix(".T")
    elif name.array not in names:
        yield f"{name.text!r} is said of array {sorted(names)}"
    if not name.array and not name.text.endswith("(…)") and name.text != "value":
        text = name.text[1:-1] if name.tail and name.text.startswith("(") else name.text
        yield from _code(facts, Code(text if in_brackets(text) else name.text))
    if name.tail.startswith("[") and not name.text.endswith("…") and not is_taken_whole(name):
        yield f"{name.text}{name.tail} is a part of its last term alone"
    short = name.text.removesuffix("…")
    if (
        name.array
        and name.text not in (name.array, SHAPE.sub("", name.array))
        and not (short != name.text and name.array.startswith(short))
        and not (len(name.array) > LONGEST_PATH and name.array.endswith(f".{name.text}"))
    ):
        yield f"{name.array!r} is called {name.text!r}"
    if isinstance(name.of, Cell):
        yield from _index(facts, name, cell, tail)


def in_brackets(text: str) -> bool:
    """Whether each bracket of an expression is closed: the first and the last that were taken off were a pair."""
    depths = [text[:end].count("(") - text[:end].count(")") for end in range(len(text) + 1)]
    return min(depths) == 0 == depths[-1]


def is_taken_whole(name: Name) -> bool:
    """Whether an index, as Python reads it, is that of all that stands before it."""
    try:
        whole, indexed = (ast.parse(each, mode="eval").body for each in (name.text, f"{name.text}[0]"))
    except SyntaxError:
        return True  # words, or cut
    return isinstance(indexed, ast.Subscript) and ast.dump(indexed.value) == ast.dump(whole)


def _index(facts: Facts, name: Name, cell: Cell, tail: str) -> Iterator[str]:
    lengths = facts.array(cell.value).shape
    wish = (
        [place for place, length in zip(facts.places(cell), lengths, strict=True) if length > 1]
        if lengths
        else []
    )
    shown = tail.strip("[]").split(", ") if tail else []
    if "j" in shown:  # it runs over all of an axis: the other index is the cell's
        fixed = [text for text in shown if text != "j"]
        known = {str(place) for place, text in zip(wish[-len(shown) :], shown, strict=False) if text != "j"}
        if fixed and set(fixed) != known:
            yield f"{name.text}{tail} is said of cell {wish}"
    elif shown != [str(place) for place in wish]:
        yield f"{name.text}{tail} is said of cell {wish}"


def _rank(facts: Facts, rank: Rank) -> Iterator[str]:
    """What is called the largest is the largest; of equals any may be."""
    if isinstance(rank.of, Cell):
        start, stop = rank.among or (0, facts.array(rank.of.value).size)
        field = np.asarray(facts.array(rank.of.value), np.float64).reshape(-1)[start:stop]
        if not start <= rank.of.index < stop:
            yield f"{rank.of} is not among the cells {start} to {stop}"
    elif rank.of.rule == "change":
        (changed,) = rank.of.of
        assert isinstance(changed, Cell)
        field = np.ravel(facts.array(changed.value) - facts.array(changed.value, True))
    else:
        number, cell, _ = rank.of.of
        assert rank.of.rule == "term"
        assert isinstance(number, int)
        assert isinstance(cell, int)
        field = facts.terms(number, cell)
    it = facts.number(rank.of)
    if np.isnan(field).any():
        return  # in what order they stand is then numpy's own secret
    size = {"largest": lambda x: x, "smallest": lambda x: -x, "largest by size": abs}[rank.order]
    slack = facts.slack(rank.of)
    ahead = int((size(field) > size(it) + slack).sum())
    level = int((size(field) >= size(it) - slack).sum())
    if not ahead < rank.place <= level:
        yield f"{it!r} is called number {rank.place} in order {rank.order!r}, and {ahead} are before it"


def _verdict(facts: Facts, verdict: Verdict) -> Iterator[str]:
    answer, expected = (_row(facts, of) for of in verdict.of)
    if (verdict.answer, verdict.expected) != (answer, expected):
        yield f"{verdict.answer} for {verdict.expected} is judged, and it is {answer} for {expected}"
    if verdict.right != (answer == expected):
        yield f"{answer} is judged {verdict.right}, and {expected} was expected"
    shown = text_of(Sentence((verdict,)))
    if any(word in shown for word in ("right", "✓", "as it said")) != verdict.right:
        yield f"{answer} for {expected} is judged {shown!r}"
    if any(word in shown for word in ("wrong", "not", "✗")) == verdict.right:
        yield f"{answer} for {expected} is judged {shown!r}"


def _trend(facts: Facts, trend: Trend) -> Iterator[str]:
    old, new = (facts.number(cell) for cell in trend.of)
    if trend.rises != (new > old) or (text_of(Sentence((trend,))) == "up") != (new > old):
        yield f"from {old!r} to {new!r} is called {text_of(Sentence((trend,)))!r}"


def _polarity(facts: Facts, polarity: Polarity) -> Iterator[str]:
    value = facts.number(polarity.of)
    truth = facts.array(polarity.of.value, polarity.of.before).dtype == bool
    if (
        polarity.positive != (value > 0)
        or (value == 0) > truth
        or truth != (polarity.texts == ("true", "false"))
    ):
        yield f"{value!r} is called {text_of(Sentence((polarity,)))!r}"


def _row(facts: Facts, of: Cell | int) -> int:
    """The row that a cell names, or stands in; or that a one-hot array is hot in."""
    if isinstance(of, int):
        return int(np.argmax(facts.array(of)))
    array = facts.array(of.value)
    return int(facts.cell(of)) if array.size == 1 else facts.places(of)[-1]


def unwritten(tableau: Tableau) -> Iterator[str]:
    """What is said on the stage is written there: its words may be wrapped, none is lost."""
    shown = " ".join(text for mark in tableau.marks if (text := getattr(mark, "text", "")))
    for sentence in tableau.said:
        if not all(word in shown for word in text_of(sentence).split()):
            yield f"{text_of(sentence)!r} is not on the stage"


# ---- lines together -------------------------------------------------------------------------------


def _equations(facts: Facts, said: Inspector) -> Iterator[str]:
    """The cell that is named first is the one whose number comes last, and the arithmetic between is right."""
    lines = [sentence.parts for sentence in said.sentences]
    for parts in lines:
        yield from _within(parts)
    if not lines or len(lines) < 2 or len(lines[0]) != 1 or not isinstance(lines[0][0], Name):
        return
    if any(isinstance(part, Words) and part.text == "?" for parts in lines for part in parts):
        return  # a result that is not there yet is looked at once it is
    numbers = [found for parts in lines for part in parts for found in _numbered(part)]
    names = [part for parts in lines[1:] for part in parts if isinstance(part, Name)]
    signs = [part for parts in lines for part in parts if isinstance(part, Sign)]
    if not numbers:
        return  # the formula alone, before anything is done
    result = numbers[-1]
    for parts in lines[1:-1]:
        yield from _evaluated(facts, parts, result)
    if result.of != lines[0][0].of:
        yield f"{text_of(Sentence((lines[0][0],)))} is named, and {result.of} is quoted"
    yield from (
        _sum(facts, names, signs, numbers)
        if any(s.operation == "sum" for s in signs)
        else _pair(facts, names, signs, numbers)
    )


def _numbered(part: Part) -> Iterator[Number]:
    """A number, or yes or no as one."""
    if isinstance(part, Number):
        yield part
    elif isinstance(part, Polarity):
        yield Number(float(part.positive), part.of)


def _pair(facts: Facts, names: list[Name], signs: list[Sign], numbers: list[Number]) -> Iterator[str]:
    """`a op b = c`, the operands named and quoted in one order; `before`, `change`, `after`."""
    operands, result = numbers[:-1], numbers[-1]
    if not signs and not (len(operands) == 2 and isinstance(operands[1].of, Quantity)):
        yield from _applied(facts, operands, result)
        return
    if len(operands) != 2:
        yield f"{len(operands)} operands for one sign"
        return
    if names and [name.of for name in names] != [number.of for number in operands]:
        yield f"{[name.text + name.tail for name in names]} are named, and {[o.of for o in operands]} quoted"
    operation = signs[-1].operation if signs else "add"
    a, b, c = (number.value for number in (*operands, result))
    with np.errstate(all="ignore"):
        wish = float(ARITHMETIC[operation](a, b))
    slack = facts.slack(operands[1].of) or 1e-6 * abs(wish) if signs else facts.slack(operands[1].of)
    if not same(wish, c, slack):
        yield f"{a!r} {operation} {b!r} is not {c!r}"


def _chain(chain: Said) -> Iterator[str]:
    """What is multiplied is what it is said to be; numbers side by side are added."""
    if isinstance(chain, str) or "=" not in text_of(chain):
        return
    written = "".join(
        f"({part.value!r})" if isinstance(part, Number) else text_of(Sentence((part,))).replace("×", "*")
        for part in chain.parts
    )
    left, _, right = written.replace(") (", ") + (").partition("=")
    if not same(eval(left), eval(right), 1e-12 * abs(eval(right))):  # noqa: S307
        yield f"{text_of(chain)!r}: {eval(left)!r} is not {eval(right)!r}"  # noqa: S307


def _evaluated(facts: Facts, parts: tuple[Part, ...], result: Number) -> Iterator[str]:
    """An expression with a number put in is the result, where Python can say so from the run's own names."""
    if not any(isinstance(part, Code) and part.text for part in parts):
        return
    written = "".join(
        f"({part.value!r})" if isinstance(part, Number) else text_of(Sentence((part,))) for part in parts
    )
    names = {v.name: v.value for v in facts.values.values() if v.shape == () and v.name.isidentifier()}
    known = {"np": np, "inf": math.inf, "nan": math.nan}
    try:
        with np.errstate(all="ignore"):
            wish = float(eval(written.removeprefix("= "), known, names))  # noqa: S307
    except (NameError, TypeError):
        return  # other arrays are in it
    if not same(wish, result.value, 1e-12 * abs(wish)):
        yield f"{written!r} is {wish!r}, and not {result.value!r}"


def _applied(facts: Facts, operands: list[Number], result: Number) -> Iterator[str]:
    """A number put into an expression is of the cell of which the result is said; a lone number is an operand."""
    taken = {v.id for one in facts.shot.subject for v in facts.board.operation(one).inputs if v.shape == ()}
    for number in operands:
        if isinstance(number.of, Cell) and facts.values[number.of.value].shape == ():
            if number.of.value not in taken:
                yield f"{number.of} is put in, and is no operand"
            continue
        if not isinstance(number.of, Cell):
            continue
        if isinstance(result.of, Cell) and number.of.index != result.of.index:
            yield f"{number.of} is put in for {result.of}"


def _sum(facts: Facts, names: list[Name], signs: list[Sign], numbers: list[Number]) -> Iterator[str]:
    """`= bias + sum`: the bias is the one that is named, and both are the result."""
    *operands, result = numbers
    if len(operands) == 2:
        if names[0].of != operands[0].of:
            yield f"{names[0].text}{names[0].tail} is named, and {operands[0].of} quoted"
        wish = operands[0].value + operands[1].value
        if not same(wish, result.value, 1e-6 * abs(wish)):
            yield f"{operands[0].value!r} + {operands[1].value!r} is not {result.value!r}"
    left, right = (facts.values[name.of.value] for name in names[-2:] if isinstance(name.of, Cell))
    product = next(
        one for one in facts.board.trace.operations if tuple(v.id for v in one.inputs) == (left.id, right.id)
    )
    assert isinstance(result.of, Cell)
    terms = facts.terms(product.number, result.of.index)
    summed, added = float(terms.sum()), operands[0].value if len(operands) == 2 else 0.0
    slack = SUM_SLACK * float(np.abs(terms).sum() + abs(added))
    if math.isfinite(summed) and not same(summed + added, result.value, slack):
        yield f"the terms of {result.of} add up to {summed!r}, and {added!r} more is not {result.value!r}"


def _within(parts: tuple[Part, ...]) -> Iterator[str]:
    """`28 × 28 = 784` in one line."""
    bare = [part for part in parts if not (isinstance(part, Words) and part.text.strip() == "")]
    for place in range(len(bare) - 4):
        match bare[place : place + 5]:
            case [Number() as a, Sign() as sign, Number() as b, Words(text=" = "), Number() as c]:
                if ARITHMETIC[sign.operation](a.value, b.value) != c.value:
                    yield f"{text_of(Sentence((a, sign, b)))} is not {c.value!r}"


# ---- plots ----------------------------------------------------------------------------------------


def _plot(facts: Facts, said: Inspector, plot: Plot) -> Iterator[str]:
    yield from untrue_sentence(facts, plot.caption)
    for bar in plot.bars:
        yield from (*untrue_sentence(facts, bar.label), *_number(facts, bar.number))
    for curve in plot.curves:
        if curve.of is None:
            yield "a curve does not say what it is"
            continue
        xs, ys = np.array(curve.xs), np.array(curve.ys)
        if not np.allclose(ys, _heights(facts, curve.of, xs), rtol=1e-12, atol=0, equal_nan=True):
            yield f"the curve is not the {curve.of.rule} of {curve.of.of}"
        if not np.all(np.diff(xs) > 0):
            yield "the curve goes back"
    if plot.dot is None:
        return
    if plot.dot_of is None:
        if not any(_on(plot.dot, curve.xs, curve.ys) for curve in plot.curves):
            yield f"the dot at {plot.dot} is not at the end of the curve"
        return
    if plot.dot != tuple(facts.cell(cell) for cell in plot.dot_of):
        yield f"the dot is at {plot.dot}, and not at {plot.dot_of}"
    named = said.sentences[0].parts[0]
    if isinstance(named, Name) and named.of != plot.dot_of[1]:
        yield f"the dot is at {plot.dot_of}, and {named.of} is named"


def _on(dot: tuple[float, float], xs: tuple[float, ...], ys: tuple[float, ...]) -> bool:
    """Whether the dot is at the end of the curve."""
    return bool(xs) and dot == (xs[-1], ys[-1])


def _heights(facts: Facts, of: Quantity, xs: np.ndarray) -> np.ndarray:
    numbers = tuple(part for part in of.of if isinstance(part, int))
    if of.rule == "running sum":
        return facts.running(*numbers)[xs.astype(int)]
    assert of.rule == "function"
    return facts.applied(numbers, xs)


class _Key:
    """Gives back what it is indexed with."""

    def __getitem__(self, key: Any) -> Any:
        return key


def is_index(text: str, operations: Iterable[Operation]) -> bool:
    """Whether a text is the index of one of the operations as Python reads it."""
    if not text.startswith("["):
        return False
    try:
        key = eval(f"key{text}", {"__builtins__": {}, "key": _Key(), "np": np})  # noqa: S307
    except (SyntaxError, NameError):
        return False
    return any(_same_index(key, dict(one.parameters).get("index", "")) for one in operations)


def _same_index(key: Any, index: Any) -> bool:
    if isinstance(key, tuple | list) and isinstance(index, tuple | list):
        return len(key) == len(index) and all(map(_same_index, key, index))
    return bool(key == index)
