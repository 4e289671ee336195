"""A 784-20-10 network learns from one handwritten digit, every number of the step on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from mnistviz.scene import PictureChoice, Scene

if TYPE_CHECKING:
    from mnistviz.story.storyboard import Storyboard
    from mnistviz.trace.model import Trace
    from mnistviz.training.loop import Learner

    from .inputs import Inputs

CHOICE: Final = PictureChoice


def open_scene(choice: PictureChoice) -> Scene:
    """The scene for that choice of picture and weights; everything that it names is read and checked here."""
    from .inputs import gather, record_scene

    inputs = gather(choice)
    return Scene(
        "mnist_mlp",
        lambda: record_scene(inputs),
        lambda trace: _told(trace, inputs),
        inputs.remarks,
        later=(inputs.beside,) if choice.data is None else (),
    )


def _told(trace: Trace, inputs: Inputs) -> Storyboard:
    """The story; what tells it is imported after the recording, which writes watchers into all that is there."""
    from . import drawings  # noqa: F401  (they enter the table)
    from .storyboard import storyboard

    return storyboard(trace, inputs)


def reads(choice: PictureChoice) -> tuple[Path, ...]:
    """What it reads beside its own folder."""
    return tuple(place for place in (choice.weights, choice.data, choice.image) if place is not None)


def tell(trace: Trace) -> Storyboard:
    """The story of a lesson that was saved: everything but the digits beside it is in the trace."""
    from .inputs import inputs_of

    return _told(trace, inputs_of(trace))


def open_learner() -> Learner:
    """The network of this scene, to be trained and tested."""
    from . import learner

    return learner
