"""Patterns that take attributes, items and elements of arrays, and compare them."""
import enum
from dataclasses import dataclass
import numpy as np
class Kind(enum.IntEnum): CAT = 0; DOG = 1
@dataclass
class Layer: weights: np.ndarray; bias: np.ndarray; name: str = "dense"
LIMIT = 2.5
def view(x):
    match x:
        case np.ndarray(T=t, ndim=2, shape=(a, b)) if a == b: return t @ x
        case np.ndarray(T=t, ndim=2, real=r): return t @ r
        case np.ndarray(imag=i, dtype=np.complex128) | np.ndarray(real=i): return i + 1
        case np.float64(real=r, imag=i): return r - i
    return None
def label(y):
    match np.argmax(y):
        case Kind.CAT: return "cat"
        case Kind.DOG: return "dog"
        case 2 | 3 as n: return f"many {n}"
        case _: return "none"
def size(v):
    match v:
        case 1.0: return "one"
        case -2.0 | 2.0: return "two"
        case 1 + 2j: return "z"
        case None | True: return "true"
        case "text": return "text"
        case float() | np.floating(): return v * 2
    return v
def parts(e):
    match e:
        case (np.ndarray() as x, np.ndarray() as y, *_): return x - y[0]
        case [np.floating() | int() as k, _] if k != 7: 
            match e:
                case [1, a]: return a - 1
                case [3.0, a]: return a - 3
        case [np.ndarray() as a, np.ndarray() | np.floating() as b] if (s := a.sum() + np.sum(b)) > 100: return s
        case [np.ndarray() as a, [b, c], *rest] if rest: return a + b * c + rest[0]
        case [np.ndarray(), _]: return None
        case ["mul", np.ndarray(real=a), np.ndarray(T=b)]: return a * b
        case ["mul", *_] | ["no", _]: return 0
        case {"W": w, "b": np.ndarray(T=b), **more}: return w @ b + len(more)
        case {"n": 1.0}: return np.ones(1)
        case {"n": n}: return n * 2
        case Layer(w, b, "conv"): return w - b
        case Layer(weights=w, bias=np.ndarray(T=b)): return w + b
        case _: return LIMIT
def step(x, m):
    z = x + 1j
    out = [view(v) for v in (m, m[:1], x, z, x[0], 3)]
    out += [label(v) for v in (x, x[::-1], np.array([0, 0, 0, 5, 5, 5]))]
    out += [size(v) for v in (x[0], x[1], np.float64(3), 1.0, z[0], True, np.True_, np.str_("text"), "text", None, m[:1, :1], np.float32(2), x[:1] + 1)]
    out += [parts(v) for v in (["mul", m, m + 1], [x, x[0]], [x * 60, x[0]], [x, [x, m], m], [x[1] * 0.5, x], [np.float64(3), x], [np.float64(1), x], {"W": m, "b": x, "c": 1}, {"n": x[0]}, {"n": x[1] / 2}, Layer(m, x, "conv"), Layer(m, x), (x, m, 1), x)]
    match m.sum(), x:
        case s, np.ndarray(size=2, T=t): out.append(s * t)
    match {"a": {"b": [m, {"c": x * 2}]}}:
        case {"a": {"b": [np.ndarray(T=t), {"c": c}]}}: out.append(t @ c)
    for v in m:
        match v:
            case np.ndarray(T=t) if t[0] > 1: out.append(t * 2)
            case np.ndarray(T=t): out.append(t + 1)
    return out
def inputs(): return np.array([1.0, -2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
