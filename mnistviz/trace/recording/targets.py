"""Watchers of what is bound: unpacked targets, targets that are no names, the patterns of a `match`.

As those of `mnistviz.trace.recording.watchers`, with which they share what waits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mnistviz.trace.recording.kinds import ids
from mnistviz.trace.recording.watchers import Waiting, across, frame_of, listening, push, waiting_here
from mnistviz.trace.source.sites import Site

TEXTS = ids(str, bytes, int, bool, type(None))  # subjects of a `match` that hold no arrays
_slots: dict[tuple[int, Site], dict[int, Any]] = {}  # what is to be stored into several places, by frame


def unpack(site: Site, value: Any, /) -> Any:
    """What is about to be unpacked."""
    recording = listening()
    if recording is not None:
        kind = type(value)
        frame = frame_of(1)
        waits = Waiting(site, hash(frame), None, value)
        if not (kind is list or kind is tuple or issubclass(kind, np.ndarray)):
            waits.pending = recording.gone_through(site, frame, value)
            waits.args = None
        if waits.args is not None or waits.pending is not None:
            push(waits, frame, site)
    return value


def unpacked(site: Site, /, *values: Any) -> None:
    """What came out of it."""
    stack, frame, recording = waiting_here(), frame_of(1), listening()
    if stack and stack[-1].site is site and stack[-1].frame == hash(frame):
        waits = stack.pop()
        if recording is not None:
            recording.unpacked(site, frame, waits.args, waits.pending, values)


def slots(site: Site, /) -> dict[int, Any]:
    """Where what is assigned waits until it is stored: no name of the program's frame."""
    return _slots.setdefault((hash(frame_of(1)), site), {})


def slot(site: Site, place: int, /) -> Any:
    """What waits at a place."""
    return _slots[hash(frame_of(1)), site][place]


def took(site: Site, place: int, /) -> Any:
    """What waits at a place, and waits no longer."""
    waiting = _slots[key := (hash(frame_of(1)), site)]
    if len(waiting) == 1:
        del _slots[key]
    return waiting.pop(place)


def stored(site: Site, /) -> None:
    """All that waited is stored, or has failed to be."""
    _slots.pop((hash(frame_of(1)), site), None)


def matching(site: Site, subject: Any, /) -> Any:
    """What the patterns of a `match` are held against."""
    recording = listening()
    if recording is not None and id(type(subject)) not in TEXTS:
        frame = frame_of(1)
        waits = Waiting(site, hash(frame), recording.before_match(site, frame, subject))
        waits.opens = True
        if site.across:
            across[hash(frame), site] = waits
        else:
            push(waits, frame, site)
    return subject


def bound(site: Site, case: int, guarded: bool, /, *values: Any) -> bool:
    """The pattern of a case holds; unless it has a guard, nothing is tried any more."""
    waits, recording = _match(site, guarded), listening()
    if waits is not None and waits.pending is not None and recording is not None:
        recording.bound(site, frame_of(1), waits.pending, case, values)
    return True


def refused(site: Site, case: int, /) -> bool:
    """The guard of a case does not hold."""
    waits, recording = _match(site, True), listening()
    if waits is not None and waits.pending is not None and recording is not None:
        recording.refused(site, frame_of(1), waits.pending, case)
    return False


def matched(site: Site, /) -> None:
    """Nothing is tried any more."""
    _match(site, False)


def _match(site: Site, goes_on: bool) -> Waiting | None:
    """A `match` that waits in the frame that called a watcher, and waits on if it goes on."""
    here, stack = hash(frame_of(2)), waiting_here()
    waits = across.get((here, site))
    if waits is not None:
        if not goes_on:
            del across[here, site]
        return waits
    for place in range(len(stack) - 1, -1, -1):
        if stack[place].site is site and stack[place].frame == here:
            waits = stack[place]
            del stack[place + goes_on :]
            return waits
    return None
