"""What is only plotted, printed or asked is no chapter of its own beside what is computed."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import pytest

from mnistviz.story.default import default_storyboard
from mnistviz.story.showing import shows
from mnistviz.story.storyboard import Storyboard
from mnistviz.trace.script.loops import Wish
from mnistviz.trace.script.run import run_script

CLOUD = """
    '''
    Created on Tue Nov 12 17:06:21 2019

    @author: somebody

    A cloud of points is pulled to the middle.
    '''
    import numpy as np

    class plt:
        plot = axis = staticmethod(lambda *given: None)

    def show_all(cloud):
        wide = cloud.max() - cloud.min()
        plt.plot(cloud / wide)

    def pull(cloud):
        middle = cloud.mean(axis=0)
        apart = cloud - middle
        return middle + 0.5 * apart

    cloud = np.arange(10.0).reshape(5, 2)
    spread, t = np.array([9.0]), np.zeros(1)
    while spread[0] > 0.1:
        # Half way there
        # The middle stays (nearly)
        cloud = pull(cloud)
        t += 1
        plt.plot(cloud[:, 0].flatten())
        plt.plot(cloud[:, 1].flatten())
        plt.axis("equal")
        show_all(cloud)
        print(spread[0], "left")
        if spread[0] < 0:
            break
        spread = np.array([np.ptp(cloud)])
"""


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Storyboard:
    script = tmp_path_factory.mktemp("cloud") / "cloud.py"
    script.write_text(dedent(CLOUD))
    return default_storyboard(run_script(Path(script), (), Wish()).trace)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plt.plot(x, y)", "plotted"),
        ("ax1.set_title(str(x)).set_color('red')", "plotted"),
        ("line, = axes[0].plot(x)", "plotted"),
        ("self.draw_samples(x)", "plotted"),
        ("print(x.mean())", "printed"),
        ("logger.info('%s', x)", "printed"),
        ("y = print_all(x)", ""),
        ("axis = x.mean()", ""),
        ("log.append(x)", ""),
        ("x += 1", ""),
        ("drawn = draw(x)", ""),
    ],
)
def test_statements_that_only_show(text: str, shown: str) -> None:
    assert shows(ast.parse(text).body[0]) == shown  # type: ignore[arg-type]


def test_what_is_shown_is_told_together(board: Storyboard) -> None:
    titles = [chapter.title for chapter in board.chapters]
    assert [one for one in titles if one.startswith("plotted")] == ["plotted: cloud"]
    assert [one for one in titles if one.startswith("printed")] == ["printed: spread"]
    shown = next(chapter for chapter in board.chapters if chapter.title == "plotted: cloud")
    assert shown.caption == "What is plotted, and nothing more"


def test_what_is_asked_belongs_to_what_comes_of_it(board: Storyboard) -> None:
    titles = [chapter.title for chapter in board.chapters]
    assert not any("<" in title or ">" in title for title in titles)
    assert titles[-1] == "spread = array([ptp(cloud)])"
    completed = [number for chapter in board.chapters for shot in chapter.shots for number in shot.completes]
    assert sorted(completed) == list(range(len(board.trace)))


@pytest.mark.parametrize(
    ("inside", "printed"),
    [
        ("pull(np.ones(3) / 4, 30)", []),  # what is given to what computes is not only printed
        ("np.add(a, 1, out=a)", []),
        ("(a := a * 3).sum()", []),
        ("a.sum()", ["a"]),
    ],
)
def test_what_goes_on_from_a_print_is_more(tmp_path: Path, inside: str, printed: list[str]) -> None:
    script = tmp_path / "said.py"
    script.write_text(
        f"import numpy as np\n\ndef pull(x, n):\n    y = x * 2\n    x = y - 1\n"
        f"    return pull(x, n - 1) if n else x\n\na = np.arange(3.0)\nb = a * 2\nprint({inside})\nc = b - a\n"
    )
    chapters = default_storyboard(run_script(script, (), Wish()).trace).chapters
    only = [chapter for chapter in chapters if chapter.caption == "What is printed, and nothing more"]
    assert [chapter.title.removeprefix("printed: ") for chapter in only] == printed


def test_there_is_room_to_look_into_what_is_computed(board: Storyboard) -> None:
    titles = [chapter.title for chapter in board.chapters]
    assert titles[:3] == ["middle = cloud.mean(axis=0)", "apart = cloud - middle", "middle + 0.5 * apart"]


def test_what_an_editor_writes_opens_no_film(board: Storyboard) -> None:
    assert board.subtitle == "A cloud of points is pulled to the middle."
    assert board.chapters[0].caption == "Half way there. The middle stays (nearly)"
