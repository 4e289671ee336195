"""Syntax that makes, passes or drops arrays without an operator or a call of its own."""
import contextlib, io, numpy as np
GLOBAL = np.array([1.0, 2.0])
class Scaled:
    def __init_subclass__(cls, weights=None, **more): cls.weights = weights * 2 if weights is not None else None
class Kept(Scaled, weights=GLOBAL + 1): pass
class Shown:
    def __init__(self, x): self.x = x
    def __format__(self, spec): return f"{(self.x * 2).sum():{spec}}"
    def __enter__(self): return self.x * 3
    def __exit__(self, *e): self.x = self.x + 1
    def __iter__(self): yield from self.x
    def __len__(self): return len(self.x)
    def __getitem__(self, i): return self.x[i]
    def __index__(self): return int(self.x[0])
    def __bool__(self): return bool((self.x > 0).all())
    def __contains__(self, v): return v in self.x
    def __delitem__(self, i): self.x = np.delete(self.x, i)
    def __getattr__(self, n): return np.full(2, float(len(n)))
    def __set_name__(self, o, n): self.n = n
def scale(by):
    def around(f):
        def inner(*a, **k): return f(*a, **k) * by
        return inner
    return around
def later(x): 
    got = yield x * 2
    while got is not None: got = yield got + x
    return x - 1
def outer(x):
    r = yield from later(x)
    yield from r
    yield from x * 4
def step(x, m):
    out = []
    @scale(x[0] + 1)
    def f(a, b=x + 1, *c, d=x * 2, **e): return a + b + d + sum(c) + sum(e.values())
    out += [f(x), f(x, x), f(*m[:2]), f(*m, **{"z": x}), f(*[x, x], *m[1:], d=x[1])]
    for a, b in m: out.append(a * b)
    for (a, *b), c in zip(m[:2], x): out.append(a + b[0] * c)
    first, *rest = x * 2
    [p, q], *r = m
    (i, j), k = m[:2]
    a = b = c = x + 5
    a[0], b[1] = b[1], a[0]
    x[0], (m[0, 0], y) = m[1, 1], x[:2]
    with Shown(x) as w, Shown(m) as (v, *u): out += [w + 1, v, u[0] * 2]
    with contextlib.nullcontext(m * 2) as m2: out.append(m2)
    with contextlib.redirect_stdout(io.StringIO()): print(*x, *m, sep=f"{x[0]:.1f}")
    out.append(f"{x[0]:.2f} {x.sum()!r:>8} {Shown(x):.3f} {m.T[0]} {x + 1}")
    d = {"a": x, **{"b": x * 2}}; e = {**d, "c": [*x, *m[0]]}; s = {*x.tolist()}; l = [*m, *d.values()]; t = (*m, *x)
    out += [e["c"][0] * 2, l[0] + l[-1], t[1] - 1, len(s)]
    try: assert x.sum() < 0, f"no {x.max()}"
    except AssertionError as err: out.append(str(err))
    try: raise ExceptionGroup("g", [ValueError(x * 2), TypeError(m[0])])
    except* ValueError as g: out.append(g.exceptions[0].args[0] + 1)
    except* TypeError as g: out.append(g.exceptions[0].args[0] + 2)
    z = Shown(x); del z[0]; out += [z.x, len(z), z[0], z.other, 0.0 in z, bool(z), [1, 2, 3, 4, 5, 6, 7, 8][z], *z]
    h = outer(x); next(h); h.send(x); out.append(h.send(m[0])); h.send(None); out += list(h)
    out += [1 < x[0] < 3 <= x[1] != 5, 0 < (x + 1)[0] < (m * 2)[0, 0], x[0] if x[1] > 0 else m, (lambda q=x * 2: q + 1)()]
    out += [not x.any(), x is x, x.sum() and m.sum(), x.sum() or m.sum(), -x[0] ** 2, ~(x > 0), +m]
    out += [x[m[0].astype(int)[0] :], m[..., None, :1], m[m[:, 0] > 0], m[(x > 0).argmax(), np.newaxis], x[slice(*np.array([0, 2]))]]
    out += [n * 2 for n in x if (o := n + 1) > 1], [p + q for p in m for q in p if q > 0], {k: v * 2 for k, v in zip("ab", m)}
    n = 0
    while (n := n + x[0]) < 9: continue
    else: out.append(n)
    for x[1] in m[0]: out.append(x * 1)
    for n, x[0] in enumerate(m[1]): out.append(x - n)
    m[0] += x; m[:, 1:] *= 2; m[0][1] -= 1; Kept.weights += 1; d["a"] **= 2; z.x @= np.eye(len(z.x))
    global GLOBAL
    GLOBAL = GLOBAL * 2; GLOBAL += 1
    q: np.ndarray = x * 3
    a, b = b, a; (a), [b] = a + 1, [b]
    x, = [x * 2]
    return out, first, rest, p, q, r, i, j, k, a, b, c, y, w, Kept.weights, GLOBAL, o, x, m
def inputs(): return np.array([2.0, 1.0]), np.arange(1.0, 7.0).reshape(3, 2)[:, :]
