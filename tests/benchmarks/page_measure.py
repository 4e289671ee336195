"""What the page computes and how fast it answers, in Chromium and Firefox: each figure that is promised, printed.

`python -m tests.benchmarks.page_measure [chromium] [firefox] [--programs] [--drawings 200]`
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from mnistviz.export.laboratory import ENGINE_SCRIPTS, laboratory_script
from mnistviz.export.laboratory.program import program
from mnistviz.page import make_page
from mnistviz.scene import load_scene
from mnistviz.story.storyboard import Storyboard
from mnistviz.story.timeline import schedule
from mnistviz.trace.model import Trace
from mnistviz.trace.recording.recorder import record
from tests.conftest import ROOT
from tests.export.laboratory.node import arrays
from tests.trace.recording import running

MODULES = ROOT / ".ci" / "javascript" / "node_modules"
LIMITS = {"float32": 1e-5, "float64": 1e-12}  # of the largest number; whole numbers: exactly
EXAMPLES = ("02_relu_softmax", "03_convolution", "04_attention", "05_logistic_regression", "06_power_iteration",
            "07_k_means", "12_layers", "13_recurrent", "14_batch_norm_adam", "15_convolution_network",
            "16_micro_autograd")  # fmt: skip
Ask = Callable[[str], Any]  # an expression's value in a page

SET_UP = """(() => {
  window.lab = (() => {
    const data = unpacked(JSON.parse(document.getElementById("data").textContent));
    const numbers = makeNumbers(data);
    const engine = makeEngine(data.laboratory, data.arrays, (id) => Float64Array.from(numbers.decode(data.arrays[id].data)));
    return { data, engine, array: ({ shape, data, type }) => ({ shape, data: Float64Array.from(data), type }) };
  })();
  HTMLCanvasElement.prototype.setPointerCapture = () => {};
})()"""
DIFFERENCES = "({ differences: engine.differences() })"
RUN_THROUGH = """(() => {
  const made = engine.run(new Map(program.given.map((id) => [id, engine.recorded(id)])));
  return { differences: engine.differences(), held: made.held.size,
    worst: Math.max(0, ...[...made.values].map(([id, value]) => distance(value, engine.recorded(id)))) };
})()"""
EDITS = """(async () => {
  const by = (id) => document.getElementById(id);
  const shown = () =>
    [by("stage").toDataURL(), by("laboratory-outputs").textContent, by("laboratory-changed").hidden].join();
  let seed = 12345;
  const chance = (count) => (seed = (seed * 1103515245 + 12345) % 2147483648) % count;
  for (let reading = 0; reading < 4; reading++) shown(); // Chromium paints a canvas that is read otherwise, by a 255th
  by("laboratory-reset").click();
  by("next").click();
  by("previous").click();
  const before = shown();
  for (let edit = 0; edit < 55; edit++) { // some give a cell the number that it has
    const array = by("laboratory-array");
    array.value = array.options[chance(array.options.length)].value;
    array.dispatchEvent(new Event("change"));
    const { shape } = window.lab.data.arrays[array.value];
    by("laboratory-place").value = shape.map(chance).join(", ");
    by("laboratory-place").dispatchEvent(new Event("input"));
    by("laboratory-value").value = String(shape.length ? chance(200) / 100 - 1 : chance(10));
    by("laboratory-form").requestSubmit();
  }
  const between = shown();
  let undone = 0;
  for (; !by("laboratory-undo").disabled; undone++) by("laboratory-undo").click();
  return { other: between !== before, same: shown() === before, undone };
})()"""
STROKE = """(async () => {
  const pad = document.getElementById("laboratory-pad");
  const box = pad.getBoundingClientRect();
  const stage = document.getElementById("stage");
  const probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const [times, handled] = [[], []];
  const send = (kind, share) => pad.dispatchEvent(new PointerEvent(kind, { bubbles: true, button: 0, pointerId: 1,
    clientX: box.left + box.width * (0.3 + 0.4 * share), clientY: box.top + box.height * (0.2 + 0.6 * share) }));
  send("pointerdown", 0);
  for (let move = 1; move <= 60; move++) {
    await new Promise((go) => requestAnimationFrame(go));
    const start = performance.now();
    send("pointermove", move / 60);
    handled.push(performance.now() - start);
    probe.drawImage(stage, 0, 0, 1, 1, 0, 0, 1, 1);
    probe.getImageData(0, 0, 1, 1); // it is painted, not only asked for
    times.push(performance.now() - start);
  }
  send("pointerup", 1);
  return [times, handled].map((one) => one.toSorted((a, b) => a - b));
})()"""
PLAYED = """(async (seconds) => {
  const frames = [];
  document.getElementById("play").click();
  const start = performance.now();
  while (performance.now() - start < 1000 * seconds) frames.push(await new Promise((go) => requestAnimationFrame(go)));
  document.getElementById("play").click();
  const steps = frames.slice(1).map((frame, place) => frame - frames[place]).toSorted((one, other) => one - other);
  const rate = (1000 * steps.length) / (frames.at(-1) - frames[0]);
  return { rate, late: steps.filter((step) => step > 25).length / steps.length };
})(%d)"""
FRAMES = """(async (tick) => {
  const own = window.requestAnimationFrame;
  const spent = new Map(); // milliseconds of script, by frame
  window.requestAnimationFrame = (act) => own((now) => {
    const start = performance.now();
    act(now);
    spent.set(now, (spent.get(now) ?? 0) + performance.now() - start);
  });
  location.hash = `#t=${tick / 10}`;
  await new Promise((go) => setTimeout(go, 1500));
  spent.clear();
  document.getElementById("play").click();
  await new Promise((go) => setTimeout(go, 5000));
  document.getElementById("play").click();
  window.requestAnimationFrame = own;
  const [frames, costs] = [[...spent.keys()], [...spent.values()].toSorted((one, other) => one - other)];
  const at = (share) => costs[Math.floor(share * (costs.length - 1))];
  return [(1000 * (frames.length - 1)) / (frames.at(-1) - frames[0]), at(0.5), at(0.95), at(1)];
})(%d)"""
CHAPTERS = (3, 8, 12, 14, 17)
RESTING = """(async () => {
  let asked = 0;
  const own = window.requestAnimationFrame;
  window.requestAnimationFrame = (act) => { asked++; return own(act); };
  await new Promise((go) => setTimeout(go, 2000));
  window.requestAnimationFrame = own;
  return asked;
})()"""


@contextmanager
def chromium(url: str) -> Iterator[Ask]:
    """A page in Chromium from the disk, with the network off; what it says and asks for is printed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_context(offline=True, viewport={"width": 1440, "height": 900}).new_page()
        page.on("console", lambda said: print(f"  console: {said.text}"))
        page.on("pageerror", lambda error: print(f"  error: {error}"))
        page.on("request", lambda asked: None if asked.url == url else print(f"  request: {asked.url[:80]}"))
        page.goto(url)
        page.wait_for_timeout(3000)
        yield page.evaluate
        browser.close()


