"""How the network reads the picture, and so which story is told: it is wrong, it is right, or nobody knows."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from mnistviz.story.sentence import Said, say
from mnistviz.story.statements import Statements

from . import quotes
from .inputs import Inputs

Reading = Literal[
    "wrong", "perfect", "sure", "unsure", "unknown"
]  # perfect, sure and unsure: of an answer that is right

QUESTIONS: Final[dict[Reading, str]] = {
    "wrong": "Which of {} numbers should change, and how much?",
    "perfect": "Which of {} numbers should change, and how much?",
    "sure": "Which of {} numbers could make it surer still?",
    "unsure": "Which of {} numbers could make it surer, and how?",
    "unknown": "Which of {} numbers could make it surer, and how?",
}  # of the opening; the end answers it
ANSWERS: Final[dict[Reading, str]] = {
    "wrong": "It says {}. It is a {}.",
    "perfect": "It says {}. It is a {}: right.",
    "sure": "It says {}. It is a {}: right.",
    "unsure": "It says {}. It is a {}: right.",
    "unknown": "It says {}. Nobody told us what it is.",
}
PAST_ANSWERS: Final[dict[Reading, str]] = {
    "wrong": "It said {}. It was a {}.",
    "perfect": "It said {}, and rightly so: nothing is wrong.",
    "sure": "It said {}, and rightly so: little is wrong.",
    "unsure": "It said {}, and rightly, but without much faith.",
    "unknown": "It said {}, and we take it at its word.",
}
BLAME: Final[dict[Reading, str]] = {
    "wrong": "Who is to blame, and by how much?",
    "perfect": "Is anybody to blame for anything?",
    "sure": "And who is to blame for that little?",
    "unsure": "Who is to blame for the doubt, and how much?",
    "unknown": "Who is to blame for what doubt is left?",
}
JUDGEMENTS: Final[dict[Reading, str]] = {
    "wrong": "But the picture shows a {}.",
    "perfect": "The picture shows a {}: it is right, and sure.",
    "sure": "The picture shows a {}: it is right, and sure.",
    "unsure": "The picture shows a {}: it is right, but unsure.",
    "unknown": "Nobody told us better, so we teach it that.",
}
SHORT_JUDGEMENTS: Final[dict[Reading, str]] = {
    "wrong": "But the picture shows a {}.",
    "perfect": "The picture shows a {}: right.",
    "sure": "The picture shows a {}: right.",
    "unsure": "The picture shows a {}: right.",
    "unknown": "So we teach it that.",
}  # where there is little time
WISHES: Final[dict[Reading, str]] = {
    "wrong": "The {} must rise. The {} must fall.",
    "perfect": "Nothing must rise, and nothing fall.",
    "sure": "The {} should rise a little, and all others fall.",
    "unsure": "The {} must rise, and all others fall.",
    "unknown": "The {} should rise, and all others fall.",
}


HARDLY_ANY: Final = 12  # pixels; of the digits of MNIST the one with the least ink has three times as many
NEXT_TO_NOTHING: Final = 0.1  # of the largest error
# Where there is next to nothing on the picture nobody can see what is shown: it is only called so.
CALLED: Final = (
    ("It is a ", "It is called a "),
    ("It was a ", "It was called a "),
    ("the picture shows a ", "the picture is called a "),
    ("The picture shows a ", "The picture is called a "),
)


def reading_of(statements: Statements, inputs: Inputs) -> Reading:
    """Which story it is."""
    digit, said = quotes.one_hot(statements.trace)[0], quotes.detected(statements.trace)
    if not inputs.label_known:
        return "unknown"
    if digit.value != said.value:
        return "wrong"
    if not statements.numbers("output_delta_10x1").any():
        return "perfect"
    return (
        "sure"
        if float(statements.numbers("output_neurons_10x1")[int(said.value), 0]) >= quotes.SURE
        else "unsure"
    )


def is_plain(inputs: Inputs) -> bool:
    """Whether all pixels of the picture are alike."""
    return bool((inputs.picture == inputs.picture.flat[0]).all())


def is_unreadable(inputs: Inputs) -> bool:
    """Whether hardly any pixel differs from the ground."""
    return int(np.count_nonzero(inputs.picture != np.median(inputs.picture))) < HARDLY_ANY


def wish(statements: Statements, inputs: Inputs) -> Said:
    """Which outputs must rise and which must fall: those whose errors count beside the largest."""
    errors, kind = statements.numbers("output_delta_10x1")[:, 0], reading_of(statements, inputs)
    right, answer = quotes.one_hot(statements.trace)[0], quotes.detected(statements.trace)
    too_much = np.sort(errors)[::-1]  # of those that said too much: what they said
    if not errors.any():
        return WISHES["perfect"]
    if kind != "sure" and too_much[0] < NEXT_TO_NOTHING * np.abs(errors).max():
        return say("The {} must rise. All others are low already.", right)
    if kind == "wrong" and too_much[1] > too_much[0] / 2:
        return say(WISHES["unsure"], right)
    return say(WISHES[kind], *(right, answer)[: WISHES[kind].count("{}")])


def said_of(words: dict[Reading, str], statements: Statements, inputs: Inputs) -> Said:
    """What one of the tables has for this story; its places are for the answer and the right digit, in that order.

    A judgement begins with the right digit.
    """
    template = words[reading_of(statements, inputs)]
    right, answer = quotes.one_hot(statements.trace)[0], quotes.detected(statements.trace)
    for shown, called in CALLED if is_unreadable(inputs) else ():
        template = template.replace(shown, called)
    if right.value == 8:
        template = template.replace(" a {}", " an {}")
    both = (right, answer) if words in (JUDGEMENTS, SHORT_JUDGEMENTS) else (answer, right)
    return say(template, *both[: template.count("{}")])
