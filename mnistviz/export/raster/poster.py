"""The film's picture before it plays."""

from __future__ import annotations

import io

from mnistviz.export.raster.raster import Raster
from mnistviz.picture.display import DisplayList

NAME = "poster.png"


def poster(display: DisplayList, size: tuple[int, int]) -> bytes:
    """As PNG, of that size in pixels."""
    from PIL import Image

    packed = io.BytesIO()
    Image.fromarray(Raster(size).paint(display).rgb()).save(packed, "PNG")
    return packed.getvalue()
