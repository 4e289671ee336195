"""Pictures with labels, and weights: read with bounds, made by a seed, saved whole or not at all."""
