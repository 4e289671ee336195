"""Masks and whole numbers: the game of life by rolled sums, told in characters."""

import numpy as np

GLIDER = np.array([[0, 1, 0], [0, 0, 1], [1, 1, 1]], dtype=np.uint8)


def neighbours(board):
    return sum(
        np.roll(np.roll(board, i, 0), j, 1) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)
    )


def step(board):
    board[:3, :3] = GLIDER
    history = []
    for _ in range(3):
        n = neighbours(board)
        born = (board == 0) & (n == 3)
        stays = (board == 1) & ((n == 2) | (n == 3))
        board[...] = 0
        board[born | stays] = 1
        history.append(board.copy())
    for row in board:
        print("".join("#" if cell else "." for cell in row))
    return np.array(history), ~born


def inputs():
    return (np.zeros((5, 5), dtype=np.uint8),)
