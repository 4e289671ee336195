"""Recording where the main program is no file: standard input, `-c`, a notebook's cell."""

from __future__ import annotations

import linecache
import subprocess
import sys

import numpy as np
import pytest

from mnistviz.trace.recording.recorder import record

PROGRAM = """
import numpy as np, mnistviz
from mnistviz.trace.table import table

def helper(z):
    return np.tanh(z) + 1

def step(w, x):
    for _ in range(2):
        h = helper(w @ x)
        w -= 0.1 * np.outer(h, x)
    return w

trace = mnistviz.record(step, np.eye(3), np.ones(3))
trace.check()
said = [(o.operation, o.output.name, [v.name for v in o.inputs], o.source.expression.first_line) for o in trace]
print(said[:3])
print(repr(trace.operations[0].expression), trace.failure, len(trace), trace.sources[0].name, bool(table(trace)))
"""
SAID = "[('matmul', '', ['w', 'x'], 10), ('tanh', '', ['z'], 6), ('add', 'h', ['', '1'], 6)]"


def _run(root, *arguments, stdin):
    done = subprocess.run(
        [sys.executable, *arguments], stdin=stdin, capture_output=True, text=True, cwd=root, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_from_standard_input_that_is_a_file(root, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with program.open() as stdin:
        names, facts = _run(root, "-", stdin=stdin)
    assert names == SAID
    assert facts == "'w @ x' None 12 stdin True"


def test_from_a_pipe_there_is_no_text_and_that_is_said(root):
    done = subprocess.run(
        [sys.executable, "-"], input=PROGRAM, capture_output=True, text=True, cwd=root, timeout=60
    )
    assert done.returncode == 1
    assert "there is no text of step, <stdin>, write it into a file" in done.stderr


def test_from_the_command_line(root):
    names, facts = _run(root, "-c", PROGRAM, stdin=subprocess.DEVNULL)
    assert names == SAID
    assert facts == "'w @ x' None 12 string True"


@pytest.fixture
def cell():
    """A function of a notebook's cell: compiled from a text that only `linecache` knows."""
    text = "def step(x):\n    y = np.exp(x)\n    return y * 2\n"
    name = "/nowhere/ipykernel_1/123.py"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    names = {"np": np}
    exec(compile(text, name, "exec"), names)  # noqa: S102
    yield names["step"]
    del linecache.cache[name]


def test_from_a_notebook(cell):
    trace = record(cell, np.ones(3))
    assert [(one.expression, one.output.name) for one in trace] == [("np.exp(x)", "y"), ("y * 2", "")]
    assert trace.sources[0].name == "123.py"
    trace.check()
