"""An address and a picture are anybody's: the laboratory makes of them what it can, in little time, and nothing else."""

from __future__ import annotations

import os
import random
from importlib.resources import files
from typing import Any

import pytest

from mnistviz.export.laboratory import ENGINE_SCRIPTS, laboratory_script
from tests.export.laboratory.node import run_script

ADDRESSES = int(os.environ.get("MNISTVIZ_FUZZ") or 1000)
PHOTOS = max(60, ADDRESSES // 50)
SIZES = {4: 784, 28: 1, 7: 10}  # of arrays that may be changed
PIECES = (
    "s10", "s0", "s99999999999999999999", "s-1", "s1e9", "s", "4.8=0", "28=0", "28.0=9", "28.0=1e308", "28.0=-1e999",
    "28.0=NaN",
    "28.1=0", "28.-1=0", "28.0.5=1", "28.=", "28.0=", "28.0=0x7f", "7.3=-4,9=Infinity", "7.0=1,0=2,0=3", "4*", "4*AA",
    "4*_wH_Aw.B", "4*%00", "4*////", "9999.0=1", "1e3.0=1", "__proto__.0=1", "constructor*AA", "4.8=0_28.0=3", "~", "_", "*",
    ".", "\ud800", "٣.٣=٣", "<img src=x onerror=alert(1)>", "%", "%ff", "&t=5", "4." + "0=1," * 999, "A" * 3000,
)  # fmt: skip
WHOLE = "4*" + "_wA" * 3 + "EA"  # as it is written: 255 zeros three times, and the rest
NAMES = ("lab", "t", "stop", "step", "chapter", "embed", "__proto__", "")
VALUES = ("", "5", "1e9", "-1", "1.2.3", "9" * 400, "NaN", "1.5.0.5", "..", "0", "1.-1.-1", "%", "x")
BENCH = """
const { addresses, sizes } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const size = (id) => sizes[id] && Object.hasOwn(sizes, id) ? sizes[id] : 0;
const clips = [{ chapter: 1, step: 1, start: 0 }, { chapter: 1, step: 2, start: 30 }];
const address = makeAddress({ clips, stops: [{ tick: 12 }, { tick: 44 }] });
const isChange = ({ array, cells, numbers }) => cells.length > 0 && cells.length <= size(array)
  && cells.length === numbers.length && numbers.every(Number.isFinite)
  && cells.every((cell) => Number.isInteger(cell) && cell >= 0 && cell < size(array));
process.stdout.write(JSON.stringify(addresses.map((hash) => {
  const deeds = deedsOf(address.kept(hash), size);
  const again = textOfDeeds(deeds, size);
  const [tick, steps] = [address.tick(hash), deeds.reduce((sum, deed) => sum + (deed.steps ?? 0), 0)];
  const fits = deeds.every((deed) => "steps" in deed || deed.changes.every(isChange)) && (tick === null || tick >= 0);
  return { fits, steps, deeds: deeds.length, same: textOfDeeds(deedsOf(again, size), size) === again };
})));
"""
PHOTO_BENCH = """
const asked = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(asked.map(({ wide, high, kind, seed }) => {
  let state = seed;
  const chance = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const colour = [chance() * 255, chance() * 255];
  const made = { noise: () => chance() * 255, two: () => colour[Number(chance() > 0.9)], flat: () => colour[0],
    rare: (place) => (place % 997 ? 255 : 0) };
  const bytes = Uint8ClampedArray.from({ length: 4 * wide * high }, (_, place) => made[kind](place));
  const pixels = fitted({ pixels: inkOf(bytes, wide, high), wide, high }, 28);
  return pixels.length === 784 && pixels.every((ink) => Number.isInteger(ink) && ink >= 0 && ink <= 255);
})));
"""


def in_node(bench: str, given: Any) -> Any:
    """What the laboratory's scripts, and the address's, make of it."""
    own = files("mnistviz.export.page").joinpath("address.js").read_text(encoding="utf-8")
    names = (*ENGINE_SCRIPTS, "ink.js", "photo.js", "history.js")
    return run_script("\n".join((own, *map(laboratory_script, names))) + bench, given)


def bad_address(chance: random.Random) -> str:
    """An address in which something is wrong, or many things."""
    done = "~".join(chance.choice((*PIECES, WHOLE)) for _ in range(chance.choice((1, 2, 5, 40))))
    for _ in range(chance.choice((0, 0, 1, 3))):
        place = chance.randrange(len(done) + 1)
        done = (
            done[:place]
            + chance.choice("~_*.,=s0189-eA/\0é") * chance.choice((1, 1, 300))
            + done[place + 1 :]
        )
    words = [f"{chance.choice(NAMES)}={chance.choice(VALUES)}" for _ in range(chance.choice((0, 1, 3)))]
    return "#" + "&".join((*words, f"lab={done}"))


def test_an_address_is_read_as_far_as_it_fits_the_program() -> None:
    addresses = [bad_address(random.Random(seed)) for seed in range(ADDRESSES)]
    found = in_node(BENCH, {"addresses": addresses, "sizes": SIZES})
    for address, one in zip(addresses, found, strict=True):
        assert one["fits"] and one["same"], address[:300]
        assert one["steps"] <= 5000, address[:300]
    assert sum(one["deeds"] > 0 for one in found) > ADDRESSES // 4


@pytest.mark.parametrize(
    "lab", ["s5000~" * 20_000, "28.0=1~" * 20_000, "4*" + "_wD." * 40_000, "4." + "0=1," * 40_000]
)
def test_an_address_asks_for_no_more_than_a_page_can_do(lab: str) -> None:
    """In little time: some of these were hours, or gigabytes."""
    (one,) = in_node(BENCH, {"addresses": [f"#lab={lab}"], "sizes": SIZES})
    assert one["fits"] and one["deeds"] <= 1000 and one["steps"] <= 5000


def test_any_picture_becomes_ink_or_nothing() -> None:
    chance = random.Random(1)
    asked = [
        {
            "wide": chance.choice((1, 2, 3, 28, 40, 90)),
            "high": chance.choice((1, 2, 3, 28, 70)),
            "kind": chance.choice(("noise", "two", "flat", "rare")),
            "seed": chance.randrange(1, 10**6),
        }
        for _ in range(PHOTOS)
    ]
    found = in_node(PHOTO_BENCH, asked)
    assert [one for one, right in zip(asked, found, strict=True) if not right] == []
