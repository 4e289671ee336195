"""How long things live, and what may be done to them: each function must see the same, watched or not."""

from __future__ import annotations

import gc
import sys
import weakref

import numpy as np


class Thing:
    def __init__(self, log, value):
        self.log, self.value = log, value

    def __del__(self):
        self.log.append(float(np.sum(self.value)))


def arrays_die(x):
    y = x * 2
    seen = weakref.ref(y)
    alive = seen() is not None
    del y
    return alive, seen() is None


def temporaries_die(x):
    refs = []

    def keep(a):
        refs.append(weakref.ref(a))
        return a

    z = keep(x + 1) * 2 + keep(keep(x * 3) - 1)
    return [ref() is None for ref in refs], z.tolist()


def names_let_go(x):
    y = x + 1
    ref = weakref.ref(y)
    y = y * 2
    first = ref() is None
    other = weakref.ref(y)
    y += 1
    return first, other() is y


def locals_die_with_their_function(x):
    def made():
        y = x + 1
        y[0] += 2
        refs.append(weakref.ref(y))
        return float(y.sum())

    refs = []
    made()
    return refs[0]() is None


def finalizers_run_in_order(x):
    log = []
    a, b = Thing(log, x), Thing(log, x * 2)
    del a
    log.append("between")
    b = b.value + 1
    log.append("after")
    Thing(log, x * 3).value * 2
    log.append("end")
    return log


def finalizers_of_weakref(x):
    log = []
    y = x * 1.5
    weakref.finalize(y, log.append, "gone")
    y = None
    return list(log)


def weak_containers(x):
    values = weakref.WeakValueDictionary()
    y = x + 1
    values["y"] = y
    before = len(values)
    del y
    return before, len(values)


def resize_checks_references(x):
    y = np.arange(4.0)
    y[0] = x[0]
    y.resize(6)
    z = y * 1
    z += 1
    z.resize((2, 3))
    alias = z
    try:
        z.resize(9)
    except ValueError as error:
        return y.tolist(), z.tolist(), "refer" in str(error)
    return "no error"


def references_are_counted(x):
    y = x * 2
    first = sys.getrefcount(y)
    y[0] = 1
    other = y
    return first, sys.getrefcount(y), sys.getrefcount(other.T.base) - sys.getrefcount(y)


def loops_let_go(x):
    refs = []
    for i in range(3):
        y = x * i
        refs.append(weakref.ref(y))
    return [ref() is None for ref in refs]


def exceptions_let_go(x):
    refs = []
    try:
        y = x + 1
        refs.append(weakref.ref(y))
        y @ np.ones(99)
    except ValueError:
        pass
    del y
    return refs[0]() is None


def cycles_are_collected(x):
    class Node:
        pass

    a, b = Node(), Node()
    a.other, b.other, a.w = b, a, x * 2
    ref, array = weakref.ref(a), weakref.ref(a.w)
    del a, b
    gc.collect()
    return ref() is None, array() is None


def generators_let_go(x):
    def g():
        y = x + 1
        refs.append(weakref.ref(y))
        yield y * 2

    refs = []
    it = g()
    next(it)
    alive = refs[0]() is not None
    it.close()
    return alive, refs[0]() is None


def arguments_let_go(x):
    def f(a):
        ref = weakref.ref(a)
        a = a * 2
        return ref() is None

    return f(x + 1)


def buffers_are_released(x):
    raw = bytearray(x.tobytes())
    y = np.frombuffer(raw)
    total = y.sum()
    try:
        raw.extend(b"1234")
    except BufferError as error:
        held = str(error)
    del y
    raw.extend(b"1234")
    return float(total), held, len(raw)


def maps_are_closed(x):
    memory = memoryview(bytearray(24))
    y = np.asarray(memory.cast("d"))
    y[:] = x
    y *= 2
    del y
    memory.release()
    return True
