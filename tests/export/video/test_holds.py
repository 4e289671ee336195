"""Held frames: decoded they equal the frame before, all others are what was drawn; what is unknown is refused.

Of every stream there is a plan; a stream that departs from it in a bit of a header or of a held picture is
found before it counts.
"""

from __future__ import annotations

import io
import logging
import stat
import subprocess
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest

import mnistviz
from mnistviz.errors import EncoderError
from mnistviz.export.folder.manifest import read_manifest
from mnistviz.export.folder.verify import verify
from mnistviz.export.raster.raster import Raster
from mnistviz.export.video import holds, segments
from mnistviz.export.video.bitstream import UnknownStream
from mnistviz.export.video.decoded import decoding_keys
from mnistviz.export.video.encoder import find_encoder
from mnistviz.export.video.encoding import Encoded, encode_segment
from mnistviz.export.video.film import Part, join_film, strange_pictures
from mnistviz.export.video.holds import Pattern, Template
from mnistviz.export.video.mp4 import read_film
from mnistviz.export.video.segments import Plan, Stretch
from mnistviz.export.video.templates import Trial, template_of
from mnistviz.export.video.track import TICK, Track, read_held, read_setup, read_track, write_track
from mnistviz.picture.layout import look
from mnistviz.story.timeline import schedule
from tests.export.stories import SMALL, render, small_story
from tests.storage.torn import EVERY

REAL = imageio_ffmpeg.get_ffmpeg_exe()
LEAST_DB = {"draft": 30.0, "standard": 43.0, "high": 46.0}  # of any frame; small pictures are all edges
SIZES = [(320, 180), (322, 182), (180, 320), (1920, 1080)]
# The smallest in each quality; the others, which differ in what is cut off at an edge, in one each.
KINDS = [(size, quality) for size in SIZES for quality in LEAST_DB if EVERY or size == SIZES[0]]
KINDS += [] if EVERY else zip(SIZES[1:], ("high", "draft", "standard"), strict=True)


def real_plan(size: tuple[int, int] = SMALL, quality: str = "standard", plain: bool = False) -> Plan:
    """The plan of a film with moving and resting shots, long enough for the bar's mark to rest in between."""
    timeline = schedule(small_story(), duration_ticks=1200)
    return segments.plan(timeline, look(size), size, quality, find_encoder().version, plain)


def part_of(plan: Plan, ticks: int) -> Stretch:
    """So many ticks around the start of the first rest, with a key frame in the midst of that."""
    rest = plan.timeline.clips[0].rest_start
    return Stretch(rest - 12, rest - 12 + ticks, 1, (rest - 12, rest + 3))


def displays(plan: Plan, stretch: Stretch, fps: int) -> list[object]:
    """What each frame shows."""
    instants = (Fraction(stretch.start, 10) + Fraction(place, fps) for place in range(stretch.frames(fps)))
    return [plan.composer(plan.timeline, instant, plan.look).display for instant in instants]


def held_by_plan(plan: Plan, stretch: Stretch, fps: int) -> list[bool]:
    """Which frames equal the frame before and are no key frames: from the display lists alone."""
    shown = displays(plan, stretch, fps)
    keys = {(key - stretch.start) * fps // 10 for key in stretch.keys}
    return [place not in keys and shown[place] == shown[place - 1] for place in range(len(shown))]


def decoded(content: bytes) -> list[np.ndarray]:
    """Every frame, (3/2 H, W), by PyAV, which must have nothing to say."""
    options = {"err_detect": "explode"}
    with av.open(io.BytesIO(content), options=options) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


def decibels(one: np.ndarray, other: np.ndarray) -> float:
    """PSNR of two planes of 8 bits."""
    error = np.mean((one.astype(np.float64) - other) ** 2)
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))


def encoded(plan: Plan, stretch: Stretch, folder: Path, rates: tuple[int, ...] = (10, 60)) -> list[Encoded]:
    return list(encode_segment(plan, stretch, rates, find_encoder().program, folder))


@pytest.mark.slow
@pytest.mark.parametrize(("size", "quality"), KINDS)
def test_held_frames_are_held_and_all_others_are_what_was_drawn(tmp_path, size, quality):
    plan = real_plan(size, quality)
    stretch = part_of(plan, 24)
    for segment in encoded(plan, stretch, tmp_path):
        held = held_by_plan(plan, stretch, segment.fps)
        assert (0.1 if segment.fps == 10 else 0.15) < sum(held) / len(held) < 0.8
        frames, shown = decoded(segment.content), displays(plan, stretch, segment.fps)
        assert len(frames) == len(held) == segment.frames
        raster = Raster(size)
        for place, (frame, display) in enumerate(zip(frames, shown, strict=True)):
            if held[place]:
                assert np.array_equal(frame, frames[place - 1]), place
            else:
                luma = raster.paint(display).luma
                assert decibels(frame[: size[1]], luma) > LEAST_DB[quality], place


