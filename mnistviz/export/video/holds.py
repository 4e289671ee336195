"""Held frames: those that equal the frame before are not encoded; an all-skip picture stands for each.

Such a picture says of every macroblock that it is what it was: 70 bytes instead of a millisecond's work.
It is harvested from the encoder itself, proven on a picture of noise by a decoder, and differs from one
place to another in nothing but its `frame_num`.  Everything that is not known is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path

import numpy as np

from mnistviz.export.video import encoder
from mnistviz.export.video.bitstream import (
    Parameters,
    Picture,
    UnknownStream,
    read_parameters,
    read_picture,
    renumbered,
)
from mnistviz.export.video.mp4 import check_written
from mnistviz.export.video.settings import Settings, encode_options
from mnistviz.export.video.track import Run, Track, parameter_sets, read_product, read_track, write_track

_STILL = 3  # pictures of nothing; what the encoder makes of the last one is the template
_BLOCK_PX = 8  # of the noise


@dataclass(frozen=True)
class Pattern:
    """Which frames of a segment are key frames, and which are held."""

    keys: frozenset[int]  # frame numbers from the segment's start, 0 among them
    held: tuple[bool, ...]  # of each frame; a key frame is never held

    @property
    def coded(self) -> list[int]:
        """The frames that go through the encoder."""
        return [place for place, held in enumerate(self.held) if not held]

    @property
    def coded_keys(self) -> list[int]:
        """The key frames, counted among the coded frames alone."""
        return [number for number, place in enumerate(self.coded) if place in self.keys]

    @property
    def runs(self) -> list[Run]:
        """The held frames, as runs."""
        found: list[Run] = []
        for held, group in groupby(enumerate(self.held), key=lambda frame: frame[1]):
            frames = [place for place, _ in group]
            if held:
                found.append((frames[0], len(frames)))
        return found

    def frame_nums(self, modulo: int) -> Iterator[int]:
        """`frame_num` of each picture: it counts references since the last IDR picture."""
        number = 0
        for place in range(len(self.held)):
            number = 0 if place in self.keys else (number + 1) % modulo
            yield number


@dataclass(frozen=True)
class Template:
    """An all-skip picture of an encoder at some settings."""

    setup: bytes  # of the streams that it belongs to
    parameters: Parameters
    unit: bytes

    @cached_property
    def pictures(self) -> tuple[bytes, ...]:
        """The template as a sample, by `frame_num`."""
        header = read_picture(self.unit, self.parameters)
        units = (
            renumbered(self.unit, header, self.parameters, number)
            for number in range(self.parameters.frame_nums)
        )
        return tuple(_sample(unit) for unit in units)


def harvest(program: str, settings: Settings, folder: Path) -> Template:
    """The template of these settings, proven; raises `UnknownStream` where there is none.

    Three pictures of nothing are encoded and one of noise: the last of the three must be all-skip, for
    after the noise it must decode to the noise.
    """
    track = encoder.again_and_again(lambda: _encoded_trial(program, settings, folder))
    found = template(track.setup, _unit(track.pictures[_STILL - 1]))
    noise = track.pictures[_STILL]
    trial = replace(track, pictures=(noise, *found.pictures[1:3]))
    decoded = encoder.again_and_again(lambda: _decoded(program, trial, settings, folder))
    if decoded != decoded[:1] * 3:
        raise UnknownStream("the picture that should change nothing changes something")
    return found


def template(setup: bytes, unit: bytes) -> Template:
    """A picture that may change nothing, of streams so set up; raises `UnknownStream` where it is none of them."""
    parameters = _parameters(setup)
    header = read_picture(unit, parameters)
    if header.idr or header.intra:
        raise UnknownStream("a still picture is coded anew")
    return Template(setup, parameters, unit)


def _encoded_trial(program: str, settings: Settings, folder: Path) -> Track:
    width, height = settings.size
    length = width * height * 3 // 2
    raw, product = folder / "trial.yuv", folder / "trial.mp4"
    with raw.open("w+b") as file:
        file.truncate(_STILL * length)  # zeros that take no room
        file.seek(_STILL * length)
        file.write(_noise(settings.size))
        file.seek(0)
        arguments = [*encode_options(settings, [0, _STILL]), product.name]
        process = encoder.start(program, arguments, folder, folder / "trial.log", file.fileno())
        encoder.finish(process, folder / "trial.log", "a trial", product)
    raw.unlink()
    content = read_product(product, "a trial")
    check_written(content, settings.fps, _STILL + 1, (0, _STILL), "a trial")
    return read_track(content, "a trial")


def _noise(size: tuple[int, int]) -> bytes:
    """A picture whose macroblocks all differ from their neighbours."""
    random = np.random.default_rng(0)
    width, height = size
    planes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    blocks = (random.integers(32, 224, (-(-h // _BLOCK_PX), -(-w // _BLOCK_PX)), np.uint8) for h, w in planes)
    return b"".join(
        block.repeat(_BLOCK_PX, 0).repeat(_BLOCK_PX, 1)[:h, :w].tobytes()
        for block, (h, w) in zip(blocks, planes, strict=True)
    )


def _decoded(program: str, track: Track, settings: Settings, folder: Path) -> list[str]:
    """A hash of each decoded picture."""
    (folder / "proof.mp4").write_bytes(write_track(track, settings.timescale, [0]))
    arguments = ("-i", "proof.mp4", "-f", "framemd5", "proof.md5")
    encoder.run(program, arguments, folder, folder / "proof.log", "a trial")
    return [
        line.rpartition(",")[2].strip()
        for line in (folder / "proof.md5").read_text("ascii").splitlines()
        if not line.startswith("#")
    ]


def fill(track: Track, template: Template, pattern: Pattern) -> Track:
    """The encoder's pictures with the held ones between them; raises `UnknownStream` where they do not fit."""
    if track.setup != template.setup:
        raise UnknownStream("its parameter sets are others than those of the trial")
    if len(track.pictures) != len(pattern.coded):
        raise UnknownStream(f"{len(track.pictures)} pictures of {len(pattern.coded)}")
    coded = iter(track.pictures)
    numbers = pattern.frame_nums(template.parameters.frame_nums)
    pictures = [
        template.pictures[number] if held else _renumbered(next(coded), template.parameters, number)
        for held, number in zip(pattern.held, numbers, strict=True)
    ]
    return replace(track, pictures=tuple(pictures))


