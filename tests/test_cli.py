"""The command line: every command answers, and all that can go wrong is one line and the right code."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from mnistviz import Trace, errors
from mnistviz.cli import main
from mnistviz.cli.options import FilmChoice, Size
from mnistviz.cli.reporting import explained

COMMANDS = ("render", "page", "frame", "loop", "trace", "train", "evaluate", "verify", "scenes", "doctor")

STEP = """\
import numpy as np


def step(x, w):
    y = np.matmul(w, x)
    w += 0.1 * y
    return y


def halved(x, w):
    return x / 2


def inputs():
    return np.ones((3, 1)), np.eye(3)
"""


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "step.py"
    path.write_text(STEP)
    return path


def python(
    root: Path, *arguments: object, timeout: float = 60, **options: object
) -> subprocess.CompletedProcess[str]:
    """`python -m mnistviz ...` as a user runs it."""
    command = [sys.executable, "-m", "mnistviz", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    given = {"capture_output": True, "env": environment, "cwd": root, **options}
    return subprocess.run(command, text=True, timeout=timeout, **given)


def fails(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Exit code and the one line of a command that goes wrong."""
    code = main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    assert told.err.startswith("error: ") and told.err.count("\n") == 1, told.err
    assert told.out == "" and "Traceback" not in told.err
    return code, told.err.removeprefix("error: ").rstrip("\n")


# Help


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"python -m mnistviz {command}" in text.partition("Example")[2]
    assert "--quiet" in text and "--debug" in text


def test_without_a_command_it_shows_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    text = capsys.readouterr().out
    assert [line.split()[0] for line in text.partition("Commands:")[2].splitlines() if line.startswith("  ")][
        : len(COMMANDS)
    ] == list(COMMANDS)


def test_scenes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenes"]) == 0
    assert capsys.readouterr().out.startswith("mnist_mlp  A 784-20-10 network")


# Usage


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rendr"], "no such command 'rendr', .*, did you mean render?"),
        (["render", "--sise", "720p"], "no such option '--sise', .* render, did you mean --size?"),
        (["render", "--theme", "drak"], "'drak' is not one of dark, light, --theme, did you mean dark?"),
        (["frame", "-o", "a.png", "--pace", "artcle"], "'artcle' is .*, --pace, did you mean article?"),
        (["render", "--fps", "30"], "'30' is not one of 10, 60, --fps, choose 10 or 60"),
        (["render", "--size", "1921x1080"], "1921x1080 is odd, .*, --size, did you mean 1920x1080?"),
        (["render", "--size", "318x180"], "318x180 is no size .*, --size, choose 320x180 to 7680x4320"),
        (["render", "--size", "99999x99998"], "99999x99998 is no size .*"),
        (["render", "--size", "big"], "'big' is not a size, --size, write it as .*"),
        (["render", "--duration", "3:75"], "--duration '3:75' has 60 or more .*"),
        (["render", "--duration", "30.05"], "--duration '30.05' is finer than a tenth .*"),
        (["render", "--chapters", "4-2"], "'4-2' names no chapters, --chapters, .*"),
        (["render", "--chapters", "0"], "'0' names no chapters, --chapters, .*"),
        (["render", "--workers", "0"], "invalid value for '--workers': .*"),
        (["render", "--image", "a.png", "--index", "3"], "--image and --data or --index .*"),
        (["frame"], "missing option '-o' .*, see .* frame --help"),
        (["loop", "-o", "loop.mp4"], "a loop is a GIF or a WebP, loop.mp4, .*"),
        (
            ["loop", "-o", "a.gif", "--chapter", "2", "--to", "0:09"],
            "--chapter and --from or --to name two pieces, .*",
        ),
        (["frame", "-o", "still.jpg"], "a still is a PNG, still.jpg, .*"),
        (
            ["frame", "-o", "a.png", "--at", "0:01", "--chapter", "2"],
            "--at and --chapter name two frames, .*",
        ),
        (["verify"], "missing argument 'DIR', .*"),
        (["scenes", "all"], "got unexpected extra argument .*"),
        (["train", "--learn-rate", "0"], "invalid value for '--learn-rate': .*"),
        (["train", "--epochs", "none"], "invalid value for '--epochs': .*"),
        (["evaluate", "-o", "table.txt"], "the table is drawn as a PNG, table.txt, .*"),
    ],
)
def test_bad_usage_is_one_line_with_its_cure(
    arguments: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, line = fails(capsys, *arguments)
    assert code == 2
    assert re.fullmatch(re.escape(told).replace(r"\.\*", ".*"), line), line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "size"),
    [("720p", (1280, 720)), ("2160p", (3840, 2160)), ("320x180", (320, 180)), ("1080x1920", (1080, 1920))],
)
def test_sizes(text: str, size: tuple[int, int]) -> None:
    assert Size().convert(text, None, None) == size