def test_held_frames_of_a_large_film(tmp_path):
    plan = real_plan((3840, 2160), "draft")
    rest = plan.timeline.clips[0].rest_start
    stretches = [Stretch(tick, tick + 2, 1, (tick, tick + 1)) for tick in range(rest, rest + 12)]
    stretch = next(one for one in stretches if sum(held_by_plan(plan, one, 60)) < 10)  # the bar's mark moves
    (segment,) = encoded(plan, stretch, tmp_path, (60,))
    frames, held = decoded(segment.content), held_by_plan(plan, stretch, 60)
    assert 1 < sum(held) < 10 and not held[0] and not held[6]
    same = [place > 0 and np.array_equal(frames[place], frames[place - 1]) for place in range(12)]
    assert all(same[place] for place in range(12) if held[place])
    assert not all(same[1:])


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Plan, Stretch, Template, Pattern, Track]:
    """A segment, and all that it is held against."""
    folder = tmp_path_factory.mktemp("segment")
    plan = real_plan()
    stretch = part_of(plan, 40)
    (segment,) = encoded(plan, stretch, folder, (60,))
    template = holds.harvest(find_encoder().program, plan.settings(60), folder)
    keys = frozenset((key - stretch.start) * 6 for key in stretch.keys)
    pattern = Pattern(keys, tuple(held_by_plan(plan, stretch, 60)))
    track = read_track(segment.content, "a segment")
    assert read_held(segment.content, "a segment") == pattern.runs
    return plan, stretch, template, pattern, track


def test_a_segment_is_what_its_plan_says(finished):
    *_, template, pattern, track = finished
    holds.check(track, template, pattern)
    assert sum(pattern.held) > 40
    first = track.pictures[pattern.runs[0][0]]
    assert len(first) < 60 and first in template.pictures
    assert [place for place, picture in enumerate(track.pictures) if picture[4] & 31 == 5] == sorted(
        pattern.keys
    )


def swapped(pictures: list[bytes], one: int, other: int) -> list[bytes]:
    pictures[one], pictures[other] = pictures[other], pictures[one]
    return pictures


