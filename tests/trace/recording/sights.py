"""What code can see of the interpreter while it runs: each function must see the same, watched or not.

Every function takes an array and returns plain data.  Lines and columns count: what is seen is compared.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import io
import linecache
import logging
import sys
import threading
import traceback
import types
import warnings
import weakref

import numpy as np

HERE = __name__


def depth_of_each_level(x):
    def level(n, y):
        seen.append(len(inspect.stack(0)))
        return level(n - 1, y + x) if n else y.sum()

    seen = []
    level(4, x)
    return np.diff(seen).tolist()


def recursion_goes_as_deep(x):
    def dive(n):
        nonlocal deepest
        deepest = n
        return x + dive(n + 1)

    deepest = 0
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 60)
    try:
        dive(0)
    except RecursionError:
        pass
    finally:
        sys.setrecursionlimit(limit)
    return deepest


def recursion_through_operators(x):
    class Node:
        def __init__(self, n):
            self.n = n

        def __radd__(self, other):
            return self.value(other) + 1

        __array_ufunc__ = None

        def value(self, other):
            return other + Node(self.n - 1) if self.n else len(inspect.stack(0)) - start

    start = len(inspect.stack(0))
    return x + Node(3)


def traceback_of_an_operator(x):
    try:
        return (x * 2) @ np.ones(7)
    except ValueError:
        return traceback.format_exc()


def traceback_of_a_call_over_lines(x):
    def inner(a, b):
        return np.concatenate(
            [a, b],
            axis=3,
        )

    try:
        return inner(x,
                     x + 1)
    except Exception as error:
        return traceback.format_exception(error)


def traceback_of_a_subscript(x):
    try:
        x[0] = x[1] + x[99]
    except IndexError:
        return traceback.format_exc()


def traceback_of_an_update(x):
    try:
        x[:2] += np.ones(5)
    except ValueError:
        return traceback.format_exc()


def traceback_of_an_attribute(x):
    try:
        return x.sum().nothing
    except AttributeError as error:
        return traceback.format_exc(), error.name, type(error.obj).__name__


def traceback_of_a_name(x):
    try:
        return x + missing
    except NameError as error:
        return traceback.format_exc(), error.name


def traceback_of_unpacking(x):
    try:
        a, b = x
    except ValueError:
        return traceback.format_exc()


def unpacking_that_fails_part_way(x):
    """What was stored before, is."""
    box, cells, found = types.SimpleNamespace(), np.zeros(3), []
    tries = [
        lambda: _unpack_into(box, cells, ((x[0], x[1]), (1, 2))),
        lambda: _unpack_into(box, cells, ((x[2], x[0], 1), (1,))),
        lambda: _unpack_into(box, cells, ((5.0, x[1]), x[1:2])),
        lambda: _unpack_into(box, cells, np.outer(x, x)[:2]),
        lambda: _unpack_into(box, cells, (7.0,)),
    ]
    for one in tries:
        try:
            found.append(one())
        except ValueError as error:
            found.append(str(error))
        found.append((dict(vars(box)), cells.tolist()))
    return found


def _unpack_into(box, cells, given):
    (box.first, box.second), [cells[0]] = given
    (cells[1], *box.rest), (box.last,) = given
    return cells * 2


def traceback_frames(x):
    def outer():
        return inner()

    def inner():
        return x / [1, 2]

    try:
        outer()
    except ValueError as error:
        found = []
        tb = error.__traceback__
        while tb is not None:
            code = tb.tb_frame.f_code
            found.append((code.co_name, tb.tb_lineno, sorted(tb.tb_frame.f_locals)))
            tb = tb.tb_next
        return found


def chained_errors(x):
    try:
        try:
            x @ np.ones(9)
        except ValueError as error:
            raise KeyError("outer") from error
    except KeyError as error:
        return traceback.format_exc(), error.__cause__ is error.__context__


def error_with_notes(x):
    try:
        try:
            x.reshape(7)
        except ValueError as error:
            error.add_note("while folding")
            raise
    except ValueError:
        return traceback.format_exc()


def unhashable(x):
    try:
        return {x: 1}
    except TypeError:
        return traceback.format_exc()


def wrong_arguments(x):
    def two(a, b):
        return a + b

    try:
        return two(x)
    except TypeError:
        return traceback.format_exc()


def no_function(x):
    try:
        return x(1)
    except TypeError:
        return traceback.format_exc()


def warnings_of_numpy(x):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        np.log(x - x)
        (x - x) / (x - x)
        np.exp(x * 1e4)
        y = x - x
        y /= 0
        np.array([300]).astype(np.int8) * np.int8(100)
        np.mean([])
        x.sum() / np.float64(0)
    return [(str(one.message), one.filename, one.lineno, one.category.__name__) for one in said]


def warnings_of_ours(x):
    def warn(level):
        warnings.warn(f"{x.sum():.1f}", stacklevel=level)

    def between(level):
        warn(level)

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for level in (1, 2, 3):
            between(level)
    return [(one.filename, one.lineno) for one in said]


def warnings_once(x):
    registry = globals().setdefault("__warningregistry__", {})
    registry.clear()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        for _ in range(3):
            np.sqrt(-x)
    return len(said)


def warnings_as_errors(x):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            np.log(x * 0)
        except RuntimeWarning:
            return traceback.format_exc()


def errstate_raises(x):
    with np.errstate(all="raise"):
        try:
            return x / 0
        except FloatingPointError:
            return traceback.format_exc()


def errstate_calls(x):
    told = []
    with np.errstate(all="call", call=lambda kind, flag: told.append((kind, flag, sys._getframe(1).f_lineno))):
        np.log(x * 0)
        x[:1] / 0
    return told


def logging_lines(x):
    class Kept(logging.Handler):
        def emit(self, record):
            lines.append((record.funcName, record.lineno, record.filename, record.getMessage()))

    def say(level):
        logger.warning("%s", x.sum(), stacklevel=level)

    lines = []
    logger = logging.getLogger("sights")
    logger.propagate = False
    logger.addHandler(handler := Kept())
    try:
        logger.error("first %s", x[0])
        say(1)
        say(2)
    finally:
        logger.removeHandler(handler)
    return lines


def frames_above(x):
    def asked(y):
        frame = sys._getframe(1)
        return frame.f_code.co_name, frame.f_lineno, sorted(frame.f_locals), frame.f_globals["__name__"]

    y = x + 1
    first = asked(x * 2)
    return first, asked(y), [asked(v) for v in x[:1]], (lambda: asked(x))()


def frames_by_inspect(x):
    def asked(y):
        return [(one.function, one.lineno, one.code_context, one.index) for one in inspect.stack()[:2]]

    return asked(x + 1), [name for name, *_ in inspect.getmembers(inspect.currentframe(), inspect.iscode)]


def extracted_stack(x):
    def asked(y):
        return [(one.name, one.lineno, one.line) for one in traceback.extract_stack()[-2:]]

    return asked(x.sum())


def positions_in_frames(x):
    def asked(y):
        frame = sys._getframe(1)
        return inspect.getframeinfo(frame).positions[:] if sys.version_info < (3, 11) else frame.f_lineno

    return asked(
        x
    ), asked(x * 2)


def locals_and_dir(x):
    y = x * 2
    a, *b = y
    y[0] += 1
    for k, v in enumerate(x):
        pass
    del a
    return sorted(locals()), dir(), sorted(vars())


def locals_of_classes(x):
    class Body:
        y = x + 1
        z = [v * 2 for v in y]
        names = sorted(locals())
        y += 1

    return Body.names, Body.y.tolist(), sorted(k for k in vars(Body) if not k.startswith("__"))


def evaluated(x):
    y = x + 1
    space = {"x": x, "np": np}
    exec("z = np.square(x) + 1", space)
    return eval("x + y").tolist(), space["z"].tolist(), eval("[a * 2 for a in q]", {"q": x}), sorted(space)


def globals_are_the_modules(x):
    return globals() is sys.modules[HERE].__dict__ if HERE in sys.modules else True, __name__, sorted(
        name for name in globals() if name.startswith("_")
    )


def builtins_are_pythons(x):
    import builtins

    return sorted(vars(builtins)), __builtins__ is builtins or __builtins__ is vars(builtins)


def code_by_inspect(x):
    own = globals()["code_by_inspect"]
    inner = lambda q: q + x  # noqa: E731
    return (
        inspect.signature(own), own.__name__, own.__qualname__, own.__module__, own.__doc__,
        inspect.getsource(own).splitlines()[0], inspect.getsource(inner), own.__code__.co_firstlineno,
        own.__code__.co_varnames, own.__code__.co_freevars, own.__code__.co_cellvars, own.__defaults__,
        inner.__code__.co_freevars, inner.__qualname__, inner.__closure__[0].cell_contents is x,
        own.__code__.co_argcount, own.__code__.co_flags, own.__annotations__,
    )  # fmt: skip


def fstrings(x):
    width = 8
    return f"{x.sum():{width}.2f}|{x[0]!r}|{x * 2=}|{'nested ' + f'{x[1] + 1}'}|{x.shape[0]:>{width}}|{{}}"


def two_lambdas_on_a_line(x):
    f, g = lambda a: a + x, lambda a: a * x; h = (lambda a: (lambda b: a - b))(x)
    return f(1).tolist(), g(2).tolist(), h(x).tolist(), f.__code__.co_firstlineno == g.__code__.co_firstlineno


def default_arguments(x):
    def f(a, b=x * 2, *, c=x[0] + 1, d=[]):
        d.append(a)
        return a + b + c

    return f(1).tolist(), f.__defaults__[0].tolist(), f.__kwdefaults__["c"], len(f.__kwdefaults__["d"])


def private_names(x):
    class Safe:
        __shared = x + 1

        def __init__(self, w):
            self.__w = w * 2
            self.__w += 1

        def __get(self):
            return self.__w @ self.__shared

        def open(self):
            __local = self.__get() * 2
            return __local, sorted(vars(self)), sorted(locals())

    return Safe(x).open()


def supers(x):
    class A:
        def f(self, v):
            return v + 1

        @classmethod
        def g(cls, v):
            return v * 2

        @property
        def p(self):
            return x * 3

    class B(A):
        def f(self, v):
            return super().f(v) * 2

        @classmethod
        def g(cls, v):
            return super().g(v) + [super(B, cls).g(w) for w in v][0]

        @property
        def p(self):
            return super().p[0] + __class__.__name__.__len__()

    return B().f(x).tolist(), B.g(x).tolist(), B().p


def decorated(x):
    order = []

    def deco(name):
        order.append(name)

        def wrap(f):
            order.append(f.__name__)

            @functools.wraps(f)
            def inner(*a, **k):
                return f(*a, **k) + 1

            return inner

        return wrap

    @deco("one")
    @deco("two")
    def f(a=x + 1):
        return a * 2

    return f().tolist(), order, f.__wrapped__.__wrapped__.__name__, f.__code__.co_firstlineno


def order_of_evaluation(x):
    seen = []

    def tell(name, value):
        seen.append(name)
        return value

    tell("a", x)[tell("i", 0)] = tell("v", x)[tell("j", 1)] + tell("w", 2.0)
    tell("b", x)[tell("k", 1)] += tell("y", 1.0)
    tell("f", np.multiply)(tell("p", x), *tell("q", [x]), **tell("r", {}), where=tell("s", True))
    tell("l", x) < tell("m", x[0]) < tell("n", 9) if tell("c", False) else tell("d", 0)
    tell("e", 0) and tell("never", 1)
    {tell("key", 1): tell("value", x)}
    tell("obj", types.SimpleNamespace(z=x)).z *= tell("t", 2)
    first, tell("u", x)[tell("h", 0)] = tell("pair", (1, 2))
    return seen


def chains_stop(x):
    seen = []

    def tell(v):
        seen.append(float(v))
        return v

    tell(x[0]) < tell(x[1]) < tell(-5.0) < tell(x[2])
    return seen


def generators_keep_their_frames(x):
    def g():
        try:
            got = yield x + 1
            while got is not None:
                got = yield got * 2
            return "ended"
        finally:
            seen.append(len(inspect.stack(0)) - start)

    seen, start = [], len(inspect.stack(0))
    it = g()
    out = [next(it).tolist(), it.send(x).tolist(), it.gi_frame.f_lineno, sorted(it.gi_frame.f_locals), it.gi_code.co_name]
    try:
        it.send(None)
    except StopIteration as stop:
        out.append(stop.value)
    return out, seen


def exception_state(x):
    out = []
    try:
        x @ np.ones(9)
    except ValueError:
        out.append(sys.exc_info()[0].__name__)
        y = x + 1
        out.append(sys.exc_info()[0].__name__)
    out.append(sys.exc_info()[0])
    return out


def hooks_are_off(x):
    y = x + 1
    return sys.gettrace(), sys.getprofile(), threading.gettrace() if hasattr(threading, "gettrace") else None


def printed_arrays(x):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        print(x, x[0], [x[1]], {"x": x * 2}, type(x), type(x[0]), x.dtype, (x > 1).any(), sep="|")
    return out.getvalue()


def objects_count_alike(x):
    class Thing:
        pass

    things = [Thing() for _ in range(3)]
    y = [x * i for i in range(3)]
    n = sum(type(one) is Thing for one in gc.get_referrers(Thing))
    del things[1:]
    return n, sum(type(one) is Thing for one in gc.get_referrers(Thing))


def lines_are_read(x):
    frame = sys._getframe()
    return linecache.getline(frame.f_code.co_filename, frame.f_lineno), (x * 2).tolist()


def conversions(x):
    return float(x[0]), int(x[1]), bool(x[0]), complex(x[0]), list(x), tuple(x), set(x.tolist()), x.tolist(), [*x], range(5)[x.astype(int)[0]], "a" * np.int64(2), hex(np.int64(10)), round(x[1], 1), math_of(x)


def math_of(x):
    import math

    return math.exp(x[0]), math.fsum(x), math.hypot(*x), max(x), min(x), sum(x), sorted(x), abs(x[2]), divmod(x[1], 2), pow(x[0], 2)


def short_circuits(x):
    a = x[0] and x[1]
    b = x[0] * 0 or x[2]
    c = not x[0]
    d = x[1] if x[0] > 0 else x[2]
    try:
        x and 1
    except ValueError as error:
        return a, b, c, d, str(error)


def starred(x):
    def f(*a, **k):
        return len(a), sorted(k)

    first, *middle, last = x
    (p, (q, *r)), s = (x[0], x), x[1]
    return f(*x, *[1], **{"k": x}, l=x), middle, [*x, *x[:1]], {**{"a": x[0]}}, p, q, r, s


def augmented(x):
    y = x
    y += 1
    z = [x]
    z += [y]
    z[0] -= 1
    n = 1
    n += x[0]
    o = types.SimpleNamespace(v=x, n=1)
    o.v *= 2
    o.n += x[1]
    t = (1,)
    t += (x[0],)
    s = "a"
    s += "b"
    d = {"k": x[0]}
    d["k"] += 1
    d["k"] **= 2
    try:
        (x,)[0] += 1
    except TypeError as error:
        return y is x, o.v is x, n, o.n, t, s, d, str(error), x.tolist(), len(z)


def annotated(x):
    y: np.ndarray = x + 1
    z: int
    o = types.SimpleNamespace()
    o.a: float = y[0] * 2
    x[0]: float = 3.0
    return o.a, sorted(locals()), x.tolist()


def deleted(x):
    y, z, d = x + 1, [x, x * 2], {"a": x}
    del y, z[0], d["a"]
    o = types.SimpleNamespace(v=x)
    del o.v
    try:
        return y
    except UnboundLocalError as error:
        return str(error), len(z), d, vars(o)


def comprehension_scopes(x):
    i = "outside"
    a = [i * x[0] for i in range(2)]
    b = {k: v for k, v in enumerate(x) if v > 0}
    c = [(p, q) for p in x for q in x if p < q]
    g = (v + 1 for v in x)
    return i, a, b, c, list(g), [y := v for v in x], y, sorted(locals())


def with_targets(x):
    @contextlib.contextmanager
    def given(v):
        yield v

    a = np.zeros(3)
    o = types.SimpleNamespace()
    with given(x[0]) as a[0], given((x[1], x[2])) as (a[1], o.v):
        a[2] = o.v
    for a[0], o.w in zip(x, x[::-1]):
        pass
    return a.tolist(), o.v, o.w


def imported_inside(x):
    import numpy.linalg as la
    from numpy import sum as total

    return la.norm(x), total(x)


def nested_functions(x):
    acc = x * 0

    def add(v):
        nonlocal acc
        acc = acc + v
        acc += v

        def twice():
            nonlocal acc
            acc *= 2

        return twice

    add(x)()
    return acc.tolist(), add.__closure__[0].cell_contents.tolist()


def errors_of_calls(x):
    def f(a, b=2, *, c=3):
        return a + b + c

    calls = [
        lambda: f(), lambda: f(1, 2, 3), lambda: f(x, a=1), lambda: f(x, d=1), lambda: f(x, **{"b": 1}, **{"b": 2}),
        lambda: f(x, b=1, **{"b": 2}), lambda: f(*1), lambda: f(**1), lambda: f(x, **{1: 2}), lambda: None(x),
        lambda: x.sum(1, 2, 3, 4, 5), lambda: np.add(x), lambda: np.add(x, x, nothing=1), lambda: np.zeros(),
        lambda: len(x, x), lambda: x.reshape(order="Q"), lambda: np.linalg.inv(x), lambda: int(x), lambda: (1)(2),
        lambda: f(x)(), lambda: np.nothing(x), lambda: x[1, 2], lambda: x["k"], lambda: x + None, lambda: -"a",
        lambda: x < {}, lambda: x @ 1, lambda: x ** "a", lambda: x[:, :, None, 9], lambda: [][0], lambda: {}["k"],
    ]  # fmt: skip
    told = []
    for one in calls:
        try:
            one()
        except Exception as error:
            told.append((type(error).__name__, str(error), [n for n, _ in traceback.walk_tb(error.__traceback__)][-1].f_code.co_name))
        else:
            told.append("fine")
    return told


def errors_of_statements(x):
    def one():
        x[0, 0] += 1

    def two():
        x[9] = 1

    def three():
        a, b, c, d = x

    def four():
        a, b = x

    def five():
        for a, b in x:
            pass

    def six():
        x.nothing += 1

    def seven():
        (1, 2)[0] += x

    def eight():
        x.shape = (2, 2)

    def nine():
        y += x

    def ten():
        (a, b), c = x, 1

    def eleven():
        x[0], x[9] = 1, 2

    told = []
    for f in (one, two, three, four, five, six, seven, eight, nine, ten, eleven):
        try:
            f()
        except Exception as error:
            told.append((type(error).__name__, str(error), "".join(traceback.format_tb(error.__traceback__)[1:])))
    return told


def finalizers_that_fail(x):
    class Thing:
        def __init__(self, v):
            self.v, self.me = v, self

        def __del__(self):
            done.append(float((self.v * 2).sum()))
            (self.v @ np.ones(99))[0]

    done, failed = [], []
    hook, thresholds = sys.unraisablehook, gc.get_threshold()
    sys.unraisablehook = lambda args: failed.append(type(args.exc_value).__name__)
    gc.set_threshold(1)
    try:
        total = x * 0
        for i in range(20):
            Thing(x)
            total = np.add(total, np.multiply(x, i)) + max([x], key=lambda v: [v].count(1) if v is None else 0) * 1
    finally:
        gc.set_threshold(*thresholds)
        gc.collect()
        sys.unraisablehook = hook
    return total.tolist(), done, failed


def signals_between(x):
    import signal

    seen = []
    old = signal.signal(signal.SIGUSR1, lambda n, f: seen.append((x * 2).sum()))
    try:
        for _ in range(5):
            signal.raise_signal(signal.SIGUSR1)
            x = np.add(x, np.multiply(x, 1.5))
    finally:
        signal.signal(signal.SIGUSR1, old)
    return x.tolist(), seen


def exceptions_in_the_middle(x):
    def boom(v):
        raise KeyError(v)

    out = []
    for i in range(4):
        try:
            y = x * 2 + np.add(x, boom(i) if i % 2 else x)
            out.append(y.sum())
        except KeyError:
            out.append(np.add(x, x).sum() + (x * 3)[0])
    return out


def generators_interleave(x):
    def g(k):
        total = x * k
        while True:
            total = total + (yield total.sum() * k) * np.ones(3)

    a, b = g(1), g(2)
    out = [next(a) + next(b)]
    for i in range(3):
        out.append(a.send(b.send(x) * 0.1) - b.send(a.send(1) * 0.1))
    return out


def names_left_over(x):
    try:
        x[0][:] += 1
    except IndexError:
        return sorted(locals())


def names_at_a_yield(x):
    def g():
        x[0] += (yield sorted(locals()))
        x[1], y = (yield sorted(locals())), 2
        yield sorted(locals())

    it = g()
    return next(it), it.send(1), it.send(2), x.tolist()


def text_formatting(x):
    form, many = "%.1f and %s", "%s"
    return form % (x[0], x), many % x[1], "{} {:.1f}".format(x, x[0]), "a" "b" % () + str(x), "-" * np.int64(3)


def in_and_is(x):
    return x[0] in x, 9 not in x, x is x, x is not None, [x is y for y in (x,)], x[0] == 1 in [True], (x > 1).sum() == 1 != 2


def slices_are_objects(x):
    s = slice(1, None)
    rows = np.arange(9).reshape(3, 3)
    return x[s].tolist(), rows[s, ::2].tolist(), rows[..., s][()].shape, "abcdef"[1:5:2], [1, 2, 3][::-1], {(1, 2): x}[1, 2].sum()


def classes_with_getitem(x):
    class Odd:
        def __class_getitem__(cls, k):
            return k * 2

        def __getitem__(self, k):
            return repr(k)

    return Odd[x].tolist(), Odd()[1:2, ..., ::3], list[int], dict[str, "x"]


def names_while_a_tuple_is_taken_apart(x):
    found, box = [], types.SimpleNamespace()

    def look(place):
        frame = sys._getframe(1)
        found.append((sorted(frame.f_locals), frame.f_code.co_nlocals, sorted(frame.f_code.co_varnames)))
        return place

    cells = [0, 0, 0]
    cells[look(0)], box.a, first = x
    (cells[look(1)], (last, *box.rest)), box.b = (1, x), found.append(sorted(locals()))
    *(cells[look(2)], box.c), box.d = x
    both = cells[look(0)] = x[1]
    for cells[look(1)], box.e in [(5, x * 2), (6, x + 1)]:
        found.append((sorted(locals()), dir()))
    with contextlib.nullcontext((7, 8)) as (cells[look(2)], box.f):
        found.append(sorted(vars()))
    return found, cells, sorted(vars(box)), box.rest, first, last, both


def names_in_comprehensions(x):
    cells = [0, 0]
    generated = list(sorted(locals()) for one in x)
    filled = [cells[0] for cells[0], cells[1] in [(1, 2), (3, 4)] if cells[1] > 2]
    nested = [sorted(sys._getframe().f_locals) for a in x for cells[0] in (a,)]
    return [[name for name in names if name[0] != "."] for names in generated], filled, nested, cells


def the_same_tuple_in_a_recursion_and_in_a_generator(x):
    def split(n):
        pair = [0, 0]
        (pair[0], (pair[1], *rest)) = n, Deeper(n)
        return pair, rest

    class Deeper:
        def __init__(self, n):
            self.n = n

        def __iter__(self):
            yield split(self.n - 1) if self.n else x.sum()
            yield self.n

    def pairs():
        pair = [0, 0]
        while True:
            pair[(yield list(pair))], pair[1] = x[:2]

    one, other = pairs(), pairs()
    next(one), next(other)
    sent = [one.send(0), other.send(0), one.send(1), other.send(0)]
    with contextlib.suppress(ValueError):
        (sent[0], two), [sent[1]] = x[:2], x
    return split(3), sent[2:]


def loop_targets_that_fail_part_way(x):
    """What was bound before, is."""
    box, cells, last, found = types.SimpleNamespace(), np.zeros(3), None, []

    def gone_through(rows):
        nonlocal last
        for (box.first, last), [cells[0]] in rows:
            found.append(cells * 2)

    def opened(value):
        nonlocal last
        with contextlib.nullcontext(value) as ((cells[1], box.second), [last, *cells[1:]]):
            found.append(cells + 1)

    tries = [
        lambda: gone_through([((x[0], 1), [2]), ((x[1], 5), [3, 4])]),
        lambda: gone_through(np.outer(x, x)[:, :2, None]),
        lambda: gone_through([((7, 8, 9), [3])]),
        lambda: opened(((x[2], 6), x)),
        lambda: opened(((3.5, x[1]), [])),
    ]
    for one in tries:
        try:
            found.append(one())
        except (TypeError, ValueError) as error:
            found.append("".join(traceback.format_tb(error.__traceback__)[1:]) + str(error))
        found.append((dict(vars(box)), cells.tolist(), last))
    return found


def _worked(x):
    y = x * 2
    for _ in range(2):
        y = y + np.exp(x)
    return [v
            for v in y]


def lines_by_a_tracer(x):
    seen = []

    def tracer(frame, event, arg):
        if frame.f_code.co_filename != __file__:
            return None
        seen.append((event, frame.f_code.co_name, frame.f_lineno))
        return tracer

    sys.settrace(tracer)
    _worked(x)
    sys.settrace(None)
    return seen


def calls_by_profilers(x):
    seen = []

    def profiler(frame, event, arg):
        if frame.f_code.co_filename == __file__ and not event.startswith("c_"):
            seen.append((event, frame.f_code.co_name))

    sys.setprofile(profiler)
    _worked(x)
    sys.setprofile(None)
    threading.setprofile(profiler)
    thread = threading.Thread(target=_worked, args=(x,))
    thread.start()
    thread.join()
    threading.setprofile(None)
    return seen


def lines_by_monitoring(x):
    monitoring, seen = getattr(sys, "monitoring", None), []
    if monitoring is None:
        return seen

    def reached(code, place):
        if code.co_filename != __file__:
            return monitoring.DISABLE
        seen.append((code.co_name, place if place >= code.co_firstlineno else 0))

    events = monitoring.events
    monitoring.use_tool_id(4, "lines")
    for event in (events.LINE, events.PY_START):
        monitoring.register_callback(4, event, reached)
    monitoring.set_events(4, events.LINE | events.PY_START)
    _worked(x)
    monitoring.set_events(4, 0)
    monitoring.free_tool_id(4)
    return seen


def hooks_of_python(x):
    seen, hooks = [], (sys.excepthook, sys.unraisablehook)
    sys.excepthook = lambda kind, error, where: seen.append((kind.__name__, (x * 3).sum()))
    sys.unraisablehook = lambda failed: seen.append((failed.exc_type.__name__, (x * 4).sum()))

    class Failing:
        def __del__(self):
            x @ np.ones(9)

    class Telling:
        def __del__(self):
            seen.append((x - 1).sum())

    try:
        x @ np.ones(9)
    except ValueError:
        sys.excepthook(*sys.exc_info())
    Failing(), Telling()
    sys.excepthook, sys.unraisablehook = hooks
    gc.callbacks.append(lambda phase, info: seen.append((phase, float((x + 1).sum()))) if asked else None)
    asked = True
    gc.collect()
    asked = False
    gc.callbacks.pop()
    y = x * 2
    gone = weakref.ref(y, lambda _: seen.append((x + 5).sum()))
    weakref.finalize(y, lambda: seen.append((x * 7).sum()))
    y = None
    return seen, gone()
