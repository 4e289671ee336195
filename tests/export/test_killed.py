"""`kill -9` at random moments: all is as it was before, or whole; the same command again ends in the same bytes.

A few kills here; 1,000 of them: `MNISTVIZ_ROUNDS=640 python -m pytest -n 0 tests/export/test_killed.py`.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnistviz import Trace
from mnistviz.data.weights import EPOCH_FILE, load
from mnistviz.export.folder.verify import verify
from mnistviz.page import make_page
from scenes.mnist_mlp import learner
from tests.export.stories import SMALL, contents, small_story
from tests.export.warm import Ended, Warm, command, film
from tests.machines.stage import STEP
from tests.sessions import alive, gone
from tests.storage.torn import EVERY, NEW, OLD, ROUNDS, check_between

pytestmark = [pytest.mark.slow, pytest.mark.needs("/proc/self/stat", "cc")]
FEW = max(2, ROUNDS // 6)
OF_A_TRAINING = {*(file.name for file in learner.FILES), EPOCH_FILE, "training.csv", "training.png"}
AGAIN = 0.1 if EVERY else 0.5  # of the kills are followed by a run to the end; the others by the next kill
PAGE = """
from pathlib import Path
from mnistviz.page import make_page
from tests.export.stories import small_story
make_page(small_story(captions={captions!r}), Path({out!r}), size={size!r}, duration=200)
"""


def page(out: Path, captions: dict[int, str]) -> str:
    """Code that makes the page alone."""
    return PAGE.format(captions=captions, out=str(out), size=SMALL)


def shown(folder: Path) -> set[str]:
    """Names that a user sees."""
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def kills(server: Warm, code: str, rounds: int, seconds: float, alone: bool = True) -> Iterator[Ended]:
    """Run code so many times, each time killed at a moment between its start and so many seconds of a processor."""
    chance = random.Random(rounds)
    for _ in range(rounds):
        child = server.start(code, alone=alone)
        child.kill_at(chance.uniform(0, seconds))
        ended = child.wait()
        assert ended.code in (0, -9) and "rror" not in ended.errors, ended
        assert gone(child.pid), alive(child.pid)
        yield ended
        seconds = ended.seconds * 1.1 if ended.code == 0 else seconds


@pytest.mark.parametrize(("alone", "rounds"), [(True, ROUNDS), (False, ROUNDS // 15 if EVERY else 2)])
def test_a_render(films, server, out, alone, rounds):
    """In one process, and with two workers; the film has frames that are held."""
    _, old, new = films
    chance = random.Random(rounds)
    whole = server.run(film(out, NEW, 2), alone=alone)
    server.render(out, OLD)
    assert (whole.code, contents(out)) == (0, old)
    for _ in kills(server, film(out, NEW, 2), rounds, whole.seconds, alone):
        check_between(out, old, new)
        assert len(list(out.glob(".mnistviz/scratch/segment-*"))) <= 2  # one a worker is lost at most
        if chance.random() < AGAIN or contents(out) == new:
            server.render(out, NEW)
            assert contents(out) == new
            server.render(out, OLD)
            assert contents(out) == old


def test_the_page_alone(server, tmp_path):
    place, out, chance = tmp_path / "place", tmp_path / "place" / "out", random.Random(1)
    pages = [contents(make_page(small_story(captions=words), tmp_path / name, size=SMALL, duration=200))
             for name, words in (("old", OLD), ("new", NEW))]  # fmt: skip
    place.mkdir()
    shutil.copytree(tmp_path / "old", out)
    for _ in kills(server, page(out, NEW), FEW, 1.0):
        check_between(out, *pages)
        assert [path.name for path in place.iterdir()] == ["out"]
        if chance.random() < AGAIN or contents(out) == pages[1]:
            for words, wanted in zip((NEW, OLD), reversed(pages), strict=True):
                assert server.run(page(out, words)).code == 0
                assert contents(out) == wanted
                verify(out)


def test_a_training(server, tmp_path):
    """The weights are those of a whole epoch, never of an earlier one than before, and as if nobody had killed it."""
    epoch = -1
    train = command("train", "--limit", "20", "--weights", str(tmp_path / "weights"))
    for _ in kills(server, train, FEW, 0.6):
        if (tmp_path / "weights").exists() and any((tmp_path / "weights").glob("**/epoch.txt")):
            now = load(tmp_path / "weights", learner.FILES)
            assert now.epoch >= epoch
            epoch = now.epoch
    again = server.run(
        command("train", "--limit", "20", "--weights", str(tmp_path / "weights"), "--epochs", "1")
    )
    assert (again.code, again.errors) == (0, "")
    last = load(tmp_path / "weights", learner.FILES)
    assert last.epoch == epoch + 1 and shown(tmp_path / "weights") <= OF_A_TRAINING
    count = str(last.epoch + 1)
    server.run(
        command("train", "--limit", "20", "--weights", str(tmp_path / "undisturbed"), "--epochs", count)
    )
    undisturbed = load(tmp_path / "undisturbed", learner.FILES)
    assert {name: values.tobytes() for name, values in undisturbed.matrices.items()} == {
        name: values.tobytes() for name, values in last.matrices.items()
    }


def test_a_saved_trace(server, tmp_path):
    (tmp_path / "step.py").write_text(STEP)
    saved, wanted = tmp_path / "step.npz", tmp_path / "wanted.npz"
    whole = server.run(command("trace", str(tmp_path / "step.py"), "--save", str(wanted)))
    assert (whole.code, whole.errors.count("\n")) == (0, 1)  # it says what is saved
    for _ in kills(
        server, command("trace", str(tmp_path / "step.py"), "--save", str(saved)), FEW, whole.seconds
    ):
        if saved.exists():
            assert Trace.load(saved).check() == 0
            assert saved.read_bytes() == wanted.read_bytes()
            saved.unlink()
    assert shown(tmp_path) <= {"step.py", "wanted.npz", "errors", "__pycache__"}
    assert server.run(command("trace", str(tmp_path / "step.py"), "--save", str(saved))).code == 0
    assert list(tmp_path.glob(".*")) == []  # what was being written then is gone with the next
