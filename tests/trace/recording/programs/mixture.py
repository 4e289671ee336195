"""Most of what Python has, in one function: generators, tasks, patterns, threads, containers, enumerations."""

import numpy as np, asyncio, threading, queue, functools, itertools, operator, enum, collections, dataclasses, concurrent.futures as cf, contextvars


@dataclasses.dataclass(slots=True)
class P:
    x: np.ndarray
    y: float = 0.0
    h: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.x = self.x * 1


@dataclasses.dataclass(frozen=True, order=False)
class Q:
    w: np.ndarray


NT = collections.namedtuple("NT", "a b")


class E(enum.Enum):
    A = 1
    B = 2


class IE(enum.IntEnum):
    ZERO = 0
    ONE = 1


def gen(x):
    while True:
        got = yield x
        if got is None:
            return x * 9
        x = x + got


def deleg(x):
    r = yield from gen(x)
    yield r


async def co(x, lock):
    async with lock:
        await asyncio.sleep(0)
        return x * 2


async def agen(x):
    for i in range(3):
        yield x * i
        await asyncio.sleep(0)


async def main(x):
    l = asyncio.Lock()
    a = await asyncio.gather(*(co(x + i, l) for i in range(3)))
    b = [v + 1 async for v in agen(x)]
    c = [await co(v, l) for v in b]
    async for v in agen(x):
        x = x + v
    t = asyncio.create_task(co(x, l))
    d = await t
    return a, b, c, d


def match(p):
    match p:
        case P(x=x, y=y) if y > 0:
            return x * y
        case NT(a, b):
            return a + b
        case {"w": w, **rest}:
            return w - 1
        case [first, *others]:
            return first * len(others)
        case np.ndarray(shape=(n,)):
            return p * n
        case E.A | E.B:
            return p.value
        case _:
            return None


@functools.lru_cache(None)
def cached(n):
    return np.full(3, float(n))


@functools.singledispatch
def disp(a):
    return a


@disp.register(np.ndarray)
def _(a):
    return a * 7


@functools.wraps(match)
def wrapped(*a, **k):
    return match(*a, **k)


def worker(q, x, out):
    while (i := q.get()) is not None:
        out.append((i, (x * i).sum()))


cv = contextvars.ContextVar("cv")


def step(x):
    g = gen(x)
    next(g)
    a = g.send(x)
    b = g.send(x * 2)
    g2 = deleg(x)
    next(g2)
    g2.send(x)
    try:
        g.send(None)
    except StopIteration as s:
        c = s.value
    d = asyncio.run(main(x))
    p = P(x, 2.0)
    p.x += 1
    p.h.append(p.x[0])
    p.y *= p.x[1]
    p2 = dataclasses.replace(p, x=x)
    q = Q(x)
    q.w[0] += 1
    e = [
        match(p),
        match(NT(x, x)),
        match({"w": x, "q": 1}),
        match([x, x, x]),
        match(x),
        match(E.A),
        wrapped(x),
    ]
    f = (
        cached(2)
        + cached(2)
        + disp(x)
        + functools.partial(np.multiply, x)(2)
        + functools.reduce(np.add, [x, x])[:1]
    )
    qq, out = queue.Queue(), []
    th = threading.Thread(target=worker, args=(qq, x, out))
    th.start()
    for i in (1, 2, 3):
        qq.put(i)
    qq.put(None)
    th.join()
    with cf.ThreadPoolExecutor(2) as ex:
        r = list(ex.map(lambda v: v * 2, x))
    dd = collections.defaultdict(lambda: np.zeros(2))
    dd["a"] += x[:2]
    dd["b"][1] = x[1] * 2
    od = collections.OrderedDict(z=x)
    od["z"] = od["z"] * 2
    od.move_to_end("z")
    dq = collections.deque(maxlen=2)
    for v in x:
        dq.append(v * 2)
        dq.rotate()
    cm = collections.ChainMap({"a": x}, {"b": x})
    h = cm["a"] + cm["b"]
    it = (
        list(itertools.accumulate(x, operator.mul)),
        list(itertools.chain.from_iterable([x, x])),
        [list(z) for k, z in itertools.groupby(x, lambda v: v > 2)],
    )
    tot = 0
    for i, (u, v) in enumerate(zip(x, x[::-1])):
        if i == 1:
            continue
        tot += u * v
        if tot > 100:
            break
    else:
        tot -= 1
    n = 0
    while n < 3 and (s := x.sum() * n) < 1e9:
        n += 1
    k = x[IE.ONE] + x[IE.ZERO]
    k += x[True][0, 0]
    o = x[..., None] * x[None, :]
    o2 = o[1:, ::2][np.ix_([0, 1], [0])]
    cv.set(x)
    cvx = cv.get() * 2
    y = x if x[0] > 0 else -x
    z = x[0] and x[1] or x[2]
    w = not x[0]
    cmp = 0 < x[0] <= x[1] != 5
    ins = 2.0 in x
    return (
        a,
        b,
        c,
        d,
        p.x,
        p.y,
        p2.x,
        q.w,
        e,
        f,
        out,
        r,
        dd["a"],
        od["z"],
        list(dq),
        h,
        it,
        tot,
        n,
        s,
        k,
        o2,
        cvx,
        y,
        z,
        w,
        cmp,
        ins,
    )


def inputs():
    return (np.array([1.0, 2, 3]),)
