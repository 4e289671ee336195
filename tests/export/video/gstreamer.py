"""A film in GStreamer, by its C library alone; a program of its own: a decoder that crashes takes no tests along.

python gstreamer.py FILM seconds...   hashes of all frames in order, then of those that are sought
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import sys
from typing import Any

PAUSED, PLAYING, FAILURE = 3, 4, 0  # as its headers number them
TIME, FLUSH_ACCURATE = 3, 1 | 2
PATIENCE = ctypes.c_uint64(60_000_000_000)  # nanoseconds
PIPELINE = (
    'filesrc location="{}" ! qtdemux ! avdec_h264 max-threads=1 ! video/x-raw,format=I420'
    " ! appsink name=sink sync=false"
)


def there(address: Any) -> ctypes.c_void_p:
    if not address:
        raise SystemExit("GStreamer lacks a part, or cannot read the film")
    return ctypes.c_void_p(address)


class Player:
    def __init__(self, film: str) -> None:
        self._gst, self._objects = (
            ctypes.CDLL(ctypes.util.find_library(name)) for name in ("gstreamer-1.0", "gobject-2.0")
        )
        for function in ("gst_parse_launch", "gst_bin_get_by_name", "gst_sample_get_buffer"):
            getattr(self._gst, function).restype = ctypes.c_void_p
        self._gst.gst_init(None, None)
        self._pipeline = there(self._gst.gst_parse_launch(PIPELINE.format(film).encode(), None))
        self._sink = there(self._gst.gst_bin_get_by_name(self._pipeline, b"sink"))

    def play(self) -> list[str]:
        """The hashes of all frames."""
        self._go(PLAYING)
        found = []
        while sample := self._pull(b"pull-sample"):
            found.append(self._hash(sample))
        return found

    def seek(self, second: float) -> str:
        """The hash of the frame that is shown at a second."""
        self._go(PAUSED)
        where = ctypes.c_int64(round(second * 1e9))
        if not self._gst.gst_element_seek_simple(self._pipeline, TIME, FLUSH_ACCURATE, where):
            raise SystemExit("GStreamer cannot seek")
        self._arrive()
        return self._hash(self._pull(b"pull-preroll"))

    def _go(self, state: int) -> None:
        self._gst.gst_element_set_state(self._pipeline, state)
        self._arrive()

    def _arrive(self) -> None:
        if self._gst.gst_element_get_state(self._pipeline, None, None, PATIENCE) == FAILURE:
            raise SystemExit("GStreamer cannot play it")

    def _pull(self, how: bytes) -> ctypes.c_void_p:
        sample = ctypes.c_void_p()
        self._objects.g_signal_emit_by_name(self._sink, how, ctypes.byref(sample))
        return sample

    def _hash(self, sample: ctypes.c_void_p) -> str:
        buffer = there(self._gst.gst_sample_get_buffer(sample))
        content, length, whole = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_size_t(-1)
        self._gst.gst_buffer_extract_dup(
            buffer, ctypes.c_size_t(0), whole, ctypes.byref(content), ctypes.byref(length)
        )
        found = hashlib.md5(ctypes.string_at(content, length.value), usedforsecurity=False).hexdigest()
        ctypes.CDLL(ctypes.util.find_library("glib-2.0")).g_free(content)
        self._gst.gst_mini_object_unref(sample)
        return found


if __name__ == "__main__":
    player = Player(sys.argv[1])
    print(*player.play(), *map(player.seek, map(float, sys.argv[2:])), sep="\n")
