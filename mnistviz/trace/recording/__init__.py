"""Runs a function once and writes down what happens to its arrays."""
