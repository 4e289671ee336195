"""`train` and `evaluate`: the network of a scene learns, and is put to the test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mnistviz.cli.options import PATH, common_options, output_option, scene_argument, words
from mnistviz.cli.scene_command import check_ending
from mnistviz.scene import load_learner

if TYPE_CHECKING:
    from mnistviz.data.pictures import Orientation

OWN_WEIGHTS = Path("output/weights")

_data = click.option(
    "--data", type=PATH, metavar="DIR", help="MNIST idx files, .gz or not.  [default: built-in]"
)
_limit = click.option("--limit", type=click.IntRange(min=1), metavar="N", help="No more than N pictures.")
_orientation = click.option(
    "--orientation",
    **words("upright", "clockwise"),
    help="clockwise: turned before it is fed in, as the article's weights need it.",
)


@click.command(
    epilog="""\b
Examples:
  python -m mnistviz train --epochs 1
  python -m mnistviz train --data path/to/mnist --weights output/my-weights
"""
)
@scene_argument
@click.option(
    "--weights",
    type=PATH,
    metavar="DIR",
    default=OWN_WEIGHTS,
    show_default=True,
    help="Where they are saved after every epoch, and gone on from.",
)
@_data
@click.option("--epochs", type=click.IntRange(min=1), metavar="N", help="N more.  [default: until Ctrl-C]")
@click.option("--learn-rate", type=click.FloatRange(0, 100, min_open=True), default=0.01, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of new weights.")
@_limit
@_orientation
@common_options
def train(
    scene: str,
    weights: Path,
    data: Path | None,
    epochs: int | None,
    learn_rate: float,
    seed: int,
    limit: int | None,
    orientation: Orientation,
    quiet: bool,
) -> None:
    """Train the network of a SCENE, and save its weights after every epoch.

    An epoch is 60,000 built-in digits, or the training set in --data.
    """
    from mnistviz.training.lines import TrainingLines
    from mnistviz.training.loop import TrainingOptions
    from mnistviz.training.loop import train as learn

    options = TrainingOptions(weights, data, epochs, learn_rate, seed, limit, orientation)
    with TrainingLines(quiet) as lines:
        learn(load_learner(scene), options, lines)
    if not quiet:
        click.echo(
            f"see {weights / 'training.png'}; test it: python -m mnistviz evaluate --weights {weights}"
        )


@click.command(
    epilog="""\b
Examples:
  python -m mnistviz evaluate
  python -m mnistviz evaluate --confusion -o confusion.png
  python -m mnistviz evaluate --weights output/weights --data path/to/mnist
"""
)
@scene_argument
@click.option("--weights", type=PATH, metavar="DIR", help="Weights to test.  [default: the shipped ones]")
@_data
@_limit
@_orientation
@click.option("--confusion", is_flag=True, help="Also the table: which digit was taken for which.")
@output_option("FILE.png", "Draw the table.")
@common_options
def evaluate(
    scene: str,
    weights: Path | None,
    data: Path | None,
    limit: int | None,
    orientation: Orientation,
    confusion: bool,
    out: Path | None,
    quiet: bool,
) -> None:
    """Print how many pictures of a test set the network of a SCENE reads right."""
    from mnistviz.training.curve import draw_confusion
    from mnistviz.training.lines import TrainingLines, confusion_table
    from mnistviz.training.loop import EvaluationOptions
    from mnistviz.training.loop import evaluate as test

    if out is not None:
        check_ending(out, (".png",), "the table is drawn as a PNG")
    with TrainingLines(quiet) as lines:
        evaluation = test(load_learner(scene), EvaluationOptions(weights, data, limit, orientation), lines)
    click.echo(evaluation)
    if confusion:
        click.echo(confusion_table(evaluation))
    if out is not None:
        draw_confusion(out, evaluation.confusion, f"{evaluation.name}: {evaluation}")
