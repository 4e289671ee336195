"""Asynchronous loops, contexts, comprehensions and groups of tasks that hand arrays on."""
import asyncio, contextlib, numpy as np
class Batches:
    def __init__(self, x): self.x, self.i = x, 0
    def __aiter__(self): return self
    async def __anext__(self):
        if self.i >= len(self.x): raise StopAsyncIteration
        self.i += 1
        await asyncio.sleep(0)
        return self.x[self.i - 1]
async def rows(x):
    for r in x: yield r * 2
@contextlib.asynccontextmanager
async def scaled(x): yield x * 3
async def one(x): 
    await asyncio.sleep(0)
    return x + 1
async def main(x, m):
    out = []
    async for r in Batches(m): out.append(r + 1)
    async for a, b in rows(m): out.append(a - b)
    async for x[0], m[0, 0] in rows(m): out.append(x * 1)
    async with scaled(x) as s, scaled(m) as (p, *q): out += [s + p, q[0]]
    out += [r async for r in rows(m)] + [await one(r) async for r in rows(m) if r[0] > 1]
    m[0] += await one(x)
    m[1, 0], x[1] = await asyncio.gather(one(x[0]), one(m[0, 0]))
    a, b = await asyncio.gather(*map(one, m[:2]))
    out += [await one(await one(x)) @ m[:2], a * b, {k: await one(v) for k, v in enumerate(x)}]
    async with asyncio.TaskGroup() as g: t = [g.create_task(one(r)) for r in m]
    return out + [v.result() * 2 for v in t]
def step(x, m): return asyncio.run(main(x, m)), x, m
def inputs(): return np.array([2.0, 1.0]), np.arange(1.0, 7.0).reshape(3, 2)
