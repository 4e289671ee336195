"""A 784-20-10 network learns from one handwritten digit: the scene that the film tells."""
