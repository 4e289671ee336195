"""A loop of thousands of operations: its page is small, and says which arrays it leaves out."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from mnistviz.export.page import build
from mnistviz.export.page.tables import array_table, operation_table
from mnistviz.export.page.values import Arrays
from mnistviz.picture.layout import look
from mnistviz.story.default import default_storyboard
from mnistviz.story.timeline import schedule
from mnistviz.trace.model import Trace
from mnistviz.trace.recording.recorder import record
from tests.export.page.test_data import data_of

UNPACK = """
const data = unpacked(JSON.parse(require("node:fs").readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify({ arrays: data.arrays, operations: data.operations }));
"""


@dataclass(frozen=True)
class Long:
    """A program of 8,500 operations, and its page."""

    trace: Trace
    page: bytes

    @property
    def data(self) -> dict[str, Any]:
        return data_of(self.page)


@pytest.fixture(scope="module")
def long() -> Long:
    trace = record(_relaxing, np.eye(4), np.ones(4))
    timeline = schedule(default_storyboard(trace))
    small = look((320, 180), "dark")
    (made,) = build.build_pages(timeline, small, (320, 180), [{10: "film-10fps.mp4"}])
    return Long(trace, made["index.html"])


def _relaxing(w: Any, x: Any) -> Any:
    for _ in range(1700):
        y = np.tanh(w @ x)
        x = x + 0.01 * (y - x)
    return x


def test_the_page_of_8500_operations_is_under_a_megabyte(long: Long) -> None:
    assert len(long.trace) == 8500
    assert len(long.page) < 1_000_000


def test_what_a_long_page_leaves_out_is_counted_and_far_from_what_is_shown(long: Long) -> None:
    carried = set(long.data["arrays"]["numbers"])
    values = {value.id for one in long.trace for value in (*one.inputs, one.output)}
    absent = values - carried
    assert absent
    assert f"{len(absent):,} arrays are not on this page".encode() in long.page
    made = sorted(one.number for one in long.trace if one.output.id in carried)
    assert made[:50] == list(range(50))
    assert made[-50:] == list(range(8450, 8500))


def test_a_short_program_travels_whole() -> None:
    def once(w: Any, x: Any) -> Any:
        return np.tanh(w @ x) + 1

    board = default_storyboard(record(once, np.eye(4), np.ones(4)))
    arrays = Arrays(board, ())
    assert arrays.absent(arrays.plain(10**6)) == 0


@pytest.mark.needs("node")
def test_tables_are_read_as_they_were_written(long: Long) -> None:
    arrays = Arrays(default_storyboard(long.trace), ())
    carried = arrays.plain(60_000)
    operations = arrays.operations(carried)
    assert operations
    travelling = {"arrays": array_table(carried), "operations": operation_table(operations)}
    script = files("mnistviz.export.page").joinpath("tables.js").read_text(encoding="utf-8") + UNPACK
    done = subprocess.run(
        ["node", "-e", script], input=json.dumps(travelling), capture_output=True, text=True, check=True
    )
    plain = {number: {**one, "data": one.get("data", "")} for number, one in carried.items()}
    assert json.loads(done.stdout) == json.loads(json.dumps({"arrays": plain, "operations": operations}))
