"""One segment, drawn once and encoded for every rate that lacks it: what a worker does.

At 10 fps a film shows every sixth frame of the same film at 60 fps, so both encoders are fed from one
run of paintings.  A frame that equals the one before is neither painted nor encoded (see `holds`).
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from mnistviz.errors import EncoderError
from mnistviz.export.formats import X264
from mnistviz.export.raster.raster import Raster
from mnistviz.export.video import encoder, feed, holds
from mnistviz.export.video.bitstream import UnknownStream
from mnistviz.export.video.detail import (
    Mending,
    coarser_by,
    edge_share,
    finest,
    in_one,
    mended_above,
    mendings,
    moved_share,
)
from mnistviz.export.video.holds import Pattern, Template
from mnistviz.export.video.mp4 import check_written
from mnistviz.export.video.segments import Plan, Stretch
from mnistviz.export.video.settings import encode_options
from mnistviz.export.video.templates import Trial, template_of
from mnistviz.export.video.track import Track, read_product, read_track, write_track
from mnistviz.picture.display import DisplayList
from mnistviz.storage import processes
from mnistviz.storage.digest import digest
from mnistviz.storage.files import machine_errors
from mnistviz.storage.pipes import StalledError, new_pipe
from mnistviz.story.timecode import RATES, TICKS_PER_SECOND

LOOK_SECONDS = 2  # from one picture that is looked at before to the next
ROUNDS = 2  # of mending: the second is for what the first did not bring above the floor
_FILES = ("mp4", "log", "vstats")
_LOG = logging.getLogger("mnistviz")


@dataclass(frozen=True)
class Encoded:
    """A finished segment."""

    fps: int
    frames: int
    content: bytes


def encode_segment(
    plan: Plan,
    stretch: Stretch,
    rates: tuple[int, ...],
    program: str,
    folder: Path,
    templates: Path | None = None,
) -> tuple[Encoded, ...]:
    """Draw a stretch once and encode it for each rate; `folder` is for the encoders' own files.

    `templates` is the file in which templates of held pictures are kept.

    Raises `EncoderError` or `MachineError` where an encoder fails or writes other than it was given.
    """
    with machine_errors("writing a segment"):
        shown = _composed(plan, stretch, max(rates))
        made_by = digest((plan.encoder, plan.code))
        trials = {rate: Trial(program, made_by, plan.settings(rate), folder, templates) for rate in rates}
        harvested = {rate: template_of(trial) for rate, trial in trials.items()}
        try:
            return _encode(_Take(plan, stretch, shown, harvested), program, folder)
        except UnknownStream as error:
            _LOG.warning("a segment of chapter %d is encoded without held frames: %s", stretch.chapter, error)
            return _encode(_Take(plan, stretch, shown, dict.fromkeys(rates)), program, folder)


def _composed(plan: Plan, stretch: Stretch, fps: int) -> tuple[DisplayList, ...]:
    """What every frame of a stretch shows; frames that show the same share one display list."""
    first = stretch.start * fps // TICKS_PER_SECOND
    shown: list[DisplayList] = []
    for place in range(stretch.frames(fps)):
        display = plan.composer(plan.timeline, Fraction(first + place, fps), plan.look).display
        shown.append(shown[-1] if shown and display == shown[-1] else display)
    return tuple(shown)


@dataclass(frozen=True)
class _Take:
    """A stretch as it is to be painted and encoded."""

    plan: Plan
    stretch: Stretch
    shown: tuple[DisplayList, ...]  # each frame at the fastest rate
    templates: Mapping[int, Template | None]  # by rate

    @property
    def fastest(self) -> int:
        """The rate of `shown`."""
        return max(self.templates)

    def pattern(self, fps: int) -> Pattern:
        """Which frames at a rate are key frames, and which are held."""
        first = self.stretch.start
        keys = frozenset((tick - first) * fps // TICKS_PER_SECOND for tick in self.stretch.keys)
        shown = self.shown[:: self.fastest // fps]
        if self.templates[fps] is None:
            return Pattern(keys, (False,) * len(shown))
        held = (place not in keys and shown[place] == shown[place - 1] for place in range(len(shown)))
        return Pattern(keys, tuple(held))


@dataclass(frozen=True)
class _Order:
    """What one encoder is to do: a segment, or what is to be mended of it."""

    fps: int
    coarser: float  # added to the crf
    mending: Mending | None = None


def _encode(take: _Take, program: str, folder: Path) -> tuple[Encoded, ...]:
    """The segments in the order of the take's rates; what has a picture below the floor is encoded again."""
    raster = Raster(take.plan.size)
    coarser = _coarser_by(take, raster)
    encoders = _run(take, [_Order(rate, coarser) for rate in take.templates], raster, program, folder)
    mended: dict[tuple[int, tuple[int, int]], SegmentEncoder] = {}
    latest = encoders
    for _ in range(ROUNDS):
        again = [_Order(one.fps, found.coarser, found) for one in latest for found in one.mendings()]
        latest = _run(take, again, raster, program, folder) if again else []
        mended |= {(one.fps, one.span): one for one in latest}
    return tuple(
        one.finished([other for other in mended.values() if other.fps == one.fps]) for one in encoders
    )


