"""A set of weights is the old one or the new one, whatever happens while it is saved."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mnistviz.data import weights
from mnistviz.data.weights import NO_EPOCH, Checkpoint, MatrixFile, held, load, save
from mnistviz.errors import InputError, MachineError
from scenes.mnist_mlp import learner

FILES = (MatrixFile("a.npy", (3, 4)), MatrixFile("b.npy", (2, 1)), MatrixFile("c.npy", (1, 1), optional=True))


def checkpoint(epoch: int) -> Checkpoint:
    return Checkpoint({file.name: np.full(file.shape, float(epoch)) for file in FILES}, epoch)


def told(found: Checkpoint) -> tuple[int, set[float]]:
    return found.epoch, {float(value) for matrix in found.matrices.values() for value in matrix.flat}


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    save(tmp_path / "new" / "folder", checkpoint(4))
    assert told(load(tmp_path / "new" / "folder", FILES)) == (4, {4.0})
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == [
        "a.npy", "b.npy", "c.npy", "epoch.txt",
    ]  # fmt: skip


def die_at(call: int, folder: Path, after: bool) -> bool:
    """Save in a child that dies at that call to the disk; whether it got through instead."""
    child = os.fork()
    if child == 0:
        calls = iter(range(1, 1000))

        def mortal(function: object) -> object:
            def wrapped(*arguments: object, **options: object) -> object:
                now = next(calls)
                if now == call and not after:
                    os._exit(9)
                result = function(*arguments, **options)
                if now == call:
                    os._exit(9)
                return result

            return wrapped

        weights.write_synced = mortal(weights.write_synced)
        weights.sync_folder = mortal(weights.sync_folder)
        for name in ("mkdir", "rename", "replace", "rmdir"):
            setattr(Path, name, mortal(getattr(Path, name)))
        save(folder, checkpoint(2))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.needs("/bin/sh")
def test_killed_at_any_call_it_is_exactly_old_or_exactly_new(after: bool, tmp_path: Path) -> None:
    seen = []
    for call in range(1, 100):
        folder = tmp_path / str(call)
        save(folder, checkpoint(1))
        through = die_at(call, folder, after)
        seen.append(told(load(folder, FILES)))
        save(folder, checkpoint(3))  # and the next save works
        assert told(load(folder, FILES)) == (3, {3.0})
        assert len(list(folder.iterdir())) == 4
        if through:
            break
    assert through
    assert all(state in [(1, {1.0}), (2, {2.0})] for state in seen)
    assert seen[0] == (1, {1.0})
    assert seen[-1] == (2, {2.0})
    assert len(seen) > 12


def test_a_reader_in_between_sees_one_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path, checkpoint(1))
    real = weights.read_float_matrix

    def slow(path: Path, shape: tuple[int, int]) -> np.ndarray:
        found = real(path, shape)
        monkeypatch.setattr(weights, "read_float_matrix", real)
        save(tmp_path, checkpoint(2))
        return found

    monkeypatch.setattr(weights, "read_float_matrix", slow)
    assert told(load(tmp_path, FILES)) == (2, {2.0})


@pytest.mark.needs("/bin/sh")
def test_a_full_disk_leaves_the_old_ones(tmp_path: Path) -> None:
    code = f"""
import resource, signal, sys
from pathlib import Path
import numpy as np
from mnistviz.data.weights import Checkpoint, save
from mnistviz.errors import MachineError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    save(Path({str(tmp_path)!r}), Checkpoint({{"a.npy": np.zeros((3, 400)), "b.npy": np.zeros((2, 1))}}, 2))
except MachineError as error:
    print(error)
    sys.exit(error.exit_code)
"""
    save(tmp_path, checkpoint(1))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 3, done.stderr
    assert "cannot be written" in done.stdout
    assert told(load(tmp_path, FILES)) == (1, {1.0})
    assert not (tmp_path / ".saving").exists()


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="cannot be written"):
        save(tmp_path / "file", checkpoint(1))
    with pytest.raises(MachineError, match="cannot be written"), held(tmp_path / "file"):
        pass


def test_one_training_at_a_time(tmp_path: Path) -> None:
    with held(tmp_path / "weights"), pytest.raises(MachineError, match="in use"), held(tmp_path / "weights"):
        pass
    with held(tmp_path / "weights"):
        assert list((tmp_path / "weights").iterdir()) == []


@pytest.mark.parametrize("text", ["", "one", "1.5", "-2", "9" * 40, "0\n0"])
def test_epoch_txt_is_checked(text: str, tmp_path: Path) -> None:
    save(tmp_path, checkpoint(1))
    (tmp_path / "epoch.txt").write_text(text)
    with pytest.raises(InputError, match=r"epoch\.txt"):
        load(tmp_path, FILES)


def test_without_epoch_txt_no_epoch_is_over(tmp_path: Path) -> None:
    save(tmp_path, checkpoint(1))
    (tmp_path / "epoch.txt").unlink()
    assert load(tmp_path, FILES).epoch == NO_EPOCH


def test_a_missing_matrix_is_named_an_optional_one_is_not_missed(tmp_path: Path) -> None:
    save(tmp_path, checkpoint(1))
    (tmp_path / "c.npy").unlink()
    assert set(load(tmp_path, FILES).matrices) == {"a.npy", "b.npy"}
    (tmp_path / "b.npy").unlink()
    with pytest.raises(InputError, match=r"b\.npy"):
        load(tmp_path, FILES)


def test_the_articles_weights_are_read_and_written_as_theirs(shared_data: Path, tmp_path: Path) -> None:
    theirs = load(shared_data / "reference-weights-epoch0", learner.FILES)
    assert theirs.epoch == 0
    save(tmp_path, theirs)
    for path in (shared_data / "reference-weights-epoch0").iterdir():
        if path.suffix == ".npy":
            ours, original = np.load(tmp_path / path.name), np.load(path)
            assert (ours.shape, ours.dtype) == (original.shape, original.dtype)
            assert np.array_equal(ours, original)
    assert int((tmp_path / "epoch.txt").read_text()) == 0
