"""Source files as people have them: only Python's own line ends count, every encoding, edits are found out."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistviz.errors import InputError
from mnistviz.modules import load_module
from mnistviz.trace.model import Trace
from mnistviz.trace.recording import exchange
from mnistviz.trace.recording.recorder import record
from tests.trace.recording import running

STEP = """\
import numpy as np


def step(x, w):
    y = np.matmul(w, x)  # mean
    größe = y * 2 + 1
    return größe / y.sum()


def inputs():
    return np.ones((3, 1)), np.arange(6.0).reshape(2, 3)
"""
EXPRESSIONS = {5: "np.matmul(w, x)", 6: "y * 2", 7: "y.sum()"}
SEPARATOR, NEXT_LINE = chr(0x2028), chr(0x85)


def as_file(text: bytes, folder: Path) -> tuple[running.Program, Trace]:
    path = folder / "written_text.py"
    path.write_bytes(text)
    program = running.fresh_file(path)
    return program, record(program.module.step, *program.arguments)


def lines(trace: Trace) -> dict[int, str]:
    return {one.source.expression.first_line: one.expression for one in reversed(trace.operations)}


def in_comment(letters: str) -> bytes:
    return STEP.replace("# mean", f"# me{letters}an").encode()


def below(first: str, encoding: str = "utf-8", mark: bytes = b"") -> bytes:
    return mark + f"{first}\n{STEP}".encode(encoding)


# Each text, and by how many lines the expressions stand lower in it.
TEXTS: dict[str, tuple[bytes, int]] = {
    "plain": (STEP.encode(), 0),
    "form feed": (STEP.replace("\n\ndef step", "\f\n\ndef step").encode(), 0),
    "form feed that begins a line": (STEP.replace("\ndef step", "\n\fdef step").encode(), 0),
    "form feed in a comment": (in_comment("\f"), 0),
    "vertical tab in a comment": (in_comment("\v"), 0),
    "file, group and record separators": (in_comment("\x1cb\x1dc\x1e"), 0),
    "line separator in a comment": (in_comment(SEPARATOR), 0),
    "paragraph separator in a comment": (in_comment(chr(0x2029)), 0),
    "next line in a comment": (in_comment(NEXT_LINE), 0),
    "all of them in a text above": (below(f'T = "a{SEPARATOR}b{NEXT_LINE}c\\x0cd\fe"'), 1),
    "in a text of several lines": (below(f'T = """a{SEPARATOR}\n{NEXT_LINE}\f\n"""'), 3),
    "a byte order mark": (b"\xef\xbb\xbf" + STEP.encode(), 0),
    "latin-1": (below("# -*- coding: latin-1 -*-", "latin-1"), 1),
    "cp1252": (below("# vim: set fileencoding=cp1252 : €", "cp1252"), 1),
    "an encoding in the second line": (below("#!/usr/bin/env python\n# coding: latin-1", "latin-1"), 2),
    "utf-8, said": (below("# -*- coding: utf-8 -*-"), 1),
    "a mark and utf-8, said": (below("# coding: utf-8", mark=b"\xef\xbb\xbf"), 1),
    "lines of Windows": (STEP.replace("\n", "\r\n").encode(), 0),
    "lines of the old Macintosh": (STEP.replace("\n", "\r").encode(), 0),
    "line ends mixed": (STEP.replace("np\n", "np\r\n").replace("mean\n", "mean\r").encode(), 0),
    "no end of the last line": (STEP.rstrip().encode(), 0),
    "tabs": (STEP.replace("    ", "\t").encode(), 0),
    "a line that goes on": (STEP.replace("y.sum()", "y.sum() \\\n    + 0").encode(), 0),
    "letters of two kinds": (STEP.replace("größe", "größe_ﬁ").encode(), 0),
    "wide letters before": (STEP.replace("y = np", "日本 = '🎉'; y = np").encode(), 0),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_the_lines_are_pythons_own(kind: str, tmp_path: Path) -> None:
    text, moved = TEXTS[kind]
    program, trace = as_file(text, tmp_path)
    assert trace.failure is None
    got = lines(trace)
    for line, expression in EXPRESSIONS.items():
        assert got[line + moved] == expression
    for one in trace:
        span = one.source.expression
        source = trace.source_file(span.file)
        if span.first_line == span.last_line:
            assert source.lines[span.first_line - 1][span.first_column : span.last_column] == one.expression
    trace.check()
    trace.save(tmp_path / "t.npz")
    assert lines(Trace.load(tmp_path / "t.npz")) == got
    assert trace.returned[0].value.tobytes() == program.module.step(*program.arguments).tobytes()


def test_a_file_edited_since_its_import_is_refused(tmp_path: Path) -> None:
    program, _ = as_file(STEP.encode(), tmp_path)
    path = tmp_path / "written_text.py"
    path.write_text(STEP.replace("y * 2", "y * 3"), encoding="utf-8")
    os.utime(path, (1e9, 1e9))
    with pytest.raises(InputError) as refused:
        record(program.module.step, *program.arguments)
    assert str(refused.value).startswith("step is not") and "written_text.py line 6" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert program.module.step(*program.arguments).shape == (2, 1)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    program, _ = as_file(STEP.encode(), tmp_path)
    (tmp_path / "written_text.py").unlink()
    with pytest.raises(InputError) as refused:
        record(program.module.step, *program.arguments)
    assert "\n" not in str(refused.value)


def test_a_comment_may_be_edited_elsewhere(tmp_path: Path) -> None:
    """What is run is as it is written; lines that nobody runs do not matter, as long as none has moved."""
    program, _ = as_file(STEP.encode(), tmp_path)
    (tmp_path / "written_text.py").write_text(STEP.replace("# mean", "# sum!"), encoding="utf-8")
    assert record(program.module.step, *program.arguments).failure is None


def test_what_python_warns_of_in_a_text_it_has_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "formulas.py"
    path.write_text(STEP.replace("    y =", '    """Divides by ``\\partial b``."""\n    y ='))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # while it is imported
        program = running.fresh_file(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(record(program.module.step, *program.arguments)) == 5


def test_code_without_text_is_foreign_but_for_a_step() -> None:
    space: dict[str, Any] = {"np": np}
    exec("def made(x):\n    return np.sqrt(x) + 1\n", space)  # noqa: S102

    def step(x: Any) -> Any:
        return space["made"](x) * 2

    trace = record(step, np.ones(2))
    assert trace.returned[0].value.tolist() == [4, 4]
    assert [one.operation for one in trace][-1] == "multiply"
    with pytest.raises(InputError) as refused:
        record(space["made"], np.ones(2))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("flags", [["-O"], ["-OO"], ["-X", "utf8=0"], ["-B"], ["-W", "error"]])
def test_flags_of_python_do_not_matter(flags: list[str], tmp_path: Path, root: Path) -> None:
    (tmp_path / "flagged.py").write_text(
        STEP.replace("    größe", '    assert y.any(), "none"\n    größe'), "utf-8"
    )
    code = (
        f"import sys; sys.path[:0] = [{str(root)!r}, {str(tmp_path)!r}]\n"
        "import flagged; from mnistviz.trace.recording.recorder import record\n"
        "trace = record(flagged.step, *flagged.inputs()); trace.check()\n"
        "print(*[one.operation for one in trace])"
    )
    done = subprocess.run(
        [sys.executable, *flags, "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    asked = "" if flags[0].startswith("-O") else "any "
    assert done.stdout.strip() == f"matmul {asked}multiply add sum divide", done.stderr[-2000:]


def test_futures_are_minded(tmp_path: Path) -> None:
    text = "from __future__ import annotations\n" + STEP.replace(
        "(x, w):", "(x: missing, w: 1 + 1) -> nothing:"
    )
    program, trace = as_file(text.encode(), tmp_path)
    assert trace.failure is None
    assert program.module.step.__annotations__["x"] == "missing"
    assert lines(trace)[6] == "np.matmul(w, x)"


def test_a_module_that_is_imported_meanwhile_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "imported_late.py").write_text(
        "import numpy as np\nSCALE = np.full(2, 3.0)\n\ndef scaled(x):\n    return x * SCALE\n"
    )
    text = "def step(x):\n    import imported_late\n    return imported_late.scaled(x) + 1\n"
    path = tmp_path / "imports.py"
    path.write_text(text)
    program = running.fresh_file(path)
    trace = record(program.module.step, np.ones(2))
    assert ("multiply", "x * SCALE") in [(one.operation, one.expression) for one in trace]
    import imported_late  # type: ignore[import-not-found]

    assert imported_late.scaled(np.ones(2)).tolist() == [3, 3]
    again = record(program.module.step, np.ones(2))
    assert [one.operation for one in again] == ["multiply", "add"]


@pytest.mark.parametrize("kind", ["zipped", "of a scene"])
def test_a_module_that_another_loader_imports_meanwhile_is_watched(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"late_{kind.replace(' ', '_')}"
    module = "import numpy as np\nSCALE = np.ones(2) * 3\n\ndef scaled(x):\n    return x * SCALE\n"
    text = f"def step(x):\n    import {name}.inner\n    return {name}.inner.scaled(x) + 1\n"
    (tmp_path / "imports.py").write_text(text)
    place = tmp_path / "late.zip" if kind == "zipped" else tmp_path
    if kind == "zipped":
        with zipfile.ZipFile(place, "w") as archive:
            archive.writestr(f"{name}/__init__.py", "")
            archive.writestr(f"{name}/inner.py", module)
    else:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
        (tmp_path / name / "inner.py").write_text(module)
    monkeypatch.syspath_prepend(place)
    loaded = load_module(tmp_path / "imports.py")
    before = {one: vars(one)["get_code"] for one in exchange._loaders()}
    trace = record(loaded.step, np.ones(2))
    assert [one.expression for one in trace] == [
        "np.ones(2)", "np.ones(2) * 3", "x * SCALE", f"{name}.inner.scaled(x) + 1",
    ]  # fmt: skip
    assert {one: vars(one)["get_code"] for one in exchange._loaders()} == before
    assert record(loaded.step, np.ones(2)).coverage.complete


def test_typed_into_standard_input_is_refused(root: Path) -> None:
    code = (
        "import numpy as np, mnistviz\ndef step(x):\n    return x * 2\n\nmnistviz.record(step, np.ones(2))\n"
    )
    done = subprocess.run(
        [sys.executable, "-"], input=code, capture_output=True, text=True, timeout=60, cwd=root
    )
    assert done.stderr.splitlines()[-1].startswith("mnistviz.errors.InputError: "), done.stderr