def _run(
    take: _Take, orders: Sequence[_Order], raster: Raster, program: str, folder: Path
) -> list[SegmentEncoder]:
    """Encoders that have done their work, one for each order."""
    with ExitStack() as stack:
        encoders = [stack.enter_context(SegmentEncoder(take, order, program, folder)) for order in orders]
        ring = feed.Ring(take.plan.size, [one.pipe for one in encoders])
        stack.callback(ring.close)
        try:
            _paint(take, raster, encoders, ring)
        except StalledError:
            what = f"ffmpeg has read nothing for {encoder.PATIENCE_SECONDS:g} s"
            raise encoder.HungEncoder(what, f"chapter {take.stretch.chapter}", encoder.AGAIN) from None
        for one in encoders:
            one.finish()
    return encoders


def _coarser_by(take: _Take, raster: Raster) -> float:
    """What is added to the crf of a stretch: a picture is looked at now and then."""
    ease = X264[take.plan.quality].ease
    if not ease:
        return 0.0
    seen = take.shown[:: LOOK_SECONDS * take.fastest]
    shares = [edge_share(raster.paint(display).luma) for display in seen]
    return coarser_by(shares, _moving(take), ease, finest(take.plan.size))


def _moving(take: _Take) -> float:
    """How much of the screen moves from a frame to the next at the fastest of all rates, in the mean where any does.

    Looked at once a tick, whatever the rates: a film is the same alone and beside another.
    """
    step = take.fastest // TICKS_PER_SECOND
    plan, first = take.plan, Fraction(take.stretch.start, TICKS_PER_SECOND)
    shares = []
    for place, display in enumerate(take.shown[::step]):
        if step > 1:
            after = take.shown[place * step + 1]
        else:
            instant = first + Fraction(place, TICKS_PER_SECOND) + Fraction(1, max(RATES))
            after = plan.composer(plan.timeline, instant, plan.look).display
        if after != display:
            shares.append(moved_share(display, after))
    return sum(shares) / len(shares) if shares else 0.0


def _paint(take: _Take, raster: Raster, encoders: Sequence[SegmentEncoder], ring: feed.Ring) -> None:
    for place, display in enumerate(take.shown):
        waiting = [one for one in encoders if one.wants(place)]
        if waiting:
            buffer = ring.newest(raster.paint(display))
            for one in waiting:
                one.send(buffer)


