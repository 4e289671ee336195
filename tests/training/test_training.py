"""Training: the article's steps, bit for bit the same again, saved whole, and gone on from."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from mnistviz.data.sets import read_mnist
from mnistviz.data.weights import load
from mnistviz.errors import InputError, InterruptedRender, MachineError
from mnistviz.training.curve import draw_confusion
from mnistviz.training.lines import TrainingLines, confusion_table, drawn
from mnistviz.training.loop import EvaluationOptions, Progress, TrainingOptions, evaluate, train
from scenes.mnist_mlp import learner, network
from tests.sessions import wait_for

ROOT = Path(__file__).resolve().parents[2]


class Notes:
    """A watcher that keeps what it was told."""

    def __init__(self, interrupt_at: int | None = None) -> None:
        self.lines: list[str] = []
        self.reports: list[Progress] = []
        self.interrupt_at = interrupt_at

    def said(self, line: str) -> None:
        self.lines.append(line)

    def seen(self, progress: Progress) -> None:
        self.reports.append(progress)
        if progress.seen == self.interrupt_at:
            raise KeyboardInterrupt


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def trained(folder: Path, **options: object) -> Notes:
    notes = Notes()
    train(learner, TrainingOptions(folder, **{"epochs": 1, "limit": 1500, **options}), notes)
    return notes


def test_a_short_run_is_the_same_bit_for_bit_in_another_process(tmp_path: Path) -> None:
    trained(tmp_path / "here")
    command = [
        sys.executable,
        "-m",
        "mnistviz",
        "train",
        "--epochs",
        "1",
        "--limit",
        "1500",
        "--quiet",
        "--weights",
    ]
    subprocess.run([*command, tmp_path / "there"], cwd=ROOT, timeout=120, check=True, capture_output=True)
    assert contents(tmp_path / "here") == contents(tmp_path / "there")
    assert set(contents(tmp_path / "here")) == {file.name for file in learner.FILES} | {
        "epoch.txt", "training.csv", "training.png",
    }  # fmt: skip


def test_it_takes_the_steps_of_the_film(tmp_path: Path) -> None:
    trained(tmp_path, limit=40)
    from mnistviz.data.builtin import built_in

    arrays = network.new_network(0)
    first = arrays[0].copy()
    data = built_in("train", 40)
    for picture, label in zip(data.pictures, data.labels.tolist(), strict=True):
        network.step(network.as_column(picture), label, *arrays, 0.01)
    saved = load(tmp_path, learner.FILES)
    for file, array in zip(learner.MATRICES, arrays, strict=True):
        assert np.array_equal(saved.matrices[file.name], array)
    assert np.array_equal(saved.matrices[learner.INITIAL.name], first)
    assert saved.epoch == 0


def test_another_seed_and_another_rate_give_other_weights(tmp_path: Path) -> None:
    for name, options in {
        "a": {},
        "b": {"seed": 1},
        "c": {"learn_rate": 0.02},
        "d": {"orientation": "clockwise"},
    }.items():
        trained(tmp_path / name, limit=30, **options)
    assert len({(tmp_path / name / "inputToHiddenWeights.npy").read_bytes() for name in "abcd"}) == 4


def test_it_goes_on_from_what_is_saved(tmp_path: Path) -> None:
    trained(tmp_path / "at once", epochs=2, limit=1200)
    trained(tmp_path / "in two", limit=1200)
    notes = trained(tmp_path / "in two", limit=1200)
    assert notes.reports[0].epoch == 1
    assert "going on" in notes.lines[0]
    assert contents(tmp_path / "at once") == contents(tmp_path / "in two")
    rows = list(csv.reader(io.StringIO((tmp_path / "in two" / "training.csv").read_text())))
    assert rows[0] == ["epoch", "pictures", "right_percent"]
    assert [row[:2] for row in rows[1:]] == [["0", "1000"], ["0", "1200"], ["1", "1000"], ["1", "1200"]]


def test_the_reports_count(tmp_path: Path) -> None:
    reports = trained(tmp_path, limit=2300).reports
    assert [(report.seen, report.total) for report in reports] == [(1000, 2300), (2000, 2300), (2300, 2300)]
    rows = list(csv.reader(io.StringIO((tmp_path / "training.csv").read_text())))[1:]
    right = [round(float(row[2]) * count / 100) for row, count in zip(rows, (1000, 1000, 300), strict=True)]
    assert np.cumsum(right).tolist() == [report.right for report in reports]
    missed = reports[0].missed
    assert missed is not None
    assert missed.label != missed.detected


def test_an_interruption_saves_what_was_learned_and_the_epoch_does_not_count(tmp_path: Path) -> None:
    trained(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(InterruptedRender, match="epoch 1") as caught:
        train(learner, TrainingOptions(tmp_path, limit=3000), Notes(interrupt_at=1000))
    assert caught.value.exit_code == 130
    after = contents(tmp_path)
    assert (after["epoch.txt"], after["training.csv"]) == (before["epoch.txt"], before["training.csv"])
    assert after["inputToHiddenWeights.npy"] != before["inputToHiddenWeights.npy"]
    assert trained(tmp_path).reports[0].epoch == 1


def test_an_interruption_of_the_first_epoch_is_gone_on_from(tmp_path: Path) -> None:
    with pytest.raises(InterruptedRender):
        train(learner, TrainingOptions(tmp_path, limit=3000), Notes(interrupt_at=1000))
    assert trained(tmp_path).reports[0].epoch == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_cleanly(number: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mnistviz", "train", "--weights", "weights", "--limit", "2000"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    child = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for((tmp_path / "weights" / "training.png").exists, child)
    child.send_signal(number)
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 130, errors
    assert errors.count("\n") == 1
    assert "run it again to go on" in errors
    assert load(tmp_path / "weights", learner.FILES).epoch >= 0
    assert not [path for path in (tmp_path / "weights").iterdir() if path.name.startswith(".")]


def test_two_trainings_do_not_share_a_folder(tmp_path: Path) -> None:
    class Second(Notes):
        def seen(self, progress: Progress) -> None:
            with pytest.raises(MachineError, match="in use"):
                trained(tmp_path)
            super().seen(progress)

    notes = Second()
    train(learner, TrainingOptions(tmp_path, epochs=1, limit=10), notes)
    assert len(notes.reports) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"learn_rate": 0.0}, "--learn-rate"),
        ({"learn_rate": float("nan")}, "--learn-rate"),
        ({"learn_rate": 1e308}, "--learn-rate"),
        ({"epochs": 0}, "--epochs"),
        ({"limit": 0}, "--limit"),
        ({"seed": -1}, "--seed"),
        ({"data": Path("absent")}, "no such folder"),
    ],
)
def test_what_cannot_be_trained_is_told(options: dict[str, object], told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told):
        trained(tmp_path, **options)
    assert not contents(tmp_path)


def test_a_torn_table_is_told_before_anything_is_learned(tmp_path: Path) -> None:
    trained(tmp_path, limit=20)
    (tmp_path / "training.csv").write_text("epoch,pictures\n1,2\n")
    with pytest.raises(InputError, match=r"training\.csv"):
        trained(tmp_path, limit=20)


def test_the_only_set_that_is_there_is_used_and_said(shared_data: Path, tmp_path: Path) -> None:
    notes = trained(tmp_path, data=shared_data / "mnist-t10k", limit=20)
    assert any("test set" in line and "only one" in line for line in notes.lines)


def test_the_articles_weights_reach_their_accuracy(shared_data: Path) -> None:
    options = EvaluationOptions(
        shared_data / "reference-weights-epoch0", shared_data / "mnist-t10k", orientation="clockwise"
    )
    evaluation = evaluate(learner, options)
    assert str(evaluation) == "accuracy 91.33%"
    assert evaluation.count == 10_000
    assert evaluation.confusion.sum(axis=1).tolist() == [
        980,
        1135,
        1032,
        1010,
        982,
        892,
        958,
        1028,
        974,
        1009,
    ]


def test_trained_on_8000_real_pictures_it_reads_the_other_2000(shared_data: Path, tmp_path: Path) -> None:
    train(learner, TrainingOptions(tmp_path, shared_data / "mnist-t10k", epochs=3, limit=8000))
    matrices = load(tmp_path, learner.FILES).matrices
    data = read_mnist(shared_data / "mnist-t10k", "test")
    rest = zip(data.pictures[8000:], data.labels[8000:], strict=True)
    right = sum(learner.detect(matrices, picture) == label for picture, label in rest)
    assert right / 2000 >= 0.88


def test_the_shipped_weights_read_digits_they_have_never_seen() -> None:
    assert evaluate(learner, EvaluationOptions(limit=3000)).percent >= 90


def test_the_shipped_weights_read_real_mnist(shared_data: Path) -> None:
    assert evaluate(learner, EvaluationOptions(data=shared_data / "mnist-t10k")).percent >= 85


def test_the_shipped_folder_holds_the_articles_files_and_one_epoch() -> None:
    assert {path.name for path in learner.SHIPPED.iterdir()} == {file.name for file in learner.FILES} | {
        "epoch.txt",
        "training.csv",
    }
    shipped = load(learner.SHIPPED, learner.FILES)
    assert shipped.epoch == 0
    assert np.array_equal(shipped.matrices[learner.INITIAL.name], network.new_network(0)[0])


@pytest.mark.slow
def test_the_shipped_weights_are_what_train_makes(tmp_path: Path) -> None:
    train(learner, TrainingOptions(tmp_path, epochs=1))
    ours, shipped = (load(folder, learner.FILES) for folder in (tmp_path, learner.SHIPPED))
    for name, matrix in shipped.matrices.items():
        np.testing.assert_allclose(ours.matrices[name], matrix, rtol=1e-9, atol=1e-9)


def test_a_confusion_is_counted_and_shown(tmp_path: Path) -> None:
    evaluation = evaluate(learner, EvaluationOptions(limit=200))
    assert evaluation.count == 200
    assert evaluation.percent == pytest.approx(np.trace(evaluation.confusion) / 2)
    table = confusion_table(evaluation).splitlines()
    assert len(table) == 11
    counts = [[int(word.replace(".", "0")) for word in line.split()[1:]] for line in table[1:]]
    assert np.array_equal(counts, evaluation.confusion)
    draw_confusion(tmp_path / "confusion.png", evaluation.confusion, "title")
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("terminal", [False, True])
def test_what_is_printed(terminal: bool, tmp_path: Path) -> None:
    output = io.StringIO()
    console = Console(
        file=output, force_terminal=terminal, width=100, color_system="truecolor" if terminal else None
    )
    with TrainingLines(console=console) as lines:
        train(learner, TrainingOptions(tmp_path, epochs=1, limit=1500), lines)
    text = output.getvalue()
    assert "1,500 of 1,500" in text
    assert "pictures/s" in text
    assert "% right" in text
    assert ", detected as a " in text
    assert ("\u2580" in text) == terminal


def test_quiet_prints_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with TrainingLines(quiet=True) as lines:
        train(learner, TrainingOptions(tmp_path, epochs=1, limit=100), lines)
    assert capsys.readouterr() == ("", "")


def test_a_missed_digit_can_be_recognised_in_plain_characters(tmp_path: Path) -> None:
    notes = trained(tmp_path, limit=200)
    missed = notes.reports[-1].missed
    assert missed is not None
    rows = drawn(missed, colours=False).plain.splitlines()[1:]
    inked = missed.picture.reshape(14, 2, 28).mean(axis=1) >= 25.6
    assert ["".join("#" if mark != " " else " " for mark in row[2:]).rstrip() for row in rows if row] == [
        "".join("#" if ink else " " for ink in line).rstrip() for line in inked if line.any()
    ]
