"""A script runs as Python would run it, and ends as it should."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mnistviz.cli import main
from mnistviz.trace.script.loops import Wish
from mnistviz.trace.script.run import run_script
from mnistviz.trace.script.texts import is_script

LEARNS = """\
w = np.ones(2)
for step in range(1000):
    w = w * 0.9
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder / "train.py"


def write(path: Path, text: str) -> Path:
    path.write_text("import numpy as np\n" + text)
    return path


def fails(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main([*map(str, arguments)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith("error: ")] == lines[-1:]
    return lines[-1].removeprefix("error: ")


def test_it_has_its_own_command_line_name_folder_and_place(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (script.parent / "beside.py").write_text("three = 3\n")
    text = (
        "import os, sys\nimport beside\nprint(sys.argv[1:], __name__, sys.path[0], os.getcwd(), __file__)\n"
    )
    write(script, text + "assert sys.modules['__main__'].np is np\n" + LEARNS)
    before = sys.argv, list(sys.path), sys.modules["__main__"]
    assert main(["trace", str(script), "--json", "--", "--lr", "0.5"]) == 0
    said = capsys.readouterr()
    home = str(script.parent.resolve())
    assert said.err.splitlines()[0] == f"['--lr', '0.5'] __main__ {home} {tmp_path} {script}"
    # What another test has left running in this process is no operation of the script's.
    assert sum(one["file"] == script.name for one in json.loads(said.out)["operations"]) == 24
    assert (sys.argv, list(sys.path), sys.modules["__main__"]) == before


def test_what_was_chosen_is_said_in_one_line(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", str(write(script, LEARNS))]) == 0
    told = 'note: train.py: recorded pass 1 of the loop at line 3, "for step in range(1000):", '
    assert f"{told}and 23 passes after it, one being short; " in capsys.readouterr().err
    assert main(["trace", str(script), "--pass", "7", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_it_ends_as_by_system_exit(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = """\
w = np.ones(2)
try:
    while True:
        try:
            for i in range(10):
                w = w * 0.5
        except:
            print("swallowed")
            continue
finally:
    print("finally")
print("after")
"""
    assert main(["trace", str(write(script, text)), "--quiet"]) == 0
    assert capsys.readouterr().err == "finally\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = np.ones(2)\nx @ np.ones(3)\n" + LEARNS, "ValueError: .*, train.py:3, .*"),
        ("import sys\nsys.exit(0)\n" + LEARNS, "SystemExit: 0, train.py:3, it ends itself there: .*"),
        ("raise SystemExit('no data')\n" + LEARNS, "SystemExit: no data, train.py:2, .*"),
        ("def load():\n    open('nowhere')\n\n\nload()\n" + LEARNS, "FileNotFoundError: .*, train.py:3, .*"),
        ("for i in range(3:\n", "SyntaxError: .*, train.py:2, .*"),
    ],
)
def test_its_own_end_before_the_pass_is_told_with_its_line(
    text: str, told: str, script: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(script.parent)
    write(script, text)
    assert re.fullmatch(told, fails(capsys, "trace", "train.py"))


def test_an_error_in_what_is_recorded_ends_the_trace(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(script, "x = np.ones(2)\ny = x + 1\ny @ np.ones(3)\n")
    assert main(["trace", str(script), "--record-all"]) == 0
    said = capsys.readouterr()
    assert "stopped at train.py:4" in said.out and "note: ValueError" in said.err


@pytest.mark.parametrize(
    ("text", "script_it_is"),
    [
        ("def step(x): pass\ndef inputs(): pass\n", False),
        ("def step(): pass\n", False),
        ("def step(x=1): pass\n", False),
        ("from a import step, inputs\n", False),
        ("step = inputs = lambda: 0\n", False),
        ("def step(x): pass\n", True),
        ("def inputs(): pass\n", True),
        ("x = 1\n", True),
    ],
)
def test_what_is_a_scene_and_what_a_script(text: str, script_it_is: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(text)
    assert is_script(path) is script_it_is


def test_a_function_without_arguments_needs_no_inputs(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        script, "w = np.ones(3)\n\n\ndef step():\n    return w * 2\n\n\ndef other(k=3):\n    return w + k\n"
    )
    for name, operation in ((str(script), "multiply"), (f"{script}:other", "add")):
        assert main(["trace", name, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["operations"][0]["operation"] == operation


def test_a_scene_has_its_own_arguments_too(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "import sys\nrate = float(sys.argv[1])\ndef step(w):\n    return w * rate\ndef inputs():\n    return np.ones(2)\n"
    assert main(["trace", str(write(script, text)), "--json", "--", "0.25"]) == 0
    assert json.loads(capsys.readouterr().out)["operations"][0]["output"]["range"] == [0.25, 0.25]
    assert "takes no arguments" in fails(capsys, "trace", "mnist_mlp", "--", "0.25")


def test_contradictions_are_refused(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(script, LEARNS)
    assert "name two things" in fails(capsys, "trace", script, "--record-all", "--line", 3)
    assert "nothing runs at line 9" in fails(capsys, "trace", script, "--line", 9)


def test_the_command_says_where_it_is_and_ends_cleanly(script: Path, root: Path) -> None:
    write(script, "import time\nx = [1]\nwhile True:\n    x.append(1)\n    time.sleep(0.01)\n")
    soon = "import sys\nfrom mnistviz import __main__\nfrom mnistviz.cli import progress\n"
    soon += "progress.SECONDS_BETWEEN_LINES = 0.2\nsys.exit(__main__.program())"
    process = subprocess.Popen(
        [sys.executable, "-c", soon, "trace", str(script)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    lines = [""]
    while "pass" not in lines[-1]:  # a slow machine may say that it runs before the loop has begun
        lines.append(process.stderr.readline().rstrip("\n"))
        assert lines[-1], "it ended before the loop had begun"
    process.send_signal(signal.SIGINT)
    *more, last = process.stderr.read().splitlines()
    for line in lines[1:] + more:  # it may say so again before it hears
        assert re.fullmatch(r"train.py: (running|pass [\d,]+ of the loop at line 4) \(\d:\d\d\)", line)
    assert last == "error: interrupted, run the same command again to go on"
    assert process.wait(60) == 130


def test_what_it_lacks_is_said_with_what_to_do(
    script: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asks = "import argparse\nasked = argparse.ArgumentParser()\nasked.add_argument('--lr', required=True)\n"
    write(script, asks + "asked.parse_args()\n" + LEARNS)
    assert fails(capsys, "trace", script).endswith("train.py:5, give it its own arguments after a --")
    write(script, "import nowhere_to_be_found.inner\n")
    assert "install nowhere_to_be_found where mnistviz is, or" in fails(capsys, "trace", script)
    monkeypatch.setattr("builtins.input", lambda *_: (_ for _ in ()).throw(EOFError("EOF")))
    write(script, "input()\n")
    assert fails(capsys, "trace", script).endswith(
        "it asks for input: let it read some, from a pipe or a file"
    )


@pytest.mark.parametrize("named", ["", "__main__.py", "inner/train.py"])
def test_a_package_runs_as_python_m_runs_it(
    named: str, script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = script.parent / "perceptron_of_ours"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "inner" / "__init__.py").write_text("")
    loop = "def fit(w):\n    for step in range(9):\n        w = w * 0.9\n    for again in range(2):\n        w = w + 1\n"
    (package / "model.py").write_text(loop)
    start = "from ..model import fit\nimport perceptron_of_ours as it\n"
    write(package / "inner" / "train.py", start + "assert it.__path__\nfit(np.ones(2))\n")
    write(package / "__main__.py", "from perceptron_of_ours.model import fit\nfit(np.ones(2))\n")
    assert main(["trace", str(package / named)]) == 0
    told = capsys.readouterr().err
    assert "recorded pass 1 of the loop at line 2 of model.py, " in told
    assert "--line N chooses another, --pass" in told  # a line of another file cannot be named


def test_a_limit_of_the_recorder_is_said(
    script: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mnistviz.trace.model.MOST_NUMBERS", 3)
    monkeypatch.setattr("mnistviz.trace.recording.recording.MOST_NUMBERS", 3)
    write(script, "total = 0.5\nfor k in range(5):\n    total = total * k + 0.5\nw = np.ones(2) * total\n")
    assert main(["trace", str(script), "--record-all"]) == 0
    assert "with more than 3 numbers of its own: where later ones" in capsys.readouterr().err


AUTOGRAD = """
class Node:
    def __init__(self, data, back=None):
        self.data, self.back = data, back
        self.grad = np.zeros_like(data)
    def __mul__(self, other):
        def back(grad):
            self.grad += grad * other.data
            other.grad += grad * self.data.T.T
        return Node(self.data * other.data, back)
    def halved(self):
        return Node(self.data / 2.0, lambda grad: self.back(grad / 2.0))
x, w = Node(np.arange(3.0)), Node(np.ones(3))
{more}
for step in range(9):
    loss = (x * w).halved()
    loss.back(np.ones(3))
    for weight in (w,):
        weight.data -= 0.1 * weight.grad
"""


@pytest.mark.parametrize("more", ["", "def also(weight):\n    return weight.data\n"])
def test_arrays_of_objects_are_called_as_their_makers_called_them(more: str, script: Path) -> None:
    write(script, AUTOGRAD.format(more=more))
    found = run_script(script, (), Wish(1)).trace
    named = [(one.operation, [v.name for v in one.inputs], one.output.name) for one in found]
    made = "(x * w)"
    assert named[0] == ("multiply", ["x.data", "w.data"], "")
    assert ("zeros_like", ["data"], f"{made}.grad") in named
    assert ("divide", [f"{made}.data", "2.0"], "") in named
    assert ("multiply", ["grad", "w.data"], "") in named
    assert ("add", ["x.grad", ""], "x.grad") in named
    assert ("multiply", ["grad", "x.data.T.T"], "") in named
    assert ("subtract", ["w.data", ""], "w.data") in named and ("multiply", ["0.1", "w.grad"], "") in named
