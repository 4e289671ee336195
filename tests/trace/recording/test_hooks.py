"""Hooks of the program's that hear of what Python does, also of what watchers do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEARD = '''\
"""Watched hooks: of a function, of an object, of a lambda that is added in mid-run."""

import sys

import numpy as np

from mnistviz import record

names, opened = {}, []


def first(event):
    return event.partition(".")[0]


def heard(event, args):
    if not listening:
        return
    names[first(event)] = names.get(first(event), 0) + 1.5
    if not counts[0] < 5 < 9 and [v for v in counts]:
        (place, _), *rest = [(0, args)]
        counts[place] += 1
        dict(a=1, **{"b": len(*[rest])})


class Opened:
    total = np.zeros(2)

    def __call__(self, event, args):
        if event == "open":
            self.total = self.total + [1.0, 2.0]
            opened.append(args[0])


def step(x):
    global listening
    listening = True
    y = x * 2
    for _ in range(3):
        y += np.exp(x) + sum(v for v in x)
        if y[0] > 1e3 > 2:
            break
    open("/dev/null").close()
    late = []
    sys.addaudithook(lambda event, args: late.append(len(event) * 2.0) if listening else None)
    y = y @ np.ones((2, 2)) + id(x) * 0
    listening = False
    return y


listening, counts, told = False, np.full(1, 9.0), Opened()
before = step(np.ones(2))
sys.addaudithook(heard)
sys.addaudithook(told)
trace = record(step, np.ones(2))
assert trace.failure is None, trace.failure
assert trace.returned[0].value.tolist() == before.tolist()
assert opened.count("/dev/null") == 1, opened
assert told.total.tolist() == [len(opened), 2 * len(opened)]
assert names["open"] == 1.5
print(*[one.operation for one in trace if one.source.function == "step"])
'''


def test_an_audit_hook_that_is_watched_does_not_hear_itself(tmp_path: Path, root: Path) -> None:
    """A hook cannot be taken away again: it has a process of its own."""
    (tmp_path / "heard.py").write_text(HEARD)
    done = subprocess.run(
        [sys.executable, "heard.py"],
        cwd=tmp_path, env={"PYTHONPATH": str(root), "PATH": ""}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    passes = ["exp", "getitem", "getitem", "sum", "add", "add", "getitem", "greater"]
    assert done.stdout.split() == ["multiply", *passes * 3, "ones", "matmul", "add"]
