"""How coarse pictures may be: guessed from their edges, measured by the encoder, mended where that was too much."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnistviz.export.formats import X264
from mnistviz.export.video import detail, encoding
from mnistviz.export.video.detail import (
    COARSER,
    FINER,
    FLOOR,
    coarser_by,
    edge_share,
    in_one,
    mendings,
    moved_share,
)
from mnistviz.export.video.encoder import find_encoder
from mnistviz.export.video.encoding import Encoded, encode_segment
from mnistviz.export.video.segments import Plan
from mnistviz.export.video.settings import Settings, encode_options
from mnistviz.picture.display import DisplayList, Panel
from tests.export.stories import small_plan


def test_the_edges_of_a_picture_are_counted():
    picture = np.full((100, 200), 40, np.uint8)
    assert edge_share(picture) == 0
    picture[:, 50:] += detail.EDGE  # a step that is none yet
    assert edge_share(picture) == 0
    picture[:, 100:] += detail.EDGE + 1
    assert edge_share(picture) == 100 / picture.size


def test_plain_pictures_may_be_coarser_and_the_fullest_one_decides():
    shares = [0.3, detail.MOST_EDGES, 0.05, 0.03, 0.0]
    found = [coarser_by([share], 0.0, 0.9) for share in shares]
    assert found == sorted(found) and found[0] == FINER and found[1] > 0 and found[-1] == COARSER
    assert FINER > coarser_by([0.3], 0.0, 0.9, detail.finest((1920, 1080))) == detail.FINEST
    assert detail.finest((1280, 720)) == FINER  # small pictures are full of edges
    assert coarser_by([0.03, 0.05, 0.0], 0.0, 0.9) == coarser_by([0.05], 0.0, 0.9) > 0
    assert coarser_by([0.05], 0.0, 0.4) < coarser_by([0.05], 0.0, 0.9)


def test_what_moves_is_not_made_coarser_and_may_have_to_be_finer():
    found = [coarser_by([0.05], moving, 0.9) for moving in (0.0, 0.1, 0.2, 0.4)]
    assert found == sorted(found, reverse=True) and found[0] > 0 > found[-1]


def test_a_share_of_the_screen_moves():
    still = Panel((0, 0, 100, 100), (1, 2, 3))
    panel = Panel((500, 0, 950, 540), (9, 9, 9))
    lists = [
        DisplayList((1000, 540), (0, 0, 0), parts) for parts in ((still,), (still, panel), (panel, still))
    ]
    assert moved_share(lists[0], lists[0]) == 0 == moved_share(lists[1], lists[2])
    equal = DisplayList((1000, 540), (0, 0, 0), (replace(still), replace(panel)))
    assert moved_share(lists[1], equal) == 0
    assert moved_share(lists[0], lists[1]) == moved_share(lists[1], lists[0]) == pytest.approx(0.45, abs=0.02)
    gone = DisplayList((1000, 540), (0, 0, 0), (replace(still, box=(-900, -900, -500, -500)),))
    assert 0 < moved_share(lists[0], gone) < 0.05


@pytest.mark.parametrize(
    "said",
    [f"frame= 0 q= 2.0 PSNR=  {FLOOR + 1:.2f} f_size= 1\n", "frame= 0 q= 2.0\n", "", "PSNR= -inf \0\xff"],
)
def test_what_is_near_or_is_not_said_stands(tmp_path: Path, said: str):
    (tmp_path / "statistics").write_text(said, "latin-1")
    assert mendings(2.0, [0], tmp_path / "statistics") == () == mendings(2.0, [0], tmp_path / "nothing")
    assert in_one((), 1) == ()


def test_what_is_below_the_floor_is_mended_from_its_key_frame_to_the_next(tmp_path: Path):
    said = [(20, 50.0), (26, 44.2), (21, 52.0), (26, 47.1), (22, 51.0), (26, 44.9)]
    lines = [f"frame= {place} q= {level:.1f} PSNR=  {near}\n" for place, (level, near) in enumerate(said)]
    (tmp_path / "statistics").write_text("".join(lines), "ascii")
    found = mendings(2.0, [0, 2, 4], tmp_path / "statistics")
    assert [(one.first, one.end) for one in found] == [(0, 2), (4, 6)]
    assert found[0].coarser <= 1.0 < found[1].coarser < 2.0
    assert [one.key_level for one in found] == [None, 22]
    assert in_one(found, 6) == (replace(found[0], first=0, end=6, key_level=None),)
    # The second time its pictures are counted from its own key frame, and that is finer by as much.
    (tmp_path / "again").write_text("".join(lines[4:]), "ascii")
    (again,) = found[1].again(tmp_path / "again")
    assert (again.first, again.end) == (4, 6) and again.coarser < found[1].coarser
    assert again.key_level == 21
    assert found[0].again(tmp_path / "nothing") == ()
    # Of small pictures it would cost all twice.
    assert mendings(FINER, [0, 2, 4], tmp_path / "statistics") == ()
    small, large = map(detail.mended_above, ((1280, 720), (1920, 1080)))
    assert mendings(FINER, [0, 2, 4], tmp_path / "statistics", small) == ()
    assert mendings(detail.FINEST, [0, 2, 4], tmp_path / "statistics", large)


def test_only_what_may_be_coarser_is_measured():
    for quality, effort in X264.items():
        settings = Settings((320, 180), 10, quality)
        assert settings.measured == (effort.ease > 0)
    assert X264["standard"].ease > 0
    plain, said = (encode_options(settings, [0], 1.5, name) for name in ("", "x.vstats"))
    assert "x.vstats" in said and "-vstats_file" not in plain
    assert plain[plain.index("-crf") + 1] == f"{X264['high'].crfs[10] + 1.5:.1f}"


def test_the_first_key_frame_and_the_last_pictures_before_each_are_made_finer_where_the_quality_says_so():
    def said(rate: int, quality: str, **more: int) -> str:
        options = encode_options(Settings((320, 180), rate, quality), [0, 4, 30], **more)
        return options[options.index("-x264-params") + 1].partition(":zones=")[2]

    assert X264["standard"].tails == {60: 10}
    assert said(60, "standard", frames=32) == "0,0,b=1.8/1,3,b=1.2/20,29,b=1.2/31,31,b=1.2"
    assert said(60, "standard", frames=31, key_level=19) == "0,0,q=19/1,3,b=1.2/20,29,b=1.2"
    assert (said(10, "standard", frames=32), said(60, "draft", frames=32)) == ("0,0,b=1.4", "")


def sizes(plan: Plan, folder: Path, *rates: int) -> list[Encoded]:
    return list(encode_segment(plan, plan.stretches[0], rates, find_encoder().program, folder))


def test_a_segment_below_the_floor_is_encoded_finer_alone_or_with_another(tmp_path, monkeypatch):
    plan = replace(small_plan(find_encoder()), quality="standard")
    monkeypatch.setattr(detail, "FLOOR", 0.0)
    coarse = sizes(plan, tmp_path, 10, 60)
    monkeypatch.setattr(detail, "FLOOR", 99.0)
    taken: list[list[float]] = []
    run = encoding._run
    monkeypatch.setattr(
        encoding,
        "_run",
        lambda take, orders, *more: (taken.append([one.coarser for one in orders]), run(take, orders, *more))[
            1
        ],
    )
    fine = sizes(plan, tmp_path, 10, 60)
    assert (
        len(taken) == 1 + encoding.ROUNDS and taken[0] > taken[1] > taken[2]
    )  # each finer than the one before
    assert [one.frames for one in fine] == [one.frames for one in coarse]
    assert all(len(one.content) > len(other.content) for one, other in zip(fine, coarse, strict=True))
    assert [sizes(plan, tmp_path, rate)[0] for rate in (10, 60)] == fine
