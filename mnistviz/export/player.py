"""A film in a notebook: a player with its chapters, and how far a render is, below the cell."""

from __future__ import annotations

import base64
import html
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from mnistviz.export.report import Report

LARGEST_FILM = 24 * 2**20  # bytes that go into a notebook


class Film(type(Path())):  # type: ignore[misc]
    """The folder of a film; in a notebook it shows itself as a player with its chapters."""

    def _repr_html_(self) -> str:
        """The film itself, where it is small enough, and buttons that jump to its chapters."""
        try:
            chapters = json.loads((self / "chapters.json").read_text(encoding="utf-8"))
            name = chapters["videos"][min(chapters["videos"], key=int)]
            film = (self / name).read_bytes()
        except (OSError, ValueError, KeyError):
            return f"<p>There is no film in {html.escape(str(self))}.</p>"
        source = (
            f"data:video/mp4;base64,{base64.b64encode(film).decode()}"
            if len(film) <= LARGEST_FILM
            else (self / name).as_posix()
        )
        jump = "this.closest('figure').querySelector('video').currentTime="
        buttons = "".join(
            f'<li><button type="button" onclick="{jump}{chapter["start"]:.1f}">{chapter["number"]}. '
            f"{html.escape(chapter['title'])}</button></li>"
            for chapter in chapters["chapters"]
        )
        return (
            f'<figure class="mnistviz-film"><video controls preload="metadata" style="max-width:100%" '
            f'src="{html.escape(source)}"></video><ol style="list-style:none;padding:0;display:flex;'
            f'flex-wrap:wrap;gap:4px">{buttons}</ol></figure>'
        )


def notebook_progress() -> Report | None:
    """Shows how far a render is below the cell; None where no notebook listens."""
    shell = _kernel_shell()
    if shell is None:
        return None
    display: Any = import_module("IPython.display")
    shown = display.display(display.HTML("<progress></progress>"), display_id=True)

    def report(done: int, total: int, what: str) -> None:
        bar = f'<progress value="{done}" max="{total}"></progress>' if total else ""
        words = f"{what}: {done:,} of {total:,} frames" if total else what
        shown.update(display.HTML(f"{bar} {html.escape(words)}"))

    return report


def _kernel_shell() -> Any:
    """The shell of a notebook's kernel; None in a terminal or elsewhere."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return shell if shell is not None and hasattr(shell, "kernel") else None
