"""How the network reads the picture, and so which story is told: it is wrong, it is right, or nobody knows."""

from __future__ import annotations

from typing import Final, Literal

from mnistviz.story.sentence import Said, say
from mnistviz.story.statements import Statements

from . import quotes
from .inputs import Inputs

Reading = Literal["wrong", "sure", "unsure", "unknown"]  # sure and unsure: of an answer that is right

QUESTIONS: Final[dict[Reading, str]] = {
    "wrong": "Which of {} numbers should change, and how much?",
    "sure": "Which of {} numbers could make it surer still?",
    "unsure": "Which of {} numbers could make it surer, and how?",
    "unknown": "Which of {} numbers could make it surer, and how?",
}  # of the opening; the end answers it
ANSWERS: Final[dict[Reading, str]] = {
    "wrong": "It says {}. It is a {}.",
    "sure": "It says {}. It is a {}: right.",
    "unsure": "It says {}. It is a {}: right.",
    "unknown": "It says {}. Nobody told us what it is.",
}
PAST_ANSWERS: Final[dict[Reading, str]] = {
    "wrong": "It said {}. It was a {}.",
    "sure": "It said {}, and rightly so: little is wrong.",
    "unsure": "It said {}, and rightly, but without much faith.",
    "unknown": "It said {}, and we take it at its word.",
}
BLAME: Final[dict[Reading, str]] = {
    "wrong": "Who is to blame, and by how much?",
    "sure": "And who is to blame for that little?",
    "unsure": "Who is to blame for the doubt, and how much?",
    "unknown": "Who is to blame for what doubt is left?",
}
JUDGEMENTS: Final[dict[Reading, str]] = {
    "wrong": "But the picture shows a {}.",
    "sure": "The picture shows a {}: it is right, and sure.",
    "unsure": "The picture shows a {}: it is right, but unsure.",
    "unknown": "Nobody told us better, so we teach it that.",
}
SHORT_JUDGEMENTS: Final[dict[Reading, str]] = {
    "wrong": "But the picture shows a {}.",
    "sure": "The picture shows a {}: right.",
    "unsure": "The picture shows a {}: right.",
    "unknown": "So we teach it that.",
}  # where there is little time
WISHES: Final[dict[Reading, str]] = {
    "wrong": "The {} must rise. The {} must fall.",
    "sure": "The {} should rise a little, and all others fall.",
    "unsure": "The {} must rise, and all others fall.",
    "unknown": "The {} should rise, and all others fall.",
}


# Where all pixels are alike nobody can see what is shown: it is only called so.
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
    return (
        "sure"
        if float(statements.numbers("output_neurons_10x1")[int(said.value), 0]) >= quotes.SURE
        else "unsure"
    )


def is_plain(inputs: Inputs) -> bool:
    """Whether all pixels of the picture are alike."""
    return bool((inputs.picture == inputs.picture.flat[0]).all())


def said_of(words: dict[Reading, str], statements: Statements, inputs: Inputs) -> Said:
    """What one of the tables has for this story; its places are for the answer and the right digit, in that order.

    A judgement or a wish begins with the right digit.
    """
    template = words[reading_of(statements, inputs)]
    right, answer = quotes.one_hot(statements.trace)[0], quotes.detected(statements.trace)
    for shown, called in CALLED if is_plain(inputs) else ():
        template = template.replace(shown, called)
    if right.value == 8:
        template = template.replace(" a {}", " an {}")
    both = (right, answer) if words in (JUDGEMENTS, SHORT_JUDGEMENTS, WISHES) else (answer, right)
    return say(template, *both[: template.count("{}")])
