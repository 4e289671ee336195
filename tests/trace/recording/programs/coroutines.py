"""asyncio: tasks, gather, queues, async generators, async context managers."""

import asyncio
from contextlib import asynccontextmanager

import numpy as np


async def layer(x, w):
    await asyncio.sleep(0)
    return np.tanh(x @ w)


async def stream(x):
    for row in x:
        await asyncio.sleep(0)
        yield row * 2


@asynccontextmanager
async def doubled(x):
    x *= 2
    try:
        yield x
    finally:
        x /= 2


async def worker(queue, results):
    while (job := await queue.get()) is not None:
        name, value = job
        results[name] = value.sum() + 1


async def main(x, ws):
    one, two = await asyncio.gather(*(layer(x, w) for w in ws))
    collected = [row async for row in stream(x)]
    total = np.zeros(x.shape[1])
    async for row in stream(x):
        total += row
    queue, results = asyncio.Queue(), {}
    task = asyncio.create_task(worker(queue, results))
    for i, part in enumerate((one, two)):
        await queue.put((f"part{i}", part))
    await queue.put(None)
    await task
    async with doubled(x) as twice:
        inside = twice.max()
    return one * two, collected, total, results, inside


def step(x, ws):
    out = asyncio.run(main(x, ws))
    print(sorted(out[3]))
    return out


def inputs():
    return np.arange(4.0).reshape(2, 2) / 4, [np.eye(2), np.ones((2, 2))]