class SegmentEncoder:
    """One encoder at work on one segment, or on what is to be mended of one."""

    def __init__(self, take: _Take, order: _Order, program: str, folder: Path) -> None:
        plan, stretch, self.fps = take.plan, take.stretch, order.fps
        self.pipe = new_pipe(encoder.PATIENCE_SECONDS)
        self._order, self._pattern, self._template = order, take.pattern(self.fps), take.templates[self.fps]
        first, end = self.span
        self._keys = [key - first for key in self._pattern.coded_keys if first <= key < end]
        step = take.fastest // self.fps
        self._wanted = frozenset(place * step for place in self._pattern.coded[first:end])
        self._settings = plan.settings(self.fps)
        name = f"{self.fps}-{first}-{end}" if order.mending else f"{self.fps}"
        self._film, self._log, self._statistics = (folder / f"{name}.{kind}" for kind in _FILES)
        self._doing = (
            f"segment {plan.name(stretch, self.fps)[:8]} of chapter {stretch.chapter} at {self.fps} fps"
        )
        self._process = self._start(program, folder)
        self.pipe.guard(self._process.kill)

    @property
    def span(self) -> tuple[int, int]:
        """The first of the pictures that it encodes, among those of the segment, and the one after the last."""
        whole = len(self._pattern.coded)
        return (found.first, found.end) if (found := self._order.mending) else (0, whole)

    def _start(self, program: str, folder: Path) -> subprocess.Popen[bytes]:
        mending = self._order.mending
        statistics = self._statistics.name if self._settings.measured else ""
        level = mending.key_level if mending else None
        first, end = self.span
        options = encode_options(
            self._settings, self._keys, self._order.coarser, statistics, level, end - first
        )
        try:
            return encoder.start(program, [*options, self._film.name], folder, self._log, self.pipe.outlet)
        except BaseException:
            self.pipe.close()
            raise
        finally:
            self.pipe.close_outlet()

    def __enter__(self) -> SegmentEncoder:
        return self

    def __exit__(self, *_: object) -> None:
        self.pipe.close()
        processes.stop(self._process)

    def wants(self, place: int) -> bool:
        """Whether a frame, counted at the fastest rate, goes through this encoder."""
        return place in self._wanted

    def send(self, buffer: feed.Buffer) -> None:
        """Hand the encoder one more frame."""
        try:
            buffer.send(self.pipe)
        except BrokenPipeError:
            encoder.finish(self._process, self._log, self._doing, self._film)
            raise EncoderError("ffmpeg left before the last frame", self._doing, encoder.AGAIN) from None

    def finish(self) -> None:
        """Wait until the encoder has written the segment."""
        self.pipe.close()
        encoder.finish(self._process, self._log, self._doing, self._film)

    def mendings(self) -> tuple[Mending, ...]:
        """What is to be encoded again, for a picture of it fell too far from what was drawn."""
        if not self._settings.measured:
            return ()
        if mending := self._order.mending:
            return mending.again(self._statistics)
        found = mendings(self._order.coarser, self._keys, self._statistics, mended_above(self._settings.size))
        # Pictures are put in the place of others only where each refers to the one before.
        return found if self._template else in_one(found, len(self._pattern.coded))

    def finished(self, mended: Sequence[SegmentEncoder]) -> Encoded:
        """The segment that the encoder has written, and what others have mended of it, held against the plan."""
        if self._template is not None:
            content = self._filled(self._mended(mended), self._template)
        else:
            content = (mended[0] if mended else self)._content()
        return Encoded(self.fps, len(self._pattern.held), content)

    def _content(self) -> bytes:
        content = read_product(self._film, self._doing)
        first, end = self.span
        self._check(content, end - first, self._keys)
        return content

    def _mended(self, mended: Sequence[SegmentEncoder]) -> Track:
        """What the encoder has written, with the pictures of others in their place."""
        track = read_track(self._content(), self._doing)
        pictures = list(track.pictures)
        for other in mended:
            found = read_track(other._content(), self._doing)
            if found.setup != track.setup:
                raise UnknownStream("what was encoded again has other parameter sets")
            pictures[slice(*other.span)] = found.pictures
        return replace(track, pictures=tuple(pictures))

    def _filled(self, coded: Track, template: Template) -> bytes:
        """The segment with its held frames."""
        keys = sorted(self._pattern.keys)
        track = holds.fill(coded, template, self._pattern)
        filled = write_track(track, self._settings.timescale, keys, self._pattern.runs)
        self._check(filled, len(self._pattern.held), keys)
        holds.check(read_track(filled, self._doing), template, self._pattern)
        return filled

    def _check(self, content: bytes, frames: int, keys: Sequence[int]) -> None:
        check_written(content, self.fps, frames, keys, self._doing)
