"""In a notebook, on a real kernel: cells are recorded, traces are tables, films are players."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from mnistviz.trace.recording.recorder import record

CELLS = (
    "%load_ext mnistviz\nimport numpy as np\nimport mnistviz",
    "def layer(w, x):\n    return np.tanh(w @ x)\nw = np.eye(3)",
    "%%mnistviz --name seen\nx = np.arange(3.0)\ny = layer(w, x)",
    "print(len(seen), seen)\nprint(sorted({one.source.expression.file for one in seen}), y)",
    "%%mnistviz\nw @ np.ones(4)",
    "%%mnistviz --nmae a\nx = 1",
    "mnistviz.render(seen, 'film', fps=10, size=(320, 180), quality='draft', duration='0:20', chapters=(1, 1))",
    "%%mnistviz\nx = (",
    "%%mnistviz\nfor k in range(3):\n    x = x * 2\nraise KeyboardInterrupt",
    "%%mnistviz --film --size big\nx = 1",
    "%%mnistviz\nimport asyncio\nawait asyncio.sleep(0)",
    "%%mnistviz\ndef later(x):\n    return x + 1",
    "%%mnistviz --name timed\n%%time\n%time v = np.ones(3) * 2\nu = v + 1",
    "print(len(timed))\nget_ipython().run_cell_magic('mnistviz', '', '%%timeit\\nx = 1')",
)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory, root: Path) -> list[list[Any]]:
    from nbclient import NotebookClient

    folder = tmp_path_factory.mktemp("notebook")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    book.cells[0].source = f"import sys\nsys.path.insert(0, {str(root)!r})\n{CELLS[0]}"
    client = NotebookClient(
        book, timeout=300, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": folder}}
    )
    client.execute()
    return [cell.outputs for cell in book.cells]


def text_of(outputs: list[Any]) -> str:
    found = [one.get("text") or "\n".join(one.get("traceback", [])) for one in outputs]
    return "\n".join(found + [one["data"].get("text/plain", "") for one in outputs if "data" in one])


def html_of(outputs: list[Any]) -> str:
    return "".join(one["data"].get("text/html", "") for one in outputs if "data" in one)


def test_a_cell_is_recorded_and_shown_as_a_table(outputs: list[list[Any]]) -> None:
    table = html_of(outputs[2])
    assert "<table>" in table and "tanh" in table and "data:image/png;base64," in table
    assert "<p>In[3]: 3 operations;" in table
    assert "In[3]:2" in table and "In[2]:2" in table  # sources are called by their cell


def test_its_names_are_the_notebook_s_afterwards(outputs: list[list[Any]]) -> None:
    said = text_of(outputs[3])
    assert "3 <Trace of <module>: 3 operations>" in said
    assert "['In[2]', 'In[3]'] [0.         0.76159416 0.96402758]" in said


def test_errors_of_a_cell_are_told_as_ever(outputs: list[list[Any]]) -> None:
    assert "ValueError" in text_of(outputs[4]) and "stopped" in html_of(outputs[4])
    assert "error: unrecognized arguments: --nmae a, %%mnistviz, did you mean --name?" in text_of(outputs[5])


def test_nothing_of_ours_is_shown_where_a_cell_fails(outputs: list[list[Any]]) -> None:
    assert "run.py" not in text_of(outputs[4])
    assert "'(' was never closed" in text_of(outputs[7]) and "In[8]" in text_of(outputs[7])
    interrupted = re.sub(r"\x1b\[[\d;]*m", "", text_of(outputs[8]))
    assert "Cell In[9], line 4" in interrupted and "notebook.py" not in interrupted
    assert "error: 'big' is not a size, --size, write it as 1920x1080 or 1080p" in text_of(outputs[9])


def test_a_cell_in_which_nothing_can_be_recorded_says_why(outputs: list[list[Any]]) -> None:
    assert "a cell that awaits cannot be recorded" in text_of(outputs[10])
    assert "outside function" not in text_of(outputs[10])
    assert "Nothing happened to arrays here" in html_of(outputs[11])
    assert "0 operations" not in html_of(outputs[11])


def test_another_magic_goes_around_the_cell_that_is_recorded(outputs: list[list[Any]]) -> None:
    assert "Wall time" in text_of(outputs[12]) and "np.ones(3) * 2" in html_of(outputs[12])
    said = text_of(outputs[13])
    assert said.startswith("3\n") and "error: %%timeit does not run a cell once, as it stands" in said


def test_a_film_is_a_player_with_its_chapters(outputs: list[list[Any]]) -> None:
    player = html_of(outputs[6])
    assert 'src="data:video/mp4;base64,' in player
    assert re.search(r"<button[^>]*>1\. ", player)
    assert "putting all in its place" in player  # how far it is, in the same output as it goes on


def _long(x: Any) -> Any:
    for _ in range(3000):
        x = x * 1.0001
    return x


def test_a_table_stays_small_however_long_the_trace() -> None:
    trace = record(_long, np.ones((30, 30)))
    table = trace._repr_html_()
    assert len(table) < 200_000 and re.search(r"and [\d,]+ more operations", table)
    assert repr(trace) == "<Trace of _long: 3000 operations>"
