"""How fast a render is, beside the encoder alone, matplotlib and Manim: one run, one table.

    python tests/benchmarks/render_bench.py            the whole default film, in about a quarter of an hour
    python tests/benchmarks/render_bench.py --all      with the rows that no figure of the README needs
    python tests/benchmarks/render_bench.py --quick    two of its chapters, where start, page and last segment weigh more
    python tests/benchmarks/render_bench.py --chapters 2-3 --only encoder
    python tests/benchmarks/render_bench.py --only encoder,again,caption,both

The encoder alone gets the very same frames, painted beforehand and held in memory, with the same settings,
from as many processes.  Manim Community (`pip install manim`) is timed where it is installed, or where the
Python that `MNISTVIZ_MANIM` names has it.  Ratios are of one run on one machine, which should have nothing else to do.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import manim_timing  # noqa: E402  # beside this script
from nearness import Nearness, compare, feed  # noqa: E402

MATPLOTLIB_FRAMES = 24
QUICK = (9, 10)  # chapters
PART = (2, 3)  # chapters, of the row that renders them alone
ROWS = ("again", "caption", "both", "encoder", "part", "plain", "after", "one", "minute", "matplotlib")
NOT_QUICK = {"again", "caption", "part", "plain", "after", "both", "one", "minute"}
SELDOM = {"plain", "after", "one"}
PARTS = ("mnistviz", "scenes")  # the program, in a checkout
CAPTIONS = "Up to the curve, and across: that is the neuron.", "Other words."  # of chapter 3; before, after
ALONE = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-g", "120", "-threads", "1")  # the limit
GROUP = 6  # stretches whose frames are in memory at once
COMPARED = 3  # every so many stretches, the films are held against what was drawn

CHILD = """
import json, resource, sys, time
sys.path.insert(0, {root!r})
started = time.monotonic()
from mnistviz.scene import load_scene
from mnistviz.render import render
scene = load_scene()
story = scene.storyboard(scene.record())
render(story, {out!r}, **{options!r})
wall = time.monotonic() - started
own, kids = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
cpu = sum((own.ru_utime, own.ru_stime, kids.ru_utime, kids.ru_stime))
print(json.dumps({{"wall": wall, "cpu": cpu}}))
"""


@dataclass(frozen=True)
class Measure:
    """One line of the table."""

    what: str
    frames: int
    wall: float  # seconds
    cpu: float  # seconds of processor time; 0: not measured
    peak: float = 0.0  # MiB of the largest Python process
    encoder_peak: float = 0.0  # MiB of the largest encoder
    first_frame: float = 0.0  # seconds from the start until an encoder has read a whole frame
    drawn: str = ""  # what was drawn anew
    held: float = 0.0  # share of the frames that were not encoded
    megabytes: float = 0.0  # of all films


class Watch(threading.Thread):
    """Looks at a process and all below it: when an encoder has its first frame, and how large they get."""

    def __init__(self, process: subprocess.Popen[str], frame_bytes: int) -> None:
        super().__init__(daemon=True)
        self._frame_bytes = frame_bytes
        self._process, self._begun = process, time.monotonic()
        self.first_frame = 0.0
        self.peaks = {"python": 0.0, "ffmpeg": 0.0}  # MiB

    def run(self) -> None:
        """Until the process ends; closely at first."""
        while self._process.poll() is None:
            for pid in _below(self._process.pid):
                with suppress(OSError, ValueError, IndexError):
                    self._look(Path(f"/proc/{pid}"))
            time.sleep(0.5 if self.first_frame else 0.02)

    def _look(self, place: Path) -> None:
        encoder = b"rawvideo" in (place / "cmdline").read_bytes()
        kind = "ffmpeg" if encoder else "python"
        peak = _number((place / "status").read_text(), "VmHWM:") / 1024
        self.peaks[kind] = max(self.peaks[kind], peak)
        if encoder and not self.first_frame:
            read = _number((place / "io").read_text(), "rchar:")
            self.first_frame = time.monotonic() - self._begun if read > self._frame_bytes else 0.0


def _number(text: str, name: str) -> int:
    return int(text.partition(name)[2].split()[0])


def _below(pid: int) -> list[int]:
    """A process and all that it and its children have started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                found += _below(int(child))
    return found


def frame_bytes(size: tuple[int, int]) -> int:
    """Bytes of a frame in planar 4:2:0."""
    return size[0] * size[1] * 3 // 2


