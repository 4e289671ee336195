"""What recording costs: processor time an operation on small arrays, of a text, and copies of a large one.

PYTHONPATH=. python tests/benchmarks/trace_bench.py
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from mnistviz.trace.model import Trace
from mnistviz.trace.recording.exchange import compile_file
from mnistviz.trace.recording.recorder import record
from scenes.mnist_mlp import network


def small(x, y):
    for _ in range(1000):
        z = x * 2
        y += z
        w = np.exp(x)
        y[0] = w[1]
    return y


def large(x):
    y = x + 1
    return y.T


def main() -> None:
    x, y = np.ones(4), np.zeros(4)
    for name, run in (("recorded", lambda: record(small, x, y)), ("not recorded", lambda: small(x, y))):
        start = time.process_time()
        run()
        print(f"{name}: {(time.process_time() - start) / 5000 * 1e6:.1f} µs an operation")
    trace = record(small, x, y)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.npz"
        steps = {"check": trace.check, "save": lambda: trace.save(path), "load": lambda: Trace.load(path)}
        for name, run in steps.items():
            start = time.process_time()
            run()
            print(f"{name}: {(time.process_time() - start) / len(trace) * 1e6:.1f} µs an operation")
    text = Path(network.__file__).read_text(encoding="utf-8")
    lines = "\n".join(text.replace("def ", f"def f{number}_") for number in range(10)) + "\n"
    start = time.process_time()
    compile_file("network.py", "network.py", lines)
    count = lines.count("\n")
    print(f"watchers in {count} lines: {(time.process_time() - start) * 1000:.0f} ms")
    matrix = np.ones((4096, 4096))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    record(large, matrix)
    taken = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"4096x4096: {taken:.0f} MiB for a result of 128 MiB and the argument's copy of 128 MiB")


if __name__ == "__main__":
    main()
