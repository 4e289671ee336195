"""The same story at the article's pace: it starts eleven chapters where the article does.

Some of these have less time than the story wishes, and say less, in whole sentences; some have far more, and
tell more cells slowly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from mnistviz.story.sentence import Said, say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Beat, Chapter, Shot
from mnistviz.story.timecode import TICKS_PER_SECOND

from . import backward, quotes, wires
from .inputs import Inputs
from .overview import asked
from .reading import ANSWERS, SHORT_JUDGEMENTS, said_of
from .stride import stride_of
from .telling import Lasts

LEFT_OUT: Final = frozenset({(1, "Folded again"), (6, "Where we are")})
PHOTO, APPEARS = (1, "From photo to digit"), (1, "The picture")
Words = tuple[float, Said]


@dataclass(frozen=True)
class _Retelling:
    """How a shot is told at this pace."""

    lasts: Lasts
    words: tuple[Words, ...]  # none: its own


def retold(chapters: Sequence[Chapter], statements: Statements, inputs: Inputs) -> list[Chapter]:
    """The chapters in the words and lengths of the article's pace."""
    known = {
        **_picture(statements, inputs),
        **_forward(statements, inputs),
        **_verdict(statements, inputs),
        **_output_weights(statements),
        **_error_back(statements),
        **_stamps(statements),
    }
    left_out = (
        LEFT_OUT | {(9, stride_of(statements).asked)} | ({APPEARS} if inputs.photo is not None else set())
    )
    return [_chapter(chapter, known, left_out) for chapter in chapters]


def _chapter(
    chapter: Chapter, known: dict[tuple[int, str], _Retelling], left_out: frozenset[tuple[int, str]]
) -> Chapter:
    titles = [shot.title for shot in chapter.shots if (chapter.number, shot.title) not in left_out]
    shots = {shot.title: shot for shot in chapter.shots}
    if APPEARS in left_out and PHOTO[1] in shots:  # then the photo's shot makes the picture
        made = shots[APPEARS[1]].completes
        shots[PHOTO[1]] = replace(shots[PHOTO[1]], completes=made)
    told = tuple(_shot(shots[title], known.get((chapter.number, title))) for title in titles)
    return replace(chapter, shots=told, main_shot=titles.index(chapter.shots[chapter.main_shot].title))


def _shot(shot: Shot, told: _Retelling | None) -> Shot:
    if told is None:
        return shot
    act, rest, waits = (
        round(seconds * TICKS_PER_SECOND)
        for seconds in (told.lasts.act_s, told.lasts.rest_s, told.lasts.waits_s)
    )
    beats = tuple(Beat(at, said) for at, said in told.words) or shot.beats
    return replace(
        shot, act_ticks=act, rest_ticks=rest, waits_ticks=waits, beats=beats, caption=beats[-1].caption
    )


def _told(lasts: Lasts, *words: Words) -> _Retelling:
    return _Retelling(lasts, words)


def _picture(statements: Statements, inputs: Inputs) -> dict[tuple[int, str], _Retelling]:
    """Chapter 1, in 18 seconds."""
    column = statements.output("image_784x1")
    pixels = statements.trace.operations[statements.making("image_784x1")[0]].inputs[0]
    size = (quotes.length(pixels, 0), quotes.length(pixels, 1))
    unrolled = (
        (0.0, "Row after row is laid end to end."),
        (0.82, say("One column of {} numbers.", quotes.cells(column))),
    )
    question = ((0.0, said_of(ANSWERS, statements, inputs)), (0.78, asked(statements, inputs)))
    if inputs.photo is not None:
        return {
            (1, "Title"): _told(Lasts(1.4, 0.6), (0.0, "Every number here is real.")),
            (1, "The whole network"): _told(Lasts(4.0, 2.6), *question),
            PHOTO: _told(Lasts(4.0, 0.8), (0.0, "The ink is taken out of the paper."),
                         (0.68, say("Shrunk to {} × {} pixels.", *size))),
            (1, "Unrolled"): _told(Lasts(3.4, 1.2), *unrolled),
        }  # fmt: skip
    return {
        (1, "Title"): _told(Lasts(1.4, 0.6), (0.0, "Every number here is real.")),
        (1, "The whole network"): _told(
            Lasts(6.4, 2.9), (0.0, "A picture goes in, ten answers come out."),
            (0.43, said_of(ANSWERS, statements, inputs)), (0.9, asked(statements, inputs)),
        ),
        APPEARS: _told(Lasts(1.3, 1.0), (0.0, say("Pixels: {} × {} of them.", *size))),
        (1, "Unrolled"): _told(Lasts(3.3, 1.1), *unrolled),
    }  # fmt: skip


