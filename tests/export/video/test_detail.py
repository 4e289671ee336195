"""How coarse pictures may be: guessed from their edges, measured by the encoder, mended where that was too much."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnistviz.export.formats import X264
from mnistviz.export.video import detail
from mnistviz.export.video.detail import (
    COARSER,
    FINER,
    FLOOR,
    coarser_by,
    edge_share,
    finer_again,
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
    shares = [0.2, detail.MOST_EDGES, 0.05, 0.03, 0.0]
    found = [coarser_by([share], 0.0, 0.9) for share in shares]
    assert found == sorted(found) and found[0] == FINER and found[1] > 0 and found[-1] == COARSER
    assert FINER > coarser_by([0.2], 0.0, 0.9, detail.finest((1920, 1080))) == detail.FINEST
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
    ("said", "found"),
    [
        (f"frame= 0 q= 2.0 PSNR=  {FLOOR + 1:.2f} f_size= 1\n", None),
        ("frame= 0 q= 2.0 f_size= 1\n", None),
        ("", None),
        ("PSNR= -inf \0\xff", None),
        ("frame= 0 PSNR=  44.20 f_size= 1\nframe= 1 PSNR= 47.10 f_size= 1\n", 1.0),
    ],
)
def test_what_the_encoder_says_is_held_against_the_floor(tmp_path: Path, said: str, found: float | None):
    (tmp_path / "statistics").write_text(said, "latin-1")
    again = finer_again(2.0, tmp_path / "statistics")
    assert (again is None) == (found is None)
    assert again is None or again <= found
    assert (
        finer_again(FINER, tmp_path / "statistics") is None
    )  # small pictures: it would cost everything twice
    assert (finer_again(FINER, tmp_path / "statistics", detail.FINEST) is None) == (found is None)
    assert finer_again(2.0, tmp_path / "nothing") is None


def test_only_what_may_be_coarser_is_measured():
    for quality, effort in X264.items():
        settings = Settings((320, 180), 10, quality)
        assert settings.measured == (effort.ease > 0)
    assert X264["standard"].ease > 0
    plain, said = (encode_options(settings, [0], 1.5, name) for name in ("", "x.vstats"))
    assert "x.vstats" in said and "-vstats_file" not in plain
    assert plain[plain.index("-crf") + 1] == f"{X264['high'].crfs[10] + 1.5:.1f}"


def sizes(plan: Plan, folder: Path, *rates: int) -> list[Encoded]:
    return list(encode_segment(plan, plan.stretches[0], rates, find_encoder().program, folder))


def test_a_segment_below_the_floor_is_encoded_finer_alone_or_with_another(tmp_path, monkeypatch):
    plan = replace(small_plan(find_encoder()), quality="standard")
    monkeypatch.setattr(detail, "FLOOR", 0.0)
    coarse = sizes(plan, tmp_path, 10, 60)
    monkeypatch.setattr(detail, "FLOOR", 99.0)
    fine = sizes(plan, tmp_path, 10, 60)
    assert [one.frames for one in fine] == [one.frames for one in coarse]
    assert all(len(one.content) > len(other.content) for one, other in zip(fine, coarse, strict=True))
    assert [sizes(plan, tmp_path, rate)[0] for rate in (10, 60)] == fine
