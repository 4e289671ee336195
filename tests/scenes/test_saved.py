"""A saved lesson is told as the lesson that it is; nothing that a trace names is loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mnistviz.errors import InputError
from mnistviz.scene import load_scene
from mnistviz.trace.model import Trace


@pytest.fixture(scope="module")
def lesson() -> Trace:
    return load_scene("mnist_mlp").record()


def test_a_saved_lesson_has_its_seventeen_chapters(lesson: Trace, tmp_path: Path) -> None:
    lesson.save(tmp_path / "lesson.npz")
    scene = load_scene(str(tmp_path / "lesson.npz"))
    trace = scene.record()
    trace.check()
    story, original = scene.storyboard(trace), load_scene("mnist_mlp").storyboard(lesson)
    assert trace.scene == "mnist_mlp" and len(story.chapters) == 17
    assert [chapter.title for chapter in story.chapters] == [chapter.title for chapter in original.chapters]


@pytest.mark.parametrize("name", ["", "../scenes/mnist_mlp", "/evil", "evil.py", "os", "mnist_mlp.network"])
def test_what_is_no_built_in_scene_is_not_loaded(lesson: Trace, name: str, tmp_path: Path) -> None:
    replace(lesson, scene=name).save(tmp_path / "lesson.npz")
    scene = load_scene(str(tmp_path / "lesson.npz"))
    assert scene.storyboard(scene.record()).scene == "lesson"


def test_another_program_under_the_scenes_name_is_one_line(lesson: Trace, tmp_path: Path) -> None:
    replace(lesson, inputs=lesson.inputs[:3]).save(tmp_path / "odd.npz")
    scene = load_scene(str(tmp_path / "odd.npz"))
    with pytest.raises(InputError, match="is no lesson of mnist_mlp"):
        scene.storyboard(scene.record())
