"""What only a reader wants: the formula of each step, and a teacher's note where there is one; for the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mnistviz.story.sentence import Cell, Number, Said, say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Chapter

from . import quotes
from .stride import stride_of


def with_asides(chapters: Sequence[Chapter], statements: Statements) -> list[Chapter]:
    """The chapters, every shot with what there is to read beside it."""
    stride = stride_of(statements)
    known = {**PLAIN, **_counted(statements), stride.named: STEP, stride.asked: FURTHER}
    return [
        replace(
            chapter, shots=tuple(replace(shot, aside=known.get(shot.title, "")) for shot in chapter.shots)
        )
        for chapter in chapters
    ]


ANEW: Said = "The way forth is computed anew, from the picture to the outputs."
PLAIN: dict[str, Said] = {
    "The whole network": "Top row, left to right: what is computed on the way forth. Bottom row, right to left: the "
    "gradients, each under the array that it belongs to.",
    "From photo to digit": "As MNIST was made: the ink is scaled so that its longer side has as many pixels as the digits "
    "there, and is laid so that its centre of mass is in the middle.",
    "Where we are": "What is filled has been computed; the ways that come next are lit.",
    "Twenty layers of weights": "A row of the weight matrix has as many numbers as the picture has pixels, so it can be "
    "looked at as a picture.",
    "Multiply, add up, add the bias": "z = b + W x. Row i of W with the column x is a dot product: zᵢ = bᵢ + Σⱼ Wᵢⱼ xⱼ.",
    "Ten weighted sums": "The same formula a layer further: z = b + W h, with the hidden neurons h in place of the picture.",
    "From sums to answers": "The ten outputs need not add up to one: each sigmoid decides for its own digit. A softmax "
    "would make one decision of them.",
    "What each neuron says": "A wire is one term of an output's sum: weight times neuron. Above zero it raises the output.",
    "What it should have said": "A one-hot column: as long as there are digits.",
    "What it did say": "The network has no word for a digit: the place of the largest output is its answer.",
    "Output minus expected": "Without the sigmoid's slope this is the gradient of cross-entropy, not of squared error: "
    "the slope in the loss's own gradient cancels it.",
    "Each weight's share": "An outer product: ∂L/∂Wᵢⱼ = δᵢ hⱼ, the error of the output times the neuron before the weight.",
    "How wrong, in one number": "Cross-entropy, summed over the ten outputs: −ln of what each output gave to what was "
    "expected of it. The gradient of this number is what goes back.",
    "The same for the biases": "b ← b − η δ: a bias is a weight whose neuron is always fully on.",
    "Turn the weights over": "Row i of the transpose holds all weights that leave hidden neuron i.",
    "Error times slope": "The chain rule: ∂L/∂z = ∂L/∂h · ∂h/∂z, cell by cell.",
    "Twenty stamps of the picture": "Again an outer product: ∂L/∂Wᵢⱼ = δᵢ xⱼ. A pixel without ink has xⱼ of zero, and its "
    "weight no share.",
    "Pressed into the weights": "W ← W − η ∂L/∂W once more, a layer further to the left.",
    "And the last biases": "b ← b − η δ, as for the outputs.",
    "New weights, same picture": ANEW,
    "Same weights, same picture": ANEW,
    "What one step changed": "The loss is the one of chapter seven, computed from the new outputs.",
    "Inside the network": "The hidden neurons are no answer, so nobody says what they should be: only the error that came "
    "back has moved them.",
    "What the layers have become": "Untrained weights are drawn evenly from a small range around zero.",
    "Again and again": "Each of these steps starts from the weights that the one before has left.",
    "What training does": "One step a picture, one picture after the other: stochastic gradient descent.",
    "The answer": "A weight from a pixel without ink has a gradient of zero, and stays as it was.",
}  # by the title of the shot


STEP: Said = "W ← W − η ∂L/∂W. The gradient says where the loss grows fastest; the step goes the other way."
FURTHER: Said = (
    "The loss along the very step that this lesson takes, and beside it other test digits through the network as it "
    "would be there. The slope at the beginning is the squared length of the gradient, nearly."
)


def _counted(statements: Statements) -> dict[str, Said]:
    """Those that quote numbers."""
    low, high = quotes.limits(statements.making("hidden_neurons_20x1"))
    changed = statements.changing("hidden_to_output_weights_10x20")[-1]
    division = statements.trace.operations[statements.making("hidden_neurons_20x1")[-1]]
    one = Number(float(division.inputs[0].value), Cell(division.inputs[0].id), "short")
    return {
        "Squeezed between 0 and 1": say(
            "σ(z) = {} / ({} + e⁻ᶻ): between {} and {} for every z.", one, one, low, high
        ),
        "How steep is the sigmoid here?": say(
            "σ′(z) = h ({} − h), where h = σ(z): known without computing z again.", one
        ),
        "Send the error back": say(
            "∂L/∂h = Wᵀ δ. Chapter {} has just changed these weights, and they are used as they are now. "
            "A textbook uses the old ones: a difference of learn rate × |delta|² × h.",
            quotes.chapter(9, changed),
        ),
        "Back through the wires": "A wire is one term of that sum: the weight times the error of its digit.",
    }
