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

RUNS = 5


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


def _seconds(run):
    """Processor time of one run."""
    start = time.process_time()
    run()
    return time.process_time() - start


def main() -> None:
    x, y = np.ones(4), np.zeros(4)
    for name, run in (("recorded", lambda: record(small, x, y)), ("not recorded", lambda: small(x, y))):
        best = min(_seconds(run) for _ in range(RUNS))  # a loaded machine only adds
        print(f"{name}: {best / 5000 * 1e6:.1f} µs an operation, the best of {RUNS} runs")
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
    count = lines.count("\n")
    best = min(_seconds(lambda: compile_file("network.py", "network.py", lines)) for _ in range(RUNS))
    print(f"watchers in {count} lines: {best * 1000:.0f} ms, {best / count * 2e6:.0f} ms for 2,000")
    matrix = np.ones((4096, 4096))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    record(large, matrix)
    taken = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"4096x4096: {taken:.0f} MiB for a result of 128 MiB and the argument's copy of 128 MiB")


if __name__ == "__main__":
    main()
