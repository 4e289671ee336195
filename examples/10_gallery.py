"""One small still of each chapter of a film, for a page or a README: 960 x 540 PNGs of 256 colours.

    python examples/10_gallery.py [FOLDER] [CHAPTERS]

The stills in examples/gallery are what `python examples/10_gallery.py examples/gallery` makes.
"""

import sys
from pathlib import Path

from PIL import Image

from mnistviz.export.raster.raster import still
from mnistviz.picture.compose import compose
from mnistviz.picture.layout import look
from mnistviz.scene import load_scene
from mnistviz.story.storyboard import Chapter
from mnistviz.story.timeline import Timeline, schedule

SIZE, SMALL, COLOURS = (1280, 720), (960, 540), 256


PROGRAMS = {  # of these examples the chapter that is shown
    "02_relu_softmax": 2, "03_convolution": 1, "04_attention": 4, "05_logistic_regression": 4,
    "06_power_iteration": 2, "07_k_means": 4,
    "11_training_script": 4, "12_layers": 5, "13_recurrent": 10, "14_batch_norm_adam": 9,
    "15_convolution_network": 1, "16_micro_autograd": 8,
}  # fmt: skip


def draw(film: Timeline, chapter: Chapter, path: Path) -> None:
    picture = still(compose(film, film.best_instant(chapter), look(SIZE)).display, SIZE)
    small = Image.fromarray(picture).resize(SMALL, Image.Resampling.LANCZOS).quantize(COLOURS, kmeans=4)
    small.save(path, optimize=True)


def main(folder: str = "gallery", chapters: str = "99") -> None:
    scene = load_scene("mnist_mlp")
    film = schedule(scene.storyboard(scene.record()))
    Path(folder).mkdir(parents=True, exist_ok=True)
    page = ["# A still of each chapter", ""]
    for chapter in film.chapters[: int(chapters)]:
        name = f"chapter-{chapter.number:02d}.png"
        draw(film, chapter, Path(folder, name))
        page += [
            f"## {chapter.number}. {chapter.title}",
            "",
            f"{chapter.caption}.",
            "",
            f"![{chapter.title}]({name})",
            "",
        ]
    page += ["# Programs of other kinds, told in their authors' own structure", ""]
    for example, number in list(PROGRAMS.items())[: int(chapters)]:
        scene = load_scene(str(Path(__file__).with_name(f"{example}.py")))
        film = schedule(scene.storyboard(scene.record()))
        chapter = film.chapters[number - 1]
        draw(film, chapter, Path(folder, f"{example}.png"))
        page += [f"## {example}.py: `{chapter.title}`", "", f"![{chapter.title}]({example}.png)", ""]
    Path(folder, "README.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
