"""An encoder that waits: a render that uses it is at work until it is let go on, however fast films are made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import imageio_ffmpeg

SCRIPT = """\
#!/bin/sh
case "$*" in *rawvideo*10.mp4)
    echo >>"$0.asked"
    if [ "$(wc -l <"$0.asked")" -gt {before} ]; then
        : >"$0.waits"
        while ! [ -e "$0.goes-on" ]; do sleep 0.05; done
    fi;;
esac
exec "{real}" "$@"
"""


@dataclass(frozen=True)
class WaitingEncoder:
    """It does what it is asked, but of a segment at 10 frames a second it reads nothing yet."""

    program: Path

    @property
    def env(self) -> dict[str, str]:
        """Names it to a render."""
        return {"IMAGEIO_FFMPEG_EXE": str(self.program)}

    def waits(self) -> bool:
        """Whether a segment is being drawn for it."""
        return self._file("waits").exists()

    def go_on(self) -> None:
        """From now on it is the real one."""
        self._file("goes-on").touch()

    def _file(self, state: str) -> Path:
        return self.program.with_name(f"{self.program.name}.{state}")


def waiting_encoder(folder: Path, before: int = 0) -> WaitingEncoder:
    """One that nobody has used yet, in a folder; so many segments it encodes `before` it waits."""
    program = Path(mkdtemp(dir=folder), "ffmpeg")
    program.parent.chmod(0o777)  # for whoever it is that uses it
    program.write_text(SCRIPT.format(before=before, real=imageio_ffmpeg.get_ffmpeg_exe()))
    program.chmod(0o755)
    return WaitingEncoder(program)
