"""Films decoded by somebody else: every frame there once, the same bytes from any number of workers."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from mnistviz.export.folder import finishing
from mnistviz.export.folder.folder import open_folder
from mnistviz.export.folder.verify import verify
from mnistviz.export.video.encoder import find_encoder
from mnistviz.export.video.encoding import encode_segment
from mnistviz.export.video.film import Part, departures, join_film, promised, read_back
from mnistviz.export.video.segments import Stretch
from mnistviz.export.workers.jobs import run_jobs
from mnistviz.export.workers.local import local_workers
from mnistviz.export.workers.producing import missing_jobs
from tests.export import stories
from tests.export.stories import SMALL, contents, number_in, render, small_plan, small_story

NASTY = "=;#\\ <b> ünï " + "é" * 200
FOLDER = "one of Ann's films"  # words that are nowhere on the page


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Both films of a small story of 20.3 s."""
    out = tmp_path_factory.mktemp("films") / FOLDER
    story = small_story(titles={1: NASTY}, captions={2: "1 < 2 --> <i>3</i>"})
    return render(story, out, duration=203, quality="standard")


def probe(path: Path, *arguments: str) -> dict:
    command = ["ffprobe", "-v", "error", *arguments, "-of", "json", str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


@pytest.mark.needs("ffprobe")
@pytest.mark.parametrize("rate", [10, 60])
def test_ffprobe_finds_every_promise(film, rate):
    told = probe(
        film / f"film-{rate}fps.mp4", "-count_frames", "-show_streams", "-show_format", "-show_chapters"
    )
    video = next(stream for stream in told["streams"] if stream["codec_type"] == "video")
    wanted = {
        "codec_name": "h264", "profile": "High", "width": 320, "height": 180, "pix_fmt": "yuv420p",
        "r_frame_rate": f"{rate}/1", "avg_frame_rate": f"{rate}/1", "start_time": "0.000000",
        "duration": "20.300000", "nb_frames": str(203 * rate // 10), "nb_read_frames": str(203 * rate // 10),
        "color_range": "tv", "color_space": "bt709", "color_transfer": "bt709", "color_primaries": "bt709",
    }  # fmt: skip
    assert {name: video[name] for name in wanted} == wanted
    assert (told["format"]["start_time"], told["format"]["duration"]) == ("0.000000", "20.300000")
    words = next(stream for stream in told["streams"] if stream["codec_type"] == "subtitle")
    assert (words["codec_name"], words["tags"]["language"]) == ("mov_text", "eng")
    assert "creation_time" not in str(told)


@pytest.mark.needs("ffprobe")
@pytest.mark.parametrize("rate", [10, 60])
def test_chapters_inside_are_those_of_the_table(film, rate):
    table = json.loads((film / "chapters.json").read_text())["chapters"]
    inside = probe(film / f"film-{rate}fps.mp4", "-show_chapters")["chapters"]
    assert [float(chapter["start_time"]) for chapter in inside] == [row["start"] for row in table]
    titles = [chapter["tags"]["title"] for chapter in inside]
    assert titles[1:] == [row["title"] for row in table][1:]
    assert (
        titles[0] == NASTY[: NASTY.index("é" * 200)] + "é" * ((252 - len(NASTY[:-200].encode())) // 2) + "…"
    )
    assert len(titles[0].encode()) <= 255


def test_no_mark_of_a_long_film_is_lost(tmp_path, monkeypatch):
    """Ticks of a fine clock once overflowed in the chapter track of films of some minutes at 60 fps."""
    encoder = find_encoder()
    plan = small_plan(encoder, ticks=5400)
    (tmp_path / "staging").mkdir()
    (segment,) = encode_segment(
        plan, Stretch(0, 100, 1, tuple(range(0, 100, 20))), (60,), encoder.program, tmp_path
    )
    (tmp_path / "one.mp4").write_bytes(segment.content)
    film = tmp_path / "staging" / "film.mp4"
    join_film([Part("one.mp4", 100)] * 54, plan.timeline, 60, encoder.program, tmp_path, film)
    found = read_back(film)
    assert found.chapter_marks == len(found.chapters) == 3
    wanted = replace(promised(plan.timeline, 60, SMALL), key_frames=())  # those are of one segment, repeated
    assert departures(found, wanted) == []
    monkeypatch.setattr("mnistviz.export.video.film._UNDECODED", ())
    looked_into = film.with_name("looked-into.mp4")
    join_film([Part("one.mp4", 100)] * 54, plan.timeline, 60, encoder.program, tmp_path, looked_into)
    assert looked_into.read_bytes() == film.read_bytes()


def test_the_caption_track_says_the_captions(film):
    with av.open(film / "film-10fps.mp4") as container:
        texts = [bytes(packet) for packet in container.demux(container.streams.subtitles[0])]
    assert any(b"1 < 2 --> <i>3</i>" in text for text in texts)


@pytest.mark.parametrize("rate", [10, 60])
def test_presentation_times_are_exact(film, rate):
    with av.open(film / f"film-{rate}fps.mp4") as container:
        stream = container.streams.video[0]
        times = [frame.pts * stream.time_base for frame in container.decode(stream)]
    assert times == [Fraction(place, rate) for place in range(203 * rate // 10)]


@pytest.mark.parametrize("rate", [10, 60])
def test_a_key_frame_at_each_chapter_and_every_five_seconds(film, rate):
    starts = [
        row["start_frame"][str(rate)] for row in json.loads((film / "chapters.json").read_text())["chapters"]
    ]
    with av.open(film / f"film-{rate}fps.mp4") as container:
        stream = container.streams.video[0]
        keys = [
            int(packet.pts * stream.time_base * rate)
            for packet in container.demux(stream)
            if packet.is_keyframe and packet.size
        ]
    assert set(starts) <= set(keys)
    assert max(b - a for a, b in zip(keys, [*keys[1:], 203 * rate // 10], strict=True)) <= 5 * rate


def test_nothing_in_the_folder_tells_where_or_when(film):
    told = contents(film)
    names = (
        "captions.srt captions.vtt chapters.json chapters.vtt film-10fps.mp4 film-60fps.mp4 index.html "
        "manifest.json poster.png trace.npz youtube.txt"
    )
    assert " ".join(sorted(name for name in told if "/" not in name)) == names
    for name, content in told.items():
        for secret in (str(film.parent).encode(), FOLDER.encode(), b"Lavf5", b"Lavf6", b"x264 - core"):
            assert secret not in content, (name, secret)
    assert verify(film).ticks == 203


@pytest.mark.parametrize("quality", ["draft", "high"])
def test_every_quality_is_high_profile(tmp_path, quality):
    render(small_story(), tmp_path, fps=(10,), quality=quality)
    with av.open(tmp_path / "film-10fps.mp4") as container:
        assert container.streams.video[0].codec_context.profile == "High"


def numbered_film(out: Path, count: int) -> dict[int, bytes]:
    """Both films of pictures that show their own number."""
    encoder = find_encoder()
    plan = small_plan(encoder, ticks=205)
    rates = (10, 60)
    with open_folder(out) as folder:
        with local_workers(plan, count, encoder.program, folder.cache, folder.scratch) as workers:
            run_jobs(missing_jobs(plan, rates, {}), workers, lambda job, made: None)
        films = {}
        for rate in rates:
            finishing.join_one(folder, plan, rate, encoder.program)
            films[rate] = (folder.staging / f"film-{rate}fps.mp4").read_bytes()
    return films


def test_every_frame_is_there_exactly_once_for_any_number_of_workers(tmp_path):
    films = {workers: numbered_film(tmp_path / str(workers), workers) for workers in (1, 3)}
    assert films[1] == films[3]
    for rate, content in films[1].items():
        path = tmp_path / f"{rate}.mp4"
        path.write_bytes(content)
        with av.open(path) as container:
            shown = [number_in(frame.to_ndarray()[:180]) for frame in container.decode(video=0)]
        assert shown == list(range(0, 205 * 6, 60 // rate))


def test_the_numbers_can_be_misread(tmp_path):
    """The test above can fail: a picture painted from another instant shows another number."""
    plan = small_plan(find_encoder())
    from mnistviz.export.raster.raster import Raster

    shown = [
        number_in(
            Raster(SMALL).paint(stories.numbered(plan.timeline, Fraction(n, 60), plan.look).display).luma
        )
        for n in (0, 1, 999, 1000)
    ]
    assert shown == [0, 1, 999, 1000]
