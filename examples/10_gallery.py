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
from mnistviz.story.timeline import schedule

SIZE, SMALL, COLOURS = (1280, 720), (960, 540), 256


def main(folder: str = "gallery", chapters: str = "99") -> None:
    scene = load_scene("mnist_mlp")
    film = schedule(scene.storyboard(scene.record()))
    Path(folder).mkdir(parents=True, exist_ok=True)
    page = ["# A still of each chapter", ""]
    for chapter in film.chapters[: int(chapters)]:
        picture = still(compose(film, film.best_instant(chapter), look(SIZE)).display, SIZE)
        small = Image.fromarray(picture).resize(SMALL, Image.Resampling.LANCZOS).quantize(COLOURS, kmeans=4)
        name = f"chapter-{chapter.number:02d}.png"
        small.save(Path(folder, name), optimize=True)
        page += [
            f"## {chapter.number}. {chapter.title}",
            "",
            f"{chapter.caption}.",
            "",
            f"![{chapter.title}]({name})",
            "",
        ]
    Path(folder, "README.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
