"""The film's page: `index.html` with player, chapters, source, values and transcript, and its stills."""

from mnistviz.export.page.build import build_pages

__all__ = ["build_pages"]