def _forward(statements: Statements, inputs: Inputs) -> dict[tuple[int, str], _Retelling]:
    """Chapters 2 to 5."""
    weights, column = statements.given("input_to_hidden_weights_20x784"), statements.output("image_784x1")
    pixels = statements.trace.operations[statements.making("image_784x1")[0]].inputs[0]
    neuron = quotes.largest_by_size(statements.output("hidden_delta_20x1"))
    outputs, hidden = statements.making("output_neurons_10x1"), statements.making("hidden_neurons_20x1")
    return {
        (2, "Twenty layers of weights"): _told(
            Lasts(6.5, 3.0), (0.0, "Every hidden neuron has one weight for every pixel."),
            (0.6, say("{} neurons: {} layers of {} × {}.", quotes.length(weights), quotes.length(weights),
                      quotes.length(pixels, 0), quotes.length(pixels, 1))),
        ),
        (2, "Multiply, add up, add the bias"): _told(
            Lasts(25.5, 5.0),
            (0.0, say("Take hidden neuron {}: the picture is laid over its weights.", neuron)),
            (0.175, "Each weight is multiplied by the pixel beneath it."),
            (0.32, say("All {} products become one number.", quotes.cells(column))),
            (0.43, "Its bias joins, and the neuron has its sum."),
            (0.64, "The other neurons do the same, each with its own weights."),
            (0.84, say("{} neurons, {} sums.", quotes.length(weights), quotes.length(weights))),
            (1.0, "A sum far above zero will switch its neuron on."),
        ),
        (3, "Squeezed between 0 and 1"): _told(
            Lasts(15.0, 5.0, 4.6), (0.0, say("How does any sum become a number from {} to {}?", *quotes.limits(hidden))),
            (0.31, "Up to the curve, and across: that is the neuron."),
            (0.64, "Far below zero: off. Far above zero: on."),
            (1.0, "Every neuron now lies between off and on."),
        ),
        (4, "Ten weighted sums"): _told(
            Lasts(7.0, 1.6), (0.0, "Now each digit weighs the hidden neurons."),
            (0.4, "Weight times neuron, added up, plus the bias."),
            (0.84, "Ten sums. Which digit has the largest?"),
        ),
        (5, "From sums to answers"): _told(
            Lasts(4.0, 1.2), (0.0, "Every sum becomes an answer."),
            (0.5, say("Near {} means: this is my digit.", quotes.limits(outputs)[1])),
        ),
        (5, "What each neuron says"): _told(
            Lasts(3.6, 1.8), (0.0, "Red says yes, blue says no."), (0.6, wires.vote(statements, inputs)),
        ),
    }  # fmt: skip


def _verdict(statements: Statements, inputs: Inputs) -> dict[tuple[int, str], _Retelling]:
    """Chapter 6."""
    digit, one, others = quotes.one_hot(statements.trace)
    return {
        (6, "What it should have said"): _told(
            Lasts(2.2, 1.4), (0.0, say("{} for the {}, and {} for all others.", one, digit, others))
        ),
        (6, "What it did say"): _told(
            Lasts(4.6, 2.6), (0.0, "Look for the largest output."),
            (0.68, say("So it says {}.", quotes.detected(statements.trace))),
            (1.0, said_of(SHORT_JUDGEMENTS, statements, inputs)),
        ),
    }  # fmt: skip


