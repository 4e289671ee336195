"""Players seek to any frame of a film with held frames, and show that frame and no other."""

from __future__ import annotations

import base64
import random
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from mnistviz.export.video.encoder import find_encoder
from mnistviz.export.video.encoding import encode_segment
from mnistviz.export.video.film import Part, join_film, read_back
from mnistviz.picture.compose import Moment
from mnistviz.picture.layout import Look
from mnistviz.story.timeline import Timeline
from tests.export.stories import BITS, numbered, small_plan

STEP = 7  # sixtieths of a second for which a picture is held
SEEKS, FRAMES = 50, 1230
PLAYER = """async ([film, sought, bits]) => {
  const bytes = Uint8Array.from(atob(film), (char) => char.charCodeAt(0));
  const video = document.createElement('video');
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([bytes], {type: 'video/mp4'}));
  await new Promise((done) => { video.onloadeddata = done; });
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const brush = canvas.getContext('2d', {willReadFrequently: true});
  const numbers = [];
  function read() {
    brush.drawImage(video, 0, 0);
    const row = brush.getImageData(0, canvas.height / 2, canvas.width, 1).data;
    let number = 0;
    for (let place = 0; place < bits; place++) {
      number |= (row[4 * Math.floor((place + 0.5) * canvas.width / bits)] > 128) << place;
    }
    return number;
  }
  for (const [second, expected] of sought) {
    const arrived = new Promise((done) => { video.onseeked = done; });
    video.currentTime = second;
    await arrived;
    const end = performance.now() + 60_000;
    let number = read();
    while (number !== expected && performance.now() < end) { // sought for is not yet painted: where much else runs, later
      await new Promise((done) => { setTimeout(done, 20); });
      number = read();
    }
    numbers.push(number);
    if (number !== expected) break;
  }
  return numbers;
}"""


def held_numbers(timeline: Timeline, instant: Fraction, appearance: Look) -> Moment:
    """A number that stays for a while."""
    return numbered(timeline, Fraction(int(instant * 60) // STEP * STEP, 60), appearance)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of several segments, of whose frames more than four in five are held."""
    work = tmp_path_factory.mktemp("sought")
    plan = replace(small_plan(find_encoder(), ticks=205), composer=held_numbers)
    program = find_encoder().program
    parts = []
    for place, stretch in enumerate(plan.stretches):
        (segment,) = encode_segment(plan, stretch, (60,), program, work)
        (work / f"{place}.mp4").write_bytes(segment.content)
        parts.append(Part(f"{place}.mp4", stretch.end - stretch.start))
    (work / "staging").mkdir()
    joined = work / "staging" / "film.mp4"
    held = join_film(parts, plan.timeline, 60, program, work, joined)
    assert len(parts) > 2 and sum(count for _, count in held) > FRAMES * 0.8
    assert read_back(joined).frames == FRAMES
    return joined


@pytest.mark.needs("chromium")
def test_a_browser_seeks_exactly(browser: Browser, film: Path) -> None:
    sought = random.Random(1).sample(range(FRAMES), SEEKS)
    encoded = base64.b64encode(film.read_bytes()).decode()
    expected = [frame // STEP * STEP for frame in sought]
    seconds = [(frame + 0.5) / 60 for frame in sought]
    with browser.new_page() as page:
        shown = page.evaluate(PLAYER, [encoded, list(zip(seconds, expected, strict=True)), BITS])
    assert shown == expected


@pytest.mark.needs("gst-launch-1.0")
def test_gstreamer_decodes_the_same_frames_and_seeks_exactly(film: Path) -> None:
    command = [find_encoder().program, "-v", "error", "-i", str(film), "-map", "0:v", "-f", "framemd5", "-"]
    told = subprocess.run(command, capture_output=True, check=True, timeout=60, text=True).stdout
    frames = [line.rpartition(",")[2].strip() for line in told.splitlines() if line[0] != "#"]
    sought = random.Random(2).sample(range(FRAMES), SEEKS)
    program = str(Path(__file__).with_name("gstreamer.py"))
    seconds = [str((frame + 0.5) / 60) for frame in sought]
    done = subprocess.run(
        [sys.executable, program, str(film), *seconds],
        capture_output=True,
        timeout=120,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout.split()
    assert (len(frames), shown[:FRAMES]) == (FRAMES, frames)
    assert shown[FRAMES:] == [frames[frame] for frame in sought]
