"""Training in a coroutine, which waits in each pass."""

import asyncio

import numpy as np


async def fit(seed):
    rng = np.random.default_rng(seed)
    x, y, w = rng.normal(size=(8, 2)), rng.normal(size=8), rng.normal(size=2)
    for _ in range(30):  # this
        await asyncio.sleep(0)
        error = x @ w - y
        w = w - 0.1 * x.T @ error / len(x)
    return w


async def main():
    return await asyncio.create_task(fit(0))


print(asyncio.run(main()))