DAMAGES = {
    "a picture less": lambda pictures, held, moving: pictures[:-1],
    "a picture more": lambda pictures, held, moving: [*pictures, pictures[held]],
    "two in another order": lambda pictures, held, moving: swapped(pictures, moving, moving + 1),
    "a held one where one moves": lambda pictures, held, moving: [
        *pictures[:moving], pictures[held], *pictures[moving + 1 :]
    ],
    "a moving one where one is held": lambda pictures, held, moving: [
        *pictures[:held], pictures[moving], *pictures[held + 1 :]
    ],
    "no first picture": lambda pictures, held, moving: [pictures[moving], *pictures[1:]],
    "a key frame in the midst": lambda pictures, held, moving: [
        *pictures[:moving], pictures[0], *pictures[moving + 1 :]
    ],
    "a picture cut short": lambda pictures, held, moving: [
        *pictures[:moving], pictures[moving][:-1], *pictures[moving + 1 :]
    ],
    "an empty picture": lambda pictures, held, moving: [*pictures[:moving], b"", *pictures[moving + 1 :]],
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_stream_that_departs_from_its_plan_is_found(finished, damage):
    *_, template, pattern, track = finished
    held = pattern.runs[0][0]
    moving = next(place for place in pattern.coded if place + 1 in pattern.coded and place > 0)
    pictures = DAMAGES[damage](list(track.pictures), held, moving)
    with pytest.raises(UnknownStream):
        holds.check(replace(track, pictures=tuple(pictures)), template, pattern)


def test_every_bit_of_a_held_picture_and_of_a_header_counts(finished):
    *_, template, pattern, track = finished
    held = pattern.runs[1][0]
    moving = next(place for place in pattern.coded if place > 0)
    bits = [(held, bit) for bit in range(8 * len(track.pictures[held]))]
    bits += [(moving, bit) for bit in range(4 * 8 + 1, 4 * 8 + 15 + 4) if bit not in (33, 34)]
    for place, bit in bits:  # the two bits left out say how much a reference matters
        changed = bytearray(track.pictures[place])
        changed[bit // 8] ^= 0x80 >> bit % 8
        pictures = (*track.pictures[:place], bytes(changed), *track.pictures[place + 1 :])
        with pytest.raises(UnknownStream):
            holds.check(replace(track, pictures=pictures), template, pattern)


def test_a_stream_of_other_settings_is_refused(finished, tmp_path):
    plan, _, template, pattern, track = finished
    other = holds.harvest(find_encoder().program, replace(plan, quality="draft").settings(60), tmp_path)
    assert other.setup != template.setup
    for act in (holds.check, holds.fill):
        with pytest.raises(UnknownStream):
            act(track, other, pattern)


def test_a_plain_stream_has_no_template(tmp_path):
    with pytest.raises(UnknownStream, match="order count"):
        holds.harvest(find_encoder().program, real_plan(plain=True).settings(60), tmp_path)


def test_a_template_is_kept_and_harvested_anew_where_it_is_not_as_it_was_written(tmp_path, monkeypatch):
    kept, found = tmp_path / "templates", []
    real = holds.harvest
    monkeypatch.setattr(holds, "harvest", lambda *given: found.append(real(*given)) or found[-1])

    def template(made_by: str = "us", **plan: object) -> Template | None:
        one = Trial(find_encoder().program, made_by, real_plan(**plan).settings(60), tmp_path, kept)
        return template_of.__wrapped__(one)

    first = template()
    assert (template(), len(found)) == (first, 1)
    written = kept.read_bytes()
    unit, other = (one.hex().encode() for one in (first.unit, first.unit[:-1] + b"\xff"))
    for damage in (b"", b"{}", written.replace(unit, other), written[:-9]):
        kept.write_bytes(damage)
        assert template() == first
    assert (len(found), kept.read_bytes()) == (5, written)
    assert template("others") == first
    assert template(plain=True) is None
    assert (template(), template("others"), len(found)) == (first, first, 6)


def test_segments_with_different_headers_are_not_joined(tmp_path):
    parts = []
    for quality in ("draft", "standard"):
        plan = real_plan(quality=quality)
        (segment,) = encoded(plan, part_of(plan, 20), tmp_path, (10,))
        (tmp_path / f"{quality}.mp4").write_bytes(segment.content)
        parts.append(Part(f"{quality}.mp4", 20))
    with pytest.raises(EncoderError, match="2 different headers"):
        join_film(parts, plan.timeline, 10, find_encoder().program, tmp_path, tmp_path / "film.mp4")
    assert not (tmp_path / "film.mp4").exists()


def wrapped(folder: Path, change: str) -> str:
    """An encoder that gets other options than we give."""
    path = folder / "other ffmpeg"
    path.write_text(
        f'#!/bin/bash\nargs=()\nfor one; do args+=("$(sed "{change}" <<< "$one")"); done\n'
        f'exec "{REAL}" "${{args[@]}}"\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    "change",
    [
        "s/bframes=0:ref=1/bframes=2:ref=3/",
        "s/ref=1/ref=2/",
        "s/weightp=0/weightp=2/",
        "s/ref=1/ref=1:slices=2/",
    ],
)
@pytest.mark.needs("/bin/bash")
def test_an_encoder_that_we_do_not_know_encodes_every_frame(tmp_path, caplog, change):
    plan = real_plan()
    stretch = part_of(plan, 20)
    with caplog.at_level(logging.WARNING, "mnistviz"):
        (segment,) = encode_segment(plan, stretch, (60,), wrapped(tmp_path, change), tmp_path)
    assert "without held frames" in caplog.text
    assert read_held(segment.content, "a segment") == []
    assert len(decoded(segment.content)) == segment.frames == 120


@pytest.mark.needs("/bin/bash")
def test_an_encoder_that_changes_its_mind_encodes_every_frame(tmp_path, caplog):
    """Its trial is right, its segments are of another kind."""
    change = f"$([ -e '{tmp_path}/proof.mp4' ] && echo s/bframes=0/bframes=2/)"
    plan = real_plan()
    with caplog.at_level(logging.WARNING, "mnistviz"):
        (segment,) = encode_segment(plan, part_of(plan, 20), (60,), wrapped(tmp_path, change), tmp_path)
    assert "chapter 1 is encoded without held frames" in caplog.text
    assert len(decoded(segment.content)) == segment.frames == 120


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Both films of a small story."""
    out = tmp_path_factory.mktemp("films") / "out"
    return render(small_story(), out, quality="standard")


def picture_hashes(program: str, path: Path, *decoder: str) -> list[str]:
    command = [program, "-v", "warning", *decoder, "-i", str(path), "-map", "0:v", "-f", "framemd5", "-"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60, text=True)
    assert done.stderr == ""
    return [line.rpartition(",")[2].strip() for line in done.stdout.splitlines() if line[0] != "#"]


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("rate", [10, 60])
def test_decoders_agree(film, rate):
    path = film / f"film-{rate}fps.mp4"
    bundled = picture_hashes(REAL, path)
    assert len(bundled) == 20 * rate
    assert picture_hashes("ffmpeg", path) == bundled
    with av.open(path) as container:
        ours = [frame.to_ndarray() for frame in container.decode(video=0)]
    assert [place for place in range(1, len(ours)) if np.array_equal(ours[place], ours[place - 1])] == [
        place for place in range(1, len(ours)) if bundled[place] == bundled[place - 1]
    ]
    decoders = subprocess.run([REAL, "-hide_banner", "-decoders"], capture_output=True, check=True).stdout
    if b"libopenh264" in decoders:
        assert picture_hashes(REAL, path, "-c:v", "libopenh264") == bundled


@pytest.mark.parametrize("rate", [10, 60])
def test_the_manifest_knows_what_is_held(film, rate):
    (mark,) = (mark for mark in read_manifest(film).films if mark.fps == rate)
    path = film / mark.file
    held = {place for first, count in mark.held_runs for place in range(first, first + count)}
    plan = real_plan()
    plan = replace(plan, timeline=schedule(small_story(), duration_ticks=200))
    known = [held_by_plan(plan, stretch, rate) for stretch in plan.stretches]
    assert held == {place for place, still in enumerate(chain.from_iterable(known)) if still}
    keys = sorted(key * rate // 10 for stretch in plan.stretches for key in stretch.keys)
    track = read_track(path.read_bytes(), "a film")
    assert [place for place, picture in enumerate(track.pictures) if picture[4] & 31 == 5] == keys
    with av.open(path) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert [place for place, packet in enumerate(packets) if packet.is_keyframe] == keys
    assert all(packet.pts == packet.dts for packet in packets)


def test_a_film_is_decoded_by_a_deep_verification(film, tmp_path):
    assert verify(film, deep=True).films[0].frames == 200
    manifest = read_manifest(film)
    lying = replace(manifest.films[0], held="3+2")
    (film / "manifest.json").write_bytes(replace(manifest, films=(lying, manifest.films[1])).encode())
    try:
        verify(film)
        with pytest.raises(mnistviz.errors.VerifyError, match="frame 3 is not held"):
            verify(film, deep=True)
    finally:
        (film / "manifest.json").write_bytes(manifest.encode())


def test_a_key_frame_that_cannot_be_decoded_is_found_when_a_film_is_joined(film, tmp_path):
    content = (film / "film-10fps.mp4").read_bytes()
    keys, track = read_film(content, "a film").key_frames, read_track(content, "a film")
    picture = track.pictures[keys[1]]
    place, end = content.index(picture) + len(picture) // 4, content.index(picture) + len(picture)
    lying = write_track(track, 10 * TICK, sorted((*keys, 7)))

    def undecoded(second: bytes) -> list[str]:
        for name, one in (("first", content), ("second", second)):
            (tmp_path / name).write_bytes(one)
        parts = [Part("first", 200), Part("second", 200)]
        with decoding_keys(parts, 10, find_encoder().program, tmp_path) as found:
            return found()

    assert undecoded(content) == []
    assert undecoded(lying) == ["key frame 207 cannot be decoded"]
    with pytest.raises(EncoderError, match="ended with status"):
        undecoded(content[:place] + bytes(end - place) + content[end:])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second"]


def test_a_joined_film_has_its_segments_pictures_byte_for_byte(film, tmp_path):
    timeline, version = schedule(small_story(), duration_ticks=200), find_encoder().version
    plan = segments.plan(timeline, look(SMALL), SMALL, "standard", version)
    parts = [Part(f"{plan.name(stretch, 10)}.mp4", 0) for stretch in plan.stretches]
    folder, joined = film / ".mnistviz" / "segments", tmp_path / "film.mp4"
    content = (film / "film-10fps.mp4").read_bytes()
    joined.write_bytes(content)
    assert strange_pictures(joined, parts, folder) == []
    assert strange_pictures(joined, parts[:-1], folder) == [
        f"picture {plan.stretches[-1].start} is not that of its segment"
    ]
    assert strange_pictures(joined, [parts[1], parts[0], *parts[2:]], folder)
    place = content.index(read_track(content, "a film").pictures[3])
    joined.write_bytes(content[: place + 9] + bytes([content[place + 9] ^ 1]) + content[place + 10 :])
    assert strange_pictures(joined, parts, folder) == ["picture 3 is not that of its segment"]
    setup = read_setup(content, "a film")
    joined.write_bytes(content.replace(setup, bytes(len(setup)), 1))
    assert strange_pictures(joined, parts, folder) == ["its header is not that of its segments"]


def test_a_plain_film_holds_the_same_frames(film, tmp_path):
    out = render(small_story(), tmp_path / "out", quality="standard", fps=(10,), plain_encoding=True)
    (mark,) = verify(out, deep=True).films
    assert (mark.held, mark.frames) == ("", 200)
    plain, ours = (decoded((folder / "film-10fps.mp4").read_bytes()) for folder in (out, film))
    assert len(plain) == len(ours)
    assert min(decibels(one, other) for one, other in zip(plain, ours, strict=True)) > 40
