"""`train` and `evaluate`: the network of the built-in scene learns, and is put to the test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mnistviz.cli.options import PATH, common_options, words
from mnistviz.errors import InputError
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
    weights: Path,
    data: Path | None,
    epochs: int | None,
    learn_rate: float,
    seed: int,
    limit: int | None,
    orientation: Orientation,
    quiet: bool,
) -> None:
    """Train the network, and save its weights after every epoch.

    An epoch is 60,000 built-in digits, or the training set in --data.
    """
    from mnistviz.training.lines import TrainingLines
    from mnistviz.training.loop import TrainingOptions
    from mnistviz.training.loop import train as learn

    options = TrainingOptions(weights, data, epochs, learn_rate, seed, limit, orientation)
    with TrainingLines(quiet) as lines:
        learn(load_learner(), options, lines)
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
@click.option("--weights", type=PATH, metavar="DIR", help="Weights to test.  [default: the shipped ones]")
@_data
@_limit
@_orientation
@click.option("--confusion", is_flag=True, help="Also the table: which digit was taken for which.")
@click.option("-o", "--output", type=PATH, metavar="FILE.png", help="Draw the table.")
@common_options
def evaluate(
    weights: Path | None,
    data: Path | None,
    limit: int | None,
    orientation: Orientation,
    confusion: bool,
    output: Path | None,
    quiet: bool,
) -> None:
    """Print how many digits of a test set are read right."""
    from mnistviz.training.curve import draw_confusion
    from mnistviz.training.lines import TrainingLines, confusion_table
    from mnistviz.training.loop import EvaluationOptions
    from mnistviz.training.loop import evaluate as test

    if output is not None and output.suffix.lower() != ".png":
        raise InputError("the table is drawn as a PNG", str(output), "name a file that ends in .png")
    with TrainingLines(quiet) as lines:
        evaluation = test(load_learner(), EvaluationOptions(weights, data, limit, orientation), lines)
    click.echo(evaluation)
    if confusion:
        click.echo(confusion_table(evaluation))
    if output is not None:
        draw_confusion(output, evaluation.confusion, f"{evaluation.name}: {evaluation}")