def rendered(what: str, frames: int, out: Path, **options: Any) -> Measure:
    """A whole render in a process of its own."""
    code = CHILD.format(root=str(ROOT), out=str(out), options=options)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    watch = Watch(process, frame_bytes(options["size"]))
    watch.start()
    output, _ = process.communicate()
    watch.join()
    if process.returncode:
        raise SystemExit(f"{what}: the render ended with {process.returncode}")
    from mnistviz.export.folder.manifest import read_manifest

    told = json.loads(output.splitlines()[-1])
    peaks = watch.peaks["python"], watch.peaks["ffmpeg"]
    films = read_manifest(out).films
    held = sum(count for film in films for _, count in film.held_runs) / sum(film.frames for film in films)
    size = sum((out / film.file).stat().st_size for film in films) / 1e6
    return Measure(
        what, frames, told["wall"], told["cpu"], *peaks, watch.first_frame, held=held, megabytes=size
    )


def commanded(what: str, frames: int, out: Path, code: Path = ROOT, **options: Any) -> Measure:
    """The command that a user would give, by the program that is in a folder."""
    size, chapters = options["size"], options["chapters"]
    asked = ["--fps", "60", "--size", f"{size[0]}x{size[1]}", "--workers", str(options["workers"])]
    asked += ["--chapters", f"{chapters[0]}-{chapters[1]}"] if chapters else []
    command = [sys.executable, "-m", "mnistviz", "render", *asked, "--out", str(out), "--quiet"]
    there = _segments(out)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, cwd=code, check=True, env={**os.environ, "PYTHONPATH": str(code)})
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    drawn = f"{len(_segments(out) - there)} of {len(_segments(out))} segments drawn"
    return Measure(what, frames, wall, cpu, drawn=drawn)


def commanded_again(what: str, frames: int, out: Path, **options: Any) -> Measure:
    """The command that made what is in a folder, once more: the first time it leaves its note, the second is timed."""
    return [commanded(what, frames, out, **options) for _ in range(2)][-1]


def commanded_with_other_words(what: str, frames: int, out: Path, **options: Any) -> Measure:
    """The same command, after a caption of the built-in scene was changed, in a copy of this program."""
    with tempfile.TemporaryDirectory() as place:
        for part in PARTS:
            shutil.copytree(ROOT / part, Path(place, part), ignore=shutil.ignore_patterns("__pycache__"))
        told, (before, after) = Path(place, "scenes", "mnist_mlp", "forward.py"), CAPTIONS
        words = told.read_text("utf-8")
        if words.count(before) != 1:
            raise SystemExit(f"the caption {before!r} is no longer in {told.name}")
        told.write_text(words.replace(before, after), "utf-8")
        _compile(Path(place))
        return commanded(what, frames, out, Path(place), **options)


def _segments(out: Path) -> set[str]:
    """Names of the segments that a folder keeps."""
    return {path.name for path in (out / ".mnistviz" / "segments").glob("*.mp4")}


def _compile(code: Path) -> None:
    """Whoever starts the program a second time finds it compiled."""
    for part in PARTS:
        compileall.compile_dir(code / part, quiet=1)


_PLAN: list[Any] = []  # what the processes that paint have inherited


def painted(memory: int, stretch: Any, rate: int) -> list[int]:
    """Paint the frames of a stretch into a memory file, equal ones once; returns the place of each."""
    from mnistviz.export.raster.raster import Raster

    plan = _PLAN[-1]
    raster = Raster(plan.size)
    places: list[int] = []
    distinct = 0
    for number in range(stretch.frames(rate)):
        instant = Fraction(stretch.start, 10) + Fraction(number, rate)
        frame = raster.paint(plan.composer(plan.timeline, instant, plan.look).display)
        if frame.changed or not places:
            os.write(memory, frame.i420())
            distinct += 1
        places.append(distinct - 1)
    return places


