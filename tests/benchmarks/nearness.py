"""How near a film comes to what was drawn: PSNR of luma, frame by frame, of frames that lie in memory."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import IO

_LUMA = re.compile(r"\bpsnr_y:(\d+\.\d+|inf)")
MOST = 99.0  # decibels, of a picture that is the same


@dataclass
class Nearness:
    """Decibels of the frames of a film: of each one, and of those that were encoded."""

    frames: list[float] = field(default_factory=list)
    encoded: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        mean, own = (sum(part) / len(part) for part in (self.frames, self.encoded))
        return f"mean {mean:.2f} dB, of the encoded ones {own:.2f}; worst {min(self.frames):.2f}; of {len(self.frames):,}"


def feed(pipe: IO[bytes], memory: int, places: Sequence[int], length: int) -> None:
    """Put frames of so many bytes into a pipe: those at these places of a memory file."""
    for place in places:
        done = 0
        while done < length:
            done += os.splice(memory, pipe.fileno(), length - done, offset_src=place * length + done)
    pipe.close()


def compare(
    near: Nearness, film: Path, start: Fraction, memory: int, places: Sequence[int], size: tuple[int, int],
    rate: int, program: str, folder: Path,
) -> None:  # fmt: skip
    """Hold the frames of a film from `start`, a key frame's second, against those in memory; adds to `near`."""
    # Told as the film's own: where they differ, ffmpeg turns one into the other, and the luma with it.
    told = {"color_range": "tv", "colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709"}
    colours = [word for name, value in told.items() for word in (f"-{name}", value)]
    raw = (*colours, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "{}x{}".format(*size), "-r", str(rate))
    count = f"settb=1/{rate},setpts=N"
    graph = f"[0:v]{count}[film];[1:v]{count}[drawn];[film][drawn]psnr=shortest=1:stats_file=psnr.txt"
    inputs = ("-ss", f"{float(start):.3f}", "-i", str(film.resolve()), *raw, "-i", "pipe:0")
    command = [program, "-nostdin", "-loglevel", "error", *inputs, "-lavfi", graph, "-f", "null", "-"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        feed(process.stdin, memory, places, size[0] * size[1] * 3 // 2)
    found = _LUMA.findall((folder / "psnr.txt").read_text("ascii"))
    if process.returncode or len(found) != len(places):
        raise SystemExit(f"{film.name}: {len(found)} frames of {len(places)} were compared")
    decibels = [min(MOST, float(one)) for one in found]
    near.frames += decibels
    near.encoded += [
        one for number, one in enumerate(decibels) if not number or places[number] != places[number - 1]
    ]
