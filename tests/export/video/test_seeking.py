"""A browser seeks to any frame of a film with held frames, and shows that frame and no other."""

from __future__ import annotations

import base64
import random
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
SEEKS = 50
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


@pytest.mark.needs("chromium")
def test_a_browser_seeks_exactly(browser: Browser, tmp_path: Path) -> None:
    plan = replace(small_plan(find_encoder(), ticks=205), composer=held_numbers)
    program = find_encoder().program
    parts = []
    for place, stretch in enumerate(plan.stretches):
        (segment,) = encode_segment(plan, stretch, (60,), program, tmp_path)
        (tmp_path / f"{place}.mp4").write_bytes(segment.content)
        parts.append(Part(f"{place}.mp4", stretch.end - stretch.start))
    (tmp_path / "staging").mkdir()
    film = tmp_path / "staging" / "film.mp4"
    held = join_film(parts, plan.timeline, 60, program, tmp_path, film)
    frames = read_back(film).frames
    assert frames == 1230 and sum(count for _, count in held) > frames * 0.8
    sought = random.Random(1).sample(range(frames), SEEKS)
    encoded = base64.b64encode(film.read_bytes()).decode()
    expected = [frame // STEP * STEP for frame in sought]
    seconds = [(frame + 0.5) / 60 for frame in sought]
    with browser.new_page() as page:
        shown = page.evaluate(PLAYER, [encoded, list(zip(seconds, expected, strict=True)), BITS])
    assert shown == expected