def encoded(plan: Any, memory: int, places: list[int], rate: int, program: str, folder: Path) -> float:
    """Feed one encoder from memory, as a worker does; returns the seconds that it took."""
    began = time.monotonic()
    raw = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "{}x{}".format(*plan.size), "-r", str(rate))
    command = [program, "-nostdin", "-loglevel", "error", "-y", *raw, "-i", "pipe:0", *ALONE]
    with subprocess.Popen([*command, f"{memory}.mp4"], cwd=folder, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        feed(process.stdin, memory, places, frame_bytes(plan.size))
    return time.monotonic() - began


def encoder_alone(
    plan: Any, rate: int, workers: int, program: str, films: Path | None = None
) -> tuple[Measure, dict[int, Nearness]]:
    """The same segments, drawn beforehand; only the encoding is timed.  And how near films come to what is drawn.

    Only a few stretches' frames fit into memory at once.  So that nobody waits for the last one of each
    few, the wall time is that of all stretches together, divided by the workers: less than any run takes.
    """
    wall = cpu = 0.0
    near = {fps: Nearness() for fps in (10, 60)} if films else {}
    _PLAN.append(plan)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(plan.stretches), GROUP):
            group = plan.stretches[start : start + GROUP]
            memories = [os.memfd_create("frames") for _ in group]
            with ProcessPoolExecutor(workers, get_context("fork")) as painters:
                places = list(painters.map(painted, memories, group, [rate] * len(group)))
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            jobs = [
                pool.submit(encoded, plan, memory, mine, rate, program, Path(folder))
                for memory, mine in zip(memories, places, strict=True)
            ]
            wall += sum(job.result() for job in jobs) / workers
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            for place in range(0, len(group), COMPARED) if films else ():
                memory, begins = memories[place], Fraction(group[place].start, 10)
                for fps, one in near.items():
                    shown, film = places[place][:: rate // fps], films / f"film-{fps}fps.mp4"
                    compare(one, film, begins, memory, shown, plan.size, fps, program, Path(folder))
            for memory in memories:
                os.close(memory)
    what = "the encoder alone, same frames from memory"
    return Measure(what, plan.frames([rate]), wall, cpu), near


def matplotlib_animation(plan: Any, program: str) -> Measure:
    """FuncAnimation of the same moments: every matrix an image, every text a text, updated in place."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.animation import FFMpegWriter, FuncAnimation

    from mnistviz.picture.display import Matrix, Text
    from mnistviz.picture.theme import TABLES

    mpl.rcParams["animation.ffmpeg_path"] = program
    start = plan.timeline.span(plan.timeline.chapters[:2][-1])[0]
    moments = [Fraction(start, 10) + 2 + Fraction(place, 60) for place in range(MATPLOTLIB_FRAMES)]
    width, height = plan.look.regions.size
    dpi = 100 * plan.size[1] / height
    figure = plt.figure(figsize=(width / 100, height / 100), dpi=dpi)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    images: list[Any] = []
    texts: list[Any] = []

    def update(instant: Fraction) -> list[Any]:
        display = plan.composer(plan.timeline, instant, plan.look).display
        cards = [
            (part, part.cells.values[layer], origin)
            for part in display.primitives
            if isinstance(part, Matrix)
            for layer, origin in zip(part.layers, part.origins, strict=True)
        ]
        words = [part for part in display.primitives if isinstance(part, Text)]
        while len(images) < len(cards):
            images.append(axes.imshow([[0.0]], aspect="auto", interpolation="nearest"))
        while len(texts) < len(words):
            texts.append(axes.text(0, 0, ""))
        for artist in (*images[len(cards) :], *texts[len(words) :]):
            artist.set_visible(False)
        for image, (part, values, (x, y)) in zip(images, cards, strict=False):
            image.set(
                data=values, cmap=TABLES[part.colours.table], clim=(part.colours.low, part.colours.high)
            )
            shape = mpl.transforms.Affine2D.from_values(
                part.across[0], part.across[1], part.down[0], part.down[1], x, y
            )
            image.set_extent((0, 1, 1, 0))
            image.set_transform(shape + axes.transData)
            image.set_visible(True)
        for artist, part in zip(texts, words, strict=False):
            colour = tuple(level / 255 for level in part.colour)
            artist.set(
                text=part.text.replace("$", r"\$"), position=part.at, color=colour, fontsize=part.size * 0.72
            )
            artist.set_visible(True)
        axes.set(xlim=(0, width), ylim=(height, 0))
        return [*images, *texts]

    with tempfile.TemporaryDirectory() as folder:
        writer = FFMpegWriter(fps=60, codec="libx264", extra_args=["-preset", "veryfast", "-crf", "18"])
        animation = FuncAnimation(figure, update, moments, blit=False)
        began, before = time.monotonic(), time.process_time()
        animation.save(Path(folder) / "film.mp4", writer=writer)
    return Measure(
        "matplotlib FuncAnimation, the same shot",
        len(moments),
        time.monotonic() - began,
        time.process_time() - before,
    )


def same_shots(plan: Any, out: Path, workers: int) -> list[Measure]:
    """Ours, of the two chapters that Manim draws, each at its own length."""
    measures = []
    for chapter in (manim_timing.PRODUCT, manim_timing.UPDATE):
        start, end = plan.timeline.span(plan.timeline.chapters[chapter - 1])
        options = {"chapters": (chapter, chapter), "duration": max(end - start, 200), "size": plan.size}
        frames = options["duration"] * 6
        what = f"chapter {chapter} alone, {workers} workers"
        measures.append(rendered(what, frames, out / str(chapter), fps=(60,), workers=workers, **options))
    return measures


def manim(plan: Any, python: str, quick: bool) -> tuple[list[Measure], float]:
    """Manim's two scenes, and its frames a second without its start and without building the polygons."""
    from mnistviz.story.timeline import schedule

    timeline = schedule(plan.timeline.storyboard, "story")  # the whole film, whatever is rendered
    scenes = manim_timing.timed_manim(python, timeline, plan.composer, plan.look, quick)
    measures = [
        Measure(f"Manim {one.scene}, the same shot, 1 process", one.frames, one.wall, one.cpu, one.peak)
        for one in scenes
    ]
    return measures, sum(one.frames for one in scenes) / sum(one.playing for one in scenes)


def manim_ratios(ours: list[Measure], theirs: list[Measure], playing: float) -> str:
    """All our frames beside all of Manim's."""
    speed, its = (sum(one.frames for one in side) / sum(one.wall for one in side) for side in (ours, theirs))
    load, its_load = (
        sum(one.cpu for one in side) / sum(one.frames for one in side) for side in (ours, theirs)
    )
    return (
        f"frames a second {speed / its:.1f}, or {speed / playing:.1f} without building Manim's polygons; "
        f"processor time a frame 1 : {its_load / load:.1f}"
    )


def table(measures: list[Measure]) -> str:
    """The measures as text."""
    lines = [
        f"{'':52} {'frames':>7} {'wall s':>8} {'cpu s':>8} {'frames/s':>9} {'ms cpu/f':>9} {'peak MiB':>9}"
        f" {'encoder MiB':>11} {'held':>6} {'MB':>6}"
    ]
    for one in measures:
        lines.append(
            f"{one.what:52} {one.frames:7,} {one.wall:8.1f} {one.cpu:8.1f} {one.frames / one.wall:9.1f}"
            f" {one.cpu / one.frames * 1000:9.2f} {one.peak or float('nan'):9.0f}"
            f" {one.encoder_peak or float('nan'):11.0f} {one.held:6.1%} {one.megabytes:6.1f}"
        )
    return "\n".join(lines)


def our_rows(
    plan: Any, few: Any, program: str, workers: int, skipped: set[str], part: Any
) -> tuple[dict[str, Measure], dict[int, Nearness]]:
    """Our own rows and the encoder's, by name, in the order in which they were measured; and how near the films come.

    `few` is the plan of the chapters that are rendered alone.
    """
    near: dict[int, Nearness] = {}
    frames = plan.frames([60])
    rows: dict[str, Measure] = {}

    def row(name: str, what: str, folder: str, count: int = frames, **given: Any) -> None:
        options = {"fps": (60,), "workers": workers, "chapters": part, "size": plan.size} | given
        if name not in skipped:
            rows[name] = rendered(what, count, out / folder, **options)
            print(table([rows[name]]), file=sys.stderr, flush=True)  # a later row may fail

    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        row("render", f"render --fps 60, {workers} workers", "60")
        options = {"size": plan.size, "chapters": part, "workers": workers}
        if "again" not in skipped:
            rows["again"] = commanded_again("the same command again", frames, out / "60", **options)
        if "caption" not in skipped:
            what = "one caption of chapter 3 changed"
            rows["caption"] = commanded_with_other_words(what, frames, out / "60", **options)
        row("both", "render --fps 10 --fps 60", "both", frames + frames // 6, fps=(10, 60))
        if "encoder" not in skipped:
            rows["encoder"], near = encoder_alone(
                plan, 60, workers, program, out / "both" if "both" in rows else None
            )
        if "part" not in skipped:
            row("part", "chapters {}-{} alone".format(*PART), "part", few.frames([60]), chapters=PART)
            alone, _ = encoder_alone(few, 60, workers, program)
            rows["part encoder"] = replace(alone, what="the encoder alone, of these")
        row("plain", "render --fps 60 --plain-encoding", "plain", plain_encoding=True)
        row("after", f"render --fps 60, {workers} workers, once more", "after")
        row("one", "render --fps 60, 1 worker", "one", workers=1)
        row("minute", "one minute of film", "minute", 3600, duration=600)
    if "matplotlib" not in skipped:
        rows["matplotlib"] = matplotlib_animation(plan, program)
    return rows, near


def ratios(rows: dict[str, Measure]) -> Iterator[str]:
    """What the rows say of each other; a machine's speed drifts, so a render is the mean of all there are."""
    renders = [rows[name] for name in ("render", "after") if name in rows]
    wall, cpu = (sum(getattr(one, kind) for one in renders) / len(renders) for kind in ("wall", "cpu"))
    if one := rows.get("encoder"):
        held = f"with {renders[0].held:.1%} of the frames held"
        yield f"render / encoder alone: wall {wall / one.wall:.2f}, cpu {cpu / one.cpu:.2f}, {held}"
    if one := rows.get("part"):
        other = rows["part encoder"]
        yield f"{one.what} / encoder alone: wall {one.wall / other.wall:.2f}, cpu {one.cpu / other.cpu:.2f}"
    if one := rows.get("plain"):
        yield f"render / render --plain-encoding: wall {wall / one.wall:.2f}, cpu {cpu / one.cpu:.2f}"
    if one := rows.get("matplotlib"):
        ratio = renders[0].frames / wall / (one.frames / one.wall)
        yield f"render / matplotlib, frames a second: {ratio:.1f}"
    if one := rows.get("one"):
        yield f"1 worker / all workers: wall {one.wall / wall:.2f}; 1 worker keeps {one.cpu / one.wall:.2f} cores busy"
    if one := rows.get("both"):
        yield f"both films / the 60 fps film: wall {one.wall / wall:.2f}; together {one.megabytes:.1f} MB"
    if one := rows.get("again"):
        yield f"the same command again: {one.wall:.2f} s"
    if one := rows.get("minute"):
        yield f"memory of a worker, whole film / one minute: {renders[0].peak / one.peak:.2f}"
    largest = max(rows.values(), key=lambda one: one.peak)
    yield f"memory: a worker {largest.peak:.0f} MiB, its encoder {largest.encoder_peak:.0f} MiB"
    if one := rows.get("caption"):
        yield f"a caption of chapter 3 changed: {one.wall:.1f} s, {one.drawn}"
    yield f"an encoder has its first frame {renders[0].first_frame:.2f} s after the start"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--all", action="store_true", help=f"also {', '.join(sorted(SELDOM))}")
    parser.add_argument("--quick", action="store_true", help="two chapters, and fewer rows")
    parser.add_argument("--size", default="1920x1080", help="Manim's scenes are of 1920x1080 only")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--skip", default="", help=f"comma-separated: {','.join((*ROWS, 'manim'))}")
    parser.add_argument(
        "--only", default="", help="comma-separated: these rows, and the render that they are held against"
    )
    parser.add_argument("--chapters", default="", help="first-last: of these chapters alone, as 2-3")
    choice = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a start that compiles everything is nobody's second one
    _compile(ROOT)
    skipped = {*choice.skip.split(","), *(NOT_QUICK if choice.quick else ())}
    skipped |= set() if choice.all else SELDOM
    if choice.only:
        skipped = {*ROWS, "manim"} - set(choice.only.split(","))
    from mnistviz.export.video import segments
    from mnistviz.export.video.encoder import find_encoder
    from mnistviz.picture.layout import look
    from mnistviz.scene import load_scene
    from mnistviz.story.timeline import schedule

    width, height = map(int, choice.size.split("x"))
    scene = load_scene()
    first, _, last = choice.chapters.partition("-")
    part = (int(first), int(last or first)) if first else QUICK if choice.quick else None
    story, encoder = scene.storyboard(scene.record()), find_encoder()
    plan, few = (
        segments.plan(
            schedule(story, "story", None, chapters),
            look((width, height)),
            (width, height),
            "standard",
            encoder.version,
        )
        for chapters in (part, PART)
    )
    rows, near = our_rows(plan, few, encoder.program, choice.workers, skipped, part)
    python = manim_timing.manim_python() if "manim" not in skipped else None
    shots: list[Measure] = []
    if python and not choice.quick:
        with tempfile.TemporaryDirectory() as scratch:
            shots = same_shots(plan, Path(scratch), choice.workers)
    theirs, playing = manim(plan, python, choice.quick) if python else ([], 0.0)
    print(table([*rows.values(), *shots, *theirs]))
    print("\n".join(ratios(rows)))
    for fps, one in near.items():
        print(f"the {fps} fps film beside what was drawn, PSNR of luma: {one}")
    if not python:
        print(f"Manim: {'skipped' if 'manim' in skipped else 'not installed'}")
    if theirs:
        print(f"render / Manim: {manim_ratios([rows['render']], theirs, playing)}")
    if shots:
        print(f"the same two chapters / Manim: {manim_ratios(shots, theirs, playing)}")


if __name__ == "__main__":
    main()