# Scenes


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "mnist_mpl",
            "there is no scene 'mnist_mpl', did you mean mnist_mlp? scenes: mnist_mlp; or name a folder",
        ),
        (
            "zzz",
            "there is no scene 'zzz', scenes: mnist_mlp; or name a folder, FILE.py[:function], a script or trace.npz",
        ),
        ("missing.py", "there is no such file, missing.py"),
    ],
)
def test_an_unknown_scene_is_named(name: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, line = fails(capsys, "trace", name)
    assert code == 2 and line.startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def step(:\n", "SyntaxError: .*, bad.py:1, .*"),
        ("import numpy as np\n1 / 0\n", "ZeroDivisionError: division by zero, bad.py:2, .*"),
        ("def step(x):\n    return x\n", "nothing happens to arrays in the script, bad, .*"),
        (
            "import numpy as np\nsome = np.array([2, 3], dtype=object)\nsome * some\n",
            "the script computes only what cannot be drawn: an array of Python objects, bad, .*",
        ),
        ("def inputs():\n    return ()\n", "nothing happens to arrays in the script, bad, .*"),
        (
            "import sys\nif len(sys.argv) > 1:\n    print(sys.argv)\n",
            "nothing happens to arrays in the script, bad, give it its arguments after a --, or .*",
        ),
        ("def step(x):\n    return x\n\n\ndef inputs():\n    return [nope]\n", "NameError: .*, bad.py:6, .*"),
        (
            "def step(x, rate):\n    return x\n\n\ndef inputs():\n    return 1\n",
            "inputs\\(\\) does not fit step: missing a required argument: 'rate', bad.py, .* step\\(x, rate\\) takes.*",
        ),
        ("raise SystemExit(0)\n", "SystemExit: 0, bad.py:1, .*"),
        ("x = '\\\n", "SyntaxError: .*, bad.py:1, .*"),
        ("\x00", "(SyntaxError|ValueError): [^,]*, bad.py, mend the scene's code"),
        ("exec('1 / 0')\n", "ZeroDivisionError: division by zero, bad.py:1, .*"),
    ],
)
def test_a_bad_scene_file_is_named_with_its_line(
    text: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.py").write_text(text)
    code, line = fails(capsys, "trace", "bad.py")
    assert code == 2
    assert re.fullmatch(told, line), line
    assert [path.name for path in tmp_path.iterdir()] == ["bad.py"]


@pytest.mark.parametrize(
    ("takes", "gives"),
    [
        ("x, rate", "{'rate': 3, 'x': ones}"),
        ("x, rate=1", "{'x': ones}"),
        ("table", "{'x': ones, 'rate': 3}"),
        ("x, *more", "[ones, 1, 2]"),
    ],
)
def test_inputs_are_given_in_order_or_by_name(
    takes: str, gives: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = "x = table['x']" if takes == "table" else "x = x"
    Path(tmp_path / "named.py").write_text(
        f"import numpy as np\n\nones = np.ones(2)\n\n\ndef inputs():\n    return {gives}\n\n\n"
        f"def step({takes}):\n    {line}\n    return x * 2\n"
    )
    assert main(["trace", str(tmp_path / "named.py"), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["operations"]
    assert [one["operation"] for one in shown][-1] == "multiply"
    assert shown[-1]["inputs"][0]["shape"] == [2]


@pytest.mark.parametrize(
    ("flag", "kind"),
    [("--index", "a scene of pictures"), ("--line", "a script"), ("--record-all", "a script")],
)
def test_options_of_other_scenes_are_refused_with_their_kind(
    flag: str, kind: str, scene: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, line = fails(capsys, "trace", scene, flag, 3)
    told = f"{flag} is asked of {kind}, {scene.stem}, this is another scene: leave it out"
    assert (code, line) == (2, told)


OWN_OPTIONS = """\
'''A scene with options of its own.'''
from dataclasses import dataclass, field
import numpy as np
from mnistviz.scene import Scene, option

@dataclass(frozen=True)
class Fruit:
    count: int = field(default=3, metadata=option("How many.", int, metavar="N", least=1))
    kind: str = field(default="apple", metadata=option("Which.", words=("apple", "pear")))

CHOICE = Fruit

def open_scene(choice):
    from mnistviz.story.default import default_storyboard
    from mnistviz import record
    from .sums import total
    return Scene("fruit", lambda: record(total, np.ones(choice.count)),
                 lambda trace: default_storyboard(trace, "fruit of " + choice.kind))
"""


@pytest.fixture
def fruit(tmp_path: Path) -> Path:
    folder = tmp_path / "fruit"
    folder.mkdir()
    (folder / "__init__.py").write_text(OWN_OPTIONS)
    (folder / "sums.py").write_text("import numpy as np\n\ndef total(fruit):\n    return np.sum(fruit)\n")
    return folder


def test_a_scene_declares_its_options(fruit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ((fruit, "--help"), ("--help", fruit)):
        assert main(["render", *map(str, arguments)]) == 0
        text = capsys.readouterr().out
        assert "Options of fruit" in text and "--count N" in text and "[apple|pear]" in text
        assert "--index" not in text
    assert main(["render", "--help"]) == 0
    assert "--index" in capsys.readouterr().out
    for arguments in (
        ("trace", fruit, "--count", "5"),
        ("trace", "--count=5", fruit),
        ("trace", "--count", "5", fruit),
    ):
        assert main([*map(str, arguments), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["operations"][0]["inputs"][0]["shape"] == [5]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--coutn", "5"], "no such option '--coutn', .*, did you mean --count\\?"),
        (["--kind", "aple"], "'aple' is not one of apple, pear, --kind, did you mean apple\\?"),
        (["--count", "0"], "invalid value for '--count': .*"),
        (["--index", "0"], "--index is asked of a scene of pictures, fruit, .*"),
    ],
)
def test_a_wrong_option_of_a_scene_is_one_line(
    arguments: list[str], told: str, fruit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, line = fails(capsys, "trace", fruit, *arguments)
    assert code == 2 and re.fullmatch(told, line), line


def test_a_saved_trace_is_a_scene(scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "saved.npz"
    assert main(["trace", str(scene), "--save", str(saved), "--quiet"]) == 0
    scene.unlink()
    assert main(["trace", str(saved)]) == 0
    assert "np.matmul(w, x)" in capsys.readouterr().out
    assert main(["frame", str(saved), "-o", str(tmp_path / "still.png"), "--size", "320x180", "--quiet"]) == 0
    assert (tmp_path / "still.png").stat().st_size > 1000
    saved.write_bytes(b"no trace")
    assert fails(capsys, "trace", saved)[0] == 2


def test_a_scene_without_a_network_cannot_be_trained(
    fruit: Path, scene: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("train", "evaluate"):
        code, line = fails(capsys, command, fruit)
        assert code == 2 and line.startswith("this scene cannot be trained")
        code, line = fails(capsys, command, scene)
        assert code == 2 and "that can be trained" in line


def test_a_scene_is_read_as_it_stands_now(scene: Path) -> None:
    """The same length and the same second: a cached .pyc would not have noticed."""
    from mnistviz.scene import load_scene

    assert load_scene(str(scene)).record().operations[0].operation == "matmul"
    stamp = scene.stat()
    scene.write_text(STEP.replace("np.matmul(w, x)", "np.add(w,    x)"))
    os.utime(scene, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert scene.stat().st_size == stamp.st_size
    assert load_scene(str(scene)).record().operations[0].operation == "add"


def test_a_folder_can_be_a_scene(tmp_path: Path) -> None:
    from mnistviz.scene import load_scene

    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "__init__.py").write_text("from .code import inputs, step\n")
    (folder / "code.py").write_text(STEP)
    scene = load_scene(str(folder))
    assert scene.name == "mine" and len(scene.record()) == 3


# Traces


def test_trace_prints_a_table(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", str(scene)]) == 0
    assert "matmul" in capsys.readouterr().out


def test_trace_of_another_function(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", f"{scene}:halved"]) == 0
    text = capsys.readouterr().out
    assert "divide" in text and "matmul" not in text


def test_trace_as_json_stays_json_when_the_scene_prints(
    scene: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.write_text("print('loading')\n" + STEP.replace("    y =", "    print('running')\n    y ="))
    assert main(["trace", str(scene), "--json"]) == 0
    told = capsys.readouterr()
    assert "matmul" in json.dumps(json.loads(told.out))
    assert told.err.split() == ["loading", "running"]


def test_trace_is_saved(scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import mnistviz

    saved = tmp_path / "step.npz"
    assert main(["trace", str(scene), "--save", str(saved), "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert [one.operation for one in mnistviz.Trace.load(saved)] == ["matmul", "multiply", "add"]


def test_a_function_that_raises_half_way_gives_the_trace_up_to_there(
    scene: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.write_text(STEP.replace("    w += 0.1 * y", "    np.matmul(x, w)"))
    assert main(["trace", str(scene)]) == 0
    told = capsys.readouterr()
    assert "matmul" in told.out
    assert told.err.startswith("note: ") and "step.py:6, the trace ends there" in told.err


# Stills


def test_a_still_is_a_png_of_that_size(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    still = tmp_path / "still.png"
    assert main(["frame", str(scene), "-o", str(still), "--size", "640x360", "--at", "0:01"]) == 0
    assert capsys.readouterr().out == f"see {still}\n"
    with Image.open(still) as picture:
        assert picture.size == (640, 360) and picture.format == "PNG"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__") == [
        "step.py",
        "still.png",
    ]


def test_a_still_that_is_not_in_the_film(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option, value in (("--at", "99:00"), ("--chapter", "99")):
        code, line = fails(capsys, "frame", scene, "-o", tmp_path / "still.png", option, value)
        assert code == 2 and "film" in line
    assert not (tmp_path / "still.png").exists()


@pytest.mark.needs("/dev/full")
def test_a_still_where_nothing_can_be_written(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, line = fails(capsys, "frame", scene, "-o", "/dev/full/still.png", "--size", "320x180")
    assert code == 3 and "still.png" in line


# How it ends


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InputError("a", "b", "c"), 2),
        (errors.MachineError("a"), 3),
        (errors.EncoderError("a"), 4),
        (errors.WorkerError("a"), 5),
        (errors.VerifyError("a"), 6),
        (errors.InterruptedRender("a"), 130),
        (KeyboardInterrupt(), 130),
        (click.UsageError("Something."), 2),
        (OSError(errno.ENOSPC, "No space left on device", "film.mp4"), 3),
        (MemoryError(), 3),
        (RuntimeError("two\nlines"), 1),
    ],
)
def test_every_error_has_its_code_and_one_line(error: BaseException, code: int) -> None:
    told = explained(error)
    assert told.exit_code == code
    assert str(told) and "\n" not in str(told)


def test_a_traceback_is_shown_with_debug_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", str(tmp_path / "none.py"), "--debug"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("Traceback") and told.splitlines()[-1].startswith("error: there is no such file")


def test_a_reader_that_goes_away_is_no_error(root: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mnistviz", "render", "--help"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    told = process.stderr.read()
    assert (process.wait(60), told) == (0, b"")


@pytest.mark.needs("/bin/sh")
def test_closed_standard_streams_are_no_error(root: Path, tmp_path: Path) -> None:
    """And no file that is opened later is taken for one of them."""
    words = f'exec "{sys.executable}" -m mnistviz trace step.py --save step.npz <&- >&-'
    (tmp_path / "step.py").write_text("import numpy as np\nx = np.ones(2) + 1\n")
    done = subprocess.run(
        ["/bin/sh", "-c", words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
    )
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr
    assert done.stderr.endswith(b"saved step.npz\n")
    assert Trace.load(tmp_path / "step.npz").operations


@pytest.mark.needs("/dev/full")
def test_a_full_disk_behind_standard_output(root: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = python(root, "scenes", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 3
    assert done.stderr.startswith("error: No space left on device, ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.needs("/bin/sh")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, 1])  # 1: SIGHUP, which Windows has not
def test_a_signal_ends_it_with_130(number: int, times: int, root: Path, tmp_path: Path) -> None:
    waiting = tmp_path / "waiting.py"
    waiting.write_text("import time\nprint('here', flush=True)\ntime.sleep(60)\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "mnistviz", "trace", str(waiting)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "here\n"
    for _ in range(times):
        process.send_signal(number)
    told = [line for line in process.stderr.read().splitlines() if not line.startswith("waiting.py: running")]
    assert process.wait(60) == 130
    assert len(told) == 1 and told[0].startswith("error: interrupted")


def test_progress_elsewhere_is_a_plain_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mnistviz.cli.progress import progress

    now = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: next(now))
    with progress(quiet=False) as report:
        for done in range(11):
            report(100 * done, 1000, "drawing")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0] == "drawing: 400 of 1,000 frames, 40%, 0:06 left"
    assert lines[-1] == "drawing: 1,000 of 1,000 frames, 100%"
    with progress(quiet=False) as report:
        report(0, 0, "nothing has changed")
    assert capsys.readouterr().err == "nothing has changed\n"
    with progress(quiet=True) as report:
        report(1, 1, "drawing")
    assert capsys.readouterr().err == ""


def test_a_render_goes_on_when_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    from mnistviz.cli.progress import progress

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(sys, "stderr", Gone())
    with progress(quiet=False) as report:
        report(10, 10, "drawing")


def test_what_a_film_looks_like_is_plain_data() -> None:
    film = FilmChoice((1920, 1080), "dark", "story", None, (2, 4))
    with pytest.raises(AttributeError):
        film.size = (1, 1)  # type: ignore[misc]


def test_an_error_holds_nothing_that_a_terminal_obeys():
    """Names come from files: they could colour the screen, clear it, or write from right to left."""
    told = str(errors.InputError("a\x1b[2Jb", "c\x07\x9b\u202e\ud800", "d\ne"))
    assert told == "a?[2Jb, c????, d e"