@contextmanager
def firefox(url: str) -> Iterator[Ask]:
    """A page in Firefox from the disk."""
    driver = ROOT / "tests" / "export" / "page" / "firefox.mjs"
    command = ["node", str(driver), str(MODULES), str(shutil.which("firefox-esr"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running_:
        assert running_.stdin is not None
        assert running_.stdout is not None

        def do(**words: Any) -> Any:
            print(json.dumps(words), file=running_.stdin, flush=True)
            answer = json.loads(running_.stdout.readline() or '{"error": "Firefox is gone"}')
            if "error" in answer:
                raise RuntimeError(answer["error"])
            return answer["value"]

        do(do="open", url=url)
        yield lambda expression: do(do="evaluate", expression=expression)
        print(f"  console: {do(do='said')}")
        running_.stdin.close()


BROWSERS = {"chromium": chromium, "firefox": firefox}


def again(trace: Trace, ask: Ask, how: str = RUN_THROUGH) -> dict[str, Any]:
    """A trace's program run again: each operation from its recorded inputs, and all from the given arrays."""
    given = json.dumps({"program": program(trace), "arrays": arrays(trace)})
    found: dict[str, Any] = ask(f"""(() => {{
      const {{ program, arrays }} = {given};
      const decoded = (id) => new Float64Array(Uint8Array.from(atob(arrays[id].data), (one) => one.charCodeAt(0)).buffer);
      const engine = makeEngine(program, arrays, decoded);
      const said = (_, one) => (typeof one !== "number" || Number.isFinite(one) ? one : String(one));
      const plain = (found) => JSON.parse(JSON.stringify(found, said));
      return plain({how});
    }})()""")  # fmt: skip
    return found


def measure_programs(ask: Ask) -> None:
    """The programs of the recorder's tests, operation by operation; what has no twin is listed."""
    worst, missing, count = {"float32": 0.0, "float64": 0.0, "whole": 0.0}, set[str](), 0
    for name in running.PROGRAMS:
        given = running.fresh(name)
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trace = record(given.module.step, *given.arguments)
        for operation, one in zip(trace, again(trace, ask, DIFFERENCES)["differences"], strict=True):
            if one["why"]:
                missing.add(one["why"] if "twin" not in one["why"] else operation.operation)
                continue
            kind = str(operation.output.dtype) if operation.output.dtype.kind == "f" else "whole"
            far, count = float(one["difference"]), count + 1
            worst[kind] = max(worst.get(kind, 0.0), far)
            if not far <= LIMITS.get(kind, 0.0):
                print(f"  {name}: {operation.expression[:60]!r} ({kind}) is {far:.2g} away")
    print(f"  programs: {len(running.PROGRAMS)}, {count} operations computed again; farthest {worst}")
    print(f"  not computed: {', '.join(sorted(missing))}")


def network(board: Storyboard, picture: Any, weights: Any = None) -> Any:
    w1, b1, w2, b2 = (value.value for value in board.trace.inputs[2:6])
    hidden = 1 / (1 + np.exp(-(b1 + w1 @ (picture.reshape(784, 1) / 256))))
    return (1 / (1 + np.exp(-(b2 + (w2 if weights is None else weights) @ hidden)))).ravel()


def measure_lesson(board: Storyboard, ask: Ask, drawings: int) -> None:
    """The default film: replay, drawings, steps, a weight."""
    ask(SET_UP)
    found = ask(
        f"(() => {{ const {{ data: {{ laboratory: program }}, engine }} = window.lab; return {RUN_THROUGH}; }})()"
    )
    far = max(one["difference"] for one in found["differences"])
    print(f"  replay: each operation {far:.2g}, run through {found['worst']:.2g}, {found['held']} held")
    trial = board.laboratory
    assert trial is not None
    chance = np.random.default_rng(7)
    pictures = chance.integers(0, 256, (drawings, 28, 28)) * (chance.random((drawings, 28, 28)) < 0.2)
    run = "lab.engine.run(new Map([[{0}, lab.array({1})]])).values.get({2}).data"
    many = ask(
        f"""{pictures.reshape(drawings, -1).tolist()}.map((data) => [...{
            run.format(trial.picture, '{ shape: [28, 28], data, type: "uint8" }', trial.outputs)
        }])"""
    )
    own = np.array([network(board, picture) for picture in pictures])
    same = int((np.argmax(many, axis=1) == own.argmax(axis=1)).sum())
    print(
        f"  drawings: {np.abs(np.array(many) - own).max():.2g} from numpy, {same} of {drawings} with its argmax"
    )
    history = (
        next(shot for chapter in board.chapters for shot in chapter.shots if shot.drawing == "repeat")
        .extra[0]
        .value
    )
    ended = ask(f"""(() => {{ let given = new Map();
      for (let step = 0; step < {len(history) - 1}; step++) given = lab.engine.stepped(given, lab.engine.run(given));
      return [...lab.engine.run(given).values.get({trial.outputs}).data]; }})()""")
    print(
        f"  steps: {len(history) - 1}, the outputs"
        f" {np.abs(np.array(ended) - history[-1].ravel()).max():.2g} from the film's last"
    )
    weights = board.trace.inputs[4].value.copy()
    weights[3, 5] = 2.5
    given = {"shape": weights.shape, "data": weights.ravel().tolist(), "type": "float64"}
    made = ask(f"[...{run.format(board.trace.inputs[4].id, json.dumps(given), trial.outputs)}]")
    print(
        f"  a weight: {np.abs(np.array(made) - network(board, board.trace.inputs[0].value, weights)).max():.2g} from numpy"
    )


def measure_touch(ask: Ask) -> None:
    """Edits and their undoing, the answer to a stroke, the stage's pace, and what it costs at rest."""
    print(f"  edits and their undoing: {ask(EDITS)}")
    times, handled = ask(STROKE)
    middle, late = len(times) // 2, int(0.95 * len(times))
    print(
        f"  a stroke: median {times[middle]:.1f} ms, 95 % {times[late]:.1f} ms; script {handled[middle]:.1f} ms"
    )
    print(f"  playing: {ask(PLAYED % 8)}")
    ask("document.getElementById('laboratory-reset').click()")
    print(f"  animation frames asked for in 2 s at rest: {ask(RESTING)}; load {os.getloadavg()[0]:.1f}")


def measure_frames(board: Storyboard, ask: Ask) -> None:
    """Frames a second, and what a frame's script costs, where much moves, in both themes."""
    told = schedule(board)
    starts = {chapter.number: told.clips_of(chapter)[0].start for chapter in told.chapters}
    for theme in ("dark", "light"):
        for number in CHAPTERS:
            rate, middle, late, worst = ask(FRAMES % starts[number])
            print(
                f"  {theme}, chapter {number}: {rate:.0f} frames a second, script {middle:.1f} ms in the median,"
                f" 95 % {late:.1f} ms, at most {worst:.1f} ms; load {os.getloadavg()[0]:.1f}"
            )
        ask("document.getElementById('turn').click()")


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("browsers", nargs="*", default=list(BROWSERS))
    parser.add_argument("--programs", action="store_true")
    parser.add_argument("--drawings", type=int, default=200)
    options = parser.parse_args()
    scene = load_scene()
    board = scene.storyboard(scene.record())
    with tempfile.TemporaryDirectory() as folder:
        page = make_page(board, Path(folder) / "out") / "index.html"
        bench = Path(folder) / "bench.html"
        bench.write_text(
            f"<!DOCTYPE html><meta charset=utf-8><script>{chr(10).join(map(laboratory_script, ENGINE_SCRIPTS))}</script>"
        )
        print(f"page: {page.stat().st_size:,} bytes; {sys.platform}")
        for name in options.browsers:
            print(name)
            with BROWSERS[name](page.as_uri() + "#step=5.1") as ask:
                measure_lesson(board, ask, options.drawings)
                measure_touch(ask)
                measure_frames(board, ask)
            with BROWSERS[name](bench.as_uri()) as ask:
                for example in EXAMPLES:
                    found = again(load_scene(str(ROOT / "examples" / f"{example}.py")).record(), ask)
                    print(f"  {example}: run through {float(found['worst']):.2g}, {found['held']} held")
                if options.programs:
                    measure_programs(ask)


if __name__ == "__main__":
    main()
