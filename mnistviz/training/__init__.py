"""Trains and tests a network of pictures with labels; what the network computes is the scene's business."""
