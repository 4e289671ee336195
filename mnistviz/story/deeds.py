"""What is done, in one short sentence of the names and expressions that the source has: "Add F @ P @ F.T and Q"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mnistviz.story.along import along
from mnistviz.story.phrases import PLACE, is_gone_through, phrase_of
from mnistviz.story.referring import path_end, shortened
from mnistviz.story.sentence import Code, Name, Number, Part, Polarity, Said, Sentence, Words
from mnistviz.story.written import operands
from mnistviz.trace.model import Operation, Value

LONGEST = 40  # characters of an operand
NUMBER = "\0"  # in the place of one
SHAPE = re.compile(rf" \((= )?{NUMBER}(x{NUMBER})*\)")  # or the one number that it is
Makers = Mapping[int, Operation]  # which operation made a value, by its id


def deed(said: Said) -> str:
    """What is done, without shapes and what comes of it; "" where that is told by a number."""
    first = _without_shapes(said.parts if isinstance(said, Sentence) else ()).partition(". ")[0]
    return "" if NUMBER in first else first


def deed_of(one: Operation, made: Makers, quote: Callable[[str], str]) -> str:
    """The same of an operation, with what it takes as the source writes it; "" where it has no phrase or no names.

    `quote` gives source text as titles have it.
    """
    if is_gone_through(one):
        if one.source.expression == one.source.statement:  # `x, y = point`
            whole = one.expression.partition("=")[2].strip()
            return f"Take {shortened(quote(whole), LONGEST)} apart"
        return f"Go through {shortened(quote(one.expression), LONGEST)}"
    phrase = phrase_of(one)
    names = [shortened(path_end(quote(name)), LONGEST) for name in _names(one, made)]
    if one.operation == "setitem":  # what stands in the index is no part of it
        names[1:] = names[-1:]
    needed = {int(place) for place in PLACE.findall(phrase)}
    if not phrase or any(place >= len(names) or not names[place] for place in needed):
        return ""
    said = phrase.replace("{p}", _without_shapes(along(one)))
    return PLACE.sub(lambda place: names[int(place[1])], said)


def _names(one: Operation, made: Makers) -> list[str]:
    """What an operation takes, by name or as it is written; "" of what is neither."""
    written = operands(one, [_text(value, made) for value in one.inputs])
    if written and None not in written:
        return [_without_shapes(parts or ()).replace(NUMBER, "").strip() for parts in written]
    names = [_text(value, made) for value in one.inputs]
    if one.operation == "setitem" and "[" in names[-1]:  # it is called by where it goes
        value = one.inputs[-1]
        names[-1] = _made_by(value, made) or ("" if value.shape else "a number")
    return names


def _text(value: Value, made: Makers) -> str:
    return value.name or _made_by(value, made)


def _made_by(value: Value, made: Makers) -> str:
    maker = made.get(value.id)
    return " ".join(maker.expression.split()) if maker is not None else ""


def _without_shapes(parts: tuple[Part | str, ...]) -> str:
    return SHAPE.sub("", "".join(map(_as_text, parts)))


def _as_text(part: Part | str) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Number | Polarity):
        return NUMBER
    return part.text if isinstance(part, Words | Code | Name) else getattr(part, "text", "")