def _output_weights(statements: Statements) -> dict[tuple[int, str], _Retelling]:
    """Chapter 8 in a minute, chapters 9 and 10 in six seconds."""
    adjustment, stride = statements.output("hidden_to_output_adjustment_10x20"), stride_of(statements)
    return {
        (8, "Where we are"): _told(Lasts(7.0, 5.0)),
        (8, "Each weight's share"): _told(
            Lasts(41.0, 7.0), (0.0, "The neurons lie down, so that every pair can meet."),
            (0.16, "The share: error times how far the neuron was on."),
            (0.34, backward.hardly_on(statements)),
            (0.51, "An error near zero has hardly anybody to blame."),
            (0.67, "Red weights should fall, blue weights should rise."),
            (0.84, say("So it goes for all {} weights.", quotes.cells(adjustment))),
            (1.0, backward.blamed(statements)),
        ),
        (9, stride.named): _told(
            Lasts(3.2, 1.2), (0.0, say(stride.shortly, quotes.learn_rate(statements))),
            (0.65, backward.shortly_moves(statements)),
        ),
        (10, "The same for the biases"): _told(Lasts(1.0, 0.6), (0.0, "The biases, too.")),
    }  # fmt: skip


def _error_back(statements: Statements) -> dict[tuple[int, str], _Retelling]:
    """Chapters 11 to 13, a minute each."""
    count = quotes.length(statements.output("hidden_delta_20x1"))
    return {
        (11, "Where we are"): _told(Lasts(4.0, 3.0)),
        (11, "How steep is the sigmoid here?"): _told(
            Lasts(46.0, 7.0, 4.0), (0.0, "Can a neuron still be moved?"),
            (0.087, "The slope of the sigmoid tells."),
            (0.24, backward.steepest(statements)),
            (0.4, "The next ones are the steepest of the others."),
            (0.56, "Fully on or off: flat, hardly to be moved."),
            (0.71, "A flat neuron learns next to nothing here."),
            (0.86, say("{} neurons, {} slopes.", count, count)),
            (1.0, "The steeper it stands, the more it can learn."),
        ),
        (12, "Turn the weights over"): _told(Lasts(8.0, 4.0, 4.0)),
        (12, "Send the error back"): _told(
            Lasts(25.0, 6.0), (0.0, "The errors come back, each through its weight."),
            (0.22, "All added up: how much this neuron is to blame."),
            (0.5, "Each neuron collects the errors that it helped to make."),
            (0.76, say("The same for all {} neurons.", count)),
            (1.0, "Above zero: it was on too far. Below: not enough."),
        ),
        (12, "Back through the wires"): _told(Lasts(10.0, 7.0)),
        (13, "Error times slope"): _told(
            Lasts(52.0, 8.0), (0.0, "Take what came back, times the slope."),
            (0.14, "Blame counts only as far as the neuron can move."),
            (0.29, "Next come the neurons with the most blame."),
            (0.44, "Above zero: it was on too far. Below: not enough."),
            (0.58, "Where it is flat, even a large error counts little."),
            (0.72, "Near zero: this neuron is hardly to blame."),
            (0.86, say("{} neurons, each with a blame of its own.", count)),
            (1.0, backward.most_blamed(statements)),
        ),
    }  # fmt: skip


def _stamps(statements: Statements) -> dict[tuple[int, str], _Retelling]:
    """Chapter 14, in 69 seconds."""
    stamps = statements.output("input_to_hidden_adjustment_20x784")
    return {
        (14, "Twenty stamps of the picture"): _told(
            Lasts(57.0, 12.0, 5.0), (0.0, "Which weights of a neuron are to blame?"),
            (0.085, backward.saw_ink(statements)),
            (0.21, backward.how_strong(statements)),
            (0.34, "Next, the neurons with the most blame."),
            (0.47, "Red: these weights should fall. Blue: they should rise."),
            (0.6, "No ink, no stamp: those weights stay as they are."),
            (0.73, backward.own_stamp(statements)),
            (0.865, say("{} neurons, {} stamps.", quotes.length(stamps), quotes.length(stamps))),
            (1.0, quotes.faint(stamps)),
        ),
    }  # fmt: skip
