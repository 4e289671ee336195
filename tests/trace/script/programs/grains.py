import numpy as np

WAYS = ((0, 1), (1, 0), (0, -1), (-1, 0))


def settle(grains):
    while grains.max() > 3:  # this
        for row, column in np.argwhere(grains > 3):
            grains[row, column] -= 4
            for down, right in WAYS:
                if 0 <= row + down < 5 and 0 <= column + right < 5:
                    grains[row + down, column + right] += 1


heap = np.zeros((5, 5), dtype=int)
heap[2, 2] = 21
settle(heap)
