"""An MP4 whose pictures all have one size, as one alone has, says that size once."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from mnistviz.errors import EncoderError
from mnistviz.export.video.track import read_track


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    """A film of one picture, as ffmpeg writes it."""
    path = tmp_path / "one.mp4"
    made = ("-f", "lavfi", "-i", "color=gray:64x64", "-frames:v", "1", "-c:v", "libx264", str(path))
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *made], check=True)
    return path.read_bytes()


def test_one_picture_is_read(content: bytes) -> None:
    place = content.index(b"stsz") + 8
    common, count = struct.unpack_from(">II", content, place)
    (picture,) = read_track(content, "a film").pictures
    assert (common, count) == (len(picture), 1)


@pytest.mark.parametrize("count", [0, 2, 2**32 - 1])
def test_a_wrong_count_is_refused_before_room_is_made_for_it(content: bytes, count: int) -> None:
    place = content.index(b"stsz") + 12
    wrong = content[:place] + struct.pack(">I", count) + content[place + 4 :]
    with pytest.raises(EncoderError, match="not a whole film"):
        read_track(wrong, "a film")
