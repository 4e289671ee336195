"""Encoders that die, lie, flood, hang or are not there: one line, the stated exit code, and no harm done."""

from __future__ import annotations

import errno
import os
import signal
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest

from mnistviz.errors import EncoderError, MachineError
from mnistviz.export.video import encoder
from mnistviz.export.video.encoder import TRIES
from mnistviz.export.video.settings import Settings
from mnistviz.export.video.trial import try_options
from mnistviz.story.timeline import schedule
from tests.export import stories
from tests.export.stories import SMALL, contents, script, small_story
from tests.export.warm import Warm, warm

REAL = imageio_ffmpeg.get_ffmpeg_exe()
FRAME = 320 * 180 * 3 // 2
# Of each segment that is joined.
NOT_DECODED = "[h264 @ 0x5600] Codec (h264) not on whitelist 'none'\n    Last message repeated 1 times\n"
ASKED = f'case "$*" in *-version*|*-encoders*) exec "{REAL}" "$@";; esac\n'

pytestmark = pytest.mark.needs("/bin/sh")


def fake(folder: Path, body: str, head: str = ASKED) -> dict[str, str]:
    """An encoder that does `body` instead, named in the environment."""
    path = folder / "fake ffmpeg"
    path.write_text(f"#!/bin/sh\n{head}{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"IMAGEIO_FFMPEG_EXE": str(path)}


def one_line(errors: str) -> str:
    lines = errors.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: "), errors
    return lines[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Warm]:
    """What forks renders, which need not start."""
    with warm(tmp_path_factory.mktemp("server"), ["old"]) as ready:
        yield ready


Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def run(server) -> Run:
    """Renders with that in the environment: exit code and errors; `alone`, no worker draws it."""

    def ended(out: Path, env: dict[str, str] | None = None, alone: bool = True) -> tuple[int, str]:
        done = server.run(script(out), env, alone)
        return done.code, done.errors

    return ended


@pytest.fixture(scope="module")
def whole(run, tmp_path_factory) -> dict[str, bytes]:
    """What a render gives that nothing disturbs."""
    out = tmp_path_factory.mktemp("whole") / "out"
    assert run(out)[0] == 0
    return contents(out)


DEADLY = {
    "early": ('echo "codec on fire" >&2; exit 7', "ended with status 7: codec on fire"),
    "late": (
        f"head -c {FRAME * 9} >/dev/null; echo goodbye >&2; kill -9 $$",
        "was killed by SIGKILL: goodbye",
    ),
    "without a file": ("cat >/dev/null; exit 0", "wrote no file"),
    "with an empty file": ("for last; do :; done; cat >/dev/null; : > $last", "not a whole film"),
    "with half a file": (
        f'for last; do :; done; "{REAL}" "$@" && head -c 3000 $last > x && mv x $last',
        "not a whole film",
    ),
    "with too few frames": (f'head -c {FRAME * 9} | "{REAL}" "$@"; cat >/dev/null', "9 frames"),
    "with a frame too many": (f'(cat; head -c {FRAME} /dev/zero) | "{REAL}" "$@"', "frames at 10 fps of"),
    "at the wrong rate": (
        f'for last; do :; done; cat > raw; "{REAL}" -v error -f rawvideo -pix_fmt yuv420p -s 320x180 -r 11 -i raw -y $last',
        "fps of",
    ),
}


OF_A_WORKER = ("late", "with half a file")  # which is a process of its own


@pytest.mark.parametrize("kind", DEADLY)
def test_an_encoder_that_fails_is_tried_again_and_then_named(run, tmp_path, kind):
    body, words = DEADLY[kind]
    count = tmp_path / "count"
    code, errors = run(
        tmp_path / "out", fake(tmp_path, f'echo >> "{count}"\n{body}'), kind not in OF_A_WORKER
    )
    assert code == 4 and words in one_line(errors)
    assert count.read_text().count("\n") >= 4
    assert contents(tmp_path / "out") == {}


def test_an_encoder_that_fails_now_and_then_costs_nothing_but_time(run, tmp_path, whole):
    body = f'echo >> "{tmp_path}/count"; [ $(($(wc -l < "{tmp_path}/count") % 2)) != 0 ] || exit 1\nexec "{REAL}" "$@"'
    code, errors = run(tmp_path / "out", fake(tmp_path, body), alone=False)
    assert (code, errors) == (0, "")
    assert contents(tmp_path / "out") == whole


def test_a_flood_of_messages_blocks_nothing(run, tmp_path, whole):
    body = f'yes "deprecated pixel format" | head -c 9000000 >&2; exec "{REAL}" "$@"'
    assert run(tmp_path / "out", fake(tmp_path, body)) == (0, "")
    assert contents(tmp_path / "out") == whole


@pytest.mark.parametrize(
    "body",
    ["exec sleep 999", "cat >/dev/null; exec sleep 999", f"head -c {FRAME} >/dev/null; exec sleep 999"],
)
def test_an_encoder_that_hangs_is_given_up(tmp_path, body):
    patience = {"MNISTVIZ_PATIENCE": "1"}  # is read by a process that starts
    code, errors = stories.run(tmp_path / "out", {**fake(tmp_path, body), **patience})
    assert code == 4
    assert "nothing for 1 s" in one_line(errors)


def test_the_joining_encoder_is_watched_too(run, tmp_path, whole):
    join = f'case "$*" in *concat*) echo "no joining today" >&2; exit 3;; esac\nexec "{REAL}" "$@"'
    code, errors = run(tmp_path / "out", fake(tmp_path, join))
    assert code == 4 and "no joining today" in one_line(errors)
    assert contents(tmp_path / "out") == {}
    assert run(tmp_path / "out") == (0, "")
    assert contents(tmp_path / "out") == whole


def not_executable(folder: Path) -> dict[str, str]:
    env = fake(folder, "")
    Path(env["IMAGEIO_FFMPEG_EXE"]).chmod(0o644)
    return env


UNABLE = {
    "missing": lambda folder: {"IMAGEIO_FFMPEG_EXE": str(folder / "nothing")},
    "not executable": not_executable,
    "a folder": lambda folder: {"IMAGEIO_FFMPEG_EXE": str(folder)},
    "without libx264": lambda folder: fake(folder, 'echo " V..... mpeg4  mov_text"', ""),
    "without captions": lambda folder: fake(folder, 'echo " V..... libx264 "', ""),
    "broken": lambda folder: fake(folder, "exit 127", ""),
}


@pytest.mark.parametrize("kind", UNABLE)
def test_an_encoder_that_cannot_is_found_before_anything_is_written(run, tmp_path, kind):
    code, errors = run(tmp_path / "out", UNABLE[kind](tmp_path))
    assert code == 3 and "IMAGEIO_FFMPEG_EXE" in one_line(errors)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("times", [1, TRIES + 1])
def test_doctor_tries_an_encoder_again_that_fails_now_and_then(times, tmp_path):
    tried = tmp_path / "tried"
    body = f'echo >> "{tried}"; [ $(wc -l < "{tried}") -gt {times} ] || exit 1; exec "{REAL}" "$@"'
    program = fake(tmp_path, body)["IMAGEIO_FFMPEG_EXE"]
    settings, timeline = Settings(SMALL, 10, "draft"), schedule(small_story())
    if times == 1:
        try_options(program, settings, timeline, tmp_path, strictly=True)
    else:
        with pytest.raises(EncoderError, match="ended with status 1"):
            try_options(program, settings, timeline, tmp_path, strictly=True)


def test_an_encoder_for_which_there_are_no_descriptors_is_not_to_be_reinstalled(monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(encoder.subprocess, "run", refuse)
    with pytest.raises(MachineError, match="too many open files") as caught:
        encoder.version_line("ffmpeg")
    assert "ulimit -n" in caught.value.cure and "reinstall" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "words", "cure"),
    [
        (256 - errno.ENOSPC, "", "make room"),
        (1, "av_interleaved_write_frame(): No space left on device", "make room"),
        (1, "Disk quota exceeded", "make room"),
        (256 - errno.EFBIG, "", "raise the limit"),
        (1, "Error writing trailer: File too large", "raise the limit"),
        (-signal.SIGXFSZ, "", "raise the limit"),
        (256 - errno.EIO, "", "check the disk"),
        (1, "Read-only file system", "name a folder that can be written"),
        (1, f"{NOT_DECODED * 40}Input/output error", "check the disk"),
    ],
)
def test_what_an_encoder_has_no_room_for_is_cured_by_its_kind(code, words, cure, tmp_path):
    log = tmp_path / "log"
    log.write_text(words)
    told = encoder.failure(code, log, "encoding")
    assert told.exit_code == 3 and cure in str(told) and "whitelist" not in str(told), told
