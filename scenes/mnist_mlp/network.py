"""A small network learns to read handwritten digits.

784 pixels -> 20 hidden neurons -> 10 output neurons,
one for each digit.  It is plain numpy: the shape of
each matrix is a part of its name.  20x784 means 20
rows of 784 columns.
"""

import numpy as np


def new_network(seed):
    """Small random weights, and biases of zero."""
    random = np.random.default_rng(seed)
    return (
        random.uniform(-0.5, 0.5, (20, 784)),
        np.zeros((20, 1)),
        random.uniform(-0.5, 0.5, (10, 20)),
        np.zeros((10, 1)),
    )


def as_column(picture_28x28):
    """Lay the rows of a picture end to end.

    The pixel in row i and column j lands in row
    i * 28 + j, and a byte becomes a number from 0
    to just under 1.
    """
    image_784x1 = np.reshape(
        picture_28x28 / 256, (784, 1)
    )
    return image_784x1


def forward(
    image_784x1,
    input_to_hidden_weights_20x784,
    hidden_biases_20x1,
    hidden_to_output_weights_10x20,
    output_biases_10x1,
):
    """Look at a picture: 784 pixels in, ten out."""
    # Each hidden neuron multiplies every pixel by a
    # weight of its own, adds them up, and its bias.
    hidden_pre_sigmoid_20x1 = (
        hidden_biases_20x1
        + np.matmul(
            input_to_hidden_weights_20x784,
            image_784x1,
        )
    )

    # The sigmoid squeezes any number between 0 and 1.
    hidden_neurons_20x1 = 1 / (
        1 + np.exp(-hidden_pre_sigmoid_20x1)
    )

    # Each output neuron weighs the 20 hidden ones.
    output_pre_sigmoid_10x1 = (
        output_biases_10x1
        + np.matmul(
            hidden_to_output_weights_10x20,
            hidden_neurons_20x1,
        )
    )
    output_neurons_10x1 = 1 / (
        1 + np.exp(-output_pre_sigmoid_10x1)
    )
    return hidden_neurons_20x1, output_neurons_10x1


def backward(
    image_784x1,
    hidden_neurons_20x1,
    output_neurons_10x1,
    expected_output_10x1,
    input_to_hidden_weights_20x784,
    hidden_biases_20x1,
    hidden_to_output_weights_10x20,
    output_biases_10x1,
    learn_rate,
):
    """Learn: push every weight a little, in place."""
    # How wrong was each output?  The difference alone
    # is the slope of the cross-entropy.
    output_delta_10x1 = (
        output_neurons_10x1 - expected_output_10x1
    )

    # A weight is to blame for the error of its output
    # as far as its hidden neuron was active.
    hidden_to_output_adjustment_10x20 = np.matmul(
        output_delta_10x1,
        np.transpose(hidden_neurons_20x1),
    )
    hidden_to_output_weights_10x20 += (
        -learn_rate
        * hidden_to_output_adjustment_10x20
    )
    output_biases_10x1 += (
        -learn_rate * output_delta_10x1
    )

    # The slope of the sigmoid: how far a push on a
    # hidden neuron would move it.
    hidden_sigmoid_differential_20x1 = (
        hidden_neurons_20x1
        * (1 - hidden_neurons_20x1)
    )

    # The error flows back to the hidden neurons, by
    # the weights that have just been changed.
    weighted_output_delta_20x1 = np.matmul(
        np.transpose(hidden_to_output_weights_10x20),
        output_delta_10x1,
    )
    hidden_delta_20x1 = (
        weighted_output_delta_20x1
        * hidden_sigmoid_differential_20x1
    )

    # Each hidden neuron stamps the picture into its
    # weights, as strongly as it was wrong.
    input_to_hidden_adjustment_20x784 = np.matmul(
        hidden_delta_20x1,
        np.transpose(image_784x1),
    )
    input_to_hidden_weights_20x784 += (
        -learn_rate
        * input_to_hidden_adjustment_20x784
    )
    hidden_biases_20x1 += (
        -learn_rate * hidden_delta_20x1
    )


def step(
    image_784x1,
    label,
    input_to_hidden_weights_20x784,
    hidden_biases_20x1,
    hidden_to_output_weights_10x20,
    output_biases_10x1,
    learn_rate,
):
    """Look at one picture, then learn from it."""
    (
        hidden_neurons_20x1,
        output_neurons_10x1,
    ) = forward(
        image_784x1,
        input_to_hidden_weights_20x784,
        hidden_biases_20x1,
        hidden_to_output_weights_10x20,
        output_biases_10x1,
    )

    # What it should have said: 1 for the right digit
    # and 0 for all others.
    expected_output_10x1 = np.zeros((10, 1))
    expected_output_10x1[label] = 1

    # What it did say: the digit whose output is the
    # largest.
    detected = np.argmax(output_neurons_10x1)

    backward(
        image_784x1,
        hidden_neurons_20x1,
        output_neurons_10x1,
        expected_output_10x1,
        input_to_hidden_weights_20x784,
        hidden_biases_20x1,
        hidden_to_output_weights_10x20,
        output_biases_10x1,
        learn_rate,
    )
    return detected


def lesson(
    picture_28x28,
    label,
    input_to_hidden_weights_20x784,
    hidden_biases_20x1,
    hidden_to_output_weights_10x20,
    output_biases_10x1,
    learn_rate,
):
    """Learn from one picture, then look once more."""
    image_784x1 = as_column(picture_28x28)
    step(
        image_784x1,
        label,
        input_to_hidden_weights_20x784,
        hidden_biases_20x1,
        hidden_to_output_weights_10x20,
        output_biases_10x1,
        learn_rate,
    )
    return forward(
        image_784x1,
        input_to_hidden_weights_20x784,
        hidden_biases_20x1,
        hidden_to_output_weights_10x20,
        output_biases_10x1,
    )