def _renumbered(sample: bytes, parameters: Parameters, number: int) -> bytes:
    unit = _unit(sample)
    return _sample(renumbered(unit, read_picture(unit, parameters), parameters, number))


def check(track: Track, template: Template, pattern: Pattern) -> None:
    """Hold a finished segment against its plan, picture by picture; raises `UnknownStream` where it departs."""
    if track.setup != template.setup or len(track.pictures) != len(pattern.held):
        raise UnknownStream("its parameter sets or the number of its pictures are not those of the plan")
    before: Picture | None = None
    numbers = pattern.frame_nums(template.parameters.frame_nums)
    for place, (sample, number) in enumerate(zip(track.pictures, numbers, strict=True)):
        key = place in pattern.keys
        if pattern.held[place]:
            if sample != template.pictures[number]:
                raise UnknownStream(f"picture {place} is held, and is not the template")
            before = None
            continue
        header = read_picture(_unit(sample), template.parameters)
        if (header.idr, header.intra, header.frame_num) != (key, key, number):
            raise UnknownStream(f"picture {place} is not what the plan says")
        if before and header.idr and before.idr and header.idr_id == before.idr_id:
            raise UnknownStream(f"picture {place} cannot be told from the one before")
        before = header


def _parameters(setup: bytes) -> Parameters:
    try:
        return read_parameters(*parameter_sets(setup))
    except (ValueError, IndexError, struct.error) as error:
        raise UnknownStream(str(error)) from error


def _unit(sample: bytes) -> bytes:
    """The one NAL unit of a picture."""
    if len(sample) < 5 or int.from_bytes(sample[:4], "big") != len(sample) - 4:
        raise UnknownStream("a picture is not one unit")
    return sample[4:]


def _sample(unit: bytes) -> bytes:
    return len(unit).to_bytes(4, "big") + unit
