# ruff: noqa: E501  (a line is a change, with the texts as they stand in the sources)
"""How many wrong changes do the tests see?  Each is made in a copy of the project, and its tests are run.

    python -m tests.benchmarks.wrong_changes [WORD ...]

A change is a piece of text that is exchanged for a wrong one; its tests are those that stand nearest.
One that no test sees is a fault of the tests.  Changes whose text is gone are named too: mend them here.
With words, only the changes whose names hold one of them are made.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from shutil import copy2

ROOT = Path(__file__).parents[2]
TRUTH = ("tests/picture/test_truth.py",)
SCALES = ("tests/picture/test_scales.py",)
STORY = ("tests/story",)
SCENES = ("tests/scenes",)
LISTINGS = ("tests/export/test_listings.py",)
RASTER = ("tests/export/raster",)
OVERLAY = ("tests/picture/test_overlay.py",)
COMPOSE = ("tests/picture/test_compose.py", "tests/picture/test_drawings.py")
DRAWINGS, STAGE, LESSON = "mnistviz/picture/drawings", "mnistviz/picture/stage", "scenes/mnist_mlp/drawings"
TIME_LIMIT = 600  # seconds


@dataclass(frozen=True)
class Change:
    """A wrong change: in a file, one text for another; and the tests that should see it."""

    name: str
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...] = TRUTH


CHANGES = (
    # what once went unseen
    Change("-= is drawn as +=", "mnistviz/operations.py", '"−", adds=-1', '"−", adds=1'),
    Change("signed scale from -a to 2a", f"{STAGE}/forms.py", 'ColourScale("signed", -limit, limit, ', 'ColourScale("signed", -limit, 2 * limit, '),
    Change("level scale not from 0", f"{STAGE}/forms.py", 'ColourScale("level", 0.0, nice_limit(largest))', 'ColourScale("level", 0.1 * largest, nice_limit(largest))'),
    Change("operands exchanged", f"{DRAWINGS}/combine.py", 'line("= ", cell_number(pair.left, left), " ", sign, " ", cell_number(pair.right, right, "operand"))', 'line("= ", cell_number(pair.right, right), " ", sign, " ", cell_number(pair.left, left, "operand"))'),
    Change("another cell's bias", f"{DRAWINGS}/product.py", "bias = cell_number(product.bias, _flat_bias(product, cell))", "bias = cell_number(product.bias, 0)"),
    Change("before shows after, in the sentence", f"{DRAWINGS}/update.py", 'cell_number(after, cell, "long", before=True)', 'cell_number(after, cell, "long")'),
    Change("before shows after, on the card", f"{STAGE}/studio.py", "found = self._cells[value.id, before] = self.laid_out(array)", "found = self._cells[value.id, before] = self.laid_out(value.value)"),
    Change("before shows after, beside the cells", f"{STAGE}/studio.py", "        numbers = self._numbers(array, form, place)", "        array = value.value\n        numbers = self._numbers(array, form, place)"),
    Change("multiplications doubled", "mnistviz/operations.py", "return cells * (left[-1] if left and right else 1)", "return 2 * cells * (left[-1] if left and right else 1)"),
    Change("another cell in the sigmoid", f"{DRAWINGS}/curve.py", 'numbers = [cell_number(value, cell if value.shape else 0, style)', 'numbers = [cell_number(value, 0, style)'),
    Change("running sum backwards", f"{DRAWINGS}/product.py", "np.cumsum(terms)", "np.cumsum(terms[::-1])"),
    Change("a transposed card ends unturned", f"{DRAWINGS}/fold.py", "return Tableau((changed(before, dim=LEFT_DIM), after)", "return Tableau((changed(before, dim=LEFT_DIM), before)"),
    Change("the light of a product stays", f"{DRAWINGS}/product.py", "adding = self.adding is not None and q > 0.7", "adding = False"),
    Change("the light of a curve stays", f"{DRAWINGS}/curve.py", "tuple(marks), frame_of(studio, axes, curve, found), words, whole.source", "tuple(marks), frame_of(studio, axes, curve, found), words, found.operations[0].source"),
    Change("argmin crowned as argmax", f"{DRAWINGS}/search.py", "np.where(np.isnan(flat), np.inf, flat if _seeks_largest(best) else -flat)", "np.where(np.isnan(flat), np.inf, flat)"),
    Change("right is wrong", f"{LESSON}/verdict.py", '(" is right", " is wrong, ")', '(" is wrong", " is right, ")'),
    Change("motion and rest exchanged", "mnistviz/story/timeline.py", "clips.append(Clip(start, end - rest, end,", "clips.append(Clip(start, start + rest, end,", (*TRUTH, *STORY)),
    Change("a loaded trace may differ by 1 %", "mnistviz/trace/replay.py", "RELATIVE = 1e-12", "RELATIVE = 1e-2", ("tests/trace/saved",)),
    # others of their kinds: trace, story
    Change("operands of a caption exchanged", "mnistviz/operations.py", '"Take {1} from {0}",', '"Take {0} from {1}",', STORY),
    Change("shapes of captions turned", "mnistviz/story/phrases.py", 'Number(length, Quantity("length of axis", (value.id, axis)), "index"),)', 'Number(value.shape[-1 - axis], Quantity("length of axis", (value.id, axis)), "index"),)'),
    Change("a pass too many", "mnistviz/story/passes.py", "(Number(len(passes),", "(Number(len(passes) + 1,"),
    Change("the best instant moves", "mnistviz/story/timeline.py", "Fraction(clip.finished, TICKS_PER_SECOND)", "Fraction(clip.start, TICKS_PER_SECOND)", STORY),
    # picture
    Change("the range is that of the least", f"{STAGE}/cards.py", "{shape}   {low} … {high}", "{shape}   {low} … {low}"),
    Change("the shape is turned", f"{STAGE}/studio.py", "            shape=tuple(array.shape),", "            shape=tuple(array.shape)[::-1],"),
    Change("another cell flies", f"{DRAWINGS}/props.py", "return float(card.cells.values.ravel()[index])", "return float(card.cells.values.ravel()[0])"),
    Change("a cell is there too early", f"{DRAWINGS}/props.py", "(np.arange(math.prod(shape)) < done)", "(np.arange(math.prod(shape)) <= done + 1)", (*TRUTH, *COMPOSE)),
    Change("numbers cut, not rounded", "mnistviz/picture/numbers.py", "DIGITS = 3 ", "DIGITS = 4 ", (*TRUTH, "tests/picture/test_numbers.py")),
    Change("a minus is lost behind a sign", "mnistviz/picture/numbers.py", '    return f"({text})" if text.startswith("-") else text\n\n\ndef plain', '    return text.lstrip("-")\n\n\ndef plain'),
    Change("another cell is framed", f"{DRAWINGS}/combine.py", "left = changed(left, lit=(cell_at(left, partner(pair.left, pair.result, cell)),))", "left = changed(left, lit=(cell_at(left, 0),))"),
    Change("another layer is framed", f"{DRAWINGS}/update.py", "strip = changed(strip, lit=((layer, -1, -1),)", "strip = changed(strip, lit=((0, -1, -1),)"),
    Change("a layer is called by another", f"{DRAWINGS}/layers.py", '{short(deck.name)}[{layer}]"', '{short(deck.name)}[{layer + 1}]"'),
    Change("the gain is ten times what is said", f"{DRAWINGS}/update.py", "enlarged = update.change * update.gain\n    limit", "enlarged = 10 * update.change * update.gain\n    limit"),
    Change("an unrolled picture stays", f"{DRAWINGS}/fold.py", "return _draw_rows(studio, shot, p, p)", "return _draw_rows(studio, shot, 1 - p, p)"),
    Change("the largest term is the second", f"{DRAWINGS}/product.py", "[:most].tolist()", "[1 : 1 + most].tolist()"),
    Change("the largest cell is the first", f"{DRAWINGS}/order.py", "if p < 1 else self.protagonist", "if p < 1 else 0"),
    Change("a neuron counted from 1", f"{DRAWINGS}/headings.py", "number = Number(place, Quantity", "number = Number(place + 1, Quantity"),
    Change("a name has another's index", f"{DRAWINGS}/props.py", "kept = [place for place, length in zip(places,", "kept = [place + 1 for place, length in zip(places,"),
    Change("the dot is on another value", f"{DRAWINGS}/curve.py", "dot = (x.value, y.value) if", "dot = (y.value, x.value) if"),
    Change("another's colour", "mnistviz/picture/frame/inspector_panel.py", "named[mark.start, mark.stop] = accents[mark.array]", "named[mark.start, mark.stop] = min(accents.values())", OVERLAY),
    Change("the step is one ahead", "mnistviz/picture/frame/overlay.py", 'f"step {clip.step} of {count}  ·', 'f"step {clip.step + 1} of {count}  ·', (*OVERLAY, *COMPOSE)),
    Change("the axis of a curve turned", f"{DRAWINGS}/curve.py", 'words = tick(float(f"{x:.2g}"))', 'words = tick(float(f"{-x:.2g}"))', SCALES),
    Change("dots of a curve beside it", f"{DRAWINGS}/curve.py", "Polygon(diamond(axes.at(float(x), float(y)), 6.0)", "Polygon(diamond(axes.at(float(y), float(x)), 6.0)", SCALES),
    Change("rows numbered from 1", f"{DRAWINGS}/search.py", "Text(str(row), at", "Text(str(row + 1), at", SCALES),
    Change("bars half as long", f"{LESSON}/lesson.py", "(right - left - 170) * float(value)", "(right - left - 170) * float(value) / 2", SCALES),
    Change("more is counted than is made", f"{DRAWINGS}/outer.py", "product.operation, done)", "product.operation, done + 1)"),
    # export
    Change("chapters one frame late", "mnistviz/export/listings.py", "start * rate // TICKS_PER_SECOND", "start * rate // TICKS_PER_SECOND + 1", LISTINGS),
    Change("captions end when they begin", "mnistviz/export/listings.py", '{subtitle_clock(cue.start)} --> {subtitle_clock(cue.end)}', '{subtitle_clock(cue.start)} --> {subtitle_clock(cue.start)}', LISTINGS),
    Change("BT.601 for BT.709", "mnistviz/export/raster/ycbcr.py", "RED, GREEN, BLUE = 0.2126, 0.7152, 0.0722", "RED, GREEN, BLUE = 0.299, 0.587, 0.114", RASTER),
    # scenes
    Change("what is right has the colour of an error", f"{LESSON}/verdict.py", 'studio.theme.phase("forward" if right else "error")', 'studio.theme.phase("error" if right else "forward")'),
    Change("what is largest is another", f"{LESSON}/lesson.py", "leader = int(now.argmax())", "leader = int(now.argmin())"),
    Change("before and after exchanged", "scenes/mnist_mlp/again.py", 'Value(quotes.CHANGE, "change of each output", "gradient", after - before)', 'Value(quotes.CHANGE, "change of each output", "gradient", before - after)', (*TRUTH, *SCENES)),
    Change("up is down", "scenes/mnist_mlp/quotes.py", '(Cell(before.id, row), Cell(after.id, row)), ("up", "down"))\n    return say("The {}', '(Cell(before.id, row), Cell(after.id, row)), ("down", "up"))\n    return say("The {}'),
    Change("a caption quotes another row", "scenes/mnist_mlp/quotes.py", "row = int(digit.value)\n    old, new = share(before, row), share(after, row)", "row = int(digit.value)\n    old, new = share(before, row), share(after, row - 1)"),
    Change("a chapter's number is another", "scenes/mnist_mlp/asides.py", "quotes.chapter(9, changed)", "quotes.chapter(10, changed)"),
    Change("a step too few", "scenes/mnist_mlp/again.py", "    rows = [network.forward(image, *matrices)[1][:, 0]]\n", "    network.step(image, label, *matrices, inputs.learn_rate)\n    rows = [network.forward(image, *matrices)[1][:, 0]]\n", SCENES),
    Change("the lesson learns uphill", "scenes/mnist_mlp/network.py", "        -learn_rate * output_delta_10x1\n", "        learn_rate * output_delta_10x1\n", SCENES),
)  # fmt: skip


def main(words: list[str]) -> int:
    """Make each change, say whether it was seen; 1 where one was not, or could not be made."""
    chosen = [change for change in CHANGES if not words or any(word in change.name for word in words)]
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        copy_project(Path(folder))
        for change in chosen:
            started = time.monotonic()
            outcomes.append(outcome(change, Path(folder)))
            print(f"{outcomes[-1]:10} {time.monotonic() - started:5.0f} s  {change.name}", flush=True)
    print(f"{outcomes.count('seen')} of {len(outcomes)} were seen")
    return int(outcomes.count("seen") < len(outcomes))


def copy_project(folder: Path) -> None:
    """Every file of the project that git knows, as it stands."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            copy2(ROOT / name, folder / name)


def outcome(change: Change, folder: Path) -> str:
    """`seen`, `NOT SEEN`, or `gone` where the text is not in the file, or more than once."""
    file = folder / change.file
    text = file.read_text("utf-8") if file.is_file() else ""
    if text.count(change.right) != 1:
        return "gone"
    file.write_text(text.replace(change.right, change.wrong), "utf-8")
    try:
        return "seen" if tests_fail(change.tests, folder) else "NOT SEEN"
    finally:
        file.write_text(text, "utf-8")


def tests_fail(tests: tuple[str, ...], folder: Path) -> bool:
    """Whether a test fails; an error while they are collected is no failure of a test."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return done.returncode == 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
